# amphis: --cpython=_queue
# A hundred thousand rings through both heaps go, and both heaps stay flat.
import _queue, gc, weakref

class Thing:
    pass

def make(n):
    ends = []
    for i in range(n):
        q = _queue.SimpleQueue()
        t = Thing()
        t.q = q
        if i % 3 == 0:
            q.put(t)
        elif i % 3 == 1:
            q.put([t])
        else:
            q.put({"t": (t,)})
        if i % 1000 == 0:
            ends.append(weakref.ref(t))
    return ends

def resident():
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * 4096

def rings(n):
    ends = []
    for i in range(n):
        for k in range(5):
            ends += make(2_000)
        gc.collect()
        gc.collect()
    return len(ends), sum(e() is not None for e in ends) <= 3
print(rings(3))
before = resident()
print(rings(10))
print(resident() - before < 16 << 20)
