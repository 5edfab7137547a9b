"""Signals that come at once, while a handler runs, in a storm, and around fork(): none is lost, none is handled twice."""
import os
import signal
import threading
import time

log = []


def note(number, frame):
    log.append(number)


def fail(number, frame):
    log.append(number)
    raise LookupError(number)


main = threading.main_thread().ident
BOTH = [signal.SIGUSR2, signal.SIGUSR1]


go = False


def send_both():
    while not go:
        time.sleep(0)
    for number in BOTH:
        signal.pthread_kill(main, number)


def at_once(first, second):
    """Both come while the main thread runs a loop; answers the handlers that ran and what they raised."""
    global go
    log.clear()
    signal.signal(signal.SIGUSR1, first)
    signal.signal(signal.SIGUSR2, second)
    raised = []
    go = False
    thread = threading.Thread(target=send_both)
    thread.start()
    try:
        go = True
        while not log:
            pass
    except LookupError as error:
        raised.append(error.args[0])
    for i in range(3):
        try:
            for j in range(1000):
                pass
        except LookupError as error:
            raised.append(error.args[0])
    while thread.is_alive():
        try:
            thread.join()
        except LookupError as error:
            raised.append(error.args[0])
    return sorted(log), sorted(raised)


print(at_once(note, note))
print(at_once(fail, note))
print(at_once(note, fail))

# What has come before fork() is the parent's.
reading, writing = os.pipe()


def forking(number, frame):
    log.append(number)
    child = os.fork()
    if child == 0:
        for i in range(1000):
            pass
        os.write(writing, repr(log).encode())
        os._exit(0)
    os.waitpid(child, 0)


signal.signal(signal.SIGUSR1, forking)
signal.signal(signal.SIGUSR2, note)
log.clear()
signal.pthread_sigmask(signal.SIG_BLOCK, BOTH)
for number in BOTH:
    os.kill(os.getpid(), number)
signal.pthread_sigmask(signal.SIG_UNBLOCK, BOTH)
print(log)
print(os.read(reading, 100))

# A storm of several signals from a thread, acknowledged one at a time: each arrives.
counts = {signal.SIGUSR1: 0, signal.SIGUSR2: 0, signal.SIGALRM: 0, signal.SIGIO: 0}


def count(number, frame):
    counts[number] += 1


for number in counts:
    signal.signal(number, count)

ROUNDS = 100
done = False


def storm():
    global done
    for i in range(ROUNDS):
        for number in counts:
            signal.pthread_kill(main, number)
        deadline = time.monotonic() + 60
        while any(n <= i for n in counts.values()) and time.monotonic() < deadline:
            time.sleep(0)
    done = True


thread = threading.Thread(target=storm)
thread.start()
turns = 0
while not done:
    turns += 1
thread.join()
print(sorted((signal.Signals(n).name, count) for n, count in counts.items()))
