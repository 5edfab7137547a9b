"""A function gets other code: who runs the old one goes on with it."""


def first():
    yield 1
    yield 2


def second():
    yield "a"
    yield "b"


def plain():
    return "plain"


async def coroutine():
    return "coroutine"


started = first()
print(next(started))
fresh = first()
first.__code__ = second.__code__
later = first()
print(next(started), list(fresh), next(later))
first.__code__ = plain.__code__
print(first(), list(later), list(fresh), list(started))
first.__code__ = coroutine.__code__
waiting = first()
first.__code__ = second.__code__
try:
    waiting.send(None)
except StopIteration as e:
    print(e.value)
print(list(first()))


def replaced(n):
    if n == 3:
        replaced.__code__ = other.__code__
    return [n] + (replaced(n + 1) if n < 6 else [])


def other(n):
    return ["other", n]


print(replaced(0), replaced(0))

# Many functions get code while many objects are alive
alive = [[i] for i in range(20_000)]
for i in range(100):
    def f():
        return 1

    f.__code__ = plain.__code__
    assert f() == "plain"
