# A file that only the statement which opens it refers to is closed when that is done with it.
import io
import os
import pathlib
import tempfile
import warnings

folder = tempfile.mkdtemp()
path = os.path.join(folder, "file")


def is_open():
    """Whether a descriptor of this process refers to the file."""
    for fd in os.listdir("/proc/self/fd"):
        try:
            if os.readlink("/proc/self/fd/" + fd) == path:
                return True
        except OSError:
            pass
    return False


def show(title, *values):
    print(title, *values, is_open())


# What was written can be read at once.
show("write", open(path, "w").write("one\ntwo\nthree\n"), open(path).read())
show("append", open(path, "a").write("four\n"), io.open(path, mode="r", encoding="ascii").read())
show("binary", open(path, "ab").write(b"five\n"), open(path, "rb").read())
show("unbuffered", open(path, "ab", 0).write(b"six\n"), open(path, "rb", 0).read())
show("writelines", open(path, "w").writelines(["a\n", "b\n", "c\n"]))
show("readlines", open(path).readlines(), open(path, "rb").readlines())
show("readline", open(path).readline(), open(path, "rb").readline(2))
show("chained", open(path).read().split(), len(open(path).read()))
show("argument", open(path, "w").write("".join(c for c in "a\nb\nc\n")))


def opened(mode="r", **kw):
    return open(path, mode, **kw)


show("by a function", opened().read(), opened("rb").readline(), opened(encoding="ascii").readlines())
show("pathlib", pathlib.Path(path).open().read(), pathlib.Path(path).read_text())
show("stars", open(*(path,)).read(), open(**{"file": path, "mode": "rb"}).read())


# Loops.
def loop():
    lines = []
    for line in open(path):
        lines.append(line)
    show("loop", lines)
    for line in open(path, "rb"):
        break
    show("break", line)
    for line in open(path):
        if line == "b\n":
            return line


show("return", loop())


def raises():
    for line in open(path):
        {}[line]


try:
    raises()
except KeyError as e:
    show("exception", e)
show("comprehension", [line for line in open(path)])
for line in opened():
    pass
show("module", line)


# Kept in a variable, a list, an attribute: it stays open.
def kept():
    f = open(path)
    f.read()
    show("variable")
    f.close()
    for line in (g := open(path)):
        break
    show("walrus")
    g.close()
    held = [open(path)]
    held[0].read()
    show("list")
    held[0].close()
    read = open(path).read
    read()
    show("method")
    read.__self__.close()
    with open(path) as f:
        f.read()
        show("with")


kept()


# Errors in the method come through; the file is closed all the same.
for call in (lambda: open(path).write("x"), lambda: open(path, "w").read(), lambda: open(path, "rb").read("x")):
    try:
        call()
    except Exception as e:
        show("error", type(e).__name__, str(e))

# The warning names the line.
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    open(path).read()
print([(w.category.__name__, "unclosed file" in str(w.message)) for w in caught])


# A class of one's own has its own ideas.
class Opened(io.TextIOWrapper):
    def read(self, *args):
        result.append(self)
        return super().read(*args)


result = []
Opened(io.FileIO(path)).read()
show("own class", result[0].closed)
result[0].close()
os.remove(path)
os.rmdir(folder)
