"""Calls out of machine code: frames, tracebacks, recursion, functions and classes that change while they are called."""
import gc
import sys
import threading
import traceback


# Exceptions out of callees, at depth 1 to 3

def third(n, bad):
    if n == bad:
        raise ValueError(n)
    return n + 1


def second(n, bad):
    x = third(n, bad)
    return x * 2


def first(n, bad):
    try:
        return second(n, bad)
    finally:
        seen.append(n)


seen = []
for depth in first, second, third:
    total = 0
    for i in range(400):
        try:
            total += depth(i, 399)
        except ValueError as e:
            lines = [(f.name, f.line) for f in traceback.extract_tb(e.__traceback__)]
            print(depth.__name__, total, lines)
print(len(seen))


# Frames, as callees see them

def names():
    f = sys._getframe()
    out = []
    while f:
        out.append((f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno))
        f = f.f_back
    return out


def look(n):
    local = n * 2
    if n % 100 == 99:
        return names()[:3], sorted(sys._getframe().f_back.f_locals), locals()
    return local


def caller(n):
    before = n
    result = look(n)
    after = result
    return before, after


for i in range(300):
    r = caller(i)
    if i % 100 == 99:
        print(r)


# Recursion

def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def endless(n):
    return endless(n + 1)


print([depth(n) for n in (0, 10, 500)], fib(17))
for i in range(5):
    try:
        endless(0)
    except RecursionError as e:
        print(e)
old = sys.getrecursionlimit()
sys.setrecursionlimit(300)
for n in 100, 200, 400:
    try:
        print(depth(n))
    except RecursionError:
        print("too deep", n)
sys.setrecursionlimit(old)


def even(n):
    return True if n == 0 else odd(n - 1)


def odd(n):
    return False if n == 0 else even(n - 1)


print([even(n) for n in range(200)].count(True))


# Functions and classes that change

def twice(x):
    return x * 2


def use(n):
    return twice(n) + 1


out = []
for i in range(600):
    if i == 200:
        def twice(x):
            return x * 3
    if i == 400:
        twice.__code__ = (lambda x: x * 5).__code__
    out.append(use(1))
print(out.count(3), out.count(4), out.count(6))


class Base:
    def __init__(self, x):
        self.x = x

    def value(self):
        if self.x > 2:
            return self.x
        return -self.x

    def add(self, other):
        self.x += other
        return self


class Other(Base):
    def value(self):
        return 100 + self.x


def sum_values(items):
    total = 0
    for item in items:
        total += item.add(1).value()
    return total


items = [Base(i) for i in range(5)]
for i in range(300):
    r = sum_values(items)
    if i == 99:
        items[2].__class__ = Other
    if i == 149:
        Base.value = lambda self: 1000
    if i == 199:
        items[1].value = lambda: 5
    if i == 249:
        del items[1].x
        items[1].x = 3
    if i % 50 in (0, 1, 49):
        print(i, r)


class Point:
    count = 0

    def __init__(self, x, y=0):
        self.x = x
        self.y = y
        Point.count += 1

    @property
    def size(self):
        return abs(self.x) + abs(self.y)

    def __add__(self, other):
        if not isinstance(other, Point):
            return NotImplemented
        return Point(self.x + other.x, self.y + other.y)

    def __eq__(self, other):
        return self.x == other.x and self.y == other.y

    def __lt__(self, other):
        return self.size < other.size


def points(n):
    p = Point(0)
    for i in range(n):
        q = Point(i, -i)
        p = p + q
        if p == q or p < q:
            p = Point(1)
    return p.x, p.y, p.size


print(points(300), Point.count)
try:
    for i in range(300):
        Point(1) + (Point(2) if i < 299 else 5)
except TypeError as e:
    print(e)


class Derived(Point):
    def __init__(self, x):
        super().__init__(x, x)
        self.z = x

    @property
    def size(self):
        return super().size + self.z


print([Derived(i).size for i in range(200)][-1])


class Strange:
    def __init__(self, n):
        if n == 150:
            raise KeyError(n)
        self.n = n
        if n == 170:
            return 5


def make():
    done = 0
    for n in range(200):
        try:
            Strange(n)
            done += 1
        except (KeyError, TypeError) as e:
            print(type(e).__name__, e)
    return done


print(make())


# Tracing that begins in a callee, and ends

def begin(n):
    if n == 100:
        sys.settrace(tracer)
    if n == 105:
        sys.settrace(None)
    return n


def tracer(frame, event, arg):
    events.append((frame.f_code.co_name, event))
    return tracer


events = []


def traced(n):
    total = 0
    for i in range(n):
        total += begin(i)
    return total


print(traced(200))
print(len(events), events[:6])


# The collector and finalizers in callees

class Final:
    def __init__(self):
        self.me = self

    def __del__(self):
        ended.append(1)


ended = []


def rubbish(n):
    x = Final()
    if n % 50 == 0:
        gc.collect()
    return n


def collecting(n):
    total = 0
    for i in range(n):
        t = [i, rubbish(i)]
        total += t[0] + t[1]
    return total


print(collecting(200))
gc.collect()
gc.collect()
print(len(ended) >= 190)


# Generators and calls within each other

def numbers(n):
    for i in range(n):
        yield twice(i)


def consume(n):
    total = 0
    for x in numbers(n):
        total += use(x)
    return total


print([consume(50) for i in range(20)][-1])


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(sum(sum(tree(6)) for i in range(10)))


# Threads

def work():
    results.append(sum(fib(12) for i in range(20)))


results = []
threads = [threading.Thread(target=work) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results)


# Closures, defaults, keywords

def counter():
    n = 0

    def step(by=1):
        nonlocal n
        n += by
        return n
    return step


step = counter()
for i in range(200):
    step()
    step(2)
    step(by=3)
print(step())


def two(a, b):
    a, b = b, a
    return a, b


def swap(n):
    x, y = 0, n
    for i in range(n):
        x, y = two(x, y)
    return x, y


print(swap(301))


def unbound(n):
    if n != 150:
        x = n
    return x


for i in range(200):
    try:
        unbound(i)
    except UnboundLocalError as e:
        print(e)
