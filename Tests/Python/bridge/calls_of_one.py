# amphis: --cpython=zlib,_queue
# A C function of one argument, called from a loop over and over: by the interpreter, then by machine code. What it is given and what it does
# changes on the way.
import os, sys, zlib
from _queue import SimpleQueue
from math import sqrt, floor, isqrt, factorial

try:
    import amphis
except ImportError:
    pass
else:
    # Where `math` is native, C's module takes its place.
    if '--cpython=math' not in sys.orig_argv:
        os.execv(sys.executable, [sys.executable, '--cpython=math', *sys.orig_argv[1:]])


def roots(values):
    total = 0.0
    for v in values:
        total += sqrt(v)
    return total


print(roots([2.0] * 20000))
print(roots([4, 9, True, 2**60, 6.25] * 4000))


class Number:
    calls = 0

    def __float__(self):
        Number.calls += 1
        return 16.0


print(roots([Number()] * 5000), Number.calls)


def caught(values):
    n = {}
    for v in values:
        try:
            sqrt(v)
        except Exception as e:
            name = type(e).__name__, str(e), e.__traceback__.tb_lineno - caught.__code__.co_firstlineno, e.__traceback__.tb_next
            n[name] = n.get(name, 0) + 1
        else:
            n['fine'] = n.get('fine', 0) + 1
    return n


print(caught([1.0, -1.0, 2.0, 'x', float('inf'), float('-inf')] * 3000))
nan = float('nan')


def nans(f, n):
    seen = 0
    for i in range(n):
        r = f(nan)
        if r != r:
            seen += 1
    return seen


print(nans(sqrt, 5000))


# The result has another type; the function is another one
def floors(f, n):
    total = 0
    for i in range(n):
        total += f(i + 0.5)
    return total


print(floors(floor, 8000), floors(sqrt, 8000), floors(int, 8000), floors(lambda x: 1, 8000), floors(floor, 8000))


# Python code runs within the call: it looks at the frame, changes the function, raises
class Probe:
    def __float__(self):
        frame = sys._getframe(1)
        self.seen.add((frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno, frame.f_locals['i'] - self.last))
        self.last = frame.f_locals['i']
        return 1.0


def looked_at(probe, n):
    done = 0
    for i in range(n):
        done += 1
        sqrt(probe)
        done -= 1
    return done


probe = Probe()
probe.seen, probe.last = set(), -1
print(looked_at(probe, 5000), probe.seen)


class Changing:
    def __init__(self):
        self.n = 0

    def __float__(self):
        global root
        self.n += 1
        if self.n == 3000:
            root = lambda x: 7.0
        if self.n == 4000:
            raise KeyError('enough')
        return 4.0


root = sqrt


def changed(c, n):
    total = 0.0
    for i in range(n):
        total += root(c)
    return total


print(changed(Changing(), 5000))
root = sqrt
c = Changing()
c.n = 3500
try:
    changed(c, 5000)
except KeyError as e:
    print(e.args, c.n, e.__traceback__.tb_next.tb_frame.f_locals['i'])


# Deep: a function that calls itself through C code ends in RecursionError
class Deep:
    def __float__(self):
        return sqrt(self)


for _ in range(3):
    try:
        sqrt(Deep())
    except RecursionError:
        print('RecursionError')


# Generators, nested loops, keywords, several arguments
def generated(n):
    for i in range(n):
        yield sqrt(i * 1.0)


print(sum(generated(5000)))


def nested(n):
    total = 0.0
    for i in range(n):
        x = i * 0.25
        for j in range(10):
            total += sqrt(x + j) + factorial(j) + isqrt(i)
    return total


print(nested(1500))


# What C code keeps of its argument
def kept(n):
    q = SimpleQueue()
    put, get = q.put, q.get
    total = 0.0
    for i in range(n):
        put(i * 0.5)
        if i % 3 == 2:
            total += get() - get()
    return total, q.qsize()


print(kept(9000))


def sums(n):
    adler, crc, text = zlib.adler32, zlib.crc32, b'abc' * 20
    total = 0
    for i in range(n):
        total += adler(text, i) ^ crc(text, total & 0xFFFF)
    return total


print(sums(6000))


def traced(n):
    events = []

    def profile(frame, event, arg):
        if event.startswith('c_') and getattr(arg, '__name__', '') == 'sqrt':
            events.append(event)
    total = 0.0
    for i in range(n):
        if i == n // 2:
            sys.setprofile(profile)
        total += sqrt(i + 0.0)
        if i == n // 2 + 2:
            sys.setprofile(None)
    return total, events


print(traced(6000))
