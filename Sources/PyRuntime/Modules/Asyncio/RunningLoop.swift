/// Which event loop is running in a thread.
enum RunningLoop {
  static func declare(_ m: inout ModuleBuilder) {
    m.function(
      "get_event_loop", "($module, /)",
      "The event loop that is running in this thread, or else what `get_event_loop_policy().get_event_loop()` answers."
    ) { (vm, _) throws(Raised) in try eventLoop(vm) }
    m.function("_get_event_loop", "($module, /, stacklevel=3)", "As get_event_loop.") { (vm, _, _: Value) throws(Raised) in
      try eventLoop(vm)
    }
    m.function("get_running_loop", "($module, /)", "The running event loop. RuntimeError if there is none.") { (vm, _) throws(Raised) in
      let loop = vm.thread.pointee.runningLoop
      if loop.isNull || loop.isNone { throw vm.raise(.runtimeError, "no running event loop") }
      return loop
    }
    m.function("_get_running_loop", "($module, /)", "The running event loop or None.") { (vm, _) throws(Raised) in
      FutureType.orNone(vm.thread.pointee.runningLoop)
    }
    m.function("_set_running_loop", "($module, loop, /)", "Sets the running event loop.") { (vm, _, loop: Value) throws(Raised) in
      vm.thread.pointee.runningLoop = loop
      return .none
    }
  }

  static func eventLoop(_ vm: VM) throws(Raised) -> Value {
    let loop = vm.thread.pointee.runningLoop
    if !loop.isNull, !loop.isNone { return loop }
    let policy = try vm.call(try Asyncio.take(vm, "asyncio.events", "get_event_loop_policy"))
    return try vm.callMethod(policy, "get_event_loop")
  }
}
