// Tail-threaded dispatch, used in release builds: each hot instruction is a C function that ends in a jump to the next one's. The evaluator's
// state is in the arguments, which stay in registers. What allocates or may raise is in a function of its own (`amphis_slow_…`), so that the
// fast one saves no registers; it ends in the same jump.
//
// Without optimisation, or with the checks of AddressSanitizer among the code, the calls would not become jumps and the native stack would
// overflow: such builds use the switch alone.

typealias RawPC = UnsafeMutableRawPointer
typealias RawFP = UnsafeMutableRawPointer
typealias RawK = UnsafeMutableRawPointer
typealias RawThread = UnsafeMutableRawPointer
/// Handlers by instruction.
typealias HandlerTable = UnsafePointer<UnsafeRawPointer>
typealias Handler = @convention(c) (RawPC, RawFP, RawK, RawThread, HandlerTable) -> Void

enum Threaded {
  #if SANITIZED
    @inline(__always) static var isUsed: Bool { false }
  #else
    @inline(__always) static var isUsed: Bool { !_isDebugAssertConfiguration() }
  #endif

  /// The table, made once, never freed: 256 handlers, then 256 for what these leave to a slow part. That is found through the table too:
  /// swiftc merges functions that differ little, and calls the merged one, instead of jumping to it, where it has put it in line.
  static let table: HandlerTable = {
    let table = UnsafeMutablePointer<UnsafeRawPointer>.allocate(capacity: 512)
    table.initialize(repeating: address(amphis_op_unknown), count: 512)
    fill { instruction, handler, slow in
      table[Int(instruction.rawValue)] = address(handler)
      table[256 &+ Int(instruction.rawValue)] = address(slow)
    }
    return HandlerTable(table)
  }()

  /// The same, but for each instruction at which a handler would go on `amphis_op_stop`: a handler that is given this table executes its own instruction
  /// and returns.
  static let single: HandlerTable = {
    let single = UnsafeMutablePointer<UnsafeRawPointer>.allocate(capacity: 512)
    single.initialize(from: table, count: 512)
    for i in 0..<256 { single[i] = address(amphis_op_stop) }
    return HandlerTable(single)
  }()

  /// The handler that goes on where the pending exception is handled
  static var raised: UnsafeRawPointer { address(amphis_op_raised) }
  /// The handler of ENTER_MACHINE, and where the one in machine code (`MachineStubs`) goes when it has more to do than go on
  static let enterSlowly = address(amphis_op_enterMachine), left = address(amphis_op_left)
  static func setEnter(_ handler: UInt64) {
    guard isUsed, let handler = UnsafeRawPointer(bitPattern: UInt(handler)) else { return }
    UnsafeMutablePointer(mutating: table)[Int(Instruction.enterMachine.rawValue)] = handler
  }

  /// Executes the instruction at `pc`, the one proper where machine code is entered.
  /// - Returns: where the evaluator goes on, in the frame `machineFrame`; nil when its loop has come to its end
  static func step(_ vm: VM, _ fp: Registers, _ pc: CodePointer) -> CodePointer? {
    rt.pointee.machineNext = nil
    let handler = unsafeBitCast(table[Int(pc.pointee.instruction.rawValue)], to: Handler.self)
    handler(RawPC(pc), RawFP(fp), RawK(fp.frameCode.pointee.constItems), RawThread(vm.thread), single)
    return rt.pointee.machineNext.map(Threaded.pc)
  }

  private static func address(_ handler: @escaping Handler) -> UnsafeRawPointer { unsafeBitCast(handler, to: UnsafeRawPointer.self) }

  /// `Evaluator.loop` by the handlers.
  @inline(__always)
  static func loop(_ vm: VM, _ entry: Registers, raising: Bool) throws(Raised) -> Value {
    var fp = entry
    if raising {
      guard let frame = Unwinding.unwind(vm, fp) else { throw Raised() }
      fp = frame
    }
    let thread = vm.thread
    next(fp.framePC, fp, fp.frameCode.pointee.constItems, thread, thread.pointee.handlers)
    let result = thread.pointee.loopResult
    thread.pointee.loopResult = .null
    if result.isNull { throw Raised() }
    return result
  }

  /// To the handler of the instruction at `pc`.
  @inline(__always)
  static func next(
    _ pc: CodePointer, _ fp: Registers, _ k: Registers, _ thread: UnsafeMutablePointer<ThreadState>, _ table: HandlerTable
  ) {
    let handler = unsafeBitCast(table[Int(UInt8(truncatingIfNeeded: pc.pointee.op))], to: Handler.self)
    handler(RawPC(pc), RawFP(fp), RawK(k), RawThread(thread), table)
  }

  /// To the slow part of the instruction at `pc`.
  @inline(__always)
  static func miss(_ pc: RawPC, _ fp: RawFP, _ k: RawK, _ thread: RawThread, _ table: HandlerTable) {
    unsafeBitCast(table[256 &+ Int(Threaded.pc(pc).pointee.instruction.rawValue)], to: Handler.self)(pc, fp, k, thread, table)
  }

  @inline(never)
  static func raiseUnknown(_ pc: CodePointer, _ fp: Registers, _ thread: UnsafeMutablePointer<ThreadState>) {
    fp.framePC = pc
    _ = VM(thread).raise(.systemError, "instruction \(pc.pointee.op) cannot be executed")
  }

  /// Back to native code, with what the frame has returned or yielded, or null when the pending exception has ended it.
  @inline(__always)
  static func finish(_ result: Value, _ thread: UnsafeMutablePointer<ThreadState>) {
    thread.pointee.loopResult = result
    // Loops within the instruction, and other threads, have set it meanwhile.
    rt.pointee.machineNext = nil
  }

  @inline(__always) static func pc(_ raw: RawPC) -> CodePointer { raw.assumingMemoryBound(to: InstructionWord.self) }
  @inline(__always) static func registers(_ raw: RawFP) -> Registers { raw.assumingMemoryBound(to: Value.self) }
  @inline(__always) static func thread(_ raw: RawThread) -> UnsafeMutablePointer<ThreadState> {
    raw.assumingMemoryBound(to: ThreadState.self)
  }
}

/// Goes on where the pending exception is handled, or leaves the loop.
@inline(never) @c func amphis_op_raised(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  let thread = Threaded.thread(rawThread), fp = Threaded.registers(rawFP)
  fp.framePC = Threaded.pc(rawPC)
  guard let frame = Unwinding.unwind(VM(thread), fp) else { return Threaded.finish(.null, thread) }
  return Threaded.next(frame.framePC, frame, frame.frameCode.pointee.constItems, thread, table)
}

/// The look that is due at a jump back; then the jump.
@inline(never) @c func amphis_op_tick(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  let thread = Threaded.thread(rawThread), fp = Threaded.registers(rawFP), pc = Threaded.pc(rawPC)
  Machine.tick(VM(thread), fp, pc)
  return Threaded.next(pc, fp, Threaded.registers(rawK), thread, table)
}

/// The end of a single instruction.
@inline(never) @c func amphis_op_stop(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  rt.pointee.machineNext = rawPC
  rt.pointee.machineFrame = Threaded.registers(rawFP)
}

/// Machine code that a handler has entered has been left for the instruction at hand, and that is not all.
@inline(never) @c func amphis_op_left(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  let thread = Threaded.thread(rawThread)
  guard let next = Machine.goOn(VM(thread), Threaded.registers(rawFP), Threaded.pc(rawPC)) else {
    return Threaded.finish(thread.pointee.loopResult, thread)
  }
  let frame = rt.pointee.machineFrame
  return Threaded.next(next, frame, frame.frameCode.pointee.constItems, thread, table)
}

/// Instructions that nothing executes.
@c func amphis_op_unknown(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  Threaded.raiseUnknown(Threaded.pc(rawPC), Threaded.registers(rawFP), Threaded.thread(rawThread))
  return amphis_op_raised(rawPC, rawFP, rawK, rawThread, table)
}
