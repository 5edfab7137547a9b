"""Statements and branches, some of which run, for coverage.py."""
import threading


def classify(n):
    if n > 3:
        return 1
    elif n < 0:
        return -1
    for i in range(n):
        if i == 2:
            break
    else:
        return 9
    try:
        return {}[n]
    except KeyError:
        return [x for x in range(3) if x]
    finally:
        n = None


def numbers():
    yield 1
    yield 2


class Context:
    def __enter__(self):
        return self

    def __exit__(self, *exc):
        return exc[0] is ValueError


def kinds(x):
    match x:
        case [a, *rest] if rest:
            return a
        case {"k": v}:
            return v
        case str() | int():
            return "plain"
    return None


with Context():
    raise ValueError
    print("never")
worker = threading.Thread(target=classify, args=(-2,))
worker.start()
worker.join()
print(classify(1), classify(5), classify(3), next(numbers()), kinds([1]), kinds("x"), (lambda: 3)() if worker else 0)
