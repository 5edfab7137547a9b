# Each MemoryError has its own traceback and context.
import traceback
def f(n): return bytearray(1 << 62)
def g(): return [0] * (1 << 60)
seen = []
for fn in (lambda: f(1), g, lambda: "a" * (1 << 62), lambda: f(2), g):
    try:
        fn()
    except MemoryError as e:
        print([x.name for x in traceback.extract_tb(e.__traceback__)], e.__context__, e.__cause__, e.args)
try:
    try: f(1)
    except MemoryError: raise ValueError from None
except ValueError as e:
    print(repr(e.__context__), e.__suppress_context__)
try:
    try: raise KeyError(1)
    except KeyError: g()
except MemoryError as e: print(repr(e.__context__))
try: g()
except MemoryError as e: print(repr(e.__context__), len(traceback.extract_tb(e.__traceback__)))
