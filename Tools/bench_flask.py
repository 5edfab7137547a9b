#!/usr/bin/env python3
"""Requests a second of examples/flask_app on Amphis and on CPython, with the same server, in turn, and writes their section of docs/benchmarks.md.

  bench_flask.py [--interp PATH] [--cpython PATH] [--cache DIR] [--seconds 8] [--rounds 3] [--soak MINUTES] [--write FILE] [SERVER...]

`wrk` asks with 2 threads and 32 connections for the JSON route and for the one with a template, form and session. The servers are Werkzeug's own
(a thread for each connection), waitress (4 threads) and gunicorn (2 processes). Both interpreters get an environment of their own with the same
versions, in the cache; the first run needs an index for pip. Shown is the best of the rounds, and the server's CPU time for each request, which
other work on the machine troubles less. With --soak, waitress on Amphis is asked for so many minutes, and its memory watched. Exit code 1 when
an answer was not 200 or memory grew by more than a tenth from the second quarter to the last.
"""
import argparse, os, re, shutil, signal, statistics, subprocess, sys, threading, time, urllib.request

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HEAD = "## Flask under load"
PACKAGES = ["flask==3.0.2", "werkzeug==3.0.1", "jinja2==3.1.3", "markupsafe==2.1.5", "itsdangerous==2.1.2", "click==8.1.7", "blinker==1.7.0",
            "waitress==3.0.0", "gunicorn==21.2.0"]
ROUTES = [("JSON", "/api/notes"), ("template", "/")]
PORT = 5055
SERVERS = {
    "werkzeug": ["-m", "flask", "--app", "flask_app", "run", "-p", str(PORT)],
    "waitress": ["-m", "waitress", "--port", str(PORT), "--threads", "4", "--call", "flask_app:create_app"],
    "gunicorn": ["-m", "gunicorn", "-w", "2", "-b", f"127.0.0.1:{PORT}", "flask_app:create_app()"],
}


def environment(interp, folder):
    """The python of a venv of `interp` with the packages. A venv that another executable made is kept with its packages and given this one."""
    python = os.path.join(folder, "bin", "python")
    complete = os.path.join(folder, "complete")
    if not os.path.exists(complete):
        subprocess.run([interp, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES], check=True)
        open(complete, "w").close()
    elif os.path.realpath(python) != os.path.realpath(interp):
        shutil.rmtree(os.path.join(folder, "bin"))
        subprocess.run([interp, "-m", "venv", "--without-pip", folder], check=True)
    return python


def family(pid):
    """A process and its children."""
    found = [pid]
    for child in subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True).stdout.split():
        found.append(int(child))
    return found


def cpu_seconds(pid):
    ticks = 0
    for p in family(pid):
        try:
            fields = open(f"/proc/{p}/stat").read().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident(pid):
    """MiB of the largest of the processes."""
    largest = 0
    for p in family(pid):
        try:
            largest = max(largest, int(re.search(r"VmRSS:\s+(\d+)", open(f"/proc/{p}/status").read())[1]) / 1024)
        except (OSError, TypeError):
            pass
    return largest


class Server:
    def __init__(self, python, name):
        env = dict(os.environ, PYTHONPATH=os.path.join(HERE, "examples"), PYTHONDONTWRITEBYTECODE="1")
        self.process = subprocess.Popen([python, *SERVERS[name]], env=env, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def __enter__(self):
        for _ in range(200):
            try:
                for _, path in ROUTES:
                    urllib.request.urlopen(f"http://127.0.0.1:{PORT}{path}").read()
                return self
            except OSError:
                time.sleep(0.1)
        sys.exit("the server does not answer")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def load(self, path, seconds):
        """(requests a second, CPU microseconds for each, answers that were not 200, errors of sockets but resets after an answer)."""
        before = cpu_seconds(self.process.pid)
        text = subprocess.run(["wrk", "-t2", "-c32", f"-d{seconds}s", f"http://127.0.0.1:{PORT}{path}"], capture_output=True, text=True).stdout
        spent = cpu_seconds(self.process.pid) - before
        count = int(re.search(r"(\d+) requests in", text)[1])
        bad = sum(map(int, re.findall(r"Non-2xx or 3xx responses: (\d+)", text)))
        errors = re.search(r"Socket errors: connect (\d+), read \d+, write \d+, timeout (\d+)", text)
        connect, timeout = map(int, errors.groups()) if errors else (0, 0)
        return float(re.search(r"Requests/sec:\s+([\d.]+)", text)[1]), spent / max(1, count) * 1e6, bad + connect + timeout


def soak(python, minutes):
    samples, failures = [], 0
    with Server(python, "waitress") as server:
        begin = time.monotonic()
        done = threading.Event()

        def watch():
            while not done.wait(1):
                samples.append((time.monotonic() - begin, resident(server.process.pid)))

        watcher = threading.Thread(target=watch)
        watcher.start()
        rate, _, failures = server.load("/", int(minutes * 60))
        done.set()
        watcher.join()
    end = samples[-1][0]
    medians = [statistics.median([m for t, m in samples if k * end / 4 <= t < (k + 1) * end / 4]) for k in range(4)]
    return rate, failures, medians


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--interp", default=os.path.join(HERE, ".build", "release", "amphis"))
    parser.add_argument("--cpython", default="/usr/bin/python3")
    parser.add_argument("--cache", default=os.path.expanduser("~/.cache/amphis-flask"))
    parser.add_argument("--seconds", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--soak", type=float, default=0)
    parser.add_argument("--write")
    parser.add_argument("servers", nargs="*")
    args = parser.parse_args()
    os.makedirs(args.cache, exist_ok=True)
    pythons = [environment(args.cpython, os.path.join(args.cache, "cpython")),
               environment(os.path.abspath(args.interp), os.path.join(args.cache, "amphis"))]
    lines = [HEAD, "", f"Written by `make bench-flask`: `wrk -t2 -c32` for {args.seconds} s, the best of {args.rounds} rounds, the interpreters in turn; "
             f"CPU time of the server for a request, the least. Load at the start {os.getloadavg()[0]:.1f}.", "",
             "| server | route | requests/s on CPython | on Amphis | ratio | CPU µs on CPython | on Amphis | MiB on CPython | on Amphis |",
             "|---|---|---|---|---|---|---|---|---|"]
    print("\n".join(lines[4:]), flush=True)
    wrong = 0
    for name in args.servers or SERVERS:
        best = {}
        for _ in range(args.rounds):
            for which, python in enumerate(pythons):
                with Server(python, name) as server:
                    for route, path in ROUTES:
                        server.load(path, 1)
                        rate, cpu, errors = server.load(path, args.seconds)
                        wrong += errors
                        old = best.get((which, route), (0, 1e9, 0))
                        best[which, route] = max(rate, old[0]), min(cpu, old[1]), max(resident(server.process.pid), old[2])
        for route, _ in ROUTES:
            (r0, c0, m0), (r1, c1, m1) = best[0, route], best[1, route]
            lines.append(f"| {name} | {route} | {r0:,.0f} | {r1:,.0f} | {r1 / r0:.2f} | {c0:.0f} | {c1:.0f} | {m0:.0f} | {m1:.0f} |")
            print(lines[-1], flush=True)
    lines += ["", f"Answers that were not 200, connections refused or timed out: {wrong}."]
    if args.soak:
        rate, failures, medians = soak(pythons[1], args.soak)
        wrong += failures + (medians[3] > medians[1] * 1.1)
        lines += ["", f"waitress on Amphis, the template, {args.soak:g} minutes: {rate:,.0f} requests/s, {failures} errors; MiB resident, median of each quarter: "
                  + ", ".join(f"{m:.1f}" for m in medians) + "."]
    print("\n".join(lines[-3:]))
    if args.write:
        with open(args.write, encoding="utf-8") as file:
            others = re.sub(rf"\n*{HEAD}\n.*?(?=\n## |\Z)", "", file.read(), flags=re.S).rstrip("\n")
        with open(args.write, "w", encoding="utf-8") as file:
            file.write(others + "\n\n" + "\n".join(lines) + "\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
