# amphis: --cpython=zlib,_queue
# Whatever goes to C code and comes back is the same object, and both sides see every change: a few thousand generated values.
import gc, os, queue, random, sys, zlib, array

SEED = int(os.environ.get("SEED", "20240611"))
r = random.Random(SEED)
q = queue.SimpleQueue()


class Plain:
    def __init__(self, n):
        self.n = n


class Sub(str):
    pass


class Num(int):
    pass


class Pair(tuple):
    pass


class Rows(list):
    pass


def scalar():
    return r.choice(
        [
            lambda: r.randrange(-(10**3), 10**3),
            lambda: r.getrandbits(r.randrange(1, 400)) * r.choice([1, -1]),
            lambda: r.uniform(-1e300, 1e300),
            lambda: complex(r.random(), r.random()),
            lambda: "".join(chr(r.choice([r.randrange(32, 127), r.randrange(160, 0x2FF), r.randrange(0x4E00, 0x9FFF), 0xD800, 0x1F600])) for _ in range(r.randrange(12))),
            lambda: bytes(r.getrandbits(8) for _ in range(r.randrange(12))),
            lambda: None,
            lambda: r.choice([True, False, Ellipsis, NotImplemented]),
            lambda: Sub("s%d" % r.randrange(1000)),
            lambda: Num(r.randrange(1000)),
            lambda: Plain(r.randrange(1000)),
        ]
    )()


def value(depth=0):
    kind = r.randrange(10)
    if depth > 2 or kind < 4:
        return scalar()
    items = [value(depth + 1) for _ in range(r.randrange(4))]
    if kind == 4:
        return items
    if kind == 5:
        return tuple(items)
    if kind == 6:
        return {i: x for i, x in enumerate(items)}
    if kind == 7:
        return Rows(items)
    if kind == 8:
        return Pair(items)
    return {r.randrange(100) for _ in range(4)}


def same(a, b):
    # Floats and complex numbers carry their bits, and CPython shares some of the short ones.
    if type(a) is not type(b):
        return False
    if type(a) is float or type(a) is complex:
        return repr(a) == repr(b)
    if type(a) is int or type(a) in (str, bytes, tuple, frozenset) and len(a) < 2:
        return a == b
    return a is b


wrong = 0
for i in range(4000):
    v = value()
    q.put(v)
    back = q.get()
    if not same(v, back):
        wrong += 1
        if wrong < 5:
            print("not the same:", type(v), repr(v)[:80])
print("round trips", wrong)

# Changes on one side are seen on the other, while C code holds the container.
model = []
shared = []
q.put(shared)
for i in range(2000):
    op = r.randrange(6)
    if op == 0 or not model:
        x = r.randrange(100)
        model.append(x), shared.append(x)
    elif op == 1:
        k = r.randrange(len(model))
        model[k] = shared[k] = i
    elif op == 2:
        model.pop(), shared.pop()
    elif op == 3:
        model.reverse(), shared.reverse()
    elif op == 4:
        k = r.randrange(len(model) + 1)
        model[k:k] = [i, i]
        shared[k:k] = [i, i]
    else:
        model.sort(), shared.sort()
    if model != shared or len(model) != len(shared) or sum(model) != sum(shared):
        print("lists differ", i)
        break
other = q.get()
print("list", other is shared, other == model)

model, shared = {}, {}
q.put(shared)
for i in range(2000):
    k = r.choice([r.randrange(30), "k%d" % r.randrange(30)])
    op = r.randrange(5)
    if op < 2:
        model[k] = shared[k] = i
    elif op == 2:
        assert model.pop(k, None) == shared.pop(k, None)
    elif op == 3:
        assert model.setdefault(k, i) == shared.setdefault(k, i)
    else:
        assert model.get(k) == shared.get(k) and (k in model) == (k in shared)
    if list(model.items()) != list(shared.items()):
        print("dicts differ", i)
        break
print("dict", q.get() is shared, {**shared} == model, dict(shared) == model, sorted(map(str, shared)) == sorted(map(str, model)))

model, shared = set(), set()
q.put(shared)
for i in range(1000):
    k = r.randrange(40)
    if r.randrange(2):
        model.add(k), shared.add(k)
    else:
        model.discard(k), shared.discard(k)
    assert model == shared and len(model) == len(shared) and (k in model) == (k in shared)
print("set", q.get() is shared, shared | {1} == model | {1})

# An object outlives the module it came from; C types keep their instances' state.
c = zlib.compressobj()
del sys.modules["zlib"], zlib
gc.collect()
data = c.compress(b"abc" * 100) + c.flush()
import zlib

print("outlives", zlib.decompress(data) == b"abc" * 100)

# What a call changes is written back; what it did not touch is the same object.
a = ["x" * 3, "y" * 3, 10**30]
kept = a[1]
arr = array.array("i")
arr.fromlist([1, 2, 3])
print("fromlist", arr.tolist(), a[1] is kept)
