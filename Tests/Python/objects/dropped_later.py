# What a loop drops does not use up what others may ask for: a name that is deleted once ends its object there and then.
import gc
import weakref


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        ended.append(self.name)


ended = []
big = [[i] for i in range(30_000)]


def drops(n):
    for i in range(n):
        x = Loud(i)
        del x


def once(name):
    x = Loud(name)
    del x
    return name in ended


def referred():
    x = Loud("weak")
    w = weakref.ref(x)
    del x
    return w()


drops(400)
print(once("first"), referred())
drops(400)
y = Loud("global")
del y
print("global" in ended)
