"""What is lost when objects cross between the two heads: run it with `amphis --warn-lossy examples/lossy.py`.

The losses are reported on standard error, each with its line; what is printed is the same on every Python. Every kind that can be
triggered is here, beside what looks alike and loses nothing. L1, a changed value, does not happen.
"""
import array
import ctypes
import queue
import zlib

try:
    from amphis import copy
except ImportError:  # another Python: nothing is ever lost there

    def copy(x):
        return x


class Tags(frozenset):
    """A subclass whose class C code does not keep."""


class Stack(list):
    """A subclass of a mutable container."""


class Key:
    """A key that changes while it is in use."""

    def __init__(self, name):
        self.name = name

    def __eq__(self, other):
        return self.name == other.name

    def __hash__(self):
        return hash(self.name)


fifo = queue.SimpleQueue()

# L2: the class. An exact copy says that it does not matter.
fifo.put(Tags({"red"}))
fifo.put(copy(Tags({"red"})))
print("L2", fifo.get() == fifo.get())

# L3: identity. C code that takes a tuple apart gets a copy of the text; passed alone or in a list, it stays the same object.
text = " ".join(["a", "text", "made", "here"])
extend = ctypes.pythonapi.PyList_SetSlice
extend.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.py_object]
kept = ctypes.py_object([])
extend(kept, 0, 0, (text,))
print("L3", kept.value[0] == text)
fifo.put(text)
fifo.put([text])
print("  ", fifo.get() is text, fifo.get()[0] is text)

# L4: later changes. Exact lists are shared.
stack, shared = Stack([1]), [1]
fifo.put(stack)
fifo.put(shared)
shared.append(2)
print("L4", len(fifo.get()), len(fifo.get()))

# L5: keys that have become equal.
one, two = Key("one"), Key("two")
names = {one: 1, two: 2}
fifo.put(dict(names))
two.name = "one"
fifo.put(names)
print("L5", len(fifo.get()) >= 1, fifo.get() is names)

# L6: C code that has a form for its own bytearray takes another way; what reads any buffer reads ours in place.
print("L6", array.array("B", bytearray(b"abc")).tolist(), zlib.crc32(bytearray(b"abc")))

# L7: variables of Python that libpython itself ran; the traceback shows its lines.
run = ctypes.pythonapi.PyRun_String
run.restype = ctypes.py_object
run.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object]
try:
    run(b"def f():\n  return 1 / 0\nf()", 257, {}, {})
except ZeroDivisionError as error:
    print("L7", error)
try:
    zlib.decompress(b"")
except zlib.error as error:
    print("  ", error)
