import CRuntimeSupport

/// Evaluation slots need no initialisation, and nobody clears one that is done with: an object that a program let go may still be seen by
/// the collector in such a register. An explicit collection clears them first, so that `gc.collect()` finds what a program expects.
enum DeadRegisters {
  /// - Parameter isBetween: the innermost frame stands between two instructions, not at a call.
  static func clear(_ vm: VM, isBetween: Bool = false) {
    if !vm.nativeStackIsLow { amphis_clear_stack() }
    let top = vm.thread.pointee.stackTop
    // What natives pushed above the top for calls that have ended.
    for i in 0..<min(ThreadState.scanSlack, vm.thread.pointee.stackLimit - top) { top[i] = .null }
    var inner: Registers?
    var next = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    if isBetween, let fp = next, fp[-1].isExact(rt.types.function), let lowered = fp.frameCode.lowered {
      // Traced code has words of its own.
      if lowered.pointee.contains(fp.framePC) {
        clearStack(vm, fp, lowered.pointee.localCount..<lowered.pointee.registerCount, fp.framePC - lowered.pointee.words, isBetween: true)
      }
      inner = fp
      next = fp.frameCaller
    }
    while let fp = next {
      clear(vm, fp, inner)
      inner = fp
      next = fp.frameCaller
    }
    // Threads that wait within a call: a pool's, for work.
    var thread = rt.threads
    while let t = thread {
      thread = t.pointee.next
      if t == vm.thread { continue }
      inner = nil
      next = t.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
      while let fp = next {
        clear(vm, fp, inner)
        inner = fp
        next = fp.frameCaller
      }
    }
    clearSuspended(vm)
  }

  /// The same for generators and coroutines that wait: what a yield has handed out is still in the register that it came from.
  private static func clearSuspended(_ vm: VM) {
    var found = PointerVector()
    defer { found.discard() }
    rt.heapPointer.pointee.forEachCell(atLeast: GeneratorLayout.registersOffset) { cell in
      let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
      guard type == rt.types.generator || type == rt.types.coroutine || type == rt.types.asyncGenerator else { return }
      let g = cell.assumingMemoryBound(to: GeneratorLayout.self)
      if g.pointee.state == .suspended { found.append(cell) }
    }
    // The collector sees those that only this list has: nothing below collects.
    for i in 0..<found.count {
      guard let fp = found.items?[i].assumingMemoryBound(to: GeneratorLayout.self).registers, fp[-1].isExact(rt.types.function),
        let lowered = fp.frameCode.lowered
      else { continue }
      let word = fp.framePC - lowered.pointee.words
      guard word >= 0, word < lowered.pointee.wordCount else { continue }
      let pc = fp.framePC.pointee
      let slots = lowered.pointee.localCount..<lowered.pointee.registerCount
      switch pc.instruction {
      // What it hands out is the topmost entry.
      case .yieldValue: clearStack(vm, fp, slots, word, without: Int(pc.b))
      case .yieldFrom: clearStack(vm, fp, slots, word)
      default: break
      }
    }
  }

  /// Clears the evaluation slots that nothing will read after the call at which the frame stands. `inner`: the frame that it called,
  /// directly or not.
  private static func clear(_ vm: VM, _ fp: Registers, _ inner: Registers?) {
    guard fp[-1].isExact(rt.types.function), let lowered = fp.frameCode.lowered else { return }
    let word = fp.framePC - lowered.pointee.words
    guard word >= 0, word < lowered.pointee.wordCount else { return }
    let pc = fp.framePC
    let count = lowered.pointee.registerCount
    let base = Int(pc.pointee.b)
    let arguments = base &+ FrameLayout.argumentOffset
    let used: Int
    switch pc.pointee.instruction.generalCall {
    case .call, .callKw: used = arguments &+ Int(pc.pointee.c)
    // One more than are counted: the receiver, or the callee.
    case .callMethod, .callMethodKw: used = arguments &+ 1 &+ Int(pc.pointee.c)
    case .call1: used = arguments &+ 1
    case .callMethod1: used = arguments &+ 2
    case .callEx: used = arguments &+ 1 &+ Int(pc.pointee.c & 1)
    default: return
    }
    guard base >= lowered.pointee.localCount, used <= count else { return }
    clearStack(vm, fp, lowered.pointee.localCount..<base, word)
    // The first register of the call base holds an object under construction (`Calls.instantiate`).
    let isInitializer = inner.map { $0.frameLink & FrameLink.initializer != 0 } ?? false
    var i = isInitializer ? base &+ 1 : base
    if let inner, !fp.isGeneratorFrame, inner > fp, inner - FrameLayout.headerWords < fp + count {
      // A Python callee's frame lies over the call's registers, its header at least: what the call of a bound method moves up may leave no
      // more than that in ours.
      while !isInitializer, fp + i < inner - FrameLayout.headerWords {
        fp[i] = .null
        i &+= 1
      }
      return
    }
    // A native callee's frames lie above all of ours. A generator's, whose items are gathered, does, too; what for stands below the callee.
    if let inner, inner.frameLink & FrameLink.gathering != 0 { i = base &+ FrameLayout.calleeOffset }
    while i < base &+ FrameLayout.calleeOffset {
      fp[i] = .null
      i &+= 1
    }
    i = used
    while i < count {
      fp[i] = .null
      i &+= 1
    }
  }

  /// Clears those of `slots`, which lie below a call's base, that hold no entry of the evaluation stack. Where the entries are is asked only
  /// if there is something to clear. `given`: a register whose entry the instruction takes. `isBetween`: the instruction has not begun.
  private static func clearStack(
    _ vm: VM, _ fp: Registers, _ slots: Range<Int>, _ word: Int, without given: Int = -1, isBetween: Bool = false
  ) {
    guard slots.contains(where: { fp[$0].isCell }) else { return }
    let isPlain = given < 0 && !isBetween
    if isPlain, let kept = remembered(fp.frameCode.lowered, word) {
      for slot in slots where !kept.contains(slot) { fp[slot] = .null }
      return
    }
    do throws(Raised) {
      let states = try CodePreparation.states(vm, fp.frameCode)
      var at = word
      while at > 0, states[at] == nil { at &-= 1 }
      guard let state = states[at] else { return }
      var kept: [Int] = []
      for entry in given < 0 ? state.entries[...] : state.entries.dropLast() {
        // The call may have brought an entry to its canonical register since then.
        if !isBetween { kept.append(entry.target) }
        if entry.place.isRegister { kept.append(entry.place.register) }
      }
      if isPlain { remember(fp.frameCode.lowered, word, kept) }
      for slot in slots where !kept.contains(slot) { fp[slot] = .null }
    } catch { vm.clearPending() }
  }

  // MARK: remembering

  /// The registers of the entries at a word of register code that has `number`
  private struct Found {
    var number: Int32 = 0
    var word = 0
    var kept: [Int] = []
  }
  /// A program collects at the same few places again and again, and to know what their stacks hold takes lowering the code once more.
  nonisolated(unsafe) private static var found = [Found](repeating: Found(), count: 32)
  nonisolated(unsafe) private static var numbers: Int32 = 0

  private static func place(_ number: Int32, _ word: Int) -> Int { (Int(number) &* 5 &+ word) & 31 }

  private static func remembered(_ lowered: UnsafeMutablePointer<LoweredCode>?, _ word: Int) -> [Int]? {
    guard let number = lowered?.pointee.deadNumber, number != 0 else { return nil }
    let entry = found[place(number, word)]
    return entry.number == number && entry.word == word ? entry.kept : nil
  }
  private static func remember(_ lowered: UnsafeMutablePointer<LoweredCode>?, _ word: Int, _ kept: [Int]) {
    guard let lowered, numbers < .max else { return }
    if lowered.pointee.deadNumber == 0 {
      numbers += 1
      lowered.pointee.deadNumber = numbers
    }
    found[place(lowered.pointee.deadNumber, word)] = Found(number: lowered.pointee.deadNumber, word: word, kept: kept)
  }
}
