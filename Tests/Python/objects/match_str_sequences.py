# str, bytes and bytearray are sequences by registration, yet match no sequence pattern, whatever was registered meanwhile.
import collections.abc


class Mine:
    pass


collections.abc.Sequence.register(Mine)


def kind(x):
    match x:
        case [*_]:
            return "sequence"
        case _:
            return "other"


print(kind("x"), kind(b"x"), kind(bytearray(b"x")), kind(["x"]), kind(Mine()))
