# Long lists grow where they are, blocks are given back and taken again, and nothing is lost on the way.
import gc


class Node:
    __slots__ = ("value", "next")

    def __init__(self, value, next):
        self.value = value
        self.next = next


def grow(n):
    items = []
    for i in range(n):
        items.append(i if i % 3 else (i,))
        if i % 50_000 == 0:
            items.extend([None] * 1000)
    return items


kept = grow(120_000)
print(len(kept), kept[1001], kept[-1], sum(1 for x in kept if x is None))
for size in (10, 1000, 20_000, 200_000):
    chunk = [str(i) * 3 for i in range(size)]
    chain = None
    for i in range(size // 4):
        chain = Node(i, chain)
    gc.collect()
    count = 0
    while chain:
        count += 1
        chain = chain.next
    print(size, len(chunk), chunk[-1], count)
    del chunk
    gc.collect()
buffers = [bytearray(70_000 + i) for i in range(40)]
del buffers[::2]
gc.collect()
more = [bytes([i]) * 150_000 for i in range(20)]
print(len(buffers), buffers[3] == bytearray(70_007), [m[0] == m[-1] == i for i, m in enumerate(more)].count(True))
front = list(range(9000))
while len(front) < 60_000:
    front += front[: len(front) // 2]
    front.insert(0, -1)
print(len(front), front[0], front[-1])
