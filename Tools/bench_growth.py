#!/usr/bin/env python3
"""Measures how the time of basic operations grows with their size, beside CPython.

  Tools/bench_growth.py --interp .build/release/amphis [--write docs/benchmarks.md] [OPERATION ...]

Each operation is a program that is given a size and prints the CPU seconds it took and the number of steps it did. It runs at one, ten and a hundred
times its base size, each a process of its own, the interpreters in turn; the least of the runs counts. What is printed are nanoseconds a step and how
many times as long a step takes at a hundred times the size: about 1 for what is linear.

The last lines are the collector's: the longest CPU time between two looks at the clock in a loop that allocates, with a live heap of so many objects.
"""
import argparse
import os
import subprocess
import sys
import tempfile

HEAD = "import sys, time\nn = int(sys.argv[1])\nnow = time.process_time\n"
TAIL = "\nprint(now() - start, steps)\n"
# name: base size, program. `start` and `steps` are set by it; what stands before `start` is not measured.
OPERATIONS = {
    "dict insert": (20_000, "d = {}\nstart = now()\nfor i in range(n): d[i * 7] = i\nsteps = n"),
    "list append": (50_000, "a = []\nstart = now()\nfor i in range(n): a.append(i)\nsteps = n"),
    "str join": (20_000, "parts = [str(i) for i in range(n)]\nstart = now()\ns = ''.join(parts)\nsteps = n"),
    "str +=": (20_000, "s = ''\nstart = now()\nfor i in range(n): s += 'ab'\nsteps = n"),
    "sort": (20_000, "import random\nrandom.seed(1)\na = [random.random() for _ in range(n)]\nstart = now()\na.sort()\nsteps = n"),
    "set union": (20_000, "a = set(range(n)); b = set(range(n // 2, n + n // 2))\nstart = now()\nc = a | b\nsteps = n"),
    "attribute write": (500, "class C: pass\nc = C()\nnames = ['a%d' % i for i in range(n)]\nstart = now()\n"
                        "for x in names: setattr(c, x, 1)\nsteps = n"),
    "call depth": (500, "sys.setrecursionlimit(10 ** 6)\ndef f(n): return 0 if n == 0 else 1 + f(n - 1)\nstart = now()\nf(n)\nsteps = n"),
    "generator chain": (40, "def g(depth):\n    if depth: yield from g(depth - 1)\n    else: yield from range(100)\n"
                        "sys.setrecursionlimit(10 ** 6)\nstart = now()\nfor x in g(n): pass\nsteps = 100 * n"),
    "exception raise": (20, "sys.setrecursionlimit(10 ** 6)\ndef f(n):\n    if n == 0: raise ValueError\n    f(n - 1)\nstart = now()\n"
                        "for i in range(20):\n    try: f(n)\n    except ValueError: pass\nsteps = 20 * n"),
    "big-int multiply": (1_000, "a = 3 ** n; b = 7 ** n\nstart = now()\nfor i in range(10): c = a * b\nsteps = 10 * n"),
    "big-int to string": (1_000, "sys.set_int_max_str_digits(0)\na = 7 ** n\nstart = now()\ns = str(a)\nsteps = n"),
    "regex search": (20_000, "import re\np = re.compile(r'(a|b)+c[d-f]*x')\ns = 'abcdef' * n + 'abcx'\nstart = now()\nm = p.search(s)\nsteps = n"),
    "collection": (100_000, "import gc\na = [[i] for i in range(n)]\ngc.collect()\nstart = now()\ngc.collect()\nsteps = n"),
}
PAUSE = """
import sys, time
n = int(sys.argv[1])
now = time.process_time
live = [[i] for i in range(n)]
longest = total = 0.0
begin = last = now()
junk = None
for i in range(3_000_000):
    junk = [i, junk if i & 15 else None]
    t = now()
    if t - last > longest: longest = t - last
    if t - last > 0.001: total += t - last
    last = t
print(longest, total / (now() - begin))
"""


def run(interp, program, size, timeout):
    with tempfile.NamedTemporaryFile("w", suffix=".py") as f:
        f.write(program)
        f.flush()
        try:
            p = subprocess.run([interp, f.name, str(size)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return None
    fields = p.stdout.split()
    return (float(fields[0]), float(fields[1])) if p.returncode == 0 and len(fields) == 2 else None


def nanoseconds(results):
    results = [r for r in results if r]
    return min(seconds / steps for seconds, steps in results) * 1e9 if results else None


def shown(x, digits=1):
    return "-" if x is None else f"{x:,.{digits}f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interp", required=True)
    parser.add_argument("--reference", default="/usr/bin/python3")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--timeout", type=float, default=60)
    parser.add_argument("--write", metavar="FILE", help="replace the section `## Growth` of a page")
    parser.add_argument("operations", nargs="*", help="all, if none is named")
    options = parser.parse_args()
    lines = [
        "## Growth",
        "",
        f"Written by `make bench-growth`: nanoseconds a step at 1, 10 and 100 times a base size, the least of {options.runs} runs, the interpreters in turn;",
        f"load at the start {os.getloadavg()[0]:.1f}. The last two columns: how much longer a step takes at 100 times the size.",
        "",
        "| operation | base | CPython | Amphis | ratio at 100 | CPython's growth | Amphis's growth |",
        "|---|---|---|---|---|---|---|",
    ]
    print("\n".join(lines[4:]), flush=True)
    for name, (base, body) in OPERATIONS.items():
        if options.operations and name not in options.operations:
            continue
        program = HEAD + body + TAIL
        table = {}
        for factor in 1, 10, 100:
            found = {options.reference: [], options.interp: []}
            for _ in range(options.runs):
                for interp in found:
                    found[interp].append(run(interp, program, base * factor, options.timeout))
            table[factor] = [nanoseconds(found[i]) for i in (options.reference, options.interp)]
        columns = [" / ".join(shown(table[f][side]) for f in table) for side in (0, 1)]
        growth = [table[100][s] / table[1][s] if table[100][s] and table[1][s] else None for s in (0, 1)]
        ratio = table[100][1] / table[100][0] if all(table[100]) else None
        line = f"| {name} | {base:,} | {columns[0]} | {columns[1]} | {shown(ratio, 2)} | {shown(growth[0])} | {shown(growth[1])} |"
        lines.append(line)
        print(line, flush=True)
    if not options.operations:
        more = [
            "",
            "A loop that allocates 3 M lists beside a live heap: the longest pause in milliseconds, and the share of time that pauses of more than a",
            "millisecond take.",
            "",
            "| live objects | CPython | Amphis |",
            "|---|---|---|",
        ]
        for n in 100_000, 1_000_000, 10_000_000:
            cells = []
            for interp in options.reference, options.interp:
                r = run(interp, PAUSE, n, 4 * options.timeout)
                cells.append(f"{r[0] * 1e3:,.0f}, {r[1]:.2f}" if r else "-")
            more.append(f"| {n:,} | {cells[0]} | {cells[1]} |")
        lines += more
        print("\n".join(more))
    if options.write:
        with open(options.write) as f:
            page = f.read()
        section = "\n".join(lines) + "\n"
        start = page.find("## Growth\n")
        if start < 0:
            page = page.rstrip("\n") + "\n\n" + section
        else:
            end = page.find("\n## ", start)
            page = page[:start] + section + (page[end:] if end >= 0 else "")
        with open(options.write, "w") as f:
            f.write(page)
    return 0


sys.exit(main())
