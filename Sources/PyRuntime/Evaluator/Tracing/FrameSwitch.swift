// Which register code a frame runs: plain or traced.

extension Tracing {
  /// Where a new frame of `code` starts. The code has been prepared.
  @inline(__always)
  static func entry(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) -> CodePointer {
    if rt.pointee.evalBreaker & SafepointReason.tracing.rawValue == 0 { return code.pointee.entry.unsafelyUnwrapped }
    return try tracedEntry(vm, code)
  }

  @inline(never)
  private static func tracedEntry(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) -> CodePointer {
    if isOn(vm), let traced = try tracedCode(vm, code) { return traced.pointee.words }
    return code.pointee.entry.unsafelyUnwrapped
  }

  /// The traced register code; nil if it needs more registers than a frame of the plain code has.
  private static func tracedCode(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) -> UnsafeMutablePointer<LoweredCode>? {
    if let traced = code.traced { return traced }
    let made = try CodePreparation.lower(vm, code, traced: true)
    guard made.registerCount <= Int(code.pointee.registerCount) else {
      made.deallocate()
      return nil
    }
    let kept = try CodePreparation.keep(vm, made, lines: LineTable(code))
    code.pointee.tracedLowered = UnsafeMutableRawPointer(kept)
    Heap.noteStore(Value(code))
    HeapImage.remember(code)
    return kept
  }

  /// A native call of the frame's instruction has ended and its result is in place. In a thread that traces the frame goes on in traced
  /// code.
  /// - Returns: the frame, `framePC` behind the call, if it has been switched.
  @inline(never)
  static func afterNativeCall(_ vm: VM, _ fp: Registers) -> Registers? {
    guard isOn(vm) else { return nil }
    let pc = fp.framePC
    switch pc.pointee.instruction.generalCall {
    case .call, .callMethod, .call1, .callMethod1, .callKw, .callMethodKw, .callEx: fp.framePC = pc + 2
    case .withExit: fp.framePC = pc + 1
    default: return nil
    }
    if switchToTraced(vm, fp) { return fp }
    fp.framePC = pc
    return nil
  }

  /// Goes on in traced code. The frame stands between two instructions of its plain code: `framePC` is the word to run next.
  /// - Returns: false, and nothing has changed, if it runs traced code already or cannot be switched here.
  @inline(never)
  @discardableResult
  static func switchToTraced(_ vm: VM, _ fp: Registers) -> Bool {
    let code = fp.frameCode
    guard let plain = code.lowered, fp.frameLowered == plain else { return false }
    do throws(Raised) {
      guard let traced = try tracedCode(vm, code) else { return false }
      let states = try CodePreparation.states(vm, code)
      guard let state = states[fp.framePC - plain.pointee.words], let word = traced.pointee.word(of: state.nextUnit) else { return false }
      let count = state.entries.count
      let values = UnsafeMutablePointer<Value>.allocate(capacity: max(count, 1))
      defer { values.deallocate() }
      // Nothing is allocated in the heap between reading and writing.
      for i in 0..<count {
        let place = state.entries[i].place
        values[i] = place.isRegister ? fp[place.register] : place.isConstant ? code.pointee.constItems[place.constantIndex] : .null
      }
      if fp.frameState.isExact(rt.types.frame) {
        fp.frameState.as(FrameObjectLayout.self).pointee.previous = Int32(truncatingIfNeeded: previousOffset(plain, fp.framePC))
      }
      for i in 0..<count { fp[state.entries[i].target] = values[i] }
      fp.framePC = traced.pointee.words + word
      return true
    } catch {
      vm.clearPending()
      return false
    }
  }

  /// Bytecode offset of the instruction in front of a word.
  private static func previousOffset(_ code: UnsafeMutablePointer<LoweredCode>, _ pc: CodePointer) -> Int {
    let word = pc - code.pointee.words
    return word > 0 ? code.pointee.bytecodeOffset(word - 1) : -1
  }

  /// A generator's frame has been resumed by `send` or `next`: the value is delivered.
  @inline(never)
  static func resumed(_ vm: VM, _ fp: Registers) throws(Raised) {
    guard isOn(vm) else { return }
    if fp.framePC.pointee.instruction == .yieldFrom {
      try entered(vm, fp)
      return
    }
    if fp.frameLowered == fp.frameCode.lowered {
      // Plain code has no RESUME: the frame still stands at its yield, or at its start, when it is entered.
      let next = fp.framePC
      fp.framePC = next - 1
      try entered(vm, fp)
      fp.framePC = next
      _ = try FrameObjects.object(vm, fp)
      switchToTraced(vm, fp)
      return
    }
    let state = fp.frameState
    if state.isExact(rt.types.frame), state.as(FrameObjectLayout.self).pointee.line > 0 {
      let frame = state.as(FrameObjectLayout.self)
      let unit = Int(frame.pointee.line) &- 1
      frame.pointee.line = 0
      if let traced = fp.frameCode.traced, let word = traced.pointee.word(of: unit) { fp.framePC = traced.pointee.words + word }
    }
  }
}

extension UnsafeMutablePointer where Pointee == Value {
  /// The register code that this frame runs.
  @inline(__always) var frameLowered: UnsafeMutablePointer<LoweredCode>? {
    let code = frameCode
    if let traced = code.traced, traced.pointee.contains(framePC) { return traced }
    return code.lowered
  }
}

extension UnsafeMutablePointer where Pointee == CodeLayout {
  @inline(__always) var traced: UnsafeMutablePointer<LoweredCode>? {
    pointee.tracedLowered.map { $0.assumingMemoryBound(to: LoweredCode.self) }
  }
}
