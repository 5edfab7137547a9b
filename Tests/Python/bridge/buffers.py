# amphis: --cpython=zlib
# Memory is shared both ways, never copied; views end in any order; nothing is resized under a view.
import array, ctypes, io, mmap, os, select, socket, struct, tempfile, zlib


def fails(f, *errors):
    try:
        f()
    except errors as e:
        return type(e).__name__
    return "no error"


# CPython's exporters, our views.
a = array.array("i", range(6))
v, w = memoryview(a), memoryview(a)
print(v.format, v.itemsize, v.shape, v.strides, v.nbytes, v.readonly)
v[2] = 99
print(a.tolist(), w[2])
print(fails(lambda: a.append(1), BufferError))
v.release()  # the first view ends before the second
print(fails(lambda: a.append(1), BufferError))
w.release()
a.append(7)
print(a.tolist())

views = [memoryview(a) for _ in range(5)]
for k in (2, 0, 4, 1, 3):
    print(fails(lambda: a.append(1), BufferError), end=" ")
    views[k].release()
print(fails(lambda: a.append(8), BufferError), len(a))
with memoryview(a) as m:
    s = m[1:3]
    print(s.tolist(), m.cast("B")[:4].tolist())
    s.release()

# Our exporters, CPython's views.
b = bytearray(8)
struct.pack_into("<I", b, 2, 0xDEADBEEF)
print(b)
c = (ctypes.c_uint16 * 4).from_buffer(b)
c[0] = 0x4142
print(b, fails(lambda: b.append(1), BufferError), fails(lambda: b.extend(b"12"), BufferError), fails(b.clear, BufferError))
b[1] = 0x43
print(hex(c[0]))
del c
import gc

gc.collect()
print(fails(lambda: b.append(1), BufferError), len(b))
print(fails(lambda: (ctypes.c_char * 4).from_buffer(b"abcd"), TypeError))

# Formats and shapes cross too.
m = memoryview(bytearray(range(16))).cast("I")
n = memoryview(bytearray(range(12))).cast("B", (3, 4))
print(array.array("I", m).tolist() == m.tolist(), ctypes.sizeof((ctypes.c_char * 12).from_buffer(n)))
pair = (ctypes.c_int * 3 * 2)()
p = memoryview(pair)
print(p.format, p.shape, p.strides, p.ndim, p.nbytes)
pair[1][2] = 5
print(p.tobytes()[-4:], bytes(p) == bytes(pair))
p.release()

# readinto, recv_into, mmap.
with tempfile.TemporaryFile(buffering=0) as f:
    f.write(b"0123456789")
    f.flush()
    buffer = bytearray(6)
    view = memoryview(buffer)
    f.seek(0)
    print(f.readinto(view[1:4]), buffer)
    with mmap.mmap(f.fileno(), 10) as mm:
        mm[0:3] = b"abc"
        with memoryview(mm) as mv:
            print(mv[:4].tobytes(), mv.readonly, fails(mm.close, BufferError))
            mv[9] = 90
        print(mm[:], mm.find(b"Z"))
    arr = array.array("h", bytes(8))
    f.seek(2)
    print(f.readinto(arr), arr.tolist())
x, y = socket.socketpair()
with x, y:
    x.sendall(b"through a socket")
    target = bytearray(b"." * 12)
    with memoryview(target) as tv:
        print(y.recv_into(tv[2:9]), target, fails(lambda: target.append(1), BufferError))
    got = array.array("B", bytes(4))
    print(y.recv_into(got), got.tolist())
    print(x.send(memoryview(b"abcdef")[::1]), y.recv(3))
print(zlib.crc32(memoryview(b"abcdef")[1:4]) == zlib.crc32(b"bcd"), fails(lambda: zlib.crc32(memoryview(b"abcdef")[::2]), BufferError))
z = zlib.compress(bytearray(b"x" * 100))
print(zlib.decompress(memoryview(z)) == b"x" * 100)
print(io.BytesIO(array.array("B", b"abc")).getvalue(), b"".join([array.array("B", b"x"), memoryview(b"y")]))
