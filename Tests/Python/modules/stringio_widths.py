"""Texts of all widths in one StringIO: written over each other, beyond the end, cut and begun anew."""
import io
import random

SAMPLES = ["", "a", "abc\n", "\xe9t\xe9", "\u20ac uro", "\U0001F600", "x" * 40, "\u4e2d" * 17, "\r\n", "line\rline\n", "\x00"]


class Model:
    """What a StringIO with newline='' does, on a list."""

    def __init__(self):
        self.text, self.at = [], 0

    def write(self, s):
        if not s:
            return
        self.text.extend("\0" * (self.at - len(self.text)))
        self.text[self.at:self.at + len(s)] = s
        self.at += len(s)

    def read(self, n):
        end = len(self.text) if n < 0 else self.at + n
        part = "".join(self.text[self.at:end])
        self.at += len(part)
        return part


random.seed(5)
for turn in range(60):
    stream, model = io.StringIO(newline=""), Model()
    for step in range(120):
        kind = random.randrange(10)
        if kind < 5:
            s = random.choice(SAMPLES) * random.choice([1, 1, 1, 7, 90])
            assert stream.write(s) == len(s)
            model.write(s)
        elif kind == 5:
            model.at = random.randrange(len(model.text) + 4)
            assert stream.seek(model.at) == model.at
        elif kind == 6 and random.random() < 0.3:
            n = random.choice([0, 0, model.at, random.randrange(len(model.text) + 2)])
            stream.truncate(n)
            del model.text[n:]
        elif kind == 7:
            n = random.choice([-1, 0, 1, 5, 100])
            assert stream.read(n) == model.read(n), (turn, step)
        else:
            assert stream.getvalue() == "".join(model.text), (turn, step)
        assert stream.tell() == model.at
    copy = io.StringIO()
    copy.__setstate__(stream.__getstate__())
    assert copy.getvalue() == stream.getvalue() and copy.tell() == stream.tell()

# Large ones, which grow where they are and then have to become wider.
stream = io.StringIO()
for i in range(40000):
    stream.write("narrow line %d\n" % i)
narrow = stream.getvalue()
stream.write("\xff")
stream.write("\u0100")
assert stream.getvalue() == narrow + "\xff\u0100"
stream.write("\U00010000" + narrow)
assert stream.getvalue() == narrow + "\xff\u0100\U00010000" + narrow
stream.seek(0)
print(sum(len(line) for line in stream), stream.readline() == "")
stream.seek(0)
stream.truncate()
stream.write("again")
assert stream.getvalue() == "again" and stream.getvalue().isascii()
stream.__init__("other \u20ac")
print(stream.getvalue(), stream.readline() == "other \u20ac", stream.read())
stream.close()
for name in ("getvalue", "read", "readline"):
    try:
        getattr(stream, name)()
    except ValueError as error:
        print(name, type(error).__name__)
print([line for line in io.StringIO("a\r\nb\rc\n\u20ac", newline=None)], [line for line in io.StringIO("a\r\nb\rc\n", newline="\r\n")])
