"""One call site that meets native functions, builtin types, Python functions, bound methods and objects in turn."""
import sys


def apply(f, x):
    return f(x)


def apply_two(f, x, y):
    return f(x, y)


class Doubler:
    def __call__(self, x):
        return x + x

    def double(self, x):
        return x + x


def successor(x):
    return x + 1


callees = [abs, len, str, successor, Doubler(), Doubler().double, int, [].append, repr, type, tuple, Doubler]
values = [3, "abc", [1, 2], (4,), -1.5]
for round in range(3):
    for f in callees:
        for v in values:
            try:
                result = apply(f, v)
            except Exception as e:
                result = type(e).__name__, str(e)
            if f is Doubler or isinstance(result, Doubler):
                result = "Doubler"
            if round == 2:
                print(getattr(f, "__name__", "object"), v, result)


class Name(str):
    def upper(self):
        return "mine"


def method(v):
    return v.upper()


for v in ["a", "b", Name("c"), b"d", Name("e"), "f"] * 3:
    print(method(v), end=" ")
print()

# The wrong receiver, too few and too many arguments
for f in (str.upper, dict.get, list.append, str.replace):
    for args in ((), (1,), ("x",), ({},), ({}, 1), ({}, 1, 2), ({}, 1, 2, 3), ("aXa", "X"), ("aXa", "X", "Y"), ("aXa", "X", "Y", 0)):
        for _ in range(2):
            try:
                result = f(*args)
            except Exception as e:
                result = type(e).__name__, str(e)
        print(f.__name__, args, result)


def replace(s, old, new):
    return s.replace(old, new)


for s in ("abc", "", "ééé", "\u20ac", Name("abc")):
    for old in ("a", "", "é", "\u20ac", "bc"):
        r = [replace(s, old, "-") for _ in range(3)][-1]
        print(repr(s), repr(old), repr(r), type(r).__name__)


# A site that calls itself with something else
def nest(f, n):
    return f(n)


def again(n):
    return nest(abs, -n) if n else nest(again, 0) if False else 0


print([nest(again, n) for n in range(5)])

# Errors out of native functions at such a site, and what traces
for bad in (object(), None, 3):
    try:
        apply(len, bad)
    except TypeError as e:
        print(e)

events = []


def profile(frame, event, argument):
    if event.startswith("c_") and argument.__name__ in ("abs", "isinstance", "upper"):
        events.append((event, argument.__name__))


for _ in range(3):
    apply(abs, 1)
sys.setprofile(profile)
apply(abs, 2)
apply_two(isinstance, 2, int)
"x".upper()
sys.setprofile(None)
print(events)

# Defaults of __init__
class Point:
    def __init__(self, x, y=2, *, z=3):
        self.x, self.y, self.z = x, y, z


class Pair:
    def __init__(self, x=1, y=2):
        self.both = x, y


def pairs():
    yield Pair(), Pair(3), Pair(3, 4)


for _ in range(3):
    made = [Pair(), Pair(5), Pair(5, 6)]
    print([p.both for p in made], [p.both for p in next(pairs())], vars(Point(1)), vars(Point(1, 5)))
    for args in ((1, 2, 3), ()):
        try:
            Point(*args)
        except TypeError as e:
            print(e)
    try:
        Pair(1, 2, 3)
    except TypeError as e:
        print(e)
