/// `async_generator`, the awaitables of its methods, and the wrapper that tells its yields from those of what it awaits.
enum AsyncGeneratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
    t.slots.repr = NoArgsCode(GeneratorType.repr)
    t.slots.finalize = VisitCode(GeneratorType.finalize)
    t.slots.asyncIter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.asyncNext = NoArgsCode(anext)
    t.method("asend", "($self, value, /)", "Awaitable that resumes the generator with value.", asend)
    t.method("athrow", nil, "Awaitable that raises an exception where the generator is suspended.", athrow)
    t.method("aclose", "($self, /)", "Awaitable that closes the generator.", aclose)
    t.classMethod("__class_getitem__", "($type, item, /)", "Generic alias.") { vm, cls, item throws(Raised) in
      try vm.call(Value(rt.types.genericAlias), cls, item)
    }
    t.member("ag_code", nil, offset: MemoryLayout<GeneratorLayout>.offset(of: \.code))
    GeneratorType.declareNames(&t)
    t.getset("ag_await", "What the generator awaits, or None.", GeneratorType.delegate)
    t.getset("ag_running", nil) { _, v throws(Raised) in .bool(GeneratorType.layout(v).pointee.runningAsync) }
    t.getset("ag_frame", nil, GeneratorType.frame)
  }

  /// The first use tells the event loop's hooks.
  private static func callHooks(_ vm: VM, _ v: Value) throws(Raised) {
    let g = GeneratorType.layout(v)
    if g.pointee.hooksCalled { return }
    g.pointee.hooksCalled = true
    g.pointee.finalizer = vm.thread.pointee.asyncGenFinalizer
    let first = vm.thread.pointee.asyncGenFirstIter
    if !first.isNull { _ = try vm.call(first, v) }
  }

  private static func awaitable(_ vm: VM, _ type: TypeRef, _ v: Value, _ argument: Value) throws(Raised) -> Value {
    try callHooks(vm, v)
    let w = try vm.make(AwaitWrapperLayout.self, type)
    w.pointee.target = v
    w.pointee.argument = argument
    return Value(w)
  }
  private static func anext(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try awaitable(vm, rt.types.asyncGenASend, v, .null)
  }
  private static func asend(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    try awaitable(vm, rt.types.asyncGenASend, v, value)
  }
  private static func athrow(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try awaitable(vm, rt.types.asyncGenAThrow, v, try vm.tuple(copying: args.base, count: args.count))
  }
  private static func aclose(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try awaitable(vm, rt.types.asyncGenAThrow, v, .null)
  }

  // MARK: steps shared by the awaitables

  static func isWrapped(_ v: Value) -> Bool { v.isExact(rt.types.asyncGenWrappedValue) }

  /// The outcome of a step: a yield of the generator itself ends the await with a StopIteration.
  static func unwrap(_ vm: VM, _ g: GeneratorRef, _ step: () throws(Raised) -> Value) throws(Raised) -> Value {
    let result: Value
    do throws(Raised) {
      result = try step()
      if result == .exhausted { throw vm.raise(.stopAsyncIteration) }
    } catch {
      if vm.pendingIs(.stopAsyncIteration) || vm.pendingIs(.generatorExit) { g.pointee.closed = true }
      g.pointee.runningAsync = false
      throw error
    }
    if isWrapped(result) {
      g.pointee.runningAsync = false
      throw vm.raise(.stopIteration, value: result.as(AwaitWrapperLayout.self).pointee.target)
    }
    return result
  }
}

/// `AwaitWrapperLayout.state`. `ended`: the generator has returned, and who awaits has still to be told.
enum AwaitState {
  static let initial = 0, iterating = 1, closed = 2, ended = 3
}

/// `async_generator_asend`: awaitable of `__anext__()` and `asend(value)`.
enum AsyncGenASendType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.await = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in try send(vm, v, .none) }
    t.method("send", "($self, value, /)", "Resume the await.", send)
    t.method("throw", nil, "Raise an exception inside the await.", throwMethod)
    t.method("close", "($self, /)", "End the await.") { _, v throws(Raised) in
      v.as(AwaitWrapperLayout.self).pointee.state = AwaitState.closed
      return .none
    }
  }

  private static func send(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let item = try step(vm, v, value)
    if item == .exhausted { throw vm.raise(.stopIteration, value: GeneratorType.takeReturn(vm)) }
    return item
  }

  /// One resumption of the generator.
  /// - Returns: what it awaits, or `.exhausted` when it has yielded, and then the item is in `generatorReturn`. Its end raises
  ///   StopAsyncIteration.
  static func step(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let w = v.as(AwaitWrapperLayout.self)
    let g = w.pointee.target.as(GeneratorLayout.self)
    if w.pointee.state == AwaitState.closed {
      throw vm.raise(.runtimeError, "cannot reuse already awaited __anext__()/asend()")
    }
    if w.pointee.state == AwaitState.ended {
      w.pointee.state = AwaitState.closed
      g.pointee.runningAsync = false
      g.pointee.closed = true
      throw vm.raise(.stopAsyncIteration)
    }
    var sent = value
    if w.pointee.state == AwaitState.initial {
      if g.pointee.runningAsync {
        w.pointee.state = AwaitState.closed
        throw vm.raise(.runtimeError, "anext(): asynchronous generator is already running")
      }
      if sent.isNone && !w.pointee.argument.isNull { sent = w.pointee.argument }
      w.pointee.state = AwaitState.iterating
    }
    g.pointee.runningAsync = true
    let result: Value
    do throws(Raised) {
      result = try Generators.resume(vm, g, sent)
      if result == .exhausted { throw vm.raise(.stopAsyncIteration) }
    } catch {
      if vm.pendingIs(.stopAsyncIteration) || vm.pendingIs(.generatorExit) { g.pointee.closed = true }
      g.pointee.runningAsync = false
      w.pointee.state = AwaitState.closed
      throw error
    }
    guard AsyncGeneratorType.isWrapped(result) else { return result }
    g.pointee.runningAsync = false
    w.pointee.state = AwaitState.closed
    vm.thread.pointee.generatorReturn = result.as(AwaitWrapperLayout.self).pointee.target
    return .exhausted
  }

  private static func throwMethod(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let w = v.as(AwaitWrapperLayout.self)
    let g = w.pointee.target.as(GeneratorLayout.self)
    if w.pointee.state == AwaitState.closed {
      throw vm.raise(.runtimeError, "cannot reuse already awaited __anext__()/asend()")
    }
    let exception = try ThrowArguments.exception(vm, args)
    do throws(Raised) {
      return try AsyncGeneratorType.unwrap(vm, g) { () throws(Raised) in
        try Generators.throwIn(vm, g, exception, closeOnExit: true)
      }
    } catch {
      w.pointee.state = AwaitState.closed
      throw error
    }
  }
}

/// `async_generator_athrow`: awaitable of `athrow(...)` (argument: the tuple of arguments) and `aclose()` (argument: null).
enum AsyncGenAThrowType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.await = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in try send(vm, v, .none) }
    t.method("send", "($self, value, /)", "Resume the await.", send)
    t.method("throw", nil, "Raise an exception inside the await.", throwMethod)
    t.method("close", "($self, /)", "End the await.") { _, v throws(Raised) in
      v.as(AwaitWrapperLayout.self).pointee.state = AwaitState.closed
      return .none
    }
  }

  private static func send(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let w = v.as(AwaitWrapperLayout.self)
    let g = w.pointee.target.as(GeneratorLayout.self)
    let isClose = w.pointee.argument.isNull
    if w.pointee.state == AwaitState.closed {
      throw vm.raise(.runtimeError, "cannot reuse already awaited aclose()/athrow()")
    }
    if g.pointee.state == .finished {
      w.pointee.state = AwaitState.closed
      throw vm.raise(.stopIteration)
    }
    if w.pointee.state == AwaitState.initial {
      if g.pointee.runningAsync {
        w.pointee.state = AwaitState.closed
        throw vm.raise(.runtimeError, "\(isClose ? "aclose" : "athrow")(): asynchronous generator is already running")
      }
      if g.pointee.closed {
        w.pointee.state = AwaitState.closed
        throw vm.raise(.stopAsyncIteration)
      }
      if !value.isNone { throw vm.raise(.runtimeError, "can't send non-None value to a just-started coroutine") }
      w.pointee.state = AwaitState.iterating
      g.pointee.runningAsync = true
      if isClose {
        g.pointee.closed = true
        let exit = try Exceptions.make(vm, rt.types[.generatorExit], Args(vm.thread.pointee.stackTop, count: 0))
        return try step(vm, w, g, isClose) { () throws(Raised) in try Generators.throwIn(vm, g, exit, closeOnExit: false) }
      }
      let t = w.pointee.argument.as(TupleLayout.self)
      let exception = try ThrowArguments.exception(vm, Args(t.items, count: t.pointee.count))
      return try step(vm, w, g, isClose) { () throws(Raised) in try Generators.throwIn(vm, g, exception, closeOnExit: false) }
    }
    return try step(vm, w, g, isClose) { () throws(Raised) in try Generators.resume(vm, g, value) }
  }

  /// One resumption of the generator; `aclose` turns its orderly end into a StopIteration and refuses yields.
  private static func step(
    _ vm: VM, _ w: UnsafeMutablePointer<AwaitWrapperLayout>, _ g: GeneratorRef, _ isClose: Bool, _ body: () throws(Raised) -> Value
  ) throws(Raised) -> Value {
    do throws(Raised) {
      if !isClose { return try AsyncGeneratorType.unwrap(vm, g, body) }
      let result = try body()
      if result == .exhausted { throw vm.raise(.stopAsyncIteration) }
      if !AsyncGeneratorType.isWrapped(result) { return result }
      throw vm.raise(.runtimeError, "async generator ignored GeneratorExit")
    } catch {
      g.pointee.runningAsync = false
      w.pointee.state = AwaitState.closed
      if isClose, vm.pendingIs(.stopAsyncIteration) || vm.pendingIs(.generatorExit) {
        vm.clearPending()
        throw vm.raise(.stopIteration)
      }
      throw error
    }
  }

  private static func throwMethod(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let w = v.as(AwaitWrapperLayout.self)
    let g = w.pointee.target.as(GeneratorLayout.self)
    if w.pointee.state == AwaitState.closed {
      throw vm.raise(.runtimeError, "cannot reuse already awaited aclose()/athrow()")
    }
    let exception = try ThrowArguments.exception(vm, args)
    return try step(vm, w, g, w.pointee.argument.isNull) { () throws(Raised) in
      try Generators.throwIn(vm, g, exception, closeOnExit: true)
    }
  }
}

enum AsyncGenWrappedValueType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AwaitWrapperLayout.traceCell)
  }
}
