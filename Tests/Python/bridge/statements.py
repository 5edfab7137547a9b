# sqlite3's cache of statements belongs to the connection: statements are found again, forgotten when it is full, and go with it.
import gc
import sqlite3

db = sqlite3.connect(":memory:", cached_statements=5)
db.execute("create table t (a, b)")
for i in range(40):
    db.execute("insert into t values (?, ?)", [i, str(i) * 3])
    db.execute(f"select {i % 9} from t limit 1").fetchone()
items = [1, "changed"]


def change(n):
    items.append(n)
    return len(items)


db.create_function("change", 1, change)
# A list that is lent and changes while C code has it.
print(db.execute("select change(7), ?, ?", [items[0], items[1]]).fetchone(), items)
print(db.execute("select count(*), max(length(b)) from t where a > ?", (5,)).fetchall())
rows = db.execute("select a from t order by a")
again = db.execute("select a from t order by a")
print(next(rows), next(again), next(again), next(rows))

for wrong in ("select", "select 1; select 2", "select ?", 5):
    try:
        db.execute(wrong)
    except Exception as e:
        print(type(e).__name__, e)


class Connection(sqlite3.Connection):
    gone = 0

    def __del__(self):
        Connection.gone += 1


for i in range(5):
    c = Connection(":memory:")
    c.execute("select 1").fetchone()
    c.execute("select 1").fetchone()
    c.close()
del c
gc.collect()
gc.collect()
print(Connection.gone)
db.close()
try:
    db.execute("select 1")
except sqlite3.ProgrammingError as e:
    print(e)
