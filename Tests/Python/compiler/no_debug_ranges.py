# -X no_debug_ranges and PYTHONNODEBUGRANGES take the columns out of code objects; code(), code.replace() and constants of trees.
import ast
import os
import subprocess
import sys

PROGRAM = """
import marshal
def f(x):
    return (x +
            1 / x)
code = f.__code__
print(list(code.co_positions())[:6], code.co_linetable)
print(list(marshal.loads(marshal.dumps(compile("a = b.c\\n\\n\\nd", "<s>", "exec"))).co_positions()))
f(0)
"""
for options, variables in ((["-X", "no_debug_ranges"], {}), ([], {"PYTHONNODEBUGRANGES": "1"}), ([], {})):
    answer = subprocess.run([sys.executable, *options, "-c", PROGRAM], capture_output=True, text=True, env={**os.environ, **variables})
    print(answer.stdout, answer.stderr)


def f(x):
    return x


def attempt(**fields):
    try:
        print(f.__code__.replace(**fields).co_varnames)
    except ValueError as e:
        print(fields, e)


attempt(co_nlocals=2)
attempt(co_varnames=("a", "b"))
attempt(co_varnames=("a", "b"), co_nlocals=2)
attempt(co_argcount=5)
attempt(co_argcount=5, co_nlocals=9)
attempt(co_code=b"abc", co_nlocals=3)

for constant in (frozenset(), frozenset({1, 2.5}), (1, 2.0, (None, "x y")), b"abc def", 10 ** 40, 3j, "not a name", (1,), (1.0,), (True,)):
    tree = ast.Expression(ast.Lambda(ast.arguments([], [], None, [], [], None, []), ast.Constant(constant)))
    made = eval(compile(ast.fix_missing_locations(tree), "<tree>", "eval"))()
    print(made is constant, type(made), made == constant)
