# Operators of float, mixed comparisons, rounding.
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
inf, nan = float('inf'), float('nan')
values = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.0, -2.0, 3.0, -3.0, 7.25, 1e-300, 1e300, -1e300, 5e-324, 1e16, 0.1, inf, -inf, nan, 2.5, -2.5]
for name, f in [('+', lambda a, b: a + b), ('-', lambda a, b: a - b), ('*', lambda a, b: a * b), ('/', lambda a, b: a / b), ('//', lambda a, b: a // b), ('%', lambda a, b: a % b), ('divmod', divmod), ('**', lambda a, b: a ** b),
                ('<', lambda a, b: a < b), ('==', lambda a, b: a == b), ('>=', lambda a, b: a >= b)]:
    for a in values:
        print(name, a, [attempt(f, a, b) for b in values])
ints = [0, 1, -1, 2**53, 2**53 + 1, 2**54 + 1, 2**63, 2**64, 2**64 + 1, -2**64, 10**22, 10**23, 10**308, 10**309, -10**400, 2**1024 - 1, 2**1024, 123456789012345678]
floats = values + [2.0**53, 2.0**53 + 2, 2.0**63, 2.0**64, -2.0**64, 1e22, 1e23, 1e308, 1.7976931348623157e308, 123456789012345678.0, 2.0**48 + 0.5, -2.0**50 - 0.25]
for i in ints:
    print(str(i)[:40], [(i < x, i <= x, i == x, i != x, i > x, i >= x, x < i, x == i, x > i) for x in floats])
    print([attempt(lambda: i + x) for x in (0.5, 1e300)], [attempt(lambda: x / i) for x in (0.5, 1e300)], [attempt(lambda: x // i) for x in (0.5, 1e300)])
for x in floats:
    print(x, attempt(int, x), attempt(round, x), attempt(x.__floor__), attempt(x.__ceil__), attempt(x.__trunc__), -x, +x, abs(x))
for x in [0.5, 1.5, 2.5, -0.5, -1.5, 2.675, 1.005, 0.15, 0.25, 0.35, 1234.5678, -1234.5678, 5e-324, 1.7e308, 1e22, 12345678901234567.0, 15.0, 25.0, 149.99999999999997, 150.0, 250.0, 5e15, 0.05, 5.0, 50.0, 95.0, 99.5, 999.0]:
    print(x, [attempt(round, x, n) for n in (0, 1, 2, 3, 5, 10, 16, 17, 100, 323, 324, -1, -2, -3, -16, -308, -309, 10**30, -10**30)])
print(attempt(round, inf, 2), attempt(round, nan), attempt(round, 1.5, 1.5), attempt(round, 1.5, None), attempt(round, inf))
print(attempt(float.__getformat__, 'double'), attempt(float.__getformat__, 'x'), attempt(lambda: 1.5 + 'a'), attempt(lambda: 1.5 & 1), attempt(lambda: pow(1.5, 2, 3)), attempt(lambda: -1.5 ** 2), attempt(lambda: (-8) ** (1/3)))
for x in [0.1, 1e10, 1e300, -2.5, 3.0, 0.5, 2.0**60, 2.0**61, 2.0**-1074, 1.1, -1e-300]:
    print(hash(x), hash(-x))
print([x for x in dir(float) if x not in dir(object)])
