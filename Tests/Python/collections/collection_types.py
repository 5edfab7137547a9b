"""deque, defaultdict, OrderedDict, Counter, namedtuple."""

import copy
import pickle
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, repr(e))


d = deque("abc")
d.append("d")
d.appendleft("z")
d.extend("ef")
d.extendleft("yx")
print(d, len(d), d[0], d[-1], d[3], "a" in d, d.count("a"), d.index("b"))
print(d.pop(), d.popleft(), d)
d.rotate(2)
print(d)
d.rotate(-3)
print(d)
d.reverse()
d.insert(2, "I")
d.insert(-1, "J")
d.insert(100, "K")
d.remove("I")
del d[1]
d[0] = "first"
print(d, list(reversed(d)), d == deque(d), d < deque(["zz"]), d.copy() == d, d + deque("q"))
print(deque("ab") * 3, 2 * deque("ab"), deque("abc", 2) * 3, deque("abc", maxlen=2), deque([], 5).maxlen, deque().maxlen)
m = deque(maxlen=3)
for i in range(6):
    m.append(i)
m.appendleft("l")
print(m)
attempt(lambda: m.insert(0, 1))
attempt(lambda: deque().pop())
attempt(lambda: deque().popleft())
attempt(lambda: deque("a")[5])
attempt(lambda: deque("a")["x"])
attempt(lambda: deque("a").remove("b"))
attempt(lambda: deque("a").index("b"))
attempt(lambda: deque([], -1))
attempt(lambda: deque([], "a"))
attempt(lambda: deque("a") + [1])
attempt(lambda: deque(1))
attempt(lambda: hash(deque()))


def mutate():
    q = deque("abc")
    for x in q:
        q.append(x)


attempt(mutate)
r = deque([1])
r.append(r)
print(r)
print(pickle.loads(pickle.dumps(deque([1, 2], 5))), copy.copy(deque("ab")), copy.deepcopy(deque([[1]])))
big = deque()
for i in range(10000):
    big.append(i)
    if i % 3 == 0:
        big.popleft()
print(len(big), big[0], big[-1], sum(big))

dd = defaultdict(list)
dd["a"].append(1)
dd["b"].append(2)
dd["a"].append(3)
print(dd, dd["new"], len(dd), dd.get("none"), dd.default_factory, defaultdict(None), defaultdict(int, a=1) | {"b": 2})
attempt(lambda: defaultdict()["x"])
attempt(lambda: defaultdict(1))
print(copy.copy(dd) == dd, type(dd.copy()), pickle.loads(pickle.dumps(dd)) == dd, type({} | dd))

o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
print(o)
o.move_to_end("c", last=False)
o.move_to_end("b", False)
print(o, list(o), list(reversed(o)), list(o.items()), o.keys(), o.values())
o["d"] = 4
print(o.popitem(), o.popitem(last=False), o, o.pop("zz", None))
attempt(lambda: o.pop("zz"))
attempt(lambda: o.move_to_end("zz"))
attempt(lambda: OrderedDict().popitem())
print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == {"b": 2, "a": 1}, OrderedDict(a=1) | {"b": 2}, {} | OrderedDict(a=1))
print(OrderedDict(), OrderedDict.fromkeys("ab", 0), o.setdefault("n", 1), o.copy(), pickle.loads(pickle.dumps(o)) == o)
q = OrderedDict.fromkeys(range(2000))
for i in range(2000):
    q.move_to_end((i * 7) % 2000, last=bool(i % 3))
print(len(q), list(q)[:5], list(q)[-5:])
while len(q) > 3:
    q.popitem(last=False)
print(list(q))


def mutate_ordered():
    w = OrderedDict.fromkeys("abc")
    for x in w:
        w.move_to_end(x)


attempt(mutate_ordered)

c = Counter("abracadabra")
print(c.most_common(2), c["z"], sorted((c + Counter("az")).items()), c.total())
print(Counter([1, 1.0, True, "x"]), Counter(a=1) - Counter(a=2))

P = namedtuple("P", "x y", defaults=[5])
p = P(1)
print(p, p.x, p.y, p[0], p._asdict(), p._replace(x=9), P._fields, p == (1, 5), P(y=1, x=2), pickle.loads(pickle.dumps(p)) == p if "P" in globals() else None)
attempt(lambda: P())
print(isinstance(p, tuple), hash(p) == hash((1, 5)))
