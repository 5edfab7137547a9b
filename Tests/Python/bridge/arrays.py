# amphis: --cpython=zlib,_queue
# array.array: every type code, slices, buffers, text, files, pickles, and what C code sees of one.
import array, copy, io, pickle, struct, sys
from array import array as A

def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)

for code in array.typecodes:
    for v in (-1, 127, 128, 255, 256, 2**15, 2**16, 2**31, 2**32, -2**31 - 1, 2**63, 2**64, -2**63 - 1, 2**100, 1.5, "x", None, True):
        print(code, attempt(A, code, [v]))
    b = A(code, "ab" if code == "u" else [1, 2])
    print([b.__reduce_ex__(p)[1:] for p in (0, 2, 3)], pickle.loads(pickle.dumps(b)) == b, memoryview(b).format, b.itemsize)

for args in [("x",), ("i", "a"), (1,), ("i", 5), ("u", "abc"), ("i", b"1234"), ("i", b"123"), ("i", bytearray(8)), ("i", A("u", "abc")),
             ("i", A("h", [1, 2])), ("d", A("i", [1, 2])), ("i", {1: 2}), ("i", (1, 2)), ("u", b"abcd"), ("i", memoryview(b"12"))]:
    print(attempt(lambda: repr(A(*args))))

a = A("i", [1, 2, 3])
print(attempt(a.append, "x"), attempt(a.extend, A("h", [1])), attempt(a.fromlist, [1, "x"]), a)
a.extend(a)
a.insert(1, 9)
a.insert(-100, 8)
a.insert(100, 7)
print(a, a.pop(), a.pop(0), a.index(2), a.count(3), 9 in a, attempt(a.remove, 99), attempt(A("i").pop))
print(a + A("i", [5]), a * 2, a * -1, a[1:3], a[::-2], a[-1], attempt(lambda: a[99]), attempt(lambda: a["x"]), attempt(lambda: a + [1]))

def change(key, value):
    b = A("i", range(8))
    b[key] = value
    return b
def drop(key):
    b = A("i", range(8))
    del b[key]
    return b
for key, value in [(0, 9), (-9, 1), (slice(1, 3), A("i", [7, 8, 9])), (slice(1, 3), [1]), (slice(1, 3), A("h", [1])), (slice(0, 8, 2), A("i", [7] * 4)),
                   (slice(0, 6, 2), A("i", [7])), (slice(5, 1), A("i", [9])), (slice(None, None, -1), A("i", range(8))), (1.5, 2)]:
    print(attempt(change, key, value))
for key in [0, -1, 10, slice(1, 3), slice(0, 8, 2), slice(None, None, -3), slice(5, 2)]:
    print(attempt(drop, key))

nan = A("d", [float("nan")])
print(nan == nan, A("i", [1, 2]) < A("d", [1, 3]), A("i", [1]) == [1], A("u", "ab") == A("u", "ab"), A("B", [1]) != A("b", [1]))

f = io.BytesIO()
A("h", [1, 2, 3]).tofile(f)
f.seek(0)
b = A("h")
print(attempt(b.fromfile, f, 4), b, b.tobytes(), b.tolist())
b.byteswap()
b.reverse()
print(b, attempt(b.frombytes, b"1"), A("u", "\u4e00\U0001F600").tounicode(), attempt(A("u", b"\xff" * 4).tounicode))

m = memoryview(b)
print(attempt(b.append, 1), m[0], m.tolist())
m[0] = 5
m.release()
b.append(1)
print(b)
struct.pack_into("hh", b, 0, 1, 2)
print(b, struct.unpack_from("h", b, 2), bytes(A("B", [1, 2])), bytearray(A("h", [1])))

class S(A):
    pass
s = S("i", [1, 2])
s.x = 5
print(s, type(s[:]), type(s + s), type(copy.copy(s)), pickle.loads(pickle.dumps(s)).x)
for code, form, items in [("i", 5, b"1234"), ("l", 9, b"\0\0\0\7"), ("f", 15, b"\x3f\x80\0\0"), ("i", 13, b"\0" * 16), ("i", 50, b""), ("u", 18, "ab".encode("utf-16-le")),
                          ("i", 6, b"1"), ("x", 1, b"")]:
    print(attempt(array._array_reconstructor, A, code, form, items))

it = iter(A("i", [1, 2]))
print(next(it), it.__reduce__()[1:], list(it), it.__reduce__()[1:])
match A("i", [1, 2, 3]):
    case [x, *y]:
        print(x, y)

# C code has the memory itself, and the same object comes back.
import _queue, select, socket, zlib
q = _queue.SimpleQueue()
q.put(b)
print(q.get() is b, zlib.crc32(b) == zlib.crc32(b.tobytes()))
one, other = socket.socketpair()
room = A("i", [0] * 4)
one.sendall(A("i", [1, 2, 3, 4]))
print(other.recv_into(room), room)
one.close()
other.close()
import ctypes
c = (ctypes.c_int * 4).from_buffer(room)
c[1] = 99
print(room, attempt(room.append, 1))
del c

# The evaluator's own form, and what leaves it.
def total(a):
    t = 0
    for i in range(len(a)):
        t += a[i]
        a[i] = a[-1 - i]
    return t
print([total(A(code, [1, 2, 3])) for code in "bBhHiIlLqQfd"], total([1, 2, 3]), total(A("Q", [2**63, 1])), attempt(total, A("u", "ab")))
def store(a, v):
    for i in range(3):
        a[i] = v
    return a
print(store(A("B", bytes(3)), 7), attempt(store, A("B", bytes(3)), 256), store(A("d", [0] * 3), 7), store([0] * 3, 7), attempt(store, A("B"), 1))
