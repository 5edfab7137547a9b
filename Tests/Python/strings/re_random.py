"""Regular expressions made at random, applied to texts of every width."""
import hashlib
import random
import re

random.seed(21)
letters = 'abcAB01_ -\n.é世\U0001F600'


def pattern(depth):
    kind = random.randrange(14 if depth < 3 else 7)
    if kind < 3:
        return re.escape(random.choice(letters))
    if kind == 3:
        return random.choice([r'\w', r'\d', r'\s', r'\W', r'\D', r'\S', '.', r'\b', r'\B', '^', '$'])
    if kind == 4:
        return '[%s%s]' % (random.choice(['', '^']), random.choice(['a-c', 'abc', r'\w', r'\d_', 'A-Z0-9', 'é-世', r'\s-', 'aé世', r'^a', r'\Wx']))
    if kind < 7:
        return random.choice(['ab', 'ba', 'a', 'b', '0', 'Ab'])
    if kind < 9:
        return pattern(depth + 1) + pattern(depth + 1)
    if kind == 9:
        return '(?:%s|%s|%s)' % (pattern(depth + 1), pattern(depth + 1), pattern(depth + 1))
    if kind == 10:
        return '(%s)' % pattern(depth + 1)
    if kind == 11:
        return random.choice(['(?=%s)', '(?!%s)', '(?>%s)', '(?P<n%d>%%s)' % random.randrange(10**6)]) % pattern(depth + 1)
    inner = pattern(depth + 1)
    if len(inner) > 1:
        inner = '(?:%s)' % inner
    return inner + random.choice(['*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{0,2}?', '*+', '++'])


digest = hashlib.sha256()
compiled = matched = 0
for case in range(2500):
    source = pattern(0)
    flags = random.choice([0, 0, 0, re.I, re.M, re.S, re.A, re.I | re.A])
    try:
        p = re.compile(source, flags)
    except re.error as error:
        digest.update(str(error).encode())
        continue
    compiled += 1
    for alphabet in ('aab b0_', 'abAB01_ -\n.', 'abé A\n', letters):
        text = ''.join(random.choice(alphabet) for _ in range(random.randrange(0, 25)))
        result = [p.findall(text), [(m.span(), m.groups(), m.lastindex, m.lastgroup) for m in p.finditer(text)], p.sub('<>', text, 3), p.subn(lambda m: m.group().upper(), text), p.split(text, 2)]
        for m in (p.match(text), p.fullmatch(text), p.search(text, 3), p.search(text, 1, 9)):
            result.append(m and (m.span(), m.regs))
        matched += bool(result[1])
        digest.update(ascii(result).encode())
    if case % 100 == 99:
        print(case, compiled, matched, digest.hexdigest()[:16])

words = 'foo = bar * (12 + baz) - 3 # x\n' * 3
token = re.compile(r'(?P<num>\d+)|(?P<id>[a-z_]\w*)|(?P<op>[-+*/=()])|(?P<ws>\s+)')
print([(m.lastgroup, m.group()) for m in token.finditer(words)])
print(re.sub('(?i)FOO', lambda m: re.sub('o', '0', m.group()), words), re.findall('', 'ab'), re.split('(x)|', 'axb'))
print(re.compile('a' * 40 + '(b)?' * 40).match('a' * 40 + 'b' * 40).groups().count('b'), re.match('(?:(a)|b)*', 'ab').groups())
print(re.findall(rb'\w+', b'ab \xff cd'), re.findall('(?a)\\w+', 'aé b'), re.findall('\\w+', 'a\x1c\xb2\xaa١ 世'), re.findall('\\s', ' \x1c\x1f\x85\xa0\u2003'), re.findall('\\d', '1٢²'))
print(re.findall('[A-Z]', 'aBſKk', re.I), re.findall('ſ', 'sSſ', re.I), re.search('k', 'K', re.I))
