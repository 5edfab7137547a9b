#!/usr/bin/env python3
"""Measures crossings to C modules beside CPython 3.11, which runs the same programs.

  bench_bridge.py [--interp PATH] [--oracle /usr/bin/python3] [--runs N] [--only WORD] [--write docs/benchmarks.md]

Each program prints the seconds that one operation takes, as it measured itself; the two interpreters take turns and the least of the
runs counts. Limits are those of the bridge's aims: a ratio to CPython's time, or nanoseconds. --write puts the table as a
section of its own at the end of the file; an older one goes.
"""
import argparse, os, re, subprocess, sys, tempfile

import bench

HEAD = "## Crossings to C modules"
LOOP = """
import time
def best(work, count, rounds=5):
    least = 1e9
    for _ in range(rounds):
        t = time.perf_counter()
        work(count)
        least = min(least, time.perf_counter() - t)
    print(least / count)
def often(work, count):
    # In short rounds: on a busy machine some of them have the processor for themselves.
    best(work, count // 15, 75)
"""
DECIMAL = """
from decimal import Decimal
def work(n):
    a, b, s = Decimal('1.25'), Decimal('2.5'), Decimal(0)
    for i in range(n):
        s = s + a * b
        s.quantize(a)
        if s < a: pass
often(work, 50_000)
"""
# name, limit ("x": ratio, "ns": nanoseconds), options of ours, program
PROGRAMS = [
    ("scalar call: math.sqrt(2.0) of the C module", ("x", 1.0), ["--cpython=math"], """
from math import sqrt
def work(n):
    for i in range(n):
        sqrt(2.0)
often(work, 300_000)
"""),
    ("attribute of a C object: bz2.BZ2Decompressor().eof", ("x", 1.5), [], """
import bz2
a = bz2.BZ2Decompressor()
def work(n):
    for i in range(n):
        a.eof
often(work, 300_000)
"""),
    ("str of 10 characters out and in", ("ns", 60), ["--cpython=unicodedata"], """
import unicodedata
f = unicodedata.normalize
text = 'abcdefghij'
def work(n):
    for i in range(n):
        f('NFC', text)
often(work, 200_000)
"""),
    ("str of 1,000 characters out and in", ("ns", 200), ["--cpython=unicodedata"], """
import unicodedata
f = unicodedata.normalize
text = 'abcdefghij' * 100
def work(n):
    for i in range(n):
        f('NFC', text)
often(work, 100_000)
"""),
    ("callback from C: 100,000 elements of XML", ("x", 2.0), ["--cpython=pyexpat"], """
from xml.parsers import expat
data = b'<a>' + b'<b/>' * 100_000 + b'</a>'
def work(n):
    p = expat.ParserCreate()
    p.StartElementHandler = lambda name, attributes: None
    p.Parse(data, True)
best(work, 100_000, 3)
"""),
    ("an item of a list of 1,000 that C code keeps", ("x", 3.0), ["--cpython=_queue"], """
import _queue
q = _queue.SimpleQueue()
items = list(range(1000))
q.put(items)
def work(n):
    for i in range(n):
        items[500]
often(work, 200_000)
"""),
    ("a list of 1,000 ints there and back", ("x", 20.0), ["--cpython=_queue"], """
import _queue
q = _queue.SimpleQueue()
items = list(range(1000))
def work(n):
    for i in range(n):
        q.put(items)
        q.get()
best(work, 500)
"""),
    ("sqlite3: fetch a million rows", ("x", 1.5), [], """
import sqlite3
c = sqlite3.connect(':memory:')
c.execute('create table t (a integer, b text, c real)')
c.executemany('insert into t values (?, ?, ?)', ((i, 'name%d' % i, i * 0.5) for i in range(100_000)))
def work(n):
    for k in range(10):
        for row in c.execute('select * from t'):
            pass
best(work, 1_000_000, 2)
"""),
    ("SHA-1 of 100 MB", ("x", 1.02), [], """
from _sha1 import sha1
data = bytes(range(256)) * 400_000
def work(n):
    sha1(data)
best(work, 1, 2)
"""),
    ("decimal: a sum of products, rounded and compared", ("x", 1.0), [], DECIMAL),
    ("decimal: the same with the C module", ("x", 2.0), ["--cpython=_decimal"], DECIMAL),
    ("array: items read and written", ("x", 1.0), [], """
from array import array
def work(n):
    a = array('d', [0.5]) * 1000
    for i in range(n):
        a[i % 1000] = a[500] + 1.0
often(work, 200_000)
"""),
    ("pickle: a tree of 5,461 objects, out and in", ("x", 2.0), [], """
import pickle
class Node:
    def __init__(self, depth):
        self.name, self.value, self.tags = 'n%d' % depth, depth * 1.5, {'depth': depth}
        self.children = [Node(depth - 1) for _ in range(4)] if depth else []
tree = Node(6)
def work(n):
    pickle.loads(pickle.dumps(tree))
best(work, 1, 10)
"""),
]


def run(command, program):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as file:
        file.write(LOOP + program)
        file.flush()
        done = subprocess.run(command + [file.name], capture_output=True, text=True, timeout=600)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.stderr.strip()[-400:]}")
    return float(done.stdout)


def first_import(interp, runs):
    """Milliseconds and MiB that the first import of a C module adds to a start."""
    least = {}
    with tempfile.TemporaryDirectory() as folder:
        # A process that Python starts counts as its peak what it had of Python's memory before it became another.
        launcher = bench.build_launcher(folder)
        for _ in range(runs):
            for program in ("pass", "import resource"):
                seconds, peak, _ = bench.measure(interp, program, launcher)
                old = least.get(program, (seconds, peak))
                least[program] = (min(old[0], seconds), min(old[1], peak))
    a, b = least["pass"], least["import resource"]
    return (b[0] - a[0]) * 1e3, (b[1] - a[1]) / 1024


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--interp", default=os.path.join(here, ".build", "release", "amphis"))
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", default="")
    parser.add_argument("--write")
    options = parser.parse_args()
    lines = [
        HEAD, "", f"Written by `make bench-bridge`: the least of {options.runs} runs, the two interpreters in turn; an operation's time as the program "
        f"measures it. Load at the start {os.getloadavg()[0]:.1f}.", "", "| operation | CPython ns | Amphis ns | ratio | limit | |", "|---|---|---|---|---|---|"]
    print("\n".join(lines[4:]), flush=True)
    for name, (unit, limit), extra, program in PROGRAMS:
        if options.only not in name:
            continue
        theirs = ours = float("inf")
        for _ in range(options.runs):
            theirs = min(theirs, run([options.oracle], program))
            ours = min(ours, run([options.interp] + extra, program))
        ratio = ours / theirs
        kept = ratio <= limit if unit == "x" else ours * 1e9 <= limit
        bound = f"{limit} x" if unit == "x" else f"{limit} ns"
        lines.append(f"| {name} | {theirs * 1e9:,.0f} | {ours * 1e9:,.0f} | {ratio:.2f} | {bound} | {'' if kept else 'missed'} |")
        print(lines[-1], flush=True)
    if not options.only:
        time_, memory = first_import(options.interp, options.runs + 4)
        kept = time_ <= 8 and memory <= 6
        lines.append(f"| first import of a C module | | {time_:.1f} ms, {memory:.1f} MiB | | 8 ms, 6 MiB | {'' if kept else 'missed'} |")
        print(lines[-1])
    if options.write:
        with open(options.write, encoding="utf-8") as file:
            text = file.read()
        others = re.sub(rf"\n*{HEAD}\n.*?(?=\n## |\Z)", "", text, flags=re.S).rstrip("\n")
        with open(options.write, "w", encoding="utf-8") as file:
            file.write(others + "\n\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    sys.exit(main())
