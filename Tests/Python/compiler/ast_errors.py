# compile() of trees that a program built: what is checked, in which order, and how it is worded.
import ast
import sys

at = dict(lineno=1, col_offset=0)
load = ast.Load()


def attempt(f):
    try:
        result = f()
    except Exception as e:
        text = str(e)
        cut = text.find(" at 0x")
        print(type(e).__name__, text if cut < 0 else text[:cut])
    else:
        print("ok", type(result).__name__)


def expr(e):
    attempt(lambda: compile(ast.Expression(e), "<x>", "eval"))


def stmts(*body, fix=True):
    tree = ast.Module(list(body), [])
    if fix:
        try:
            ast.fix_missing_locations(tree)
        except Exception:
            pass
    attempt(lambda: compile(tree, "<x>", "exec"))


one = ast.Constant(1, **at)
x = ast.Name("x", load, **at)
for e in (5, None, ast.expr(**at), ast.stmt(**at), ast.BinOp(None, ast.Add(), None, **at), ast.BinOp(one, 5, one, **at),
          ast.BinOp(one, None, one, **at), ast.Name("x", load, lineno="a", col_offset=0), ast.Name("x", load, lineno=2**40, col_offset=0),
          ast.Name("x", load, lineno=True, col_offset=0), ast.Name(5, load, **at), ast.Name(None, load, **at),
          ast.Name("x", ast.Store(), **at), ast.Name("None", load, **at), ast.List([None], load, **at), ast.Name("x", **at),
          ast.Constant([], **at), ast.Constant((1, []), **at), ast.Constant(frozenset((1, object)), **at),
          ast.Constant(1, kind=3, **at), ast.Constant(1, kind=b"u", **at), ast.Constant(**at), ast.Tuple(7, load, **at),
          ast.Call(x, [], [None], **at), ast.Dict([one], [], **at),
          ast.Dict([None], [x], **at), ast.Compare(x, [], [], **at), ast.Compare(x, [ast.Lt()], [], **at), ast.BoolOp(ast.And(), [x], **at),
          ast.Lambda(ast.arguments([], [], None, [], [one], None, []), x, **at),
          ast.Lambda(ast.arguments([], [], None, [], [], None, [one]), x, **at), ast.ListComp(x, [], **at),
          ast.ListComp(x, [ast.comprehension(x, x, [], 0)], **at), ast.ListComp(x, [None], **at), ast.Starred(x, load, **at),
          ast.JoinedStr([x], **at), ast.FormattedValue(x, 5, None, **at), ast.JoinedStr([ast.FormattedValue(x, 5, None, **at)], **at),
          ast.Await(x, **at), ast.Yield(x, **at), ast.Slice(x, x, x, **at), ast.NamedExpr(one, x, **at),
          ast.Name("x", load, lineno=2, col_offset=0, end_lineno=1, end_col_offset=0),
          ast.Name("x", load, lineno=1, col_offset=5, end_lineno=1, end_col_offset=2),
          ast.Name("x", load, lineno=-1, col_offset=0, end_lineno=1, end_col_offset=2),
          ast.Name("x", load, lineno=1, col_offset=-3, end_lineno=1, end_col_offset=2)):
    expr(e)

P = ast.Pass
for s in (None, ast.Pass(lineno=None, col_offset=0), ast.If(x, [], []), ast.If(x, [None], []), ast.While(x, [P()], [5]), ast.Assign([], x),
          ast.Assign([x], x), ast.Delete([]), ast.Delete([x]), ast.Raise(None, x), ast.Try([P()], [], [], []), ast.TryStar([P()], [], [P()], [P()]),
          ast.Try([P()], [ast.ExceptHandler(None, None, [])], [], []), ast.Import([]), ast.ImportFrom("a", [], 0),
          ast.ImportFrom("a", [ast.alias("b")], -1), ast.ImportFrom(None, [ast.alias("b")], None), ast.Global([]), ast.Nonlocal(["x"]),
          ast.With([], [P()]), ast.With([ast.withitem(x, x)], [P()]), ast.AnnAssign(one, x, None, 1), ast.AnnAssign(x, x, None, 0),
          ast.FunctionDef("f", ast.arguments([], [], None, [], [], None, []), [], []), ast.FunctionDef("f", None, [P()], []),
          ast.ClassDef("C", [], [], [], []), ast.Return(x),
          ast.Break(), ast.Match(x, []), ast.AugAssign(x, ast.Add(), x), ast.Expr(ast.Name("x", ast.Del()))):
    stmts(s)

for p in (ast.MatchValue(x), ast.MatchValue(one), ast.MatchValue(ast.Constant(None)), ast.MatchSingleton(5), ast.MatchSingleton([]),
          ast.MatchSequence([ast.MatchStar("_")]), ast.MatchStar("a"), ast.MatchMapping([one], [], None), ast.MatchMapping([x], [ast.MatchAs()], None),
          ast.MatchMapping([], [], "_"), ast.MatchClass(one, [], [], []), ast.MatchClass(x, [], ["a"], []), ast.MatchAs(ast.MatchAs(), None),
          ast.MatchAs(None, "None"), ast.MatchOr([ast.MatchAs()]), ast.MatchValue(ast.UnaryOp(ast.USub(), one)),
          ast.MatchValue(ast.BinOp(one, ast.Add(), ast.Constant(2j))), ast.MatchValue(ast.BinOp(one, ast.Mult(), ast.Constant(2j)))):
    stmts(ast.Match(x, [ast.match_case(p, None, [P()])]))

for tree, mode in ((ast.Module([], []), "eval"), (ast.Module(5, []), "exec"), (ast.Module(body=[]), "exec"), (ast.Module([], [None]), "exec"),
                   (ast.AST(), "exec"), (ast.Expression(x), "single"), (ast.Interactive([ast.Expr(x, **at)]), "single"),
                   (ast.FunctionType([], x), "exec"), (x, "eval")):
    attempt(lambda: compile(tree, "<x>", mode))
attempt(lambda: compile(ast.Module([], []), "<x>", "exec", ast.PyCF_ONLY_AST))

# Ends of positions that are left out are the beginnings.
code = compile(ast.Module([ast.Expr(ast.Name("x", load, lineno=3, col_offset=4), lineno=3, col_offset=2)], []), "x", "exec")
print(list(code.co_positions()))

# Trees without end, and deep ones.
loop = ast.UnaryOp(ast.USub(), x, **at)
loop.operand = loop
expr(loop)
body = ast.If(x, [], [], **at)
body.body.append(body)
stmts(body, fix=False)
deep = x
for _ in range(600):
    deep = ast.UnaryOp(ast.USub(), deep, **at)
expr(deep)
attempt(lambda: ast.parse("+".join(["1"] * 3100)))
attempt(lambda: ast.parse("+".join(["1"] * 2900)))
attempt(lambda: compile("+".join(["x"] * 3100), "", "exec"))


class Shrinking(ast.Module):
    pass


class Item(ast.Expr):
    @property
    def value(self):
        tree.body.clear()
        return x

    @value.setter
    def value(self, v):
        pass


tree = ast.Module([Item(x, **at), Item(x, **at)], [])
attempt(lambda: compile(tree, "<x>", "exec"))

for args in (("x", "f", "exec", 2**44), ("x", "f", "foo", 0x400), ("x", "f", "foo"), ("x", "f", "exec", 0, False, 5), ("x", "f", "func_type"),
             (5, "f", "exec"), ("f", 5, "exec"), ("x", "a\0b", "exec"), ("x\0", "f", "exec"), ("x", "f", "exec", 1)):
    attempt(lambda: compile(*args))
print(ast.dump(compile("(int, *a, **k)->x", "f", "func_type", ast.PyCF_ONLY_AST)))
sys.set_int_max_str_digits(700)
attempt(lambda: compile("1" * 800, "f", "eval"))
