/// The node classes of `ast`: one number each, in the order of `NodeDeclarations`.
public enum NodeKind: UInt8, CaseIterable, Sendable {
  case Module, Interactive, Expression, FunctionType
  case FunctionDef, AsyncFunctionDef, ClassDef, Return, Delete, Assign, AugAssign, AnnAssign, For, AsyncFor, While, If, With, AsyncWith
  case Match, Raise, Try, TryStar, Assert, Import, ImportFrom, Global, Nonlocal, Expr, Pass, Break, Continue
  case BoolOp, NamedExpr, BinOp, UnaryOp, Lambda, IfExp, Dict, Set, ListComp, SetComp, DictComp, GeneratorExp, Await, Yield, YieldFrom
  case Compare, Call, FormattedValue, JoinedStr, Constant, Attribute, Subscript, Starred, Name, List, Tuple, Slice
  case Load, Store, Del
  case And, Or
  case Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv
  case Invert, Not, UAdd, USub
  case Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn
  case comprehension
  case ExceptHandler
  case arguments, arg, keyword, alias, withitem, match_case
  case MatchValue, MatchSingleton, MatchSequence, MatchMapping, MatchClass, MatchStar, MatchAs, MatchOr
  case TypeIgnore
}

/// What a field holds. The cases from `mod` on are the groups of `NodeDeclarations`, in its order.
enum FieldType: UInt8, CaseIterable {
  case identifier, string, int, constant
  case mod, stmt, expr, expr_context, boolop, `operator`, unaryop, cmpop, comprehension, excepthandler, arguments, arg, keyword, alias
  case withitem, match_case, pattern, type_ignore

  static let firstGroup = FieldType.mod.rawValue
  var isGroup: Bool { rawValue >= FieldType.firstGroup }
}

/// The abstract grammar of Python 3.11 as the `ast` module documents it. Everything else about node classes (fields, defaults,
/// docstrings, the checks of `compile()`) is derived from this text.
enum NodeDeclarations {
  enum Positions: UInt8 {
    case none
    /// lineno, col_offset; end_lineno and end_col_offset may be left out.
    case optionalEnd
    case required
  }

  struct Row {
    let text: StaticString
    let positions: Positions
    init(_ text: StaticString, _ positions: Positions = .none) {
      self.text = text
      self.positions = positions
    }
  }

  /// `name = Class(fields) | …`, or `name(fields)` for a group that is its only class.
  static func rows(_ each: (Row) throws(Raised) -> Void) throws(Raised) {
    try each(
      Row(
        """
        mod = Module(stmt* body, type_ignore* type_ignores)
            | Interactive(stmt* body)
            | Expression(expr body)
            | FunctionType(expr* argtypes, expr returns)
        """))
    try each(Row(statements, .optionalEnd))
    try each(Row(expressions, .optionalEnd))
    try each(Row("expr_context = Load | Store | Del"))
    try each(Row("boolop = And | Or"))
    try each(
      Row(
        "operator = Add | Sub | Mult | MatMult | Div | Mod | Pow | LShift | RShift | BitOr | BitXor | BitAnd | FloorDiv"))
    try each(Row("unaryop = Invert | Not | UAdd | USub"))
    try each(Row("cmpop = Eq | NotEq | Lt | LtE | Gt | GtE | Is | IsNot | In | NotIn"))
    try each(Row("comprehension(expr target, expr iter, expr* ifs, int is_async)"))
    try each(Row("excepthandler = ExceptHandler(expr? type, identifier? name, stmt* body)", .optionalEnd))
    try each(
      Row(
        "arguments(arg* posonlyargs, arg* args, arg? vararg, arg* kwonlyargs, expr* kw_defaults, arg? kwarg, expr* defaults)"))
    try each(Row("arg(identifier arg, expr? annotation, string? type_comment)", .optionalEnd))
    try each(Row("keyword(identifier? arg, expr value)", .optionalEnd))
    try each(Row("alias(identifier name, identifier? asname)", .optionalEnd))
    try each(Row("withitem(expr context_expr, expr? optional_vars)"))
    try each(Row("match_case(pattern pattern, expr? guard, stmt* body)"))
    try each(
      Row(
        """
        pattern = MatchValue(expr value)
                | MatchSingleton(constant value)
                | MatchSequence(pattern* patterns)
                | MatchMapping(expr* keys, pattern* patterns, identifier? rest)
                | MatchClass(expr cls, pattern* patterns, identifier* kwd_attrs, pattern* kwd_patterns)
                | MatchStar(identifier? name)
                | MatchAs(pattern? pattern, identifier? name)
                | MatchOr(pattern* patterns)
        """, .required))
    try each(Row("type_ignore = TypeIgnore(int lineno, string tag)"))
  }

  private static let statements: StaticString = """
    stmt = FunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment)
         | AsyncFunctionDef(identifier name, arguments args, stmt* body, expr* decorator_list, expr? returns, string? type_comment)
         | ClassDef(identifier name, expr* bases, keyword* keywords, stmt* body, expr* decorator_list)
         | Return(expr? value)
         | Delete(expr* targets)
         | Assign(expr* targets, expr value, string? type_comment)
         | AugAssign(expr target, operator op, expr value)
         | AnnAssign(expr target, expr annotation, expr? value, int simple)
         | For(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
         | AsyncFor(expr target, expr iter, stmt* body, stmt* orelse, string? type_comment)
         | While(expr test, stmt* body, stmt* orelse)
         | If(expr test, stmt* body, stmt* orelse)
         | With(withitem* items, stmt* body, string? type_comment)
         | AsyncWith(withitem* items, stmt* body, string? type_comment)
         | Match(expr subject, match_case* cases)
         | Raise(expr? exc, expr? cause)
         | Try(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
         | TryStar(stmt* body, excepthandler* handlers, stmt* orelse, stmt* finalbody)
         | Assert(expr test, expr? msg)
         | Import(alias* names)
         | ImportFrom(identifier? module, alias* names, int? level)
         | Global(identifier* names)
         | Nonlocal(identifier* names)
         | Expr(expr value)
         | Pass
         | Break
         | Continue
    """

  private static let expressions: StaticString = """
    expr = BoolOp(boolop op, expr* values)
         | NamedExpr(expr target, expr value)
         | BinOp(expr left, operator op, expr right)
         | UnaryOp(unaryop op, expr operand)
         | Lambda(arguments args, expr body)
         | IfExp(expr test, expr body, expr orelse)
         | Dict(expr* keys, expr* values)
         | Set(expr* elts)
         | ListComp(expr elt, comprehension* generators)
         | SetComp(expr elt, comprehension* generators)
         | DictComp(expr key, expr value, comprehension* generators)
         | GeneratorExp(expr elt, comprehension* generators)
         | Await(expr value)
         | Yield(expr? value)
         | YieldFrom(expr value)
         | Compare(expr left, cmpop* ops, expr* comparators)
         | Call(expr func, expr* args, keyword* keywords)
         | FormattedValue(expr value, int conversion, expr? format_spec)
         | JoinedStr(expr* values)
         | Constant(constant value, string? kind)
         | Attribute(expr value, identifier attr, expr_context ctx)
         | Subscript(expr value, expr slice, expr_context ctx)
         | Starred(expr value, expr_context ctx)
         | Name(identifier id, expr_context ctx)
         | List(expr* elts, expr_context ctx)
         | Tuple(expr* elts, expr_context ctx)
         | Slice(expr? lower, expr? upper, expr? step)
    """
}
