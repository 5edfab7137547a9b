# decimal by its C accelerator: our subclasses, contexts, numbers, pickling.
import decimal, numbers, pickle, copy
from decimal import *
print(decimal.Decimal)
import _decimal
print(_decimal.Decimal is Decimal)
d=Decimal('1.10'); print(d+1, 1+d, d*2, d/3, -d, abs(d), hash(Decimal(5))==hash(5), Decimal(5)==5, {5:1}[Decimal(5)])
print(isinstance(d, numbers.Number), isinstance(d, numbers.Rational))
from fractions import Fraction
print(Decimal('0.5')==Fraction(1,2), Decimal('0.5')<Fraction(3,4))
print(d.as_tuple(), d.as_tuple().digits, type(d.as_tuple()))
class MyD(Decimal):
    def __add__(self,o): return MyD(super().__add__(o))
    def foo(self): return 'foo'
m=MyD('2.5'); m.x=5
print(m+1, type(m+1), m.foo(), m.x, m*2, type(m*2), repr(m), isinstance(m,Decimal))
print(pickle.loads(pickle.dumps(d)), copy.copy(d), copy.deepcopy(m), type(copy.deepcopy(m)))
m2=pickle.loads(pickle.dumps(m)); print(m2,type(m2))
with localcontext() as ctx:
    ctx.prec=5
    print(Decimal(1)/3)
print(Decimal(1)/3, getcontext().flags)
try: Decimal(1)/0
except DivisionByZero as e: print(repr(e), type(e).__mro__)
try: Decimal('abc')
except InvalidOperation as e: print(e)
print(dict(getcontext().flags)=={}, getcontext().flags[Inexact])
c=Context(prec=3, rounding=ROUND_UP, traps=[]); print(c, c.divide(Decimal(1),Decimal(0)), c.flags[DivisionByZero])
print(format(Decimal('1234567.891'),',.2f'), f"{d:>10}", '%s' % d, round(d), int(d), float(d), round(Decimal('1.2345'),2))
import math
print(math.floor(Decimal('2.5')), math.ceil(Decimal('2.5')), math.trunc(Decimal('-2.5')), sum([Decimal(1),Decimal(2)]), max(Decimal(1),2), sorted([Decimal(3),1,Decimal(2)]))
print(Decimal(3.5), Decimal.from_float(0.1), Decimal((0,(1,2,3),-2)), Decimal(10**50), Decimal(True), divmod(Decimal(7),2), Decimal(2)**10, pow(Decimal(2),3,5))
print(d.quantize(Decimal('0.1')), d.compare(Decimal(1)), Decimal('NaN').is_nan(), Decimal('sNaN'))
import statistics, json
print(statistics.mean([Decimal(1),Decimal(2)]))
class Ctx(Context): pass
print(Ctx(prec=4).prec)
print(decimal.MAX_PREC, HAVE_THREADS, getcontext().traps)
try: Decimal(1).__lt__('a'); Decimal(1) < 'a'
except TypeError as e: print(e)
try: d.foo
except AttributeError as e: print(e)
try: Decimal([1])
except (TypeError,ValueError) as e: print(type(e), e)
