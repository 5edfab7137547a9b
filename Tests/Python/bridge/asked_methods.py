# C code asks an object of ours for a method, calls it and lets it go, again and again: names and methods are those of now.
import gc
import sqlite3
import weakref


class Sum:
    log = []

    def __init__(self):
        self.total = 0

    def step(self, x):
        self.total += x

    def finalize(self):
        return self.total


class Changing:
    def __init__(self):
        self.total = 0

    def step(self, x):
        self.total += x
        if x == 3:
            Changing.step = lambda self, x: setattr(self, "total", self.total + 1000)
        if x == 5:
            self.step = lambda x: setattr(self, "total", self.total + 10_000)

    def finalize(self):
        return self.total


class Special:
    def __init__(self):
        self.asked = []

    def __getattribute__(self, name):
        if name in ("step", "finalize"):
            asked = object.__getattribute__(self, "asked")
            asked.append(name)
            return (lambda x: None) if name == "step" else lambda: ",".join(asked[-3:]) + str(len(asked))
        return object.__getattribute__(self, name)


class Missing:
    def step(self, x):
        pass


class Static:
    @staticmethod
    def step(x):
        Sum.log.append(x)

    @classmethod
    def finalize(cls):
        return cls.__name__ + str(len(Sum.log))


c = sqlite3.connect(":memory:")
c.execute("create table t (a, b)")
c.executemany("insert into t values (?, ?)", [(i % 3, i) for i in range(300)])
for kind in (Sum, Changing, Special, Static):
    c.create_aggregate(kind.__name__.lower(), 1, kind)
print(c.execute("select sum(b), sum(b) from t").fetchall())
for _ in range(2):
    print(c.execute("select changing(b) from (select b from t where b < 4)").fetchone(), end=" ")
    print(c.execute("select special(b), static(b) from t").fetchone())
c.create_aggregate("missing", 1, Missing)
try:
    print(c.execute("select missing(b) from t").fetchone())
except sqlite3.OperationalError as e:
    print(e)
c.create_aggregate("mysum", 1, Sum)
print(c.execute("select a, mysum(b) from t group by a order by a").fetchall())
print(c.execute("select mysum(b), mysum(b + 1), mysum(a) from t").fetchall())

# What was asked for last keeps nothing alive for good.
made = []


class Watched(Sum):
    def __init__(self):
        super().__init__()
        made.append(weakref.ref(self))


c.create_aggregate("watched", 1, Watched)
print(c.execute("select watched(b), watched(a) from t").fetchall())
c.execute("select 1").fetchall()
gc.collect()
print(len(made), [r() for r in made])

# The same names by many objects, whose strs come and go on the other side.
names = ["attribute_%d" % i for i in range(300)]


class Row:
    pass


for name in names:
    setattr(Row, name, property(lambda self, name=name: name))
row = Row()
import operator

print(sum(getattr(row, n) == n for n in names), operator.attrgetter(*names)(row)[-1])
print(c.execute("select 1, 2.5, 'x', null, x'00', 1 << 40, -1 << 62, 9007199254740993, 1e300").fetchone())
