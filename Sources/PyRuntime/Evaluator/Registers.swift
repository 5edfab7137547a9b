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
  static let mask: UInt64 = 7
}

extension UnsafeMutablePointer where Pointee == Value {
  @inline(__always) var frameState: Value {
    get { self[-4] }
    nonmutating set { self[-4] = newValue }
  }
  @inline(__always) var frameLink: UInt64 {
    get { self[-3].bits }
    nonmutating set { self[-3] = Value(bits: newValue) }
  }
  /// The frame that called this one (or was innermost when native code entered it).
  @inline(__always) var frameCaller: Registers? {
    Registers(bitPattern: UInt(self[-3].bits & ~FrameLink.mask))
  }
  @inline(__always) var framePC: CodePointer {
    get { CodePointer(bitPattern: UInt(self[-2].bits)).unsafelyUnwrapped }
    nonmutating set { self[-2] = Value(bits: UInt64(UInt(bitPattern: newValue))) }
  }
  @inline(__always) var frameFunction: UnsafeMutablePointer<FunctionLayout> { self[-1].as(FunctionLayout.self) }
  @inline(__always) var frameCode: UnsafeMutablePointer<CodeLayout> { frameFunction.pointee.code.as(CodeLayout.self) }
  @inline(__always) var isGeneratorFrame: Bool { self[-3].bits & FrameLink.generator != 0 }

  /// Index of the word that `framePC` points at.
  var frameWord: Int {
    guard let entry = frameCode.pointee.entry else { return 0 }
    return framePC - entry
  }
  /// Bytecode offset in bytes (`f_lasti`).
  var frameLasti: Int {
    guard let lowered = frameCode.lowered else { return -1 }
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

extension UnsafeMutablePointer where Pointee == CodeLayout {
  @inline(__always) var lowered: UnsafeMutablePointer<LoweredCode>? {
    pointee.lowered.map { $0.assumingMemoryBound(to: LoweredCode.self) }
  }
}
