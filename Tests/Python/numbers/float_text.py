# float to text and back, over many values.
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
seed = 99
def r31():
    global seed
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return seed >> 7
values = [0.0, -0.0, 1.0, -1.0, 0.1, 0.2, 0.3, 1e15, 1e16, 1e17, 123456789012345680.0, 9999999999999998.0, 1e-4, 1e-5, 0.00012345, 5e-324, 2.2250738585072014e-308, 2.225073858507201e-308,
          1.7976931348623157e308, 2**-44, 2.0**63, 2.0**100, 1e22, 1e23, 1e21, 3.14159, 100.0, 1.5, 2.5, 0.5, 1/3, float('inf'), float('-inf'), float('nan')]
h = 0
for i in range(20000):
    m = (r31() << 29 | r31() << 5 | r31()) & ((1 << 53) - 1)
    e = r31() % 2100 - 1100
    try:
        x = float(m) * 2.0 ** (e // 2) * 2.0 ** (e - e // 2)
    except OverflowError:
        continue
    t = repr(x)
    assert float(t) == x or x != x, t
    for c in t:
        h = (h * 31 + ord(c)) % 1000000007
print(h)
for i in range(3000):
    x = r31() / 10 ** (r31() % 8)
    t = repr(x)
    for c in t + str(-x) + f'{x:.3f}{x:g}{x:e}{x:.12g}' + format(x, ',.1f'):
        h = (h * 31 + ord(c)) % 1000000007
print(h)
for x in values:
    print(repr(x), str(x), x.hex(), x.is_integer(), attempt(x.as_integer_ratio), hash(x) if x == x else 'nan', bool(x))
for t in ['1', '1.', '.5', '1e5', '1E+5', '1e-5', '+1', '-1', ' 1 ', '1_0.5', '1_', '_1', '1__0', '1e1_0', '1._5', '1_.5', 'inf', '-Infinity', 'NAN', '+nan', 'infin', '', '.', 'e5', '1e', '1e+', '0x10', '1e400', '-1e400', '1e-400', '1e5x', '1 2',
          '1' * 400, '0.' + '0' * 400 + '1', '9' * 20 + 'e-20', '2.4703282292062327e-324', '2.4703282292062328e-324', '1.7976931348623158e308', '1.7976931348623159e308', '179769313486231580793' + '0' * 288, '\u0661.\u0665', '1\u20035', '\xa01', '1\x00', '\ud800']:
    print(ascii(t), attempt(float, t))
print(attempt(float, b'1.5'), attempt(float, bytearray(b'2')), attempt(float, None), attempt(float, 1, 2), attempt(lambda: float(x=1)), attempt(float, [1]), attempt(float, 10**400), attempt(float, 2**1024 - 2**970), attempt(float, 3j), float())
for t in ['0x1p0', '0x1.8p1', '1.8', '-0x.8p1', '0x1p-1074', '0x1p-1075', '0x1.8p-1075', '0x1p1023', '0x1.fffffffffffffp1023', '0x1.fffffffffffff8p1023', '0x1.fffffffffffff7p1023', '0x1p1024', '0x', 'x', '', 'inf', '-nan', 'Infinity', '0x1p', '0x1.p5', '0x.p5',
          ' 0x1 ', '0x1p+5', '0x1p99999999999999999999', '0x1p-99999999999999999999', '0x0p99999999999', '0x1.00000000000008p0', '0x1.00000000000018p0', '0x1.000000000000080000000000000001p0', 'abcdef', '0xabc.defp-3', '1_0', '0x1 p5']:
    print(t, attempt(float.fromhex, t))
class F(float): pass
print(repr(F(1.5)), F('2.5') + 1, type(F(1) + 1), F(3).__getnewargs__(), type(F.fromhex('0x1')), F(2) == 2, hash(F(2)), float(F(5)), type(float(F(5))))
class Fl:
    def __float__(self): return 2.5
class Bad:
    def __float__(self): return 'x'
class Ix:
    def __index__(self): return 7
print(float(Fl()), float(Ix()), attempt(float, Bad()))
specs = ['', 'e', 'E', 'f', 'F', 'g', 'G', 'n', '%', '.0f', '.1f', '.3f', '.0e', '.10e', '.0g', '.1g', '.3g', '.17g', '.20f', '.30e', '.3', '.0', '.10', '.17', '.18', '+', ' ', '+.2f', '10', '<10', '>10.2f', '^10.2f', '=10.2f', '010.2f', '+010.1f', ',', '_', ',.2f', '_.3f', '020,.2f', '015,',
         '#', '#.0f', '#g', '#.3g', '#e', '#.0e', '#x', 'z', 'z.0f', 'z.1f', '+z.1f', 'zg', '.50f', '.100g', 'd', 'x', 's', 'c', '.f', '#.3', '0=10', '*^12.3', '.2%', ',.1%', '08.3%', '0', '05']
for x in values[:30] + [123456.789, -123456.789, 0.000123456, 1234567.0, 99999.95, 999999.5, -0.04, -0.05, 0.05, 0.25, 0.35, 2.675, 1e-10, 12345678.9, float('inf'), float('-inf'), float('nan')]:
    print(repr(x), [attempt(format, x, s) for s in specs])
print(attempt(format, 1.5, '.9999999999f'), attempt(format, 1.5, '.2147483648f'), attempt(format, 1.5, ',n'), attempt(format, 1.5, '\x07'))
