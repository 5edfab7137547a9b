# Runs in libpython when it has been loaded (CrossOutput.swift): `ours` is our `sys`, `warn` and `unraisable` are functions of ours.
import sys
class _Stream:
    def __init__(self, name): object.__setattr__(self, '_name', name)
    def __getattr__(self, name): return getattr(getattr(ours, self._name), name)
    def __setattr__(self, name, value): setattr(getattr(ours, self._name), name, value)
    def __iter__(self): return iter(getattr(ours, self._name))
    def __next__(self): return next(getattr(ours, self._name))
for _name in ('stdin', 'stdout', 'stderr', '__stdin__', '__stdout__', '__stderr__'): setattr(sys, _name, _Stream(_name))
def _unraisable(arg): unraisable(arg.exc_type, arg.exc_value, arg.exc_traceback, arg.err_msg, arg.object)
sys.unraisablehook = _unraisable
def _message(message, category, filename, lineno, file=None, line=None, source=None):
    return message, category, source
def _show(message): warn(*message)
# As long as nothing over there needs the module itself, this is what C code finds.
warnings = type(sys)('warnings')
warnings.filters = [('always', None, Warning, None, 0)]
warnings.onceregistry = warnings._onceregistry = {}
warnings.defaultaction = warnings._defaultaction = 'always'
def _real():
    sys.modules.pop('warnings', None)
    import warnings as real
    real.filters[:] = warnings.filters
    real._filters_mutated()
    real.WarningMessage, real._showwarnmsg = _message, _show
    real._real = True
warnings.WarningMessage, warnings._showwarnmsg = _message, _show
sys.modules['warnings'] = warnings
