# A class that a metaclass in C refuses after it has seen it leaves nothing behind: what is made next may lie at its address.
import ctypes
import gc
from ctypes import BigEndianStructure, POINTER, Structure, c_uint32, c_void_p, cast

refused = 0
right = 0
for i in range(40):
    for base in (Structure, BigEndianStructure):
        for bad in (5, "no", ("x",), ("x", 7), ("x", POINTER(c_uint32), 3), (3, c_uint32)):
            try:
                class T(base):
                    _fields_ = [("a", c_uint32), bad]
            except (TypeError, ValueError, IndexError):
                refused += 1
            try:
                class T(BigEndianStructure):
                    _fields_ = [("a", c_uint32), ("b", c_void_p), ("c", POINTER(c_uint32))]
            except TypeError:
                refused += 1

        class Inner(Structure):
            _fields_ = [("x", c_uint32), ("y", c_uint32)]

        class Outer(Structure):
            _fields_ = [("point", Inner)]

        pointer = POINTER(Outer)
        s = cast(b"\1\0\0\0\2\0\0\0", pointer)[0]
        del ctypes._pointer_type_cache[Outer]
        right += (s.point.x, s.point.y) == (1, 2)
    if i % 10 == 0:
        gc.collect()
print(refused, right)
