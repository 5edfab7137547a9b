import PyBytecode
import PySyntax

extension Compiler {
  func statements(_ body: ArenaList<Ref<Stmt>>) throws(Abort) {
    for index in 0..<body.count { try statement(body[index]) }
  }

  func statement(_ s: Ref<Stmt>) throws(Abort) {
    if overlooked != nil { try raiseOverlooked() }
    at(s.span)
    switch s.pointee.node {
    case .Expr(let value): try expressionStatement(value)
    case .Assign(let targets, let value, _):
      try expression(value)
      for index in 0..<targets.count {
        if index + 1 < targets.count { emit(.copy, 1) }
        try expression(targets[index])
      }
    case .If(let test, let body, let orelse): try ifStatement(test, body, orelse)
    case .Return(let value): try returnStatement(s, value)
    case .FunctionDef(let f): try function(f, s, isAsync: false)
    case .AsyncFunctionDef(let f): try function(f, s, isAsync: true)
    case .ClassDef(let c): try classDefinition(c, s)
    case .For(let loop): try forLoop(loop)
    case .AsyncFor(let loop): try asyncForLoop(loop)
    case .While(let test, let body, let orelse): try whileLoop(s, test, body, orelse)
    case .With(let items, let body, _): try with(s, items, body, 0)
    case .AsyncWith(let items, let body, _): try asyncWith(s, items, body, 0)
    case .Try(let block): try tryStatement(block)
    case .TryStar(let block): try tryStarStatement(block)
    case .Raise(let exc, let cause):
      var count = 0
      if let exc {
        try expression(exc)
        count += 1
        if let cause {
          try expression(cause)
          count += 1
        }
      }
      emit(.raiseVarargs, count)
    case .AugAssign(let target, let op, let value): try augmentedAssignment(target, op, value)
    case .AnnAssign(let target, let annotation, let value, let simple): try annotatedAssignment(target, annotation, value, simple)
    case .Assert(let test, let message): try assertion(test, message)
    case .Delete(let targets): try expressions(targets)
    case .Import(let aliases): try importStatement(aliases)
    case .ImportFrom(let module, let aliases, let level): try importFrom(s, module, aliases, level)
    case .Match(let subject, let cases): try matchStatement(subject, cases)
    case .Global, .Nonlocal: break
    case .Pass: emit(.nop)
    case .Break: try breakStatement()
    case .Continue: try continueStatement()
    }
  }

  private func expressionStatement(_ value: Ref<Expr>) throws(Abort) {
    if isInteractive && nestLevel <= 1 {
      try expression(value)
      emit(.printExpr)
      return
    }
    if case .Constant = value.pointee.node {
      // Does nothing, but a debugger stops there.
      emit(.nop)
      return
    }
    try expression(value)
    atNoLine()
    emit(.popTop)
  }

  private func ifStatement(_ test: Ref<Expr>, _ body: ArenaList<Ref<Stmt>>, _ orelse: ArenaList<Ref<Stmt>>) throws(Abort) {
    let end = newBlock()
    let next = orelse.count > 0 ? newBlock() : end
    try jump(on: test, to: next, when: false)
    try statements(body)
    if orelse.count > 0 {
      emitWithoutLine(.jump, to: end)
      use(next)
      try statements(orelse)
    }
    use(end)
  }

  private func assertion(_ test: Ref<Expr>, _ message: Ref<Expr>?) throws(Abort) {
    var isTuple = false
    switch test.pointee.node {
    case .Tuple(let elts, _): isTuple = elts.count > 0
    case .Constant(.tuple(let items), _): isTuple = items.count > 0
    default: break
    }
    if isTuple { warn("assertion is always true, perhaps remove parentheses?") }
    if options.optimize > 0 { return }
    let end = newBlock()
    try jump(on: test, to: end, when: true)
    emit(.loadAssertionError)
    if let message {
      try expression(message)
      emit(.precall, 0)
      emit(.call, 0)
    }
    emit(.raiseVarargs, 1)
    use(end)
  }

  private func augmentedAssignment(_ target: Ref<Expr>, _ op: Operator, _ value: Ref<Expr>) throws(Abort) {
    let statement = unit.location
    at(target.span)
    switch target.pointee.node {
    case .Attribute(let object, let attribute, _):
      try expression(object)
      emit(.copy, 1)
      moveToAttribute(target, attribute)
      emit(.loadAttr, named: attribute)
    case .Subscript(let object, let index, _):
      try expression(object)
      try expression(index)
      emit(.copy, 2)
      emit(.copy, 2)
      emit(.binarySubscr)
    case .Name(let id, _): try name(id, .Load)
    default: throw fail("invalid node type for augmented assignment")
    }
    unit.location = statement
    try expression(value)
    emit(.binaryOp, binaryOperator(op) + 13)
    at(target.span)
    switch target.pointee.node {
    case .Attribute(_, let attribute, _):
      moveToAttribute(target, attribute)
      emit(.swap, 2)
      emit(.storeAttr, named: attribute)
    case .Subscript:
      emit(.swap, 3)
      emit(.swap, 2)
      emit(.storeSubscr)
    case .Name(let id, _): try name(id, .Store)
    default: break
    }
  }

  private func annotatedAssignment(_ target: Ref<Expr>, _ annotation: Ref<Expr>, _ value: Ref<Expr>?, _ simple: Bool) throws(Abort) {
    if let value {
      try expression(value)
      try expression(target)
    }
    let evaluates = unit.kind == .module || unit.kind == .classBody
    switch target.pointee.node {
    case .Name(let id, _):
      try rejectForbidden(id, .Store)
      if simple && evaluates {
        if futureAnnotations { try load(unparsed: annotation) } else { try expression(annotation) }
        emit(.loadName, named: known.annotations)
        load(text: mangle(id, in: unit.privateName, names))
        emit(.storeSubscr)
      }
    case .Attribute(let object, let attribute, _):
      try rejectForbidden(attribute, .Store)
      if value == nil { try evaluateAndDrop(object) }
    case .Subscript(let object, let index, _):
      if value == nil {
        try evaluateAndDrop(object)
        try evaluateSubscript(index)
      }
    default: throw fail("invalid node type for annotated assignment")
    }
    if !simple && evaluates && !futureAnnotations { try evaluateAndDrop(annotation) }
  }

  /// Loads an annotation as the text of its expression (PEP 563).
  func load(unparsed annotation: Ref<Expr>) throws(Abort) {
    guard let text = unparse(annotation, names: names) else {
      failure = .recursionError
      throw Abort()
    }
    load(.str(arena.bytes(text)))
  }

  private func evaluateAndDrop(_ e: Ref<Expr>) throws(Abort) {
    try expression(e)
    emit(.popTop)
  }

  private func evaluateSubscript(_ e: Ref<Expr>) throws(Abort) {
    switch e.pointee.node {
    case .Slice(let lower, let upper, let step):
      if let lower { try evaluateAndDrop(lower) }
      if let upper { try evaluateAndDrop(upper) }
      if let step { try evaluateAndDrop(step) }
    case .Tuple(let elts, _): for index in 0..<elts.count { try evaluateSubscript(elts[index]) }
    default: try evaluateAndDrop(e)
    }
  }

  // MARK: Imports

  private func importStatement(_ aliases: ArenaList<Alias>) throws(Abort) {
    for index in 0..<aliases.count {
      let alias = aliases[index]
      load(.int(0))
      load(.none)
      emit(.importName, named: alias.name)
      if let asname = alias.asname {
        try bindSubmodule(alias.name, as: asname)
      } else {
        try name(firstComponent(alias.name, names), .Store)
      }
    }
  }

  /// `import a.b.c as d`: the import gave `a`, its attributes lead to `c`.
  private func bindSubmodule(_ dotted: Name, as target: Name) throws(Abort) {
    let text = Array(names[dotted].buffer)
    let parts = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    if parts.count < 2 { return try name(target, .Store) }
    for index in 1..<parts.count {
      let part = parts[index].withUnsafeBufferPointer { buffer in
        buffer.baseAddress.map { names.intern($0, count: buffer.count) } ?? known.empty
      }
      emit(.importFrom, unit.names.add(part))
      if index + 1 < parts.count {
        emit(.swap, 2)
        emit(.popTop)
      }
    }
    try name(target, .Store)
    emit(.popTop)
  }

  private func importFrom(_ s: Ref<Stmt>, _ module: Name?, _ aliases: ArenaList<Alias>, _ level: Int32) throws(Abort) {
    load(.int(Int64(level)))
    if s.span.lineno > futureLine, module == known.future {
      throw fail("from __future__ imports must occur at the beginning of the file")
    }
    load(tuple: aliases.map { .str(names[$0.name]) })
    emit(.importName, named: module ?? known.empty)
    for index in 0..<aliases.count {
      let alias = aliases[index]
      if index == 0 && alias.name == known.star {
        emit(.importStar)
        return
      }
      emit(.importFrom, named: alias.name)
      try name(alias.asname ?? alias.name, .Store)
    }
    emit(.popTop)
  }

  func load(tuple items: [Constant]) { load(.tuple(arena.list(items))) }
}
