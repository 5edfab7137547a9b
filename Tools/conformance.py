#!/usr/bin/env python3
"""Runs modules of CPython 3.11's own test suite and compares each method's outcome with CPython's.

  conformance.py --interp PATH [--classes ab] [--timeout S] [-j N] [--update] [MODULE...]
  conformance.py --interp /usr/bin/python3 --record [--classes ab] [MODULE...]
  conformance.py --interp PATH --stress [--period N] [MODULE...]

Each module runs under regrtest in a process of its own (Tools/conformance_child.py); one that gives no outcome for --stall seconds
or runs longer than --timeout is killed, and what it did not reach counts as not passing.

Tests/conformance/classes.tsv       which modules belong to which class (a: core language and builtins, b: compiler and source tools,
                                    c: the standard library in Python, d: over C modules, e: CPython's own matters)
Tests/conformance/cpython.txt       the methods that pass on CPython, written by --record
Tests/conformance/left-out.tsv      classes or methods that are not run at all, on CPython neither
Tests/conformance/known-failures.tsv  the methods that do not pass on Amphis, one a row: module, method, kind, reason.
                                    Kinds: "deliberate" (has a row in docs/differences.md), "capi" (tests _testcapi or another internal
                                    matter of CPython), "open" (a defect).

A method that passes on CPython has to pass, unless it is listed; a listed one that passes fails the run, so the list only shrinks.
--stress runs modules with the heap checker and a collection at every Nth allocation: those of Tests/conformance/stress.tsv (module, N) or the
named ones. A method that passes otherwise has to pass then, too; a listed one may pass.

--update rewrites the rows of the modules that were run: drops those that pass, adds the others as "open" with the exception's text.
Ends with "N of M methods pass (P %)"; exit code 1 when an unlisted method failed or a listed one passed.
"""
import argparse, collections, concurrent.futures, os, shutil, signal, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDER = os.path.join(HERE, "Tests", "conformance")
CLASSES, PASSING, KNOWN, STRESS, LEFT_OUT = (
    os.path.join(FOLDER, n) for n in ("classes.tsv", "cpython.txt", "known-failures.tsv", "stress.tsv", "left-out.tsv"))
WORST = {"ok": 0, "xfail": 0, "skip": 1, "xpass": 2, "FAIL": 3, "ERROR": 4}
Run = collections.namedtuple("Run", "outcomes reasons end seconds")


def run_module(interp, name, timeout, stall, logs):
    """Runs one module; returns its methods' outcomes, the reasons of those that fail and how the process ended."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        results = os.path.join(place, "outcomes")
        work = os.path.join(place, "work")
        os.mkdir(work)
        env = dict(os.environ, LC_ALL="C.UTF-8", TMPDIR=work)
        env.pop("PYTHONPATH", None)
        with open(os.path.join(logs, name + ".log"), "wb") as log:
            child = subprocess.Popen(
                interp + [os.path.join(HERE, "Tools", "conformance_child.py"), results, name, *left_out(name)], cwd=work, env=env,
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler))
            end, size, changed = None, 0, started
            while end is None:
                try:
                    end = child.wait(1)
                    break
                except subprocess.TimeoutExpired:
                    now = time.monotonic()
                length = os.path.getsize(results) if os.path.exists(results) else 0
                if length != size:
                    size, changed = length, now
                if now - started > timeout or now - changed > stall:
                    end = "hang"
            try:
                os.killpg(child.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            child.wait()
        text = open(results, encoding="utf-8", errors="replace").read() if os.path.exists(results) else ""
    outcomes, reasons, running = {}, {}, []
    for line in text.split("\n"):
        outcome, _, rest = line.partition("\t")
        method, _, reason = rest.partition("\t")
        if outcome == "start":
            running.append(method)
            continue
        if outcome not in WORST:
            continue
        if method in running:
            running.remove(method)
        if WORST[outcome] >= WORST.get(outcomes.get(method), -1):
            outcomes[method] = outcome
            if outcome != "ok":
                reasons.setdefault(method, reason)
    for method in running:
        # A method whose subtests fail ends without an outcome of its own.
        if method not in outcomes and method == running[-1]:
            outcomes[method] = "hang" if end == "hang" else "killed"
            reasons[method] = "hangs" if end == "hang" else f"the process ends with {end}"
    if isinstance(end, int) and end < 0:
        end = signal.Signals(-end).name
    return Run(outcomes, reasons, end, time.monotonic() - started)


def left_out(name):
    """regrtest's options for what is not run."""
    rows = [line.rstrip("\n").split("\t") for line in open(LEFT_OUT, encoding="utf-8") if not line.startswith("#")]
    return [option for row in rows if row[0] == name for option in ("-i", row[1])]


def short(name, method):
    """The id of a method without the module's own name in front, as it stands in the tables."""
    prefix = f"test.{name}."
    return method[len(prefix):] if method.startswith(prefix) else method


def read_passing():
    """Tests/conformance/cpython.txt: "module NAME", then lines "CLASS: method method ...", indented."""
    passing, name = {}, None
    if os.path.exists(PASSING):
        for line in open(PASSING, encoding="utf-8"):
            line = line.rstrip("\n")
            if line.startswith("module "):
                name = line[7:]
                passing[name] = []
            elif line.startswith(" ") and name:
                owner, _, methods = line[1:].rpartition(": ")
                passing[name] += [f"{owner}.{m}" if owner else m for m in methods.split("|")]
    return passing


def write_passing(passing):
    with open(PASSING, "w", encoding="utf-8") as out:
        out.write("# The methods of CPython's test suite that pass on CPython 3.11: written by Tools/conformance.py --record.\n")
        for name in sorted(passing):
            out.write(f"module {name}\n")
            groups = {}
            for method in passing[name]:
                owner, dot, last = method.rpartition(".")
                if any(c in method for c in " :|"):
                    owner, last = "", method
                groups.setdefault(owner, []).append(last)
            for owner in sorted(groups):
                out.write(f" {owner}: {'|'.join(sorted(groups[owner]))}\n")


def read_known():
    rows = {}
    if os.path.exists(KNOWN):
        for line in open(KNOWN, encoding="utf-8"):
            if line.strip() and not line.startswith("#"):
                name, method, kind, reason = (line.rstrip("\n").split("\t") + ["", ""])[:4]
                rows[name, method] = (kind, reason)
    return rows


def write_known(rows):
    with open(KNOWN, "w", encoding="utf-8") as out:
        out.write("# Methods that pass on CPython and not on Amphis. module, method, kind (deliberate, capi, open), reason. See Tools/conformance.py.\n")
        for (name, method), (kind, reason) in sorted(rows.items()):
            out.write(f"{name}\t{method}\t{kind}\t{reason}\n")


def main():
    parser = argparse.ArgumentParser(usage=__doc__.replace("%", "%%"))
    parser.add_argument("--interp", default=os.path.join(HERE, ".build", "release", "amphis"))
    parser.add_argument("--classes", default="a")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("--stall", type=float, default=120)
    parser.add_argument("-j", type=int, default=1)
    parser.add_argument("--logs")
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--update", action="store_true")
    parser.add_argument("--stress", action="store_true")
    parser.add_argument("--period", type=int)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    classes = dict(reversed(line.split()) for line in open(CLASSES))
    names = args.names or sorted(n for n, c in classes.items() if c in args.classes)
    periods = {}
    if args.stress:
        periods = {n: int(period) for n, period in (line.split() for line in open(STRESS) if not line.startswith("#"))}
        names = args.names or list(periods)
    interp = args.interp.split()
    if not shutil.which(interp[0]):
        sys.exit(f"no interpreter at {interp[0]}: make build, or --interp PATH")
    # Without links: `.build/release` is one, and sys.executable is what is behind it.
    interp[0] = os.path.realpath(shutil.which(interp[0]))
    logs = args.logs or tempfile.mkdtemp(prefix="conformance-")
    os.makedirs(logs, exist_ok=True)
    passing, known = read_passing(), read_known()
    good = total = 0
    problems, low, ends = [], [], []
    with concurrent.futures.ThreadPoolExecutor(args.j) as pool:
        runs = []
        for name in names:
            period = args.period or periods.get(name, 2000)
            options = ["-X", "gccheck", "-X", f"gcstress={period}"] if args.stress else []
            runs.append((name, period, pool.submit(run_module, interp + options, name, args.timeout, args.stall, logs)))
        for done, (name, period, future) in enumerate(runs, 1):
            run = future.result()
            outcomes = {short(name, m): o for m, o in run.outcomes.items()}
            reasons = {short(name, m): r for m, r in run.reasons.items()}
            if args.record:
                passing[name] = [m for m, o in outcomes.items() if o == "ok"]
                print(f"{name:28} {len(passing[name]):5} pass of {len(outcomes)}  {run.end}  {run.seconds:.1f} s", flush=True)
                write_passing(passing)
                continue
            want = passing.get(name, [])
            # What the suite skips as a detail of CPython counts neither way.
            want = [m for m in want if outcomes.get(m) != "skip"]
            won = [m for m in want if outcomes.get(m) in ("ok", "xfail")]
            lost = [m for m in want if outcomes.get(m) not in ("ok", "xfail")]
            good += len(won)
            total += len(want)
            share = 100 * len(won) / len(want) if want else 100.0
            unlisted = [m for m in lost if (name, m) not in known]
            listed = [m for m in won if (name, m) in known and not args.stress]
            # A crash or hang of a whole module is a problem even when its methods are listed.
            ended = run.end if run.end in ("hang",) or isinstance(run.end, str) else ""
            progress = f"[{done}/{len(runs)}] N={period}  " if args.stress else ""
            print(f"{name:28} {len(won):5} of {len(want):5}  {share:5.1f} %  {run.seconds:6.1f} s  {progress}{ended}", flush=True)
            if share < 80:
                low.append(name)
            if ended:
                ends.append(f"{name} ({ended})")
            if args.update:
                for key in [k for k in known if k[0] == name and k[1] not in lost]:
                    del known[key]
                for m in lost:
                    reason = reasons.get(m) or f"{outcomes.get(m, 'not reached')}"
                    if m not in outcomes and ended:
                        reason = f"not reached: {ended}"
                    kind = known.get((name, m), ("open", ""))[0]
                    if kind == "open":
                        known[name, m] = (kind, " ".join(reason.split()) or "fails")
                write_known(known)
                continue
            for m in unlisted:
                problems.append(f"{name} {m}: {outcomes.get(m, 'not reached')}: {reasons.get(m, '')}")
                print(f"   FAIL {m}: {outcomes.get(m, 'not reached')} {reasons.get(m, '')[:160]}")
            for m in listed:
                problems.append(f"{name} {m}: listed in {os.path.basename(KNOWN)}, but passes: remove the row")
                print(f"   PASS {m}: listed, remove its row")
    print(f"logs: {logs}")
    if args.record:
        return 0
    if low:
        print(f"below 80 %: {' '.join(low)}")
    if ends:
        print(f"killed or hanging: {', '.join(ends)}")
    print(f"{good} of {total} methods pass ({100 * good / max(total, 1):.2f} %), {len(problems)} unexpected")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
