"""_queue.SimpleQueue: order, waiting, and what comes from handlers and finalizers."""
import _queue
import gc
import queue
import signal
import threading
import time
import weakref


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


print(queue.SimpleQueue is _queue.SimpleQueue, queue.Empty is _queue.Empty, _queue.Empty.__mro__, _queue.Empty.__doc__)
q = _queue.SimpleQueue()
print(q.empty(), q.qsize(), attempt(q.get_nowait), attempt(q.get, False), attempt(q.get, block=False), attempt(q.get, True, 0))
for wrong in (-1, "x", 1e30, float("nan")):
    print(attempt(q.get, timeout=wrong))
print(attempt(q.get, False, -1), attempt(q.put), attempt(q.put, 1, 2, 3, 4), attempt(_queue.SimpleQueue, 1), attempt(_queue.SimpleQueue, a=1))
print(q.put(1), q.put_nowait(2), q.put(3, False), q.put(4, block=True, timeout=-5), q.qsize(), q.empty())
print([q.get() for _ in range(4)], q.empty())

# Longer ones, filled and emptied in turn
expected, n = 0, 0
for step in range(2000):
    for _ in range(step % 7):
        q.put(n)
        n += 1
    for _ in range(step % 5):
        if not q.empty():
            assert q.get() == expected
            expected += 1
print(q.qsize(), n, expected)
while not q.empty():
    assert q.get_nowait() == expected
    expected += 1
print(expected == n)

start = time.monotonic()
print(attempt(q.get, timeout=0.05), time.monotonic() - start >= 0.05)

# Threads: all items come, those of each in order
N, M = 6, 400
results = _queue.SimpleQueue()


def consume():
    while (item := q.get()) is not None:
        results.put(item)


def produce(k):
    for i in range(M):
        q.put((k, i))


consumers = [threading.Thread(target=consume) for _ in range(3)]
producers = [threading.Thread(target=produce, args=(k,)) for k in range(N)]
for t in consumers + producers:
    t.start()
for t in producers:
    t.join()
for _ in consumers:
    q.put(None)
for t in consumers:
    t.join()
all_items = [results.get() for _ in range(N * M)]
print(results.empty(), sorted(all_items) == [(k, i) for k in range(N) for i in range(M)])

# A handler puts while the main thread waits, and may raise.
signal.signal(signal.SIGALRM, lambda *_: q.put("from the handler"))
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(q.get())
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(q.get(timeout=20))


def fail(*_):
    raise KeyError("from the handler")


signal.signal(signal.SIGALRM, fail)
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(attempt(q.get))
q.put("after")
print(q.get(timeout=5), q.empty())


class Told:
    def __init__(self, q):
        self.q = q

    def __del__(self):
        self.q.put("finalized")


ring = Told(q)
ring.ring = ring
del ring
gc.collect()
print(q.get(timeout=5))

# Classes of one's own; weak references; what a queue keeps and lets go
class Named(_queue.SimpleQueue):
    def __init__(self, name, *, other=1):
        self.name = name


named = Named("one", other=2)
named.put(named)
print(named.name, named.get() is named, isinstance(named, _queue.SimpleQueue), weakref.ref(named)() is named)
print(_queue.SimpleQueue[int], attempt(lambda: _queue.SimpleQueue < 1))


class Item:
    pass


item = Item()
seen = weakref.ref(item)
named.put(item)
del item
gc.collect()
print(seen() is not None)
named.get()
gc.collect()
print(seen() is None, named.qsize())
