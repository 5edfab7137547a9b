# TextIOWrapper and the buffered streams, as CPython's C versions do it.
import codecs
import io
import os
import tempfile


class Raw(io.RawIOBase):
    def __init__(self, parts=()):
        self.parts, self.written, self.reads = list(parts), [], 0

    def readable(self):
        return True

    def writable(self):
        return True

    def readinto(self, b):
        self.reads += 1
        if not self.parts:
            return 0
        part = self.parts.pop(0)
        b[: len(part)] = part
        return len(part)

    def write(self, b):
        self.written.append(bytes(b))
        return len(b)


# What is written waits until there is a chunk of it.
raw = Raw()
t = io.TextIOWrapper(raw, encoding="ascii")
t.write("abc")
t.write("def")
print(raw.written)
t.flush()
print(raw.written)
t._CHUNK_SIZE = 4
t.write("12345")
print(raw.written)
try:
    del t._CHUNK_SIZE
except AttributeError as e:
    print("AttributeError")

# write_through reaches the buffer and does not flush it.
data = io.BytesIO()
b = io.BufferedWriter(data)
t = io.TextIOWrapper(b, encoding="ascii", write_through=True)
t.write("x")
print(data.getvalue())
t.detach()
print(repr(t))

# A byte order mark stands only at the start.
with tempfile.TemporaryDirectory() as folder:
    name = os.path.join(folder, "bom")
    for charset in "utf-8-sig", "utf-16", "utf-32":
        with open(name, "w", encoding=charset) as f:
            f.write("aaa")
        with open(name, "a", encoding=charset) as f:
            f.write("xxx")
        with open(name, "r+", encoding=charset) as f:
            f.seek(0, io.SEEK_END)
            f.write("zzz")
        print(open(name, "rb").read() == "aaaxxxzzz".encode(charset))
    open(os.path.join(folder, "plain"), "w").close()
    try:
        open(os.path.join(folder, "plain"), "w").read()
    except io.UnsupportedOperation as e:
        print(e)
    try:
        open(os.path.join(folder, "plain")).write("x")
    except io.UnsupportedOperation as e:
        print(e)

# readinto1 makes at most one raw read.
raw = Raw([b"abc", b"de", b"fgh", b"jkl"])
r = io.BufferedReader(raw, 10)
small, large = bytearray(2), bytearray(20)
print(r.peek(3), r.readinto1(small), r.readinto1(small), r.readinto1(small), raw.reads)
print(r.peek(3), r.readinto1(large), bytes(large[:6]), raw.reads)
raw = io.BufferedReader(io.BytesIO(b"12"))
raw.readinto = lambda buffer: b""
try:
    io.BufferedReader(raw).readline()
except OSError as e:
    print(e, type(e.__cause__).__name__)


class Unwritable(Raw):
    def writable(self):
        return False


try:
    io.BufferedRWPair(Raw(), Unwritable())
except OSError as e:
    print(e)
print(repr(io.BufferedReader(Raw())))


# A class of Python's is flushed by close().
class File(io.FileIO):
    def flush(self):
        print("flush", self.closed)
        super().flush()


with tempfile.TemporaryDirectory() as folder:
    File(os.path.join(folder, "f"), "w").close()
try:
    io.FileIO("x", 0, 0)
except TypeError as e:
    print("TypeError")
