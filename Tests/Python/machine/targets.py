"""Calls that reach Python functions in other ways than by their name: bound methods, arguments left out, operators; and what of that changes meanwhile."""
import traceback


class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0
        self.bound = self.step

    def step(self, n=1, scale=2):
        x = self.data[self.at % len(self.data)]
        self.at += n
        return x * scale

    def many(self, a, b, c, d=4, e=5, f=6):
        return a + b * c - d + e * f + self.at % 3


class Other:
    def step(self, n=1, scale=2):
        return n + scale


def helper(x, y=10, z=None):
    if z is None:
        return x + y
    return x - y


def kept(r, times):
    """A bound method in a variable, one in an attribute."""
    step = r.step
    total = 0
    for i in range(times):
        total += step()
        total += step(2)
        total += r.bound(3, 4)
        total -= r.many(i, 1, 2)
        total += helper(i) + helper(i, 3)
    return total


print(kept(Reader([1, 2, 3, 5]), 6000))


def one(step, n):
    return step(n)


total = 0
for i in range(6000):
    step = (Reader([7]).step, Other().step, len, lambda n: n * 2, Reader([1, 2]).bound)[i % 5 if i > 3000 else 0]
    total += one(step, [i] if step is len else i)
print(total)

# Defaults and code that change

values = []
for i in range(6000):
    if i == 2500:
        helper.__defaults__ = (100, None)
    if i == 3500:
        helper.__defaults__ = (1, 1)
    if i == 4500:
        Reader.step.__defaults__ = (1, 20)
    if i == 5000:
        code = Reader.step.__code__
        Reader.step.__code__ = (lambda self, n=1, scale=2: n + 1000 * scale).__code__
    if i % 500 == 0:
        r = Reader([3, 4, 5])
        values.append(0)
    values[-1] += helper(i) + r.bound() + r.step(2)
print(values)
Reader.step.__code__ = code
helper.__defaults__ = ()
try:
    kept(Reader([1]), 10)
except TypeError as e:
    print(type(e).__name__, e)
helper.__defaults__ = (10, None)
try:
    kept(Reader(None), 10)
except TypeError as e:
    print(type(e).__name__, e)


# An exception out of a bound method that machine code has called

def fails(self, n=3, bad=None):
    if self.at == bad:
        raise ValueError(n)
    self.at += 1
    return n


Reader.fails = fails


def calls(r, times):
    f = r.fails
    t = 0
    for i in range(times):
        t += f(1, 5001) if i % 2 else f()
    return t


r = Reader([1])
try:
    calls(r, 9000)
except ValueError as e:
    print(r.at, [(f.name, f.line) for f in traceback.extract_tb(e.__traceback__)])


def deep(f, n):
    return f(f, n)


def recurse(f, n, by=1):
    return 0 if n <= 0 else 1 + f(f, n - by)


for i in range(300):
    x = deep(recurse, 200)
print(x)
try:
    deep(recurse, 10**6)
except RecursionError as e:
    print(type(e).__name__)


class Nested:
    def __init__(self, n):
        self.cells = [[i, i + 1] for i in range(n)]

    def __getitem__(self, i):
        if i < 0:
            raise IndexError(i)
        return self.cells[i]

    def __setitem__(self, i, v):
        self.cells[i] = v


def opaque(*a):
    return len(a)


def subscripts(nested, times):
    """The object of a subscript is known by what the variable held at another place only."""
    held = nested.inner
    t = 0
    for i in range(times):
        t += opaque(i)
        if len(held[i % 7]) == 2:
            t += held[i % 7][1]
        else:
            t -= held[i % 7][0]
        held[i % 7] = (i,) if i % 3 == 0 else [i, i]
    return t


class Holder:
    pass


holder = Holder()
holder.inner = Nested(7)
print(sum(subscripts(holder, 50) for _ in range(200)))
for inner in [[1, 2] for _ in range(7)], {i: [i, i] for i in range(7)}, Nested(7):
    holder.inner = inner
    print(sum(subscripts(holder, 50) for _ in range(100)))


def walk(things):
    """One loop over iterators of many kinds, with a call in it."""
    t = 0
    for x in things:
        t += opaque(x, x) + x
    return t


total = 0
kinds = [[1, 2], (3, 4), range(5), {6: 7}, {8, 9}, b"ab", (i for i in range(3)), iter([1]), Nested(0), map(int, "12")]
for i in range(3000):
    total += walk(kinds[0 if i < 1000 else 2 if i < 2000 else i % 6])
print(total)
for kind in kinds:
    print(walk(kind))


def missing(cache, keys):
    """Keys that are not there, again and again."""
    t = 0
    for k in keys:
        try:
            t += cache[k]
        except KeyError:
            t += opaque()
            cache[k] = 1
        if k in cache:
            t += 1
    return t


print(sum(missing({}, range(i % 40)) for i in range(500)))


# Natives as methods

def natives(text, items, times):
    t = 0
    for i in range(times):
        t += text.find("b") + len(text.upper().partition("B")[0]) + items.count(i) + items.index(3)
        t += opaque(items.copy(), i)
    return t


print(natives("abc", [1, 2, 3], 4000))
try:
    natives("abc", [1, 2], 10)
except ValueError as e:
    print(e)

# Truth of anything


def truths(values, times):
    n = 0
    for i in range(times):
        v = values[i % len(values)]
        if v:
            n += opaque(v)
        if not v:
            n -= 2
        while v and n % 7:
            n += 1
    return n


print(truths([True, False, None, 0, 1, "", "x", [], [1], 0.0, 1.5, Nested, Holder()], 5000))


# Numbers that are now floats, now ints

class Vector:
    def __init__(self, x, y):
        self.x = x
        self.y = y

    def dot(self, other):
        return self.x * other.x + self.y * other.y - self.x / (other.y or 1)

    def scale(self, by):
        v = Vector(self.x * by, self.y - by)
        v.x += by
        v.y *= 2
        return v

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y)


def numbers(vectors, times):
    total = 0
    for i in range(times):
        v = vectors[i % len(vectors)]
        total += opaque(v) * v.dot(vectors[i % 3])
        w = v.scale(i % 4) + v
        total -= w.x
    return total, w.x, w.y


for vectors in [[Vector(1.0, 2.0)] * 3, [Vector(1, 2), Vector(1.5, 2), Vector(3, 0.25)],
                [Vector(1, True), Vector(-0.0, 1e300), Vector(2**40, 3), Vector(2.0**60, 5)], [Vector(2**61, 1.5)] * 3]:
    for _ in range(2):
        print(numbers(vectors, 3000))


def quotients(values, times):
    n = 0
    for i in range(times):
        try:
            n += opaque(values[i % 5] / values[i % 7], values[i % 5] - values[i % 7])
        except ZeroDivisionError as e:
            n += opaque(e)
    return n


print(quotients([1, 2.5, 0.0, -3, 7.25, 0, 1e-300], 6000))
