# Quickened instructions that meet what they were made for, then something else.
def loops():
    out=[]
    for rep in range(3):
        for i, x in enumerate("abc"): out.append((i,x))
        for a, b in zip([1,2,3],(4,5,6,7)): out.append((a,b))
        for k, v in {1:2,3:4}.items(): out.append((k,v))
        for k in {1:2,3:4}: out.append(k)
        for v in {1:2,3:4}.values(): out.append(v)
        for a in (1,2): out.append(a)
        for a in [1,2]: out.append(a)
    return out
print(loops())
def poly(it):
    r=[]
    for a, b in it: r.append((a,b))
    return r
for it in [enumerate([5,6]), zip([1],[2]), {1:2}.items(), [(1,2)], iter([[3,4]]), enumerate([]), zip([1,2],[3,4],strict=True), ((i,i) for i in range(3))]*4:
    print(poly(it))
def poly1(it):
    r=[]
    for a in it:
        r.append(a)
    return r
for it in [range(3), [1,2], (3,4), {5:6}, {5:6}.values(), "ab", range(2**60,2**60+2), range(2**47-1,2**47+1), (i for i in range(2))]*4:
    print(poly1(it))
try:
    for a, b in zip([1,2,3],[1,2],strict=True): pass
except ValueError as e: print(e)
d={1:2,3:4}
try:
    for k, v in d.items(): d[k+10]=1
except RuntimeError as e: print(e)
class B:
    def __init__(self, x): self.x = x
    def m(self): return ('B', self.x)
    @classmethod
    def c(cls): return cls.__name__
    @staticmethod
    def s(a): return a + 1
    K = 5
    @property
    def p(self): return self.x * 2
    @property
    def bad(self): raise AttributeError('bad')
    def __call__(self, *a): return a
class D(B):
    def __init__(self, x): super().__init__(x); self.y = 1
    def m(self): return ('D',) + super().m()
    @classmethod
    def c(cls): return 'D' + super().c()
    def __getattr__(self, n): return 'dyn' + n
def use():
    out=[]
    for i in range(12):
        o = D(i) if i % 3 else B(i)
        out.append((o.m(), o.c(), o.s(i), o.K, o.p, type(o).K, D.s(1), D.c(), B.c(), B.K, o(i, 1)))
        if i == 5: B.K = 7
        if i == 8: o.K = 9
        if i == 9: B.s = staticmethod(lambda a: a + 2)
        if i == 10: B.c = classmethod(lambda cls: 'new')
        try: out.append(o.bad)
        except AttributeError as e: out.append(str(e))
    return out
for r in use(): print(r)
def props():
    b=B(3); t=0
    for i in range(10):
        t += b.p
        if i==5: B.p = property(lambda self: 100)
        if i==8: B.p = 1
    return t
print(props())
def gen():
    b=B(3)
    B.p = property(lambda self: self.x)
    for i in range(5):
        yield b.p + b(i)[0]
print(list(gen()))
l=list(range(10)); s="héllo wörld"; t=tuple(l)
for x in (l,s,t,b"bytes"):
    for a in (None,0,3,-3,20,-20):
        for b in (None,0,5,-2,20,-20): print(x[a:b] if a is None or b is None or True else 0, end=' ')
print()
class Sup(D):
    def __new__(cls, *a): return super().__new__(cls)
    def m(self): return super(Sup, self).m()
print(Sup(4).m())
def recur(n):
    class P:
        @property
        def q(self): return recur(n+1)
    return P().q
try: recur(0)
except RecursionError as e: print('RecursionError')
