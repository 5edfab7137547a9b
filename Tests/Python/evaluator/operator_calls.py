"""Operators of Python classes, called from loops: what is asked, in which order, and where errors point."""
import sys
import traceback


class Number:
    log = []

    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        Number.log.append(("add", self.n))
        if isinstance(other, Number):
            return Number(self.n + other.n)
        if isinstance(other, int):
            return Number(self.n + other)
        return NotImplemented

    def __radd__(self, other):
        Number.log.append(("radd", self.n))
        if isinstance(other, int):
            return Number(other + self.n)
        return NotImplemented

    def __iadd__(self, other):
        Number.log.append(("iadd", self.n))
        if isinstance(other, Number):
            self.n += other.n
            return self
        return NotImplemented

    def __sub__(self, other):
        return NotImplemented

    def __mul__(self, other):
        yield self.n
        yield other

    def __pow__(self, other, modulus=None):
        return (self.n, other, modulus)

    def __ipow__(self, other):
        return NotImplemented

    def __repr__(self):
        return f"<{self.n}>"


class Sub(Number):
    def __radd__(self, other):
        Number.log.append(("Sub.radd", self.n))
        return super().__radd__(other.n if isinstance(other, Number) else other)


class Plain(Number):
    pass


class Right:
    def __radd__(self, other):
        Number.log.append(("Right.radd", str(other)))
        return "right"

    def __rsub__(self, other):
        return "rsub"


class Text(str):
    def __add__(self, other):
        return NotImplemented if isinstance(other, str) else "text"


class Items(list):
    def __add__(self, other):
        return NotImplemented

    def __iadd__(self, other):
        return NotImplemented

    def __mul__(self, other):
        return NotImplemented


def added(a, b):
    return a + b


def grown(a, b):
    a += b
    return a


def subtracted(a, b):
    return a - b


def tried(f, *args):
    Number.log.clear()
    try:
        result = f(*args)
    except TypeError as e:
        result = f"TypeError: {e}"
    return result, list(Number.log)


for round in range(3):
    for pair in [(Number(1), Number(2)), (Number(1), 2), (1, Number(2)), (Number(1), Sub(2)), (Sub(1), Number(2)), (Number(1), Plain(2)),
                 (Number(1), Right()), (Number(1), "x"), ("x", Number(1)), (Text("a"), "b"), (Text("a"), 1), (Items([1]), [2]), (1, 2), (1.5, 2),
                 (Items([1]), (2,)), (2**60, Number(1))]:
        print(*tried(added, *pair))
        print(*tried(grown, *pair))
        print(*tried(subtracted, *pair))
print(list(Number(3) * 4), Number(2) ** 3, tried(lambda a: a.__ipow__(2), Number(1)))
n = Number(2)
n **= 5
print(n)


# The name of an operator is looked up on the class, not on the instance, and may change.
a = Number(1)
a.__add__ = lambda other: "instance"
print(added(a, 1))
Number.__add__ = lambda self, other: "changed"
print(added(a, 1))
del Number.__add__
print(*tried(added, Number(1), 1))
Number.__add__ = staticmethod(lambda *args: args)
print(added(Number(1), 2))
Number.__add__ = len
print(*tried(added, Number(1), 2))


# Recursion, errors and frames
class Deep:
    def __init__(self, depth):
        self.depth = depth

    def __add__(self, other):
        if self.depth == 0:
            return sys._getframe(1).f_code.co_name, other / 0
        return Deep(self.depth - 1) + other


try:
    Deep(2) + 1
except ZeroDivisionError:
    print([(f.name, f.line) for f in traceback.extract_tb(sys.exc_info()[2])])


class Endless:
    def __add__(self, other):
        return self + other


try:
    Endless() + 1
except RecursionError as e:
    print(type(e).__name__, e)


# Sites that meet ints, floats, strs and objects in turn
def mixed(a, b):
    return a + b, a * b, a - b, a < b, a == b, a != b, a >= b


values = [1, 2.5, 2**47 - 1, -(2**47), 0, -1, 0.0, 1e308, float("inf"), 2**80, True]
for _ in range(4):
    for x in values:
        for y in values:
            r = mixed(x, y)
            s = mixed(y, x)
print(mixed(2**47 - 1, 1), mixed(2**46, 4), mixed(-(2**47), 1.5), mixed(2**47 - 1, 2**47 - 1))


def divided(a, b):
    return a / b, a % b, a // b


for _ in range(3):
    for x, y in [(1, 2), (1.0, 3), (7, 2.5), (2**47 - 1, 3), (1, 0), (1.0, 0), (-7, 2), (Number(3), 2)]:
        try:
            print(divided(x, y))
        except (ZeroDivisionError, TypeError) as e:
            print(type(e).__name__, e)


def compared(a, b):
    return (1 if a == b else 0) + (2 if a < b else 0)


for _ in range(10):
    for x, y in [(1, 2), ("a", "b"), (1.5, 1), ("a", "a"), (2**70, 2**70), ((1,), (1,)), (True, 1)]:
        last = compared(x, y)
print([compared(x, y) for x, y in [(1, 2), ("a", "b"), (1.5, 1), ("a", "a"), (2**70, 2**70), ((1,), (1, 2)), (float("nan"), 1.0)]])
