# _operator and itertools: what they answer and raise. Also run on their twins in libpython (Tools/twins.py).
import _operator
import itertools


def show(name, f):
    try:
        print(name, f())
    except Exception as e:
        print(name, type(e).__name__, e)


VALUES = [5, -3, 0, 2.5, True, "ab", b"xy", [1, 2], (1, 2), {1: 2}, {3}, None]
for name in sorted(dir(_operator)):
    if name.startswith("_") or name in ("attrgetter", "itemgetter", "methodcaller"):
        continue
    f = getattr(_operator, name)
    for a in VALUES[:6] + VALUES[7:9]:
        show(name, lambda: f(a))
    for a, b in (5, 3), (2.5, 2), ("ab", "a"), ([1, 2], 1), ((1, 2), (3,)), (5, "a"), ({1: 2}, 1), (b"xy", 0):
        if (name, type(b)) == ("length_hint", str):
            continue
        show(name, lambda: f(list(a) if isinstance(a, list) else dict(a) if isinstance(a, dict) else a, b))
    show(name, lambda: f())
    show(name, lambda: f([1, 2, 3], 1, 9))
show("attrgetter", lambda: _operator.attrgetter("real", "imag")(3))
show("attrgetter", lambda: _operator.attrgetter("real.imag")(3))
show("attrgetter", lambda: _operator.attrgetter("nothing")(3))
show("attrgetter", lambda: _operator.attrgetter(3))
show("itemgetter", lambda: _operator.itemgetter(1, slice(2))("abc"))
show("itemgetter", lambda: _operator.itemgetter(5)("abc"))
show("itemgetter", lambda: _operator.itemgetter())
show("methodcaller", lambda: _operator.methodcaller("split", "b", maxsplit=1)("abcb"))
show("methodcaller", lambda: _operator.methodcaller("nothing")("abc"))
show("methodcaller", lambda: _operator.methodcaller())
for f in _operator.attrgetter("a", "b.c"), _operator.itemgetter(1, "x"), _operator.methodcaller("m", 1, k=2):
    print(repr(f), f.__reduce__()[1:])

I = itertools
for name, make in {
    "accumulate": lambda: I.accumulate([1, 2, 3], lambda a, b: a * b, initial=10),
    "chain": lambda: I.chain("ab", [1], ()),
    "from_iterable": lambda: I.chain.from_iterable(["ab", "c"]),
    "combinations": lambda: I.combinations("abcd", 2),
    "replacement": lambda: I.combinations_with_replacement("abc", 2),
    "compress": lambda: I.compress("abcd", [1, 0, 1]),
    "count": lambda: I.islice(I.count(2.5, 0.5), 4),
    "cycle": lambda: I.islice(I.cycle("ab"), 5),
    "dropwhile": lambda: I.dropwhile(lambda x: x < 3, [1, 2, 3, 1]),
    "filterfalse": lambda: I.filterfalse(None, [0, 1, "", "a"]),
    "groupby": lambda: ((k, list(g)) for k, g in I.groupby("aabbc")),
    "islice": lambda: I.islice(range(20), 2, 15, 4),
    "pairwise": lambda: I.pairwise("abcd"),
    "permutations": lambda: I.permutations("abc", 2),
    "product": lambda: I.product("ab", [1, 2], repeat=1),
    "repeat": lambda: I.repeat("x", 3),
    "starmap": lambda: I.starmap(pow, [(2, 3), (3, 2)]),
    "takewhile": lambda: I.takewhile(lambda x: x < 3, [1, 2, 3, 1]),
    "tee": lambda: zip(*I.tee("abc", 3)),
    "zip_longest": lambda: I.zip_longest("abc", [1], fillvalue=0),
}.items():
    show(name, lambda: list(make()))
for name, make in {
    "combinations": lambda: I.combinations("abc", -1),
    "islice": lambda: I.islice("abc", -1),
    "repeat": lambda: I.repeat(),
    "count": lambda: I.count("a"),
    "tee": lambda: I.tee("abc", -1),
    "product": lambda: I.product("a", repeat=-1),
    "accumulate": lambda: list(I.accumulate(["a", 1])),
    "starmap": lambda: list(I.starmap(pow, [1])),
    "chain": lambda: list(I.chain(1)),
    "zip_longest": lambda: I.zip_longest("a", fill=1),
    "cycle": lambda: I.cycle(5),
    "groupby": lambda: I.groupby(),
}.items():
    show(name, make)
print(I.count(3), I.count(1, 2), I.repeat(1), I.repeat("a", 2))
