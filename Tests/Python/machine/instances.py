"""Instances that hot code makes: whose __init__ runs in machine code, and everything that may change about the class meanwhile."""
import gc
import sys
import traceback


class Point:
    def __init__(self, x, y=2, z=None):
        self.x = x
        self.y = y
        if z is not None:
            self.z = z


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a, b):
        self.a = a
        self.b = b


class Derived(Point):
    def __init__(self, x):
        super().__init__(x, x + 1)
        self.w = x * 2


class Node:
    def __init__(self, depth):
        self.left = Node(depth - 1) if depth else None
        self.right = Node(depth - 1) if depth else None

    def count(self):
        return 1 + (self.left.count() + self.right.count() if self.left is not None else 0)


def points(n):
    total = 0
    for i in range(n):
        p = Point(i)
        q = Point(i, 3)
        r = Point(i, y=4)
        s = Point(i, 5, i)
        total += p.x + p.y + q.y + r.y + s.z
    return total


def others(n):
    total = 0
    for i in range(n):
        s = Slotted(i, i * 0.5)
        d = Derived(i)
        total += s.a + s.b + d.x + d.y + d.w
    return total


for _ in range(3):
    print(points(9000), others(9000))
print(sum(Node(9).count() for _ in range(5)))


# The class changes under way.
def change(n, at, what):
    values = []
    for i in range(n):
        if i == at:
            what()
        p = Point(i)
        if i % 500 == 0:
            values.append((p.x, p.y, getattr(p, "extra", None)))
    return values


original = Point.__init__


def other_init(self, x, y=7, z=None):
    self.x, self.y, self.extra = x, y, "other"


def set_defaults():
    original.__defaults__ = (11, None)


def set_code():
    original.__code__ = other_init.__code__


def set_init():
    Point.__init__ = other_init


def set_new():
    def new(cls, *args):
        made = object.__new__(cls)
        made.extra = "new"
        return made

    Point.__new__ = new


code, defaults = original.__code__, original.__defaults__
print(change(3000, 1700, set_defaults)[-4:])
original.__defaults__ = defaults
print(change(3000, 1700, set_code)[-4:])
original.__code__ = code
print(change(3000, 1700, set_init)[-4:])
Point.__init__ = original
print(change(3000, 1700, set_new)[-4:])
del Point.__new__


# Errors in it, and what it answers.
class Wrong:
    def __init__(self, n):
        self.n = n
        if n == 4000:
            raise ValueError(n)
        if n == 4100:
            return 5


def wrong(start, stop):
    made = None
    for i in range(start, stop):
        made = Wrong(i)
    return made.n


print(wrong(0, 4000))
for start, stop in (3000, 4001), (4001, 4101), (4101, 5000):
    try:
        print(wrong(start, stop))
    except (ValueError, TypeError) as e:
        print(type(e).__name__, e, [(f.name, f.line) for f in traceback.extract_tb(e.__traceback__)])


class Plain:
    def __init__(self, x, y=2, z=None):
        self.x = x


def arguments(n, *more):
    for i in range(n):
        Plain(*more) if i == n - 1 else Plain(i)


for more in (), (1, 2, 3, 4):
    try:
        arguments(3000, *more)
    except TypeError as e:
        print(e)


# How deep it is.
class Deep:
    def __init__(self, n):
        self.n = n
        self.frames = sys._getframe().f_back.f_code.co_name
        self.inner = Deep(n - 1) if n else None


for _ in range(300):
    deep = Deep(20)
print(deep.frames, deep.inner.frames, deep.inner.inner.n)


class Endless:
    def __init__(self):
        self.inner = Endless()


for _ in range(3):
    try:
        Endless()
    except RecursionError:
        print("too deep")


# Ends of objects are seen.
class Ends:
    ended = 0

    def __init__(self, n):
        self.n = n

    def __del__(self):
        Ends.ended += 1


def ends(n):
    for i in range(n):
        Ends(i)
    return n


ends(3000)
gc.collect()
print(Ends.ended)
