// Memory of asyncio's futures and tasks. A task's begins with a future's, so code for futures serves both.

enum FutureState: UInt8 {
  case pending = 0, cancelled, finished
}

/// `loop` is null until `__init__` has run. While the future is pending `callback` is what was added first, with its context, and
/// `callbacks` a list of (callback, context) of those added later, or null: most futures have one callback. Afterwards they are null.
/// `outcome` is null while pending or when cancelled; else the result, or the exception if `hasFailed`.
struct FutureLayout {
  var header: CellHeader
  var loop: Value
  var callback: Value, callbackContext: Value
  var callbacks: Value
  var outcome: Value
  /// The exception's traceback when it was set, until `result()` first raises it; or null
  var traceback: Value
  /// In debug mode, where the future was made; or null
  var sourceTraceback: Value
  /// Argument of `cancel`, or null
  var cancelMessage: Value
  /// The CancelledError that ended a task, until it is raised to who waits; or null
  var cancelledError: Value
  var state: FutureState
  var hasFailed: Bool
  /// The exception has not been asked for: its finalizer will tell.
  var logsTraceback: Bool
  /// Yielded by `await`, and not by mistake.
  var isBlocking: Bool
  /// Entered in the table of objects with finalizers.
  var isTracked: Bool

  @inline(__always)
  static func visit(_ f: UnsafeMutablePointer<FutureLayout>, _ tracer: Tracer) {
    tracer.visit(f.pointee.loop)
    tracer.visit(f.pointee.callback)
    tracer.visit(f.pointee.callbackContext)
    tracer.visit(f.pointee.callbacks)
    tracer.visit(f.pointee.outcome)
    tracer.visit(f.pointee.traceback)
    tracer.visit(f.pointee.sourceTraceback)
    tracer.visit(f.pointee.cancelMessage)
    tracer.visit(f.pointee.cancelledError)
  }
  static let trace: TraceFunction = { cell, tracer in visit(cell.assumingMemoryBound(to: FutureLayout.self), Tracer(tracer)) }
}
typealias FutureRef = UnsafeMutablePointer<FutureLayout>

/// `coroutine` is null until `__init__` has run. `waiter` is the future that the coroutine waits for, or null.
struct TaskLayout {
  var future: FutureLayout
  var waiter: Value
  var coroutine: Value
  /// A str, or the number in "Task-1", which becomes a str when it is asked for
  var name: Value
  var context: Value
  /// What futures call to go on with the task, made when it first waits; or null
  var wakeup: Value
  var cancelRequests: Int
  var mustCancel: Bool
  var logsDestruction: Bool
  /// Among those that `all_tasks()` looks through.
  var isRegistered: Bool

  static let trace: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    FutureLayout.visit(cell.assumingMemoryBound(to: FutureLayout.self), tracer)
    let t = cell.assumingMemoryBound(to: TaskLayout.self)
    tracer.visit(t.pointee.waiter)
    tracer.visit(t.pointee.coroutine)
    tracer.visit(t.pointee.name)
    tracer.visit(t.pointee.context)
    tracer.visit(t.pointee.wakeup)
  }
}
typealias TaskRef = UnsafeMutablePointer<TaskLayout>

/// `FutureIter` (`first`: the future, null once it is through) and `TaskStepMethWrapper` (`first`: the task; `second`: an exception to
/// raise in it, or null).
struct AsyncioPairLayout {
  var header: CellHeader
  var first: Value, second: Value

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: AsyncioPairLayout.self)
    Tracer(tracer).visit(p.pointee.first)
    Tracer(tracer).visit(p.pointee.second)
  }
}
