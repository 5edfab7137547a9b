# _heapq and _bisect: results and errors on every kind of argument. Also run on their twins in libpython (Tools/twins.py).
import _bisect
import _heapq
import random


class Key:
    def __init__(self, n):
        self.n = n

    def __lt__(self, other):
        return self.n < other.n

    def __repr__(self):
        return f"K{self.n}"


def show(f, *args, **kwargs):
    try:
        print(f.__name__, f(*args, **kwargs))
    except Exception as e:
        print(f.__name__, type(e).__name__, e)


r = random.Random(5)
for size in 0, 1, 2, 7, 100:
    heap = [r.randrange(50) for _ in range(size)]
    copy = heap[:]
    _heapq.heapify(heap)
    _heapq._heapify_max(copy)
    print(heap[:8], copy[:8])
    for _ in range(min(size, 5)):
        print(_heapq.heappop(heap), _heapq._heappop_max(copy), end=" ")
    for n in 3, 60, -1:
        _heapq.heappush(heap, n)
        print(_heapq.heappushpop(heap, n + 1), _heapq.heapreplace(heap, n), end=" ")
    print(heap[:6])
    data = sorted(r.randrange(20) for _ in range(size))
    for x in 0, 5, 19, 25, -1:
        print(_bisect.bisect_right(data, x), _bisect.bisect_left(data, x), _bisect.bisect_right(data, x, 0, len(data) // 2), end=" ")
    _bisect.insort_right(data, 7)
    _bisect.insort_left(data, 7, key=lambda v: v)
    print(data == sorted(data))
heap = [Key(n) for n in (5, 3, 8)]
_heapq.heapify(heap)
print(heap, _heapq.heappop(heap))
print(_bisect.bisect_right([Key(1), Key(4)], Key(3)), _bisect.bisect_left([1, 4, 9], 3, key=lambda x: x * x))
for f in _heapq.heappop, _heapq.heapify, _heapq._heappop_max:
    show(f, ())
    show(f, [])
show(_heapq.heapreplace, [], 1)
show(_heapq.heappushpop, [], 1)
show(_heapq.heappush, [1, "a"], 2)
show(_heapq.heapify, [1, "a", 2])
show(_bisect.bisect_right, [1, 2], "a")
show(_bisect.bisect_right, [1, 2], 1, -1)
show(_bisect.bisect_right, [1, 2], 1, 0, 5)
show(_bisect.bisect_right, 5, 1)
show(_bisect.insort_right, (1, 2), 1)
show(_bisect.bisect_right, [1, 2], 1, key=5)
