import Glibc

// Register code as lowering hands it to the evaluator.

/// A range of register code and the handler of exceptions raised in it.
struct HandlerRange {
  /// Word indexes [start, end).
  var start: UInt32
  var end: UInt32
  /// Word index where the handler begins.
  var handler: UInt32
  /// Where the exception goes.
  var exceptionRegister: UInt16
  /// Where the raising bytecode offset goes (an int Value), or `Encoding.noRegister`.
  var lastiRegister: UInt16
}

/// The register code of one code object. All memory is allocated for it, owned by whoever holds this, and free of Values.
struct LoweredCode {
  /// Instructions and cache words; the evaluator writes to caches and quickens in place.
  var words: UnsafeMutablePointer<InstructionWord>
  var wordCount: Int
  /// For each word the bytecode offset in code units (2 bytes) of the instruction it came from: UInt16, or UInt32 if `hasWideOffsets`.
  var offsets: UnsafeMutableRawPointer
  var hasWideOffsets: Bool
  /// Sorted by start, disjoint.
  var handlers: UnsafeMutablePointer<HandlerRange>
  var handlerCount: Int
  /// Registers of a frame, locals included, header excluded. At most `Encoding.indexLimit`.
  var registerCount: Int
  /// Locals, cells and frees: registers 0 ..< localCount.
  var localCount: Int
  /// Bit i: register localCount + i is the iterator of a loop somewhere.
  var iteratorSlots: UInt64
  /// Traced code: the line of each code unit, −1 where there is none; else nil
  var lines: UnsafeMutablePointer<Int32>?
  var lineCount = 0
  /// One to one with the bytecode, TRACE before each instruction.
  var isTraced: Bool
  /// Every conditional jump goes through a JUMP with 32 bits.
  var hasFarJumps: Bool
  /// STORE_NAME instructions: about as many names as running the code puts into its namespace
  var storedNameCount: Int32
  /// Number of its table of what has been looked at (`MachineSites`), 0: none
  var machine: Int32 = 0
  /// By word: where machine code is entered; nil: nowhere. Never freed, as the tables of code that has died
  var machineEntries: UnsafeMutablePointer<UnsafeMutablePointer<MachineEntry>?>?
  /// Machine code for its first word, or nil
  var machineEntry: UnsafeRawPointer?
  /// What `DeadRegisters` has found for it goes by this number; 0: nothing
  var deadNumber: Int32 = 0

  /// Bytecode offset in bytes (`f_lasti`) of the instruction that the word at index `word` belongs to.
  @inline(__always) func bytecodeOffset(_ word: Int) -> Int {
    if hasWideOffsets { return Int(offsets.load(fromByteOffset: word &* 4, as: UInt32.self)) &* 2 }
    return Int(offsets.load(fromByteOffset: word &* 2, as: UInt16.self)) &* 2
  }

  /// Line of the instruction at a byte offset, −1 without one. For traced code.
  func line(_ offset: Int) -> Int {
    guard let lines, offset >= 0, offset / 2 < lineCount else { return -1 }
    return Int(lines[offset / 2])
  }
  @inline(__always) func contains(_ word: UnsafeMutablePointer<InstructionWord>) -> Bool { word >= words && word < words + wordCount }

  /// The handler of an exception raised by the instruction at word index `word`, nil if none in this frame.
  func handler(for word: Int) -> UnsafePointer<HandlerRange>? {
    var low = 0
    var high = handlerCount
    while low < high {
      let middle = (low &+ high) &>> 1
      let range = handlers + middle
      if word >= Int(range.pointee.end) {
        low = middle &+ 1
      } else if word < Int(range.pointee.start) {
        high = middle
      } else {
        return UnsafePointer(range)
      }
    }
    return nil
  }

  /// Frees the memory, which is one piece that begins with the words.
  func deallocate() {
    free(words)
  }
}
