"""Keywords of a call that unpacks or collects them, as the callee's `**` parameter gets them."""


def show(*args, **kwargs):
    print(args, kwargs, list(kwargs))


def attempt(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except TypeError as e:
        print("TypeError:", e)


def named(a, b=2, *rest, c=3, d, **others):
    print(a, b, rest, c, d, others, list(others))


def positional(a, b=2, /, c=3, **others):
    print(a, b, c, others)


def only(**others):
    others["added"] = len(others)
    return others


options = {"x": 1, "y": [2], "z": 3}
show(1, 2, **options)
show(**options, w=4)
show(*"ab", q=0, **options)
print(only(**options), options, only(**options) is only(**options))

# What names a parameter is not collected; the order of the rest stays
more = {"d": "D", "p": 1, "a": "A", "q": 2, "b": "B", "r": 3}
named(**more)
named(**more, c="C")
named(*[10], **{k: v for k, v in more.items() if k != "a"})
named(*[10, 20, 30], **{"s": 1, "d": 2})
positional(1, **{"a": 10, "b": 20, "c": 30, "e": 40})
positional(*(1,), **{"a": 10})

# Errors, in CPython's words
attempt(named, 1, **more)
attempt(named, 1, 2, **{"b": 3, "d": 4})
attempt(lambda: named(**{"z": 1}))
attempt(named, 1, **{"z": 1})
attempt(positional, **{"a": 1})
attempt(only, *(1, 2), **options)
attempt(lambda: show(**{1: 2}))
attempt(lambda: show(**options, x=5))
attempt(lambda: show(**options, **{"y": 0}))
attempt(lambda: show(**5))


class Text(str):
    pass


show(**{Text("t"): 1})
print([type(k) for k in only(**{Text("t"): 1})])


class Caller:
    def method(self, a=0, **others):
        others.pop("x", None)
        return a, others

    def __call__(self, *args, **others):
        return args, others

    @classmethod
    def of(cls, **others):
        return cls.__name__, others

    def __init__(self, **others):
        self.others = others


c = Caller(**options)
print(c.others, c.others is not options)
print(c.method(**options), c.method(**options, a=9), c(5, **options), Caller.of(**options), c.of(**options))
attempt(c.method, 1, **{"a": 2})
attempt(c.method, **{"self": 2})


def passing(depth, **others):
    if depth == 0:
        return others
    inner = passing(depth - 1, **others)
    others["depth"] = depth
    return inner, others


print(passing(3, **options))


def generator(**others):
    yield others
    others["later"] = 1
    yield others


g = generator(**options)
first = next(g)
print(dict(first), next(g) is first, first, options)


class Mapping:
    def keys(self):
        return ["k", "l"]

    def __getitem__(self, key):
        return key * 2


show(**Mapping())
show(1, **Mapping(), m=1)
many = {f"key{i}": i for i in range(100)}
print(len(only(**many)), only(**many)["key99"], len(many))


def swaps(a, b, **others):
    return a, b, others


for i in range(3):
    print(swaps(**{"b": i, "c": 1, "a": -i}), swaps(i, **{"b": 0}))
    show(**(options if i % 2 else {}))
    show(*[], **{})
