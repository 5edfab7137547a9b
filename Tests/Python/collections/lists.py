"""Lists: methods, slices, comparison, errors."""


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


a = [3, 1, 2]
a.append(4)
a.extend((5, 6))
a.extend(x * x for x in range(3))
a.insert(0, "first")
a.insert(-1, "before last")
a.insert(100, "last")
print(a, len(a))
print(a.pop(), a.pop(0), a.pop(-2), a)
a.remove(5)
print(a, a.index(6), a.count(1), 4 in a, 44 in a)
a.reverse()
print(a, a.copy() == a, a.copy() is a)
attempt(lambda: a.remove("nothing"))
attempt(lambda: a.index("nothing"))
attempt(lambda: [].pop())
attempt(lambda: a.pop(99))
attempt(lambda: a[99])
attempt(lambda: a["x"])
attempt(lambda: a[1 << 80])
attempt(lambda: a + (1,))
attempt(lambda: a * "x")
attempt(lambda: list(1))
attempt(lambda: list(1, 2))
attempt(lambda: list(iterable=1))
attempt(lambda: [1] < [None])
attempt(lambda: {[]: 1})

b = list(range(10))
print(b[2:5], b[:3], b[-3:], b[::2], b[::-1], b[8:2:-2], b[5:5], b[100:], b[-100:2])
b[2:4] = "xyz"
print(b)
b[1:1] = [0.5]
print(b)
b[-2:] = []
print(b)
b[::3] = "ABCD"
print(b)
del b[::2]
print(b)
del b[1:3], b[0]
print(b)
b[:] = b + b
print(b)
b = list(range(10))
del b[8:1:-3]
print(b)
b[::2] = b[::2]
b[1:3] = b
print(b)


def assign(target, key, value):
    target[key] = value


attempt(lambda: assign([1, 2, 3], slice(None, None, 2), [1]))
attempt(lambda: assign([1, 2, 3], slice(None), 5))
attempt(lambda: assign([1, 2, 3], slice(None, None, 2), 5))
attempt(lambda: assign([1, 2, 3], slice(None, None, 0), 5))
attempt(lambda: assign([1], 3, 5))
attempt(lambda: [1].__delitem__(3))

print([1, 2] * 3, 2 * [1], [0] * -1, [] * 5)
c = [1, 2]
d = c
c += [3]
c *= 2
print(c, d is c)
c *= 0
print(c, d)
print([1, 2] < [1, 3], [1, 2] < [1, 2, 0], [2] > [1, 9], [] == [], [1] != [1.0], [1, 2] <= [1, 2], [3] >= [4])
r = [1]
r.append(r)
print(r)
print([[], [[]]], [None, True, 1.5, "a", b"b"])


class L(list):
    pass


x = L("abc")
x.attribute = 1
print(x, type(x), x.attribute, type(x + x), type(x[:]), type(x * 2), isinstance(x, list))


class Evil:
    def __eq__(self, other):
        e.clear()
        return False


e = [Evil(), Evil(), Evil()]
print(e.count(1), e)
e = [Evil(), Evil()]
print(1 in e, e)


class Index:
    def __init__(self, i):
        self.i = i

    def __index__(self):
        return self.i


print([10, 20, 30][Index(1)], [10, 20, 30][Index(-3) : Index(2)], [10, 20].pop(Index(0)))
it = iter([1, 2, 3])
print(next(it), it.__length_hint__(), it.__reduce__()[1:])
print(list(it), it.__length_hint__(), list(it))
rit = reversed([1, 2, 3])
print(next(rit), rit.__length_hint__(), list(rit))
grow = [1]
for v in grow:
    if v < 5:
        grow.append(v + 1)
print(grow)
