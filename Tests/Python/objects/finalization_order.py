# An object is finalized before those it refers to, in explicit collections and in those that happen by themselves. What a program let go
# may still be seen on a native stack, so nothing here depends on a single object.
import gc
import os
import tempfile
import warnings

warnings.simplefilter("ignore", ResourceWarning)


def text_is_written(collect):
    with tempfile.TemporaryDirectory() as folder:
        for i in range(100):
            f = open(os.path.join(folder, str(i)), "w")
            f.write("text")
        f = None
        collect()
        lost = sum(open(os.path.join(folder, str(i))).read() != "text" for i in range(100))
        print("files without their text:", "few" if lost < 10 else lost)


def garbage():
    for _ in range(200):
        [[] for _ in range(5000)]


text_is_written(gc.collect)
text_is_written(garbage)

log = []


class Node:
    def __init__(self, number, rest):
        self.number, self.rest = number, rest

    def __del__(self):
        log.append(self.number)


def chains(count):
    for c in range(count):
        node = None
        for i in range(10):
            node = Node(c * 10 + i, node)


chains(50)
gc.collect()
pairs = [(a, b) for a, b in zip(log, log[1:]) if a // 10 == b // 10]
print("finalized:", "most" if len(log) > 300 else len(log))
print("in order:", all(a == b + 1 for a, b in pairs))

# An object that its finalizer brings back still has its lock.
import threading

saved = []


class Phoenix:
    def __init__(self):
        self.lock = threading.Lock()

    def __del__(self):
        saved.append(self)


def burn():
    for _ in range(20):
        Phoenix()


burn()
gc.collect()
print("saved:", len(saved) > 10)
for p in saved:
    with p.lock:
        assert p.lock.locked()
        assert not p.lock.acquire(blocking=False)
print(all(map(gc.is_finalized, saved)), gc.is_finalized(Phoenix), gc.is_finalized(3))

# gc.garbage keeps what DEBUG_SAVEALL asks for.
gc.collect()
gc.set_debug(gc.DEBUG_SAVEALL)


def knots():
    for _ in range(100):
        knot = []
        knot.append(knot)


knots()
gc.collect()
gc.set_debug(0)
print("garbage:", sum(type(o) is list and len(o) == 1 and o[0] is o for o in gc.garbage) > 80)
gc.garbage.clear()
print(sorted(gc.get_referents([1, 2], {3: 4}, (0, 0, 0))))

# gc.disable() does not let memory grow without end.
gc.disable()
dead = []


class Counted:
    def __del__(self):
        dead.append(1)


for _ in range(3000):
    Counted()
    [[] for _ in range(500)]
gc.enable()
print("freed while disabled:", len(dead) > 1000)
