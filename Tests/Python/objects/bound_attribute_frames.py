# A collection leaves the frames of running calls whole, also of those that a bound method kept as an attribute has made.
import gc
import sys


class Caller:
    def __init__(self):
        self.method = self._method

    def call(self):
        return self.method()

    def _method(self):
        frame = sys._getframe()
        first = 1
        gc.collect()
        second = 2
        return frame, sorted(frame.f_locals), frame.f_lineno - frame.f_code.co_firstlineno


frame, names, line = Caller().call()
print(names, line, frame.f_locals["second"], frame.f_back is None, sys._getframe() is not frame)
