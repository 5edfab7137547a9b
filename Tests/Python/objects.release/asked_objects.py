# What has been asked about with gc.get_referents lives no longer for that.
import gc


class Noted:
    def __init__(self, n):
        self.n = n

    def __del__(self):
        print("dead", self.n)


for i in range(6):
    ring = [Noted(i)]
    ring.append(ring)
    print(len(gc.get_referents(ring)), len(gc.get_referents(ring[0])) > 0)
    ring = None
    gc.collect()
    print("after", i)


# Other names lead to an object that loses one of them: a local of a caller, a list in an attribute, a namespace, a cell.
class Owner:
    def __init__(self):
        self.parts = []

    def add(self, n):
        part = Noted(n)
        self.parts.append(part)

    def last(self):
        part = self.parts[-1]
        return part.n

    def drop(self):
        part = self.parts.pop()
        n = part.n
        del part
        return n


owner = Owner()
for i in range(40):
    owner.add(i)
print([owner.last() for _ in range(20)])
for i in range(5):
    print("dropped", owner.drop())


def closed_over():
    kept = Noted("kept")

    def use():
        another = kept
        del another
        return kept.n

    return use


use = closed_over()
print([use() for _ in range(20)])
del use
gc.collect()
print("used")
name = alias = Noted("named")
del name
print("one name left")
del alias
print("none")
owner.parts.clear()
del owner
gc.collect()
