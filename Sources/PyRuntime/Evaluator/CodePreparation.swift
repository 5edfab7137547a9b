import Glibc

/// The first call of a code object: verify and lower it.
enum CodePreparation {
  @inline(never)
  static func prepare(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>) throws(Raised) {
    if code.pointee.entry != nil { return }
    let lowered = try lower(vm, code, traced: false)
    let box = UnsafeMutablePointer<LoweredCode>.allocate(capacity: 1)
    box.initialize(to: lowered)
    code.pointee.lowered = UnsafeMutableRawPointer(box)
    code.pointee.registerCount = Int32(truncatingIfNeeded: max(lowered.registerCount, Int(code.pointee.nlocalsplus)))
    let flags = code.pointee.flags
    code.pointee.simpleArgs = flags & 12 == 0 && code.pointee.kwOnlyArgCount == 0 ? code.pointee.argCount : -1
    code.pointee.entry = lowered.words
    vm.registerFinalizer(UnsafeMutableRawPointer(code))
  }

  static func lower(_ vm: VM, _ code: UnsafeMutablePointer<CodeLayout>, traced: Bool) throws(Raised) -> LoweredCode {
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
    do {
      return try Lowering.lower(view, options: traced ? .traced : .standard)
    } catch {
      let name = code.pointee.qualname.swiftString
      throw vm.raise(.systemError, "invalid code object '\(name)': \(error.description)")
    }
  }

  private static func kind(_ v: Value) -> ConstantKind {
    if v.isExact(rt.types.code) { return .code(freeCount: Int(v.as(CodeLayout.self).pointee.nfrees)) }
    guard v.isTuple else { return .plain }
    let t = v.as(TupleLayout.self)
    let count = t.pointee.count
    for i in 0..<count where !t.items[i].isStr { return .tuple(count: count) }
    return count == 0 ? .tuple(count: 0) : .names(count: count)
  }

  /// Frees what `prepare` made: the finalizer of code objects.
  static func release(_ vm: VM, _ v: Value) {
    let code = v.as(CodeLayout.self)
    for raw in [code.pointee.lowered, code.pointee.tracedLowered] {
      guard let box = raw?.assumingMemoryBound(to: LoweredCode.self) else { continue }
      box.pointee.deallocate()
      box.deallocate()
    }
    code.pointee.lowered = nil
    code.pointee.tracedLowered = nil
    code.pointee.entry = nil
    code.pointee.simpleArgs = -1
  }
}
