"""Formatting of ints and doubles over many values and specifications, by every way there is."""
import random

random.seed(11)
ints = [0, 1, -1, 9, 10, -10, 255, 256, 12345, -98765, 10**14, 2**46, -(2**46), 2**47 - 1, -(2**47), 2**47, 2**64, -(10**30)]
ints += [random.randrange(-10**k, 10**k) for k in range(1, 15)]
doubles = [0.0, -0.0, 0.5, 1.5, 2.5, -2.5, 0.125, 0.375, 1e15, 1e16, 9.9995, 99.995, 0.00001, 123456.789, 1e22, 1e-7, 5e-324, 1.7976931348623157e308,
           float('inf'), float('-inf'), float('nan'), 4503599627370496.5, 9007199254740993.0, 999999.5, 9999995.0, 0.1, 1 / 3, 2 / 3]
doubles += [random.uniform(-10, 10) * 10 ** random.randrange(-12, 20) for _ in range(200)]


def attempt(work):
    try:
        return work()
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)


specs = ['', 'd', 'x', 'X', 'o', 'b', '#x', '#X', '#b', '#o', '02x', '5d', '<8d', '^9', '*^12d', '=+10', '+d', ' d', '08d', '-08', ',', '_', '_x', '_b',
         '012,', '15,d', '>20_d', 'é>9', '世<9', '\U0001F600^7', '.2', 'c', 'n', 'e', '.3f', '%', '=012x', '#012x', '^#12b', 'z', 's', '1', '0', '00']
for spec in specs:
    print(repr(spec), [attempt(lambda: format(n, spec)) for n in ints])

specs = ['', 'f', '.0f', '.1f', '.2f', '.3f', '.10f', '.17f', '.19f', '.20f', '.30f', 'e', '.0e', '.3e', '.16e', '.17E', 'g', '.0g', '.1g', '.3g', '.12g', '.17g', 'G',
         '%', '.1%', '10.3f', '<10.2f', '^+12.1e', '012.4f', '=+12.2f', '*>9.1f', ',.2f', '_.3f', '#.0f', '#g', 'z.1f', ' .2f', 'n', 'é^12.2f', '世>12.2f', '.2', '5', 'd']
for spec in specs:
    print(repr(spec), [attempt(lambda: format(d, spec)) for d in doubles])

for code in ['%d', '%5d', '%-7d|', '%+d', '% d', '%06d', '%x', '%#x', '%X', '%08X', '%o', '%#o', '%.5d', '%.0d', '%8.3d', '%i', '%u']:
    print(code, [code % n for n in ints])
for code in ['%f', '%.0f', '%.2f', '%10.3f', '%-10.1f|', '%+.2e', '% .3g', '%G', '%012.4f', '%#.0f', '%.15g', '%.25f', '%5.1f%%']:
    print(code, [code % d for d in doubles])
print([f(n) for n in ints for f in (hex, oct, bin, str, repr)])
print([repr(d) for d in doubles], [str(d) for d in doubles])
print([round(d, n) for d in doubles if d == d and abs(d) < 1e300 for n in range(-3, 20)])
print([round(n, k) for n in ints for k in (-3, -1, 0, 2)])
