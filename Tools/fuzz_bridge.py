#!/usr/bin/env python3
"""Calls C modules with odd values, at random: nothing may end the process by a signal, and nothing may hang.

  fuzz_bridge.py --interp PATH [--seed N] [--rounds N] [--calls N] [--options "-X gcstress"] [--control /usr/bin/python3]

Each round is a process of its own. Every call is written to a log first, so that the last line of a round that died is the culprit.
With --control a round that dies is run on that Python too, and does not count when it dies there as well: CPython's own modules have
such places. Exit code 1 when something died.
"""
import argparse, os, random, subprocess, sys, tempfile

MODULES = """zlib binascii array _csv _queue unicodedata _bz2 _lzma _sqlite3 pyexpat _elementtree _md5 _sha1 _sha256 _sha512 _sha3 _blake2
_hashlib _decimal _pickle audioop cmath grp pwd _json _heapq _statistics _contextvars _multibytecodec _codecs_jp select _uuid mmap
_opcode _locale _struct syslog termios""".split()
# What stops the process, waits, or changes the machine on purpose; and CPython's memory by address. _csv's types end CPython when they are
# called by themselves.
BANNED = """_exit abort kill closelog openlog syslog setlogmask select poll epoll tcsetattr tcsendbreak tcdrain tcflush tcflow
tcsetwinsize load_extension serialize backup enable_load_extension getpwall getgrall set_authorizer adapters
_test_random_state register_adapter enable_callback_tracebacks bindtextdomain Reader Writer""".split()
# Work that grows with a number and not with data.
HEAVY = {"pbkdf2_hmac", "scrypt", "getpwnam", "getgrnam"}


def child(seed, calls, log):
    import importlib, itertools

    r = random.Random(seed)
    log = open(log, "w", buffering=1)
    modules = []
    for name in MODULES:
        try:
            modules.append(importlib.import_module(name))
        except ImportError:
            pass

    class Bad:
        """Raises whatever is asked of it."""

        def fail(self, *a, **k):
            raise ValueError("bad")

        __len__ = __iter__ = __next__ = __getitem__ = __index__ = __int__ = __float__ = __str__ = __repr__ = __hash__ = fail
        __eq__ = __lt__ = __call__ = __bool__ = __add__ = __contains__ = __enter__ = __fspath__ = __bytes__ = __reduce_ex__ = fail

    class Liar:
        """Answers with the wrong type."""

        def __len__(self):
            return r.choice([0, 3, 2**62])

        def __iter__(self):
            return iter([1, self, "x"])

        def __index__(self):
            return r.choice([0, -1, 2**63, 7])

        def __getitem__(self, i):
            return self

        def __str__(self):
            return "liar"

        def read(self, *n):
            return r.choice([b"", "", 3, b"x" * 10, None])

        def write(self, x):
            return r.choice([0, -5, None, "x"])

        def __hash__(self):
            return r.choice([1, 2])

        def __eq__(self, other):
            return r.choice([True, False, NotImplemented])

    class Changing(list):
        """Changes while it is read."""

        def __getitem__(self, i):
            self.clear()
            return 1

        def __len__(self):
            self.append(1)
            return super().__len__()

    class Str(str):
        pass

    class Int(int):
        pass

    def ring():
        a = []
        a.append(a)
        return a

    def lazily(*f):
        return lambda: r.choice(f)()

    pool = []

    def odd(depth=0):
        k = r.randrange(34)
        if k < 4 and pool:
            return r.choice(pool)
        if k < 8 and depth < 3:
            items = [odd(depth + 1) for _ in range(r.randrange(4))]
            try:
                return r.choice([list, tuple, lambda x: dict(enumerate(x)), set, frozenset, iter, Changing])(items)
            except (TypeError, ValueError):
                return items
        return r.choice(
            [
                lambda: None, lambda: 0, lambda: 1, lambda: -1, lambda: 255, lambda: 2**31, lambda: -(2**31) - 1, lambda: 2**63 - 1,
                lambda: 2**64, lambda: -(2**63), lambda: 10**50, lambda: 0.0, lambda: -0.0, lambda: float("nan"), lambda: float("inf"), lambda: 1e308,
                lambda: "", lambda: "a", lambda: "\0", lambda: "\ud800", lambda: "é" * 3, lambda: "\U0001f600", lambda: "x" * 5000, lambda: b"",
                lambda: b"a", lambda: b"\0" * 40, lambda: bytes(range(256)), lambda: bytearray(b"abc"), lambda: memoryview(b"abcdef")[::2],
                lambda: memoryview(bytearray(12)).cast("I"), lambda: object(), lambda: Bad(), lambda: Liar(), lambda: Changing([1, 2, 3]), lambda: Bad, lambda: type,
                lambda: int, lambda: (lambda *a, **k: None), lambda: (x for x in (1, 2)), lambda: range(3), lambda: slice(None, None, 0), lambda: Str("s"),
                lambda: Int(5), lambda: ring(), lambda: Ellipsis, lambda: NotImplemented, lambda: 1j, lambda: True, lambda: ValueError("e"), lambda: sys,
            ]
        )()

    def clean(names):
        return [n for n in names if n not in BANNED and n not in HEAVY and not (n.startswith("__") and n in ("__init_subclass__", "__subclasshook__", "__class__"))]

    def show(x):
        try:
            return type(x).__name__ + ":" + ascii(x)[:40]
        except Exception as e:
            return type(x).__name__ + ":?"

    for n in range(calls):
        owner = r.choice(pool) if pool and r.randrange(3) else r.choice(modules)
        try:
            names = clean(sorted(dir(owner)))
            name = r.choice(names)
            f = getattr(owner, name)
        except Exception:
            continue
        if not callable(f) or f is exit or type(owner) in (Bad, Liar, Changing):
            continue
        args = [odd() for _ in range(r.choice([0, 1, 1, 2, 2, 3, 4]))]
        keywords = {r.choice(["key", "default", "level", "data", "name", "encoding", "errors", "x"]): odd()} if not r.randrange(8) else {}
        print(n, getattr(owner, "__name__", type(owner).__name__), name, *map(show, args), {k: show(v) for k, v in keywords.items()}, file=log)
        try:
            x = f(*args, **keywords)
            if hasattr(x, "__next__"):
                list(itertools.islice(x, 5))
            if r.randrange(2) and not isinstance(x, (int, str, float, bytes)):
                pool.append(x)
            if not r.randrange(4):
                repr(x), x == odd()
            if isinstance(x, (str, bytes)) and len(x) > 1 << 20:
                del x
        except (KeyboardInterrupt, SystemExit):
            pass
        except BaseException as e:
            if not r.randrange(20):
                pool.append(e)
        if len(pool) > 60:
            pool.pop(r.randrange(len(pool)))
        if not r.randrange(100):
            import gc

            gc.collect()
    print("end", file=log)


def run(interp, options, seed, calls, timeout):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        command = [os.path.abspath(interp)] + options.split() + [os.path.abspath(__file__), "--child", str(seed), str(calls), log]
        limit = lambda: __import__("resource").setrlimit(__import__("resource").RLIMIT_AS, (8 << 30, 8 << 30))
        try:
            p = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout, preexec_fn=limit)
            status, errors = p.returncode, p.stderr.decode("utf-8", "replace")[-300:]
        except subprocess.TimeoutExpired:
            status, errors = "timeout", ""
        lines = open(log, errors="replace").read().splitlines() if os.path.exists(log) else []
        return status, lines[-1] if lines else "(nothing was called)", errors


def main():
    if len(sys.argv) > 2 and sys.argv[1] == "--child":
        return child(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    p = argparse.ArgumentParser()
    p.add_argument("--interp", required=True)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--rounds", type=int, default=20)
    p.add_argument("--calls", type=int, default=2000)
    p.add_argument("--timeout", type=float, default=120)
    p.add_argument("--options", default="")
    p.add_argument("--control")
    a = p.parse_args()
    died = excused = 0
    for seed in range(a.seed, a.seed + a.rounds):
        status, last, errors = run(a.interp, a.options, seed, a.calls, a.timeout)
        if status == 0 and last == "end":
            continue
        if a.control and run(a.control, "", seed, a.calls, a.timeout)[1] != "end":
            excused += 1
            continue
        died += 1
        print(f"seed {seed}: {status}: {last}\n{errors}", flush=True)
    print(f"{a.rounds} rounds of {a.calls} calls from seed {a.seed}: {died} died, {excused} died on {a.control} too")
    return died > 0


if __name__ == "__main__":
    sys.exit(main())
