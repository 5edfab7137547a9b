# Comparisons, `in`, subscripts and loops over objects of Python classes: what their methods answer, raise and see.
import gc
import sys
import traceback


class Tracked:
    def __init__(self, name, answer):
        self.name, self.answer = name, answer

    def asked(self, op, other):
        print(f"{self.name}.{op}({getattr(other, 'name', other)!r})", end=" ")
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer

    def __eq__(self, other):
        return self.asked("eq", other)

    def __ne__(self, other):
        return self.asked("ne", other)

    def __lt__(self, other):
        return self.asked("lt", other)

    def __le__(self, other):
        return self.asked("le", other)

    def __gt__(self, other):
        return self.asked("gt", other)

    def __ge__(self, other):
        return self.asked("ge", other)


class Derived(Tracked):
    pass


class Falsy:
    def __init__(self, answer):
        self.answer = answer

    def __bool__(self):
        print("bool", end=" ")
        return self.answer

    def __repr__(self):
        return f"Falsy({self.answer})"


def show(f, *args):
    try:
        print("->", f(*args))
    except Exception as e:
        print("->", type(e).__name__, e)


OPS = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
}


def jumps(a, b):
    found = []
    if a == b:
        found.append("==")
    if not a == b:
        found.append("not ==")
    if a < b:
        found.append("<")
    if a != b and a >= b:
        found.append("!= >=")
    return found


# What is asked in which order
answers = [True, False, NotImplemented, "text", 0, Falsy(True), Falsy(False), ValueError("no")]
for x in answers:
    for y in (NotImplemented, "right"):
        for left, right in ((Tracked("a", x), Tracked("b", y)), (Tracked("a", x), Derived("b", y)), (Derived("a", x), Tracked("b", y))):
            for op in OPS.values():
                show(op, left, right)
            show(jumps, left, right)
for other in (1, "x", None, 2.5, [1], object):
    for op in OPS.values():
        show(op, Tracked("a", NotImplemented), other)
        show(op, other, Tracked("a", True))
    show(jumps, Tracked("a", True), other)
    show(jumps, other, Tracked("a", False))


# One site that meets numbers, strs and objects, also while it is being asked
class Nested:
    def __init__(self, value):
        self.value = value

    def __eq__(self, other):
        return same(self.value, other.value if isinstance(other, Nested) else other)

    def __lt__(self, other):
        return before(self.value, other.value)

    def __repr__(self):
        return f"Nested({self.value!r})"


def same(a, b):
    if a == b:
        return "yes"
    return ""


def before(a, b):
    return a < b


def wrap(value, depth):
    for _ in range(depth):
        value = Nested(value)
    return value


for a, b in ((1, 1), (1, 2), (1.5, 1.5), ("x", "x"), ("x", "y"), (None, 0)):
    for depth in (1, 2, 5, 0, 3):
        print(repr(same(wrap(a, depth), wrap(b, depth))), end=" ")
    print()
for a, b in ((1, 2), (2, 1), (1.5, 2), ("x", "y"), (3, 3)):
    print([before(wrap(a, d), wrap(b, d)) for d in (1, 2, 5, 0, 3)])
show(before, wrap(1, 3), wrap("x", 3))


# Loops that end by a comparison
class Counter:
    def __init__(self):
        self.n = 0

    def __lt__(self, other):
        self.n += 1
        return self.n < other

    def __eq__(self, other):
        self.n += 1
        return self.n != other


def until(c, n):
    while c < n:
        pass
    return c.n


def until_equal(c, n):
    while c == n:
        pass
    return c.n


def count(c, n):
    rounds = 0
    while c < n:
        rounds += 1
    return rounds


print(until(Counter(), 5000), until_equal(Counter(), 5000), count(Counter(), 300))


# Membership
class Container:
    def __init__(self, answer):
        self.answer = answer

    def __contains__(self, item):
        print("contains", item, end=" ")
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def member(x, c):
    result = [x in c, x not in c]
    if x in c:
        result.append("in")
    if x not in c:
        result.append("not in")
    while x not in c:
        result.append("loop")
        if len(result) > 5:
            break
    return result


for x in (True, False, None, "text", [], Falsy(True), Falsy(False), Falsy(3), KeyError("k")):
    show(member, 1, Container(x))


class Iterated:
    def __iter__(self):
        yield from (1, 2, 3)


class Indexed:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError(i)
        return i * 10


class NotContained:
    __contains__ = None


show(member, 2, Iterated())
show(member, 20, Indexed())
show(member, 2, NotContained())


# Subscripts
class Store(dict):
    log = []

    def __getitem__(self, key):
        self.log.append(("get", key))
        return dict.__getitem__(self, key)

    def __setitem__(self, key, value):
        self.log.append(("set", key, value))
        if key == "bad":
            raise TypeError("bad key")
        dict.__setitem__(self, key, value)
        return "ignored"


def store(s):
    s["a"] = 1
    s["b"] = s["a"] + 1
    s["a"] += s["b"]
    return s["a"], s["b"]


show(store, Store())
show(store, {})
print(Store.log)


def bad(s):
    s["bad"] = 1


show(bad, Store())
show(lambda s: s["missing"], Store())
show(lambda s: s[1:2], Indexed())


class Returning:
    def __getitem__(self, key):
        return NotImplemented

    def __class_getitem__(cls, key):
        return "class", key


print(Returning()[0], Returning[0])


class Meta(type):
    def __getitem__(cls, key):
        return cls.__name__, key

    def __contains__(cls, item):
        return item == cls.__name__

    def __iter__(cls):
        return iter([cls.__name__, "meta"])


class Made(metaclass=Meta):
    pass


print(Made[3], "Made" in Made, "x" in Made, [x for x in Made])


# Loops
class Loop:
    def __init__(self, answer):
        self.answer = answer

    def __iter__(self):
        print("iter", end=" ")
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


def loop(x):
    return [i for i in x], list(i for i in x), [*x], sum(len(str(i)) for i in x)


for make in (lambda: iter([1, 2]), lambda: [1], lambda: 5, lambda: None, lambda: OSError("gone"), lambda: NotImplemented):
    show(loop, Loop(make()))


class Generating:
    def __init__(self, name):
        self.name = name

    def __iter__(self):
        try:
            yield 1
            yield 2
        finally:
            print("closed", self.name, end=" ")


def leave(x):
    for i in x:
        break
    print("left", end=" ")
    for i in x:
        return i


print(leave(Generating("g")))


class Delegating:
    def __iter__(self):
        return numbers(self)


def numbers(x):
    try:
        yield 1
        yield 2
    finally:
        print("closed numbers", end=" ")


print(leave(Delegating()))


# In generators and coroutines
def inside(items, store):
    for item in items:
        if item in store:
            yield store[item] == item, store[item] < item
        else:
            store[item] = item
            yield item != store[item]


class Table(Store):
    def __contains__(self, item):
        return dict.__contains__(self, item)


print(list(inside([1, 2, 1, 2, 3], Table())))


async def waiting(a, b, c):
    if a == b and a in c:
        c[a] = b
        return c[a]


coroutine = waiting(Nested(1), 1, Container(True))
try:
    coroutine.send(None)
except Exception as e:
    print(type(e).__name__, e)


# Errors and what frames show
def failing(a, b):
    return (
        a
        ==
        b
    )


class Failing:
    def __eq__(self, other):
        raise ValueError("from eq")

    def __contains__(self, item):
        return 1 / 0

    def __getitem__(self, key):
        return undefined_name

    def __iter__(self):
        raise RuntimeError("from iter")


def calls(f):
    try:
        f()
    except Exception as e:
        print([(frame.name, frame.lineno and frame.line) for frame in traceback.extract_tb(e.__traceback__)], repr(e))


calls(lambda: failing(Failing(), 1))
calls(lambda: 1 in Failing())
calls(lambda: Failing()["k"])
calls(lambda: [0 for _ in Failing()])


class Looking:
    def __eq__(self, other):
        return [f.f_code.co_name for f in (sys._getframe(), sys._getframe(1))]

    def __getitem__(self, key):
        gc.collect()
        return sys._getframe(1).f_lineno - sys._getframe(1).f_code.co_firstlineno

    def __setitem__(self, key, value):
        gc.collect()

    def __lt__(self, other):
        gc.collect()
        return NotImplemented

    def __gt__(self, other):
        gc.collect()
        return [1, 2]


def looking():
    x = Looking()
    x[1] = [3]
    return [x == 1, x["k"], x < Looking(), Looking() < x]


print(looking())


# Recursion
class Deep:
    depth = 0

    def __eq__(self, other):
        Deep.depth += 1
        return self == other

    def __getitem__(self, key):
        Deep.depth += 1
        return self[key]

    def __contains__(self, key):
        Deep.depth += 1
        return key in self


def deep(f):
    Deep.depth = 0
    limit = sys.getrecursionlimit()
    try:
        f(Deep())
    except RecursionError as e:
        return Deep.depth > limit // 3, Deep.depth <= limit, str(e)[:32]


print(deep(lambda d: d == 1), deep(lambda d: d[0]), deep(lambda d: 1 in d))
print(Nested(1) == Nested(1))


# A trace function that comes and goes in a method
events = []


def tracer(frame, event, arg):
    events.append((event, frame.f_code.co_name))
    return tracer


class Switching:
    def __eq__(self, other):
        sys.settrace(tracer)
        return NotImplemented

    def __lt__(self, other):
        sys.settrace(None)
        return False

    def __contains__(self, item):
        return item


def switching(s):
    first = s == 1
    second = 1 in s
    if s < 1:
        return 0
    return first, second


print(switching(Switching()))
sys.settrace(None)
print([e for e in events if e[1] == "__contains__" or e[0] == "call"])


# Sets in loops
def total(s):
    n = 0
    for x in s:
        n += x
    return n


def changing(s):
    for x in s:
        s.add(x + 100)
    return s


print([total(s) for s in (set(range(100)), frozenset(range(50)), set(), {5}, [1, 2], {3: 4}, set(range(9)))])
show(changing, {1, 2, 3})
s = set(range(10))
for x in range(0, 10, 2):
    s.discard(x)
print(sorted(x for x in s), total(s))
it = iter({1, 2, 3})
print(sum(1 for _ in it), sum(1 for _ in it))
