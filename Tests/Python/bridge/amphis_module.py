# amphis: --cpython=zlib,_queue
# The module `amphis`: there without libpython, and what it answers.
import sys, amphis, amphis._bridge

print(amphis.counters()["loaded"], amphis.origin([]), amphis.is_foreign(sys), amphis.raw([]))
print(issubclass(amphis.LossyConversionWarning, Warning), amphis.LossyConversionWarning.__module__)
print(all(getattr(amphis, n).__doc__ for n in ("origin", "is_foreign", "copy", "raw", "counters")))


class S(str):
    pass


class L(list):
    pass


class D(dict):
    pass


inner = L([S("a"), (True, D(x=L()))])
inner.append(inner)
made = amphis.copy(inner)
print([type(x).__name__ for x in made], made[2] is made, type(made[1][1]), type(made[1][1]["x"]))
shallow = amphis.copy(L([L([1])]), depth=1)
print(type(shallow).__name__, type(shallow[0]).__name__, amphis.copy(inner, 0) is inner)
try:
    amphis.copy(1, -1)
except ValueError as e:
    print(e)
print(amphis.counters()["loaded"])

import queue, zlib

q = queue.SimpleQueue()
print(amphis.counters()["loaded"], amphis.origin(q), amphis.is_foreign(q), isinstance(amphis.raw(q), int), amphis.origin(type(q)))
print(amphis.origin(zlib), amphis.origin(zlib.crc32), amphis.origin(int), amphis.origin(len))


class Q(queue.SimpleQueue):
    pass


print(amphis.origin(Q), amphis.origin(Q()), amphis.is_foreign(Q()), amphis.origin(S), amphis.origin(S("a")))
a = [1]
print(amphis.origin(a))
q.put(a)
print(amphis.origin(a), type(a), q.get() is a, a)
before = amphis.counters()
zlib.crc32(b"x")
after = amphis.counters()
print(after["calls"] - before["calls"], sorted(after), sorted(after["registry"]), sorted(after["lossy"]))
print(amphis._bridge.origin is amphis.origin, "amphis._bridge" in sys.modules)
