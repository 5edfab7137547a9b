"""Builtin functions and methods that loops call again and again: arguments and receivers of other kinds than before, errors, optional arguments
left out, and names that are not there."""

import gc
from collections import deque


class Text(str):
    pass


class Shouting(str):
    def replace(self, *a):
        return "replaced"

    def __str__(self):
        return "shouting"


class Number(int):
    def __str__(self):
        return "number"

    __repr__ = __str__


class Any:
    kept = 1

    def __init__(self, x):
        self.x = x

    def __str__(self):
        return "any"

    def method(self):
        return self.x

    @property
    def computed(self):
        return -self.x


class Hooked:
    def __getattr__(self, name):
        if name == "y":
            raise AttributeError(name)
        return name


class Meta(type):
    def __instancecheck__(cls, x):
        return x == 3


class Checked(metaclass=Meta):
    pass


class Claims:
    __class__ = property(lambda self: str)


def escape(s):
    s = s.replace("&", "&amp;")
    s = s.replace("<", "&lt;", 1)
    return s.replace(">", "&gt;")


def escaped(items):
    out = []
    for s in items:
        try:
            out.append(escape(s))
        except (TypeError, AttributeError) as e:
            out.append(str(e))
    return out


def texts(items):
    d = deque()
    write = d.append
    for x in items:
        try:
            write(str(x))
        except ValueError as e:
            write(type(e).__name__)
        write(".")
    return "".join(d)


def attributes(items):
    out = []
    for x in items:
        out.append(hasattr(x, "x"))
        out.append(getattr(x, "x", None))
        out.append(getattr(x, "kept", 0))
        out.append(hasattr(x, "y"))
        out.append(getattr(x, "computed", "none"))
        m = getattr(x, "method", None)
        out.append(m() if callable(m) and not isinstance(x, type) else type(m))
    return out


def kinds(items, classes):
    n = 0
    for x in items:
        if isinstance(x, classes):
            n += 1
        if isinstance(x, int):
            n += 100
    return n


def methods(items):
    out = []
    for s in items:
        try:
            out.append((s.find("b"), s.find("b", 1), s.startswith("a"), s.strip(), s.split(), s.upper(), s.count("a"), s.rstrip("c")))
        except Exception as e:
            out.append((type(e).__name__, str(e)))
    return out


def lists(items):
    out = []
    for x in items:
        try:
            out.append(x.pop())
            out.append(x.pop(0))
            x.insert(0, 5)
        except Exception as e:
            out.append((type(e).__name__, str(e)))
    return out


def bits(items):
    out = []
    for x in items:
        out.append(x.bit_length())
    return sum(out)


for round in range(3):
    print(escaped(["a&b", "<<>>", "plain"] * 400 + [Text("a<b"), Shouting("a"), "", b"bytes", 3, None])[-8:])
    print(texts(list(range(-5, 300)) * 5 + [1.5, True, None, 10**30, "s", Text("t"), Shouting("u"), Number(4), Any(1), [1]])[-60:])
    objects = [Any(1), Any(2)] * 300 + [3, "s", Text("t"), Hooked(), Any, Meta, gc, attributes, None, Number(1)]
    found = attributes(objects)
    print(found[:12], [x if not isinstance(x, property) else 'property' for x in found[-60:] if not callable(x)])
    print(kinds(objects, Any), kinds(objects, (str, Hooked)), kinds([1, 2, 3] * 500, Checked), kinds([Claims()] * 500, str))
    print(kinds([True, 1, 2.0, "x"] * 300, (int, (float, str))))
    try:
        print(kinds([1] * 500, 5))
    except TypeError as e:
        print(e)
    print(methods(["abc", " b a ", "ä€b"] * 300 + [Text("abc"), b"abc", bytearray(b"abc"), 5])[-8:])
    print(lists([[1, 2, 3] for _ in range(600)] + [[1], [], {1: 2}, deque([1, 2])])[-9:])
    print(bits([1, 255, 2**60, True] * 400), bits([Number(7)] * 400))

# Attributes that come and go while the loop runs
objects = [Any(i) for i in range(2000)]
seen = []
for i, o in enumerate(objects):
    if i == 1000:
        Any.late = "late"
    if i == 1500:
        del Any.late
    seen.append(getattr(o, "late", None))
    if i == 1800:
        Any.late = property(lambda self: self.x)
print([seen.count(x) for x in (None, "late")], seen[-1])

# The texts of ints are equal, whoever asks for them, and keys like any other
table = {}
for i in range(1000):
    table[str(i)] = i
assert all(table["%d" % i] == i and table[f"{i}"] == i and table[repr(i)] == i for i in range(1000))
print(str(255) + str(256) + str(-1), len({str(i % 300) for i in range(3000)}))
