# The default excepthook suggests similar names.
import io
import sys


class Point:
    def __init__(self):
        self.abscissa = 1


def show(f):
    sys.stderr = io.StringIO()
    try:
        f()
    except Exception:
        sys.__excepthook__(*sys.exc_info())
    text, sys.stderr = sys.stderr.getvalue(), sys.__stderr__
    print(text.splitlines()[-1])


def local():
    quantity = 1
    return quantiti


show(lambda: Point().abcissa)
show(lambda: Point().xyzzy)
show(lambda: zerodivisionerror)
show(local)
