"""Broken sources: valid ones of the corpus with a token or a bracket or an indentation changed."""
import re

TOKEN = re.compile(
    rb"""[ \t\f]+|\n|\\\n|\#[^\n]*|(?:[rRbBuUfF]{0,2})(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    rb"""|[0-9][\w.]*|[^\W\d]\w*|\*\*=?|//=?|>>=?|<<=?|[-+*/%&|^@=<>!:]=|->|\.\.\.|.""", re.S)
SPARE = b"""( ) [ ] { } : , ; . = == := -> ** * / // % @ & | ^ ~ < > <= != <> << >> += -= **= ... ! ? $ ` \\ # ' " ''' f" rb' f'{ f'{} f'{a!x}'
    if else elif for in not is and or lambda yield await async def class return raise try except finally with as import from global nonlocal
    del pass break continue while assert match case print exec None True False __debug__ a b 0 1 1.5 1j 0x 0b2 08 1_ 1__0 1e 1if 0xfor 'a' b'a' u'b'
    f'{a}' f'{a=!r:>5}' rf'{}' '\\N{x}' '\\x' b'\\xg' '\\400' a:=1 (a:=1) *a **a a=1 (a)=1 *a,=b""".split() + [b"\n", b"\n ", b"\t", b"    ", b"\n\t", b"\x0c", "é".encode(), "€".encode(), b"\x00"[:0], "\u00a0".encode(), b"\xff", b"\r", b"\r\n"]
OPENERS, CLOSERS = (b"(", b"[", b"{"), (b")", b"]", b"}")


class Mutator:
    def __init__(self, random, corpus, generator):
        self.random, self.corpus, self.generator = random, corpus, generator

    def base(self):
        r = self.random
        k = r.random()
        if k < 0.5:
            return r.choice(self.corpus.statements).text
        if k < 0.65:
            return b"".join(r.choice(self.corpus.statements).text for _ in range(r.choice([2, 3])))
        if k < 0.9:
            return self.generator.source()[0]
        if k < 0.97:
            return r.choice(self.corpus.expressions)
        text = (r.choice(self.corpus.modules) or "x\n").encode()
        start = r.randrange(len(text))
        return text[start:start + 1500] if r.random() < 0.8 else text[:6000]

    def mutate(self, text):
        r = self.random
        tokens = TOKEN.findall(text)
        if not tokens:
            return r.choice(SPARE)
        solid = [i for i, t in enumerate(tokens) if not t.isspace()] or [0]
        i = r.choice(solid)
        k = r.randrange(20)
        if k < 4:
            del tokens[i]
        elif k < 6:
            tokens.insert(i, tokens[i] if tokens[i][:1].isalnum() is False else tokens[i] + b" ")
        elif k < 8:
            j = r.choice(solid[max(0, solid.index(i) - 3):solid.index(i) + 4]) if r.random() < 0.7 else r.choice(solid)
            tokens[i], tokens[j] = tokens[j], tokens[i]
        elif k < 11:
            tokens[i] = r.choice(SPARE)
        elif k < 13:
            tokens.insert(i, r.choice(SPARE) + r.choice([b"", b" "]))
        elif k < 15:
            # Brackets: one lost, of another kind, or one too many.
            at = [i for i in solid if tokens[i] in OPENERS + CLOSERS]
            if at:
                j = r.choice(at)
                tokens[j] = r.choice([b"", b"", tokens[j] * 2, r.choice(OPENERS), r.choice(CLOSERS)])
            else:
                tokens.insert(i, r.choice(OPENERS + CLOSERS))
        elif k < 18:
            # Indentation: of one line, or of all that follow.
            lines = b"".join(tokens).splitlines(True)
            j = r.randrange(len(lines))
            change = r.choice([lambda l: b" " + l, lambda l: l[1:] if l[:1] in b" \t" else b"  " + l, lambda l: l.lstrip(b" "), lambda l: b"\t" + l, lambda l: l.replace(b"        ", b"\t", 1),
                               lambda l: b"    " + l, lambda l: l.replace(b"    ", b"\t", 1)])
            if r.random() < 0.3:
                lines[j:] = [change(l) for l in lines[j:]]
            else:
                lines[j] = change(lines[j])
            return b"".join(lines)
        elif k == 18:
            text = b"".join(tokens)
            j = r.randrange(len(text) + 1)
            return text[:j] if r.random() < 0.6 else text[j:]
        else:
            text = bytearray(b"".join(tokens))
            j = r.randrange(len(text))
            text[j:j + r.randrange(3)] = r.choice([b"", bytes([r.randrange(128)]), bytes([r.randrange(256)])])
            return bytes(text)
        return b"".join(tokens)

    def cases(self, count):
        r = self.random
        for _ in range(count):
            text = self.base()
            for _ in range(r.choice([1, 1, 1, 1, 2, 3])):
                text = self.mutate(text)
            if r.random() < 0.5:
                try:
                    text = text.decode()
                except UnicodeDecodeError:
                    pass
            mode = r.choice(["exec"] * 6 + ["single", "single", "eval"])
            yield text, "<fuzz>", mode, self.generator.flags() if r.random() < 0.3 else 0, 0, r.random() < 0.03
