"""Items of async generators reach `async for` and `anext`, values sent reach the generator, whatever is awaited in between."""
import asyncio


async def numbers(n):
    for i in range(n):
        if i % 2:
            await asyncio.sleep(0)
        yield i


async def nested(n):
    async for i in numbers(n):
        async for j in numbers(i):
            yield i, j


async def tuples():
    yield (1, 2)
    yield ()
    yield StopIteration(3)
    yield None


async def echo():
    value = 'first'
    while True:
        try:
            value = yield value
            await asyncio.sleep(0)
        except ValueError as e:
            value = e.args


async def main():
    print([x async for x in nested(5)])
    print([x async for x in tuples()])
    g = echo()
    print(await g.asend(None), await g.asend(1), await g.asend((2, 3)), await g.athrow(ValueError(4)), await anext(g))
    await g.aclose()
    try:
        await g.asend(5)
    except StopAsyncIteration as e:
        print('ended', e.args)
    print(await anext(g, 'default'))

    # By hand, one step at a time.
    g = numbers(3)
    a = g.__anext__()
    try:
        a.send(None)
    except StopIteration as e:
        print('item', e.value)
    try:
        a.send(None)
    except RuntimeError as e:
        print(e)
    a, b = g.__anext__(), g.__anext__()
    print(a.send(None))
    try:
        b.send(None)
    except RuntimeError as e:
        print(e)
    try:
        a.send(None)
    except StopIteration as e:
        print('item', e.value)
    try:
        g.__anext__().throw(KeyError('thrown'))
    except KeyError as e:
        print('thrown', e)
    try:
        await g.__anext__()
    except StopAsyncIteration:
        print('over')

    async def broken():
        yield 1
        raise LookupError('inside')
    try:
        async for x in broken():
            print(x)
    except LookupError as e:
        print(e, e.__context__)
    try:
        raise KeyError('outside')
    except KeyError:
        async for x in numbers(2):
            print('handling', x)
        try:
            async for x in broken():
                pass
        except LookupError as e:
            print(repr(e.__context__))


asyncio.run(main())
