"""Sockets: sending, receiving, waiting and ending, among threads and signals; no packet leaves this machine."""
import _socket
import array
import gc
import os
import signal
import socket
import struct
import sys
import threading
import time
import warnings


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except BaseException as e:
        return f"{type(e).__name__}: {e}"


a, b = socket.socketpair()
print(type(a), a.family, a.type, a.proto, a.timeout, a.getblocking())

# Sending and receiving, one way after the other
a.sendall(b"hello")
print(b.recv(3), b.recv(10, socket.MSG_PEEK), b.recv(10))
print(a.send(memoryview(b"abc")), a.send(array.array("B", b"de")), a.send(bytearray(b"f")))
buffer = bytearray(5)
print(b.recv_into(buffer), buffer, b.recv_into(memoryview(buffer)[2:], 1), buffer)
a.send(b"xyz")
print(b.recvfrom(2), b.recvfrom_into(buffer, 1), buffer)
print(b.recv(0), a.send(b""), attempt(a.send, "text"), attempt(b.recv_into, b"bytes"))
print(a.sendmsg([b"ab", b"cd", bytearray(b"e")]), b.recvmsg(10))
one, two = bytearray(1), bytearray(9)
a.send(b"12345")
print(b.recvmsg_into([one, two]), one, two)

# Descriptors go along.
r, w = os.pipe()
print(socket.send_fds(a, [b"files"], [r, w]) == 5)
data, fds, flags, address = socket.recv_fds(b, 100, 4)
print(data, len(fds), flags == socket.MSG_CMSG_CLOEXEC or flags, address)
os.write(fds[1], b"through")
print(os.read(r, 100))
for fd in (r, w, *fds):
    os.close(fd)
a.sendmsg([b"x"], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, struct.pack("i", 1))])
data, ancillary, flags, address = b.recvmsg(10, socket.CMSG_LEN(4) - 2)
print(data, [(level, kind, len(d)) for level, kind, d in ancillary], bool(flags & socket.MSG_CTRUNC))

# Waiting
b.settimeout(0.02)
for f in (b.recv, b.recvfrom, b.recvmsg):
    print(attempt(f, 1))
print(attempt(b.recv_into, buffer), attempt(b.recvfrom_into, buffer))
b.setblocking(False)
print(attempt(b.recv, 1), attempt(b.recv_into, buffer), b.gettimeout())
a.settimeout(0.05)
start = time.monotonic()
print(attempt(a.sendall, b"z" * 10_000_000), time.monotonic() - start < 10)
b.settimeout(0.05)
while isinstance(attempt(b.recv, 1 << 20), bytes):
    pass
a.settimeout(None)
b.settimeout(None)

# Others run while one waits; a large transfer through both ends.
t = threading.Timer(0.05, a.send, (b"later",))
t.start()
print(b.recv(10))
t.join()
big = bytes(range(256)) * 20_000
for size in (1000, 65536, 1 << 18, 1 << 20):
    t = threading.Thread(target=a.sendall, args=(big,))
    t.start()
    got = []
    n = 0
    while n < len(big):
        piece = b.recv(size)
        got.append(piece)
        n += len(piece)
    t.join()
    print(size, b"".join(got) == big)
t = threading.Thread(target=a.sendall, args=(big,))
t.start()
print(b.recv(len(big), socket.MSG_WAITALL) == big)
t.join()
t = threading.Thread(target=lambda: print(a.send(big) == len(big)))
t.start()
whole = memoryview(bytearray(len(big)))
n = 0
while n < len(big):
    n += b.recv_into(whole[n:])
t.join()
print(whole == big)

# A handler runs while the main thread waits, and may raise.
told = []
signal.signal(signal.SIGALRM, lambda *_: (told.append("handled"), a.send(b"from the handler")))
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(b.recv(100), told)


def fail(*_):
    raise KeyError("from the handler")


signal.signal(signal.SIGALRM, fail)
for timeout in (None, 20):
    b.settimeout(timeout)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print(attempt(b.recv, 100))
listener = socket.create_server(("127.0.0.1", 0))
for timeout in (None, 20):
    listener.settimeout(timeout)
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    print(attempt(listener.accept))
signal.signal(signal.SIGALRM, signal.SIG_DFL)

# Connections
listener.settimeout(0.02)
print(attempt(listener.accept))
listener.setblocking(False)
print(attempt(listener.accept))
listener.settimeout(20)
for timeout in (None, 20):
    c = socket.socket()
    c.settimeout(timeout)
    c.connect(listener.getsockname())
    d, address = listener.accept()
    print(address == c.getsockname(), d.getpeername() == c.getsockname(), d.family, d.type, d.gettimeout(), os.get_inheritable(d.fileno()))
    c.shutdown(socket.SHUT_WR)
    print(d.recv(1), attempt(c.send, b"x"))
    d.close()
    c.close()
free = socket.socket()
free.bind(("127.0.0.1", 0))
c = socket.socket()
print(c.connect_ex(free.getsockname()) > 0, attempt(c.connect, free.getsockname()))
c.settimeout(5)
print(attempt(c.connect, free.getsockname()))
c.close()
c = socket.socket()
c.setblocking(False)
print(c.connect_ex(listener.getsockname()) in (0, 115))
d, _ = listener.accept()
twin = c.dup()
print(twin.fileno() != c.fileno(), twin.getpeername() == listener.getsockname())
number = twin.detach()
print(twin.fileno(), attempt(twin.recv, 1), repr(twin).startswith("<socket.socket [closed] fd=-1"))
again = socket.socket(fileno=number)
print(again.family, again.type, again.proto, again.getpeername() == listener.getsockname())
for s in (again, c, d, free, listener):
    s.close()
    s.close()
print(attempt(_socket.close, number), c.fileno(), attempt(c.getsockname))

# Datagrams, and names that are no files
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
u.bind(("", 0))
v = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
print(v.sendto(b"first", ("127.0.0.1", u.getsockname()[1])), v.sendto(b"second", 0, ("localhost", u.getsockname()[1])))
data, address = u.recvfrom(100)
print(data, address == ("127.0.0.1", v.getsockname()[1]), u.recvmsg(3)[0:3:2])
print(attempt(v.sendto, b"x", 0, ("127.0.0.1", 70000)), attempt(v.sendto, b"x", "nowhere"), attempt(v.send, b"x"))
u.close()
v.close()
u = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
u.bind("")
print(type(u.getsockname()), u.getsockname()[0])
v = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
v.bind(b"\0amphis-%d" % os.getpid())
v.connect(u.getsockname())
v.send(b"hi")
print(u.recvfrom(9)[1] == v.getsockname() == b"\0amphis-%d" % os.getpid(), v.getpeername() == u.getsockname())
u.close()
v.close()

# Classes of one's own, two initialisations, and what is left open
class Counting(_socket.socket):
    def recv(self, n):
        return super().recv(n)[::-1]


c = Counting(fileno=os.dup(a.fileno()))
b.send(b"123")
print(c.recv(10), isinstance(c, _socket.socket))
c.close()
del a
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    del b
    gc.collect()
    s = _socket.socket()
    s = None
    gc.collect()
print(sorted({w.category.__name__ for w in caught}), [str(w.message).split(" fd=")[0] for w in caught][-1].startswith("unclosed <socket"))

# Who listens is told.
events = []
sys.addaudithook(lambda event, args: events.append((event, len(args))) if event.startswith("socket.") and events is not None else None)
s = socket.socket()
s.bind(("127.0.0.1", 0))
attempt(s.connect, ("127.0.0.1", 1))
attempt(s.sendto, b"x", ("127.0.0.1", 1))
socket.getaddrinfo("127.0.0.1", 1)
socket.gethostbyname("127.0.0.1")
socket.gethostname()
socket.getnameinfo(("127.0.0.1", 1), socket.NI_NUMERICHOST)
attempt(socket.getservbyname, "nothing")
attempt(s.sendmsg, [b"x"])
s.close()
print(events)
events = None
