"""Comparisons with a constant on the left, and mixed operands at one place."""


class Odd:
    def __gt__(self, other):
        return "gt", other

    def __le__(self, other):
        return ""


def compare(x):
    r = []
    if 0 <= x: r.append("<=")
    if 0 < x: r.append("<")
    if 3 > x: r.append(">")
    if 3 >= x: r.append(">=")
    if 3 == x: r.append("==")
    if 3 != x: r.append("!=")
    if not 0 < x: r.append("not <")
    if 0 <= x < 3: r.append("within")
    if not 0 <= x < 3 <= x + 10: r.append("without")
    while 5 > x:
        x = x + 1
    return r, x


def equal(a, b):
    return a == b, a != b


values = [-1, 0, 1, 3, 7, 2.5, -0.5, 1 << 70, True, -1, 3, float("nan"), 3, 3.0, -1, 2]
for x in values:
    if x == x:
        print(repr(x), compare(x))
for x in (Odd(), "a", None, 3, 4):
    try:
        print(compare(x))
    except TypeError as e:
        print(e)
pairs = [(1, 1.0), (1, 2.5), ((1, "a"), (1, "a")), ((1,), (2,)), ((1, (2,)), (1, (2,))), ((1.0,), (1,)), (1, True), ("a", 1), (b"a", b"a"), (None, 1.5), (2.5, 2.5),
         (float("nan"), 1), ((), ()), ((), []), ((1, 2), (1, 2, 3)), (1 << 60, float(1 << 60)), ((Odd(),), (Odd(),))]
for _ in range(3):
    for a, b in pairs:
        print(equal(a, b), end=" ")
    print()
