# Small programs whose every allocation collects when they run under -X gcstress.


class Node:
    def __init__(self, left, right):
        self.left, self.right = left, right

    def count(self):
        return 1 + (self.left.count() if self.left else 0) + (self.right.count() if self.right else 0)


def tree(depth):
    return Node(tree(depth - 1), tree(depth - 1)) if depth else Node(None, None)


def squares(n):
    for i in range(n):
        yield i * i


print(tree(4).count())
print(list(squares(8)), sum(squares(20)))
print({str(i): [i, (i, -i)] for i in range(12)})
print(sorted({i * 7919 % 31 for i in range(20)}), "-".join(f"{i:03d}" for i in range(10)))
big = 1
for i in range(1, 40):
    big *= i
print(big, big // 10**20, hash(big) == hash(int(str(big))))
try:
    {}["missing"]
except KeyError as error:
    print(repr(error), error.args)
text = ""
for i in range(30):
    text += chr(0x61 + i % 26)
print(text, text.upper(), text.replace("a", "é"), text.split("m"))
