"""What the bridge is trained with: objects, calls and callbacks between our VM and C modules of libpython, a function for each kind.

  INTERPRETER --cpython=math --cpython=pyexpat --cpython=_decimal --cpython=unicodedata crossings.py [NAME...]

None of it comes from a collection of benchmarks.
"""
import ctypes
import decimal
import hashlib
import io
import math
import queue
import socket
import sqlite3
import sys
import unicodedata
import zlib
from xml.parsers import expat

TEXT = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich. " * 4


def numbers():
    total = 0.0
    for i in range(1, 30_000):
        total += math.log(i + 0.5) - math.hypot(i, 2.0) + math.fmod(i, 3) + math.gcd(i, 360)
        total += math.sin(i / 7) * math.sqrt(i) + math.floor(i / 3)
    return total, [math.isqrt(n) for n in range(2_000)], math.fsum(n / 3 for n in range(2_000))


def texts():
    found = []
    for i in range(8_000):
        word = TEXT[i % 40:i % 40 + 12]
        found.append(unicodedata.normalize("NFKD", word))
        unicodedata.category(word[0]), unicodedata.is_normalized("NFC", "constant")
    return len("".join(found)), [unicodedata.name(c, "") for c in TEXT[:60]]


def bytes_and_buffers():
    squeezer, data = zlib.compressobj(), TEXT.encode() * 20
    parts = [squeezer.compress(data[i:i + 700]) for i in range(0, len(data), 700)]
    parts.append(squeezer.flush())
    whole = b"".join(parts)
    opener, out = zlib.decompressobj(), bytearray()
    for i in range(0, len(whole), 100):
        out += opener.decompress(whole[i:i + 100])
        opener.eof, opener.unused_data
    digests = set()
    for i in range(3_000):
        h = hashlib.sha256(data[:i % 500])
        h.update(b"more")
        digests.add(h.hexdigest())
        digests.add(h.digest_size)
    for i in range(3_000):
        zlib.crc32(data[i % 64:i % 64 + 64], i), zlib.adler32(out)
    return bytes(out) == data, len(digests)


def documents():
    page = "<list>" + "".join(f'<item id="{i}" kind="x">text {i}</item>' for i in range(4_000)) + "</list>"
    seen, texts = [], []
    parser = expat.ParserCreate()

    def start(name, attributes):
        if attributes:
            seen.append(attributes.get("id"))

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda name: None
    parser.CharacterDataHandler = texts.append
    parser.Parse(page, True)
    return len(seen), len(texts)


class Longest:
    def __init__(self):
        self.length = 0

    def step(self, text):
        self.length = max(self.length, len(text or ""))

    def finalize(self):
        return self.length


def tables():
    with sqlite3.connect(":memory:") as db:
        db.execute("create table words (id integer primary key, word text, weight real)")
        for i, word in enumerate(TEXT.split() * 60):
            db.execute("insert into words (word, weight) values (?, ?)", (word, i / 7))
            if i % 3 == 0:
                db.execute("update words set weight = ? where id = ?", [i * 0.5, i])
        db.executemany("insert into words (word, weight) values (?, ?)", [(w, None) for w in TEXT.split() * 20])
        db.create_function("backwards", 1, lambda w: w[::-1])
        db.create_aggregate("longest", 1, Longest)
        db.row_factory = None
        rows = [row for row in db.execute("select id, backwards(word), weight from words order by word")]
        longest = db.execute("select longest(word) from words").fetchone()[0]
        db.row_factory = sqlite3.Row
        names = [r["word"] for r in db.execute("select word from words").fetchmany(500)]
        try:
            db.execute("select nothing")
        except sqlite3.OperationalError as e:
            names.append(str(e))
    return len(rows), longest, len(names)


def money():
    context = decimal.getcontext()
    total, rate, cents = decimal.Decimal(0), decimal.Decimal("0.0825"), decimal.Decimal("0.01")
    for i in range(1, 4_000):
        price = decimal.Decimal(i) / 8
        total += (price * rate).quantize(cents, rounding=decimal.ROUND_HALF_EVEN)
        if price > total or price == i:
            total -= 1
        -price, abs(price), price + 1, 2 * price
    with decimal.localcontext() as local:
        local.prec = 40
        total = +total.sqrt()
    return str(total), f"{total:.3f}", context.prec


def queues():
    q = queue.SimpleQueue()
    kept, items = [], list(range(50))
    for i in range(3_000):
        q.put(items if i % 2 else {"n": i, "text": TEXT[:i % 30]})
        got = q.get()
        len(got), got is items
    q.put(kept)
    for i in range(2_000):
        kept.append(i)
        if kept[i // 2] != i // 2:
            raise AssertionError(i)
    return len(q.get())


def foreign_calls():
    class Point(ctypes.Structure):
        _fields_ = [("x", ctypes.c_int), ("y", ctypes.c_double)]

    points = (Point * 50)()
    for n in range(60):
        for p in points:
            p.x += n
            p.y += p.x * 0.5
    compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))(lambda a, b: a[0] - b[0])
    values = (ctypes.c_int * 200)(*[(i * 7919) % 1009 for i in range(200)])
    ctypes.CDLL(None).qsort(values, len(values), ctypes.sizeof(ctypes.c_int), compare)
    return sum(p.y for p in points), list(values)[:3]


def sockets():
    a, b = socket.socketpair()
    with a, b:
        count = 0
        for i in range(1_500):
            a.sendall(TEXT[:i % 60].encode() + b"\n")
            count += len(b.recv(4096))
        buffer = bytearray(1 << 16)
        for i in range(100):
            a.send(bytes(buffer[:30_000]))
            count += b.recv_into(buffer)
        a.sendall(b"line\n" * 500)
        a.shutdown(socket.SHUT_WR)
        with b.makefile("rb") as file:
            count += sum(1 for _ in io.TextIOWrapper(file))
    return count


WORK = [numbers, texts, bytes_and_buffers, documents, tables, money, queues, foreign_calls, sockets]

if __name__ == "__main__":
    for work in WORK:
        if len(sys.argv) == 1 or work.__name__ in sys.argv[1:]:
            print(work.__name__, repr(work())[:70])
