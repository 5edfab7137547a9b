/// Making and linking exceptions.
package enum Exceptions {
  /// Instantiates an exception class.
  package static func make(_ vm: VM, _ type: TypeRef, _ args: Args) throws(Raised) -> Value {
    try TypeType.call(vm, Value(type), args)
  }

  /// An instance of a builtin class with a message as its only argument.
  package static func make(_ vm: VM, _ kind: ExceptionKind, _ message: String) throws(Raised) -> Value {
    var argument = try vm.str(message)
    return try withUnsafePointer(to: &argument) { p throws(Raised) in try make(vm, rt.pointee.types[kind], Args(p, count: 1)) }
  }
  package static func make(_ vm: VM, _ kind: ExceptionKind, _ argument: Value) throws(Raised) -> Value {
    var argument = argument
    return try withUnsafePointer(to: &argument) { p throws(Raised) in try make(vm, rt.pointee.types[kind], Args(p, count: 1)) }
  }

  /// Somebody may have `exception` besides who raises it.
  @inline(__always)
  static func isKnown(_ exception: Value) {
    if exception.isExceptionInstance { exception.as(ExceptionLayout.self).pointee.isFresh = false }
  }

  /// `raise`'s implicit chaining with the exception being handled, cycles avoided.
  package static func setContext(_ vm: VM, _ exception: Value) {
    let handled = vm.handledException()
    if handled.isNull || handled == exception || !exception.isExceptionInstance || !handled.isExceptionInstance { return }
    // If `exception` is somewhere in the chain of contexts already, the chain is cut there. A second pointer at half the speed
    // notices chains that are cyclic for other reasons.
    var o = handled
    var slow = handled
    var odd = false
    while true {
      let context = o.as(ExceptionLayout.self).pointee.context
      if context.isNull { break }
      if context == exception {
        o.as(ExceptionLayout.self).pointee.context = .null
        break
      }
      o = context
      if o == slow { break }
      if odd { slow = slow.as(ExceptionLayout.self).pointee.context }
      odd.toggle()
    }
    exception.as(ExceptionLayout.self).pointee.context = handled
  }

  /// A MemoryError to raise: a new one where there is room for it, as for requests that were too large. Else the one that was made at start, which
  /// forgets what it was raised for before.
  package static func memoryError(_ vm: VM) -> Value {
    let heap = rt.heapPointer
    if !isMakingMemoryError, heap.pointee.hasRoom, !vm.nativeStackIsLow {
      isMakingMemoryError = true
      defer { isMakingMemoryError = false }
      do throws(Raised) { return try make(vm, rt.pointee.types[.memoryError], Args(vm.thread.pointee.stackTop, count: 0)) } catch {
        vm.clearPending()
      }
    }
    let prepared = rt.pointee.preparedMemoryError
    if !prepared.isNull {
      let layout = prepared.as(ExceptionLayout.self)
      (layout.pointee.traceback, layout.pointee.context, layout.pointee.cause) = (.null, .null, .null)
      layout.pointee.suppressContext = false
    }
    return prepared
  }
  /// Making one has run out of memory.
  nonisolated(unsafe) private static var isMakingMemoryError = false

  package static func prepare(_ vm: VM) throws(Raised) {
    rt.pointee.preparedMemoryError = try make(
      vm, rt.pointee.types[.memoryError], Args(vm.thread.pointee.stackTop, count: 0))
  }
}

extension VM {
  /// Issues a warning through the `warnings` machinery.
  /// - Parameter source: the object that a resource warning is about
  package func warn(_ category: ExceptionKind, _ message: String, stackLevel: Int = 1, source: Value = .null) throws(Raised) {
    if rt.pointee.modules.isNull { return }
    try Warnings.warn(self, Value(rt.pointee.types[category]), try str(message), stackLevel: stackLevel, source: source)
  }

  /// Prints the pending exception through sys.unraisablehook and clears it.
  package func writeUnraisable(_ context: String, _ object: Value) {
    let e = takePending()
    if e.isNull || rt.pointee.sysDict.isNull { return }
    do throws(Raised) { try Unraisable.report(self, e, context, object) } catch { clearPending() }
  }
}

/// Exceptions that nobody can catch.
package enum Unraisable {
  /// Calls `sys.unraisablehook` with CPython's five fields; without a hook, prints to stderr.
  package static func report(_ vm: VM, _ e: Value, _ context: String, _ object: Value) throws(Raised) {
    let traceback = e.as(ExceptionLayout.self).pointee.traceback
    let text = context.isEmpty ? Value.none : try vm.str(context)
    try report(vm, type: Value(e.type), e, traceback: traceback.isNull ? .none : traceback, text, object.isNull ? .none : object)
  }
}

extension Unraisable {
  /// The same, field by field.
  package static func report(_ vm: VM, type: Value, _ value: Value, traceback: Value, _ text: Value, _ object: Value) throws(Raised) {
    let hook = Dicts.get(vm, rt.pointee.sysDict, "unraisablehook")
    guard !hook.isNull, !hook.isNone, let kind = SysInfo.unraisable else { return }
    let info = try kind.make(vm)
    let fields = info.as(TupleLayout.self).items
    (fields[0], fields[1], fields[2], fields[3], fields[4]) = (type, value, traceback, text, object)
    _ = try vm.call(hook, info)
  }
}

/// `warnings.warn` for native code.
package enum Warnings {
  package static func warn(_ vm: VM, _ category: Value, _ message: Value, stackLevel: Int, source: Value = .null) throws(Raised) {
    // Not by way of `sys.modules`: native code warns whatever a program has put there, and at the end of the process, too.
    var values = (message, category, try vm.int(stackLevel), source)
    _ = try withValues(&values) { p throws(Raised) in try WarningsModule.warn(vm, .null, Args(p, count: 4)) }
  }
}
