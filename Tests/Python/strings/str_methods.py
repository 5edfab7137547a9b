# Methods of str: results and error texts.
def show(f):
    try:
        print(ascii(f()))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))


texts = ["", "a", "hello world", "  x y ", "ÄÖß", "ΑΣ ΑΣΑ Σ", "ŉǰ", "a\tb\n\tc", "one\r\ntwo\x0bthree\x85four\u2028", "\ud800x", "😀e\u0301"]
names = ["lower upper title capitalize swapcase casefold isalpha isalnum isdigit isdecimal isnumeric isspace islower isupper "
         "istitle isidentifier isprintable isascii splitlines split rsplit strip lstrip rstrip expandtabs __len__ __repr__"]
for t in texts:
    for n in names[0].split():
        print(n, ascii(getattr(t, n)()))
for sep in ["a", ",", ", ", "", None]:
    for t in ["a,b,c", "", ",", "a, b, , c", "banana"]:
        for limit in (-1, 0, 1, 2):
            show(lambda: t.split(sep, limit))
            show(lambda: t.rsplit(sep, limit))
        if sep is not None:
            show(lambda: t.partition(sep))
            show(lambda: t.rpartition(sep))
            show(lambda: t.find(sep))
            show(lambda: t.rfind(sep, 1, -1))
            show(lambda: t.count(sep))
            show(lambda: t.count(sep, 1, 3))
            show(lambda: t.replace(sep, "XY"))
            show(lambda: t.replace(sep, "", 2))
            show(lambda: t.replace(sep, "é", 1))
            show(lambda: t.index(sep, 1))
            show(lambda: t.startswith(sep, 1))
            show(lambda: t.endswith((sep, "z")))
            show(lambda: t.strip(sep))
            show(lambda: sep.join(t))
            show(lambda: t.removeprefix(sep) + "|" + t.removesuffix(sep))
for f in [lambda: "a".find(1), lambda: "a".find(), lambda: "a".find(1, 2, 3, 4), lambda: "a".find(x=1), lambda: "a".split(1),
          lambda: "a".partition(""), lambda: "a".join(1), lambda: "a".join([1]), lambda: "a".replace(None, "b"),
          lambda: "a".strip(1), lambda: "abc".center(10, "xx"), lambda: "abc".center(10, 1), lambda: "abc".center(10, "*"),
          lambda: "abc".center(9, "*"), lambda: "ab".ljust(5) + "|", lambda: "ab".rjust(5, "é"), lambda: "-12".zfill(6),
          lambda: "a"[1.0], lambda: "a"[5], lambda: "abc"[::-1], lambda: "abcdef"[4:1:-2], lambda: "a" + 1, lambda: 1 in "a",
          lambda: "a".startswith(1), lambda: "a".startswith((1,)), lambda: str(b"a", 1), lambda: str(1, "utf8"),
          lambda: str(b"\xff", errors="replace"), lambda: str("a", "b"), lambda: str(x=1), lambda: "a".encode(None),
          lambda: "é".encode("ascii"), lambda: "aé€".encode("ascii", "xmlcharrefreplace"),
          lambda: "é".encode("ascii", "backslashreplace"), lambda: "x\ud800".encode(), lambda: "x\udc80".encode("utf-8", "surrogateescape"),
          lambda: "a".translate({97: "bc"}), lambda: "ab".translate({97: None}), lambda: "a".translate({97: 3.0}),
          lambda: "a".translate({97: -1}), lambda: str.maketrans("ab", "cd", "e"), lambda: str.maketrans({"a": 1, 2: 3}),
          lambda: str.maketrans(1), lambda: str.maketrans("a", "bc"), lambda: "a" * 3 + "ab" * -1, lambda: "abc".expandtabs("s"),
          lambda: list("aé😀"), lambda: "a" < "b" < "é" < "😀", lambda: "a" < 1, lambda: "abc".__getnewargs__(),
          lambda: "x".isidentifier() and "1x".isidentifier(), lambda: "a".splitlines(True), lambda: "a\nb\r\n".splitlines(keepends=True),
          lambda: iter("abc").__length_hint__(), lambda: "\x7f\xa0\xad\u200b\U000e0001".__repr__(), lambda: max("hello"),
          lambda: "%s" % ("a" * 10)[2:5], lambda: "ǅ".lower() + "ǅ".upper() + "ǆ".title(), lambda: "İ".lower(), lambda: "ﬁ".upper()]:
    show(f)


class S(str):
    def __str__(self):
        return "S!"


s = S("text")
s.attribute = 1
print(s, repr(s), s + "x", type(s + "x"), s == "text", hash(s) == hash("text"), s.attribute, type(s.lower()), type(s[:]), len(s), {s: 1}["text"])
print("needle" in "hay" * 1000 + "needle", ("ab" * 500 + "é").find("bé"), ("a" * 1000 + "€").rfind("a€"), ("\u1234" * 300).count("\u1234" * 7))
t = ""
for i in range(1000):
    t += chr(65 + i % 26)
    if i == 500:
        old = t
u = old + "!"
print(len(t), len(old), u[-3:], t[499:503], old == t[:501], hash(old) == hash(t[:501]))
