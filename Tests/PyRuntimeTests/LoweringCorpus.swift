import Glibc
import PyBytecode

@testable import PyRuntime

// Material for the lowering tests: code objects of the host's standard library, and corrupted copies of them.

/// A code object taken apart, so that a test can damage it.
struct RawCode {
  var bytecode: [UInt8]
  var exceptionTable: [UInt8]
  var kinds: [UInt8]
  var constants: [ConstantKind]
  var nameCount: Int
  var stackSize: Int
  var flags: UInt32
  var argumentCount: Int
  var keywordOnlyCount: Int
  var name: String

  init(_ code: CodeBlueprint) {
    bytecode = code.code
    exceptionTable = code.exceptionTable
    kinds = code.localsplusKinds.map(\.rawValue)
    constants = code.constants.map { ConstantKind($0) }
    nameCount = code.names.count
    stackSize = Int(code.stackSize)
    flags = code.flags.rawValue
    argumentCount = Int(code.argumentCount)
    keywordOnlyCount = Int(code.keywordOnlyCount)
    name = String(decoding: code.qualifiedName, as: UTF8.self)
  }

  func withView<Result>(_ body: (CodeView) throws -> Result) rethrows -> Result {
    try bytecode.withUnsafeBufferPointer { bytecode in
      try exceptionTable.withUnsafeBufferPointer { exceptions in
        try kinds.withUnsafeBufferPointer { kinds in
          try constants.withUnsafeBufferPointer { constants in
            try body(
              CodeView(
                bytecode: bytecode, exceptionTable: exceptions, localKinds: kinds, constants: constants, nameCount: nameCount,
                stackSize: stackSize, flags: flags, argumentCount: argumentCount, keywordOnlyCount: keywordOnlyCount))
          }
        }
      }
    }
  }
}

/// A small deterministic generator, so that a failure can be repeated.
struct Dice {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }

  mutating func below(_ limit: Int) -> Int { limit <= 1 ? 0 : Int(next() % UInt64(limit)) }
}

extension RawCode {
  static let opcodes = Opcode.allCases.map(\.rawValue).filter { $0 != 0 }
  /// Opcodes that reorder the stack or end things: the ones most likely to slip through.
  static let tricky: [Opcode] = [
    .swap, .copy, .popTop, .pushNull, .nop, .loadFast, .storeFast, .deleteFast, .loadConst, .returnValue, .loadDeref, .buildTuple,
    .getLen, .binarySubscr, .compareOp, .isOp, .jumpIfTrueOrPop, .popJumpForwardIfTrue, .popJumpForwardIfFalse, .jumpForward, .forIter,
    .getIter, .unpackSequence, .loadMethod, .call, .yieldValue,
  ]

  /// Damages one thing.
  mutating func corrupt(_ dice: inout Dice) {
    let units = bytecode.count / 2
    guard units > 0 else { return }
    let at = dice.below(units) * 2
    switch dice.below(14) {
    case 0: bytecode[at + 1] = UInt8(truncatingIfNeeded: dice.next())
    case 1: bytecode[at + 1] = UInt8(dice.below(8))
    case 2: bytecode[at + 1] = bytecode[at + 1] &+ (dice.below(2) == 0 ? 1 : 255)
    case 3: bytecode[at] = RawCode.opcodes[dice.below(RawCode.opcodes.count)]
    case 4:
      bytecode[at] = RawCode.tricky[dice.below(RawCode.tricky.count)].rawValue
      bytecode[at + 1] = UInt8(dice.below(5))
    case 5:
      let other = dice.below(units) * 2
      bytecode.swapAt(at, other)
      bytecode.swapAt(at + 1, other + 1)
    case 6: bytecode.insert(contentsOf: [RawCode.tricky[dice.below(RawCode.tricky.count)].rawValue, UInt8(dice.below(4))], at: at)
    case 7: bytecode.removeSubrange(at..<at + 2)
    case 8:
      guard !exceptionTable.isEmpty else { return }
      let place = dice.below(exceptionTable.count)
      exceptionTable[place] = exceptionTable[place] & 0xC0 | UInt8(dice.below(64))
    case 9:
      guard !exceptionTable.isEmpty else { return }
      exceptionTable[dice.below(exceptionTable.count)] = UInt8(truncatingIfNeeded: dice.next())
    case 10: flags ^= [0x20, 0x80, 0x200, 4, 8][dice.below(5)]
    case 11: stackSize = max(0, stackSize + dice.below(5) - 3)
    case 12:
      guard !kinds.isEmpty else { return }
      kinds[dice.below(kinds.count)] = [0x20, 0x40, 0x60, 0x80][dice.below(4)]
    default:
      if dice.below(2) == 0 {
        constants.removeLast(min(constants.count, dice.below(3)))
      } else if constants.count > 1 {
        constants.swapAt(dice.below(constants.count), dice.below(constants.count))
      }
    }
  }
}

enum LoweringCorpus {
  /// Every code object in the `.pyc` files under the host's standard library, at most `limit` files.
  static func standardLibrary(limit: Int) -> [CodeBlueprint] {
    var found: [CodeBlueprint] = []
    var files: [String] = []
    collect("/usr/lib/python3.11", &files)
    let step = max(1, files.count / max(limit, 1))
    for index in stride(from: 0, to: files.count, by: step) {
      let bytes = read(files[index])
      guard case .success = PycHeader.read(bytes) else { continue }
      guard let constant = try? MarshalReader.load(bytes, from: PycHeader.byteCount), case .code(let code) = constant else { continue }
      append(code, &found)
    }
    return found
  }

  /// A code object and all it contains.
  static func append(_ code: CodeBlueprint, _ found: inout [CodeBlueprint]) {
    found.append(code)
    for constant in code.constants {
      if case .code(let inner) = constant { append(inner, &found) }
    }
  }

  private static func collect(_ directory: String, _ files: inout [String]) {
    guard let handle = opendir(directory) else { return }
    defer { closedir(handle) }
    var names: [(String, Bool)] = []
    while let entry = readdir(handle) {
      let isDirectory = entry.pointee.d_type == UInt8(DT_DIR)
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append((name, isDirectory)) }
    }
    for (name, isDirectory) in names.sorted(by: { $0.0 < $1.0 }) {
      if isDirectory {
        collect(directory + "/" + name, &files)
      } else if name.hasSuffix(".cpython-311.pyc") {
        files.append(directory + "/" + name)
      }
    }
  }

  static func read(_ path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else { return [] }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&buffer, 1, buffer.count, file)
      if count == 0 { return bytes }
      bytes.append(contentsOf: buffer[0..<count])
    }
  }
}

extension LoweringCorpus {
  /// Progress of the runs that take long, on standard error.
  static func report(_ what: String, _ done: Int, _ total: Int) {
    if done % 1000 != 0 { return }
    let line = Array("\(what) \(done) of \(total)\n".utf8)
    line.withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
