# Classes with __getattr__: what is found without it, what it answers for, getters that raise AttributeError, slots without a value, and
# hooks and attributes that come and go.
class Hooked:
    __slots__ = ("slot", "__dict__")
    shared = "class"
    def __init__(self):
        self.own = 1
    def __getattr__(self, name):
        if name.startswith("no"):
            raise AttributeError(name)
        return "hook " + name
    def method(self):
        return "method"
    @staticmethod
    def static():
        return "static"
    @classmethod
    def cls(cls):
        return cls.__name__
    @property
    def good(self):
        return "getter"
    @property
    def bad(self):
        raise AttributeError("in the getter")
    @property
    def worse(self):
        raise KeyError("in the getter")

def read(o, n=9):
    for _ in range(n):
        row = [o.own, o.slot, o.shared, o.method(), o.static(), o.cls(), o.good, o.bad, o.dynamic]
        try:
            o.worse
        except KeyError as e:
            row.append(repr(e))
        try:
            o.nothing
        except AttributeError as e:
            row.append(repr(e))
    return row
h = Hooked()
print(read(h))
h.slot = 5
print(read(h))
h.method = lambda: "instance"
h.shared = "instance"
print(read(h))
del h.slot, h.own
print(read(h))
Hooked.shared = property(lambda self: "now a property")
print(read(h))
print(isinstance(h, (int, Hooked)), isinstance(h, str), getattr(h, "nothing", 0), hasattr(h, "nothing"), hasattr(h, "slot"), getattr(h, "bad", 0))

class Sub(Hooked):
    def __getattribute__(self, name):
        return "all " + name
print(read.__name__, Sub().own, Sub().anything, [Sub().slot for _ in range(3)])
class Late(Hooked):
    pass
l = Late()
print([l.own, l.extra])
Late.__getattribute__ = lambda self, name: "late " + name
print([l.own, l.extra])
del Late.__getattribute__
print([l.own, l.extra])
Late.__getattr__ = lambda self, name: "other " + name
print([l.own, l.extra])
def extra(o):
    return o.extra
print([extra(l) for _ in range(8)][-1])
del Late.__getattr__
print(extra(l))
del Hooked.__getattr__
try:
    extra(l)
except AttributeError as e:
    print(e)

class Slots:
    __slots__ = ("a", "b")
class Alias(Slots):
    c = Slots.a
s, t = Slots(), Alias()
for o, name in ((s, "a"), (t, "c"), (t, "b"), (t, "d")):
    print(hasattr(o, name), getattr(o, name, "default"))
    try:
        getattr(o, name)
    except AttributeError as e:
        print(e, e.obj is o)
import sys, types
m = types.ModuleType("m")
print(hasattr(m, "x"), getattr(m, "x", 1))
m.__getattr__ = lambda name: name * 2
print(hasattr(m, "x"), m.x, getattr(m, "y"))
ids = {id(x) for x in (None, True, False, Ellipsis, NotImplemented, 0, 1, -1, 2**40, -2**40, 2**41, 2**46, -2**46, 2**47, 1.5, "a", (), b"")}
print(len(ids), all(i > 0 for i in ids), id(5) == id(5), id(None) == id(None), hash(2**61 - 1), hash(2**61), hash(-2**61), hash(2**62 + 7), hash(2**63), hash(-2**63 - 1), hash(2**64 - 1))
