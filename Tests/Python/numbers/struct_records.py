import _struct as struct
def attempt(f, *args, **kw):
    try:
        return repr(f(*args, **kw))
    except Exception as e:
        return type(e).__name__ + ': ' + str(e)
for b in ('', '@', '=', '<', '>', '!'):
    for c in 'xcbB?hHiIlLqQnNefdspP':
        print(b + c, attempt(struct.calcsize, b + c), [attempt(struct.pack, b + c, v) for v in (0, 1, -1, 127, 128, 255, 256, -129, 32768, 65536, 2**31, 2**32, 2**63, 2**64, -2**63, -2**63 - 1, 10**30, 1.5, -0.0, 'x', b'x', b'xyz', True, None)])
    for f in ('bhilq', 'ib', 'bi', '3s2xh', '0i', 'b0q', '2h3b', '10p', '4?', 'efd', ' i  h ', 'c' * 3, 'Pn' if b in ('', '@') else 'i'):
        print(b + f, attempt(struct.calcsize, b + f))
for f, v in [('<hhl', (1, 2, 3)), ('>hhl', (1, 2, 3)), ('bhq', (1, 2, 3)), ('5s', (b'ab',)), ('2s', (b'abc',)), ('5p', (b'abcdefg',)), ('1p', (b'a',)), ('0s', (b'',)), ('3c', (b'a', b'b', b'c')), ('e', (1.5,)), ('<e', (65504.0,)), ('<e', (65520.0,)), ('<e', (5.96e-8,)), ('<e', (1e-8,)), ('<e', (float('nan'),)),
             ('<e', (-float('inf'),)), ('<f', (1e38,)), ('<f', (1e39,)), ('<f', (0.1,)), ('>d', (0.1,)), ('<3i', (1, 2, 3)), ('<?', ([],)), ('<?', ([1],)), ('ii', (1,)), ('i', (1, 2)), ('', ()), ('300p', (b'x' * 300,))]:
    p = attempt(struct.pack, f, *v)
    print(f, v, p[:80])
    if p.startswith('b'):
        print(struct.unpack(f, struct.pack(f, *v)))
for h in range(0, 65536, 97):
    d, = struct.unpack('<e', struct.pack('<H', h))
    if d == d:
        assert struct.pack('<e', d) == struct.pack('<H', h), h
print(attempt(struct.unpack, 'i', b'1'), attempt(struct.unpack, 'i', 5), attempt(struct.unpack_from, 'i', b'1'), attempt(struct.unpack_from, 'i', b'12345', 1), attempt(struct.unpack_from, 'i', b'12345', -3), attempt(struct.unpack_from, 'i', b'12345', -30), attempt(struct.unpack_from, 'i', b'12345', offset=-5), attempt(struct.unpack_from, 'i', buffer=b'12345', offset=30))
ba = bytearray(10)
print(attempt(struct.pack_into, 'i', ba, 2, 77), ba, attempt(struct.pack_into, 'i', ba, -4, 77), ba, attempt(struct.pack_into, 'i'), attempt(struct.pack_into, 'i', ba), attempt(struct.pack_into, 'i', ba, 0, 1, 2), attempt(struct.pack_into, 'i', ba, 8, 1), attempt(struct.pack_into, 'i', ba, -2, 1), attempt(struct.pack_into, 'i', ba, -20, 1), attempt(struct.pack_into, 'i', b'1234', 0, 1))
print(list(struct.iter_unpack('<hb', b'123456')), attempt(struct.iter_unpack, 'i', b'12345'), attempt(struct.iter_unpack, '', b''), struct.iter_unpack('b', b'123').__length_hint__())
for f in ('3', 'z', '999999999999999999999i', '9223372036854775807i', '<n', 1, None, '\xe9', b'<i', '<<i', 'i<'):
    print(attempt(struct.calcsize, f))
s = struct.Struct('<i2h')
print(s.format, s.size, s.pack(1, 2, 3), s.unpack(b'12345678'), s.unpack_from(b'0123456789', 1), list(s.iter_unpack(b'12345678' * 2)), attempt(s.pack, 1), attempt(struct.Struct), attempt(struct.Struct, 1), attempt(struct.pack), attempt(lambda: struct.Struct('i').pack(x=1)))
print(struct.error.__module__, struct.error.__name__, issubclass(struct.error, Exception))
