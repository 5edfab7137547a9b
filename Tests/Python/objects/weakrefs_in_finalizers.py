# A weak reference that dies together with its object is empty when a finalizer sees it.
import gc
import threading
import weakref


class Target:
    def __init__(self):
        self.data = [1, 2, 3]


class Holder:
    def __del__(self):
        junk = [[i] for i in range(1000)]
        print(all(r() is None for r in self.refs), list(self.values.values()) == self.expected, len(list(self.set)) == len(self.expected))
        saved.append(self.refs)


def make():
    targets = [Target() for _ in range(100)]
    h = Holder()
    h.refs = [weakref.ref(t) for t in targets]
    h.expected = []
    h.values = weakref.WeakValueDictionary(enumerate(targets))
    h.set = weakref.WeakSet(targets)


def deeper(n):
    return n and deeper(n - 1)


def in_thread(function):
    # Where nothing is left on a stack.
    t = threading.Thread(target=function)
    t.start()
    t.join()
    deeper(50)
    gc.collect()


saved = []
in_thread(make)
alive = Target()


def make_one():
    h = Holder()
    h.refs = []
    h.expected = [alive]
    h.values = weakref.WeakValueDictionary(a=alive)
    h.set = weakref.WeakSet([alive])
    h.kept = weakref.ref(alive)


in_thread(make_one)
keep = [[i, i] for i in range(100000)]
print([r() for r in saved[0]][:3])
