# The modules that CPython has inside its executable have the same specs and file names here.
import _imp
import sys
import os
import importlib.machinery
import importlib.util

for name in ("os", "os.path", "site", "codecs", "importlib.util", "_frozen_importlib"):
    module = sys.modules[name]
    print(name, module.__spec__.name, module.__spec__.origin, module.__loader__.__name__, module.__spec__.has_location)
print(os.__file__ == sys._stdlib_dir + "/os.py", hasattr(os, "__cached__"), os.walk.__code__.co_filename)
print(importlib.machinery.PathFinder.find_spec("os").loader.__class__.__name__)

print(_imp.is_frozen("os"), _imp.is_frozen("json"), _imp.is_frozen_package("__phello__"))
print(_imp.find_frozen("json"), _imp.find_frozen("os"), _imp.find_frozen("__phello__.ham.__init__"))
data, package, origin = _imp.find_frozen("os", withdata=True)
print(type(data), package, origin, _imp.get_frozen_object("os").co_filename)
for call in (_imp.get_frozen_object, _imp.is_frozen_package):
    try:
        call("json")
    except ImportError as e:
        print(e, e.name)

import __phello__
import __phello__.spam

print(__phello__.__path__ == [sys._stdlib_dir + "/__phello__"], __phello__.spam.__spec__.origin)

try:
    os.fspath(os)
except TypeError as e:
    print(e)
try:
    os.makedirs("/dev/null/x")
except OSError as e:
    frame = e.__traceback__.tb_next.tb_frame
    print(frame.f_code.co_filename, frame.f_globals["__name__"])

_imp._override_frozen_modules_for_tests(-1)
print(_imp.is_frozen("os"), _imp.is_frozen("zipimport"))
_imp._override_frozen_modules_for_tests(0)
