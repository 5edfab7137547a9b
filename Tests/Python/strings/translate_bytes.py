"""bytes.translate without and with deletion, and join of bytes-like objects."""

table = bytes.maketrans(b"abc", b"xyz")
samples = [b"", b"a", b"q", b"abc", b"qqq", b"qqqqa", bytes(range(256)), b"hello world" * 50, b"cab" * 400]
for s in samples:
    t = s.translate(table)
    print(len(t), t[:20], sum(t), t is s, s.translate(None) == s, s.translate(table, b"")[:9], s.translate(table, b"al")[:9])
    b = bytearray(s)
    u = b.translate(table)
    print(type(u).__name__, u[:20], u is b, b == s, b.translate(None, b"q")[:9])


class B(bytes):
    pass


for s in (B(b"abc"), B(b"qq"), B(b"")):
    t = s.translate(table)
    print(type(t).__name__, t, t is s)
print(b"abc".translate(bytearray(table)), b"abc".translate(memoryview(table)))
for bad in (b"abc", "x" * 256, 3, bytes(255), bytes(257)):
    try:
        print(b"abc".translate(bad))
    except Exception as e:
        print(type(e).__name__, e)

print(b"".join([b"a", b"", b"bc"] * 3), b"--".join([b"a", bytearray(b"b"), memoryview(b"cc"), B(b"d"), b"e" * 20]))
print(bytearray(b",").join([b"a", b"b"]), b",".join(B(b"z") for _ in range(3)), b"".join([]), b"x".join([b"only"]))
for bad in ([b"a", "b"], [b"a", 1], ["a"]):
    try:
        print(b"".join(bad))
    except TypeError as e:
        print(e)
