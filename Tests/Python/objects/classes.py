# Class creation, slots of classes, look-up and instance attributes.
import abc, weakref, gc

class Meta(type):
    def mro(cls):
        return type.mro(cls)

class A(metaclass=Meta):
    def f(self): return "A.f"

print(sorted(k for k in A.__dict__ if not k.startswith("__")))

class Base:
    def __init_subclass__(cls, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.tag = tag

class Sub(Base, tag="t"): pass
print(Sub.tag, Sub.__mro__)

class Number:
    def __init__(self, n): self.n = n
    def __add__(self, other): return ("add", self.n)
    def __radd__(self, other): return ("radd", self.n)
print(Number(1) + 2, 2 + Number(3))
Number.__add__ = lambda self, other: "patched"
print(Number(1) + 2)
del Number.__add__
try:
    Number(1) + 2
except TypeError as e:
    print(e)

class Slotted:
    __slots__ = ("a", "__private")
    def __init__(self): self.__private = 1
s = Slotted()
print(hasattr(s, "a"), s._Slotted__private, hasattr(s, "__dict__"))

class P:
    @property
    def x(self): return self._x
    @x.setter
    def x(self, v): self._x = v
p = P()
p.x = 4
print(p.x, vars(p))
try:
    del p.x
except AttributeError as e:
    print(e)

class Abstract(abc.ABC):
    @abc.abstractmethod
    def f(self): ...
try:
    Abstract()
except TypeError as e:
    print(e)
Abstract.register(int)
print(isinstance(3, Abstract), issubclass(str, Abstract))

o = P()
r = weakref.ref(o)
print(r() is o)
del o
gc.collect()
print(int | None, list[int], dict[str, list[int]].__args__)
print(isinstance(1, int | str), issubclass(bool, int | None))
g = ExceptionGroup("g", [ValueError(1), TypeError(2), ExceptionGroup("h", [ValueError(3)])])
print(g.split(ValueError))
for i in range(200):
    setattr(p, "a%d" % i, i)
print(p.a0, p.a199, len(p.__dict__))
