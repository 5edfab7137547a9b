# Generators that are at their end need no finalizer; those in cycles and beside objects that do have one go with everything else.
import gc
import tempfile
import weakref


class Noisy:
    count = 0

    def __init__(self, other=None):
        self.other = other

    def __del__(self):
        Noisy.count += 1
        list(n for n in range(3))


def numbers(keep):
    yield 1
    yield 2


def make():
    for i in range(300):
        g = numbers(None)
        n = Noisy(g)
        n.me = n if i % 2 else None
        if i % 3 == 0:
            list(g)
        elif i % 3 == 1:
            next(g)
        done = (x for x in (n,))
        list(done)
        n.more = [done, g, (x for x in ())]


for i in range(5):
    make()
    gc.collect()
gc.collect()
print(Noisy.count >= 1490)

for i in range(50):
    f = tempfile.NamedTemporaryFile("w")
    f.write("text")
    r = weakref.ref(f)
    del f
    [x for x in (y for y in range(9))]
gc.collect()
print("done")
