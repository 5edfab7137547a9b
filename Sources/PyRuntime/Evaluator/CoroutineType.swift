/// `coroutine`
enum CoroutineType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
    t.slots.repr = NoArgsCode(GeneratorType.repr)
    t.slots.await = NoArgsCode(wrapper)
    t.slots.finalize = VisitCode(GeneratorType.finalize)
    t.method("send", "($self, value, /)", "Sends a value into coroutine: the suspended await gives it.", GeneratorType.send)
    t.method("throw", nil, "Raises an exception in coroutine, where it is suspended.", GeneratorType.throwMethod)
    t.method("close", "($self, /)", "Raises GeneratorExit inside coroutine, where it is suspended.", GeneratorType.close)
    t.member("cr_code", nil, offset: MemoryLayout<GeneratorLayout>.offset(of: \.code))
    t.member("cr_origin", nil, offset: MemoryLayout<GeneratorLayout>.offset(of: \.origin))
    GeneratorType.declareNames(&t)
    t.getset("cr_await", "What the coroutine awaits, or None.", GeneratorType.delegate)
    t.getset("cr_running", nil, GeneratorType.isRunning)
    t.getset("cr_frame", nil, GeneratorType.frame)
    t.getset("cr_suspended", nil, GeneratorType.isSuspended)
  }

  private static func wrapper(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let w = try vm.make(AwaitWrapperLayout.self, rt.types.coroutineWrapper)
    w.pointee.target = v
    return Value(w)
  }
}

/// `coroutine_wrapper`: what `coroutine.__await__()` answers.
enum CoroutineWrapperType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("The iterator that runs a coroutine.")
    t.trace(AwaitWrapperLayout.traceCell)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in
      let item = try Generators.resume(vm, target(v).as(GeneratorLayout.self), .none)
      if item != .exhausted { return item }
      let value = GeneratorType.takeReturn(vm)
      if value.isNone { return .exhausted }
      throw GeneratorType.stopIteration(vm, value)
    }
    t.method("send", "($self, value, /)", "Resume the coroutine: the suspended await gives value.") { vm, v, value throws(Raised) in
      try GeneratorType.send(vm, target(v), value)
    }
    t.method("throw", nil, "Raise an exception where the coroutine is suspended.", throwMethod)
    t.method("close", "($self, /)", "Raise GeneratorExit where the coroutine is suspended.") { vm, v throws(Raised) in
      try GeneratorType.close(vm, target(v))
    }
  }
  private static func target(_ v: Value) -> Value { v.as(AwaitWrapperLayout.self).pointee.target }
  private static func throwMethod(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    try GeneratorType.throwMethod(vm, target(v), args)
  }
}
