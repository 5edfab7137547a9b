# amphis: --cpython=_queue
# Modules of Python code that C code imports: it finds them as real modules, with what is defined in them.
import operator, sys, types
import sqlite3

c = sqlite3.connect(':memory:')
c.executescript("create table a(x, y text); insert into a values(1, 'it''s'); insert into a values(null, x'00ff'); create view v as select x from a;")
for _ in range(3):
    print(list(c.iterdump()))
print(sys.modules['sqlite3.dump']._iterdump.__name__)

# ... even when it is another module by then
import sqlite3.dump
made = types.ModuleType('sqlite3.dump')


def _iterdump(connection):
    return iter(['mine', connection is c])


made._iterdump = _iterdump
kept = sys.modules['sqlite3.dump']
sys.modules['sqlite3.dump'] = made
try:
    print(list(c.iterdump()))
except Exception as e:
    print(type(e).__name__, e)
sys.modules['sqlite3.dump'] = kept
print(list(c.iterdump())[0])
from _queue import SimpleQueue
q = SimpleQueue()
for m in (made, operator, sys, types.ModuleType('odd', 'doc')):
    q.put(m)
    print(q.get() is m, m.__name__)
