#!/usr/bin/env python3
"""What is claimed of identity and lifetime across the bridge, at length and under stress.

  stress_bridge.py --interp PATH [--crossings N] [--seed N] [--rounds N] [PART...]

Parts (all of them without names):
  flat       Tests/Python/bridge/lifetimes.py with CROSSINGS=N iterations of eight crossings each, twice, and as many rings through both heaps
             (120,000: a million crossings and more than a hundred thousand rings); rings.py, 130,000 rings more
  seeds      properties.py and identity.py with --rounds seeds of their own, 3,000 and 4,000 values each
  threshold  the scripts of SCRIPTS with CPython's own collector at threshold 1
  heap       the same scripts under -X gccheck -X gcstress=997
  both       the same scripts under both
  calls      Tools/fuzz_bridge.py, a fourth of --rounds (C functions called with odd values at random), plainly and under -X gcstress=997

Every script has to print what it prints without stress. Exit code 1 when one does not, or dies, or hangs.
"""
import argparse, os, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SCRIPTS = ["identity", "properties", "reference_counts", "lifetimes", "storage_returns", "str_counterparts", "lent_storage_lives", "collected_instances",
           "young_objects", "unread_results", "callbacks", "buffers", "views_let_go", "errors_both_ways", "subclassing", "derived_attributes", "late_handlers"]
# CPython runs sitecustomize where site runs; on our side the threshold that counts is libpython's.
CUSTOMIZE = "import amphis._bridge\namphis._bridge.set_threshold(1)\n"


def script(name):
    return os.path.join(HERE, "Tests", "Python", "bridge", name + ".py")


def run(command, timeout, **extra):
    started = time.monotonic()
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=timeout,
                              env={**os.environ, "PYTHONHASHSEED": "0", **extra})
        return done.returncode, done.stdout, done.stderr, time.monotonic() - started
    except subprocess.TimeoutExpired:
        return "timeout", "", "", timeout


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--interp", required=True)
    parser.add_argument("--crossings", type=int, default=120_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--timeout", type=float, default=1200)
    parser.add_argument("parts", nargs="*")
    args = parser.parse_args()
    interp, failed = os.path.abspath(args.interp), 0

    def check(label, result, want=None):
        nonlocal failed
        code, out, errors, seconds = result
        good = code == 0 and (want is None or out == want)
        failed += not good
        print(f"{'ok  ' if good else 'FAIL'} {label}  {seconds:.1f} s", flush=True)
        if not good:
            differ = next((pair for pair in zip([*out.splitlines(), "<end>"], [*(want or "").splitlines(), "<end>"]) if pair[0] != pair[1]), None)
            print(f"     exit code {code}; {differ}; {errors[-600:]}")

    parts = args.parts or ["flat", "seeds", "threshold", "heap", "both", "calls"]
    plain = {}
    if {"threshold", "heap", "both"} & set(parts):
        for name in SCRIPTS:
            code, plain[name], errors, _ = run([interp, script(name)], args.timeout)
            if code != 0:
                failed += 1
                print(f"FAIL {name} without stress: exit code {code}; {errors[-300:]}")
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "sitecustomize.py"), "w") as out:
            out.write(CUSTOMIZE)
        stress = ["-X", "gccheck", "-X", "gcstress=997"]
        if "flat" in parts:
            result = run([interp, script("lifetimes")], args.timeout, CROSSINGS=str(args.crossings))
            want = run([interp, script("lifetimes")], args.timeout, CROSSINGS="2000")[1]
            check(f"lifetimes with {args.crossings * 16:,} crossings and {args.crossings:,} rings", result, want)
            check("rings", run([interp, script("rings")], args.timeout), "(30, True)\n(100, True)\nTrue\n")
        if "seeds" in parts:
            identity = run([interp, script("identity")], args.timeout)[1]
            for seed in range(args.seed, args.seed + args.rounds):
                result = run([interp, script("properties")], args.timeout, SEED=str(seed))
                check(f"properties, seed {seed}", result, "3000 True []\nTrue\nTrue\n")
                result = run([interp, script("identity")], args.timeout, SEED=str(seed))
                check(f"identity, seed {seed}", result, identity)
        for part, options, extra in [("threshold", [], {"PYTHONPATH": folder}), ("heap", stress, {}), ("both", stress, {"PYTHONPATH": folder})]:
            if part in parts:
                for name in SCRIPTS:
                    check(f"{part}: {name}", run([interp, *options, script(name)], args.timeout, CROSSINGS="2000", **extra), plain[name])
        if "calls" in parts:
            for options in ("", "-X gcstress=997"):
                command = [sys.executable, os.path.join(HERE, "Tools", "fuzz_bridge.py"), "--interp", interp, "--seed", str(args.seed), "--rounds", str(max(1, args.rounds // 4)),
                           "--control", "/usr/bin/python3", "--options", options, "--timeout", "300"]
                result = run(command, args.timeout * 4)
                check("calls " + options, result)
                print("     " + result[1].strip().splitlines()[-1:][0] if result[1].strip() else "")
    print(f"{failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
