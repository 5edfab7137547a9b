import _random
r = _random.Random(42)
print([r.random() for _ in range(5)], r.getrandbits(1), r.getrandbits(32), r.getrandbits(33), r.getrandbits(64), r.getrandbits(100), r.getrandbits(1000), r.getrandbits(0))
for s in (0, 1, -1, 2**31, 2**32, 2**64 - 1, 2**64, 10**50, True, 3.5, (1, 2)):
    r.seed(s)
    print(s, r.random(), r.getrandbits(48))
st = r.getstate()
a = [r.random() for _ in range(1000)]
r.setstate(st)
print(a == [r.random() for _ in range(1000)], len(st), sum(st) % 1000007)
def attempt(f, *args):
    try:
        return repr(f(*args))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
print(attempt(r.setstate, 1), attempt(r.setstate, (1,)), attempt(r.setstate, st[:624] + (700,)), attempt(r.setstate, st[:624] + (-1,)), attempt(r.getrandbits, -1), attempt(r.getrandbits, 1.5), attempt(_random.Random, 1, 2), attempt(lambda: _random.Random(a=1)), attempt(_random.Random, []))
class R(_random.Random):
    def __init__(self, *a): self.x = a
print(R(5).random() == _random.Random(5).random(), R(5).x)
