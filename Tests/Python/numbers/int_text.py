# int from text and text from int.
def attempt(f, *args):
    try:
        return repr(f(*args))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
for t in ['0', '1', '-1', '+5', ' 12 ', '\t\n7\r\f\v', '1_000', '_1', '1_', '1__0', '', ' ', '+', '-', '+-1', '1 2', '0x1f', '0b11', '0o17', '0x_1f', '0x',
          '00', '0_0', '007', '9' * 30, '-' + '9' * 100, 'abc', '1.5', '1e5', '\u0661\u0662', '\uff11\uff12', '1\u2003', '\x1c1', '1\x85', '\xb2', '1\x00', 'zz', 'Zz', '\ud800']:
    print(ascii(t), [attempt(int, t, b) for b in (10, 0, 2, 8, 16, 36)], attempt(int, t))
for t in [b'12', b' 0x1f', bytearray(b'77'), b'1\x00', b'', b'\xff']:
    print(t, attempt(int, t), attempt(int, t, 16), attempt(int, t, 0))
for args in [(1, 5), (None,), ('1', 1), ('1', 37), ('1', -1), ('1', '2'), ('1', 10**30), ([],), (1.9,), (-1.9,), (float('inf'),), (float('nan'),), (1e300,), (b'1', 2),
             (1, 2, 3), (object, 2), (3j,)]:
    print(attempt(int, *args))
print(attempt(lambda: int(x=1)), attempt(lambda: int(base=1)), attempt(lambda: int('11', base=2)), attempt(lambda: int('1', bas=2)), int())
import sys
for n in (0, 639, 640, 641, 4299, 4300, 4301, 5000):
    t = '7' * n
    print(n, attempt(int, t)[:60], attempt(lambda: len(hex(int(t or '0', 16)))), attempt(str, 10**n)[:60], attempt(repr, -10**n)[:60])
print(attempt(lambda: str(1 << 200000)), attempt(lambda: '%d' % (10**5000)), attempt(lambda: f'{10**5000}'))
for base in range(2, 37):
    n = 123456789012345678901234567890
    digits = ''
    m = n
    while m:
        m, r = divmod(m, base)
        digits = '0123456789abcdefghijklmnopqrstuvwxyz'[r] + digits
    assert int(digits, base) == n and int('-' + digits.upper(), base) == -n
for n in [0, 1, -1, 255, -255, 2**47, 2**48, 2**64, -2**64, 2**100 - 1, 10**40]:
    print(str(n), repr(n), hex(n), oct(n), bin(n), n)

class I(int):
    def __new__(cls, *a): return int.__new__(cls, *a)
class Ind:
    def __index__(self): return 42
class Tr:
    def __trunc__(self): return 43
class In:
    def __int__(self): return 44
class Bad:
    def __int__(self): return 'x'
print(I(5) + 1, type(I(5) + 1), repr(I('12')), type(I(5)), I(2**70), I() == 0, hash(I(7)), int(I(9)), type(int(I(9))), +I(3), type(-I(3)), I(5).real, type(I(5).real))
print(int(Ind()), int(In()), attempt(int, Bad()), int('10', Ind()) if False else int('10', 10))
print(isinstance(True, int), int(True), True + True, True & False, True | 1, ~True, -True, True == 1, hash(True), str(True), repr(False), bool([]), bool(0.0), attempt(bool, 1, 2))
