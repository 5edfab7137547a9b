/// Frame objects: making them, their locals, and what happens to them when the frame returns.
enum FrameObjects {
  /// The frame object of a live frame, made if it has none.
  static func object(_ vm: VM, _ fp: Registers) throws(Raised) -> Value {
    let state = fp.frameState
    if state.isExact(rt.types.frame) { return state }
    let f = try vm.make(FrameObjectLayout.self, rt.types.frame)
    f.pointee.registers = fp
    f.pointee.function = fp[-1]
    f.pointee.code = fp.frameFunction.pointee.code
    f.pointee.namespace = state
    f.pointee.traceLines = true
    f.pointee.previous = -1
    if fp.isGeneratorFrame { f.pointee.generator = Value(fp.frameGenerator) }
    LoopIterators.show(fp)
    fp.frameState = Value(f)
    return Value(f)
  }

  /// The frame is about to end: its frame object takes over the local variables. Cannot raise; a pending exception stays.
  @inline(never)
  static func detach(_ vm: VM, _ fp: Registers) {
    let state = fp.frameState
    guard state.isExact(rt.types.frame) else { return }
    let f = state.as(FrameObjectLayout.self)
    guard f.pointee.registers == fp else { return }
    let pending = vm.thread.pointee.pending
    f.pointee.lasti = Int32(truncatingIfNeeded: fp.frameLasti)
    let count = Int(fp.frameCode.pointee.nlocalsplus)
    do throws(Raised) {
      if count > 0 {
        let saved = try vm.allocateValues(count)
        for i in 0..<count { saved[i] = fp[i] }
        f.pointee.saved = saved
      }
      if let caller = fp.frameCaller { f.pointee.back = try object(vm, caller) }
    } catch {}
    f.pointee.registers = nil
    vm.thread.pointee.pending = pending
  }

  /// Where the local variables are: the live frame or the saved copies; nil if there are none.
  static func variables(_ frame: UnsafeMutablePointer<FrameObjectLayout>) -> UnsafeMutablePointer<Value>? {
    frame.pointee.registers ?? frame.pointee.saved
  }

  /// `f_locals`: the namespace of a class or module body; for a function a dict that every call brings up to date.
  static func locals(_ vm: VM, _ object: Value) throws(Raised) -> Value {
    let frame = object.as(FrameObjectLayout.self)
    if !frame.pointee.namespace.isNull { return frame.pointee.namespace }
    if frame.pointee.locals.isNull { frame.pointee.locals = try vm.dict() }
    frame.pointee.localsRead = true
    let dict = frame.pointee.locals
    let code = frame.pointee.code.as(CodeLayout.self)
    let names = code.pointee.localsplusNames.as(TupleLayout.self)
    let kinds = code.pointee.localsplusKinds.as(BytesLayout.self).buffer
    for i in 0..<names.pointee.count {
      let value = variable(frame, i, kinds[i])
      if value.isNull {
        _ = try Dicts.remove(vm, dict, names.items[i])
      } else {
        try Dicts.set(vm, dict, names.items[i], value)
      }
    }
    return dict
  }

  /// Puts what a trace function has written to `f_locals` into the variables; a name that is gone is unbound. Class and module bodies
  /// need none of it.
  static func writeBack(_ vm: VM, _ frame: UnsafeMutablePointer<FrameObjectLayout>) throws(Raised) {
    guard frame.pointee.namespace.isNull, !frame.pointee.locals.isNull, let values = variables(frame) else { return }
    let dict = frame.pointee.locals
    let code = frame.pointee.code.as(CodeLayout.self)
    let names = code.pointee.localsplusNames.as(TupleLayout.self)
    let kinds = code.pointee.localsplusKinds.as(BytesLayout.self).buffer
    for i in 0..<names.pointee.count where kinds[i] & 0xE0 != 0 {
      let value = try Dicts.get(vm, dict, names.items[i])
      if kinds[i] & 0xC0 != 0 {
        if values[i].isExact(rt.types.cell) {
          values[i].as(ClosureCellLayout.self).pointee.content = value
          continue
        }
        if kinds[i] & 0x80 != 0 { continue }
      }
      values[i] = value
    }
  }

  /// Value of variable `i`, cells looked through; null if unbound.
  private static func variable(_ frame: UnsafeMutablePointer<FrameObjectLayout>, _ i: Int, _ kind: UInt8) -> Value {
    guard let values = variables(frame) else { return .null }
    let value = values[i]
    if kind & 0xC0 != 0, value.isExact(rt.types.cell) { return value.as(ClosureCellLayout.self).pointee.content }
    return value
  }
}
