/// What tasks do: they run a coroutine, one step each time the loop calls them, and wait for the futures that it yields.
enum Tasks {
  @inline(__always) static func layout(_ v: Value) -> TaskRef { v.as(TaskLayout.self) }

  static func initialize(
    _ vm: VM, _ v: Value, _ coroutine: Value, loop: Value, name: Value, context: Value
  ) throws(Raised) {
    let t = layout(v)
    try Futures.initialize(vm, v.as(FutureLayout.self), loop)
    t.pointee.waiter = .null
    t.pointee.mustCancel = false
    t.pointee.cancelRequests = 0
    if !coroutine.isExact(rt.types.coroutine),
      try !vm.isTrue(try vm.call(try Asyncio.take(vm, "asyncio.coroutines", "iscoroutine"), coroutine))
    {
      t.pointee.logsDestruction = false
      throw vm.raise(.typeError, "a coroutine was expected, got \(try vm.repr(coroutine).swiftString)")
    }
    t.pointee.context = context.isNull || context.isNone ? try ContextvarsModule.copyCurrent(vm) : context
    t.pointee.logsDestruction = true
    t.pointee.coroutine = coroutine
    if name.isNull || name.isNone {
      Asyncio.lastTaskNumber &+= 1
      t.pointee.name = Value(smallInt: Asyncio.lastTaskNumber)
    } else {
      t.pointee.name = name.isExactStr ? name : try vm.str(of: name)
    }
    Futures.track(vm, v.as(FutureLayout.self))
    try stepSoon(vm, v, .null)
    t.pointee.isRegistered = true
  }

  static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let t = layout(v)
    if t.pointee.name.isSmallInt { t.pointee.name = try vm.str("Task-\(t.pointee.name.smallInt)") }
    return FutureType.orNone(t.pointee.name)
  }

  // MARK: the tables of running tasks

  static func enter(_ vm: VM, _ loop: Value, _ task: Value) throws(Raised) {
    let hash = try vm.hash(loop)
    let current = try Dicts.get(vm, Asyncio.currentTasks, loop, hash: hash)
    if !current.isNull {
      throw vm.raise(
        .runtimeError,
        "Cannot enter into task \(try vm.repr(task).swiftString) while another task \(try vm.repr(current).swiftString) is being executed.")
    }
    try Dicts.set(vm, Asyncio.currentTasks, loop, task, hash: hash)
  }

  static func leave(_ vm: VM, _ loop: Value, _ task: Value) throws(Raised) {
    let hash = try vm.hash(loop)
    let current = try Dicts.get(vm, Asyncio.currentTasks, loop, hash: hash)
    if current != task {
      throw vm.raise(
        .runtimeError,
        "Leaving task \(try vm.repr(task).swiftString) does not match the current task "
          + "\(try vm.repr(FutureType.orNone(current)).swiftString).")
    }
    _ = try Dicts.pop(vm, Asyncio.currentTasks, loop, hash: hash)
  }

  // MARK: steps

  /// Has the loop call the next step, which raises `exception` in the coroutine if it is not null.
  static func stepSoon(_ vm: VM, _ v: Value, _ exception: Value) throws(Raised) {
    let step = try vm.make(AsyncioPairLayout.self, Asyncio.stepType.asType)
    step.pointee.first = v
    step.pointee.second = exception
    let t = layout(v)
    try Futures.callSoon(vm, t.pointee.future.loop, Value(step), .null, t.pointee.context)
  }

  /// A future that the task waited for has ended.
  static func wakeUp(_ vm: VM, _ v: Value, _ future: Value) throws(Raised) {
    let exception: Value
    do throws(Raised) {
      if Asyncio.isFuture(future) {
        let f = future.as(FutureLayout.self)
        let outcome = try Futures.outcome(vm, f)
        exception = f.pointee.hasFailed ? outcome : .null
      } else {
        _ = try vm.callMethod(future, "result")
        exception = .null
      }
    } catch {
      return try step(vm, v, vm.takePending())
    }
    try step(vm, v, exception)
  }

  static func step(_ vm: VM, _ v: Value, _ exception: Value) throws(Raised) {
    let loop = layout(v).pointee.future.loop
    if loop.isNull { throw vm.raise(.runtimeError, "uninitialized Task object") }
    try enter(vm, loop, v)
    do throws(Raised) { try run(vm, v, exception) } catch {
      let raised = vm.takePending()
      do throws(Raised) { try leave(vm, loop, v) } catch {
        let second = vm.thread.pointee.pending
        if second.isExceptionInstance, second != raised { second.as(ExceptionLayout.self).pointee.context = raised }
        throw error
      }
      throw vm.reraise(raised)
    }
    try leave(vm, loop, v)
  }

  private static func run(_ vm: VM, _ v: Value, _ given: Value) throws(Raised) {
    let t = layout(v)
    var exception = given
    if t.pointee.future.state != .pending {
      let text = try vm.repr(FutureType.orNone(exception)).swiftString
      throw Asyncio.invalidState(vm, "_step(): already done: \(try vm.repr(v).swiftString) \(text)")
    }
    if t.pointee.mustCancel {
      let cancelled = try Asyncio.cancelledError(vm).asType
      if exception.isNull || !exception.type.isSubtype(of: cancelled) {
        exception = try Futures.makeCancelledError(vm, v.as(FutureLayout.self))
      }
      t.pointee.mustCancel = false
    }
    t.pointee.waiter = .null
    let coroutine = t.pointee.coroutine
    if coroutine.isNull { throw vm.raise(.runtimeError, "uninitialized Task object") }
    let yielded: Value
    do throws(Raised) {
      yielded = exception.isNull ? try send(vm, coroutine) : try raise(vm, coroutine, exception)
    } catch {
      return try fail(vm, v)
    }
    if yielded != .exhausted { return try wait(vm, v, yielded) }
    let result = GeneratorType.takeReturn(vm)
    if t.pointee.mustCancel {
      // Cancelled right before the coroutine ended.
      t.pointee.mustCancel = false
      _ = try Futures.cancel(vm, v, t.pointee.future.cancelMessage)
    } else {
      try Futures.setResult(vm, v, result)
    }
  }

  /// - Returns: what the coroutine yields, or `.exhausted`, and then what it returned is in `generatorReturn`.
  private static func send(_ vm: VM, _ coroutine: Value) throws(Raised) -> Value {
    if coroutine.isExact(rt.types.coroutine) { return try Generators.resume(vm, coroutine.as(GeneratorLayout.self), .none) }
    if coroutine.type.pointee.slots.next != nil { return try Generators.send(vm, coroutine, .none) }
    do throws(Raised) { return try vm.callMethod(coroutine, rt.names.send, .none) } catch {
      return try Generators.stopIterationValue(vm, error)
    }
  }

  private static func raise(_ vm: VM, _ coroutine: Value, _ exception: Value) throws(Raised) -> Value {
    if Generators.isDelegate(coroutine) {
      return try Generators.throwIn(vm, coroutine.as(GeneratorLayout.self), exception, closeOnExit: true)
    }
    do throws(Raised) { return try vm.callMethod(coroutine, rt.names.throw, exception) } catch {
      return try Generators.stopIterationValue(vm, error)
    }
  }

  /// The pending exception has left the coroutine.
  private static func fail(_ vm: VM, _ v: Value) throws(Raised) {
    let exception = vm.takePending()
    if exception.type.isSubtype(of: try Asyncio.cancelledError(vm).asType) {
      v.as(FutureLayout.self).pointee.cancelledError = exception
      _ = try Futures.cancel(vm, v, .null)
      return
    }
    try Futures.setException(vm, v, exception)
    if exception.isInstance(of: rt.pointee.types[.keyboardInterrupt]) || exception.isInstance(of: rt.pointee.types[.systemExit]) {
      throw vm.reraise(exception)
    }
  }

  /// The coroutine has yielded `yielded`: a future to wait for, or None to let others run.
  private static func wait(_ vm: VM, _ v: Value, _ yielded: Value) throws(Raised) {
    let t = layout(v)
    if yielded == v { return try failSoon(vm, v, "Task cannot await on itself: \(try vm.repr(v).swiftString)") }
    if Asyncio.isFuture(yielded) {
      let f = yielded.as(FutureLayout.self)
      if f.pointee.loop != t.pointee.future.loop { return try otherLoop(vm, v, yielded) }
      if !f.pointee.isBlocking { return try wrongYield(vm, v, yielded) }
      f.pointee.isBlocking = false
      try Futures.addCallback(vm, yielded, try wakeup(vm, v), t.pointee.context)
      return try waitsNow(vm, v, yielded)
    }
    if yielded.isNone { return try stepSoon(vm, v, .null) }
    let blocking = try vm.getAttributeOrNull(yielded, Asyncio.blocking)
    if !blocking.isNull, !blocking.isNone {
      let isBlocking = try vm.isTrue(blocking)
      if try loop(vm, yielded) != t.pointee.future.loop { return try otherLoop(vm, v, yielded) }
      if !isBlocking { return try wrongYield(vm, v, yielded) }
      try vm.setAttribute(yielded, Asyncio.blocking, .false)
      let method = try vm.getAttribute(yielded, Asyncio.addDoneCallback)
      var values = (try wakeup(vm, v), t.pointee.context)
      _ = try withValues(&values) { p throws(Raised) in
        try vm.call(method, Args(p, count: 1, keywords: Asyncio.contextKeyword))
      }
      return try waitsNow(vm, v, yielded)
    }
    let texts = (try vm.repr(v).swiftString, try vm.repr(yielded).swiftString)
    if yielded.isExact(rt.pointee.types.generator) {
      return try failSoon(vm, v, "yield was used instead of yield from for generator in task \(texts.0) with \(texts.1)")
    }
    try failSoon(vm, v, "Task got bad yield: \(texts.1)")
  }

  private static func waitsNow(_ vm: VM, _ v: Value, _ future: Value) throws(Raised) {
    let t = layout(v)
    t.pointee.waiter = future
    if t.pointee.mustCancel, try Futures.cancelAny(vm, future, t.pointee.future.cancelMessage) { t.pointee.mustCancel = false }
  }

  /// The loop of any future: `get_loop()`, or `_loop` where there is no such method.
  private static func loop(_ vm: VM, _ future: Value) throws(Raised) -> Value {
    if Asyncio.isFuture(future) { return future.as(FutureLayout.self).pointee.loop }
    let method = try vm.getAttributeOrNull(future, "get_loop")
    return method.isNull ? try vm.getAttribute(future, "_loop") : try vm.call(method)
  }

  private static func wakeup(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let t = layout(v)
    if t.pointee.wakeup.isNull {
      let f = try NativeFunctions.make(
        vm, rt.pointee.types.builtinFunction, "task_wakeup", nil, nil, wakeupCode.code, .one, [])
      f.pointee.receiver = v
      t.pointee.wakeup = Value(f)
    }
    return t.pointee.wakeup
  }
  private static let wakeupCode = OneCode { (vm, v, future) throws(Raised) in
    try wakeUp(vm, v, future)
    return .none
  }

  private static func otherLoop(_ vm: VM, _ v: Value, _ future: Value) throws(Raised) {
    try failSoon(
      vm, v, "Task \(try vm.repr(v).swiftString) got Future \(try vm.repr(future).swiftString) attached to a different loop")
  }
  private static func wrongYield(_ vm: VM, _ v: Value, _ future: Value) throws(Raised) {
    try failSoon(
      vm, v,
      "yield was used instead of yield from in task \(try vm.repr(v).swiftString) with \(try vm.repr(future).swiftString)")
  }
  /// The next step raises RuntimeError(message) in the coroutine.
  private static func failSoon(_ vm: VM, _ v: Value, _ message: String) throws(Raised) {
    try stepSoon(vm, v, try Exceptions.make(vm, .runtimeError, message))
  }

  // MARK: cancelling and dying

  static func cancel(_ vm: VM, _ v: Value, _ message: Value) throws(Raised) -> Bool {
    let t = layout(v)
    t.pointee.future.logsTraceback = false
    if t.pointee.future.state != .pending { return false }
    t.pointee.cancelRequests &+= 1
    // A task that waits stays with its future: that may be a task that ignores this request and has to be asked again.
    if !t.pointee.waiter.isNull, try Futures.cancelAny(vm, t.pointee.waiter, message) { return true }
    t.pointee.mustCancel = true
    t.pointee.future.cancelMessage = message
    return true
  }

  static func finalize(_ vm: VM, _ v: Value) {
    let t = layout(v)
    if t.pointee.future.state == .pending, t.pointee.logsDestruction {
      Futures.report(vm, v, "task", "Task was destroyed but it is pending!", .null)
    }
    Futures.finalize(vm, v)
  }
}
