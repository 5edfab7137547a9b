"""Modules that compress are imported "in case" by others. Here they run when somebody looks into them; nobody can tell by what he sees."""
import importlib
import sys
import threading

import shutil

for name in ("bz2", "lzma"):
    module = sys.modules[name]
    print(name, type(module).__name__, module.__name__, module.__spec__.name, hasattr(module, "__path__"))

# Asked for by name, by dictionary, by dir, by a from list and by assignment
import zlib

print(zlib.crc32(b"deferred"), zlib.decompress(zlib.compress(b"abc" * 100))[:6])
import bz2

print(sorted(n for n in dir(bz2) if not n.startswith("_"))[:4], "BZ2File" in vars(bz2))
import lzma

lzma.added = 1
print(lzma.added, lzma.FORMAT_XZ, lzma.decompress(lzma.compress(b"xyz")))
from bz2 import *

print(BZ2Decompressor().decompress(bz2.compress(b"star")))
print(bz2.__doc__.splitlines()[0], repr(bz2).split(" from ")[0])
print("_bz2" in sys.modules, "_compression" in sys.modules, bz2.__spec__.loader.name, bz2.__cached__ is None)

try:
    bz2.missing
except AttributeError as e:
    print(e)
try:
    zlib.missing
except AttributeError as e:
    print(e)

# Imported anew: another module object, run at once
del sys.modules["bz2"]
again = importlib.import_module("bz2")
print(again is bz2, again.open is bz2.open, sys.modules["bz2"] is again)

# A module that a program has put first is not the library's
for name in ("lzma", "_lzma"):
    sys.modules.pop(name, None)
sys.modules["_lzma"] = None
try:
    import lzma as blocked
    print("imported", blocked)
except ImportError as e:
    print(type(e).__name__, e, "lzma" in sys.modules)

# Many threads ask at once
del sys.modules["_lzma"]
import lzma

seen = []
threads = [threading.Thread(target=lambda: seen.append(lzma.FORMAT_ALONE)) for _ in range(8)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(seen)
