"""Builtin functions that machine code calls by functions of their own, and loops over texts."""

from collections import Counter, OrderedDict, defaultdict


class Key:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n % 7

    def __eq__(self, other):
        return isinstance(other, Key) and self.n == other.n


class Bad:
    def __hash__(self):
        raise ValueError("no hash")


class Own(dict):
    def get(self, key, default=None):
        return ("own", key)


class Plain(dict):
    pass


class Meta(type):
    def __subclasscheck__(cls, other):
        return "checked"


class Checked(metaclass=Meta):
    pass


class Sub(Key):
    pass


def gets(d, keys, fallback):
    found = missing = 0
    for key in keys:
        if d.get(key) is None:
            missing += 1
        if d.get(key, fallback) is not fallback:
            found += 1
    return found, missing


def get_of(d, key):
    return d.get(key, 0)


for d in ({1: 2, "a": "b", None: 3, (1, 2): 4, 1.5: 5}, {}, {"x": 1}, Plain(a=1), Counter("aab"), defaultdict(list, {1: 1}), OrderedDict(a=2), Own(a=1)):
    keys = [1, "a", None, (1, 2), 1.5, True, "b", b"a", 2**70, -1] * 300
    print(type(d).__name__, gets(d, keys, object()), len(d))
print(gets({Key(i): i for i in range(10)}, [Key(i) for i in range(20)] * 100, -1))
for i in range(5000):
    get_of({i: i}, i)
for bad in (Bad(), [], {}):
    try:
        print(get_of({1: 1}, bad))
    except Exception as e:
        print(type(e).__name__, e)
for d in (Own(), Plain(x=1), 5, "text"):
    try:
        print(get_of(d, "x"))
    except Exception as e:
        print(type(e).__name__, e)


def adds(s, items):
    n = 0
    for item in items:
        if item not in s:
            s.add(item)
            n += 1
    return n, len(s)


print(adds(set(), list(range(5000))), adds(set(), ["x%d" % (i % 999) for i in range(5000)]))
print(adds(set(), [(i % 10, str(i % 20)) for i in range(5000)]), adds(set(), [Key(i % 50) for i in range(3000)]))
for bad in (Bad(), [], set()):
    s = {1}
    try:
        s.add(bad)
    except Exception as e:
        print(type(e).__name__, e)


def bound(items):
    s = set()
    add = s.add
    d = {}
    get = d.get
    for item in items:
        add(item)
        d[item] = get(item, 0) + 1
    return len(s), d[items[0]], len(d)


print(bound([i % 77 for i in range(5000)]), bound(list("abcabc") * 1000))


def identities(objects):
    seen = set()
    for x in objects:
        if id(x) != id(x):
            print("differs")
        seen.add(id(x))
    return len(seen)


things = [1, -1, 0, None, True, False, ..., "a", b"a", (), Key, Key(1), [], {}, int, identities, len, 2**40, -(2**40)]
print(identities(things * 300), id(things[0]) == id(1), id(None) != id(True))


def types(objects):
    seen = []
    for x in objects:
        t = type(x)
        if t is int or t is str or t not in seen:
            seen.append(t)
    return [t.__name__ for t in seen[-3:]], len(seen)


print(types([1, "x", 2.5, Key(1), Key, Checked, None, True] * 500))


def kinds():
    a = b = c = 0
    for i in range(5000):
        if type(i) is int:
            a += 1
        if type(i / 2) is float:
            b += 1
        if type((i, i)) is tuple:
            c += 1
    return a, b, c


print(kinds())


def subclasses(pairs):
    n = 0
    for a, b in pairs:
        if issubclass(a, b):
            n += 1
    return n


print(subclasses([(bool, int), (int, bool), (Sub, Key), (Key, Sub), (Checked, Key), (int, Checked), (int, (str, int)), (Plain, dict)] * 500))
for a, b in ((1, int), (int, 1), (int, (1,))):
    try:
        print(subclasses([(int, int)] * 5 + [(a, b)]))
    except TypeError as e:
        print(e)


# Loops over strs and bytes, by turns with other iterables
def total(text):
    n = 0
    for c in text:
        n = n * 3 % 65537 + (c if type(c) is int else ord(c))
    return n


for text in ("plain" * 500, "nö" * 700, "w\u20ac\U0001f600x" * 400, b"bytes\xff\x00" * 300, "", b"", bytearray(b"ba") * 300, {1: 2, 3: 4}, {5}, range(9), [1, 2]):
    print(total(text), end=" ")
print()


def nested(lines):
    return [[c for c in line] for line in lines]


print(nested(["ab", b"\x01\x02", "", "ü\u20ac", {"k": 1}, {7}] * 2))
it = iter("abcdef")
for c in it:
    if c == "c":
        break
print(list(it), list(it))
it = iter(b"abc")
for c in it:
    pass
print(next(it, "end"), [*it])


def pairs(text):
    it = iter(text)
    out = []
    for a in it:
        for b in it:
            out.append((a, b))
            break
    return out


print(pairs("abcde"), pairs(b"abcde"))


# getattr and hasattr
class Slots:
    __slots__ = ("a", "b")


class Hook:
    def __getattr__(self, name):
        return "hook " + name


class Every:
    def __getattribute__(self, name):
        return "every " + name


class Described:
    plain = 1

    def method(self):
        return "method"

    @property
    def prop(self):
        return "prop"

    @classmethod
    def cls(cls):
        return cls.__name__

    @staticmethod
    def static():
        return "static"

    @property
    def broken(self):
        raise AttributeError("broken")


class Metaclass(type):
    of_meta = "meta"

    @property
    def plain(cls):
        return "meta's"


class OfMeta(metaclass=Metaclass):
    plain = 2


def attributes(objects, default):
    out = []
    for x in objects:
        out.append(getattr(x, "plain", default))
        out.append(getattr(x, "method", default))
        out.append(getattr(x, "prop", default))
        out.append(getattr(x, "a", default))
        out.append((hasattr(x, "cls"), hasattr(x, "static"), hasattr(x, "broken"), hasattr(x, "of_meta"), hasattr(x, "__repr__")))
        f = getattr(x, "cls", None)
        out.append(f() if f and x is not Every and type(x) not in (Every, Hook) else f)
    return out


def text(x):
    return type(x).__name__ if callable(x) else repr(x).split(" at 0x")[0]


slots, changed = Slots(), Described()
slots.a = "slot"
changed.plain = "own"
changed.method = "hidden"
for x in (1, "x", None, (), slots, Hook(), Every(), Described(), changed, Described, Slots, Metaclass, OfMeta, OfMeta(), int, len, attributes):
    results = attributes([x] * 400, "no")
    print(type(x).__name__, [text(r) for r in results[-6:]], len(results))


def calls(objects):
    return sum(len(getattr(x, "method")()) for x in objects)


def repeated(objects):
    n = 0
    for x in objects:
        n += len(getattr(x, "method")())
        n += getattr(type(x), "method") is Described.method
    return n


print(calls([Described()] * 3000), repeated([Described()] * 3000))
try:
    repeated([Described()] * 3000 + [3])
except AttributeError as e:
    print(e)


def reprs(values):
    n = 0
    for v in values:
        r = getattr(type(v), "__repr__", None)
        if r is dict.__repr__:
            n += 1
        elif r is list.__repr__:
            n += 100
    return n


print(reprs([{}, [], Plain(), Own(), 1, None] * 500))
