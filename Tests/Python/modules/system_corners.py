# Paths that are bytes-like warn; folders left open warn; signal masks, tiny timers, wakeup descriptors; heaps and formats that change.
import contextlib
import gc
import heapq
import io
import os
import re
import signal
import struct
import sys
import tempfile
import time
import warnings

folder = tempfile.mkdtemp()
name = os.fsencode(os.path.join(folder, "f"))


def attempt(function, *args):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = function(*args)
        except Exception as e:
            result = type(e).__name__, str(e).replace(folder, "FOLDER")
    print(getattr(function, "__name__", "?"), result, [str(w.message) for w in caught])


open(name, "w").close()
for make in bytearray, memoryview, lambda b: memoryview(bytes(2 * len(b)))[::2]:
    path = make(name)
    if not any(bytes(path)):
        attempt(os.chdir, path)
        continue
    attempt(lambda: os.stat(path).st_size)
    attempt(lambda: os.listdir(make(os.fsencode(folder))))
    attempt(lambda: [e.name for e in os.scandir(make(os.fsencode(folder)))])
    attempt(lambda: os.access(path, os.R_OK))
    attempt(lambda: os.close(os.open(path, os.O_RDONLY)))
attempt(os.listdir, 1.5)
attempt(os.chdir, [])
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    iterator = os.scandir(folder)
    del iterator
    gc.collect()
    iterator = os.scandir(folder)
    list(iterator)
    del iterator
    gc.collect()
print([w.category.__name__ for w in caught], str(caught[0].message).startswith("unclosed scandir iterator"))
os.remove(name)
os.rmdir(folder)

for mask in [0], [65], [1 << 1000], [-1], [signal.SIGALRM]:
    attempt(lambda: sorted(signal.pthread_sigmask(signal.SIG_BLOCK, mask)) != [] or "blocked")
signal.pthread_sigmask(signal.SIG_SETMASK, [])
called = []
signal.signal(signal.SIGALRM, lambda *a: called.append(1))
signal.setitimer(signal.ITIMER_REAL, 1e-6)
time.sleep(0.1)
print(called)
signal.setitimer(signal.ITIMER_REAL, 0.1234567, 0.5)
print(0.12 < signal.setitimer(signal.ITIMER_REAL, 0)[0] < 0.1235)


def wake(fd, **options):
    os.set_blocking(fd, False)
    old = signal.set_wakeup_fd(fd, **options)
    with contextlib.redirect_stderr(io.StringIO()) as err:
        signal.raise_signal(signal.SIGALRM)
    signal.set_wakeup_fd(old)
    lines = err.getvalue().splitlines()
    print(lines[:1], lines[-1:])


r, w = os.pipe()
wake(r)
wake(w)
os.set_blocking(w, False)
try:
    while True:
        os.write(w, b"x" * 65536)
except BlockingIOError:
    pass
wake(w)
wake(w, warn_on_full_buffer=False)


class H(int):
    def __lt__(self, other):
        b.clear()
        return NotImplemented


class G(int):
    def __lt__(self, other):
        a.clear()
        return NotImplemented


a, b = [], []
heapq.heappush(a, H(0))
heapq.heappush(b, G(0))
attempt(heapq.heappush, a, G(1))
for format in "\0", "2\0i", b"\0":
    attempt(struct.calcsize, format)

data = bytearray(b"xax")
it = re.finditer(b"a", data)
attempt(data.extend, b"y" * 400)
print([m.span() for m in it])
del it
gc.collect()
attempt(data.extend, b"y" * 400)
