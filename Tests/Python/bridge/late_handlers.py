# amphis: --cpython=_queue
# Handlers of signals that are set before and after C modules are there end blocking calls of C code; defaults stay what they are.
import signal

seen = []
# The first signal raises, those that come while the sender ends do not.
armed = False


class Early(Exception):
    pass


class Late(Exception):
    pass


def raise_once(number, kind):
    global armed
    seen.append(signal.Signals(number).name)
    if armed:
        armed = False
        raise kind


def early(number, frame):
    raise_once(number, Early)


signal.signal(signal.SIGUSR1, early)

import _queue  # noqa: E402: the handler above comes before libpython
import os  # noqa: E402
import threading  # noqa: E402

queue = _queue.SimpleQueue()


def blocked(number, kind):
    global armed

    def send():
        # Again and again: the first may come before the call blocks.
        while not done.wait(0.05):
            os.kill(os.getpid(), number)

    done = threading.Event()
    thread = threading.Thread(target=send)
    armed = True
    try:
        thread.start()
        while True:
            queue.get(timeout=10)
    except kind as e:
        print("ended by", type(e).__name__)
    except _queue.Empty:
        print("not ended")
    done.set()
    thread.join()


blocked(signal.SIGUSR1, Early)


def late(number, frame):
    raise_once(number, Late)


print(signal.getsignal(signal.SIGUSR2))
print(signal.signal(signal.SIGUSR2, late))
blocked(signal.SIGUSR2, Late)
print(sorted(set(seen)))

# Ignored again: nothing runs, and no call ends.
signal.signal(signal.SIGUSR2, signal.SIG_IGN)
os.kill(os.getpid(), signal.SIGUSR2)
try:
    queue.get(timeout=0.01)
except _queue.Empty:
    print("empty")
print(signal.getsignal(signal.SIGUSR2), signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGINT) is signal.default_int_handler)
