#!/usr/bin/python3
"""Compares trees with CPython 3.11's over the standard library.

  compare_ast.py [--interp PATH] [--oracle /usr/bin/python3] [--root DIR] [--share N/M]

For every file that parses, one process of each interpreter hashes ast.dump with attributes, ast.unparse of the tree, and the code of the tree
(`compile(ast.parse(source))`), and says whether that code equals `compile(source)`. Ends with a line of figures; exit code 1 on a difference.
"""
import argparse
import os
import subprocess
import sys

WORKER = r'''
import ast, hashlib, marshal, sys, warnings
warnings.simplefilter("ignore")
sys.setrecursionlimit(5000)

def digest(data):
    return hashlib.sha256(data).hexdigest()[:20]

def plain(code):
    # Every field, without the sharing and interning that marshal's flags tell of.
    fields = [getattr(code, n) for n in ("co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_stacksize", "co_flags", "co_code", "co_names", "co_varnames", "co_cellvars", "co_freevars", "co_name",
        "co_qualname", "co_firstlineno", "co_linetable", "co_exceptiontable")]
    return (fields, [constant(c) for c in code.co_consts])

def constant(c):
    if isinstance(c, type(plain.__code__)):
        return plain(c)
    if isinstance(c, tuple):
        return [constant(x) for x in c]
    if isinstance(c, frozenset):
        return sorted(map(repr, c))
    return type(c).__name__, hex(c) if isinstance(c, int) else repr(c)

for path in sys.stdin.read().split("\n"):
    with open(path, "rb") as f:
        source = f.read()
    try:
        tree = ast.parse(source, path)
    except (SyntaxError, ValueError) as e:
        print(path, type(e).__name__, "-", "-", "-")
        continue
    dump = digest(ast.dump(tree, include_attributes=True).encode("utf-8", "surrogatepass"))
    try:
        text = digest(ast.unparse(tree).encode("utf-8", "surrogatepass"))
    except RecursionError:
        text = "RecursionError"
    try:
        direct = repr(plain(compile(source, path, "exec", 0, True, 0)))
        through = repr(plain(compile(tree, path, "exec", 0, True, 0)))
        code, same = digest(through.encode("utf-8", "surrogatepass")), direct == through
    except (SyntaxError, RecursionError) as e:
        code, same = type(e).__name__, "-"
    print(path, dump, text, code, same)
'''
COLUMNS = ("dump", "unparse", "code of the tree", "code of the tree = code of the source")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--interp", default=".build/release/amphis")
    parser.add_argument("--oracle", default="/usr/bin/python3")
    parser.add_argument("--root", default="/usr/lib/python3.11")
    parser.add_argument("--share", default="1/1", help="N/M: only every Mth file, from the Nth on")
    args = parser.parse_args()
    paths = []
    for folder, folders, names in os.walk(args.root):
        folders[:] = sorted(f for f in folders if f != "__pycache__")
        paths += [os.path.join(folder, name) for name in sorted(names) if name.endswith(".py")]
    first, step = map(int, args.share.split("/"))
    paths = paths[first - 1::step]
    processes = [subprocess.Popen([program, "-S", "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for program in (args.oracle, args.interp)]
    for process in processes:
        process.stdin.write("\n".join(paths))
        process.stdin.close()
    outputs = [process.stdout.read().splitlines() for process in processes]
    codes = [process.wait() for process in processes]
    if any(codes) or len(outputs[0]) != len(paths) or len(outputs[1]) != len(paths):
        print(f"exit codes {codes}, {len(outputs[0])} and {len(outputs[1])} answers for {len(paths)} files")
        sys.exit(1)
    parsed = different = unequal = 0
    for theirs, ours in zip(*outputs):
        path, *expected = theirs.rsplit(" ", 4)
        _, *found = ours.rsplit(" ", 4)
        parsed += expected[1] != "-"
        wrong = [name for name, a, b in zip(COLUMNS, expected, found) if a != b]
        unequal += found[3] == "False"
        if wrong:
            different += 1
            print(f"{path}: {', '.join(wrong)}: {found} for {expected}")
    print(f"{len(paths)} files, {parsed} parse; {different} differ in {', '.join(COLUMNS[:3])} or the rejection; {unequal} whose tree compiles to other code than their source")
    sys.exit(1 if different or unequal else 0)


main()
