# Every operation of decimal on small, long, extreme and special operands in contexts of all kinds: results and flags.
from decimal import *

OPERANDS = """0 -0 0E+5 -0.000 1 -1 1.00 2 3 -7 10 0.5 -2.5 1E+3 1.23456789 99999999 0.1 1E-7 123456789012345678 18446744073709551615
18446744073709551616 99999999999999999999999999999999999999 340282366920938463463374607431768211456 -3.14159265358979323846264338327950288419716939
9999999999999999999999999999 10000000000000000000000000005 1E+384 9.99E+384 1E-383 1.5E-390 1E-398 4E-399 -5E-399 1E+999999 1E-999999
Infinity -Infinity NaN -NaN12 sNaN sNaN345678901234567890""".split()
CONTEXTS = [
    Context(prec=28, traps=[]),
    Context(prec=1, Emax=9, Emin=-9, rounding=ROUND_UP, traps=[]),
    Context(prec=3, Emax=384, Emin=-383, rounding=ROUND_HALF_DOWN, clamp=1, traps=[]),
    Context(prec=16, Emax=384, Emin=-383, rounding=ROUND_FLOOR, clamp=1, traps=[]),
    Context(prec=50, Emax=MAX_EMAX, Emin=MIN_EMIN, rounding=ROUND_05UP, traps=[]),
]
UNARY = """abs minus plus exp ln log10 sqrt next_minus next_plus normalize logb logical_invert to_integral_exact to_integral_value number_class
to_sci_string to_eng_string is_normal is_subnormal create_decimal""".split()
BINARY = """add subtract multiply divide divide_int remainder remainder_near divmod compare compare_signal compare_total compare_total_mag max max_mag
min min_mag next_toward quantize rotate scaleb shift logical_and logical_or logical_xor copy_sign same_quantum""".split()


def flags(c):
    return "".join(s.__name__[0] if on else "." for s, on in c.flags.items())


def show(c, name, *operands):
    c.clear_flags()
    try:
        r = getattr(c, name)(*operands)
    except MemoryError:
        r = "MemoryError"
    return f"{name}={r} {flags(c)}"


def checksum(lines):
    h = 0
    for line in lines:
        for ch in line:
            h = (h * 1000003 + ord(ch)) % (2**61 - 1)
    return h


numbers = [Decimal(t) for t in OPERANDS]
for c in CONTEXTS:
    print(c)
    for a in numbers:
        print(repr(a), *[show(c, name, a) for name in UNARY])
    # All pairs are too many to print: a sum for each operand, and one pair in full.
    for i, a in enumerate(numbers):
        lines = [show(c, name, a, b) for b in numbers for name in BINARY]
        print(a, checksum(lines), lines[(i * 977) % len(lines)])
    for i, a in enumerate(numbers):
        lines = [show(c, "fma", a, b, numbers[(i + k) % len(numbers)]) for k, b in enumerate(numbers)]
        print(a, checksum(lines), lines[i % len(lines)])

print("-- powers")
bases = [Decimal(t) for t in "0 -0 1 -1 1.000 2 -2 0.5 10 1.1 0.99999 -1.5 123456789 1E+100 Infinity -Infinity NaN".split()]
powers = [Decimal(t) for t in "0 1 2 3 -1 -2 0.5 -0.5 1.5 17 100 -100 1E+3 1E-9 12345678 Infinity -Infinity".split()]
for c in CONTEXTS:
    for a in bases:
        print(a, *[show(c, "power", a, b) for b in powers])
for a in bases:
    print(a, *[show(CONTEXTS[0], "power", a, b, m) for b in powers[:6] for m in map(Decimal, "7 -7 1 0 1E+3 12345678901234567890".split())])

print("-- long numbers")
for n in (100, 1000, 5000):
    c = Context(prec=n, traps=[])
    r = c.sqrt(2)
    q = c.divide(355, 113)
    values = [r, q, c.multiply(r, q), c.divide(r, q), c.add(r, c.scaleb(q, -n // 2)), c.subtract(r, c.scaleb(q, -n - 5)), c.remainder(c.scaleb(r, 50), q)]
    values += [c.divide_int(c.scaleb(r, n // 3), q), c.quantize(r, Decimal(1).scaleb(-n // 3, c)), c.power(q, 77), c.fma(r, q, r), c.sqrt(q)]
    if n <= 1000:
        values += [c.exp(r), c.ln(q), c.log10(r)]
    print(n, *[checksum(str(v)) for v in values], r.adjusted(), flags(c))
    print(int(c.scaleb(r, n)) % 10**20, Decimal(int(c.scaleb(r, n))) == c.scaleb(r, n).to_integral_value(ROUND_DOWN), hash(r), float(r), r == Decimal(str(r)))

print("-- beyond memory")
c = Context(prec=MAX_PREC, Emax=MAX_EMAX, Emin=MIN_EMIN, traps=[])
for name, *operands in (
    ("divide", 1, 3), ("sqrt", 2), ("add", Decimal("1E+999999999999999999"), 1), ("quantize", Decimal(1), Decimal("1E-999999999999999999")),
    ("logical_invert", 0), ("next_plus", Decimal("-Infinity")), ("add", 1, 2), ("multiply", 3, Decimal("0.5")), ("divide", 1, 4),
):
    try:
        print(name, show(c, name, *operands))
    except InvalidOperation as e:
        print(name, e)
