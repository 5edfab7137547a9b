# Sites that learn what attributes are: what they have learnt must not outlive it.
import collections
import itertools
import sys


def show(*values):
    print(*values)


def error(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as e:
        return type(e).__name__ + ": " + str(e)


# __getattr__ in Python
class Lazy:
    limit = 1

    def __init__(self):
        self.first = 1

    def __getattr__(self, name):
        if name == "nothing":
            raise AttributeError("no " + name)
        return "hooked " + name


def answer(o):
    return o.answer


def nothing(o):
    return o.nothing


lazy = Lazy()
show([answer(lazy) for _ in range(5)], error(nothing, lazy), error(nothing, lazy), error(nothing, lazy))
lazy.answer = 42
show([answer(lazy) for _ in range(3)])
del lazy.answer
show([answer(lazy) for _ in range(3)])
other = Lazy()
other.second = 2
show(answer(other), answer(Lazy()), answer(other))
Lazy.answer = "of the class"
show(answer(lazy), answer(other))
del Lazy.answer
show(answer(lazy))
Lazy.__getattr__ = lambda self, name: "second " + name
show([answer(lazy) for _ in range(3)])
Lazy.__getattr__ = lambda self, name, *more: ("third", name, more)
show([answer(lazy) for _ in range(3)])
del Lazy.__getattr__
show(error(answer, lazy), error(answer, lazy))


class WithDict:
    def __getattr__(self, name):
        return sys._getframe().f_back.f_code.co_name + " " + name


w = WithDict()
w.__dict__["x"] = 1
show([answer(w) for _ in range(4)])
w.__dict__["answer"] = 2
show([answer(w) for _ in range(4)])


class Chain:
    def __getattr__(self, name):
        return getattr(self, "_" + name) if len(name) < 200 else self.deeper(name)


def deep(o):
    return o.x


show(error(deep, Chain()).split(":")[0])


class Slots:
    __slots__ = ("a",)

    def __getattr__(self, name):
        return "slot " + name


def slot_a(o):
    return o.a


s = Slots()
show([slot_a(s) for _ in range(4)])
s.a = 1
show([slot_a(s) for _ in range(4)], [answer(s) for _ in range(4)])


# An attribute of the class whose own class becomes a descriptor
class Value:
    def __init__(self, text):
        self.text = text

    def __repr__(self):
        return "<" + self.text + ">"

    def __call__(self, *args):
        return (self.text, args)


class Holder:
    value = Value("v")


def value_of(o):
    return o.value


def call_value(o):
    return o.value(1)


h, d = Holder(), Holder()
d.__dict__["z"] = 1
show([value_of(h) for _ in range(4)], [call_value(h) for _ in range(4)])
show([value_of(d) for _ in range(4)], [call_value(d) for _ in range(4)])
h.value = Value("own")
show(value_of(h), call_value(h), value_of(d), call_value(d))
d.value = Value("own too")
show(value_of(d), call_value(d), call_value(d))
del d.value, h.value
show([value_of(x) for x in (h, d, h, d)], [call_value(x) for x in (h, d, h, d)])
Value.__get__ = lambda self, instance, owner: (lambda *args: ("got", self.text, args))
show(value_of(h)(), value_of(d)(), call_value(h), call_value(d))
del Value.__get__
show(value_of(h), call_value(d))
Value.__set__ = lambda self, instance, value: None
h.__dict__["value"] = 3
show(value_of(h), error(call_value, h))
Value.__get__ = lambda self, instance, owner: "data"
show(value_of(h), error(call_value, h))
del Value.__get__, Value.__set__
show(value_of(h), error(call_value, h))


class Registry:
    pass


class Meta(type):
    shared = 1

    def describe(cls, x=0):
        return (cls.__name__, x)

    @property
    def title(cls):
        return cls.__name__.title()


class first(metaclass=Meta):
    def method(self):
        return "method"

    @staticmethod
    def static():
        return "static"

    @classmethod
    def made(cls):
        return cls.__name__


class second(first):
    pass


Registry.one = first()
Registry.cls = first
R = Registry()


def one(r):
    return r.one


def make(r):
    return r.cls()


show([type(one(R)).__name__ for _ in range(4)], [type(make(R)).__name__ for _ in range(4)])
R.one = 1
show(one(R))


# Methods of metaclasses, static and class methods of classes
def describe(c):
    return c.describe(1)


def static(c):
    f = c.static
    return f()


def made(c):
    f = c.made
    return f(), c.made()


def title(c):
    return c.title


def shared(c):
    return c.shared


for c in (first, first, first, second, first, second, second):
    show(describe(c), static(c), made(c), title(c), shared(c))
second.describe = staticmethod(lambda x: ("own", x))
show(describe(second), describe(first), describe(second))
del second.describe
show(describe(second))
Meta.describe = lambda cls, x: ("new", cls.__name__, x)
show(describe(second), describe(first))
first.shared = "of first"
show(shared(first), shared(second))
first.static = staticmethod(lambda: "other")
show(static(first), static(second), static(first()))
for _ in range(4):
    show(static(first()), made(second()))
o = first()
o.static = lambda: "of the instance"
show(static(o), static(first()), static(o))


# Many classes at one site
classes = [Meta("C%d" % i, (first,), {"number": i, "get": classmethod(lambda cls: cls.number)}) for i in range(12)]


def number(c):
    return c.number


def get(c):
    return c.get()


def bound(c):
    f = c.get
    return f()


def method(o):
    f = o.method
    return f()


show([number(c) for c in classes * 2])
show([get(c) for c in classes * 2])
show([bound(c) for c in classes * 2])
show([method(c()) for c in classes * 2])
show([describe(c) for c in classes * 2])
classes[3].number = "three"
classes[4].get = lambda: "four"
classes[5].describe = lambda x: "five"
show([number(c) for c in classes], [get(c) for c in classes], [bound(c) for c in classes], [describe(c) for c in classes])
show([number(c()) for c in classes])


# Callables of instances at a site of many shapes
class Machine:
    def __init__(self, i):
        for j in range(i):
            setattr(self, "a%d" % j, j)
        self.state = self.begin

    def begin(self):
        self.state = self.end
        return "begin"

    def end(self):
        return "end"


def step(m):
    return m.state()


machines = [Machine(i) for i in range(12)]
show([step(m) for m in machines * 3])
machines[0].state = None
show(error(step, machines[0]))
del machines[1].state
show(error(step, machines[1]))
Machine.state = lambda self: "of the class"
show(error(step, machines[0]), step(machines[1]), step(machines[2]))


# Descriptors of native code
Point = collections.namedtuple("Point", "x y")


def x_of(p):
    return p.x


show([x_of(Point(i, 2)) for i in range(5)])


def append_to(l):
    f = l.append
    f(1)
    return l


class L(list):
    pass


own = L()
own.append = lambda x: None
for l in ([], [], [], [], L(), L(), L(), own, own, L()):
    show(append_to(l))


def from_iterable(c):
    f = c.from_iterable
    return list(f([[1], [2]]))


show([from_iterable(itertools.chain) for _ in range(4)])


def fromkeys(d):
    f = d.fromkeys
    return f("ab")


show([fromkeys(d) for d in (dict, dict, dict, {}, {}, {}, dict, collections.OrderedDict)])


class Fixed:
    def __init__(self):
        self.x = 1

    fmt = "{}".format


show([x.fmt(1) for x in [Fixed()] * 4])


# super
class A:
    def __init__(self, x):
        self.x = x

    def name(self):
        return "A"

    @classmethod
    def cls(cls):
        return "A", cls.__name__

    @property
    def prop(self):
        return "prop"


class B(A):
    def __init__(self, x, *, y=2):
        super().__init__(x)
        self.y = y

    def name(self):
        return super().name() + "B"

    def bound(self):
        f = super().name
        return f()

    @classmethod
    def cls(cls):
        return super().cls() + ("B",)

    @property
    def prop(self):
        return super().prop + "B"


class C(B):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)

    def name(self):
        return super().name() + "C"


class D(C):
    pass


for c in (B, B, B, C, C, C, D, D, B, C, D):
    o = c(1, y=3)
    show(o.name(), o.bound(), c.cls(), o.cls(), o.prop, o.x, o.y)
A.name = lambda self: "new"
show(B(1).name(), D(1).name(), D(1).bound())
B.name = lambda self: "short"
show(B(1).name(), C(1).name(), D(1).name())
del A.name
show(error(B(1).bound))


class Mixin:
    def name(self):
        return super().name() + "M"


class E(Mixin, A):
    pass


class F(Mixin, C):
    pass


A.name = lambda self: "A"
show([o.name() for o in (E(1), F(1), E(1), F(1), E(1), F(1), E(1), F(1), E(1))])
E.__bases__ = (Mixin, B)
show([o.name() for o in (E(1), F(1), E(1))])


# Descriptors of Python classes, enums, metaclasses with hooks
class Get:
    def __init__(self, value):
        self.value = value

    def __get__(self, instance, owner=None):
        if instance is None:
            return self
        if self.value == "error":
            raise AttributeError("from get")
        return (self.value, type(instance).__name__, owner.__name__)


class Data(Get):
    def __set__(self, instance, value):
        instance.__dict__["set"] = value


class Has:
    get = Get(1)
    data = Data(2)
    bad = Get("error")


def get_of(o):
    return o.get


def data_of(o):
    return o.data


def bad_of(o):
    return o.bad


a, b = Has(), Has()
show([get_of(a) for _ in range(4)], [data_of(b) for _ in range(4)], [error(bad_of, a) for _ in range(4)])
a.get = "hidden"
b.__dict__["data"] = "not hidden"
b.data = 5
show(get_of(a), get_of(b), data_of(b), b.set)
Get.__get__ = lambda self, instance, owner: "changed"
show([get_of(b) for _ in range(3)], [data_of(a) for _ in range(3)], get_of(a))
Get.__get__ = lambda *args: len(args)
show([get_of(b) for _ in range(3)])
del Get.__get__
show([type(get_of(b)).__name__ for _ in range(3)], type(data_of(a)).__name__)


class HookMeta(type):
    def __getattr__(cls, name):
        return "meta " + name

    @property
    def failing(cls):
        raise AttributeError("failing")

    def ask(cls):
        return "ask " + cls.__name__


class Hooked(metaclass=HookMeta):
    x = 1

    @staticmethod
    def static():
        return "static"

    @classmethod
    def made(cls):
        return cls.__name__


def failing(c):
    return c.failing


def ask(c):
    return c.ask()


def x_of_class(c):
    return c.x


for _ in range(4):
    show(x_of_class(Hooked), static(Hooked), made(Hooked), failing(Hooked), ask(Hooked), answer(Hooked))
Hooked.answer = 1
Hooked.ask = staticmethod(lambda: "own")
show(answer(Hooked), ask(Hooked))
del Hooked.answer, Hooked.ask, Hooked.x
show(answer(Hooked), ask(Hooked), x_of_class(Hooked))

import enum


class Color(enum.Enum):
    RED = 1
    BLUE = 2


for _ in range(4):
    show(Color(1), Color.RED.value, Color["BLUE"].name, error(lambda: Color(3)), error(lambda: Color.GREEN))


class KeywordDefaults:
    def method(self, *, a=1, b=2, c=3, d=4):
        return a, b, c, d


k = KeywordDefaults()
show([k.method(), k.method(b=5), k.method(d=1, a=2), k.method(c=0)])
KeywordDefaults.method.__kwdefaults__ = {"d": 1, "c": 2, "a": 3}
show(k.method(b=1), error(k.method), k.method(b=2, d=5))
show({"a": 1, "b": 2, "a": 3}, {"x": 1, 2: 3, "y": 4, "z": 5, "w": 6, "v": 7, "u": 8})
