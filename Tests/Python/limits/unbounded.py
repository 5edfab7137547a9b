# What no memory can hold ends in MemoryError or OverflowError, each where CPython has it.
import array
import collections
import io
import itertools
import math
import re
import struct
import sys

HUGE = 10**15
MAX = sys.maxsize


def show(name, make):
    try:
        value = make()
    except Exception as error:
        print(f"{name}: {type(error).__name__}: {error}")
    else:
        text = repr(value)
        print(f"{name}: {text if len(text) < 60 else len(text)}")


class Hinted:
    def __init__(self, hint):
        self.hint = hint

    def __iter__(self):
        return iter((1, 2, 3))

    def __length_hint__(self):
        return self.hint


class Sized:
    def __init__(self, size):
        self.size = size

    def __len__(self):
        return self.size


class Indexed:
    def __index__(self):
        return MAX


# Repetition
for text, unit in (("str", "x"), ("wide str", "\U0001f40d"), ("bytes", b"x"), ("bytearray", bytearray(b"x")), ("list", [0]), ("tuple", (0,))):
    show(f"{text} * 10**15", lambda: unit * HUGE)
    show(f"10**15 * {text}", lambda: HUGE * unit)
    show(f"{text} * maxsize", lambda: unit * MAX)
    show(f"{text} * (maxsize+1)", lambda: unit * (MAX + 1))
    show(f"pair of {text} * maxsize", lambda: (unit + unit) * MAX)
    show(f"{text} * -maxsize-9", lambda: unit * (-MAX - 9))
    show(f"empty {text} * maxsize", lambda: unit[:0] * MAX)
show("array * 10**15", lambda: array.array("d", [1.0]) * HUGE)
show("deque * 10**15", lambda: collections.deque([1, 2], 3) * 10**6)


def in_place(value, n):
    value *= n
    return value


show("str *= ", lambda: in_place("x", HUGE))
show("list *= ", lambda: in_place([0], HUGE))
show("list *= maxsize", lambda: in_place([0, 1], MAX))
show("bytearray *= ", lambda: in_place(bytearray(b"ab"), HUGE))
show("bytearray *= maxsize", lambda: in_place(bytearray(b"ab"), MAX))
show("tuple *= ", lambda: in_place((0,), HUGE))

# Constructors by size
for kind in bytes, bytearray:
    show(f"{kind.__name__}(10**15)", lambda: kind(HUGE))
    show(f"{kind.__name__}(maxsize)", lambda: kind(MAX))
    show(f"{kind.__name__}(maxsize+1)", lambda: kind(MAX + 1))
    show(f"{kind.__name__}(-1)", lambda: kind(-1))
show("list(hint)", lambda: list(Hinted(MAX)))
show("list(hint+1)", lambda: list(Hinted(MAX + 1)))
show("list(hint 10**15)", lambda: list(Hinted(HUGE)))
show("extend(hint)", lambda: [].extend(Hinted(MAX)))
show("tuple(hint)", lambda: tuple(Hinted(HUGE)))
show("len", lambda: len(Sized(MAX + 1)))
show("len -1", lambda: len(Sized(-1)))
show("len ok", lambda: len(Sized(MAX)))
show("bool", lambda: bool(Sized(MAX + 1)))
show("list(range)", lambda: list(range(HUGE)))
show("list(range max)", lambda: list(range(MAX)))
show("tuple(range)", lambda: tuple(range(HUGE)))
show("bytes(range)", lambda: bytes(range(HUGE)))
show("sorted", lambda: sorted(range(HUGE)))
show("[*range]", lambda: [*range(HUGE)])
show("(*range,)", lambda: (*range(HUGE),))
show("unpack", lambda: print(*range(HUGE)))

# Ranges
for r in range(MAX), range(MAX + 1), range(-MAX - 1, MAX), range(0, 10**30, 10**10), range(10**30):
    show(f"len({r})", lambda: len(r))
    show(f"{r}[-1]", lambda: r[-1])
    show(f"{r}[maxsize]", lambda: r[MAX])
    show(f"{r}[10**30]", lambda: r[10**30])
    show(f"{r}[::-1]", lambda: r[:: -1])
    show(f"{r}[5:10**40:3]", lambda: r[5 : 10**40 : 3])
    show(f"iter({r})", lambda: next(iter(r)))
    show(f"hint {r}", lambda: iter(r).__length_hint__())
    show(f"reversed {r}", lambda: next(reversed(r)))
    show(f"in {r}", lambda: 10**29 in r)
    show(f"hash {r}", lambda: hash(r) != 0)

# Whole numbers
show("1 << 10**12", lambda: 1 << 10**12)
show("1 << 10**19", lambda: 1 << 10**19)
show("1 << 10**30", lambda: 1 << 10**30)
show("0 << 10**30", lambda: 0 << 10**30)
show("1 >> 10**30", lambda: 1 >> 10**30)
show("-1 >> 10**30", lambda: -1 >> 10**30)
show("1 << -1", lambda: 1 << -1)
show("0 ** -1", lambda: 0**-1)
show("1 ** huge", lambda: 1 ** (10**30))
show("float power", lambda: 10.0**400)
show("float(10**400)", lambda: float(10**400))
show("10**400 / 3", lambda: 10**400 / 3)
show("10**400 * 1.0", lambda: 10**400 * 1.0)
show("int(inf)", lambda: int(float("inf")))
show("int(nan)", lambda: int(float("nan")))
show("round(inf)", lambda: round(float("inf")))
show("str of digits", lambda: str(10**5000))
show("int of digits", lambda: int("1" * 5000))
show("math.factorial", lambda: math.factorial(10**20))
show("math.comb", lambda: math.comb(10**30, 10**29))
show("math.perm", lambda: math.perm(10**30, 10**29))
show("math.ldexp", lambda: math.ldexp(1.0, 10**20))
show("math.exp", lambda: math.exp(1000))
show("to_bytes", lambda: (1).to_bytes(MAX, "big"))
show("to_bytes 10**15", lambda: (1).to_bytes(HUGE, "little"))
show("to_bytes too small", lambda: (300).to_bytes(1, "big"))
show("complex", lambda: complex(1e300, 1e300) ** 10)
show("chr", lambda: chr(10**12))
show("chr max", lambda: chr(MAX + 1))

# Text
for method in "ljust", "rjust", "center", "zfill":
    show(f"str.{method}", lambda: getattr("x", method)(HUGE))
    show(f"str.{method} max", lambda: getattr("x", method)(MAX))
    show(f"str.{method} more", lambda: getattr("x", method)(MAX + 1))
    show(f"bytes.{method}", lambda: getattr(b"x", method)(HUGE))
    show(f"bytearray.{method}", lambda: getattr(bytearray(b"x"), method)(HUGE))
show("expandtabs two", lambda: ("\t" * 2**20).expandtabs(2**31 - 1))
show("expandtabs more", lambda: "\t".expandtabs(2**31))
show("join", lambda: ("x" * 10**6).join(itertools.repeat("", 10)) and 1)
show("format width", lambda: format("x", "1000000000000000"))
show("format int", lambda: format(1, "1000000000000000d"))
show("format float", lambda: format(1.5, "1000000000000000.3f"))
show("format precision", lambda: format(1.5, ".1000000000000000f"))
show("format precision long", lambda: format(1.5, f".{2**31}f"))
show("format digits", lambda: format("x", "9" * 30))
show("format str digits", lambda: format("x", "." + "9" * 30))
show("format field", lambda: "{:{}}".format("x", HUGE))
show("format index", lambda: "{99999999999999999999}".format(1))
show("format getitem", lambda: "{0[99999999999999999999]}".format([1]))
show("f-string", lambda: f"{1:{HUGE}}")
show("percent s", lambda: "%1000000000000000s" % "x")
show("percent d", lambda: "%1000000000000000d" % 1)
show("percent digits", lambda: "%99999999999999999999s" % "x")
show("percent .digits", lambda: "%.99999999999999999999s" % "x")
show("percent star", lambda: "%*d" % (MAX + 1, 1))
show("percent star huge", lambda: "%*d" % (HUGE, 1))
show("bytes percent", lambda: b"%1000000000000000s" % b"x")
show("bytes percent digits", lambda: b"%99999999999999999999d" % 1)
show("translate", lambda: "x".translate({120: 10**12}))
show("split", lambda: "a b".split(None, MAX + 1))
show("replace count", lambda: "aa".replace("a", "b", MAX + 1))

# Indexes and slices
items = [1, 2, 3]
show("index", lambda: items[10**30])
show("index max", lambda: items[MAX])
show("__index__", lambda: items[Indexed()])
show("slice", lambda: items[-(10**30) : 10**30 : 10**30])
show("slice.indices", lambda: slice(0, 10**30).indices(10**30))
show("slice.indices -1", lambda: slice(0, 1).indices(-1))
show("insert", lambda: items.insert(10**30, 4))
show("insert max", lambda: items.insert(MAX, 4))
show("pop", lambda: items.pop(10**30))
show("list.index", lambda: items.index(1, -(10**30), 10**30))
show("deque rotate", lambda: collections.deque([1, 2, 3]).rotate(10**30))
show("deque maxlen", lambda: collections.deque(maxlen=10**30))
show("bytes index", lambda: b"abc"[10**30])
show("bytearray append", lambda: bytearray().append(10**30))
show("memoryview", lambda: memoryview(b"abc")[10**30])
show("cast", lambda: memoryview(b"abcd").cast("B", [HUGE, HUGE]))
show("cast overflow", lambda: memoryview(b"abcd").cast("B", [MAX, MAX]))
show("array", lambda: array.array("b", [300]))
show("str.find", lambda: "abc".find("c", -(10**30), 10**30))

# Library
show("BytesIO.truncate", lambda: io.BytesIO().truncate(HUGE))
show("BytesIO.seek", lambda: io.BytesIO().seek(10**30))


def far(stream, place, text):
    stream.seek(place)
    return stream.write(text)


show("BytesIO far", lambda: far(io.BytesIO(), HUGE, b"x"))
show("BytesIO max", lambda: far(io.BytesIO(), MAX, b"x"))
show("StringIO far", lambda: far(io.StringIO(), HUGE, "x"))
show("StringIO max", lambda: far(io.StringIO(), MAX, "x"))
show("read", lambda: io.BytesIO(b"abc").read(10**30))
show("read max", lambda: io.BytesIO(b"abc").read(MAX))
show("itertools.repeat", lambda: list(itertools.repeat(0, HUGE)))
show("repeat hint", lambda: itertools.repeat(0, MAX).__length_hint__())
show("repeat more", lambda: itertools.repeat(0, MAX + 1))
show("islice", lambda: list(itertools.islice("abc", MAX)))
show("islice more", lambda: list(itertools.islice("abc", MAX + 1)))
show("combinations", lambda: itertools.combinations("abc", MAX))
show("combinations more", lambda: itertools.combinations("abc", MAX + 1))
show("combinations_with_replacement", lambda: itertools.combinations_with_replacement("abc", HUGE))
show("permutations", lambda: list(itertools.permutations("abc", HUGE)))
show("product", lambda: itertools.product("abc", repeat=HUGE))
show("product range", lambda: itertools.product(range(HUGE)))
show("tee", lambda: itertools.tee("abc", HUGE))
show("count", lambda: next(itertools.count(10**30)))
show("struct", lambda: struct.calcsize(f"{HUGE}d"))
show("struct max", lambda: struct.calcsize(f"{MAX}d"))
show("struct digits", lambda: struct.calcsize("99999999999999999999s"))
show("struct pack", lambda: struct.pack(f"{HUGE}x"))
show("re repeat", lambda: re.compile("a{4294967295}"))
show("re repeat less", lambda: bool(re.compile("a{4294967294}")))
show("int.from_bytes", lambda: int.from_bytes(b"\0" * 100, "big"))
show("sys.setrecursionlimit", lambda: sys.setrecursionlimit(2**31))
show("enumerate", lambda: next(enumerate("a", 10**30)))
show("sum", lambda: sum([10**400, 0.5]))
show("hash", lambda: hash(10**400) == hash(10**400))
show("divmod", lambda: divmod(10**400, 10**200 + 1)[0] > 0)
