# Calls with unpacked or named arguments of bound methods, classes and callable instances: what they answer, raise and show to a tracer.
import gc, sys, traceback

class Base:
    def __init__(self, *args, **named):
        self.args, self.named = args, named
    def method(self, *args, k=0, **named):
        return self.args, args, k, named
    def __call__(self, *args, **named):
        return "called", args, named
    @classmethod
    def make(cls, *args, **named):
        return cls(*args, **named)
class Derived(Base):
    def __init__(self, *args, **named):
        super().__init__(*args, **named)
        self.extra = len(args)
class Strict:
    def __init__(self, a, b=2):
        self.a, self.b = a, b
class New:
    def __new__(cls, *args):
        return super().__new__(cls)
    def __init__(self, *args):
        self.args = args
class Wrong:
    def __init__(self, *args):
        return 5
class Meta(type):
    def __call__(cls, *args, **named):
        return "meta", args, named
class WithMeta(metaclass=Meta):
    pass
class Plain:
    pass
class Abstract(__import__("abc").ABC):
    def __init__(self, *args):
        pass
    @__import__("abc").abstractmethod
    def f(self): ...

a, d = (1, 2), {"x": 3}
o = Base(*a, **d)
print(o.args, o.named, o.method(*a, **d), o.method(*a), o.method(**{"k": 4}), o(*a, **d), o(*()), Derived(*a, y=1).extra)
bound = o.method
print(bound(*a), bound(0, *a, **d), bound(k=1, z=2), Base.make(*a, **d).args, Derived.make(q=1).named)
print(vars(Strict(*a)), vars(Strict(a=5)), vars(Strict(b=7, a=6)), New(*a).args, New(1).args, WithMeta(*a, **d), WithMeta(z=1))
for f in (lambda: Strict(*(1, 2, 3)), lambda: Strict(**d), lambda: Strict(b=1), lambda: Wrong(*a), lambda: Wrong(k=1), lambda: Plain(*a), lambda: Plain(k=1),
          lambda: Abstract(*a), lambda: o.method(*a, **{"k": 1, 5: 2}), lambda: bound(*5), lambda: Base(**5), lambda: o(*a, **d, x=5), lambda: Wrong()):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, str(e).split(" object at 0x")[0])

class Collects:
    def __init__(self, *args, **named):
        gc.collect()
        self.args = args
        gc.collect()
def generator():
    yield Collects(*a).args
    yield Collects(k=1).args
    yield Collects(1).args
    yield o.method(*a)
print(Collects(*a).args, Collects(*a, **d).args, Collects(k=1).args, list(generator()))

def deep(n, *args):
    return 0 if n == 0 else 1 + o2.deep(*(n - 1,) + args)
class Deep:
    def deep(self, n, *args, **named):
        return 0 if n == 0 else 1 + self.deep(*(n - 1,), **named)
    def __call__(self, n, **named):
        return 0 if n == 0 else 1 + self(*(n - 1,), **named)
o2 = Deep()
sys.setrecursionlimit(20000)
print(o2.deep(5000, x=1), o2(5000), o2(n=5000))
sys.setrecursionlimit(1000)
try:
    o2.deep(*(5000,))
except RecursionError as e:
    print("RecursionError", e)

class Fails:
    def __init__(self, *args, **named):
        raise KeyError("init")
    def method(self, *args):
        raise ValueError("method")
for f in (lambda: Fails(*a), lambda: Fails(k=1), lambda: Fails.method(*(None,)), lambda: Fails.__new__(Fails).method(*a)):
    try:
        f()
    except Exception as e:
        print([(s.name, s.lineno) for s in traceback.extract_tb(e.__traceback__)], repr(e))

events = []
def profile(frame, event, arg):
    events.append((event, frame.f_code.co_name if not event.startswith("c_") else arg.__name__))
def run():
    Base(*a)
    Strict(b=1, a=2)
    o.method(*a)
    o(*a)
    New(*a)
for install in (sys.setprofile, sys.settrace):
    def trace(frame, event, arg):
        events.append((event, frame.f_code.co_name, frame.f_lineno))
        return trace
    install(profile if install is sys.setprofile else trace)
    run()
    install(None)
    print(events)
    events.clear()
