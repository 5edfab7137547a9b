# Unwinding: finally, with, except*, re-raising, context, tracebacks.
import sys


def lines(e):
    tb, out = e.__traceback__, []
    while tb:
        out.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
        tb = tb.tb_next
    return out


def f(n):
    try:
        if n == 0:
            return "return"
        if n == 1:
            raise ValueError(n)
        return 10 // (n - 2)
    except ValueError as e:
        return "caught " + str(e)
    finally:
        print("finally", n)


print(f(0), f(1), f(3))
try:
    f(2)
except ZeroDivisionError as e:
    print(e, lines(e))


class CM:
    def __init__(self, swallow):
        self.swallow = swallow

    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, t, v, tb):
        print("exit", t and t.__name__, v)
        return self.swallow


with CM(True) as c:
    raise KeyError("swallowed")
try:
    with CM(False), CM(False):
        raise KeyError("through")
except KeyError as e:
    print("out", e, len(lines(e)))


def loop():
    for i in range(5):
        with CM(False):
            if i == 1:
                continue
            if i == 3:
                break
            if i == 4:
                return "never"
    return "done"


print(loop())
try:
    try:
        raise ValueError("a")
    except ValueError:
        raise KeyError("b")
except KeyError as e:
    print(repr(e.__context__), e.__cause__, e.__suppress_context__)
try:
    try:
        raise ValueError("a")
    except ValueError as v:
        raise KeyError("b") from v
except KeyError as e:
    print(repr(e.__cause__), e.__suppress_context__)
try:
    raise
except RuntimeError as e:
    print(e)
try:
    raise 5
except TypeError as e:
    print(e)
try:
    try:
        1 / 0
    except 5:
        pass
except TypeError as e:
    print(e)
try:
    with 5:
        pass
except TypeError as e:
    print(e)
try:
    raise ExceptionGroup("g", [ValueError(1), ExceptionGroup("h", [TypeError(2), KeyError(3)])])
except* ValueError as e:
    print("values", e.exceptions)
except* TypeError as e:
    print("types", repr(e))
except* KeyError as e:
    print("keys", repr(e))
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError as e:
        raise OSError("new")
except ExceptionGroup as e:
    print(repr(e))
try:
    raise ValueError("plain")
except* ValueError as e:
    print(repr(e))


def local():
    try:
        x
    except NameError as e:
        print(type(e).__name__, e)
    if False:
        y = 1
    try:
        y
    except UnboundLocalError as e:
        print(type(e).__name__, e)

    def free():
        return z

    try:
        free()
    except NameError as e:
        print(type(e).__name__, e)
    z = 1


local()
print(sys.exc_info())
