# amphis: --cpython=_socket
# Attributes of objects whose Python class derives from a type of C code: found as in any other object, at sites that have seen them often, too
import mmap
import socket
import _socket


class Plain(_socket.socket):
    kind = "class"

    def recv(self, *args):
        return b"ours:" + super().recv(*args)


class Slotted(_socket.socket):
    __slots__ = ("note", "fileno_")


class Hooked(_socket.socket):
    def __getattr__(self, name):
        return f"hooked {name}"


class Watched(_socket.socket):
    def __getattribute__(self, name):
        seen.append(name)
        return super().__getattribute__(name)


def error(function, *args):
    try:
        return function(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


seen = []
a, b = socket.socketpair()
for cls in (Plain, Slotted, Hooked, Watched, socket.socket):
    s = cls(a.family, a.type, a.proto, a.fileno())
    for i in range(40):
        b.send(b"x" * (i % 5 + 1))
        got = s.recv(100)
        number, family = s.fileno(), s.family
        if i == 39:
            print(cls.__name__, got, number == a.fileno(), int(family), s.gettimeout(), s.timeout, error(lambda: s.nothing))
    if cls is Plain:
        # What an instance has of its own comes before methods of C code, and not before attributes of C code.
        def number_of(s):
            return s.fileno()

        def timeout_of(s):
            return s.timeout

        for i in range(20):
            number_of(s), timeout_of(s)
        s.fileno = lambda: "own"
        print(number_of(s), s.kind, sorted(s.__dict__))
        del s.fileno
        print(number_of(s) == a.fileno())
        s.__dict__["timeout"] = "own"
        print(timeout_of(s), error(setattr, s, "timeout", 3), error(delattr, s, "kind"))
        s.kind = "instance"
        print(s.kind)
        # The class changes under a site that knows it.
        cls.fileno = lambda self: "class"
        print(number_of(s))
        del cls.fileno
        print(number_of(s) == a.fileno())
        cls.timeout = property(lambda self: "property")
        print(timeout_of(s))
        del cls.timeout
        print(timeout_of(s))
        bound = s.fileno
        print(bound() == number_of(s), bound.__self__ is s, bound.__name__)
    if cls is Slotted:
        s.note = 1
        print(s.note, error(setattr, s, "other", 1), error(lambda: s.fileno_))
        cls.fileno = staticmethod(lambda: "static")
        print(s.fileno())
        del cls.fileno
    s.detach()
print(seen[:4], "fileno" in seen)
print(error(_socket.socket.fileno, 3), error(_socket.socket.recv), error(Plain.fileno))


# A method of C code called with an object of the wrong kind, through a site that has seen the right one
def ask(x):
    return x.fileno()


class Other:
    fileno = _socket.socket.fileno


s = Plain(a.family, a.type, a.proto, a.fileno())
print([error(ask, x) == a.fileno() if x is s else str(error(ask, x))[:60] for x in (s, s, s, Other(), s)])
s.detach()


class Map(mmap.mmap):
    def __init__(self, *args):
        self.count = 0

    def readline(self):
        self.count += 1
        return super().readline()


m = Map(-1, 64)
m.write(b"one\ntwo\n")
m.seek(0)
print([m.readline() for i in range(3)][:2], m.count, m.tell(), len(m), m.closed, m[:3])
m.close()
print(m.closed, error(m.tell))
a.close()
b.close()

# Classes whose metaclass is ours, in the hands of C code: subscripted, counted, read and asked
import ctypes, enum


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Generic:
    def __class_getitem__(cls, item):
        return cls.__name__, item


def api(name, result, *arguments):
    f = getattr(ctypes.pythonapi, name)
    f.restype, f.argtypes = result, arguments
    return f


O = ctypes.py_object
get, size, has, read = api("PyObject_GetItem", O, O, O), api("PyObject_Size", ctypes.c_ssize_t, O), api("PySequence_Contains", ctypes.c_int, O, O), api("PySequence_List", O, O)
print(get(Color, "RED") is Color.RED, size(Color), has(Color, Color.BLUE), read(Color), get(Generic, 5))
for f in (lambda: get(Color, "NONE"), lambda: get(Plain, 1), lambda: size(Plain), lambda: read(Plain), lambda: has(Plain, 1)):
    print(error(f))
# Each metaclass is one of its own for C code, too.
meta = api("PyObject_Type", O, O)


class Meta(type):
    def made(cls):
        return cls.__name__.lower()


class Derived(Meta):
    pass


class One(metaclass=Meta):
    pass


class Two(One, metaclass=Derived):
    pass


call = api("PyObject_CallFunctionObjArgs", O, O, O, O, O, ctypes.c_void_p)
isinstance_ = api("PyObject_IsInstance", ctypes.c_int, O, O)
print([meta(x).__name__ for x in (Color, Generic, One, Two, Meta, 5)], meta(Color) is enum.EnumMeta, meta(One) is Meta, meta(Two) is Derived, meta(Meta) is type)
three = call(Derived, "Three", (One,), {"x": 1}, None)
print(three, type(three) is Derived, three.made(), three.x, isinstance_(Two, Meta), isinstance_(One, Derived), isinstance_(Color.RED, Color), api("PyObject_IsSubclass", ctypes.c_int, O, O)(Derived, Meta))
