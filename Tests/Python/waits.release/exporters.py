# Objects of C code that have a buffer and that nobody has any more are not in the way of what resizes or ends it.
import array
import ctypes
import io
import mmap


def tried(f):
    try:
        f()
        print('done')
    except BufferError as e:
        print('BufferError', e)


b = bytearray(8)
c = (ctypes.c_char * 8).from_buffer(b)
tried(lambda: b.extend(b'x'))
del c
tried(lambda: b.extend(b'x'))


def within(owner, n):
    x = (ctypes.c_char * n).from_buffer(owner)
    x[0] = b'q'
    return x[:2]


print(within(b, 9))
tried(b.clear)
a = array.array('d', [1, 2])
within(a, 16)
tried(lambda: a.append(3.0))
s = io.BytesIO(b'12345678')
within(s.getbuffer(), 8)
tried(lambda: s.write(bytes(20)))
m = mmap.mmap(-1, 100)
within(m, 100)
tried(m.close)
m = mmap.mmap(-1, 100)
kept = (ctypes.c_char * 100).from_buffer(m)
tried(m.close)
del kept
# The native stack is scanned conservatively: where the call that made the dead object has left it, another call leaves another one.
print(within(bytearray(3), 3))
tried(m.close)
v = memoryview(bytearray(4))
within(v, 4)
tried(v.release)
