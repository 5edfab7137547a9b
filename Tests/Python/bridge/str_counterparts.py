# amphis: --cpython=_queue,unicodedata
# Strs that cross again and again have one counterpart over there: they stay what they are, and go when nobody has them.
import _queue
import gc
import sqlite3
import unicodedata
import weakref

queue = _queue.SimpleQueue()
normalize = unicodedata.normalize

def build(i):
    return "text %d é" % i if i % 2 else "text number %d" % i

# Handed back by C code that returns what it got, and by C code that kept it.
for i in range(40):
    text = build(i)
    for _ in range(4):
        assert normalize("NFC", text) is text
        queue.put(text)
        assert queue.get() is text
        queue.put([text, text])
        a, b = queue.get()
        assert a is text and b is text, (a, b)
    if i % 10 == 0:
        gc.collect()
print("same")

# Kept while ours has nothing else, and collected.
for i in range(300):
    text = build(i)
    normalize("NFC", text)
    normalize("NFC", text)
    queue.put(text)
    normalize("NFC", text)
del text
gc.collect()
print(queue.qsize(), all(queue.get() == build(i) for i in range(300)))
gc.collect()
for _ in range(3):
    made = [build(i) for i in range(2000)]
    print(sum(len(normalize("NFD", t)) + len(normalize("NFD", t)) + len(normalize("NFD", t)) for t in made))
    del made
    gc.collect()

# Long ones, empty ones, single characters, lone surrogates, NULs, an instance of a subclass.
class Text(str):
    pass
for text in ["", "a", "é", "€", "\ud800x", "a\0b", "x" * 5000, "€" * 1025, Text("sub text"), Text("")]:
    for _ in range(4):
        queue.put(text)
        got = queue.get()
        assert got == text and type(got) is type(text) and (got is text or len(text) < 2), text
print("kinds")

# SQL text and parameters, the same ones over and over.
con = sqlite3.connect(":memory:")
con.execute("create table t (name text, value text)")
names = ["name %d" % (i % 7) for i in range(50)]
for name in names:
    con.execute("insert into t values (?, ?)", (name, name.upper()))
    con.execute("update t set value = ? where name = ?", (name, name))
print(con.execute("select count(*), count(distinct value), min(value), max(name) from t").fetchone())
print(con.execute("select value from t where name = ?", (names[3],)).fetchone())
con.close()
