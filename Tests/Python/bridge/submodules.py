# A C module that imports a submodule leaves the package's attribute of that name alone.
import collections
import collections.abc
import importlib
import sys

before = collections.abc
import decimal

for name in ("decimal", "_decimal"):
    sys.modules.pop(name, None)
decimal = importlib.import_module("decimal")
print(decimal.Decimal(1) / 3)
print(collections.abc is before, sys.modules["collections.abc"] is before)
print(collections.abc.Collection.__bases__ == (collections.abc.Sized, collections.abc.Iterable, collections.abc.Container))
