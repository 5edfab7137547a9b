# amphis: --cpython=_queue
# A heap at its limit (-X maxheap) raises MemoryError, whatever is asked of it, and never ends the process: native modules are imported, types,
# threads and functions made. (CPython knows no such limit. Not `threading.Thread`: `start` waits until the new thread has told of itself, for
# which that one may have no memory.)
import subprocess, sys

PROGRAM = """
import sys, _thread
kept = []
def fill():
    while True:
        kept.append([0])
names = ("array", "_struct", "_decimal", "pyexpat", "_elementtree", "_json", "_pickle", "_asyncio", "_datetime", "_heapq", "math", "pwd", "_random", "_lsprof",
         "_tracemalloc", "_symtable", "_tokenize", "_ast", "_sha512", "binascii", "_bisect", "_locale", "_contextvars", "_queue", "zlib")
asked = (lambda: type("T", (), {}), sys.get_asyncgen_hooks, lambda: compile("x = 1", "", "exec"), lambda: str(object()), fill, lambda: (lambda: 1)(),
         lambda: _thread.start_new_thread(len, ("",)), lambda: bytearray(10**9))
refused, other, i = 0, None, 0
try:
    fill()
except MemoryError:
    refused += 1
# Nothing outside the `try` needs memory.
while i < len(names):
    try:
        i += 1
        __import__(names[i - 1])
    except MemoryError:
        refused += 1
    except BaseException as e:
        other = e
i = 0
while i < len(asked):
    try:
        i += 1
        asked[i - 1]()
    except MemoryError:
        refused += 1
    except BaseException as e:
        other = e
kept.clear()
# An import that runs out of memory may leave its lock behind: that is Python code.
sys.modules["_frozen_importlib"]._module_locks.clear()
for name in names:
    __import__(name)
import array, _decimal
print(refused > 1, other, array.array("i", [1, 2]), _decimal.Decimal("1.5") + 1)
"""
for size in ("16M", "18M", "20M", "24M"):
    child = subprocess.run([sys.executable, "-X", f"maxheap={size}", "-c", PROGRAM], capture_output=True, text=True)
    print(size, child.returncode, child.stdout.strip(), child.stderr.strip()[-300:])
