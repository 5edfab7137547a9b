# What only a loop refers to (iterators, generators, the functions of comprehensions, tuples that are unpacked at once) is freed when the loop
# has ended. Whatever can still be seen by then must be what it was.
import gc, sys

def pairs(n):
    for i in range(n):
        yield i, str(i)

def kept_pairs(n, kept):
    for i in range(n):
        pair = (i, [i])
        kept.append(pair)
        yield pair

def plain():
    total = 0
    for x in [1, 2, 3]:
        for y in (4, 5):
            for k, v in {"a": 1, "b": 2}.items():
                for z in range(2):
                    total += x * y * v + z
    return total

def churn():
    return [[str(i) * 3, (i, i), {i: i}] for i in range(50)]

# Loops over generators, nested, in functions and in generators
print([(a, b) for a, b in pairs(4)], sum(a for a, b in pairs(100)), plain())
kept = []
for a, b in kept_pairs(3, kept):
    churn()
print(kept)

def outer(n):
    for a, b in pairs(n):
        yield a, [c for c in range(a)], {d: e for d, e in pairs(a)}, any(f > 1 for f in range(a)), tuple(g for g in pairs(2))
        churn()

def chain(n):
    for item in outer(n):
        yield item
    yield from outer(1)
    yield ",".join(str(x) for x in range(3)), sorted(-x for x in range(3)), list(y for y in chain2(2))

def chain2(n):
    return (x * 2 for x in range(n))

for item in chain(3):
    churn()
    print(item)
print(list(chain2(3)), [x for x in chain2(4)], max(x for x in chain2(3)), set(x for x in chain2(3)) == {0, 2, 4})

# A generator that somebody else has
g = chain2(3)
for x in g:
    pass
churn()
print(type(g).__name__, g.gi_frame, g.gi_code.co_name, list(g))
for x in (h := chain2(2)):
    pass
churn()
print(type(h).__name__, next(h, "over"))
holder = [pairs(2)]
for a, b in holder[0]:
    print(a, b, end=" ")
print(holder[0].gi_running, holder[0].gi_frame)

# Iterators that somebody else has
it = iter([1, 2, 3])
for x in it:
    pass
churn()
print(next(it, "over"), type(it).__name__)
for table in ([1, 2], (3, 4), range(2), {"k": 1}, {5}, {"k": 1}.items(), {"v": 2}.values()):
    it = iter(table)
    for x in it:
        for y in it:
            pass
    churn()
    print(type(it).__name__, next(it, "over"), end="; ")
print()

class Own:
    def __init__(self): self.it = iter([1, 2])
    def __iter__(self): return self.it
o = Own()
for x in o:
    pass
churn()
print(next(o.it, "over"))

class Made:
    def __iter__(self):
        yield from (1, 2)
        yield 3
print([x for x in Made()], [x for x in Made() for y in Made()][-3:])

# Frames show what they hold
def frames():
    seen = []
    def look():
        seen.append(sys._getframe(1))
        return sys._getframe(1).f_locals
    found = [sorted(look()) for x in [1, 2]]
    gen = [sorted(look()) for x in (look() and y for y in (1, 2))]
    churn()
    return found, gen, [f.f_code.co_name for f in seen], [type(f.f_locals.get(".0")).__name__ for f in seen]
print(frames())

def in_locals():
    return [sorted(k for k in locals()) for x in (1,)], [sorted(locals()) for x in (1, 2)]
print(in_locals())

def failing():
    try:
        return [1 // (x - 1) for x in (3, 2, 1)]
    except ZeroDivisionError as e:
        frame = e.__traceback__.tb_next.tb_frame
        churn()
        return frame.f_code.co_name, type(frame.f_locals[".0"]).__name__, list(frame.f_locals[".0"])
print(failing())

# The collector shows everything
def shown():
    for a, b in pairs(2):
        found = [x for x in gc.get_objects() if type(x).__name__ in ("generator", "range_iterator", "function") and "pairs" in str(x)]
        churn()
    return [type(x).__name__ for x in found]
print("generator" in shown())
def refs():
    out = []
    for x in [1, 2]:
        out.append(gc.get_referrers(out)[:0])
    return out
print(refs())

# Left early, resumed, ended by an exception
def early():
    for a, b in pairs(10):
        if a == 3: break
    for x in [y for y in range(5)]:
        if x == 2: return a, x
print(early())
def nested():
    for i in range(3):
        for j in (k for k in range(i)):
            yield i, j
        else:
            yield "else", i
print(list(nested()))
try:
    for a, b in ((x, 1 // x) for x in (1, 0)):
        churn()
except ZeroDivisionError as e:
    print("caught", e, a)
try:
    for a, b in ((x, x, x) for x in range(2)): pass
except ValueError as e:
    print(e)
for a, b in ([x, x] for x in range(2)): print(a, b)
for p in ((x, x) for x in range(3)): kept.append(p)
for a, b in ((x, (x, x)) for x in range(2)): kept.append(b)
churn()
print(kept)

# Deep and recursive
def tree(n):
    if n:
        for a, b in tree(n - 1): yield a + 1, b
        yield n, [m for m in range(n)]
        for a, b in tree(n - 1): yield a, [*b, n]
print(len(list(tree(7))), list(tree(2)))
def closures(n):
    return [[lambda: (i, j) for j in range(2)] for i in range(n)]
print([[f() for f in row] for row in closures(2)])

async def asynchronous():
    async def numbers():
        for i in range(3): yield i, i
    first = [a async for a, b in numbers()]
    second = [x for x in [await value(y) for y in range(3)]]
    return first, second, {a: b async for a, b in numbers()}
async def value(x): return x * 2
try:
    asynchronous().send(None)
except StopIteration as e:
    print(e.value)

# Tuples that a builtin looks at and forgets, and that it does not
print(list(map(len, ((i, i) for i in range(3)))), list(map(id, [kept[0], kept[1]])) == [id(kept[0]), id(kept[1])])
def same(n):
    for i in range(n):
        t = (i, i)
        yield t
        kept.append(t)
print(len(set(map(id, same(5)))), kept[-5:])
print(list(map(tuple, ((i, [i]) for i in range(3)))), list(map(callable, ((i,) for i in range(2)))))

def tracer(frame, event, arg):
    if event == "return" and type(arg) is tuple: kept.append(arg)
    return tracer
sys.settrace(tracer)
for a, b in pairs(2): pass
list(map(id, ((i, "traced") for i in range(2))))
[x for x in (1, 2)]
sys.settrace(None)
churn()
print(kept[-4:])

# Tuples that are returned to be unpacked
def two(x): return x, [x]
def three(x):
    return x, two(x), x + 1
def constant(): return 1, 2
def held(x):
    kept.append((x, x))
    return kept[-1]
def recursive(n):
    if n == 0: return 0, "end", ()
    a, b, c = recursive(n - 1)
    return a + n, b, (n, c)
a, b = two(1)
c, d, e = three(2)
print(a, b, c, d, e, constant(), recursive(5))
f, g = held(3)
churn()
print(f, g, kept[-1])
def unpacking():
    x, y = two(5)
    x, x = two(x)
    (p, q), r = (two(1), 2)
    first, *rest = three(7)
    return [x, y, p, q, r, first, rest, *two(9)]
print(unpacking())
for wrong in ("a, b = three(1)", "a, b, c = two(1)", "(a,) = two(1)"):
    try: exec(wrong)
    except ValueError as e: print(e)
class Pair:
    def __init__(self, x): self.x, self.y = self.both(x)
    def both(self, x, *more, key=2): return x, key
    def __iter__(self): return iter(self.both(self.x))
    @property
    def items(self): return self.x, self.y
a, b = Pair(4)
p = Pair(1)
c, d = p.items
e, f = p.both(1, key=3)
g, h = p.both(*[5], **{"key": 6})
print(a, b, c, d, e, f, g, h, p.both(1), [x for x in (lambda y: (y, y))(3)])
def generator():
    while True:
        a, b = two((yield))
        yield a, b
gen = generator()
next(gen)
print(gen.send(3), next(gen), gen.send(4))
def caught():
    try:
        a, b = (lambda: (1 // 0, 2))()
    except ZeroDivisionError:
        a, b = (lambda: (sys._getframe(), 2))()
    churn()
    return a.f_code.co_name, b
print(caught())

# zip, and builtins that leave a generator early
def zipped(x, y):
    total = []
    for a, b in zip(x, y): total.append(a + b)
    for a, b, c in zip(x, y, x): total.append(a * b * c)
    for a, b in zip(iter(x), y): total.append(a - b)
    for pair in zip(x, pairs(2)): kept.append(pair)
    for a, b in zip(y, range(5)):
        if b: break
    churn()
    return total, kept[-2:], a, b
print(zipped([1, 2, 3], (4, 5, 6)))
it = iter([1, 2, 3, 4])
for a, b in zip(it, it): print(a, b, end=" ")
z = zip([1], [2])
for a, b in z: pass
churn()
print(next(it, "over"), next(z, "over"), type(z).__name__)
for a, b in (y := zip([1, 2], [3, 4])): pass
churn()
print(list(y), a, b)
try:
    for a, b in zip([1, 2], [3], strict=True): pass
except ValueError as e:
    print(e)
def zips():
    for a, b in zip([1, 2], "ab"):
        for c, d in zip(pairs(2), (x for x in (8, 9))):
            yield a, b, c, d
            churn()
print(list(zips()))
rows = [5, 6]
for a, b in zip(rows, rows):
    found = [r for r in gc.get_referrers(rows) if type(r).__name__ == "list_iterator"]
    tuples = [t for f in found for t in gc.get_referrers(f) if type(t) is tuple]
churn()
print(a, b, [type(f).__name__ for f in found], [[type(i).__name__ for i in t] for t in tuples][:1])
closed = []
def telling(n):
    try:
        for i in range(n): yield i
    finally:
        closed.append(n)
def early_exits():
    for i in range(3):
        yield any(x > 1 for x in range(5)), all(x < 1 for x in range(5)), next((x for x in range(3) if x), None), 2 in (x for x in range(4))
        yield any(telling(i + 1)), next(telling(i + 1)), next(x for x in telling(i + 1))
        churn()
print(list(early_exits()), closed)
stopped = pairs(3)
next(stopped)
stopped.close()
print(stopped.gi_frame, next(stopped, "over"))
class Watch:
    def __init__(self): self.seen = []
    def step(self): self.seen.append(1); yield from (1, 2, 3)
w = Watch()
print(next(w.step()), any(w.step()), len(w.seen))
