"""Keys that tables look up without calls: numbers, constants, tuples of them and of tuples; and those where a call decides."""
from collections import namedtuple

P = namedtuple("P", "x y")


class Tuple(tuple):
    pass


class Loud(tuple):
    def __eq__(self, other):
        print("eq", tuple(self), tuple(other))
        return tuple.__eq__(self, other)

    __hash__ = tuple.__hash__


class Same:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        print("same", self.n, other)
        return self.n == getattr(other, "n", other)


nan = float("nan")
keys = [1, True, 1.0, 0, False, -0.0, None, ..., 2.5, nan, -1, -2, "a", b"a", (), (1,), (True,), (1.0,), (1, 2), P(1, 2), Tuple((1, 2)), P(P(1, None), "x"),
        P((1, None), "x"), ((1, None), "x"), (nan,), (nan, nan), ((((((((1,),),),),),),),), (1, (2.5, (None, "b"))), (1, (2.5, (None, "b"), b"c")), Same(1), Same(5), (Same(1), 2),
        5, (5, 6), Loud((5, 6)), (b"a", "a"), (b"a", b"a"), frozenset({1}), (frozenset({1}),), 1 << 70, (1 << 70, 1), 1j, (1j,), (type, int), (int, type), float(1 << 60), 1 << 60]
for rounds in range(3):
    d = {}
    for i, k in enumerate(keys):
        d[k] = d.get(k, ()) + (i,)
    print(len(d), [v for v in d.values()])
    s = set()
    for k in keys:
        if k not in s:
            s.add(k)
    print(len(s), [k in s for k in keys], [k in d for k in reversed(keys)])
print([hash(k) for k in keys if not isinstance(k, (Same,)) and "Same" not in repr(k) and k is not nan and "nan" not in repr(k) and "None" not in repr(k) and k is not ... and "class" not in repr(k) and not isinstance(k, (str, bytes)) and "a'" not in repr(k) and "'" not in repr(k)])
print((1, 2) == (1, 2, 3), (1, Same(3)) == (1, 3, 4), (1, Same(3)) == (2, 3, 4), (nan,) == (nan,), P(1, 2) == (1, 2), (None,) == (0,), (True, False) == (1, 0.0))


def deep(n):
    t = ()
    for _ in range(n):
        t = (t,)
    return t


for f in (lambda t: t == deep(100000), lambda t: {deep(100000): 1}.get(t)):
    try:
        print(f(deep(100000)) is not None)
    except RecursionError as e:
        print("RecursionError")


# All attributes at once, in their order
class A:
    pass


for n in (0, 1, 5, 6, 9, 30, 300):
    a = A()
    for i in range(n):
        setattr(a, "n%d" % i, i)
    if n > 5:
        del a.n3
        a.n3 = "again"
        a.n4 = "changed"
    copy = dict(vars(a))
    vars(a)["more"] = n
    vars(a).pop("n0", None)
    print(n, len(copy), list(copy.items())[:7], list(vars(a))[-3:], sorted(vars(a))[:3], hasattr(a, "more"), "n1" in vars(a), {**vars(a)} == vars(a))

# Lines
def lines():
    import sys
    f = sys._getframe
    r = [f().f_lineno,
         f().f_lineno, (f()
                        .f_lineno)]

    if r: r.append(f().f_lineno)
    for x in (1,
              2): r += [
            f().f_lineno, x]
    return r, [l - lines.__code__.co_firstlineno for _, _, l in lines.__code__.co_lines() if l]


print(lines())


# Tuples in tuples, whose hashes are remembered, while what is in them changes its class or its class changes
class Q:
    pass


class R(Q):
    def __hash__(self):
        return 77


q = Q()
inner = (q, 1)
before = hash((inner, 2)), hash((inner, 2)), hash(((inner,), 2))
q.__class__ = R
print(hash((inner, 2)) == hash(((q, 1), 2)), hash(inner) == hash((77, 1)), hash((inner, 2)) == hash(((77, 1), 2)), hash((inner, 2)) == before[0])
q.__class__ = Q
print(hash((inner, 2)) == before[0], hash(((inner,), 2)) == before[2])
Q.__hash__ = lambda self: 78
print(hash((inner, 2)) == hash(((78, 1), 2)))
del Q.__hash__
print(hash((inner, 2)) == before[0])
f = frozenset({1, 2})
t = (f, (f, "x"))
print(hash((t, 1)) == hash(((frozenset({2, 1}), (frozenset({1, 2}), "x")), 1)), {(t, 1): 5}[((frozenset({2, 1}), (f, "x")), 1)])
for i in range(2000):
    t = ((i, (i + 1, "a")), (i,))
    if {t: i}[((i, (i + 1, "a")), (i,))] != i or hash(t) != hash(((i, (i + 1, "a")), (i,))):
        print("wrong", i)
