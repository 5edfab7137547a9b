# C code knows its objects by their addresses: `id` and default hashes are those.
import ctypes, decimal
from ctypes import POINTER, Structure, c_char, c_char_p, c_int, cast, pointer

incomplete = POINTER("cell")
print(id(incomplete) in ctypes._pointer_type_cache)


class Cell(Structure):
    pass


Cell._fields_ = [("name", c_char_p), ("next", incomplete)]
ctypes.SetPointerType(incomplete, Cell)
a, b = Cell(), Cell()
a.name, b.name = b"a", b"b"
a.next, b.next = pointer(b), pointer(a)
print(a.next[0].name, a.next[0].next[0].name, id(incomplete) in ctypes._pointer_type_cache)

array = (c_char_p * 3)()
array[0] = b"text"
p = cast(array, POINTER(c_char_p))
print(id(array) in p._objects, id(array) == id(array))


class H:
    def __hash__(self):
        return 42


class D(decimal.Decimal, H):
    pass


for cls in (decimal.Decimal, D):
    value = cls("NaN")
    print(hash(value) == object.__hash__(value), hex(id(array)) in object.__repr__(array))

# A metaclass of ctypes without a base of its.
meta = type(Structure)
for fields in ([("a", ctypes.c_wchar, 1)], [("a", c_char_p, 1)], [("a", c_int, 0)], [("a", c_int, 33)], [("a", c_char, 1)], 5):
    try:
        print(meta("X", (), {"_fields_": fields}).__name__)
    except Exception as e:
        print(type(e).__name__, e)
