// Access to a frame by its register pointer. `FrameLayout.swift` draws the picture; the four header words are:
//
//   fp[-4]  state: null, or the frame object made for this frame, or the namespace of a class or module body (its frame object holds
//           the namespace once there is one)
//   fp[-3]  link: the caller's fp, or'ed with `FrameLink` flags
//   fp[-2]  pc: the instruction this frame is executing; valid whenever anything but the evaluator's fast paths runs
//   fp[-1]  callee: always an exact function

/// Register 0 of a frame.
typealias Registers = UnsafeMutablePointer<Value>
typealias CodePointer = UnsafeMutablePointer<InstructionWord>

/// Flags in the link word.
enum FrameLink {
  /// The frame was entered from native code: its return ends the evaluator's loop.
  static let entry: UInt64 = 1
  /// `__init__` of an object under construction: the call's result is the object, and the method must answer None.
  static let initializer: UInt64 = 2
  /// The registers lie in a generator, coroutine or async generator.
  static let generator: UInt64 = 4
  /// The caller does not stand at a two-word call (CALL, CALL_M): how the result is delivered depends on its instruction.
  static let other: UInt64 = 1 << 48
  /// The method of a comparison: it counts twice against the recursion limit, as the comparison itself does where native code makes it.
  static let comparison: UInt64 = 1 << 49
  /// A generator's frame whose items the builtin at the caller's call takes (`Gathering`).
  static let gathering: UInt64 = 1 << 50
  /// An object with a finalizer was made while this frame was innermost, or returned to it: its return looks at its locals (`DroppedObjects`). Not
  /// where `unwatchable` is set: there is no loop to leave, or its object has just been made.
  static let watching: UInt64 = 1 << 51
  static let unwatchable: UInt64 = entry | initializer | generator | gathering
  /// A link without flags is at most this and has these bits zero.
  static let flags: UInt64 = other | comparison | gathering | watching | 7

  /// How often a frame with this link counts against the recursion limit.
  @inline(__always) static func depth(_ link: UInt64) -> Int { link & comparison == 0 ? 1 : 2 }
}

extension UnsafeMutablePointer where Pointee == Value {
  /// A header word. Through raw pointers: swiftc 6.3 -O drops a store to `self[-1]` (any negative index) that stores to `self[i]` follow.
  @inline(__always) private func header(_ word: Int) -> Value {
    UnsafeMutableRawPointer(self).load(fromByteOffset: word &* 8, as: Value.self)
  }
  @inline(__always) private func setHeader(_ word: Int, _ value: Value) {
    UnsafeMutableRawPointer(self).storeBytes(of: value, toByteOffset: word &* 8, as: Value.self)
  }

  @inline(__always) var frameState: Value {
    get { header(-4) }
    nonmutating set { setHeader(-4, newValue) }
  }
  @inline(__always) var frameLink: UInt64 {
    get { header(-3).bits }
    nonmutating set { setHeader(-3, Value(bits: newValue)) }
  }
  /// The frame that called this one (or was innermost when native code entered it).
  @inline(__always) var frameCaller: Registers? {
    Registers(bitPattern: UInt(header(-3).bits & ~FrameLink.flags))
  }
  @inline(__always) var framePC: CodePointer {
    get { CodePointer(bitPattern: UInt(header(-2).bits)).unsafelyUnwrapped }
    nonmutating set { setHeader(-2, Value(bits: UInt64(UInt(bitPattern: newValue)))) }
  }
  @inline(__always) var frameCallee: Value {
    get { header(-1) }
    nonmutating set { setHeader(-1, newValue) }
  }
  @inline(__always) var frameFunction: UnsafeMutablePointer<FunctionLayout> { header(-1).as(FunctionLayout.self) }
  @inline(__always) var frameCode: UnsafeMutablePointer<CodeLayout> { frameFunction.pointee.code.as(CodeLayout.self) }
  /// The frame was called plainly, and nobody has looked at it: a RETURN has only to go back.
  @inline(__always) var returnsPlainly: Bool { frameLink & FrameLink.flags == 0 && frameState.isNull }
  /// The same for a tuple, if the caller does not unpack it at once.
  @inline(__always) var returnsTuplePlainly: Bool {
    guard returnsPlainly, let caller = frameCaller else { return false }
    let next = (caller.framePC + 2).pointee.instruction
    return next != .unpack2 && next != .unpackN
  }
  @inline(__always) var isGeneratorFrame: Bool { frameLink & FrameLink.generator != 0 }

  /// Index of the word that `framePC` points at.
  var frameWord: Int {
    guard let entry = frameCode.pointee.entry else { return 0 }
    return framePC - entry
  }
  /// Bytecode offset in bytes (`f_lasti`).
  var frameLasti: Int {
    guard let lowered = frameLowered else { return -1 }
    let word = framePC - lowered.pointee.words
    return word >= 0 && word < lowered.pointee.wordCount ? lowered.pointee.bytecodeOffset(word) : -1
  }
  /// The generator whose frame this is. Only for generator frames.
  var frameGenerator: UnsafeMutablePointer<GeneratorLayout> {
    (UnsafeMutableRawPointer(self) - GeneratorLayout.registersOffset).assumingMemoryBound(to: GeneratorLayout.self)
  }
  /// The namespace of a class or module body, null for functions.
  var frameNamespace: Value {
    let state = frameState
    if state.isExact(rt.types.frame) { return state.as(FrameObjectLayout.self).pointee.namespace }
    return state
  }
}

/// The value of an operand field: a constant if bit 15 is set, else a register.
@inline(__always) func operand(_ field: UInt16, _ fp: Registers, _ k: Registers) -> Value {
  // One choice between two bases: choosing between two places computes both, three instructions more.
  let base = field & Encoding.constantBit == 0 ? fp : k
  return base[Int(field & ~Encoding.constantBit)]
}

extension UnsafeMutablePointer where Pointee == InstructionWord {
  /// The name that a field of this instruction refers to.
  @inline(__always) func name(_ field: UInt16, _ fp: Registers) -> Value { name(field, fp.frameCode) }
  @inline(__always) func name(_ field: UInt16, _ code: UnsafeMutablePointer<CodeLayout>) -> Value {
    let names = code.pointee.names.as(TupleLayout.self).items
    return field == Encoding.wideName ? names[(self - 1).pointee.wideIndex] : names[Int(field)]
  }
  /// The first cache word.
  @inline(__always) var w0: UInt64 { (self + 1).pointee.bits }
}

extension UnsafeMutablePointer where Pointee == CodeLayout {
  @inline(__always) var lowered: UnsafeMutablePointer<LoweredCode>? {
    pointee.lowered.map { $0.assumingMemoryBound(to: LoweredCode.self) }
  }
}
