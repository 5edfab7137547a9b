#!/usr/bin/python3
"""Runs made-up programs over the builtin types on an interpreter and on CPython 3.11.

  runtime.py [--seed N] [--count N] [--interp PATH] [--options "-X gccheck -X gcstress=500"] [--show N] [--crashes] [--no-reduce]

Each program runs in a process of its own (a fork of Tools/fuzz/runtime_worker.py). A program that ends by a signal where CPython's does not
is a defect, and so is one that does not end. What the two print is compared as well: differences are grouped by their first step, the smallest program
of each group is reduced. The same seed gives the same programs. Exit code 1 when a program died or did not end.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
from programs import Programs

WORKER = os.path.join(HERE, "runtime_worker.py")
SLOW = (-14, -24)


def run(command, programs, seconds):
    """[status, text] of each program; a worker that ends early gives "lost" for those it has not reached."""
    with tempfile.TemporaryDirectory() as place:
        paths = [os.path.join(place, n) for n in ("programs", "results")]
        json.dump(programs, open(paths[0], "w"))
        with open(os.path.join(place, "errors"), "w+b") as errors:
            child = subprocess.Popen(command + [WORKER, *paths, str(seconds)], cwd=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                     stderr=errors, env=dict(os.environ, PYTHONHASHSEED="0"))
            child.wait()
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace")
        results = [json.loads(line) for line in open(paths[1])] if os.path.exists(paths[1]) else []
        return results + [["lost", f"{child.returncode}"]] * (len(programs) - len(results)), said


class Fuzz:
    def __init__(self, args):
        self.ours = args.interp.split() + args.options.split()
        self.theirs = args.oracle.split() + ["-S", "-E"]
        self.seconds = args.seconds
        self.compares = not args.crashes

    def verdict(self, mine, wanted):
        """None: the same; "slow": CPython's does not end either; else (kind, key) of a difference."""
        if mine[0] == wanted[0] == 0:
            if mine[1] == wanted[1]:
                return None
            for a, b in zip(mine[1].split("\n"), wanted[1].split("\n")):
                if a != b:
                    return "differs", self.shape(a) + " | " + self.shape(b)
            return "differs", "length"
        if mine[0] in SLOW:
            return "slow" if wanted[0] != 0 else ("hangs", "")
        if mine[0] == wanted[0]:
            return None
        if mine[0] == 0:
            return "slow"  # CPython's own crash or hang
        return "dies", str(mine[0])

    def shape(self, line):
        line = line.partition(" ")[2]
        return re.sub(r"\d+|'[^']*'|\"[^\"]*\"", "_", line)[:90]

    def batch(self, programs):
        mine, errors = run(self.ours, programs, self.seconds * 5)
        if not self.compares:
            # CPython is only asked about those that went wrong here.
            wrong = [i for i, m in enumerate(mine) if m[0] != 0]
            wanted = list(mine)
            for i, answer in zip(wrong, run(self.theirs, [programs[i] for i in wrong], self.seconds)[0] if wrong else []):
                wanted[i] = answer
            return mine, wanted, errors
        wanted, _ = run(self.theirs, programs, self.seconds)
        return mine, wanted, errors

    def reduce(self, program, verdict):
        """Leaves out lines while what is wrong stays."""
        kind = verdict[0]
        parts = re.split(r"\n(?=step|a\d|script|def)", program)
        started = time.monotonic()
        size = len(parts) // 2
        while size and time.monotonic() - started < 40:
            candidates = ["\n".join(parts[:i] + parts[i + size:]) for i in range(0, len(parts), size)][:40]
            mine, wanted, _ = self.batch(candidates)
            for i, (a, b) in enumerate(zip(mine, wanted)):
                found = self.verdict(a, b)
                if found and found != "slow" and found[0] == kind and (kind != "differs" or found[1] == verdict[1]):
                    parts = re.split(r"\n(?=step|a\d|script|def)", candidates[i])
                    break
            else:
                size //= 2
        return "\n".join(parts)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--options", default="-X gccheck -X gcstress=997 -X maxheap=2G")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--seconds", type=int, default=1, help="processor time of a program on CPython; five times that here")
    parser.add_argument("--batch", type=int, default=100)
    parser.add_argument("--show", type=int, default=25, help="how many groups of differences to show")
    parser.add_argument("--crashes", action="store_true", help="look for what dies or hangs only")
    parser.add_argument("--no-reduce", action="store_true")
    parser.add_argument("-j", type=int, default=2)
    args = parser.parse_args()
    fuzz = Fuzz(args)
    groups, count, slow = collections.defaultdict(list), 0, 0
    made = Programs(args.seed)
    batches = [[made.program() for _ in range(min(args.batch, args.count - i))] for i in range(0, args.count, args.batch)]
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        for programs, (mine, wanted, errors) in zip(batches, pool.map(fuzz.batch, batches)):
            for program, a, b in zip(programs, mine, wanted):
                count += 1
                found = fuzz.verdict(a, b)
                if found == "slow":
                    slow += 1
                elif found:
                    groups[found].append((program, a, b))
                    if found[0] != "differs":
                        print(f"{found[0]} {found[1]}: {errors[-300:]}", flush=True)
            bad = sum(len(g) for k, g in groups.items() if k[0] != "differs")
            if count % 500 < args.batch:
                print(f"{count} programs, {bad} died or hung, {sum(map(len, groups.values())) - bad} differ, {slow} do not end on CPython", flush=True)
    order = sorted(groups, key=lambda k: (k[0] == "differs", -len(groups[k])))
    for key in order[:args.show]:
        program, a, b = min(groups[key], key=lambda g: len(g[0]))
        lines = next((x for x in zip(a[1].split("\n"), b[1].split("\n")) if x[0] != x[1]), ("", ""))
        if args.no_reduce:
            number = (lines[0] or lines[1]).partition(" ")[0]
            text = "\n".join(line for line in program.split("\n") if f"step({number}," in line or f"step('{number}'" in line)[:700]
        else:
            text = fuzz.reduce(program, key)
        print(f"\n=== {len(groups[key])} times {key[0]} {key[1]}\n{text}", flush=True)
        if key[0] == "differs":
            print(f"--- ours:      {lines[0][:300]}\n--- CPython's: {lines[1][:300]}")
    dead = sum(len(g) for k, g in groups.items() if k[0] != "differs")
    print(f"\n{count} programs: {dead} died or did not end, {sum(map(len, groups.values())) - dead} differ in {len(groups)} groups, {slow} do not end on CPython")
    return 1 if dead else 0


sys.exit(main())
