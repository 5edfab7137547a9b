import CRuntimeSupport

typealias GeneratorRef = UnsafeMutablePointer<GeneratorLayout>

/// Running generators, coroutines and async generators: making, resuming, suspending, ending, delegating.
enum Generators {
  @inline(__always) static func isGeneratorLike(_ v: Value) -> Bool {
    guard v.isCell else { return false }
    let type = v.cellType
    return type == rt.types.generator || type == rt.types.coroutine || type == rt.types.asyncGenerator
  }
  /// Generators and coroutines, which can be delegated to without native code in between.
  @inline(__always) static func isDelegate(_ v: Value) -> Bool {
    guard v.isCell else { return false }
    return v.cellType == rt.types.generator || v.cellType == rt.types.coroutine
  }

  /// A generator, coroutine, async generator or task that has ended: there is nothing left to finalize.
  static func isFinished(_ cell: UnsafeMutableRawPointer) -> Bool {
    if isGeneratorLike(Value(cell: cell)) { return cell.assumingMemoryBound(to: GeneratorLayout.self).pointee.state == .finished }
    return Futures.isSettled(cell)
  }

  static func noun(_ g: GeneratorRef) -> String {
    let type = g.pointee.header.type
    return type == rt.types.coroutine ? "coroutine" : type == rt.types.asyncGenerator ? "async generator" : "generator"
  }

  // MARK: making

  /// RETURN_GENERATOR: moves the running frame into a new generator and answers it. The frame on the VM stack is left as it is.
  @inline(never)
  static func make(_ vm: VM, _ fp: Registers) throws(Raised) -> Value {
    let code = fp.frameCode
    let type = generatorType(of: code)
    guard let cell = rt.heapPointer.pointee.allocate(size(of: code)) else { throw vm.raiseMemoryError() }
    let g = fill(vm, cell, type, fp, code)
    let state = fp.frameState
    if state.isExact(rt.types.frame) {
      let f = state.as(FrameObjectLayout.self)
      f.pointee.registers = g.registers
      f.pointee.generator = Value(g)
      g.registers.frameState = state
      fp.frameState = .null
    }
    if type == rt.types.coroutine, vm.thread.pointee.coroutineOriginDepth > 0 {
      g.pointee.origin = try CoroutineOrigin.capture(vm, fp)
    }
    return Value(g)
  }

  /// RETURN_GENERATOR at `pc` where the caller stands at a plain call and nothing can be raised.
  /// - Returns: the frame to go on in; nil when that is not so, and then nothing has happened
  @inline(never)
  static func returnAtOnce(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> Registers? {
    let thread = vm.thread
    guard fp.frameLink & FrameLink.flags == 0, fp.frameState.isNull, !thread.pointee.isTraced, thread.pointee.coroutineOriginDepth == 0,
      let caller = fp.frameCaller, case let code = fp.frameCode, let cell = rt.heapPointer.pointee.allocateAtOnce(size(of: code))
    else { return nil }
    fp.framePC = pc
    let g = fill(vm, cell, generatorType(of: code), fp, code)
    let call = caller.framePC
    if g.pointee.header.type == rt.types.generator {
      LoopIterators.claim(Value(g), fp)
    } else if g.pointee.header.type == rt.types.coroutine {
      LoopIterators.claimCoroutine(g, call, caller)
    }
    Evaluator.pop(thread, fp, fp.frameLink, to: caller)
    caller[Int(call.pointee.a)] = Value(g)
    caller.framePC = call + 2
    return caller
  }

  @inline(__always) private static func generatorType(of code: UnsafeMutablePointer<CodeLayout>) -> TypeRef {
    let flags = code.pointee.flags
    return flags & 0x80 != 0 ? rt.types.coroutine : flags & 0x200 != 0 ? rt.types.asyncGenerator : rt.types.generator
  }
  @inline(__always) private static func size(of code: UnsafeMutablePointer<CodeLayout>) -> Int {
    GeneratorLayout.registersOffset &+ Int(code.pointee.registerCount) &* 8
  }

  /// Makes `cell`, just allocated, the generator of the frame `fp`, but for its frame object and origin.
  @inline(__always)
  private static func fill(
    _ vm: VM, _ cell: UnsafeMutableRawPointer, _ type: TypeRef, _ fp: Registers, _ code: UnsafeMutablePointer<CodeLayout>
  ) -> GeneratorRef {
    let count = Int(code.pointee.registerCount), locals = Int(code.pointee.nlocalsplus)
    clearFixed(cell)
    cell.assumingMemoryBound(to: CellHeader.self).pointee = CellHeader(type)
    let g = cell.assumingMemoryBound(to: GeneratorLayout.self)
    let function = fp.frameFunction
    function.pointee.hasGenerators = true
    g.pointee.name = function.pointee.name
    g.pointee.qualname = function.pointee.qualname
    g.pointee.function = Value(function)
    g.pointee.code = Value(code)
    g.pointee.registerCount = Int32(truncatingIfNeeded: count)
    g.pointee.state = .created
    let registers = g.registers
    // A cell has whole granules: room for an even number.
    let cleared = locals & ~1
    amphis_clear_words(registers + cleared, count &- cleared)
    for i in 0..<locals { registers[i] = fp[i] }
    registers.frameCallee = Value(function)
    registers.framePC = fp.framePC
    registers.frameLink = FrameLink.generator
    registers.frameState = .null
    // Only code with handlers has something to do when it is dropped unfinished; a coroutine may have to warn.
    if type != rt.types.generator || (code.lowered?.pointee.handlerCount ?? 0) > 0 {
      vm.registerFinalizer(UnsafeMutableRawPointer(g))
      g.pointee.hasFinalizer = true
    }
    return g
  }

  /// Zeroes what comes before the frame, but for the header. Written out, since a loop would become a call of memset.
  @inline(__always)
  private static func clearFixed(_ cell: UnsafeMutableRawPointer) {
    cell.storeBytes(of: 0, toByteOffset: 8, as: UInt64.self)
    cell.storeBytes(of: .zero, toByteOffset: 16, as: SIMD2<UInt64>.self)
    cell.storeBytes(of: .zero, toByteOffset: 32, as: SIMD2<UInt64>.self)
    cell.storeBytes(of: .zero, toByteOffset: 48, as: SIMD2<UInt64>.self)
    cell.storeBytes(of: .zero, toByteOffset: 64, as: SIMD2<UInt64>.self)
    cell.storeBytes(of: .zero, toByteOffset: 80, as: SIMD2<UInt64>.self)
    cell.storeBytes(of: .zero, toByteOffset: 96, as: SIMD2<UInt64>.self)
    assert(GeneratorLayout.registersOffset == 112 + FrameLayout.headerWords * 8)
  }

  // MARK: entering and leaving

  /// Makes the generator's frame the innermost one. `flags` says how its end and its yields get out.
  @inline(__always)
  private static func enter(_ vm: VM, _ g: GeneratorRef, _ flags: UInt64) throws(Raised) {
    guard vm.thread.pointee.recursionDepth < rt.pointee.recursionLimit else { throw vm.raiseRecursionError() }
    enterUnchecked(vm, g, flags)
  }
  @inline(__always)
  private static func enterUnchecked(_ vm: VM, _ g: GeneratorRef, _ flags: UInt64) {
    let thread = vm.thread
    thread.pointee.recursionDepth &+= 1
    let fp = g.registers
    fp.frameLink = UInt64(UInt(bitPattern: thread.pointee.frame)) | FrameLink.generator | flags
    g.pointee.state = .running
    let handled = thread.pointee.handled, outer = thread.pointee.runningGenerator
    g.pointee.outerHandled = handled
    g.pointee.outerGenerator = outer
    if !handled.isNull && !handled.isNone {
      g.pointee.handledOutside = handled
    } else if outer.isCell {
      g.pointee.handledOutside = outer.as(GeneratorLayout.self).pointee.handledOutside
    }
    thread.pointee.handled = g.pointee.handled
    thread.pointee.runningGenerator = Value(g)
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
  }

  @inline(__always)
  private static func leave(_ vm: VM, _ fp: Registers, _ state: GeneratorState) {
    let thread = vm.thread
    let g = fp.frameGenerator
    thread.pointee.recursionDepth &-= 1
    thread.pointee.frame = fp.frameCaller.map { UnsafeMutableRawPointer($0) }
    g.pointee.handled = thread.pointee.handled
    thread.pointee.handled = g.pointee.outerHandled
    thread.pointee.runningGenerator = g.pointee.outerGenerator
    g.pointee.outerHandled = .null
    g.pointee.outerGenerator = .null
    g.pointee.handledOutside = .null
    g.pointee.state = state
    fp.frameLink = FrameLink.generator
  }

  /// Hands `value` to the suspended frame: it is what its yield expression gives.
  @inline(__always)
  private static func deliver(_ vm: VM, _ fp: Registers, _ value: Value) {
    let pc = fp.framePC
    if pc.pointee.executed == .yieldFrom {
      vm.thread.pointee.sent = value
    } else {
      fp[Int(pc.pointee.a)] = value
      fp.framePC = pc + 1
    }
  }

  /// The end of the frame: its registers go, a frame object keeps the variables.
  private static func clear(_ vm: VM, _ fp: Registers) {
    if !fp.frameState.isNull { FrameObjects.detach(vm, fp) }
    fp.frameState = .null
    amphis_clear_words(fp, Int(fp.frameGenerator.pointee.registerCount))
  }

  /// Ends a suspended generator without running anything.
  static func discard(_ vm: VM, _ g: GeneratorRef) {
    clear(vm, g.registers)
    g.pointee.state = .finished
    g.pointee.handled = .null
  }

  // MARK: from the evaluator's loop

  /// Resumes a generator with `value` from an instruction of the frame that is running. The caller has checked `canResume`.
  @inline(__always)
  static func resumeInline(_ vm: VM, _ g: GeneratorRef, _ value: Value, _ flags: UInt64 = 0) throws(Raised) -> Registers {
    try enter(vm, g, FrameLink.other | flags)
    let fp = g.registers
    deliver(vm, fp, value)
    if vm.thread.pointee.isTraced { try Tracing.resumed(vm, fp) }
    return fp
  }
  /// As `resumeInline` with None, for a handler: nil when that is not possible at once, and then nothing has happened.
  @inline(__always)
  static func resumeAtOnce(_ vm: VM, _ iterator: Value) -> Registers? {
    guard iterator.isExact(rt.types.generator), case let g = iterator.as(GeneratorLayout.self), canResume(g), !vm.thread.pointee.isTraced,
      vm.thread.pointee.recursionDepth < rt.pointee.recursionLimit
    else { return nil }
    enterUnchecked(vm, g, FrameLink.other)
    deliver(vm, g.registers, .none)
    return g.registers
  }
  /// As `resumeAtOnce` for a YIELD_FROM at `pc` that has to send None.
  @inline(never)
  static func delegateAtOnce(_ vm: VM, _ fp: Registers, _ pc: CodePointer, _ receiver: Value) -> Registers? {
    guard !vm.thread.pointee.isTraced, vm.thread.pointee.sent.isNull || vm.thread.pointee.sent.isNone,
      vm.thread.pointee.recursionDepth < rt.pointee.recursionLimit, rt.pointee.evalBreaker == 0
    else { return nil }
    let g: GeneratorRef
    var value = Value.none
    if isDelegate(receiver) {
      g = receiver.as(GeneratorLayout.self)
      if !canResume(g) { return nil }
    } else if receiver.isExact(rt.types.asyncGenASend) {
      let awaited = receiver.as(AwaitWrapperLayout.self)
      g = awaited.pointee.target.as(GeneratorLayout.self)
      if !canResume(g) { return nil }
      if awaited.pointee.state == AwaitState.initial {
        if g.pointee.runningAsync { return nil }
        if !awaited.pointee.argument.isNull { value = awaited.pointee.argument }
        if g.pointee.state == .created, !value.isNone { return nil }
        awaited.pointee.state = AwaitState.iterating
        g.pointee.runningAsync = true
      } else if awaited.pointee.state != AwaitState.iterating {
        return nil
      }
    } else {
      return nil
    }
    vm.thread.pointee.sent = .null
    fp.framePC = pc
    enterUnchecked(vm, g, FrameLink.other)
    deliver(vm, g.registers, value)
    return g.registers
  }
  /// The awaitable for which the frame of an async generator was entered by `delegateAtOnce`, while it runs; nil for other frames.
  @inline(__always)
  private static func awaitable(_ fp: Registers) -> UnsafeMutablePointer<AwaitWrapperLayout>? {
    guard fp.frameGenerator.pointee.header.type == rt.types.asyncGenerator, fp.frameLink & FrameLink.entry == 0,
      let caller = fp.frameCaller, case let receiver = caller[Int(caller.framePC.pointee.b)], receiver.isExact(rt.types.asyncGenASend)
    else { return nil }
    return receiver.as(AwaitWrapperLayout.self)
  }
  @inline(__always) static func canResume(_ g: GeneratorRef) -> Bool {
    g.pointee.state == .suspended || g.pointee.state == .created
  }

  /// A YIELD to a loop over the generator: the frame of that, or nil when it is something else, and then nothing has happened.
  @inline(__always)
  static func suspendAtOnce(_ vm: VM, _ fp: Registers, _ pc: CodePointer, _ value: Value) -> Registers? {
    guard fp.frameLink & (FrameLink.entry | FrameLink.gathering) == 0, !vm.thread.pointee.isTraced, let caller = fp.frameCaller else {
      return nil
    }
    let resumed = caller.framePC
    guard resumed.pointee.executed != .yieldFrom else { return nil }
    fp.framePC = pc
    leave(vm, fp, .suspended)
    caller[Int(resumed.pointee.a)] = value
    caller.framePC = resumed + 2
    return caller
  }

  /// A YIELD of a tuple, made for it, to a loop: if that unpacks it into two, it gets the items, and the tuple is freed.
  /// - Returns: as `suspendAtOnce`
  @inline(never)
  static func suspendUnpacking(_ vm: VM, _ fp: Registers, _ pc: CodePointer, _ value: Value) -> Registers? {
    guard let caller = suspendAtOnce(vm, fp, pc, value) else { return nil }
    let unpacking = caller.framePC, loop = unpacking - 2
    guard value.isExact(rt.types.tuple), case let pair = value.as(TupleLayout.self), pair.pointee.count == 2,
      loop.pointee.instruction == .forIterGenerator, IterationInstructions.unpacksPair(loop, caller)
    else { return caller }
    IterationInstructions.store(caller, loop, pair.items[0], pair.items[1])
    caller.framePC = loop + 4
    // Where both registers are one, the item is in it.
    if caller[Int(loop.pointee.a)] == value { caller[Int(loop.pointee.a)] = .null }
    LoopIterators.freeYielded(value, fp)
    return caller
  }

  /// A YIELD to the native code that has resumed the generator; whether it is one. Nothing has happened otherwise.
  @inline(__always)
  static func suspendToNative(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> Bool {
    guard fp.frameLink & FrameLink.entry != 0, !vm.thread.pointee.isTraced else { return false }
    fp.framePC = pc
    leave(vm, fp, .suspended)
    return true
  }

  /// Out of line: what makes the message would be done for each value that is yielded.
  @inline(never)
  private static func traceYield(_ vm: VM, _ fp: Registers, _ value: Value) {
    do throws(Raised) { try Tracing.returned(vm, fp, value) } catch {
      vm.writeUnraisable("Exception ignored in a trace function of: ", Value(fp.frameGenerator))
    }
  }

  /// The frame yields `value` to whoever resumed it, through all frames that delegate to it.
  /// - Returns: the frame to go on in; nil when native code gets the value. `isGathered`: the frame's call has yet to take the value.
  @inline(never)
  static func suspend(_ vm: VM, _ frame: Registers, _ value: Value, _ isGathered: inout Bool) -> Registers? {
    var fp = frame
    while true {
      let link = fp.frameLink
      let caller = fp.frameCaller
      let awaited = awaitable(fp)
      if vm.thread.pointee.isTraced { traceYield(vm, fp, value) }
      leave(vm, fp, .suspended)
      if link & FrameLink.entry != 0 { return nil }
      guard let caller else { return nil }
      if link & FrameLink.gathering != 0 {
        isGathered = true
        return caller
      }
      let pc = caller.framePC
      if let awaited, value.isExact(rt.types.asyncGenWrappedValue) {
        // An item of the async generator is what the await gives.
        awaited.pointee.state = AwaitState.closed
        fp.frameGenerator.pointee.runningAsync = false
        caller[Int(pc.pointee.a)] = value.as(AwaitWrapperLayout.self).pointee.target
        caller.framePC = pc + 1
        return caller
      }
      switch pc.pointee.executed {
      case .yieldFrom: fp = caller
      default:
        caller[Int(pc.pointee.a)] = value
        caller.framePC = pc + 2
        return caller
      }
    }
  }

  /// The generator's frame returns `value`.
  /// - Returns: the frame to go on in; nil when native code gets the value (in `generatorReturn`).
  @inline(never)
  static func finish(_ vm: VM, _ fp: Registers, _ value: Value) -> Registers? {
    let link = fp.frameLink
    let caller = fp.frameCaller
    let awaited = awaitable(fp), g = fp.frameGenerator
    // What is about to be freed need not be cleared first: nothing looks at the registers of a generator that has ended.
    if !g.pointee.isTemporary || !fp.frameState.isNull { clear(vm, fp) }
    leave(vm, fp, .finished)
    g.pointee.handled = .null
    // Coroutines mostly end in the order of their making, the last one first.
    if rt.heapPointer.pointee.finalizable.dropLast(if: UnsafeMutableRawPointer(g)) { g.pointee.hasFinalizer = false }
    guard link & FrameLink.entry == 0, let caller else {
      vm.thread.pointee.generatorReturn = value
      return nil
    }
    // `Gathering.end` is left to the caller of this.
    if link & FrameLink.gathering != 0 { return caller }
    let pc = caller.framePC
    if let awaited {
      // The await raises StopAsyncIteration: its instruction does so when it is run once more.
      awaited.pointee.state = AwaitState.ended
      return caller
    }
    switch pc.pointee.executed {
    case .yieldFrom:
      if vm.thread.pointee.isTraced {
        Tracing.stopped(vm, caller, value, always: fp.frameGenerator.pointee.header.type == rt.types.coroutine)
      } else {
        LoopIterators.endDelegate(g, caller, pc)
      }
      caller[Int(pc.pointee.a)] = value
      caller.framePC = pc + 1
    default:
      if vm.thread.pointee.isTraced { Tracing.stopped(vm, caller, value) }
      caller.framePC = pc + pc.pointee.target
      LoopIterators.end(g, caller, pc)
    }
    return caller
  }

  /// The pending exception leaves the generator's frame.
  @inline(never)
  static func fail(_ vm: VM, _ fp: Registers) {
    let awaited = awaitable(fp)
    clear(vm, fp)
    leave(vm, fp, .finished)
    let g = fp.frameGenerator
    g.pointee.handled = .null
    if let awaited {
      awaited.pointee.state = AwaitState.closed
      g.pointee.runningAsync = false
      if vm.pendingIs(.generatorExit) { g.pointee.closed = true }
    }
    if vm.pendingIs(.stopIteration) {
      replacePending(vm, "\(noun(g)) raised StopIteration")
    } else if g.pointee.header.type == rt.types.asyncGenerator, vm.pendingIs(.stopAsyncIteration) {
      replacePending(vm, "async generator raised StopAsyncIteration")
    }
  }

  /// RuntimeError(message) from the pending exception.
  static func replacePending(_ vm: VM, _ message: String) {
    let cause = vm.takePending()
    _ = vm.raise(.runtimeError, message)
    let error = vm.thread.pointee.pending
    if error.isExceptionInstance, error != cause {
      let e = error.as(ExceptionLayout.self)
      e.pointee.cause = cause
      e.pointee.context = cause
      e.pointee.suppressContext = true
    }
  }

  // MARK: from native code

  /// Sends `value` into the generator.
  /// - Returns: what it yields, or `.exhausted` when it returned, and then what it returned is in `generatorReturn`.
  static func resume(_ vm: VM, _ g: GeneratorRef, _ value: Value) throws(Raised) -> Value {
    if g.pointee.state != .suspended { try checkResumable(vm, g, value) }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    try enter(vm, g, FrameLink.entry)
    deliver(vm, g.registers, value)
    if vm.thread.pointee.isTraced {
      do throws(Raised) { try Tracing.resumed(vm, g.registers) } catch { return try Evaluator.execute(vm, g.registers, raising: true) }
    }
    return try Evaluator.execute(vm, g.registers, raising: false)
  }

  /// Raises `exception` where the generator stands.
  static func resume(_ vm: VM, _ g: GeneratorRef, raising exception: Value) throws(Raised) -> Value {
    if g.pointee.state == .running { throw vm.raise(.valueError, "\(noun(g)) already executing") }
    if g.pointee.state == .finished {
      if g.pointee.header.type == rt.types.coroutine { throw vm.raise(.runtimeError, "cannot reuse already awaited coroutine") }
      throw vm.reraise(exception)
    }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    try enter(vm, g, FrameLink.entry)
    // What the generator itself is handling becomes the context, and nothing that its caller is.
    if !vm.thread.pointee.handled.isNull, !vm.thread.pointee.handled.isNone { Exceptions.setContext(vm, exception) }
    if vm.thread.pointee.isTraced, Tracing.isOn(vm) {
      do throws(Raised) { try vm.withKept(exception) { () throws(Raised) in try Tracing.entered(vm, g.registers) } } catch {
        return try Evaluator.execute(vm, g.registers, raising: true)
      }
    }
    vm.thread.pointee.pending = exception
    return try Evaluator.execute(vm, g.registers, raising: true)
  }

  private static func checkResumable(_ vm: VM, _ g: GeneratorRef, _ value: Value) throws(Raised) {
    switch g.pointee.state {
    case .suspended: return
    case .created:
      if !value.isNone {
        throw vm.raise(.typeError, "can't send non-None value to a just-started \(noun(g))")
      }
    case .running: throw vm.raise(.valueError, "\(noun(g)) already executing")
    case .finished:
      let type = g.pointee.header.type
      if type == rt.types.coroutine { throw vm.raise(.runtimeError, "cannot reuse already awaited coroutine") }
      if type == rt.types.asyncGenerator { throw vm.raise(.stopAsyncIteration) }
      throw vm.raise(.stopIteration)
    }
  }

  /// One step of a delegation to anything: like `resume`.
  static func send(_ vm: VM, _ receiver: Value, _ value: Value) throws(Raised) -> Value {
    if isDelegate(receiver) {
      let g = receiver.as(GeneratorLayout.self)
      if g.pointee.state == .finished && g.pointee.header.type == rt.types.generator {
        vm.thread.pointee.generatorReturn = .none
        return .exhausted
      }
      return try resume(vm, g, value)
    }
    // Awaitables of the VM's own say that they have ended without an exception.
    if receiver.isExact(rt.types.asyncGenASend) { return try AsyncGenASendType.step(vm, receiver, value) }
    if receiver.isCell, Value(receiver.cellType) == Asyncio.iteratorType { return try FutureIterator.step(vm, receiver) }
    do throws(Raised) {
      if value.isNone {
        guard let next = receiver.type.pointee.slots.next else {
          throw vm.raise(.typeError, "'\(receiver.typeName)' object is not an iterator")
        }
        let item = try next(vm, receiver)
        if item == .exhausted { vm.thread.pointee.generatorReturn = .none }
        return item
      }
      return try vm.callMethod(receiver, rt.names.send, value)
    } catch {
      return try stopIterationValue(vm, error)
    }
  }

  /// Turns a pending StopIteration into `.exhausted` with its value in `generatorReturn`; any other exception is thrown on.
  static func stopIterationValue(_ vm: VM, _ error: Raised) throws(Raised) -> Value {
    if !vm.pendingIs(.stopIteration) { throw error }
    let exception = vm.takePending()
    vm.thread.pointee.generatorReturn = try vm.getAttribute(exception, rt.names.value)
    return .exhausted
  }

  // MARK: throwing in

  /// What the generator delegates to at the moment, or null.
  static func delegate(_ g: GeneratorRef) -> Value {
    guard g.pointee.state == .suspended else { return .null }
    let fp = g.registers
    let pc = fp.framePC
    return pc.pointee.instruction == .yieldFrom ? fp[Int(pc.pointee.b)] : .null
  }

  /// The generator of the frame `fp` is about to delegate to `iterator`. If that has a `close()`, dropping the generator calls it.
  static func watchDelegate(_ vm: VM, _ fp: Registers, _ iterator: Value) {
    guard iterator.isCell, !isDelegate(iterator), case let type = iterator.cellType,
      !type.pointee.flags.isDisjoint(with: [.heapType, .finalized]), !Types.lookup(type, rt.names.close).isNull
    else { return }
    let g = fp.frameGenerator
    if g.pointee.hasFinalizer { return }
    vm.registerFinalizer(UnsafeMutableRawPointer(g))
    g.pointee.hasFinalizer = true
  }

  /// A handler of its own would see what is raised where the suspended frame stands.
  static func isHandling(_ g: GeneratorRef) -> Bool {
    guard g.pointee.hasFinalizer, let lowered = g.registers.frameLowered else { return false }
    return lowered.pointee.handler(for: g.registers.framePC - lowered.pointee.words) != nil
  }

  /// Something of the program's would run if this generator, coroutine or async generator were closed.
  static func endShows(_ g: GeneratorRef) -> Bool {
    switch g.pointee.state {
    case .finished, .running: return false
    // Closing a generator that has not begun does nothing; a coroutine that has not is warned about.
    case .created: return g.pointee.header.type == rt.types.coroutine
    case .suspended:
      if g.pointee.header.type == rt.types.asyncGenerator || isHandling(g) { return true }
      // What it delegates to is closed, too: generators and coroutines are asked themselves.
      let inner = delegate(g)
      return !inner.isNull && !isDelegate(inner)
    }
  }

  /// `generator.throw(exception)`: into the innermost delegate first.
  /// - Returns: as `resume`.
  static func throwIn(_ vm: VM, _ g: GeneratorRef, _ exception: Value, closeOnExit: Bool) throws(Raised) -> Value {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    if g.pointee.state == .running { throw vm.raise(.valueError, "\(noun(g)) already executing") }
    let inner = delegate(g)
    if inner.isNull { return try resume(vm, g, raising: exception) }
    if closeOnExit, exception.isInstance(of: rt.types[.generatorExit]) {
      g.pointee.state = .running
      do throws(Raised) { try closeIterator(vm, inner) } catch {
        g.pointee.state = .suspended
        return try resume(vm, g, raising: vm.takePending())
      }
      g.pointee.state = .suspended
      return try resume(vm, g, raising: exception)
    }
    let outcome: Value
    do throws(Raised) {
      if isDelegate(inner) {
        outcome = try delegating(vm, g) { () throws(Raised) in
          try throwIn(vm, inner.as(GeneratorLayout.self), exception, closeOnExit: closeOnExit)
        }
      } else {
        let method = try vm.getAttributeOrNull(inner, rt.names.throw)
        if method.isNull { return try resume(vm, g, raising: exception) }
        outcome = try delegating(vm, g) { () throws(Raised) in try vm.call(method, exception) }
      }
    } catch {
      if vm.pendingIs(.stopIteration) {
        let stop = vm.takePending()
        vm.thread.pointee.generatorReturn = try vm.getAttribute(stop, rt.names.value)
        return try endDelegation(vm, g)
      }
      return try resume(vm, g, raising: vm.takePending())
    }
    return outcome == .exhausted ? try endDelegation(vm, g) : outcome
  }

  /// Runs `body`, which enters the delegate of `g` past the loop: the frame of `g` stands above the delegate's all the same.
  private static func delegating(_ vm: VM, _ g: GeneratorRef, _ body: () throws(Raised) -> Value) throws(Raised) -> Value {
    let fp = g.registers, thread = vm.thread
    let link = fp.frameLink, outer = thread.pointee.frame
    g.pointee.state = .running
    fp.frameLink = UInt64(UInt(bitPattern: outer)) | FrameLink.generator | FrameLink.entry
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    defer {
      thread.pointee.frame = outer
      fp.frameLink = link
      g.pointee.state = .suspended
    }
    return try body()
  }

  /// The delegate has returned (`generatorReturn`) outside the loop: the frame goes on behind its YIELD_FROM.
  private static func endDelegation(_ vm: VM, _ g: GeneratorRef) throws(Raised) -> Value {
    let fp = g.registers
    let pc = fp.framePC
    let value = vm.thread.pointee.generatorReturn
    try enter(vm, g, FrameLink.entry)
    fp[Int(pc.pointee.a)] = value
    fp.framePC = pc + 1
    return try Evaluator.execute(vm, fp, raising: false)
  }

  /// Closes something delegated to: its `close` method, if it has one.
  static func closeIterator(_ vm: VM, _ iterator: Value) throws(Raised) {
    if isDelegate(iterator) { return try close(vm, iterator.as(GeneratorLayout.self)) }
    var method = Value.null
    do throws(Raised) { method = try vm.getAttributeOrNull(iterator, rt.names.close) } catch { vm.writeUnraisable("", iterator) }
    if !method.isNull { _ = try vm.call(method) }
  }

  /// `generator.close()`
  static func close(_ vm: VM, _ g: GeneratorRef) throws(Raised) {
    switch g.pointee.state {
    case .finished: return
    case .running: throw vm.raise(.valueError, "\(noun(g)) already executing")
    case .created:
      clear(vm, g.registers)
      g.pointee.state = .finished
      return
    case .suspended: break
    }
    // Outside of handlers, and of loops whose iterators it leaves, nothing in the frame would see GeneratorExit.
    if g.pointee.header.type == rt.types.generator, !isHandling(g), delegate(g).isNull, !vm.thread.pointee.isTraced,
      g.registers.frameCode.lowered?.pointee.iteratorSlots == 0
    {
      return discard(vm, g)
    }
    let exit = try Exceptions.make(vm, rt.types[.generatorExit], Args(vm.thread.pointee.stackTop, count: 0))
    do throws(Raised) {
      if try throwIn(vm, g, exit, closeOnExit: true) != .exhausted {
        throw vm.raise(.runtimeError, "\(noun(g)) ignored GeneratorExit")
      }
    } catch {
      if vm.pendingIs(.stopIteration) || vm.pendingIs(.generatorExit) {
        vm.clearPending()
        return
      }
      throw error
    }
  }
}

/// `sys.set_coroutine_origin_tracking_depth`
enum CoroutineOrigin {
  /// Tuple of (filename, line, function) of the callers, innermost first.
  static func capture(_ vm: VM, _ fp: Registers) throws(Raised) -> Value {
    let list = try vm.list()
    var frame = fp.frameCaller
    var left = vm.thread.pointee.coroutineOriginDepth
    while left > 0, let f = frame {
      let code = f.frameCode
      let line = try vm.int(LineTable.line(code, f.frameLasti))
      try vm.append(list, try vm.tuple(code.pointee.filename, line, code.pointee.name))
      left &-= 1
      frame = f.frameCaller
    }
    return try vm.tuple(from: list)
  }
}
