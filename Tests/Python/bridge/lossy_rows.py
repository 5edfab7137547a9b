# amphis: --cpython=zlib,_queue
# Every row of docs/lossy-conversions.md that can be triggered, and its neighbour that loses nothing.
import json, subprocess, sys

START = "import sys, queue, array, zlib, ctypes, amphis; q = queue.SimpleQueue()\n"
RUN = """run = ctypes.pythonapi.PyRun_String
run.restype = ctypes.py_object
run.argtypes = [ctypes.c_char_p, ctypes.c_int, ctypes.py_object, ctypes.py_object]
try: run(b'def f():\\n  return 1 / 0\\nf()', 257, {}, {})
except ZeroDivisionError: pass"""
EXTEND = "extend = ctypes.pythonapi.PyList_SetSlice\nextend.argtypes = [ctypes.py_object, ctypes.c_ssize_t, ctypes.c_ssize_t, ctypes.py_object]\n"
KEYS = """class Key:
  def __init__(self, n): self.n = n
  def __eq__(self, other): return self.n == other.n
  def __hash__(self): return hash(self.n)
one, two = Key(1), Key(2)
names = {one: 1, two: 2}
"""
cases = [
    ("L1", "import amphis._bridge; amphis._bridge.falsify(); zlib.crc32(b'ab')",
     "for x in (float('nan'), -0.0, 10**400, -10**18, True, '\\ud800', 'a\\0b', '\\U0001f600' * 9, b'', bytes(99), 2.5, 1e308):\n  q.put(x); assert repr(q.get()) == repr(x)"),
    ("L2", "class Tags(frozenset): pass\nq.put(Tags({1}))", "class Name(str): pass\nq.put(Name('a')); q.put(frozenset({1}))"),
    ("L3", EXTEND + "s = '-'.join('abcdef')\nkept = ctypes.py_object([1])\nextend(kept, 0, 0, (s,))\nx = kept.value[0]",
     EXTEND + "s = '-'.join('abcdef')\nq.put(s)\nassert q.get() is s\nq.put([s, (s,)])\nx = q.get()\nassert x[0] is s"),
    ("L4", "class Stack(list): pass\nq.put(Stack([1]))", "a = [1]; q.put(a); a.append(2); assert q.get() is a and a == [1, 2]"),
    ("L5", KEYS + "two.n = 1\nq.put(names)", KEYS + "q.put(names)"),
    ("L6", "class B(bytearray): pass\nB.__module__ = 'b'\narray.array('I', B(8))", "assert len(array.array('I', bytearray(8))) == 2; array.array('I', memoryview(bytes(8)))"),
    ("L7", RUN, "try: zlib.decompress(b'')\nexcept zlib.error: pass"),
]


def run(source, mode):
    p = subprocess.run([sys.executable, "--cpython=array,zlib,_queue", "--warn-lossy=" + mode, "-c", START + source], capture_output=True, text=True)
    return p.returncode, p.stderr


for code, trigger, neighbour in cases:
    status, text = run(trigger, "json")
    rows = [json.loads(line) for line in text.splitlines()]
    print(code, status, [r["code"] for r in rows], [(r["file"], r["direction"], r["from"], r["to"], r["api"]) for r in rows])
    assert all(r["line"] > 1 and r["what"] and r["advice"] for r in rows), rows
    print("  neighbour", run(neighbour, "json"))
    status, text = run(trigger, "error")
    print("  error", status, "LossyConversionWarning: [" + code + "]" in text)
    status, text = run(trigger, "warn")
    print("  warn", status, text.count("LossyConversionWarning: [" + code + "]"))
    status, text = run("for i in range(5):\n  " + trigger.replace("\n", "\n  "), "summary")
    lines = text.splitlines()
    print("  summary", status, lines[2].split()[0], "total adds up:", lines[-1].split() == ["all", str(sum(1 for _ in range(5)))])
print(run("class Stack(list): pass\nq.put(amphis.copy(Stack([1])))", "warn"))
# Filters of the warnings module apply.
print(run("import warnings; warnings.simplefilter('ignore', amphis.LossyConversionWarning)\nclass Stack(list): pass\nq.put(Stack([1]))", "warn"))
status, text = run("import warnings; warnings.simplefilter('error', amphis.LossyConversionWarning)\nclass Stack(list): pass\ntry: q.put(Stack([1]))\nexcept amphis.LossyConversionWarning as e: sys.stderr.write('raised ' + str(e)[:4])", "warn")
print(status, text)

# What is told: file, line, direction (the arrow), both types, the API that insisted, what is lost, what to do; in operations that are no calls, too.
print(run("class Stack(list): pass\nq.put(Stack([1]))", "warn")[1].splitlines()[0])
print(run(EXTEND + "s = '-'.join('abcdef')\nkept = ctypes.py_object([1])\nextend(kept, 0, 0, (s,))\nx = kept.value[0]", "warn")[1].splitlines()[0])
# =error raises at the place, and the program can go on from there.
print(run("class Stack(list): pass\ndef keep():\n  q.put(Stack([1]))\nkeep()", "error")[1])
print(run("class Stack(list): pass\ntry: q.put(Stack([1]))\nexcept Warning as e: print(type(e).__mro__[1].__name__, q.qsize(), file=sys.stderr)\nq.put([1]); print(q.get(), file=sys.stderr)", "error")[1])
# =json parses whatever the names are; one object for each line, pair of types and code.
odd = "for name in ['a\"b', 'tab\\there', 'é\\\\x', chr(1), chr(0x1F600)]:\n  T = type(name, (frozenset,), {})\n  for i in range(3): q.put(T({1}))"
print([json.loads(line)["from"] for line in run(odd, "json")[1].splitlines()])
# =summary adds up over lines and codes, the most frequent first.
print(run("class Stack(list): pass\nclass Tags(frozenset): pass\nfor i in range(3):\n  q.put(Stack([1]))\nfor i in range(4):\n  q.put(Tags({1}))\nq.put(Stack())", "summary")[1])
