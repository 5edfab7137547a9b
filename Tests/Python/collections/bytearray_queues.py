# Large bytearrays that grow, are emptied from their front and are viewed meanwhile.
import hashlib


def digest(b):
    return hashlib.md5(b).hexdigest()[:8]


queue = bytearray()
fed = bytearray()
taken = hashlib.md5()
for turn in range(60):
    chunk = bytes((turn * 7 + k * 13) & 255 for k in range(997)) * (50 + turn % 7 * 40)
    queue.extend(chunk)
    fed += chunk
    if turn % 3:
        n = len(queue) * (turn % 5) // 4
        taken.update(bytes(queue[:n]))
        del queue[:n]
taken.update(queue)
print(len(fed), taken.hexdigest() == hashlib.md5(fed).hexdigest())

# A view keeps the storage where it is.
b = bytearray(range(256)) * 1000
view = memoryview(b)[1000:5000]
for change in (lambda: b.extend(b"x" * 300000), lambda: b.__delitem__(slice(0, 200000)), b.clear):
    try:
        change()
        print("changed")
    except BufferError as e:
        print("BufferError", e)
print(digest(view), len(b))
view.release()
b.extend(b"x" * 300000)
del b[:500000]
print(len(b), digest(b))

# Into itself, and out of itself.
b = bytearray(b"0123456789" * 20000)
b.extend(b[5:100000])
b[10:20] = b
print(len(b), digest(b))
b *= 3
del b[:len(b) - 7]
print(bytes(b))
others = [bytearray(b"%06d" % i * 20000) for i in range(20)]
for i, o in enumerate(others):
    o.extend(others[(i + 1) % 20][:70000])
    del o[:100000]
print([digest(o) for o in others][:4], sum(map(len, others)))
it = iter(others[3])
next(it)
others[3].extend(b"y" * 500000)
print(next(it), sum(1 for _ in it))
