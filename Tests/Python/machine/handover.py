"""A function in machine code hands over to a loop of its own that has other machine code, and gets the place back when that is given up."""


class Box:
    def __init__(self):
        self.n = 0

    def put(self, x):
        if x < 0:
            return
        self.n += x


def opaque(*values):
    return len(values)


def work(box, values, items, times, rounds, second, third):
    """The first inner loop ends in a call, whose first argument is now of one kind, now of the other: it is inlined in the loop alone."""
    total = 0
    for i in range(times):
        values[1] = 1 - (i & 1) * 2
        total += opaque(i, i)
        seen = items[i % len(items)] + 1
        j = 0
        while j < rounds:
            j += 1
            box.put(values[j])
        j = 0
        while j < second:
            j += 1
            total += j
        j = 0
        while j < third:
            j += 1
            total -= j
    return total, box.n, seen


ints, mixed = [1, 2, 3], [1, 2, 3, 4, 5, 0.5]
values = [1] * 5001
for items, times, rounds, second, third in [
    (ints, 20, 5000, 0, 0), (ints, 3000, 3, 0, 0), (ints, 20, 10, 4000, 0), (ints, 600, 5, 5, 0),
    (ints, 20, 10, 0, 4000), (ints, 600, 5, 0, 5), (mixed, 100000, 1, 1, 1), (mixed, 150000, 2, 0, 0), (ints, 5000, 3, 1, 1),
]:
    print(times, rounds, second, third, work(Box(), values, items, times, rounds, second, third))
