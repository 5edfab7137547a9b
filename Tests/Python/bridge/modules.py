# amphis: --cpython=zlib,grp,_socket
# Modules of CPython's look like any other, and what either side sets on them is seen by both.
import array
import collections.abc
import grp
import inspect
import sys
import types
import zlib

print(zlib, type(zlib) is types.ModuleType)
print(zlib.crc32, isinstance(zlib.crc32, types.BuiltinFunctionType), inspect.isbuiltin(zlib.crc32))
print(zlib.crc32.__self__ is zlib, zlib.crc32.__module__, zlib.crc32.__qualname__, zlib.crc32.__text_signature__)
print(zlib.crc32 is zlib.crc32, zlib.crc32 == zlib.adler32)
compress = zlib.compressobj().compress
print(isinstance(compress, types.BuiltinFunctionType), inspect.isbuiltin(compress), repr(compress).split(" at ")[0], compress.__qualname__)

zlib.marker = [1]
print(zlib.marker, zlib.__dict__["marker"] is zlib.marker, "marker" in dir(zlib))
del zlib.marker
print(hasattr(zlib, "marker"))
try:
    zlib.no_such_name
except AttributeError as e:
    print(e)

# An import that C code makes is answered with our module: `array` registers its type with our MutableSequence.
print(isinstance(array.array("i"), collections.abc.MutableSequence))

# C code sees what was set: _csv reads field_size_limit from its module's state, _socket.getfqdn is Python's.
import _csv

print(_csv.field_size_limit(1000), _csv.field_size_limit(131072))

# Struct sequences are tuples.
g = grp.getgrgid(0)
print(isinstance(g, tuple), len(g), g[0], g.gr_name, g == tuple(g), type(g).__mro__[1:])
print(g, hash(g[:3]) == hash(tuple(g)[:3]), [*g][:3])
name, *rest = g
print(name, grp.struct_group(("a", "b", 1, [])), type(g).n_fields)
print(sys.modules["grp"] is grp)
import _hashlib

for cls in [_hashlib.HASH, type(zlib.compressobj()), grp.struct_group]:
    try:
        cls.attribute = 1
    except TypeError as e:
        print(e)
