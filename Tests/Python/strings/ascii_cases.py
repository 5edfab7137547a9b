# Upper, lower, title and swapped case of ASCII, at every length around a word of eight and every place in it.
text = "".join(map(chr, range(128)))
for method in ("lower", "upper", "swapcase", "capitalize", "title", "casefold"):
    f = getattr(str, method)
    print(method, ascii(f(text)))
    for n in list(range(20)) + [63, 64, 65]:
        for start in (0, 3, 58, 60, 90):
            part = (text * 2)[start:start + n]
            # By one character at a time, and with a character that is not ASCII behind it, which takes the long way.
            if method in ("lower", "upper", "swapcase", "casefold"):
                assert f(part) == "".join(map(f, part)), (method, part)
            assert f(part + " \u4e00")[:n] == f(part), (method, part)
for word in ("content-type", "x_forwarded for", "it's a1b c", "ABC", "aB", "a", "Z", "", "1abc def", "abcdefghijk lmn", "abcdefgh ijk"):
    print(word.lower(), word.upper(), word.title(), word.capitalize(), word.swapcase())


class Word(str):
    pass


print(type(Word("Abc").lower()), type(Word("abc").lower()), Word("ab cd").title())
print("\u00c9A".lower(), "\u00e9a".capitalize(), "stra\u00dfe".upper(), "\u01c6x".title(), "\u03a3A\u03a3".lower())
