// The encoding of register code.
//
// A code object that runs is an array of 64-bit words. An instruction is one word, followed by as many cache words as
// `InstructionTable` says for its base instruction (quickened forms keep the number of words of their base form, so that a word
// never changes its role). Words are aligned to 8 bytes.
//
//   63            48 47            32 31            16 15             0
//   [      c       ][       b       ][       a       ][      op       ]
//
// What a field holds is its role (`OperandRole`):
//
// * destination `d`, register `r`: a register index of the frame, 0 ... 32,767. The instruction writes a destination only
//   after everything in it that can raise has succeeded, and reads all its operands before it writes any destination (a
//   destination may be the same register as an operand). A result that nobody needs goes to a dead register: there is no "discard".
// * operand `s`: bit 15 clear: register [14:0]; bit 15 set: constant [14:0] of the code object. Constants with an index above 32,767
//   are first loaded by LOADK_W.
// * base `B`: the first of consecutive registers. For calls see FrameLayout.swift.
// * name `n`: an index into the code object's names. 0xFFFF means: the index is the one that the directly preceding
//   WIDE instruction put aside (only code objects with more than 65,535 names have it).
// * immediate `i`: a number.
// * target `t`: signed 16 bits, in words, relative to the word of the jumping instruction itself: `target = pc + t` where `pc` points at
//   the instruction (not at its cache words). A *taken* jump with t < 0 polls the eval breaker before it continues. Farther
//   targets: lowering inverts or redirects the jump over a JUMP, whose `b` and `c` hold 32 bits (b low, c high).
//
// Bits 0–15 of the first cache word belong to lowering where the table documents it ("w0: ..."); all other cache bits
// start as zero and belong to the evaluator.

/// One 64-bit word of register code, seen as an instruction.
struct InstructionWord {
  var op: UInt16
  var a: UInt16
  var b: UInt16
  var c: UInt16

  init(_ op: Instruction, _ a: UInt16 = 0, _ b: UInt16 = 0, _ c: UInt16 = 0) {
    self.op = UInt16(op.rawValue)
    self.a = a
    self.b = b
    self.c = c
  }

  /// The instruction; every value of a byte is a case. Where machine code is entered it is the one that stands there otherwise.
  @inline(__always) var instruction: Instruction {
    get { unsafeBitCast(UInt8(truncatingIfNeeded: isEntry ? op &>> 8 : op), to: Instruction.self) }
    set { op = isEntry ? UInt16(newValue.rawValue) &<< 8 | UInt16(Instruction.enterMachine.rawValue) : UInt16(newValue.rawValue) }
  }

  /// What the evaluator executes: ENTER_MACHINE or `instruction`. As good as the latter for what never stands where machine code is entered: YIELD_FROM and all that is no jump back in
  /// generators.
  @inline(__always) var executed: Instruction { unsafeBitCast(UInt8(truncatingIfNeeded: op), to: Instruction.self) }

  /// Whether machine code is entered here: ENTER_MACHINE in the low byte, with the instruction proper in the high one.
  @inline(__always) var isEntry: Bool {
    get { UInt8(truncatingIfNeeded: op) == Instruction.enterMachine.rawValue }
    set {
      let own = instruction
      op = newValue ? UInt16(own.rawValue) &<< 8 | UInt16(Instruction.enterMachine.rawValue) : UInt16(own.rawValue)
    }
  }

  /// The jump distance of an instruction with a target in `c`, in words.
  @inline(__always) var target: Int { Int(Int16(bitPattern: c)) }

  /// The jump distance of JUMP and JUMP_BACK, in words.
  @inline(__always) var farTarget: Int { Int(Int32(bitPattern: UInt32(b) | UInt32(c) &<< 16)) }

  /// The constant index of LOADK_W, the name index of WIDE.
  @inline(__always) var wideIndex: Int { Int(UInt32(b) | UInt32(c) &<< 16) }

  /// The same bits as a cache word.
  var bits: UInt64 {
    UInt64(op) | UInt64(a) &<< 16 | UInt64(b) &<< 32 | UInt64(c) &<< 48
  }

  init(bits: UInt64) {
    op = UInt16(truncatingIfNeeded: bits)
    a = UInt16(truncatingIfNeeded: bits &>> 16)
    b = UInt16(truncatingIfNeeded: bits &>> 32)
    c = UInt16(truncatingIfNeeded: bits &>> 48)
  }
}

/// Constants of the encoding.
enum Encoding {
  /// Set in an operand that is a constant.
  static let constantBit: UInt16 = 0x8000
  /// Registers and direct constants are below this.
  static let indexLimit = 0x8000
  /// A name field that refers to the preceding WIDE.
  static let wideName: UInt16 = 0xFFFF
  /// In the first cache word of a call: its result is popped at once.
  static let discardBit: UInt64 = 1 << 24
  /// In the cache word of a FOR_ITER: nothing but the loop refers to what GET_ITER has made. In that of a CALL_EX: nothing but the call refers to its dict
  /// of keywords.
  static let ownsBit: UInt64 = 1 << 25
  /// In the flags of a MAKE_FUNCTION: nothing but the one call that follows refers to the function.
  static let temporaryBit: UInt16 = 16
  /// "No register" in an exception table entry.
  static let noRegister: UInt16 = 0xFFFF
}

/// What a field of an instruction holds.
enum OperandRole: UInt8 {
  case none
  /// A register that is written.
  case destination
  /// Two consecutive registers, both written.
  case destinationPair
  /// A register that is read (never a constant).
  case register
  /// A register that is read and written.
  case update
  /// A register or a constant, read.
  case operand
  /// The first of consecutive registers.
  case base
  case name
  case immediate
  /// A signed 16-bit jump distance.
  case target
  /// The low or high half of a 32-bit jump distance or index.
  case farHalf
}
