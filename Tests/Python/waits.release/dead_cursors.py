# A cursor that nobody has any more does not keep its table locked.
import sqlite3

c = sqlite3.connect(':memory:')


def filled():
    c.execute('create table t (a)')
    c.executemany('insert into t values (?)', [(i,) for i in range(5)])
    c.commit()


filled()
cursor = c.execute('select a from t')
print(cursor.fetchone())
del cursor
c.execute('drop table t')


def first():
    for row in c.execute('select a from t'):
        return row


filled()
print(first())
c.execute('drop table t')

filled()
c.create_function('again', 1, lambda a: c.execute('insert into t values (?)', (a,)) and None)
cursor = c.execute('select again(a) from t')
del cursor
c.execute('drop table t')

# One that somebody has does.
filled()
cursor = c.execute('select a from t')
try:
    c.execute('drop table t')
except sqlite3.OperationalError as e:
    print(e, e.sqlite_errorname)
print(cursor.fetchall())
c.execute('drop table t')
