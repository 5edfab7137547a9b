# Recursion in native code ends in a RecursionError at the recursion limit, as it does in Python code.
import sys

nested = []
for _ in range(sys.getrecursionlimit() + 100):
    nested = [nested]
other = []
for _ in range(sys.getrecursionlimit() + 100):
    other = [other]
classes = (str,)
for _ in range(sys.getrecursionlimit() + 100):
    classes = (classes,)
for action in (lambda: repr(nested), lambda: nested == other, lambda: isinstance(1, classes), lambda: issubclass(int, classes)):
    try:
        action()
        print("no error")
    except RecursionError as e:
        print(str(e)[:40])
