# What a program has just dropped is gone after gc.collect(), wherever it was called from.
import gc
import threading
import weakref


class Worker(threading.Thread):
    def __init__(self, event):
        threading.Thread.__init__(self)
        self.event = event

    def run(self):
        self.event.set()
        self.event = None


class Case:
    def set_up(self):
        event = threading.Event()
        self.thread = Worker(event)
        self.thread.start()
        event.wait()

    def tear_down(self):
        self.thread.join()
        self.thread = None
        gc.collect()
        return len(threading._dangling)


for i in range(4):
    case = Case()
    case.set_up()
    print(i, case.tear_down())


class Thing:
    pass


def dropped(collect):
    thing = Thing()
    ref = weakref.ref(thing)
    thing = None
    collect()
    return ref()


def collecting():
    thing = Thing()
    ref = weakref.ref(thing)
    yield
    del thing
    yield type(gc.collect())
    yield ref()


print(dropped(gc.collect), dropped(lambda: gc.collect()), dropped(lambda: gc.collect(1)))
print(list(collecting()))
print([type(n) for n in map(gc.collect, [0, 1, 2])])
print(sorted([3, 1, 2], key=lambda x: (gc.collect(), x)[1]))
try:
    gc.collect(7)
except ValueError as e:
    print(e)


class Collector:
    def __getattr__(self, name):
        return type(gc.collect())



print(Collector().x)
gc.collect()


def deep(n):
    return type(gc.collect()) if n == 0 else deep(n - 1)


print(deep(20))


def callback(phase, info):
    print(phase, sorted(info))
    gc.collect()


gc.callbacks.append(callback)
print(type(gc.collect()))
gc.callbacks.clear()
ref = weakref.ref(Thing(), lambda r: gc.collect())
print(ref() is None or gc.collect() >= 0)


async def coroutine():
    gc.collect()
    return "awaited"


try:
    coroutine().send(None)
except StopIteration as e:
    print(e.value)
