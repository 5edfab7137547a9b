# Reading a file to its end: by its size, beyond it, and files whose size says nothing.
import io
import os
import tempfile


def content(n):
    return bytes(i * 7 & 255 for i in range(n))


with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "file")
    for size in (0, 1, 2, 3, 31, 100, 4095, 4096, 65535, 65536, 65537, 200_000):
        with open(path, "wb") as f:
            f.write(content(size))
        with open(path, "rb") as f:
            whole = f.read()
        with open(path, "rb", buffering=0) as raw:
            first = raw.read(size // 3)
            rest = raw.read()
            nothing = raw.read()
        print(size, whole == content(size), len(first), first + rest == whole, nothing, hash(whole) == hash(content(size)))
        with io.FileIO(path) as raw:
            raw.seek(size + 10)
            print(raw.readall(), raw.read())
            raw.seek(max(0, size - 1))
            print(raw.readall() == whole[-1:], type(raw.readall()) is bytes)

    # A file that others write to while it is read: what is there at the time counts.
    with open(path, "wb") as f:
        f.write(content(1000))
    for change in (lambda f: f.write(b"x" * 70_000), lambda f: f.truncate(900), lambda f: f.truncate(10)):
        with open(path, "r+b", buffering=0) as f, open(path, "rb", buffering=0) as raw:
            raw.read(5)
            f.seek(0, 2)
            change(f)
            rest = raw.readall()
            print(len(rest), sum(rest))

    # The object is an ordinary one.
    with open(path, "wb") as f:
        f.write(b"key=value\n" * 9000)
    with open(path, "rb") as f:
        data = f.read()
    print(len(data), data[-6:], data.count(b"key"), {data: 1}[bytes(data)], len(data.splitlines()), data + b"!" == bytes(data) + b"!")

# Their size is 0 or a page, whatever is in them.
for path in ("/proc/self/status", "/sys/kernel/mm/transparent_hugepage/enabled", "/dev/null"):
    if os.path.exists(path):
        with open(path, "rb") as f:
            data = f.read()
        with open(path, "rb", buffering=0) as f:
            print(path, len(data) > 0, data.endswith(b"\n"), f.readall()[:5] == data[:5])
