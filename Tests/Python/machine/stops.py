# What stops a hot loop from outside: signals, tracing, other threads, exceptions; frames that are looked at; code that is replaced; fork.
import gc
import os
import signal
import sys
import threading


class Stop(Exception):
    pass


def stop(number, frame):
    seen.append((number == signal.SIGALRM, frame.f_code.co_name))
    raise Stop


seen = []
signal.signal(signal.SIGALRM, stop)


def endless():
    i = 0
    while True:
        i += 1


def endless_for():
    s = 0
    for i in iter(int, 1):
        s += i


def endless_list():
    values = [1, 2, 3]
    s = 0
    while True:
        for v in values:
            s ^= v


for f in (endless, endless_for, endless_list):
    signal.setitimer(signal.ITIMER_REAL, 0.05)
    try:
        f()
    except Stop:
        print("stopped", seen.pop())


def raised(n):
    # The signal is handled at the next jump back, not after the loop.
    s = 0
    try:
        for i in range(n):
            s += 1
            if i == n - 1000:
                signal.raise_signal(signal.SIGALRM)
    except Stop:
        return i == n - 1000


print(raised(50000), seen.pop())


def traced(n):
    lines = []

    def trace(frame, event, arg):
        if event == "line" and len(lines) < 5:
            lines.append(frame.f_lineno - frame.f_code.co_firstlineno)
        return trace

    # No callback of a collection is to be traced.
    gc.collect()
    s = 0
    for i in range(n):
        s += i
        if i == n - 50:
            sys.settrace(trace)
            sys._getframe().f_trace = trace
    sys.settrace(None)
    return s, lines


print(traced(3000), traced(30000))


def called_when_traced(n):
    s = 0
    for i in range(n):
        s += 2
    return s


events = []


def count(frame, event, arg):
    if frame.f_code is called_when_traced.__code__:
        events.append(event)
    return count


called_when_traced(30000)
sys.settrace(count)
print(called_when_traced(100))
sys.settrace(None)
print(len(events), events[:3], events[-1])
print(called_when_traced(30000))


def waits():
    # The other thread has to get its turn.
    i = 0
    while not done:
        i += 1
    return i > 0


done = []
thread = threading.Thread(target=lambda: done.append(1))
threading.Timer(0.05, thread.start).start()
print(waits())
thread.join()


def worker(n, results):
    s = 0
    for i in range(n):
        s += i & 7
    results.append(s)


results = []
threads = [threading.Thread(target=worker, args=(100000, results)) for _ in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(results)


def visible(n):
    for i in range(n):
        x = i * 2
        if i == n - 3:
            frame = sys._getframe()
            return frame.f_locals["x"], frame.f_locals["i"], frame.f_lineno - frame.f_code.co_firstlineno


print(visible(20000))


def first(n):
    s = 0
    for i in range(n):
        s += 1
    return s


def second(n):
    s = 0
    for i in range(n):
        s -= 1.5
    return s


print(first(20000))
first.__code__ = second.__code__
print(first(20000))


def raises(n):
    s = 0
    for i in range(n):
        s += i
        if i == n - 1:
            raise ValueError(s)


try:
    raises(20000)
except ValueError as e:
    t = e.__traceback__.tb_next
    print(e, t.tb_lineno - raises.__code__.co_firstlineno, t.tb_frame.f_locals["i"])


def caught(n):
    s = 0
    for i in range(n):
        try:
            if i % 5 == 0:
                raise KeyError(i)
            s += i
        except KeyError as e:
            s -= e.args[0]
        finally:
            s += 1
    return s


print(caught(20000))

sys.stdout.flush()
child = os.fork()
if child == 0:
    # Its code must not land in the parent's.
    namespace = {}
    for k in range(3):
        exec("def f(n):\n s = 0\n for i in range(n):\n  s += %d\n return s" % k, namespace)
        print(namespace["f"](20000))
    print(called_when_traced(20000))
    sys.stdout.flush()
    os._exit(0)
namespace = {}
out = []
for k in range(3):
    exec("def f(n):\n s = 0.0\n for i in range(n):\n  s += %d\n return s" % k, namespace)
    out.append(namespace["f"](20000))
os.waitpid(child, 0)
print(out, called_when_traced(20000))
