# Searches through long texts look at the first four characters at once (SreLookahead).
import re

dna = 'acgt' * 200 + 'agggtaaa' + 'tgca' * 300 + 'tttaccct' + 'ggtaaa' + 'ac' * 700 + 'aggataaa' + 'tttac'
for p in ['agggtaaa|tttaccct', '[cgt]gggtaaa|tttaccc[acg]', 'a[act]ggtaaa|tttacc[agt]t', 'agg[act]taaa|ttta[agt]cct',
          '(a|c)(gg|ac)(at)?a', '(?:ag+ta|t{3}a)', '[ac]{4}g', 't{2,3}a', 'x|y|z|acga|cgag|gagt|ttac|tac$|tttac$', '(?=ag)[ag]{3}', '(?<=a)ggg',
          '(a)|(gg)|[ct]tt', 'aggata+$', '^acgt', r'\btttac\b', '(?i:AGG)[at]', 'tttac', 'aaa\\Z', '[at]a{1,2}', '(?>ag|tt)t', 'tt(?!t)a',
          '(?:)', 'a*', '[^a]gg', 'q+r', 'gg?g?t']:
    c, b = re.compile(p), re.compile(p.encode())
    found = [(m.span(), m.groups()) for m in c.finditer(dna)]
    print(p, len(found), found[:3], found[-2:])
    assert [m.span() for m in b.finditer(dna.encode())] == [s for s, _ in found]
    assert [m.span() for m in c.finditer(dna + '\u20ac')] == [s for s, _ in found] or p.endswith(('$', 'Z', '\\b')) or p in ('(?:)', 'a*', '[^a]gg')
    print(c.sub('-', dna).count('-'), len(c.split(dna)), c.search(dna, len(dna) - 7), c.search(dna, 1300, 1310))

# At the end of a text, where four characters are no longer there
for tail in ['', 'a', 'ab', 'abc', 'abcd', 'xabc', 'abab']:
    text = 'z.' * 1000 + tail
    print(tail, [re.findall(p, text) for p in ('ab|cd', 'abc|xyz', '[ab][bc]', 'abcd|x', '(?:a|ab)c', 'ab?c?d?')])

# Characters beyond Latin-1, and sets of them
text = ('\xe4\xf6\u0101' + 'b' * 50) * 30
for p in ['[\xe4\u0101]b|\xf6\u0101', '\u0101bb|\xe4\xf6', '(?i)\xc4\xd6', r'\w{4}\W', '[^b]{3}b']:
    print(ascii(p), len(re.findall(p, text)), len(re.findall(p, text.replace('\u0101', '\xe5'))))

# Many alternatives share what is kept of them
words = ['alpha', 'beta', 'gamma', 'delta', 'epsilon', 'zeta', 'eta', 'theta', 'iota', 'kappa', 'lambda', 'mu', 'nu']
text = ' '.join(words * 40)
c = re.compile('|'.join(words))
print(len(c.findall(text)), c.findall(text)[:14])
print(re.compile('|'.join(reversed(words))).findall(text)[:14])
print(len(re.findall('(?:al|be|ga)(?:pha|ta|mma)', text)), len(re.findall('[aeiou]ta (?:th|io)', text)))
print(re.sub(r'(\w)eta', r'<\1>', text)[:60], re.subn('eta|iota', lambda m: m[0].upper(), text)[1])
