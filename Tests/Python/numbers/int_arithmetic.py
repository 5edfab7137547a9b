# Operators of int over numbers of every size, with errors.
seed = 12345
def rnd(bits):
    global seed
    x = 0
    for _ in range(bits // 16 + 1):
        seed = (seed * 1103515245 + 12345) & 0x7fffffff
        x = x << 16 | (seed >> 8 & 0xffff)
    x &= (1 << bits) - 1
    seed = (seed * 1103515245 + 12345) & 0x7fffffff
    return -x if seed & 0x1000 else x

def digest(values):
    h = 0
    for v in values:
        h = (h * 1000003 + hash(v)) % (2 ** 61 - 1)
    return h

special = [0, 1, -1, 2, -2, 3, 7, -7, 2**46, -2**46, 2**47 - 1, 2**47, -2**47, -2**47 - 1, 2**63 - 1, 2**63, -2**63, -2**63 - 1,
           2**64 - 1, 2**64, -2**64, 2**64 + 1, 2**127, 2**128 - 1, -2**128, 10**50, -10**50, 2**192 - 1]
sizes = [8, 30, 47, 48, 49, 62, 63, 64, 65, 100, 128, 129, 300, 1000, 5000]
numbers = special + [rnd(s) for s in sizes for _ in range(3)]

def attempt(f, *args):
    try:
        return f(*args)
    except (ZeroDivisionError, ValueError, OverflowError, MemoryError) as e:
        return type(e).__name__ + ': ' + str(e)

import_free = {
    '+': lambda a, b: a + b, '-': lambda a, b: a - b, '*': lambda a, b: a * b,
    '//': lambda a, b: a // b, '%': lambda a, b: a % b, 'divmod': divmod, '/': lambda a, b: a / b,
    '&': lambda a, b: a & b, '|': lambda a, b: a | b, '^': lambda a, b: a ^ b,
    '<': lambda a, b: a < b, '==': lambda a, b: a == b, '>=': lambda a, b: a >= b, '!=': lambda a, b: a != b,
}
for name, f in import_free.items():
    results = []
    for a in numbers:
        for b in numbers:
            results.append(attempt(f, a, b))
    text = [repr(r) for r in results if len(repr(r)) < 4000] if name != '*' else [hex(r) for r in results]
    total = 0
    for t in text:
        for c in t[:60] + t[-60:]:
            total = (total * 31 + ord(c)) % 1000000007
    print(name, len(results), total)

for a in special:
    print(a, -a, +a, abs(a), ~a, bool(a), hash(a), a.bit_length(), a.bit_count(), float(a) if abs(a) < 2**1000 else None)
    for n in (0, 1, 15, 16, 17, 47, 48, 63, 64, 65, 128, 200):
        print(a << n, a >> n, end=' ')
    print()
for a in numbers:
    q, r = divmod(a, 97)
    assert q * 97 + r == a and 0 <= r < 97
    for b in numbers:
        if b:
            q, r = divmod(a, b)
            assert q * b + r == a, (a, b)
            assert abs(r) < abs(b) and (r == 0 or (r < 0) == (b < 0))
            assert q == a // b and r == a % b

print(attempt(lambda: 1 // 0))
print(attempt(lambda: 1 % 0))
print(attempt(lambda: divmod(1, 0)))
print(attempt(lambda: 1 / 0))
print(attempt(lambda: 10**30 // 0))
print(attempt(lambda: 10**30 / 0))
print(attempt(lambda: 1 << -1))
print(attempt(lambda: 1 >> -1))
print(attempt(lambda: 1 << 10**30))
print(attempt(lambda: 0 << 10**30))
print(attempt(lambda: 1 << 2**60))
print(attempt(lambda: 1 >> 10**30))
print(attempt(lambda: -1 >> 10**30))
print(attempt(lambda: 10**400 / 3))
print(attempt(lambda: 3 / 10**400))
print(attempt(lambda: 10**400 / 10**399))
print(attempt(lambda: (10**400 + 1) / 10**400))
print(attempt(lambda: -10**308 / 7))
print(attempt(lambda: (2**53 + 1) / 1))
print(attempt(lambda: (2**54 + 3) / 2))
print(attempt(lambda: 1 / 3))
print(attempt(lambda: (2**1074) / (2**2148)))
print(attempt(lambda: 1 / 2**1074))
print(attempt(lambda: 1 / 2**1075))
print(attempt(lambda: 3 / 2**1075))
print(attempt(lambda: 1 / 2**1076))
print(attempt(lambda: 2**1024 / 1))
print(attempt(lambda: (2**1024 - 2**970) / 1))
print(attempt(lambda: (2**1024 - 2**971) / 1))
