# Code of a tree is code of its source: constants keep their types and the signs of their zeros.
import ast
import threading
import warnings

warnings.simplefilter("ignore")

SOURCES = ["x = -0j, 0j, -0.0, 0.0, 0, False\n", "def f(): return -0j\ndef g(): return 0j\n", "x = (1, -0j), (1.0, 0j), (True, 0.0), (1, 0j)\n", "x = {0j, -0j}\ny = a in {1, 1.0, True}\n", "'a' 'b'\nf'{x!r:>{y}}' 'c'\n",
    "async def f():\n  async for x in y: await z\n", "match x:\n case {'a': [1, *b], **c}: pass\n case -1j | 0j: pass\n", "class C:\n  'doc'\n  x: int = 1\n"]


def constants(code):
    return [constants(c) if hasattr(c, "co_consts") else repr(c) for c in code.co_consts]


for source in SOURCES:
    direct = compile(source, "s", "exec")
    through = compile(ast.parse(source), "s", "exec")
    print(constants(through), direct == through, ast.unparse(ast.parse(source)).count("\n"))
print(compile("-0j", "s", "eval") == compile("0j", "s", "eval"), compile("(0j,)", "s", "eval") == compile("(-0j,)", "s", "eval"))

# Large sources are compiled side by side by several threads.
large = ["".join(f"def f{i}(a, b={i}):\n  '\\d'\n  return [x * {i} for x in a if b]\n" for i in range(n)) for n in (400, 500, 600, 700)]
large.append("# coding: koi8-r\n" + large[0])
expected = [compile(s.encode(), "s", "exec") for s in large]
found = [None] * len(large)


def work(i):
    for _ in range(5):
        found[i] = compile(large[i].encode(), "s", "exec")
        ast.parse(large[i])


threads = [threading.Thread(target=work, args=(i,)) for i in range(len(large))]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print([a == b for a, b in zip(found, expected)])
try:
    compile(large[0] + "1 2", "s", "exec")
except SyntaxError as e:
    print(e.lineno, e.msg)
