# What the locals of functions had that an exception has left ends with the handler, as the exception and its traceback do.
import contextlib
import gc
import os
import tempfile


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


def fails(name):
    x = Loud(name)
    raise ValueError(x.name)


def between(name):
    fails(name)


def plain():
    try:
        between("plain")
    except ValueError:
        print("handling")
    print("after plain")


def named():
    try:
        between("named")
    except ValueError as e:
        print("handling", e)
    print("after named")


def answers():
    try:
        between("answers")
    except ValueError as e:
        return str(e)


def suppressed():
    with contextlib.suppress(ValueError):
        between("suppressed")
    print("after suppressed")


def again():
    try:
        try:
            between("again")
        except ValueError:
            print("first")
            raise
    except ValueError:
        print("second")
    print("after again")


def another():
    try:
        try:
            between("another")
        except ValueError as e:
            raise KeyError("other") from e
    except KeyError as e:
        print("second", repr(e.__cause__))
    print("after another")


def beside():
    try:
        try:
            between("beside")
        finally:
            try:
                int("x")
            except ValueError:
                print("inner")
    except ValueError:
        print("outer")
    print("after beside")


ended = []


class Counted(Loud):
    def __del__(self):
        ended.append(self.name)


def keeps(name):
    x = Counted(name)
    raise ValueError(x.name)


def kept():
    errors = []
    for i in range(4):
        try:
            keeps(i)
        except ValueError as e:
            errors.append(e)
    print("all kept", ended)
    del errors
    gc.collect()
    print("after kept", sorted(ended))


for i in range(3):
    plain()
    named()
    print(answers())
    suppressed()
    again()
    another()
    beside()
kept()


# a file that nobody closed has been written when the error is handled
def writes(path):
    file = open(path, "w")
    file.write("text")
    raise OSError("no more")


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")

    def reads():
        try:
            writes(path)
        except OSError:
            pass
        return open(path).read()

    print(reads())


# made and called with keywords
class Part(Loud):
    def __init__(self, *, name, size=1):
        super().__init__(name)


def makes(*, name):
    return Part(name=name, size=2)


def takes(*, name):
    part = makes(name=name)
    print("has", part.name)


def takes_and_fails(*, name):
    part = makes(name=name)
    return part[0]


def keywords():
    takes(name="keyword")
    print("after takes")
    try:
        takes_and_fails(name="keyword that fails")
    except TypeError as e:
        print(e)
    print("after takes_and_fails")


keywords()


# at the top of a module
try:
    fails("module")
except ValueError:
    print("handling")
print("after module")


def generate():
    try:
        fails("generator")
    except ValueError:
        yield "handling"
    yield "after generator"


print(list(generate()))
