"""Arguments of the wrong kind: what is said about them."""
import collections
import os


def attempt(f, *args, **keywords):
    try:
        print(f(*args, **keywords))
    except Exception as error:
        print(type(error).__name__, error)


for reverse in None, "", 1.5, [], True, 0, 2, 1 << 70:
    attempt(sorted, [2, 1], reverse=reverse)
for path in collections.OrderedDict(), collections.deque(), None, 1.5:
    attempt(os.fspath, path)
    attempt(open, path) if not isinstance(path, float) else None
    attempt(compile, "1", path, "eval")
for message in {1}, 1, None, collections.deque():
    attempt(ExceptionGroup, message, [ValueError()])
for encoding in "nope", "utf-8", "[^x]":
    attempt(b"".decode, encoding, "strict")
    attempt(bytearray().decode, encoding)
    attempt(b"x".decode, encoding)
attempt(UnicodeDecodeError, None, b"", 0, 1, "r")
attempt(UnicodeEncodeError, "u", "", 0, 1, None)
