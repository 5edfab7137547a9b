import PySyntax

/// First pass: every definition and use of a name is entered into the scope where it stands.
extension SymbolTable {
  func collect(_ root: Module) throws(Abort) {
    let nowhere = Span(lineno: 0, col_offset: 0, end_lineno: 0, end_col_offset: 0)
    enter(.module, known.top, UnsafeRawPointer(bitPattern: 8) ?? UnsafeRawPointer(symbols.base), nowhere)
    switch root {
    case .Module(let body, _), .Interactive(let body): try statements(body)
    case .Expression(let body): try expression(body)
    case .FunctionType:
      failure = .runtimeError("this compiler does not handle FunctionTypes")
      throw Abort()
    }
    leave()
  }

  @inline(__always) private func descend() throws(Abort) {
    depth &+= 1
    if depth > depthLimit {
      failure = .recursionError
      throw Abort()
    }
  }

  private func statements(_ body: ArenaList<Ref<Stmt>>) throws(Abort) {
    for index in 0..<body.count { try statement(body[index]) }
  }

  private func statement(_ s: Ref<Stmt>) throws(Abort) {
    try descend()
    defer { depth &-= 1 }
    switch s.pointee.node {
    case .FunctionDef(let f): try function(f, s.span, isAsync: false)
    case .AsyncFunctionDef(let f): try function(f, s.span, isAsync: true)
    case .ClassDef(let c): try classDefinition(c, s.span)
    case .Return(let value): try optional(value)
    case .Delete(let targets): try expressions(targets)
    case .Assign(let targets, let value, _):
      try expressions(targets)
      try expression(value)
    case .AugAssign(let target, _, let value):
      try expression(target)
      try expression(value)
    case .AnnAssign(let target, let annotation, let value, let simple):
      try annotatedAssignment(s, target, annotation, value, simple)
    case .For(let loop), .AsyncFor(let loop):
      try expression(loop.pointee.target)
      try expression(loop.pointee.iter)
      try statements(loop.pointee.body)
      try statements(loop.pointee.orelse)
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
    case .Try(let block), .TryStar(let block): try tryBlock(block)
    case .Assert(let test, let msg):
      try expression(test)
      try optional(msg)
    case .Import(let aliases), .ImportFrom(_, let aliases, _):
      for index in 0..<aliases.count { try alias(aliases[index]) }
    case .Global(let list): try directive(s, list, .global, "global")
    case .Nonlocal(let list): try directive(s, list, .nonlocal, "nonlocal")
    case .Expr(let value): try expression(value)
    case .Pass, .Break, .Continue: break
    }
  }

  private func tryBlock(_ block: Ref<TryBlock>) throws(Abort) {
    try statements(block.pointee.body)
    try statements(block.pointee.orelse)
    let handlers = block.pointee.handlers
    for index in 0..<handlers.count {
      let handler = handlers[index]
      try optional(handler.type)
      if let name = handler.name { try define(name, .local, handler.span) }
      try statements(handler.body)
    }
    try statements(block.pointee.finalbody)
  }

  private func function(_ f: Ref<FunctionDefinition>, _ span: Span, isAsync: Bool) throws(Abort) {
    try define(f.pointee.name, .local, span)
    try defaults(f.pointee.args)
    try annotations(f.pointee.args, UnsafeRawPointer(f.pointer), span)
    if let returns = f.pointee.returns { try annotation(returns) }
    try expressions(f.pointee.decorator_list)
    enter(.function, f.pointee.name, UnsafeRawPointer(f.pointer), span)
    if isAsync { scopes[current].isCoroutine = true }
    try arguments(f.pointee.args)
    try statements(f.pointee.body)
    leave()
  }

  private func classDefinition(_ c: Ref<ClassDefinition>, _ span: Span) throws(Abort) {
    try define(c.pointee.name, .local, span)
    try expressions(c.pointee.bases)
    try keywords(c.pointee.keywords)
    try expressions(c.pointee.decorator_list)
    enter(.classBody, c.pointee.name, UnsafeRawPointer(c.pointer), span)
    let outer = privateName
    privateName = c.pointee.name
    try statements(c.pointee.body)
    privateName = outer
    leave()
  }

  private func annotatedAssignment(
    _ s: Ref<Stmt>, _ target: Ref<Expr>, _ annotated: Ref<Expr>, _ value: Ref<Expr>?, _ simple: Bool
  ) throws(Abort) {
    if case .Name(let id, _) = target.pointee.node {
      let present = flags(current, mangle(id, in: privateName, names))
      if simple && current != 0 && !present.isDisjoint(with: [.global, .nonlocal]) {
        throw fail("annotated name \(quoted(id)) can't be \(present.contains(.global) ? "global" : "nonlocal")", s.span)
      }
      if simple {
        try define(id, [.annotated, .local], target.span)
      } else if value != nil {
        try define(id, .local, target.span)
      }
    } else {
      try expression(target)
    }
    try annotation(annotated)
    try optional(value)
  }

  private func directive(_ s: Ref<Stmt>, _ list: ArenaList<Name>, _ flag: SymbolFlags, _ word: String) throws(Abort) {
    for index in 0..<list.count {
      let name = list[index]
      let present = flags(current, mangle(name, in: privateName, names))
      if !present.isDisjoint(with: [.parameter, .local, .used, .annotated]) {
        let message: String
        if present.contains(.parameter) {
          message = "name \(quoted(name)) is parameter and \(word)"
        } else if present.contains(.used) {
          message = "name \(quoted(name)) is used prior to \(word) declaration"
        } else if present.contains(.annotated) {
          message = "annotated name \(quoted(name)) can't be \(word)"
        } else {
          message = "name \(quoted(name)) is assigned to before \(word) declaration"
        }
        throw fail(message, s.span)
      }
      try define(name, flag, s.span)
      record(name, s.span)
    }
  }

  private func record(_ name: Name, _ span: Span) {
    directives.append(Directive(scope: current, name: mangle(name, in: privateName, names), span: span))
  }

  private func alias(_ a: Alias) throws(Abort) {
    if a.asname == nil && a.name == known.star {
      if scopes[current].kind != .module { throw fail("import * only allowed at module level", a.span) }
      return
    }
    try define(firstComponent(a.asname ?? a.name, names), .imported, a.span)
  }

  // MARK: Functions

  private func defaults(_ args: Ref<Arguments>) throws(Abort) {
    try expressions(args.pointee.defaults)
    let list = args.pointee.kw_defaults
    for index in 0..<list.count { try optional(list[index]) }
  }

  private func annotation(_ e: Ref<Expr>) throws(Abort) {
    if futureAnnotations { enter(.annotation, known.annotation, UnsafeRawPointer(e.pointer), e.span) }
    try expression(e)
    if futureAnnotations { leave() }
  }

  private func annotations(_ args: Ref<Arguments>, _ node: UnsafeRawPointer, _ span: Span) throws(Abort) {
    if futureAnnotations { enter(.annotation, known.annotation, node, span) }
    try annotations(args.pointee.posonlyargs)
    try annotations(args.pointee.args)
    try optional(args.pointee.vararg?.pointee.annotation)
    try optional(args.pointee.kwarg?.pointee.annotation)
    try annotations(args.pointee.kwonlyargs)
    if futureAnnotations { leave() }
  }

  private func annotations(_ list: ArenaList<Arg>) throws(Abort) {
    for index in 0..<list.count { try optional(list[index].annotation) }
  }

  private func arguments(_ args: Ref<Arguments>) throws(Abort) {
    try parameters(args.pointee.posonlyargs)
    try parameters(args.pointee.args)
    try parameters(args.pointee.kwonlyargs)
    if let vararg = args.pointee.vararg {
      try define(vararg.pointee.arg, .parameter, vararg.pointee.span)
      scopes[current].hasVarArgs = true
    }
    if let kwarg = args.pointee.kwarg {
      try define(kwarg.pointee.arg, .parameter, kwarg.pointee.span)
      scopes[current].hasVarKeywords = true
    }
  }

  private func parameters(_ list: ArenaList<Arg>) throws(Abort) {
    for index in 0..<list.count { try define(list[index].arg, .parameter, list[index].span) }
  }

  // MARK: Expressions

  private func expressions(_ list: ArenaList<Ref<Expr>>) throws(Abort) {
    for index in 0..<list.count { try expression(list[index]) }
  }

  @inline(__always) private func optional(_ e: Ref<Expr>?) throws(Abort) {
    if let e { try expression(e) }
  }

  private func keywords(_ list: ArenaList<Keyword>) throws(Abort) {
    for index in 0..<list.count { try expression(list[index].value) }
  }

  private func expression(_ e: Ref<Expr>) throws(Abort) {
    try descend()
    defer { depth &-= 1 }
    switch e.pointee.node {
    case .Constant: break
    case .Name(let id, let ctx):
      try define(id, ctx == .Load ? .used : .local, e.span)
      // `super()` looks at the cell of the class.
      if id == known.superName && ctx == .Load && scopes[current].kind == .function {
        try define(known.classCell, .used, e.span)
      }
    case .Attribute(let value, _, _), .Starred(let value, _): try expression(value)
    case .Call(let function, let args, let list):
      try expression(function)
      try expressions(args)
      try keywords(list)
    case .NamedExpr(let target, let value): try namedExpression(e, target, value)
    case .BoolOp(_, let values), .JoinedStr(let values): try expressions(values)
    case .BinOp(let left, _, let right):
      try expression(left)
      try expression(right)
    case .UnaryOp(_, let operand): try expression(operand)
    case .Lambda(let args, let body):
      try defaults(args)
      enter(.function, known.lambda, UnsafeRawPointer(e.pointer), e.span)
      try arguments(args)
      try expression(body)
      leave()
    case .IfExp(let test, let body, let orelse):
      try expression(test)
      try expression(body)
      try expression(orelse)
    case .Dict(let keys, let values):
      for index in 0..<keys.count { try optional(keys[index]) }
      try expressions(values)
    case .Set(let elts), .List(let elts, _), .Tuple(let elts, _): try expressions(elts)
    case .ListComp(let elt, let generators): try comprehension(e, .list, known.listcomp, generators, elt, nil)
    case .SetComp(let elt, let generators): try comprehension(e, .set, known.setcomp, generators, elt, nil)
    case .GeneratorExp(let elt, let generators): try comprehension(e, .generator, known.genexpr, generators, elt, nil)
    case .DictComp(let key, let value, let generators): try comprehension(e, .dict, known.dictcomp, generators, key, value)
    case .Yield(let value):
      try rejectInAnnotation("yield expression", e)
      try optional(value)
      try markGenerator(e)
    case .YieldFrom(let value):
      try rejectInAnnotation("yield expression", e)
      try expression(value)
      try markGenerator(e)
    case .Await(let value):
      try rejectInAnnotation("await expression", e)
      try expression(value)
      scopes[current].isCoroutine = true
    case .Compare(let left, _, let comparators):
      try expression(left)
      try expressions(comparators)
    case .FormattedValue(let value, _, let spec):
      try expression(value)
      try optional(spec)
    case .Subscript(let value, let slice, _):
      try expression(value)
      try expression(slice)
    case .Slice(let lower, let upper, let step):
      try optional(lower)
      try optional(upper)
      try optional(step)
    }
  }

  private func rejectInAnnotation(_ what: String, _ e: Ref<Expr>) throws(Abort) {
    if scopes[current].kind == .annotation { throw fail("'\(what)' can not be used within an annotation", e.span) }
  }

  private func markGenerator(_ e: Ref<Expr>) throws(Abort) {
    scopes[current].isGenerator = true
    let place: String
    switch scopes[current].comprehension {
    case .none: return
    case .list: place = "list comprehension"
    case .set: place = "set comprehension"
    case .dict: place = "dict comprehension"
    case .generator: place = "generator expression"
    }
    throw fail("'yield' inside \(place)", e.span)
  }

  private func namedExpression(_ e: Ref<Expr>, _ target: Ref<Expr>, _ value: Ref<Expr>) throws(Abort) {
    try rejectInAnnotation("named expression", e)
    if scopes[current].iterableDepth > 0 {
      throw fail("assignment expression cannot be used in a comprehension iterable expression", e.span)
    }
    if scopes[current].comprehension != .none, case .Name(let id, _) = target.pointee.node { try extendScope(of: id, target.span) }
    try expression(value)
    try expression(target)
  }

  /// A name bound by `:=` inside comprehensions belongs to the nearest function or module around them.
  private func extendScope(of name: Name, _ span: Span) throws(Abort) {
    var level = stack.count - 1
    while level >= 0 {
      let scope = stack[level]
      level -= 1
      let present = flags(scope, name)
      if scopes[scope].comprehension != .none {
        if present.contains(.iterationTarget) {
          throw fail("assignment expression cannot rebind comprehension iteration variable \(quoted(name))", span)
        }
        continue
      }
      switch scopes[scope].kind {
      case .function:
        try define(name, present.contains(.global) ? .global : .nonlocal, span)
        record(name, span)
        return try define(name, .local, span, in: scope)
      case .module:
        try define(name, .global, span)
        record(name, span)
        return try define(name, .global, span, in: scope)
      case .classBody: throw fail("assignment expression within a comprehension cannot be used in a class body", span)
      case .annotation: continue
      }
    }
  }

  private func comprehension(
    _ e: Ref<Expr>, _ kind: ComprehensionKind, _ name: Name, _ generators: ArenaList<Comprehension>, _ elt: Ref<Expr>, _ value: Ref<Expr>?
  ) throws(Abort) {
    guard generators.count > 0 else { return }
    // The outermost iterable is evaluated outside and handed in as an argument.
    scopes[current].iterableDepth &+= 1
    try expression(generators[0].iter)
    scopes[current].iterableDepth &-= 1
    enter(.function, name, UnsafeRawPointer(e.pointer), e.span, kind)
    if generators[0].is_async { scopes[current].isCoroutine = true }
    try define(known.implicitArgument, .parameter, e.span)
    try iterationTarget(generators[0].target)
    try expressions(generators[0].ifs)
    for index in 1..<max(1, generators.count) {
      try iterationTarget(generators[index].target)
      scopes[current].iterableDepth &+= 1
      try expression(generators[index].iter)
      scopes[current].iterableDepth &-= 1
      try expressions(generators[index].ifs)
      if generators[index].is_async { scopes[current].isCoroutine = true }
    }
    try optional(value)
    try expression(elt)
    scopes[current].isGenerator = kind == .generator
    let isAsync = scopes[current].isCoroutine && kind != .generator
    leave()
    if isAsync { scopes[current].isCoroutine = true }
  }

  private func iterationTarget(_ target: Ref<Expr>) throws(Abort) {
    scopes[current].inIterationTarget = true
    try expression(target)
    scopes[current].inIterationTarget = false
  }

  // MARK: Patterns

  private func patterns(_ list: ArenaList<Ref<Pattern>>) throws(Abort) {
    for index in 0..<list.count { try pattern(list[index]) }
  }

  private func pattern(_ p: Ref<Pattern>) throws(Abort) {
    try descend()
    defer { depth &-= 1 }
    switch p.pointee.node {
    case .MatchValue(let value): try expression(value)
    case .MatchSingleton: break
    case .MatchSequence(let list), .MatchOr(let list): try patterns(list)
    case .MatchStar(let name): if let name { try define(name, .local, p.span) }
    case .MatchMapping(let keys, let list, let rest):
      try expressions(keys)
      try patterns(list)
      if let rest { try define(rest, .local, p.span) }
    case .MatchClass(let cls, let list, _, let keywordPatterns):
      try expression(cls)
      try patterns(list)
      try patterns(keywordPatterns)
    case .MatchAs(let inner, let name):
      if let inner { try pattern(inner) }
      if let name { try define(name, .local, p.span) }
    }
  }
}

/// The part of a dotted name before the first dot: what `import a.b` binds.
func firstComponent(_ name: Name, _ names: NameTable) -> Name {
  let text = names[name].buffer
  guard let dot = text.firstIndex(of: UInt8(ascii: ".")), let base = text.baseAddress else { return name }
  return names.intern(base, count: dot)
}
