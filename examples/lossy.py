"""What is lost when objects cross between the two heads: run it with `amphis --warn-lossy examples/lossy.py`.

The losses are reported on standard error; what is printed is the same on every Python.
"""
import binascii
import csv
import io
import json


class Text(str):
    """A subclass of str: C code that insists on str's own type may see only its value."""


class Registry(dict):
    """A subclass of dict."""


print(binascii.hexlify(Text("type erased where C insists").encode()).decode()[:16])
print(json.dumps(Registry(kept="order", first=1), sort_keys=True))
out = io.StringIO()
csv.writer(out).writerows([["a snapshot", 1], [Text("of something mutable"), [2, 3]]])
print(out.getvalue().replace("\r\n", "|"))
