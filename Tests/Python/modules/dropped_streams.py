# Output of a stream that was not closed is in its file when the function returns that had it, or when its name goes.
import os
import tempfile

folder = tempfile.mkdtemp()
path = os.path.join(folder, "out.txt")


def size():
    return os.path.getsize(path)


def content():
    with open(path) as f:
        return f.read()


def write(text):
    f = open(path, "w")
    f.write(text)


write("from a function")
print(content())


def opened():
    f = open(path, "w")
    f.write("begun, ")
    return f


def finish():
    g = opened()
    g.write("ended")
    print(size())


finish()
print(content())


def binary():
    f = open(path, "wb")
    f.write(b"bytes")
    del f
    print(content())


binary()
f = open(path, "w")
f.write("a name of the module")
print(size())
f = None
print(content())
f = open(path, "a")
f.write("; appended")
del f
print(content())

# one that is still referred to keeps its output
kept = []


def keep():
    f = open(path, "w")
    f.write("kept")
    kept.append(f)


keep()
print(size())
keep()
print(size())
kept[0].flush()
print(size())
kept.clear()
for name in os.listdir(folder):
    os.remove(os.path.join(folder, name))
os.rmdir(folder)
