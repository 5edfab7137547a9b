"""zlib: what its functions and objects answer, and what they refuse, piece by piece."""
import copy
import pickle
import random
import threading
import zlib


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


random.seed(7)
text = b"".join(random.choice([b"alpha ", b"beta ", b"gamma\n", b"\0\1\2"]) for _ in range(20000))
noise = bytes(random.randrange(256) for _ in range(50000))

# Checksums
for value in (b"", b"a", b"abc" * 1000, bytearray(b"xyz"), memoryview(text)[5:], noise):
    print(zlib.crc32(value), zlib.adler32(value), zlib.crc32(value, 7), zlib.adler32(value, -1), zlib.crc32(value, 1 << 70 | 5))
for bad in ("abc", 5, None, [1]):
    print(attempt(zlib.crc32, bad), attempt(zlib.crc32, b"", bad))
print(attempt(zlib.crc32), attempt(zlib.adler32, b"", 1, 2), attempt(zlib.crc32, b"", 2.0))

# At once, in each format
for wbits in (9, 15, -9, -15, 25, 31, 47, 8, -8, 16, 0, 99, 32):
    packed = attempt(zlib.compress, text, 6, wbits)
    if isinstance(packed, str):
        print(wbits, packed)
        continue
    back = attempt(zlib.decompress, packed, wbits)
    print(wbits, len(packed), back == text if isinstance(back, bytes) else back)
for level in (-2, -1, 0, 1, 9, 10):
    packed = attempt(zlib.compress, noise, level=level)
    print(level, packed if isinstance(packed, str) else (len(packed), zlib.decompress(packed) == noise))
for size in (0, 1, 2, 1000, 1 << 20, -1):
    back = attempt(zlib.decompress, zlib.compress(text), bufsize=size)
    print(size, back == text if isinstance(back, bytes) else back)
for bad in (b"", b"x", b"abcdefghijk", zlib.compress(text)[:-1], zlib.compress(text)[:50], zlib.compress(b"q")[:-1] + b"!", b"x\x9c\x03\x00"):
    print(attempt(zlib.decompress, bad))
print(zlib.decompress(zlib.compress(b"end") + b"behind"))
for arguments in (("a",), (b"a", 2.5), (b"a", 1 << 40), (b"a", -1, None), ()):
    print(attempt(zlib.compress, *arguments))
print(attempt(zlib.compress, data=b""), attempt(zlib.decompress, b"", bufsize=1 << 70), attempt(zlib.compress, b"", what=1))

# In pieces
c = zlib.compressobj(level=9)
parts = [c.compress(text[i:i + 777]) for i in range(0, len(text), 777)] + [c.flush(zlib.Z_SYNC_FLUSH), c.compress(noise), c.flush()]
packed = b"".join(parts)
print(len(packed), zlib.decompress(packed) == text + noise)
print(attempt(c.compress, b"more"), attempt(c.flush), attempt(c.flush, zlib.Z_NO_FLUSH), attempt(c.copy), attempt(copy.copy, c))
d = zlib.decompressobj()
got = b"".join(d.decompress(packed[i:i + 100]) for i in range(0, len(packed), 100))
print(got == text + noise, d.eof, d.unused_data, d.unconsumed_tail, d.flush(), d.eof)
print(attempt(d.decompress, b"x"), attempt(d.flush), d.unused_data, attempt(d.copy))
for mode in (zlib.Z_NO_FLUSH, zlib.Z_PARTIAL_FLUSH, zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_BLOCK, 99, -1, "a"):
    c = zlib.compressobj()
    first = c.compress(b"some of it, " * 10)
    second = attempt(c.flush, mode)
    print(mode, len(first), second if isinstance(second, str) else len(second))
for option in ({"level": 99}, {"method": 5}, {"wbits": 99}, {"memLevel": 0}, {"strategy": 17}, {"memLevel": 1, "wbits": 9}, {"strategy": zlib.Z_RLE}, {"level": "a"}):
    c = attempt(zlib.compressobj, **option)
    print(option, c if isinstance(c, str) else len(c.compress(text) + c.flush()))

# A limit for what comes out
packed = zlib.compress(text)
d = zlib.decompressobj()
pieces, rest = [], packed
while rest and not d.eof:
    pieces.append(d.decompress(rest, 5000))
    rest = d.unconsumed_tail
print(len(pieces), {len(p) for p in pieces[:-1]}, b"".join(pieces) + d.flush() == text, d.eof, d.unconsumed_tail)
d = zlib.decompressobj()
print(len(d.decompress(packed, max_length=10)), len(d.unconsumed_tail) > 0, len(d.flush()), d.unconsumed_tail, d.eof)
d = zlib.decompressobj()
print(len(d.decompress(packed, 10)), attempt(d.flush, 0), attempt(d.flush, -5), attempt(d.flush, 1 << 70), len(d.flush(1)))
d = zlib.decompressobj()
print(attempt(d.decompress, packed, -1), attempt(d.decompress, packed, 1 << 70), attempt(d.decompress, packed, "a"), attempt(d.decompress, "a"))
print(attempt(setattr, d, "eof", True), attempt(setattr, d, "unused_data", b""), attempt(delattr, d, "unconsumed_tail"))
# The data ends exactly where the limit is.
d = zlib.decompressobj()
print(d.decompress(zlib.compress(b"12345") + b"tail", 5), d.eof, d.unused_data, d.unconsumed_tail, d.decompress(d.unconsumed_tail, 5), d.eof, d.unused_data, d.unconsumed_tail)

# What follows the data
d = zlib.decompressobj()
print(d.decompress(zlib.compress(b"one") + b"two"), d.eof, d.unused_data, d.unconsumed_tail)
print(d.decompress(b"three"), d.unused_data, d.unconsumed_tail, d.flush(), d.unused_data)
d = zlib.decompressobj()
print(d.decompress(zlib.compress(text)[:60])[:20], d.flush()[:20], d.eof, attempt(d.decompress, b"broken" * 20))
d = zlib.decompressobj()
print(attempt(d.decompress, b"no header"), d.unused_data, d.unconsumed_tail, d.eof, attempt(d.decompress, b"again"), d.unconsumed_tail)

# Dictionaries
words = b"alpha beta gamma\n"
for wbits in (15, -15):
    c = zlib.compressobj(wbits=wbits, zdict=words)
    packed = c.compress(b"gamma\nbeta alpha") + c.flush()
    print(len(packed), zlib.decompressobj(wbits=wbits, zdict=bytearray(words)).decompress(packed))
    for other in (b"", b"other"):
        print(attempt(zlib.decompressobj(wbits=wbits, zdict=other).decompress, packed))
    print(attempt(zlib.decompressobj(wbits=wbits).decompress, packed))
print(attempt(zlib.decompress, zlib.compress(b"")), attempt(zlib.compressobj, zdict=5), attempt(zlib.decompressobj, zdict=5), attempt(zlib.decompressobj, zdict=None))
print(type(attempt(zlib.compressobj, zdict=None)).__name__, attempt(zlib.compressobj, zdict="text"), attempt(zlib.compressobj, wbits=31, zdict=words))

# Copies
c = zlib.compressobj()
start = c.compress(text[:5000])
for other in (c.copy(), copy.copy(c), copy.deepcopy(c)):
    print(type(other).__name__, zlib.decompress(start + other.compress(b"other end") + other.flush())[-9:])
print(zlib.decompress(start + c.flush()) == text[:5000])
packed = zlib.compress(text)
d = zlib.decompressobj()
start = d.decompress(packed[:500], 100)
for other in (d.copy(), copy.copy(d), copy.deepcopy(d)):
    print(other.unconsumed_tail == d.unconsumed_tail, start + other.decompress(other.unconsumed_tail + packed[500:]) == text, other.eof, d.eof)

# As objects
for o in (c, d):
    print(type(o), type(o).__mro__, attempt(type(o)), attempt(pickle.dumps, o), [n for n in dir(o) if n not in dir(object) and n != "__module__"])
    print([type(getattr(type(o), n)).__name__ for n in dir(o) if n not in dir(object) and n != "__module__"])
    print(attempt(lambda: type("Derived", (type(o),), {})))
print(zlib.error, zlib.error.__mro__, zlib.__name__, zlib.__version__, zlib.ZLIB_VERSION.split(".")[0])
print({n: getattr(zlib, n) for n in dir(zlib) if n.isupper() or n.startswith("Z_") if isinstance(getattr(zlib, n), int)})
for f in (zlib.compress, zlib.decompress, zlib.compressobj, zlib.decompressobj, zlib.crc32, zlib.adler32, c.flush, d.flush, d.decompress):
    print(f.__name__, " ".join(f.__text_signature__.split()))

# Threads: each with its own, and all with one.
results = []


def work(k):
    c = zlib.compressobj(k)
    packed = c.compress(noise * 3) + c.flush()
    results.append((k, zlib.crc32(zlib.decompress(packed))))


threads = [threading.Thread(target=work, args=(k,)) for k in range(1, 7)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(results) == [(k, zlib.crc32(noise * 3)) for k in range(1, 7)])
shared, out = zlib.compressobj(1), []
threads = [threading.Thread(target=lambda: out.append(len(shared.compress(b"\0" * 100_000)))) for _ in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(out), len(shared.flush()) > 0)

# Many that nobody ends
for _ in range(3000):
    zlib.compressobj().compress(b"abc")
    zlib.decompressobj().decompress(packed[:100])
print("done")
