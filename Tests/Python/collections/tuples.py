"""Tuples: construction, operations, hash, comparison."""


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


t = (1, 2, 3)
print(t, (), (1,), tuple("ab"), tuple([1]), tuple(range(3)))
print(t + (4,), t * 2, 0 * t, t[1], t[-1], t[1:], t[::-1], t.index(2), t.count(1), 2 in t)
print(tuple(t) is t, t[:] is t, t + () is t, t * 1 is t)
attempt(lambda: t[3])
attempt(lambda: t["a"])
attempt(lambda: t + [1])
attempt(lambda: t.index(9))
attempt(lambda: t.index(3, 0, 2))
attempt(lambda: tuple(1, 2))
attempt(lambda: tuple(a=1))
attempt(lambda: hash(([],)))
attempt(lambda: (1, 2) < (1, "x"))
print(hash(()), hash((1,)), hash((1, 2, 3)), hash((0, (1, -1), 2.5, None == 1)), hash((-1,)), hash(tuple(range(100))))
print((1, 2) < (1, 3), (1,) < (1, 2), () < (1,), (1, 2) == (1.0, 2.0), (1,) != (2,), (2,) >= (1, 5))
print(((),), ((1, 2), [3]), t.__getnewargs__())


class T(tuple):
    def __new__(cls, *args):
        return super().__new__(cls, args)


x = T(1, 2, 3)
x.note = "attribute"
print(x, x.note, type(x), len(x), x[0], type(x[:]), type(x + x), x == (1, 2, 3), hash(x) == hash((1, 2, 3)))
y = T()
y.a = 1
y.b = 2
print(y, y.__dict__)
many = [T(*range(i)) for i in range(50)]
for i, m in enumerate(many):
    m.value = i
print(all(m.value == len(m) == i for i, m in enumerate(many)))
it = iter(t)
print(next(it), it.__length_hint__(), it.__reduce__()[1:], list(it), list(it))
it = iter(t)
it.__setstate__(2)
print(list(it))
a, *b, c = t
print(a, b, c)
