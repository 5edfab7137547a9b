# amphis: --cpython=zlib
"""The attributes of an exception class that C code has closed cannot be set; those of its subclasses and of other C classes can."""
import _ssl
import ssl
import zlib

for kind in _ssl.SSLError, ssl.SSLZeroReturnError, zlib.error, _ssl.MemoryBIO:
    try:
        kind.value = 3
        print(kind.__name__, kind.value)
        del kind.value
    except TypeError as e:
        print(kind.__name__, "immutable type" in str(e))


class Own(ssl.SSLError):
    pass


Own.value = 4
print(Own.value, Own("a", "b").args, hasattr(ssl.SSLError, "value"))
