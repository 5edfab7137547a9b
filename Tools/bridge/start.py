# Runs in libpython between the two halves of its start (`amphis_start`). The second half makes what Python code needs that is read from files: the
# path finder, codecs, streams. Few C modules ask for any of it, so it finds stand-ins here, and the real ones come when somebody does.
import builtins
import sys
import _codecs
import _frozen_importlib
from _thread import RLock
_lock = RLock()
_stage = 0
class _Codec(tuple):
    name = 'utf-8'
def _utf8(name):
    return _Codec((None,) * 4)
class _File:
    def isatty():
        return False
_File.raw = _File
def _file(*arguments, **options):
    return _File
def _stand_in(name, **names):
    module = sys.modules[name] = type(sys)(name)
    module.__dict__.update(names)
    return module
def _asked(name):
    _finish()
    return getattr(_frozen_importlib._bootstrap_external, name)
_stand_in('_frozen_importlib_external', __getattr__=_asked, _install=id, _get_cached=lambda path: None)
_stand_in('io', open=_file, TextIOWrapper=_file)
_stand_in('encodings')
sys.modules['zipimport'] = None
_codecs.register(_utf8)


def _started():
    _codecs.unregister(_utf8)
    _codecs.register(_search)
    for name in ('_frozen_importlib_external', 'io', 'encodings', 'zipimport'):
        del sys.modules[name]
    builtins.open = _open
    sys.meta_path.append(_Files)
def _search(name):
    _finish()
    return sys.modules['encodings'].search_function(name)
def _open(*arguments, **options):
    _finish()
    return open(*arguments, **options)
class _Files:
    # The path finder comes behind this one: whoever goes through `sys.meta_path` finds it there.
    def find_spec(name, path=None, target=None):
        _finish()
def passing(function):
    # Replaced by one that lets imports be CPython's own meanwhile.
    function()
def _finish():
    global _stage
    with _lock:
        if _stage == 0:
            _stage = 1
            passing(_read_files)
def _read_files():
    _frozen_importlib._install_external_importers()
    import encodings
    _codecs.unregister(_search)
    import zipimport
    sys.path_hooks.insert(0, zipimport.zipimporter)
    import io
    builtins.open = io.open
