# binascii: each function over many inputs, what is wrong with others, and checksums in pieces.
import base64, binascii, random, zlib

rng = random.Random(2)
def attempt(f, *args, **named):
    try:
        return f(*args, **named)
    except Exception as e:
        return type(e).__name__, str(e).replace("builtins.", "")  # as C names our types

samples = [b"", b"a", b"ab", b"abc", bytes(range(256)), b"\0" * 7, b"text with spaces \t\r\nand lines \r\n.\r\n", b" ends in a space ", b"_=~\x7f\x80"]
samples += [bytes(rng.randrange(256) for _ in range(rng.randrange(60))) for _ in range(60)]
samples += [bytes(rng.choice(b"ab =\r\n.\t_~") for _ in range(rng.randrange(200))) for _ in range(150)]
total = 0
def note(x):
    global total
    total = zlib.crc32(repr(x).encode(), total)
for s in samples:
    for newline in (True, False):
        note(binascii.b2a_base64(s, newline=newline))
    assert binascii.a2b_base64(binascii.b2a_base64(s)) == s
    for backtick in (True, False):
        note(attempt(binascii.b2a_uu, s, backtick=backtick))
    if len(s) <= 45:
        assert binascii.a2b_uu(binascii.b2a_uu(s)) == s
    for tabs in (0, 1):
        for text in (0, 1):
            for header in (0, 1):
                note(binascii.b2a_qp(s, tabs, text, header))
    for header in (0, 1):
        note(binascii.a2b_qp(s, header))
        note(binascii.a2b_qp(binascii.b2a_qp(s, header=header), header))
    note(binascii.hexlify(s))
    assert binascii.unhexlify(binascii.hexlify(s)) == s and binascii.a2b_hex(s.hex().upper()) == s
    for size in (-5, -2, -1, 0, 1, 2, 3, 7):
        note((binascii.b2a_hex(s, "-", size), s.hex(":", size), bytearray(s).hex(b"|", size), memoryview(s).hex("_", size)))
    for start in (0, 1, -1, 0x1234, 2**70 + 5):
        note((binascii.crc32(s, start), binascii.crc_hqx(s, start)))
    assert binascii.crc32(s) == zlib.crc32(s)
    note(binascii.crc32(s[5:], binascii.crc32(s[:5])) == binascii.crc32(s))
print(hex(total))

alphabet = b"AZaz09+/=\n -_"
for _ in range(3000):
    text = bytes(rng.choice(alphabet) for _ in range(rng.randrange(12)))
    for strict in (False, True):
        note(attempt(binascii.a2b_base64, text, strict_mode=strict))
    note(attempt(binascii.a2b_hex, text))
    note(attempt(binascii.a2b_uu, text))
print(hex(total))
print([attempt(binascii.a2b_base64, t) for t in ("", "a", "ab", "ab=", "ab==", "abc", "abc=", "abcd", "ab==cdef", "=", "====", "abcde")])
print([attempt(binascii.a2b_base64, t, strict_mode=True) for t in ("=ab", "ab==c", "a\nb", "ab=c=", "abc=", "ab==")])

for f in (binascii.a2b_base64, binascii.a2b_hex, binascii.a2b_uu, binascii.a2b_qp):
    print(f.__name__, [attempt(f, x) for x in ("\xff", 5, None, memoryview(b"abcdef")[::2], bytearray(b"6162"), memoryview(b"6162"))])
for f in (binascii.b2a_base64, binascii.b2a_hex, binascii.b2a_uu, binascii.b2a_qp, binascii.crc32):
    print(f.__name__, [attempt(f, x) for x in ("a", 5, None, bytearray(b"ab"), memoryview(b"ab"))])
print(attempt(binascii.b2a_uu, b"a" * 46), attempt(binascii.crc_hqx, b"a"), attempt(binascii.crc32, b"a", 1.5), attempt(binascii.crc_hqx, b"a", "x"))
print(attempt(binascii.b2a_qp, b"a\t", quotetabs="x"), attempt(binascii.b2a_base64, b"a", newline="x"), attempt(binascii.b2a_base64, b"a", False))
for sep in ("", "xx", 5, "\xe9", "\u0100", b"\xe9", b"", None):
    print(repr(sep), attempt(binascii.hexlify, b"abc", sep), attempt(b"abc".hex, sep), attempt(b"".hex, sep))
print(attempt(binascii.hexlify, b"abc", "-", "x"), attempt(binascii.hexlify, b"abc", "-", 2**40), attempt(b"abc".hex, "-", -2**31), attempt(b"abc".hex, bytes_per_sep="s"))
print(binascii.Error.__mro__, binascii.Incomplete.__mro__, binascii.Error.__module__)
print(base64.b64encode(b"\xfb\xff", b"-_"), base64.urlsafe_b64decode("-_8="), base64.b16decode("0aF1", casefold=True), attempt(base64.b64decode, "ab$=", validate=True))
