# ** and three-argument pow.
def attempt(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
bases = [0, 1, -1, 2, -2, 3, 10, -10, 255, 2**31, 2**63, -2**64, 10**20, 12345678901234567890123]
exponents = [0, 1, 2, 3, 5, 10, 17, 64, 100]
for a in bases:
    print(a, [a ** n for n in exponents[:6]], [hash(a ** n) for n in exponents])
    print([attempt(pow, a, n) for n in (-1, -2, -3)])
moduli = [1, -1, 2, 7, -7, 97, 2**31 - 1, -2**31, 2**61 - 1, 2**64 - 59, 2**64, 2**64 + 13, 10**40 + 1, -10**40, 0]
for a in bases:
    for n in (0, 1, 2, 5, 65537, 2**70 + 3, -1, -2, -(2**65)):
        print(a, n, [attempt(pow, a, n, m) for m in moduli])
print(attempt(pow, 2, 3, 1.5), attempt(pow, 2.0, 3, 5), attempt(pow, 'a', 3, 5), attempt(pow, 2, 'a'))
print(True ** 3, 2 ** True, pow(True, 5, 3))
print(0 ** 0, (-1) ** (10**20), (-1) ** (10**20 + 1), 1 ** 10**30, 0 ** 10**30)
