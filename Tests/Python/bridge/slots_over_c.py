# Instances that C code makes of classes over C types are of these classes, whatever slots and properties they have.
import ctypes


class Point(ctypes.Structure):
    _fields_ = [('x', ctypes.c_int)]
    __slots__ = ()


class Doubled(Point):
    @property
    def double(self):
        return self.x * 2

    @double.setter
    def double(self, value):
        self.x = value // 2


class Named(Point):
    __slots__ = ('name',)
    kinds = [1]


class Noted(Point):
    class Note:
        def __set_name__(self, owner, name):
            self.seen = name, owner.__name__

        def __get__(self, instance, owner):
            return self.seen, instance is None
    note = Note()


for cls in (Doubled, Named, Noted):
    made = (cls * 2)()[1]
    copied = cls.from_buffer_copy(b'\5\0\0\0')
    print(cls.__name__, type(made) is cls, type(copied) is cls, made.x, copied.x, isinstance(copied, Point), ctypes.pointer(copied).contents.x)
copied = Doubled.from_buffer_copy(b'\5\0\0\0')
copied.double = 20
print(copied.x, copied.double, copied.__dict__, bytes(copied))
copied.other = 1
print(copied.other)
named = Named.from_buffer_copy(b'\6\0\0\0')
named.name = 'n'
try:
    named.other = 1
except AttributeError as e:
    print(e)
print(named.name, named.x, Noted().note, Noted.note)
