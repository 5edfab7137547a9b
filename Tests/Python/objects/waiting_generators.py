# What a generator has handed out is not kept by it: gc.collect() finds it dead while the generator waits.
import gc, weakref


class Thing:
    pass


def plain(things):
    while things:
        yield things.pop()


def delegating(things):
    yield from plain(things)


def with_more_on_the_stack(things):
    while things:
        print(len(things), [(yield things.pop())], sep=":", end=" ")


def keeps(things):
    while things:
        kept = things.pop()
        yield kept


async def coroutine(things):
    class Wait:
        def __await__(self):
            while things:
                yield things.pop()

    await Wait()


def drive(name, g):
    answers = []
    for thing in g:
        w = weakref.ref(thing)
        del thing
        gc.collect()
        answers.append(w() is None)
    print(name, answers)


drive("plain", plain([Thing() for _ in range(3)]))
drive("delegating", delegating([Thing() for _ in range(3)]))
drive("more", with_more_on_the_stack([Thing() for _ in range(3)]))
drive("keeps", keeps([Thing() for _ in range(3)]))
drive("coroutine", coroutine([Thing() for _ in range(3)]).__await__())


def entries():
    # Entries below the yield stay.
    t = [Thing(), Thing()]
    w = [weakref.ref(x) for x in t]
    print(len([t.pop(), (yield w), t.pop()]), len(t))


g = entries()
w = next(g)
gc.collect()
print([x() is None for x in w])
try:
    g.send(None)
except StopIteration:
    pass


def after(x):
    y = x + (yield x)
    return y * 2


g = after(1000)
print(next(g))
gc.collect()
try:
    g.send(5)
except StopIteration as e:
    print(e.value)
