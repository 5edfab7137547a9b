# Errors and warnings that come from symbols and lowering, with their places.
import warnings

PROGRAMS = [
    "return 1", "yield", "await x", "break", "continue", "def f(): await x", "async def f():\n yield 1\n return 2",
    "async def f(): yield from x", "with a:\n break", "x = 1\nfrom __future__ import annotations", "from __future__ import nope",
    "from __future__ import braces", "def f(a, a): 0", "def f():\n x = 1\n global x", "def f():\n x\n global x", "def f(a):\n nonlocal a",
    "nonlocal x", "def f():\n nonlocal x", "def f():\n global x\n x: int", "def f():\n from a import *", "f(__debug__=1)",
    "def f(__debug__): 0", "x.__debug__ = 1", "f(a=1, b=2, a=3)", "class A(k=1, k=2): 0", "[(yield) for x in y]",
    "[x := 1 for x in y]", "[z for z in (x := y)]", "class A:\n [(x := 1) for y in z]", "[x async for x in y]", "async with a: 0",
    "try: 0\nexcept: 0\nexcept A: 0", "for x in y:\n try: 0\n except* A: break", "a, *b, *c = d", "*a", "*a = b", "x = *a",
    "match x:\n case a: 0\n case b: 0", "match x:\n case [a] | [b]: 0", "match x:\n case [a, a]: 0", "match x:\n case {1: a, 1.0: b}: 0",
    "match x:\n case A(b=1, b=2): 0", "match x:\n case f'': 0", "match x:\n case [*a, *b]: 0",
    "from __future__ import annotations\nx: (y := 1)", "from __future__ import annotations\nx: await y", "def f():\n" + "\n".join(" " * (i + 1) + "while x:" for i in range(21)) + "\n" + " " * 22 + "0",
    "x is 1", "x is not ''", "assert (x, 'y')", "1(2)", "[1](2)", "[1]['a']", "'a'[1.0]", "{1}[0]", "(x for x in y)[0]", "f'{x}'()",
]

for program in PROGRAMS:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            compile(program, "<p>", "exec")
            result = "ok"
        except SyntaxError as e:
            result = type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text
    print(repr(program[:40]), result, [(w.category.__name__, str(w.message), w.lineno) for w in caught])

for program in [
    "x; from __future__ import annotations", '"a"\n"b"\nfrom __future__ import annotations', "from .__future__ import zork",
    "from __future__ import annotations; x; from __future__ import annotations", "x=1;\\\nfrom __future__ import generators",
]:
    try:
        compile(program, "<p>", "exec")
        print("ok")
    except SyntaxError as e:
        print(e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset)
