# Pickles that follow each other, nest and fail: what one call leaves behind must not show in the next.
import gc
import hashlib
import io
import pickle
import pickletools
import sys


def digest(data):
    return len(data), hashlib.sha256(data).hexdigest()[:16]


class Nested:
    """Pickles and unpickles something else while it is pickled itself."""

    def __init__(self, depth):
        self.depth = depth

    def __reduce__(self):
        inner = pickle.dumps([self.depth, "inner", ("t", "inner")] + ([Nested(self.depth - 1)] if self.depth else []))
        return rebuilt, (self.depth, inner)


def rebuilt(depth, inner):
    return depth, pickle.loads(inner)


class Failing:
    def __reduce__(self):
        raise ValueError("not this one")


class State:
    def __init__(self, **names):
        self.__dict__.update(names)


class Hashed:
    """A key whose methods run while the dict is filled."""

    def __init__(self, n):
        self.n = n

    def __hash__(self):
        pickle.loads(pickle.dumps({"n": 1}))
        return 7

    def __eq__(self, other):
        return type(other) is Hashed and self.n == other.n

    def __reduce__(self):
        return Hashed, (self.n,)


record = {"name": "amphis", "n": 1, "tags": ["a", "b", "amphis"], "größe": 3.5, "日本": None, "long": "x" * 300, "": ""}
for protocol in range(6):
    for value in (record, [record, record], (1, (2,), (3, 4), (5, 6, 7), (8, 9, 10, 11)), {1: "a", (2, "b"): "c", None: True},
                  [-1, 0, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**47, 2**63, -2**200, 1.5, True, False, None],
                  {"s", }, frozenset(["f"]), b"", b"b", b"c" * 300, bytearray(b"d" * 10), "\ud800 lone", "z" * 70000, range(3), len, State):
        data = pickle.dumps(value, protocol)
        again = pickle.loads(data)
        print(protocol, digest(data), again == value, type(again).__name__)

print(digest(pickle.dumps(Nested(3))), pickle.loads(pickle.dumps(Nested(3))))

for i in range(3):
    try:
        pickle.dumps([record, "before", Failing()])
    except ValueError as e:
        print("failed:", e)
    print(digest(pickle.dumps(record)), digest(pickle.dumps(["before", "before"])))
    for bad in (b"", b"\x80\x04", b"\x80\x04]", b"\x80\x04](.", b"\x80\x04](K\x01e", b"\x80\x04e.", b"\x80\x04(e.", b"\x80\x04}(K\x01u.", b"\x80\x04h\x05.",
                b"\x80\x04\x8c\x05ab.", b"\x80\x04\x8c\x03\xff\xfe\xfd.", b"0.", b"\x80\x04(0.", b"\x80\x04N0.", b"t.", b"\x80\x04(NNt.", b"]K\x01a.", b"a.", b"]a.", b"}s.", b"}K\x01s."):
        try:
            print(repr(pickle.loads(bad)))
        except Exception as e:
            print(type(e).__name__, e)
    print(pickle.loads(pickle.dumps(record)) == record)

# Many in turn: the memo of one does not know the objects of the other.
word = "".join(["wo", "rd"])
kept = [word, word, [word]]
first = pickle.dumps(kept)
for i in range(70000):
    pickle.dumps((word, i))
print(pickle.dumps(kept) == first, pickle.loads(first))
many = ["word %d" % i for i in range(5000)]
print(len(pickle.dumps(many + many)), digest(pickle.dumps(kept)))
print(pickle.loads(pickle.dumps(many + many)) == many + many)
deep = []
for i in range(300):
    deep = [deep, i]
data = pickle.dumps(deep)
print(digest(data), pickle.loads(data) == deep)
wide = tuple(range(1000))
print(pickle.loads(pickle.dumps(wide)) == wide, pickle.loads(pickle.dumps([wide, list(wide), dict.fromkeys(wide, "v")]))[2][999])

# Picklers that keep their memo
out = io.BytesIO()
p = pickle.Pickler(out, 4)
sizes = []
for i in range(3):
    p.dump(record)
    p.dump(many[:50])
    sizes.append(out.tell())
p.clear_memo()
p.dump(record)
sizes.append(out.tell())
print(sizes)
out.seek(0)
u = pickle.Unpickler(out)
print([len(u.load()) for _ in range(6)], u.load() == record)
p.memo = {1: (sys.maxsize, word)}
try:
    p.dump(word)
    print("written")
except pickle.PicklingError as e:
    print(e)
p.memo = {1: (70000, word)}
p.dump(word)
p.fast = True
p.dump([record, record])
print(digest(out.getvalue()))

# Frames
big = [b"x" * 50000, "y" * 50000, list(range(40000)), b"z" * 100000, "end"]
for protocol in (3, 4, 5):
    data = pickle.dumps(big, protocol)
    out = io.BytesIO()
    pickle.dump(big, out, protocol)
    print(len(data), out.getvalue() == data, pickle.loads(data) == big, sum(op.name == "FRAME" for op, _, _ in pickletools.genops(data)))

# Containers that are not the plain ones
class L(list):
    pass


class D(dict):
    pass


for value in (L([1, 2, 3]), D(a=1, b=2), {Hashed(1): 1, Hashed(2): 2, "s": 3}, State(a=1, b=[2]), {"a": {"a": {"a": 1}}}, Exception("e", 1)):
    again = pickle.loads(pickle.dumps(value))
    print(type(again).__name__, len(again) if hasattr(again, "__len__") else sorted(vars(again).items()))
cycle = [1]
cycle.append(cycle)
again = pickle.loads(pickle.dumps(cycle))
print(again[1] is again)
table = {}
table["self"] = table
again = pickle.loads(pickle.dumps(table))
print(again["self"] is again)
gc.collect()
print(pickle.loads(pickle.dumps(["name", "name" * 2, "größe", "name"])))
