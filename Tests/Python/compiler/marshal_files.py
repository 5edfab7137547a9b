# marshal.load reads exactly one value from any file-like object.
import io
import marshal

values = [1, 2.5, "text", b"bytes", (1, (2, 3)), [4], {5: 6}, {7}, frozenset(), 1j, 10**50, compile("a + 1", "f", "eval"), None]
f = io.BytesIO()
for v in values:
    marshal.dump(v, f)
f.seek(0)
for v in values:
    print(marshal.load(f) == v, f.tell())


class BadReader(io.BytesIO):
    def readinto(self, buf):
        n = super().readinto(buf)
        return n + 10**6 if n and n > 4 else n


for v in (1.0, 1j, b"0123456789", "0123456789"):
    try:
        print(marshal.load(BadReader(marshal.dumps(v))))
    except Exception as e:
        print(type(e).__name__, e)
for data in (b"", b"(\x05\0\0\0", b"[\x05\0\0\0i", b"s\xff\0\0\0abc", b"i\1\0"):
    try:
        print(marshal.load(io.BytesIO(data)))
    except Exception as e:
        print(type(e).__name__, e)
try:
    marshal.load(io.StringIO(""))
except TypeError as e:
    print(e)
