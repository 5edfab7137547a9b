"""Text to int and float."""
import random

random.seed(5)


def attempt(work, *args):
    try:
        return work(*args)
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)


texts = ['', ' ', '0', '-0', '+0', '00', '007', '12', ' 12 ', '-12', '+12', '--1', '1_000', '_1', '1_', '1__0', '0x10', '0b1', '0o7', '1e5', '1.', '.5', '.', '-.5',
         '1.5.5', '123456789012345', '1234567890123456', '123456789012345678901234567890', '0.1', '3.14159', '0.000001', '1e400', '-1e-400', 'inf', '-Infinity', 'nan',
         '١٢٣', '12\u2003', '1 2', 'z', 'ff', '-ff', '12345678901234.5', '0.1234567890123456789', '99999999999999', '140737488355327', '140737488355328', '1\x00', 'é',
         '9007199254740993', '9007199254740992.5', '0.3', '1.7976931348623157e308', '5e-324', '2.2250738585072011e-308']
texts += [repr(random.uniform(-1000, 1000)) for _ in range(50)] + ['%.3f' % random.uniform(-1e6, 1e6) for _ in range(50)]
for text in texts:
    print(ascii(text), attempt(int, text), attempt(float, text), [attempt(int, text, b) for b in (0, 2, 8, 16, 36)], attempt(int, text.encode()), attempt(float, text.encode()))
print([int(x) for x in (1.9, -1.9, 1e14, -1e14, 1.5e14, 1e20, 0.0, -0.0, True)])
for f in (float('inf'), float('nan')):
    print(attempt(int, f))


class Text(str):
    pass


print(int(Text('17')), float(Text('1.5')))
for n in range(0, 10):
    for order in ('little', 'big'):
        for signed in (False, True):
            print([int.from_bytes(bytes(random.randrange(256) for _ in range(n)), order, signed=signed) for _ in range(4)])
ints = list(range(20)) + [10**20, 1.5, True, 2, 0.25]
print(sum(ints), sum(ints[:20]), sum([2**62, 2**62, 2**62]), sum([1, 2.5, 3]), sum([0.1] * 10), sum(tuple(range(5)), 10), sum([1, 2], 0.5), sum([True, True]), sum([]))
print(attempt(sum, [1, 'a']), attempt(sum, [1.5, None]), sum([[1], [2]], []))
