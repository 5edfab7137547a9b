# A generator expression in a generator's frame, over an iterator that a variable or an argument of a call names, too.


def total():
    it = iter([1, 2, 3, 4])
    s = sum(x for x in it if x < 3)
    yield s
    yield list(it)
    yield next(it, "end")


def part(it):
    yield any(x == 2 for x in it)
    yield list(it)


def argument(it):
    def both(a, b):
        return b, list(a)

    yield both(it, next(x * 10 for x in it))
    yield both(it, set(x * 10 for x in it))
    yield type(it).__name__


def nested(items):
    it = (x for x in items)
    yield tuple(x + 1 for x in it if x % 2)
    yield list(it)
    yield sorted((y for y in (x for x in items)), key=lambda v: -v)
    yield [list(x for x in it), list(x for x in iter(items))]


def paired(a):
    s = (x + y for x, y in zip(a, a))
    yield s
    z = zip(a, a)
    yield max(x for x, y in z if x < 3)
    yield list(z)
    yield sum(x * y for x, y in zip(a, a))


def handed_out(a):
    pairs = paired(a)
    s = next(pairs)
    r = [list(s)]
    junk = [zip((i,), (i,)) for i in range(20)]
    r.extend(pairs)
    return r + [[list(z) for z in junk][-1]]


async def coroutine(n):
    it = iter(range(n))
    s = max(x for x in it)
    return s, list(it), type(it).__name__


async def outer(n):
    return [await coroutine(n), await coroutine(n + 1), await other(coroutine(2))]


async def other(c):
    first = c
    return await first, await coroutine(1)


def run(c):
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


for _ in range(40):
    results = [
        list(total()),
        list(part(iter((1, 2, 3)))),
        list(part(reversed([3, 2, 1]))),
        list(part(iter({1: 0, 2: 0, 3: 0}))),
        list(part(x for x in (1, 2, 3))),
        list(part(zip((1, 2), (3, 4)))),
        list(argument(iter([1, 2, 3]))),
        list(argument(x for x in (4, 5, 6))),
        list(nested([1, 2, 3])),
        handed_out([1, 2, 3]),
        run(outer(3)),
    ]
print(*results, sep="\n")
