# Calls with keywords and unpacked arguments: how arguments are bound, and what the frames return to.
import sys


def error(function, *args, **kwargs):
    try:
        return function(*args, **kwargs)
    except Exception as e:
        return type(e).__name__ + ": " + str(e)


def plain(a, b=2, c=3):
    return a, b, c


def only(a, *, b, c=3):
    return a, b, c


def rest(a, *args, b=2, **kwargs):
    return a, args, b, kwargs


def positional(a, b, /, c, **kwargs):
    return a, b, c, kwargs


def strict(a, b, /, c):
    return a, b, c


def many(p0=0, p1=1, p2=2, p3=3, p4=4, p5=5, p6=6, p7=7, p8=8, p9=9, **more):
    x = y = z = None
    return p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, sorted(more), x, y, z


def no_room(**kwargs):
    return kwargs


def run():
    for _ in range(3):
        print(plain(1, c=5), plain(c=1, b=2, a=3), plain(b=7, a=8))
        print(only(1, b=2), only(c=1, b=2, a=3))
        print(rest(1, 2, 3, b=4, d=5), rest(a=1, z=2, y=3), rest(1, **{"q": 1}, b=5))
        print(positional(1, 2, c=3, a=4, b=5), positional(1, 2, 3))
        print(many(p9=1, p0=2, zz=3, yy=4, p5=6), many(p3=1))
        print(no_room(a=1, b=2, c=3, d=4, e=5, f=6, g=7), no_room())
        print([plain(i, c=i) for i in range(3)], [rest(*(1, 2), **{"b": i}) for i in range(3)])
        print(list(plain(i, c=i) for i in range(3)))


run()
print(error(lambda: plain(1, a=2)))
print(error(lambda: plain(1, d=2, a=3)))
print(error(lambda: plain(1, a=3, d=2)))
print(error(lambda: plain(b=3)))
print(error(lambda: only(1)))
print(error(lambda: only(1, 2, b=3)))
print(error(lambda: strict(a=1, b=2, c=3)))
print(error(lambda: strict(1, b=2, c=3)))
print(error(lambda: rest()))
print(error(lambda: rest(1, a=2)))
print(error(lambda: plain(**{1: 2})))
name = "".join(["p", "9"])
print(many(**{name: "not interned"}))
big = {"k%d" % i: i for i in range(100)}
print(rest(1, **big) == (1, (), 2, big), len(many(**big)[10]), sorted(no_room(**big)) == sorted(big))
print(error(lambda: plain(1, **big)))
exec("def wide(%s): return %s" % (", ".join("k%d=None" % i for i in range(100)), "+".join("k%d" % i for i in range(100))))
print(wide(**big))
exec("print(wide(%s))" % ", ".join("k%d=%d" % (i, i * i) for i in reversed(range(100))))
print(error(lambda: wide(None, **big)))


class K:
    def __init__(self, a, *, b=2):
        self.a, self.b = a, b

    def __call__(self, x, *, y=1):
        return self.a, x, y

    def method(self, x, y=2):
        return self.a, x, y


class Bad:
    def __init__(self, a=1):
        return a


def more():
    for _ in range(3):
        k = K(1, b=3)
        print(k.a, k.b, k(2, y=3), k.method(1, y=4), k.method(y=1, x=2))
        args, kwargs = (1,), {"b": 5}
        k = K(*args, **kwargs)
        print(k.a, k.b, k(*args), k.method(*args, **{"y": 9}), K.method(k, x=1))


more()
print(error(lambda: Bad(a=5)), error(lambda: Bad(*(5,))))


def deeper(n, *, step=1):
    return deeper(n + step, step=1)


def deepest(*args, **kwargs):
    return deepest(*args, **kwargs)


print(error(deeper, 1), error(deepest, 1, a=2))


# Generators made and run by such calls
def gen(n, *, start=0):
    for i in range(start, n):
        yield i


def loops():
    for i in gen(3, start=1):
        print(i)
    for i in gen(*(2,)):
        print(i)
    print(list(gen(n=4, start=2)), sum(gen(*(5,), **{"start": 1})))
    a, b = pair(1, second=2)
    c, d = pair(*(3, 4))
    return a, b, c, d


def pair(first, second):
    return first, second


def delegating():
    yield from gen(n=2, start=0)
    x = plain(1, c=(yield 5))
    yield x
    y = rest(*(yield 6), b=1)
    yield y


print(loops(), loops())
g = delegating()
print(next(g), next(g), next(g), g.send("s"), next(g), g.send([1, 2, 3]))


# A callee that starts tracing: the caller's next line is reported
events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("traced", "switch_on"):
        events.append((frame.f_code.co_name, event, frame.f_lineno - frame.f_code.co_firstlineno))
    return tracer


def switch_on(*, on):
    if on:
        frame = sys._getframe(1)
        frame.f_trace = tracer
        sys.settrace(tracer)
    else:
        sys.settrace(None)


def traced():
    a = 1
    switch_on(on=True)
    b = plain(a, c=2)
    c = plain(*b)
    switch_on(**{"on": False})
    return c


print(traced(), events)
events.clear()
print(traced(), events)


# Frames seen from outside
def see(*, deep):
    f = sys._getframe(1)
    return f.f_code.co_name, f.f_lineno - f.f_code.co_firstlineno, sorted(f.f_locals)


def seen():
    a = see(deep=1)
    b = see(**{"deep": 2})
    return a, b


print(seen(), seen())
