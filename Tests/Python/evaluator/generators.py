# Generators: send, throw, close, delegation, state, exceptions handled inside.
import sys


def counter(n):
    got = []
    for i in range(n):
        x = yield i
        got.append(x)
    return got


g = counter(3)
print(next(g), g.send("a"), g.send("b"))
try:
    g.send("c")
except StopIteration as e:
    print("returned", e.value)


def inner():
    try:
        yield 1
        yield 2
    except ValueError as e:
        print("inner caught", e)
        yield 10
    finally:
        print("inner finally")
    return "inner value"


def outer():
    r = yield from inner()
    print("outer got", r)
    yield 99


print(list(outer()))
g = outer()
print(next(g))
print(g.throw(ValueError("x")))
print(list(g))
g = outer()
next(g)
g.close()
print(g.gi_frame, g.gi_running)


def ignores():
    try:
        yield
    except GeneratorExit:
        print("ignored")
    yield


g = ignores()
next(g)
try:
    g.close()
except RuntimeError as e:
    print("RuntimeError:", e)


def stops():
    yield 1
    raise StopIteration("no")


try:
    list(stops())
except RuntimeError as e:
    print("RuntimeError:", e, repr(e.__cause__))


def handled():
    try:
        raise KeyError("k")
    except KeyError:
        yield type(sys.exc_info()[1]).__name__
    yield sys.exc_info()[1]


try:
    raise IndexError("i")
except IndexError:
    print([str(x) for x in handled()])
g = handled()
print(next(g), sys.exc_info()[1])
try:
    raise IndexError("j")
except IndexError:
    print(repr(next(g)))


def running():
    try:
        next(it)
    except ValueError as e:
        print("ValueError:", e)
    yield


it = running()
next(it)
g = counter(2)
try:
    g.send(1)
except TypeError as e:
    print("TypeError:", e)
print(sum(x * x for x in range(100)), [*counter(4)], {k: v for k, v in zip("ab", counter(2))})


def tree(n):
    if n:
        yield from tree(n - 1)
        yield n
        yield from tree(n - 1)


print(list(tree(4)))
