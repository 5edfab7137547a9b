# Whatever is stored into an object that has been there for a while must be alive when it is asked for: containers, attributes, cells,
# classes, generators, with much garbage in between.

import collections
import functools
import heapq
import weakref


class Plain:
    pass


class Slotted:
    __slots__ = ("a", "b")


class Many:
    def __init__(self):
        for i in range(40):
            setattr(self, "first%d" % i, None)


class Meta(type):
    pass


def churn(n=3000):
    for i in range(n):
        [i] * 10, {"k": i}, (i, [i])


def fresh(n):
    return ["fresh", [n]]


def check(what, value, n):
    if value != ["fresh", [n]]:
        print(what, "lost", n, value)


old_list = [None] * 8
old_short = []
old_big = [None] * 5000
old_dict = dict.fromkeys(range(8))
old_names = dict.fromkeys("abcdefgh")
old_set = set()
old_plain = Plain()
old_plain.a = old_plain.b = None
old_slotted = Slotted()
old_many = Many()
old_shown = Plain()
old_shown.__dict__["a"] = None
old_default = collections.defaultdict(list)
old_ordered = collections.OrderedDict.fromkeys(range(8))
old_deque = collections.deque([None] * 4, 4)
old_counter = collections.Counter()
old_heap = []
old_matrix = [[None] * 4 for _ in range(4)]


def old_function(x=None, *, y=None):
    return x, y


def make_cell():
    content = None

    def get():
        return content

    def put(x):
        nonlocal content
        content = x

    return get, put


get, put = make_cell()


class Late(metaclass=Meta):
    @property
    def shown(self):
        return None


def keeper():
    held = None
    while True:
        held = yield held


generator = keeper()
next(generator)


async def waiter(box):
    local = [None]
    local[0] = await box
    other = await box
    return local[0], other


class Box:
    def __await__(self):
        got = yield "waiting"
        return got


box = Box()
coroutine = waiter(box)
coroutine.send(None)


@functools.lru_cache(maxsize=None)
def cached(n):
    return fresh(n)


churn(60000)

for n in range(300):
    old_list[n % 8] = fresh(n)
    old_list[1:3] = [fresh(n), fresh(n)]
    old_list[::4] = [fresh(n), fresh(n)]
    old_short.append(fresh(n))
    old_short.insert(0, fresh(n))
    old_short.extend((fresh(n),))
    old_short += [fresh(n)]
    old_big[n * 16] = fresh(n)
    old_dict[n % 8] = fresh(n)
    old_dict[("new", n)] = fresh(n)
    old_dict.setdefault(n + 100, fresh(n))
    old_dict.update({n + 1000: fresh(n)})
    old_names["abcdefgh"[n % 8]] = fresh(n)
    old_set.add(("key", n, str(n)))
    old_set |= {("or", str(n))}
    old_plain.a = fresh(n)
    old_plain.later = fresh(n)
    old_slotted.a = fresh(n)
    old_many.first30 = fresh(n)
    setattr(old_many, "next%d" % (n % 50), fresh(n))
    old_shown.a = fresh(n)
    old_shown.__dict__["b"] = fresh(n)
    old_default[n].append(fresh(n))
    old_ordered[n] = fresh(n)
    old_ordered.move_to_end(n, last=bool(n % 2))
    old_deque.append(fresh(n))
    old_counter["c%d" % n] += n
    heapq.heappush(old_heap, (-n, fresh(n)))
    old_matrix[n % 4][n % 3] = fresh(n)
    old_function.__defaults__ = (fresh(n),)
    old_function.__kwdefaults__ = {"y": fresh(n)}
    old_function.note = fresh(n)
    put(fresh(n))
    Late.made = fresh(n)
    Late.function = lambda self, n=n: fresh(n)
    setattr(Late, "p%d" % (n % 20), property(lambda self, n=n: fresh(n), doc="p"))
    globals()["made_late"] = fresh(n)
    generator.send(fresh(n))
    reference = weakref.ref(Late())
    cached(n)
    churn(400)
    check("list", old_list[n % 8] if n % 8 not in (0, 1, 2, 4) else old_list[0], n)
    check("slice", old_list[1], n)
    check("append", old_short[-1], n)
    check("insert", old_short[0], n)
    check("big", old_big[n * 16], n)
    check("dict", old_dict[n % 8], n)
    check("key", old_dict["new", n], n)
    check("setdefault", old_dict[n + 100], n)
    check("update", old_dict[n + 1000], n)
    check("names", old_names["abcdefgh"[n % 8]], n)
    if ("key", n, str(n)) not in old_set or ("or", str(n)) not in old_set:
        print("set lost", n)
    check("attribute", old_plain.a, n)
    check("later", old_plain.later, n)
    check("slot", old_slotted.a, n)
    check("overflow", old_many.first30, n)
    check("many", getattr(old_many, "next%d" % (n % 50)), n)
    check("shown", old_shown.a, n)
    check("shown dict", old_shown.b, n)
    check("default", old_default[n][0], n)
    check("ordered", old_ordered[n], n)
    check("deque", old_deque[-1], n)
    check("heap", old_heap[0][1], n)
    check("matrix", old_matrix[n % 4][n % 3], n)
    check("defaults", old_function()[0], n)
    check("kwdefaults", old_function()[1], n)
    check("function", old_function.note, n)
    check("cell", get(), n)
    check("class", Late.made, n)
    check("method", Late().function(), n)
    check("property", getattr(Late(), "p%d" % (n % 20)), n)
    check("global", made_late, n)
    check("generator", generator.send(fresh(n)), n)
    check("cached", cached(n), n)

for n in range(300):
    check("heap order", old_heap and sorted(old_heap)[299 - n][1], n)
    check("all keys", old_dict["new", n], n)
    check("all defaults", old_default[n][0], n)
    check("all big", old_big[n * 16], n)
    check("all ordered", old_ordered[n], n)

try:
    coroutine.send(fresh(1))
    churn(30000)
    coroutine.send(fresh(2))
except StopIteration as stop:
    churn(30000)
    print(stop.value)

print(len(old_short), len(old_dict), len(old_set), len(old_counter), sum(old_counter.values()))
print(sorted(old_heap)[0], old_list[3:4] != [None], len(Late.__dict__) > 20)
