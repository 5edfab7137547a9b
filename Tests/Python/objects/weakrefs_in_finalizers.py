# A weak reference that dies together with its object is empty when a finalizer sees it.
import gc
import weakref


class Target:
    def __init__(self):
        self.data = [1, 2, 3]


class Holder:
    def __del__(self):
        junk = [[i] for i in range(1000)]
        print(all(r() is None for r in self.refs), len(self.values), len(self.set))
        saved.append(self.refs)


def make():
    targets = [Target() for _ in range(100)]
    h = Holder()
    h.refs = [weakref.ref(t) for t in targets]
    h.values = weakref.WeakValueDictionary(enumerate(targets))
    h.set = weakref.WeakSet(targets)


def deeper(n):
    return n and deeper(n - 1)


saved = []
make()
deeper(50)
gc.collect()
alive = Target()


def make_one():
    h = Holder()
    h.refs = []
    h.values = weakref.WeakValueDictionary(a=alive)
    h.set = weakref.WeakSet([alive])
    h.kept = weakref.ref(alive)


make_one()
deeper(50)
gc.collect()
keep = [[i, i] for i in range(100000)]
print([r() for r in saved[0]][:3])
