#!/usr/bin/env python3
"""Finds the functions that a start of the interpreter runs, for the linker's --symbol-ordering-file.

  startup_order.py [--interp .build/release/amphis] [--write Tools/startup.order]

Runs a few short programs under valgrind and lists the functions in the order in which they are first called, as the linker knows them.
The list need not be current: the linker skips what it does not find, and functions that are missing only lie elsewhere.
"""
import argparse
import os
import re
import subprocess
import sys
import tempfile

PROGRAMS = [
    ["-c", "pass"],
    ["-c", "def f(a, *b, c=1):\n    try:\n        return [x * 2 for x in b]\n    except ValueError as e:\n        raise\nprint(f(1, 2), f'{1.5:.2f}')"],
    ["-c", "import collections, functools, re, dataclasses, enum"],
]


def functions(interpreter, program, folder):
    """Mangled names of the functions of the executable itself that one run calls, in the order of first appearance."""
    stripped = os.path.join(folder, "interpreter")
    # valgrind reads no debug information as new as the compiler's.
    subprocess.run(["objcopy", "--strip-debug", interpreter, stripped], check=True)
    out = os.path.join(folder, "calls")
    subprocess.run(
        ["valgrind", "--tool=callgrind", "--demangle=no", f"--callgrind-out-file={out}", stripped] + program,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    names = {}
    own = set()
    here = callee = None
    with open(out) as file:
        for line in file:
            m = re.match(r"(ob|cob|fn|cfn)=\((\d+)\)(?: (.*))?$", line)
            if not m:
                continue
            kind, number, text = m.groups()
            if kind in ("ob", "cob"):
                if text and text.endswith("/interpreter"):
                    own.add(number)
                if kind == "ob":
                    here = number
                callee = number
                continue
            place = callee if kind == "cfn" else here
            callee = here  # "cob" holds for one call
            if text:
                names.setdefault(text.split("'")[0], place in own)
    return [name for name, mine in names.items() if mine and not name.startswith("0x")]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--write")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for program in PROGRAMS:
            for name in functions(options.interp, program, folder):
                found[name] = True
    text = "\n".join(found) + "\n"
    if options.write:
        with open(options.write, "w") as file:
            file.write(text)
        print(f"{len(found)} functions")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
