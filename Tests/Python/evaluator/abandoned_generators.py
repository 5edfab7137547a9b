# A generator that only a loop refers to is closed when the loop is left, as where the last reference goes.
import contextlib
import sys
import weakref

events = []


def note(*what):
    events.append(what)


def show(title):
    print(title, events)
    events.clear()


def gen(name, n=3):
    try:
        for i in range(n):
            yield i
        note(name, "end")
    finally:
        note(name, "closed")


# Left by break, return, an exception; ended.
def leave_break():
    for x in gen("b"):
        if x == 1:
            break
    note("after")


leave_break()
show("break")


def leave_return():
    for x in gen("r"):
        return note("value", x)


leave_return()
note("after")
show("return")


def leave_value():
    for x in gen("rv"):
        y = x + 1
        if y == 2:
            return [y, note("before")]


leave_value()
show("return of a value")


def leave_raise():
    try:
        for x in gen("e"):
            raise KeyError(x)
    except KeyError as e:
        note("handler", e.args)


leave_raise()
show("exception, handler in the frame")


def raises():
    for x in gen("f"):
        {}[x]


try:
    raises()
except KeyError:
    note("handler outside")
show("exception, handler outside")


def ends():
    for x in gen("n"):
        pass
    else:
        note("else")


ends()
show("end")

# At module level, in a class body, in nested loops.
for x in gen("module"):
    break
note("after")
show("module")


class Body:
    for x in gen("class"):
        break
    note("after")


show("class body")


def nested():
    for a in gen("outer"):
        for b in gen("inner"):
            if b == 1:
                break
        note("between")
        for b in gen("second"):
            return a


nested()
show("nested")


def nested_raise():
    for a in gen("outer"):
        for b in gen("inner"):
            for c in gen("innermost"):
                raise ValueError


try:
    nested_raise()
except ValueError:
    note("caught")
show("nested, exception")


def handler_within():
    for a in gen("kept"):
        try:
            for b in gen("left"):
                raise ValueError
        except ValueError:
            note("caught in", a)


handler_within()
show("the handler keeps the outer loop")


def with_finally():
    for a in gen("loop"):
        try:
            return note("value")
        finally:
            note("finally")


with_finally()
show("return through finally")


def continue_in_finally():
    for a in gen("loop", 2):
        try:
            for b in gen("tried"):
                raise ValueError
        except* ValueError:
            note("group")


continue_in_finally()
show("except*")

# What holds the generator elsewhere keeps it open.
def held():
    g = gen("held")
    for x in g:
        break
    note("still open", g.gi_frame is not None)
    g.close()
    for x in (w := gen("walrus")):
        break
    note("still open", w.gi_frame is not None)
    w.close()
    keep = [gen("listed")]
    for x in keep[0]:
        break
    note("still open", keep[0].gi_frame is not None)
    keep[0].close()


held()
show("held")


class Keeps:
    def __iter__(self):
        self.kept = gen("kept by an object")
        return self.kept


def kept_by_object():
    k = Keeps()
    for x in k:
        break
    note("still open", k.kept.gi_frame is not None)
    k.kept.close()


kept_by_object()
show("kept by what made it")

# A function that returns a new generator, methods, keywords, stars.
def maker(name):
    return gen(name)


class Box:
    def items(self, name, *, n=3):
        yield from gen(name, n)

    def __iter__(self):
        try:
            yield 1
            yield 2
        finally:
            note("__iter__ closed")


def others():
    for x in maker("made elsewhere"):
        break
    note("1")
    box = Box()
    for x in box.items("method"):
        break
    note("2")
    for x in box.items("keyword", n=2):
        break
    note("3")
    for x in gen(*("star", 2)):
        break
    note("4")
    for x in gen(**{"name": "star star"}):
        break
    note("5")
    for x in box:
        break
    note("6")
    for i, x in enumerate(gen("enumerate")):
        break
    note("7")
    for i, x in enumerate(gen("enumerate"), 5):
        break


others()
note("end of others")
show("others")


# Delegation, generator expressions, comprehensions.
def outer():
    try:
        yield from gen("delegate")
    finally:
        note("outer closed")


def delegating():
    for x in outer():
        break


delegating()
show("yield from")


def loop_inside():
    for x in gen("source"):
        yield x


def loops():
    for x in loop_inside():
        break


loops()
show("a loop of a generator's own")


def expressions():
    for x in (y * 2 for y in gen("expression")):
        break
    note("1")
    note("any", any(x == 1 for x in gen("any")))
    note("all", all(x < 1 for x in gen("all")))
    note("next", next(x for x in gen("next")))
    note("next", next((x for x in gen("default") if x), None))
    note("next", next(gen("plain")))
    note("any", any(gen("any plain")))
    note("in", 1 in gen("in"))
    if 1 not in gen("not in"):
        note("never")
    note("all ended", all(x < 9 for x in gen("ends")))
    note("list", [x for x in gen("comprehension")])


expressions()
show("expressions")


def any_raises():
    class Untrue:
        def __bool__(self):
            raise ValueError("no truth")

    def untrue():
        try:
            yield Untrue()
        finally:
            note("untrue closed")

    try:
        any(untrue())
    except ValueError as e:
        note(str(e))


any_raises()
show("any raises")


# with blocks in generators.
@contextlib.contextmanager
def manager(name):
    note("enter", name)
    try:
        yield
    finally:
        note("exit", name)


def managed():
    with manager("m"):
        yield 1
        yield 2


def use_managed():
    for x in managed():
        note("got", x)
        break
    note("left")


use_managed()
show("with")


# Errors while closing are unraisable.
def bad():
    try:
        yield 1
    finally:
        raise RuntimeError("in close")


def ignoring():
    while True:
        try:
            yield 1
        except GeneratorExit:
            note("ignored")


def unraisable():
    hook = sys.unraisablehook
    sys.unraisablehook = lambda u: note(type(u.exc_value).__name__, str(u.exc_value), u.object.__name__)
    try:
        for x in bad():
            break
        note("goes on")
        try:
            for x in bad():
                raise KeyError("original")
        except KeyError as e:
            note("kept", e.args, e.__context__)
        for x in ignoring():
            break
    finally:
        sys.unraisablehook = hook


unraisable()
show("errors")


# The exception being handled is seen inside, and stays what it was.
def sees():
    try:
        yield 1
    finally:
        note("handling", sys.exc_info()[0] and sys.exc_info()[0].__name__)


def handled():
    try:
        raise KeyError
    except KeyError:
        for x in sees():
            break
        note("after", sys.exc_info()[0].__name__)


handled()
show("handled exceptions")


# Frames: who is closing it can be seen; a weak reference made inside does not keep it.
def caller_seen():
    try:
        yield sys._getframe()
    finally:
        note("closed in", sys._getframe(1).f_code.co_name)


def frames():
    for frame in caller_seen():
        break
    note("frame", frame.f_code.co_name, frame.f_locals)


frames()
show("frames")


# A generator that was never started, and one that is closed by itself.
def unstarted():
    for x in (gen("unstarted") for _ in ()):
        pass


unstarted()
show("unstarted")


# In a generator that is closed: its own loops first.
def chain(depth):
    if depth == 0:
        yield 0
        return
    try:
        for x in chain(depth - 1):
            yield x
    finally:
        note(depth)


def chained():
    for x in chain(4):
        break


chained()
show("chain")


# In a loop, many times; the variable is rebound while the loop runs.
def many():
    total = 0
    for i in range(1000):
        for x in gen("many"):
            total += x
            if x == 1:
                break
    return total


print(many(), len(events), set(events))
events.clear()


# Coroutines and async generators run such loops too.
async def asynchronous():
    for x in gen("async def"):
        break
    note("after")


try:
    asynchronous().send(None)
except StopIteration:
    pass
show("coroutine")


# The generator expression's variables outlive it in a frame object: what it iterates over stays open with them.
def frame_of_expression():
    def leak(x):
        frames.append(sys._getframe(1))
        return True

    frames = []
    any(leak(x) for x in gen("with a frame"))
    note("not yet")
    frames.clear()


frame_of_expression()
events[:] = [e for e in events if e != ("with a frame", "closed")]
show("frame of an expression")
