"""Attribute sites that meet more types than an inline cache holds: loads, stores, methods, properties, slots, changes of classes."""


def make(i):
    class C:
        shared = i
        kind = property(lambda self: ("kind", self.x))

        def __init__(self, x):
            self.x = x
            self.y = x + 1

        def method(self, n=0):
            return i, self.x, n

        @staticmethod
        def static():
            return "static", i

        @classmethod
        def made(cls, x):
            return cls(x).x

    C.__name__ = f"C{i}"
    return C


class Slotted:
    __slots__ = ("x", "y")
    shared = "slotted"
    kind = 5

    def __init__(self, x):
        self.x = x

    def method(self, n=0):
        return "slotted", self.x, n

    static = staticmethod(lambda: "s")
    made = classmethod(lambda cls, x: cls(x).x)


class Hooked:
    x = 1

    def __getattr__(self, name):
        return lambda *args: (name, args)


class Many:
    """More attributes than fit inline."""

    def __init__(self, x):
        for i in range(40):
            setattr(self, f"a{i}", i)
        self.x = x
        self.y = 2

    shared = "many"
    kind = "k"

    def method(self, n=0):
        return "many", self.x, n

    @staticmethod
    def static():
        return "m"

    @classmethod
    def made(cls, x):
        return cls(x).x


classes = [make(i) for i in range(12)]
objects = [c(i) for i, c in enumerate(classes)] + [Slotted(7), Many(3)]


def read(o):
    return o.x, o.shared, o.kind


def write(o, v):
    o.x = v
    o.new = v
    return o.x


def call(o):
    return o.method(), o.method(1), o.static(), o.made(5)


for _ in range(3):
    for o in objects:
        print(*read(o), *call(o))
for o in objects:
    try:
        print(write(o, 10), getattr(o, "new", None))
    except AttributeError as e:
        print(e)
print(read(Hooked()) [0], call(Hooked()))

# Instances that differ in the order and number of their attributes
a = classes[0](1)
b = classes[0](1)
b.extra = 1
c = classes[0].__new__(classes[0])
c.y = 1
c.x = 9
d = classes[0](4)
del d.y
e = classes[0](5)
e.__dict__["shared"] = "own"
for _ in range(2):
    print([read(o) for o in (a, b, c, d, e)], [o.y if hasattr(o, "y") else None for o in (a, b, c, d, e)])


# Missing attributes and unset slots
def get(o):
    return o.y


unset = Slotted(1)
for o in objects + [unset, 1, "s", None, d]:
    try:
        print(get(o))
    except AttributeError as error:
        print(error)

# Classes change
classes[3].shared = "changed"
classes[4].method = lambda self, n=0: ("new", n)
classes[5].x = property(lambda self: "property", lambda self, v: None)
del classes[6].kind
classes[7].kind = 8
objects[8].__class__ = classes[9]
for o in objects[3:9]:
    try:
        print(*read(o), *call(o))
    except AttributeError as error:
        print(error)
print(write(objects[5], 3))


# Getters that raise, recurse and are called with many types
class Failing:
    x = 1
    shared = 2

    @property
    def kind(self):
        raise ValueError("no")


for o in [Failing()] + objects[:3]:
    try:
        print(read(o))
    except ValueError as error:
        print("ValueError", error)


# Base classes whose __init__ makes the attributes of many classes
class Base:
    def __init__(self, n):
        self.a = n
        self.b = n
        self.c = n
        if n % 2:
            self.d = n


subs = [type(f"S{i}", (Base,), {}) for i in range(20)]
print([sorted(vars(s(i)).items()) for i, s in enumerate(subs)])
for _ in range(3):
    made = [s(i) for i, s in enumerate(subs)]
print([list(vars(m)) for m in made], [m.a + m.c for m in made])


# super() among many
class Left(Base):
    def method(self):
        return "left"


class Child(Left):
    def method(self):
        return super().method() + "+"


def run(o):
    return o.method()


print([run(o) for o in [Child(1), Left(2)] + objects[:2] + [Slotted(2), Many(1)] * 4])
