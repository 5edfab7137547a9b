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


def functions(program, arguments, table, **surroundings):
    """Names of the functions of the executable itself that one run enters, in the order in which it does.

    By address of each basic block, because a part of a function may lie apart as one of its own (`name.cold`), and because what a tool
    calls a function (a merged one, one reached by a jump) need not be what the linker does.
    """
    reading, writing = os.pipe()
    child = subprocess.Popen(
        ["valgrind", "--tool=lackey", "--basic-counts=no", "--trace-superblocks=yes", "--vex-guest-chase=no", f"--log-fd={writing}", program] + arguments,
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[writing], **surroundings)
    os.close(writing)
    child.stdin.write(b"{}")
    child.stdin.close()
    seen = {}
    with open(reading, "rb") as lines:
        for line in lines:
            if line not in seen:
                seen[line] = True
    if child.wait() != 0:
        sys.exit(f"startup_order.py: {' '.join(arguments)[:80]} ended with {child.returncode} under valgrind")
    starts = [address for address, _ in table]
    found = {}
    for line in seen:
        m = re.match(rb"SB ([0-9a-f]+)", line)
        if not m:
            continue
        address = int(m.group(1), 16)
        if not starts[0] <= address < starts[-1] + 4096:
            continue
        # All names of the place: which of several functions with the same code the linker has kept is not known.
        last = bisect.bisect_right(starts, address) - 1
        first = bisect.bisect_left(starts, starts[last])
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
        # Whether a free list runs dry here or there depends on the length of paths.
        found.update(functions(program, ["-X", f"image={image}"] + PROGRAMS[0], table, cwd="/", env={"PATH": os.environ["PATH"]}))
        for arguments in PROGRAMS:
            found.update(functions(program, ["-X", f"image={image}"] + arguments, table))
    text = "\n".join(found) + "\n"
    if options.write:
        with open(options.write, "w") as file:
            file.write(text)
        print(f"{len(found)} functions")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
