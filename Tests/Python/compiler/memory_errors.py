"""Sources beyond the parser's limits: a MemoryError without arguments, as where CPython's parser gives up."""
for name, source in (("unary", "-" * 100000 + "1"), ("lambda", "lambda:" * 5000 + "1")):
    try:
        compile(source, "f", "exec")
        print(name, "compiled")
    except MemoryError as e:
        print(name, e.args)
