# What becomes the context of an exception thrown into a generator: what the generator handles, not what the thrower does.
from contextlib import ExitStack, contextmanager


def chain(e):
    result = []
    while e is not None and len(result) < 9:
        result.append(e)
        e = e.__context__
    return result


def throw(g, e):
    try:
        try:
            raise OSError("handled outside")
        except OSError:
            g.throw(e)
    except Exception as raised:
        print(chain(raised))


def handling():
    try:
        raise KeyError("inner")
    except KeyError:
        try:
            yield 1
        except Exception as e:
            print("in", chain(e))
            raise


def plain():
    try:
        yield
    except Exception as e:
        print("in", chain(e))
        raise ValueError("from the generator")


def delegating(inner):
    yield from inner


def handling_delegating():
    try:
        raise KeyError("outer")
    except KeyError:
        yield from plain()


class Awaitable:
    def __await__(self):
        yield 1


async def coroutine():
    await Awaitable()


for g in (handling(), plain(), delegating(plain()), delegating(handling()), handling_delegating()):
    next(g)
    throw(g, Exception("thrown"))
throw(plain(), Exception("not started"))
c = coroutine()
c.send(None)
throw(c, Exception("into a coroutine"))
c = coroutine()
c.send(None)
throw(c, LookupError)


@contextmanager
def raising(e):
    try:
        yield
    finally:
        raise e


errors = [Exception(i) for i in range(4)]
try:
    with ExitStack() as stack:
        for e in errors[:0:-1]:
            stack.enter_context(raising(e))
        raise errors[0]
except Exception as e:
    print(chain(e))
