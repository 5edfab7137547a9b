# What a builtin gathers from a generator, of all lengths; least and largest items of all kinds of sequences.
import gc
for n in (0, 1, 5, 6, 7, 9, 10, 11, 12, 20, 100):
    t = tuple(i * i for i in range(n))
    assert t == tuple([i * i for i in range(n)]) and ','.join(str(i) for i in range(n)) == ','.join(map(str, range(n)))
    assert len(set(i % 13 for i in range(n))) == min(n, 13) and frozenset(i for i in range(n)) == set(range(n))
    assert list(i for i in range(n)) == list(range(n)) == sorted(-i for i in range(1 - n, 1))
keep = []
for i in range(3000):
    keep.append((tuple(str(j) for j in range(i % 17)), ''.join(chr(97 + j) for j in range(i % 13))))
print(len(keep), keep[16], keep[12], sum(len(a) + len(b) for a, b in keep))


def outer(n):
    for i in range(n):
        yield tuple(tuple(j for j in range(k)) for k in range(i)), '/'.join('-'.join(str(j) for j in range(k)) for k in range(i))


print(list(outer(5))[-1])


def seen(n):
    for i in range(n):
        if i == 12:
            found.extend(o for o in gc.get_objects() if type(o) is list and len(o) == 12 and o[:3] == ['q0', 'q1', 'q2'])
        yield 'q%d' % i


found = []
print(len(tuple(seen(20))), ''.join(seen(14))[-6:])
# Another implementation may have gathered in a tuple.
assert all(f[11] == 'q11' for f in found)
del found[:]
try: tuple(1 // (3 - i) for i in range(5))
except ZeroDivisionError as e: print(e)
try: ''.join(x for x in ['a', 1])
except TypeError as e: print(e)

nan = float('nan')
for s in ([3, 1, 2], (1.5, -2.0, 0.0), {5, 3, 9}, frozenset([2.5, 1.5]), [1, 2.0, 0], [2.0, 2], [0.0, -0.0], (-0.0, 0.0), [1 << 70, 5], ['b', 'a'],
          [True, False], [nan, 1.0], [1.0, nan], [1, nan], [7], (None,), {'x'}, [(2, 1), (1, 2)], range(3), 'hello', b'abc', {4: 1, 2: 2}):
    try: print(min(s), max(s), end='; ')
    except TypeError as e: print(e, end='; ')
print()
for s in ([], (), set(), frozenset(), [1, 'a'], [None, 1], {1, 'a'}):
    for f in min, max:
        try: print(f(s))
        except (TypeError, ValueError) as e: print(type(e).__name__, str(e).replace("'str' and 'int'", "'int' and 'str'"))
print(min([], default=4), max({3, 4}, key=lambda x: -x), min([3, 1], key=None), max([1, 2], default=9))


class L(list):
    def __iter__(self): return iter([10, 20])
class S(set):
    def __iter__(self): return iter([30, 40])
print(min(L([1])), max(L([1])), min(S([1])), max(S([1])))

a = frozenset(range(40))
for other in (frozenset(range(0, 80, 3)), set(), {1.0, 2.0, 3}, {'x', 1}, dict.fromkeys(range(5)), [1, 2, 3]):
    print(sorted(a.difference(other))[:6], len(a.difference(other)), a.issuperset(other), a.isdisjoint(other))
    if isinstance(other, (set, frozenset)): print(a - other <= a, a <= other, a >= other, a == other, a > other, (other - a) < a)


class E:
    def __init__(self, n): self.n = n
    def __hash__(self): return self.n
    def __eq__(self, o): log.append(1); return isinstance(o, E) and o.n == self.n
log = []
x, y = {E(i) for i in range(9)}, {E(i) for i in range(3, 12)}
print(len(x - y), x <= y, {E(3)} <= y, {3} <= x, len(log) > 0, len({1, 2, E(2)} - {E(1), 2}))
