/// `anext_awaitable`: what `anext(iterator, default)` answers; StopAsyncIteration becomes the default.
struct AnextAwaitableLayout {
  var header: CellHeader
  var wrapped: Value, fallback: Value

  static let trace: TraceFunction = { cell, tracer in
    let a = cell.assumingMemoryBound(to: AnextAwaitableLayout.self)
    Tracer(tracer).visit(a.pointee.wrapped)
    Tracer(tracer).visit(a.pointee.fallback)
  }
}

enum AnextAwaitable {
  nonisolated(unsafe) private static var type = Value.null

  static func prepare(_ vm: VM) throws(Raised) {
    let t = try TypeFactory.makeBuiltin(
      vm, "anext_awaitable", base: nil, layoutSize: MemoryLayout<AnextAwaitableLayout>.size, flags: [.disallowInstantiation],
      module: .null)
    type = Value(t)
    var b = TypeBuilder(vm: vm, type: t)
    declare(&b)
    try TypeFactory.ready(vm, t)
  }

  private static func declare(_ t: inout TypeBuilder) {
    t.trace(AnextAwaitableLayout.trace)
    t.slots.await = NoArgsCode(itself)
    t.slots.iter = NoArgsCode(itself)
    t.slots.next = NoArgsCode(next)
    t.method("send", nil, "Send a value into the wrapped awaitable.", send)
    t.method("throw", nil, "Raise an exception in the wrapped awaitable.", throwInto)
    t.method("close", nil, "Close the wrapped awaitable.", close)
  }

  static func make(_ vm: VM, _ awaitable: Value, _ fallback: Value) throws(Raised) -> Value {
    let a = try vm.make(AnextAwaitableLayout.self, type.asType)
    a.pointee.wrapped = awaitable
    a.pointee.fallback = fallback
    return Value(a)
  }

  private static func itself(_ vm: VM, _ v: Value) throws(Raised) -> Value { v }

  /// The iterator behind the awaitable.
  private static func iterator(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try AwaitInstructions.awaitableIterator(vm, v.as(AnextAwaitableLayout.self).pointee.wrapped)
  }

  /// The end of asynchronous iteration ends the wait with the default.
  private static func translate(_ vm: VM, _ v: Value, _ error: Raised) -> Raised {
    if !vm.pendingIs(.stopAsyncIteration) { return error }
    vm.clearPending()
    return vm.raise(.stopIteration, value: v.as(AnextAwaitableLayout.self).pointee.fallback)
  }
  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    do throws(Raised) {
      let it = try iterator(vm, v)
      if let slot = it.type.pointee.slots.next { return try slot(vm, it) }
      return try vm.callMethod(it, "send", .none)
    } catch { throw translate(vm, v, error) }
  }
  private static func forward(_ vm: VM, _ v: Value, _ name: StaticString, _ args: Args) throws(Raised) -> Value {
    do throws(Raised) { return try vm.call(try vm.getAttribute(try iterator(vm, v), name), args) } catch {
      throw translate(vm, v, error)
    }
  }
  private static func send(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value { try forward(vm, v, "send", args) }
  private static func throwInto(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value { try forward(vm, v, "throw", args) }
  private static func close(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value { try forward(vm, v, "close", args) }
}
