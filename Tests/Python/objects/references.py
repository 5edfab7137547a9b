# gc.get_referents and get_referrers see what an object holds and who holds it.
import gc


class Node:
    def __init__(self, *children):
        self.children = children


leaf = Node()
branch = Node(leaf)
box = [leaf]
table = {"leaf": leaf, 1.5: box}
print(leaf in gc.get_referents(box), leaf in gc.get_referents(table), box in gc.get_referents(table))
print(Node in gc.get_referents(leaf))
print(gc.get_referents(), gc.get_referents(5))
found = gc.get_referrers(leaf)
print(any(x is box for x in found), any(x is table for x in found), any(x is globals() for x in found), any(x is branch for x in found))
print([x for x in gc.get_referrers(box) if x is table] == [table])


def closure():
    return leaf


print(any(x is closure for x in gc.get_referrers(closure.__code__)))
