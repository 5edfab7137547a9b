"""Comparisons, subscripts and keys that are answered without a call, and their neighbours that are not."""


class Plain:
    pass


class Equal:
    def __eq__(self, other):
        return True

    def __hash__(self):
        return 1


class Same:
    def __eq__(self, other):
        return NotImplemented

    def __hash__(self):
        return 1


p, q = Plain(), Plain()
things = [None, True, False, 0, 1, -1, 1.0, float("nan"), "", "a", "é", b"", b"a", (), (1,), [], [1], {}, p, q, Equal(), Same(), int, str, Plain,
          2 ** 70, 2 ** 70, 0.0, -0.0, 1j, bytearray(b"a"), range(2)]


def equal(a, b):
    return a == b


def unequal(a, b):
    if a != b:
        return True
    return False


def less(a, b):
    try:
        return a < b
    except TypeError as e:
        return "TypeError"


for f in (equal, unequal, less):
    rows = ["".join({True: "1", False: "0", "TypeError": "-"}[f(a, b)] for b in things) for a in things]
    print(f.__name__, *rows, sep="\n")
nan = things[7]
print(equal(nan, nan), unequal(nan, nan))


def get(c, i):
    return c[i]


def put(c, i, v):
    c[i] = v
    return c


for c in ("abc", "aé", "\u20ac\u20ad", b"abc", bytearray(b"abc"), [1, 2], (1, 2), {0: "zero", "k": 1}, range(5)):
    for i in (0, 1, -1, -3, 2, 3, -4, True, "k", 2 ** 70, None):
        try:
            print(repr(get(c, i)), end=" ")
        except Exception as e:
            print(type(e).__name__, e, end="; ")
    print()
for v in (0, 255, 256, -1, True, "x", 1.5):
    for i in (0, -1, 3, -4, True, "k"):
        for c in (bytearray(b"abc"), [1, 2, 3], {}):
            try:
                print(put(c, i, v), end=" ")
            except Exception as e:
                print(type(e).__name__, e, end="; ")
    print()


# Objects and tuples as keys
class Int(int):
    pass


class Moody:
    """Raises when it is compared with another of the same hash."""

    def __init__(self, h):
        self.h = h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        raise ValueError("compared")


keys = [p, q, int, Plain, (1, 2), (1, "a"), ("a", (1, p)), (p, q), (1.0, 2), (True, 2), None, True, 1, Int(1), 1.0, ((),), (), len, print]
table = {}
for n, k in enumerate(keys):
    table[k] = n
print(list(table.values()), len(table))
print([table[k] for k in keys], [k in table for k in keys], (1, 3) in table, (1, [2]).__class__ in table)
s = set(keys)
print(len(s), all(k in s for k in keys), (2, 1) in s, Plain() in s)
for key in (p, (1, 2)):
    mixed = {key: "mine"}
    moody = Moody(hash(key))
    for action in (lambda: mixed[moody], lambda: moody in mixed, lambda: mixed.setdefault(moody, 1), lambda: moody in {key}):
        try:
            print(action())
        except ValueError as e:
            print(e)
    only = {moody: 1}
    print(moody in only, only[moody])
    try:
        print(key in only)
    except ValueError as e:
        print(e)
for bad in ([], (1, []), ([],), {}, (1, {})):
    for action in (lambda: table[bad], lambda: bad in table, lambda: table.__setitem__(bad, 1), lambda: bad in s, lambda: {bad}):
        try:
            action()
        except TypeError as e:
            print(e, end="; ")
print()
print(hash((1, 2)) == hash((1.0, 2.0)), hash((p,)) == hash((p,)), hash(()) == hash(tuple([])), hash((-1,)) == hash((-2,)))
