"""The client: sends functions of this file, as bytecode, to the workers of a Dask cluster, and checks what comes back.

    computation.py tcp://ADDRESS:PORT [WORKERS]
"""
import collections
import glob
import platform
import sys

import dask.bag
from distributed import Client

TEXTS = "/usr/share/common-licenses/*"


def interpreter():
    return platform.python_implementation()


def primes(bounds):
    """Numbers from bounds[0] to bounds[1] without a divisor."""
    return [n for n in range(*bounds) if n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))]


def words(path):
    with open(path, encoding="utf-8") as text:
        return [w for w in (w.strip('.,;:"()`\'').lower() for w in text.read().split()) if w.isalpha()]


class Tally:
    """An instance that travels, too."""

    def __init__(self, counts):
        self.counts = counts

    def __add__(self, other):
        return Tally(self.counts + other.counts)

    __radd__ = lambda self, other: self


def tally(numbers):
    return Tally(collections.Counter(str(n)[-1] for n in numbers))


def refuse(reason):
    raise ValueError(reason)


def main():
    with Client(sys.argv[1]) as client:
        client.wait_for_workers(int(sys.argv[2]) if len(sys.argv) > 2 else 1, timeout=60)
        names = sorted(client.run(interpreter).values())
        print(f"client {interpreter()}, scheduler {client.run_on_scheduler(interpreter)}, workers {' '.join(names)}")

        parts = client.map(primes, [(n, n + 5000) for n in range(0, 40_000, 5000)])
        last_digits = client.submit(sum, client.map(tally, parts)).result()
        expected = tally(primes((0, 40_000)))
        print("primes:", sum(last_digits.counts.values()), dict(sorted(last_digits.counts.items())))
        assert last_digits.counts == expected.counts

        files = sorted(glob.glob(TEXTS))
        bag = dask.bag.from_sequence(files, npartitions=4).map(words).flatten()
        common = bag.frequencies().topk(5, key=lambda pair: (pair[1], pair[0])).compute()
        print("words:", ", ".join(f"{word} {count}" for word, count in common))
        counted = collections.Counter(w for f in files for w in words(f))
        assert all(counted[word] == count for word, count in common)

        try:
            client.submit(refuse, "no").result()
        except ValueError as error:
            print("an error comes back:", repr(error))


if __name__ == "__main__":
    main()
