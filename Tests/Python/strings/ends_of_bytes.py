# Ends of large bytes share their memory; slices of a bytearray that only `bytes` gets are made as bytes.
import binascii
import gc
import hashlib
import pickle
import zlib

data = bytes(range(256)) * 1024  # 256 KiB


def digest(b):
    return hashlib.md5(b).hexdigest()[:8], zlib.crc32(b), hash(b) == hash(bytes(bytearray(b))), len(b), type(b)


for start in (0, 1, 17, 1000, 100_000, 131_071, 131_072, 131_073, 200_000, 262_143, 262_144, 262_145, -1, -70_000, -140_000):
    end = data[start:]
    print(start, digest(end), end == bytes(bytearray(data)[start:]), end[-3:], end[:3], end.find(b"\xff"), end[slice(5, None)] == data[start:][5:])

# Ends of ends, while everything else goes; each is what it was.
rest, ends = bytes(range(251)) * 2000, []
whole = rest
while rest:
    ends.append(rest)
    rest = rest[12_345:]
gc.collect()
junk = [bytes([i % 251]) * 100_000 for i in range(200)]
print(len(ends), all(e == whole[i * 12_345 : len(whole)] for i, e in enumerate(ends)))
del whole, ends[:-30], rest
gc.collect()
junk = [bytes([i % 251]) * 100_000 for i in range(200)]
print([zlib.crc32(e) for e in ends[:5]], sum(map(len, ends)))
first = ends[0]
view = memoryview(first)
print(view[-1], view.nbytes, bytes(view[:2]), view.readonly)
print(pickle.loads(pickle.dumps(first)) == first, pickle.loads(pickle.dumps(first, 5)) == first)
print(first + b"x" == bytes(bytearray(first) + b"x"), (first * 2)[len(first) :] == first, first.upper()[:4], first in [first], {first: 1}[bytes(bytearray(first))])
print(binascii.hexlify(first)[-6:], int.from_bytes(first[-4:], "big"), first.endswith(data[5:]), data.endswith(data[100:]))
print(zlib.decompress(zlib.compress(first[3:])) == first[3:])


class Own(bytes):
    pass


own = Own(data)
print(type(own[5:]), own[5:] == data[5:], type(own[:]), own[100:][100:] == data[200:])
target = bytearray()
target.extend(data[10_000:])
target += data[100_000:]
print(len(target), zlib.crc32(target))


# What only `bytes` gets
def taken(buffer, n):
    return bytes(buffer[:n])


for n in (0, 1, 2, 100, 70_000, 10**6, -1, None):
    buffer = bytearray(data[:80_000])
    part = taken(buffer, n)
    del buffer[:n]
    print(n, type(part), len(part), part == data[:80_000][:n], len(buffer))


def shown(buffer):
    seen = []
    part = bytes(seen.append(buffer[1:3]) or buffer[1:3])
    return part, seen


def others(buffer, bytes):
    return bytes(buffer[1:4])


def named(buffer):
    if isinstance(buffer, str):
        return bytes(buffer[1:4], "latin-1")
    return [bytes(buffer[1:4]), bytes(x for x in buffer[1:4]), bytes(*[buffer[1:4]]), bytes(source=buffer[1:4]) if gc is None else 0]


for _ in range(3):
    b = bytearray(b"abcdef")
    print(shown(b), others(b, type), others(b, bytearray), others(b, lambda x: x), others(b, bytes), named(b), named("abcdef"))


class Sub(bytearray):
    pass


print(bytes(Sub(b"abcdef")[1:4]), type(Sub(b"abc")[1:]), bytes(memoryview(b"abcdef")[1:4]), bytes([1, 2, 3][1:]), bytes((1, 2, 3)[:2]))


def often(f, buffer):
    for _ in range(5000):
        r = f(buffer[1:3])
    return type(r), r


print(often(bytes, bytearray(b"abcd")), often(bytearray, bytearray(b"abcd")), often(type, bytearray(b"abcd")), often(bytes, b"abcd"))
