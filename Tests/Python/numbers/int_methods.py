# Methods of int.
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
numbers = [0, 1, -1, 127, 128, -128, -129, 255, 256, 32767, 32768, -32768, -32769, 2**47, -2**47, 2**63 - 1, 2**63, -2**63, -2**63 - 1, 2**64, -2**64, 2**127, -2**127, -2**127 - 1]
for n in numbers:
    for length in (0, 1, 2, 8, 9, 16, 17):
        for order in ('big', 'little'):
            print(n, length, order, attempt(n.to_bytes, length, order), attempt(n.to_bytes, length, order, signed=True))
print(attempt((1).to_bytes), attempt((1).to_bytes, -1), attempt((1).to_bytes, 1, 'x'), attempt((1).to_bytes, 1, 5), attempt((1).to_bytes, 'a'), attempt((300).to_bytes, byteorder='big'))
for b in [b'', b'\x00', b'\xff', b'\x80', b'\x7f', b'\x00\x01', b'\x80\x00', b'\xff' * 8, b'\x80' + b'\x00' * 7, b'\x01' + b'\x00' * 8, b'\xff' * 17, bytes(range(20))]:
    print([int.from_bytes(b, o, signed=s) for o in ('big', 'little') for s in (False, True)])
print(attempt(int.from_bytes, [1, 2, 3]), attempt(int.from_bytes, bytearray(b'ab'), 'little'), attempt(int.from_bytes, 'x'), attempt(int.from_bytes, 5), attempt(int.from_bytes, [256]), attempt(int.from_bytes, b'1', 'x'))
class I(int): pass
print(type(I.from_bytes(b'a', 'big')), I.from_bytes(b'a', 'big'))
for n in numbers:
    print(n.as_integer_ratio(), n.numerator, n.denominator, n.real, n.imag, n.conjugate(), n.__trunc__(), n.__floor__(), n.__ceil__(), n.__getnewargs__(), n.__sizeof__())
for n in [0, 5, 15, 25, 35, -5, -15, -25, 149, 150, 151, 250, 12345678901234567890, -12345678901234567890, 5 * 10**30, 15 * 10**30]:
    print([round(n, k) for k in (0, 1, -1, -2, -3, -19, -31, -50)], round(n), round(n, None) if False else n.__round__())
print(attempt(round, 5, 1.0), attempt((5).__round__, None), attempt((5).__format__, 3), attempt((5).__add__, 1.0), attempt((5).__pow__, 2, 3), attempt((5).__rsub__, 2), attempt((5).__divmod__, 2))
print([x for x in dir(int) if x not in dir(object)])
for f in ('d', '', 'b', 'o', 'x', 'X', 'c', 'e', 'f', 'g', 'n', '%', ',', '_', '_x', '_b', '#x', '#b', '#o', '#X', '+', ' ', '-', '10', '<10', '>10', '^10', '=10', '010', '+010', '*^20', '#010x', '010,', '020,', '021,', '08_b', '#018_x',
          '=+20', '\u00e9>8', 's', 'r', '.3', '.3f', ',.2f', '10.3e', 'z', 'zf', 'zd', ',x', ',n', '_n', '99999999999999999999', '.', 'dd', '1.2.3', ',_', '_,', ',,', '<<', '<<5', '0<5', '<05', '>05', '^05', '5c', '+c', '#c', '05c'):
    print(repr(f), [attempt(format, n, f) for n in (0, 5, -5, 65, 1234567, -1234567, 2**70)])
print(attempt(format, True, ''), attempt(format, True, 'd'), attempt(format, True, 'q'), attempt(format, 10**400, 'f'), attempt(format, 0x110000, 'c'), attempt(format, -1, 'c'))
