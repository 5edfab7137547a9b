# Python code that runs within a method of a bytearray may resize it: no old storage is read or written.
import codecs
import re

N = 1 << 17


def fresh():
    return bytearray(b"ab" * (N // 2))


def resize(b):
    try:
        b += bytes(len(b))
        b[:] = b""
        for block in [bytearray(N) for _ in range(4)]:
            block[:] = b"\xff" * N
        return "resized"
    except BufferError:
        return "exported"


class Index:
    def __init__(self, b):
        self.b = b

    def __index__(self):
        self.did = resize(self.b)
        return 1


def case(name, action):
    b = fresh()
    i = Index(b)
    try:
        r = action(b, i)
        r = r if isinstance(r, (int, type(None))) else len(r)
    except (IndexError, TypeError) as e:
        r = e
    print(name, r, getattr(i, "did", None), len(b))


def extended(b, i):
    def items():
        yield 1
        i.did = resize(b)
        yield 2

    b.extend(items())


def substituted(b, i):
    def replacement(match):
        i.did = resize(b)
        return b"z"

    return re.sub(rb"a", replacement, b, count=2)


def decoded(b, i):
    def handler(error):
        i.did = resize(b)
        return "?", error.end

    codecs.register_error("resize", handler)
    b[3] = 0xFF
    return b.decode("utf-8", "resize")


def sorted_by(b, i):
    def key(x):
        if not hasattr(i, "did"):
            i.did = resize(b)
        return x

    return sorted(b, key=key)


case("item", lambda b, i: b.__setitem__(i, 5))
case("value", lambda b, i: b.__setitem__(5, i))
case("slice", lambda b, i: b.__setitem__(slice(i, 10), b"q"))
case("number", lambda b, i: b.__setitem__(slice(5, 10), i))
case("delete", lambda b, i: b.__delitem__(slice(i, N, 2)))
case("get", lambda b, i: b[i:N:2])
case("insert", lambda b, i: b.insert(N // 2, i))
case("at", lambda b, i: b.insert(i, 7))
case("append", lambda b, i: b.append(i))
case("times", lambda b, i: b * i)
case("pop", lambda b, i: b.pop(i))
case("split", lambda b, i: b.split(b"b", i))
case("replace", lambda b, i: b.replace(b"a", b"c", i))
case("ljust", lambda b, i: b.ljust(i))
case("extend", extended)
case("sub", substituted)
case("decode", decoded)
case("sorted", sorted_by)
