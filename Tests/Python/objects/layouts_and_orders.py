# `__class__` assignment by slots, `__dict__` of builtin bases, `__bases__` while `mro` runs, members of builtin types.
import types


def attempt(function):
    try:
        return function()
    except Exception as e:
        return type(e).__name__, str(e)


class C0: pass
class D0: pass
class G: __slots__ = ["a", "b"]
class H: __slots__ = ["b", "a"]
class I: __slots__ = ["a", "b"]
class J: __slots__ = ["c", "b"]
class K: __slots__ = ["a", "b", "d"]
class L(H): __slots__ = ["e"]
class M(I): __slots__ = ["e"]
class N(J): __slots__ = ["__weakref__"]
class P(J): __slots__ = ["__dict__"]
class Q(J): pass
class R(J): __slots__ = ["__dict__", "__weakref__"]
class S(G): __slots__ = ()


classes = [C0, D0, G, H, I, J, K, L, M, N, P, Q, R, S]
for a in classes:
    row = ""
    for b in classes:
        x = a()
        try:
            x.__class__ = b
            row += "+"
        except TypeError:
            row += "."
    print(a.__name__, row)
g = G()
g.a = 1
g.__class__ = H
print(g.a)


# A builtin base with a dict of its own decides about `__dict__`.
class Base: pass
class M1(type, Base): pass
class M2(Base, type): pass
class D(object, metaclass=M1): pass
class E(object, metaclass=M2): pass
class Mod1(types.ModuleType, Base): pass
class Mod2(Base, types.ModuleType): pass
class Ex1(Exception, Base): pass
class Ex2(Base, Exception): pass


d = Base.__dict__["__dict__"]
for x in (D, E, Mod1("a"), Mod2("b"), Ex1(), Ex2(), Base(), 5):
    print(
        type(x).__name__, attempt(lambda: setattr(x, "__dict__", {})), attempt(lambda: delattr(x, "__dict__")),
        attempt(lambda: d.__set__(x, {})), attempt(lambda: d.__delete__(x)), attempt(lambda: type(d.__get__(x)).__name__))


# `mro` of a metaclass assigns bases.
class Meta(type):
    ready = None

    def mro(cls):
        if Meta.ready:
            Meta.ready(cls)
        return type.mro(cls)


class A(metaclass=Meta): pass
class B1(A): pass
class B2(A): pass
class C(A): pass


def again(cls):
    if cls is C and C.__bases__ != (B2,):
        C.__bases__ = (B2,)
        raise KeyError


Meta.ready = again
print(attempt(lambda: setattr(C, "__bases__", (B1,))), C.__bases__)
Meta.ready = None
B1.__bases__ = (C,)
print(C.__bases__, C.__mro__ == tuple(type.mro(C)), [c.__name__ for c in B1.__mro__])


class A(metaclass=Meta): pass
class B1(A): pass
class B2(A): pass


def cycle(cls):
    if cls is B1:
        B2.__bases__ = (B1,)
    if cls is B2:
        B1.__bases__ = (B2,)


Meta.ready = cycle
print(attempt(lambda: setattr(B1, "__bases__", B1.__bases__ + ())))
Meta.ready = None
print(B1.__bases__, B2.__bases__, [c.__name__ for c in B1.__mro__])


class Odd(type):
    def mro(cls):
        return (Base, object)


print(attempt(lambda: Odd("Odd", (), {})))

# Fields that are no references are members all the same.
import datetime

for member in (complex.real, complex.imag, datetime.timedelta.days, datetime.timedelta.seconds, types.ModuleType.__dict__["__dict__"]):
    print(type(member).__name__, member.__name__, member.__doc__, repr(member))
print(attempt(lambda: complex.real.__set__(1j, 2)), complex.imag.__get__(1j), datetime.timedelta(3).days)
print(attempt(lambda: setattr(types, "__dict__", {})))

# A starred alias goes through pickle and copy; its iterator too.
import copy
import pickle

for alias in (*tuple[int, ...], *tuple[int, str], list[*tuple[int, ...]]):
    for protocol in range(6):
        assert pickle.loads(pickle.dumps(alias, protocol)) == alias, alias
    print(alias, copy.copy(alias) == alias, copy.deepcopy(alias) == alias)
it = iter(tuple[int])
print(type(it), it.__reduce__()[1], list(it), list(it))

# The shared weak reference stands first whatever came before it.
import weakref


class Ref(weakref.ref): pass


o = Base()
r1 = Ref(o)
p1 = weakref.proxy(o)
r2 = weakref.ref(o)
r3 = Ref(o)
r4 = weakref.ref(o, print)
refs = weakref.getweakrefs(o)
print(refs[0] is r2, refs[1] is p1, weakref.ref(o) is r2, weakref.proxy(o) is p1, len(refs))

# Functions made without `__builtins__` in their globals have their maker's.
namespace = {"type": type, "__builtins__": {"None": None, "name": 1}}
exec("def f(): pass\ng = type(f)(f.__code__, {})", namespace)
print(namespace["g"].__builtins__ is namespace["__builtins__"], "__builtins__" in namespace["g"].__globals__)


# A docstring that begins with a signature gives it.
class Signed(object):
    """Signed(raw, size=SIZE)\n--\n\nText."""


SIZE = 3


class Derived(Signed):
    """doc"""


import inspect

print(repr(Signed.__text_signature__), repr(Derived.__text_signature__), inspect.signature(Derived), repr(Signed.__doc__))
