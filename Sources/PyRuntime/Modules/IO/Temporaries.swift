/// Streams that only the statement which opens them refers to: `open(p).read()`, `open(p, "w").write(text)`, `for line in open(p)`.
///
/// CPython closes such a file when its last reference goes, right behind the method or the loop. As for generators (`LoopIterators`) the
/// instructions that come next where `open` was called tell who gets the new object. If they load a method of it and call that, or
/// iterate over it, nobody else can have it: the one use that is left is noted in the stream, which ends with it.
enum Temporaries {
  /// What is left to be done with a stream.
  enum Use: UInt8 {
    case unknown, read, readline, readlines, write, writelines, iteration
  }
  /// `_io.open`; compared, never called
  nonisolated(unsafe) static var opener = Value.null

  /// Notes the only use of `stream`, which `open` is about to return.
  static func claim(_ vm: VM, _ stream: Value) {
    guard let frame = vm.thread.pointee.frame else { return }
    var fp = frame.assumingMemoryBound(to: Value.self)
    guard calls(opener, fp, fp.framePC) else { return }
    let base = IOBase.layout(stream)
    while let length = LoopIterators.callLength(fp.framePC) {
      let register = fp.framePC.pointee.a
      guard LoopIterators.isSlot(register, fp), let next = LoopIterators.user(of: register, fp.framePC + length) else { return }
      switch next.pointee.instruction {
      case .returnValue:
        guard fp.frameLink & (FrameLink.entry | FrameLink.generator | FrameLink.initializer) == 0, let caller = fp.frameCaller else {
          return
        }
        fp = caller
        continue
      case .getIter:
        guard next.pointee.b == register else { return }
        base.pointee.owner = LoopIterators.place(of: next, fp)
        if base.pointee.owner != 0 { base.pointee.use = .iteration }
      case .loadMethod, .loadMethodMany, .loadMethodShape, .loadMethodType, .loadMethodModule, .loadMethodHeld, .loadMethodOfType,
        .loadMethodObject, .loadMethodEntry, .loadMethodOfMetaclass:
        guard next.pointee.b == register, next.pointee.c != Encoding.wideName else { return }
        base.pointee.use = use(next.name(next.pointee.c, fp))
      default: break
      }
      return
    }
  }

  private static func use(_ name: Value) -> Use {
    let names: [(StaticString, Use)] = [
      ("read", .read), ("write", .write), ("readlines", .readlines), ("readline", .readline), ("writelines", .writelines),
    ]
    for (text, use) in names where Str.equal(name, text) { return use }
    return .unknown
  }

  /// Whether the call at which the frame stands is one of `function` itself.
  private static func calls(_ function: Value, _ fp: Registers, _ pc: CodePointer) -> Bool {
    let base = Int(pc.pointee.b)
    switch pc.pointee.instruction.generalCall {
    case .call, .call1, .callKw, .callEx: return fp[base &+ FrameLayout.calleeOffset] == function
    case .callMethod, .callMethod1, .callMethodKw:
      let method = fp[base &+ FrameLayout.calleeOffset]
      return method.isNull ? fp[base &+ FrameLayout.argumentOffset] == function : method == function
    default: return false
    }
  }

  /// A method of the stream ends.
  @inline(__always)
  static func end(_ vm: VM, _ v: Value, _ use: Use) {
    if IOBase.layout(v).pointee.use == use { close(vm, v) }
  }

  /// A loop over what may be a stream is left, whose iterator is in `slot`.
  static func leave(_ vm: VM, _ slot: Registers) {
    let v = slot.pointee
    guard let type = IOBase.baseType, v.isInstance(of: type), case let base = IOBase.layout(v), base.pointee.use == .iteration,
      base.pointee.owner == UInt(bitPattern: slot)
    else { return }
    slot.pointee = .null
    close(vm, v)
  }

  /// What the last reference to a stream does when it goes.
  @inline(never)
  private static func close(_ vm: VM, _ v: Value) {
    IOBase.layout(v).pointee.use = .unknown
    let pending = vm.takePending()
    v.type.pointee.slots.finalize?(vm, v)
    vm.thread.pointee.pending = pending
  }
}
