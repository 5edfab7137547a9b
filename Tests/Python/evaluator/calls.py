# Argument binding: what binds, and the exact errors of what does not.
def show(fn, *args, **kw):
    try:
        print(fn(*args, **kw))
    except TypeError as e:
        print("TypeError:", e)


def f(a, b=2, *c, d=4, **e):
    return a, b, c, d, e


def g(a, b, /, c, *, d):
    return a, b, c, d


class K:
    def __init__(self, x, y=1):
        self.x = x

    def m(self, a):
        return self.x, a


show(f)
show(f, 1)
show(f, 1, 2, 3, d=5, x=6)
show(g)
show(g, 1, 2)
show(g, 1, 2, 3)
show(g, 1, 2, 3, 4)
show(g, 1, 2, 3, 4, d=1)
show(g, 1, b=2, c=3, d=1)
show(g, 1, 2, c=3, d=1)
show(g, 1, 2, 3, c=3, d=1)
show(g, 1, 2, 3, q=3, d=1)
show(lambda: 1, 2)
show(lambda a, b=1: 1, 2, 3, 4)
show(f, *[1, 2], **{"z": 3})
show(K)
show(K, 1, 2, 3)
show(K(5).m)
print(K(5).m(6), K(x=7).m(a=8))


def call_star(x):
    try:
        f(*x)
    except TypeError as e:
        print("TypeError:", e)
    try:
        f(**x)
    except TypeError as e:
        print("TypeError:", e)


call_star(5)
try:
    f(1, **{"a": 2})
except TypeError as e:
    print("TypeError:", e)
try:
    f(1, d=1, **{"d": 2})
except TypeError as e:
    print("TypeError:", e)


class Bad:
    def __init__(self):
        return 1


show(Bad)


def deep(n):
    return 0 if n == 0 else 1 + deep(n - 1)


print(deep(900))
try:
    deep(5000)
except RecursionError as e:
    print("RecursionError:", e)
