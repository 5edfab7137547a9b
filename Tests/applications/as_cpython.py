"""pytest plugin: suites that skip tests wherever the implementation's name is not CPython run them all."""
import platform

platform.python_implementation = lambda: "CPython"
