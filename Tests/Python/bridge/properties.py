# amphis: --cpython=_queue
# Properties of generated values: there and back is the same object, changes are seen on both sides, references return to what they were.
import _queue, gc, os, random, sys, weakref

r = random.Random(int(os.environ.get("SEED", "20")))
q = _queue.SimpleQueue()

class Thing:
    def __init__(self, value):
        self.value = value
    def __call__(self, *args):
        return self, args

class Text(str):
    pass

def make(depth=0):
    kinds = 16 if depth < 3 else 9
    k = r.randrange(kinds)
    if k == 0: return r.choice([None, True, False, ..., NotImplemented])
    if k == 1: return r.randrange(-2**r.randrange(1, 200), 2**r.randrange(1, 200))
    if k == 2: return r.uniform(-1e9, 1e9)
    if k == 3: return "".join(chr(r.choice([65, 233, 0x4E00, 0x1F600, 0])) for _ in range(r.randrange(2, 12)))
    if k == 4: return r.randbytes(r.randrange(2, 20))
    if k == 5: return complex(r.random(), r.random())
    if k == 6: return Thing(r.random())
    if k == 7: return Text("t%d" % r.randrange(9))
    if k == 8: return bytearray(r.randbytes(r.randrange(9)))
    n = r.randrange(5)
    if k == 9: return [make(depth + 1) for _ in range(n)]
    if k == 10: return tuple(make(depth + 1) for _ in range(n + 1))
    if k == 11: return {"k%d" % i: make(depth + 1) for i in range(n)}
    if k == 12: return {r.randrange(99) for _ in range(n)}
    if k == 13: return frozenset(r.randrange(99) for _ in range(n + 1))
    if k == 14: return lambda x: x
    return slice(r.randrange(9), None, 2)

same = mutated = 0
wrong = []
for i in range(3000):
    v = make()
    text = repr(v) if not isinstance(v, (Thing, type(make))) else ""
    q.put(v)
    if isinstance(v, list):
        v.append(i)
    elif isinstance(v, dict):
        v["new"] = i
    elif isinstance(v, set):
        v.add(1000 + i)
    elif isinstance(v, bytearray):
        v.extend(b"new")
    w = q.get()
    isvalue = type(v) in (int, float, bool, type(None)) or isinstance(v, (int, float)) 
    if w is not v and not (isvalue and w == v):
        wrong.append((type(v).__name__, text[:60]))
    if isinstance(v, (list, dict, set, bytearray)):
        has = v[-1] == i if isinstance(v, list) else v["new"] == i if isinstance(v, dict) else 1000 + i in v if isinstance(v, set) else v.endswith(b"new")
        mutated += has
        assert has
    same += 1
print(same, mutated > 100, wrong[:5])

# What nobody has any more goes, whichever side had it last.
ends = []
for i in range(200):
    t = Thing(i)
    ends.append(weakref.ref(t))
    q.put([t, {"t": t}, (t,)])
    if i % 2:
        q.get()
    del t
while not q.empty():
    q.get()
gc.collect()
gc.collect()
print(sum(e() is not None for e in ends) <= 3)

# Rings: an object of C's that refers to one of ours that refers back.
ends = []
for i in range(2000):
    ring = _queue.SimpleQueue()
    t = Thing(ring)
    ring.put(t)
    ring.put([t])
    if i % 100 == 0:
        ends.append(weakref.ref(t))
    del ring, t
gc.collect()
gc.collect()
print(sum(e() is not None for e in ends) <= 3)
