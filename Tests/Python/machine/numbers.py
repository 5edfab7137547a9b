# Hot loops of ints and floats: overflow to big ints, types that change, division by zero, nan, inf and -0.0, bools as ints.
import math


def total(n):
    s = 0
    i = 0
    while i < n:
        s += i
        i += 1
    return s


def grow(n, start):
    s = start
    for i in range(n):
        s += s >> 3
    return s


def mixed(n, switch):
    x = 0
    for i in range(n):
        if i == switch:
            x = x + 0.5
        x = x + i
    return x


def shifts(n):
    a = 1
    out = []
    for i in range(n):
        a = (a << 1) ^ (i * 7) & 255 | 1
        if a > 1 << 40:
            a >>= 33
        if i % 997 == 0:
            out.append(a)
    return out[-5:], a


def divide(n, at):
    s = 0
    for i in range(n):
        d = at - i
        try:
            s += 1000 // d
        except ZeroDivisionError as e:
            s -= 1
            line = e.__traceback__.tb_lineno - divide.__code__.co_firstlineno
    return s, line


def remainders(n):
    s = 0
    for i in range(-n, n):
        s += i % 7 + i // 7 + i % 8 + i // 8 + (i * i) % 13
    return s


def negative(n):
    s = 0
    for i in range(n):
        s = -s + i
    return s


def floats(n):
    x = 0.0
    y = 1.0
    for i in range(n):
        x = x * 0.5 + y / 3
        y = y - x * 0.25
        if y < -1e300:
            y = 1.0
    return x, y


def special(n):
    inf = float("inf")
    seen = []
    x = 1.0
    nans = 0
    for i in range(n):
        x = x * 1e10
        if x == inf:
            y = x - x
            if y != y:
                nans += 1
            if not y == y:
                nans += 1
            if y < 1.0 or y > 1.0 or y <= 1.0 or y >= 1.0:
                nans += 1000000
            x = 1.0
        z = -0.0 * (i + 1)
        if i % 1000 == 0:
            seen.append((z, math.copysign(1.0, z)))
    return nans, seen[-2:]


def truth(n):
    count = 0
    zero = 0.0
    nan = float("nan")
    for i in range(n):
        x = zero if i % 2 else nan
        if x:
            count += 1
        if not x:
            count += 10
        if i & 1:
            count += 100
        b = i > 5
        count += b
        count += True
    return count


def fractions(n):
    a = 3
    s = 0.0
    for i in range(1, n):
        s += a / i
        s -= 1 / (i + 1)
    return s


def zero_float(n):
    s = 0.0
    for i in range(n):
        d = float(n - 1 - i)
        try:
            s += 1.0 / d
        except ZeroDivisionError as e:
            return round(s, 9), str(e)


def powers(n):
    s = 0.0
    for i in range(1, n):
        x = i * 0.5
        s += x ** 0.5 + x ** -1.5
    return s


def many(n):
    a = b = c = d = e = f = g = h = 0
    x = y = z = w = 0.5
    for i in range(n):
        a += 1
        b += a & 3
        c ^= b
        d = c - a
        e += d & 1
        f = e + b
        g = f - c
        h += g & 1
        x = x + y * 0.125
        y = y - z * 0.25
        z = z * 0.5 + w
        w = w * 0.75 + x * 0.001
    return a, b, c, d, e, f, g, h, x, y, z, w


for n in (10, 5000, 200000):
    print(total(n), negative(n), remainders(n // 4))
    print(mixed(n, n // 2), mixed(n, -1), fractions(n))
    print(shifts(n), floats(n), special(n), truth(n))
    print(zero_float(n), powers(n), many(n))
    print(divide(n, n // 2), divide(n, n - 1))
print(total(1000000))
print(grow(400, 3), grow(400, 1000).bit_length(), grow(2000, 1000).bit_length())
print(total(5.5), mixed(3000, 2999.0))
