// Tail-threaded dispatch, used in release builds: each hot instruction is a C function that ends in a jump to the next one's. The evaluator's
// state is in the arguments, which stay in registers. What cannot be finished without allocating, raising or leaving the loop goes back to
// the switch (`Evaluator.loop`), which executes one instruction and comes here again.
//
// Without optimisation the calls would not become jumps and the native stack would overflow: debug builds use the switch alone.

typealias RawPC = UnsafeMutableRawPointer
typealias RawFP = UnsafeMutableRawPointer
typealias RawK = UnsafeMutableRawPointer
typealias RawThread = UnsafeMutableRawPointer
/// Handlers by instruction.
typealias HandlerTable = UnsafePointer<UnsafeRawPointer>
typealias Handler = @convention(c) (RawPC, RawFP, RawK, RawThread, HandlerTable) -> Void

/// Where the handlers left off.
struct EvaluatorState {
  var pc = CodePointer(bitPattern: 8).unsafelyUnwrapped
  var fp = Registers(bitPattern: 8).unsafelyUnwrapped
  var k = Registers(bitPattern: 8).unsafelyUnwrapped
}

enum Threaded {
  @inline(__always) static var isUsed: Bool { !_isDebugAssertConfiguration() }

  /// The table, made once, never freed.
  static let table: HandlerTable = {
    let table = UnsafeMutablePointer<UnsafeRawPointer>.allocate(capacity: 256)
    table.initialize(repeating: address(amphis_op_leave), count: 256)
    fill { instruction, handler in table[Int(instruction.rawValue)] = address(handler) }
    return HandlerTable(table)
  }()

  private static func address(_ handler: @escaping Handler) -> UnsafeRawPointer { unsafeBitCast(handler, to: UnsafeRawPointer.self) }

  /// Executes instructions from `pc` on until one has to be left to the switch; where that is stands in `thread.resume` then.
  @inline(__always)
  static func run(_ pc: CodePointer, _ fp: Registers, _ k: Registers, _ thread: UnsafeMutablePointer<ThreadState>) {
    next(pc, fp, k, thread, thread.pointee.handlers)
  }

  /// To the handler of the instruction at `pc`.
  @inline(__always)
  static func next(
    _ pc: CodePointer, _ fp: Registers, _ k: Registers, _ thread: UnsafeMutablePointer<ThreadState>, _ table: HandlerTable
  ) {
    let handler = unsafeBitCast(table[Int(UInt8(truncatingIfNeeded: pc.pointee.op))], to: Handler.self)
    handler(RawPC(pc), RawFP(fp), RawK(k), RawThread(thread), table)
  }

  /// Back to the switch.
  @inline(__always)
  static func leave(_ pc: CodePointer, _ fp: Registers, _ k: Registers, _ thread: UnsafeMutablePointer<ThreadState>) {
    thread.pointee.resume = EvaluatorState(pc: pc, fp: fp, k: k)
  }

  @inline(__always) static func pc(_ raw: RawPC) -> CodePointer { raw.assumingMemoryBound(to: InstructionWord.self) }
  @inline(__always) static func registers(_ raw: RawFP) -> Registers { raw.assumingMemoryBound(to: Value.self) }
  @inline(__always) static func thread(_ raw: RawThread) -> UnsafeMutablePointer<ThreadState> {
    raw.assumingMemoryBound(to: ThreadState.self)
  }
}

/// Instructions without a handler of their own.
@c func amphis_op_leave(_ rawPC: RawPC, _ rawFP: RawFP, _ rawK: RawK, _ rawThread: RawThread, _ table: HandlerTable) {
  Threaded.leave(Threaded.pc(rawPC), Threaded.registers(rawFP), Threaded.registers(rawK), Threaded.thread(rawThread))
}
