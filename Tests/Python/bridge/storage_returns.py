# amphis: --cpython=_queue
# Containers that C code has kept are ours again when it lets them go; whoever reads them meanwhile sees one state.
import _queue, heapq, itertools, json, re, warnings, marshal

q = _queue.SimpleQueue()

def keep(*values):
    for v in values:
        q.put(v)

def back():
    values = []
    while not q.empty():
        values.append(q.get())
    return values

inner, table = [3, 4], {"a": [5]}
items = [1, 2, inner, table]
keep(items)
items.append(9)
inner.append(6)
print(items, items[2] is inner, back()[0] is items)
items.append(10)
print(items, items[2] is inner, items[3] is table, items[3]["a"])

d, s = {"k": [1], 2: {}}, {1, 2}
keep(d, s)
d["z"] = 2
s.add(3)
print(d, sorted(s), [x is y for x, y in zip(back(), (d, s))])
d.setdefault("y", []).append(d["k"])
s |= {7}
print(d, sorted(s), list(d), list(d.items())[-1])

# Native code that reads items directly, while CPython has the storage and after.
for kept in (True, False):
    l = [3, 1, 2]
    d = {"b": 1, "a": [2]}
    s = {5, 6}
    keep(l, d, s)
    if not kept:
        back()
    heapq.heapify(l)
    print(l, heapq.heappop(l), sorted(l), list(itertools.chain(l, d, sorted(s))), tuple(l), set(l), [*l], {**d}, max(l))
    print(json.dumps(d, sort_keys=True), json.dumps(l), "-".join(map(str, l)), str(d), marshal.loads(marshal.dumps(l)))
    print(l == [2, 3], d == {"a": [2], "b": 1}, s == {6, 5}, l + [1], [0] + l, l * 2, l[:1], l[::-1], dict(d), dict.fromkeys(d), s - {5})
    a, b = l
    print(a, b, "%d %d" % tuple(l), bytes(l), bytearray(l), "{b}".format(**d), (lambda *a, **k: (a, sorted(k)))(*l, **d))
    l[0:1] = d
    l.sort(key=str)
    l.reverse()
    print(l, l.index("b"), sum(x for x in s), all(l), any(d), zip(*[l]) and list(zip(*[l, l]))[0], list(map(len, [l, d, s])))
    print(list(enumerate(l))[:1], [x for x in reversed(l)], frozenset(s) == s, s.issubset([5, 6, 7]), s.union(l) > s, list(itertools.product(l[:2], repeat=1)))
    back()

# One list inside another that CPython keeps; a container that contains itself.
outer = [[1], [2]]
keep(outer[0])
keep(outer)
outer[0].append(outer)
print(len(back()), outer[0][1] is outer, outer)
outer[1].append(3)
print(outer[1])
