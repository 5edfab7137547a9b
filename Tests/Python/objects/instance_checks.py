"""isinstance at one place, while metaclasses and `__class__` change."""


class Meta(type):
    pass


class A(metaclass=Meta):
    pass


class B(A):
    pass


class C:
    pass


def check(x, cls):
    return isinstance(x, cls)


def all_checks():
    return [check(x, cls) for x in (A(), B(), C(), 1, A) for cls in (A, B, C, (A, C), int, Meta)]


for _ in range(3):
    print(all_checks())
Meta.__instancecheck__ = lambda cls, x: "odd"
print(all_checks())
del Meta.__instancecheck__
print(all_checks())


class Plain:
    pass


class Pretender:
    __class__ = property(lambda self: B)


class D(Plain):
    pass


def pretended():
    return [check(D(), cls) for cls in (A, B, C, D, Plain)]


for _ in range(3):
    print(pretended())
D.__bases__ = (Pretender,)
print(pretended())
D.__bases__ = (Plain,)
print(pretended())
Plain.__getattribute__ = lambda self, name: A if name == "__class__" else object.__getattribute__(self, name)
print(pretended())
del Plain.__getattribute__
print(pretended())
