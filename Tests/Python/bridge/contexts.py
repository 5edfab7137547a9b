# amphis: --cpython=_queue
# Contexts are one on both sides: variables of C modules have their own value in each, and variables of ours that C code knows are one.
import asyncio, contextvars, decimal, threading

def precision():
    return decimal.getcontext().prec

decimal.getcontext().prec = 20
a = contextvars.copy_context()
b = contextvars.copy_context()
def change(n):
    decimal.setcontext(decimal.Context(prec=n))
    return precision()
print(a.run(change, 5), b.run(change, 7), precision())
print(a.run(precision), b.run(precision), a.copy().run(precision))

def nested():
    change(9)
    inner = contextvars.copy_context()
    print(inner.run(change, 11), precision())
contextvars.copy_context().run(nested)
print(precision())

async def task(n):
    with decimal.localcontext() as c:
        c.prec = n
        await asyncio.sleep(0)
        one = str(decimal.Decimal(1) / 3)
        await asyncio.sleep(0)
        return one, precision()
async def main():
    return await asyncio.gather(*(task(n) for n in (3, 4, 5)))
print(asyncio.run(main()), precision())

def fails():
    change(2)
    raise KeyError("k")
try:
    a.run(fails)
except KeyError as e:
    print(e, precision(), a.run(precision))
try:
    a.run(a.run, precision)
except RuntimeError as e:
    print("cannot enter context" in str(e))
print(a.run(precision))

out = []
t = threading.Thread(target=lambda: out.append((precision(), change(4))))
t.start()
t.join()
print(out, precision())

# A variable of ours that C code has seen.
v = contextvars.ContextVar("v", default="default")
w = contextvars.ContextVar("w")
early = contextvars.copy_context()
early.run(v.set, "early")
import _queue
q = _queue.SimpleQueue()
q.put(v)
q.put(w)
print(q.get() is v, q.get() is w)
token = v.set("set")
print(v.get(), early.run(v.get), v.get("other"))
c = contextvars.copy_context()
print(c.run(lambda: (v.set("in c"), v.get())[1]), v.get(), c[v], c.run(v.get))
v.reset(token)
print(v.get(), v.get("other"), w.get("none"))
try:
    w.get()
except LookupError as e:
    print(type(e).__name__)
