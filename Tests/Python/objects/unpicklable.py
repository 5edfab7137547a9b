# Objects that cannot be pickled say so in CPython's words, and the state of others is what their own dicts hold.
import collections, io, sys, types


def f():
    pass


class Hidden:
    __dict__ = property(lambda self: {"made": "up"})


class HiddenSlots:
    __slots__ = ("p",)
    __dict__ = property(lambda self: {"made": "up"})


class Number(int):
    __reduce_ex__ = object.__reduce_ex__


slots = HiddenSlots()
slots.p = 1
attributes = f.__code__
stream = io.BytesIO(b"x")
touched = io.BytesIO(b"x")
touched.__dict__
class Stream(io.StringIO):
    pass


mine = Stream("text")
mine.a = 1
for o in (memoryview(b"a"), attributes, (i for i in ()), sys._getframe(), f, types.ModuleType("m"), types.CellType(1), property(), {}.keys(), iter([]),
          zip(), types.MappingProxyType({}), slice(1), None, object(), type, Number(3), (1, 2), b"a", "s", 1.5, 1j, bytearray(b"a"), Hidden(), slots,
          stream, touched, mine, collections.deque([1]), collections.OrderedDict(a=1), Exception(1), types.SimpleNamespace(a=1)):
    for protocol in (2, 4):
        try:
            answer = object.__reduce_ex__(o, protocol)
            print(type(o).__name__, protocol, answer[2] if answer[0].__name__ == "__newobj__" else len(answer))
        except TypeError as e:
            print(type(o).__name__, protocol, e)
    try:
        state = o.__getstate__()
        print("   ", {k: v for k, v in state.items() if k[:2] != "__"} if isinstance(state, dict) else state)
    except TypeError as e:
        print("   ", e)
for t in (int, bool, bytes, tuple, type, memoryview, type(attributes), type(sys._getframe()), types.GeneratorType, types.CoroutineType,
          types.AsyncGeneratorType, str, list, dict, float, bytearray, type(sys.flags), type(sys.version_info)):
    print(t.__name__, t.__itemsize__)
