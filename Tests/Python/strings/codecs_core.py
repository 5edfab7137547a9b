# Native codecs: errors, handlers, incremental decoding.
import codecs


def show(f):
    try:
        print(ascii(f()))
    except UnicodeError as e:
        print(type(e).__name__, ascii(str(e)), getattr(e, "start", None), getattr(e, "end", None))
    except Exception as e:
        print(type(e).__name__, ascii(str(e)))


bad = [b"\xff", b"a\xc3", b"\xe2\x82", b"\xe2\x28\xa1", b"\xed\xa0\x80", b"\xf0\x90\x80", b"\xf4\x90\x80\x80", b"\xc0\x80x", b"ab\x80cd"]
for b in bad:
    for h in ["strict", "ignore", "replace", "surrogateescape", "surrogatepass", "backslashreplace", "nothing"]:
        show(lambda: b.decode("utf-8", h))
        show(lambda: b.decode("ascii", h))
    show(lambda: codecs.utf_8_decode(b))
    show(lambda: codecs.utf_8_decode(b, "strict", True))
    show(lambda: b.decode("utf-16"))
    show(lambda: b.decode("utf-32"))
    show(lambda: b.decode("utf-7", "replace"))
    show(lambda: b.decode("unicode_escape"))
for s in ["abc", "é€😀", "\ud800", "x\udc80y", "\\n\n\t\x80"]:
    for e in ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "latin-1", "ascii", "utf-7", "unicode_escape",
              "raw_unicode_escape", "cp1252", "nonesuch"]:
        for h in ["strict", "replace", "xmlcharrefreplace", "surrogatepass", "surrogateescape"]:
            show(lambda: s.encode(e, h))
        show(lambda: s.encode(e).decode(e) == s)
codecs.register_error("mine", lambda e: ("<%s>" % e.object[e.start:e.end], e.end))
show(lambda: "aéb".encode("ascii", "mine"))
show(lambda: b"a\xffb".decode("ascii", "mine"))
show(lambda: codecs.lookup_error("nope"))
show(lambda: codecs.escape_decode(rb"a\x41\n\\"))
show(lambda: codecs.escape_encode(b"a\n'\xff"))
show(lambda: codecs.charmap_decode(b"ab", "strict", "xy"))
show(lambda: codecs.charmap_encode("ab", "strict", {97: 1, 98: b"zz"}))
show(lambda: codecs.charmap_encode("ac", "replace", {97: 1, 63: 2}))
show(lambda: codecs.encode("abc", "rot13"))
show(lambda: "abc".encode("rot13"))
show(lambda: codecs.lookup("UTF 8").name)
d = codecs.getincrementaldecoder("utf-8")()
print([d.decode(bytes([c])) for c in "aé€😀".encode()], d.decode(b"", True))
