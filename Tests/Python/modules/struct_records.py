# `struct.iter_unpack` holds the buffer that it reads.
import array
import gc
import struct

buffer = bytearray(b"abcdef")
it = struct.iter_unpack("2s", buffer)
print(next(it), it.__length_hint__())
buffer[2:4] = b"XY"
for change in (lambda: buffer.append(1), lambda: buffer.clear(), lambda: buffer.extend(b"12"), lambda: buffer.__delitem__(slice(0, 2))):
    try:
        change()
        print("changed")
    except BufferError as e:
        print("BufferError", e)
print(next(it), list(it), it.__length_hint__(), next(it, None))
buffer.append(1)
print(buffer)
it = struct.Struct("c").iter_unpack(buffer)
print(next(it))
del it
gc.collect()
buffer.append(2)
print(buffer, list(struct.iter_unpack("<H", array.array("H", [1, 2, 3]))))
view = memoryview(bytearray(b"12345678"))
it = struct.iter_unpack("4s", view[::1])
print(next(it), list(struct.iter_unpack("2s", view)), next(it), next(it, "end"))
for bad in (view[::2], b"123", "x", 5, memoryview(b"abc")):
    try:
        print(list(struct.iter_unpack("2s", bad)))
    except (struct.error, TypeError, BufferError) as e:
        print(type(e).__name__, e)
view.release()
print(list(struct.iter_unpack("2s", b"")), list(struct.iter_unpack("2s", bytearray())), list(struct.iter_unpack("b", b"\x01\xff")))
a = bytearray(4)
try:
    struct.iter_unpack("3s", a)
except struct.error as e:
    print(e)
a.append(1)
print(a)
