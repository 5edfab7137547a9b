# A builtin's constructor refuses keywords unless a subclass has an __init__ that may take them.
import functools
import itertools


def attempt(f):
    try:
        f()
        print("accepted")
    except TypeError as e:
        print(e)


for base, args in ((set, ([1],)), (float, (1,)), (itertools.cycle, ("ab",)), (itertools.chain, ("ab",)), (itertools.starmap, (max, []))):
    plain = type("plain", (base,), {})
    attempt(lambda: plain(*args, new=1))
    accepting = type("accepting", (base,), {"__init__": lambda self, *a, **k: None})
    attempt(lambda: accepting(*args, new=1))


def f():
    pass


for o in (f, functools.partial(f), Exception()):
    try:
        del o.__dict__
    except TypeError as e:
        print(e)
