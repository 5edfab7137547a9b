"""Builtins that take all items of a generator, called again and again at the same place."""
import sys


def gen(n, log=None):
    try:
        for i in range(n):
            yield i
    finally:
        if log is not None:
            log.append("closed")


def show(f, *args):
    for _ in range(4):
        try:
            r = f(*args)
        except BaseException as e:
            r = (type(e).__name__, str(e), e.__context__.__class__.__name__)
        print(f.__name__, r)


def lists(n):
    return list(x * x for x in range(n)), list(gen(n)), [*gen(n)]


def tuples(n):
    return tuple(x for x in range(n)), tuple(gen(n))


def sets(n):
    return sorted(set(x % 3 for x in range(n))), sorted(frozenset(str(x) for x in gen(n))), frozenset(gen(0)) is frozenset()


def truths(n):
    log = []
    r = any(x > 2 for x in range(n)), all(x < 3 for x in range(n)), any(gen(n, log)), all(gen(n, log)), any(gen(0)), all(gen(0))
    return r, log


def sums(n):
    return sum(x for x in range(n)), sum(x / 2 for x in range(n)), sum(x if x < 3 else x / 4 for x in range(n)), sum(1 << 46 for _ in range(n)), sum(x == 1 for x in range(n))


def extremes(n):
    return min(x for x in gen(n)), max(x for x in gen(n)), min(-x / 2 for x in gen(n)), max(str(x) for x in gen(n)), min(float("nan") for x in gen(n)), max(x if x % 2 else float(x) for x in gen(n))


def texts(n):
    return ", ".join(str(x) for x in gen(n)), "".join(chr(65 + x) for x in gen(n)), b" ".join(bytes([65 + x]) for x in gen(n))


def sort(n):
    return sorted(-x for x in gen(n)), sorted((str(x) for x in gen(n)), reverse=True)


def extend(n):
    xs = [0]
    xs.extend(x + 1 for x in gen(n))
    xs.extend(gen(n))
    return xs


def delegated(n):
    def outer():
        got = yield from gen(n)
        yield "end"
        yield got
    return tuple(outer()), list(outer()), any(x == 2 for x in outer())


for f in (lists, tuples, sets, truths, sums, extremes, texts, sort, extend, delegated):
    for n in (5, 1, 40):
        show(f, n)

# Errors in the generator, in what the builtin does with an item, and at its end
class Odd:
    def __init__(self, n):
        self.n = n

    def __hash__(self):
        if self.n == 3:
            raise KeyError("hash")
        return self.n

    def __bool__(self):
        if self.n == 3:
            raise KeyError("bool")
        return False

    def __lt__(self, other):
        if other.n == 3 or self.n == 3:
            raise KeyError("lt")
        return self.n < other.n

    def __add__(self, other):
        raise KeyError("add")

    __radd__ = __add__


def fails(n):
    return tuple(1 // (2 - x) for x in range(n))


def fails_in_set(n):
    return set(Odd(x) for x in range(n))


def fails_in_any(n):
    return any(Odd(x) for x in range(n))


def fails_in_min(n):
    return min(Odd(x) for x in range(n))


def fails_in_sum(n):
    return sum(Odd(x) for x in range(n))


def fails_in_sorted(n):
    return sorted(Odd(x) for x in range(n))


def fails_in_join(n):
    return ".".join(x for x in range(n))


def nothing(n):
    return min(x for x in range(0)), n


def stops(n):
    return list(next(iter(())) for x in range(n))


for f in (fails, fails_in_set, fails_in_any, fails_in_min, fails_in_sum, fails_in_sorted, fails_in_join, nothing, stops):
    show(f, 5)


# The generator that a builtin reads is running; after an error it is not.
def again():
    g = None

    def body():
        yield 1
        try:
            next(g)
        except ValueError as e:
            yield str(e)
        try:
            g.close()
        except ValueError as e:
            yield str(e)
        yield g.gi_running, g.gi_frame.f_back.f_code.co_name

    g = body()
    return list(g)


show(again)


def left_over():
    class Bad:
        def __bool__(self):
            raise KeyError("bool")

    g = (x if x != 2 else Bad() for x in (0, 0, 2, 0, 5))
    try:
        any(g)
    except KeyError as e:
        return str(e), g.gi_running, list(g), [t for t in traceback_of(e)]


def traceback_of(e):
    t = e.__traceback__
    while t:
        yield t.tb_frame.f_code.co_name
        t = t.tb_next


show(left_over)


def taken_meanwhile():
    class Greedy:
        def __bool__(self):
            rest.extend(g)
            return False

    rest = []
    g = (Greedy() if x == 1 else x for x in (0, 1, 2, 3))
    return any(g), rest


show(taken_meanwhile)


# The same place with other arguments, and the names bound to something else
def mixed(xs):
    return list(xs), sum(xs), any(xs), tuple(xs)


for _ in range(3):
    for xs in (gen(3), [1, 2], (3,), range(4), gen(4), {5: 6}, gen(0)):
        try:
            print(mixed(xs))
        except Exception as e:
            print(type(e).__name__, e)


def shadowed(sum):
    return sum(x for x in gen(4))


for f in (sum, sum, list, tuple, lambda g: [*g], sum, max, sorted, "-".join, str):
    try:
        r = shadowed(f)
        print(r if not isinstance(r, str) else "str")
    except Exception as e:
        print(type(e).__name__, e)


# In generators and coroutines, nested
def nested(n):
    for i in range(n):
        yield tuple(sum(x for x in range(y)) for y in range(i))


for _ in range(3):
    print(list(nested(5)))


async def inner(n):
    return sorted(-x for x in gen(n))


async def outer(n):
    return [await inner(i) for i in range(n)]


def run(c):
    try:
        c.send(None)
    except StopIteration as e:
        return e.value


print(run(outer(5)))


# Depth
def deep(n):
    return sum(deep(n - 1) for _ in range(1)) + 1 if n else 0


print([deep(n) for n in (1, 3, 3, 60, 200)])


def endless():
    return sum(endless() for _ in range(1))


for _ in range(2):
    try:
        endless()
    except RecursionError as e:
        print("RecursionError")


# Traced from within
events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("switching", "<genexpr>"):
        events.append((frame.f_code.co_name, event, arg if event == "return" else None))
    return tracer


def switching(on):
    r = list((sys.settrace(tracer) if on and x == 2 else None, x)[1] for x in range(4))
    sys.settrace(None)
    return r


for on in (0, 0, 0, 1):
    print(switching(on))
print([e for e in events if e[1] == "return"])


# Closing what a builtin has left
def closes(n):
    log = []
    for _ in range(3):
        log.append(any(x == 1 for x in gen(n, log)))
        log.append(next(gen(n, log)))
        log.append(all(gen(n, log)))
    return log


show(closes, 4)
