# Two threads make objects whose finalizers wait: each thread finalizes what it has found dead, an object's parts after the object, and nothing is
# left when they have ended.
import gc, sys, threading, time


class Part:
    def __init__(self):
        self.gone = False

    def __del__(self):
        self.gone = True
        ended.append(None)


class Whole:
    def __init__(self):
        self.parts = [Part(), Part()]
        begun.append(None)

    def __del__(self):
        time.sleep(0.00001)
        if any(p.gone for p in self.parts):
            early.append(self)
        finalized.append(threading.get_ident())


begun, finalized, early, ended = [], [], [], []
interval = sys.getswitchinterval()
sys.setswitchinterval(1e-5)


def make(count):
    for _ in range(count):
        w = Whole()
        w.padding = bytearray(2000)


threads = [threading.Thread(target=make, args=(3000,)) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
sys.setswitchinterval(interval)
gc.collect()
print(len(begun), len(finalized), len(ended), early)
