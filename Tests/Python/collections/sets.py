"""Sets and frozensets. Printed sorted: our sets keep insertion order, CPython's follow the hashes."""


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, repr(e))


def show(*sets):
    print(*[(type(s).__name__, sorted(s)) for s in sets])


a = {1, 2, 3}
b = {3, 4}
show(a | b, a & b, a - b, a ^ b, b - a)
show(a.union([9], "a" and [8]), a.intersection([1, 2], {2}), a.difference([1], {2}), a.symmetric_difference([1, 7]))
show(a.union(), a.intersection(), a.difference(), set(), frozenset([1, 1, 2]))
print(a < b, a <= a, a > {1}, a >= {1, 2}, a == {3, 2, 1}, a != b, {1} < {2}, a == frozenset(a), a == [1, 2, 3])
print(a.issubset(range(10)), a.issuperset([1]), a.isdisjoint([7]), a.isdisjoint(b), 1 in a, [].__class__ in {list})
a.add(5)
a.discard(99)
a.remove(1)
a.update([6, 7], {8})
show(a)
a.difference_update([6], {7})
a.intersection_update(range(100), [2, 3, 5])
a.symmetric_difference_update([2, 10])
show(a)
a |= {1}
a &= {1, 3, 10}
a -= {3}
a ^= {4}
show(a)
a -= a
show(a)
attempt(lambda: {1}.remove(2))
attempt(lambda: set().pop())
attempt(lambda: {1} | [2])
attempt(lambda: {1} < [2])
attempt(lambda: {[]})
attempt(lambda: [] in {1})
attempt(lambda: set(1))
attempt(lambda: set(1, 2))
attempt(lambda: set(a=1))
attempt(lambda: frozenset(a=1))
attempt(lambda: hash({1}))
attempt(lambda: {1}.add())
print({1} in {frozenset([1])}, {frozenset({1})} == {frozenset({1})}, set([frozenset()]).pop())
x = {frozenset([1, 2])}
x.discard({1, 2})
print(x, set(), frozenset(), {1}, frozenset({1}))
print(hash(frozenset()), hash(frozenset([1, 2, 3])), hash(frozenset(range(100))), hash(frozenset([0, -1, 2.5])))
print(frozenset("ab") == set("ab"), {frozenset("ab"): 1}[frozenset("ba")])
f = frozenset("abc")
print(frozenset(f) is f, f.copy() is f, type(f | {1}), type({1} | f))


class S(set):
    pass


s = S([1])
s.attribute = 2
print(s, S(), type(s | {2}), type(s.copy()), s.attribute, s.__reduce__()[1:])
popped = set(range(1000))
seen = set()
while popped:
    seen.add(popped.pop())
print(len(seen), popped)
z = set(range(10))
try:
    for v in z:
        z.add(v + 100)
except RuntimeError as e:
    print(e)
it = iter({7})
print(it.__length_hint__(), next(it), it.__length_hint__(), next(it, "end"))
u = set()
for n in range(5000):
    u.add(n)
    u.discard(n - 10)
print(sorted(u))
r = S()
w = [r]
r.__init__([1, 2])
show(r)


class Odd:
    def __hash__(self):
        return 1

    def __eq__(self, other):
        changing.clear()
        return False


changing = {Odd(), 5}
attempt(lambda: 1 in changing)
show(changing)
