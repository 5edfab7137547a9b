# msgpack: the packer and unpacker in C, hooks and buffers of ours, streams, extension types, limits.
import collections, datetime, io

import msgpack
from msgpack import ExtType, Packer, Timestamp, Unpacker, exceptions


def error(function, *args, **options):
    try:
        return function(*args, **options)
    except Exception as e:
        return f"{type(e).__name__}: {e}"


print(Packer.__module__, Unpacker.__module__)
values = [None, True, False, 0, -1, 127, 128, -32, -33, 255, 256, 65535, 65536, 2**32 - 1, 2**32, 2**63 - 1, -(2**63), 2**64 - 1, 0.0, -0.0, 1.5, float("inf"), "", "é" * 20, "x" * 300, b"", b"y" * 70000, [], [[]] * 20, {}, {"k": [1, {"z": None}]}, (1, 2)]
for v in values:
    data = msgpack.packb(v)
    back = msgpack.unpackb(data, strict_map_key=False)
    assert back == (list(v) if isinstance(v, tuple) else v), v
    assert msgpack.unpackb(bytearray(data), strict_map_key=False) == back == msgpack.unpackb(memoryview(data), strict_map_key=False)
print(len(values), msgpack.packb([1, "a", {"b": 2.5}]).hex(), msgpack.packb(1.5, use_single_float=True).hex(), msgpack.packb("x", use_bin_type=False))
print(error(msgpack.packb, 2**64), error(msgpack.packb, object())[:30], error(msgpack.packb, "\ud800"), msgpack.packb("\ud800", unicode_errors="surrogatepass"), error(msgpack.unpackb, b"\xa1\xff"))
ring = []
ring.append(ring)
print(error(msgpack.packb, ring), error(msgpack.unpackb, b""), error(msgpack.unpackb, b"\x92\x01"), error(msgpack.unpackb, b"\x01\x02"), error(msgpack.unpackb, b"\xc1"))
print(error(msgpack.unpackb, msgpack.packb({1: 2})), msgpack.unpackb(msgpack.packb({1: 2}), strict_map_key=False), error(msgpack.unpackb, b"\x93\x01\x02\x03", max_array_len=2))


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def encode(o):
    if isinstance(o, Point):
        return {"__point__": [o.x, o.y]}
    if isinstance(o, set):
        return ExtType(5, msgpack.packb(sorted(o)))
    if isinstance(o, complex):
        return [o.real, o.imag]
    raise TypeError("no " + type(o).__name__)


def decode(d):
    return Point(*d["__point__"]) if "__point__" in d else d


def ext(code, data):
    return set(msgpack.unpackb(data)) if code == 5 else ExtType(code, data)


data = msgpack.packb({"p": Point(1, 2), "s": {3, 1}, "c": 1j, "e": ExtType(9, b"raw")}, default=encode)
back = msgpack.unpackb(data, object_hook=decode, ext_hook=ext)
print(type(back["p"]).__name__, back["p"].x, back["s"], back["c"], back["e"], error(msgpack.packb, Ellipsis, default=encode))
print(msgpack.unpackb(data, object_pairs_hook=collections.OrderedDict, list_hook=tuple, ext_hook=ext)["p"], error(msgpack.unpackb, data, object_hook=lambda d: 1 // 0))
moment = datetime.datetime(2024, 2, 29, 12, 30, 15, 250000, datetime.timezone.utc)
print(msgpack.unpackb(msgpack.packb(moment, datetime=True), timestamp=3) == moment, msgpack.unpackb(msgpack.packb(Timestamp(5, 7))), Timestamp.from_datetime(moment).seconds, error(msgpack.packb, moment.replace(tzinfo=None), datetime=True)[:40])


class Str(str):
    pass


class Dict(dict):
    pass


print(msgpack.packb([Str("s"), Dict(a=1), collections.OrderedDict(b=2)]), error(msgpack.packb, Str("s"), strict_types=True), msgpack.packb((1,), strict_types=True, default=list))

# Streams: pieces of any size, several objects, and where it stands.
stream = b"".join(map(msgpack.packb, [1, "two", [3, 4], {"five": 6}]))
u = Unpacker()
got = []
for i in range(0, len(stream), 3):
    u.feed(stream[i : i + 3])
    got += list(u)
print(got, u.tell() == len(stream), list(Unpacker(io.BytesIO(stream), read_size=2)))


class Pieces:
    def __init__(self, data):
        self.data, self.asked = data, []

    def read(self, n):
        self.asked.append(n)
        piece, self.data = self.data[:4], self.data[4:]
        return piece


pieces = Pieces(stream)
print(list(Unpacker(pieces)), len(pieces.asked))
u = Unpacker(io.BytesIO(msgpack.packb([1, {"a": 2}, "x"])))
print(u.read_array_header(), u.unpack(), u.read_map_header(), u.unpack(), u.skip(), u.unpack(), error(u.unpack))
u = Unpacker(max_buffer_size=8)
print(error(u.feed, b"x" * 9), error(Unpacker, max_buffer_size=-1)[:20], error(next, iter(Unpacker())))
p = Packer(autoreset=False)
print(p.pack([1]), p.pack_map_header(1), p.pack("k"), p.pack(2), p.bytes().hex(), len(p.getbuffer()), p.reset(), p.bytes())
p = Packer()
print(p.pack_array_header(2) + p.pack(1) + p.pack(2), p.pack_map_pairs([("a", 1), ("b", 2)]), p.pack_ext_type(3, b"d"), issubclass(exceptions.FormatError, ValueError))


class Failing:
    def read(self, n):
        raise OSError(5, "disk")


print(error(Unpacker(Failing()).unpack))
big = [{"id": i, "name": f"n{i}", "v": [i * 0.5] * 3} for i in range(3000)]
print(msgpack.unpackb(msgpack.packb(big)) == big)
