/// The interpreter: entries from native code. The loop is generated (`Generated/`) from the bodies of the instructions in
/// Tools/evaluator/bodies. Habits that keep it fast, all measured:
///
/// * pc, fp, k (the constants) and the thread are the only state, in locals; operands are read where they are used.
/// * Whatever can raise or look at frames comes after `fp.framePC = pc`. An instruction that raises has written no destination.
/// * Errors leave through `throw`, caught once for the whole switch; the handler is found from `pc`.
/// * `pc` moves on only at the end of a body.
enum Evaluator {
  /// Calls a Python function from native code: a frame on top of the VM stack, run by a loop of its own.
  @inline(never)
  static func call(_ vm: VM, _ callee: Value, _ args: Args) throws(Raised) -> Value {
    let thread = vm.thread
    let top = thread.pointee.stackTop
    let function = callee.as(FunctionLayout.self)
    let code = function.pointee.code.as(CodeLayout.self)
    if code.pointee.entry == nil { try CodePreparation.prepare(vm, code) }
    let fp = top + FrameLayout.headerWords
    let keywords = args.keywords.isNull ? 0 : args.keywords.as(TupleLayout.self).pointee.count
    let room = fp + Int(code.pointee.registerCount) + args.count + keywords
    guard vm.hasStack(for: room), thread.pointee.recursionDepth < rt.pointee.recursionLimit else { throw vm.raiseRecursionError() }
    fp.frameCallee = callee
    if args.keywords.isNull {
      for i in 0..<args.count { fp[i] = args.base[i] }
    }
    if Int(code.pointee.simpleArgs) == args.count && args.keywords.isNull {
      Calls.clear(fp, from: args.count, to: Int(code.pointee.nlocalsplus))
    } else if !args.keywords.isNull || !ArgumentBinder.bindAtOnce(function, code, fp, args.count) {
      do throws(Raised) {
        try ArgumentBinder(vm: vm, function: function, code: code, fp: fp).bind(args.base, args.count, args.keywords)
      } catch {
        thread.pointee.stackTop = top
        throw error
      }
    }
    return try run(vm, fp, code, .null, top)
  }

  /// Runs a function without parameters with `namespace` as its local names: module and class bodies.
  @inline(never)
  static func run(_ vm: VM, _ function: Value, namespace: Value) throws(Raised) -> Value {
    let thread = vm.thread
    let top = thread.pointee.stackTop
    let code = function.as(FunctionLayout.self).pointee.code.as(CodeLayout.self)
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    if code.pointee.entry == nil { try CodePreparation.prepare(vm, code) }
    try makeRoom(vm, namespace, code)
    let fp = top + FrameLayout.headerWords
    guard vm.hasStack(for: fp + Int(code.pointee.registerCount)), thread.pointee.recursionDepth < rt.pointee.recursionLimit else {
      throw vm.raiseRecursionError()
    }
    fp.frameCallee = function
    if Int(code.pointee.simpleArgs) == 0 {
      for i in 0..<Int(code.pointee.nlocalsplus) { fp[i] = .null }
    } else {
      let layout = function.as(FunctionLayout.self)
      try ArgumentBinder(vm: vm, function: layout, code: code, fp: fp).bind(UnsafePointer(fp), 0, .null)
    }
    return try run(vm, fp, code, namespace, top)
  }

  /// Gives a small namespace the room for what a module or class body will store: growing step by step leaves as much behind as the table takes.
  private static func makeRoom(_ vm: VM, _ namespace: Value, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    guard let lowered = code.pointee.lowered, namespace.isExact(rt.types.dict) else { return }
    let stored = Int(lowered.assumingMemoryBound(to: LoweredCode.self).pointee.storedNameCount)
    let dict = namespace.as(DictLayout.self)
    // A name may be stored in several places.
    if stored > 5, dict.isOwn, dict.table.pointee.count < 16 {
      try HashTable.reserve(vm, dict.table, stored &- stored / 8, HashTable.dictStride)
    }
  }

  private static func run(
    _ vm: VM, _ fp: Registers, _ code: UnsafeMutablePointer<CodeLayout>, _ state: Value, _ top: Registers
  ) throws(Raised) -> Value {
    let thread = vm.thread
    fp.frameState = state
    fp.frameLink = UInt64(UInt(bitPattern: thread.pointee.frame)) | FrameLink.entry
    fp.framePC = try Tracing.entry(vm, code)
    thread.pointee.frame = UnsafeMutableRawPointer(fp)
    thread.pointee.stackTop = fp + Int(code.pointee.registerCount)
    thread.pointee.recursionDepth &+= 1
    do throws(Raised) {
      let result = try execute(vm, fp, raising: false)
      thread.pointee.stackTop = top
      return result
    } catch {
      thread.pointee.stackTop = top
      throw error
    }
  }

  /// A frame entered from native code, or pushed over others by the loop, returns: the part of RETURN that is not the fast path.
  /// - Returns: the frame to go on in, result delivered and `framePC` advanced; nil when the loop ends with `value`.
  @inline(never)
  static func returnSlowly(_ vm: VM, _ fp: Registers, _ value: Value) throws(Raised) -> Registers? {
    let thread = vm.thread
    let link = fp.frameLink
    if thread.pointee.isTraced, fp.framePC.pointee.instruction != .returnGenerator {
      do throws(Raised) { try Tracing.returned(vm, fp, value) } catch {
        // The frame is left all the same. One that native code entered is left by the unwinding that follows.
        if link & FrameLink.entry == 0 { _ = Unwinding.leave(vm, fp) }
        throw error
      }
    }
    if link & FrameLink.generator != 0 {
      guard let caller = Generators.finish(vm, fp, value) else { return nil }
      return link & FrameLink.gathering != 0 ? try Gathering.end(vm, caller) : caller
    }
    if !fp.frameState.isNull { FrameObjects.detach(vm, fp) }
    let caller = fp.frameCaller
    thread.pointee.recursionDepth &-= FrameLink.depth(link)
    thread.pointee.frame = caller.map { UnsafeMutableRawPointer($0) }
    guard link & FrameLink.entry == 0, let caller else { return nil }
    thread.pointee.stackTop =
      caller.isGeneratorFrame ? fp - FrameLayout.headerWords : caller + Int(caller.frameCode.pointee.registerCount)
    let pc = caller.framePC
    if link & FrameLink.initializer != 0 {
      if !value.isNone { throw vm.raise(.typeError, "__init__() should return None, not '\(value.typeName)'") }
      caller[Int(pc.pointee.a)] = caller[Int(pc.pointee.b)]
    } else if link & FrameLink.other != 0, OperatorInstructions.hasOutcome(pc.pointee.instruction) {
      caller.framePC = try OperatorInstructions.deliver(vm, caller, value)
      if thread.pointee.isTraced, Tracing.isOn(vm) { Tracing.switchToTraced(vm, caller) }
      return caller
    } else if value == .notImplemented, link & FrameLink.other != 0, OperatorInstructions.isOperator(pc) {
      let answer = try OperatorInstructions.afterNotImplemented(vm, caller)
      caller[Int(pc.pointee.a)] = answer
    } else {
      caller[Int(pc.pointee.a)] = value
    }
    switch pc.pointee.instruction {
    case .withExit: caller.framePC = pc + 1
    case .call, .callMethod, .call1, .callMethod1, .callKw, .callMethodKw, .callEx: caller.framePC = pc + 2
    default: caller.framePC = pc + InstructionTable.shared.length(pc)
    }
    if thread.pointee.isTraced, Tracing.isOn(vm) { Tracing.switchToTraced(vm, caller) }
    if link & FrameLink.watching != 0 { try DroppedObjects.dropLocals(vm, fp, value, caller) }
    return caller
  }

  /// Takes the frame `fp` of a function from the VM stack, for which `caller` goes on.
  @inline(__always)
  static func pop(_ thread: UnsafeMutablePointer<ThreadState>, _ fp: Registers, _ link: UInt64, to caller: Registers) {
    thread.pointee.recursionDepth &-= FrameLink.depth(link)
    thread.pointee.frame = UnsafeMutableRawPointer(caller)
    thread.pointee.stackTop =
      caller.isGeneratorFrame ? fp - FrameLayout.headerWords : caller + Int(caller.frameCode.pointee.registerCount)
  }

  /// `returnSlowly` for the handler of RETURN where nothing can raise or trace and the loop goes on: nil when that is not so, and then
  /// nothing has happened but that a frame object has its own variables.
  @inline(never)
  static func returnAtOnce(_ vm: VM, _ fp: Registers, _ value: Value) -> Registers? {
    let thread = vm.thread
    let link = fp.frameLink
    guard link & (FrameLink.entry | FrameLink.watching) == 0, !thread.pointee.isTraced, let caller = fp.frameCaller else { return nil }
    if link & FrameLink.generator != 0 {
      return link & FrameLink.gathering == 0 && fp.frameState.isNull ? Generators.finish(vm, fp, value) : nil
    }
    // Before anything is stored: the caller's result may lie where this frame has its header.
    if !fp.frameState.isNull { FrameObjects.detach(vm, fp) }
    let pc = caller.framePC
    var delivered: CodePointer?
    if link & FrameLink.initializer != 0 {
      guard value.isNone else { return nil }
      caller[Int(pc.pointee.a)] = caller[Int(pc.pointee.b)]
    } else if link & FrameLink.other != 0, OperatorInstructions.hasOutcome(pc.pointee.instruction) {
      delivered = OperatorInstructions.deliverAtOnce(caller, value)
      if delivered == nil { return nil }
    } else if value == .notImplemented {
      // Of an operator's method: the slow part asks further.
      return nil
    } else {
      caller[Int(pc.pointee.a)] = value
    }
    pop(thread, fp, link, to: caller)
    if let delivered {
      caller.framePC = delivered
      return caller
    }
    switch pc.pointee.instruction {
    case .withExit: caller.framePC = pc + 1
    case .call, .callMethod, .call1, .callMethod1, .callKw, .callMethodKw, .callEx: caller.framePC = pc + 2
    default: caller.framePC = pc + InstructionTable.shared.length(pc)
    }
    return caller
  }

  /// The same for a tuple that was made for this RETURN. A caller that unpacks it at once gets its items, and the tuple is freed.
  @inline(never)
  static func returnTupleAtOnce(_ vm: VM, _ fp: Registers, _ value: Value) -> Registers? {
    let thread = vm.thread
    guard fp.frameLink & FrameLink.flags == 0, fp.frameState.isNull, !thread.pointee.isTraced, let caller = fp.frameCaller,
      case let call = caller.framePC, LoopIterators.isSlot(call.pointee.a, caller), value.isExact(rt.types.tuple),
      case let tuple = value.as(TupleLayout.self),
      UnpackInstructions.unpackResult(caller, call + 2, call.pointee.a, tuple.items, tuple.pointee.count)
    else { return returnAtOnce(vm, fp, value) }
    pop(thread, fp, fp.frameLink, to: caller)
    rt.heapPointer.pointee.free(value.cell)
    return caller
  }

  /// What a quickened FOR_LOOP does when it cannot go on by itself: it jumps to its FOR_ITER, and stays as it is if it only met the end
  /// of its iterator or a safepoint.
  @inline(never)
  static func loopSlowly(_ vm: VM, _ fp: Registers, _ pc: CodePointer, _ type: TypeRef) throws(Raised) {
    if rt.pointee.evalBreaker != 0 {
      fp.framePC = pc
      try vm.safepoint()
    } else if !fp[Int(pc.pointee.b)].isExact(type) {
      Quickening.revert(pc, to: .forLoop)
    }
  }

  /// Backward jumps come here before they are taken.
  @inline(__always)
  static func poll(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) {
    if rt.pointee.evalBreaker != 0 {
      fp.framePC = pc
      try vm.safepoint()
    }
  }
}
