# amphis: --cpython=zlib,unicodedata
# What a call of C code answers and nothing reads is let go at once, as in CPython, and its value is never somebody else's.
import gc
import sqlite3
import unicodedata
import zlib

gc.disable()

# A cursor that nobody has holds no lock on the table.
con = sqlite3.connect(":memory:")
con.execute("create table t (x)")
con.executemany("insert into t values (?)", [(i,) for i in range(5)])
for _ in range(3):
    con.execute("select x from t")
    con.execute("drop table t")
    con.execute("create table t (x)")
    con.execute("insert into t values (?)", [1])
    con.execute("insert into t values (2)")
print(con.execute("select count(*) from t").fetchone())

# Nor does the result of a method of an object that has it already.
cursor = con.cursor()
for _ in range(3):
    cursor.execute("select x from t order by x")
    print(cursor.fetchone(), cursor.fetchall())

# Code that such a call runs reads its own results.
seen = []
def half(x):
    text = unicodedata.normalize("NFC", "e\u0301" * x)
    seen.append((len(text), zlib.crc32(b"abc"), zlib.crc32(text.encode())))
    zlib.adler32(b"unread")
    return zlib.crc32(b"half") % 7
con.create_function("half", 1, half)
for i in range(3):
    con.execute("select half(%d)" % (i + 1))
    con.execute("insert into t values (half(?))", (i,))
print(seen)
print(con.execute("select x from t order by x").fetchall())

# Errors of calls whose result nobody would have read.
def fails(x):
    raise ValueError(x)
con.create_function("fails", 1, fails)
for i in range(3):
    try:
        con.execute("select fails(1)")
    except sqlite3.OperationalError as e:
        print(type(e).__name__, e)
    try:
        con.execute("no sql")
    except sqlite3.OperationalError as e:
        print(e)
    try:
        zlib.decompress(b"nothing")
    except zlib.error as e:
        print(e)
    # What comes next reads its result.
    print(zlib.crc32(b"next"), con.execute("select 1").fetchone())

def unread(n):
    for i in range(n):
        unicodedata.name("a")
        unicodedata.lookup("LATIN SMALL LETTER B")
        zlib.compress(b"x" * 100)
        con.cursor()
        con.total_changes
unread(200)
con.close()
