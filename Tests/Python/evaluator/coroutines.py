# Coroutines and async generators, driven by hand.
class Step:
    def __init__(self, v):
        self.v = v

    def __await__(self):
        r = yield self.v
        return r


def run(coro):
    out, send = [], None
    while True:
        try:
            out.append(coro.send(send))
        except StopIteration as e:
            return out, e.value
        send = len(out)


async def add(a, b):
    x = await Step(a)
    y = await Step(b)
    return x, y


async def twice():
    return [await add(1, 2), await add(3, 4)]


print(run(twice()))


async def agen(n):
    try:
        for i in range(n):
            await Step("w")
            got = yield i
            if got:
                print("got", got)
    finally:
        print("agen closed")


async def use():
    total = 0
    async for x in agen(3):
        total += x
    print([x async for x in agen(2) if x])
    a = agen(5)
    print(await a.__anext__(), await a.asend("hi"))
    await a.aclose()
    try:
        await a.__anext__()
    except StopAsyncIteration:
        print("stopped")
    b = agen(2)
    await b.__anext__()
    try:
        await b.athrow(ValueError("in"))
    except ValueError as e:
        print("out", e)
    return total


print(run(use()))


class ACM:
    async def __aenter__(self):
        await Step("enter")
        return "value"

    async def __aexit__(self, *exc):
        await Step("exit")
        print("aexit", exc[0])
        return True


async def with_():
    async with ACM() as v:
        print(v)
        raise KeyError


print(run(with_()))


async def bad():
    await 5


try:
    run(bad())
except TypeError as e:
    print(e)


async def bad_for():
    async for x in 5:
        pass


try:
    run(bad_for())
except TypeError as e:
    print(e)
c = add(1, 2)
c.close()
try:
    c.send(None)
except RuntimeError as e:
    print(e)
