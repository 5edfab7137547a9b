# Every field of the code objects of small programs.
PROGRAMS = [
    """
def f(a, /, b, *c, d=1, **e):
    "doc"
    nonlocal_value = a
    def g():
        nonlocal nonlocal_value
        nonlocal_value = b
        return [x for x in c if x is d]
    return g
""",
    """
class A(B, metaclass=C):
    x: int = 1
    def __init__(self, __y):
        super().__init__()
        self.__z = __y
""",
    """
for a, b in c:
    try:
        if a: continue
        d(a, *b, k=1)
    except (E, F) as e:
        g.h(e)
    else:
        break
    finally:
        while a < b < 3: b += 1
else:
    raise X from Y
""",
    """
async def f(a):
    async with a as b, c:
        async for d in b:
            yield [await e async for e in d if e]
    await g
""",
    """
match a:
    case [1, x, *_] | {"k": x}: x
    case B(c=None) as d if d: pass
    case -1 | 2.5: pass
    case _: e
""",
    """
try: a
except* B as b: c
except* D: e
""",
    """
with a: b
with c as (d, e), f as g[h]: i
x, y, z = z, y, x
x, *y = z
assert x, y
del x, y[z], z.w
import a.b as c, d.e
from . import *
""",
]

def show(code):
    print(code.co_name, code.co_qualname, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount, code.co_stacksize)
    print(hex(code.co_flags), code.co_firstlineno, code.co_names, code.co_varnames, code.co_cellvars, code.co_freevars)
    print(code.co_code.hex(), code.co_linetable.hex(), code.co_exceptiontable.hex())
    for constant in code.co_consts:
        if hasattr(constant, "co_code"):
            show(constant)
        else:
            print(repr(constant))

for program in PROGRAMS:
    show(compile(program, "<p>", "exec"))
for level in 0, 1, 2:
    show(compile('def f():\n "doc"\n assert x\n if __debug__: y', "<p>", "exec", optimize=level))
show(compile("await x", "<p>", "exec", flags=0x2000))
show(compile("x: a.b[0]\ndef f(a: 'x', *b: c) -> d: 0", "<p>", "exec", flags=0x1000000))
show(compile("x\ny", "<p>", "exec"))
show(compile("x", "<p>", "single"))
