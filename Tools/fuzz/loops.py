#!/usr/bin/python3
"""Runs made-up functions with hot loops in each mode of -X jit and compares what they print with what -X jit=off prints.

  loops.py [--seed N] [--count N] [--interp PATH] [--modes always,exits,on] [--options "-X image=..."] [--show]

Each program has several functions whose loops compute with ints, floats, bools, None, strs, lists, dicts, sets and objects, change kinds meanwhile, overflow, raise and catch.
The same seed gives the same programs. Exit code 1 when a program's output differs or it dies.
"""
import argparse
import os
import random
import subprocess
import sys
import tempfile

NAMES = ["a", "b", "c", "d", "e"]
INTS = ["0", "1", "2", "3", "-1", "7", "255", "65536", "-40000", "(1 << 40)", "(1 << 46)", "-(1 << 47)"]
FLOATS = ["0.0", "0.5", "-1.5", "1e10", "3.25", "1e300", "-0.0"]
OTHERS = ["True", "False", "None", "'x'", "inf", "nan", "(1 << 60)"]

HEAD = """import sys
inf = float("inf")
nan = float("nan")
class P:
    scale = 3
    def __init__(self): self.x = 1; self.y = 0.5
    def get(self): return self.x
    def put(self, v): self.x = v
    def __getitem__(self, k):
        if k < 0:
            return self.y
        return self.x
def add(p, q): return p + q
def pick(p, q):
    if p: return p
    return q
class Q(P):
    scale = 0.5
    def __init__(self, x=2, y=None):
        super().__init__()
        self.x = x
        if y is not None: self.z = y
    def get(self):
        if self.x == 3: raise ValueError("three")
        return self.y
    def put(self, v):
        global G
        if v == 7: G = self
        self.y, self.x = self.x, v
    @property
    def size(self): return self.x
    def __add__(self, other):
        if isinstance(other, P): return Q(other.x, self.x)
        return NotImplemented
    def __lt__(self, other): return self.get() < other
def deep(n, v):
    if n <= 0: return v
    w = deep(n - 1, v)
    return w if n != 2 else add(w, 1)
def items(p, q):
    yield p
    yield add(p, q)
def both(p, q): return q, p
G = 5
"""


class Maker:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.lines = []
        self.loops = 0
        self.calls = None

    def atom(self):
        n = self.r.random()
        if n < 0.55:
            return self.r.choice(NAMES + ["i", "i", "j"])
        if n < 0.75:
            return self.r.choice(INTS)
        if n < 0.87:
            return self.r.choice(FLOATS)
        if n < 0.91:
            return self.r.choice(OTHERS)
        return self.r.choice(["G", "p.x", "p.y", "p.scale", "l[i % 5]", "l[-1]", "t[1]", "len(l)"])

    def expression(self, depth=0):
        n = self.r.random()
        if depth > 2 or n < 0.25:
            return self.atom()
        x, y = self.expression(depth + 1), self.expression(depth + 1)
        if n < 0.68:
            return f"({x} {self.r.choice(['+', '-', '*', '+', '-', '*', '/', '//', '%'])} {y})"
        if n < 0.78:
            x, y = self.r.choice(["i", "j", "a", "(i * 77)"] + INTS), self.r.choice(["i", "j", "b", "5", "(j & 15)"])
            return f"({x} {self.r.choice(['&', '|', '^', '>>', '<<'])} {y})"
        if n < 0.85:
            return f"(-{x})"
        if n < 0.88:
            return f"({x} if {self.condition()} else {y})"
        if n < 0.92:
            return f"add({x}, {y})"
        if n < 0.94:
            return f"pick({x}, {y})"
        if n < 0.97:
            return self.call(x, y)
        if n < 0.98:
            return self.r.choice([f"deep({self.r.randint(0, 4)}, {x})", f"sum(items({x}, {y}))", f"g{self.r.randint(0, 2)}({x}, {y}, p)" if self.calls is None else f"add({x}, {y})", f"Q({x}).get()",
                f"(Q({x}) + p).x", f"Q({x}, {y}).size", f"(Q({x}) < {y})", f"max(both({x}, {y}))"])
        return self.r.choice(["p.get()", f"p[{x}]", f"abs({x})", f"({x} < {y})", f"(not {x})"])

    def call(self, x, y):
        """Of what machine code leaves to functions"""
        k = self.atom()
        return self.r.choice(
            [f"min({x}, {y})", f"max({x}, {y})", f"float({x})", f"int({x})", f"len(str({x}))", f"divmod({x}, 7)[0]", f"round({x})", f"(~{k})"]
            + [f"({x}, {y})[i & 1]", f"[{x}, {y}][-1]", f"len(f'{{{x}}}-{{{y}}}')", f"len(s[{k}:])", f"h.get({k}, {y})", f"len(m[:{k}])"]
            + [f"h.setdefault({k}, 3)", f"({k} in h)", f"({k} in q)", f"(s[:1] in 'xyz1')", f"ord(s[-1:] or 'x')", f"len({{{x}, {y}}})", "b'abc'[i % 3]"]
        )

    def container_statement(self, depth):
        x, y = self.expression(1), self.atom()
        k = self.r.choice(["i", "j", "i % 5", "0", "-1", "a", "b"])
        self.put(depth, "try:")
        self.put(
            depth + 1,
            self.r.choice(
                [f"s = (s + str({y}))[-9:]", f"s += f'{{{y}}}'", "s = ''.join([s[:4], 'x', s[-2:]])", "s = s.replace('1', '22').upper()[:12]"]
                + [f"m[{k}:{y}] = [{x}, {y}]", f"m[:{k}] = m[{k}::-1]", f"m.insert({k}, {x})", f"m.append(({x}, {y}))", f"m.extend([{y}, i])"]
                + ["m = m[:6]", f"{self.r.choice(NAMES)} = m.pop({k})", f"del m[{k}]", "m = [*m, i][-7:]", f"h[{y}] = {x}", f"del h[{k}]"]
                + [f"h = {{{y}: {x}, i: 2}}", f"q.add({y})", f"q.discard({k})", f"q = {{{x}, {y}}}", f"m = [v for v in m if v != {y}]"]
                + [f"h = {{v: i for v in q if v != {y}}}", f"big = (big * 3 + {k}) & ((1 << 90) - 1)", f"big += {y}"]
            ),
        )
        self.put(depth, "except (ArithmeticError, TypeError, ValueError, LookupError, UnboundLocalError):")
        self.put(depth + 1, self.r.choice(["s = 'ab'", "m = [1, 2, 3, 4]", "h = {1: 2}", "q = {1, 2}", "big = i"]))

    def condition(self):
        x, y = self.atom(), self.atom()
        return self.r.choice([f"{x} {self.r.choice(['<', '<=', '==', '!=', '>', '>='])} {y}", x, f"not {x}", f"{x} is None", f"{x} in l", "i % 7 == 3"])

    def put(self, depth, text):
        self.lines.append("    " * depth + text)

    def statement(self, depth, nested):
        n = self.r.random()
        name = self.r.choice(NAMES)
        if self.r.random() < 0.2:
            self.container_statement(depth)
        elif n < 0.3:
            self.put(depth, "try:")
            self.put(depth + 1, f"{name} {self.r.choice(['=', '=', '+=', '-=', '*='])} {self.expression()}")
            self.put(depth, "except (ArithmeticError, TypeError, ValueError, UnboundLocalError):")
            self.put(depth + 1, f"{name} = {self.r.choice(['i', '0.5', '1'])}")
        elif n < 0.5:
            self.put(depth, f"{name} {self.r.choice(['=', '=', '+=', '-=', '*='])} {self.expression()}")
        elif n < 0.62:
            self.put(depth, f"if {self.condition()}:")
            self.block(depth + 1, nested)
            if self.r.random() < 0.4:
                self.put(depth, "else:")
                self.block(depth + 1, nested)
        elif n < 0.7 and nested < 2:
            self.loop(depth, nested)
        elif n < 0.76:
            self.put(depth, "try:")
            self.block(depth + 1, nested)
            self.put(depth, "except (ArithmeticError, TypeError, ValueError, IndexError, UnboundLocalError) as error:")
            self.put(depth + 1, f"{name} = len(str(error))")
        elif n < 0.82:
            self.put(depth, f"l[{self.r.choice(['i % 5', '0', '-2', 'i', 'j'])}] = {self.expression()}")
        elif n < 0.87:
            self.put(depth, self.r.choice([f"p.x = {self.expression()}", f"p.put({self.expression()})", f"p.y += {self.atom()}"]))
        elif n < 0.91:
            self.put(depth, f"{name}, {self.r.choice(NAMES)} = {self.r.choice(['b, a', 't', 'l[:2]', 'c, i', 'both(a, i)'])}")
        elif n < 0.94:
            self.put(depth, self.r.choice(["if i == 17: break", "if i % 3 == 1: continue", "if i == 30: del d", "if i == 25: p = P()", "if i % 9 == 4: p = Q(i)", "if i == 40: p.get = lambda: 1"]))
        elif n < 0.97:
            self.put(depth, f"{name} = int({name}) & 0xFFFF if isinstance({name}, (int, float)) and {name} == {name} and abs({name}) < 1e9 else i")
        else:
            self.put(depth, f"{name} = {self.r.choice(['i', '0', '0.5', 'None', 'True'])}")

    def block(self, depth, nested):
        for _ in range(self.r.randint(1, 3)):
            self.statement(depth, nested)

    def loop(self, depth, nested):
        n = self.r.random()
        v = "i" if nested == 0 else "j"
        count = 60 if nested == 0 else self.r.randint(2, 6)
        self.loops += 1
        guard = None
        if n < 0.5:
            self.put(depth, f"for {v} in range({self.r.choice([str(count), f'-3, {count}', f'{count}, 0, -1'])}):")
        elif n < 0.7:
            sources = ["l", "t", "[1, 2.5, 3]", "(4, 5, 6)", "s", "list(h)", "m[:5]", "range(len(s) % 5)", "sorted(map(str, q))", "b'xy1'"]
            self.put(depth, f"for {v} in {self.r.choice(sources)}:")
        elif n < 0.8:
            self.put(depth, f"for {v}, {self.r.choice(NAMES)} in {self.r.choice(['enumerate(l)', 'zip(t, l)', 'list(h.items())', 'enumerate(s)'])}:")
        else:
            guard = f"w{self.loops}"
            self.put(depth, f"{guard} = 0")
            self.put(depth, f"while {guard} < {count}:")
            self.put(depth + 1, f"{guard} += 1")
            self.put(depth + 1, f"{v} = {guard} * 2")
        for _ in range(self.r.randint(2, 5)):
            self.statement(depth + 1, nested + 1)

    def function(self, number):
        self.put(0, f"def f{number}(a, b, c, d, e):")
        self.put(1, "i = j = 1; p = P(); l = [1, 2.5, 3, -4, 5]; t = (7, 8)")
        self.put(1, "s = 'xy1'; m = [1, 2.5, 'z']; h = {1: 2, 'k': 0.5}; q = {1, 'x'}; big = 1")
        self.loop(1, 0)
        self.put(1, "return a, b, c, d, e, i, j, p.x, p.y, l, s, m[:20], len(m), list(h.items())[:9], len(q), big")

    def helper(self, number):
        """A function with branches that loops call."""
        self.put(0, f"def g{number}(a, b, p):")
        self.put(1, "c = d = e = i = j = 1; l = [1, 2.5, 3, -4, 5]; t = (7, 8)")
        for _ in range(self.r.randint(1, 3)):
            self.put(1, f"if {self.condition()}:")
            self.put(2, self.r.choice([f"return {self.expression(2)}", f"c = {self.expression(2)}", f"p.x = {self.atom()}", f"raise ValueError({self.atom()})"]))
        self.put(1, f"return {self.r.choice(['a', 'b', 'c', 'a + c', self.expression(1)])}")

    def program(self):
        for k in range(3):
            self.calls = k
            self.helper(k)
        self.calls = None
        for k in range(4):
            self.function(k)
        self.lines += [
            "def show(v):",
            "    s = repr(v)",
            "    return s if len(s) < 200 else f'{len(s)} {s[:50]} {s[-50:]}'",
            "for f in (f0, f1, f2, f3):",
            "    for args in ((1, 2, 3, 4, 5), (0.5, 2.5, 1.5, -3.0, 1e5), (1, 2.5, True, 0, None), (1 << 46, 3, -7, 11, 2), (1, 2, 3, 4, 5)):",
            "        try:",
            "            print(f.__name__, show(f(*args)))",
            "        except Exception as e:",
            "            t = e.__traceback__",
            "            print(f.__name__, type(e).__name__, str(e)[:80], t.tb_next.tb_lineno, show(sorted((k, repr(v)[:60]) for k, v in t.tb_next.tb_frame.f_locals.items() if k not in ('p', 'error'))))",
        ]
        return HEAD + "\n".join(self.lines) + "\n"


def run(command, path):
    try:
        p = subprocess.run(command + [path], capture_output=True, text=True, timeout=60, env={**os.environ, "PYTHONHASHSEED": "0"})
        return p.returncode, p.stdout
    except subprocess.TimeoutExpired:
        return "timeout", ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--modes", default="always,exits,on")
    parser.add_argument("--options", default="", help="further options of the interpreter")
    parser.add_argument("--show", action="store_true")
    options = parser.parse_args()
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "program.py")
        for seed in range(options.seed, options.seed + options.count):
            text = Maker(seed).program()
            if options.show:
                print(text)
            with open(path, "w") as f:
                f.write(text)
            expected = run([options.interp, *options.options.split(), "-X", "jit=off"], path)
            if expected[0] == "timeout":
                continue
            for mode in options.modes.split(","):
                got = run([options.interp, *options.options.split(), "-X", f"jit={mode}"], path)
                if got != expected:
                    bad += 1
                    lines = zip(expected[1].splitlines(), got[1].splitlines())
                    first = next((f"\n  {a}\n  {b}" for a, b in lines if a != b), "")
                    print(f"seed {seed}, jit={mode}: {expected[0]} and {got[0]}{first[:600]}", flush=True)
    print(f"{options.count} programs, {bad} differences")
    sys.exit(1 if bad else 0)


main()
