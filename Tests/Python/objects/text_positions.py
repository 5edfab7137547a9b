# tell and seek in text of encodings that have a state, with every treatment of line ends.
import io

text = "a\u3042\r\n\u6f22\u5b57x\ny\rz\U0001f600\r\nend"


def check(*arguments):
    try:
        return walk(*arguments)
    except UnicodeError as e:
        return type(e).__name__


def walk(encoding, text, newline, chunk):
    data = text.encode(encoding)
    f = io.TextIOWrapper(io.BytesIO(data), encoding, newline=newline)
    f._CHUNK_SIZE = chunk
    whole = f.read()
    good = 0
    for i in range(len(whole) + 1):
        f.seek(0)
        if f.read(i) != whole[:i]:
            return "read", i
        position = f.tell()
        again = f.read(2)
        f.seek(position)
        if f.tell() != position or f.read() != whole[i:] or again != whole[i:i + 2]:
            return "seek", i, again
        good += 1
    f.seek(0)
    lines = []
    while True:
        position = f.tell()
        line = f.readline()
        if not line:
            break
        lines.append((position, line))
    for position, line in reversed(lines):
        f.seek(position)
        if f.readline() != line:
            return "line", line
    return good, len(lines), f.seek(0, 2) == len(data)


for encoding in "utf-8", "utf-16", "utf-16-le", "utf-32", "utf-8-sig", "utf-7", "iso2022_jp", "shift_jis", "gb18030", "euc_jp":
    try:
        text.encode(encoding)
        t = text
    except UnicodeEncodeError:
        t = text.replace("\U0001f600", "")
    for newline in None, "", "\n", "\r\n":
        print(encoding, repr(newline), [check(encoding, t, newline, chunk) for chunk in (9, 64, 8192)])

f = io.TextIOWrapper(io.BytesIO(text.encode("utf-16")), "utf-16")
for arguments in (-1,), (1 << 300,), (1, 1), (1, 2), (0, 3):
    try:
        print(f.seek(*arguments))
    except Exception as e:
        print(type(e).__name__, e)
f.seek(0)
next(f)
try:
    f.tell()
except OSError as e:
    print(e)
