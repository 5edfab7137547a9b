"""Classes whose namespaces were put together at run time: special methods count whatever the str object that names them."""


def answer(self, *rest):
    return 7


class Name(str):
    pass


SPELLINGS = {
    "literal": lambda n: f"__{n}__" if n is None else "__" + n + "__",
    "formatted": lambda n: f"__{n}__",
    "joined": lambda n: "".join(["__", n, "__"]),
    "cased": lambda n: f"__{n}__".upper().lower(),
    "subclass": lambda n: Name(f"__{n}__"),
}
for spelling, name in SPELLINGS.items():
    for bases in (object,), (int,), (list, Exception), (dict,):
        try:
            T = type("T", bases, {name(n): answer for n in ("sub", "rsub", "len", "index", "hash", "call", "getitem", "contains", "abs")})
            t = T()
            print(spelling, bases, t - 1, 1 - t, len(t), [0] * 7 + [1][t - 7 :], hash(t), t(), t[3], 3 in t, abs(t))
        except TypeError as error:
            print(spelling, bases, error)


class Meta(type):
    def __new__(meta, name, bases, namespace):
        return type.__new__(meta, name, bases, {str(k.encode(), "ascii"): v for k, v in namespace.items()})


class Wrapped(metaclass=Meta):
    def __iter__(self):
        return iter("abc")

    def __eq__(self, other):
        return other == 1

    def __enter__(self):
        return "entered"

    def __exit__(self, *details):
        return True

    __slots__ = ()


print(list(Wrapped()), Wrapped() == 1, Wrapped.__hash__)
with Wrapped() as w:
    print(w)
    raise ValueError
