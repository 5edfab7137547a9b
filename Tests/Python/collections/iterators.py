"""itertools: results, copies and pickled states."""

import copy
import pickle
from itertools import *


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


print(list(chain("ab", [1], ())), list(chain.from_iterable(["ab", "cd"])), list(islice(count(3), 4)), list(islice(count(1.5, 0.5), 3)))
print(list(islice(cycle("abc"), 7)), list(repeat("x", 3)), list(islice(repeat(1), 2)), list(accumulate([1, 2, 3])))
print(list(accumulate([1, 2, 3], lambda a, b: a * b)), list(accumulate([1, 2], initial=10)), list(accumulate([], initial=1)))
print(list(compress("abcdef", [1, 0, 1, 0, 1])), list(dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(takewhile(lambda x: x < 3, [1, 2, 3, 1])))
print(list(filterfalse(None, [0, 1, 2, ""])), list(filterfalse(lambda x: x % 2, range(6))), list(starmap(pow, [(2, 3), [3, 2]])))
print(list(islice("abcdefg", 2)), list(islice("abcdefg", 2, 4)), list(islice("abcdefg", 2, None)), list(islice("abcdefg", 0, None, 3)))
print(list(pairwise("abcd")), list(zip_longest("ab", "xyz", fillvalue="-")), list(zip_longest("a", [])), list(zip_longest()))
print(list(product("ab", [1, 2])), list(product("ab", repeat=2)), list(product()), list(product("a", [])))
print(list(permutations("abc", 2)), list(permutations(range(3))), list(permutations([], 0)), list(permutations("a", 2)))
print(list(combinations("abcd", 2)), list(combinations(range(3), 0)), list(combinations("ab", 3)))
print(list(combinations_with_replacement("abc", 2)), list(combinations_with_replacement("", 2)))
print([(k, list(g)) for k, g in groupby("aabbbc")], [(k, list(g)) for k, g in groupby([1, 3, 2, 4], key=lambda x: x % 2)])
groups = list(groupby("aab"))
print([list(g) for k, g in groups])
a, b, c = tee("abcdef", 3)
print(next(a), next(a), next(b), list(c), list(a), list(b), tee([], 0))
x, y = tee(iter(range(200)))
print(sum(x), sum(y))
z = copy.copy(tee("xyz")[0])
print(list(z))
print(count(), count(5), count(1, 2), count(1.5), count(-3), repeat("a"), repeat("a", 2), next(count(1 << 80)) - (1 << 80))
attempt(lambda: count("a"))
attempt(lambda: islice([], -1))
attempt(lambda: islice([], 1, -1))
attempt(lambda: islice([], 0, 1, 0))
attempt(lambda: islice([]))
attempt(lambda: product(repeat=-1))
attempt(lambda: permutations("a", -1))
attempt(lambda: permutations("a", "b"))
attempt(lambda: combinations("a", -1))
attempt(lambda: combinations("a"))
attempt(lambda: tee([], -1))
attempt(lambda: zip_longest([], foo=1))
attempt(lambda: chain(1).__next__())
attempt(lambda: cycle())
attempt(lambda: starmap(pow, [1]).__next__())
attempt(lambda: repeat())
attempt(lambda: accumulate([1], initial=1, foo=2))
attempt(lambda: list(accumulate(["a", 1])))
attempt(lambda: len(repeat(1)))
print(repeat(1, 5).__length_hint__())
attempt(lambda: repeat(1).__length_hint__())


def states(make, steps=2):
    it = make()
    for _ in range(steps):
        next(it, None)
    reduced = it.__reduce__()
    again = copy.copy(it)
    loaded = pickle.loads(pickle.dumps(make()))
    return list(islice(again, 6)), list(islice(loaded, 6))


print(states(lambda: chain("abc", "def")))
print(states(lambda: count(3)), states(lambda: count(1, 3)))
print(states(lambda: cycle("abc")), states(lambda: repeat("a", 4)))
print(states(lambda: accumulate([1, 2, 3, 4])), states(lambda: islice("abcdefgh", 1, 7, 2)))
print(states(lambda: product("ab", [1, 2])), states(lambda: permutations("abc")))
print(states(lambda: combinations("abcd", 2)), states(lambda: combinations_with_replacement("abc", 2)))
print(states(lambda: zip_longest("ab", "xyz")), states(lambda: compress("abcdef", [1, 1, 0, 1, 1, 1])))
print(states(lambda: enumerate("abcd")), states(lambda: zip("abcd", range(9))), states(lambda: iter([1, 2, 3, 4])))
print(states(lambda: iter((1, 2, 3))), states(lambda: iter(range(5))), states(lambda: reversed([1, 2, 3])), states(lambda: iter({1: 2, 3: 4, 5: 6})))
print(permutations("abc").__reduce__()[1:], combinations("ab", 2).__reduce__()[1:], product("a", "b").__reduce__()[1:])
