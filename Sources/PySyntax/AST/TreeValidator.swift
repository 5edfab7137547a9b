/// What is wrong with a tree that a program built.
public struct TreeProblem: Error {
  public enum Kind: Sendable { case valueError, typeError, recursionError }
  public var kind: Kind
  public var message: String
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// A tree that was not parsed, and what such a tree may hold that no parser makes.
public struct SyntheticTree {
  public let tree: SyntaxTree
  /// Stand for None in lists of statements, expressions and patterns.
  public let nullStmt: Ref<Stmt>
  public let nullExpr: Ref<Expr>
  public let nullPattern: Ref<Pattern>
  /// `Constant` nodes whose value is not a constant, with the name of its type.
  public var foreignConstants: [UnsafeMutablePointer<Expr>: String] = [:]

  public init(_ tree: SyntaxTree) {
    self.tree = tree
    let nowhere = Span(lineno: 0, col_offset: 0, end_lineno: 0, end_col_offset: 0)
    nullStmt = tree.arena.make(Stmt(nowhere, .Pass))
    nullExpr = tree.arena.make(Expr(nowhere, .Constant(value: .none, kind: false)))
    nullPattern = tree.arena.make(Pattern(nowhere, .MatchSingleton(value: .none)))
  }

  /// Checks what `compile()` checks of a tree of node objects, in CPython's order and words. A tree that passes can be compiled.
  /// - Parameters: the recursion limit and the present depth, as for the compiler
  public func validate(depthLimit: Int, startDepth: Int) -> TreeProblem? {
    var validator = TreeValidator(self, depth: startDepth, depthLimit: depthLimit)
    do throws(TreeProblem) { try validator.module(tree.root) } catch { return error }
    return nil
  }
}

/// One method a group of nodes. Every check that is not about the shape of a tree (names, scopes, `return` outside functions) is the
/// compiler's.
struct TreeValidator {
  let synthetic: SyntheticTree
  let names: NameTable
  var depth: Int
  let depthLimit: Int
  private let forbidden: [Name]
  private let underscore: Name

  init(_ synthetic: SyntheticTree, depth: Int, depthLimit: Int) {
    self.synthetic = synthetic
    self.depth = depth
    self.depthLimit = depthLimit
    names = synthetic.tree.names
    forbidden = [names.intern("None"), names.intern("True"), names.intern("False")]
    underscore = names.intern("_")
  }

  func bad(_ message: String) -> TreeProblem { TreeProblem(.valueError, message) }

  mutating func module(_ module: Module) throws(TreeProblem) {
    switch module {
    case .Module(let body, _), .Interactive(let body): try statements(body)
    case .Expression(let body): try expression(body, .Load)
    case .FunctionType(let argtypes, let returns):
      try expressions(argtypes, .Load)
      try expression(returns, .Load)
    }
  }

  // MARK: Parts

  private mutating func enter() throws(TreeProblem) {
    depth &+= 1
    if depth > depthLimit { throw TreeProblem(.recursionError, "maximum recursion depth exceeded during compilation") }
  }

  func positions(_ s: Span) throws(TreeProblem) {
    if s.lineno > s.end_lineno { throw bad("AST node line range (\(s.lineno), \(s.end_lineno)) is not valid") }
    if (s.lineno < 0 && s.end_lineno != s.lineno) || (s.col_offset < 0 && s.col_offset != s.end_col_offset) {
      throw bad(
        "AST node column range (\(s.col_offset), \(s.end_col_offset)) for line range (\(s.lineno), \(s.end_lineno)) is not valid")
    }
    if s.lineno == s.end_lineno && s.col_offset > s.end_col_offset {
      throw bad("line \(s.lineno), column \(s.col_offset)-\(s.end_col_offset) is not a valid range")
    }
  }

  func name(_ name: Name) throws(TreeProblem) {
    if forbidden.contains(name) { throw bad("identifier field can't represent '\(names.string(name))' constant") }
  }

  private func nonempty<T>(_ list: ArenaList<T>, _ what: StaticString, _ owner: StaticString) throws(TreeProblem) {
    if list.isEmpty { throw bad("empty \(what) on \(owner)") }
  }

  // MARK: Statements

  mutating func statements(_ body: ArenaList<Ref<Stmt>>) throws(TreeProblem) {
    for i in 0..<body.count {
      if body[i] == synthetic.nullStmt { throw bad("None disallowed in statement list") }
      try statement(body[i])
    }
  }

  private mutating func body(_ body: ArenaList<Ref<Stmt>>, _ owner: StaticString) throws(TreeProblem) {
    try nonempty(body, "body", owner)
    try statements(body)
  }

  private mutating func statement(_ s: Ref<Stmt>) throws(TreeProblem) {
    try positions(s.span)
    try enter()
    defer { depth &-= 1 }
    switch s.node {
    case .FunctionDef(let f): try function(f.pointee, "FunctionDef")
    case .AsyncFunctionDef(let f): try function(f.pointee, "AsyncFunctionDef")
    case .ClassDef(let c):
      try body(c.pointee.body, "ClassDef")
      try expressions(c.pointee.bases, .Load)
      try keywords(c.pointee.keywords)
      try expressions(c.pointee.decorator_list, .Load)
    case .Return(let value): try optional(value)
    case .Delete(let targets):
      try nonempty(targets, "targets", "Delete")
      try expressions(targets, .Del)
    case .Assign(let targets, let value, _):
      try nonempty(targets, "targets", "Assign")
      try expressions(targets, .Store)
      try expression(value, .Load)
    case .AugAssign(let target, _, let value):
      try expression(target, .Store)
      try expression(value, .Load)
    case .AnnAssign(let target, let annotation, let value, let simple):
      if simple {
        guard case .Name = target.node else { throw TreeProblem(.typeError, "AnnAssign with simple non-Name target") }
      }
      try expression(target, .Store)
      try optional(value)
      try expression(annotation, .Load)
    case .For(let loop): try forLoop(loop.pointee, "For")
    case .AsyncFor(let loop): try forLoop(loop.pointee, "AsyncFor")
    case .While(let test, let statements, let orelse):
      try expression(test, .Load)
      try body(statements, "While")
      try self.statements(orelse)
    case .If(let test, let statements, let orelse):
      try expression(test, .Load)
      try body(statements, "If")
      try self.statements(orelse)
    case .With(let items, let statements, _): try with(items, statements, "With")
    case .AsyncWith(let items, let statements, _): try with(items, statements, "AsyncWith")
    case .Match(let subject, let cases):
      try expression(subject, .Load)
      try nonempty(cases, "cases", "Match")
      for i in 0..<cases.count {
        try pattern(cases[i].pattern, starAllowed: false)
        try optional(cases[i].guardExpr)
        try body(cases[i].body, "match_case")
      }
    case .Raise(let exc, let cause):
      if exc == nil && cause != nil { throw bad("Raise with cause but no exception") }
      try optional(exc)
      try optional(cause)
    case .Try(let block): try tryBlock(block.pointee, "Try")
    case .TryStar(let block): try tryBlock(block.pointee, "TryStar")
    case .Assert(let test, let msg):
      try expression(test, .Load)
      try optional(msg)
    case .Import(let aliases): try nonempty(aliases, "names", "Import")
    case .ImportFrom(_, let aliases, let level):
      if level < 0 { throw bad("Negative ImportFrom level") }
      try nonempty(aliases, "names", "ImportFrom")
    case .Global(let list): try nonempty(list, "names", "Global")
    case .Nonlocal(let list): try nonempty(list, "names", "Nonlocal")
    case .Expr(let value): try expression(value, .Load)
    case .Pass, .Break, .Continue: break
    }
  }

  private mutating func function(_ f: FunctionDefinition, _ owner: StaticString) throws(TreeProblem) {
    try body(f.body, owner)
    try arguments(f.args.pointee)
    try expressions(f.decorator_list, .Load)
    try optional(f.returns)
  }

  private mutating func forLoop(_ loop: ForLoop, _ owner: StaticString) throws(TreeProblem) {
    try expression(loop.target, .Store)
    try expression(loop.iter, .Load)
    try body(loop.body, owner)
    try statements(loop.orelse)
  }

  private mutating func with(_ items: ArenaList<WithItem>, _ statements: ArenaList<Ref<Stmt>>, _ owner: StaticString) throws(TreeProblem) {
    try nonempty(items, "items", owner)
    for i in 0..<items.count {
      try expression(items[i].context_expr, .Load)
      if let vars = items[i].optional_vars { try expression(vars, .Store) }
    }
    try body(statements, owner)
  }

  private mutating func tryBlock(_ block: TryBlock, _ owner: StaticString) throws(TreeProblem) {
    try body(block.body, owner)
    if block.handlers.isEmpty && block.finalbody.isEmpty { throw bad("\(owner) has neither except handlers nor finalbody") }
    if block.handlers.isEmpty && !block.orelse.isEmpty { throw bad("\(owner) has orelse but no except handlers") }
    for i in 0..<block.handlers.count {
      let handler = block.handlers[i]
      try positions(handler.span)
      try optional(handler.type)
      try body(handler.body, "ExceptHandler")
    }
    try statements(block.finalbody)
    try statements(block.orelse)
  }

  // MARK: Expressions

  private mutating func expressions(_ list: ArenaList<Ref<Expr>>, _ context: ExprContext) throws(TreeProblem) {
    for i in 0..<list.count {
      if list[i] == synthetic.nullExpr { throw bad("None disallowed in expression list") }
      try expression(list[i], context)
    }
  }

  private mutating func optional(_ e: Ref<Expr>?) throws(TreeProblem) {
    if let e { try expression(e, .Load) }
  }

  private mutating func keywords(_ list: ArenaList<Keyword>) throws(TreeProblem) {
    for i in 0..<list.count { try expression(list[i].value, .Load) }
  }

  private mutating func comprehension(_ generators: ArenaList<Comprehension>) throws(TreeProblem) {
    if generators.isEmpty { throw bad("comprehension with no generators") }
    for i in 0..<generators.count {
      try expression(generators[i].target, .Store)
      try expression(generators[i].iter, .Load)
      try expressions(generators[i].ifs, .Load)
    }
  }

  private mutating func arguments(_ a: Arguments) throws(TreeProblem) {
    try parameters(a.posonlyargs)
    try parameters(a.args)
    if let vararg = a.vararg { try optional(vararg.pointee.annotation) }
    try parameters(a.kwonlyargs)
    if let kwarg = a.kwarg { try optional(kwarg.pointee.annotation) }
    if a.defaults.count > a.posonlyargs.count + a.args.count { throw bad("more positional defaults than args on arguments") }
    if a.kw_defaults.count != a.kwonlyargs.count { throw bad("length of kwonlyargs is not the same as kw_defaults on arguments") }
    try expressions(a.defaults, .Load)
    for i in 0..<a.kw_defaults.count { try optional(a.kw_defaults[i]) }
  }

  private mutating func parameters(_ list: ArenaList<Arg>) throws(TreeProblem) {
    for i in 0..<list.count {
      try positions(list[i].span)
      try optional(list[i].annotation)
    }
  }

  private func check(_ has: ExprContext, _ wanted: ExprContext) throws(TreeProblem) {
    if has != wanted { throw bad("expression must have \(wanted) context but has \(has) instead") }
  }

  mutating func expression(_ e: Ref<Expr>, _ context: ExprContext) throws(TreeProblem) {
    try positions(e.span)
    try enter()
    defer { depth &-= 1 }
    switch e.node {
    case .Attribute(let value, _, let has):
      try check(has, context)
      return try expression(value, .Load)
    case .Subscript(let value, let slice, let has):
      try check(has, context)
      try expression(slice, .Load)
      return try expression(value, .Load)
    case .Starred(let value, let has):
      try check(has, context)
      return try expression(value, context)
    case .Name(let id, let has):
      try name(id)
      return try check(has, context)
    case .List(let elts, let has), .Tuple(let elts, let has):
      try check(has, context)
      return try expressions(elts, context)
    default: if context != .Load { throw bad("expression which can't be assigned to in \(context) context") }
    }
    try value(e)
  }

  /// What is never assigned to.
  private mutating func value(_ e: Ref<Expr>) throws(TreeProblem) {
    switch e.node {
    case .BoolOp(_, let values):
      if values.count < 2 { throw bad("BoolOp with less than 2 values") }
      try expressions(values, .Load)
    case .BinOp(let left, _, let right):
      try expression(left, .Load)
      try expression(right, .Load)
    case .UnaryOp(_, let operand): try expression(operand, .Load)
    case .Lambda(let args, let body):
      try arguments(args.pointee)
      try expression(body, .Load)
    case .IfExp(let test, let body, let orelse):
      try expression(test, .Load)
      try expression(body, .Load)
      try expression(orelse, .Load)
    case .Dict(let keys, let values):
      if keys.count != values.count { throw bad("Dict doesn't have the same number of keys as values") }
      for i in 0..<keys.count { try optional(keys[i]) }
      try expressions(values, .Load)
    case .Set(let elts): try expressions(elts, .Load)
    case .ListComp(let elt, let generators), .SetComp(let elt, let generators), .GeneratorExp(let elt, let generators):
      try comprehension(generators)
      try expression(elt, .Load)
    case .DictComp(let key, let value, let generators):
      try comprehension(generators)
      try expression(key, .Load)
      try expression(value, .Load)
    case .Yield(let value): try optional(value)
    case .Await(let value), .YieldFrom(let value), .NamedExpr(_, let value): try expression(value, .Load)
    case .Compare(let left, let ops, let comparators):
      if comparators.isEmpty { throw bad("Compare with no comparators") }
      if comparators.count != ops.count { throw bad("Compare has a different number of comparators and operands") }
      try expressions(comparators, .Load)
      try expression(left, .Load)
    case .Call(let function, let args, let list):
      try expression(function, .Load)
      try expressions(args, .Load)
      try keywords(list)
    case .Constant:
      if let type = synthetic.foreignConstants[e.pointer] { throw TreeProblem(.typeError, "got an invalid type in Constant: \(type)") }
    case .JoinedStr(let values): try expressions(values, .Load)
    case .FormattedValue(let value, _, let spec):
      try expression(value, .Load)
      try optional(spec)
    case .Slice(let lower, let upper, let step):
      try optional(lower)
      try optional(upper)
      try optional(step)
    case .Attribute, .Subscript, .Starred, .Name, .List, .Tuple: break
    }
  }

  // MARK: Patterns

  private mutating func patterns(_ list: ArenaList<Ref<Pattern>>, starAllowed: Bool) throws(TreeProblem) {
    for i in 0..<list.count { try pattern(list[i], starAllowed: starAllowed) }
  }

  private func capture(_ name: Name) throws(TreeProblem) {
    if name == underscore { throw bad("can't capture name '_' in patterns") }
    try self.name(name)
  }

  private mutating func pattern(_ p: Ref<Pattern>, starAllowed: Bool) throws(TreeProblem) {
    if p == synthetic.nullPattern { throw bad("None disallowed in pattern list") }
    try positions(p.span)
    try enter()
    defer { depth &-= 1 }
    switch p.node {
    case .MatchValue(let value): try matchValue(value)
    case .MatchSingleton(let constant):
      switch constant {
      case .none, .true, .false: break
      default: throw bad("MatchSingleton can only contain True, False and None")
      }
    case .MatchSequence(let list): try patterns(list, starAllowed: true)
    case .MatchMapping(let keys, let list, let rest):
      if keys.count != list.count { throw bad("MatchMapping doesn't have the same number of keys as patterns") }
      if let rest { try capture(rest) }
      for i in 0..<keys.count {
        if case .Constant(let value, _) = keys[i].node, synthetic.foreignConstants[keys[i].pointer] == nil {
          switch value {
          case .none, .true, .false: if keys[i] != synthetic.nullExpr { continue }
          default: break
          }
        }
        if keys[i] == synthetic.nullExpr { throw bad("None disallowed in expression list") }
        try matchValue(keys[i])
      }
      try patterns(list, starAllowed: false)
    case .MatchClass(let cls, let list, let attributes, let keywordPatterns):
      if attributes.count != keywordPatterns.count {
        throw bad("MatchClass doesn't have the same number of keyword attributes as patterns")
      }
      try expression(cls, .Load)
      try classReference(cls)
      for i in 0..<attributes.count { try name(attributes[i]) }
      try patterns(list, starAllowed: false)
      try patterns(keywordPatterns, starAllowed: false)
    case .MatchStar(let name):
      if !starAllowed { throw bad("can't use MatchStar here") }
      if let name { try capture(name) }
    case .MatchAs(let inner, let name):
      if let name { try capture(name) }
      guard let inner else { return }
      if name == nil { throw bad("MatchAs must specify a target name if a pattern is given") }
      try pattern(inner, starAllowed: false)
    case .MatchOr(let list):
      if list.count < 2 { throw bad("MatchOr requires at least 2 patterns") }
      try patterns(list, starAllowed: false)
    }
  }

  /// A name with attributes.
  private func classReference(_ e: Ref<Expr>) throws(TreeProblem) {
    var e = e
    while true {
      switch e.node {
      case .Name: return
      case .Attribute(let value, _, _): e = value
      default: throw bad("MatchClass cls field can only contain Name or Attribute nodes.")
      }
    }
  }

  private mutating func matchValue(_ e: Ref<Expr>) throws(TreeProblem) {
    try expression(e, .Load)
    switch e.node {
    case .Constant(let value, _):
      switch value {
      case .int, .bigInt, .float, .complex, .str, .bytes: return
      default: throw bad("unexpected constant inside of a literal pattern")
      }
    case .Attribute, .JoinedStr: return
    case .UnaryOp: if isNegative(e, orImaginary: true) { return }
    case .BinOp(let left, let op, let right):
      if (op == .Add || op == .Sub) && (isNumber(left, imaginary: false) || isNegative(left)) && isNumber(right, imaginary: true) { return }
    default: break
    }
    throw bad("patterns may only match literals and attribute lookups")
  }

  private func isNegative(_ e: Ref<Expr>, orImaginary: Bool = false) -> Bool {
    guard case .UnaryOp(.USub, let operand) = e.node else { return false }
    return isNumber(operand, imaginary: false) || (orImaginary && isNumber(operand, imaginary: true))
  }

  private func isNumber(_ e: Ref<Expr>, imaginary: Bool) -> Bool {
    guard case .Constant(let value, _) = e.node else { return false }
    switch value {
    case .int, .bigInt, .float: return !imaginary
    case .complex: return imaginary
    default: return false
    }
  }
}
