/// `frame`
enum FrameType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(FrameObjectLayout.traceCell)
    t.slots.repr = NoArgsCode(repr)
    t.getset("f_back", nil, back)
    t.getset("f_locals", nil) { vm, v throws(Raised) in try FrameObjects.locals(vm, v) }
    t.getset("f_lineno", nil, getLine, setLine)
    t.getset("f_trace", nil, getTrace, setTrace)
    t.getset("f_lasti", nil) { vm, v throws(Raised) in try vm.int(lasti(layout(v))) }
    t.getset("f_globals", nil) { _, v throws(Raised) in function(v).pointee.globals }
    t.getset("f_builtins", nil) { _, v throws(Raised) in function(v).pointee.builtins }
    t.getset("f_code", nil) { _, v throws(Raised) in layout(v).pointee.code }
    t.getset("f_trace_lines", nil, getTraceLines, setTraceLines)
    t.getset("f_trace_opcodes", nil, getTraceOpcodes, setTraceOpcodes)
    t.method("clear", "($self, /)", "Drop the local variables of a frame that is not running.", clear)
  }

  private static func layout(_ v: Value) -> UnsafeMutablePointer<FrameObjectLayout> { v.as(FrameObjectLayout.self) }
  private static func function(_ v: Value) -> UnsafeMutablePointer<FunctionLayout> {
    layout(v).pointee.function.as(FunctionLayout.self)
  }

  static func lasti(_ frame: UnsafeMutablePointer<FrameObjectLayout>) -> Int {
    guard let fp = frame.pointee.registers else { return Int(frame.pointee.lasti) }
    if frame.pointee.generator.isCell, frame.pointee.generator.as(GeneratorLayout.self).pointee.state == .created { return -1 }
    return fp.frameLasti
  }

  /// Line that the frame is at; -1 without one.
  static func line(_ frame: UnsafeMutablePointer<FrameObjectLayout>) -> Int {
    LineTable.line(frame.pointee.code.as(CodeLayout.self), lasti(frame))
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let code = layout(v).pointee.code.as(CodeLayout.self)
    let file = try vm.repr(code.pointee.filename).swiftString
    let name = code.pointee.name.swiftString
    return try vm.str("<frame at \(Addresses.hex(v)), file \(file), line \(line(layout(v))), code \(name)>")
  }

  private static func back(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let frame = layout(v)
    guard let fp = frame.pointee.registers else { return frame.pointee.back.isNull ? .none : frame.pointee.back }
    guard let caller = fp.frameCaller else { return .none }
    return try FrameObjects.object(vm, caller)
  }

  private static func getLine(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let number = line(layout(v))
    return number < 0 ? .none : try vm.int(number)
  }
  private static func setLine(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    try LineJump.set(vm, v, x)
  }

  private static func getTrace(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let trace = layout(v).pointee.trace
    return trace.isNull ? .none : trace
  }
  private static func setTrace(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    layout(v).pointee.trace = x.isNone ? .null : x
  }
  private static func getTraceLines(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(layout(v).pointee.traceLines) }
  private static func setTraceLines(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    guard x.isBool else { throw vm.raise(.typeError, "attribute value type must be bool") }
    layout(v).pointee.traceLines = x == .true
  }
  private static func getTraceOpcodes(_ vm: VM, _ v: Value) throws(Raised) -> Value { .bool(layout(v).pointee.traceOpcodes) }
  private static func setTraceOpcodes(_ vm: VM, _ v: Value, _ x: Value, _: Value) throws(Raised) {
    guard x.isBool else { throw vm.raise(.typeError, "attribute value type must be bool") }
    layout(v).pointee.traceOpcodes = x == .true
  }

  private static func clear(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let frame = layout(v)
    if frame.pointee.generator.isCell {
      let g = frame.pointee.generator.as(GeneratorLayout.self)
      if g.pointee.state == .running { throw vm.raise(.runtimeError, "cannot clear an executing frame") }
      // As if it had been dropped: a coroutine that was never awaited is warned about.
      GeneratorType.finalize(vm, frame.pointee.generator)
    } else if frame.pointee.registers != nil {
      throw vm.raise(.runtimeError, "cannot clear an executing frame")
    }
    frame.pointee.saved = nil
    frame.pointee.locals = .null
    return .none
  }
}
