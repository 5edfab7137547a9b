# As dropped_names.py, in functions that native code calls: its frames are scanned conservatively, and those of debug builds hold more.


class Loud:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


# in the middle of an expression, within native code
kept = [Loud("kept %d" % i) for i in range(3)]


def take(i):
    x = kept.pop()
    name = x.name
    del x
    return name


print(list(map(take, range(2))), [take(0)])


# a class body is a namespace, too
class Body:
    x = Loud("in a body")
    del x
    print("after it")
    y = Loud("replaced in a body")
    y = 1


print("done", Body.y)
