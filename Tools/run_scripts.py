#!/usr/bin/env python3
"""Runs Python scripts with an interpreter and with CPython 3.11, and compares output and exit code.

  run_scripts.py --interp PATH [--options "-X gccheck"] [--oracle /usr/bin/python3] [--timeout S] [--jobs N] [--known FILE] PATH...

A line "# amphis: OPTIONS" in a script gives Amphis further options: what it shows about C modules needs one that is CPython's.
A file NAME.expected beside NAME.py is used in CPython's place: for a deliberate difference. Scripts listed in the file of known
failures (path, tab, reason) must fail: one that passes is an error too, so that the list only shrinks.
Ends with a line "N passed, N failed, N skipped"; exit code 1 when anything failed.
"""
import argparse, concurrent.futures, os, re, signal, subprocess, sys


def run(command, path, timeout):
    try:
        # Scripts about signals need them as a terminal has them: a shell in the background ignores SIGINT, a test runner's thread blocks all.
        p = subprocess.run(command + [path], stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, env=dict(os.environ, PYTHONHASHSEED="0"),
                           preexec_fn=as_on_a_terminal)
        return p.returncode, p.stdout, p.stderr
    except subprocess.TimeoutExpired:
        return "timeout", b"", b""


def as_on_a_terminal():
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def scripts(paths):
    for path in paths:
        if os.path.isfile(path):
            yield path
        for folder, folders, names in os.walk(path):
            folders.sort()
            for name in sorted(names):
                if name.endswith(".py") and not name.startswith("_"):
                    yield os.path.join(folder, name)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--interp", required=True)
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--options", default="")
    parser.add_argument("--timeout", type=float, default=120)
    parser.add_argument("--jobs", type=int, default=1, help="scripts to run at once")
    parser.add_argument("--known", default="Tests/Python/known-failures.txt")
    parser.add_argument("paths", nargs="+")
    args = parser.parse_args()
    known = {}
    if os.path.exists(args.known):
        for line in open(args.known):
            if line.strip() and not line.startswith("#"):
                name, _, reason = line.strip().partition("\t")
                known[name] = reason
    command = [args.interp] + args.options.split()
    passed = failed = skipped = 0
    def compare(path):
        expected = path[:-3] + ".expected"
        if os.path.exists(expected):
            code, want = 0, open(expected, "rb").read()
        else:
            code, want, _ = run([args.oracle], path, args.timeout)
        own = re.search(r"^# amphis: (.*)$", open(path, encoding="utf-8", errors="replace").read(), re.M)
        return code, want, *run(command + (own[1].split() if own else []), path, args.timeout)
    paths = list(scripts(args.paths))
    with concurrent.futures.ThreadPoolExecutor(max(1, args.jobs)) as pool:
        for path, (code, want, got_code, got, errors) in zip(paths, pool.map(compare, paths)):
            good = got_code == code and got == want and got_code != "timeout"
            if path in known:
                if good:
                    print(f"FAIL {path}: listed as known to fail, but passes: remove it from {args.known}")
                    failed += 1
                else:
                    print(f"skip {path}: {known[path]}")
                    skipped += 1
                continue
            if good:
                passed += 1
                print(f"ok   {path}", flush=True)
                continue
            failed += 1
            print(f"FAIL {path}: exit code {got_code}, CPython's {code}")
            mine, theirs = got.split(b"\n"), want.split(b"\n")
            for i in range(max(len(mine), len(theirs))):
                a = mine[i] if i < len(mine) else b"<end>"
                b = theirs[i] if i < len(theirs) else b"<end>"
                if a != b:
                    print(f"     line {i + 1}: {a[:150]!r}, CPython {b[:150]!r}")
                    break
            for line in errors.split(b"\n")[-4:]:
                if line:
                    print(f"     {line.decode(errors='replace')[:200]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    if not passed and not failed and not skipped:
        print("no scripts were found", file=sys.stderr)
        return 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
