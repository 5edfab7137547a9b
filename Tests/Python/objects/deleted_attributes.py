# Attributes that are deleted and set again in many orders: values, order, __dict__, caches at the same sites; many objects and names.
import contextlib, copy, gc, itertools, pickle, random

class Box:
    pass
def show(o):
    return [(n, v) for n, v in vars(copy.copy(o)).items()]
def sites(o):
    out = []
    for name in "abcd":
        out.append(getattr(o, name, None))
    try:
        out.append(o.a)
    except AttributeError as e:
        out.append(str(e))
    try:
        out.append(o.d)
    except AttributeError as e:
        out.append(str(e))
    return out
for gone in itertools.permutations("abcd", 2):
    o = Box()
    o.a, o.b, o.c, o.d = 1, 2, 3, 4
    for name in gone:
        delattr(o, name)
    first = sites(o)
    setattr(o, gone[0], "again")
    print("".join(gone), first, sites(o), show(o))
    try:
        delattr(o, gone[1])
    except AttributeError as e:
        print(e)

rng = random.Random(3)
objects = [(Box(), {}) for _ in range(40)]
for step in range(6000):
    o, d = rng.choice(objects)
    name = "n%d" % rng.randrange(12)
    if rng.random() < 0.45 and name in d:
        if rng.random() < 0.02:
            del o.__dict__[name]
        else:
            delattr(o, name)
        del d[name]
    else:
        setattr(o, name, step)
        d[name] = step
    if step % 1500 == 0:
        gc.collect()
print(all([(n, getattr(o, n)) for n in d] == list(d.items()) for o, d in objects), all(list(vars(copy.copy(o)).items()) == list(d.items()) for o, d in objects))
many = Box()
for i in range(30):
    setattr(many, "x%d" % i, i)
for i in (29, 3, 28, 27, 0, 15):
    delattr(many, "x%d" % i)
many.x3 = "new"
print(list(vars(many).items())[:5], len(vars(many)), many.x26, many.x3)

@contextlib.contextmanager
def manager(x):
    yield x
for i in range(5):
    with manager(i) as x, contextlib.suppress(KeyError):
        print(x, end=" ")
print()

# What is handled outside of generators within generators.
import sys
def inner():
    yield repr(sys.exc_info()[1])
    try:
        raise KeyError("inner")
    except KeyError as e:
        yield repr(e), repr(e.__context__), repr(sys.exc_info()[1])
    yield repr(sys.exc_info()[1])
    raise IndexError("end")
def outer(n):
    if n:
        yield from outer(n - 1)
    else:
        yield from inner()
def middle():
    try:
        raise ValueError("middle")
    except ValueError:
        for x in outer(2):
            yield x
g = middle()
print(next(g), next(g), sys.exc_info()[1])
try:
    raise OSError("outside")
except OSError:
    print(next(g))
    try:
        next(g)
    except IndexError as e:
        print(repr(e), repr(e.__context__), repr(e.__context__.__context__))
    print(repr(sys.exc_info()[1]))
h = outer(3)
try:
    raise OSError("first")
except OSError:
    print(next(h))
print(next(h), next(h))
async def co(n):
    if n:
        return await co(n - 1)
    try:
        raise KeyError(n)
    except KeyError as e:
        return repr(e.__context__), repr(sys.exc_info()[1])
def run(c):
    try:
        c.send(None)
    except StopIteration as e:
        return e.value
print(run(co(3)))
try:
    1 / 0
except ZeroDivisionError:
    print(run(co(3)))
