"""Dicts: methods, views, order, mutation under the feet of look-ups and iterators."""


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, repr(e))


d = {"a": 1, "b": 2}
d["c"] = 3
print(d, len(d), d["a"], d.get("x"), d.get("x", 9), "a" in d, "x" in d)
print(d.setdefault("a", 5), d.setdefault("d", 4), d.setdefault("e"), d)
print(d.pop("e"), d.pop("e", "gone"), d.popitem(), d)
attempt(lambda: d["zz"])
attempt(lambda: d.pop("zz"))
attempt(lambda: {}.popitem())
attempt(lambda: d[[]])
attempt(lambda: dict(1))
attempt(lambda: dict([1]))
attempt(lambda: dict([(1, 2, 3)]))
attempt(lambda: dict(1, 2))
attempt(lambda: d.update(1, 2))
attempt(lambda: {} | [])
attempt(lambda: d.get())
attempt(lambda: {}[(1, 2)])
print(dict(), dict(a=1), dict([(1, 2)]), dict({1: 2}, b=3), dict(zip("ab", "cd")), dict(["ab"]))
print(dict.fromkeys("ab"), dict.fromkeys([1, 2], 0), dict.fromkeys({3: 1}), dict.fromkeys({4}))
d.update({"x": 1}, y=2)
d.update([("z", 3)])
print(d)
print({1: 2} | {3: 4}, {1: 2, 3: 3} | {3: 4})
e = {1: 2}
e |= [(5, 6)]
print(e)
del d["a"], d["z"]
print(list(d), list(d.values()), list(d.items()), list(reversed(d)), list(reversed(d.items())), list(reversed(d.values())))
print({1: 1, 2: 2} == {2: 2, 1: 1}, {1: 1} == {1: 2}, {1: 1} != {1: 1.0}, {1: []} == {1: []})
print({1: "int", 1.0: "float", True: "bool"}, {0: 1, False: 2}, {1 << 70: 1, float(1 << 70): 2})
r = {}
r["self"] = r
print(r, [r], {"v": r.values()})

k = {"a": 1, "b": 2}.keys()
print(k, k & {"a"}, sorted(k | {"c"}), k - {"a"}, sorted(k ^ {"b", "q"}), {"a", "z"} & k, {"z"} - k, k == {"a", "b"}, k <= {"a", "b", "c"})
i = {"a": 1, "b": 2}.items()
print(i, ("a", 1) in i, ("a", 2) in i, "a" in i, i & {("a", 1)}, i.isdisjoint({("x", 1)}), i == {("a", 1), ("b", 2)})
print(k.mapping, len(k), k.isdisjoint("xyz"), [1] == {}.keys(), {}.values() == {}.values())
attempt(lambda: k < 1)
attempt(lambda: hash(k))
attempt(lambda: k & 1)


class Missing(dict):
    def __missing__(self, key):
        return "<" + str(key) + ">"


m = Missing(a=1)
print(m["a"], m["b"], m.get("b"), "b" in m, m, type(m.copy()), type(m | {}))


def changes(action):
    x = {j: j for j in range(5)}
    try:
        for j in x:
            action(x, j)
        print("no error", x)
    except RuntimeError as error:
        print(error)


changes(lambda x, j: x.pop(j))
changes(lambda x, j: x.setdefault(j + 100))
changes(lambda x, j: x.update({j: 0}))
changes(lambda x, j: (x.pop(j), x.setdefault(j + 10)))


class Nasty:
    """Equal to everything of the same hash, and changes the dict when asked."""

    def __init__(self, h):
        self.h = h

    def __hash__(self):
        return self.h

    def __eq__(self, other):
        target.clear()
        target.update({j: j for j in range(20)})
        return False


target = {Nasty(3): 1, Nasty(11): 2}
attempt(lambda: target.get(3))
print(len(target))
target = {Nasty(3): 1}
target[3] = "new"
print(target[3], len(target))


class Key:
    def __init__(self, v):
        self.v = v

    def __hash__(self):
        return hash(self.v)

    def __eq__(self, other):
        return self.v == getattr(other, "v", other)

    def __repr__(self):
        return f"Key({self.v!r})"


s = {"a": 1, "b": 2}
print(s.get(Key("a")), Key("b") in s, Key("c") in s)
s[Key("a")] = "overwritten"
s[Key("z")] = 26
print(s, s["z"], s.get("y"))

big = {}
for n in range(20000):
    big[n * 7 % 20011] = n
for n in range(0, 20000, 3):
    del big[n * 7 % 20011]
print(len(big), sum(big.values()), all(big[n * 7 % 20011] == n for n in range(20000) if n % 3))
for n in range(1000):
    big["s%d" % n] = n
    big[(n, n)] = n
print(len(big), big["s500"], big[(7, 7)], list(big)[:3], list(big)[-2:])
order = {}
for n in range(100):
    order[n] = n
    if n % 2:
        del order[n // 2]
print(list(order))
while order:
    order.popitem()
order["again"] = 1
print(order)
it = iter({1: 2, 3: 4})
print(it.__length_hint__(), next(it), it.__reduce__()[1:], list(it), it.__length_hint__())


class D(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.extra = 1

    def __getitem__(self, key):
        return "override"


x = D(a=1)
print(x, x["a"], x.get("a"), x.extra, dict(x), {**x}, x == {"a": 1})
print("%(a)s" % {"a": 5}, "{a}".format(**{"a": 6}))
