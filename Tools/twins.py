#!/usr/bin/env python3
"""Compares native modules with their twins in libpython: each script of Tests/twins.tsv runs natively and with --cpython=MODULE.

  twins.py --interp PATH [--timeout S] [MODULE...]

Both must print the same and end alike. Ends with "N modules equal, N differ, N known to differ, N without a twin test"; exit code 1 when any differs.
"""
import argparse, os, subprocess, sys

from run_scripts import as_on_a_terminal

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def run(command, timeout):
    try:
        p = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, env=dict(os.environ, PYTHONHASHSEED="0"),
                           preexec_fn=as_on_a_terminal)
        return p.returncode, p.stdout, p.stderr
    except subprocess.TimeoutExpired:
        return "timeout", b"", b""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", required=True)
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("modules", nargs="*")
    args = parser.parse_args()
    interp = os.path.abspath(args.interp)
    equal = differ = known = without = 0
    for line in open(os.path.join(ROOT, "Tests/twins.tsv")):
        if not line.strip() or line.startswith("#"):
            continue
        name, script, reason = (line.rstrip("\n") + "\t\t").split("\t")[:3]
        if args.modules and name not in args.modules:
            continue
        if not script:
            without += 1
            print(f"none {name}: {reason}")
            continue
        ours = run([interp, script], args.timeout)
        twin = run([interp, f"--cpython={name}", script], args.timeout)
        if reason:
            if ours[:2] == twin[:2]:
                differ += 1
                print(f"FAIL {name} ({script}): listed as different, but equal: remove the reason")
            else:
                known += 1
                print(f"skip {name} ({script}): {reason}")
            continue
        if ours[:2] == twin[:2] and ours[0] == 0:
            equal += 1
            print(f"ok   {name} ({script})", flush=True)
            continue
        differ += 1
        print(f"FAIL {name} ({script}): exit code {ours[0]}, the twin's {twin[0]}")
        a, b = ours[1].split(b"\n"), twin[1].split(b"\n")
        shown = 0
        for i in range(max(len(a), len(b))):
            x, y = a[i] if i < len(a) else b"<end>", b[i] if i < len(b) else b"<end>"
            if x != y and shown < 5:
                shown += 1
                print(f"     line {i + 1}: {x[:100]!r}, twin {y[:100]!r}")
        for line in twin[2].decode(errors="replace").splitlines()[-3:]:
            print("     " + line)
    print(f"{equal} modules equal, {differ} differ, {known} known to differ, {without} without a twin test")
    sys.exit(differ > 0)


main()
