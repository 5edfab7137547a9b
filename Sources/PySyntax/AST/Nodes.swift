/// The abstract syntax tree of Python 3.11, constructor for constructor that of the `ast` module, with its names. All nodes are
/// trivial values in an `Arena`: no destructor, no reference count. Positions are CPython's exactly.

/// Source range of a node. Lines from 1, columns in UTF-8 bytes from 0; the end is exclusive.
public struct Span: Equatable, Sendable {
  public var lineno: Int32
  public var col_offset: Int32
  public var end_lineno: Int32
  public var end_col_offset: Int32

  @inline(__always)
  public init(lineno: Int32, col_offset: Int32, end_lineno: Int32, end_col_offset: Int32) {
    self.lineno = lineno
    self.col_offset = col_offset
    self.end_lineno = end_lineno
    self.end_col_offset = end_col_offset
  }
}

public enum Module {
  case Module(body: ArenaList<Ref<Stmt>>, type_ignores: ArenaList<TypeIgnore>)
  case Interactive(body: ArenaList<Ref<Stmt>>)
  case Expression(body: Ref<Expr>)
  case FunctionType(argtypes: ArenaList<Ref<Expr>>, returns: Ref<Expr>)
}

public struct Stmt {
  public var span: Span
  public var node: StmtNode
  @inline(__always) public init(_ span: Span, _ node: StmtNode) {
    self.span = span
    self.node = node
  }
}

public struct Expr {
  public var span: Span
  public var node: ExprNode
  @inline(__always) public init(_ span: Span, _ node: ExprNode) {
    self.span = span
    self.node = node
  }
}

public struct Pattern {
  public var span: Span
  public var node: PatternNode
  @inline(__always) public init(_ span: Span, _ node: PatternNode) {
    self.span = span
    self.node = node
  }
}

extension Ref where T == Stmt {
  @inline(__always) public var span: Span { pointer.pointee.span }
  @inline(__always) public var node: StmtNode { pointer.pointee.node }
}
extension Ref where T == Expr {
  @inline(__always) public var span: Span { pointer.pointee.span }
  @inline(__always) public var node: ExprNode { pointer.pointee.node }
}
extension Ref where T == Pattern {
  @inline(__always) public var span: Span { pointer.pointee.span }
  @inline(__always) public var node: PatternNode { pointer.pointee.node }
}

/// Fields shared by `FunctionDef` and `AsyncFunctionDef`; kept out of the enum so that statements stay small.
public struct FunctionDefinition {
  public var name: Name
  public var args: Ref<Arguments>
  public var body: ArenaList<Ref<Stmt>>
  public var decorator_list: ArenaList<Ref<Expr>>
  public var returns: Ref<Expr>?
  public var type_comment: ArenaBytes?
  public init(
    name: Name, args: Ref<Arguments>, body: ArenaList<Ref<Stmt>>, decorator_list: ArenaList<Ref<Expr>>,
    returns: Ref<Expr>?, type_comment: ArenaBytes?
  ) {
    self.name = name
    self.args = args
    self.body = body
    self.decorator_list = decorator_list
    self.returns = returns
    self.type_comment = type_comment
  }
}

public struct ClassDefinition {
  public var name: Name
  public var bases: ArenaList<Ref<Expr>>
  public var keywords: ArenaList<Keyword>
  public var body: ArenaList<Ref<Stmt>>
  public var decorator_list: ArenaList<Ref<Expr>>
  public init(
    name: Name, bases: ArenaList<Ref<Expr>>, keywords: ArenaList<Keyword>, body: ArenaList<Ref<Stmt>>,
    decorator_list: ArenaList<Ref<Expr>>
  ) {
    self.name = name
    self.bases = bases
    self.keywords = keywords
    self.body = body
    self.decorator_list = decorator_list
  }
}

/// `for` and `async for`.
public struct ForLoop {
  public var target: Ref<Expr>
  public var iter: Ref<Expr>
  public var body: ArenaList<Ref<Stmt>>
  public var orelse: ArenaList<Ref<Stmt>>
  public var type_comment: ArenaBytes?
  public init(
    target: Ref<Expr>, iter: Ref<Expr>, body: ArenaList<Ref<Stmt>>, orelse: ArenaList<Ref<Stmt>>,
    type_comment: ArenaBytes?
  ) {
    self.target = target
    self.iter = iter
    self.body = body
    self.orelse = orelse
    self.type_comment = type_comment
  }
}

/// `try` and `try ... except*`.
public struct TryBlock {
  public var body: ArenaList<Ref<Stmt>>
  public var handlers: ArenaList<ExceptHandler>
  public var orelse: ArenaList<Ref<Stmt>>
  public var finalbody: ArenaList<Ref<Stmt>>
  public init(
    body: ArenaList<Ref<Stmt>>, handlers: ArenaList<ExceptHandler>, orelse: ArenaList<Ref<Stmt>>,
    finalbody: ArenaList<Ref<Stmt>>
  ) {
    self.body = body
    self.handlers = handlers
    self.orelse = orelse
    self.finalbody = finalbody
  }
}

public enum StmtNode {
  case FunctionDef(Ref<FunctionDefinition>)
  case AsyncFunctionDef(Ref<FunctionDefinition>)
  case ClassDef(Ref<ClassDefinition>)
  case Return(value: Ref<Expr>?)
  case Delete(targets: ArenaList<Ref<Expr>>)
  case Assign(targets: ArenaList<Ref<Expr>>, value: Ref<Expr>, type_comment: ArenaBytes?)
  case AugAssign(target: Ref<Expr>, op: Operator, value: Ref<Expr>)
  case AnnAssign(target: Ref<Expr>, annotation: Ref<Expr>, value: Ref<Expr>?, simple: Bool)
  case For(Ref<ForLoop>)
  case AsyncFor(Ref<ForLoop>)
  case While(test: Ref<Expr>, body: ArenaList<Ref<Stmt>>, orelse: ArenaList<Ref<Stmt>>)
  case If(test: Ref<Expr>, body: ArenaList<Ref<Stmt>>, orelse: ArenaList<Ref<Stmt>>)
  case With(items: ArenaList<WithItem>, body: ArenaList<Ref<Stmt>>, type_comment: ArenaBytes?)
  case AsyncWith(items: ArenaList<WithItem>, body: ArenaList<Ref<Stmt>>, type_comment: ArenaBytes?)
  case Match(subject: Ref<Expr>, cases: ArenaList<MatchCase>)
  case Raise(exc: Ref<Expr>?, cause: Ref<Expr>?)
  case Try(Ref<TryBlock>)
  case TryStar(Ref<TryBlock>)
  case Assert(test: Ref<Expr>, msg: Ref<Expr>?)
  case Import(names: ArenaList<Alias>)
  case ImportFrom(module: Name?, names: ArenaList<Alias>, level: Int32)
  case Global(names: ArenaList<Name>)
  case Nonlocal(names: ArenaList<Name>)
  case Expr(value: Ref<PySyntax.Expr>)
  case Pass
  case Break
  case Continue
}

public enum ExprNode {
  case BoolOp(op: BoolOperator, values: ArenaList<Ref<Expr>>)
  case NamedExpr(target: Ref<Expr>, value: Ref<Expr>)
  case BinOp(left: Ref<Expr>, op: Operator, right: Ref<Expr>)
  case UnaryOp(op: UnaryOperator, operand: Ref<Expr>)
  case Lambda(args: Ref<Arguments>, body: Ref<Expr>)
  case IfExp(test: Ref<Expr>, body: Ref<Expr>, orelse: Ref<Expr>)
  /// A nil key is `**value`.
  case Dict(keys: ArenaList<Ref<Expr>?>, values: ArenaList<Ref<Expr>>)
  case Set(elts: ArenaList<Ref<Expr>>)
  case ListComp(elt: Ref<Expr>, generators: ArenaList<Comprehension>)
  case SetComp(elt: Ref<Expr>, generators: ArenaList<Comprehension>)
  case DictComp(key: Ref<Expr>, value: Ref<Expr>, generators: ArenaList<Comprehension>)
  case GeneratorExp(elt: Ref<Expr>, generators: ArenaList<Comprehension>)
  case Await(value: Ref<Expr>)
  case Yield(value: Ref<Expr>?)
  case YieldFrom(value: Ref<Expr>)
  case Compare(left: Ref<Expr>, ops: ArenaList<CompareOperator>, comparators: ArenaList<Ref<Expr>>)
  case Call(func: Ref<Expr>, args: ArenaList<Ref<Expr>>, keywords: ArenaList<Keyword>)
  /// `conversion` is -1 or the ASCII code of `s`, `r` or `a`.
  case FormattedValue(value: Ref<Expr>, conversion: Int32, format_spec: Ref<Expr>?)
  case JoinedStr(values: ArenaList<Ref<Expr>>)
  /// `kind` is true for a literal that starts with `u`.
  case Constant(value: Constant, kind: Bool)
  case Attribute(value: Ref<Expr>, attr: Name, ctx: ExprContext)
  case Subscript(value: Ref<Expr>, slice: Ref<Expr>, ctx: ExprContext)
  case Starred(value: Ref<Expr>, ctx: ExprContext)
  case Name(id: PySyntax.Name, ctx: ExprContext)
  case List(elts: ArenaList<Ref<Expr>>, ctx: ExprContext)
  case Tuple(elts: ArenaList<Ref<Expr>>, ctx: ExprContext)
  case Slice(lower: Ref<Expr>?, upper: Ref<Expr>?, step: Ref<Expr>?)
}

public enum Constant {
  case none
  case `true`
  case `false`
  case ellipsis
  case int(Int64)
  /// Magnitude as little-endian limbs without leading zeros; used only when the value does not fit `Int64`.
  case bigInt(negative: Bool, limbs: ArenaList<UInt64>)
  case float(Double)
  case complex(real: Double, imag: Double)
  /// UTF-8 in which a lone surrogate stands as its three-byte encoding ("surrogatepass").
  case str(ArenaBytes)
  case bytes(ArenaBytes)
  /// The parser makes neither of these two: they come from constant folding.
  case tuple(ArenaList<Constant>)
  case frozenset(ArenaList<Constant>)
}

public enum PatternNode {
  case MatchValue(value: Ref<Expr>)
  case MatchSingleton(value: Constant)
  case MatchSequence(patterns: ArenaList<Ref<Pattern>>)
  case MatchMapping(keys: ArenaList<Ref<Expr>>, patterns: ArenaList<Ref<Pattern>>, rest: Name?)
  case MatchClass(
    cls: Ref<Expr>, patterns: ArenaList<Ref<Pattern>>, kwd_attrs: ArenaList<Name>, kwd_patterns: ArenaList<Ref<Pattern>>)
  case MatchStar(name: Name?)
  case MatchAs(pattern: Ref<Pattern>?, name: Name?)
  case MatchOr(patterns: ArenaList<Ref<Pattern>>)
}

public enum ExprContext: UInt8, Sendable { case Load, Store, Del }
public enum BoolOperator: UInt8, Sendable { case And, Or }
public enum Operator: UInt8, Sendable {
  case Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv
}
public enum UnaryOperator: UInt8, Sendable { case Invert, Not, UAdd, USub }
public enum CompareOperator: UInt8, Sendable { case Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn }

public struct Comprehension {
  public var target: Ref<Expr>
  public var iter: Ref<Expr>
  public var ifs: ArenaList<Ref<Expr>>
  public var is_async: Bool
  public init(target: Ref<Expr>, iter: Ref<Expr>, ifs: ArenaList<Ref<Expr>>, is_async: Bool) {
    self.target = target
    self.iter = iter
    self.ifs = ifs
    self.is_async = is_async
  }
}

public struct ExceptHandler {
  public var span: Span
  public var type: Ref<Expr>?
  public var name: Name?
  public var body: ArenaList<Ref<Stmt>>
  public init(_ span: Span, type: Ref<Expr>?, name: Name?, body: ArenaList<Ref<Stmt>>) {
    self.span = span
    self.type = type
    self.name = name
    self.body = body
  }
}

public struct Arguments {
  public var posonlyargs: ArenaList<Arg>
  public var args: ArenaList<Arg>
  public var vararg: Ref<Arg>?
  public var kwonlyargs: ArenaList<Arg>
  /// One for each of `kwonlyargs`; nil where it has no default.
  public var kw_defaults: ArenaList<Ref<Expr>?>
  public var kwarg: Ref<Arg>?
  /// Defaults of the last `posonlyargs` + `args`.
  public var defaults: ArenaList<Ref<Expr>>
  public init(
    posonlyargs: ArenaList<Arg>, args: ArenaList<Arg>, vararg: Ref<Arg>?, kwonlyargs: ArenaList<Arg>,
    kw_defaults: ArenaList<Ref<Expr>?>, kwarg: Ref<Arg>?, defaults: ArenaList<Ref<Expr>>
  ) {
    self.posonlyargs = posonlyargs
    self.args = args
    self.vararg = vararg
    self.kwonlyargs = kwonlyargs
    self.kw_defaults = kw_defaults
    self.kwarg = kwarg
    self.defaults = defaults
  }
}

public struct Arg {
  public var span: Span
  public var arg: Name
  public var annotation: Ref<Expr>?
  public var type_comment: ArenaBytes?
  public init(_ span: Span, arg: Name, annotation: Ref<Expr>?, type_comment: ArenaBytes?) {
    self.span = span
    self.arg = arg
    self.annotation = annotation
    self.type_comment = type_comment
  }
}

/// Keyword argument of a call or class; a nil `arg` is `**value`.
public struct Keyword {
  public var span: Span
  public var arg: Name?
  public var value: Ref<Expr>
  public init(_ span: Span, arg: Name?, value: Ref<Expr>) {
    self.span = span
    self.arg = arg
    self.value = value
  }
}

/// `name as asname` of an import. `name` may be dotted or `*`.
public struct Alias {
  public var span: Span
  public var name: Name
  public var asname: Name?
  public init(_ span: Span, name: Name, asname: Name?) {
    self.span = span
    self.name = name
    self.asname = asname
  }
}

public struct WithItem {
  public var context_expr: Ref<Expr>
  public var optional_vars: Ref<Expr>?
  public init(context_expr: Ref<Expr>, optional_vars: Ref<Expr>?) {
    self.context_expr = context_expr
    self.optional_vars = optional_vars
  }
}

public struct MatchCase {
  public var pattern: Ref<Pattern>
  public var guardExpr: Ref<Expr>?
  public var body: ArenaList<Ref<Stmt>>
  public init(pattern: Ref<Pattern>, guardExpr: Ref<Expr>?, body: ArenaList<Ref<Stmt>>) {
    self.pattern = pattern
    self.guardExpr = guardExpr
    self.body = body
  }
}

public struct TypeIgnore {
  public var lineno: Int32
  public var tag: ArenaBytes
  public init(lineno: Int32, tag: ArenaBytes) {
    self.lineno = lineno
    self.tag = tag
  }
}
