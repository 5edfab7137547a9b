import PyRuntime
import PySyntax

/// Writes the parser's tree as a stream of nodes.
struct TreeWriter {
  /// The tree nests more deeply than allowed.
  struct TooDeep: Error {}

  var out: NodeStream
  private let names: NameTable
  /// For each name of the tree: its number in the stream, -1 when it is not there yet.
  private let numbers: UnsafeMutablePointer<Int32>
  private var nameCount: Int32 = 0
  private var depth: Int
  private let depthLimit: Int

  /// - Returns: the stream, for the caller to free; nil when the tree nests more deeply than `depthLimit`
  static func write(_ tree: SyntaxTree, startDepth: Int, depthLimit: Int) -> NodeStream? {
    var writer = TreeWriter(tree, startDepth, depthLimit)
    defer { writer.numbers.deallocate() }
    do throws(TooDeep) { try writer.module(tree.root) } catch {
      writer.out.free()
      return nil
    }
    return writer.out
  }

  private init(_ tree: SyntaxTree, _ startDepth: Int, _ depthLimit: Int) {
    names = tree.names
    let count = max(tree.names.count, 1)
    numbers = .allocate(capacity: count)
    numbers.initialize(repeating: -1, count: count)
    out = NodeStream(capacity: tree.arena.bytesReserved / 16 + 64)
    depth = startDepth
    self.depthLimit = depthLimit
  }

  // MARK: Parts

  @inline(__always) private mutating func enter() throws(TooDeep) {
    depth &+= 1
    if depth > depthLimit { throw TooDeep() }
  }

  @inline(__always) private mutating func end(_ kind: NodeKind) {
    out.append(kind)
    depth &-= 1
  }

  @inline(__always) private mutating func end(_ kind: NodeKind, _ span: Span) {
    out.append(kind)
    out.append(UInt64(UInt32(bitPattern: span.lineno)) << 32 | UInt64(UInt32(bitPattern: span.col_offset)))
    out.append(UInt64(UInt32(bitPattern: span.end_lineno)) << 32 | UInt64(UInt32(bitPattern: span.end_col_offset)))
    depth &-= 1
  }

  @inline(__always) private mutating func name(_ name: Name) {
    let index = Int(name.index)
    let known = numbers[index]
    if known >= 0 { return out.append(.name, Int(known)) }
    numbers[index] = nameCount
    nameCount &+= 1
    let bytes = names[name]
    out.append(.newName, bytes: bytes.base, count: bytes.count)
  }

  private mutating func optionalName(_ n: Name?) { if let n { name(n) } else { out.append(.null) } }

  private mutating func nameList(_ list: ArenaList<Name>) {
    for i in 0..<list.count { name(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func text(_ bytes: ArenaBytes?) {
    if let bytes { out.append(.string, bytes: bytes.base, count: bytes.count) } else { out.append(.null) }
  }

  private mutating func optional(_ e: Ref<Expr>?) throws(TooDeep) {
    if let e { try expr(e) } else { out.append(.null) }
  }

  private mutating func exprs(_ list: ArenaList<Ref<Expr>>) throws(TooDeep) {
    for i in 0..<list.count { try expr(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func optionals(_ list: ArenaList<Ref<Expr>?>) throws(TooDeep) {
    for i in 0..<list.count { try optional(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func stmts(_ list: ArenaList<Ref<Stmt>>) throws(TooDeep) {
    for i in 0..<list.count { try stmt(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func context(_ ctx: ExprContext) {
    out.append(.node, Int(NodeKind.Load.rawValue &+ ctx.rawValue))
  }

  // MARK: Module and statements

  private mutating func module(_ module: Module) throws(TooDeep) {
    try enter()
    switch module {
    case .Module(let body, let ignores):
      try stmts(body)
      for i in 0..<ignores.count {
        out.append(.int, Int(ignores[i].lineno))
        text(ignores[i].tag)
        out.append(.TypeIgnore)
      }
      out.append(.list, ignores.count)
      end(.Module)
    case .Interactive(let body):
      try stmts(body)
      end(.Interactive)
    case .Expression(let body):
      try expr(body)
      end(.Expression)
    case .FunctionType(let argtypes, let returns):
      try exprs(argtypes)
      try expr(returns)
      end(.FunctionType)
    }
  }

  private mutating func stmt(_ s: Ref<Stmt>) throws(TooDeep) {
    try enter()
    let span = s.pointee.span
    switch s.pointee.node {
    case .FunctionDef(let f):
      try function(f)
      end(.FunctionDef, span)
    case .AsyncFunctionDef(let f):
      try function(f)
      end(.AsyncFunctionDef, span)
    case .ClassDef(let c):
      name(c.pointee.name)
      try exprs(c.pointee.bases)
      try keywords(c.pointee.keywords)
      try stmts(c.pointee.body)
      try exprs(c.pointee.decorator_list)
      end(.ClassDef, span)
    case .Return(let value):
      try optional(value)
      end(.Return, span)
    case .Delete(let targets):
      try exprs(targets)
      end(.Delete, span)
    case .Assign(let targets, let value, let comment):
      try exprs(targets)
      try expr(value)
      text(comment)
      end(.Assign, span)
    case .AugAssign(let target, let op, let value):
      try expr(target)
      out.append(.node, Int(NodeKind.Add.rawValue &+ op.rawValue))
      try expr(value)
      end(.AugAssign, span)
    case .AnnAssign(let target, let annotation, let value, let simple):
      try expr(target)
      try expr(annotation)
      try optional(value)
      out.append(.int, simple ? 1 : 0)
      end(.AnnAssign, span)
    case .For(let loop):
      try forLoop(loop)
      end(.For, span)
    case .AsyncFor(let loop):
      try forLoop(loop)
      end(.AsyncFor, span)
    case .While(let test, let body, let orelse):
      try expr(test)
      try stmts(body)
      try stmts(orelse)
      end(.While, span)
    case .If(let test, let body, let orelse):
      try expr(test)
      try stmts(body)
      try stmts(orelse)
      end(.If, span)
    case .With(let items, let body, let comment):
      try with(items, body, comment)
      end(.With, span)
    case .AsyncWith(let items, let body, let comment):
      try with(items, body, comment)
      end(.AsyncWith, span)
    case .Match(let subject, let cases):
      try expr(subject)
      for i in 0..<cases.count {
        try enter()
        try pattern(cases[i].pattern)
        try optional(cases[i].guardExpr)
        try stmts(cases[i].body)
        end(.match_case)
      }
      out.append(.list, cases.count)
      end(.Match, span)
    case .Raise(let exc, let cause):
      try optional(exc)
      try optional(cause)
      end(.Raise, span)
    case .Try(let block):
      try tryBlock(block)
      end(.Try, span)
    case .TryStar(let block):
      try tryBlock(block)
      end(.TryStar, span)
    case .Assert(let test, let msg):
      try expr(test)
      try optional(msg)
      end(.Assert, span)
    case .Import(let list):
      try aliases(list)
      end(.Import, span)
    case .ImportFrom(let module, let list, let level):
      optionalName(module)
      try aliases(list)
      out.append(.int, Int(level))
      end(.ImportFrom, span)
    case .Global(let list):
      nameList(list)
      end(.Global, span)
    case .Nonlocal(let list):
      nameList(list)
      end(.Nonlocal, span)
    case .Expr(let value):
      try expr(value)
      end(.Expr, span)
    case .Pass: end(.Pass, span)
    case .Break: end(.Break, span)
    case .Continue: end(.Continue, span)
    }
  }

  private mutating func function(_ f: Ref<FunctionDefinition>) throws(TooDeep) {
    name(f.pointee.name)
    try arguments(f.pointee.args)
    try stmts(f.pointee.body)
    try exprs(f.pointee.decorator_list)
    try optional(f.pointee.returns)
    text(f.pointee.type_comment)
  }

  private mutating func forLoop(_ loop: Ref<ForLoop>) throws(TooDeep) {
    try expr(loop.pointee.target)
    try expr(loop.pointee.iter)
    try stmts(loop.pointee.body)
    try stmts(loop.pointee.orelse)
    text(loop.pointee.type_comment)
  }

  private mutating func with(_ items: ArenaList<WithItem>, _ body: ArenaList<Ref<Stmt>>, _ comment: ArenaBytes?) throws(TooDeep) {
    for i in 0..<items.count {
      try enter()
      try expr(items[i].context_expr)
      try optional(items[i].optional_vars)
      end(.withitem)
    }
    out.append(.list, items.count)
    try stmts(body)
    text(comment)
  }

  private mutating func tryBlock(_ block: Ref<TryBlock>) throws(TooDeep) {
    try stmts(block.pointee.body)
    let handlers = block.pointee.handlers
    for i in 0..<handlers.count {
      try enter()
      try optional(handlers[i].type)
      optionalName(handlers[i].name)
      try stmts(handlers[i].body)
      end(.ExceptHandler, handlers[i].span)
    }
    out.append(.list, handlers.count)
    try stmts(block.pointee.orelse)
    try stmts(block.pointee.finalbody)
  }

  private mutating func aliases(_ list: ArenaList<Alias>) throws(TooDeep) {
    for i in 0..<list.count {
      try enter()
      name(list[i].name)
      optionalName(list[i].asname)
      end(.alias, list[i].span)
    }
    out.append(.list, list.count)
  }

  private mutating func keywords(_ list: ArenaList<Keyword>) throws(TooDeep) {
    for i in 0..<list.count {
      try enter()
      optionalName(list[i].arg)
      try expr(list[i].value)
      end(.keyword, list[i].span)
    }
    out.append(.list, list.count)
  }

  private mutating func arg(_ a: Arg) throws(TooDeep) {
    try enter()
    name(a.arg)
    try optional(a.annotation)
    text(a.type_comment)
    end(.arg, a.span)
  }

  private mutating func args(_ list: ArenaList<Arg>) throws(TooDeep) {
    for i in 0..<list.count { try arg(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func arguments(_ a: Ref<Arguments>) throws(TooDeep) {
    try enter()
    try args(a.pointee.posonlyargs)
    try args(a.pointee.args)
    if let vararg = a.pointee.vararg { try arg(vararg.pointee) } else { out.append(.null) }
    try args(a.pointee.kwonlyargs)
    try optionals(a.pointee.kw_defaults)
    if let kwarg = a.pointee.kwarg { try arg(kwarg.pointee) } else { out.append(.null) }
    try exprs(a.pointee.defaults)
    end(.arguments)
  }

  // MARK: Expressions

  private mutating func comprehensions(_ list: ArenaList<Comprehension>) throws(TooDeep) {
    for i in 0..<list.count {
      try enter()
      try expr(list[i].target)
      try expr(list[i].iter)
      try exprs(list[i].ifs)
      out.append(.int, list[i].is_async ? 1 : 0)
      end(.comprehension)
    }
    out.append(.list, list.count)
  }

  private mutating func expr(_ e: Ref<Expr>) throws(TooDeep) {
    try enter()
    let span = e.pointee.span
    switch e.pointee.node {
    case .Name(let id, let ctx):
      name(id)
      context(ctx)
      end(.Name, span)
    case .Constant(let value, let kind):
      constant(value)
      if kind { out.append(.string, bytes: "u", count: 1) } else { out.append(.null) }
      end(.Constant, span)
    case .Attribute(let value, let attr, let ctx):
      try expr(value)
      name(attr)
      context(ctx)
      end(.Attribute, span)
    case .Call(let function, let args, let list):
      try expr(function)
      try exprs(args)
      try keywords(list)
      end(.Call, span)
    case .Subscript(let value, let slice, let ctx):
      try expr(value)
      try expr(slice)
      context(ctx)
      end(.Subscript, span)
    case .Starred(let value, let ctx):
      try expr(value)
      context(ctx)
      end(.Starred, span)
    case .List(let elts, let ctx):
      try exprs(elts)
      context(ctx)
      end(.List, span)
    case .Tuple(let elts, let ctx):
      try exprs(elts)
      context(ctx)
      end(.Tuple, span)
    default: try operation(e.pointee.node, span)
    }
  }

  private mutating func operation(_ node: ExprNode, _ span: Span) throws(TooDeep) {
    switch node {
    case .BoolOp(let op, let values):
      out.append(.node, Int(NodeKind.And.rawValue &+ op.rawValue))
      try exprs(values)
      end(.BoolOp, span)
    case .NamedExpr(let target, let value):
      try expr(target)
      try expr(value)
      end(.NamedExpr, span)
    case .BinOp(let left, let op, let right):
      try expr(left)
      out.append(.node, Int(NodeKind.Add.rawValue &+ op.rawValue))
      try expr(right)
      end(.BinOp, span)
    case .UnaryOp(let op, let operand):
      out.append(.node, Int(NodeKind.Invert.rawValue &+ op.rawValue))
      try expr(operand)
      end(.UnaryOp, span)
    case .Lambda(let args, let body):
      try arguments(args)
      try expr(body)
      end(.Lambda, span)
    case .IfExp(let test, let body, let orelse):
      try expr(test)
      try expr(body)
      try expr(orelse)
      end(.IfExp, span)
    case .Dict(let keys, let values):
      try optionals(keys)
      try exprs(values)
      end(.Dict, span)
    case .Set(let elts):
      try exprs(elts)
      end(.Set, span)
    case .ListComp(let elt, let generators):
      try expr(elt)
      try comprehensions(generators)
      end(.ListComp, span)
    case .SetComp(let elt, let generators):
      try expr(elt)
      try comprehensions(generators)
      end(.SetComp, span)
    case .GeneratorExp(let elt, let generators):
      try expr(elt)
      try comprehensions(generators)
      end(.GeneratorExp, span)
    case .DictComp(let key, let value, let generators):
      try expr(key)
      try expr(value)
      try comprehensions(generators)
      end(.DictComp, span)
    case .Await(let value):
      try expr(value)
      end(.Await, span)
    case .Yield(let value):
      try optional(value)
      end(.Yield, span)
    case .YieldFrom(let value):
      try expr(value)
      end(.YieldFrom, span)
    case .Compare(let left, let ops, let comparators):
      try expr(left)
      for i in 0..<ops.count { out.append(.node, Int(NodeKind.Eq.rawValue &+ ops[i].rawValue)) }
      out.append(.list, ops.count)
      try exprs(comparators)
      end(.Compare, span)
    case .FormattedValue(let value, let conversion, let spec):
      try expr(value)
      out.append(.int, Int(conversion))
      try optional(spec)
      end(.FormattedValue, span)
    case .JoinedStr(let values):
      try exprs(values)
      end(.JoinedStr, span)
    case .Slice(let lower, let upper, let step):
      try optional(lower)
      try optional(upper)
      try optional(step)
      end(.Slice, span)
    case .Name, .Constant, .Attribute, .Call, .Subscript, .Starred, .List, .Tuple: break
    }
  }

  private mutating func constant(_ value: Constant) {
    switch value {
    case .none: out.append(.constNone)
    case .true: out.append(.constTrue)
    case .false: out.append(.constFalse)
    case .ellipsis: out.append(.constEllipsis)
    case .int(let number):
      out.append(.constInt)
      out.append(UInt64(bitPattern: number))
    case .bigInt(let negative, let limbs):
      out.append(.constBigInt, limbs.count &* 2 &+ (negative ? 1 : 0))
      for i in 0..<limbs.count { out.append(limbs[i]) }
    case .float(let number):
      out.append(.constFloat)
      out.append(number.bitPattern)
    case .complex(let real, let imaginary):
      out.append(.constComplex)
      out.append(real.bitPattern)
      out.append(imaginary.bitPattern)
    case .str(let bytes): out.append(.constString, bytes: bytes.base, count: bytes.count)
    case .bytes(let bytes): out.append(.constBytes, bytes: bytes.base, count: bytes.count)
    case .tuple(let items):
      for i in 0..<items.count { constant(items[i]) }
      out.append(.constTuple, items.count)
    case .frozenset(let items):
      for i in 0..<items.count { constant(items[i]) }
      out.append(.constFrozenSet, items.count)
    }
  }

  // MARK: Patterns

  private mutating func patterns(_ list: ArenaList<Ref<Pattern>>) throws(TooDeep) {
    for i in 0..<list.count { try pattern(list[i]) }
    out.append(.list, list.count)
  }

  private mutating func pattern(_ p: Ref<Pattern>) throws(TooDeep) {
    try enter()
    let span = p.pointee.span
    switch p.pointee.node {
    case .MatchValue(let value):
      try expr(value)
      end(.MatchValue, span)
    case .MatchSingleton(let value):
      constant(value)
      end(.MatchSingleton, span)
    case .MatchSequence(let list):
      try patterns(list)
      end(.MatchSequence, span)
    case .MatchMapping(let keys, let list, let rest):
      try exprs(keys)
      try patterns(list)
      optionalName(rest)
      end(.MatchMapping, span)
    case .MatchClass(let cls, let list, let attributes, let keywordPatterns):
      try expr(cls)
      try patterns(list)
      nameList(attributes)
      try patterns(keywordPatterns)
      end(.MatchClass, span)
    case .MatchStar(let name):
      optionalName(name)
      end(.MatchStar, span)
    case .MatchAs(let inner, let name):
      if let inner { try pattern(inner) } else { out.append(.null) }
      optionalName(name)
      end(.MatchAs, span)
    case .MatchOr(let list):
      try patterns(list)
      end(.MatchOr, span)
    }
  }
}
