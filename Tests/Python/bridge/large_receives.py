# Sockets that receive much at once: whole and in part, with a timeout, without blocking, at the end, from several threads.
import hashlib
import socket
import threading
import time

data = bytes(range(256)) * 4096  # 1 MiB


def pair():
    a, b = socket.socketpair()
    for s in (a, b):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 19)
    return a, b


def send(s, parts, end=True):
    for p in parts:
        s.sendall(p)
    if end:
        s.shutdown(socket.SHUT_WR)


def everything(s, size):
    parts = []
    while True:
        part = s.recv(size)
        if not part:
            return parts
        parts.append(part)


for size in (1 << 16, (1 << 16) + 1, 1 << 18, 1 << 21, 100):
    a, b = pair()
    t = threading.Thread(target=send, args=(a, [data]))
    t.start()
    parts = everything(b, size)
    t.join()
    whole = b"".join(parts)
    print(size, whole == data, {type(p) for p in parts}, max(map(len, parts)) <= size)
    kept = parts[0]
    print(kept == data[:len(kept)], hash(kept) == hash(data[:len(kept)]), kept[-3:] == data[len(kept) - 3:len(kept)])
    a.close()
    b.close()

# As much as has come, no more.
a, b = pair()
a.sendall(data[:100_000])
time.sleep(0.01)
part = b.recv(1 << 18)
print(len(part), part == data[:100_000])
b.settimeout(0.01)
try:
    b.recv(1 << 18)
except TimeoutError as e:
    print("timed out:", e)
b.setblocking(False)
try:
    b.recv(1 << 18)
except BlockingIOError as e:
    print(type(e).__name__)
for wrong in (-1, "x", None, 1 << 70):
    try:
        b.recv(wrong)
    except Exception as e:
        print(type(e).__name__, e)
a.sendall(data[:70_000])
b.setblocking(True)
print(b.recv(1 << 17, socket.MSG_PEEK) == data[:70_000], b.recv(1 << 17) == data[:70_000])
a.close()
print(b.recv(1 << 18))
b.close()
try:
    b.recv(1 << 18)
except OSError as e:
    print(e)

# One datagram at a time.
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for s in (a, b):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 19)
for n in (80_000, 70_000, 10):
    a.send(data[:n])
print([len(b.recv(1 << 18)) for _ in range(3)])
a.close()
b.close()

# Threads that receive at the same time; a subclass; what is kept stays what it was.
digests = []


class Socket(socket.socket):
    pass


def receive(s, kept):
    s = Socket(fileno=s.detach())
    with s:
        kept.extend(everything(s, 1 << 17))


wanted, threads, stores = [], [], []
for k in range(4):
    a, b = pair()
    text = data[k:] * 4
    wanted.append(hashlib.sha256(text).hexdigest())
    stores.append([])
    threads.append(threading.Thread(target=send, args=(a, [text])))
    threads.append(threading.Thread(target=receive, args=(b, stores[-1])))
for t in threads:
    t.start()
for t in threads:
    t.join()
print([hashlib.sha256(b"".join(s)).hexdigest() for s in stores] == wanted)
