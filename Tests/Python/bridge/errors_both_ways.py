# amphis: --cpython=zlib,_queue
# Exceptions through C code, both ways: the same object with its arguments, chain, notes and frames in order.
import asyncio, csv, ctypes, functools, io, queue, select, socket, sqlite3, sys, traceback, zlib

api = ctypes.pythonapi


def prototype(name, result, *arguments):
    f = getattr(api, name)
    f.restype, f.argtypes = result, arguments
    return f


O = ctypes.py_object
call = prototype("PyObject_CallNoArgs", O, O)
run = prototype("PyRun_String", O, ctypes.c_char_p, ctypes.c_int, O, O)
iterate = prototype("PySequence_List", O, O)
getattribute = prototype("PyObject_GetAttrString", O, O, ctypes.c_char_p)


def frames(e):
    return [(f.name, f.lineno) if "errors_both_ways" not in f.filename else f.name for f in traceback.extract_tb(e.__traceback__)]


def caught(function, *args):
    try:
        return ("returned", function(*args))
    except BaseException as e:
        return e


class Mine(Exception):
    def __init__(self, a, *, b):
        super().__init__(a)
        self.b = b


# Ours through C code: the same object, what it carries, frames of both sides of the call.
first = Mine("x", b=[1])
first.add_note("a note")
first.add_note("another")


def inner():
    raise first from LookupError("cause")


def outer():
    return call(inner)


e = caught(outer)
print(e is first, e.args, e.b, e.__notes__, repr(e.__cause__), e.__suppress_context__, frames(e))
e = caught(lambda: call(lambda: call(lambda: call(inner))))
print(e is first, len(frames(e)) >= 8)

# Implicit chaining: raised while another is handled, on either side.
def chained():
    try:
        zlib.decompress(b"junk")
    except zlib.error:
        raise KeyError("later")


e = caught(call, chained)
print(repr(e), type(e.__context__).__name__, e.__context__.args, e.__suppress_context__)


def handling():
    try:
        raise ValueError("handled")
    except ValueError:
        zlib.decompress(b"junk")


e = caught(handling)
print(type(e).__name__, repr(e.__context__), frames(e))
e = caught(call, handling)
print(type(e).__name__, repr(e.__context__), frames(e))

# Code that libpython runs: its lines stand between ours.
source = b"""
def theirs(f):
    try:
        f()
    except ValueError as e:
        raise RuntimeError("wrapped", 5) from e

def deep(n, f):
    if n:
        deep(n - 1, f)
    else:
        f()
"""
space = {}
run(source, 257, space, space)


def ours():
    raise ValueError("deep inside")


def through():
    space["theirs"](ours)


e = caught(through)
print(repr(e), repr(e.__cause__), e.__cause__ is e.__context__, frames(e), frames(e.__cause__))
e = caught(space["deep"], 2, ours)
print(repr(e), frames(e))
e = caught(lambda: space["deep"](1, lambda: space["deep"](0, ours)))
print(frames(e))
text = "".join(traceback.format_exception(e))
print([line.split(", ", 1)[1] for line in text.splitlines() if line.startswith("  File") and "<string>" in line], text.splitlines()[-1])
space["deep"].__name__  # (C's function, ours to read)
e = caught(run, b"1 +", 258, {}, {})
print(type(e).__name__, e.msg, e.lineno, e.offset, e.text)

# What C code sees of ours: type, value, traceback with our frames.
seen = prototype("PyErr_Occurred", ctypes.c_void_p)
look = b"""
import sys
def look(f):
    try:
        f()
    except BaseException as e:
        names, tb = [], e.__traceback__
        while tb:
            names.append((tb.tb_frame.f_code.co_name, tb.tb_lineno > 0))
            tb = tb.tb_next
        return type(e).__name__, e.args, getattr(e, '__notes__', None), type(e.__cause__).__name__, type(e.__context__).__name__, names, e
"""
run(look, 257, space, space)
name, args, notes, cause, context, names, same = space["look"](inner)
print(name, args, notes, cause, context, names, same is first)
_, _, _, _, _, names, e = space["look"](lambda: space["deep"](1, ours))
print(names, frames(e))

# SystemExit, KeyboardInterrupt, GeneratorExit go through as they are.
for thing in (SystemExit(3), SystemExit(None), SystemExit("text"), KeyboardInterrupt("k"), GeneratorExit()):

    def leave():
        raise thing

    e = caught(call, leave)
    print(type(e).__name__, e.args, e is thing, getattr(e, "code", "-"))
e = caught(call, sys.exit)
print(repr(e), e.code)


# StopIteration: values, in iterators that C code reads.
class Iterator:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration("value", 2)
        self.n -= 1
        return self.n


print(iterate(Iterator(3)))


def generator():
    got = yield 1
    return ["result", got]


send = lambda g, name: call(getattribute(g, name.encode()))
g = generator()
print(send(g, "__next__"), repr(caught(send, g, "__next__").value))
closed = []


def closing():
    try:
        yield 1
    except GeneratorExit:
        closed.append("closed")
        raise


g = closing()
next(g)
print(send(g, "close"), closed)
raising = generator()
next(raising)
print(repr(caught(prototype("PyObject_CallOneArg", O, O, O), raising.throw, KeyError("thrown"))))

# Groups: split and catch on both sides.
group = ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [TypeError("t"), zlib.error("z")])])


def grouped():
    raise group


e = caught(call, grouped)
print(e is group, e.exceptions[0] is group.exceptions[0], e.split(zlib.error)[0].exceptions[0].exceptions[0].args)
try:
    call(grouped)
except* zlib.error as part:
    print("zlib", part.exceptions)
except* (ValueError, TypeError) as part:
    print("rest", part.message, part.exceptions)
run(b"""
def make():
    e = ExceptionGroup('theirs', [ValueError('v'), OSError(2, 'no')])
    e.add_note('n')
    raise e
def split(f):
    try:
        f()
    except* ValueError as e:
        got.append((e.message, [type(x).__name__ for x in e.exceptions]))
got = []
""", 257, space, space)
e = caught(space["make"])
print(type(e).__name__, e.message, [repr(x) for x in e.exceptions], e.__notes__, isinstance(e, ExceptionGroup))
e = caught(space["split"], grouped)
print(space["got"], type(e).__name__, e.message, [type(x).__name__ for x in e.exceptions])

# Errors of C code: type, arguments, attributes, and our frame at the call.
def fails():
    socket.create_connection(("127.0.0.1", 1), timeout=1)


for f in (fails, lambda: open("/no/such"), lambda: zlib.decompress(b"x"), lambda: sqlite3.connect("/no/dir/x"), lambda: sqlite3.connect(":memory:").execute("selec"), lambda: queue.SimpleQueue().get_nowait(),
          lambda: list(csv.reader(["\0"], strict=True)), lambda: select.select([99999], [], [], 0), lambda: b"\xff".decode(), lambda: call(5), lambda: getattribute(5, b"nothing"), lambda: ctypes.CDLL("none.so")):
    e = caught(f)
    if isinstance(e, tuple):
        print(e)
        continue
    print(type(e).__module__, type(e).__name__, [a for a in e.args if not hasattr(a, "fileno")][:2], getattr(e, "errno", "-"), getattr(e, "filename", "-"), getattr(e, "sqlite_errorname", "-"), frames(e)[1])


# In callbacks of C code: what it does with them, and that they do not stay behind.
database = sqlite3.connect(":memory:")
for kind in (ValueError("v"), KeyboardInterrupt(), MemoryError(), OverflowError("o"), Mine(1, b=2)):

    def bad(*args):
        raise kind

    database.create_function("bad", 0, bad)
    print(type(caught(database.execute, "select bad()")).__name__, end=" ")
    database.set_progress_handler(bad, 1)
    print(type(caught(database.execute, "select 1 union select 2")).__name__, end=" ")
    database.set_progress_handler(None, 0)
    print(database.execute("select 1").fetchone())


class Key:
    def __eq__(self, other):
        raise Mine("eq", b=1)

    __hash__ = lambda self: 1


print(repr(caught(prototype("PyDict_Contains", ctypes.c_int, O, O), {Key(): 1}, Key())), caught(prototype("PyObject_IsTrue", ctypes.c_int, O), type("T", (), {"__bool__": lambda s: 1 // 0})()))
unraisable = []
sys.unraisablehook = lambda u: unraisable.append((u.exc_type.__name__, str(u.exc_value)))
ctypes.CFUNCTYPE(ctypes.c_int)(lambda: 1 // 0)()
ctypes.CFUNCTYPE(None)(lambda: sys.exit(2))()
print(unraisable)


# with_traceback, re-raising, and an exception that goes out and in again and again.
def bounce(n, e):
    if n == 0:
        raise e
    return call(functools.partial(bounce, n - 1, e))


e = caught(bounce, 5, ValueError("bounced"))
print(frames(e).count("bounce"))
plain = e.with_traceback(None)
e = caught(call, lambda: bounce(0, plain))
print(e is plain, frames(e).count("bounce"))


async def gather():
    async def bad(n):
        call(functools.partial(bounce, 1, KeyError(n)))

    return await asyncio.gather(bad(1), bad(2), return_exceptions=True)


print(asyncio.run(gather()))
