# Calls that do not give each parameter its own argument by position: surplus, keywords, defaults, keyword-only parameters, in plain frames and in
# generators, many times over so that call sites have met them before.
import functools
import operator


def plain(a, b=2, *rest, c, d=4, **more):
    e = f = g = None
    return a, b, rest, c, d, more, e, f, g


def star(*rest):
    x = 1
    return rest, x


def starred(a, *rest, **more):
    return a, rest, more


def only(*, x=1, y=2, z=3):
    return x, y, z


def required(a, *, x, y=2):
    return a, x, y


def named(a, b, c=3, d=4):
    return a, b, c, d


def first(a, b, /, c, d=4):
    return a, b, c, d


def closes(a, *rest, b=5):
    def inner():
        return a, rest, b

    return inner()


def many(a, b=1, c=2, d=3, e=4, f=5, g=6, h=7, i=8, j=9, k=10, l=11, m=12, *n, o=14, p=15, **q):
    r = s = t = u = 0
    return a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u


def gen(*rest, k=0, **more):
    yield rest
    yield k
    yield more


class Thing:
    def __init__(self, *args, size=3, **more):
        self.what = args, size, more

    def method(self, a, *rest, k=1):
        return a, rest, k

    def __call__(self, *args, **more):
        return args, more


def calls():
    yield plain(1, c=3)
    yield plain(1, 2, 3, 4, c=5, d=6, z=7)
    yield plain(c=1, a=2)
    yield plain(d=1, c=2, b=3, a=4)
    yield star()
    yield star(1)
    yield star(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17)
    yield starred(1)
    yield starred(1, 2, x=3)
    yield only()
    yield only(z=1)
    yield only(z=1, x=2)
    yield only(y=1, z=2, x=3)
    yield required(1, x=2)
    yield required(y=1, x=2, a=3)
    yield named(1, 2)
    yield named(1, b=2)
    yield named(b=1, a=2)
    yield named(d=1, c=2, b=3, a=4)
    yield named(1, 2, d=5)
    yield first(1, 2, 3)
    yield first(1, 2, c=3)
    yield first(1, 2, d=3, c=4)
    yield closes(1)
    yield closes(1, 2, 3, b=4)
    yield many(1)
    yield many(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, p=16)
    yield many(m=1, a=2, o=3)
    yield list(gen())
    yield list(gen(1, 2, k=3, l=4))
    thing = Thing(1, 2, size=4, colour=5)
    yield thing.what
    yield Thing().what
    yield thing.method(1)
    yield thing.method(1, 2, k=3)
    method = thing.method
    yield method(1, 2)
    yield method(1, k=3)
    yield thing(1, a=2)
    yield thing()


def collect():
    return [x for x in calls()]


def same():
    """The same calls out of plain frames."""
    results = []
    results.append(plain(1, c=3))
    results.append(plain(d=1, c=2, b=3, a=4))
    results.append(star(1, 2))
    results.append(starred(1))
    results.append(only(y=1, z=2, x=3))
    results.append(named(d=1, c=2, b=3, a=4))
    results.append(many(1))
    return results


wanted = collect()
for row in wanted:
    print(row)
print(same())
for i in range(300):
    assert collect() == wanted
    assert same() == [wanted[0], wanted[3], star(1, 2), wanted[7], wanted[12], wanted[18], wanted[25]]

print("errors")


def wrong(f):
    for i in range(60):
        try:
            f()
        except TypeError as error:
            text = str(error)
    print(text)


wrong(lambda: plain())
wrong(lambda: plain(1))
wrong(lambda: plain(1, a=2, c=3))
wrong(lambda: star(x=1))
wrong(lambda: only(1))
wrong(lambda: only(w=1))
wrong(lambda: required(1))
wrong(lambda: required(x=1))
wrong(lambda: named(1))
wrong(lambda: named(1, 2, 3, 4, 5))
wrong(lambda: named(1, 2, a=3))
wrong(lambda: named(1, 2, e=3))
wrong(lambda: first(a=1, b=2, c=3))
wrong(lambda: first(1, 2, a=3, c=3))
wrong(lambda: starred())

print("defaults that change")


def changing(a, b=1, *, c=2, d=3):
    return a, b, c, d


def both():
    return changing(0), changing(a=0)


for i in range(60):
    both()
print(both())
changing.__defaults__ = (5, 6, 7)
print(both(), changing())
changing.__defaults__ = None
try:
    both()
except TypeError as error:
    print(error)
changing.__defaults__ = (8,)
changing.__kwdefaults__ = {"d": 1, "c": 2}
print(both())
changing.__kwdefaults__ = {"x": 1, "d": 4, "c": 5}
print(both())
changing.__kwdefaults__ = {"d": 4}
try:
    both()
except TypeError as error:
    print(error)
changing.__kwdefaults__ = None
try:
    both()
except TypeError as error:
    print(error)

print("the tuple and the dict are new ones")
a, b = starred(1), starred(1)
print(a[2] is b[2], a[2] == b[2])
kept = []


def keep(*args, **more):
    kept.append((args, more))
    more["n"] = len(kept)


for i in range(5):
    keep(i, i + 1, k=i)
    keep()
print(kept)

print("callables of builtin types")


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


get, pair, item, add = operator.attrgetter("x"), operator.attrgetter("x", "y"), operator.itemgetter(1), functools.partial(named, 1, d=9)
wrapper, upper = (1).__add__, operator.methodcaller("upper")
point = Point(3, 4)


def through():
    return get(point), pair(point), item("abc"), add(2), add(2, 3), wrapper(2), upper("abc")


for i in range(200):
    answer = through()
print(answer)
for get in (operator.attrgetter("y"), len, Point.__init__, lambda p: p.x, Point, operator.attrgetter("y")):
    try:
        print(through()[0].__class__.__name__)
    except TypeError as error:
        print(type(error).__name__)
