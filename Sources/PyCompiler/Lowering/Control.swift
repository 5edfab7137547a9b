import PyBytecode
import PySyntax

/// Loops, and leaving them: `return`, `break` and `continue` unwind the frames between them and where they go.
extension Compiler {
  func forLoop(_ loop: Ref<ForLoop>) throws(Abort) {
    let start = newBlock()
    let body = newBlock()
    let cleanup = newBlock()
    let end = newBlock()
    try push(.forLoop, start, exit: end)
    try expression(loop.pointee.iter)
    emit(.getIter)
    use(start)
    emit(.forIter, to: cleanup)
    use(body)
    try expression(loop.pointee.target)
    try statements(loop.pointee.body)
    atNoLine()
    emit(.jump, to: start)
    use(cleanup)
    pop()
    try statements(loop.pointee.orelse)
    use(end)
  }

  func asyncForLoop(_ loop: Ref<ForLoop>) throws(Abort) {
    if isTopLevelAwait {
      table.scopes[unit.scope].isCoroutine = true
    } else if unit.kind != .asyncFunction {
      throw fail("'async for' outside async function")
    }
    let start = newBlock()
    let except = newBlock()
    let end = newBlock()
    try expression(loop.pointee.iter)
    emit(.getAiter)
    use(start)
    try push(.forLoop, start, exit: end)
    emit(.setupFinally, to: except)
    emit(.getAnext)
    load(.none)
    yieldFrom(awaiting: true)
    emit(.popBlock)
    try expression(loop.pointee.target)
    try statements(loop.pointee.body)
    atNoLine()
    emit(.jump, to: start)
    pop()
    use(except)
    // The end of the iteration belongs to the iterator, not to the last statement of the body.
    at(loop.pointee.iter.span)
    emit(.endAsyncFor)
    try statements(loop.pointee.orelse)
    use(end)
  }

  func whileLoop(
    _ s: Ref<Stmt>, _ test: Ref<Expr>, _ statements: ArenaList<Ref<Stmt>>, _ orelse: ArenaList<Ref<Stmt>>
  ) throws(Abort) {
    let loop = newBlock()
    let body = newBlock()
    let anchor = newBlock()
    let end = newBlock()
    use(loop)
    try push(.whileLoop, loop, exit: end)
    try jump(on: test, to: anchor, when: false)
    use(body)
    try self.statements(statements)
    at(s.span)
    try jump(on: test, to: body, when: true)
    pop()
    use(anchor)
    try self.statements(orelse)
    use(end)
  }

  func returnStatement(_ s: Ref<Stmt>, _ value: Ref<Expr>?) throws(Abort) {
    var constant: Constant?
    if let value, case .Constant(let known, _) = value.pointee.node { constant = known }
    let keepsValue = value != nil && constant == nil
    if unit.scopeKind != .function { throw fail("'return' outside function") }
    if value != nil && table.scopes[unit.scope].isCoroutine && table.scopes[unit.scope].isGenerator {
      throw fail("'return' with value in async generator")
    }
    if let value {
      if keepsValue {
        try expression(value)
      } else {
        at(value.span)
        emit(.nop)
      }
    }
    if value == nil || value?.span.lineno != s.span.lineno {
      at(s.span)
      emit(.nop)
    }
    try unwindAll(keepsValue)
    if value == nil {
      load(.none)
    } else if let constant {
      load(constant)
    }
    emit(.returnValue)
  }

  func breakStatement() throws(Abort) {
    emit(.nop)
    let place = unit.location
    guard let loop = try unwindToLoop() else {
      unit.location = place
      throw fail("'break' outside loop")
    }
    try unwind(loop, keepsValue: false)
    emit(.jump, to: loop.exit)
  }

  func continueStatement() throws(Abort) {
    emit(.nop)
    let place = unit.location
    guard let loop = try unwindToLoop() else {
      unit.location = place
      throw fail("'continue' not properly in loop")
    }
    emit(.jump, to: loop.block)
  }

  /// Leaves all frames: for `return`.
  private func unwindAll(_ keepsValue: Bool) throws(Abort) {
    guard !unit.frames.isEmpty else { return }
    let top = unit.frames[unit.frames.count - 1]
    try rejectInExceptStar(top)
    pop()
    try unwind(top, keepsValue: keepsValue)
    try unwindAll(keepsValue)
    unit.frames.append(top)
  }

  /// Leaves the frames inside the innermost loop and returns that.
  private func unwindToLoop() throws(Abort) -> Frame? {
    guard !unit.frames.isEmpty else { return nil }
    let top = unit.frames[unit.frames.count - 1]
    try rejectInExceptStar(top)
    if top.kind == .whileLoop || top.kind == .forLoop { return top }
    pop()
    try unwind(top, keepsValue: false)
    let loop = try unwindToLoop()
    unit.frames.append(top)
    return loop
  }

  private func rejectInExceptStar(_ frame: Frame) throws(Abort) {
    if frame.kind == .exceptionGroupHandler { throw fail("'break', 'continue' and 'return' cannot appear in an except* block") }
  }

  /// Emits what undoes one frame. With `keepsValue` the top of the stack is a value to be returned and stays there.
  private func unwind(_ frame: Frame, keepsValue: Bool) throws(Abort) {
    switch frame.kind {
    case .whileLoop, .exceptionHandler, .exceptionGroupHandler, .asyncComprehension: break
    case .forLoop, .popValue:
      if keepsValue { emit(.swap, 2) }
      emit(.popTop)
    case .tryExcept: emit(.popBlock)
    case .finallyTry:
      emit(.popBlock)
      if keepsValue { try push(.popValue) }
      if case .body(let body) = frame.datum { try statements(body) }
      if keepsValue { pop() }
      // The statement that unwinds seems to run before the finally block: what follows has no line.
      atNoLine()
    case .finallyEnd:
      if keepsValue { emit(.swap, 2) }
      emit(.popTop)
      if keepsValue { emit(.swap, 2) }
      emit(.popBlock)
      emit(.popExcept)
    case .with, .asyncWith:
      if case .place(let span) = frame.datum { at(span) }
      emit(.popBlock)
      if keepsValue { emit(.swap, 2) }
      callExitWithNones()
      if frame.kind == .asyncWith {
        emit(.getAwaitable, 2)
        load(.none)
        yieldFrom(awaiting: true)
      }
      emit(.popTop)
      atNoLine()
    case .handlerCleanup:
      var bound: Name?
      if case .name(let name) = frame.datum { bound = name }
      if bound != nil { emit(.popBlock) }
      if keepsValue { emit(.swap, 2) }
      emit(.popBlock)
      emit(.popExcept)
      if let bound { try clear(bound) }
    }
  }

  /// The end of an `except ... as name` block: `name = None; del name`.
  func clear(_ bound: Name) throws(Abort) {
    load(.none)
    try raiseOverlooked()
    try handlerName(bound, .Store)
    try handlerName(bound, .Del)
  }

  /// Stores or deletes the name of an exception handler. CPython overlooks that this may fail (the name is `__debug__`) until it next
  /// meets a new constant or name.
  func handlerName(_ bound: Name, _ context: ExprContext) throws(Abort) {
    if bound == known.debug {
      _ = fail(context == .Store ? "cannot assign to __debug__" : "cannot delete __debug__")
      overlooked = (ObjectIdentifier(unit), unit.names.entries.count + unit.constants.count)
    } else {
      try name(bound, context)
    }
  }

  func raiseOverlooked() throws(Abort) {
    guard let known = overlooked else { return }
    if known != (ObjectIdentifier(unit), unit.names.entries.count + unit.constants.count) { throw Abort() }
  }

  func callExitWithNones() {
    load(.none)
    load(.none)
    load(.none)
    emit(.precall, 2)
    emit(.call, 2)
  }

  /// Delegates to the iterator on the stack until it is exhausted; its value stays on the stack.
  func yieldFrom(awaiting: Bool) {
    let start = newBlock()
    let resume = newBlock()
    let exit = newBlock()
    use(start)
    emit(.send, to: exit)
    use(resume)
    emit(.yieldValue)
    emit(.resume, awaiting ? 3 : 2)
    emit(.jumpNoInterrupt, to: start)
    use(exit)
  }
}
