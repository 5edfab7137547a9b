# The variables of a frame that has handled an exception and returned, as its traceback shows them.
import sys


def boom():
    raise ValueError


class Keeper:
    def __init__(self, info):
        self.info = info


def plain(a, b):
    try:
        boom()
    except ValueError:
        info = sys.exc_info()
    return info


def passed_on(a, b):
    try:
        boom()
    except ValueError:
        info = sys.exc_info()
    return same(info)


def constructed(a, b):
    try:
        boom()
    except ValueError:
        info = sys.exc_info()
    return Keeper(info)


class Initialised:
    def __init__(self, a, b):
        try:
            boom()
        except ValueError:
            self.info = sys.exc_info()

    @classmethod
    def made(cls, a, b):
        return cls(a=a, b=b)

    def __add__(self, b):
        a = 1
        try:
            boom()
        except ValueError:
            return sys.exc_info()

    def __eq__(self, b):
        a = 1
        try:
            boom()
        except ValueError:
            return sys.exc_info()

    def __getitem__(self, b):
        a = 1
        try:
            boom()
        except ValueError:
            return sys.exc_info()


def same(x):
    return x


def generated(a, b):
    try:
        boom()
    except ValueError:
        yield sys.exc_info()


def others(a, b, c, d):
    return [a, b, c, d]


def show(name, info):
    frame = info[2].tb_frame
    others(5, 6, 7, 8)
    print(name, frame.f_locals["a"], frame.f_locals["b"], frame.f_code.co_name)
    others(5, 6, 7, 8)
    print(sorted(frame.f_locals, key=str))


for turn in range(3):
    info = plain(1, 2)
    print("at module level", info[2].tb_frame.f_locals["a"], info[2].tb_frame.f_locals["b"])
    show("plain", plain(1, 2))
    show("plain", plain(b=2, a=1))
    show("passed on", passed_on(1, 2))
    show("constructed", constructed(1, 2).info)
    show("initialised", Initialised(1, 2).info)
    show("made", Initialised.made(1, 2).info)
    show("added", Initialised(3, 4) + 2)
    show("compared", Initialised(3, 4) == 2)
    show("item", Initialised(3, 4)[2])
    show("generated", next(generated(1, 2)))
    show("listed", [x for x in generated(1, 2)][0])
    info, other = plain(1, 2), plain(3, 4)
    show("first", info)
    show("second", other)
    print(plain(turn, 2)[2].tb_frame.f_locals["a"], plain(turn, 3)[2].tb_frame.f_locals["b"])
