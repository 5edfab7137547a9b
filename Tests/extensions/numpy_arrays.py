# numpy: arrays, indexing, broadcasting, shared memory, functions of ours called by C code, subclasses, records, pickles.
import array, copy, ctypes, gc, io, mmap, pickle, sys, warnings, weakref

import numpy as np


def error(function, *args):
    try:
        return function(*args)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


a = np.arange(24).reshape(2, 3, 4)
print(a[1, ::2, -1], a[..., 0].tolist(), a[a % 5 == 0], a[[0, 1], [2, 1]].sum(), a.T.shape, a[None, 0, 1:, ::-1].strides == (0, 32, -8))
print((a + np.array([1, 2, 3, 4])).sum(axis=(0, 2)), (a[:, :1] * a).max(), np.add.outer([1, 2], [10, 20]).tolist(), error(lambda: a + np.ones(5)))
print(a.dtype, a.astype("f4").dtype, np.result_type(np.int8, np.float32), np.can_cast("i8", "i4"), np.iinfo("u2").max, np.finfo(np.float32).eps)
print(np.linalg.solve([[3.0, 1], [1, 2]], [9.0, 8]).round(6), np.einsum("ij,jk->ik", [[1, 2]], [[3], [4]]), np.fft.fft([1, 0, 0, 0]).real)
print(np.random.default_rng(7).integers(0, 100, 5), np.sort([3, 1, 2])[::-1], np.argsort(["b", "a"]), np.unique([3, 1, 3], return_counts=True))

# C code calls ours.
calls = []


def step(x, y=1):
    calls.append((type(x).__name__, type(y).__name__))
    return x * 10 + y


print(np.vectorize(step)([1, 2, 3], [4, 5, 6]), np.vectorize(step, otypes=[float], excluded=["y"])([1, 2]), len(calls))
print(np.frompyfunc(lambda x, y: f"{x}{y}", 2, 1)([1, 2], ["a", "b"]), np.fromfunction(lambda i, j: i * 3 + j, (2, 3)).tolist())
print(np.apply_along_axis(lambda r: r.max() - r.min(), 1, [[1, 5], [2, 9]]), np.piecewise(np.arange(4.0), [np.arange(4) < 2], [lambda x: -x, lambda x: x * x]))
print(np.array([1, 2, 3], dtype=object) * 2, np.array([[1], [2, 3]], dtype=object).sum(), error(lambda: np.array([object()]) + 1)[:35])


def raising(x):
    raise KeyError("ours", x)


print(error(np.vectorize(raising, otypes=[int]), [1]), error(np.vectorize(raising), [1]))


class Money:
    def __init__(self, cents):
        self.cents = cents

    def __add__(self, other):
        return Money(self.cents + getattr(other, "cents", other))

    __radd__ = __add__

    def __lt__(self, other):
        return self.cents < other.cents

    def __le__(self, other):
        return self.cents <= other.cents

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents

    def __repr__(self):
        return f"Money({self.cents})"


purse = np.array([Money(5), Money(2), Money(9)])
first = purse[0]
print(error(lambda: purse > 3), purse.sum(), purse.min(), np.sort(purse), purse + 1, (purse == Money(2)).tolist(), purse[0] is first, purse.tolist()[0] is first)

# Memory is shared in all directions.
b, m = bytearray(16), memoryview(bytearray(range(16)))
n, k = np.frombuffer(b, dtype="<i4"), np.asarray(m)
n[1] = 0x01020304
k[3] = 99
print(b, m[3], error(b.append, 1), n.flags.writeable, np.frombuffer(b"abcd", "u1").flags.writeable)
v = memoryview(a)
print(v.format, v.shape, v.strides, v[1, 2, 3], v.readonly, memoryview(a[:, ::2]).contiguous)
c = array.array("d", [1.5, 2.5])
d = np.asarray(c)
d *= 2
print(c, error(c.append, 1.0), d.base is not None)
e = (ctypes.c_int * 4)(1, 2, 3, 4)
f = np.ctypeslib.as_array(e)
f[2] = 30
print(list(e), f.dtype, np.ctypeslib.as_ctypes(np.arange(3, dtype="i4"))[2])
g = mmap.mmap(-1, 64)
h = np.frombuffer(g, "f8")
h[:] = np.arange(8)
print(bytes(g[8:16]) == np.float64(1).tobytes(), error(g.close)[:30])
del n, k, d, f, h
gc.collect()
print(error(b.append, 1), error(c.append, 1.0), error(g.close))
ref = weakref.ref(made := np.arange(3))
view = made[1:]
print(view.base is made, ref() is made)


# Subclasses and protocols.
class Named(np.ndarray):
    def __new__(cls, data, name=""):
        self = np.asarray(data).view(cls)
        self.name = name
        return self

    def __array_finalize__(self, other):
        self.name = getattr(other, "name", "none") + "'"

    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        plain = [np.asarray(x) if isinstance(x, Named) else x for x in inputs]
        return ("ufunc", ufunc.__name__, method, getattr(ufunc, method)(*plain, **options).tolist())


x = Named([1, 2, 3], "x")
print(x.name, x[1:].name, type(x[1:]).__name__, x + 1, np.add.reduce(x), x.mean() if False else "", isinstance(x, np.ndarray))


class Plain:
    def double(self):
        return self * 2


class Scalar(Plain, np.float64):
    pass


class Whole(np.int64):
    def __new__(cls, x):
        return super().__new__(cls, x)


print(Scalar(1.5), Scalar(1.5).double(), isinstance(Scalar(1), float), Whole(7) + 1, issubclass(np.str_, np.generic), np.str_.__mro__[1:3])


class Duck:
    def __array__(self, dtype=None, copy=None):
        return np.array([7, 8], dtype=dtype)

    def __array_function__(self, function, types, args, options):
        return "array function " + function.__name__


class Interface:
    __array_interface__ = np.arange(4, dtype="i2").__array_interface__


print(np.asarray(Duck()), np.add(Duck(), 1), np.concatenate([Duck(), Duck()]), np.asarray(Interface()).shape)
people = np.array([("Ann", 30, 1.5), ("Bob", 25, 2.5)], dtype=[("name", "U8"), ("age", "i4"), ("score", "f8")])
people["age"] += 1
print(people[people["age"] > 26]["name"], people.dtype.names, people[0], np.sort(people, order="age")["name"], people.view(np.recarray).age)
for proto in range(2, 6):
    back = pickle.loads(pickle.dumps([a, people, np.float32(1.5), np.dtype("i4,f8"), purse[:0]], proto))
    assert (back[0] == a).all() and (back[1] == people).all() and back[2] == 1.5
print(copy.deepcopy(a).sum() == a.sum(), copy.copy(x).name, pickle.loads(pickle.dumps(a, 5, buffer_callback=(bufs := []).append), buffers=bufs).sum(), len(bufs))

# Scalars, errors, warnings, printing.
s = np.float64(2.5)
print(s + 1, type(1 + s).__name__, isinstance(s, float), f"{s:.3f}", np.int32(7) // 2, round(s, 0), int(np.int8(-3)), hash(np.int64(5)) == hash(5), {np.int64(5): 1}[5])
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    np.array([1.0]) / 0, np.log(-1.0), np.mean([])
    print(sorted(str(w.message) for w in seen))
with np.errstate(all="raise"):
    print(error(lambda: np.array([1.0]) / 0))
print(error(lambda: a[5]), error(lambda: a.reshape(5)), error(np.zeros, (2, -1)), error(lambda: np.zeros(3)[1.5])[:40], error(lambda: bool(a)))
print(np.array2string(np.linspace(0, 1, 5), precision=2), repr(np.array(["a", "bc"])), str(np.eye(2)), repr(np.datetime64("2024-02-29") + np.timedelta64(1, "D")))
print([int(i) for i in np.nditer(np.arange(3))], [z for z in np.ndindex(2, 2)], list(np.ndenumerate([[5]])), sum(row.sum() for row in a))
with np.printoptions(formatter={"int": lambda i: f"<{i}>"}):
    print(np.arange(3))
z = np.complex128(1 + 2j)
print(complex(z), complex(np.complex64(1j)), complex(z, 1), complex(real=z, imag=z), complex(1, np.float64(2)), float(z.imag))
b = bytearray(8)
n = np.frombuffer(b, dtype="u1")[2:]
print(error(lambda: b.extend(b"x")))
del n
print(error(lambda: b.extend(b"x")), len(b))
stream = io.BytesIO(b"abcdefgh")
n = np.frombuffer(stream.getbuffer(), dtype="u1")[2:]
print(error(lambda: stream.write(bytes(9))))
del n
print(error(lambda: stream.write(bytes(9))))
out = np.empty(3)
print(np.multiply([1, 2, 3], 2.0, out=out) is out, out, np.where([True, False], "y", "n"), np.select([[True, False]], [["p", "q"]], "z"))
ma = np.ma.masked_array([1, 2, 3], mask=[0, 1, 0])
print(ma.sum(), ma.filled(-1), np.polynomial.Polynomial([1, 2, 1]).roots(), np.char.upper(["ab"]), np.strings.find(["hello"], "l"))
