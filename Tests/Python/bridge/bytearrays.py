# amphis: --cpython=zlib,_queue,_socket
# A bytearray is a real one for C code, and its bytes are the same memory on both sides.
import _queue, array, ctypes, gc, socket, binascii, zlib

b = bytearray(b"abcd")
print(array.array("B", b), array.array("H", bytearray(b"\1\0\2\0")), binascii.hexlify(b), zlib.crc32(b))
q = _queue.SimpleQueue()
q.put(b)
b += b"efgh" * 100
b[0] = 65
got = q.get()
print(got is b, len(b), bytes(array.array("B", b))[:6])
del b[:4]
print(bytes(array.array("B", b))[:6], len(array.array("B", b)))
b.clear()
print(array.array("B", b), zlib.crc32(b))
b.extend(range(5))
print(array.array("B", b))

# A buffer that C code has forbids a change of size, no longer than it lasts.
c = (ctypes.c_char * 3).from_buffer(b)
c[0] = b"z"
print(b[0])
try:
    b.append(1)
except BufferError as e:
    print(e)
b[1] = 7
print(c[1])
del c
gc.collect()
b.append(9)
print(b)

one, two = socket.socketpair()
one.send(b"hello world")
room = bytearray(5)
print(two.recv_into(room), room, two.recv_into(memoryview(room)[2:]), room)
one.close()
two.close()

class Mine(bytearray):
    pass

m = Mine(b"xyz")
q.put(m)
print(q.get() is m, array.array("B", m))
for i in range(3000):
    x = bytearray(i % 50)
    q.put(x)
    x.append(1)
    assert q.get() is x and len(array.array("B", x)) == i % 50 + 1
    if i % 1000 == 0:
        gc.collect()
q.put(bytearray(b"kept"))
gc.collect()
print(q.get())
