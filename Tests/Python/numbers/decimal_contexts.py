# Decimals: construction, contexts, signals, conversions, pickles, subclasses, formats; and the errors they raise.
import copy
import decimal
import json
import math
import numbers
import pickle
import statistics
import threading
from contextvars import copy_context
from decimal import *
from fractions import Fraction

D = Decimal
c = getcontext()


def show(*calls):
    for f in calls:
        try:
            print(repr(f()))
        except Exception as e:
            print(type(e).__module__, type(e).__name__, e, e.args)


print("-- construction")
show(
    lambda: D(), lambda: D("1.50"), lambda: D(" 1_000 "), lambda: D("\u0661.5"), lambda: D("__1"), lambda: D("nan_1"), lambda: D("1 2"),
    lambda: D("x"), lambda: D(""), lambda: D("_"), lambda: D("1\0"), lambda: D("\u00a01\u2003"), lambda: D(b"1"), lambda: D(None), lambda: D(1, 2),
    lambda: D(value=1), lambda: D(1, context=None), lambda: D(foo=2), lambda: D(1, 2, 3), lambda: D(True), lambda: D(10**50),
    lambda: D(1.1), lambda: D(float("nan")), lambda: D(-float("inf")), lambda: D(5e-324), lambda: D.from_float("1"), lambda: D.from_float(3),
    lambda: D.from_float(-0.0), lambda: D([]), lambda: D((0,)), lambda: D((2, (1,), 0)), lambda: D((1.0, (1,), 3)), lambda: D((0, (1, 11), 0)),
    lambda: D((0, 1, 0)), lambda: D((0, "12", 3)), lambda: D((0, (1,), "x")), lambda: D((0, (1,), 1.5)), lambda: D((0, (), "n")),
    lambda: D((0, [1, 2], "N")), lambda: D((1, [1, 2], "F")), lambda: D([0, (0, 1, 2), -3]), lambda: D((0, (), 3)), lambda: D((True, (1,), 3)),
    lambda: D("1e99999999999999999999"), lambda: D("1e-99999999999999999999"), lambda: D("0e99999999999999999999"),
    lambda: D("9" * 30 + "e999999999999999990"), lambda: D("1e-1999999999999999997"), lambda: D("1e-1999999999999999998"),
    lambda: D("9.99e999999999999999999"), lambda: D("sNaN0012"), lambda: D("-INFINITY"), lambda: D("infin"),
)

print("-- contexts")
show(
    lambda: Context(1, 2), lambda: Context(prec="x"), lambda: Context(prec=0), lambda: Context(prec=10**20), lambda: Context(prec=True),
    lambda: Context(rounding="X"), lambda: Context(rounding=1), lambda: Context(Emin=1), lambda: Context(Emax=-1), lambda: Context(Emax=10**19),
    lambda: Context(capitals=2), lambda: Context(clamp=2), lambda: Context(flags=1), lambda: Context(traps=[1]), lambda: Context(traps={1: 2}),
    lambda: Context(flags=[Inexact], traps={Inexact: True}), lambda: Context(flags=c.flags, traps=c.traps), lambda: Context(x=1),
    lambda: Context(1, ROUND_UP, -3, 3, 0, 1, [], [], 9), lambda: Context(5, prec=6), lambda: Context(2, ROUND_UP, -3, 3, 0, 1, [Clamped], [Inexact]),
    lambda: setattr(c, "foo", 1), lambda: delattr(c, "prec"), lambda: c.foo, lambda: setattr(c, "flags", 1), lambda: setattr(c, "flags", {}),
    lambda: setattr(c, "prec", 1.5), lambda: setattr(c, "prec", None), lambda: setattr(c, "traps", []), lambda: setattr(c, "rounding", None),
    lambda: setcontext(1), lambda: localcontext(1), lambda: localcontext(prec=5).__enter__().prec, lambda: localcontext(foo=5),
    lambda: localcontext(c, prec="x"), lambda: c.Etiny(), lambda: c.Etop(), lambda: c.__reduce__(),
    lambda: DefaultContext, lambda: BasicContext, lambda: ExtendedContext,
)
setcontext(Context())
c = getcontext()
print(c, type(c.copy()), c.copy() is c, copy.copy(c).flags is c.flags)
print(pickle.loads(pickle.dumps(Context(prec=3, flags=[Rounded], traps=[]))))
with localcontext() as inner:
    inner.prec = 5
    print(D(1) / 3, getcontext() is inner)
with localcontext(ExtendedContext, prec=4, rounding=ROUND_UP):
    print(D(1) / 3, D(1) / 0, getcontext())
print(D(1) / 3)
setcontext(BasicContext)
print(getcontext() is BasicContext, getcontext())
setcontext(c)


def thread():
    print("thread", getcontext().prec, getcontext() is c)
    getcontext().prec = 7


t = threading.Thread(target=thread)
t.start()
t.join()
print(c.prec)


def inside():
    print(getcontext() is c)
    setcontext(Context(prec=3))
    return D(1) / 7


print(copy_context().run(inside), D(1) / 7)

print("-- signals")
show(
    lambda: c.flags[1], lambda: c.flags["x"], lambda: c.flags.__setitem__(Inexact, 2), lambda: c.flags.__delitem__(Inexact),
    lambda: c.flags == c.traps, lambda: c.flags == {Inexact: False}, lambda: c.flags < c.traps, lambda: len(c.flags), lambda: list(c.flags),
    lambda: c.flags.copy(), lambda: c.flags == dict(c.flags), lambda: c.flags, lambda: c.flags.keys(), lambda: c.flags.get(Inexact),
    lambda: hash(c.flags), lambda: Inexact in c.flags, lambda: Overflow.__mro__, lambda: Underflow.__mro__,
    lambda: decimal.InvalidContext.__mro__ if hasattr(decimal, "InvalidContext") else 0, lambda: FloatOperation.__mro__, lambda: DivisionByZero.__bases__,
)
c.clear_flags()
show(
    lambda: D(1) / 0, lambda: D(0) / 0, lambda: D(1) // 0, lambda: D(1) % 0, lambda: divmod(D(1), 0), lambda: divmod(D(0), 0), lambda: D(10) ** 40 // 3,
    lambda: D("1e99") % 3, lambda: pow(D(2), D(3), D(0)), lambda: D(-1).sqrt(), lambda: D("sNaN") + 1, lambda: D("1e999999") * 10, lambda: D("Infinity") - D("Infinity"),
    lambda: D(1).logical_and(D(2)), lambda: D("nan") < 1, lambda: D("snan") == 1, lambda: D("nan") == 1,
)
print(c)
c.traps[FloatOperation] = True
show(lambda: D(1.5), lambda: D(1) < 1.5, lambda: D(1) == 1.5, lambda: c.create_decimal(1.5), lambda: D.from_float(1.5))
c.traps[FloatOperation] = False
c.traps[Inexact] = c.traps[Subnormal] = True
show(lambda: D(1) / 3, lambda: D("1e-1000000") / 3, lambda: D(2).sqrt(), lambda: D(1).exp())
c.clear_traps()
print(c, D(1) / 0, D("1e-1000026") / 2)
setcontext(Context())
c = getcontext()

print("-- operands")
show(
    lambda: D(1) + 1.5, lambda: D(1) + "x", lambda: 1.5 + D(1), lambda: 2 - D(1), lambda: True + D(1), lambda: D(1) + Fraction(1, 2), lambda: D(2) ** -1,
    lambda: pow(D(2), 3, 5), lambda: pow(2, D(3), 5), lambda: pow(D(2), 3, "x"), lambda: D(2).__pow__("x"), lambda: D(1) < "x", lambda: D(1) == "x", lambda: D(1) < 1j,
    lambda: D(1) == 1 + 0j, lambda: D(1) < Fraction(4, 3), lambda: D("0.5") == Fraction(1, 2), lambda: D("inf") > Fraction(1, 3), lambda: D("0.1") == 0.1,
    lambda: D("0.5") == 0.5, lambda: {D(1): 2}[1], lambda: hash(D("1e-5")), lambda: hash(D("-1")), lambda: hash(D("12345678901234567890.5")),
    lambda: hash(D("snan")), lambda: hash(D("inf")), lambda: hash(D(2) ** 200) == hash(2**200), lambda: hash(D("0.25")) == hash(0.25),
    lambda: D(1).quantize(D(1), rounding="x"), lambda: D(1).quantize("1"), lambda: D(1).exp(context=1), lambda: D(1).compare("1"), lambda: D(1).max(1.5),
    lambda: c.add("1", 1), lambda: c.add(1.5, 1), lambda: c.power(2, 3, "x"), lambda: c.power(a=2, b=3, modulo=5), lambda: c.create_decimal("x"),
    lambda: c.create_decimal("1_0"), lambda: c.create_decimal(" 1"), lambda: c.create_decimal_from_float("x"), lambda: c.create_decimal(), lambda: c.canonical(1),
    lambda: c.copy_decimal(1), lambda: c.is_canonical("1"), lambda: c.radix(), lambda: c._apply(D(1)), lambda: D(1).to_eng_string(1), lambda: D("1e4").to_eng_string(),
    lambda: D(1).fma(1, "x"), lambda: D.__new__(int), lambda: D(3).real, lambda: D(3).imag, lambda: D(3).conjugate(), lambda: D(1).to_integral_value(5),
)

print("-- to other numbers")
show(
    lambda: int(D("1e5")), lambda: int(D("-1.9")), lambda: int(D("nan")), lambda: int(D("inf")), lambda: float(D("0.1")), lambda: float(D("1e400")),
    lambda: float(D("-0")), lambda: float(D("snan")), lambda: math.isnan(float(D("-nan123"))), lambda: complex(D(2)), lambda: math.floor(D("-1.5")), lambda: math.ceil(D("1.2")),
    lambda: math.trunc(D("1e3")), lambda: round(D("1.5")), lambda: round(D("2.5")), lambda: round(D("1.25"), 1), lambda: round(D("nan")), lambda: round(D("nan"), 1),
    lambda: round(D(1), "x"), lambda: round(D("123.456"), -2), lambda: D("-1.50").as_integer_ratio(), lambda: D("1e3").as_integer_ratio(),
    lambda: D("0.00").as_integer_ratio(), lambda: D("0.0625").as_integer_ratio(), lambda: D("inf").as_integer_ratio(), lambda: D("-12.30").as_tuple(),
    lambda: D("snan12").as_tuple(), lambda: D("-inf").as_tuple(), lambda: D("1e3").as_tuple() == DecimalTuple(0, (1,), 3), lambda: DecimalTuple.__module__,
    lambda: bool(D("0e5")), lambda: bool(D("nan")), lambda: D(1).__sizeof__(), lambda: D(10**100).__sizeof__(), lambda: isinstance(D(1), numbers.Number),
    lambda: isinstance(D(1), numbers.Real),
)

print("-- text")
for s in ("0", "-0.00", "1e3", "12.3E+5", "1e-6", "1e-7", "123e-9", "0e7", "0e-9", "NaN12", "-Infinity", "123456789e-40", "1e5000"):
    d = D(s)
    print(d, repr(d), d.to_eng_string(), d.adjusted(), d.number_class())
c.capitals = 0
print(D("1e30"), repr(D("1e30")), c.to_sci_string(D("1e30")), format(D("1e30"), ""), format(D("1e30"), "E"))
c.capitals = 1
for spec in (
    "", "f", "e", "g", "n", "%", ".2f", ".0f", ".3e", ".3", "E", "G", "F", ",.2f", "010,", "+.1f", " z,.3%", "z.0f", "*^20", "é<9", "=+12", ">9", "^08", "=^08",
    "x", "N", "_", ",n", ".", "#", "zz", "015,.3f", "\0>5", "99999999999999999999",
):
    show(*[lambda d=d: format(D(d), spec) for d in ("1234567.891", "-0.4", "0", "1e-10", "nan", "-inf")])
show(
    lambda: D(1).__format__(1), lambda: D(1).__format__("\ud800<9"),
    lambda: D("1234.5").__format__("n", {"decimal_point": ",", "thousands_sep": ".", "grouping": "\3"}),
    lambda: D("1234.5").__format__("015n", {"decimal_point": ",", "thousands_sep": "\u00b7", "grouping": "\3\2"}), lambda: D("1234.5").__format__("n", 5),
)
print(f"{D('3.14159'):.3}|{D(10):>6}|" + "%s %d %.2f" % (D("1.5"), D("7.9"), D("2.345")))

print("-- copies, pickles, subclasses")
for p in range(pickle.HIGHEST_PROTOCOL + 1):
    print(pickle.loads(pickle.dumps([D("1.50"), D("-snan7"), D("inf")], p)))
print(pickle.loads(pickle.dumps(D(1).as_tuple())), copy.copy(D(1)), copy.deepcopy([D(1)]))


class Money(D):
    def __new__(cls, *a):
        return D.__new__(cls, *a)

    def __init__(self, *a):
        self.made = a


m = Money("1.50")
big = Money("9" * 60)
print(type(m), m, repr(m), m.made, type(m + 1), type(-m), type(m.real), type(D(m)), type(Money(D(2))), type(Money.from_float(0.5)), type(copy.copy(m)))
print(pickle.loads(pickle.dumps(m.__reduce__()[1])), type(m.canonical()), type(m.max(0)), big, big + 0, m == D("1.5"), hash(m) == hash(D("1.5")))


class Wide(Context):
    def __init__(self):
        super().__init__(prec=50)
        self.note = "own"


w = Wide()
print(w.note, w.divide(1, 3), type(w.copy()), w.prec)
setcontext(w)
print(D(1) / 7)
setcontext(c)

print("-- neighbours")
print(statistics.mean([D("0.1"), D("0.2"), D("0.4")]), statistics.pstdev([D(1), D(2), D(4)]), statistics.median([D(3), D(1)]))
print(Fraction(D("0.125")), Fraction(1, 3) + Fraction(D("0.5")), sum([D("0.1")] * 10), max(D(1), D(3), D(2)), sorted([D(3), D("-1"), D("1e-5"), 2]))
show(lambda: json.dumps(D(1)), lambda: json.loads("[1.10, 2e5]", parse_float=D), lambda: D(1).exp().ln(), lambda: abs(D("-5")), lambda: divmod(D(17), 5))
print(sorted(n for n in dir(decimal) if not n.startswith("__")))
