"""Sources that are large, deep or hostile: nesting, long displays and names, huge numbers, NUL bytes, encodings, random bytes."""

SIZES = (1, 2, 3, 19, 20, 21, 50, 99, 100, 101, 199, 200, 201, 255, 256, 257, 400, 999, 1000, 1500)
ENCODINGS = (b"utf-8", b"latin-1", b"ascii", b"cp1252", b"koi8-r", b"utf-8-sig", b"utf-16", b"rot13", b"hex", b"nonsense", b"iso-8859-15", b"euc-jp", b"shift_jis", b"UTF8", b"utf_8_x", b"latin-1-unix",
             b"gbk", b"big5", b"cp437", b"mac-roman", b"utf-7", b"idna", b"punycode", b"unicode_escape", b"x" * 300)


class Extremes:
    def __init__(self, random, mutator):
        self.random, self.mutator = random, mutator

    def size(self, limit=1500):
        r = self.random
        n = r.choice(SIZES) if r.random() < 0.7 else r.randrange(1, 1500)
        return min(n, limit)

    def nested(self):
        r = self.random
        n = self.size()
        start, middle, end = r.choice([
            (b"(", b"x", b")"), (b"[", b"", b"]"), (b"{", b"", b"}"), (b"{1:", b"0", b"}"), (b"f(", b"", b")"), (b"x[", b"0", b"]"), (b"-", b"x", b""), (b"not ", b"x", b""), (b"lambda:", b"x", b""),
            (b"x if y else ", b"z", b""), (b"", b"x", b".a"), (b"", b"x", b"()"), (b"", b"x", b"[0]"), (b"x+", b"y", b""), (b"x**", b"y", b""), (b"", b"x", b"+y"), (b"x and ", b"y", b""), (b"x<", b"y", b""),
            (b"(", b"", b","), (b"(lambda x=", b"0", b":0)"), (b"[x for x in ", b"y", b"]"), (b"(yield ", b"x", b")"), (b"await ", b"x", b""), (b"*", b"x", b""), (b"(x:=", b"0", b")"), (b"'%s' % (", b"x", b",)"),
            (b"[*", b"x", b"]"), (b"{**", b"x", b"}"), (b"f(*", b"x", b")"), (b"f(a=", b"x", b")"), (b"x[a:", b"b", b"]"), (b"~", b"1", b""), (b"(1,", b"2", b")"), (b"0 or ", b"1", b""), (b"a,", b"b", b""), (b"a=", b"b", b"")])
        text = start * n + middle + (end * n if r.random() < 0.8 else end * self.size())
        return r.choice([b"%s\n", b"x = %s\n", b"def f():\n return %s\n", b"async def f():\n %s\n", b"%s = 1\n", b"del %s\n", b"for %s in y: pass\n"]) % text

    def blocks(self):
        r = self.random
        n = min(self.size(), 120)
        heads = r.choice([[b"if x:"], [b"while x:"], [b"for x in y:"], [b"def f():"], [b"class C:"], [b"with x:"], [b"try:"], [b"match x:", b"case y:"], [b"async def f():", b"async with x:", b"async for x in y:"], [b"if x:", b"def f():", b"for x in y:"]])
        lines = [b" " * i + heads[i % len(heads)] + b"\n" for i in range(n)] + [b" " * n + b"pass\n"]
        if heads == [b"try:"]:
            lines += [b" " * i + r.choice([b"finally: pass\n", b"except: pass\n"]) for i in reversed(range(n))]
        return b"".join(lines)

    def patterns(self):
        n = self.size()
        start, middle, end = self.random.choice([(b"[", b"x", b"]"), (b"(", b"x", b")"), (b"{1:", b"x", b"}"), (b"A(", b"", b")"), (b"A(a=", b"1", b")"), (b"1|", b"2", b""), (b"[*_,", b"x", b"]"), (b"(", b"x", b" as y)")])
        return b"match x:\n case " + start * n + middle + end * n + b": pass\n"

    def fstrings(self):
        r = self.random
        text = b"x"
        for i in range(r.randrange(1, 7)):
            quote = (b"'", b'"', b"'''", b'"""')[i % 4]
            text = r.choice([b"f%s{%s}%s", b"f%s{%s!r:>5}%s", b"f%s{%s=}%s", b"rf%s{(%s)}%s", b"f%s{{{%s}}}%s", b"f%s{x:{%s}}%s", b"f%s{x:{y:{%s}}}%s", b"f%s{\n%s}%s", b"f%s{lambda x:%s}%s", b"f%s{%s!x}%s", b"f%s{%s"[:8] + b"%s"]) % (quote, text, quote)
        return text + b"\n"

    def long(self):
        r = self.random
        n = r.choice([300, 3000, 30000]) if r.random() < 0.9 else 100_000
        item = r.choice([b"1,", b"x,", b"'a',", b"1:2,", b"*x,", b"a=1,", b"(1,2),", b"-1,", b"f(),", b"None,", b"1.5,", b"[],"])
        form = r.choice([b"x = [%s]\n", b"x = (%s)\n", b"x = {%s}\n", b"f(%s)\n", b"def f(): return %s\n", b"x = [%s\n", b"x = [%s $]\n", b"x = [%s 1 2]\n", b"del %s\n"])
        return form % (item * n)

    def wide(self):
        r = self.random
        n = r.choice([300, 3000, 10000])
        return r.choice([
            lambda: b"".join(b"x%d = %d\n" % (i, i) for i in range(n)), lambda: b"x" * (n * 7) + b" = 1\n", lambda: "é".encode() * (n * 3) + b"\n", lambda: b"'" + b"x" * (n * 7) + b"'\n", lambda: b"x;" * n + b"\n",
            lambda: b"if x: pass\n" + b"elif x: pass\n" * min(n, 3000), lambda: b"#" * (n * 7) + b"\n", lambda: b"\n" * n + b"$", lambda: b"x\\\n" * n, lambda: b"def f(" + b"".join(b"a%d," % i for i in range(n)) + b"): pass\n",
            lambda: b"global " + b",".join(b"a%d" % i for i in range(n)) + b"\n", lambda: b"import " + b".".join([b"a"] * n) + b"\n", lambda: b"@x\n" * min(n, 3000) + b"def f(): pass\n", lambda: b"'a'\n" * n, lambda: b"'a' " * n + b"\n",
            lambda: b"from " + b"." * n + b" import x\n", lambda: b"x" + b"=x" * n + b"\n", lambda: b"x" + b"<x" * n + b"\n", lambda: b"f'" + b"{x}" * n + b"'\n", lambda: b"'%s" % (b"\\N{BULLET}" * n) + b"'\n", lambda: b"'" + b"\\d" * n + b"'\n",
            lambda: b"x if y else " * min(n, 900) + b"z\n", lambda: b"try: pass\n" + b"except x: pass\n" * n, lambda: b"with " + b",".join([b"x as y"] * min(n, 3000)) + b": pass\n", lambda: b"match x:\n" + b" case 1: pass\n" * n])()

    def numbers(self):
        r = self.random
        n = r.choice([10, 100, 639, 640, 4299, 4300, 4301, 5000, 40000])
        digits = b"".join(b"%d" % r.randrange(10) for _ in range(min(n, 100))) + b"7" * max(0, n - 100)
        return r.choice([b"1%s\n", b"-1%s\n", b"0x1%s\n", b"0b1%s\n", b"0o1%s\n", b"1%s.5\n", b"1e%s\n", b"1%sj\n", b"0%s\n", b"1_%s\n", b"1%s_\n", b"1%s ** 2\n", b"x = 1%s + 1%s\n".replace(b"%s", b"%s", 1).replace(b"1%s\n", b"1\n"), b"1%sif x else y\n", b"1%sx\n", b"match x:\n case 1%s: pass\n"]) % digits

    def folding(self):
        r = self.random
        value = lambda: r.choice([b"1", b"-1", b"2", b"0", b"10**30", b"1<<100", b"'ab'", b"b'ab'", b"(1,2)", b"1e308", b"1e-320", b"1j", b"True", b"(None,)", b"()", b"''", b"0.0", b"-0.0", b"255", b"1000000", b"9" * 4300])
        op = lambda: r.choice([b"+", b"-", b"*", b"/", b"//", b"%", b"**", b"<<", b">>", b"&", b"|", b"^", b"@"])
        text = value()
        for _ in range(r.randrange(1, 6)):
            text = b"(" + text + b")" + op() + value() if r.random() < 0.7 else value() + op() + b"(" + text + b")"
        return text + b"\n"

    def encoded(self):
        r = self.random
        cookie = r.choice([b"# -*- coding: %s -*-", b"#coding=%s", b"# vim: set fileencoding=%s :", b"#coding:%s", b"  # coding: %s", b"x#coding: %s"]) % r.choice(ENCODINGS)
        head = r.choice([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb"]) + r.choice([b"", b"", b"#!/usr/bin/python\n", b"\n", b"\x0c\n", b"'''\n"])
        body = r.choice([b"x = '\xc3\xa9'\n", b"x = '\xe9'\n", b"\xe9 = 1\n", b"# \xff\n", b"x = 1\r\ny = 2\r", b"x\x00y\n", b"\x00", b"x = '\x00'\n", "é = ' '\n".encode(), b"x = 1 \xe9 $\n", b"'\xed\xa0\x80'\n", b"b'\xe9'\n", "\u200bx\n".encode(), "x\u00a0=1\n".encode()])
        return head + cookie + r.choice([b"\n", b"\r\n", b"\r", b""]) + body

    def noise(self):
        r = self.random
        n = r.randrange(1, 60)
        alphabet = r.choice([bytes(range(256)), bytes(range(128)), b"()[]{}:,;.=*+-/%&|^~<>!@\\\n \t'\"#fr0x1e_ab", b"if else for in lambda not async def yield match case \n:()[]{},=*" * 2])
        return bytes(r.choice(alphabet) for _ in range(n))

    def source(self):
        r = self.random
        k = r.random()
        if k < 0.02:
            return self.nested()
        if k < 0.03:
            return r.choice([self.blocks, self.patterns])()
        if k < 0.05:
            return self.fstrings()
        if k < 0.0503:
            return self.long()
        if k < 0.051:
            return self.wide()
        if k < 0.053:
            return self.numbers()
        if k < 0.07:
            return self.folding()
        if k < 0.1:
            return self.encoded()
        if k < 0.3:
            return self.noise()
        text = r.choice(self.mutator.corpus.statements).text if k < 0.9 else self.mutator.base()
        for _ in range(r.choice([1, 1, 2, 3, 5])):
            text = self.mutator.mutate(text)
        return text

    def cases(self, count):
        r = self.random
        for _ in range(count):
            text = self.source()
            if r.random() < 0.4:
                try:
                    text = text.decode()
                except UnicodeDecodeError:
                    pass
            mode = r.choice(["exec"] * 6 + ["single", "single", "eval"])
            yield text, "<fuzz>", mode, r.choice([0, 0, 0, 0x200, 0x1000, 0x2000, 0x4000, 0x400000, 0x1000000]), 0, r.random() < 0.01
