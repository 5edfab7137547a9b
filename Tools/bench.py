#!/usr/bin/env python3
"""Measures an interpreter beside CPython 3.11: time and peak memory of small programs.

  bench.py [--interp PATH] [--oracle /usr/bin/python3] [--runs N] [--only NAME,...] [--write docs/benchmarks.md]

Each run is a process of its own; the two interpreters take turns, so that a disturbance meets both. A program prints something that
depends on its work, and both must print the same. Times are wall-clock of the whole process, start included.
"""
import argparse
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time

PROGRAMS = {
    "startup (-c pass)": "pass",
    "fib(30)": """
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(30))
""",
    "while, 5 M steps": """
def main():
    i = total = 0
    while i < 5_000_000:
        total += i & 7
        i += 1
    print(total)
main()
""",
    "n-body, 100 k steps": """
def main(steps):
    pi = 3.141592653589793
    mass = 4 * pi * pi
    year = 365.24
    bodies = [
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, mass],
        [4.84143144246472090, -1.16032004402742839, -0.103622044471123109,
         0.00166007664274403694 * year, 0.00769901118419740425 * year, -0.0000690460016972063023 * year, 0.000954791938424326609 * mass],
        [8.34336671824457987, 4.12479856412430479, -0.403523417114321381,
         -0.00276742510726411667 * year, 0.00499852801234917238 * year, 0.0000230417297573763929 * year, 0.000285885980666130812 * mass],
        [12.8943695621391310, -15.1111514016986312, -0.223307578892655734,
         0.00296460137564761618 * year, 0.00237847173959480950 * year, -0.0000296589568540237556 * year, 0.0000436624404335156298 * mass],
        [15.3796971148509165, -25.9193146099879641, 0.179258772950371181,
         0.00268067772490389322 * year, 0.00162824170038242295 * year, -0.0000951592254519715870 * year, 0.0000515138902046611451 * mass],
    ]
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1:]]
    for _ in range(steps):
        for a, b in pairs:
            dx = a[0] - b[0]
            dy = a[1] - b[1]
            dz = a[2] - b[2]
            force = 0.01 / ((dx * dx + dy * dy + dz * dz) ** 1.5)
            m = b[6] * force
            a[3] -= dx * m
            a[4] -= dy * m
            a[5] -= dz * m
            m = a[6] * force
            b[3] += dx * m
            b[4] += dy * m
            b[5] += dz * m
        for body in bodies:
            body[0] += 0.01 * body[3]
            body[1] += 0.01 * body[4]
            body[2] += 0.01 * body[5]
    print(['%.9f' % x for x in bodies[0][:3]])
main(100_000)
""",
    "method calls, 2 M": """
class Counter:
    def __init__(self):
        self.value = 0
    def add(self, amount):
        self.value += amount
        return self
def main():
    counter = Counter()
    for i in range(2_000_000):
        counter.add(i & 3)
    print(counter.value)
main()
""",
    "strings, 500 k parts": """
def main():
    parts = []
    for i in range(500_000):
        parts.append(f'{i}:{i & 15:02x}')
    text = ','.join(parts)
    total = 0
    for word in text.split(','):
        total += len(word.upper().replace(':', '--'))
    print(len(text), total)
main()
""",
    "dict, 1 M keys": """
def main():
    table = {}
    for i in range(1_000_000):
        table[i * 7919] = i
    total = 0
    for i in range(1_000_000):
        total += table[i * 7919]
    print(len(table), total)
main()
""",
    "sort, 1 M floats": """
import random
def main():
    random.seed(1)
    numbers = [random.random() for _ in range(1_000_000)]
    numbers.sort()
    print(numbers[0], numbers[500_000], numbers[-1])
main()
""",
    "objects, 1 M": """
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y
def main():
    total = 0
    for _ in range(4):
        points = [Point(i, i + 1) for i in range(250_000)]
        total += points[-1].x + points[0].y
        del points
    print(total)
main()
""",
    "import sys": "import sys",
    "-m json.tool </dev/null": ["-m", "json.tool"],
    "import asyncio": "import asyncio",
    "C module (import cmath)": "import cmath; print(cmath.sqrt(-1))",
}


# The kernel counts a child's peak from the moment of the fork, so a child of this process would start with this process's own
# memory. A small launcher stands between; it also takes the time, from fork to exit.
LAUNCHER = r"""
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <errno.h>
#include <time.h>
static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}
int main(int argc, char **argv) {
  if (argc < 3) return 125;
  double started = now();
  pid_t child = vfork();
  if (child == 0) {
    execv(argv[2], argv + 2);
    _exit(127);
  }
  if (child < 0) return 125;
  int status;
  struct rusage usage;
  while (wait4(child, &status, 0, &usage) < 0)
    if (errno != EINTR) return 125;
  double seconds = now() - started;
  FILE *file = fopen(argv[1], "w");
  if (!file) return 125;
  fprintf(file, "%ld %.6f\n", usage.ru_maxrss, seconds);
  fclose(file);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
"""


def build_launcher(folder):
    """Compiles the launcher; None without a C compiler (peak memory is then reported as 0)."""
    source, program = os.path.join(folder, "launch.c"), os.path.join(folder, "launch")
    with open(source, "w") as file:
        file.write(LAUNCHER)
    for compiler in (os.environ.get("CC"), "cc", "clang", "gcc"):
        try:
            if compiler and subprocess.run([compiler, "-O1", "-o", program, source]).returncode == 0:
                return program
        except FileNotFoundError:
            pass
    return None


def measure(interpreter, source, launcher):
    """One run: seconds, peak resident KiB (0: unknown), output."""
    command = [interpreter] + (["-c", source] if isinstance(source, str) else source)
    report = None
    if launcher:
        report = launcher + ".peak"
        command = [launcher, report] + command
    started = time.perf_counter()
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    seconds = time.perf_counter() - started
    # json.tool ends with 1 for an empty file: that is a run like another, if both do so.
    if done.returncode and isinstance(source, str):
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or [""]
        raise RuntimeError(f"exit code {done.returncode}: {last[0]}")
    peak = 0
    if report:
        with open(report) as file:
            peak, seconds = file.read().split()
            peak, seconds = int(peak), float(seconds)
    return seconds, peak, done.stdout + b"%d" % done.returncode


def compare(name, source, options, launcher):
    times, memory, outputs = {}, {}, {}
    for turn in range(options.runs + 1):
        for interpreter in (options.oracle, options.interp):
            seconds, peak, outputs[interpreter] = measure(interpreter, source, launcher)
            if turn:  # the first run only warms the file cache
                times.setdefault(interpreter, []).append(seconds)
                memory.setdefault(interpreter, []).append(peak)
        if outputs[options.oracle] != outputs[options.interp]:
            raise RuntimeError("the outputs differ")
    theirs, ours = times[options.oracle], times[options.interp]
    return (
        f"| {name} | {min(theirs) * 1000:.1f} / {statistics.median(theirs) * 1000:.1f} | {min(ours) * 1000:.1f} / "
        f"{statistics.median(ours) * 1000:.1f} | {min(ours) / min(theirs):.2f} | {min(memory[options.oracle]) / 1024:.1f} | "
        f"{min(memory[options.interp]) / 1024:.1f} |")


def processor():
    try:
        with open("/proc/cpuinfo") as file:
            for line in file:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.machine()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--only", help="names, or beginnings of names, separated by commas")
    parser.add_argument("--write", help="file for the table; otherwise it is only printed")
    options = parser.parse_args()
    for program in (options.interp, options.oracle):
        if not os.access(program, os.X_OK):
            sys.exit(f"{program}: no such program (make build)")
    version = subprocess.run([options.oracle, "--version"], capture_output=True, text=True).stdout.strip()
    load = os.getloadavg()[0]
    lines = [
        "# Benchmarks", "",
        f"Written by `make bench`: {options.runs} runs of each, the two interpreters in turn, each run a process of its own.",
        f"{version} against Amphis, {processor()}, {os.cpu_count()} cores, load at the start {load:.1f}. Quote ratios, not times.", "",
        "| program | CPython ms, min / median | Amphis ms, min / median | time ratio (min) | CPython MiB | Amphis MiB |",
        "|---|---|---|---|---|---|",
    ]
    print("\n".join(lines), flush=True)
    failures = 0
    folder = tempfile.TemporaryDirectory()
    launcher = build_launcher(folder.name)
    for name, source in PROGRAMS.items():
        if options.only and not any(name.startswith(part) for part in options.only.split(",")):
            continue
        try:
            row = compare(name, source, options, launcher)
        except RuntimeError as error:
            row = f"| {name} | – | failed: {error} | – | – | – |"
            failures += 1
        print(row, flush=True)
        lines.append(row)
    if options.write:
        kept = ""
        if os.path.exists(options.write):
            with open(options.write, encoding="utf-8") as file:
                page = file.read()
            # Sections are written by other tools.
            kept = page[page.index("\n## "):] if "\n## " in page else ""
        with open(options.write, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n" + kept)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
