/// `_asyncio.Future`, and what `Task` shares with it.
enum FutureType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("A result that is to come, for code that runs in an event loop: it is awaited, and tells its callbacks through the loop.")
    t.trace(FutureLayout.trace)
    t.slots.new = NewCode { (vm, type, _) throws(Raised) in
      Value(try Futures.allocate(FutureLayout.self, vm, type.asType))
    }
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.finalize = VisitCode(Futures.finalize)
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return try vm.call(try Asyncio.take(vm, "asyncio.base_futures", "_future_repr"), v)
    }
    declareShared(&t)
    t.method("set_result", "($self, result, /)", "Ends the future with a result. InvalidStateError if it has ended already.") {
      (vm, v, result: Value) throws(Raised) in
      try Futures.setResult(vm, v, result)
      return .none
    }
    t.method(
      "set_exception", "($self, exception, /)", "Ends the future with an exception. InvalidStateError if it has ended already."
    ) {
      (vm, v, exception: Value) throws(Raised) in
      try Futures.setException(vm, v, exception)
      return .none
    }
    t.method("cancel", "($self, /, msg=None)", "Cancels the future and schedules its callbacks. False if it has ended already.") {
      (vm, v, message: Value) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return .bool(try Futures.cancel(vm, v, message))
    }
    t.method("get_loop", "($self, /)", "The event loop that the future belongs to.") { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return layout(v).pointee.loop
    }
  }

  /// Methods and attributes that both types have in their own dictionaries.
  static func declareShared(_ t: inout TypeBuilder) {
    t.slots.iter = NoArgsCode(FutureIterator.make)
    t.slots.await = NoArgsCode(FutureIterator.make)
    t.method("result", "($self, /)", "The result; raises what the future has failed with, CancelledError, or InvalidStateError.") {
      (vm, v) throws(Raised) in
      try checkAskable(vm, v)
      return try Futures.result(vm, layout(v))
    }
    t.method("exception", "($self, /)", "The exception that was set, or None. Raises CancelledError or InvalidStateError.", exception)
    t.method(
      "add_done_callback", "($self, fn, /, *, context=<unrepresentable>)",
      "Adds a function that the loop calls with the future once it has ended, soon if it has already.", addDoneCallback)
    t.method("remove_done_callback", "($self, fn, /)", "Removes all occurrences of a callback. Returns how many there were.") {
      (vm, v, callback: Value) throws(Raised) in
      try vm.int(try Futures.removeCallback(vm, v, callback))
    }
    t.method("cancelled", "($self, /)", "Whether the future was cancelled.") { (_, v) throws(Raised) in
      .bool(layout(v).pointee.state == .cancelled)
    }
    t.method("done", "($self, /)", "Whether the future has ended, in whatever way.") { (_, v) throws(Raised) in
      .bool(layout(v).pointee.state != .pending)
    }
    t.method("_make_cancelled_error", "($self, /)", "The CancelledError to raise for a cancelled future.") { (vm, v) throws(Raised) in
      try Futures.makeCancelledError(vm, layout(v))
    }
    t.classMethod("__class_getitem__", nil, "See PEP 585", GenericAliasType.classGetItem)
    declareAttributes(&t)
  }

  private static func declareAttributes(_ t: inout TypeBuilder) {
    t.getset("_state", nil) { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      switch layout(v).pointee.state {
      case .pending: return try vm.intern("PENDING")
      case .cancelled: return try vm.intern("CANCELLED")
      case .finished: return try vm.intern("FINISHED")
      }
    }
    t.getset("_asyncio_future_blocking", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.isBlocking) }, setBlocking)
    t.getset("_loop", nil) { (_, v) throws(Raised) in orNone(layout(v).pointee.loop) }
    t.getset("_callbacks", nil) { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return try Futures.allCallbacks(vm, layout(v))
    }
    t.getset("_result", nil) { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return layout(v).pointee.hasFailed ? .none : orNone(layout(v).pointee.outcome)
    }
    t.getset("_exception", nil) { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, layout(v))
      return layout(v).pointee.hasFailed ? layout(v).pointee.outcome : .none
    }
    t.getset(
      "_log_traceback", nil,
      { (vm, v) throws(Raised) in
        try Futures.checkInitialized(vm, layout(v))
        return .bool(layout(v).pointee.logsTraceback)
      }, setLogTraceback)
    t.getset("_source_traceback", nil) { (_, v) throws(Raised) in orNone(layout(v).pointee.sourceTraceback) }
    t.getset("_cancel_message", nil, { (_, v) throws(Raised) in orNone(layout(v).pointee.cancelMessage) }, setCancelMessage)
  }

  @inline(__always) static func layout(_ v: Value) -> FutureRef { v.as(FutureLayout.self) }
  static func orNone(_ v: Value) -> Value { v.isNull ? .none : v }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.count == 0 && args.keywordCount == 1 && args.keywordName(0) == Asyncio.loop {
      return try Futures.initialize(vm, layout(v), args.keywordValue(0))
    }
    try vm.bind(args, "Future", "(*, loop=None)") { a throws(Raised) in try Futures.initialize(vm, layout(v), a[0]) }
  }

  /// As `Futures.checkInitialized`, for those who ask how the future has ended.
  private static func checkAskable(_ vm: VM, _ v: Value) throws(Raised) {
    if layout(v).pointee.loop.isNull { throw Asyncio.invalidState(vm, "Future object is not initialized.") }
  }

  private static func exception(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try checkAskable(vm, v)
    let f = layout(v)
    if f.pointee.state == .cancelled { throw vm.raise(try Futures.makeCancelledError(vm, f)) }
    if f.pointee.state != .finished { throw Asyncio.invalidState(vm, "Exception is not set.") }
    f.pointee.logsTraceback = false
    return f.pointee.hasFailed ? f.pointee.outcome : .none
  }

  private static func addDoneCallback(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let context = args[1].isNull ? try ContextvarsModule.copyCurrent(vm) : args[1]
    try Futures.addCallback(vm, v, args[0], context)
    return .none
  }

  private static func setBlocking(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    try Futures.checkInitialized(vm, layout(v))
    if value.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
    layout(v).pointee.isBlocking = try vm.isTrue(value)
  }
  private static func setLogTraceback(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
    if try vm.isTrue(value) { throw vm.raise(.valueError, "_log_traceback can only be set to False") }
    layout(v).pointee.logsTraceback = false
  }
  private static func setCancelMessage(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
    layout(v).pointee.cancelMessage = value
  }
}

/// `_asyncio.FutureIter`: what `await future` runs.
enum FutureIterator {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AsyncioPairLayout.trace)
    t.slots.iter = NoArgsCode { (_, v) throws(Raised) in v }
    t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
      let item = try step(vm, v)
      if item != .exhausted { return item }
      let value = GeneratorType.takeReturn(vm)
      if value.isNone { return .exhausted }
      throw GeneratorType.stopIteration(vm, value)
    }
    t.method("send", "($self, value, /)", nil) { (vm, v, _: Value) throws(Raised) in
      // Whatever is sent: a future's iterator takes nothing in.
      let item = try step(vm, v)
      if item != .exhausted { return item }
      throw GeneratorType.stopIteration(vm, GeneratorType.takeReturn(vm))
    }
    t.method("throw", nil, nil, throwMethod)
    t.method("close", "($self, /)", nil) { (_, v) throws(Raised) in
      v.as(AsyncioPairLayout.self).pointee.first = .null
      return .none
    }
  }

  static func make(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try Futures.checkInitialized(vm, v.as(FutureLayout.self))
    let it = try vm.make(AsyncioPairLayout.self, Asyncio.iteratorType.asType)
    it.pointee.first = v
    return Value(it)
  }

  /// - Returns: the future itself while it is pending; else `.exhausted`, and then its result is in `generatorReturn`.
  static func step(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = v.as(AsyncioPairLayout.self)
    let future = it.pointee.first
    if future.isNull {
      vm.thread.pointee.generatorReturn = .none
      return .exhausted
    }
    let f = future.as(FutureLayout.self)
    if f.pointee.state == .pending {
      if f.pointee.isBlocking { throw vm.raise(.runtimeError, "await wasn't used with future") }
      f.pointee.isBlocking = true
      return future
    }
    it.pointee.first = .null
    vm.thread.pointee.generatorReturn = try Futures.result(vm, f)
    return .exhausted
  }

  private static func throwMethod(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try ArgChecks.noKeywords(vm, "FutureIter.throw", args)
    try ArgChecks.positional(vm, "throw", args, 1, 3)
    let type = args[0], value = args[1], traceback = args[2]
    if !traceback.isNull, !traceback.isNone, !traceback.isExact(rt.pointee.types.traceback) {
      throw vm.raise(.typeError, "throw() third argument must be a traceback")
    }
    if type.isExceptionInstance {
      if !value.isNull, !value.isNone { throw vm.raise(.typeError, "instance exception may not have a separate value") }
    } else if !type.isExceptionClass {
      throw vm.raise(.typeError, "exceptions must be classes deriving BaseException or instances of such a class")
    }
    let exception = try ThrowArguments.exception(vm, args)
    v.as(AsyncioPairLayout.self).pointee.first = .null
    throw vm.reraise(exception)
  }
}
