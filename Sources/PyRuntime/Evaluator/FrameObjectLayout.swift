/// A frame as Python sees it. Made on demand; `registers` points at the live frame until it returns, then the local variables move to
/// `saved` and the caller's frame object to `back`.
struct FrameObjectLayout {
  var header: CellHeader
  /// The live frame, or nil once it has returned
  var registers: Registers?
  /// Value buffer with copies of the registers 0 ..< nlocalsplus, once the frame has returned
  var saved: UnsafeMutablePointer<Value>?
  var function: Value
  /// code object
  var code: Value
  /// Mapping of a class or module body, or null
  var namespace: Value
  /// The dict that `f_locals` of a function made, or null
  var locals: Value
  /// Frame object of the caller, once the frame has returned; null if there was none
  var back: Value
  /// The generator that owns the registers, or null
  var generator: Value
  /// Local trace function or null
  var trace: Value
  /// Bytecode offset in bytes where the frame stood when it returned
  var lasti: Int32
  /// 1 + the code unit that a jump of a trace function chose for the next resumption, or 0
  var line: Int32
  /// Traced code: offset of the instruction before the one that runs, −1 at the start
  var previous: Int32
  var traceLines: Bool
  var traceOpcodes: Bool
  /// `f_locals` was read since the last event: what was written to it goes back to the variables
  var localsRead: Bool

  static let traceCell: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let frame = cell.assumingMemoryBound(to: FrameObjectLayout.self)
    tracer.visitBuffer(frame.pointee.saved)
    tracer.visit(frame.pointee.function)
    tracer.visit(frame.pointee.code)
    tracer.visit(frame.pointee.namespace)
    tracer.visit(frame.pointee.locals)
    tracer.visit(frame.pointee.back)
    tracer.visit(frame.pointee.generator)
    tracer.visit(frame.pointee.trace)
  }
}

enum GeneratorState: UInt8 {
  case created, suspended, running, finished
}

/// A generator, coroutine or async generator; the types differ, the memory does not. Its frame (header and registers) follows inline
/// at `registersOffset`; all `registerCount` registers hold values or null at any time, so that tracing may read all of them.
struct GeneratorLayout {
  var header: CellHeader
  var name: Value, qualname: Value
  var function: Value
  /// code object
  var code: Value
  /// Exception handled inside while it is suspended, or null
  var handled: Value
  /// While running: what the resumer handled, and the generator that it ran in
  var outerHandled: Value
  var outerGenerator: Value
  /// While running: what is handled outside of it, by the resumer or further out; null when nothing is
  var handledOutside: Value
  /// `cr_origin`: tuple or null
  var origin: Value
  /// Async generators: the finalizer hook, or null
  var finalizer: Value
  var registerCount: Int32
  var state: GeneratorState
  /// Async generators: hooks have been called; `aclose` has begun; an `asend`/`athrow` is under way
  var hooksCalled: Bool, closed: Bool, runningAsync: Bool
  /// Nothing but `owner` refers to it: it is freed when it has ended
  var isTemporary: Bool
  /// It is in the collector's table of objects with finalizers
  var hasFinalizer: Bool
  /// Address of the register that holds the only reference to it, 1 while that is the argument of a native call, else 0
  /// (`LoopIterators`)
  var owner: UInt

  static var registersOffset: Int { (MemoryLayout<GeneratorLayout>.size + 15) / 16 * 16 + FrameLayout.headerWords * 8 }

  static let traceCell: TraceFunction = { cell, raw in
    let tracer = Tracer(raw)
    let g = cell.assumingMemoryBound(to: GeneratorLayout.self)
    tracer.visitShared(g.pointee.name)
    tracer.visitShared(g.pointee.qualname)
    tracer.visitShared(g.pointee.function)
    tracer.visitShared(g.pointee.code)
    tracer.visit(g.pointee.handled)
    tracer.visit(g.pointee.outerHandled)
    tracer.visit(g.pointee.outerGenerator)
    tracer.visit(g.pointee.handledOutside)
    tracer.visit(g.pointee.origin)
    tracer.visit(g.pointee.finalizer)
    if g.pointee.state == .finished { return }
    let registers = g.registers
    tracer.visit(registers.frameState)
    tracer.visit(registers[-1])
    tracer.visit(registers, count: Int(g.pointee.registerCount))
  }
}

extension UnsafeMutablePointer where Pointee == GeneratorLayout {
  @inline(__always) var registers: Registers {
    (UnsafeMutableRawPointer(self) + GeneratorLayout.registersOffset).assumingMemoryBound(to: Value.self)
  }
}
