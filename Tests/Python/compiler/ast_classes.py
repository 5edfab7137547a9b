# The node classes: fields, attributes, docstrings, defaults, construction, copying, pickling, subclassing.
import _ast
import ast
import copy
import pickle

for name, cls in sorted(vars(_ast).items()):
    if not isinstance(cls, type) or not issubclass(cls, ast.AST):
        continue
    own = sorted(k for k, v in vars(cls).items() if v is None)
    print(name, cls.__mro__, cls.__module__, cls.__qualname__, cls._fields, cls._attributes, cls.__match_args__, own)
    print(cls.__doc__)


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


attempt(lambda: vars(ast.Name("x", ast.Load(), lineno=3, extra=1)).keys())
attempt(lambda: ast.Name(1, 2, 3))
attempt(lambda: ast.Pass(1))
attempt(lambda: ast.Name("x", id="y"))
attempt(lambda: ast.AST(1))
attempt(lambda: ast.AST(x=1).x)
attempt(lambda: ast.Name.__reduce__(ast.Name("x")))
attempt(lambda: ast.Constant(5).value)
attempt(lambda: ast.Num(5).n)
attempt(lambda: isinstance(ast.Constant("a"), ast.Str))
attempt(lambda: ast.Return().value)
attempt(lambda: ast.Return().lineno)
attempt(lambda: ast.Return().end_lineno)
attempt(lambda: ast.MatchStar().end_lineno)

tree = ast.parse("def f(a, *, b=1) -> int:\n    '''doc'''\n    return [x for x in a if x] + {**b}\n")
for other in (copy.deepcopy(tree), copy.copy(tree), *(pickle.loads(pickle.dumps(tree, p)) for p in range(6))):
    print(ast.dump(other, include_attributes=True) == ast.dump(tree, include_attributes=True), other is tree)


class Mine(ast.Name):
    _fields = ("id", "ctx", "more")


node = Mine("x", ast.Load(), 7)
print(ast.dump(node), node._fields, node._attributes, isinstance(node, ast.expr))
print(eval(compile(ast.fix_missing_locations(ast.Expression(node)), "", "eval"), {"x": 5}))

# Operators and contexts are shared.
left, right = ast.parse("a + b\nc + d").body
print(left.value.op is right.value.op, left.value.left.ctx is right.value.right.ctx)

# Instances have dictionaries, weak references (but for bare ones) and room for more.
import weakref

n = ast.parse("x").body[0]
n.parent = tree
n.__dict__["other"] = 1
print(list(vars(n)), weakref.ref(n)() is n)
attempt(lambda: weakref.ref(ast.AST()))
del n.lineno
attempt(lambda: n.lineno)
print(n.end_lineno)

match ast.parse("f(1, x=2)", mode="eval").body:
    case ast.Call(ast.Name(name), [ast.Constant(value)], [ast.keyword(arg)]):
        print(name, value, arg)

fields = ast.AST._fields
ast.AST._fields = ("a",)
print(ast.AST(1).a)
ast.AST._fields = fields
