# amphis: --cpython=_queue
# Ctrl-C ends a blocking C call and a callback from C at once, twice in a row as well.
import queue
import select
import signal
import socket
import sqlite3

from _interruptions import interrupted, spin

a, b = socket.socketpair()
poll = select.poll()
database = sqlite3.connect(":memory:")
database.create_function("spin", 1, lambda x: spin(8))
database.create_function("same", 1, lambda x: x)
# C code in a loop of calls that are over at once
endless = "with recursive n(x) as (select 1 union all select same(x) + 1 from n where x < 20000000) select count(*) from n"
for round in range(2):
    interrupted("select", lambda: select.select([], [], [], 8), 4)
    interrupted("recv", lambda: a.recv(1), 4)
    interrupted("poll", lambda: poll.poll(8000), 4)
    interrupted("queue", lambda: queue.SimpleQueue().get(timeout=8), 4)
    interrupted("callback", lambda: database.execute("select spin(1)").fetchall(), 4)
    interrupted("short callbacks", lambda: database.execute(endless).fetchall(), 4)

# A handler that returns lets the call go on (PEP 475); one that raises ends it.
seen = []
signal.signal(signal.SIGALRM, lambda number, frame: seen.append(number))
signal.setitimer(signal.ITIMER_REAL, 0.1)
print(select.select([], [], [], 0.4), seen == [signal.SIGALRM])


class Ended(Exception):
    pass


def end(number, frame):
    raise Ended(number)


signal.signal(signal.SIGALRM, end)
signal.setitimer(signal.ITIMER_REAL, 0.1)
try:
    a.recv(1)
except Ended as e:
    print("ended", e.args[0] == signal.SIGALRM)
