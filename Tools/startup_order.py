#!/usr/bin/env python3
"""Finds the functions that a start of the interpreter runs, for the linker's --symbol-ordering-file.

  startup_order.py [--interp .build/release/amphis] [--write Tools/startup.order]

Runs a few short programs under valgrind and lists the functions in the order in which they are first called, as the linker knows them.
The list need not be current: the linker skips what it does not find, and functions that are missing only lie elsewhere.
"""
import argparse
import bisect
import os
import re
import subprocess
import sys
import tempfile

PROGRAMS = [
    ["-c", "pass"],
    ["-c", "def f(a, *b, c=1):\n    try:\n        return [x * 2 for x in b]\n    except ValueError as e:\n        raise\nprint(f(1, 2), f'{1.5:.2f}')"],
    ["-c", "import collections, functools, re, dataclasses, enum"],
    ["-m", "json.tool"],
    # What comes behind a start: libpython, and the whole compiler
    ["-c", "import argparse, json, zlib\nprint(zlib.crc32(b'amphis'))\nargparse.ArgumentParser().print_help()"],
    ["-c", "import asyncio, logging, threading, unittest\nasync def f():\n    await asyncio.sleep(0)\nasyncio.run(f())"],
    ["-c", "import ast, typing\nfor m in (ast, typing):\n    with open(m.__file__, 'rb') as f: compile(f.read(), 'f', 'exec')"],
]


def symbols(program):
    """Addresses and names of the functions of an executable, sorted by address."""
    table = []
    for line in subprocess.run(["nm", "-n", program], capture_output=True, text=True, check=True).stdout.splitlines():
        parts = line.split()
        if len(parts) == 3 and parts[1] in "tTwWiV":
            table.append((int(parts[0], 16), parts[2]))
    return table


def functions(program, arguments, table, folder):
    """Names of the functions of the executable itself that one run enters, in callgrind's order.

    By address, because what callgrind calls a function (a merged one, one reached by a jump) need not be what the linker does.
    """
    out = os.path.join(folder, "calls")
    subprocess.run(
        ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={out}", program] + arguments,
        input=b"{}", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    starts = [address for address, _ in table]
    found, own, address, inside = {}, set(), 0, False
    with open(out) as file:
        for line in file:
            m = re.match(r"ob=\((\d+)\)(?: (.*))?$", line)
            if m:
                if m.group(2) and os.path.exists(m.group(2)) and os.path.samefile(m.group(2), program):
                    own.add(m.group(1))
                inside = m.group(1) in own
                continue
            m = re.match(r"cob=\((\d+)\) (.*)$", line)
            if m and os.path.exists(m.group(2)) and os.path.samefile(m.group(2), program):
                own.add(m.group(1))
            m = re.match(r"(0x[0-9a-f]+|[+-]\d+|\*) ", line)
            if not m:
                continue
            text = m.group(1)
            if text[0] in "+-":
                address += int(text)
            elif text != "*":
                address = int(text, 16)
            if inside:
                # All names of the place: which of several functions with the same code the linker has kept is not known.
                last = bisect.bisect_right(starts, address) - 1
                first = bisect.bisect_left(starts, starts[last]) if last >= 0 else 0
                for _, name in table[first:last + 1]:
                    found[name] = True
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--write")
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        # valgrind reads no debug information as new as the compiler's.
        program = os.path.join(folder, "interpreter")
        subprocess.run(["objcopy", "--strip-debug", options.interp, program], check=True)
        table = symbols(program)
        # The copy has no image beside it.
        image = os.path.abspath(options.interp) + ".image"
        for arguments in PROGRAMS:
            found.update(functions(program, ["-X", f"image={image}"] + arguments, table, folder))
    text = "\n".join(found) + "\n"
    if options.write:
        with open(options.write, "w") as file:
            file.write(text)
        print(f"{len(found)} functions")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
