"""Sorting: stability, keys, specialised comparisons, errors that leave a permutation."""

import random

rng = random.Random(12345)


def check(values, **kw):
    expected = []
    key = kw.get("key") or (lambda v: v)
    # a plain insertion sort as the reference
    for v in values:
        i = len(expected)
        if kw.get("reverse"):
            while i > 0 and key(expected[i - 1]) < key(v):
                i -= 1
        else:
            while i > 0 and key(v) < key(expected[i - 1]):
                i -= 1
        expected.insert(i, v)
    got = sorted(values, **kw)
    assert len(got) == len(expected) and all(a is b or a == b for a, b in zip(got, expected)), (values, got)
    return True


for n in [0, 1, 2, 3, 10, 33, 63, 64, 65, 100, 200, 300]:
    ints = [rng.randrange(n * 2 + 1) - n for _ in range(n)]
    check(ints)
    check(ints, reverse=True)
    check([float(i) / 3 for i in ints])
    check([str(i) for i in ints])
    check([chr(0x3B0 + i % 50) * 2 for i in ints])
    check([(i % 7, i) for i in ints])
    check([(i % 7, i) for i in ints], key=lambda p: p[0])
    check([(i % 7, i) for i in ints], key=lambda p: p[0], reverse=True)
    check([i if i % 2 else float(i) for i in ints])
    check([i << 60 for i in ints])
    check(list(range(n)))
    check(list(range(n, 0, -1)))
    check(list(range(n // 2)) + list(range(n // 2)))
    check([i % 10 for i in range(n)])
print("sorted")

big = [rng.random() for _ in range(20000)]
s = sorted(big)
print(all(s[i] <= s[i + 1] for i in range(len(s) - 1)), sum(s) == sum(sorted(s, reverse=True)) or "order of sums")
runs = []
for k in range(50):
    runs += sorted(rng.randrange(10**6) for _ in range(rng.randrange(200)))
t = sorted(runs)
print(all(t[i] <= t[i + 1] for i in range(len(t) - 1)), len(t) == len(runs))
words = "the quick brown fox jumps over the lazy dog".split()
print(sorted(words), sorted(words, key=len), sorted(words, key=str.upper, reverse=True))


class Bad:
    count = 0

    def __lt__(self, other):
        Bad.count += 1
        if Bad.count > 500:
            raise ZeroDivisionError("stop")
        return id(self) % 7 < id(other) % 7


bad = [Bad() for _ in range(300)]
before = set(map(id, bad))
try:
    bad.sort()
except ZeroDivisionError as e:
    print("raised", e)
print(before == set(map(id, bad)), len(bad))

data = [3, 2, 1]


def meddle(x):
    data.append(x)
    return x


try:
    data.sort(key=meddle)
except ValueError as e:
    print(e, data)


def look(x):
    print(data)
    return x


data.sort(key=look)
print(data)
for arguments in [("reverse", None), ("reverse", "x"), ("foo", 1)]:
    try:
        data.sort(**{arguments[0]: arguments[1]})
    except TypeError as e:
        print(e)
try:
    sorted([1, "a"])
except TypeError as e:
    print(e)
try:
    [3, 1].sort(len)
except TypeError as e:
    print(e)
nan = float("nan")
print(len(sorted([3.0, nan, 1.0, nan, 2.0])))
print(sorted([True, 2, False, 1, 0]), sorted([1, 1.0, True]))
