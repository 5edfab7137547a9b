# What except* clauses raise comes out in a new group even when it is one exception; from a naked exception it comes out as it is.
try:
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* (ValueError, TypeError):
        raise SyntaxError("3")
except BaseException as e:
    print(repr(e), repr(e.exceptions))

try:
    try:
        raise ValueError(1)
    except* ValueError:
        raise KeyError(2)
except BaseException as e:
    print(repr(e))
