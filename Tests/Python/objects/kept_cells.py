# What was kept by a full collection is given new objects in every way there is; small programs for -X gccheck -X gcstress=N.
import gc
import sys
import types


class Box:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"Box({self.n})"


def plain(a, b=1, *, c=2):
    "doc"
    return a, b, c


def churn():
    return [[str(i)] for i in range(400)]


def old(make):
    made = make()
    churn()
    gc.collect()
    churn()
    return made


def dicts():
    names = old(lambda: {str(i): i for i in range(100)})
    grown = old(lambda: {})
    both = old(lambda: {"a": 1, 2: 3, (4, 5): 6})
    for i in range(100):
        names[str(i)] = Box(i)
        grown[i] = [i]
        grown.setdefault(str(i), Box(i))
    both.update(a=Box(1), b=Box(2))
    both |= {2: Box(3)}
    both[4, 5] = Box(4)
    churn()
    print(sum(v.n for v in names.values()), len(grown), grown["7"], grown[8], both)
    moved = both.pop("a"), both.popitem(), both.pop(2)
    both["a"] = moved
    churn()
    print(both)
    copied = old(lambda: dict(names))
    copied.clear()
    copied.update(names)
    copied.update({Box: Box(9)})
    churn()
    print(len(copied), copied[Box], copied["99"])


def functions():
    f = old(lambda: types.FunctionType(plain.__code__, globals(), "f", (1,)))
    f.__kwdefaults__ = {"c": Box(1)}
    f.__defaults__ = (Box(2),)
    f.__doc__ = str(Box(3))
    f.__module__ = str(Box(4))
    f.__name__ = str(Box(5)) + "!"
    f.__qualname__ = str(Box(6)) + "!"
    f.__annotations__["x"] = Box(7)
    f.attribute = Box(8)
    churn()
    print(f(0), f.__doc__, f.__module__, f.__name__, f.__qualname__, f.__annotations__, f.__dict__)
    f.__dict__ = {"other": Box(9)}
    f.__annotations__ = {"y": Box(10)}
    f.__code__ = compile("def g(a, b, *, c): return a, c, 'new' + str(a)", "made", "exec").co_consts[0]
    churn()
    print(f(1, 2), f.other, f.__annotations__)
    g = old(lambda: types.FunctionType(plain.__code__, globals()))
    g.__dict__["late"] = Box(11)
    churn()
    print(g.late)


def code():
    source = "def late(n):\n    return [n, 'text' * n, (n, 'and', ('so', n))]\nresult = late(2)\n"
    compiled = old(lambda: compile(source, "late", "exec"))
    space = {}
    exec(compiled, space)
    churn()
    print(space["result"])
    lines = list(compiled.co_consts[0].co_lines())
    churn()
    print(lines == list(compiled.co_consts[0].co_lines()))
    traced = []

    def trace(frame, event, argument):
        traced.append(event)
        return trace

    sys.settrace(trace)
    space["late"](1)
    sys.settrace(None)
    churn()
    print(traced, space["late"](1))


def namespaces():
    module = old(lambda: types.ModuleType("made"))
    module.first = Box(1)
    exec("second = [first]\ndef third(): return second", module.__dict__)
    churn()
    print(module.third())

    class Class:
        pass

    old(lambda: Class)
    Class.attribute = Box(2)
    Class.method = lambda self: [self.attribute]
    instance = Class()
    instance.__dict__["own"] = Box(3)
    churn()
    gc.collect()
    instance.own = Box(4)
    instance.__dict__["further"] = Box(5)
    churn()
    print(instance.method(), instance.own, instance.__dict__)


def nested():
    depth = old(lambda: {})
    at = depth
    for i in range(300):
        at["next"] = {}
        at["value"] = (i, (str(i), [i]))
        at = at["next"]
    churn()
    total, at = 0, depth
    while at:
        total += at["value"][1][1][0]
        at = at["next"]
    print(total)


def shapes():
    class Class:
        pass

    # One that the class has no other shapes beside, one with an index, and branches.
    made = old(lambda: [Class() for _ in range(4)])
    for n, instance in enumerate(made):
        for i in range(9):
            setattr(instance, "late%d_%d" % (n, i), Box(i))
        churn()
        gc.collect()
        churn()
    found = [getattr(made[n], "late%d_%d" % (n, i)) for n in range(4) for i in range(9)]
    churn()
    print(found, made[3].__dict__)


def properties():
    made = old(lambda: property(lambda self: 1))
    made.__set_name__(Box, "name" + str(Box(1)))
    made.__doc__ = "doc" + str(Box(2))
    churn()
    try:
        made.__set__(Box(0), 1)
    except AttributeError as e:
        print(e)
    print(made.__doc__)

    def getter(self):
        return [Box(3)]

    getter.__doc__ = "of" + str(Box(4))
    made.__init__(getter, None, lambda self: print("deleted"))
    del getter
    churn()
    made.__delete__(Box(0))
    print(made.__get__(Box(0)), made.__doc__)


def names():
    for n in range(3):
        kept = [sys.intern("name" + str(i)) for i in range(0, 600, 7)]
        for i in range(600):
            setattr(Box, "name" + str(i), i)
            delattr(Box, "name" + str(i))
        churn()
        if n == 1:
            gc.collect()
        print(all(sys.intern("name" + str(i)) is kept[i // 7] for i in range(0, 600, 7)))


for part in dicts, functions, code, namespaces, nested, shapes, properties, names:
    print(part.__name__)
    part()
