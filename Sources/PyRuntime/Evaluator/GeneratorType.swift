/// `generator`, and what it shares with `coroutine` and `async_generator`.
enum GeneratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(GeneratorLayout.traceCell)
    t.slots.repr = NoArgsCode(repr)
    t.slots.iter = NoArgsCode { _, v throws(Raised) in v }
    t.slots.next = NoArgsCode(next)
    t.slots.finalize = VisitCode(finalize)
    t.method("send", "($self, value, /)", "Resume the generator: the suspended yield expression gives value.", send)
    t.method("throw", nil, "Raise an exception where the generator is suspended.", throwMethod)
    t.method("close", "($self, /)", "Raise GeneratorExit where the generator is suspended.", close)
    t.member("gi_code", nil, offset: MemoryLayout<GeneratorLayout>.offset(of: \.code))
    declareNames(&t)
    t.getset("gi_yieldfrom", "What the generator delegates to by yield from, or None.", delegate)
    t.getset("gi_running", nil, isRunning)
    t.getset("gi_frame", nil, frame)
    t.getset("gi_suspended", nil, isSuspended)
  }

  static func declareNames(_ t: inout TypeBuilder) {
    t.getset("__name__", "Name of the generator, or of the coroutine.", getName, setName)
    t.getset("__qualname__", "Qualified name of the generator, or of the coroutine.", getQualname, setQualname)
  }

  @inline(__always) static func layout(_ v: Value) -> GeneratorRef { v.as(GeneratorLayout.self) }

  static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.str("<\(v.typeName) object \(layout(v).pointee.qualname.swiftString) at \(Addresses.hex(v))>")
  }

  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let g = layout(v)
    if g.pointee.state == .finished { return .exhausted }
    let item = try Generators.resume(vm, g, .none)
    if item != .exhausted { return item }
    let value = takeReturn(vm)
    if value.isNone { return .exhausted }
    throw stopIteration(vm, value)
  }

  /// What the generator that just ended returned.
  static func takeReturn(_ vm: VM) -> Value {
    let value = vm.thread.pointee.generatorReturn
    vm.thread.pointee.generatorReturn = .null
    return value.isNull ? .none : value
  }

  static func stopIteration(_ vm: VM, _ value: Value) -> Raised {
    value.isNone ? vm.raise(.stopIteration) : vm.raise(.stopIteration, value: value)
  }

  static func send(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let item = try Generators.resume(vm, layout(v), value)
    if item == .exhausted { throw stopIteration(vm, takeReturn(vm)) }
    return item
  }

  static func throwMethod(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let exception = try ThrowArguments.exception(vm, args)
    let item = try Generators.throwIn(vm, layout(v), exception, closeOnExit: true)
    if item == .exhausted { throw stopIteration(vm, takeReturn(vm)) }
    return item
  }

  static func close(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try Generators.close(vm, layout(v))
    return .none
  }

  /// Runs when the collector has found it dead: an unfinished one is closed.
  static func finalize(_ vm: VM, _ v: Value) {
    let g = layout(v)
    if g.pointee.state == .finished || g.pointee.state == .running { return }
    do throws(Raised) {
      if g.pointee.header.type == rt.types.asyncGenerator, !g.pointee.finalizer.isNull, !g.pointee.closed {
        _ = try vm.call(g.pointee.finalizer, v)
        return
      }
      if g.pointee.header.type == rt.types.coroutine, g.pointee.state == .created { warnUnawaited(vm, v) }
      try Generators.close(vm, g)
    } catch {
      vm.writeUnraisable("", v)
    }
  }

  /// By `warnings._warn_unawaited_coroutine`, which knows where the coroutine comes from; without it, or when it fails, in one line.
  private static func warnUnawaited(_ vm: VM, _ v: Value) {
    do throws(Raised) {
      var warnings = Dicts.get(vm, rt.pointee.modules, "warnings")
      if warnings.isNull && !rt.pointee.isFinalizing { warnings = try vm.importModule("warnings") }
      let function = warnings.isNull || warnings.isNone ? Value.null : try vm.getAttributeOrNull(warnings, "_warn_unawaited_coroutine")
      if !function.isNull {
        _ = try vm.call(function, v)
        return
      }
    } catch {
      let isTheWarning = vm.thread.pointee.pending.isInstance(of: rt.types[.runtimeWarning])
      vm.writeUnraisable("", v)
      if isTheWarning { return }
    }
    do throws(Raised) {
      try vm.warn(.runtimeWarning, "coroutine '\(layout(v).pointee.qualname.swiftString)' was never awaited")
    } catch { vm.writeUnraisable("", v) }
  }

  // MARK: attributes

  static func getName(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.name }
  static func getQualname(_ vm: VM, _ v: Value) throws(Raised) -> Value { layout(v).pointee.qualname }
  static func setName(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    guard x.isStr else { throw vm.raise(.typeError, "__name__ must be set to a string object") }
    layout(v).pointee.name = x
  }
  static func setQualname(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    guard x.isStr else { throw vm.raise(.typeError, "__qualname__ must be set to a string object") }
    layout(v).pointee.qualname = x
  }
  static func delegate(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let inner = Generators.delegate(layout(v))
    LoopIterators.share(inner)
    return inner.isNull ? .none : inner
  }
  static func isRunning(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(layout(v).pointee.state == .running) }
  static func isSuspended(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(layout(v).pointee.state == .suspended) }
  static func frame(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let g = layout(v)
    return g.pointee.state == .finished ? .none : try FrameObjects.object(vm, g.registers)
  }
}

/// The arguments of `throw(type, value=None, traceback=None)`.
enum ThrowArguments {
  private static func instance(_ vm: VM, _ type: Value, _ value: Value) throws(Raised) -> Value {
    let exception: Value
    if value.isNull || value.isNone {
      exception = try vm.call(type)
    } else if value.isExceptionInstance, value.isInstance(of: type.asType) {
      exception = value
    } else if value.isTuple {
      exception = try vm.call(type, tuple: value)
    } else {
      exception = try vm.call(type, value)
    }
    if exception.isExceptionInstance { return exception }
    let name = try vm.repr(type).swiftString
    throw vm.raise(.typeError, "calling \(name) should have returned an instance of BaseException, not \(exception.typeName)")
  }

  static func exception(_ vm: VM, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "throw() takes no keyword arguments") }
    if args.count == 0 { throw vm.raise(.typeError, "throw expected at least 1 argument, got 0") }
    if args.count > 3 { throw vm.raise(.typeError, "throw expected at most 3 arguments, got \(args.count)") }
    let type = args[0], value = args[1], traceback = args[2]
    let hasTraceback = !traceback.isNull && !traceback.isNone
    if hasTraceback, !traceback.isExact(rt.types.traceback) {
      throw vm.raise(.typeError, "throw() third argument must be a traceback object")
    }
    let exception: Value
    if type.isExceptionClass {
      // What goes wrong in making it is thrown in its place.
      do throws(Raised) { exception = try instance(vm, type, value) } catch { return vm.takePending() }
    } else if type.isExceptionInstance {
      if !value.isNull && !value.isNone {
        throw vm.raise(.typeError, "instance exception may not have a separate value")
      }
      exception = type
    } else {
      throw vm.raise(.typeError, "exceptions must be classes or instances deriving from BaseException, not \(type.typeName)")
    }
    if hasTraceback { exception.as(ExceptionLayout.self).pointee.traceback = traceback }
    return exception
  }
}
