"""While an object's finalizer runs, those of its parts wait, however much the finalizer does; what it lets go itself need not wait."""
import gc

log = []


class Part:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        log.append(self.name)
        self.closed = True

    closed = False


class Whole:
    def __init__(self, name, busy):
        self.parts = [Part(name + str(i)) for i in range(3)]
        self.name = name
        self.busy = busy

    def __del__(self):
        self.busy()
        for i in range(1000):
            [i]
        log.append((self.name, [p.closed for p in self.parts]))


def nothing():
    pass


def collecting():
    gc.collect()


def dropping():
    ring = Part("own")
    ring.ring = ring
    del ring
    gc.collect()


class Holder:
    """Another finalizer inside."""

    def __init__(self):
        self.whole = Whole("inner", nothing)

    def __del__(self):
        gc.collect()
        log.append(("holder", [p.closed for p in self.whole.parts]))


for busy in nothing, collecting, dropping:
    log.clear()
    whole = Whole("w", busy)
    ring = [whole]
    ring.append(ring)
    del whole, ring
    gc.collect()
    print(busy.__name__, [x for x in log if isinstance(x, tuple)], sorted(x for x in log if isinstance(x, str) and x != "own"))

log.clear()
holder = Holder()
ring = [holder]
ring.append(ring)
del holder, ring
gc.collect()
print([x for x in log if isinstance(x, tuple)], sorted(x for x in log if isinstance(x, str) and x != "own"))

# At the end of the process, too.
import atexit, io


class Late:
    def __init__(self):
        self.part = Part("late")
        self.buffer = io.BytesIO(b"abc")

    def __del__(self):
        for i in range(1000):
            [i]
        print("late", self.part.closed, io.TextIOWrapper(self.buffer, "utf-8").read())


late = Late()
