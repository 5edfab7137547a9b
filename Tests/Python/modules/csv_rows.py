"""_csv: dialects, readers and writers, what they refuse, and a few thousand rows by chance."""
import _csv
import copy
import csv
import io
import pickle
import random

d = _csv.Dialect()


def attempt(f):
    try:
        r = f()
    except Exception as e:
        return f"{type(e).__name__}: {e}"
    return type(r).__name__ if type(r).__module__ == "_csv" else r


def show(d):
    return d.delimiter, d.doublequote, d.escapechar, d.lineterminator, d.quotechar, d.quoting, d.skipinitialspace, d.strict


for name in ("delimiter", "quotechar", "escapechar", "lineterminator", "quoting", "doublequote", "skipinitialspace", "strict"):
    for value in ("", "ab", ";", "\u20ac", "\U0001f600", 5, None, b",", True, -1, 9, 2, 3, 1 << 40, [], [1]):
        print(name, repr(value), attempt(lambda: show(_csv.Dialect(**{name: value}))))
for arguments, keywords in (((), {"what": 1}), (range(10), {}), (("nope",), {}), ((5,), {}), ((None,), {}), ((None, ";"), {}), ((d,), {"dialect": d}), ((), {"dialect": "excel-tab"}),
                            ((d, ";", False, "\\", "\n", "'", 1, True, True), {}), ((), {"quotechar": None, "quoting": 0}), (([],), {}), ((d, None), {})):
    print(attempt(lambda: show(_csv.Dialect(*arguments, **keywords))))
print(_csv.Dialect(d) is d, _csv.Dialect(dialect=d) is d, _csv.Dialect(d, strict=1) is d, show(_csv.Dialect(type("X", (), {"delimiter": ";", "quotechar": None, "strict": 5}))))
print(attempt(lambda: _csv.Dialect(type("X", (), {"quoting": 5}))), attempt(lambda: _csv.Dialect(_csv.Dialect)))
r, w = _csv.reader([]), _csv.writer(io.StringIO())
for f in (
    lambda: _csv.reader(), lambda: _csv.reader(5), lambda: _csv.reader([], 5), lambda: _csv.reader([], "nope"), lambda: _csv.reader([], d, d), lambda: _csv.reader([], d, dialect=d),
    lambda: _csv.reader([], what=5), lambda: _csv.reader([], dialect="excel"), lambda: _csv.reader(iterable=[]), lambda: _csv.writer(), lambda: _csv.writer(5), lambda: _csv.writer(io.StringIO(), d, 5),
    lambda: w.writerow(5), lambda: w.writerow(), lambda: w.writerow([], 1), lambda: w.writerow(x=1), lambda: w.writerows(5), lambda: w.writerows([5]), lambda: w.writerow([None]), lambda: w.writerow("abc"),
    lambda: w.writerow(iter((1, 2.5, None, "x"))), lambda: w.writerows(iter([[1], (2,), "34"])), lambda: w.writerow([]), lambda: w.writerow({1: 2}), lambda: w.writerow(1 / 0 for _ in "a"),
    lambda: list(_csv.reader([b"a"])), lambda: list(_csv.reader([5])), lambda: list(_csv.reader(["a\0b"])), lambda: list(_csv.reader(["a\rb"])), lambda: list(_csv.reader(['"a'], strict=True)),
    lambda: list(_csv.reader(['"a"b'], strict=True)), lambda: list(_csv.reader(['a,"b'])), lambda: list(_csv.reader(["1,a"], quoting=2)), lambda: list(_csv.reader(['1,"a", 2.5 ,'], quoting=2)),
    lambda: list(_csv.reader(1 / 0 for _ in "a")), lambda: list(_csv.reader("ab\nc")), lambda: _csv.register_dialect(), lambda: _csv.register_dialect(5), lambda: _csv.register_dialect("x", d, d),
    lambda: _csv.register_dialect("x", what=3), lambda: _csv.register_dialect("x", delimiter=";"), lambda: _csv.get_dialect("x").delimiter, lambda: _csv.get_dialect("y"), lambda: _csv.get_dialect([]),
    lambda: _csv.get_dialect(), lambda: _csv.unregister_dialect("y"), lambda: _csv.list_dialects(), lambda: _csv.unregister_dialect(name="x"), lambda: _csv.unregister_dialect([]), lambda: _csv.list_dialects(1),
    lambda: _csv.field_size_limit(), lambda: _csv.field_size_limit("a"), lambda: _csv.field_size_limit(10), lambda: list(_csv.reader(["a" * 10, "a" * 11])), lambda: list(_csv.reader(['"' + "a" * 6, 'b' * 6])),
    lambda: _csv.field_size_limit(1 << 70), lambda: _csv.field_size_limit(-5), lambda: list(_csv.reader(["", "a"])), lambda: _csv.field_size_limit(None), lambda: _csv.field_size_limit(1, 2),
    lambda: _csv.field_size_limit(new_limit=131072), lambda: pickle.dumps(d), lambda: copy.copy(d), lambda: pickle.dumps(r), lambda: pickle.dumps(w), lambda: setattr(r, "line_num", 4),
    lambda: setattr(d, "delimiter", ";"), lambda: setattr(d, "strict", 1), lambda: delattr(d, "quoting"), lambda: type("D", (_csv.Dialect,), {})(delimiter="|").delimiter, lambda: type("R", (_csv.Reader,), {}).__mro__[1],
):
    print(attempt(f))
print(_csv.Error.__mro__, sorted(_csv._dialects), r.dialect.delimiter, r.line_num, iter(r) is r, _csv.Reader, _csv.Writer, _csv.Dialect, d.__class__ is _csv.Dialect)
for t in (_csv.Reader, _csv.Writer, _csv.Dialect):
    print([(n, type(v).__name__) for n, v in sorted(vars(t).items()) if n[:2] != "__" or n in ("__iter__", "__next__", "__reduce__")])
print([n for n in dir(_csv) if n[:2] != "__"])

# A write that fails, str() that fails or changes the row, rows of any kind
out = []


class Writes:
    write = out.append


class Odd:
    def __str__(self):
        row.clear()
        return "odd"


row = [1, Odd(), 2, 3]
print(_csv.writer(Writes).writerow(row), _csv.writer(Writes).writerows([["a", "b,c"], ["d\ne", 'f"g'], [""], [None, None], [1.5, 10 ** 30, True]]), out)


class Fails:
    def write(self, line):
        raise OSError("full")


class NoText:
    def __str__(self):
        raise ValueError("no text")


print(attempt(lambda: _csv.writer(Fails()).writerow([1])), attempt(lambda: w.writerow([NoText()])))
lines = _csv.reader(["a,b", '"c', 'd",e', "", "f"])
for fields in lines:
    print(fields, lines.line_num)

# By chance: every dialect writes and reads
random.seed(11)
letters = 'ab, ;"\'\\\n\r\t\u00e9\u20ac\U0001f600 1.5'
total = 0
for _ in range(1500):
    options = {}
    for name, values in {
        "delimiter": ",;\t |a\u20ac", "quotechar": ['"', "'", None, "|", "\u20ac"], "escapechar": [None, "\\", "/", '"', ","], "lineterminator": ["\r\n", "\n", "", "ab", "\u20ac"],
        "quoting": [0, 1, 2, 3], "doublequote": [True, False], "skipinitialspace": [True, False], "strict": [True, False],
    }.items():
        if random.random() < 0.4:
            options[name] = random.choice(values)
    rows = []
    for _ in range(3):
        rows.append([random.choice([None, 5, 2.5, "", "".join(random.choice(letters) for _ in range(random.randrange(9)))]) for _ in range(random.randrange(4))])
    stream = io.StringIO(newline="")
    written = attempt(lambda: [csv.writer(stream, **options).writerow(row) for row in rows])
    text = stream.getvalue()
    source = text if random.random() < 0.6 else "".join(random.choice(letters) for _ in range(30))
    read = attempt(lambda: list(csv.reader(io.StringIO(source, newline=""), **options)))
    piece = attempt(lambda: list(csv.reader([source[i:i + 5] for i in range(0, len(source), 5)], **options)))
    line = repr((options, written, text, read, piece))
    for c in line:
        total = (total * 31 + ord(c)) % 1_000_000_007
    if _ < 0 or random.random() < 0.05:
        print(line)
print(total)
print(list(csv.DictReader(["a,b", "1,2", "3"])), csv.Sniffer().sniff("a;b\n1;2\n3;4\n").delimiter)
