# unicodedata: what is answered here and what libpython's tables say, in both databases.
import unicodedata
import sys
from unicodedata import ucd_3_2_0 as old

print(unicodedata.unidata_version, old.unidata_version, type(old), type(old) is unicodedata.UCD)
print(unicodedata.__name__, sorted(n for n in dir(unicodedata) if not n.startswith("_")))
print(sorted(n for n in dir(old) if not n.startswith("_")))


def tried(f, *args):
    try:
        return f(*args)
    except Exception as e:
        return type(e).__name__, str(e)


# Every character of ASCII and some of each kind beyond it.
characters = [chr(c) for c in range(0x250)] + list("\u0300\u0301\u0345\u0660\u06f1\u0966\u00b2\u2460\u2155\u3007\u4e8c\uac00\uff21\u05d0\u200f\u2000\u2028\ud800\ufdfa\U0001f600\U0001d7ce\U000e0001\U0010ffff\u0378")
for name in ("category", "combining", "east_asian_width", "bidirectional", "mirrored", "decomposition"):
    for database in (unicodedata, old):
        print(name, [getattr(database, name)(c) for c in characters])
for name in ("decimal", "digit", "numeric", "name"):
    for database in (unicodedata, old):
        print(name, [getattr(database, name)(c, None) for c in characters])
print(sum(ord(unicodedata.category(chr(c))[1]) * (c % 251) for c in range(sys.maxunicode + 1)))
print(sum(unicodedata.decimal(chr(c), 0) * 3 + unicodedata.digit(chr(c), 0) + unicodedata.combining(chr(c)) for c in range(sys.maxunicode + 1)))

texts = ["", "plain", "\u00e9", "e\u0301", "\ufb01", "\u1e9b\u0323", "\uac00", "\u1100\u1161", "A\u030a"]
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    for text in texts:
        print(form, ascii(unicodedata.normalize(form, text)), unicodedata.is_normalized(form, text), ascii(old.normalize(form, text)))
text = "some ascii"
print(unicodedata.normalize("NFC", text) is text)


class Text(str):
    pass


print(ascii(unicodedata.normalize("NFC", Text("abc"))), unicodedata.is_normalized("NFD", Text("abc")), unicodedata.category(Text("a")))

# Errors are the same.
for args in (("X", "abc"), ("nfc", "abc"), ("NFC", b"abc"), (1, "a"), ("NFC",), ()):
    print(tried(unicodedata.normalize, *args), tried(old.is_normalized, *args))
for args in (("ab",), ("",), (1,), (b"a",), (None,)):
    print(tried(unicodedata.category, *args), tried(unicodedata.decimal, *args), tried(old.category, *args))
for c in ("a", "\u2155", "5"):
    print(tried(unicodedata.decimal, c), tried(unicodedata.digit, c), tried(unicodedata.numeric, c), tried(unicodedata.digit, c, "none"))
print(tried(unicodedata.name, "\n"), tried(unicodedata.name, "\n", 7), unicodedata.name("\u00e9"))
print(unicodedata.lookup("SNOWMAN"), tried(unicodedata.lookup, "NO SUCH"), ascii(unicodedata.lookup("LATIN SMALL LETTER R WITH TILDE")))
print(tried(unicodedata.UCD))

# Whoever needs it.
print("m\u00fcnchen.example".encode("idna"), b"xn--mnchen-3ya.example".decode("idna"), "127.0.0.1".encode("idna"))
print("\u00e9\u2603".encode("ascii", "namereplace"), b"\\N{SNOWMAN}".decode("unicode_escape"))
