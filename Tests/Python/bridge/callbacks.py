# amphis: --cpython=zlib
# A callback during a call sees the container as C code has it, and C code sees what the callback does.
import csv, functools, io, json, queue, sqlite3, sys, threading, zlib, _bisect, xml.parsers.expat
import array, ctypes

# ctypes gives us C code that changes a list and calls us: PyList_Sort with keys of ours.
api = ctypes.pythonapi
api.PyList_Append.argtypes = [ctypes.py_object, ctypes.py_object]
api.PyList_Append.restype = ctypes.c_int


class Key:
    seen = []

    def __init__(self, n, owner):
        self.n, self.owner = n, owner

    def __lt__(self, other):
        Key.seen.append(len(self.owner))
        return self.n < other.n


api.PyList_Sort.argtypes = [ctypes.py_object]
api.PyList_Sort.restype = ctypes.c_int
keys = []
keys += [Key(n, keys) for n in (3, 1, 2)]
print(api.PyList_Sort(keys), [k.n for k in keys], set(Key.seen))  # empty while it is sorted


class Growing:
    def __init__(self, owner):
        self.owner = owner

    def __repr__(self):
        self.owner["grown"] = 1
        return "G"


d = {}
d["g"] = Growing(d)
api.PyObject_Repr.argtypes = [ctypes.py_object]
api.PyObject_Repr.restype = ctypes.py_object
try:
    print(api.PyObject_Repr(d)[:8])
except RuntimeError as e:
    print("RuntimeError", e)
print(sorted(d))


class Eq:
    def __init__(self, owner, n):
        self.owner, self.n = owner, n

    def __eq__(self, other):
        self.owner.append(self.n)
        return False


items = [0]
items.append(Eq(items, 7))
api.PySequence_Contains.argtypes = [ctypes.py_object, ctypes.py_object]
print(api.PySequence_Contains([Eq(items, 5)], object()), items[2:])


# Threads that cross at once with one list: no change is lost.
total = []
gate = threading.Barrier(8)


def work(k):
    gate.wait()
    for i in range(50):
        api.PyList_Append(total, (k, i))


threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
print(len(total), sorted(total) == [(k, i) for k in range(8) for i in range(50)])
# An exception in a callback goes through.
db = sqlite3.connect(":memory:")
db.create_function("f", 1, lambda x: [1][x])
try:
    db.execute("select f(3)").fetchall()
except sqlite3.OperationalError as e:
    print(e)

# An exception in a callback of C's is told to sys.unraisablehook in the type that Python's own are.
import ctypes, sys


def told(u):
    print(type(u).__name__, u.exc_type.__name__, u.exc_value, u.exc_traceback is not None, u.err_msg, callable(u.object))


callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_int)(lambda n: 1 // n)
sys.unraisablehook = told
print(callback(1))
callback(0)
