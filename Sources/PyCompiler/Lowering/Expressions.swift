import PyBytecode
import PySyntax

extension Compiler {
  func expressions(_ list: ArenaList<Ref<Expr>>) throws(Abort) {
    for index in 0..<list.count { try expression(list[index]) }
  }

  /// Emits an expression at its own location and returns to the location before it.
  func expression(_ e: Ref<Expr>) throws(Abort) {
    let outer = unit.location
    at(e.pointee.span)
    switch e.pointee.node {
    case .Name(let id, let context): try name(id, context)
    case .Constant(let value, _): load(value)
    case .Attribute(let object, let attribute, let context): try self.attribute(e, object, attribute, context)
    case .Call(let function, let arguments, let keywords): try call(e, function, arguments, keywords)
    case .Subscript(let object, let index, let context): try self.subscription(object, index, context)
    case .BinOp(let left, let op, let right):
      try expression(left)
      try expression(right)
      emit(.binaryOp, binaryOperator(op))
    case .UnaryOp(let op, let operand):
      try expression(operand)
      switch op {
      case .Invert: emit(.unaryInvert)
      case .Not: emit(.unaryNot)
      case .UAdd: emit(.unaryPositive)
      case .USub: emit(.unaryNegative)
      }
    case .Compare(let left, let ops, let comparators): try comparison(left, ops, comparators)
    case .BoolOp(let op, let values): try boolean(op, values)
    case .Tuple(let elts, let context): try display(elts, context, .tuple)
    case .List(let elts, let context): try display(elts, context, .list)
    case .Set(let elts): try unpackDisplay(elts, pushed: 0, .set)
    case .Dict(let keys, let values): try dict(keys, values)
    case .NamedExpr(let target, let value):
      try expression(value)
      emit(.copy, 1)
      try expression(target)
    case .IfExp(let test, let body, let orelse): try conditional(test, body, orelse)
    case .Lambda(let arguments, let body): try lambda(e, arguments, body)
    case .ListComp(let elt, let generators): try comprehension(e, .list, known.listcomp, generators, elt, nil)
    case .SetComp(let elt, let generators): try comprehension(e, .set, known.setcomp, generators, elt, nil)
    case .DictComp(let key, let value, let generators): try comprehension(e, .dict, known.dictcomp, generators, key, value)
    case .GeneratorExp(let elt, let generators): try comprehension(e, .generator, known.genexpr, generators, elt, nil)
    case .JoinedStr(let values): try joinedString(values)
    case .FormattedValue(let value, let conversion, let spec): try formattedValue(value, conversion, spec)
    case .Yield(let value): try yieldExpression(value)
    case .YieldFrom(let value):
      if unit.scopeKind != .function { throw fail("'yield' outside function") }
      if unit.kind == .asyncFunction { throw fail("'yield from' inside async function") }
      try expression(value)
      emit(.getYieldFromIter)
      load(.none)
      yieldFrom(awaiting: false)
    case .Await(let value): try awaitExpression(value)
    case .Starred(_, let context):
      // Those that are legal were taken care of by the display, call or assignment around them.
      throw fail(
        context == .Store ? "starred assignment target must be in a list or tuple" : "can't use starred expression here")
    case .Slice(let lower, let upper, let step): try slice(lower, upper, step)
    }
    unit.location = outer
  }

  func binaryOperator(_ op: Operator) -> Int {
    switch op {
    case .Add: return 0
    case .BitAnd: return 1
    case .FloorDiv: return 2
    case .LShift: return 3
    case .MatMult: return 4
    case .Mult: return 5
    case .Mod: return 6
    case .BitOr: return 7
    case .Pow: return 8
    case .RShift: return 9
    case .Sub: return 10
    case .Div: return 11
    case .BitXor: return 12
    }
  }

  // MARK: Attributes and subscripts

  /// In a chain over several lines an attribute's instruction belongs to the line of its name, not to the start of the chain.
  func moveToAttribute(_ e: Ref<Expr>, _ attribute: Name) {
    let span = e.span
    guard unit.location.line != span.end_lineno else { return }
    unit.location.line = span.end_lineno
    let length = Int32(truncatingIfNeeded: codePointCount(names[attribute]))
    if length <= span.end_col_offset {
      unit.location.column = span.end_col_offset &- length
    } else {
      // A tree that no source has: there are no columns to give.
      unit.location.column = -1
      unit.location.endColumn = -1
    }
  }

  private func attribute(_ e: Ref<Expr>, _ object: Ref<Expr>, _ attribute: Name, _ context: ExprContext) throws(Abort) {
    try expression(object)
    moveToAttribute(e, attribute)
    switch context {
    case .Load: emit(.loadAttr, named: attribute)
    case .Store:
      try rejectForbidden(attribute, context)
      emit(.storeAttr, named: attribute)
    case .Del: emit(.deleteAttr, named: attribute)
    }
  }

  private func subscription(_ object: Ref<Expr>, _ index: Ref<Expr>, _ context: ExprContext) throws(Abort) {
    if context == .Load {
      warnUnlessSubscriptable(object)
      warnUnlessIndex(object, index)
    }
    try expression(object)
    try expression(index)
    switch context {
    case .Load: emit(.binarySubscr)
    case .Store: emit(.storeSubscr)
    case .Del: emit(.deleteSubscr)
    }
  }

  private func slice(_ lower: Ref<Expr>?, _ upper: Ref<Expr>?, _ step: Ref<Expr>?) throws(Abort) {
    if let lower { try expression(lower) } else { load(.none) }
    if let upper { try expression(upper) } else { load(.none) }
    if let step { try expression(step) }
    emit(.buildSlice, step == nil ? 2 : 3)
  }

  // MARK: Tests

  private func boolean(_ op: BoolOperator, _ values: ArenaList<Ref<Expr>>) throws(Abort) {
    let jump: Op = op == .And ? .jumpIfFalseOrPop : .jumpIfTrueOrPop
    let end = newBlock()
    let last = values.count - 1
    guard last >= 0 else { return }
    for index in 0..<last {
      try expression(values[index])
      emit(jump, to: end)
      use(newBlock())
    }
    try expression(values[last])
    use(end)
  }

  private func conditional(_ test: Ref<Expr>, _ body: Ref<Expr>, _ orelse: Ref<Expr>) throws(Abort) {
    let end = newBlock()
    let next = newBlock()
    try jump(on: test, to: next, when: false)
    try expression(body)
    emitWithoutLine(.jump, to: end)
    use(next)
    try expression(orelse)
    use(end)
  }

  private func compare(_ op: CompareOperator) {
    switch op {
    case .Lt: emit(.compareOp, 0)
    case .LtE: emit(.compareOp, 1)
    case .Eq: emit(.compareOp, 2)
    case .NotEq: emit(.compareOp, 3)
    case .Gt: emit(.compareOp, 4)
    case .GtE: emit(.compareOp, 5)
    case .Is: emit(.isOp, 0)
    case .IsNot: emit(.isOp, 1)
    case .In: emit(.containsOp, 0)
    case .NotIn: emit(.containsOp, 1)
    }
  }

  private func comparison(
    _ left: Ref<Expr>, _ ops: ArenaList<CompareOperator>, _ comparators: ArenaList<Ref<Expr>>
  ) throws(Abort) {
    warnOfLiteralIdentity(left, ops, comparators)
    try expression(left)
    let last = ops.count - 1
    guard last >= 0 else { return }
    if last == 0 {
      try expression(comparators[0])
      compare(ops[0])
      return
    }
    let cleanup = newBlock()
    for index in 0..<last {
      try expression(comparators[index])
      emit(.swap, 2)
      emit(.copy, 2)
      compare(ops[index])
      emit(.jumpIfFalseOrPop, to: cleanup)
    }
    try expression(comparators[last])
    compare(ops[last])
    let end = newBlock()
    emitWithoutLine(.jump, to: end)
    use(cleanup)
    emit(.swap, 2)
    emit(.popTop)
    use(end)
  }

  /// Jumps to `target` when the truth of an expression is `condition`, else goes on. Takes `not`, `and`, `or`, conditional expressions
  /// and chained comparisons apart instead of computing a value.
  func jump(on e: Ref<Expr>, to target: BlockID, when condition: Bool) throws(Abort) {
    switch e.pointee.node {
    case .UnaryOp(.Not, let operand): return try jump(on: operand, to: target, when: !condition)
    case .BoolOp(let op, let values):
      let last = values.count - 1
      guard last >= 0 else { break }
      let early = op == .Or
      let other = early == condition ? target : newBlock()
      for index in 0..<last { try jump(on: values[index], to: other, when: early) }
      try jump(on: values[last], to: target, when: condition)
      if other != target { use(other) }
      return
    case .IfExp(let test, let body, let orelse):
      let end = newBlock()
      let next = newBlock()
      try jump(on: test, to: next, when: false)
      try jump(on: body, to: target, when: condition)
      emitWithoutLine(.jump, to: end)
      use(next)
      try jump(on: orelse, to: target, when: condition)
      use(end)
      return
    case .Compare(let left, let ops, let comparators):
      // The jump belongs to the comparison, and so does what the caller emits next.
      at(e.span)
      guard ops.count > 1 else { break }
      return try chainedJump(left, ops, comparators, target, condition)
    default: break
    }
    try expression(e)
    emit(condition ? .popJumpIfTrue : .popJumpIfFalse, to: target)
  }

  private func chainedJump(
    _ left: Ref<Expr>, _ ops: ArenaList<CompareOperator>, _ comparators: ArenaList<Ref<Expr>>, _ target: BlockID, _ condition: Bool
  ) throws(Abort) {
    warnOfLiteralIdentity(left, ops, comparators)
    let last = ops.count - 1
    let cleanup = newBlock()
    try expression(left)
    for index in 0..<last {
      try expression(comparators[index])
      emit(.swap, 2)
      emit(.copy, 2)
      compare(ops[index])
      emit(.popJumpIfFalse, to: cleanup)
    }
    try expression(comparators[last])
    compare(ops[last])
    emit(condition ? .popJumpIfTrue : .popJumpIfFalse, to: target)
    let end = newBlock()
    emitWithoutLine(.jump, to: end)
    use(cleanup)
    emit(.popTop)
    if !condition { emitWithoutLine(.jump, to: target) }
    use(end)
  }

  // MARK: Strings

  private func joinedString(_ values: ArenaList<Ref<Expr>>) throws(Abort) {
    if values.count > Compiler.stackUseGuideline {
      load(.str(ArenaBytes()))
      emit(.loadMethod, named: known.join)
      emit(.buildList, 0)
      for index in 0..<values.count {
        try expression(values[index])
        emit(.listAppend, 1)
      }
      emit(.precall, 1)
      emit(.call, 1)
    } else {
      try expressions(values)
      if values.count != 1 { emit(.buildString, values.count) }
    }
  }

  private func formattedValue(_ value: Ref<Expr>, _ conversion: Int32, _ spec: Ref<Expr>?) throws(Abort) {
    try expression(value)
    var argument = 0
    switch conversion {
    case Int32(UInt8(ascii: "s")): argument = 1
    case Int32(UInt8(ascii: "r")): argument = 2
    case Int32(UInt8(ascii: "a")): argument = 3
    case -1: break
    default:
      // Only a tree that a program built can say so.
      failure = .systemError("Unrecognized conversion character \(conversion)")
      throw Abort()
    }
    if let spec {
      try expression(spec)
      argument |= 4
    }
    emit(.formatValue, argument)
  }

  // MARK: Generators

  /// Hands the value on the stack out of a generator.
  func emitYield() {
    if table.scopes[unit.scope].isGenerator && table.scopes[unit.scope].isCoroutine { emit(.asyncGenWrap) }
    emit(.yieldValue)
    emit(.resume, 1)
  }

  private func yieldExpression(_ value: Ref<Expr>?) throws(Abort) {
    if unit.scopeKind != .function { throw fail("'yield' outside function") }
    if let value { try expression(value) } else { load(.none) }
    emitYield()
  }

  private func awaitExpression(_ value: Ref<Expr>) throws(Abort) {
    if !isTopLevelAwait {
      if unit.scopeKind != .function { throw fail("'await' outside function") }
      if unit.kind != .asyncFunction && unit.kind != .comprehension { throw fail("'await' outside async function") }
    }
    try expression(value)
    emit(.getAwaitable, 0)
    load(.none)
    yieldFrom(awaiting: true)
  }
}
