"""Coroutines and generators that are awaited, or delegated to, where they are made: they may go when they have ended, but not if something has seen them."""
import asyncio
import gc
import inspect
import sys
import types


class Pause:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


def drive(coroutine, answers=()):
    answers = iter(answers)
    out = []
    try:
        step = coroutine.send(None)
        while True:
            out.append(step)
            step = coroutine.send(next(answers, None))
    except StopIteration as e:
        return out, e.value


async def leaf(n):
    return n


async def tree(n):
    if n < 2:
        return await leaf(n)
    return await tree(n - 1) + await tree(n - 2)


print(drive(tree(12)))


async def waiting(n):
    if n == 0:
        return [await Pause("bottom")]
    below = await waiting(n - 1)
    below.append(await Pause(n))
    return below


print(drive(waiting(4), "abcdefgh"))


# Seen by way of cr_await while it waits.
outer = waiting(3)
outer.send(None)
seen = []
c = outer
while inspect.iscoroutine(c):
    seen.append(c)
    c = c.cr_await
print([x.cr_code.co_name for x in seen], [inspect.getcoroutinestate(x) for x in seen])
print(drive_rest := [])
try:
    step = outer.send("x")
    while True:
        drive_rest.append(step)
        junk = [waiting(1) for _ in range(3)]
        for j in junk:
            j.close()
        step = outer.send("y")
except StopIteration as e:
    print(e.value)
gc.collect()
print(drive_rest, [inspect.getcoroutinestate(x) for x in seen], [x.cr_frame for x in seen])


# Seen by its frame.
frames = []


async def shows(n):
    frames.append(sys._getframe())
    if n:
        return await shows(n - 1)
    return sorted(sys._getframe().f_locals)


print(drive(shows(2)))
print([f.f_code.co_name for f in frames], [f.f_locals for f in frames])


# Exceptions thrown into the innermost, caught in the middle.
async def fragile():
    try:
        await Pause("fragile")
    except KeyError as e:
        return await leaf(("caught", e.args))


async def middle():
    return [await fragile(), await leaf(1), await fragile()]


m = middle()
print(m.send(None), m.throw(KeyError("one")))
try:
    m.throw(KeyError("two"))
except StopIteration as e:
    print(e.value)


async def raises(n):
    if n == 0:
        raise ValueError("deep")
    await leaf(n)
    await raises(n - 1)


try:
    drive(raises(3))
except ValueError as e:
    t, depth = e.__traceback__, 0
    while t:
        depth += 1
        t = t.tb_next
    print(e, depth)


# Kept in a variable: it stays.
async def keeps():
    kept = leaf(5)
    first = await kept
    try:
        await kept
    except RuntimeError as e:
        return first, str(e), kept.cr_frame


print(drive(keeps()))


@types.coroutine
def based(n):
    got = yield n
    return got, (yield from leaf(n))


async def uses_based():
    return [await based(1), await based(2)]


print(drive(uses_based(), "pq"))


# yield from
def inner(n):
    got = []
    for i in range(n):
        got.append((yield i))
    return got


def outer_generator(n):
    return (yield from inner(n)), (yield from inner(1))


def handled(n):
    try:
        return (yield from inner(n))
    finally:
        yield "finally"


print(drive(outer_generator(2), "abc"))
g = outer_generator(3)
next(g)
kept = g.gi_yieldfrom
print(kept.gi_code.co_name, drive(g, "xyz"), kept.gi_frame)
g = handled(2)
print(next(g), next(g), next(g), g.gi_yieldfrom, next(g, "end"))


def recursive(n):
    if n:
        yield n
        yield from recursive(n - 1)
        yield -n


print(list(recursive(5)))


async def task(n):
    await asyncio.sleep(0)
    return n if n == 0 else await task(n - 1) + 1


async def main():
    print(await asyncio.gather(*[task(i) for i in range(20)]))
    t = asyncio.ensure_future(task(5))
    await asyncio.sleep(0)
    t.cancel()
    try:
        await t
    except asyncio.CancelledError:
        print("cancelled")


asyncio.run(main())

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("leaf", "tree"):
        events.append((frame.f_code.co_name, event))
    return tracer


sys.settrace(tracer)
drive(tree(2))
sys.settrace(None)
print(events)
