import PyBytecode

// `sys.settrace` and `sys.setprofile`.
//
// A thread that traces runs *traced* register code: one to one with the bytecode, with a TRACE before each instruction. Frames that it
// enters start in traced code; frames that were running when tracing began are switched when they next stand between two instructions
// (after a call, when a callee returns, when a generator is resumed). `SafepointReason.tracing` stays set while any thread traces, which
// keeps the evaluator off its fast paths; while no thread traces nothing of this costs anything.
//
// Call events come from the TRACE of RESUME, as in CPython 3.11; return events from the slow way out of a frame, which every traced
// frame takes because it has a frame object.

enum Tracing {
  enum Event: String {
    case call, line, opcode, `return`, exception
    case nativeCall = "c_call", nativeReturn = "c_return", nativeException = "c_exception"
  }

  // MARK: switching on and off

  static func setTrace(_ vm: VM, _ function: Value) {
    vm.thread.pointee.traceFunction = function
    update(vm)
  }
  static func setProfile(_ vm: VM, _ function: Value) {
    vm.thread.pointee.profileFunction = function
    update(vm)
  }

  private static func update(_ vm: VM) {
    let thread = vm.thread
    thread.pointee.isTraced = !thread.pointee.traceFunction.isNull || !thread.pointee.profileFunction.isNull
    refresh()
    guard thread.pointee.isTraced else { return }
    // Frames with a frame object leave by the slow way, which is where return events come from.
    var frame = thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    while let fp = frame {
      do throws(Raised) { _ = try FrameObjects.object(vm, fp) } catch { vm.clearPending() }
      frame = fp.frameCaller
    }
  }

  /// Whether any thread traces decides about the evaluator's fast paths. Also called when a thread ends.
  static func refresh() {
    var thread = rt.pointee.threads
    while let t = thread {
      if t.pointee.isTraced { return rt.requestSafepoint(.tracing) }
      thread = t.pointee.next
    }
    rt.clearSafepoint(.tracing)
  }

  /// The thread wants events now (it is not inside one of its own trace functions).
  @inline(__always) static func isOn(_ vm: VM) -> Bool { vm.thread.pointee.isTraced && vm.thread.pointee.tracing == 0 }

  /// The running frame has just been entered, and its call event is still to come.
  static func awaitsCall(_ vm: VM) -> Bool {
    guard isOn(vm), let frame = vm.thread.pointee.frame else { return false }
    let fp = frame.assumingMemoryBound(to: Value.self)
    guard let traced = fp.frameCode.traced else { return false }
    return fp.framePC == traced.pointee.words
  }

  /// `sys.call_tracing`: calls a function with tracing on, from inside a trace function.
  static func callTracing(_ vm: VM, _ function: Value, _ arguments: Value) throws(Raised) -> Value {
    let saved = vm.thread.pointee.tracing
    vm.thread.pointee.tracing = 0
    defer { vm.thread.pointee.tracing = saved }
    return try vm.call(function, tuple: arguments)
  }

  // MARK: TRACE

  /// TRACE in a thread that traces.
  /// - Returns: the word to go on at.
  @inline(never)
  static func instruction(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) -> CodePointer {
    fp.framePC = pc
    guard let traced = fp.frameCode.traced else { return pc + 1 }
    let offset = traced.pointee.bytecodeOffset(pc - traced.pointee.words)
    let frame = try FrameObjects.object(vm, fp).as(FrameObjectLayout.self)
    let before = Int(frame.pointee.previous)
    frame.pointee.previous = Int32(truncatingIfNeeded: offset)
    guard isOn(vm) else { return pc + 1 }
    let bytecode = fp.frameCode.pointee.code.as(BytesLayout.self).buffer
    if offset < bytecode.count, bytecode[offset] == Opcode.resume.rawValue {
      try entered(vm, fp)
      return fp.framePC == pc ? pc + 1 : fp.framePC + 1
    }
    let first = firstTraceable(bytecode)
    guard offset >= first, !vm.thread.pointee.traceFunction.isNull else { return pc + 1 }
    let line = traced.pointee.line(offset)
    if line >= 0, frame.pointee.traceLines {
      let lastLine = before <= first ? -1 : traced.pointee.line(before)
      if line != lastLine || (offset < before && bytecode[offset] != Opcode.send.rawValue) {
        try local(vm, fp, .line, .none)
      }
    }
    if frame.pointee.traceOpcodes, !vm.thread.pointee.traceFunction.isNull { try local(vm, fp, .opcode, .none) }
    // A trace function may have jumped (`f_lineno = ...`): the instruction there runs without an event of its own.
    if fp.framePC != pc { frame.pointee.previous = Int32(truncatingIfNeeded: fp.frameLasti) }
    return fp.framePC + 1
  }

  /// Offset of the first RESUME: what comes before belongs to the call.
  private static func firstTraceable(_ bytecode: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var offset = 0
    while offset &+ 1 < bytecode.count, bytecode[offset] != Opcode.resume.rawValue { offset &+= 2 }
    return offset
  }

  // MARK: events

  /// A frame is entered or resumed.
  static func entered(_ vm: VM, _ fp: Registers) throws(Raised) {
    if !vm.thread.pointee.traceFunction.isNull { try local(vm, fp, .call, .none) }
    if !vm.thread.pointee.profileFunction.isNull { try profile(vm, fp, .call, .none) }
  }

  /// A frame returns or yields `value`.
  static func returned(_ vm: VM, _ fp: Registers, _ value: Value) throws(Raised) {
    guard isOn(vm) else { return }
    try vm.withKept(value) { () throws(Raised) in
      if !vm.thread.pointee.traceFunction.isNull { try local(vm, fp, .return, value) }
      if !vm.thread.pointee.profileFunction.isNull { try profile(vm, fp, .return, value) }
    }
  }

  /// The pending exception leaves a frame. An exception in the trace function takes its place.
  static func unwound(_ vm: VM, _ fp: Registers) {
    guard isOn(vm) else { return }
    protected(vm) { () throws(Raised) in try returned(vm, fp, .none) }
  }

  /// The pending exception was raised in a frame, or arrives in it. An exception in the trace function takes its place.
  static func raised(_ vm: VM, _ fp: Registers) {
    guard isOn(vm), !vm.thread.pointee.traceFunction.isNull else { return }
    let exception = vm.thread.pointee.pending
    guard exception.isExceptionInstance else { return }
    protected(vm) { () throws(Raised) in
      let arguments = try vm.tuple(Value(exception.type), exception, exception.as(ExceptionLayout.self).pointee.traceback)
      if arguments.as(TupleLayout.self).items[2].isNull { arguments.as(TupleLayout.self).items[2] = .none }
      try local(vm, fp, .exception, arguments)
    }
  }

  /// What the frame iterates over or awaits has ended with a value (or, `always`, without one): in CPython a StopIteration has come that
  /// far.
  static func stopped(_ vm: VM, _ fp: Registers, _ value: Value, always: Bool = false) {
    guard isOn(vm), !vm.thread.pointee.traceFunction.isNull, always || !value.isNone && !value.isNull else { return }
    do throws(Raised) {
      try vm.withKept(value) { () throws(Raised) in
        let type = Value(rt.types[.stopIteration])
        let exception = value.isNone || value.isNull ? try vm.call(type) : try vm.call(type, value)
        try local(vm, fp, .exception, try vm.tuple(Value(rt.types[.stopIteration]), exception, .none))
      }
    } catch {
      vm.writeUnraisable("Exception ignored in a trace function of: ", fp.frameFunction.pointee.code)
    }
  }

  /// A StopIteration is pending that ends an iteration: an event if it is the loop of the running frame that ends.
  static func iterationEnds(_ vm: VM) {
    guard isOn(vm), let frame = vm.thread.pointee.frame else { return }
    let fp = frame.assumingMemoryBound(to: Value.self)
    let bytecode = fp.frameCode.pointee.code.as(BytesLayout.self).buffer
    let offset = fp.frameLasti
    if offset >= 0, offset < bytecode.count, bytecode[offset] == Opcode.forIter.rawValue { raised(vm, fp) }
  }

  /// Runs `body` with the pending exception put away; it is pending again afterwards unless `body` throws.
  private static func protected(_ vm: VM, _ body: () throws(Raised) -> Void) {
    var pending = vm.takePending()
    let reraising = vm.thread.pointee.reraising
    withUnsafeMutablePointer(to: &pending) { kept in
      do throws(Raised) {
        try body()
        vm.thread.pointee.pending = kept.pointee
      } catch {}
    }
    vm.thread.pointee.reraising = reraising
  }

  /// An event for the local trace function (the global one for `call`). What it answers becomes the frame's; an exception in it ends
  /// tracing.
  private static func local(_ vm: VM, _ fp: Registers, _ event: Event, _ argument: Value) throws(Raised) {
    let object = try FrameObjects.object(vm, fp)
    let frame = object.as(FrameObjectLayout.self)
    let callback = event == .call ? vm.thread.pointee.traceFunction : frame.pointee.trace
    if callback.isNull { return }
    let result: Value
    do throws(Raised) { result = try invoke(vm, callback, object, event, argument) } catch {
      let pending = vm.takePending()
      setTrace(vm, .null)
      frame.pointee.trace = .null
      vm.thread.pointee.pending = pending
      throw error
    }
    if !result.isNone { frame.pointee.trace = result }
  }

  private static func profile(_ vm: VM, _ fp: Registers, _ event: Event, _ argument: Value) throws(Raised) {
    let function = vm.thread.pointee.profileFunction
    if LsprofModule.isProfiler(function) { return LsprofModule.event(vm, function, fp, event, argument) }
    let object = try FrameObjects.object(vm, fp)
    do throws(Raised) { _ = try invoke(vm, function, object, event, argument) } catch {
      let pending = vm.takePending()
      setProfile(vm, .null)
      vm.thread.pointee.pending = pending
      throw error
    }
  }

  private static func invoke(
    _ vm: VM, _ callback: Value, _ frame: Value, _ event: Event, _ argument: Value
  ) throws(Raised) -> Value {
    let name = try vm.intern(try vm.str(event.rawValue))
    let thread = vm.thread
    let outerEvent = thread.pointee.traceEvent
    thread.pointee.tracing &+= 1
    thread.pointee.traceEvent = code(event)
    defer {
      thread.pointee.tracing &-= 1
      thread.pointee.traceEvent = outerEvent
    }
    let layout = frame.as(FrameObjectLayout.self)
    layout.pointee.localsRead = false
    let result = try vm.call(callback, frame, name, argument)
    if layout.pointee.localsRead {
      layout.pointee.localsRead = false
      try FrameObjects.writeBack(vm, layout)
    }
    return result
  }

  /// What `LineJump` asks: 1 call, 2 line, 3 return, 4 others.
  private static func code(_ event: Event) -> UInt8 {
    switch event {
    case .call: 1
    case .line: 2
    case .return: 3
    default: 4
    }
  }

  // MARK: native functions

  /// What a profile function is told of a call: the builtin function, or a method descriptor bound to its receiver; null for all else.
  static func nativeSubject(_ vm: VM, _ callee: Value, _ arguments: Registers, _ count: Int) throws(Raised) -> Value {
    guard isOn(vm), !vm.thread.pointee.profileFunction.isNull, callee.isCell else { return .null }
    if callee.cellType == rt.types.builtinFunction { return callee }
    guard callee.cellType == rt.types.methodDescriptor, count > 0,
      arguments[0].type.isSubtype(of: callee.as(NativeFunctionLayout.self).pointee.owner.asType),
      let get = callee.type.pointee.slots.descriptorGet
    else { return .null }
    return try get(vm, callee, arguments[0], Value(arguments[0].type))
  }

  /// Calls a native function between its events.
  static func profiled(
    _ vm: VM, _ fp: Registers, _ subject: Value, _ body: () throws(Raised) -> Value
  ) throws(Raised) -> Value {
    try vm.withKept(subject) { () throws(Raised) in
      try profile(vm, fp, .nativeCall, subject)
      let result: Value
      do throws(Raised) { result = try body() } catch {
        if isOn(vm), !vm.thread.pointee.profileFunction.isNull {
          protected(vm) { () throws(Raised) in try profile(vm, fp, .nativeException, subject) }
        }
        throw error
      }
      if isOn(vm), !vm.thread.pointee.profileFunction.isNull {
        try vm.withKept(result) { () throws(Raised) in try profile(vm, fp, .nativeReturn, subject) }
      }
      return result
    }
  }
}
