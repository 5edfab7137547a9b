# amphis: --cpython=zlib,_queue
# Classes that derive from C types and say no more than __eq__: != is what == is not, for whichever side is asked.
import ctypes
import _queue
import zlib


class Pair(ctypes.Structure):
    _fields_ = [('x', ctypes.c_int)]


def tried(base):
    class Same(base):
        def __eq__(self, other):
            return True

    class Below(Same):
        pass

    class Odd(Same):
        def __ne__(self, other):
            return 'ne'

    class Unsaid(base):
        def __eq__(self, other):
            return NotImplemented
    a, b, c, d, e = Same(), Same(), Below(), Odd(), Unsaid()
    print(base.__name__, [a != b, a != c, c != a, c != c, a == c, d != a, a != d, a != 5, 5 != a, c != 5], [e != a, e != e, e != Unsaid(), e == e, e != 1])
    print(a in [1], [1].count(a), [b].index(a), (1, a) != (1, b), {1: a} != {1: b}, Same.__hash__)


for base in (object, Pair, ctypes.Structure, ctypes.c_int, _queue.SimpleQueue):
    tried(base)
