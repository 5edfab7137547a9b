# Nested sources compiled on threads with small stacks and at the bottom of deep recursions: the same outcome or RecursionError
# where objects are made, never a signal.
# CPython itself dies on the smallest stacks, so it is asked on larger ones only.
import ast
import sys
import threading

FORMS = [("(", "x", ")"), ("f(", "x", ")"), ("x[", "0", "]"), ("-", "x", ""), ("not ", "x", ""), ("lambda:", "x", ""), ("x**", "y", ""), ("[a for a in ", "b", "]"), ("f(a for a in ", "b", ")"), ("{**", "x", "}"), ("[*", "x", "]")]


def blocks(n):
    heads = ["if x:", "while x:", "for x in y:", "def f():", "class C:", "with x:", "async def f():"]
    return "".join(" " * i + heads[i % len(heads)] + "\n" for i in range(n)) + " " * n + "pass\n"

def patterns(n):
    return "match x:\n case " + "[" * n + "y" + "]" * n + ": pass\n"

def fstring(n):
    text = "x"
    for i in range(n):
        q = ("'", '"', "'''", '"""')[i]
        text = "f%s{%s}%s" % (q, text, q)
    return text + "\n"

SOURCES = [a * n + b + c * n + "\n" for a, b, c in FORMS for n in (190,)]
SOURCES += [blocks(95), patterns(190), fstring(4)]
SOURCES += ["def g():\n return " + s for s in SOURCES[2:4]] + ["if x: pass\n" + "elif x: pass\n" * n for n in (900,)]
SOURCES += ["x = (" + "(1, 2), " * 50 + "f(" * 60 + "1 2" + ")" * 61 + "\n"]

def outcome(source):
    try:
        tree = ast.parse(source)
        compile(source, "s", "exec")
        compile(tree, "s", "exec")
        return "fine"
    except (SyntaxError, MemoryError, RecursionError, ValueError) as e:
        return type(e).__name__

def run():
    return [outcome(s) for s in SOURCES]

expected = run()
print(expected.count("fine"), len(expected))
ours = sys.implementation.name == "amphis"
results = []
for size in (32768,) if ours else (8 << 20,):
    threading.stack_size(size)
    thread = threading.Thread(target=lambda: results.append(run()))
    thread.start()
    thread.join()
print([a for r in results for a, b in zip(r, expected) if a != b and a != "RecursionError"], all(len(r) == len(expected) for r in results))


# The recursion limit counts the calls before: what nests deepest may end in RecursionError, and nothing else may change.
class Deep:
    def __init__(self, n):
        self.n = n

    def __eq__(self, other):
        global found
        if self.n == 0:
            found = run()
            return True
        return [Deep(self.n - 1)] == [other]


found = []
for depth in 100,:
    [Deep(depth)] == [Deep(0)]
    print(all(a == b or a == "RecursionError" for a, b in zip(found, expected)), len(found) == len(expected))
