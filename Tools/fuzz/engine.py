"""Asks two interpreters to compile the same sources and finds where their answers differ."""
import marshal
import os
import re
import selectors
import subprocess
import sys
import time
from types import CodeType

sys.setrecursionlimit(20_000)  # code objects nest as deeply as lambdas
HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = re.compile(r"\w+|\s+|.", re.S)
BYTE_WORDS = re.compile(rb"\w+|\s+|.", re.S)
FIELDS = (
    "co_name", "co_qualname", "co_filename", "co_firstlineno", "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_flags",
    "co_stacksize", "co_names", "co_varnames", "co_cellvars", "co_freevars", "co_code", "co_linetable", "co_exceptiontable",
)


class Died(Exception):
    pass


class Worker:
    """One interpreter that compiles batches of requests."""

    def __init__(self, command):
        self.command = command
        self.process = None
        self.ends = []

    def start(self):
        self.stop()
        self.process = subprocess.Popen(
            self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ)

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.wait()
            self.process = None

    def send(self, requests):
        if not self.process:
            self.start()
        data = marshal.dumps(requests, 0)
        try:
            self.process.stdin.write(len(data).to_bytes(4, "little") + data)
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # receive() tells why

    def read(self, size, deadline):
        parts = []
        while size:
            if not self.selector.select(max(0, deadline - time.monotonic())):
                self.stop()
                raise Died("no answer in time")
            part = os.read(self.process.stdout.fileno(), size)
            if not part:
                code = self.process.wait()
                self.stop()
                raise Died(f"died with {'signal ' + str(-code) if code < 0 else 'code ' + str(code)}")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def receive(self, timeout):
        deadline = time.monotonic() + timeout
        header = self.read(4, deadline)
        return marshal.loads(self.read(int.from_bytes(header, "little"), deadline))

    def ask(self, requests, timeout):
        """The answers; a request that kills or hangs the worker is answered by ("died", why)."""
        self.send(requests)
        return self.collect(requests, timeout)

    def collect(self, requests, timeout):
        try:
            return self.receive(timeout)
        except Died as e:
            self.ends.append(f"{time.strftime('%H:%M:%S')}, {len(requests)} requests: {e}")
            if len(requests) == 1:
                return [(("died", str(e)), [])]
            middle = len(requests) // 2
            return self.ask(requests[:middle], timeout) + self.ask(requests[middle:], timeout)


def constant_key(value):
    """Equal for constants of the same type and value only."""
    kind = type(value)
    if kind is tuple:
        return kind, tuple(map(constant_key, value))
    if kind is frozenset:
        return kind, frozenset(map(constant_key, value))
    if kind is float or kind is complex:
        return kind, marshal.dumps(value, 2)
    return kind, value


def code_difference(a, b, path=""):
    """Where two code objects differ, or None."""
    for field in FIELDS:
        if getattr(a, field) != getattr(b, field):
            return path, field, getattr(a, field), getattr(b, field)
    if len(a.co_consts) != len(b.co_consts):
        return path, "co_consts", a.co_consts, b.co_consts
    for x, y in zip(a.co_consts, b.co_consts):
        if type(x) is CodeType and type(y) is CodeType:
            inner = code_difference(x, y, f"{path}/{x.co_name}")
            if inner:
                return inner
        elif constant_key(x) != constant_key(y):
            return path, "co_consts", x, y
    return None


def difference(want, got):
    """Describes how the answer `got` differs from CPython's: (kind, detail), or None."""
    (a, warnings_a), (b, warnings_b) = want, got
    if type(a) is bytes and type(b) is bytes:
        if a != b:
            try:
                loaded = marshal.loads(b)
            except Exception as e:
                return "marshal", repr(e)
            found = code_difference(marshal.loads(a), loaded)
            if found:
                return found[1], "%s: %.200r != %.200r" % (found[0] or "module", found[2], found[3])
    elif type(a) is not type(b) or a != b:
        kind = lambda x: "code" if type(x) is bytes else f"{x[0]}: {x[1]}"
        if type(a) is tuple and type(b) is tuple and a[:2] == b[:2]:
            names = ("lineno", "offset", "end_lineno", "end_offset", "text")
            return "place", f"{kind(a)}: " + ", ".join(f"{n} {x!r} != {y!r}" for n, x, y in zip(names, a[2:], b[2:]) if x != y)
        return "outcome", f"{kind(a)} != {kind(b)}"
    if warnings_a != warnings_b:
        return "warnings", f"{warnings_a} != {warnings_b}"
    return None


class Session:
    """Runs requests through both interpreters, counts, and keeps the differences."""

    def __init__(self, interpreter, oracle, timeout=60, limit=20):
        self.ours, self.theirs = Worker(interpreter), Worker(oracle)
        self.timeout, self.limit = timeout, limit
        self.count = self.codes = self.errors = self.oracle_died = 0
        self.found = {}
        self.started = time.monotonic()

    def pair(self, requests):
        self.ours.send(requests)
        self.theirs.send(requests)
        return self.theirs.collect(requests, self.timeout), self.ours.collect(requests, self.timeout)

    def run(self, cases, batch=400):
        """Compares all cases. The next batch is made while both interpreters work on this one."""
        pending = None
        cases = iter(cases)
        while True:
            requests = [case for _, case in zip(range(batch), cases)]
            if pending:
                self.judge(pending, self.theirs.collect(pending, self.timeout), self.ours.collect(pending, self.timeout))
            if not requests:
                break
            self.ours.send(requests)
            self.theirs.send(requests)
            pending = requests
            self.progress()
        self.ours.stop()
        self.theirs.stop()

    def judge(self, requests, wanted, answers):
        for request, want, got in zip(requests, wanted, answers):
            self.count += 1
            if want[0][0] == "died":
                # CPython's own bug: ours must answer nevertheless.
                self.oracle_died += 1
                if got[0][0] == "died":
                    self.note(request, ("died", got[0][1]))
                continue
            if type(want[0]) is bytes:
                self.codes += 1
            else:
                self.errors += 1
            found = difference(want, got)
            if found:
                self.note(request, found)

    def note(self, request, found):
        key = (found[0], "".join("#" if c.isdigit() else c for c in found[1])[:60] if found[0] in ("outcome", "place", "warnings") else "")
        self.found.setdefault(key, []).append((request, found))

    def progress(self):
        if sys.stderr.isatty():
            print(f"\r{self.count} compared, {sum(map(len, self.found.values()))} differ", end="", file=sys.stderr)

    def reduce(self, request, kind):
        """A smaller source with the same kind of difference."""
        source = request[0]
        if type(source) is bytes and not source.isascii():
            return request

        def differs(texts):
            requests = [(t,) + tuple(request[1:]) for t in texts]
            wanted, answers = self.pair(requests)
            for r, want, got in zip(requests, wanted, answers):
                if got[0][0] == "died":
                    if kind == "died":
                        return r[0]
                    continue
                if want[0][0] == "died":
                    continue
                found = difference(want, got)
                if found and found[0] == kind:
                    return r[0]
            return None

        newline = b"\n" if type(source) is bytes else "\n"
        empty = source[:0]
        words = lambda s: [m[0] for m in (WORDS if type(s) is str else BYTE_WORDS).finditer(s)]
        for split in (lambda s: s.splitlines(True), words, lambda s: [s[i:i + 1] for i in range(len(s))]):
            pieces = split(source)
            size = max(1, len(pieces) // 2)
            deadline = time.monotonic() + 20
            while size and time.monotonic() < deadline:
                candidates = [empty.join(pieces[:i] + pieces[i + size:]) for i in range(0, len(pieces), size)]
                smaller = None
                for start in range(0, len(candidates), 100):
                    smaller = differs(candidates[start:start + 100])
                    if smaller is not None:
                        break
                if smaller is not None and len(smaller) < len(source):
                    source = smaller
                    pieces = split(source)
                    size = min(size, max(1, len(pieces) // 2))
                else:
                    size //= 2
        return (source,) + tuple(request[1:])

    def report(self, reduce=True):
        seconds = time.monotonic() - self.started
        differing = sum(map(len, self.found.values()))
        for number, (key, cases) in enumerate(sorted(self.found.items(), key=lambda item: -len(item[1]))):
            if number == self.limit:
                print(f"... and {len(self.found) - number} more kinds")
                break
            request, found = min(cases, key=lambda case: len(case[0][0]))
            print(f"--- {len(cases)} times {found[0]}: {found[1]}")
            if reduce:
                request = self.reduce(request, found[0])
                want, got = (x[0] for x in self.pair([request]))
                again = difference(want, got)
                if again:
                    print(f"    reduced: {again[1]}")
            source, filename, mode, flags, optimize, strict = request
            print(f"    compile({source[:1500]!r}, {filename!r}, {mode!r}, {flags:#x}, True, {optimize})" + (" with -W error" if strict else ""))
        self.ours.stop()
        self.theirs.stop()
        died = f", CPython died {self.oracle_died} times" if self.oracle_died else ""
        for end in self.ours.ends:
            print(f"ended at {end}")
        print(f"{self.count} compilations ({self.codes} to code, {self.errors} rejected{died}), {differing} differ, {seconds:.1f} s")
        return 1 if differing else 0
