#!/usr/bin/python3
"""Time and memory of compiling the standard library, beside CPython 3.11, and how both grow with the size of a source.

  bench_compile.py [--interp PATH] [--oracle /usr/bin/python3] [--runs N] [--root DIR] [--write docs/benchmarks.md]

Each run is a process of its own that reads all files first and then compiles each with compile(); the two interpreters take turns. The table
replaces the section "Compiling" of the file.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import tempfile

WORKER = r'''
import sys, time, json, os, gc, warnings
warnings.simplefilter("ignore")
root, mode = sys.argv[1:3]
def peak():
    return int([l for l in open("/proc/self/status") if l.startswith("VmHWM")][0].split()[1]) / 1024
if mode == "library":
    sources = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        for name in sorted(names):
            if name.endswith(".py"):
                path = os.path.join(folder, name)
                with open(path, "rb") as f: data = f.read()
                sources.append((path, data))
    before = peak()
    gc.collect()
    count = size = 0
    start = time.perf_counter()
    for path, data in sources:
        try: compile(data, path, "exec", 0, True, 0)
        except (SyntaxError, ValueError): continue
        count += 1
        size += len(data)
    seconds = time.perf_counter() - start
    print(json.dumps([seconds, count, size, before, peak()]))
else:
    rows = {}
    with open(os.path.join(root, "argparse.py"), "rb") as f: module = f.read()
    forms = {
        "a module": lambda n: module * n, "statements": lambda n: b"x = f(a, 1)\n" * (20000 * n), "one display": lambda n: b"x = [" + b"a, 1, " * (20000 * n) + b"]\n",
        "one call": lambda n: b"f(" + b"a, " * (20000 * n) + b")\n", "constants": lambda n: b"".join(b"x = %d\n" % i for i in range(20000 * n)),
        "names": lambda n: b"".join(b"x%d = 1\n" % i for i in range(20000 * n)), "branches": lambda n: b"if a: b\nelse: c\n" * (10000 * n), "an error at the end": lambda n: b"x = f(a, 1)\n" * (20000 * n) + b"1 2\n",
        "an error in a display": lambda n: b"x = [" + b"a, 1, " * (3000 * n) + b"1 2]\n", "warnings": lambda n: b"'\\d'\n" * (3000 * n)}
    for name, make in forms.items():
        row = []
        for n in (1, 2, 4):
            text = make(n)
            best = 1e9
            for _ in range(3):
                start = time.perf_counter()
                try: compile(text, "f", "exec", 0, True, 0)
                except SyntaxError: pass
                best = min(best, time.perf_counter() - start)
            row.append(best)
        rows[name] = row
    print(json.dumps(rows))
'''


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--root", default="/usr/lib/python3.11")
    parser.add_argument("--write")
    args = parser.parse_args()
    programs = {"CPython": args.oracle, "Amphis": args.interp}
    with tempfile.TemporaryDirectory() as folder:
        worker = os.path.join(folder, "worker.py")
        with open(worker, "w") as f:
            f.write(WORKER)

        def run(program, mode):
            return json.loads(subprocess.run([programs[program], "-S", worker, args.root, mode], capture_output=True, check=True, text=True).stdout)

        load = os.getloadavg()[0]
        library = {name: [] for name in programs}
        for _ in range(args.runs):
            for name in programs:
                library[name].append(run(name, "library"))
        growth = {name: run(name, "growth") for name in programs}
    count, size = library["CPython"][0][1:3]
    seconds = {name: [r[0] for r in rows] for name, rows in library.items()}
    ratios = [b / a for a, b in zip(seconds["CPython"], seconds["Amphis"])]
    lines = ["## Compiling", "", f"Written by `make bench-compile`: {args.runs} runs in turn, each a process of its own that reads all files of the standard library and",
             f"then compiles the {count} valid ones ({size / 1e6:.2f} MB) with `compile()`; load at the start {load:.1f}. Time over CPython's, best run: "
             f"**{min(seconds['Amphis']) / min(seconds['CPython']):.2f}**; median of the pairs {statistics.median(ratios):.2f}, from {min(ratios):.2f} to {max(ratios):.2f}.", "",
             "| | seconds, min / median | peak MiB | of these before compiling |", "|---|---|---|---|"]
    for name in programs:
        lines.append(f"| {name} | {min(seconds[name]):.2f} / {statistics.median(seconds[name]):.2f} | {max(r[4] for r in library[name]):.0f} | {max(r[3] for r in library[name]):.0f} |")
    lines += ["", "Milliseconds (best of 3) for a source, one twice and one four times as large:", "", "| source | CPython | Amphis | Amphis's growth |", "|---|---|---|---|"]
    for name, row in growth["Amphis"].items():
        text = lambda r: " / ".join(f"{x * 1000:.1f}" for x in r)
        lines.append(f"| {name} | {text(growth['CPython'][name])} | {text(row)} | {row[1] / row[0]:.1f}, {row[2] / row[1]:.1f} |")
    section = "\n".join(lines) + "\n"
    print(section)
    if args.write:
        with open(args.write) as f:
            page = f.read()
        page = re.sub(r"\n*## Compiling\n.*?(?=\n## |\Z)", "", page, flags=re.S).rstrip("\n")
        with open(args.write, "w") as f:
            f.write(page + "\n\n" + section)


main()
