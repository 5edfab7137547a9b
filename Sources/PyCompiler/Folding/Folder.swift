import PyBytecode
import PySyntax

/// Signals that lowering has stopped; what went wrong stands in the failing object.
struct Abort: Error {}

/// Constant folding on the tree, in place, before symbols are collected (CPython 3.11's `ast_opt.c`): operators on constants,
/// tuples of constants, constant subscripts, `not a in b`, literal lists and sets that are only iterated or searched,
/// `'%s' % (x,)` into an f-string, `__debug__`. Whatever would raise at run time is left as it is.
struct Folder {
  static let maximumIntegerBits = 128
  static let maximumCollectionSize = 256
  static let maximumStringSize = 4096
  static let maximumTotalItems = 1024

  let arena: Arena
  let debugName: Name
  let optimize: Int
  /// `from __future__ import annotations`: annotations become text and must keep their form.
  let keepsAnnotations: Bool
  var depth: Int
  let depthLimit: Int
  /// How many NaNs this tree has; see `NaNIdentity`.
  private var nanCount: UInt64 = 0

  init(tree: SyntaxTree, optimize: Int, keepsAnnotations: Bool, depth: Int, depthLimit: Int) {
    arena = tree.arena
    debugName = tree.names.intern("__debug__")
    self.optimize = optimize
    self.keepsAnnotations = keepsAnnotations
    self.depth = depth
    self.depthLimit = depthLimit
  }

  mutating func fold(_ root: Module) throws(Abort) {
    switch root {
    case .Module(let body, _): try foldBody(body)
    case .Interactive(let body): try statements(body)
    case .Expression(let body): try expression(body)
    case .FunctionType: break
    }
  }

  // MARK: Statements

  private mutating func statements(_ body: ArenaList<Ref<Stmt>>) throws(Abort) {
    for index in 0..<body.count { try statement(body[index]) }
  }

  /// A string that only folding makes a constant must not become a docstring: it is wrapped into an f-string.
  private mutating func foldBody(_ body: ArenaList<Ref<Stmt>>) throws(Abort) {
    let had = docstring(of: body) != nil
    try statements(body)
    if !had, docstring(of: body) != nil, case .Expr(let value) = body[0].node {
      let joined = arena.make(Expr(body[0].span, .JoinedStr(values: arena.list([value]))))
      body[0].pointee.node = .Expr(value: joined)
    }
  }

  private mutating func statement(_ s: Ref<Stmt>) throws(Abort) {
    depth += 1
    if depth > depthLimit { throw Abort() }
    defer { depth -= 1 }
    switch s.node {
    case .FunctionDef(let f), .AsyncFunctionDef(let f):
      try arguments(f.pointee.args)
      try foldBody(f.pointee.body)
      try expressions(f.pointee.decorator_list)
      if !keepsAnnotations { try optional(f.pointee.returns) }
    case .ClassDef(let c):
      try expressions(c.pointee.bases)
      try keywords(c.pointee.keywords)
      try foldBody(c.pointee.body)
      try expressions(c.pointee.decorator_list)
    case .Return(let value): try optional(value)
    case .Delete(let targets): try expressions(targets)
    case .Assign(let targets, let value, _):
      try expressions(targets)
      try expression(value)
    case .AugAssign(let target, _, let value):
      try expression(target)
      try expression(value)
    case .AnnAssign(let target, let annotation, let value, _):
      try expression(target)
      if !keepsAnnotations { try expression(annotation) }
      try optional(value)
    case .For(let loop), .AsyncFor(let loop):
      try expression(loop.pointee.target)
      try expression(loop.pointee.iter)
      try statements(loop.pointee.body)
      try statements(loop.pointee.orelse)
      // CPython forgets those of `async for` statements.
      if case .For = s.node { foldIterable(loop.pointee.iter) }
    case .While(let test, let body, let orelse), .If(let test, let body, let orelse):
      try expression(test)
      try statements(body)
      try statements(orelse)
    case .With(let items, let body, _), .AsyncWith(let items, let body, _):
      for index in 0..<items.count {
        try expression(items[index].context_expr)
        try optional(items[index].optional_vars)
      }
      try statements(body)
    case .Match(let subject, let cases):
      try expression(subject)
      for index in 0..<cases.count {
        try pattern(cases[index].pattern)
        try optional(cases[index].guardExpr)
        try statements(cases[index].body)
      }
    case .Raise(let exc, let cause):
      try optional(exc)
      try optional(cause)
    case .Try(let block), .TryStar(let block):
      try statements(block.pointee.body)
      let handlers = block.pointee.handlers
      for index in 0..<handlers.count {
        try optional(handlers[index].type)
        try statements(handlers[index].body)
      }
      try statements(block.pointee.orelse)
      try statements(block.pointee.finalbody)
    case .Assert(let test, let msg):
      try expression(test)
      try optional(msg)
    case .Expr(let value): try expression(value)
    case .Import, .ImportFrom, .Global, .Nonlocal, .Pass, .Break, .Continue: break
    }
  }

  private mutating func arguments(_ args: Ref<Arguments>) throws(Abort) {
    if !keepsAnnotations {
      for list in [args.pointee.posonlyargs, args.pointee.args, args.pointee.kwonlyargs] {
        for index in 0..<list.count { try optional(list[index].annotation) }
      }
      try optional(args.pointee.vararg?.pointee.annotation)
      try optional(args.pointee.kwarg?.pointee.annotation)
    }
    let defaults = args.pointee.kw_defaults
    for index in 0..<defaults.count { try optional(defaults[index]) }
    try expressions(args.pointee.defaults)
  }

  private mutating func keywords(_ list: ArenaList<Keyword>) throws(Abort) {
    for index in 0..<list.count { try expression(list[index].value) }
  }

  private mutating func pattern(_ p: Ref<Pattern>) throws(Abort) {
    depth += 1
    if depth > depthLimit { throw Abort() }
    defer { depth -= 1 }
    switch p.node {
    case .MatchValue(let value): try expression(value)
    case .MatchSequence(let patterns), .MatchOr(let patterns): for index in 0..<patterns.count { try pattern(patterns[index]) }
    case .MatchMapping(let keys, let patterns, _):
      try expressions(keys)
      for index in 0..<patterns.count { try pattern(patterns[index]) }
    case .MatchClass(let cls, let patterns, _, let keywordPatterns):
      try expression(cls)
      for index in 0..<patterns.count { try pattern(patterns[index]) }
      for index in 0..<keywordPatterns.count { try pattern(keywordPatterns[index]) }
    case .MatchAs(let inner, _): if let inner { try pattern(inner) }
    case .MatchSingleton, .MatchStar: break
    }
  }

  // MARK: Expressions

  private mutating func expressions(_ list: ArenaList<Ref<Expr>>) throws(Abort) {
    for index in 0..<list.count { try expression(list[index]) }
  }

  @inline(__always) private mutating func optional(_ e: Ref<Expr>?) throws(Abort) {
    if let e { try expression(e) }
  }

  private mutating func comprehensions(_ list: ArenaList<Comprehension>) throws(Abort) {
    for index in 0..<list.count {
      try expression(list[index].target)
      try expression(list[index].iter)
      try expressions(list[index].ifs)
      foldIterable(list[index].iter)
    }
  }

  mutating func expression(_ e: Ref<Expr>) throws(Abort) {
    switch e.pointee.node {
    case .Constant(.float(let value), _):
      if value.isNaN { e.pointee.node = .Constant(value: identified(.float(value)), kind: false) }
      return
    case .Constant: return
    case .Name(let id, let ctx):
      if id == debugName && ctx == .Load { e.pointee.node = .Constant(value: optimize == 0 ? .true : .false, kind: false) }
      return
    default: break
    }
    depth += 1
    if depth > depthLimit { throw Abort() }
    defer { depth -= 1 }
    switch e.pointee.node {
    case .Constant, .Name: break
    case .BoolOp(_, let values): try expressions(values)
    case .NamedExpr(_, let value): try expression(value)
    case .BinOp(let left, let op, let right):
      try expression(left)
      try expression(right)
      foldBinary(e, left, op, right)
    case .UnaryOp(let op, let operand):
      try expression(operand)
      foldUnary(e, op, operand)
    case .Lambda(let args, let body):
      try arguments(args)
      try expression(body)
    case .IfExp(let test, let body, let orelse):
      try expression(test)
      try expression(body)
      try expression(orelse)
    case .Dict(let keys, let values):
      for index in 0..<keys.count { try optional(keys[index]) }
      try expressions(values)
    case .Set(let elts): try expressions(elts)
    case .ListComp(let elt, let generators), .SetComp(let elt, let generators), .GeneratorExp(let elt, let generators):
      try expression(elt)
      try comprehensions(generators)
    case .DictComp(let key, let value, let generators):
      try expression(key)
      try expression(value)
      try comprehensions(generators)
    case .Await(let value), .YieldFrom(let value): try expression(value)
    case .Yield(let value): try optional(value)
    case .Compare(let left, let ops, let comparators):
      try expression(left)
      try expressions(comparators)
      let last = ops.count - 1
      if last >= 0, ops[last] == .In || ops[last] == .NotIn { foldIterable(comparators[last]) }
    case .Call(let function, let args, let keywordList):
      try expression(function)
      try expressions(args)
      try keywords(keywordList)
    case .FormattedValue(let value, _, let spec):
      try expression(value)
      try optional(spec)
    case .JoinedStr(let values): try expressions(values)
    case .Attribute(let value, _, _), .Starred(let value, _): try expression(value)
    case .Subscript(let value, let slice, let ctx):
      try expression(value)
      try expression(slice)
      if ctx == .Load, case .Constant(let container, _) = value.pointee.node, case .Constant(let index, _) = slice.pointee.node,
        let item = item(of: container, at: index)
      {
        e.pointee.node = .Constant(value: item, kind: false)
      }
    case .List(let elts, _): try expressions(elts)
    case .Tuple(let elts, let ctx):
      try expressions(elts)
      if ctx == .Load, let tuple = constantTuple(elts) { e.pointee.node = .Constant(value: tuple, kind: false) }
    case .Slice(let lower, let upper, let step):
      try optional(lower)
      try optional(upper)
      try optional(step)
    }
  }

  /// The tuple of the elements' values when all are constants.
  func constantTuple(_ elts: ArenaList<Ref<Expr>>) -> Constant? {
    for index in 0..<elts.count {
      guard case .Constant = elts[index].pointee.node else { return nil }
    }
    return .tuple(constants(elts))
  }

  private func constants(_ elts: ArenaList<Ref<Expr>>) -> ArenaList<Constant> {
    guard elts.count > 0 else { return ArenaList() }
    let memory = arena.allocate(size: MemoryLayout<Constant>.stride * elts.count).bindMemory(to: Constant.self, capacity: elts.count)
    for index in 0..<elts.count {
      if case .Constant(let value, _) = elts[index].pointee.node { (memory + index).initialize(to: value) }
    }
    return ArenaList(base: memory, count: elts.count)
  }

  /// A list display that is only iterated or searched becomes a tuple, a set of constants a frozenset.
  private func foldIterable(_ e: Ref<Expr>) {
    switch e.pointee.node {
    case .List(let elts, let ctx):
      for index in 0..<elts.count {
        if case .Starred = elts[index].pointee.node { return }
      }
      if let tuple = constantTuple(elts) {
        e.pointee.node = .Constant(value: tuple, kind: false)
      } else {
        e.pointee.node = .Tuple(elts: elts, ctx: ctx)
      }
    case .Set(let elts):
      guard case .tuple(let members) = constantTuple(elts) else { return }
      e.pointee.node = .Constant(value: .frozenset(arena.list(distinct(Array(members)))), kind: false)
    default: break
    }
  }

  private mutating func foldUnary(_ e: Ref<Expr>, _ op: UnaryOperator, _ operand: Ref<Expr>) {
    if case .Constant(let value, _) = operand.pointee.node {
      if let result = unary(op, value) { e.pointee.node = .Constant(value: op == .UAdd ? result : identified(result), kind: false) }
      return
    }
    // `not a in b` is `a not in b`; comparisons with a result of arbitrary type stay.
    guard op == .Not, case .Compare(let left, let ops, let comparators) = operand.pointee.node, ops.count == 1 else { return }
    let inverse: CompareOperator
    switch ops[0] {
    case .Is: inverse = .IsNot
    case .IsNot: inverse = .Is
    case .In: inverse = .NotIn
    case .NotIn: inverse = .In
    default: return
    }
    e.pointee.node = .Compare(left: left, ops: arena.list([inverse]), comparators: comparators)
    e.pointee.span = operand.pointee.span
  }

  private mutating func foldBinary(_ e: Ref<Expr>, _ left: Ref<Expr>, _ op: Operator, _ right: Ref<Expr>) {
    guard case .Constant(let x, _) = left.pointee.node else { return }
    if op == .Mod, case .str(let format) = x, case .Tuple(let elts, _) = right.pointee.node {
      for index in 0..<elts.count {
        if case .Starred = elts[index].pointee.node { return }
      }
      foldFormat(e, format, elts)
      return
    }
    guard case .Constant(let y, _) = right.pointee.node, let result = binary(op, x, y) else { return }
    e.pointee.node = .Constant(value: identified(result), kind: false)
  }

  private mutating func identified(_ constant: Constant) -> Constant {
    switch constant {
    case .float(let value) where value.isNaN:
      nanCount &+= 1
      return .float(NaNIdentity.mark(value, nanCount))
    case .complex(let real, let imaginary) where real.isNaN || imaginary.isNaN:
      nanCount &+= 1
      return .complex(real: NaNIdentity.mark(real, nanCount), imag: NaNIdentity.mark(imaginary, nanCount))
    default: return constant
    }
  }
}

/// NaNs differ even from themselves, so in Python two constants are one when they are the same object: code that is lowered twice shares
/// its NaN, two expressions that yield one do not. Here the low bits of a NaN tell which object it would be.
enum NaNIdentity {
  private static let payload: UInt64 = 1 << 48 - 1

  static func mark(_ value: Double, _ serial: UInt64) -> Double {
    value.isNaN ? Double(bitPattern: value.bitPattern & ~payload | serial & payload) : value
  }

  /// The NaN that the processor made.
  static func strip(_ value: Double) -> Double { value.isNaN ? Double(bitPattern: value.bitPattern & ~payload) : value }
}

/// The docstring of a body: the string constant that is its first statement.
func docstring(of body: ArenaList<Ref<Stmt>>) -> Constant? {
  guard body.count > 0, case .Expr(let value) = body[0].node, case .Constant(let constant, _) = value.node, case .str = constant else {
    return nil
  }
  return constant
}
