def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
inf, nan = float('inf'), float('nan')
values = [0j, 1j, -1j, 1 + 0j, complex(-0.0, 0.0), complex(0.0, -0.0), complex(-0.0, -0.0), 3 + 4j, -1.5 + 2.25j, complex(inf, 1), complex(1, -inf), complex(nan, 0), complex(0, nan), 1e300 + 1e300j, 1e-300j, 2 + 0j]
for a in values:
    print(repr(a), str(a), abs(a) if a.real < 1e299 else attempt(abs, a), bool(a), a.conjugate(), -a, +a, a.real, a.imag, a.__getnewargs__(), hash(a) if a == a else None)
    for name, f in [('+', lambda a, b: a + b), ('-', lambda a, b: a - b), ('*', lambda a, b: a * b), ('/', lambda a, b: a / b), ('==', lambda a, b: a == b), ('!=', lambda a, b: a != b)]:
        print(name, [attempt(f, a, b) for b in values])
    print([attempt(lambda: a ** n) for n in (0, 1, 2, 3, -1, -2, 0.5, 100, 101, 1j, 1 + 1j)], attempt(lambda: 2 ** a), attempt(lambda: 1.5 * a), attempt(lambda: 2 - a))
print(1 == 1 + 0j, 2**70 == complex(2**70), 1.5 == 1.5 + 0j, (2**70 + 1) == complex(2**70), attempt(lambda: 1j < 2j), attempt(lambda: 1j // 1), attempt(lambda: 1j % 1), attempt(int, 1j), attempt(float, 1j), attempt(divmod, 1j, 2), attempt(pow, 1j, 2, 3))
for t in ['1', '1j', 'j', '-j', '+J', '1+2j', '1-2j', '1+j', '1-j', '(1+2j)', ' ( 1+2j ) ', '1 + 2j', '1+2', 'inf', 'nanj', 'inf-infj', '1e5+1e-5j', '1_0+2_0j', '1__0j', '', '()', '(1', '1)', 'j1', '1jj', '1+2j3', '--1', '+-1j', '\u0661j', '1\x00', '.5j', '1.e3-.5J', 'infinity+nanj']:
    print(ascii(t), attempt(complex, t))
for args in [(), (1,), (1, 2), (1j, 2), (1, 2j), (1j, 2j), (1.5, -0.0), ('1', 2), (1, '2'), (None,), (1, None), (1, 2, 3), (10**400,), ([],), (True, True)]:
    print(args, attempt(complex, *args))
print(attempt(lambda: complex(real=1)), attempt(lambda: complex(imag=2)), attempt(lambda: complex(1, imag=3)), attempt(lambda: complex(x=1)))
class C:
    def __complex__(self): return 1 + 2j
class D:
    def __float__(self): return 2.5
class E:
    def __complex__(self): return 1
class S(complex): pass
print(complex(C()), complex(D()), attempt(complex, E()), S(1, 2), repr(S(3j)), type(S(1) + 1), complex(S(1, 2)), type(complex(S(1))), type(+S(1)), S(1).__complex__())
for s in ['', 'f', '.2f', 'e', 'g', '.3', '20', '<20', '>20.1f', '^30', '+', ' ', '+.1f', ',', '_.2f', '#', 'n', 'G', '*^30.2e', '010', '=10', 'd', 'x', '%', '.3g', 'z.0f', '0', 'E']:
    print(repr(s), [attempt(format, c, s) for c in (0j, 3 + 4j, -1.5 - 2.25j, complex(-0.0, 1234567.5), complex(nan, -inf), 1j)])
