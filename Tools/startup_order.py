#!/usr/bin/env python3
"""Finds the functions that a start of the interpreter and ordinary programs run, for the linker's --symbol-ordering-file.

  startup_order.py [--interp .build/release/amphis] [--write Tools/startup.order]

Runs a start under valgrind and lists its functions in the order in which they are first called, as the linker knows them. Behind them come those that
other starts and the programs of profile/programs.py run besides, each in a process of its own: what most of them run comes first, so that what one program
needs lies on few pages. Takes a few minutes.
The list need not be current: the linker skips what it does not find, and functions that are missing only lie elsewhere.
"""
import argparse
import bisect
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "profile"))
import programs  # noqa: E402

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


def executed(program, arguments, table):
    """Names of the functions of the executable that one run of ordinary work enters.

    Callgrind's list of instructions: a trace of each basic block, as for starts, would have gigabytes.
    """
    with tempfile.NamedTemporaryFile() as output:
        command = ["valgrind", "--tool=callgrind", "--dump-instr=yes", f"--callgrind-out-file={output.name}", program] + arguments
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        if done.returncode:
            sys.exit(f"startup_order.py: {' '.join(arguments)[-80:]} ended with {done.returncode} under callgrind:\n{done.stderr.decode(errors='replace')[-2000:]}")
        starts = [address for address, _ in table]
        found, address = {}, 0
        for line in output:
            # A line of costs begins with an address, whole or as a difference from the line before.
            m = re.match(rb"(0x|[+-]|\*)(0x)?([0-9a-f]*) ", line)
            if not m:
                continue
            value = int(m.group(3), 16 if m.group(1) == b"0x" or m.group(2) else 10) if m.group(3) else 0
            address = address + value if m.group(1) in (b"+", b"*") else address - value if m.group(1) == b"-" else value
            if starts[0] <= address < starts[-1] + 4096:
                found[starts[bisect.bisect_right(starts, address) - 1]] = True
    names = {}
    for start in found:
        for _, name in table[bisect.bisect_left(starts, start):bisect.bisect_right(starts, start)]:
            names[name] = True
    return names


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
        prefix = ["-X", f"image={image}"]
        found.update(functions(program, prefix + PROGRAMS[0], table, cwd="/", env={"PATH": os.environ["PATH"]}))
        found.update(functions(program, prefix + PROGRAMS[0], table))
        runs = [functions(program, prefix + arguments, table) for arguments in PROGRAMS[1:]]
        for i, work in enumerate(programs.PROGRAMS):
            print(f"[{i + 1}/{len(programs.PROGRAMS)}] {work.__name__}", file=sys.stderr, flush=True)
            runs.append(executed(program, prefix + [programs.__file__, work.__name__], table))
        count, place = {}, {}
        for run in runs:
            for name in run:
                count[name] = count.get(name, 0) + 1
                place.setdefault(name, len(place))
        for name in sorted(count, key=lambda n: (-count[n], place[n])):
            found.setdefault(name, True)
    text = "\n".join(found) + "\n"
    if options.write:
        with open(options.write, "w") as file:
            file.write(text)
        print(f"{len(found)} functions")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
