# What constant folding makes of an expression: the constants and instructions of its code.
EXPRESSIONS = """
1 + 2 * 3
2 ** 100
2 ** 1000
1 << 100
1 << 200
0 << 2 ** 70
0 ** 2 ** 70
True ** 2 ** 70
-7 // 2, -7 % 3, 7 // -2
1 / 3, 2 ** 64 / 3, 1 // 0
10 ** 20 // 7, -(10 ** 20) % 7
~5, -True, not 0, not ""
1.5 // 0.4, -1.0 % 0.3, 2.0 ** -1, 0.0 ** -1, 1e308 * 10
(-8) ** 0.5
(1 + 2j) * (3 - 4j), (1 + 2j) / (3 - 4j), 1j ** 2
True & False, True | 1, True + True
"ab" * 3, "a" * 5000, 3 * b"xy", "" * -(2 ** 70)
(1, 2) * 3, (1,) * 300, () * -(2 ** 70)
"a" + "b", b"a" + b"b", "a" + b"b"
"abc"[1], "a\\u20acb"[-1], b"abc"[0], (1, 2)[True], (1, 2)[5]
1 is 1, x is not y, not x is y, not x in y, not x == y
x in [1, 2, 3], x in {1, 1.0, True, "a"}, x not in [1, y]
[1, 2, 3], [1, 2], {1, 2, 3}, (1, (2, x))
"%s %r" % (x, y), "%5s|%-5.2s" % (x, y), "%d" % (x,), "%s%%" % (x,), "%s" % x
-0.0, 0.0, (0.0, -0.0)
__debug__
f"{x}a{1}" "b"
{1: 2, "a": x}, {**x, 1: 2}
"""

import warnings

warnings.simplefilter("ignore")
for line in EXPRESSIONS.strip().splitlines():
    code = compile(line, "<e>", "eval")
    constants = [sorted(map(repr, c)) if isinstance(c, frozenset) else c for c in code.co_consts]
    print(line, constants, code.co_code.hex())
