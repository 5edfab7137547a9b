# Small things that CPython's tests look at.
import os
import sys
import time
import warnings


class Hashed(int):
    count = 0

    def __hash__(self):
        Hashed.count += 1
        return int.__hash__(self)


d = dict.fromkeys(map(Hashed, range(10)))
dict.fromkeys(frozenset(d))
set(d).difference(d)
print(Hashed.count)


def f(*args, **kwargs):
    pass


for call in "f(**{1: 3}, **{1: 5})", "f(**{'a': 1}, **{'a': 2})", "dict(**{1: 2}, **{1: 3})", "print >> 3", "print << 3":
    try:
        eval(call)
    except TypeError as e:
        print(e)


class NoInstance(Exception):
    def __new__(cls, *args):
        return cls


def generator():
    try:
        yield
    except TypeError as e:
        print(e)
        yield "caught"


g = generator()
next(g)
print(g.throw(NoInstance))


class Broken:
    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def __getattr__(self, name):
        1 / 0


def delegating():
    yield from Broken()


sys.unraisablehook = lambda u: print("unraisable", u.exc_type.__name__)
g = delegating()
next(g)
g.close()
sys.unraisablehook = sys.__unraisablehook__

for make in (lambda: type("A\udcdc", (), {}), lambda: type("A", (), {"__doc__": "\udcdc"}), lambda: setattr(f.__class__, "x", 1)):
    try:
        make()
    except Exception as e:
        print(type(e).__name__)
print(os.DirEntry[int], os.stat_result.__match_args__)
text = "abc"
print(text.__getnewargs__()[0] is text)
for n in sys.maxsize, sys.maxsize // 2:
    try:
        "ab" * n
    except (MemoryError, OverflowError) as e:
        print(type(e).__name__)


class Slots(bytearray):
    __slots__ = ("x", "__dict__")


s = Slots(b"ab")
s.x, s.y = 1, 2
print(s.__reduce_ex__(4))


class Other(bytes):
    pass


class HasBytes:
    def __bytes__(self):
        return Other(b"abc")


print(type(bytes(HasBytes())).__name__)


class Float(str):
    def __float__(self):
        return 9.0


print(float(Float("8")))


class Lists:
    def __init__(self, other):
        self.other = other

    def __eq__(self, other):
        self.other.clear()
        return NotImplemented


a, b = [], []
a.append(Lists(b))
b.append(Lists(a))
print(a == b)


class Mapping(dict):
    def keys(self):
        return list("xyz")


print(eval("dir()", {}, Mapping()))
try:
    warnings.warn_explicit("m", UserWarning, "file", 1, module_globals=True)
except TypeError as e:
    print(e)
with warnings.catch_warnings(record=True) as w:
    warnings.resetwarnings()
    warnings.filterwarnings("once", category=UserWarning)
    for line in 1, 2, 3:
        warnings.warn_explicit("again", UserWarning, "file", line)
    print(len(w))
try:
    time.struct_time("123456789", dict=None)
except TypeError as e:
    print("TypeError")
seen = []


def watched(array):
    for i in range(3):
        yield i
        seen.append(len(array))


array = bytearray()
array.__init__(watched(array))
print(seen)
