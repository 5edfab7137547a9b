import PyBytecode
import PySyntax

/// `try`, `try ... except*` and `with`.
extension Compiler {
  func tryStatement(_ block: Ref<TryBlock>) throws(Abort) {
    if block.pointee.finalbody.count > 0 {
      try tryFinally(block, isStar: false)
    } else {
      try tryExcept(block)
    }
  }

  func tryStarStatement(_ block: Ref<TryBlock>) throws(Abort) {
    if block.pointee.finalbody.count > 0 {
      try tryFinally(block, isStar: true)
    } else {
      try tryStar(block)
    }
  }

  private func tryFinally(_ t: Ref<TryBlock>, isStar: Bool) throws(Abort) {
    let body = newBlock()
    let end = newBlock()
    let exit = newBlock()
    let cleanup = newBlock()
    emit(.setupFinally, to: end)
    use(body)
    try push(.finallyTry, body, exit: end, .body(t.pointee.finalbody))
    if t.pointee.handlers.count > 0 {
      if isStar { try tryStar(t) } else { try tryExcept(t) }
    } else {
      try statements(t.pointee.body)
    }
    emitWithoutLine(.popBlock)
    pop()
    try statements(t.pointee.finalbody)
    emitWithoutLine(.jump, to: exit)

    use(end)
    try push(.finallyEnd, end)
    atNoLine()
    emit(.setupCleanup, to: cleanup)
    emit(.pushExcInfo)
    try statements(t.pointee.finalbody)
    emit(.reraise, 0)
    pop()
    use(cleanup)
    popExceptAndReraise()
    use(exit)
  }

  private func popExceptAndReraise() {
    emit(.copy, 3)
    emit(.popExcept)
    emit(.reraise, 1)
  }

  private func tryExcept(_ t: Ref<TryBlock>) throws(Abort) {
    let body = newBlock()
    var except = newBlock()
    let end = newBlock()
    let cleanup = newBlock()
    emit(.setupFinally, to: except)
    use(body)
    try push(.tryExcept, body)
    try statements(t.pointee.body)
    pop()
    emitWithoutLine(.popBlock)
    try statements(t.pointee.orelse)
    emitWithoutLine(.jump, to: end)

    use(except)
    atNoLine()
    emit(.setupCleanup, to: cleanup)
    emit(.pushExcInfo)
    try push(.exceptionHandler)
    let handlers = t.pointee.handlers
    for index in 0..<handlers.count {
      let handler = handlers[index]
      at(handler.span)
      if handler.type == nil && index < handlers.count - 1 { throw fail("default 'except:' must be last") }
      except = newBlock()
      if let type = handler.type {
        try expression(type)
        emit(.checkExcMatch)
        emit(.popJumpIfFalse, to: except)
      }
      if let bound = handler.name {
        let cleanupEnd = newBlock()
        let cleanupBody = newBlock()
        try handlerName(bound, .Store)
        // The body stands in a region of its own, so that the name is cleared whatever happens.
        emit(.setupCleanup, to: cleanupEnd)
        use(cleanupBody)
        try push(.handlerCleanup, cleanupBody, exit: -1, .name(bound))
        try statements(handler.body)
        pop()
        atNoLine()
        emit(.popBlock)
        emit(.popBlock)
        emit(.popExcept)
        try clear(bound)
        emit(.jump, to: end)
        use(cleanupEnd)
        atNoLine()
        try clear(bound)
        emit(.reraise, 1)
      } else {
        let cleanupBody = newBlock()
        emit(.popTop)
        use(cleanupBody)
        try push(.handlerCleanup, cleanupBody)
        try statements(handler.body)
        pop()
        atNoLine()
        emit(.popBlock)
        emit(.popExcept)
        emit(.jump, to: end)
      }
      use(except)
    }
    pop()
    emit(.reraise, 0)
    use(cleanup)
    popExceptAndReraise()
    use(end)
  }

  /// Each handler takes its part of the exception group; what handlers raise is collected in a list below the rest of the group, and
  /// at the end both are merged and raised again.
  private func tryStar(_ t: Ref<TryBlock>) throws(Abort) {
    let body = newBlock()
    var except = newBlock()
    let orelse = newBlock()
    let end = newBlock()
    let cleanup = newBlock()
    let reraiseStar = newBlock()
    emit(.setupFinally, to: except)
    use(body)
    try push(.tryExcept, body)
    try statements(t.pointee.body)
    pop()
    emitWithoutLine(.popBlock)
    emitWithoutLine(.jump, to: orelse)
    use(except)
    atNoLine()
    emit(.setupCleanup, to: cleanup)
    emit(.pushExcInfo)
    try push(.exceptionGroupHandler)
    let handlers = t.pointee.handlers
    for index in 0..<handlers.count {
      let handler = handlers[index]
      at(handler.span)
      except = newBlock()
      let match = newBlock()
      if index == 0 {
        emit(.copy, 1)
        emit(.buildList, 0)
        emit(.swap, 2)
      }
      if let type = handler.type {
        try expression(type)
        emit(.checkEgMatch)
        emit(.copy, 1)
        emit(.popJumpIfNotNone, to: match)
        emit(.popTop)
        emit(.jump, to: except)
      }
      use(match)
      let cleanupEnd = newBlock()
      let cleanupBody = newBlock()
      if let bound = handler.name { try handlerName(bound, .Store) } else { emit(.popTop) }
      emit(.setupCleanup, to: cleanupEnd)
      use(cleanupBody)
      try push(.handlerCleanup, cleanupBody, exit: -1, handler.name.map { .name($0) } ?? .none)
      try statements(handler.body)
      pop()
      atNoLine()
      emit(.popBlock)
      if let bound = handler.name { try clear(bound) }
      emit(.jump, to: except)
      use(cleanupEnd)
      atNoLine()
      if let bound = handler.name { try clear(bound) }
      emit(.listAppend, 3)
      emit(.popTop)
      emit(.jump, to: except)
      use(except)
      if index == handlers.count - 1 {
        emit(.listAppend, 1)
        emit(.jump, to: reraiseStar)
      }
    }
    pop()
    let reraise = newBlock()
    use(reraiseStar)
    atNoLine()
    emit(.prepReraiseStar)
    emit(.copy, 1)
    emit(.popJumpIfNotNone, to: reraise)
    emit(.popTop)
    emit(.popBlock)
    emit(.popExcept)
    emit(.jump, to: end)
    use(reraise)
    emit(.popBlock)
    emit(.swap, 2)
    emit(.popExcept)
    emit(.reraise, 0)
    use(cleanup)
    popExceptAndReraise()
    use(orelse)
    try statements(t.pointee.orelse)
    use(end)
  }

  // MARK: with

  func with(_ s: Ref<Stmt>, _ items: ArenaList<WithItem>, _ statements: ArenaList<Ref<Stmt>>, _ position: Int) throws(Abort) {
    guard position < items.count else { return }
    let block = newBlock()
    let final = newBlock()
    let exit = newBlock()
    let cleanup = newBlock()
    try expression(items[position].context_expr)
    emit(.beforeWith)
    emit(.setupWith, to: final)
    use(block)
    try push(.with, block, exit: final, .place(s.span))
    if let target = items[position].optional_vars { try expression(target) } else { emit(.popTop) }
    if position + 1 == items.count {
      try self.statements(statements)
    } else {
      try with(s, items, statements, position + 1)
    }
    atNoLine()
    emit(.popBlock)
    pop()
    at(s.span)
    callExitWithNones()
    emit(.popTop)
    emit(.jump, to: exit)
    use(final)
    emit(.setupCleanup, to: cleanup)
    emit(.pushExcInfo)
    emit(.withExceptStart)
    finishWithHandler(cleanup)
    use(exit)
  }

  func asyncWith(_ s: Ref<Stmt>, _ items: ArenaList<WithItem>, _ statements: ArenaList<Ref<Stmt>>, _ position: Int) throws(Abort) {
    guard position < items.count else { return }
    if isTopLevelAwait {
      table.scopes[unit.scope].isCoroutine = true
    } else if unit.kind != .asyncFunction {
      throw fail("'async with' outside async function")
    }
    let block = newBlock()
    let final = newBlock()
    let exit = newBlock()
    let cleanup = newBlock()
    try expression(items[position].context_expr)
    emit(.beforeAsyncWith)
    emit(.getAwaitable, 1)
    load(.none)
    yieldFrom(awaiting: true)
    emit(.setupWith, to: final)
    use(block)
    try push(.asyncWith, block, exit: final, .place(s.span))
    if let target = items[position].optional_vars { try expression(target) } else { emit(.popTop) }
    if position + 1 == items.count {
      try self.statements(statements)
    } else {
      try asyncWith(s, items, statements, position + 1)
    }
    pop()
    emit(.popBlock)
    at(s.span)
    callExitWithNones()
    emit(.getAwaitable, 2)
    load(.none)
    yieldFrom(awaiting: true)
    emit(.popTop)
    emit(.jump, to: exit)
    use(final)
    emit(.setupCleanup, to: cleanup)
    emit(.pushExcInfo)
    emit(.withExceptStart)
    emit(.getAwaitable, 2)
    load(.none)
    yieldFrom(awaiting: true)
    finishWithHandler(cleanup)
    use(exit)
  }

  /// After `__exit__` was called with an exception: its result says whether to swallow it.
  private func finishWithHandler(_ cleanup: BlockID) {
    let suppress = newBlock()
    atNoLine()
    emit(.popJumpIfTrue, to: suppress)
    emit(.reraise, 2)
    use(cleanup)
    popExceptAndReraise()
    use(suppress)
    emit(.popTop)
    emit(.popBlock)
    emit(.popExcept)
    emit(.popTop)
    emit(.popTop)
  }
}
