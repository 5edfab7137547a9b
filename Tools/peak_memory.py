#!/usr/bin/env python3
"""Peak resident memory of programs on two interpreters.

  peak_memory.py [--interp .build/release/amphis] [--limit 1.2] [--only-above] [ROWS]

ROWS is a file of lines "name<TAB>arguments[<TAB>folder]": the arguments of an interpreter as a shell would split them, and the folder to run in.
Without it a few starts are measured. The environment is handed on, so PYTHONPATH may lead to what the programs import. Peaks hardly depend on
the machine's load: what a process has had resident at once, as the kernel reports it (ru_maxrss), least of three runs.
"""
import argparse
import os
import shlex
import subprocess
import sys
import tempfile

from bench import build_launcher

STARTS = [
    ("pass", ["-c", "pass"], None),
    ("json.tool", ["-m", "json.tool"], None),
    ("import asyncio", ["-c", "import asyncio"], None),
    ("import argparse", ["-c", "import argparse"], None),
    ("import typing, dataclasses", ["-c", "import typing, dataclasses"], None),
    ("import cmath", ["-c", "import cmath; cmath.sqrt(-1)"], None),
]


def peak(launcher, command, folder, runs):
    """Mebibytes, and the exit codes of the runs."""
    peaks, codes = [], set()
    report = launcher + ".peak"
    for _ in range(runs):
        done = subprocess.run(
            [launcher, report] + command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(report) as file:
            peaks.append(int(file.read().split()[0]) / 1024)
        codes.add(done.returncode)
    return min(peaks), codes


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--reference", default="/usr/bin/python3")
    parser.add_argument("--limit", type=float, default=1.2)
    parser.add_argument("--only-above", action="store_true", help="show the rows above the limit only")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("rows", nargs="?")
    options = parser.parse_args()
    rows = STARTS
    if options.rows:
        rows = []
        with open(options.rows) as file:
            for line in file:
                name, arguments, *folder = line.rstrip("\n").split("\t")
                rows.append((name, shlex.split(arguments), folder[0] if folder else None))
    program, *arguments_of_all = shlex.split(options.interp)
    program = [os.path.abspath(program)] + arguments_of_all
    above = 0
    with tempfile.TemporaryDirectory() as place:
        launcher = build_launcher(place)
        if not launcher:
            sys.exit("a C compiler is needed")
        for name, arguments, folder in rows:
            ours, codes = peak(launcher, program + arguments, folder, options.runs)
            theirs, known = peak(launcher, [options.reference] + arguments, folder, options.runs)
            ratio = ours / theirs
            above += ratio > options.limit
            if ratio > options.limit or not options.only_above:
                note = "" if codes == known else "\texit codes differ"
                print(f"{name}\t{ours:.1f}\t{theirs:.1f}\t{ratio:.2f}{note}", flush=True)
    print(f"{above} of {len(rows)} above {options.limit}", file=sys.stderr)


if __name__ == "__main__":
    main()
