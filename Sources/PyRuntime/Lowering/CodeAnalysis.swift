import PyBytecode

// The working memory of verification and lowering: decoded instructions, exception ranges, and the state found at every block leader.

/// Why a code object is refused. It becomes a SystemError (or MemoryError, for `frameTooLarge`).
struct VerificationError: Error {
  var reason: StaticString
  /// Offset in code units, −1 if it is not about one instruction.
  var unit: Int

  static let frameTooLarge: StaticString = "code object needs too many registers"

  var description: String { unit < 0 ? "\(reason)" : "\(reason) at offset \(unit &* 2)" }
}

/// An instruction of `co_code` with its EXTENDED_ARGs folded in.
struct DecodedInstruction {
  /// Code units: where it starts (at its first EXTENDED_ARG), where its opcode is, where the next one starts (behind its caches).
  var start: UInt32
  var unit: UInt32
  var next: UInt32
  var argument: UInt32
  /// Index of the instruction jumped to, −1 if it does not jump.
  var target: Int32 = -1
  /// Index of the exception range that covers it, −1 if none.
  var range: Int32 = -1
  /// Where its entry state begins in `states`, −1 if it is no leader or was not reached.
  var entry: Int32 = -1
  /// Number of stack entries in that state.
  var depth: Int32 = 0
  var opcode: Opcode
  /// The opcode's byte.
  var byte: UInt8
  /// Something jumps here.
  var isLeader = false
  /// Something other than the loop of one delegation (SEND … JUMP_BACKWARD_NO_INTERRUPT) jumps here.
  var isJoin = false
  /// LOAD_FAST and DELETE_FAST: the local may be unbound here.
  var needsCheck = false
  /// STORE_FAST: a bound local becomes None, as good as deleted.
  var endsValue = false
  /// Traced code: the state before the instruction fits the handler of its exception range.
  var isTraceHandled = false

  @inline(__always) var arg: Int { Int(argument) }
}

/// A decoded instruction where it lies: a copy of 40 bytes costs a call of memcpy.
struct DecodedRef {
  let place: UnsafeMutablePointer<DecodedInstruction>

  @inline(__always) init(_ place: UnsafeMutablePointer<DecodedInstruction>) { self.place = place }
  @inline(__always) var opcode: Opcode { place.pointee.opcode }
  @inline(__always) var byte: UInt8 { place.pointee.byte }
  @inline(__always) var arg: Int { Int(place.pointee.argument) }
  @inline(__always) var start: UInt32 { place.pointee.start }
  @inline(__always) var unit: UInt32 { place.pointee.unit }
  @inline(__always) var next: UInt32 { place.pointee.next }
  @inline(__always) var target: Int32 { place.pointee.target }
  @inline(__always) var range: Int32 { place.pointee.range }
  @inline(__always) var entry: Int32 { place.pointee.entry }
  @inline(__always) var endsValue: Bool { place.pointee.endsValue }
  @inline(__always) var isLeader: Bool { place.pointee.isLeader }
  @inline(__always) var isJoin: Bool { place.pointee.isJoin }
  @inline(__always) var needsCheck: Bool { place.pointee.needsCheck }
}

/// One entry of `co_exceptiontable`, in code units; `handler` is an instruction index.
struct ExceptionRange {
  var start: Int
  var end: Int
  var handler: Int
  var depth: Int
  var hasLasti: Bool
}

/// A code object under analysis. Made by `init`, which decodes; `verify()` finds the states; lowering reads them.
struct CodeAnalysis {
  let view: CodeView
  let effects: OpcodeEffects
  var instructions: ScratchBuffer<DecodedInstruction>
  /// Instruction index by start unit, −1 inside of instructions.
  var indexOfUnit: ScratchBuffer<Int32>
  var ranges: ScratchBuffer<ExceptionRange>
  /// Entry states of leaders: `boundWords` words of bound locals, then `depth` entries.
  var states: ScratchBuffer<UInt64>
  var boundWords: Int
  var localCount: Int
  var freeCount = 0
  /// Number of instructions in the prologue (MAKE_CELL, COPY_FREE_VARS, RETURN_GENERATOR).
  var prologueCount = 0
  var isGenerator = false
  var maximumDepth = 0

  /// Bits of `co_flags`.
  static let generatorFlag: UInt32 = 0x20
  static let coroutineFlag: UInt32 = 0x80
  static let asyncGeneratorFlag: UInt32 = 0x200

  init(_ view: CodeView) {
    self.view = view
    effects = OpcodeEffects.shared
    let units = view.bytecode.count / 2
    instructions = ScratchBuffer(capacity: units)
    indexOfUnit = ScratchBuffer(repeating: -1, count: units)
    ranges = ScratchBuffer(capacity: view.exceptionTable.count / 4)
    states = ScratchBuffer(capacity: units &* 2)
    localCount = view.localKinds.count
    boundWords = (localCount &+ 63) / 64
  }

  func deallocate() {
    instructions.deallocate()
    indexOfUnit.deallocate()
    ranges.deallocate()
    states.deallocate()
  }

  @inline(__always) func instruction(_ index: Int) -> DecodedRef { DecodedRef(instructions.base + index) }

  /// Bound locals at the entry of a leader that was reached.
  @inline(__always) func entryBound(_ index: Int) -> UnsafeMutablePointer<UInt64> {
    states.base + Int(instructions[index].entry)
  }

  /// Stack entries at the entry of a leader that was reached.
  @inline(__always) func entryStack(_ index: Int) -> UnsafeMutablePointer<StackEntry> {
    UnsafeMutableRawPointer(states.base + (Int(instructions[index].entry) &+ boundWords)).assumingMemoryBound(to: StackEntry.self)
  }

  /// A jump that pops what it tests.
  static func isPopJump(_ opcode: Opcode) -> Bool {
    switch opcode {
    case .popJumpForwardIfFalse, .popJumpForwardIfTrue, .popJumpForwardIfNone, .popJumpForwardIfNotNone, .popJumpBackwardIfFalse,
      .popJumpBackwardIfTrue, .popJumpBackwardIfNone, .popJumpBackwardIfNotNone:
      return true
    default: return false
    }
  }

  static func isUnconditionalJump(_ opcode: Opcode) -> Bool {
    opcode == .jumpForward || opcode == .jumpBackward || opcode == .jumpBackwardNoInterrupt
  }

  /// The kind of container an element-adding opcode asks for, nil for other opcodes.
  static func container(_ opcode: Opcode) -> StackKind.Tag? {
    switch opcode {
    case .listAppend, .listExtend: return .list
    case .setAdd, .setUpdate: return .set
    case .mapAdd, .dictUpdate, .dictMerge: return .dict
    default: return nil
    }
  }

  /// How many operands an instruction takes off the stack before it can raise (those that stay are not counted).
  static func popCount(_ instruction: DecodedRef, _ effects: OpcodeEffects) -> Int {
    let effect = effects.rows + Int(instruction.byte)
    if !effect.pointee.isSpecial { return Int(effect.pointee.pops) &- Int(effect.pointee.kept) }
    let arg = instruction.arg
    switch instruction.opcode {
    case .call: return arg &+ 2
    case .callFunctionEx: return 3 &+ (arg & 1)
    case .buildTuple, .buildList, .buildSet, .buildString, .buildSlice, .raiseVarargs: return arg
    case .buildMap: return arg &* 2
    case .buildConstKeyMap: return arg &+ 1
    case .makeFunction: return 1 &+ (arg & 15).nonzeroBitCount
    case .formatValue: return arg & 4 != 0 ? 2 : 1
    case .mapAdd, .send: return 2
    case .loadFast, .loadConst, .loadClosure, .loadGlobal, .deleteFast, .forIter, .swap, .copy, .jumpForward, .jumpBackward,
      .jumpBackwardNoInterrupt:
      return 0
    default: return 1
    }
  }

  /// True if the instruction may raise here. Valid for LOAD_FAST and DELETE_FAST only after the local's state at them is known.
  @inline(__always) func mayRaise(_ instruction: DecodedRef) -> Bool {
    if effects.rows[Int(instruction.byte)].neverRaises { return false }
    return instruction.opcode != .loadFast && instruction.opcode != .deleteFast || instruction.needsCheck
  }
}
