# amphis: --cpython=zlib,_queue
# Both heaps stay flat: references return to where they were, twins die, rings through both heaps are collected.
import gc, os, queue, sys, weakref, zlib, array, _struct


def memory():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def alive(refs):
    gc.collect()
    return sum(r() is not None for r in refs)


class Node:
    pass


# A twin dies when both sides let go.
q = queue.SimpleQueue()
n = Node()
ref = weakref.ref(n)
q.put(n)
del n
print(alive([ref]))
q.get()
print(alive([ref]) <= 1)


def rings(count, make):
    refs = [weakref.ref(make()) for _ in range(count)]
    gc.collect()
    gc.collect()
    # A conservative stack may keep a few.
    return sum(r() is not None for r in refs) <= 3


def through_attribute():
    n = Node()
    n.queue = queue.SimpleQueue()
    n.queue.put(n)
    return n


def through_list():
    n = Node()
    n.items = [n]
    n.queue = queue.SimpleQueue()
    n.queue.put(n.items)
    return n


def two_of_each():
    a, b = Node(), Node()
    a.queue, b.queue = queue.SimpleQueue(), queue.SimpleQueue()
    a.queue.put(b), b.queue.put(a)
    return a


def through_closure():
    n = Node()
    n.queue = queue.SimpleQueue()
    n.queue.put(lambda: n)
    return n


class Derived(queue.SimpleQueue):
    pass


def derived():
    d = Derived()
    d.put(d)
    return d


def in_a_tuple():
    n = Node()
    n.queue = queue.SimpleQueue()
    n.queue.put((n, 1))
    return n


for make in (through_attribute, through_list, two_of_each, through_closure, in_a_tuple):
    print(make.__name__, rings(500, make))

# What is still held stays, through both heaps.
keep = queue.SimpleQueue()
held = [through_attribute() for _ in range(100)]
for h in held[:50]:
    keep.put(h)
refs = [weakref.ref(h) for h in held]
del h, held[:]
print("held", alive(refs[:50]))
for i in range(50):
    n = keep.get()
    assert n.queue.get() is n
    n.queue.put(n)
del n

# Finalizers run before a ring is broken, and may bring it back.
log = []


class Final:
    def __init__(self, k):
        self.k, self.queue = k, queue.SimpleQueue()
        self.queue.put(self)

    def __del__(self):
        log.append((self.k, self.queue.get() is self))


for k in range(20):
    Final(k)
gc.collect()
gc.collect()
print("finalized", len(log) >= 18, all(same for _, same in log))

# Many crossings of every kind, and a hundred thousand rings: memory must not grow.
N = int(os.environ.get("CROSSINGS", "20000"))


def cross(count):
    q = queue.SimpleQueue()
    a = array.array("i", [1, 2, 3])
    for i in range(count):
        q.put(Node())
        q.put([i, "text"])
        q.put((i, "a" * 5))
        q.put({"k": i})
        q.get(), q.get(), q.get(), q.get()
        zlib.crc32(b"abc")
        a.index(2)
        memoryview(a).release()
        try:
            a.index(99)
        except ValueError:
            pass


# (As much again before it counts: by then the collector has found its pace.)
cross(N)
through_attribute()
gc.collect()
start = memory()
cross(N)
gc.collect()
grown = memory() - start
print("crossings", grown < 24 << 20 or grown)
start = memory()
for part in range(5):
    for i in range(N // 5):
        through_attribute()
    gc.collect()
grown = memory() - start
print("rings", grown < 48 << 20 or grown)
