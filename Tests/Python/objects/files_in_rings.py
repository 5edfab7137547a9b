"""A file that only a dead ring refers to: what was written to it arrives."""
import gc
import os
import tempfile

folder = tempfile.mkdtemp()


class Ring:
    def __del__(self):
        self.file.write(" and its end")


def drop(path, kind):
    if kind == "list":
        ring = []
        ring.append(ring)
        ring.append(open(path, "w"))
        ring[1].write("list")
    else:
        ring = Ring()
        ring.ring = ring
        ring.file = open(path, "w")
        ring.file.write("object")


for kind in "list", "object":
    path = os.path.join(folder, kind)
    drop(path, kind)
    gc.collect()
    print(kind, open(path).read())
    os.unlink(path)
os.rmdir(folder)
