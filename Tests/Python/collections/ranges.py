"""range, slice, enumerate, zip, map, filter, reversed, iter."""


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


B = 1 << 70
for r in [range(5), range(2, 8), range(0, 10, 3), range(5, 0, -2), range(0), range(B, B + 3), range(B, B - 5, -2), range(-3, 3)]:
    print(r, len(r), list(r), list(reversed(r)), bool(r), hash(r) == hash(r[:]), r == r[:], r[::-1])
r = range(0, 20, 3)
print(r[2], r[-1], r[1:3], r[::-2], 6 in r, 7 in r, 6.0 in r, "a" in r, r.index(9), r.count(9), r.count(10), r.start, r.stop, r.step)
print(range(3) == range(0, 3, 1), range(0) == range(2, 1), range(1, 2) == range(1, 3, 5), range(3) != range(4), hash(range(0)) == hash(range(5, 1)))
attempt(lambda: range())
attempt(lambda: range(1.5))
attempt(lambda: range(1, 2, 0))
attempt(lambda: range(1, 2, 3, 4))
attempt(lambda: range(3)[3])
attempt(lambda: range(3)["a"])
attempt(lambda: range(3).index(5))
attempt(lambda: len(range(B)))
attempt(lambda: range(a=1))
attempt(lambda: range(3) < range(4))
print(range(B)[B - 1] == B - 1, (B - 1) in range(B), range(B).index(B - 5) == B - 5)
it = iter(range(2, 10, 3))
print(next(it), it.__length_hint__(), it.__reduce__()[1:], list(it))
it = iter(range(B, B + 4))
print(next(it) == B, it.__length_hint__(), [v - B for v in it])
it = iter(range(10))
it.__setstate__(7)
print(list(it), range(3).__reduce__()[1])
edge = (1 << 47) - 2
print(list(range(edge, edge + 5)), list(range(-edge, -edge - 5, -2)))
top = (1 << 63) - 2
print(list(range(top, top + 4)), list(range(-top, -top - 6, -2)))

print(slice(1), slice(1, 2), slice(1, 2, 3), slice(None).indices(5), slice(-3, None).indices(5), slice(None, None, -1).indices(5))
print(slice(1, B, B).indices(B) == (1, B, B), slice(1) == slice(1), slice(1, 2) < slice(1, 3), slice(1, 2, 3).__reduce__()[1])
attempt(lambda: slice())
attempt(lambda: slice(1).indices(-1))
attempt(lambda: slice(None, None, 0).indices(3))
attempt(lambda: slice("a").indices(3))
attempt(lambda: hash(slice(1)))

print(list(enumerate("ab")), list(enumerate("ab", 5)), list(enumerate("ab", start=B))[1][0] - B)
e = enumerate("abc", (1 << 63) - 2)
print([i for i, _ in e])
attempt(lambda: enumerate())
attempt(lambda: enumerate(1))
attempt(lambda: enumerate([], "a"))
print(list(zip()), list(zip("ab")), list(zip("abc", [1, 2])), list(zip("ab", [1, 2], (3, 4), range(9))))
attempt(lambda: list(zip("ab", [1], strict=True)))
attempt(lambda: list(zip("a", [1, 2], strict=True)))
attempt(lambda: list(zip("ab", [1, 2], "a", strict=True)))
attempt(lambda: list(zip("ab", [1, 2], "abc", strict=True)))
attempt(lambda: zip(1))
attempt(lambda: zip([], foo=1))
print(list(map(str, [1, 2])), list(map(lambda a, b: a + b, [1, 2], [10, 20, 30])), list(map(lambda *a: a, "ab", "cd", "ef", "gh")))
attempt(lambda: map())
attempt(lambda: map(int))
attempt(lambda: map(1, 2))
print(list(filter(None, [0, 1, "", "a"])), list(filter(lambda v: v > 1, [1, 2, 3])), list(filter(bool, [0, 5])))
attempt(lambda: filter(1))
attempt(lambda: list(filter(1, [1])))
print(list(reversed("abc")), list(reversed((1, 2))), list(reversed({1: 2})))
attempt(lambda: reversed({1}))
attempt(lambda: reversed(1))


class Sequence:
    def __getitem__(self, i):
        if i > 3:
            raise IndexError
        return i * i

    def __len__(self):
        return 4


print(list(Sequence()), list(reversed(Sequence())), 9 in Sequence(), list(enumerate(Sequence())))
it = iter(Sequence())
next(it)
print(it.__length_hint__(), it.__reduce__()[2], type(it).__name__)
n = [0]


def tick():
    n[0] += 1
    return n[0]


print(list(iter(tick, 4)), next(iter(tick, 5), "end"))
attempt(lambda: iter(1))
attempt(lambda: iter(1, 2))
it = iter([1])
next(it)
attempt(lambda: next(it))
print(next(it, "default"))
try:
    for a, b in zip([1, 2], [3]):
        print(a, b)
except ValueError as error:
    print(error)
