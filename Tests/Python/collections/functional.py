"""functools, operator, heapq, bisect."""

import bisect
import copy
import functools
import heapq
import operator
import pickle


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, repr(e))


def f(*args, **kw):
    return args, kw


p = functools.partial(f, 1, 2, a=3)
print(p(), p(4, b=5), p(a=6), p.args, p.keywords, p.func is f)
q = functools.partial(p, 7, c=8)
print(q(), q.args, q.func is f)
p.note = "attribute"
print(p.note, functools.partial(p, 1).func is p, p.__dict__)
print(functools.partial(int, base=2)("101"), functools.partial(print), copy.copy(functools.partial(int, "5"))())
attempt(lambda: functools.partial())
attempt(lambda: functools.partial(1))
print(pickle.loads(pickle.dumps(functools.partial(int, base=2)))("11"))
print(functools.reduce(lambda a, b: a + b, [1, 2, 3]), functools.reduce(operator.mul, [], 7))
attempt(lambda: functools.reduce(operator.add, []))
attempt(lambda: functools.reduce(operator.add, 1))
attempt(lambda: functools.reduce(operator.add))
K = functools.cmp_to_key(lambda a, b: (a < b) - (a > b))
print(sorted([3, 1, 2], key=K), K(1) < K(2), K(1) == K(1), K(5).obj)
attempt(lambda: K(1) < 1)
attempt(lambda: hash(K(1)))
calls = []


@functools.lru_cache(maxsize=3)
def cached(*args, **kw):
    calls.append(args)
    return args, tuple(kw)


for v in [1, 2, 3, 1, 4, 2, 1, 1, 5, 6, 1]:
    cached(v)
print(calls, cached.cache_info(), cached(1.0), cached("a", k=1), cached.cache_info())
cached.cache_clear()
print(cached.cache_info(), cached.__name__, cached.__wrapped__ is not None, cached.cache_parameters())


@functools.lru_cache(maxsize=None, typed=True)
def typed(x):
    return type(x).__name__


print(typed(1), typed(1.0), typed(True), typed.cache_info())


@functools.cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info())


class C:
    @functools.lru_cache
    def method(self, x):
        return x * 2

    @functools.cached_property
    def prop(self):
        calls.append("prop")
        return 42


c = C()
print(c.method(4), c.method(4), C.method.cache_info().hits, c.prop, c.prop)
attempt(lambda: functools.lru_cache(maxsize="x"))
attempt(lambda: cached([]))


@functools.total_ordering
class T:
    def __init__(self, v):
        self.v = v

    def __lt__(self, o):
        return self.v < o.v

    def __eq__(self, o):
        return self.v == o.v


print(T(1) <= T(1), T(2) > T(1), T(1) >= T(2))


@functools.singledispatch
def kind(x):
    return "object"


@kind.register
def _(x: int):
    return "int"


print(kind(1), kind("a"))

g = operator.itemgetter(1)
print(g([1, 2]), operator.itemgetter(0, -1)("abc"), g, operator.itemgetter("a")({"a": 5}), operator.itemgetter(slice(1, 3))("abcd"))
print(operator.attrgetter("real")(5), operator.attrgetter("__class__.__name__", "imag")(5), operator.attrgetter("a.b"))
print(operator.methodcaller("upper")("a"), operator.methodcaller("split", ",", maxsplit=1)("a,b,c"), operator.methodcaller("f", 1, x=2))
attempt(lambda: operator.itemgetter())
attempt(lambda: g())
attempt(lambda: g(1, 2))
attempt(lambda: operator.attrgetter(1))
attempt(lambda: operator.methodcaller())
attempt(lambda: operator.methodcaller(1))
print(pickle.loads(pickle.dumps(operator.itemgetter(1, 2)))("abc"), pickle.loads(pickle.dumps(operator.methodcaller("split", sep="b")))("abc"))
print(operator.add(1, 2), operator.concat([1], [2]), operator.contains([1], 1), operator.countOf([1, 2, 1], 1), operator.indexOf("abc", "c"))
print(operator.index(True), operator.truth([]), operator.not_(0), operator.is_(None, None), operator.length_hint([1, 2]), operator.call(max, 1, 2))
x = [1]
print(operator.iadd(x, [2]) is x, operator.iconcat(x, [3]), operator.pow(2, 5), operator.neg(5), operator.inv(5), operator.matmul.__name__)
attempt(lambda: operator.concat(1, 2))
attempt(lambda: operator.indexOf([], 1))
attempt(lambda: operator.length_hint([], "a"))

h = [5, 3, 8, 1, 9, 2]
heapq.heapify(h)
print(h, heapq.heappop(h), heapq.heappushpop(h, 0), heapq.heappushpop(h, 4), heapq.heapreplace(h, 7), h)
heapq.heappush(h, 1)
print([heapq.heappop(h) for _ in range(len(h))])
print(heapq.nlargest(3, range(100)), heapq.nsmallest(3, [5, 1, 4, 2]), heapq.nlargest(2, ["aaa", "b", "cc"], key=len), list(heapq.merge([1, 4], [2, 3])))
attempt(lambda: heapq.heappop([]))
attempt(lambda: heapq.heapreplace([], 1))
attempt(lambda: heapq.heappush((), 1))
attempt(lambda: heapq.heapify(1))
s = [1, 2, 2, 3]
print(bisect.bisect(s, 2), bisect.bisect_left(s, 2), bisect.bisect_right(s, 2, 0, 2), bisect.bisect_left(s, 5), bisect.bisect([(1, 2)], 1, key=lambda t: t[0]))
bisect.insort(s, 2.5)
bisect.insort_left(s, 0)
print(s)
attempt(lambda: bisect.bisect(s, 1, -1))
attempt(lambda: bisect.bisect(1, 1))
