# Flags of descriptors by fcntl: what ints do is done here, the rest is libpython's.
import fcntl
import os
import socket
import struct


def tried(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e), getattr(e, "errno", None)


a, b = socket.socketpair()
print(fcntl.fcntl(a, fcntl.F_GETFD), fcntl.fcntl(a.fileno(), fcntl.F_SETFD, 0), fcntl.fcntl(a, fcntl.F_GETFD))
print(fcntl.fcntl(a, fcntl.F_SETFD, fcntl.fcntl(a, fcntl.F_GETFD) | fcntl.FD_CLOEXEC), os.get_inheritable(a.fileno()))
flags = fcntl.fcntl(a, fcntl.F_GETFL)
print(flags & os.O_NONBLOCK, fcntl.fcntl(a, fcntl.F_SETFL, flags | os.O_NONBLOCK), fcntl.fcntl(a, fcntl.F_GETFL) & os.O_NONBLOCK == os.O_NONBLOCK)
copy = fcntl.fcntl(a, fcntl.F_DUPFD_CLOEXEC, 200)
print(copy >= 200, os.get_inheritable(copy))
os.close(copy)
copy = fcntl.fcntl(a, fcntl.F_DUPFD, 210)
print(copy >= 210, os.get_inheritable(copy))
os.close(copy)


class File:
    def __init__(self, fd):
        self.fd = fd

    def fileno(self):
        return self.fd


print(fcntl.fcntl(File(a.fileno()), fcntl.F_GETFD), fcntl.fcntl(a, fcntl.F_GETFD, 0), fcntl.fcntl(a, fcntl.F_GETFD, 1 << 31))
print(fcntl.fcntl(a, True), fcntl.fcntl(a, fcntl.F_GETFD, True), fcntl.fcntl(a, fcntl.F_GETFD, b"abc"))

for args in ((File("x"), 1), (File(-1), 1), (-1, 1), (999, 1), ("a", 1), (None, 1), (1.5, 1), (a, "x"), (a, 1.5), (a, 1 << 40), (a, 1, "\u00e9" * 600), (a, 1, None),
             (a, 1, 1.5), (a, 1, 1 << 70), (a, 77777), (a,), (), (a, 1, 1, 1), (1 << 40, 1), (a, fcntl.F_SETFL, -1 << 40)):
    print(tried(fcntl.fcntl, *args))
try:
    fcntl.fcntl(a, cmd=1)
except TypeError as e:
    print(e)

# A lock's description as bytes
with open(__file__) as file:
    lock = struct.pack("hhqqi4x", fcntl.F_WRLCK, 0, 0, 0, 0)
    print(struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, lock))[0] == fcntl.F_UNLCK)
    print(fcntl.flock(file, fcntl.LOCK_SH), fcntl.flock(file, fcntl.LOCK_UN))
a.close()
print(tried(fcntl.fcntl, a, fcntl.F_GETFD))
b.close()
