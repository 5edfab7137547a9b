#!/usr/bin/env python3
"""A Dask cluster on this machine whose scheduler, workers and client may each run on an interpreter of its own.

    cluster.py [--scheduler PYTHON] [--worker PYTHON] [--client PYTHON] [--workers N]

Interpreters need `distributed` (README.md). Prints what the client prints; the exit code is the client's.
"""
import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--scheduler", default="/usr/bin/python3")
    parser.add_argument("--worker", default="amphis")
    parser.add_argument("--client", default="/usr/bin/python3")
    parser.add_argument("--workers", type=int, default=2)
    args = parser.parse_args()
    for python in (args.scheduler, args.worker, args.client):
        if shutil.which(python) is None:
            parser.error(f"no interpreter {python!r} here: give a path to it, or put it on PATH (`make install` does so with amphis)")
    port = free_port()
    address = f"tcp://127.0.0.1:{port}"
    running = []

    with tempfile.TemporaryDirectory() as folder:

        def start(name, python, module, *options):
            log = open(os.path.join(folder, name), "w")
            running.append((name, subprocess.Popen([python, "-m", module, *options], stdout=log, stderr=subprocess.STDOUT, cwd=folder)))

        try:
            start("scheduler", args.scheduler, "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
            for i in range(args.workers):
                start(f"worker {i + 1}", args.worker, "distributed.cli.dask_worker", address, "--host", "127.0.0.1", "--no-nanny",
                      "--no-dashboard", "--nthreads", "2", "--local-directory", os.path.join(folder, f"space{i}"))
            status = subprocess.run([args.client, os.path.join(HERE, "computation.py"), address, str(args.workers)]).returncode
            if status != 0:
                for name, _ in running:
                    print(f"--- {name}", open(os.path.join(folder, name)).read()[-2000:], sep="\n", file=sys.stderr)
        finally:
            for _, process in reversed(running):
                process.send_signal(signal.SIGTERM)
            for _, process in reversed(running):
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    return status


if __name__ == "__main__":
    sys.exit(main())
