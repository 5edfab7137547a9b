/// `_asyncio.Task`
enum TaskType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("A coroutine that an event loop runs, and the future of what it returns.")
    t.trace(TaskLayout.trace)
    t.slots.new = NewCode { (vm, type, _) throws(Raised) in
      Value(try Futures.allocate(TaskLayout.self, vm, type.asType))
    }
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.finalize = VisitCode(Tasks.finalize)
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      try Futures.checkInitialized(vm, v.as(FutureLayout.self))
      return try vm.call(try Asyncio.take(vm, "asyncio.base_tasks", "_task_repr"), v)
    }
    FutureType.declareShared(&t)
    t.method("set_result", "($self, result, /)", nil) { (vm, _, _: Value) throws(Raised) in
      throw vm.raise(.runtimeError, "Task does not support set_result operation")
    }
    t.method("set_exception", "($self, exception, /)", nil) { (vm, _, _: Value) throws(Raised) in
      throw vm.raise(.runtimeError, "Task does not support set_exception operation")
    }
    t.method(
      "cancel", "($self, /, msg=None)",
      """
      Asks the task to cancel itself: CancelledError is raised in its coroutine in the next turn of the event loop.

      The coroutine may catch it. Each request is counted (`cancelling`). False if the task has ended already.
      """
    ) {
      (vm, v, message: Value) throws(Raised) in
      .bool(try Tasks.cancel(vm, v, message))
    }
    t.method("cancelling", "($self, /)", "The number of requests to cancel the task, less those taken back.") { (vm, v) throws(Raised) in
      try vm.int(layout(v).pointee.cancelRequests)
    }
    t.method("uncancel", "($self, /)", "Takes back a request to cancel the task. Returns how many are left.") {
      (vm, v) throws(Raised) in
      if layout(v).pointee.cancelRequests > 0 { layout(v).pointee.cancelRequests &-= 1 }
      return try vm.int(layout(v).pointee.cancelRequests)
    }
    t.method(
      "get_stack", "($self, /, *, limit=None)",
      "The frames of the task's coroutine, the oldest first: where it is suspended, or those of the traceback it has failed with, or none.",
      getStack as NativeMany)
    t.method(
      "print_stack", "($self, /, *, limit=None, file=None)", "Prints what get_stack answers like a traceback, to stderr or to file.",
      printStack)
    t.method("get_name", "($self, /)", nil) { (vm, v) throws(Raised) in try Tasks.name(vm, v) }
    t.method("set_name", "($self, value, /)", nil) { (vm, v, value: Value) throws(Raised) in
      layout(v).pointee.name = value.isExactStr ? value : try vm.str(of: value)
      return .none
    }
    t.method("get_coro", "($self, /)", nil) { (_, v) throws(Raised) in FutureType.orNone(layout(v).pointee.coroutine) }
    t.getset("_log_destroy_pending", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.logsDestruction) }, setLogDestruction)
    t.getset("_must_cancel", nil) { (_, v) throws(Raised) in .bool(layout(v).pointee.mustCancel) }
    t.getset("_coro", nil) { (_, v) throws(Raised) in FutureType.orNone(layout(v).pointee.coroutine) }
    t.getset("_fut_waiter", nil) { (_, v) throws(Raised) in FutureType.orNone(layout(v).pointee.waiter) }
  }

  @inline(__always) private static func layout(_ v: Value) -> TaskRef { v.as(TaskLayout.self) }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    // The way event loops do it, past the general binding: Task(coro, loop=..., name=..., context=...)
    if args.count == 1 {
      var loop = Value.null, name = Value.null, context = Value.null
      var isPlain = true
      for i in 0..<args.keywordCount {
        switch args.keywordName(i) {
        case Asyncio.loop: loop = args.keywordValue(i)
        case Asyncio.name: name = args.keywordValue(i)
        case Asyncio.context: context = args.keywordValue(i)
        default: isPlain = false
        }
      }
      if isPlain { return try Tasks.initialize(vm, v, args[0], loop: loop, name: name, context: context) }
    }
    try vm.bind(args, "Task", "(coro, *, loop=None, name=None, context=None)") { a throws(Raised) in
      try Tasks.initialize(vm, v, a[0], loop: a[1], name: a[2], context: a[3])
    }
  }

  private static func getStack(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try vm.call(try Asyncio.take(vm, "asyncio.base_tasks", "_task_get_stack"), v, FutureType.orNone(args[0]))
  }
  private static func printStack(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try vm.call(
      try Asyncio.take(vm, "asyncio.base_tasks", "_task_print_stack"), v, FutureType.orNone(args[0]), FutureType.orNone(args[1]))
  }
  private static func setLogDestruction(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
    layout(v).pointee.logsDestruction = try vm.isTrue(value)
  }
}

/// `TaskStepMethWrapper`: what loops call to run a step of a task.
enum TaskStep {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(AsyncioPairLayout.trace)
    t.slots.call = ManyCode { (vm, v, args) throws(Raised) in
      if args.keywordCount != 0 { throw vm.raise(.typeError, "function takes no keyword arguments") }
      if args.count != 0 { throw vm.raise(.typeError, "function takes no positional arguments") }
      let step = v.as(AsyncioPairLayout.self)
      try Tasks.step(vm, step.pointee.first, step.pointee.second)
      return .none
    }
    t.getset("__self__", nil) { (_, v) throws(Raised) in FutureType.orNone(v.as(AsyncioPairLayout.self).pointee.first) }
  }
}
