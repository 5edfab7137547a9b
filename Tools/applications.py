#!/usr/bin/env python3
"""Runs the test suites of applications, and programs, on Amphis and on CPython, side by side, and writes the tables of docs/applications.md.

  applications.py [--interp PATH] [--cache DIR] [--write FILE] [--timeout S] [NAME...]

The packages come from an index, by pip, into a cache: installed for CPython 3.11 into one folder, their C modules removed (the tests are
of Python code), and their sources for the tests. A second run needs no network. A program of PROGRAMS works on the files of
Tests/applications, in a copy of that folder for each interpreter; what it prints and its exit codes have to be the same. Times are CPU time, user's
and system's, of all processes that a suite or program starts: other work on the machine troubles them less than the time by the clock. Exit code 1
when a test that passes on CPython fails on Amphis, or a program prints something else.
"""
import argparse, os, re, resource, shlex, shutil, subprocess, sys, tarfile, tempfile

# as_cpython: nothing is skipped for the interpreter's name.
PYTEST = "-m pytest -q -p no:cacheprovider -p no:randomly -p as_cpython"
# name, version, folder of the sources ("" for none), arguments
APPLICATIONS = [
    ("flask", "3.0.2", "flask-3.0.2", f"{PYTEST} tests"),
    ("werkzeug", "3.0.1", "werkzeug-3.0.1",
     f"{PYTEST} tests --ignore=tests/test_serving.py --ignore=tests/test_debug.py --ignore=tests/live_apps "
     "--ignore=tests/middleware/test_http_proxy.py --deselect tests/test_exceptions.py::test_response_body"),
    ("jinja2", "3.1.3", "Jinja2-3.1.3", f"{PYTEST} tests"),
    ("click", "8.1.7", "click-8.1.7", f"{PYTEST} tests"),
    ("itsdangerous", "2.1.2", "itsdangerous-2.1.2", f"{PYTEST} tests"),
    ("markupsafe", "2.1.5", "MarkupSafe-2.1.5", f"{PYTEST} tests"),
    ("blinker", "1.7.0", "blinker-1.7.0",
     f"{PYTEST} -c /dev/null --rootdir . tests --ignore=tests/test_sphinx.py --deselect tests/test_signals.py::test_async_receiver"),
    ("attrs", "23.2.0", "attrs-23.2.0", f"{PYTEST} tests --deselect tests/test_funcs.py::TestAssoc::test_unknown"),
    ("more-itertools", "10.2.0", "more-itertools-10.2.0", "-m unittest -q tests.test_more tests.test_recipes"),
    ("toolz", "0.12.1", "", f"{PYTEST} --pyargs toolz"),
    ("docutils", "0.20.1", "docutils-0.20.1", "test/alltests.py"),
    ("pyyaml", "6.0.1", "PyYAML-6.0.1", "tests/lib/test_yaml.py"),
]
HELPERS = ["pytest==8.0.0", "requests==2.31.0", "freezegun==1.4.0", "pytest-mock==3.12.0", "hypothesis==6.98.0", "ephemeral-port-reserve",
           "pretend", "pytest-xprocess"]
# pytest-xprocess asks psutil, which does nothing without its C module.
NEEDED = ["psutil"]
INPUTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "Tests", "applications")
EXAMPLES = os.path.join(os.path.dirname(os.path.dirname(INPUTS)), "examples")
BACKENDS = ["setuptools", "wheel", "flit_core", "hatchling", "hatch-vcs", "hatch-fancy-pypi-readme", "cython<3"]

# name, version, what it does, steps: PY is the interpreter, a file to read from may follow "<"
PROGRAMS = [
    ("pytest", "8.0.0", "rewritten assertions, fixtures, marks", [f"PY {PYTEST} test_rewritten.py"]),
    ("coverage", "7.4.3", "statements and branches, in threads, too",
     ["PY -m coverage run --branch covered.py", "PY -m coverage report -m", "PY -m coverage lcov -o -"]),
    ("black", "24.2.0", "formats argparse.py and typing.py",
     ["PY -c \"import argparse, typing, shutil; [shutil.copy(m.__file__, '.') for m in (argparse, typing)]\"",
      "PY -m black -q argparse.py typing.py", "PY -m tokenize -e typing.py", "PY -c \"print(open('argparse.py').read())\""]),
    ("mypy", "1.9.0", "checks files with mistakes, with and without its cache",
     ["PY -m mypy --cache-dir=cache --check-untyped-defs typed.py", "PY -m mypy --cache-dir=cache typed.py",
      "PY -m mypy --cache-dir=cache --strict covered.py inner.py tls.py"]),
    ("ipython", "8.22.2", "a session of cells: magics, shell, help, errors, await",
     ["PY -m IPython --simple-prompt --no-banner --no-term-title --colors=NoColor <cells.ipy"]),
    ("rich", "13.7.1", "tables, Markdown, source, tracebacks, inspect", ["PY rich_output.py"]),
    ("requests", "2.31.0", "TLS with a server of the same process", ["PY tls.py"]),
    ("tox", "4.13.0", "tox itself; its environments are CPython's", ["PY -m tox run"]),
    ("nox", "2024.3.2", "environments by `venv`, of the interpreter itself", ["PY -m nox --no-color", "PY -m nox --no-color --list"]),
    ("pip", "of the host", "a wheel built in isolation, installed, shown, removed in an environment",
     ["PY -m venv env", "env/bin/python -m pip install ./package", "env/bin/greet a b", "env/bin/python -m pip list",
      "env/bin/python -m pip show -f greeting", "env/bin/python -m pip check", "env/bin/python -m pip uninstall -y greeting",
      "env/bin/python -m pip install -e ./package", "env/bin/greet", "env/bin/python -m pip freeze", "env/bin/python environment.py"]),
    ("flask-site", "3.0.2", "a site in an environment: its commands, every route, the debugger's page, the reloader",
     ["PY -m venv env", "env/bin/python -m pip install flask==3.0.2", "env/bin/flask --app flask_app routes",
      "env/bin/python -m flask --app flask_app add --author me 'a note'", "env/bin/python -m flask --app flask_app shell <shell.txt",
      "env/bin/python flask_site.py"]),
    ("dask", "2024.4.1", "a cluster: scheduler and client CPython with workers of the interpreter, a client of the interpreter, all of it",
     ["PY -c \"import distributed, msgpack, tornado.speedups\"", "CLUSTER --worker PY", "CLUSTER --worker PY --client PY",
      "CLUSTER --worker PY --client PY --scheduler PY --workers 3"]),
]
# Programs of environments of their own, which see no other packages
ISOLATED = ("pip", "flask-site")
PROGRAM_PACKAGES = ["chardet==5.2.0", "urllib3==2.2.1", "charset-normalizer==3.3.2"]
WHEELS = ["setuptools==69.1.0", "wheel==0.42.0", "flask==3.0.2", "werkzeug==3.0.1", "jinja2==3.1.3", "markupsafe==2.1.5", "itsdangerous==2.1.2",
          "click==8.1.7", "blinker==1.7.0"]
# With the C modules of msgpack, tornado and psutil
DASK = ["dask==2024.4.1", "distributed==2024.4.1"]
# What differs from run to run or says who runs: addresses, seconds, process ids, temporary folders, sizes and hashes of files with paths in
# them, the interpreter's file, its cache tag
VARYING = [(r"\b0x[0-9a-f]+", "0x.."), (r"\b\d+\.\d+(?= ?s\b| seconds|=setup|[],])", "N"), (r"\bpid=\d+", "pid=N"), (r"/tmp/[\w./-]+", "/tmp/.."),
           (r"size=\d+ sha256=[0-9a-f]+", "size, sha256"), (r"pip-ephem-wheel-cache-[\w/]+", "pip-ephem-wheel-cache-.."),
           (r"\(venv\) using \w+", "(venv) using PY"), (r"\b(cpython|amphis)(?=-311\b| 3\.11)", "TAG"), (r"^(Python 3\.11\.\d+) .* on linux", r"\1"),
           (r"(?m)^client .*", "client, scheduler, workers")]


def prepare(cache, names):
    """Fills the cache with what is missing."""
    site, sources = os.path.join(cache, "app_site"), os.path.join(cache, "app_src")
    os.makedirs(sources, exist_ok=True)

    def run(*command):
        return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def pip(*arguments):
        own = os.path.join(cache, "venv", "bin", "pip")
        if not os.path.exists(own):
            run("/usr/bin/python3", "-m", "venv", os.path.join(cache, "venv"))
        done = run(own, *arguments)
        if done.returncode:
            print(done.stderr.strip(), file=sys.stderr)

    if not os.path.isdir(site) or any(not os.path.isdir(os.path.join(sources, f)) for n, _, f, _ in APPLICATIONS if f and n in names):
        if not os.path.isdir(site):
            pip("install", "-q", "--target", site, *(f"{n}=={v}" for n, v, _, _ in APPLICATIONS), *HELPERS)
            for folder, _, files in os.walk(site):
                for f in files:
                    if f.endswith(".so") and os.path.relpath(folder, site) not in NEEDED:
                        os.remove(os.path.join(folder, f))
        pip("install", "-q", *BACKENDS)
        for name, version, folder, _ in APPLICATIONS:
            if name in names and folder and not os.path.isdir(os.path.join(sources, folder)):
                with tempfile.TemporaryDirectory() as place:
                    pip("download", "-q", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "-d", place, f"{name}=={version}")
                    for archive in os.listdir(place):
                        tarfile.open(os.path.join(place, archive)).extractall(sources)
                if not os.path.isdir(os.path.join(sources, folder)):
                    print(f"{name}: no sources", file=sys.stderr)
    programs, wheels = os.path.join(cache, "program_site"), os.path.join(cache, "wheels")
    if any(row[0] in names for row in PROGRAMS) and not os.path.isdir(programs):
        wanted = [f"{n}=={v}" for n, v, _, _ in PROGRAMS if v[0].isdigit() and n not in (*ISOLATED, "dask")]
        pip("install", "-q", "--target", programs, *wanted, *PROGRAM_PACKAGES)
        for folder, _, files in os.walk(programs):
            for f in files:
                if f.endswith(".so"):
                    os.remove(os.path.join(folder, f))
    present = {f.split("-")[0].lower() for f in os.listdir(wheels)} if os.path.isdir(wheels) else set()
    missing = [w for w in WHEELS if w.partition("==")[0] not in present]
    dask = os.path.join(cache, "dask_site")
    if missing and any(n in names for n in ISOLATED):
        pip("download", "-q", "-d", wheels, *missing)
    if "dask" in names and not os.path.isdir(dask):
        pip("install", "-q", "--target", dask, *DASK)
    return site, sources


def cpu_seconds():
    """What the processes that have ended took, user's and system's."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def perform(interp, cache, name, steps, timeout):
    """Exit code and output of each step of a program, less what varies, and the CPU seconds of all."""
    site = "" if name in ISOLATED else os.path.join(cache, "dask_site" if name == "dask" else "program_site")
    results, start = [], cpu_seconds()
    with tempfile.TemporaryDirectory() as home:
        work = os.path.join(home, "work")
        shutil.copytree(INPUTS, work)
        shutil.copytree(os.path.join(EXAMPLES, "flask_app"), os.path.join(work, "flask_app"))
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "PIP_"))}
        env.update(PYTHONPATH=site, PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8", HOME=home, TMPDIR=home, TERM="dumb", COLUMNS="100",
                   PIP_NO_INDEX="1", PIP_FIND_LINKS=os.path.join(cache, "wheels"), PIP_DISABLE_PIP_VERSION_CHECK="1")
        for step in steps:
            command, _, source = step.partition(" <")
            with open(os.path.join(work, source) if source else os.devnull) as input:
                try:
                    words = {"PY": [interp], "CLUSTER": ["/usr/bin/python3", os.path.join(EXAMPLES, "dask_cluster", "cluster.py")]}
                    done = subprocess.run(sum((words.get(word, [word]) for word in shlex.split(command)), []), cwd=work, env=env, stdin=input,
                                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=timeout, text=True, errors="replace")
                    code, output = done.returncode, done.stdout
                except (subprocess.TimeoutExpired, OSError) as e:
                    code, output = type(e).__name__, ""
            output = output.replace(os.path.realpath(interp), "PY").replace(interp, "PY").replace(home, "HOME")
            for pattern, word in VARYING:
                output = re.sub(pattern, word, output)
            results.append([f"exit code {code}", *output.splitlines()])
    return results, cpu_seconds() - start


def difference(theirs, ours):
    """The first lines that differ."""
    for a, b in zip([*theirs, None], [*ours, None]):
        if a != b:
            return f"    CPython: {a}\n    Amphis:  {b}"


def measure(interp, site, where, arguments, extra, timeout):
    """(passed, failed and errors, CPU seconds, last lines) of a test suite."""
    with tempfile.TemporaryDirectory() as home:
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        env.update(PYTHONPATH=":".join(x for x in (extra, site, INPUTS) if x), PYTHONDONTWRITEBYTECODE="1", LC_ALL="C.UTF-8", HOME=home,
                   TMPDIR=home, TERM="dumb")
        start = cpu_seconds()
        try:
            output = subprocess.run([interp, *arguments.split()], cwd=where, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, timeout=timeout, text=True, errors="replace").stdout
        except subprocess.TimeoutExpired:
            output = "timeout"
        seconds = cpu_seconds() - start
    count = lambda pattern, text: sum(map(int, re.findall(pattern, text)))
    tail = "\n".join(output.strip().splitlines()[-6:])
    bad = count(r"(\d+) (?:failed|errors?)\b", tail)
    good = count(r"(\d+) passed\b", tail)
    if ran := re.findall(r"^Ran (\d+) tests?", output, re.M):
        bad = count(r"(?:failures|errors)=(\d+)", output)
        good = sum(map(int, ran)) - bad - count(r"skipped=(\d+)", output)
    if ran := re.search(r"^TESTS: (\d+)", output, re.M):
        bad = count(r"(?m)^(?:FAILURES|ERRORS): (\d+)", output)
        good = int(ran[1]) - bad
    failures = re.findall(r"^(?:FAILED|ERROR) (\S+)", output, re.M)
    if good + bad == 0:
        print(f"{interp}: no test of {os.path.basename(where) or arguments} ran:\n{tail}", file=sys.stderr)
    return good, bad, seconds, failures


def main():
    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--interp", default=os.path.join(here, ".build", "release", "amphis"))
    parser.add_argument("--cpython", default="/usr/bin/python3")
    parser.add_argument("--cache", default=os.path.expanduser("~/.cache/amphis-applications"))
    parser.add_argument("--write")
    parser.add_argument("--timeout", type=float, default=600)
    parser.add_argument("names", nargs="*")
    args = parser.parse_args()
    if args.write and not os.path.isfile(args.write):
        sys.exit(f"no page at {args.write} to write the table into")
    names = args.names or [row[0] for row in APPLICATIONS + PROGRAMS]
    interp = os.path.abspath(shutil.which(args.interp) or sys.exit(f"no interpreter at {args.interp}"))
    cache = os.path.abspath(args.cache)
    site, sources = prepare(cache, names)
    lines, worse = [], 0
    for name, version, folder, arguments in APPLICATIONS:
        where = os.path.join(sources, folder)
        if name not in names or not os.path.isdir(where):
            continue
        extra = os.path.join(where, "tests", "lib") if name == "pyyaml" else ""
        theirs, _, their_time, _ = measure(args.cpython, site, where, arguments, extra, args.timeout)
        ours, _, our_time, failures = measure(interp, site, where, arguments, extra, args.timeout)
        worse += ours < theirs or theirs == 0
        lines.append(f"| {name} | {version} | {theirs:,} | {ours:,} | {their_time:.1f} s | {our_time:.1f} s |")
        print(lines[-1], *failures, sep="\n  ", flush=True)
    programs = []
    for name, version, what, steps in PROGRAMS:
        if name not in names:
            continue
        theirs, their_time = perform(args.cpython, cache, name, steps, args.timeout)
        ours, our_time = perform(interp, cache, name, steps, args.timeout)
        same = sum(a == b for a, b in zip(theirs, ours))
        worse += same < len(steps)
        programs.append(f"| {name} | {version} | {what} | {same} of {len(steps)} | {their_time:.1f} s | {our_time:.1f} s |")
        print(programs[-1], flush=True)
        for step, a, b in zip(steps, theirs, ours):
            if a != b:
                print(f"  {step}\n{difference(a, b)}", flush=True)
    if args.write:
        write_table(args.write, "make applications", "application | version | pass on CPython | pass on Amphis | CPU time on CPython | CPU time on Amphis", lines)
        write_table(args.write, "programs", "program | version | what it does | steps that print the same | CPU time on CPython | CPU time on Amphis", programs)
    return 1 if worse else 0


def write_table(path, name, heads, lines):
    """Puts a table into its place on a page."""
    if not lines:
        return
    page = open(path, encoding="utf-8").read()
    begin, end = f"<!-- table: {name} -->\n", "<!-- end of table -->"
    table = "\n".join([f"| {heads} |", "|" + "---|" * (heads.count("|") + 1), *lines])
    head, _, rest = page.partition(begin)
    with open(path, "w", encoding="utf-8") as out:
        out.write(f"{head}{begin}{table}\n{end}{rest.partition(end)[2]}")


if __name__ == "__main__":
    sys.exit(main())
