# What the scripts about Ctrl-C in C code share.
import os
import signal
import threading
import time


def interrupted(name, call, within):
    """Calls with a Ctrl-C a fifth of a second later; prints how it ended, and whether within so many seconds."""
    timer = threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    start = time.monotonic()
    try:
        call()
        outcome = "returned"
    except BaseException as e:
        outcome = type(e).__name__
    timer.join()
    print(name, outcome, time.monotonic() - start < within)


def spin(seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass
