# A threading.local goes when nothing refers to it, its attributes of a thread when the thread ends.
import gc
import threading
import weakref


class Data:
    pass


def count(kind):
    gc.collect()
    return sum(type(o).__name__ == kind for o in gc.get_objects())


def use():
    for _ in range(100):
        local = threading.local()
        local.data = Data()


def in_thread(function):
    t = threading.Thread(target=function)
    t.start()
    t.join()


before = count("_local")
in_thread(use)
for _ in range(50):
    threading.local()
print(count("_local") - before < 5, count("Data") < 5)

kept = threading.local()
kept.data = 1
refs = []


def set_there():
    kept.data = Data()
    kept.other = 5
    refs.append(weakref.ref(kept.data))
    print(sorted(kept.__dict__))


for _ in range(3):
    in_thread(set_there)
gc.collect()
print(kept.__dict__, [r() for r in refs])


class Counted(threading.local):
    def __init__(self, start):
        self.n = start


counted = Counted(7)
counted.n += 1


def show():
    counted.n += 10
    print(counted.n)


in_thread(show)
in_thread(show)
print(counted.n)
