import Glibc

/// The first call of a code object: verify and lower it, or take the register code that the image has for it into use.
enum CodePreparation {
  @inline(never)
  static func prepare(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    if code.pointee.entry != nil { return }
    if let lowered = code.lowered {
      HeapImage.own(lowered)
      code.pointee.simpleArgs = simpleArgs(code)
      code.pointee.entry = lowered.pointee.words
      return
    }
    let made = try lower(vm, code, traced: false)
    let lowered = try keep(vm, made)
    code.pointee.lowered = UnsafeMutableRawPointer(lowered)
    Heap.noteStore(Value(code))
    HeapImage.remember(code)
    code.pointee.registerCount = registerCount(code, made)
    code.pointee.simpleArgs = simpleArgs(code)
    code.pointee.entry = lowered.pointee.words
  }

  /// Fields of a code object that go with its register code.
  static func registerCount(_ code: UnsafeMutablePointer<CodeLayout>, _ made: LoweredCode) -> Int32 {
    Int32(truncatingIfNeeded: max(made.registerCount, Int(code.pointee.nlocalsplus)))
  }
  static func simpleArgs(_ code: UnsafeMutablePointer<CodeLayout>) -> Int32 {
    code.pointee.flags & 12 == 0 && code.pointee.kwOnlyArgCount == 0 ? code.pointee.argCount : -1
  }

  /// Moves register code into one raw buffer of the heap, which lives as long as its code object: a finalizer that freed it could run
  /// before that of a generator still to be closed. Frees the original.
  /// - Parameter lines: for traced code, the lines of its bytecode.
  static func keep(_ vm: VM, _ made: LoweredCode, lines: LineTable? = nil) throws(Raised) -> UnsafeMutablePointer<LoweredCode> {
    defer { made.deallocate() }
    let head = (MemoryLayout<LoweredCode>.size + 15) / 16 * 16
    let wordBytes = made.wordCount * MemoryLayout<InstructionWord>.stride
    let handlerBytes = made.handlerCount * MemoryLayout<HandlerRange>.stride
    let offsetBytes = made.wordCount * (made.hasWideOffsets ? 4 : 2)
    let units = lines.map { $0.reduce(0) { max($0, $1.start + $1.units) } } ?? 0
    let memory = try vm.allocateBytes(head + wordBytes + handlerBytes + offsetBytes + units * 4 + 24)
    let lowered = memory.assumingMemoryBound(to: LoweredCode.self)
    let words = memory + head
    let handlers = words + wordBytes
    let offsets = handlers + (handlerBytes + 7) / 8 * 8
    words.copyMemory(from: made.words, byteCount: wordBytes)
    handlers.copyMemory(from: made.handlers, byteCount: handlerBytes)
    offsets.copyMemory(from: made.offsets, byteCount: offsetBytes)
    var kept = made
    kept.words = words.assumingMemoryBound(to: InstructionWord.self)
    kept.handlers = handlers.assumingMemoryBound(to: HandlerRange.self)
    kept.offsets = offsets
    if let lines {
      let table = (offsets + (offsetBytes + 7) / 8 * 8).assumingMemoryBound(to: Int32.self)
      for entry in lines {
        for unit in entry.start..<entry.start + entry.units { table[unit] = entry.location.line }
      }
      kept.lines = table
      kept.lineCount = units
    }
    lowered.initialize(to: kept)
    return lowered
  }

  static func lower(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>, traced: Bool) throws(Raised) -> LoweredCode {
    try withView(vm, code) { view throws(VerificationError) in try Lowering.lower(view, options: traced ? .traced : .standard) }
  }

  /// Where a frame's stack is between any two words of the plain register code.
  static func states(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) -> [Int: FrameState] {
    try withView(vm, code) { view throws(VerificationError) in try Lowering.frameStates(view) }
  }

  /// What the stack holds before each instruction, by code unit.
  static func stacks(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) -> [Int: [StackKind]] {
    try withView(vm, code) { view throws(VerificationError) in
      var analysis = CodeAnalysis(view)
      defer { analysis.deallocate() }
      try analysis.verify()
      return try analysis.stacks()
    }
  }

  /// The registers of a stack's entries in traced code.
  static func canonicalRegisters(_ code: UnsafeMutablePointer<CodeLayout>, _ stack: [StackKind]) -> [Int] {
    var start = Int(code.pointee.nlocalsplus)
    return stack.map { kind in
      let shape = SlotShape(kind)
      defer { start += shape.width }
      return start + shape.offset
    }
  }

  private static func withView<R>(
    _ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>, _ body: (CodeView) throws(VerificationError) -> R
  ) throws(Raised) -> R {
    let consts = code.pointee.consts.as(TupleLayout.self)
    let kinds = UnsafeMutableBufferPointer<ConstantKind>.allocate(capacity: max(consts.pointee.count, 1))
    defer { kinds.deallocate() }
    for i in 0..<consts.pointee.count { kinds[i] = kind(consts.items[i]) }
    let bytecode = code.pointee.code.as(BytesLayout.self).buffer
    let view = CodeView(
      bytecode: UnsafeBufferPointer(bytecode),
      exceptionTable: UnsafeBufferPointer(code.pointee.exceptionTable.as(BytesLayout.self).buffer),
      localKinds: UnsafeBufferPointer(code.pointee.localsplusKinds.as(BytesLayout.self).buffer),
      constants: UnsafeBufferPointer(start: kinds.baseAddress, count: consts.pointee.count),
      nameCount: code.pointee.names.as(TupleLayout.self).pointee.count, stackSize: Int(code.pointee.stackSize),
      flags: UInt32(bitPattern: code.pointee.flags), argumentCount: Int(code.pointee.argCount),
      keywordOnlyCount: Int(code.pointee.kwOnlyArgCount))
    do throws(VerificationError) {
      return try body(view)
    } catch {
      let name = code.pointee.qualname.swiftString
      throw vm.raise(.systemError, "invalid code object '\(name)': \(error.description)")
    }
  }

  private static func kind(_ v: Value) -> ConstantKind {
    if v.isExact(rt.types.code) {
      let code = v.as(CodeLayout.self)
      return .code(freeCount: Int(code.pointee.nfrees), flags: UInt32(bitPattern: code.pointee.flags))
    }
    if v.isNone { return .none }
    guard v.isTuple else { return .plain }
    let t = v.as(TupleLayout.self)
    let count = t.pointee.count
    for i in 0..<count where !t.items[i].isStr { return .tuple(count: count) }
    return count == 0 ? .tuple(count: 0) : .names(count: count)
  }
}
