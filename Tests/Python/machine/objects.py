# Hot loops that read and write attributes, globals and closure cells, all of which change meanwhile.

COUNT = 1
LIMIT = 3000


class Point:
    scale = 2

    def __init__(self, x, y):
        self.x = x
        self.y = y


class Slotted:
    __slots__ = ("x", "y")


def walk(p, n):
    for i in range(n):
        p.x = p.x + i
        p.y += p.x * 0.5
        p.x -= i * p.scale
    return p.x, p.y


def globals_change(n):
    global COUNT
    s = 0
    for i in range(n):
        s += COUNT
        if i == n // 2:
            COUNT = 2.5
        if i == n - 5:
            globals()["OTHER%d" % n] = 1
    COUNT = 1
    return s


def name_vanishes(n):
    global GONE
    GONE = 3
    s = 0
    try:
        for i in range(n):
            s += GONE
            if i == n - 3:
                del GONE
    except NameError as e:
        return s, str(e)


def shadowed(n):
    global abs
    s = 0
    for i in range(n):
        s += abs is not None
        if i == n // 2:
            abs = None
    del abs
    return s


def attribute_vanishes(n):
    p = Point(1, 2)
    s = 0
    i = 0
    try:
        while True:
            s += p.x
            i += 1
            if i == n:
                del p.x
    except AttributeError as e:
        return s, i, str(e)


def class_changes(n):
    class Other(Point):
        @property
        def x(self):
            return 100

        @x.setter
        def x(self, value):
            pass

    p = Point(1, 2)
    s = 0
    for i in range(n):
        s += p.x
        if i == n - 10:
            p.__class__ = Other
    return s


def class_attribute(n):
    p = Point(1, 2)
    s = 0
    for i in range(n):
        s += p.scale
        if i == n // 3:
            Point.scale = 5
        if i == n // 2:
            p.scale = 7
    Point.scale = 2
    return s


def slots(n):
    p = Slotted()
    p.x = 0
    p.y = 0.5
    for i in range(n):
        p.x += 1
        p.y = p.y + p.x
    try:
        for i in range(n):
            p.x -= 1
            if i == n - 2:
                del p.x
    except AttributeError as e:
        return p.y, str(e)


def cells(n):
    s = 0

    def add(n):
        nonlocal s
        for i in range(n):
            s += i
            if i == n - 1:
                s = str(s)

    add(n)
    return s


def unbound_cell(n):
    def inner():
        s = 0
        for i in range(n):
            s += value
            if i == n - 4:
                forget()
        return s

    def forget():
        nonlocal value
        del value

    value = 4
    try:
        return inner()
    except NameError as e:
        return str(e)


def unbound_local(n):
    s = 0
    try:
        for i in range(n):
            s += i
            if i == n - 2:
                del s
    except UnboundLocalError as e:
        return i, str(e)


def several(points, n):
    s = 0
    for _ in range(n):
        for p in points:
            s += p.x
            p.y = s
    return s, points[0].y


def is_tests(n):
    none = None
    count = 0
    for i in range(n):
        x = none if i % 3 else i
        if x is None:
            count += 1
        if x is not None:
            count += 10
        count += x is none
    return count


def strings(text, table, n):
    s = 0
    for i in range(n):
        c = text[i % len(text)]
        s += table[c]
    return s


class Counter:
    def __init__(self):
        self.n = 0

    def __add__(self, other):
        self.n += 1
        return self

    def __lt__(self, other):
        self.n += 1
        return self.n < other


def operators(n):
    c = Counter()
    x = 0
    for i in range(n):
        x = x + 1 if i < n - 20 else c
        if i >= n - 20:
            x = x + 1
    while c < 5000:
        i += 1
    return c.n, i


def nothing_there(n):
    out = []
    values = [1, 2, 3]
    pairs = [(1, 2)]
    p = Point(1, 2)
    for i in range(n):
        last = i == n - 1
        if last:
            values = pairs = p = None
        try:
            out[:] = []
            out.append(values[1])
        except TypeError as e:
            print(e)
        try:
            for a, b in pairs:
                out.append(a)
        except TypeError as e:
            print(e)
        try:
            out.append(p.x)
        except AttributeError as e:
            print(e)
    return out


def kinds_of_items(n):
    # Each of these comes where others have been met.
    odd = [None, True, 2.5, 1 << 70, "s", (1,), [2], Point(3, 4), Slotted, len, float("nan"), -0.0]
    log = []
    for name, f in (
        ("index", item_of),
        ("attribute", attribute_of),
        ("sum", sum_of),
        ("pair", pair_of),
        ("loop", loop_of),
        ("truth", truth_of),
        ("compare", compare_of),
    ):
        good = {"index": [1, 2], "attribute": Point(1, 2), "pair": (1, 2), "loop": [1, 2]}.get(name, 1)
        for bad in odd:
            try:
                log.append((name, f([good] * n + [bad])))
            except Exception as e:
                log.append((name, type(e).__name__, str(e)))
    return log


def item_of(values):
    s = 0
    for v in values:
        s += v[0]
    return s


def attribute_of(values):
    s = 0
    for v in values:
        s += v.x
    return s


def sum_of(values):
    s = 0
    for v in values:
        s = s + v
    return s


def pair_of(values):
    s = 0
    for v in values:
        a, b = v
        s += a - b
    return s


def loop_of(values):
    s = 0
    for v in values:
        for x in v:
            s += x
    return s


def truth_of(values):
    s = 0
    for v in values:
        if v:
            s += 1
        s += not v
    return s


def compare_of(values):
    s = 0
    for v in values:
        if v > 0:
            s += 1
        s += v == 1
    return s


for entry in kinds_of_items(3000):
    print(entry)
print(nothing_there(3000))
for n in (20, 5000, 40000):
    print(walk(Point(1, 2), n), walk(Point(0.5, 0.25), n), walk(Slotted2 := Point(1 << 46, 3), n))
    print(globals_change(n), name_vanishes(n), shadowed(n))
    print(attribute_vanishes(n), class_changes(n), class_attribute(n), slots(n))
    print(cells(n), unbound_cell(n), unbound_local(n), is_tests(n))
    print(several([Point(1, 2), Point(3, 4)], n), several([Point(1, 2), Slotted()][:1] * 3, n))
    print(strings("abcä", {"a": 1, "b": 2, "c": 3, "ä": 4}, n), operators(n))
print(several([Point(1, 2), Point(3.5, 4)], 3000))
