# Items of strs of each width, by index and by iteration; bytes and tuples put together; equality of short texts.
for text in ("plain", "größe", "наука и жизнь a", "日本 ab", "a\U0001f600b\xe9", "\xff\x00", ""):
    print([text[i] for i in range(-len(text), len(text))], [c for c in text], [ord(c) for c in text])
    it = iter(text)
    print(next(it, None), list(it), next(it, None))
    for i in (len(text), -len(text) - 1, 2**70):
        try:
            text[i]
            print("no error")
        except IndexError as e:
            print(e)
    seen = []
    for c in text:
        seen.append(c)
        if c == "a":
            break
    print(seen)


class T(str):
    pass


class B(bytes):
    pass


print([c for c in T("sub\u0436")], [b for b in B(b"sub")], [b for b in bytearray(b"ba")], [b for b in b""], [b for b in b"\x00\xff"])
grown = bytearray(b"ab")
for b in grown:
    if len(grown) < 6:
        grown.append(b + 2)
print(grown)


def add(a, b):
    return a + b


def extend(a, b):
    a += b
    return a


class Tuple(tuple):
    def __add__(self, other):
        return "Tuple.__add__"

    def __radd__(self, other):
        return "Tuple.__radd__"


class Bytes(bytes):
    def __radd__(self, other):
        return "Bytes.__radd__"


for f in (add, extend):
    for a, b in ((b"ab", b"c"), (b"", b"c"), (b"ab", b""), ((1,), (2, 3)), ((), (1,)), ((1,), ()), ((1,), Tuple((2,))), (Tuple((1,)), (2,)), (b"a", Bytes(b"b")),
                 (b"a", bytearray(b"b")), (bytearray(b"b"), b"a"), (b"a", "b"), ((1,), [2]), ([1], [2]), ([1], (2,)), (b"a", memoryview(b"xy")), (1, 2), ("a", "b")):
        for _ in range(3):
            try:
                result = f(a if not isinstance(a, list) else a[:], b)
                print(f.__name__, type(result).__name__, result, end="; ")
            except TypeError as e:
                print(f.__name__, e, end="; ")
        print()

shared = (1, 2)
same = shared
same += (3,)
print(shared, same)

parts = ["", "a", "b", "ab", "ba", "abc", "abcdefg", "abcdefgh", "abcdefgi", "abcdefghi", "abcdefghj", "\xe9", "\u0436", "\u0436\u0436\u0436\u0436", "\u0436\u0436\u0436\u0437",
         "\U0001f600", "\U0001f600\U0001f601", "\U0001f600\U0001f602", "\u0436" * 9, "\u0436" * 8 + "x"]
copies = ["".join(list(p)) for p in parts]
print("".join("01"[p == c] for p in parts for c in copies))
print("".join("01"[p in {c}] for p in parts for c in copies))
print([copies.index(p) for p in parts] == list(range(len(parts))))


class Meta(type):
    def __subclasscheck__(cls, other):
        return "asked"


class Asked(metaclass=Meta):
    pass


class Other(metaclass=Meta):
    pass


for a, b in ((int, int), (bool, int), (int, bool), (int, object), (object, int), (Asked, object), (int, Asked), (Other, Asked), (type, type), (Meta, type), (int, (str, int)), (int, int | str)):
    print(issubclass(a, b), end=" ")
print()
for a, b in ((1, int), (int, 1), (1, 1), (int, (1,))):
    try:
        print(issubclass(a, b))
    except TypeError as e:
        print(e)

table = {1: "one", "k": "text", (1, 2): "pair", 1.0: "float", None: "none", int: "class"}
for key in (1, True, 1.0, "k", "x", (1, 2), (1, 2.0), (1, 3), None, int, str, 2**80):
    print(table.get(key), table.get(key, 0), {}.get(key), {"only": 1}.get(key, "no"))
for d in ({}, {1: 2}, {"a": 1}):
    try:
        d.get([])
    except TypeError as e:
        print(e)
