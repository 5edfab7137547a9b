#!/usr/bin/env python3
"""Runs work that allocates for a long time and watches the process's memory.

  soak.py --interp PATH [--minutes 30] [--seed N] [--options "-X gccheck"] [--write FILE]

Shows the resident memory as it goes. Fails when the process dies, stands still for a minute, or when the memory of the last quarter exceeds that
of the second by more than a tenth (medians; the first quarter is for warming up).
"""
import argparse, os, selectors, statistics, subprocess, sys, time

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "soak_program.py")


def resident(pid):
    try:
        for line in open(f"/proc/{pid}/status"):
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--options", default="")
    args = parser.parse_args()
    seconds = args.minutes * 60
    p = subprocess.Popen([args.interp, *args.options.split(), PROGRAM, str(seconds), str(args.seed)], stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
    start = last = shown = time.monotonic()
    samples, line = [], b""
    selector = selectors.DefaultSelector()
    selector.register(p.stdout, selectors.EVENT_READ)
    failure = None
    while True:
        if selector.select(1):
            got = os.read(p.stdout.fileno(), 65536)
            if not got:
                break
            line = got.rstrip().rsplit(b"\n", 1)[-1]
            last = time.monotonic()
        now = time.monotonic()
        if now - last > 60:
            failure = "stood still for a minute"
            p.kill()
            break
        memory = resident(p.pid)
        if memory:
            samples.append((now - start, memory))
        if memory and now - shown >= max(5, seconds / 20):
            shown = now
            print(f"{now - start:6.0f} s  {memory:7.1f} MiB  rounds, finalized: {line.decode()}", flush=True)
    code = p.wait()
    quarters = [[m for t, m in samples if k * seconds / 4 <= t < (k + 1) * seconds / 4] for k in range(4)]
    medians = [statistics.median(q) if q else 0 for q in quarters]
    print("rounds, finalized:", line.decode(), " median MiB of each quarter:", " ".join(f"{m:.1f}" for m in medians), f" peak {max(m for _, m in samples):.1f}")
    if code != 0:
        failure = failure or f"exit code {code}"
    elif medians[3] > medians[1] * 1.1:
        failure = "memory grows"
    if failure:
        sys.exit(f"FAIL: {failure}")
    print("memory is flat")


main()
