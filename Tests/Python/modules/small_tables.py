# errno, _stat, _opcode and _string: tables and small functions. Also run on their twins in libpython (Tools/twins.py).
import _opcode
import _stat
import _string
import dis
import errno

for name in sorted(dir(errno)):
    if not name.startswith("_") and name != "errorcode":
        print(name, getattr(errno, name), end="; ")
print(len(errno.errorcode), errno.errorcode[2])
for name in sorted(dir(_stat)):
    value = getattr(_stat, name)
    if isinstance(value, int):
        print(name, value, end="; ")
print()
for mode in 0o100644, 0o40755, 0o120777, 0o104755, 0o101777, 0o20620, 0o60660, 0o10600, 0o140777, 0, 2**31:
    print(_stat.filemode(mode), _stat.S_IMODE(mode), _stat.S_IFMT(mode), _stat.S_ISDIR(mode), _stat.S_ISREG(mode), _stat.S_ISLNK(mode))
for f, args in (_stat.filemode, ("a",)), (_stat.S_IMODE, (-1,)), (_stat.S_ISDIR, (2**70,)):
    try:
        print(f(*args))
    except Exception as e:
        print(type(e).__name__, e)
for name, op in sorted(dis.opmap.items()):
    for arg in (None, 0, 1, 3):
        for jump in (None, True, False):
            try:
                print(name, arg, jump, _opcode.stack_effect(op, arg, jump=jump), end="; ")
            except ValueError as e:
                print(name, arg, jump, e, end="; ")
print()
for text in "", "a{}b", "{0.x[1]!r:>{w}}", "{{}}", "{a", "}", "{!x}", "{:{}}", "{0!r", "{!}", "{a!rx}":
    try:
        print(list(_string.formatter_parser(text)))
    except ValueError as e:
        print(text, e)
for text in "", "0", "a.b[c].d", "a[0][1]", "0.x", "a[", "a.", "a[]", "a]x", "99999999999999999999":
    try:
        first, rest = _string.formatter_field_name_split(text)
        print(repr(first), list(rest))
    except ValueError as e:
        print(text, e)
