"""Classes that a metaclass of C code refuses after it has set attributes of them leave nothing behind: their memory is soon
another class's."""
import ctypes
from ctypes import BigEndianStructure, LittleEndianStructure, POINTER, Structure, c_int, c_ubyte, c_uint32, c_void_p, c_wchar, cast


def refuse():
    for kind in c_wchar, c_void_p, POINTER(c_int):
        try:

            class Refused(BigEndianStructure):
                _fields_ = [("a", c_ubyte), ("x", kind)]

        except TypeError as e:
            yield str(e).split(":")[0]


print(*dict.fromkeys(refuse()), sep="\n")
for turn in range(10):
    refused = len(list(refuse()))
    for parent in BigEndianStructure, LittleEndianStructure, Structure:

        class Inner(LittleEndianStructure):
            _fields_ = [("x", c_uint32), ("y", c_uint32)]

        class Outer(parent):
            _fields_ = [("inner", Inner)]

        pointer = POINTER(Outer)
        made = cast(b"\1\0\0\0\2\0\0\0", pointer)
        print(turn, refused, type(made) is pointer, pointer.__name__, type(made[0]) is Outer, made[0].inner.x, made[0].inner.y)
        del ctypes._pointer_type_cache[Outer]
