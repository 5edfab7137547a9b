# A slot of another class raises TypeError each time; a class attribute that becomes a data descriptor is seen.
class Class:
    __slots__ = ("slot",)


class Sneaky:
    __slots__ = ("own",)
    borrowed = Class.slot


def store(o):
    o.borrowed = 42


def load(o):
    return o.borrowed


o = Sneaky()
o.own = "own"
for f in (store, load):
    caught = 0
    for _ in range(2000):
        try:
            f(o)
        except TypeError:
            caught += 1
    print(caught, o.own)


class Descriptor:
    pass


class C:
    d = Descriptor()

    def __init__(self):
        self.d = 1


def read(o):
    return o.d


def write(o):
    o.d = 5


c = C()
print({read(c) for _ in range(2000)})
for _ in range(2000):
    write(c)
Descriptor.__get__ = lambda self, o, t: 2
Descriptor.__set__ = lambda self, o, v: print("set", v)
print(read(c))
write(c)
