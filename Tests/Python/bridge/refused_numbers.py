# Two objects, one of C and one of Python, both of which decline an operator: TypeError, asked once each.
from decimal import Decimal
from fractions import Fraction
import operator


class Declines:
    def __add__(self, other):
        print("add", type(other).__name__)
        return NotImplemented

    def __radd__(self, other):
        print("radd", type(other).__name__)
        return NotImplemented


class Accepts(Declines):
    def __radd__(self, other):
        return "accepted"

    __rmul__ = __radd__


for a, b in ((Fraction(3, 11), Decimal("3.1")), (Decimal("3.1"), Fraction(3, 11)), (Declines(), Decimal(1)), (Decimal(1), Declines()),
             (Decimal(1), Accepts()), (Accepts(), Decimal(1)), (Decimal(1), object()), (Decimal(2), 3), (3, Decimal(2)), (Decimal(1), True)):
    for op in (operator.add, operator.mul, operator.floordiv, operator.iadd):
        try:
            print(op(a, b))
        except TypeError as e:
            print(e)
