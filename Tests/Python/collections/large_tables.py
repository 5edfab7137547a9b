# Tables of more than 43,690 entries have wide index slots with a part of the hash in them.
import random
r = random.Random(5)


class Key:
    """Bad hashes, equal by value."""
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n & 7 | (self.n % 5) << 40
    def __eq__(self, other): return isinstance(other, Key) and self.n == other.n


def check(keys, others):
    d = {k: i for i, k in enumerate(keys)}
    assert len(d) == len(keys) and all(d[k] == i for i, k in enumerate(keys))
    assert not any(k in d for k in others)
    for k in keys[::3]: del d[k]
    assert all((k in d) == (i % 3 != 0) for i, k in enumerate(keys))
    for k in keys[::6]: d[k] = 'again'
    assert len(d) == len(keys) - len(keys[::3]) + len(keys[::6])
    assert d.get(keys[0]) == 'again' and d.get(keys[3]) is None
    c = d.copy()
    assert c == d and list(c) == list(d)
    assert c.popitem()[1] in ('again', len(keys) - 1) and len(c) == len(d) - 1
    s = set(keys)
    assert len(s) == len(keys) and s.isdisjoint(others)
    s.difference_update(keys[::2])
    assert s == set(keys[1::2]) and s <= set(keys) and not s >= set(keys)
    assert len(s | set(others)) == len(s) + len(others) and len(s & set(keys[:1000])) == 500
    for k in keys[1::4]: s.discard(k)
    assert len(s) == len(keys[3::4]) and keys[3] in s and keys[1] not in s
    return len(d), len(s)


n = 60000
print(check([str(i) for i in range(n)], [str(i) for i in range(n, n + 2000)]))
print(check(list(range(n)), list(range(n, n + 2000))))
print(check([i << 20 for i in range(n)], [-1, -2, 3, 1 << 70]))
print(check([-i for i in range(n)], [5, 'x']))
print(check([i * 1.5 for i in range(n)], [0.25, 'y', None]))
print(check([(i, str(i)) for i in range(n)], [(1, 2), ()]))
print(check([r.getrandbits(64) for i in range(n)], [1, 2, 3]))
print(check([i for p in range(n // 4) for i in (p, str(p), (p,), p + 0.5)], [True + n, 'z']))
small = [Key(i) for i in range(120)]
d = dict.fromkeys(range(70000))
for k in small: d[k] = k.n
assert all(d[Key(i)] == i for i in range(120)) and Key(120) not in d
for i in range(0, 120, 2): del d[Key(i)]
print(sum(Key(i) in d for i in range(120)), len(d))
d.clear()
d['a'] = 1
print(d)

# Growing through the limit, with keys that are the same int and float
d = {}
for i in range(90000):
    d[float(i)] = i
    if i in (43689, 43690, 43691, 87380, 87381): print(len(d), d[i], d[i // 2], i + 1 in d)
u = set()
for i in range(50000): u.add(str(i % 45000))
print(len(u), '44999' in u, '45000' in u)
