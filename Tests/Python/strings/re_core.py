# The regular expression matcher.
import re


def show(f):
    try:
        print(ascii(f()))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))


cases = [(r"a*b", "aaab"), (r"(a|b)*c", "ababc"), (r"(a)|b", "b"), (r"(?:(a)|b)*", "ab"), (r"(a+)+$", "aaaa!"), (r"^(\w+) (\w+)$", "hello world"),
         (r"(?P<x>\d+)(?P=x)", "1212"), (r"(a)?(?(1)b|c)", "ab c"), (r"(?=a)a(?!b)", "ab ac"), (r"(?<=a)b", "ab"), (r"(?<!a)b", "ab cb"),
         (r"a{2,3}?", "aaaa"), (r"(ab){2,}", "ababab"), (r"(?:a|ab)(?:c|bcd)(d*)", "abcd"), (r"(?>a+)b", "aaab"), (r"(?>a+)ab", "aaab"),
         (r"a++b", "aaab"), (r"a*+a", "aaa"), (r"(?:ab)++c", "ababc"), (r"(?:ab)*+abc", "ababc"), (r"[^a-c]+", "abcdef"), (r"\bfoo\b", "a foo b"),
         (r"\Boo", "foo"), (r"(?i)STRASSE", "strasse"), (r"(?i)[A-Z]+", "abcXYZ"), (r"(?i)é", "É"), (r"(?s)a.b", "a\nb"), (r"a.b", "a\nb"),
         (r"(?m)^b$", "a\nb\nc"), (r"x*", "aaa"), (r"(x*)*", "aaa"), (r"(a*)*", "aab"), (r"(a*)+", "b"), (r"(?:a?)*?$", "aa"), (r"(.)(.)(.)\3\2\1", "abccba"),
         (r"((a)(b)?)+", "aba"), (r"(?:(x)|(y))+", "xy"), (r"\d+\.\d*", "3.14"), (r"[\w.]+@[\w.]+", "me@x.org"), (r"(a(?=b))?b", "ab"),
         (r"(?<=(a))b", "ab"), (r"(?(1)a|b)(c)?", "bc"), (r"(?a:\w)+", "é"), (r"\w+", "naïve ßx"), (r"[😀-😂]+", "x😁😂"), (r"(a|b|c|d)+?d", "abcd"),
         (r"(?=(a+))a*b\1", "baaabac"), (r"(?!(a)b)\w", "ac"), (r"\Aab\Z", "ab"), (r"$", "a\n"), (r"a|b|", "c"), (r"(?i)ſ", "S"), (r"[\s\S]*?;", "a\nb;c")]
for p, s in cases:
    show(lambda: [(m.span(), m.groups(), m.lastindex) for m in re.finditer(p, s)])
    for f in (re.match, re.search, re.fullmatch):
        show(lambda: f(p, s) and (f(p, s).regs, f(p, s).groupdict()))
    show(lambda: re.findall(p, s))
    show(lambda: re.split(p, s))
    show(lambda: re.subn(p, "<\\g<0>>", s))
    if s.isascii():
        show(lambda: re.findall(p.encode(), s.encode()))
print(re.sub("(?P<a>x)(y)?", r"[\1\2\g<a>]", "xy x"), re.sub("b", lambda m: m.group().upper() * 2, "abc"), re.sub("a", "b", "aaa", 2))
m = re.match(r"(?P<first>\w+) (?P<second>\w+)?", "hello ")
print(m, m.group("first", 2), m["first"], m.expand(r"\2\1"), m.lastgroup, m.pos, m.endpos, m.re, m.string, m.span("first"), m.start(2))
show(lambda: m.group(5))
show(lambda: m["nope"])
show(lambda: re.compile("a").match(1))
show(lambda: re.compile("a").match(b"a"))
show(lambda: re.compile(b"a").match("a"))
show(lambda: re.compile("("))
print(re.compile("a", re.I | re.M), re.compile(b"x" * 250), re.compile("a") == re.compile("a"), hash(re.compile("a")) == hash(re.compile("a")))
p = re.compile("a+")
print(p.search("xaab", 2).span(), p.search("xaab", 0, 2).span(), p.match("aab", 1, 2), p.findall("aabaa", 1), p.groupindex, p.flags, p.groups)
s = p.scanner("aabaa")
print(s.match(), s.match(), s.search(), s.pattern)
print(re.match(r"(?:a|b)*c", "ab" * 20000 + "c").end(), re.match("(?:" * 50 + "a" + ")*" * 50, "aaa").end(), re.match(r"(a|b)*?c", "ab" * 5000 + "c").span(1))
print(re.escape("a.b*c"), re.split(r"(,)(;)?", "a,b,;c"), re.findall(r"(?=(\w\w))", "abcd"), re.sub(r"\b", "|", "ab cd"))
import _sre
for code in [[], [1], [16, 97, 1], [99, 1], [24, 100, 0, 1, 2, 1, 1], [17, 9, 1], [15, 1, 1], [18, 1], [7, 3, 1, 15, 9, 0, 1], [13, 5, 22, 1, 1], [23, 4, 0, 1, 18, 1]]:
    show(lambda: _sre.compile("x", 0, code, 0, {}, ()).match("aaa"))
