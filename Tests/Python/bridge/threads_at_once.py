# amphis: --cpython=zlib,_queue,_socket
# 32 threads blocked in C code at once, a fork among them, callbacks from C threads into shared state, Ctrl-C in a C `sleep`.
import _queue, ctypes, os, select, signal, socket, sqlite3, threading, time, zlib

from _interruptions import interrupted, spin

# A word goes round through 32 sockets: each thread waits in C's recv until the one before has sent. One that kept the lock would stop them all.
N = 32
pairs = [socket.socketpair() for _ in range(N)]
gate = threading.Barrier(N + 1)
log = []


def station(i):
    gate.wait()
    for lap in range(3):
        word = pairs[i][1].recv(100)
        log.append(i)
        pairs[(i + 1) % N][0].send(word + b".")


threads = [threading.Thread(target=station, args=(i,)) for i in range(N)]
for t in threads:
    t.start()
gate.wait()
pairs[0][0].send(b"go")
for t in threads:
    t.join()
print(len(log), log[:N] == list(range(N)), len(pairs[0][1].recv(1000)))
for pair in pairs:
    pair[0].close(), pair[1].close()

# The same with C's queue, and callbacks of a database for each thread: all wait at once, nothing is lost.
tasks, answers = _queue.SimpleQueue(), _queue.SimpleQueue()


def connect():
    made = sqlite3.connect(":memory:", check_same_thread=False)
    made.create_function("work", 1, lambda x: zlib.crc32(b"%d" % x))
    return made


database = connect()


def worker():
    own = connect()
    while (task := tasks.get()) is not None:
        answers.put((task, own.execute("select work(?)", (task,)).fetchone()[0]))


threads = [threading.Thread(target=worker) for _ in range(N)]
for t in threads:
    t.start()
for i in range(N * 20):
    tasks.put(i)
for t in threads:
    tasks.put(None)
for t in threads:
    t.join()
got = sorted(answers.get() for _ in range(N * 20))
print(got == [(i, zlib.crc32(b"%d" % i)) for i in range(N * 20)], answers.empty())

# Fork while other threads are in C code: the child has one thread, crosses, collects, starts threads of its own; the parent goes on.
stop = _queue.SimpleQueue()
waiting = [threading.Thread(target=stop.get) for _ in range(4)]
for t in waiting:
    t.start()
shared = [1]
stop2 = _queue.SimpleQueue()
stop2.put(shared)
read, write = os.pipe()
child = os.fork()
if child == 0:
    try:
        q = _queue.SimpleQueue()
        t = threading.Thread(target=lambda: q.put(zlib.crc32(b"x")))
        t.start()
        t.join()
        own = stop2.get()
        own.append(2)
        facts = (q.get() == zlib.crc32(b"x"), own is shared, shared, threading.active_count(), database.execute("select work(1)").fetchone()[0] == zlib.crc32(b"1"))
        os.write(write, repr(facts).encode())
        os._exit(0)
    except BaseException as e:
        os.write(write, repr(e).encode())
        os._exit(1)
os.close(write)
print(os.read(read, 1000).decode(), os.waitpid(child, 0)[1], shared)
for t in waiting:
    stop.put(None)
for t in waiting:
    t.join()

# Threads that C code starts call us at once and share our objects; what they raise stays with them.
libc = ctypes.CDLL(None)
routine = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)
seen, lock, local = {}, threading.Lock(), threading.local()


def body(number):
    assert not hasattr(local, "n")
    local.n = number
    for i in range(50):
        with lock:
            seen[number] = seen.get(number, 0) + 1
        stop2.put([number])
        stop2.get()
    assert local.n == number
    return number


function = routine(body)
ids = [ctypes.c_ulong() for _ in range(N)]
for n, i in enumerate(ids):
    libc.pthread_create(ctypes.byref(i), None, function, ctypes.c_void_p(n + 1))
for i in ids:
    libc.pthread_join(i, None)
print(sorted(seen) == list(range(1, N + 1)), set(seen.values()))


# Ctrl-C in C code that sleeps, through ctypes and in a callback of C's.
signal.signal(signal.SIGINT, signal.default_int_handler)

interrupted("sleep", lambda: libc.sleep(10), 6)
interrupted("nanosleep", lambda: time.sleep(10), 6)
interrupted("poll", lambda: libc.poll(None, 0, 10000), 6)
interrupted("callback", lambda: database.set_progress_handler(lambda: spin(10), 1) or database.execute("select 1 union select 2").fetchall(), 6)
database.set_progress_handler(None, 0)
interrupted("sort", lambda: sorted([1, 2, 3], key=lambda x: database.execute("select 1") and spin(10)), 6)
print(database.execute("select work(7)").fetchone()[0] == zlib.crc32(b"7"))
