"""Searching, counting and replacing, against definitions that are slow and plain."""
import random

random.seed(7)


def find(text, part, start=0):
    for i in range(start, len(text) - len(part) + 1):
        if text[i:i + len(part)] == part:
            return i
    return -1


def count(text, part):
    n = i = 0
    while (i := find(text, part, i)) >= 0:
        n += 1
        i += len(part)
    return n


alphabets = ['ab', 'abc', 'aé', 'a世', 'a\U0001F600é世', '\ud800a']
checked = 0
for alphabet in alphabets:
    for _ in range(150):
        text = ''.join(random.choice(alphabet) for _ in range(random.randrange(0, 120)))
        part = ''.join(random.choice(alphabet) for _ in range(random.randrange(1, 6)))
        new = ''.join(random.choice(alphabet + 'z') for _ in range(random.randrange(0, 4)))
        assert text.find(part) == find(text, part), (text, part)
        assert text.count(part) == count(text, part), (text, part)
        assert (part in text) == (find(text, part) >= 0)
        pieces = text.split(part)
        assert part.join(pieces) == text and len(pieces) == count(text, part) + 1
        replaced = text.replace(part, new)
        assert replaced == new.join(pieces), (text, part, new)
        assert replaced.isascii() == all(ord(c) < 128 for c in replaced)
        start = random.randrange(0, 130)
        assert text.find(part, start) == (find(text, part, start) if start <= len(text) else -1)
        checked += 1
print(checked)

for text in ['a' * 1000, 'ab' * 500, 'a' * 999 + 'b', 'x' * 40, 'é' * 33, '12:34:56' * 9]:
    for part in ['a', 'b', 'aa', 'ab', 'a' * 20 + 'b', 'ba' * 30, ':', 'é', 'é' * 16, 'éx', 'x' * 17, 'a' * 999 + 'b']:
        print(text.find(part), text.rfind(part), text.count(part), len(text.replace(part, '--')), len(text.replace(part, '')), text.replace(part, '\u0101', 2).count('\u0101'))
hard = 'a' * 30000 + 'b'
print(hard.find('a' * 2000 + 'b'), hard.count('a' * 300 + 'c'), hard.find('b' + 'a' * 100), hard.encode().find(b'a' * 1500 + b'ba'))
print('aaa'.replace('a', 'b'), 'a'.replace('a', 'é'), 'é'.replace('é', 'e').isascii(), ('é' * 20 + 'x').replace('é', 'e').isascii(), 'abc'.replace('b', 'ÿ'), 'aXb'.replace('X', '世'))
print(b'a,b,c'.replace(b',', b';'), bytearray(b'a,b' * 9).replace(b',', b'\xff'), b''.replace(b'a', b'b'), b'a'.replace(b'a', b'b'), b'\xff' * 3)
s = 'abc'
print('abc'.replace('x', 'y') is not None, s.replace('a', 'a') == s)

parts = ['a', 'b' * 20, 'é', '世', '\U0001F600', '']
print([f'{p}{q}{p}' for p in parts for q in parts], [f'{p}:{q}' for p in parts for q in parts], len(f'{"x" * 300}{"y"}{"z" * 300}'))
grown = ''
for i in range(300):
    grown = f'{grown}{i},'
print(len(grown), hash(grown) == hash(','.join(map(str, range(300))) + ','))
