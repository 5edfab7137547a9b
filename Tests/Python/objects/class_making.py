# What making a class takes over from its bases, and whom it tells.


class Named:
    def __set_name__(self, owner, name):
        print("set name", owner.__name__, name)


class Plain:
    "Nobody is told."
    x = 1


class Told:
    a = Named()
    b = 2
    c = Named()


class Changing:
    def __set_name__(self, owner, name):
        if not hasattr(owner, "late"):
            owner.late = Named()
        print("changing", name)


class Changed:
    first = Changing()
    second = Changing()


print(sorted(k for k in vars(Changed) if not k.startswith("__")))

for text in ("\ud800", "plain", "caf\xe9", "\u20ac", "\U0001f40d"):
    for make in (lambda: type(text, (), {}), lambda: type("C", (), {"__doc__": text})):
        try:
            made = make()
        except UnicodeEncodeError as e:
            print("refused:", e)
        else:
            print(ascii(made.__name__), ascii(made.__doc__))


class Length:
    def __len__(self):
        return 3


class Sum:
    def __add__(self, other):
        return "sum"

    def __radd__(self, other):
        return "reflected"


class Both(Length, Sum):
    pass


class BothNumbers(Sum, int):
    pass


class Sized(Length, list):
    pass


class Ordered(list, Sum):
    pass


print(len(Both()), Both() + 1, 1 + Both())
print(BothNumbers(4) + 1, BothNumbers(4) - 1, 1 + BothNumbers(4), hash(BothNumbers(4)))
print(len(Sized([1])), Sized([1])[0], bool(Sized()), Sized([1]) + [2])
print(Ordered([1]) + [2], 3 + Ordered())

for operation in (lambda: Both() - 1, lambda: iter(Both()), lambda: Both()(), lambda: Both()[0], lambda: int(Both())):
    try:
        print(operation())
    except TypeError as e:
        print(e)


class Equal:
    def __eq__(self, other):
        return True


class Unhashable(Equal, Length):
    pass


class HashAgain(Length, Equal):
    __hash__ = object.__hash__


for cls in (Unhashable, HashAgain):
    try:
        hash(cls())
        print(cls.__name__, "hashes")
    except TypeError as e:
        print(e)

# Keys that equal a special method's name and are not that very str
name = "".join(["__le", "n__"])
Joined = type("Joined", (Sum, Length), {name: lambda self: 7, "".join(["__ca", "ll__"]): lambda self: "called"})
print(len(Joined()), Joined()())


class Mixed(Joined, Sized):
    pass


print(len(Mixed()), Mixed()(), Mixed() + 1)
Length.__len__ = lambda self: 11
Sum.__call__ = lambda self: "late call"
print(len(Both()), Both()(), len(Mixed()), Mixed()())
del Sum.__call__
try:
    Both()()
except TypeError as e:
    print(e)


class Buffer(Sum, bytes):
    pass


print(bytes(memoryview(Buffer(b"abc"))), Buffer(b"abc") + b"d")

# Namespaces of many names
space = {}
exec("\n".join(f"name_{i} = {i}" for i in range(300)), space)
print(len(space), space["name_0"], space["name_299"])
exec("class Many:\n" + "\n".join(f"    attribute_{i} = {i}" for i in range(100)), space)
print(sum(v for k, v in vars(space["Many"]).items() if k.startswith("attribute")))
print(list(vars(space["Many"]))[:3])
