"""Sources that CPython warns about: invalid escapes, numbers glued to keywords, and what the compiler finds odd; and the library's files.

Every second case asks for warnings as errors, so that their place is seen too.
"""
from corpus import files

ODD = (b"x is 1", b"1 is not x", b"'a' is 'b'", b"x is ()", b"x is -1", b"(1)()", b"'a'(b)", b"[1](2)", b"{1: 2}(3)", b"(a for a in b)()", b"f'{x}'(y)", b"(lambda: 0)[1]", b"{1}[0]", b"None[0]", b"1[2]",
       b"'a'[b'c']", b"'a'['b']", b"[1]['a']", b"(1, 2)[1.5]", b"b'x'[None]", b"[a for a in b]['c']", b"assert (x, 'y')", b"assert (x,), y", b"...()", b"True is x", b"None[x]()",
       b"1if x else 2", b"0x1for x in y", b"[0x1for x in y]", b"1or 2", b"1.5in x", b"1jand x", b"0b1is y", b"0o7not in x", b"1_0else", b"1if 2else 3")
ESCAPES = (b"\\d", b"\\q", b"\\ ", b"\\.", b"\\8", b"\\400", b"\\777", b"\\377", b"\\N{BULLET}", b"\\x41", b"\\u00e9", b"\\\n", b"\\\\", b"\\'", b"\\n", "é".encode(), "ﬁ".encode(), "🐍".encode(),
           b"a", b" ", b"{x}", b"{{", b"\\{", b"\\}", b"\\%", b"\\\xc3\xa9", b"\\*")
PREFIXES = (b"", b"", b"", b"b", b"f", b"F", b"u", b"r", b"rb", b"fr", b"B")


class Warned:
    def __init__(self, random, generator):
        self.random, self.generator = random, generator

    def literal(self):
        r = self.random
        prefix, quote = r.choice(PREFIXES), r.choice((b"'", b'"', b"'''", b'"""'))
        parts = [r.choice(ESCAPES) for _ in range(r.randrange(5))]
        if len(quote) == 3:
            parts += r.choice([[], [b"\n"], [b"\n", "é".encode(), b"\\d"], [b"\\d\n\n"]])
        if b"b" in prefix.lower():
            parts = [p for p in parts if p.isascii()]
        return prefix + quote + b"".join(parts) + quote

    def expression(self, depth=0):
        r = self.random
        k = r.random()
        if k < 0.5 or depth > 2:
            return r.choice([b" ", b"", b"\\\n"]).join(self.literal() for _ in range(r.choice([1, 1, 1, 2, 3])))
        if k < 0.7:
            return r.choice([t for t in ODD if t[:6] != b"assert"])
        if k < 0.8:
            return r.choice([b"x", "é".encode(), "ﬁ".encode(), b"1", b"(\n1)"])
        inner = self.expression(depth + 1)
        return r.choice([b"(%s)", b"f(%s)", b"[%s]", b"f'{%s}'", b"(lambda: %s)", b"{%s: 1}", b"x[%s]", b"(%s,\n)", b"f'''\n{%s}'''"]) % inner

    def statement(self, indentation=b""):
        r = self.random
        e = self.expression
        k = r.randrange(12)
        if k < 4:
            text = e()
        elif k < 6:
            text = r.choice([b"x", "é".encode(), b"x[%s]" % e()]) + b" = " + e()
        elif k == 6:
            text = r.choice(ODD)
        elif k == 7:
            text = b"assert (%s, %s)" % (e(), e())
        elif k == 8:
            text = e() + r.choice([b" + ", b" is ", b", ", b"; "]) + e()
        elif k == 9:
            text = r.choice(self.generator.corpus.expressions)
        elif len(indentation) < 6:
            head = r.choice([b"def f(x=%s):", b"class C(%s):", b"if %s:", b"for x in %s:", b"while %s:", b"@f(%s)\n" + indentation + b"def f():", b"match x:\n" + indentation + b" case %s:\n" + indentation + b"  pass\n" + indentation + b"if x:"])
            body = b"".join(self.statement(indentation + b"  ") for _ in range(r.choice([1, 1, 2])))
            return indentation + head.replace(b"%s", e()) + b"\n" + body
        else:
            text = b"return " + e()
        return indentation + text + r.choice([b"\n", b"\n", b"\n", b" # \\d\n", b";\n"])

    def source(self):
        r = self.random
        text = b"".join(self.statement() for _ in range(r.choice([1, 1, 1, 2, 3])))
        if r.random() < 0.15:
            # With something wrong behind, before or in between.
            text = r.choice([text + b"1 2\n", b"1 2\n" + text, text.replace(b"\n", b" $\n", 1), text + b"'\n", text + b"(", text.replace(b"'", b"", 1), text + b"x = 1x\n", text + b"return\n"])
        if r.random() < 0.1:
            text = r.choice([b"#coding: utf-8\n", b"\xef\xbb\xbf", b"# \xc3\xa9\n"]) + text
        return text

    def cases(self, count):
        r = self.random
        for path in files():
            with open(path, "rb") as f:
                data = f.read()
            for strict in (False, True):
                yield data, "<fuzz>", "exec", 0, 0, strict
        for _ in range(count):
            text = self.source()
            if r.random() < 0.5:
                try:
                    text = text.decode()
                except UnicodeDecodeError:
                    pass
            mode = r.choice(["exec"] * 6 + ["single", "eval"])
            yield text, "<fuzz>", mode, self.generator.flags() if r.random() < 0.2 else 0, r.choice([0, 0, 0, 1, 2]), r.random() < 0.5
