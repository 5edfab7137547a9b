# Runs in libpython before the first extension module is loaded (Modules.swift): `find` is a function of ours.

# Not within the functions: an import ends what stands in sys.modules for C code. The package importlib itself would be read from files,
# and with it `warnings` and `types`; its loader of extension modules comes with the path finder (start.py).
import sys
import _imp
from _frozen_importlib import BuiltinImporter, ModuleSpec, _load
class ExtensionLoader:
    def create_module(spec):
        return _imp.create_dynamic(spec)
    def exec_module(module):
        _imp.exec_dynamic(module)
def load(name, path):
    known = sys.modules.get(name)
    if known is not None:
        return known
    spec = ModuleSpec(name, ExtensionLoader, origin=path)
    spec.has_location = True
    return _load(spec)
class Loader:
    def __init__(self, module):
        self.module = module
    def create_module(self, spec):
        return None
    def exec_module(self, module):
        sys.modules[module.__name__] = self.module
class Finder:
    names = ('importlib._bootstrap', '_frozen_importlib', 'importlib._bootstrap_external', '_frozen_importlib_external')
    def find_spec(name, path=None, target=None):
        frame = sys._getframe(1)
        while frame is not None and frame.f_globals.get('__name__') in Finder.names:
            frame = frame.f_back
        if frame is not None and frame.f_globals.get('__name__') != '__amphis__':
            return None
        module = find(name, name.partition('.')[0] in sys.stdlib_module_names)
        if module is not None:
            return ModuleSpec(name, Loader(module))
sys.meta_path.insert(0, Finder)
def whole(name, path):
    for entry in path:
        if entry not in sys.path:
            sys.path.append(entry)
    import importlib
    return importlib.import_module(name)


# What `_sqlite3` finds under that name: its cache of statements is CPython's own, and no `execute` has to call back for it.
class functools:
    wrapper = None

    def lru_cache(maxsize):
        if functools.wrapper is None:
            # Not by an import, which would find our module.
            module = BuiltinImporter.create_module(BuiltinImporter.find_spec('_functools'))
            BuiltinImporter.exec_module(module)
            functools.wrapper = module._lru_cache_wrapper
        return lambda function: functools.wrapper(function, maxsize, False, tuple)
