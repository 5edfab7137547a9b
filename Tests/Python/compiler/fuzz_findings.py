# What comparing compile() with CPython's over generated sources has brought to light.
import dis
import warnings


def show(source, mode="exec", flags=0, action="always"):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter(action)
        try:
            code = compile(source, "<source>", mode, flags, True)
            result = [i.opname for i in dis.get_instructions(code)][:8]
        except SyntaxError as e:
            result = (type(e).__name__, e.msg, e.lineno, e.offset, e.end_lineno, e.end_offset, e.text)
        except (ValueError, SystemError) as e:
            result = (type(e).__name__, str(e))
    print(repr(source)[:70], mode, result, [(w.category.__name__, str(w.message), w.lineno) for w in caught])


# Warnings of literals are issued in each pass over a wrong source, those of tokens once, wherever it is read.
show("'\\d'\n")
show("'\\d' 1\n")
show("f('\\d' for x in y, 1)\n")
show("'\\d'\ndef f(: pass\n")
show("..1if")
show("def 1if", "eval")
show("x = '\\400' '\\d'; y = b'\\q'\n")
# As errors they have a place, and give way to errors of the tokenizer.
show("x = '\\d'\n", action="error")
show("é = '\\d'\n".encode(), action="error")
show("()in'''\n'''\'\\d\'\n", action="error")
show("'\\d' + 1x\n", action="error")
show("1if", action="error")
# A bracket that is never closed takes the place of those beyond its line, as do undecodable bytes.
for source in "('\\d'\nx", "(\n'\\d'\nx", "(\nf'\\d{x}'", "x = ((\n\n) '\\d' 1\n", "é = (\n'\\d'", "(\n'\\d' 'é", "(\n'\\d' 1x":
    show(source.encode(), action="error")
    show(source)
for source in b"(\n'\\d'\n'\xe9'\n", b"x = '\\d'\ny = 1 2\nz = '\xe9'\n", b"#coding: utf-8\nx = '\\d'\n'\xff'\n", b"('\\d'\n'\xff'\n":
    show(source, action="error")
show("1 is 2\n", action="error")
show("'a'()\n", action="error")
# A name read in the target of a comprehension counts as its variable.
show("{(a := c) for x[a] in ()}")
show("[(a := 1) for x[b] in y if a]")
# match hides annotations.
show("match a:\n case b: x: int\n")
show("if a: x: int\n")
# The name of a handler may be wrong without the compiler noticing at once.
show("try: pass\nexcept A as __debug__: pass\n")
show("def f():\n try: pass\n except A as __debug__: return 1\n")
show("def f():\n try: pass\n except A as __debug__:\n  x.a\n")
# Nothing at all.
show("", "eval")
show("", "single")
show("", "eval", 0x4000)
# Encodings: UTF-8 is taken at its word, others go through their codec.
show(b"#coding: utf-8\nb'\xe9'\n")
show(b"#coding: utf-8\n# \xe9\n")
show(b"#coding: UTF8\r\nx = '\xe9'\n")
show(b"#coding: koi8-r\nx = '\xe9'\n")
show(b"#coding: rot13\nx\n")
show(b"#coding: nonsense\nx\n")
show(b"#coding: idna\nx = '\xe9'\n")
show(b"#coding: mac-roman\n# \xff\n")
show(b"x = \xb6y\n")
show(b"x = 1 +\n\xe8 = 2\n")
# A type comment on a line of its own, when something after it is wrong.
show("def g():\n  # type: () -> int\n  x\n1 2", flags=0x1000)
show("def g():\n  # type: () -> int\n  x\n", flags=0x1000)


# The target of an annotation may not go on after a target in parentheses; displays that `async for` goes over are not folded.
for text in ("(a).b: int", "(a)().b: int = 3", "((a).b): int", "((a).b).c: int", "(a)[0]: int", "(a): int", "(1).b: int", "(a()).b: int", "((a + b).c).d: int", "(a).b += 1", "(a)[0] -= 1", "((a).b) *= 2"):
    show(text)
print(compile("async def f():\n async for x in [1]: pass\n async for x in {2}: pass\n", "<source>", "exec").co_consts[0].co_consts)
# Places of warnings that are errors: columns in the text that the tokenizer holds, tokens behind the literal, parts of f-strings.
for text in ("\ufb01\"\\\n\"'\\d'", "'é\\\né' + '\\d'\n", "x = '\\d'\ny = 1if x else 2\n", "x = '\\d' 1 2\ny = 1if x else 2\n", "('\\d'\n)\n",
             "f'''\n{1_0else}'''\n", "x = (f'{1if x else y}'\n)", "f'\\d{x}\\d{y}\\d'\n", "f'\\{{x}'\n", "('''\\d''',0o7not in x)\n)"):
    show(text)
    show(text, action="error")


def constants(source):
    code = compile(source, "<source>", "exec")
    return [c for c in code.co_consts if isinstance(c, (float, complex))]


# Code that is lowered twice shares its NaN; two expressions do not.
print(constants("try: f()\nfinally: x = 1e309 - 1e309\n"))
print(constants("x = 1e309 - 1e309\ny = 1e309 - 1e309\n"))
print(constants("while 1e309 - 1e309 < x: pass\n"))
print(constants("try: f()\nfinally: x = (1e309 - 1e309) * 1j\n"))
for text in ("'%5s' % (c := x,)", "'%5s%%' % ((c := x.y),)"):
    print([(i.opname, i.positions.col_offset, i.positions.end_col_offset) for i in dis.get_instructions(compile(text, "<source>", "eval"))])
print(constants("x = 0 ** ((-1) / 1e-320)\ny = (-0.0) ** -1e999\n"))
