"""The modules of CPython's executable that are there for tests have the same names, specs and contents here."""
import _imp
import importlib.util
import sys

_imp._override_frozen_modules_for_tests(1)
for name in _imp._frozen_module_names():
    if "hello" not in name:
        continue
    data, is_package, origin = _imp.find_frozen(name, withdata=True)
    code = _imp.get_frozen_object(name)
    print(name, data is not None, is_package, origin, code.co_filename, code.co_names)
import __phello__.ham.eggs

spec = importlib.util.find_spec("__hello_only__")
print(spec.origin, spec.loader_state.origname, spec.loader_state.filename, spec.submodule_search_locations)
import __hello_only__

print(__hello_only__.initialized, hasattr(__hello_only__, "__file__"), __phello__.ham.__spec__.submodule_search_locations)
_imp._override_frozen_modules_for_tests(-1)
print(_imp.find_frozen("__hello_only__"))
