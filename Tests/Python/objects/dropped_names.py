# `del` of a name, and a name of a module bound anew, end an object there and then if somebody waits for it.
import gc
import weakref


class Loud:
    def __init__(self, name, part=None):
        self.name = name
        self.part = part

    def __del__(self):
        print("end of", self.name)


class Quiet:
    pass


# names of a module
a = Loud("a")
del a
print("after a")
b = Loud("b")
b = None
print("after b")
c = Loud("outer", Loud("inner"))
del c
print("after both")
d = Quiet()
seen = weakref.ref(d, lambda r: print("callback"))
del d
print(seen())
other = e = Loud("shared")
del e
print("still there")
del other
print("now gone")


# locals, cells, globals
def local():
    x = Loud("local")
    del x
    print("after local")
    y = Loud("cell")

    def inner():
        return y

    print(inner().name)
    del y
    print("after cell")
    try:
        inner()
    except NameError as error:
        print(error)


local()


def change():
    global g
    g = Loud("first global")
    g = Loud("second global")
    print("replaced")
    del g
    print("deleted")


change()


def maybe(flag):
    if flag:
        z = Loud("maybe")
    try:
        del z
    except UnboundLocalError as error:
        print(error)
    print("after maybe")


maybe(True)
maybe(False)

# generators within try
def generate():
    try:
        yield 1
        yield 2
    finally:
        print("generator left")


it = generate()
print(next(it))
del it
print("after generator")


# functions and weak sets
def receiver():
    pass


group = weakref.WeakSet([receiver])
print(len(group))
del receiver
print(len(group))

# gc.disable() does not keep objects
gc.disable()
f = Quiet()
watcher = weakref.ref(f)
del f
print(watcher())
gc.enable()

# cycles stay until the collector comes
h = Quiet()
h.me = h
cycle = weakref.ref(h)
del h
print(cycle() is not None)
gc.collect()
print(cycle())

# in a loop, while an exception is handled
for i in range(5):
    x = Loud("round %d" % i)
    del x
    print("end of round", i)
try:
    raise ValueError("first")
except ValueError as error:
    y = Loud("in a handler")
    del y
    print("handled", error)


def raising():
    z = Loud("before a raise")
    try:
        del z
        raise KeyError("k")
    finally:
        print("finally")


try:
    raising()
except KeyError as error:
    print(repr(error))


# a finalizer that brings its object back
class Phoenix:
    def __del__(self):
        global back
        back = self
        print("back")


p = Phoenix()
del p
print(type(back).__name__)
del back
print("end")


# what the locals of a function had that returns
def leave():
    x = Loud("a local")
    print("in", x.name)


leave()
print("left")


def make():
    x = Loud("made")
    return x


def use():
    y = make()
    print("used", y.name)
    return 1


print(use())
kept = make()
print("kept", kept.name)
del kept


class Maker:
    def method(self, n):
        x = Loud("in a method %d" % n)
        return n if n == 0 else self.method(n - 1)


print(Maker().method(2))

# in code that has been traced
import sys

sys.settrace(lambda frame, event, arg: None)
sys.settrace(None)
w = Loud("after tracing")
for i in range(3):
    w = Loud("round %d after tracing" % i)
    for c in "ab":
        del w
        w = Loud("%s in round %d" % (c, i))
print("end")


# a local that becomes None
def nothing():
    x = Loud("local")
    x = None
    print("after None")
    y = z = Loud("two locals")
    y = None
    print("still there")
    z = None
    print("gone")
    group = weakref.WeakValueDictionary()

    def make(name):
        group[name] = value = Quiet()
        return value

    a = make("kept")
    b = a is not make("dropped")
    c = make("dropped, too")
    b = c = None
    print(sorted(group.keys()))
    a = None
    print(sorted(group.keys()))
    try:
        raise ValueError("v")
    except ValueError as error:
        print(error)
    try:
        error
    except UnboundLocalError:
        print("unbound")


nothing()


def rounds(n):
    last = None
    ends = 0
    for i in range(n):
        last = Quiet()
        if i % 500 == 0:
            watched = weakref.ref(last)
            last = None
            ends += watched() is None
        last = None
    return ends


print(rounds(4000))


# With the collector paused each place is heard, even after many others have been.


class Noted:
    pass


def use_up():
    for _ in range(3000):
        noted = Noted()
        weakref.ref(noted)
        kept = weakref.ref(noted)
        del noted
    return kept() is None


def paused():
    noted = Noted()
    seen = weakref.ref(noted)
    del noted
    return seen() is None


gc.disable()
use_up()
print(paused())
gc.enable()
