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

import binascii
import io
import re

for number in 1 << 40, 1 << 70, None, True, -1:
    attempt(b"abc".hex, ":", number)
    attempt(binascii.b2a_base64, b"a", newline=number)
for pair in [("ab", 1), (1, None), (b"a", "b"), ("ab", "a"), (1, "a", 2), ("a", "b", b"c")]:
    attempt(str.maketrans, *pair)
for group in [], {}, bytearray(), 1.5, None, "y", "x", 7:
    attempt(re.search("(?P<x>.)", "abc").__getitem__, group)
for translate in None, 0.5, [], 1, True:
    attempt(lambda: io.IncrementalNewlineDecoder(None, translate).decode("a\r\nb"))
