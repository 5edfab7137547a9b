"""Attribute sites: methods bound without being called, instances with a dict, callables that are values, classes with a metaclass."""


class Base:
    kind = int
    size = len

    def method(self, x=0):
        return "method", x

    @classmethod
    def of_class(cls, x=0):
        return cls.__name__, x

    @staticmethod
    def static(x=0):
        return "static", x


class Derived(Base):
    def method(self, x=0):
        return "derived", x


class Slotted:
    __slots__ = ("call", "other")

    def method(self):
        return "slotted"


def bound(o):
    return o.method


def class_method(c):
    return c.of_class


for _ in range(4):
    for o in (Base(), Derived()):
        m = bound(o)
        print(m(3), m.__self__ is o, m == o.method, m is o.method, bound(o).__func__ is type(o).method)
    for c in (Base, Derived, Base(), Derived()):
        print(class_method(c)(4), class_method(c).__self__.__name__)
    print(bound(Slotted())(), bound(Base)(None, 5), bound(Derived) is Derived.method)
Base.of_class = classmethod(lambda cls, x=0: ("new", x))
Derived.method = lambda self, x=0: ("later", x)
print(class_method(Base)(1), class_method(Derived)(1), bound(Derived())(2))
o = Base()
o.method = lambda: "own"
print(bound(o)())


# An instance's dict, once it is asked for, is where its attributes are.
def read(o):
    return o.value


def write(o, v):
    o.value = v


def call(o):
    return o.method(1)


objects = [Base() for _ in range(4)]
for i, o in enumerate(objects):
    o.first = i
    o.value = i * 10
    o.__dict__["extra"] = i
for _ in range(3):
    for o in objects:
        write(o, read(o) + 1)
    print([read(o) for o in objects], [call(o) for o in objects])
print(objects[0].__dict__, vars(objects[3]))
objects[1].__dict__.clear()
objects[2].__dict__ = {"value": "other"}
objects[3].__dict__["method"] = lambda x: ("hidden", x)
del objects[0].first
for o in objects:
    try:
        print(read(o), call(o), o.__dict__.keys() - {"method"} == o.__dict__.keys())
    except AttributeError as e:
        print(e)
objects[1].value = 5
Base.value = property(lambda self: "property")
print([read(o) for o in objects])
try:
    write(objects[0], 1)
except AttributeError as e:
    print(type(e).__name__)
del Base.value
print([read(o) for o in objects])
Base.value = "class"
del objects[0].value
print([read(o) for o in objects], read(Base()))


class Names(dict):
    pass


o = Base()
o.__dict__ = Names(value=1)
print([read(o) for _ in range(3)], type(o.__dict__).__name__)


# Callables that are no methods
def invoke(o, x):
    return o.call(x)


class Holder:
    def __init__(self, f):
        self.call = f


class Typed:
    call = int


class Builtin:
    call = len


slotted = Slotted()
slotted.call = abs
for _ in range(4):
    print(invoke(Holder(abs), -1), invoke(Holder(str), 2), invoke(slotted, -3), invoke(Typed(), "4"), invoke(Builtin(), "five"))
empty = Slotted()
try:
    invoke(empty, 1)
except AttributeError as e:
    print(e)
t = Typed()
t.call = float
print(invoke(t, "1.5"), invoke(Typed(), "2"))
Typed.call = lambda self, x: ("method", x)
print(invoke(Typed(), "2"), invoke(t, "1.5"))


# Metaclasses
class Meta(type):
    def hello(cls):
        return "hello " + cls.__name__

    @property
    def title(cls):
        return "title " + cls.__name__


class A(metaclass=Meta):
    data = 1

    def f(self):
        return "f"

    @classmethod
    def g(cls):
        return cls.__name__


class B(A):
    data = 2


def get_data(c):
    return c.data


def get_g(c):
    return c.g()


for _ in range(4):
    print(get_data(A), get_data(B), get_g(A), get_g(B), A.hello(), B.hello(), A.title, get_data(Typed) if hasattr(Typed, "data") else "-")
Meta.data = property(lambda cls: "from meta")
print(get_data(A), get_data(B))
del Meta.data
print(get_data(A), get_data(B))


class Other(type):
    def __getattribute__(cls, name):
        return "asked " + name if name == "data" else super().__getattribute__(name)


class C(A, metaclass=type("Both", (Other, Meta), {})):
    pass


print([get_data(c) for c in (A, B, C, A, C)])


# What classes answer with themselves
def same(c):
    return c.__repr__, c.join


for _ in range(4):
    print(same(str)[0] is str.__repr__, same(str)[1](",", "ab"), same(bytes)[1](b",", [b"a"]), Slotted.call is Slotted.__dict__["call"])


# isinstance
class Claims:
    __class__ = int


class Proxy:
    def __init__(self, o):
        self.o = o

    def __getattribute__(self, name):
        return type(object.__getattribute__(self, "o")) if name == "__class__" else object.__getattribute__(self, name)


class Checked(type):
    def __instancecheck__(cls, o):
        return o == 1


class D(metaclass=Checked):
    pass


def check(o, c):
    return isinstance(o, c)


for _ in range(3):
    print([
        [check(o, c) for c in (int, str, Base, Derived, A, D, (int, str), (Base, A), (D, B), ())]
        for o in (1, "a", Base(), Derived(), A(), B(), D(), Claims(), Proxy(1), None, 1.5)
    ])
for c in (1, (int, 1), (str, (int, 1)), "x"):
    for o in (1, "a", Base()):
        try:
            print(check(o, c))
        except TypeError as e:
            print(e)


# What native code gets
def getset(o):
    return o.__name__


def its_class(o):
    return o.__class__


def own_dict(o):
    return o.__dict__


for _ in range(4):
    print([getset(o) for o in (int, A, Base, getset, len)], [its_class(o).__name__ for o in (1, A, Base(), Derived(), getset, 1.5, None, Claims())])
    print(own_dict(Holder(1)), sorted(own_dict(objects[0])))
o = Base()
print([its_class(o).__name__ for _ in range(3)])
o.__class__ = Derived
print(its_class(o).__name__)
Base.__class__
A.__name__ = "Renamed"
print(getset(A))
Meta.__name__ = "MetaRenamed"
print(getset(Meta), getset(B))
for bad in (1, Holder(1)):
    try:
        getset(bad)
    except AttributeError as e:
        print(e)
