"""select: what the three ways of waiting answer and refuse, on pipes and sockets, among threads and signals."""
import os
import select
import selectors
import signal
import socket
import threading
import time


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


r, w = os.pipe()
os.dup2(r, 50)
os.dup2(w, 51)
os.close(r)
os.close(w)
r, w = 50, 51


class File:
    def __init__(self, fd):
        self.fd = fd

    def fileno(self):
        return self.fd

    def __repr__(self):
        return f"File({self.fd})"


# select
print(select.select([r], [w], [], 0), select.select([File(r)], (File(w),), iter([r]), 0))
os.write(w, b"x")
print(select.select([r, File(r)], [], [r, w], 5), select.select([r], [w], []), select.select([], [], [], 0), select.select([], [], [], 0.001))
for lists in ((1, [], []), ([], None, []), (["a"], [], []), ([-1], [], []), ([5000], [], []), ([File(-3)], [], []), ([File("x")], [], []), ([File(1.5)], [], []), ([999], [], [])):
    print(attempt(select.select, *lists, 0))
for timeout in ("a", -1, -0.5, float("nan"), 1e30, 1 << 80, [], True, False):
    print(timeout, attempt(select.select, [r], [], [], timeout))
print(attempt(select.select), attempt(select.select, [], [], [], 0, 0), attempt(select.select, [], [], timeout=0))


class Shrinking(File):
    def fileno(self):
        files.clear()
        return self.fd


files = [Shrinking(r), File(r)]
print(select.select(files, [], [], 0)[0], files)

# poll
p = select.poll()
print(p.register(r), p.register(File(w), select.POLLOUT), sorted(p.poll()), p.poll(0) == p.poll(0.0) == p.poll(None) == p.poll(-1))
print(p.modify(w, 0), p.poll(0), p.unregister(File(r)), p.poll(0), p.poll(5), p.register(999), p.poll())
for f, arguments in (
    (p.register, (-1,)), (p.register, ("a",)), (p.register, (r, -1)), (p.register, (r, 1 << 16)), (p.register, (r, 1 << 70)), (p.register, (r, "a")),
    (p.register, (1 << 40,)), (p.modify, (77, 1)), (p.modify, (77,)), (p.unregister, (77,)), (p.unregister, (File(78),)), (p.poll, ("a",)), (p.poll, (1e30,)),
    (p.poll, (1 << 40,)), (p.poll, (float("nan"),)), (select.poll, (1,)), (type(p), ()),
):
    print(f.__name__, arguments[:2] if not isinstance(arguments[:1], File) else "", attempt(f, *arguments))
p.unregister(999)
print(p.register(r, select.POLLIN), p.register(r, 0), p.poll(0), p.register(r, 65535), [(fd, events & 1) for fd, events in p.poll()])

# epoll
e = select.epoll()
print(e.closed, e.register(r), e.register(File(w), select.EPOLLOUT), sorted(e.poll()), len(e.poll(maxevents=1)), len(e.poll(0, 2)), sorted(e.poll(timeout=-1)))
print(e.modify(w, 0), e.poll(0), e.modify(fd=w, eventmask=select.EPOLLOUT), len(e.poll(1.5)), e.unregister(w), e.poll(), e.unregister(fd=File(r)), e.poll(0.001))
for f, arguments in (
    (e.register, (999,)), (e.register, (-1,)), (e.register, ("a",)), (e.register, (r, -1)), (e.register, (w, 1 << 40)), (e.register, (w,)), (e.modify, (999, 1)), (e.unregister, (999,)),
    (e.poll, ("a",)), (e.poll, (0, -5)), (e.poll, (0, 0)), (e.poll, (1e30,)), (e.poll, (1 << 40,)), (select.epoll, (-2,)), (select.epoll, (0,)), (select.epoll, (5, 1)),
    (select.epoll, ("a",)), (select.epoll.fromfd, ("a",)), (select.epoll, (1, 2, 3)), (e.fileno, (1,)),
):
    print(f.__name__, arguments, attempt(f, *arguments))
print(type(select.epoll.fromfd(-1)).__name__, type(select.epoll(sizehint=3, flags=select.EPOLL_CLOEXEC)).__name__, os.get_inheritable(e.fileno()))
other = select.epoll.fromfd(os.dup(e.fileno()))
print(type(other), other.closed, other.fileno() != e.fileno(), other.close(), other.closed)
with e as same:
    print(same is e)
print(e.closed, e.close())
for f in (e.fileno, e.poll, lambda: e.register(r), lambda: e.modify(r, 0), lambda: e.unregister(r), e.__enter__):
    print(attempt(f))
print(attempt(setattr, e, "closed", False), attempt(lambda: type("Derived", (select.epoll,), {})), attempt(lambda: type("Derived", (type(p),), {})))

# Names
for t in (type(p), select.epoll):
    print(t, t.__mro__, [(n, type(v).__name__, " ".join((getattr(v, "__text_signature__", "") or "").split())) for n, v in sorted(vars(t).items()) if n[:2] != "__" or n in ("__enter__", "__exit__")])
print(select.error is OSError, {n: v for n, v in vars(select).items() if isinstance(v, int)} == {n: getattr(select, n) for n in dir(select) if n.isupper()})
print([(n, getattr(select, n)) for n in sorted(dir(select)) if n.isupper()], type(select.poll).__name__, select.select.__text_signature__)

# The end of the other side
a, b = socket.socketpair()
with selectors.DefaultSelector() as s:
    s.register(a, selectors.EVENT_READ | selectors.EVENT_WRITE, "data")
    print([(k.data, m) for k, m in s.select()])
    b.close()
    print([(k.data, m) for k, m in s.select()], type(s).__name__)
p = select.poll()
p.register(a, select.POLLIN | select.POLLRDHUP)
print(p.poll() == [(a.fileno(), select.POLLIN | select.POLLRDHUP | select.POLLHUP)])
a.close()

# Threads: one waits, another one makes it ready.
os.read(r, 1)
p = select.poll()
p.register(r, select.POLLIN)
e = select.epoll()
e.register(r, select.EPOLLIN)
for wait in (lambda: select.select([r], [], []), lambda: p.poll(), lambda: e.poll(), lambda: e.poll(20)):
    done = []
    t = threading.Thread(target=lambda: done.append(wait()))
    t.start()
    time.sleep(0.05)
    before = len(done)
    os.write(w, b"y")
    t.join()
    os.read(r, 1)
    print(before, len(done))

# Signals: handlers run, and what is left is waited for; a handler that raises ends it.
calls = []
signal.signal(signal.SIGALRM, lambda *_: calls.append(1))
for wait in (lambda: select.select([r], [], [], 0.2), lambda: p.poll(200), lambda: e.poll(0.2)):
    signal.setitimer(signal.ITIMER_REAL, 0.02, 0.02)
    start = time.monotonic()
    result = wait()
    passed = time.monotonic() - start
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(result, passed >= 0.195, len(calls) > 1)


def stop(*_):
    raise KeyError("stopped")


signal.signal(signal.SIGALRM, stop)
for wait in (lambda: select.select([r], [], [], 20), lambda: select.select([r], [], []), lambda: p.poll(), lambda: p.poll(20000), lambda: e.poll()):
    # The alarm may come before the wait begins.
    print(attempt(lambda: (signal.setitimer(signal.ITIMER_REAL, 0.02), wait())))
e.close()
os.close(r)
os.close(w)
