import PyBytecode
import PySyntax

/// State while one case is lowered.
///
/// A pattern consumes the subject on top of the stack. What it captures stays on the stack until the whole pattern has matched; above
/// the captures lie `onTop` further values. A failing test must pop all of them: it jumps to `failPop[n]`, one of a ladder of blocks
/// that pop n values.
private struct PatternContext {
  /// Captured names, in the order of their values on the stack, the last on top.
  var stores: [Name] = []
  var allowsIrrefutable = false
  var failPop: [BlockID] = []
  var onTop = 0
}

extension Compiler {
  func matchStatement(_ subject: Ref<Expr>, _ cases: ArenaList<MatchCase>) throws(Abort) {
    var context = PatternContext()
    try expression(subject)
    let end = newBlock()
    guard cases.count > 0 else { return }
    // A last `case _` needs no test and no copy of the subject.
    let hasDefault = isWildcard(cases[cases.count - 1].pattern) && cases.count > 1
    let tested = cases.count - (hasDefault ? 1 : 0)
    for index in 0..<tested {
      let current = cases[index]
      at(current.pattern.span)
      let isLast = index == tested - 1
      if !isLast { emit(.copy, 1) }
      context = PatternContext()
      context.allowsIrrefutable = current.guardExpr != nil || index == cases.count - 1
      try pattern(current.pattern, &context)
      for name in context.stores { try self.name(name, .Store) }
      if let guardExpr = current.guardExpr {
        growFailPop(&context, 0)
        try jump(on: guardExpr, to: context.failPop[0], when: false)
      }
      if !isLast { emit(.popTop) }
      try statements(current.body)
      emit(.jump, to: end)
      // What cleans up after a failure belongs to the pattern, not to the body above it.
      at(current.pattern.span)
      emitFailPop(&context)
    }
    if hasDefault {
      let current = cases[cases.count - 1]
      at(current.pattern.span)
      if cases.count == 1 {
        emit(.popTop)
      } else {
        // Only so that the line can be seen to run.
        emit(.nop)
      }
      if let guardExpr = current.guardExpr { try jump(on: guardExpr, to: end, when: false) }
      try statements(current.body)
    }
    use(end)
  }

  private func isWildcard(_ p: Ref<Pattern>) -> Bool {
    if case .MatchAs(_, let name) = p.pointee.node { return name == nil }
    return false
  }

  private func isWildcardStar(_ p: Ref<Pattern>) -> Bool {
    if case .MatchStar(let name) = p.pointee.node { return name == nil }
    return false
  }

  // MARK: Failure

  private func growFailPop(_ context: inout PatternContext, _ pops: Int) {
    while context.failPop.count <= pops { context.failPop.append(newBlock()) }
  }

  private func failJump(_ op: Op, _ context: inout PatternContext) {
    let pops = context.onTop + context.stores.count
    growFailPop(&context, pops)
    emit(op, to: context.failPop[pops])
  }

  private func emitFailPop(_ context: inout PatternContext) {
    guard !context.failPop.isEmpty else { return }
    var level = context.failPop.count - 1
    while level > 0 {
      use(context.failPop[level])
      emit(.popTop)
      level -= 1
    }
    use(context.failPop[0])
    context.failPop = []
  }

  // MARK: Captures

  /// Moves the top of the stack below `count - 1` values.
  private func rotate(_ count: Int) {
    var count = count
    while count > 1 {
      emit(.swap, count)
      count -= 1
    }
  }

  private func capture(_ name: Name?, _ context: inout PatternContext) throws(Abort) {
    guard let name else { return emit(.popTop) }
    try rejectForbidden(name, .Store)
    if context.stores.contains(name) { throw duplicateStore(name) }
    rotate(context.onTop + context.stores.count + 1)
    context.stores.append(name)
  }

  private func duplicateStore(_ name: Name) -> Abort { fail("multiple assignments to name \(text(name)) in pattern") }

  // MARK: Patterns

  private func pattern(_ p: Ref<Pattern>, _ context: inout PatternContext) throws(Abort) {
    at(p.span)
    switch p.pointee.node {
    case .MatchValue(let value):
      switch value.pointee.node {
      case .Constant, .Attribute: break
      default: throw fail("patterns may only match literals and attribute lookups")
      }
      try expression(value)
      emit(.compareOp, 2)
      failJump(.popJumpIfFalse, &context)
    case .MatchSingleton(let value):
      load(value)
      emit(.isOp, 0)
      failJump(.popJumpIfFalse, &context)
    case .MatchSequence(let patterns): try sequence(patterns, &context)
    case .MatchMapping(let keys, let patterns, let rest): try mapping(keys, patterns, rest, &context)
    case .MatchClass(let cls, let patterns, let attributes, let keywordPatterns):
      try classPattern(cls, patterns, attributes, keywordPatterns, &context)
    case .MatchStar(let name): try capture(name, &context)
    case .MatchAs(let inner, let name): try asPattern(inner, name, &context)
    case .MatchOr(let alternatives): try orPattern(alternatives, &context)
    }
  }

  /// A pattern inside another may be irrefutable.
  private func subpattern(_ p: Ref<Pattern>, _ context: inout PatternContext) throws(Abort) {
    let outer = context.allowsIrrefutable
    context.allowsIrrefutable = true
    try pattern(p, &context)
    context.allowsIrrefutable = outer
  }

  private func asPattern(_ inner: Ref<Pattern>?, _ name: Name?, _ context: inout PatternContext) throws(Abort) {
    guard let inner else {
      if !context.allowsIrrefutable {
        if let name { throw fail("name capture \(text(name)) makes remaining patterns unreachable") }
        throw fail("wildcard makes remaining patterns unreachable")
      }
      return try capture(name, &context)
    }
    context.onTop += 1
    emit(.copy, 1)
    try pattern(inner, &context)
    context.onTop -= 1
    try capture(name, &context)
  }

  private func sequence(_ patterns: ArenaList<Ref<Pattern>>, _ context: inout PatternContext) throws(Abort) {
    let size = patterns.count
    var star = -1
    var onlyWildcards = true
    var starIsWildcard = false
    for index in 0..<size {
      if case .MatchStar = patterns[index].pointee.node {
        if star >= 0 { throw fail("multiple starred names in sequence pattern") }
        starIsWildcard = isWildcardStar(patterns[index])
        if !starIsWildcard { onlyWildcards = false }
        star = index
      } else if !isWildcard(patterns[index]) {
        onlyWildcards = false
      }
    }
    context.onTop += 1
    emit(.matchSequence)
    failJump(.popJumpIfFalse, &context)
    if star < 0 {
      emit(.getLen)
      load(.int(Int64(size)))
      emit(.compareOp, 2)
      failJump(.popJumpIfFalse, &context)
    } else if size > 1 {
      emit(.getLen)
      load(.int(Int64(size - 1)))
      emit(.compareOp, 5)
      failJump(.popJumpIfFalse, &context)
    }
    context.onTop -= 1
    if onlyWildcards {
      emit(.popTop)
    } else if starIsWildcard {
      try sequenceByIndex(patterns, star, &context)
    } else {
      try sequenceByUnpacking(patterns, &context)
    }
  }

  private func sequenceByUnpacking(_ patterns: ArenaList<Ref<Pattern>>, _ context: inout PatternContext) throws(Abort) {
    let size = patterns.count
    var hasStar = false
    for index in 0..<size {
      guard case .MatchStar = patterns[index].pointee.node else { continue }
      if hasStar { throw fail("multiple starred expressions in sequence pattern") }
      if index >= 1 << 8 || size - index - 1 >= Int(Int32.max >> 8) {
        throw fail("too many expressions in star-unpacking sequence pattern")
      }
      emit(.unpackEx, index + (size - index - 1) << 8)
      hasStar = true
    }
    if !hasStar { emit(.unpackSequence, size) }
    context.onTop += size
    for index in 0..<size {
      context.onTop -= 1
      try subpattern(patterns[index], &context)
    }
  }

  /// With a `*_` only the named elements are taken out, by index.
  private func sequenceByIndex(_ patterns: ArenaList<Ref<Pattern>>, _ star: Int, _ context: inout PatternContext) throws(Abort) {
    context.onTop += 1
    let size = patterns.count
    for index in 0..<size {
      if isWildcard(patterns[index]) || index == star { continue }
      emit(.copy, 1)
      if index < star {
        load(.int(Int64(index)))
      } else {
        // The subject need not support negative indexes.
        emit(.getLen)
        load(.int(Int64(size - index)))
        emit(.binaryOp, binaryOperator(.Sub))
      }
      emit(.binarySubscr)
      try subpattern(patterns[index], &context)
    }
    context.onTop -= 1
    emit(.popTop)
  }

  private func mapping(
    _ keys: ArenaList<Ref<Expr>>, _ patterns: ArenaList<Ref<Pattern>>, _ rest: Name?, _ context: inout PatternContext
  ) throws(Abort) {
    let size = keys.count
    if size != patterns.count { throw fail("keys (\(size)) / patterns (\(patterns.count)) length mismatch in mapping pattern") }
    context.onTop += 1
    emit(.matchMapping)
    failJump(.popJumpIfFalse, &context)
    if size == 0 && rest == nil {
      context.onTop -= 1
      emit(.popTop)
      return
    }
    if size > 0 {
      emit(.getLen)
      load(.int(Int64(size)))
      emit(.compareOp, 5)
      failJump(.popJumpIfFalse, &context)
    }
    var seen = Set<EqualityKey>()
    for index in 0..<size {
      switch keys[index].pointee.node {
      case .Constant(let value, _):
        if !seen.insert(EqualityKey(value)).inserted {
          throw fail("mapping pattern checks duplicate key (\(ConstantRepr.string(stored(value))))")
        }
      case .Attribute: break
      default: throw fail("mapping pattern keys may only match literals and attribute lookups")
      }
      try expression(keys[index])
    }
    emit(.buildTuple, size)
    emit(.matchKeys)
    context.onTop += 2
    emit(.copy, 1)
    load(.none)
    emit(.isOp, 1)
    failJump(.popJumpIfFalse, &context)
    emit(.unpackSequence, size)
    context.onTop += size - 1
    for index in 0..<size {
      context.onTop -= 1
      try subpattern(patterns[index], &context)
    }
    // The keys and the subject are left.
    context.onTop -= 2
    guard let rest else {
      emit(.popTop)
      emit(.popTop)
      return
    }
    emit(.buildMap, 0)
    emit(.swap, 3)
    emit(.dictUpdate, 2)
    emit(.unpackSequence, size)
    var left = size
    while left > 0 {
      emit(.copy, 1 + left)
      emit(.swap, 2)
      emit(.deleteSubscr)
      left -= 1
    }
    try capture(rest, &context)
  }

  private func classPattern(
    _ cls: Ref<Expr>, _ patterns: ArenaList<Ref<Pattern>>, _ attributes: ArenaList<Name>, _ keywordPatterns: ArenaList<Ref<Pattern>>,
    _ context: inout PatternContext
  ) throws(Abort) {
    if attributes.count != keywordPatterns.count {
      throw fail("kwd_attrs (\(attributes.count)) / kwd_patterns (\(keywordPatterns.count)) length mismatch in class pattern")
    }
    let whole = unit.location
    for index in 0..<attributes.count {
      at(keywordPatterns[index].span)
      try rejectForbidden(attributes[index], .Store)
      for other in (index + 1)..<max(index + 1, attributes.count) where attributes[other] == attributes[index] {
        throw fail("attribute name repeated in class pattern: \(names.string(attributes[index]))", keywordPatterns[other].span)
      }
    }
    unit.location = whole
    try expression(cls)
    load(tuple: attributes.map { .str(names[$0]) })
    emit(.matchClass, patterns.count)
    emit(.copy, 1)
    load(.none)
    emit(.isOp, 1)
    context.onTop += 1
    failJump(.popJumpIfFalse, &context)
    let size = patterns.count + attributes.count
    emit(.unpackSequence, size)
    context.onTop += size - 1
    for index in 0..<size {
      context.onTop -= 1
      let inner = index < patterns.count ? patterns[index] : keywordPatterns[index - patterns.count]
      if isWildcard(inner) {
        emit(.popTop)
      } else {
        try subpattern(inner, &context)
      }
    }
  }

  private func orPattern(_ alternatives: ArenaList<Ref<Pattern>>, _ context: inout PatternContext) throws(Abort) {
    let end = newBlock()
    let size = alternatives.count
    let outer = context
    // The names of the first alternative, in the order that all others must leave them.
    var control: [Name] = []
    for index in 0..<size {
      let alternative = alternatives[index]
      at(alternative.span)
      context = PatternContext()
      context.allowsIrrefutable = index == size - 1 && outer.allowsIrrefutable
      emit(.copy, 1)
      try pattern(alternative, &context)
      if index == 0 {
        control = context.stores
      } else {
        if context.stores.count != control.count { throw fail("alternative patterns bind different names") }
        try reorder(&context.stores, as: control)
      }
      emit(.jump, to: end)
      emitFailPop(&context)
    }
    context = outer
    // No alternative matched.
    emit(.popTop)
    failJump(.jump, &context)
    use(end)
    // Bring the captures below what the enclosing pattern keeps on top.
    let distance = control.count + 1 + context.onTop + context.stores.count
    for name in control {
      rotate(distance)
      if context.stores.contains(name) { throw duplicateStore(name) }
      context.stores.append(name)
    }
    emit(.popTop)
  }

  private func reorder(_ stores: inout [Name], as control: [Name]) throws(Abort) {
    var position = control.count
    while position > 0 {
      position -= 1
      guard let found = stores.firstIndex(of: control[position]) else { throw fail("alternative patterns bind different names") }
      if position == found { continue }
      guard found < position else { throw fail("alternative patterns bind different names") }
      let rotations = found + 1
      let moved = Array(stores[0..<rotations])
      stores.removeSubrange(0..<rotations)
      stores.insert(contentsOf: moved, at: position - found)
      for _ in 0..<rotations { rotate(position + 1) }
    }
  }
}
