# `%` where all is `%s` and str is made at once; everything around that.
class Text(str):
    def __str__(self):
        return "text's own"


class Other:
    def __str__(self):
        return "other"


formats = ["%s", "%s: %s\r\n", "a%sb%sc", "", "%", "%%", "%s%%", "%%s", "100%", "%s %", "é%s", "ж%s", "%s%s%s", "%5s", "%.1s", "%d", "%(a)s", "no"]
arguments = ["x", "", "é", "ж", "\U0001f600", ("x", "y"), ("", ""), ("é", "y"), ("ж", "y"), ("x",), (), ("a", "b", "c"), (1, 2), 5, None, Text("t"), (Text("t"), "u"),
             Other(), (Other(), "y"), {"a": "b"}, ["l"], b"x", ("a" * 300, "b" * 20), ("\0", "\x7f")]
for f in formats:
    for a in arguments:
        for text in f, Text(f):
            try:
                r = text % a
                print(ascii(f), ascii(a) if not isinstance(a, Other) and not (a and isinstance(a, tuple) and isinstance(a[0], Other)) else "other",
                      ascii(r), len(r), r.isascii(), hash(r) == hash("".join(list(r))))
            except (TypeError, ValueError) as e:
                print(ascii(f), type(e).__name__, e)


def collects(a, *rest, b=1, **named):
    return a, rest, b, named


name = "".join(["ke", "y"])
print(collects(1, key=2, **{"".join(["o", "ther"]): 3}), collects(1, **{name: 4, "b": 5}), collects(1, **{"".join(["", "b"]): 6, "a b": 7}))
for k in ("a", "b", "c"):
    try:
        print(collects(1, **{k + "": 8}))
        print(collects(1, **{("_" + k)[1:]: 8}))
    except TypeError as e:
        print(e)
