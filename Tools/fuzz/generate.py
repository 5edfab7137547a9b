"""Programs made of the corpus: pieces nested in one another and in constructs that the library uses rarely."""
import re

FUTURES = ("annotations", "barry_as_FLUFL", "division", "absolute_import", "with_statement", "print_function", "unicode_literals",
           "generator_stop", "nested_scopes", "generators")
FUTURE_BITS = (0, 0x20000, 0x40000, 0x80000, 0x100000, 0x200000, 0x400000, 0x800000, 0x1000000)
TOP_LEVEL_AWAIT, DONT_IMPLY_DEDENT, TYPE_COMMENTS, INCOMPLETE = 0x2000, 0x200, 0x1000, 0x4000
NAMES = [b"a", b"b", b"c", b"x", b"y", b"_", b"self", b"__class__", b"__x", b"print", b"__debug__", "é".encode(), "ﬁ".encode()]
WORD = re.compile(rb"(?<![\w.])[A-Za-z_]\w*")
KEYWORDS = set(b"False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield".split())
ATOMS = [b"0", b"1", b"-1", b"1.5", b"-0.0", b"2j", b"1e400", b"True", b"None", b"...", b"()", b"''", b"b'x'", b"'a' 'b'", b"[]", b"{}", b"1_000", b"0xFFFFFFFFFFFFFFFFFF",
         b"(1, 2, 3)", b"[1, 2, 3]", b"{1, 2, 3}", b"{'a': 1, 'b': 2, 'c': 3}", b"'%s'", b"__debug__", b"f'{x!r:>{y}}'", b"f'{x=}'", b"rb'\\d'", b"'\\N{BULLET}'", b"'\\d'", b"10**30"]
BINARY = [b"+", b"-", b"*", b"/", b"//", b"%", b"@", b"<<", b">>", b"&", b"|", b"^", b"**", b"and", b"or", b"<", b"<=", b"==", b"!=", b">", b">=", b"is", b"is not", b"in", b"not in"]
AUGMENTED = [b"+=", b"-=", b"*=", b"/=", b"//=", b"%=", b"@=", b"<<=", b">>=", b"&=", b"|=", b"^=", b"**="]


class Generator:
    def __init__(self, random, corpus):
        self.random, self.corpus = random, corpus

    # Expressions

    def name(self):
        return self.random.choice(NAMES[:7] if self.random.random() < 0.95 else NAMES)

    def renamed(self, text):
        """Some names become common ones, so that scopes have something to decide."""
        if b"'" in text or b'"' in text or self.random.random() < 0.5:
            return text
        chance = self.random.random
        return WORD.sub(lambda m: m[0] if m[0] in KEYWORDS or chance() < 0.6 else self.name(), text)

    def expression(self, depth=0):
        r = self.random
        if depth > 3 or r.random() < 0.35:
            k = r.random()
            if k < 0.45:
                return b"(" + self.renamed(r.choice(self.corpus.expressions)) + b")"
            return self.name() if k < 0.7 else r.choice(ATOMS)
        e = lambda: self.expression(depth + 1)
        k = r.randrange(30)
        if k < 4:
            return e() + b" " + r.choice(BINARY) + b" " + e()
        if k == 4:
            return e() + b" " + r.choice(BINARY) + b" " + e() + b" " + r.choice(BINARY) + b" " + e()
        if k == 5:
            return b"(" + r.choice([b"-", b"not ", b"~", b"+", b"await ", b"not not ", b"- -"]) + e() + b")"
        if k == 6:
            return b"(" + e() + b" if " + e() + b" else " + e() + b")"
        if k == 7:
            return b"(lambda " + self.parameters(False) + b": " + e() + b")"
        if k < 11:
            a = r.choice([b"[", b"(", b"{", b"{", b"("])
            b = {b"[": b"]", b"(": b")", b"{": b"}"}[a]
            body = e() if a != b"{" or r.random() < 0.5 else e() + b": " + e()
            return a + body + self.clauses(depth) + b
        if k < 14:
            return r.choice([b"%s", b"(%s)"]) % self.name() + b"(" + self.call_arguments(depth) + b")"
        if k == 14:
            return b"(" + e() + b")." + self.name() + r.choice([b"", b"(" + self.call_arguments(depth) + b")"])
        if k == 15:
            return self.name() + b"[" + self.subscript(depth) + b"]"
        if k < 18:
            items = b", ".join(r.choice([b"%s", b"%s", b"*(%s)"]) % e() for _ in range(r.randrange(5)))
            return r.choice([b"[%s]", b"(%s,)" if items else b"(%s)", b"{%s}"]) % items
        if k == 18:
            return b"{" + b", ".join(b"**(" + e() + b")" if r.random() < 0.2 else e() + b": " + e() for _ in range(r.randrange(5))) + b"}"
        if k == 19:
            return b"(" + self.name() + b" := " + e() + b")"
        if k == 20 and r.random() < 0.4:
            return b"(yield" + r.choice([b"", b" " + e(), b" from " + e()]) + b")"
        if k == 21:
            return self.fstring(depth)
        if k == 22:
            return r.choice(ATOMS) + b" " + r.choice(BINARY[:13]) + b" " + r.choice(ATOMS)
        if k == 23:
            return b"(" + r.choice([b"(1, 2)", b"'abc'", b"[1, 2]", b"b'xy'"]) + b"[" + r.choice([b"0", b"-1", b"1:", b"5"]) + b"])"
        if k == 24:
            return e() + b" " + r.choice([b"in", b"not in", b"is", b"=="]) + b" " + r.choice([b"(1, 2)", b"[1, 'a']", b"{1, 2.0, 'x'}", b"()", b"{}", b"'x'", b"None"])
        if k == 25:
            return b"'" + r.choice([b"%s", b"%r %s", b"%d", b"%-5s%%", b"%5.2a", b"%(a)s"]) + b"' % " + r.choice([e(), b"(" + e() + b", " + e() + b")", b"(" + e() + b",)"])
        return b"(" + self.renamed(r.choice(self.corpus.expressions)) + b")"

    def clauses(self, depth):
        r = self.random
        text = b""
        for _ in range(r.choice([1, 1, 1, 2, 3])):
            text += r.choice([b" for ", b" for ", b" for ", b" for ", b" async for "]) + self.target() + b" in " + self.expression(depth + 2)
            for _ in range(r.choice([0, 0, 1, 1, 2])):
                text += b" if " + self.expression(depth + 2)
        return text

    def call_arguments(self, depth):
        r = self.random
        if r.random() < 0.1:
            return self.expression(depth + 1) + self.clauses(depth)
        e = lambda: self.expression(depth + 1)
        parts = [r.choice([b"", b"", b"", b"*"]) + e() for _ in range(r.choice([0, 1, 1, 2, 3, 20 if depth < 2 and r.random() < 0.05 else 2]))]
        names = r.sample([b"a", b"b", b"c", b"x", b"y", b"__x", b"self"], r.choice([0, 0, 1, 2, 3]))
        parts += [n + b"=" + e() if r.random() < 0.9 else b"*" + e() for n in names]
        parts += [b"**" + e() for _ in range(r.choice([0, 0, 0, 1, 2]))]
        if r.random() < 0.02:
            r.shuffle(parts)
        return b", ".join(parts) + r.choice([b"", b"", b","] if parts else [b""])

    def subscript(self, depth):
        r = self.random
        e = lambda: self.expression(depth + 1)
        part = lambda: r.choice([e, lambda: b":", lambda: e() + b":", lambda: b":" + e(), lambda: e() + b":" + e(), lambda: e() + b":" + e() + b":" + e(), lambda: b"::" + e(), lambda: b"*(" + e() + b")"])()
        return b", ".join(part() for _ in range(r.choice([1, 1, 1, 2, 3])))

    def fstring(self, depth):
        r = self.random
        parts = []
        for _ in range(r.randrange(4)):
            inner = self.expression(depth + 2)
            if b'"' in inner or b"\\" in inner or b"#" in inner or b"\n" in inner:
                inner = self.name()
            if inner[:1] == b"{":
                inner = b" " + inner
            parts.append(r.choice([b"text ", b"{{", b"}}", b"\\n", b"\\N{EM DASH}", b""]) + b"{" + inner + r.choice([b"", b" ", b"=", b" = "]) + r.choice([b"", b"!r", b"!s", b"!a"])
                         + r.choice([b"", b":>10", b":{x}", b":{x!r:>3}", b":"]) + b"}")
        text = b"".join(parts)
        return r.choice([b'f"%s"', b'f"""%s"""', b'F"%s"', b'"x" f"%s" "y"', b'f"%s"' if b"\\" in text else b'rf"%s"']) % text

    def target(self):
        r = self.random
        k = r.randrange(14)
        if k < 7:
            return self.name()
        if k == 7:
            return b"(" + self.name() + b", " + self.name() + b")"
        if k == 8:
            return self.name() + b", *" + self.name()
        if k == 9:
            return b"[" + b", ".join(self.target() for _ in range(r.randrange(4))) + b"]"
        if k == 10:
            return self.name() + b"." + self.name()
        if k == 11:
            return self.name() + b"[" + self.subscript(3) + b"]"
        if k == 12:
            return b"(" + self.name() + b")"
        return self.name() + b", " + self.target()

    def single_target(self):
        while True:
            text = self.target()
            if self.random.random() < 0.02 or not (b"," in text or b"*" in text or text[:1] == b"["):
                return text

    def parameters(self, annotated=True):
        r = self.random
        names = [n for n in r.sample([b"a", b"b", b"c", b"x", b"y", b"self", b"z", b"w"], r.randrange(6))]
        if r.random() < 0.02 and names:
            names.append(names[0])
        parts, defaulted = [], False
        note = lambda n: n + (b": " + self.expression(3) if annotated and r.random() < 0.2 else b"")
        slash = r.randrange(1, len(names) + 1) if names and r.random() < 0.2 else 0
        star = r.randrange(len(names) + 1) if r.random() < 0.3 else -1
        for i, n in enumerate(names):
            if i == star:
                parts.append(b"*" + r.choice([b"args", b"args", b"" if i < len(names) else b"args"]))
            if not defaulted and r.random() < 0.25 or defaulted and (star < 0 or i < star):
                defaulted = True
                parts.append(note(n) + b"=" + self.expression(3))
            else:
                parts.append(note(n))
            if i + 1 == slash and (star < 0 or i < star):
                parts.append(b"/")
        if r.random() < 0.15:
            parts.append(b"**" + note(b"kwargs"))
        return b", ".join(parts)

    # Patterns

    def pattern(self, depth=0):
        r = self.random
        p = lambda: self.pattern(depth + 1)
        k = r.randrange(6 if depth > 2 else 14)
        if k < 2:
            return r.choice([b"a", b"b", b"x", b"_"])
        if k < 5:
            return r.choice([b"1", b"-1", b"'a'", b"None", b"True", b"1.5", b"1+2j", b"-1-2j", b"b'x'", b"'a' 'b'"])
        if k == 5:
            return b"a.b"
        if k == 6:
            return b"[" + b", ".join(r.choice([b"", b"", b"", b"*_ , ", b"*x, "]) + p() for _ in range(r.randrange(4))) + b"]"
        if k == 7:
            return b"(" + b"".join(p() + b"," for _ in range(r.randrange(4))) + b")"
        if k == 8:
            items = [r.choice([b"'k%d'" % i, b"%d" % i, b"a.b", b"None"]) + b": " + p() for i in range(r.randrange(4))]
            return b"{" + b", ".join(items + [b"**rest"] * (r.random() < 0.3)) + b"}"
        if k == 9:
            return r.choice([b"str", b"a.B", b"int", b"C"]) + b"(" + b", ".join([p() for _ in range(r.randrange(3))] + [b"%c=" % (97 + i) + p() for i in range(r.randrange(3))]) + b")"
        if k == 10:
            return b"(" + p() + b" | " + p() + r.choice([b"", b" | " + p()]) + b")"
        if k == 11:
            return b"(" + p() + b" as " + r.choice([b"a", b"b", b"x"]) + b")"
        return p()

    # Statements

    def piece(self):
        """A statement of the library, perhaps with an expression replaced."""
        r = self.random
        piece = r.choice(self.corpus.statements)
        text = piece.text
        if piece.spans and r.random() < 0.5:
            start, end = r.choice(piece.spans)
            text = text[:start] + b"(" + self.expression(2) + b")" + text[end:]
            if r.random() < 0.1:
                text = text.replace(b"def ", b"async def ", 1)
        return self.renamed(text) if r.random() < 0.3 else text

    def indented(self, text):
        return b"".join(b"  " + line if line.strip() else line for line in text.splitlines(True))

    def block(self, depth):
        r = self.random
        return self.indented(b"".join(self.statement(depth + 1) for _ in range(r.choice([1, 1, 2, 3]))))

    def statement(self, depth=0):
        r = self.random
        if depth > 4 or r.random() < (0.35 if depth else 0.15):
            return self.piece() if r.random() < 0.5 else self.simple()
        e, s = lambda: self.expression(1), lambda: self.block(depth)
        maybe = lambda p, text: text() if r.random() < p else b""
        k = r.randrange(24)
        if k < 4:
            return maybe(0.15, lambda: b"@" + e() + b"\n") + r.choice([b"", b"", b"", b"async "]) + b"def " + self.name() + b"(" + self.parameters() + b")" + maybe(0.1, lambda: b" -> " + e()) + b":\n" \
                + maybe(0.1, lambda: b"  'doc'\n") + maybe(0.15, lambda: b"  " + r.choice([b"global ", b"nonlocal "]) + self.name() + b"\n") + s()
        if k == 4:
            return maybe(0.15, lambda: b"@" + e() + b"\n") + b"class " + self.name() + maybe(0.5, lambda: b"(" + self.call_arguments(2) + b")") + b":\n" + maybe(0.1, lambda: b"  'doc'\n") + s()
        if k < 8:
            return b"if " + e() + b":\n" + s() + maybe(0.4, lambda: b"elif " + e() + b":\n" + s()) + maybe(0.4, lambda: b"else:\n" + s())
        if k < 10:
            return b"while " + r.choice([e, lambda: r.choice([b"1", b"0", b"True", b"None"])])() + b":\n" + s() + maybe(0.3, lambda: b"  " + r.choice([b"break", b"continue"]) + b"\n") + maybe(0.3, lambda: b"else:\n" + s())
        if k < 12:
            return r.choice([b"", b"", b"", b"async "]) + b"for " + self.target() + b" in " + e() + b":\n" + s() + maybe(0.2, lambda: b"  if a: " + r.choice([b"break", b"continue", b"return"]) + b"\n") + maybe(0.3, lambda: b"else:\n" + s())
        if k < 16:
            star = r.choice([b"", b"", b"", b"*"])
            handlers = b"".join(b"except" + star + b" " + e() + maybe(0.5, lambda: b" as " + self.name()) + b":\n" + s() for _ in range(r.choice([0, 1, 1, 2])))
            if not star:
                handlers += maybe(0.2, lambda: b"except:\n" + s())
            if handlers:
                handlers += maybe(0.3, lambda: b"else:\n" + s())
            return b"try:\n" + s() + handlers + (b"finally:\n" + s() if not handlers or r.random() < 0.4 else b"")
        if k < 19:
            items = b", ".join(self.expression(2) + maybe(0.5, lambda: b" as " + r.choice([self.name(), b"(" + self.target() + b")"])) for _ in range(r.choice([1, 1, 2, 3])))
            if r.random() < 0.2:
                items = b"(" + items + b")"
            return r.choice([b"", b"", b"async "]) + b"with " + items + b":\n" + s()
        if k < 21:
            cases = b"".join(b"  case " + r.choice([self.pattern, lambda: self.pattern() + b", *_"])() + maybe(0.3, lambda: b" if " + e()) + b":\n" + self.indented(s()) for _ in range(r.choice([1, 2, 3])))
            return b"match " + e() + r.choice([b"", b"", b","]) + b":\n" + cases
        if k == 21:
            return b"; ".join(self.simple().rstrip(b"\n") for _ in range(r.choice([2, 3]))) + b"\n"
        return self.simple()

    def simple(self):
        r = self.random
        e = lambda: self.expression(1)
        k = r.randrange(22)
        if k < 5:
            return b"".join(self.target() + b" = " for _ in range(r.choice([1, 1, 1, 2, 3]))) + e() + b"\n"
        if k == 5:
            return self.single_target() + b" " + r.choice(AUGMENTED) + b" " + e() + b"\n"
        if k == 6:
            return self.single_target() + b": " + e() + r.choice([b"", b" = " + e()]) + b"\n"
        if k < 9:
            return b"return" + r.choice([b"", b" " + e(), b" " + e(), b" *a, b"]) + b"\n"
        if k == 9:
            return b"raise" + r.choice([b"", b" " + e(), b" " + e() + b" from " + e()]) + b"\n"
        if k == 10:
            return r.choice([b"break\n", b"continue\n", b"pass\n"])
        if k == 11:
            return b"del " + r.choice([self.single_target, lambda: b"(" + self.single_target() + b"), " + self.single_target(), self.target])() + b"\n"
        if k == 12:
            return b"assert " + e() + r.choice([b"", b", " + e(), b""]) + b"\n"
        if k == 13:
            return r.choice([b"import a", b"import a.b.c", b"import a.b as c, x", b"from . import a", b"from ..a.b import x as y, c", b"from a import *", b"from a import (b, c,)"]) + b"\n"
        if k == 14:
            return r.choice([b"global ", b"nonlocal "]) + r.choice([b"a", b"a, b", b"x"]) + b"\n"
        if k == 15:
            return b"yield" + r.choice([b"", b" " + e(), b" *a, b", b" from " + e()]) + b"\n"
        if k == 16:
            return self.target() + b" = yield" + r.choice([b"", b" " + e()]) + b"\n"
        if k == 17:
            return self.name() + b", " + self.name() + b", " + self.name() + b" = " + e() + b", " + e() + b", " + e() + b"\n"
        return e() + b"\n"

    # Whole requests

    def flags(self):
        r = self.random
        bits = 0
        if r.random() < 0.25:
            bits |= r.choice(FUTURE_BITS)
        if r.random() < 0.1:
            bits |= r.choice(FUTURE_BITS)
        if r.random() < 0.2:
            bits |= TOP_LEVEL_AWAIT
        if r.random() < 0.05:
            bits |= TYPE_COMMENTS
        if r.random() < 0.03:
            bits |= DONT_IMPLY_DEDENT
        if r.random() < 0.03:
            bits |= INCOMPLETE
        return bits

    def source(self):
        """(source, mode)"""
        r = self.random
        k = r.random()
        if k < 0.12:
            return self.expression(), "eval"
        if k < 0.27:
            text = self.statement()
            return text + r.choice([b"", b"\n"]), "single"
        if k < 0.33:
            return self.simple(), "single"
        text = b"".join(self.statement() if r.random() < 0.8 else self.piece() for _ in range(r.choice([1, 1, 1, 2, 3])))
        k = r.random()
        if k < 0.7:
            if r.random() < 0.3:
                text = b"for a in b:\n" + self.indented(text)
            text = (b"async " if k < 0.45 else b"") + b"def f(" + self.parameters() + b"):\n" + self.indented(text)
        if r.random() < 0.06:
            text = b"from __future__ import " + r.choice(FUTURES).encode() + b"\n" + text
        return text, "exec"

    def cases(self, count):
        r = self.random
        for _ in range(count):
            text, mode = self.source()
            if r.random() < 0.5:
                text = text.decode()
            yield text, "<fuzz>", mode, self.flags(), r.choice([0, 0, 1, 2]), r.random() < 0.1
