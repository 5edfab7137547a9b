import Glibc

/// What futures do, for the methods of `Future` and `Task` and for tasks that wait for them.
enum Futures {
  @inline(__always) static func layout(_ v: Value) -> FutureRef { v.as(FutureLayout.self) }

  // MARK: making

  /// A zeroed instance. Only a class with a `__del__` of its own has its instances entered in the table of objects with finalizers at
  /// once: others are when there is something to tell.
  static func allocate<Layout>(_: Layout.Type, _ vm: VM, _ type: TypeRef) throws(Raised) -> UnsafeMutablePointer<Layout> {
    let bytes = type.pointee.totalInstanceSize
    guard let cell = rt.heapPointer.pointee.allocate(bytes) else { throw vm.raiseMemoryError() }
    memset(cell + 8, 0, bytes &- 8)
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(type)
    let offset = Int(type.pointee.attributesOffset)
    if offset > 0 { (cell + offset).assumingMemoryBound(to: AttributeStorage.self).pointee.shape = type.pointee.rootShape }
    if !hasOwnFinalizer(type) {
      vm.registerFinalizer(cell)
      cell.assumingMemoryBound(to: FutureLayout.self).pointee.isTracked = true
    }
    return cell.assumingMemoryBound(to: Layout.self)
  }

  /// The finalizer is the one declared here, no class's `__del__`.
  private static func hasOwnFinalizer(_ type: TypeRef) -> Bool {
    let finalize = type.pointee.slots.finalize
    return finalize == Asyncio.futureType.asType.pointee.slots.finalize || finalize == Asyncio.taskType.asType.pointee.slots.finalize
  }

  static func track(_ vm: VM, _ f: FutureRef) {
    if f.pointee.isTracked { return }
    f.pointee.isTracked = true
    vm.registerFinalizer(UnsafeMutableRawPointer(f))
  }

  /// For the collector: a future or task with nothing to tell when it dies, or no future at all (false).
  @inline(__always)
  static func isSettled(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = Value(cell.assumingMemoryBound(to: CellHeader.self).pointee.type)
    guard type == Asyncio.taskType || type == Asyncio.futureType else { return false }
    let f = cell.assumingMemoryBound(to: FutureLayout.self)
    return f.pointee.state != .pending && !f.pointee.logsTraceback
  }

  static func initialize(_ vm: VM, _ f: FutureRef, _ given: Value) throws(Raised) {
    f.pointee.callback = .null
    f.pointee.callbackContext = .null
    f.pointee.callbacks = .null
    f.pointee.outcome = .null
    f.pointee.traceback = .null
    f.pointee.sourceTraceback = .null
    f.pointee.cancelMessage = .null
    f.pointee.cancelledError = .null
    f.pointee.state = .pending
    f.pointee.hasFailed = false
    f.pointee.logsTraceback = false
    f.pointee.isBlocking = false
    let loop = given.isNull || given.isNone ? try RunningLoop.eventLoop(vm) : given
    f.pointee.loop = loop
    if try PlainLoop.isDebugging(vm, loop) {
      f.pointee.sourceTraceback = try vm.call(try Asyncio.take(vm, "traceback", "extract_stack"))
    }
  }

  static func checkInitialized(_ vm: VM, _ f: FutureRef) throws(Raised) {
    if f.pointee.loop.isNull { throw vm.raise(.runtimeError, "Future object is not initialized.") }
  }

  // MARK: ending

  static func setResult(_ vm: VM, _ v: Value, _ result: Value) throws(Raised) {
    let f = layout(v)
    try checkInitialized(vm, f)
    if f.pointee.state != .pending { throw Asyncio.invalidState(vm, "invalid state") }
    f.pointee.outcome = result
    f.pointee.state = .finished
    try scheduleCallbacks(vm, v)
  }

  static func setException(_ vm: VM, _ v: Value, _ given: Value) throws(Raised) {
    let f = layout(v)
    try checkInitialized(vm, f)
    if f.pointee.state != .pending { throw Asyncio.invalidState(vm, "invalid state") }
    var exception = given
    if given.isExceptionClass {
      exception = try vm.call(given)
      if f.pointee.state != .pending { throw Asyncio.invalidState(vm, "invalid state") }
    }
    guard exception.isExceptionInstance else { throw vm.raise(.typeError, "invalid exception object") }
    if exception.isExact(rt.pointee.types[.stopIteration]) {
      throw vm.raise(.typeError, "StopIteration interacts badly with generators and cannot be raised into a Future")
    }
    f.pointee.outcome = exception
    f.pointee.hasFailed = true
    f.pointee.traceback = exception.as(ExceptionLayout.self).pointee.traceback
    f.pointee.state = .finished
    f.pointee.logsTraceback = true
    track(vm, f)
    try scheduleCallbacks(vm, v)
  }

  /// False if the future has ended already.
  static func cancel(_ vm: VM, _ v: Value, _ message: Value) throws(Raised) -> Bool {
    let f = layout(v)
    f.pointee.logsTraceback = false
    if f.pointee.state != .pending { return false }
    f.pointee.state = .cancelled
    f.pointee.cancelMessage = message
    try scheduleCallbacks(vm, v)
    return true
  }

  private static func scheduleCallbacks(_ vm: VM, _ v: Value) throws(Raised) {
    let f = layout(v)
    let first = f.pointee.callback, context = f.pointee.callbackContext, others = f.pointee.callbacks
    if first.isNull && others.isNull { return }
    f.pointee.callback = .null
    f.pointee.callbackContext = .null
    f.pointee.callbacks = .null
    if !first.isNull { try callSoon(vm, f.pointee.loop, first, v, context) }
    if others.isNull { return }
    let list = others.as(ListLayout.self)
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      let pair = items[i].as(TupleLayout.self)
      try callSoon(vm, f.pointee.loop, pair.items[0], v, pair.items[1])
      i &+= 1
    }
  }

  // MARK: asking

  /// The exception to raise to who asks a cancelled future.
  static func makeCancelledError(_ vm: VM, _ f: FutureRef) throws(Raised) -> Value {
    let kept = f.pointee.cancelledError
    if !kept.isNull {
      f.pointee.cancelledError = .null
      return kept
    }
    let type = try Asyncio.cancelledError(vm)
    let message = f.pointee.cancelMessage
    return message.isNull || message.isNone ? try vm.call(type) : try vm.call(type, message)
  }

  /// The outcome of a future: a result, or the exception it has failed with (`hasFailed`), which the caller raises. Raises if it was
  /// cancelled or has not ended.
  static func outcome(_ vm: VM, _ f: FutureRef) throws(Raised) -> Value {
    if f.pointee.state == .cancelled { throw vm.raise(try makeCancelledError(vm, f)) }
    if f.pointee.state != .finished { throw Asyncio.invalidState(vm, "Result is not set.") }
    f.pointee.logsTraceback = false
    let outcome = f.pointee.outcome
    if f.pointee.hasFailed {
      outcome.as(ExceptionLayout.self).pointee.traceback = f.pointee.traceback
      f.pointee.traceback = .null
    }
    return outcome
  }

  static func result(_ vm: VM, _ f: FutureRef) throws(Raised) -> Value {
    let outcome = try outcome(vm, f)
    if f.pointee.hasFailed { throw vm.raise(outcome) }
    return outcome
  }

  // MARK: callbacks

  static func addCallback(_ vm: VM, _ v: Value, _ callback: Value, _ context: Value) throws(Raised) {
    let f = layout(v)
    try checkInitialized(vm, f)
    if f.pointee.state != .pending { return try callSoon(vm, f.pointee.loop, callback, v, context) }
    if f.pointee.callback.isNull && f.pointee.callbacks.isNull {
      f.pointee.callback = callback
      f.pointee.callbackContext = context
      return
    }
    if f.pointee.callbacks.isNull { f.pointee.callbacks = try vm.list() }
    try vm.append(f.pointee.callbacks, try vm.tuple(callback, context))
  }

  /// Takes out all that equal `callback`.
  /// - Returns: how many that were.
  static func removeCallback(_ vm: VM, _ v: Value, _ callback: Value) throws(Raised) -> Int {
    let f = layout(v)
    try checkInitialized(vm, f)
    var removed = 0
    // Comparing runs code that may change what is here.
    if !f.pointee.callback.isNull, try vm.equal(f.pointee.callback, callback) {
      f.pointee.callback = .null
      f.pointee.callbackContext = .null
      removed = 1
    }
    if f.pointee.callbacks.isNull { return removed }
    let kept = try vm.list()
    var i = 0
    var dropped = 0
    while !f.pointee.callbacks.isNull {
      let list = f.pointee.callbacks.as(ListLayout.self)
      guard i < list.pointee.count, let items = list.pointee.items else { break }
      let pair = items[i]
      if try vm.equal(pair.as(TupleLayout.self).items[0], callback) { dropped &+= 1 } else { try vm.append(kept, pair) }
      i &+= 1
    }
    if f.pointee.callbacks.isNull { return removed &+ dropped }
    f.pointee.callbacks = kept.as(ListLayout.self).pointee.count == 0 ? .null : kept
    return removed &+ dropped
  }

  /// `_callbacks`: all of them as (callback, context), or None.
  static func allCallbacks(_ vm: VM, _ f: FutureRef) throws(Raised) -> Value {
    if f.pointee.callback.isNull {
      return f.pointee.callbacks.isNull ? .none : try vm.list(from: f.pointee.callbacks)
    }
    let all = try vm.list()
    try vm.append(all, try vm.tuple(f.pointee.callback, f.pointee.callbackContext))
    if !f.pointee.callbacks.isNull { try Lists.extend(vm, all.as(ListLayout.self), f.pointee.callbacks) }
    return all
  }

  /// `loop.call_soon(callback, argument, context=context)`, without the argument or the context if they are null.
  static func callSoon(
    _ vm: VM, _ loop: Value, _ callback: Value, _ argument: Value, _ context: Value
  ) throws(Raised) {
    if !context.isNull, try PlainLoop.callSoon(vm, loop, callback, argument, context) { return }
    let method = try vm.getAttribute(loop, Asyncio.callSoon)
    let count = argument.isNull ? 1 : 2
    var values = argument.isNull ? (callback, context, Value.null) : (callback, argument, context)
    _ = try withValues(&values) { p throws(Raised) in
      try vm.call(method, Args(p, count: count, keywords: context.isNull ? .null : Asyncio.contextKeyword))
    }
  }

  /// `future.cancel(msg=message)` of any future.
  static func cancelAny(_ vm: VM, _ future: Value, _ message: Value) throws(Raised) -> Bool {
    let method = try vm.getAttribute(future, Asyncio.cancel)
    var argument = message.isNull ? .none : message
    let answer = try withUnsafePointer(to: &argument) { p throws(Raised) in
      try vm.call(method, Args(p, count: 0, keywords: Asyncio.messageKeyword))
    }
    return try vm.isTrue(answer)
  }

  // MARK: dying

  /// Tells the loop of an exception that nobody asked for.
  static func finalize(_ vm: VM, _ v: Value) {
    let f = layout(v)
    if !f.pointee.logsTraceback { return }
    f.pointee.logsTraceback = false
    let name = v.type.pointee.name.swiftString
    report(vm, v, "future", "\(name) exception was never retrieved", f.pointee.outcome)
  }

  /// `loop.call_exception_handler({...})`. The future is named `role` there.
  static func report(_ vm: VM, _ v: Value, _ role: StaticString, _ message: String, _ exception: Value) {
    let f = layout(v)
    let saved = vm.takePending()
    var handler = Value.null
    do throws(Raised) {
      let details = try vm.dict()
      if exception.isNull { try Dicts.set(vm, details, role, v) }
      try Dicts.set(vm, details, "message", try vm.str(message))
      if !exception.isNull {
        try Dicts.set(vm, details, "exception", exception)
        try Dicts.set(vm, details, role, v)
      }
      if !f.pointee.sourceTraceback.isNull { try Dicts.set(vm, details, "source_traceback", f.pointee.sourceTraceback) }
      handler = try vm.getAttributeOrNull(f.pointee.loop, "call_exception_handler")
      if !handler.isNull { _ = try vm.call(handler, details) }
    } catch { vm.writeUnraisable("", handler) }
    vm.thread.pointee.pending = saved
  }
}
