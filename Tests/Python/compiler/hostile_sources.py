# Sources made to break a compiler: each gets CPython's answer, none a signal.
import ast
import hashlib
import warnings

warnings.simplefilter("ignore")


def answer(source, mode="exec"):
    try:
        code = compile(source, "<hostile>", mode)
    except SyntaxError as e:
        return type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset
    except (MemoryError, RecursionError, ValueError, OverflowError, UnicodeError) as e:
        return type(e).__name__, str(e)[:80]
    h = hashlib.sha256()
    stack = [code]
    while stack:
        c = stack.pop()
        h.update(repr((c.co_name, c.co_names, c.co_varnames, c.co_flags, c.co_stacksize)).encode("utf-8", "surrogatepass"))
        h.update(c.co_code + c.co_linetable + c.co_exceptiontable)
        for k in c.co_consts:
            if isinstance(k, type(code)):
                stack.append(k)
            elif isinstance(k, int):
                h.update(b"%x" % k)
            else:
                h.update(repr(k).encode("utf-8", "surrogatepass"))
    return "code", h.hexdigest()[:16]


def show(name, source, mode="exec"):
    print(name, *answer(source, mode))


print("nesting")
FORMS = [("(", "x", ")"), ("[", "", "]"), ("{1:", "0", "}"), ("f(", "", ")"), ("x[", "0", "]"), ("-", "x", ""), ("not ", "x", ""), ("lambda:", "x", ""), ("x if y else ", "z", ""), ("", "x", ".a"), ("", "x", "()"), ("", "x", "[0]"),
    ("x+", "y", ""), ("x**", "y", ""), ("", "x", "+y"), ("x and ", "y", ""), ("x<", "y", ""), ("[a for a in ", "b", "]"), ("f(a for a in ", "b", ")"), ("{**", "x", "}"), ("[*", "x", "]"), ("(yield ", "x", ")"), ("a=", "b", ""),
    ("a,", "b", ""), ("(a:=", "b", ")"), ("x[y:", "z", "]")]
for start, middle, end in FORMS:
    for n in (99, 100, 101, 199, 200, 201, 300):
        show(f"{start}{end} {n}", start * n + middle + end * n + "\n")
for n in (19, 20, 21, 99, 100, 101):
    show(f"blocks {n}", "".join(" " * i + "if x:\n" for i in range(n)) + " " * n + "pass\n")
    show(f"loops {n}", "".join(" " * i + "for x in y:\n" for i in range(n)) + " " * n + "pass\n")
    show(f"functions {n}", "".join(" " * i + f"def f{i}():\n" for i in range(n)) + " " * n + "pass\n")
for n in (50, 150, 200, 250):
    show(f"patterns {n}", "match x:\n case " + "[" * n + "y" + "]" * n + ": pass\n")
for n in (100, 1000, 3000):
    show(f"elif {n}", "if x: pass\n" + "elif x: pass\n" * n)

print("long")
for item, forms in ("1,", ("x = [%s]\n", "x = {%s}\n")), ("x,", ("x = (%s)\n", "f(%s)\n")), ("(1,2),", ("x = [%s]\n",)), ("-1,", ("x = (%s)\n",)):
    for form in forms:
        show(form.strip() % item, form % (item * 100_000))
show("dict", "{" + "1:2," * 20_000 + "}\n")
show("keywords", "f(" + "".join("a%d=1," % i for i in range(5_000)) + ")\n")
show("broken", "x = [" + "a, 1, " * 3_000 + "1 2]\n")
show("unclosed", "x = [" + "a, 1, " * 3_000 + "\n")
show("statements", "x;" * 10_000 + "\n")
show("names", "".join("x%d = %d\n" % (i, i) for i in range(5_000)))
show("parameters", "def f(" + ",".join("a%d" % i for i in range(5_000)) + "): pass\n")
show("chain", "x" + "=x" * 5_000 + "\n")
show("strings", "'a' " * 5_000 + "\n")
show("lines", "\n" * 50_000 + "$")
show("continuations", "x = 1" + " + \\\n1" * 900 + "\n")

print("identifiers")
for n in (65535, 65536, 65537):
    show(f"x {n}", "x" * n + " = 1\n")
    show(f"e {n}", "\u00e9" * n + " = 1\n")
    show(f"attribute {n}", "a." + "x" * n + "\n")
    show(f"keyword {n}", "f(" + "k" * n + "=1)\n")
show("ligature", "\ufb01 = 1\n")
show("no identifier", "a\u20ac = 1\n")

print("NUL")
for s in "x\0y\n", "\0", "x = '\0'\n", "# \0\n", "x = 1\n\0":
    show(repr(s), s)
    show(repr(s.encode()), s.encode())

print("numbers")
for digits in (639, 640, 4299, 4300, 4301, 100_000):
    show(f"decimal {digits}", "x = " + "7" * digits + "\n")
    show(f"negative {digits}", "x = -" + "7" * digits + "\n")
    show(f"hexadecimal {digits}", "x = 0x" + "7" * digits + "\n")
    show(f"binary {digits}", "x = 0b" + "1" * digits + "\n")
    show(f"float {digits}", "x = " + "7" * digits + ".5\n")
    show(f"exponent {digits}", "x = 1e" + "7" * digits + "\n")
for s in "1 << 10**10", "2 ** 10**6", "'a' * 10**9", "(1,) * 10**9", "10**400 * 1.0", "1 / 0", "1_", "0777", "1__0", "0x", "1e", "1.e", "0b2", "1if x else 2":
    show(s, s + "\n")

print("f-strings")
for s in "f'{x!r:{y:{z}}}'", "f'{x:{y:{z:{a}}}}'", "f'{f\"{f\\'{x}\\'}\"}'", "f'" + "{x}" * 3_000 + "'", "f'" + "{" * 1001 + "'", "f'{'", "f'{x!}'", "f'{\\n}'", "f'{#}'", "f'{a b}'", "f'{(x}'", "f'{" + "(" * 150 + "x" + ")" * 150 + "}'", "f'{lambda x:1}'":
    show(s[:40], s + "\n")
text = "x"
for quote in "'", '"', "'''", '"""', "'":
    text = f"f{quote}{{{text}}}{quote}"
    show(text, text + "\n")

print("encodings")
for head in b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xef\xbb", b"\xfe\xff":
    for cookie in b"", b"# coding: utf-8\n", b"# coding: latin-1\n", b"#!x\n# -*- coding: koi8-r -*-\n", b"# coding: nonsense\n", b"# coding: utf-16\n", b"# coding: rot13\n", b"# coding: ascii\n", b"\n\n# coding: latin-1\n":
        for body in b"x = '\xc3\xa9'\n", b"x = '\xe9'\n", b"x = 1\r\ny = 2\r":
            show(head + cookie + body, head + cookie + body)
for s in "x = '\ud800'\n", "\ud800 = 1\n", "# \udc80\n", "\ufeffx = 1\n", "\u200bx\n", "\u00a0x\n", "\x0cx = 1\n", "\x1ax\n":
    show(ascii(s), s)

print("trees")
node = ast.Constant(1)
for _ in range(5000):
    node = ast.UnaryOp(ast.USub(), node)
try:
    compile(ast.fix_missing_locations(ast.Expression(ast.Constant(1))), "<tree>", "eval")
    compile(ast.Expression(node, lineno=1), "<tree>", "eval")
except (RecursionError, TypeError, ValueError) as e:
    print(type(e).__name__)
