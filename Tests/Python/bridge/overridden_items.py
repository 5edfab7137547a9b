# Instances of subclasses of list, tuple and others whose __getitem__ and __len__ are Python's: C code that goes by the sequence protocol gets these.
import sqlite3


class Items(list):
    def __getitem__(self, i):
        return super().__getitem__(i) * 10

    def __len__(self):
        return 2


c = sqlite3.connect(':memory:')


def ask(sql, parameters):
    try:
        return c.execute(sql, parameters).fetchall()
    except Exception as e:
        return type(e).__name__, str(e)


print(ask('select ?, ?', Items([1, 2])))
print(ask('select ?, ?', Items([1, 2, 3])))


class Pair(tuple):
    def __getitem__(self, i):
        return 'item %d' % i


print(ask('select ?, ?', Pair((1, 2))))


class Text(str):
    def __getitem__(self, i):
        return 'letter %d' % i


print(ask('select ?, ?', Text('ab')))


class Default(dict):
    def __missing__(self, key):
        return 'missing ' + key


class Own(dict):
    def __getitem__(self, key):
        return 'own ' + key


print(ask('select :a, :b', Default(a=1)), ask('select :a, :b', Own(a=1)))


class Failing(list):
    def __getitem__(self, i):
        raise KeyError(i)


print(ask('select ?', Failing([1])))


class Wrong(list):
    def __len__(self):
        raise ValueError('no length')


print(ask('select ?', Wrong([1])))
c.execute('create table t (a)')
c.executemany('insert into t values (?)', [Text('c'), Pair('d')])
print(c.execute('select * from t').fetchall())
