"""json with its accelerator: values, texts, hooks and every error, whole and damaged."""
import json
import random
from json import encoder, scanner, decoder

random.seed(9)
print(decoder.scanstring.__module__, decoder.scanstring is decoder.c_scanstring, encoder.encode_basestring_ascii is encoder.c_encode_basestring_ascii)
print(scanner.c_make_scanner, encoder.c_make_encoder, type(json.decoder.JSONDecoder().scan_once))


def attempt(work, *args, **keywords):
    try:
        return work(*args, **keywords)
    except Exception as error:
        return '%s: %s' % (type(error).__name__, error)


texts = ['', ' ', '[', ']', '[]', '[ ]', '[1,]', '[,]', '[1 2]', '{', '{}', '{ }', '{"a"}', '{"a":}', '{"a":1,}', '{"a":1 "b"}', '{1:2}', "{'a':1}", 'nul', 'null', 'true', 'false', 'NaN',
         'Infinity', '-Infinity', '-', '--1', '-1', '-0', '01', '1.', '1.5', '1.e5', '1e', '1e5', '1E+5', '1e-', '.5', '+1', '12345678901234567890', '1.7976931348623157e309',
         '"', '"a', '"a"', '"\\"', '"\\', '"\\n\\t\\b\\f\\r\\/\\\\\\""', '"\\x"', '"\\u"', '"\\u12"', '"\\u123"', '"\\u1234"', '"\\u1234', '"\\uD83D\\uDE00"', '"\\ud83d"',
         '"\\ud83d\\u"', '"\\ud83d\\u12"', '"\\ud83d\\u0041"', '"\\ud83dx"', '"\\udc00"', '"\\ud83d\\ude0"', '"\\uZZZZ"', '"\t"', '"\n"', '"\x00"', '"\x7f"', '"é世\U0001F600\ud800"', '[[[[]]]]', '{"a":{"a":{"a":[]}}}',
         '{"a":1,"a":2}', '1 2', '\ufeff1', '[1.5, -2, "x", null, true, {"k": [{}]}]', '["世", 1]', ' \t\n\r[ \t\n\r1 \t\n\r, \t\n\r2 \t\n\r] \t\n\r', '[NaN, Infinity]', '[Inf', 'tru', '\u0661', '1\u0661', '-\u0661']
for text in texts:
    print(ascii(text), ascii(attempt(json.loads, text)), ascii(attempt(json.loads, text, strict=False)))
    for i in (0, 1, 2):
        print(ascii(attempt(decoder.scanstring, text, i)), end=' ')
    print(ascii(attempt(json.JSONDecoder().raw_decode, text)))
print(attempt(json.loads, '{"a": [1, {"b": 2}]}', object_hook=lambda d: sorted(d)), attempt(json.loads, '{"a": [1, {"b": 2}], "c": 3}', object_pairs_hook=tuple))
print(attempt(json.loads, '[1.5, 2, NaN, -Infinity]', parse_float=lambda s: 'f' + s, parse_int=lambda s: 'i' + s, parse_constant=lambda s: 'c' + s))
print(attempt(json.loads, '[' * 100000), attempt(json.loads, '{"a":' * 100000))
scan = json.JSONDecoder().scan_once
print(attempt(scan, '1', 5), attempt(scan, '1', -1), attempt(scan, b'1', 0), attempt(scan, '[1, 2', 0), attempt(scan), attempt(scan, '1'), attempt(scan, string='7', idx=0))
print(attempt(decoder.scanstring, b'x', 1), attempt(decoder.scanstring, '"x', -1), attempt(decoder.scanstring, '"x', 9), attempt(decoder.scanstring, 'x"'), attempt(decoder.scanstring, 'x"', '1'))
print(attempt(encoder.c_encode_basestring, 1), attempt(encoder.c_encode_basestring_ascii, None))


class Int(int):
    def __repr__(self):
        return 'no'


class Float(float):
    def __repr__(self):
        return 'no'


class Str(str):
    pass


class Dict(dict):
    def items(self):
        return [('x', 1), ('y', 2)]


class Bad(dict):
    def items(self):
        return [(1, 2, 3)]


circle = []
circle.append(circle)
ring = {}
ring['ring'] = ring
values = [None, True, False, 0, -1, 10**30, 1.5, -0.0, 1e22, 1e-7, float('nan'), float('inf'), '', 'a"b\\c/d\n\t\r\b\f\x00\x1f\x7f\x80é世\U0001F600\ud800', [], [1], (), (1, 2), {}, {'a': 1},
          {1: 2, 1.5: 3, True: 4, None: 5, 10**20: 6, float('inf'): 7}, {'b': 1, 'a': 2}, {(1, 2): 3}, [[[]]], Int(5), Float(2.5), Str('s'), {Str('k'): Int(1)}, Dict(a=1), Bad(a=1), circle, ring, object, {1, 2}, b'x',
          {'a': 1, 2: 3}, [{1, 2}], 'x' * 100 + '"', 'plain ascii text that is long enough']
for value in values:
    for options in ({}, {'ensure_ascii': False}, {'sort_keys': True}, {'skipkeys': True}, {'allow_nan': False}, {'separators': (',', ':')}, {'indent': 1}, {'check_circular': False, 'default': lambda o: type(o).__name__} if value is not circle and value is not ring else {}, {'default': lambda o: [1]}):
        print(ascii(attempt(json.dumps, value, **options)), end=' ')
    print()
deep = []
for _ in range(100000):
    deep = [deep]
print(attempt(json.dumps, deep), attempt(json.dumps, deep, check_circular=False))
make = encoder.c_make_encoder
print(attempt(make(None, lambda o: o, lambda s: 'q' + s, None, ':', ',', False, False, True), [1, 'a', {'b': None}], 0), attempt(make(None, None, lambda s: None, None, ':', ',', False, False, True), 'a', 0))
print(attempt(make, 1, None, None, None, ': ', ', ', False, False, False), attempt(make, None, None, None, None, 3, ', ', False, False, False))
e = make({}, print, len, None, ':', ',', 1, 0, 1)
print(e.markers, e.encoder, e.indent, e.key_separator, e.item_separator, e.sort_keys, e.skipkeys)


def value(depth):
    kind = random.randrange(8 if depth < 4 else 6)
    if kind == 0:
        return random.choice([None, True, False])
    if kind == 1:
        return random.randrange(-10**random.randrange(1, 25), 10**random.randrange(1, 25))
    if kind == 2:
        return random.uniform(-1, 1) * 10 ** random.randrange(-30, 30)
    if kind < 6:
        return ''.join(chr(random.choice((random.randrange(128), random.randrange(0x3000), random.randrange(0x110000)))) for _ in range(random.randrange(12)))
    if kind == 6:
        return [value(depth + 1) for _ in range(random.randrange(5))]
    return {value(9) if random.random() < 0.2 else 'k%d' % i: value(depth + 1) for i in range(random.randrange(5))}


total = 0
for _ in range(300):
    v = value(0)
    text = json.dumps(v)
    total += sum(map(ord, text))
    plain = json.dumps(v, ensure_ascii=False)
    assert ascii(json.loads(plain)) == ascii(json.loads(text))
    damaged = list(text)
    if damaged:
        damaged[random.randrange(len(damaged))] = random.choice('{}[],:"\\0159eE.-ntf \n')
    print(ascii(attempt(json.loads, ''.join(damaged)))[:100])
print(total)
