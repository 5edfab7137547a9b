"""What is left suspended at the end of the program is closed where that can be noticed, and classes that lose a name cost no collection."""
import sys
import weakref


def plain(n):
    while True:
        try:
            n += 1
        except ValueError:
            pass
        yield n


def within():
    try:
        yield 1
    finally:
        print("finally of within")


def chained():
    yield from within()


plain_one = plain(3)
print(next(plain_one))
plain_two = plain(4)
print(next(plain_two))
plain_two.close()
try:
    next(plain_two)
except StopIteration:
    print("closed")

abandoned = within()
print(next(abandoned))
third = chained()
print(next(third))


class Named:
    pass


reference = weakref.ref(Named)
Named = None
print(reference() is not None)


def caught():
    try:
        yield 1
    except GeneratorExit:
        print("caught outside of it")
    yield 2


g = caught()
print(next(g), next(g))
g.close()
print("end")
