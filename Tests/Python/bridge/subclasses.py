# amphis: --cpython=zlib,_queue,_socket,grp,unicodedata
# Classes of ours that derive from types of CPython's, and values of our classes in the hands of C code.
import _socket, grp, array, collections.abc, os, pathlib, enum, collections
g=grp.getgrgid(0); print(g, isinstance(g,tuple), g[0], g.gr_name, len(g), type(g), tuple(g)==('root','x',0,[]))
print(isinstance(array.array('i'), collections.abc.MutableSequence))
class S(_socket.socket):
    def __init__(self, *a, **k):
        self.x = 5
        super().__init__(*a, **k)
    def __repr__(self): return 'S:'+super().__repr__()[:10]
s=S(); print(s, s.x, s.fileno()>0, isinstance(s,_socket.socket), S.__mro__)
import sqlite3
class Conn(sqlite3.Connection):
    def __init__(self,*a,**k): self.q=[]; super().__init__(*a,**k)
    def execute(self,*a): self.q.append(a); return super().execute(*a)
class Cur(sqlite3.Cursor):
    def fetchone(self): return ('mine',super().fetchone())
c=sqlite3.connect(':memory:', factory=Conn)
print(type(c), c.q)
print(c.execute('select 1+1').fetchone(), c.q)
print(c.cursor(Cur).execute('select 5').fetchone())
c.row_factory=lambda cur,row: {d[0]:v for d,v in zip(cur.description,row)}
print(c.execute('select 1 as a, 2 as b').fetchall())
c.row_factory=sqlite3.Row
r=c.execute('select 1 as a, 2 as b').fetchone(); print(r['b'], r.keys(), tuple(r))
class E(enum.IntEnum):
    A=1
c.row_factory=None
print(c.execute('select ?',(E.A,)).fetchone())
import zlib
print(zlib.crc32(b'abc', E.A))
class Point(collections.namedtuple('P','x y')): pass
import unicodedata, binascii
print(os.stat(pathlib.Path('/')).st_mode == os.stat('/').st_mode)
class MyB(bytes): pass
print(zlib.crc32(MyB(b'abc')))
import _csv, csv
class D(csv.Dialect):
    delimiter=';'; quoting=csv.QUOTE_MINIMAL; quotechar='"'; lineterminator='\n'
csv.register_dialect('d', D)
import io
o=io.StringIO(); w=csv.writer(o,'d'); w.writerow([1,'a;b',None,E.A]); print(repr(o.getvalue()))
print(list(csv.DictReader(io.StringIO('a,b\n1,2\n'))))
import xml.etree.ElementTree as ET
print(ET.Element, ET.Element.__module__)
class El(ET.Element):
    def __init__(self,*a,**k): super().__init__(*a,**k); self.extra=[1]
e=El('x'); e.append(El('y')); 
import gc; gc.collect()
print(e[0].extra, ET.tostring(e), type(e[0]))
import ssl, select, hashlib
class MyErr(ssl.SSLError): pass
try: raise MyErr(1,'x')
except OSError as ex: print(repr(ex))
import queue
print(queue.SimpleQueue, queue.Empty)
try: queue.SimpleQueue().get_nowait()
except queue.Empty as ex: print('empty', type(ex))
import threading
class L(threading.local):
    def __init__(self,x): self.x=x
print(L(3).x)
