"""What `make soak` runs: work of every kind that allocates, in rounds without end. Prints a line a round for Tools/soak.py: rounds done and
objects that the finalizers saw. Everything made in a round is garbage at its end."""
import asyncio
import collections
import concurrent.futures
import contextlib
import gc
import io
import json
import pickle
import queue
import random
import re
import sys
import threading
import time
import weakref

finalized = 0


class Node:
    __slots__ = ("next", "back", "data", "__weakref__")

    def __init__(self, data):
        self.data = data
        self.next = self.back = None


class Dying:
    def __del__(self):
        global finalized
        finalized += 1


class Resurrected:
    saved = None

    def __del__(self):
        Resurrected.saved = self


def containers(r):
    data = [{"id": i, "text": "x" * r.randrange(200), "items": list(range(r.randrange(20)))} for i in range(300)]
    index = {d["id"]: d for d in data}
    groups = collections.defaultdict(list)
    for d in data:
        groups[len(d["items"])].append(d)
    text = json.dumps(data)
    assert json.loads(text)[5]["id"] == 5 and pickle.loads(pickle.dumps(index))[7]["id"] == 7
    return sum(len(g) for g in groups.values())


def large(r):
    parts = [bytes(r.randrange(1 << 20)) for _ in range(8)]
    joined = bytearray().join(parts)
    joined.extend(b"y" * 1000)
    big = [0] * r.randrange(200_000)
    big.extend(range(1000))
    return len(str(10 ** r.randrange(3000)) + "z" * len(big)) + len(joined)


def cycles(r):
    first = last = Node(0)
    for i in range(500):
        node = Node(i)
        node.back, last.next = last, node
        last = node
    last.next = first
    keep = weakref.ref(first, lambda ref: None)
    dictionary = weakref.WeakValueDictionary(a=first, b=last)
    for _ in range(20):
        Dying()
    ring = [Dying()]
    ring.append(ring)
    Resurrected()
    Resurrected.saved = None
    return keep, dictionary


def generators(r):
    def inner(n):
        try:
            for i in range(n):
                yield i
        finally:
            [n]

    def outer(n):
        yield from inner(n)
        yield from (x for x in inner(n) if x % 2)

    abandoned = [outer(10) for _ in range(50)]
    for g in abandoned:
        next(g)

    async def worker(n):
        await asyncio.sleep(0)
        return [n] * n

    async def main():
        return await asyncio.gather(*(worker(n) for n in range(30)))

    return sum(outer(200)), asyncio.run(main())


def exceptions(r):
    def deep(n):
        if n == 0:
            raise ValueError("deep" * 50)
        try:
            deep(n - 1)
        except ValueError as e:
            if n % 10 == 0:
                raise ValueError(n) from e
            raise

    for _ in range(20):
        with contextlib.suppress(ValueError):
            deep(40)
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2), ExceptionGroup("h", [KeyError(3)])])
    except* ValueError:
        pass
    except* (TypeError, KeyError):
        pass
    def endless():
        endless()

    with contextlib.suppress(RecursionError):
        endless()


def threads(r):
    q = queue.Queue(10)
    results = []
    local = threading.local()

    def produce(n):
        local.items = [object() for _ in range(n)]
        for i in range(n):
            q.put((n, i, "t" * i))

    def consume():
        while (item := q.get()) is not None:
            results.append(item)

    producers = [threading.Thread(target=produce, args=(n,)) for n in (50, 80, 110)]
    consumer = threading.Thread(target=consume)
    for t in producers + [consumer]:
        t.start()
    for t in producers:
        t.join()
    q.put(None)
    consumer.join()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        return len(results), sum(pool.map(lambda n: len(list(range(n))), range(100)))


def classes_and_code(r):
    made = type("Made", (Node,), {"method": lambda self: self.data, "__slots__": ()})
    namespace = {}
    exec(f"def f(x):\n    return [x + i for i in range({r.randrange(50)})]\n", namespace)
    pattern = re.compile(rf"(\w+)-{r.randrange(10**9)}")
    buffer = io.StringIO()
    print(made(3).method(), namespace["f"](2), pattern.sub("x", "a-1 b-2"), file=buffer)
    return buffer.getvalue()


def through_c(r):
    import decimal
    import zlib

    data = zlib.compress(bytes(r.randrange(256) for _ in range(2000)))
    return decimal.Decimal(len(zlib.decompress(data))).sqrt(), sorted(decimal.Decimal(i) for i in range(50))


PARTS = [containers, large, cycles, generators, exceptions, threads, classes_and_code, through_c]


def main():
    end = time.monotonic() + float(sys.argv[1])
    r = random.Random(int(sys.argv[2]))
    rounds = 0
    while time.monotonic() < end:
        for part in PARTS:
            part(r)
        rounds += 1
        if rounds % 50 == 0:
            gc.collect()
        print(rounds, finalized, flush=True)


main()
