# What a program still needs lives on while it waits: managers of with blocks, generators, values half way through an expression.
import contextlib
import threading


@contextlib.contextmanager
def manager(log):
    try:
        yield "in"
    except BaseException as e:
        log.append(repr(e))
        raise


class Finalized:
    def __del__(self):
        pass


def wait():
    for _ in range(20):
        Finalized().me = Finalized()
    lock = threading.Lock()
    lock.acquire()
    return lock.acquire(timeout=0.7)


def values():
    yield wait()
    yield wait()


def main():
    log = []
    with manager(log) as a, manager(log) as b:
        print(a, b, wait())
        event = threading.Event()
        thread = threading.Thread(target=lambda: (wait(), event.set()))
        thread.start()
        event.wait()
        thread.join()
    print(log, [*values(), (1, [2, wait()])])


main()
