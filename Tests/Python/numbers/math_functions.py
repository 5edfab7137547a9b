import math
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
inf, nan = math.inf, math.nan
values = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 1.5, -1.5, 2.0, -2.0, 3.7, -3.7, 10.0, 100.5, -100.5, 170.0, 171.0, 171.7, 172.0, 200.5, -200.5, 710.0, 1000.0, 1e-10, 1e-310, 1e10, 1e300, -1e300, inf, -inf, nan, 5e-324, 0.1, 7, -7, 2**70, True]
one = ['acos', 'acosh', 'asin', 'asinh', 'atan', 'atanh', 'cbrt', 'ceil', 'cos', 'cosh', 'degrees', 'erf', 'erfc', 'exp', 'exp2', 'expm1', 'fabs', 'floor', 'frexp', 'gamma', 'isfinite', 'isinf', 'isnan', 'lgamma', 'log', 'log10', 'log1p', 'log2', 'modf', 'radians', 'sin', 'sinh', 'sqrt', 'tan', 'tanh', 'trunc', 'ulp']
for name in one:
    f = getattr(math, name)
    print(name, [attempt(f, v) for v in values], attempt(f, 'x'), attempt(f), attempt(f, 1, 2, 3))
two = ['atan2', 'copysign', 'fmod', 'nextafter', 'pow', 'remainder', 'log', 'hypot', 'isclose']
for name in two:
    f = getattr(math, name)
    for a in values:
        print(name, a, [attempt(f, a, b) for b in values])
print([attempt(math.ldexp, x, n) for x in (0.0, 1.0, -1.5, 5e-324, 1e300, inf, nan) for n in (0, 1, -1, 1000, -1000, 2000, -2000, 10**20, -10**20)], attempt(math.ldexp, 1.0, 1.0))
print([math.log(10**n) for n in (1, 100, 308, 309, 400, 1000, 5000)], [math.log2(2**n) for n in (1, 100, 1023, 1024, 5000)], [math.log10(10**n) for n in (1, 22, 23, 308, 309, 1000)], attempt(math.log, -10**400), attempt(math.log, 8, 2), attempt(math.log, 8, 1), attempt(math.log, 10**500, 10**250))
print([math.gcd(*a) for a in [(), (12,), (-12,), (12, 18), (0, 5), (0, 0), (2**100, 2**90 * 3), (10**40, 15**30, 25)]], attempt(math.gcd, 1.5))
print([math.lcm(*a) for a in [(), (12,), (-12,), (4, 6), (0, 5), (2**70, 3**50), (2, 3, 4, 5, 6, 7)]], attempt(math.lcm, 1.5))
print([math.factorial(n) for n in (0, 1, 5, 20, 21, 25, 50)], math.factorial(1000) % (10**9 + 7), attempt(math.factorial, -1), attempt(math.factorial, 1.0), attempt(math.factorial, 10**30), attempt(math.factorial, -10**30))
print([math.comb(n, k) for n in (0, 1, 5, 10, 60, 68, 100) for k in (0, 1, 2, 5, 30, 34)], attempt(math.comb, -1, 2), attempt(math.comb, 2, -1), attempt(math.comb, 10**30, 10**20), attempt(math.comb, 10**30, 3), attempt(math.comb, 1.5, 1))
print([math.perm(n, k) for n in (0, 1, 5, 10, 60) for k in (0, 1, 2, 5, 30)], math.perm(5), attempt(math.perm, -1, 2), attempt(math.perm, 2, -1), math.perm(10**30, 3), attempt(math.perm, 10, 10**30))
print([math.isqrt(n) for n in (0, 1, 2, 3, 4, 15, 16, 17, 10**20, 10**20 - 1, 2**200, 2**200 - 1, 2**47, 2**64 - 1)], attempt(math.isqrt, -1), attempt(math.isqrt, 1.0))
print([math.fsum(x) for x in ([], [0.1] * 10, [1e100, 1.0, -1e100], [1e16, 1.0, 1e-16], [inf], [inf, 1])], attempt(math.fsum, [inf, -inf]), attempt(math.fsum, [1e308, 1e308]), attempt(math.fsum, [nan]), attempt(math.fsum, ['a']), math.fsum([2.0**53, -0.5, -2.0**-54]), math.fsum([1e308, 1e308, -1e308]) if False else 0)
print(math.prod([]), math.prod([1, 2, 3]), math.prod([1.5, 2]), math.prod([2, 3], start=4), math.prod([], start='x'), attempt(math.prod, 5), math.prod([2**40, 2**40, 3]))
seed = 7
h = 0
for i in range(2000):
    v = []
    for k in range(i % 6 + 1):
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        v.append((seed - 2**30) / 2**(seed % 40))
    t = repr(math.hypot(*v)) + repr(math.dist(v, v[::-1])) + repr(math.fsum(v))
    x = v[0] / 1000
    t += ''.join(repr(f(x)) for f in (math.sin, math.cos, math.tan, math.atan, math.asinh, math.erf, math.erfc, math.tanh, math.cbrt))
    if 0 < abs(x) < 170: t += repr(math.gamma(abs(x))) + repr(math.lgamma(x)) if x != int(x) else ''
    for c in t:
        h = (h * 31 + ord(c)) % 1000000007
print(h)
print(math.hypot(), math.hypot(-3), math.hypot(3, 4), math.hypot(1e200, 1e200), math.hypot(5e-324, 5e-324), math.hypot(nan, inf), math.hypot(nan, 1), math.dist((1, 2, 3), [4, 5, 6]), attempt(math.dist, (1,), (1, 2)))
print(math.isclose(1, 1 + 1e-10), math.isclose(1, 1.1, rel_tol=0.2), math.isclose(0, 1e-10, abs_tol=1e-9), attempt(math.isclose, 1, 2, rel_tol=-1), math.isclose(inf, inf), math.isclose(inf, 1e300, rel_tol=1.0), attempt(math.isclose, 1), attempt(math.isclose, 1, 2, 3))
class C:
    def __ceil__(self): return 'c'
    def __floor__(self): return 'f'
    def __trunc__(self): return 't'
    def __float__(self): return 2.5
print(math.ceil(C()), math.floor(C()), math.trunc(C()), math.sqrt(C()), attempt(math.trunc, object), math.ceil(10**30), math.floor(True))
print(math.pi, math.e, math.tau, math.inf, math.nan, sorted(x for x in dir(math) if x[0] != '_'))
