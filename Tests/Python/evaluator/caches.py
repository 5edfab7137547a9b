# Inline caches: what they remember must not outlive the class, instance, global or type it came from.
class Meta(type):
    def __call__(cls, *a, **k):
        o = super().__call__(*a, **k); o.tag = 'm'; return o
class A(metaclass=Meta):
    def __init__(self, v): self.v = v
print(A(3).v, A(3).tag)
class S:
    __slots__ = ('a','b')
    def __init__(self): self.a = 1
s = S()
for i in range(10):
    try: print(s.b) if i == 9 else s.b
    except AttributeError as e: msg = str(e)
    s.a = s.a + 1
print(s.a, msg)
class D:
    def __getattr__(self, n): return n.upper()
d = D()
for i in range(5): r = d.foo, d.bar
d.foo = 1
for i in range(5): r = d.foo, d.bar
print(r)
class P:
    @property
    def x(self): return self._x * 2
    @x.setter
    def x(self, v): self._x = v
p = P()
for i in range(10): p.x = i; y = p.x
print(y)
def k(x): return x.v
class B1: v = 1
class B2:
    def __init__(self): self.v = 2
for o in [B1(), B2(), B1(), B2(), B1()]: print(k(o), end=' ')
b = B1(); print(k(b)); B1.v = 10; print(k(b)); b.v = 20; print(k(b)); del b.v; print(k(b)); del B1.v
try: k(b)
except AttributeError as e: print(e)
class M:
    def f(self): return 'M.f'
m = M()
def callf(o): return o.f()
for i in range(5): callf(m)
M.f = lambda self: 'new'; print(callf(m))
m.f = lambda: 'inst'; print(callf(m))
G = 1
def gl(): return G
for i in range(5): gl()
G = 2; print(gl()); del G
try: gl()
except NameError as e: print(e)
import builtins
builtins.G = 3; print(gl()); G = 4; print(gl())
def lens(): return len([1,2])
for i in range(5): lens()
len = lambda x: 'mine'; print(lens()); del len; print(lens())
x = 1 << 46; 
for i in range(4): x = x + x; print(x)
x = -(1<<46)
for i in range(4): x = x - (1<<46); print(x)
def arith(a,b): return a+b, a-b, a*b, a//b, a%b, a&b, a|b, a^b, a<b, a==b
for a,b in [(7,-2),(-7,2),(1<<47,3),(True,2),(2**47-1,1),(-2**47,1)]: print(arith(a,b))
def fl(a,b): return a+b, a-b, a*b, a/b, a<b
for a,b in [(1.5,2.0),(1,2.5),(2.5,4),(3,4),(float('nan'),1.0)]: print(fl(a,b))
try: fl(1.0, 0.0)
except ZeroDivisionError as e: print(e)
def cmp(a,b):
    r = 0
    if a < b: r += 1
    if not a >= b: r += 2
    if a != b: r += 4
    while a > b: a = a - 1
    return r
print(cmp(1,2), cmp(5,1), cmp(1.5,2.5), cmp(float('nan'), 1.0), cmp(2**60, 2**61))
def it(l, i): return l[i]
for i in [0,-1,1]: print(it([1,2,3], i), it((4,5,6), i))
try: it([1], 5)
except IndexError as e: print(e)
try: it({}, 5)
except KeyError as e: print(repr(e))
class LL(list):
    def __getitem__(self, i): return 'ovr'
print(it(LL([1]), 0))
def loop(x): return [i for i in x]
print(loop(range(3)), loop([1,2]), loop((3,4)), loop('ab'), loop({5:6}), loop(range(2**62, 2**62+2)), loop(range(5,0,-2)))
l = [1,2,3]
out = []
for v in l:
    out.append(v)
    if len(l) < 6: l.append(v*10)
print(out)
