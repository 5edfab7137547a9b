# A generator without handlers that is dropped, or waits at the end, closes what it delegates to.


class Iterator:
    def __init__(self, name):
        self.name = name

    def __iter__(self):
        return self

    def __next__(self):
        return 1

    def close(self):
        print("closed", self.name)


class Plain:
    def __iter__(self):
        return self

    def __next__(self):
        return 1


def delegates(to):
    yield from to


def twice(to):
    yield from [0]
    yield from to


dropped = delegates(Iterator("dropped"))
next(dropped)
del dropped
print("after dropped")


def local():
    g = delegates(Iterator("local"))
    next(g)
    del g
    print("after local")


local()
second = twice(Iterator("second"))
print(next(second), next(second))
del second
print("after second")
ended = delegates(iter([1]))
print(list(ended), list(delegates(range(3))), next(delegates(Plain())))
explicit = delegates(Iterator("explicit"))
next(explicit)
explicit.close()
print("after explicit")
del explicit
unstarted = delegates(Iterator("never"))
del unstarted
nested = delegates(delegates(Iterator("nested")))
next(nested)
del nested
print("after nested")
waiting = delegates(Iterator("at exit"))
next(waiting)
print("end")
