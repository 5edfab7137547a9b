/// Evaluation slots need no initialisation, and nobody clears one that is done with: an object that a program let go may still be seen by
/// the collector in such a register. An explicit collection clears them first, so that `gc.collect()` finds what a program expects.
enum DeadRegisters {
  static func clear(_ vm: VM) {
    let top = vm.thread.pointee.stackTop
    // What natives pushed above the top for calls that have ended.
    for i in 0..<min(ThreadState.scanSlack, vm.thread.pointee.stackLimit - top) { top[i] = .null }
    var inner: Registers?
    var next = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    while let fp = next {
      clear(fp, inner)
      inner = fp
      next = fp.frameCaller
    }
  }

  /// Clears the registers above what the call at which the frame stands uses. `inner`: the frame it called, directly or not.
  private static func clear(_ fp: Registers, _ inner: Registers?) {
    guard fp[-1].isExact(rt.types.function), let lowered = fp.frameCode.lowered else { return }
    let word = fp.framePC - lowered.pointee.words
    guard word >= 0, word < lowered.pointee.wordCount else { return }
    let pc = fp.framePC
    let count = lowered.pointee.registerCount
    let base: Int
    let used: Int
    switch pc.pointee.instruction {
    case .call, .callKw, .callMethod, .callMethodKw:
      base = Int(pc.pointee.b)
      used = base &+ FrameLayout.argumentOffset &+ 1 &+ Int(pc.pointee.c)
    case .call1, .callMethod1:
      base = Int(pc.pointee.b)
      used = base &+ FrameLayout.argumentOffset &+ 2
    case .callEx:
      base = Int(pc.pointee.b)
      used = base &+ FrameLayout.argumentOffset &+ 2
    default: return
    }
    guard base >= lowered.pointee.localCount, used <= count else { return }
    // A Python callee's frame lies over the call's registers; a native one's frames lie above all of ours.
    if let inner, !fp.isGeneratorFrame, inner > fp, inner < fp + count { return }
    var i = base
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
}
