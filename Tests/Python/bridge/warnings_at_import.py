# What a C module warns about while it is imported names the line of the import.
import importlib
import os
import warnings


def show(seen):
    for w in seen:
        print(w.category.__name__, w.message, os.path.basename(w.filename), w.lineno)


with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('always')
    import audioop
    import nis, spwd
show(seen)
with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter('default', DeprecationWarning)
    from ossaudiodev import error
show(seen)
