# Patterns whose beginnings and repeats are known beforehand: random ones over narrow and wide texts, compared as a checksum with CPython's
# matcher, and a few whose answers are shown.
import random, re, zlib

rng = random.Random(11)
atoms = ["a", "b", "c", ".", "\\w", "\\W", "\\d", "\\s", "[ab]", "[^ab]", "[a-c1]", "[^\\w]", "[\\d_]", "[é-ü]", "[^é]", "é", "Ω", "[Ωω]", "\\n", "[\\x80-\\u0400]", "[^\\u0100-\\u0500a]"]
def sequence(depth):
    return "".join(item(depth) for _ in range(rng.randrange(1, 4)))
def item(depth):
    k = rng.randrange(12)
    if depth <= 0 or k < 5:
        return rng.choice(atoms) + rng.choice(["", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??", "*+", "++", "{0,2}+"])
    elif k < 7:
        base = "(" + "|".join(sequence(depth - 1) for _ in range(rng.randrange(1, 4))) + ")"
    elif k < 9:
        base = "(?:" + "|".join(sequence(depth - 1) for _ in range(rng.randrange(1, 4))) + ")"
    elif k == 9:
        return rng.choice(["(?=%s)", "(?!%s)", "(?<=%s)", "(?<!%s)"]) % rng.choice(atoms)
    elif k == 10:
        return rng.choice(["^", "$", "\\b", "\\B"])
    else:
        base = "(?>" + sequence(depth - 1) + ")"
    return base + rng.choice(["", "", "", "*", "+", "?", "{2}", "{1,2}", "*?", "+?", "??"])
narrow, latin, wide = "aabbcc1_ \n-", "aabéüc1 \nÜ", "aabéΩωc1 \n𝔘"
total = done = 0
for _ in range(700):
    pattern = sequence(2)
    flags = rng.choice([0, 0, re.I, re.M, re.S, re.A, re.I | re.A])
    try:
        p = re.compile(pattern, flags)
    except (re.error, OverflowError):
        continue
    for letters in (narrow, latin, wide):
        text = "".join(rng.choice(letters) for _ in range(rng.randrange(9)))
        found = [(m.span(), m.groups(), m.lastindex) for m in p.finditer(text)]
        m, f, at = p.match(text), p.fullmatch(text), p.search(text, 2, 9)
        row = (found, m and m.span(), f and f.groups(), at and at.span(), p.split(text), p.sub("<>", text))
        total = zlib.crc32(repr(row).encode(), total)
        done += len(found)
    if letters is wide and flags in (0, re.S):
        try:
            b = re.compile(pattern.encode("latin-1"), flags)
        except (re.error, UnicodeEncodeError):
            continue
        data = bytes(rng.choice(b"aabbc1_ \n-\xe9\xfc") for _ in range(8))
        total = zlib.crc32(repr([(m.span(), m.groups()) for m in b.finditer(data)]).encode(), total)
print(done > 500, hex(total))

show = [("agggtaaa|tttaccct", "xxtttaccctagggtaaa"), ("[cgt]gggtaaa|tttaccc[acg]", "cgggtaaatttaccca"), ("(Python|Perl)", "PPPerlPython"),
        ("([0a-z][a-z0-9]*,)+", "a0,b,-c,d0,0"), ("\\w+\\s", "ab cd"), ("[^;]*;", "abc;d"), ("a*a", "aaab"), ("a*b?a", "aaa"), ("x*", "axxb"),
        ("(?:ab|a)(?:c|bcd)", "abcd"), ("(a|ab)(c|bcd)(d*)", "abcd"), (".*P.*y", "xxPxyx"), ("(?i)straße", "STRASSE straße STRAßE"),
        ("(?i)[k]", "kK\u212a"), ("[\u0100-\u0200]+b", "\u0150\u0151b"), ("a{2,3}?b", "aaaab"), ("(a*)*b", "aab"), ("(?:a?)*?y", "aay"),
        ("\\d+(?=%)", "10% 20"), ("(?<!a)b+", "abbb b"), ("^a|b$", "ab"), ("(?:(a)|b)*", "abab"), ("(?s).*?x", "a\nbx"), ("", "ab")]
for pattern, text in show:
    print(pattern, [(m.span(), m.groups()) for m in re.finditer(pattern, text)], [m.span() for m in re.finditer(pattern, text + "\u03a9")])
