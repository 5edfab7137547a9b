# amphis: --cpython=zlib
# Warnings, errors and text that C code has for the user come out of our own warnings and sys.
import contextlib
import io
import ssl
import sys
import warnings
import zlib

with warnings.catch_warnings(record=True) as seen:
    warnings.simplefilter("always")
    ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    print([(w.category.__name__, str(w.message)) for w in seen])
with warnings.catch_warnings():
    warnings.simplefilter("error")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLSv1)
    except DeprecationWarning as e:
        print("raised", e)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    print(type(ssl.SSLContext(ssl.PROTOCOL_TLSv1)).__name__)

for call in [lambda: zlib.decompress(b"x"), lambda: zlib.crc32(), lambda: zlib.crc32("s"), lambda: zlib.compress(b"", 99)]:
    try:
        call()
    except Exception as e:
        print(type(e).__module__, type(e).__name__, e.args)

import sqlite3

database = sqlite3.connect(":memory:")


class Mine(Exception):
    pass


def bad(x):
    raise Mine(x)


sqlite3.enable_callback_tracebacks(True)
database.create_function("bad", 1, bad)
hooked = []
sys.unraisablehook = lambda args: hooked.append((args.exc_type.__name__, args.exc_value.args))
try:
    database.execute("select bad(1)")
except sqlite3.OperationalError as e:
    print(e)
print(hooked)
sys.unraisablehook = sys.__unraisablehook__
try:
    sorted([3, 1], key=lambda x: zlib.crc32(x))
except TypeError as e:
    print(e)
