# Hot loops that call functions, methods and operators of classes, which are replaced, fail or look around meanwhile.
import math
import sys


def add(x, y):
    return x + y


def weight(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def weighted(n, m):
    s = 0
    for i in range(n):
        for j in range(m):
            s += weight(i, j) * 0.5
    return s


def sums(n):
    s = 0
    for i in range(n):
        s = add(s, i)
        s = add(s, add(i, 1))
    return s


def replaced(n):
    global add
    old = add
    s = 0
    for i in range(n):
        s = add(s, i)
        if i == n // 2:
            def add(x, y):
                return x - y
    add = old
    return s


def other_code(n):
    def f(x):
        return x + 1

    def g(x):
        return x * 2 & 0xFFFF

    s = 0
    for i in range(n):
        s = twice(f, s)
        if i == n // 2:
            f.__code__ = g.__code__
    return s


def twice(f, x):
    return f(f(x))


def fails(n):
    s = 0
    try:
        for i in range(n):
            s = add(s, "x" if i == n - 3 else 1)
    except TypeError as e:
        t = e.__traceback__
        return s, t.tb_next.tb_frame.f_code.co_name, t.tb_next.tb_lineno - add.__code__.co_firstlineno, i


def divides(n):
    def ratio(a, b):
        return a / b

    s = 0.0
    for i in range(n):
        try:
            s += ratio(i, n - 1 - i)
        except ZeroDivisionError as e:
            s += e.__traceback__.tb_next.tb_frame.f_locals["a"]
    return round(s, 6)


class Grid:
    def __init__(self, w, h):
        self.w = w
        self.h = h
        self.cells = [0.5] * (w * h)

    def index(self, x, y):
        return y * self.w + x

    def __getitem__(self, at):
        x, y = at
        return self.cells[self.index(x, y)]

    def __setitem__(self, at, value):
        x, y = at
        self.cells[self.index(x, y)] = value

    def clear(self):
        self.cells = []
        return self


class Rows:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, i):
        return self.rows[i]

    def __setitem__(self, i, row):
        self.rows[i] = row


def relax(grid, rounds):
    for _ in range(rounds):
        for y in range(1, grid.h - 1):
            for x in range(1, grid.w - 1):
                grid[x, y] = 0.25 * (grid[x, y - 1] + grid[x, y + 1] + grid[x - 1, y] + grid[x + 1, y]) + x * 0.001
    return sum(grid.cells)


def off_the_grid(grid):
    s = 0
    try:
        for k in range(100000):
            s += grid[k % grid.w, k // grid.w]
    except IndexError as e:
        names = []
        t = e.__traceback__
        while t:
            names.append(t.tb_frame.f_code.co_name)
            t = t.tb_next
        return s, k, str(e), names


def rows(m, n):
    s = 0
    for _ in range(n):
        for i in range(3):
            for j in range(3):
                s += m[i][j]
            m[i] = m[i]
    return s


class Point:
    def __init__(self, x):
        self.x = x
        self.count = 0

    def get(self):
        return self.x

    def set(self, x):
        self.x = x

    def set_and_fail(self, x):
        self.count += 1
        return self.x + x

    def step(self, d):
        self.x += d
        self.count += 1
        return self


def methods(n):
    p = Point(1)
    s = 0
    for i in range(n):
        s += p.get()
        p.set(i)
        p.step(2)
    return s, p.x, p.count


def effects(n):
    # What is done before a failure is done once.
    p = Point(1)
    bad = 0
    for i in range(n):
        try:
            p.set_and_fail(i if i % 7 else "x")
        except TypeError:
            bad += 1
    return p.count, bad


def new_method(n):
    p = Point(1)
    s = 0
    for i in range(n):
        s += p.get()
        if i == n // 2:
            Point.get = lambda self: 10
        if i == n - 20:
            p.get = lambda: 100
    return s


def functions(n):
    s = 0.0
    for i in range(n):
        s += math.sqrt(i) + math.sin(i * 0.5) - math.cos(s * 0.001) + abs(-0.5 - i)
        s += len(values)
        if i == n - 5:
            values.append(1)
    return s


def domain(n):
    s = 0.0
    for i in range(n):
        try:
            s += math.sqrt(n - 10 - i)
        except ValueError as e:
            s += 1
            message = str(e)
    return round(s, 6), message


def sees_callers(n):
    def leaf(i):
        return depth(i)

    def depth(i):
        return len(names(sys._getframe())) if i % 100 == 0 else 0

    s = 0
    for i in range(n):
        s += leaf(i)
    return s


def names(frame):
    out = []
    while frame:
        out.append(frame.f_code.co_name)
        frame = frame.f_back
    return out


def deep(n):
    if n == 0:
        s = 0
        for i in range(3000):
            s = add(s, i)
        return s
    return deep(n - 1)


def recursion():
    limit = sys.getrecursionlimit()
    try:
        return deep(limit - len(names(sys._getframe())) - 2)
    except RecursionError:
        return "too deep"


def defaults(n):
    def f(x, y=3):
        return x * y

    s = 0
    for i in range(n):
        s += f(i) + f(i, 2) + f(i, y=5)
    return s


def in_generator(n):
    for i in range(n):
        x = add(i, 1)
        if i % 1000 == 0:
            yield x
        g = grid[0, 0] + weight(i, 1)
    yield g


class Checked(Grid):
    def index(self, x, y):
        if 0 <= x < self.w and 0 <= y < self.h:
            return y * self.w + x
        raise IndexError("off the grid")


class Either:
    def __init__(self, rows):
        self.rows = rows

    def __getitem__(self, i):
        if isinstance(i, tuple):
            return self.rows[i[1]][i[0]]
        else:
            return self.rows[i]


def clamp(x, low, high):
    if x < low:
        return low
    if x > high:
        return high
    return x


def sign(x):
    return 1 if x > 0 else -1 if x < 0 else 0


def first_true(a, b):
    if a:
        return a
    if b is None:
        return "none"
    return b


def branches(n):
    s = 0
    t = 0.0
    seen = set()
    for i in range(n):
        s += clamp(i - n // 2, -100, 100)
        t += clamp(i * 0.5, 10.5, 1000.25) * sign(i - n / 3)
        s += sign(-i)
        x = first_true(i & 1, None if i % 3 else i)
        if i % 500 == 0:
            seen.add(x)
    return s, t, sorted(map(str, seen))


def either(n):
    e = Either([[1, 2, 3], [4, 5, 6]])
    s = 0
    for i in range(n):
        s += e[i % 2][1]
        s += e[i % 3, i % 2]
    return s


def average(values, rounds):
    # ints at first, floats later
    for k in range(rounds):
        s = 0
        for i, v in enumerate(values):
            s += weight(i, k) * v
        values = [s * v for v in values]
        values[k % len(values)] = k
    return s


values = [1, 2, 3]
grid = Grid(20, 10)
for n in (10, 3000, 30000):
    print(sums(n), replaced(n), other_code(n), fails(n), divides(n), defaults(n))
    print(weighted(n // 50, 60), methods(n), effects(n), functions(n), domain(n), sees_callers(n))
    print(list(in_generator(n)))
for n in (10, 3000, 30000):
    print(branches(n), either(n))
print(average([1] * 50, 300), average([1.5] * 20, 100))
print(relax(Checked(20, 30), 50), off_the_grid(Checked(20, 10)))
print(relax(Grid(20, 30), 50), relax(grid, 30), off_the_grid(grid), rows(Rows([[1, 2, 3], [4, 5, 6.5], [7, 8, 9]]), 2000))
print(new_method(5000), recursion())
sys.setrecursionlimit(200)
print(recursion())
