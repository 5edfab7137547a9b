# What a socket or pipe does at once, what it waits for, and what it refuses.
import array
import errno
import os
import socket
import threading


def attempt(f, *args):
    try:
        return f(*args)
    except Exception as error:
        return type(error).__name__, getattr(error, "errno", None) or str(error)


a, b = socket.socketpair()
print(a.send(b"abc"), b.recv(10), a.sendall(b"x" * 1000), len(b.recv(5000)))
buffer = bytearray(10)
a.send(b"hello")
print(b.recv_into(buffer), bytes(buffer))
a.send(bytearray(b"HELLO"))
print(b.recv_into(memoryview(buffer)[5:]), bytes(buffer))
a.send(memoryview(b"0123456789")[2:5])
print(b.recv(2), b.recv(2))
a.sendall(array.array("H", [1, 2]))
print(b.recv(100))
print(a.send(b""), a.sendall(b""), attempt(b.recv, 0))
print(attempt(b.recv_into, b"read only"), attempt(b.recv_into, "text"))
for wrong in "text", None, [1]:
    print(attempt(a.send, wrong), attempt(a.sendall, wrong), attempt(a.recv, wrong))
print(attempt(a.recv, -1), attempt(a.shutdown, "x"), attempt(a.shutdown, 77))

# without patience
b.setblocking(False)
print(attempt(b.recv, 10), attempt(b.recv_into, buffer))
a.setblocking(False)
sent = 0
while True:
    try:
        sent += a.send(bytes(50_000))
    except BlockingIOError:
        break
print(sent > 0, attempt(a.sendall, b"x" * 10_000_000)[0])
got = 0
while True:
    try:
        got += len(b.recv(1 << 20))
    except BlockingIOError:
        break
print(got >= sent)
b.settimeout(0.01)
print(attempt(b.recv, 10)[0])

# what blocks sends everything, and lets others run meanwhile
a, b = socket.socketpair()
received = []


def take(total):
    count = 0
    while count < total:
        part = b.recv(60_000)
        count += len(part)
        received.append(part)


large = bytes(range(256)) * 16_000
for send in a.sendall, a.send:
    received.clear()
    thread = threading.Thread(target=take, args=(len(large),))
    thread.start()
    print(send(large))
    thread.join()
    print(b"".join(received) == large)
for size in 200_000, 250_000:
    received.clear()
    thread = threading.Thread(target=take, args=(size * 4,))
    thread.start()
    print([a.send(large[:size]) for _ in range(4)])
    thread.join()
    print(b"".join(received) == large[:size] * 4)

# both wait for each other by turns
turns = []


def answer():
    while (text := b.recv(100)) != b"end":
        b.sendall(text.upper())


thread = threading.Thread(target=answer)
thread.start()
for word in b"one", b"two", b"three":
    a.sendall(word)
    turns.append(a.recv(100))
a.sendall(b"end")
thread.join()
print(turns)

# the end of a connection
a.shutdown(socket.SHUT_WR)
print(b.recv(10), attempt(a.send, b"x"), attempt(a.sendall, b"x"))
b.close()
print(b.fileno(), attempt(b.recv, 1), attempt(b.send, b"1"), attempt(b.shutdown, socket.SHUT_RD), b.close())
print(a.detach() >= 0, a.fileno(), attempt(a.recv, 1))
server = socket.create_server(("127.0.0.1", 0))
client = socket.create_connection(server.getsockname())
peer, _ = server.accept()
# A close with data unread resets the connection.
client.sendall(b"unread")
peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
peer.close()
print(attempt(client.recv, 10), attempt(client.recv, 10))
print(attempt(client.sendall, b"x"))
client.close()
server.close()

# datagrams keep their bounds
a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
for text in b"", b"first", b"second":
    a.send(text)
print(b.recv(3), b.recv(3), b.recv(100))


# classes of a program's own
class Counting(socket.socket):
    def send(self, data, flags=0):
        print("send", len(data))
        return super().send(data, flags)


with Counting(fileno=a.detach()) as c:
    print(c.send(b"flags"), b.recv(10, socket.MSG_PEEK), b.recv(10))
print(c.fileno())

# streams over sockets, among threads
a, b = socket.socketpair()
stop = threading.Event()
others = [threading.Thread(target=stop.wait) for _ in range(3)]
for t in others:
    t.start()
with a.makefile("rwb") as x, b.makefile("rwb") as y:
    x.write(b"line 1\nline 2\n" + b"z" * 20_000)
    x.flush()
    print(y.readline(), y.readline(), len(y.read(20_000)))
a.close()
b.close()

# pipes
r, w = os.pipe()
print(os.write(w, b"abc"), os.read(r, 10))
os.set_blocking(w, False)
total = 0
while True:
    try:
        total += os.write(w, bytes(4096))
    except BlockingIOError:
        break
print(total)
os.close(r)
print(attempt(os.write, w, b"x"))
os.close(w)
print(attempt(os.write, w, b"x"))
r, w = os.pipe()
stream = open(w, "wb", buffering=0)
print(stream.write(b"through a stream"), os.read(r, 100))
stream.close()
os.close(r)
with open("/dev/null", "w") as null:
    print(null.write("text"), null.flush())
stop.set()
for t in others:
    t.join()
