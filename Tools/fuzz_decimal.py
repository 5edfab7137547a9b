#!/usr/bin/env python3
"""Compares decimal arithmetic with CPython's: random operands, contexts and operations; results, flags, exceptions and texts.

    Tools/fuzz_decimal.py --interp .build/release/amphis [--oracle /usr/bin/python3] [--count 100000] [--seed 1] [--only exp,ln]
"""

import argparse
import subprocess
import sys
import tempfile

CHUNK = 5000


def child(seed, count, only, out):
    import random
    from decimal import (
        MAX_EMAX, MIN_EMIN, Context, Decimal, InvalidOperation, setcontext,
    )
    from fractions import Fraction
    import math
    import operator

    rnd = random.Random(seed)
    roundings = [
        "ROUND_CEILING", "ROUND_FLOOR", "ROUND_UP", "ROUND_DOWN", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_05UP",
    ]
    signals = list(Context().flags)

    def context():
        kind = rnd.random()
        if kind < 0.3:
            prec, emin, emax = 28, -999999, 999999
        elif kind < 0.5:
            prec, emin, emax = rnd.randint(1, 12), -rnd.randint(0, 12), rnd.randint(0, 12)
        elif kind < 0.8:
            prec, emin, emax = rnd.choice([1, 2, 3, 7, 9, 16, 19, 20, 34, 38, 39, 57, 80, 120]), -383, 384
        else:
            prec, emin, emax = rnd.choice([5, 9, 18, 28, 50]), MIN_EMIN, MAX_EMAX
        c = Context(prec=prec, Emin=emin, Emax=emax, rounding=rnd.choice(roundings), clamp=int(rnd.random() < 0.2),
                    capitals=int(rnd.random() < 0.8), traps=[])
        if rnd.random() < 0.15:
            c.traps[rnd.choice(signals)] = True
        return c

    def coefficient():
        kind = rnd.random()
        n = rnd.choice([1, 2, 3, 5, 9, 15, 18, 19, 20, 25, 28, 29, 37, 38, 39, 40, 45, 60]) if rnd.random() < 0.7 else rnd.randint(1, 60)
        if kind < 0.06:
            return "0" * rnd.randint(1, 3)
        if kind < 0.12:
            return "9" * n
        if kind < 0.18:
            return "1" + "0" * (n - 1)
        if kind < 0.24:
            return str(rnd.randint(1, 99)) + "0" * rnd.randint(0, n) + rnd.choice(["", "1", "5", "50"])
        if kind < 0.3:
            return "".join(rnd.choice("01") for _ in range(n))
        text = "".join(rnd.choice("0123456789") for _ in range(n))
        if kind < 0.4:
            text += rnd.choice(["5", "50", "500", "49", "51"])
        return text

    def exponent(c, small):
        kind = rnd.random()
        if small or kind < 0.6:
            return rnd.randint(-30, 30)
        if kind < 0.75:
            return c.Emax - rnd.randint(-3, c.prec + 30)
        if kind < 0.9:
            return c.Emin + rnd.randint(-c.prec - 30, 5)
        return rnd.choice([-1, 1]) * 10 ** rnd.randint(2, 17)

    def text(c, small=False, special=True):
        sign = rnd.choice(["", "", "-", "+"])
        if special and rnd.random() < 0.07:
            return sign + rnd.choice(["Infinity", "NaN", "sNaN", "NaN123", "sNaN45678901234567890123", "NaN" + "7" * 50])
        d = coefficient()
        if rnd.random() < 0.4:
            k = rnd.randint(0, len(d))
            d = d[:k] + "." + d[k:]
        if rnd.random() < 0.7:
            d += "E%d" % exponent(c, small)
        return sign + d

    def number(c, small=False, special=True):
        while True:
            t = text(c, small, special)
            try:
                return Decimal(t, Context(traps=[InvalidOperation]))
            except InvalidOperation:
                pass

    def other(c, d):
        # Often near the first operand.
        kind = rnd.random()
        if kind < 0.75 or not d.is_finite():
            return number(c)
        if kind < 0.85:
            return Decimal(d.as_tuple()._replace(sign=rnd.randint(0, 1)))
        s, digits, e = d.as_tuple()
        e += rnd.randint(-3, 3)
        try:
            return Decimal((rnd.randint(0, 1), digits[: rnd.randint(1, len(digits))], e), Context(traps=[InvalidOperation]))
        except InvalidOperation:
            return d

    def integer():
        kind = rnd.random()
        if kind < 0.6:
            return rnd.randint(-1000, 1000)
        return rnd.choice([-1, 1]) * rnd.getrandbits(rnd.choice([31, 32, 48, 63, 64, 65, 100, 150]))

    def real():
        kind = rnd.random()
        if kind < 0.1:
            return rnd.choice([math.inf, -math.inf, math.nan, 0.0, -0.0, 5e-324, 1.7e308])
        return rnd.choice([-1, 1]) * math.ldexp(rnd.random(), rnd.randint(-80, 80))

    unary = [
        "exp", "ln", "log10", "next_minus", "next_plus", "normalize", "sqrt", "logb", "logical_invert", "to_integral_value",
        "to_integral_exact", "to_integral", "abs", "minus", "plus", "_apply", "number_class", "to_sci_string", "to_eng_string",
        "is_normal", "is_subnormal", "copy_abs", "copy_negate", "create_decimal",
    ]
    binary = [
        "add", "subtract", "multiply", "divide", "divide_int", "remainder", "remainder_near", "divmod", "compare", "compare_signal", "max",
        "max_mag", "min", "min_mag", "next_toward", "quantize", "logical_and", "logical_or", "logical_xor", "rotate", "scaleb", "shift",
        "compare_total", "compare_total_mag", "copy_sign", "same_quantum", "power",
    ]
    others = [
        "fma", "powmod", "operator", "reflected", "order", "construct", "create", "floats", "fraction", "ints", "hash", "format", "tuple",
        "round", "method", "from_float", "exact",
    ]
    weights = [(n, 1) for n in unary] + [(n, 2) for n in binary] + [(n, 2) for n in others]
    weights += [("add", 3), ("subtract", 3), ("multiply", 3), ("divide", 4), ("quantize", 2)]
    if only:
        weights = [w for w in weights if w[0] in only]
    names, shares = [w[0] for w in weights], [w[1] for w in weights]
    operators = [operator.add, operator.sub, operator.mul, operator.truediv, operator.floordiv, operator.mod, divmod]
    comparisons = [operator.lt, operator.le, operator.eq, operator.ne, operator.gt, operator.ge]

    def bits(c):
        n = c.prec + rnd.randint(-2, 3)
        return Decimal("".join(rnd.choice("01") for _ in range(max(1, n))))

    def spec():
        s = ""
        if rnd.random() < 0.4:
            s += rnd.choice(["", "*", "é", "0", "_"]) + rnd.choice("<>=^")
        s += rnd.choice(["", "", "+", "-", " "]) + rnd.choice(["", "", "", "z"]) + rnd.choice(["", "", "", "0"])
        s += rnd.choice(["", str(rnd.randint(1, 40))]) + rnd.choice(["", "", ","]) + rnd.choice(["", ".%d" % rnd.randint(0, 30)])
        return s + rnd.choice(["", "e", "E", "f", "F", "g", "G", "%", "n"]) + rnd.choice([""] * 30 + ["x", "#"])

    lines = []
    for number_of_case in range(count):
        setcontext(Context(prec=200, traps=[]))
        c = context()
        name = rnd.choices(names, shares)[0]
        a = b = x = None
        try:
            if name == "logical_invert":
                a = bits(c) if rnd.random() < 0.7 else number(c)
                r = lambda: c.logical_invert(a)
            elif name in unary:
                a = number(c)
                r = lambda: getattr(c, name)(a)
            elif name in ("rotate", "shift", "scaleb"):
                a = number(c)
                b = Decimal(rnd.randint(-c.prec - 2, c.prec + 2)) if rnd.random() < 0.9 else number(c)
                r = lambda: getattr(c, name)(a, b)
            elif name.startswith("logical"):
                a = bits(c)
                b = bits(c) if rnd.random() < 0.8 else number(c)
                r = lambda: getattr(c, name)(a, b)
            elif name == "power":
                a = number(c, small=rnd.random() < 0.8)
                kind = rnd.random()
                if kind < 0.4:
                    b = Decimal(rnd.randint(-30, 30))
                elif kind < 0.5:
                    b = Decimal(rnd.randint(-10**rnd.randint(1, 12), 10**rnd.randint(1, 12)))
                elif kind < 0.9:
                    b = Decimal(rnd.randint(-10**8, 10**8)).scaleb(-rnd.randint(1, 12))
                else:
                    b = number(c, small=True)
                r = lambda: c.power(a, b)
            elif name in binary:
                a = number(c)
                b = other(c, a) if rnd.random() < 0.9 else integer()
                r = lambda: getattr(c, name)(a, b)
            elif name == "fma":
                a = number(c)
                b = other(c, a)
                x = number(c)
                if rnd.random() < 0.3 and a.is_finite() and b.is_finite():
                    # Nearly cancels the product.
                    x = Context(prec=rnd.randint(1, 100), Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[]).multiply(a, b).copy_negate()
                r = lambda: c.fma(a, b, x)
            elif name == "powmod":
                a, b, x = (Decimal(rnd.randint(-10**k, 10**k)) for k in (rnd.randint(0, 20), rnd.randint(0, 9), rnd.randint(0, 12)))
                if rnd.random() < 0.1:
                    a = number(c, small=True)
                if rnd.random() < 0.1:
                    b = number(c, small=True).copy_abs()
                r = lambda: pow(a, b, x)
            elif name == "operator":
                f = rnd.choice(operators)
                a = number(c)
                b = rnd.choice([lambda: other(c, a), integer, integer, lambda: True])()
                r = lambda: f(a, b)
            elif name == "reflected":
                f = rnd.choice(operators)
                a = integer()
                b = number(c)
                r = lambda: f(a, b)
            elif name == "order":
                f = rnd.choice(comparisons)
                a = number(c)
                b = rnd.choice([lambda: other(c, a), integer])()
                r = lambda: f(a, b)
            elif name == "floats":
                f = rnd.choice(comparisons)
                a = number(c)
                b = real() if rnd.random() < 0.7 else complex(real(), rnd.choice([0, 0, 1]))
                if rnd.random() < 0.3 and b == b and type(b) is float:
                    a = Decimal(b, Context(traps=[]))
                r = lambda: f(a, b)
            elif name == "fraction":
                f = rnd.choice(comparisons)
                a = number(c, small=True)
                b = Fraction(rnd.randint(-1000, 1000), rnd.randint(1, 1000))
                if rnd.random() < 0.3 and a.is_finite():
                    b = Fraction(a)
                r = lambda: f(a, b)
            elif name == "construct":
                a = rnd.choice(["", " ", "\u00a0"]) + text(c) + rnd.choice([""] * 6 + [" ", "_", "x", "e", ".", "\0", "\u0663"])
                if rnd.random() < 0.1:
                    a = a.replace("1", "\u0661").replace("2", "1_2")
                r = lambda: Decimal(a)
            elif name == "create":
                a = rnd.choice([lambda: text(c), integer, real, lambda: number(c)])()
                r = lambda: c.create_decimal(a)
            elif name == "ints":
                a = number(c, small=True)
                f = rnd.choice([int, math.floor, math.ceil, math.trunc, float, complex, lambda v: v.as_integer_ratio(), bool])
                r = lambda: f(a)
            elif name == "hash":
                a = number(c, special=False)
                r = lambda: hash(a)
            elif name == "format":
                a = number(c, small=True)
                b = spec()
                r = lambda: format(a, b)
            elif name == "tuple":
                a = number(c)
                r = lambda: (a.as_tuple(), str(a), repr(a), a.adjusted(), a.__reduce__(), Decimal(a.as_tuple()))
            elif name == "round":
                a = number(c, small=True)
                b = rnd.randint(-40, 40)
                r = lambda: (round(a, b), round(a))
            elif name == "method":
                a = number(c)
                b = number(c)
                x = rnd.choice(roundings)
                r = lambda: (a.quantize(b, x), a.to_integral_value(x), a.to_integral_exact(rounding=x, context=c))
            elif name == "from_float":
                a = real()
                r = lambda: (Decimal.from_float(a), c.create_decimal_from_float(a))
            elif name == "exact":
                a = real() if rnd.random() < 0.5 else integer()
                r = lambda: Decimal(a)
        except InvalidOperation:
            continue
        before = repr((a, b, x))
        setcontext(c)
        c.clear_flags()
        try:
            shown = repr(r())
        except Exception as e:
            shown = type(e).__name__ + repr(e.args) if type(e).__module__ == "decimal" else type(e).__name__ + ": " + str(e)
        flags = "".join("1" if c.flags[s] else "0" for s in signals)
        lines.append("%d %s %s [%s] -> %s %s\n" % (number_of_case, name, before, repr(c).partition("flags=")[0], shown, flags))
    with open(out, "w", encoding="utf-8", errors="backslashreplace") as f:
        f.writelines(lines)


def run(interpreter, seed, count, only, out):
    return subprocess.Popen(interpreter.split() + [__file__, "--child", str(seed), str(count), only or "-", out])


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "--child":
        only = None if sys.argv[4] == "-" else sys.argv[4].split(",")
        child(int(sys.argv[2]), int(sys.argv[3]), only, sys.argv[5])
        return 0
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--interp", required=True)
    p.add_argument("--oracle", default="/usr/bin/python3")
    p.add_argument("--count", type=int, default=100_000)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--only", default="")
    p.add_argument("--show", type=int, default=20, help="differences to print")
    a = p.parse_args()
    total = different = 0
    kinds = {}
    with tempfile.TemporaryDirectory() as d:
        seed = a.seed
        while total < a.count:
            first = run(a.oracle, seed, CHUNK, a.only, d + "/oracle")
            second = run(a.interp, seed, CHUNK, a.only, d + "/ours")
            if first.wait() or second.wait():
                print("seed", seed, "ended with", first.returncode, second.returncode)
                return 1
            with open(d + "/oracle", encoding="utf-8") as f, open(d + "/ours", encoding="utf-8") as g:
                for x, y in zip(f, g, strict=True):
                    total += 1
                    if x != y:
                        different += 1
                        kind = x.split()[1]
                        kinds[kind] = kinds.get(kind, 0) + 1
                        if kinds[kind] <= 3 and different <= a.show:
                            print("seed", seed, "\n  oracle", x, "  ours  ", y[y.find("->") if x[: x.find("->")] == y[: y.find("->")] else 0 :], end="")
            seed += 1
    print(total, "operations,", different, "different", kinds or "", "seeds", a.seed, "to", seed - 1)
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
