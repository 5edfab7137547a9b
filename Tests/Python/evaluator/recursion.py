# Recursion without end, in Python and in native code, on the main thread and on others, ends in an exception.
import threading


def deep(container, wrap, depth=100000):
    for _ in range(depth):
        container = wrap(container)
    return container


class Eq:
    def __eq__(self, other):
        return self == other

    __hash__ = None


class Repr:
    def __repr__(self):
        return repr(self)


class Add:
    def __add__(self, other):
        return self + other


class Get:
    def __getattr__(self, name):
        return getattr(self, name)


class Item:
    def __getitem__(self, i):
        return self[i]


class Call:
    def __call__(self):
        return self()


class Less:
    def __lt__(self, other):
        return sorted([self, other])


class Prop:
    @property
    def p(self):
        return self.p


class Init:
    def __init__(self):
        Init()


class Missing(dict):
    def __missing__(self, key):
        return self[key]


def plain():
    return plain()


def by_map(n=0):
    return list(map(by_map, [n + 1]))


def by_key(n=0):
    return sorted([1, 2], key=by_key)


def by_yield_from():
    yield from by_yield_from()


def by_loop():
    for x in by_loop():
        yield x


def by_exec():
    exec("by_exec()")


def by_keywords(**k):
    return by_keywords(**k)


def by_except():
    try:
        raise ValueError
    except ValueError:
        by_except()


def by_class():
    class X:
        by_class()


def by_super():
    class A:
        def f(self):
            return B().f()

    class B(A):
        def f(self):
            return super().f()

    return B().f()


def by_compare():
    return deep([], lambda x: [x]) == deep([], lambda x: [x])


ENDLESS = {
    "list repr": lambda: repr(deep([], lambda x: [x])),
    "tuple repr": lambda: repr(deep((), lambda x: (x,))),
    "dict repr": lambda: repr(deep({}, lambda x: {1: x})),
    "eq": lambda: Eq() == Eq(),
    "repr": lambda: repr(Repr()),
    "add": lambda: Add() + Add(),
    "getattr": lambda: Get().x,
    "item": lambda: Item()[0],
    "call": lambda: Call()(),
    "sort": lambda: sorted([Less(), Less()]),
    "property": lambda: Prop().p,
    "init": lambda: Init(),
    "missing": lambda: Missing()[1],
    "yield from": lambda: list(by_yield_from()),
    "loop": lambda: list(by_loop()),
}
for f in (plain, by_map, by_key, by_exec, by_keywords, by_except, by_class, by_super, by_compare):
    ENDLESS[f.__name__] = f


def run(title):
    for name, f in ENDLESS.items():
        try:
            f()
            print(title, name, "ended")
        except RecursionError:
            print(title, name, "RecursionError")


run("main")
thread = threading.Thread(target=run, args=("thread",))
thread.start()
thread.join()
