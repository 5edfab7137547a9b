# What `gc` answers and refuses.
import gc


def attempt(f, *args, **kwargs):
    try:
        return f(*args, **kwargs)
    except Exception as e:
        return type(e).__name__, str(e)


for g in (0, 3, -1, "x", None, 2**40, 2**70, True):
    print("collect", attempt(lambda: gc.collect(g) >= 0))
for t in ((), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), ("a",), (2**40,), (-2**40,), (1, 2**31)):
    print("set_threshold", attempt(gc.set_threshold, *t), gc.get_threshold())
print(attempt(gc.set_threshold, threshold0=1))
gc.set_threshold(700, 10, 10)
for g in (None, 0, 1, 2, 3, -1, -2, 1.5, "x", 2**70):
    answer = attempt(gc.get_objects, g)
    print("get_objects", answer if isinstance(answer, tuple) else type(answer))


class A:
    pass


a = A()
a.x = []
for v in (1, "a", None, (), [], {}, {"a": 1}, {"a": ()}, {1: 2}, {"a": []}, {"a": a}, {(): 1}, set(), a, A, len, 1.5, b"x", object()):
    print("is_tracked", type(v), gc.is_tracked(v))
for v in ([1, "a"], {"a": "b", "c": a.x}, {1: "b"}, {"a": 1, 2: "x"}, {}, (1, (2,)), [[]]):
    print("get_referents", sorted(map(repr, gc.get_referents(v))))


# What nobody can reach any more refers to nothing.
def dropped():
    return [a.x], {"k": a.x}


for _ in range(100):
    dropped()
holder = {"only": a.x}
print([r for r in gc.get_referrers(a.x) if isinstance(r, dict) and "only" in r] == [holder])
# (A word on the native stack may still name one or the other.)
print(sum(type(r) is list for r in gc.get_referrers(a.x)) < 5)


# What the first question has answered is no object any more when the second is asked.
class Asker:
    def compare(self, a, b):
        return a == b

    def ask(self):
        gc.collect()
        return self.compare(len(gc.get_objects()), len(gc.get_objects(generation=None)))


Asker().ask()
print(Asker().ask())


# Whatever there is can be asked what it refers to.
seen, waiting = {}, gc.get_objects()
while waiting:
    o = waiting.pop()
    if id(o) not in seen:
        seen[id(o)] = o
        waiting.extend(gc.get_referents(o))
print(len(seen) > 1000)
