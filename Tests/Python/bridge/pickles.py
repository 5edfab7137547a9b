# pickle of objects of our classes and of C's, with its hooks.
import pickle, io, collections, datetime, decimal, copyreg, enum
class P:
    def __init__(self,x): self.x=x
    def __eq__(self,o): return self.__dict__==o.__dict__
class S:
    __slots__=('a','b')
class E(enum.Enum): A=1; B='x'
class I(enum.IntFlag): X=1; Y=2
NT=collections.namedtuple('NT','a b')
class D(dict): pass
class L(list):
    def __init__(self,*a): super().__init__(*a); self.q=1
def func(): pass
class R:
    def __reduce__(self): return (R,())
class GS:
    def __getstate__(self): return 42
    def __setstate__(self,s): self.s=s
for proto in range(6):
    for o in [1, -5, 2**70, 1.5, 'é', b'xx', None, True, (1,2), [1,[2]], {'a':{1}}, {1,2}, frozenset('ab'), P(3), E.A, I.X|I.Y, NT(1,2), collections.OrderedDict(a=1), collections.Counter('abca'), collections.deque([1,2]), D(a=1), L([1]), func, P, datetime.datetime(2020,1,2), datetime.timedelta(1), decimal.Decimal('1.5'), len, collections.defaultdict(list,{1:[2]}), range(3), bytearray(b'ab'), 1j, Ellipsis, NotImplemented, int, type(None), slice(1) if 0 else 0, ValueError('x'), GS(), print, str.upper if proto>3 else 1]:
        try:
            s=pickle.dumps(o,proto); r=pickle.loads(s)
            ok = (r==o and type(r)==type(o)) if not isinstance(o,(GS,ValueError)) else type(r)==type(o)
            if s!=pickle._dumps(o,proto) and pickle._loads(s)!=o and not isinstance(o,(GS,ValueError)): ok=(ok,'bytes differ')
        except Exception as e: ok=repr(e)
        if ok is not True: print(proto, type(o), ok, repr(o)[:60])
class PP(pickle.Pickler):
    def persistent_id(self,o): return 'pid' if isinstance(o,P) else None
class UU(pickle.Unpickler):
    def persistent_load(self,pid): return ('loaded',pid)
    def find_class(self,m,n): print('find',m,n); return super().find_class(m,n)
f=io.BytesIO(); PP(f).dump([1,P(2),E.A]); f.seek(0); print(UU(f).load())
class RO(pickle.Pickler):
    def reducer_override(self,o):
        if isinstance(o,P): return (str,('over',))
        return NotImplemented
f=io.BytesIO(); RO(f).dump([1,P(2),R]); print(pickle.loads(f.getvalue()))
f=io.BytesIO(); p=pickle.Pickler(f); p.dispatch_table=copyreg.dispatch_table.copy(); p.dispatch_table[P]=lambda o:(str,('dt',)); p.dump(P(1)); print(pickle.loads(f.getvalue()))
l=[]; l.append(l); r=pickle.loads(pickle.dumps(l)); print(r[0] is r)
a=P(1); r=pickle.loads(pickle.dumps([a,a])); print(r[0] is r[1])
a.self=a; r=pickle.loads(pickle.dumps(a)); print(r.self is r)
try: pickle.dumps(lambda:1)
except Exception as e: print(type(e).__name__, str(e).split(" at 0x")[0])
class C1:
    def meth(self): pass
print(pickle.loads(pickle.dumps(C1().meth)).__name__)
s=S(); s.a=1; r=pickle.loads(pickle.dumps(s)); print(r.a)
