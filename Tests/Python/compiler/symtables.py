# symtable over our own symbol tables, and _symtable's raw entries.
import _symtable
import symtable

source = """
import a.b, c as d
from m import *
x: int = [y for y in range(3) if (z := y)]
def f(a, /, b, *args, c=1, **kw):
    global g
    def inner():
        nonlocal b
        b = a
        return lambda q: q + free
    class C(a):
        __private = 1
        attr = b
        def m(self): return super().m(), __class__, self.__private
    yield inner
    try: pass
    except E as e: e
async def co():
    return {k: v async for k, v in await thing}
match x:
    case [p, *rest] | {"k": p, **rest}: print(p)
"""


def show(table, depth=0):
    pad = "  " * depth
    print(pad, table.get_type(), table.get_name(), table.get_lineno(), table.is_optimized(), table.is_nested(), table.has_children(),
          sorted(table.get_identifiers()))
    if table.get_type() == "function":
        print(pad, table.get_parameters(), sorted(table.get_locals()), sorted(table.get_globals()), sorted(table.get_nonlocals()),
              sorted(table.get_frees()))
    if table.get_type() == "class":
        print(pad, table.get_methods())
    for s in sorted(table.get_symbols(), key=lambda s: s.get_name()):
        flags = [n for n in dir(s) if n.startswith("is_") and n != "is_namespace" and getattr(s, n)()]
        print(pad, " ", s.get_name(), flags, s.is_namespace())
    for child in table.get_children():
        show(child, depth + 1)


show(symtable.symtable(source, "file", "exec"))
top = _symtable.symtable("def f(x): return y", "file", "exec")
print(top.name, top.type, top.nested, top.lineno, top.varnames, top.symbols, top.children[0].symbols, top.children[0].varnames)
print(type(top), repr(top).startswith("<symtable entry top("))
for args in (("a", "b", "c"), (5, "b", "exec"), ("a=", "b", "exec"), ("def f(x): global x", "b", "exec"), ("nonlocal x", "b", "exec"),
             ("a", 5, "exec"), ("a", "b", 5)):
    try:
        print(_symtable.symtable(*args))
    except SyntaxError as e:
        print(type(e).__name__, e.msg, e.filename, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text)
    except Exception as e:
        print(type(e).__name__, e)
try:
    type(top)()
except TypeError as e:
    print(e)
