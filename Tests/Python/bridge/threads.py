# amphis: --cpython=zlib,_queue
# Threads that cross at once, C calls that block and let others run, callbacks from threads that C code started, and flat heaps.
import _queue, ctypes, gc, resource, select, sqlite3, threading, time, zlib

start = time.monotonic()
waiting = [threading.Thread(target=select.select, args=([], [], [], 0.5)) for _ in range(4)]
for t in waiting:
    t.start()
for t in waiting:
    t.join()
print("four waits at once:", time.monotonic() - start < 1.9)

q = _queue.SimpleQueue()
shared, results, failures = [], [], []

def work(n):
    try:
        own = _queue.SimpleQueue()
        c = sqlite3.connect(":memory:")
        c.create_function("twice", 1, lambda x: x * 2)
        for i in range(60):
            item = [n, i, {"k": (n, i)}]
            own.put(item)
            item.append("more")
            assert own.get() is item and item == [n, i, {"k": (n, i)}, "more"]
            assert c.execute("select twice(?)", (i,)).fetchone() == (2 * i,)
            text = b"%d" % n * 50
            assert zlib.decompress(zlib.compress(text)) == text
            q.put((n, i))
        results.append(n)
    except BaseException as e:
        failures.append(repr(e))

threads = [threading.Thread(target=work, args=(n,)) for n in range(32)]
for t in threads:
    t.start()
for t in threads:
    t.join()
got = set()
while not q.empty():
    got.add(q.get())
print(len(results), failures[:3], len(got) == 32 * 60)

# pthread_create runs a callback of ours in a thread that nobody here has started.
libc = ctypes.CDLL(None)
seen = []
routine = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
def body(argument):
    seen.append((argument, threading.get_ident() != main))
    return argument
main = threading.get_ident()
function = routine(body)
ids = [ctypes.c_ulong() for _ in range(8)]
for n, i in enumerate(ids):
    libc.pthread_create(ctypes.byref(i), None, function, ctypes.c_void_p(n + 1))
for i in ids:
    libc.pthread_join(i, None)
print(sorted(seen))

# Crossings leave nothing behind.
def cross(n):
    for i in range(n):
        q.put([i, {"a": i}])
        q.get()
        zlib.crc32(b"x")
cross(100_000)
gc.collect()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
cross(100_000)
gc.collect()
print("flat:", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 << 10)
