# Frame, traceback, code and function objects.
import sys


def f(a, b=2, *c, d, **e):
    x = 1
    frame = sys._getframe()
    return frame


fr = f(1, 2, 3, d=4, z=5)
print(sorted(k for k in fr.f_locals if k != "frame"), fr.f_code.co_name, fr.f_lineno, fr.f_back.f_code.co_name)
print(fr.f_globals is globals(), fr.f_back is sys._getframe())


def g():
    y = 1

    def h():
        return y, locals()

    return h, locals()


h, loc = g()
print(h(), sorted(loc), h.__closure__[0].cell_contents, h.__code__.co_freevars, g.__code__.co_cellvars)
code = f.__code__
print(code.co_argcount, code.co_kwonlyargcount, code.co_posonlyargcount, code.co_varnames, code.co_names, code.co_flags, code.co_nlocals)
print(code.co_firstlineno, list(code.co_lines()), len(list(code.co_positions())))
print(list(code.co_positions())[:6], code.co_lnotab)
print(code.replace(co_name="other").co_name, code == code.replace(), code == code.replace(co_firstlineno=9))
print(f.__name__, f.__qualname__, f.__defaults__, f.__kwdefaults__, f.__module__, f.__annotations__)
f.__defaults__ = (7, 8)
f.__kwdefaults__ = {"d": 9}
print(f().f_locals["a"], f().f_locals["d"])
f.attr = 1
print(f.attr, f.__dict__)


def swap():
    def first():
        yield 1
        yield 2

    def other():
        yield 3

    it = first()
    print(next(it))
    first.__code__ = other.__code__
    print(next(it), list(first()))


swap()
try:
    f.__code__ = (lambda: h).__code__ if False else h.__code__
except ValueError as e:
    print(e)
try:
    f.__defaults__ = 5
except TypeError as e:
    print(e)


def outer():
    inner()


def inner():
    raise ValueError


try:
    outer()
except ValueError as e:
    tb = e.__traceback__
while tb:
    print(tb.tb_frame.f_code.co_name, tb.tb_lineno, tb.tb_lasti > 0, tb.tb_frame.f_lineno)
    last, tb = tb, tb.tb_next
print(sorted(last.tb_frame.f_locals), last.tb_frame.f_back.f_code.co_name)


class Body:
    v = 1
    names = sorted(k for k in locals() if not k.startswith("__"))
    print(names)


FT = type(f)
print(FT(inner.__code__, {"x": 5}, "renamed").__name__)
