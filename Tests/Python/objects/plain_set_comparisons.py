"""Comparisons of sets that take no call, and others; differences and intersections of all sizes."""
import itertools


class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return hash(self.n)

    def __eq__(self, other):
        return isinstance(other, Odd) and self.n == other.n or self.n == other


class Derived(frozenset):
    def __le__(self, other):
        return "derived"


samples = [
    set(), frozenset(), {1}, {1, 2}, frozenset({1, 2}), {1.0, 2}, {True}, {"a"}, {"a", "b"}, frozenset("ab"), {"a", 1}, {(1, 2)}, {(1.0, 2)}, {None},
    set(range(100)), frozenset(range(50, 200)), set(range(0, 100, 7)), {1 << 80}, {1 << 80, 1}, {Odd(1)}, {Odd(1), Odd(2)}, {b"a"}, {-1, -2}, {-2},
    {frozenset({1})}, {frozenset({1}), 2},
]


def compare(a, b):
    return [a == b, a != b, a <= b, a < b, a >= b, a > b, 1 if a <= b else 0, 1 if a == b else 0]


for a, b in itertools.product(samples, repeat=2):
    print(len(a), len(b), *map(int, compare(a, b)), len(a - b), len(a & b), sorted(map(str, a - b)) if len(a) < 20 and Odd not in map(type, a) else "")
print(Derived({1}) <= {1}, {1} >= frozenset({1}), {1} == [1])
for pair in ({1} , 2), (frozenset(), "a"):
    try:
        print(pair[0] < pair[1])
    except TypeError as e:
        print(e)


class Shifty:
    """Changes the set that is being walked when it is compared."""
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        return self.n

    def __eq__(self, other):
        walked.clear()
        walked.update(range(8))
        return False


walked = set(range(8))
result = walked - {Shifty(3), *range(20, 30)}
print(len(result) == len(list(result)) == len(set(list(result))))
