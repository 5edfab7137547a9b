"""A deque's ring as it grows: from either end, wrapped or in order, with items taken out in between, and what is made of it."""

import gc
from collections import deque


def check(d, wanted):
    assert list(d) == wanted, (len(d), len(wanted))
    assert len(d) == len(wanted)
    if wanted:
        assert d[0] == wanted[0] and d[-1] == wanted[-1]


# Only to the right, beyond each size at which it is moved
d, wanted = deque(), []
for i in range(40000):
    d.append(i)
    wanted.append(i)
    if i in (7, 8, 63, 64, 127, 128, 2047, 2048, 4095, 4096, 16384, 32768):
        check(d, wanted)
        gc.collect()
check(d, wanted)

# Only to the left
d = deque()
for i in range(20000):
    d.appendleft(i)
check(d, list(range(19999, -1, -1)))

# To both, wrapped when it grows
d, wanted = deque(range(3000)), list(range(3000))
for round in range(5):
    for _ in range(1500):
        d.append(d.popleft())
        wanted.append(wanted.pop(0))
    for i in range(700):
        d.append(-i)
        wanted.append(-i)
    for i in range(30):
        d.appendleft(i * i)
        wanted.insert(0, i * i)
    check(d, wanted)
    gc.collect()

# A queue that stays short while it goes around, after it was long
d = deque(range(5000))
for i in range(20000):
    if len(d) > 600:
        d.popleft()
    else:
        d.append([i])
        d.popleft()
print(len(d), type(d[0]), type(d[-1]))

# Operations that put items elsewhere
for n in (1, 10, 100, 2000, 5000):
    d = deque()
    for i in range(n):
        d.append(i)
    d.rotate(n // 3)
    w = list(range(n))
    k = n // 3
    w = w[-k:] + w[:-k] if k else w
    check(d, w)
    d.rotate(-n // 2)
    d.rotate(1)
    d.reverse()
    print(n, sum(x * i for i, x in enumerate(d)))
    d.insert(n // 2, "middle")
    d.insert(-1, "late")
    d.remove("middle")
    del d[d.index("late")]
    check(deque(d), list(d))
    check(d.copy(), list(d))
    check(d + d, list(d) * 2)
    check(d * 3, list(d) * 3)
    d *= 2
    d.extend(d)
    d.extendleft("ab")
    print(len(d), d[0], d[1], d.count(0))
    d.clear()
    d.append(1)
    check(d, [1])

# With a limit
d = deque(maxlen=1500)
for i in range(10000):
    d.append(i)
check(d, list(range(8500, 10000)))
for i in range(4000):
    d.appendleft(i)
check(d, list(range(3999, 2499, -1)))

# What join takes: in order, wrapped, with subclasses and wrong items
parts = deque()
print("".join(parts) == "", "-".join(deque(["x"])))
for i in range(3000):
    parts.append(str(i))
assert "".join(parts) == "".join(list(parts)) and ",".join(parts) == ",".join(list(parts))
for i in range(500):
    parts.popleft()
    parts.append("ä" if i % 2 else "€")
assert "".join(parts) == "".join(list(parts)) and "ü".join(parts) == "ü".join(list(parts))
for _ in range(2000):
    parts.append(parts.popleft())
assert "".join(parts) == "".join(list(parts))


class Text(str):
    pass


class Odd(deque):
    def __iter__(self):
        return iter(["from", "__iter__"])


print(type("".join(deque([Text("t")]))), "".join(deque([Text("t"), "u"])), " ".join(Odd(["a", "b"])))
for wrong in (deque(["a", 1]), deque([None]), deque(["a", b"b"])):
    try:
        "".join(wrong)
    except TypeError as e:
        print(e)
print(b"".join(deque([b"a", bytearray(b"b")])))
