"""Trees a few thousand elements deep: copies, walks and builders do not count against the recursion limit."""
import copy, gc
import xml.etree.ElementTree as ET

root = ET.fromstring("<a>" * 5000 + "text" + "</a>" * 5000)
deep = copy.deepcopy(root)
print(sum(1 for _ in deep.iter()), "".join(deep.itertext()), sum(1 for _ in deep.iter("a")), deep is root)
builder = ET.TreeBuilder()
for _ in range(5000):
    builder.start("b", {})
for _ in range(5000):
    builder.end("b")
print(sum(1 for _ in builder.close().iter()))
for f in (ET.tostring, ET.indent):
    try:
        f(deep)
    except RecursionError as e:
        print(type(e).__name__)
del root, deep
gc.collect()
print("done")
