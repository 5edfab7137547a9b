# What handlers do by themselves must be what the general instructions do, at each site with each kind of operand in turn.
import abc
import builtins
import sys


def shown(function, *args):
    try:
        return repr(function(*args))
    except Exception as e:
        return f"{type(e).__name__}: {e}"


class Same:
    """Equal to everything, hashed as 1."""

    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Unlucky:
    def __eq__(self, other):
        raise ValueError("compared")

    def __hash__(self):
        return hash("key")


class Big:
    def __len__(self):
        return 3

    def __bool__(self):
        raise ZeroDivisionError("truth")


class Empty:
    def __len__(self):
        return 0


VALUES = [0, 1, -1, 2**47, 2**70, 1.0, 0.0, float("nan"), True, False, None, "", "key", "k" + "ey", (), (1,), [], [2], {}, {1: 2}, set(), {3},
          frozenset(), Same(), Empty(), object, ..., b"", b"x"]


def subscript(d, key):
    return d[key]


def store(d, key):
    d[key] = "new"
    return d[key], len(d)


def contains(container, item):
    return item in container, item not in container


def jumps(container, item):
    if item in container:
        return "yes"
    return "no"


print("tables")
for key in VALUES:
    if shown(hash, key).startswith("TypeError"):
        key = str(key)
    for container in ({1: "one", "key": "k", 2.5: "f"}, {"key": 1}, {True: "t", None: "n"}, {}):
        row = shown(subscript, dict(container), key), shown(store, dict(container), key), shown(contains, container, key)
        print(*(r if " object at " not in r else "object" for r in row))
    for container in ({1, "key"}, frozenset((1.0, None)), [1, "key", 2.5], (True, "key"), [Same()], set(), [], ()):
        print(shown(contains, container, key), shown(jumps, container, key), end=" ")
    print()
print(shown(contains, {"key"}, Unlucky()), shown(contains, ["key"], Unlucky()), shown(contains, [Unlucky()], "key"))
print(shown(contains, {Unlucky()}, "key"), shown(subscript, {Unlucky(): 1}, "key"), shown(store, {Unlucky(): 1}, "key"))
print(shown(contains, "monkey", "key"), shown(contains, "monkey", 1), shown(contains, 5, 5), shown(subscript, {}, []))


class Missing(dict):
    def __missing__(self, key):
        return "missing", key


print([shown(subscript, d, k) for d in ({"a": 1}, Missing(a=2), {}) for k in ("a", "b", 7)])
print({k: v for k, v in zip("abc", range(3))}, {x % 3 for x in range(9)}, {str(x): x for x in range(12)} | {1.0: 1, 1: 2, True: 3})


def truth(v):
    return not v, "t" if v else "f", v and 1 or 2, (v or 3) is v


print("truth")
for v in VALUES + [Big()]:
    print(shown(truth, v))

print("calls")


def length(x):
    return len(x)


def instance(x, c):
    return isinstance(x, c)


class Lying:
    __class__ = int


class Any(metaclass=abc.ABCMeta):
    @classmethod
    def __subclasshook__(cls, other):
        return True


for x in [[1], (1, 2), "abc", {1: 2}, {5}, Big(), Empty(), range(4), b"ab", 5, None, Lying(), True]:
    print(shown(length, x), [shown(instance, x, c) for c in (int, object, list, (str, bytes), Any, Big, int | None, 5)])
kept = builtins.len
builtins.len = lambda x: "mine"
print(length([1]), length((1, 2)))
builtins.len = kept
print(length([1]))


class Listening(list):
    def append(self, x):
        super().append(x * 2)


def append(l, x):
    l.append(x)
    return l


class Duck:
    def append(self, x):
        self.x = x


l = []
for i in range(40):
    append(l, i)
for target in ([], Listening(), [1], Duck(), bytearray(), []):
    print(shown(append, target, 7).split(" at ")[0])
print(len(l), l[-1])
calls = []


def profile(frame, event, arg):
    if event.startswith("c_"):
        calls.append((event, arg.__name__))


def watched():
    r = []
    for i in range(3):
        r.append(len(r))
        isinstance(i, int)
    return r


watched()
watched()
sys.setprofile(profile)
watched()
sys.setprofile(None)
print(calls[:18])

print("instances")


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


class Abstract(abc.ABC):
    def __init__(self, x, y):
        self.x = x

    @abc.abstractmethod
    def f(self): ...


class Odd:
    def __init__(self, x, y):
        return x


class New:
    def __new__(cls, *args):
        return args


class Meta(type):
    def __call__(cls, *args):
        return "meta", args


class Called(metaclass=Meta):
    pass


class Pair(tuple):
    def __init__(self, *args):
        self.args = args


class Deleted:
    def __init__(self, x, y):
        self.x = x

    def __del__(self):
        pass


def make(cls, x, y):
    return cls(x, y)


for cls in (Point, Abstract, Point, Odd, New, Called, Deleted, Pair, dict, int, Point):
    made = shown(make, cls, 1, 2)
    print(cls.__name__, made.split(" object at ")[0])
print(vars(make(Point, 3, 4)), shown(make, Point, *[1, 2]).split(" at ")[0], shown(lambda: Point(1)), shown(lambda: Point(1, 2, 3)))
Point.__init__ = lambda self, x, y: setattr(self, "z", x + y)
print(vars(make(Point, 3, 4)))


def fail(self, x, y):
    raise KeyError(x)


Point.__init__ = fail
print(shown(make, Point, 5, 6))
del Point.__init__
print(shown(make, Point, 5, 6))

print("attributes")


class Base:
    kind = "base"

    def __init__(self, n):
        self.n = n

    def name(self):
        return type(self).__name__, self.n


classes = [type(f"C{i}", (Base,), {}) for i in range(12)]
classes.append(type("Slots", (Base,), {"__slots__": ("n",)}))
classes.append(type("Prop", (Base,), {"n": property(lambda s: "got", lambda s, v: None)}))
classes.append(type("Hook", (Base,), {"__getattr__": lambda s, n: n + "?"}))
classes.append(type("All", (Base,), {"__getattribute__": lambda s, n: object.__getattribute__(s, n)}))


def use(o):
    o.n = o.n
    o.extra = 1
    return o.n, o.kind, o.name(), o.extra


for turn in range(4):
    print([shown(use, c(turn)) for c in classes])
    if turn == 1:
        for i, c in enumerate(classes[:6]):
            c.kind = i
        classes[0].name = lambda self: "changed"
    if turn == 2:
        classes[1].n = property(lambda s: "late", lambda s, v: s.__dict__.__setitem__("m", v))
        classes[2].extra = 5
objects = [c(9) for c in classes[:4]]
for o in objects:
    use(o)
objects[3].name = lambda: "own"
del objects[3].extra
print([shown(use, o) for o in objects * 2])


class Many:
    def __init__(self):
        for i in range(40):
            setattr(self, f"a{i}", i)
        self.a39 = self.a0 + self.a20 + self.a39


def total(o):
    o.a30 = o.a30 + 1
    o.a3 = o.a3 + 1
    return o.a30 + o.a3 + o.a39


m = Many()
print([total(m) for _ in range(12)], [total(Many()) for _ in range(12)][-1])
del m.a5
print([total(m) for _ in range(3)], len(vars(m)))

print("loops")


def pairs(it):
    return [(a, b) for a, b in it]


def three(it):
    a, b, c = it
    return c, b, a


twice = iter([1, 2, 3, 4, 5])
for it in (zip([1, 2], (3, 4)), zip(range(3), [1]), zip([1], range(0)), enumerate("ab"), enumerate([5, 6], 2**47 - 1), enumerate((1,), 2**62),
           {1: 2, 3: 4}.items(), zip(twice, twice), ["xy", (1, 2)], zip([1], [2], strict=True), zip([1], [2, 3], strict=True), [(1,)], [3]):
    print(shown(pairs, it))
rest = iter([1, 2, 3])
print(shown(pairs, zip(rest, [])), list(rest), shown(pairs, zip([], rest)), list(rest))
for it in ((1, 2, 3), [1, 2, 3], "abc", {1: 0, 2: 0, 3: 0}, (1, 2), [1, 2, 3, 4], iter("xyz"), 5):
    print(shown(three, it))


def growing(d):
    for k in d:
        d[k + 1] = k


def changing(d):
    for k, v in d.items():
        d.pop(k)


print(shown(growing, {1: 1}), shown(changing, {1: 1, 2: 2}))
shrinking = list(range(10))
for x in shrinking:
    shrinking.pop()
print(shrinking, [x for x in reversed(shrinking)])

print("generators")


def helper(a, b):
    return a * b


def caller(n):
    for i in range(n):
        yield helper(i, i), Base(i).name()


print(list(caller(4)))


async def leaf(i):
    if i == 3:
        raise KeyError(i)
    return i * 2


async def middle(i):
    try:
        return await leaf(i)
    except KeyError as e:
        return repr(e)


class Waiting:
    def __await__(self):
        got = yield "wait"
        return got


async def top():
    out = [await middle(i) for i in range(5)]
    out.append(await Waiting())
    return out


c = top()
print(c.send(None))
try:
    c.send("sent")
except StopIteration as e:
    print(e.value)
print(shown(lambda: c.send(None)))


def deep(n):
    if n:
        return (yield from deep(n - 1)) + 1
    x = yield "bottom"
    return x


g = deep(30)
print(next(g), shown(g.send, 5))


def keywords(**kw):
    kw["new"] = 1
    return kw


given = {"a": 1}
print(keywords(**given), given, shown(lambda: keywords(**{1: 2})), shown(lambda: keywords(**given, **given)))
