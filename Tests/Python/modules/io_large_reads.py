# What buffered readers ask of raw streams that are no files, and what they make of the answers
import io


class Raw(io.RawIOBase):
    def __init__(self, data, step):
        self.data, self.step, self.asked, self.kept = data, step, [], []

    def readable(self):
        return True

    def readinto(self, b):
        self.asked.append(len(b))
        n = min(len(b), self.step, len(self.data))
        b[:n] = self.data[:n]
        self.data = self.data[n:]
        return n


data = bytes(i * 7 & 255 for i in range(200_000))
for size, step, n in [(4096, 1 << 20, 10_000), (100, 1 << 20, 1234), (8192, 1 << 20, 150_000)]:
    raw = Raw(data, step)
    reader = io.BufferedReader(raw, size)
    first = reader.read(n)
    print(first == data[:n], raw.asked)
    raw.asked.clear()
    print(reader.read(10) == data[n:n + 10], reader.read1(50) == data[n + 10:n + 10 + 50][:50], raw.asked)
    rest = reader.read(10_000_000)
    print(len(rest) + n + 10 + 50 >= 200_000, rest == data[-len(rest):])
    print(reader.read(10_000_000), reader.read1(10_000_000))

# Asking for much more than there is, time after time, costs next to nothing.
class Empty(io.RawIOBase):
    def readable(self):
        return True

    def readinto(self, b):
        return 0


for i in range(2000):
    reader = io.BufferedReader(Empty())
    assert reader.read(10_000_000) == b"" and reader.read1(10_000_000) == b""


# A raw stream that keeps what it got, or a view of it: later reads are right all the same.
class Keeper(Raw):
    def readinto(self, b):
        self.kept.append(memoryview(b) if len(self.kept) % 2 else b)
        return super().readinto(b)


raw = Keeper(data, 3000)
readers = [io.BufferedReader(raw, 4096), io.BufferedReader(Raw(data, 3000), 4096)]
parts = [[], []]
for i in range(60):
    for which, reader in enumerate(readers):
        parts[which].append(reader.read(3333))
print(b"".join(parts[0]) == b"".join(parts[1]) == data[:60 * 3333], len(raw.kept) > 50)

# A raw stream that reads from another buffered one while it is asked
class Nested(io.RawIOBase):
    def __init__(self, inner):
        self.inner = inner

    def readable(self):
        return True

    def readinto(self, b):
        got = self.inner.read(len(b))
        b[:len(got)] = got
        return len(got)


outer = io.BufferedReader(Nested(io.BufferedReader(Nested(io.BufferedReader(Raw(data, 777))))))
print(outer.read(150_000) == data[:150_000], outer.read() == data[150_000:])

# Answers that are wrong
class Wrong(io.RawIOBase):
    def __init__(self, answer):
        self.answer = answer

    def readable(self):
        return True

    def readinto(self, b):
        return self.answer


for answer in (-2, 1 << 30, "x", None):
    for n in (5, 100_000):
        try:
            print(io.BufferedReader(Wrong(answer)).read(n))
        except (OSError, TypeError) as e:
            print(type(e).__name__, "out of range" if "invalid length" in str(e) else e)

# The same of files and pipes
import os

source, sink = os.pipe()
os.set_blocking(source, False)
pipe = open(source, "rb", buffering=0)
for i in range(2000):
    os.write(sink, b"abc")
    assert os.read(source, 10_000_000) == b"abc"
    os.write(sink, b"defg")
    assert pipe.read(10_000_000) == b"defg"
print(pipe.read(10_000_000), pipe.read(10))
try:
    os.read(source, 10_000_000)
except BlockingIOError as e:
    print(type(e).__name__)
os.close(sink)
print(os.read(source, 10_000_000), pipe.read(10_000_000))
with open(__file__, "rb", buffering=0) as raw, open(__file__, "rb") as buffered:
    text = raw.read(10_000_000)
    print(len(text) == os.path.getsize(__file__), text == buffered.read(10_000_000), buffered.read(10_000_000), raw.read(70_000))
    for reader in raw, buffered:
        for size in (1 << 61, 1 << 62):
            reader.seek(0)
            try:
                reader.read(size)
            except (MemoryError, OverflowError) as e:
                print(type(e).__name__)
