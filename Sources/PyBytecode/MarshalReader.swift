import Glibc

/// Why marshal data was refused; the case is the Python exception, the text its message.
public enum MarshalError: Error, Hashable, Sendable {
  case endOfFile(String)
  case valueError(String)
  case typeError(String)
}

/// Reads what `marshal.dumps` wrote (versions 0 to 4) as far as it can be a constant: everything but list, dict, set and StopIteration.
///
/// Data may be hostile: sizes are checked against what is left before anything is allocated, nesting is bounded (also nesting built by
/// back-references, so that freeing the result cannot overflow the native stack), and no input traps.
public struct MarshalReader {
  private let bytes: [UInt8]
  /// Offset of the next byte to be read.
  public private(set) var position: Int
  private var references: [Reference] = []
  private var level = 0

  /// A shared object, nil while it is still being read. `depth` is how deeply it nests.
  private struct Reference {
    var value: Constant?
    var depth: Int
  }

  /// CPython's bound on nesting.
  private static let maximumDepth = 2000

  public init(_ bytes: [UInt8], from position: Int = 0) {
    self.bytes = bytes
    self.position = max(0, position)
  }

  /// Reads one value from the front of `bytes`; what follows it is ignored, as `marshal.loads` does.
  public static func load(_ bytes: [UInt8], from position: Int = 0) throws(MarshalError) -> Constant {
    var reader = MarshalReader(bytes, from: position)
    return try reader.read()
  }

  public mutating func read() throws(MarshalError) -> Constant {
    var depth = 0
    return try object(&depth)
  }

  private mutating func object(_ depth: inout Int) throws(MarshalError) -> Constant {
    guard position < bytes.count else { throw .endOfFile("EOF read where object expected") }
    let byte = bytes[position]
    position += 1
    let kind = byte & 0x7F
    level += 1
    defer { level -= 1 }
    if level > MarshalReader.maximumDepth { throw .valueError("recursion limit exceeded") }
    switch kind {
    case UInt8(ascii: "N"): return .none
    case UInt8(ascii: "T"): return .true
    case UInt8(ascii: "F"): return .false
    case UInt8(ascii: "."): return .ellipsis
    case UInt8(ascii: "r"):
      let index = Int(try int32())
      guard index >= 0, index < references.count, let value = references[index].value else {
        throw .valueError("bad marshal data (invalid reference)")
      }
      depth = references[index].depth
      if depth + level > MarshalReader.maximumDepth { throw .valueError("recursion limit exceeded") }
      return value
    default: break
    }
    var slot = -1
    if byte & 0x80 != 0 {
      slot = references.count
      references.append(Reference(value: nil, depth: 0))
    }
    let value = try body(kind, &depth)
    if slot >= 0 { references[slot] = Reference(value: value, depth: depth) }
    return value
  }

  private mutating func body(_ kind: UInt8, _ depth: inout Int) throws(MarshalError) -> Constant {
    switch kind {
    case UInt8(ascii: "i"): return .int(Int64(try int32()))
    case UInt8(ascii: "I"): return .int(Int64(bitPattern: try word64()))
    case UInt8(ascii: "l"): return try long()
    case UInt8(ascii: "g"): return .float(Double(bitPattern: try word64()))
    case UInt8(ascii: "f"): return .float(try decimal())
    case UInt8(ascii: "y"):
      let real = Double(bitPattern: try word64())
      return .complex(real: real, imaginary: Double(bitPattern: try word64()))
    case UInt8(ascii: "x"):
      let real = try decimal()
      return .complex(real: real, imaginary: try decimal())
    case UInt8(ascii: "s"): return .bytes(try take(try size("bytes object")))
    case UInt8(ascii: "a"), UInt8(ascii: "A"): return .string(latin(try take(try size("string"))))
    case UInt8(ascii: "z"), UInt8(ascii: "Z"): return .string(latin(try take(Int(try byte()))))
    case UInt8(ascii: "u"), UInt8(ascii: "t"):
      let text = try take(try size("string"))
      guard isSurrogatePassUTF8(text) else { throw .valueError("bad marshal data (invalid UTF-8)") }
      return .string(text)
    case UInt8(ascii: ")"): return .tuple(try items(Int(try byte()), &depth))
    case UInt8(ascii: "("): return .tuple(try items(try size("tuple"), &depth))
    case UInt8(ascii: ">"):
      var seen = Set<Constant>()
      var members: [Constant] = []
      for item in try items(try size("set"), &depth) where seen.insert(item).inserted { members.append(item) }
      return .frozenset(members)
    case UInt8(ascii: "c"): return .code(try code(&depth))
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "<"), UInt8(ascii: "S"):
      throw .typeError("bad marshal data (object cannot be part of a code object)")
    case UInt8(ascii: "0"): throw .typeError("NULL object in marshal data for object")
    default: throw .valueError("bad marshal data (unknown type code)")
    }
  }

  private mutating func items(_ count: Int, _ depth: inout Int) throws(MarshalError) -> [Constant] {
    // Each item takes a byte at least, so a size beyond the data ends the reading before memory is asked for.
    var values: [Constant] = []
    values.reserveCapacity(min(count, bytes.count - position))
    for _ in 0..<count {
      var inner = 0
      values.append(try object(&inner))
      depth = max(depth, inner)
    }
    depth += 1
    return values
  }

  private mutating func code(_ depth: inout Int) throws(MarshalError) -> CodeBlueprint {
    let argumentCount = try int32()
    let positionalOnly = try int32()
    let keywordOnly = try int32()
    let stackSize = try int32()
    let flags = CodeFlags(rawValue: UInt32(bitPattern: try int32()))
    let code = try data()
    var deepest = 0
    guard case .tuple(let constants) = try object(&deepest) else { throw .typeError("code: co_consts must be a tuple") }
    let names = try nameTuple()
    let locals = try nameTuple()
    let kinds = try data().map { LocalKind(rawValue: $0) }
    let filename = try text()
    let name = try text()
    let qualifiedName = try text()
    let firstLine = try int32()
    let lineTable = try data()
    let exceptionTable = try data()
    if kinds.count != locals.count { throw .valueError("code: number of local names and kinds differ") }
    if argumentCount < 0 || positionalOnly < 0 || keywordOnly < 0 || stackSize < 0 || firstLine < 0 || positionalOnly > argumentCount {
      throw .valueError("code: negative or contradictory counts")
    }
    let arguments = Int(argumentCount) + Int(keywordOnly) + (flags.contains(.varArgs) ? 1 : 0) + (flags.contains(.varKeywords) ? 1 : 0)
    if arguments > locals.count { throw .valueError("code: varnames is too small") }
    depth = deepest + 1
    return CodeBlueprint(
      argumentCount: argumentCount, positionalOnlyCount: positionalOnly, keywordOnlyCount: keywordOnly, stackSize: stackSize,
      flags: flags, code: code, constants: constants, names: names, localsplusNames: locals, localsplusKinds: kinds,
      filename: filename, name: name, qualifiedName: qualifiedName, firstLine: firstLine, lineTable: lineTable,
      exceptionTable: exceptionTable)
  }

  private mutating func data() throws(MarshalError) -> [UInt8] {
    var depth = 0
    guard case .bytes(let data) = try object(&depth) else { throw .typeError("code: expected bytes") }
    return data
  }

  private mutating func text() throws(MarshalError) -> [UInt8] {
    var depth = 0
    guard case .string(let text) = try object(&depth) else { throw .typeError("code: expected str") }
    return text
  }

  private mutating func nameTuple() throws(MarshalError) -> [[UInt8]] {
    var depth = 0
    guard case .tuple(let items) = try object(&depth) else { throw .typeError("code: expected a tuple of names") }
    var names: [[UInt8]] = []
    names.reserveCapacity(items.count)
    for item in items {
      guard case .string(let name) = item else { throw .typeError("name tuples must contain only strings") }
      names.append(name)
    }
    return names
  }

  // MARK: Primitives

  private mutating func byte() throws(MarshalError) -> UInt8 {
    guard position < bytes.count else { throw .endOfFile("EOF read where not expected") }
    position += 1
    return bytes[position - 1]
  }

  private mutating func take(_ count: Int) throws(MarshalError) -> [UInt8] {
    guard count <= bytes.count - position else { throw .endOfFile("marshal data too short") }
    position += count
    return Array(bytes[position - count..<position])
  }

  private mutating func int32() throws(MarshalError) -> Int32 {
    guard 4 <= bytes.count - position else { throw .endOfFile("marshal data too short") }
    var value: UInt32 = 0
    for index in 0..<4 { value |= UInt32(bytes[position + index]) << UInt32(8 * index) }
    position += 4
    return Int32(bitPattern: value)
  }

  private mutating func word64() throws(MarshalError) -> UInt64 {
    guard 8 <= bytes.count - position else { throw .endOfFile("marshal data too short") }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(bytes[position + index]) << UInt64(8 * index) }
    position += 8
    return value
  }

  private mutating func size(_ what: String) throws(MarshalError) -> Int {
    let count = try int32()
    if count < 0 { throw .valueError("bad marshal data (\(what) size out of range)") }
    return Int(count)
  }

  private mutating func long() throws(MarshalError) -> Constant {
    let signed = try int32()
    if signed == 0 { return .int(0) }
    if signed == Int32.min { throw .valueError("bad marshal data (long size out of range)") }
    let count = Int(signed.magnitude)
    guard 2 * count <= bytes.count - position else { throw .endOfFile("marshal data too short") }
    var limbs: [UInt64] = []
    limbs.reserveCapacity(count * 15 / 64 + 1)
    var limb: UInt64 = 0
    var bits: UInt64 = 0
    var digit: UInt64 = 0
    for _ in 0..<count {
      digit = UInt64(bytes[position]) | UInt64(bytes[position + 1]) << 8
      position += 2
      if digit > 0x7FFF { throw .valueError("bad marshal data (digit out of range in long)") }
      limb |= digit << bits
      bits += 15
      if bits >= 64 {
        limbs.append(limb)
        bits -= 64
        limb = digit >> (15 - bits)
      }
    }
    if digit == 0 { throw .valueError("bad marshal data (unnormalized long data)") }
    limbs.append(limb)
    while limbs.last == 0 { limbs.removeLast() }
    return Constant.integer(negative: signed < 0, magnitude: limbs)
  }

  /// A float as decimal text: marshal versions 0 and 1.
  private mutating func decimal() throws(MarshalError) -> Double {
    let text = try take(Int(try byte()))
    var buffer = text.map { CChar(bitPattern: $0) }
    buffer.append(0)
    var end = 0
    let value = buffer.withUnsafeMutableBufferPointer { pointer -> Double in
      guard let base = pointer.baseAddress else { return 0 }
      var stop: UnsafeMutablePointer<CChar>?
      let value = strtod(base, &stop)
      end = stop.map { $0 - base } ?? 0
      return value
    }
    if text.isEmpty || end != text.count { throw .valueError("could not convert string to float") }
    return value
  }

  /// Latin-1 to UTF-8. CPython writes only ASCII under these type codes, but reads all of Latin-1.
  private func latin(_ text: [UInt8]) -> [UInt8] {
    if text.allSatisfy({ $0 < 0x80 }) { return text }
    var out: [UInt8] = []
    for byte in text {
      if byte < 0x80 {
        out.append(byte)
      } else {
        out.append(0xC0 | byte >> 6)
        out.append(0x80 | byte & 0x3F)
      }
    }
    return out
  }
}

extension Constant {
  /// The integer constant of the given sign and magnitude, in its one canonical form.
  public static func integer(negative: Bool, magnitude: [UInt64]) -> Constant {
    var limbs = magnitude
    while limbs.last == 0 { limbs.removeLast() }
    guard limbs.count <= 1 else { return .bigInt(negative: negative, magnitude: limbs) }
    let value = limbs.first ?? 0
    if negative {
      if value <= UInt64(Int64.max) + 1 { return .int(Int64(bitPattern: 0 &- value)) }
    } else if value <= UInt64(Int64.max) {
      return .int(Int64(value))
    }
    return .bigInt(negative: negative, magnitude: limbs)
  }
}

/// True for well-formed UTF-8 in which surrogates may stand as three-byte sequences.
public func isSurrogatePassUTF8(_ bytes: [UInt8]) -> Bool {
  var index = 0
  let count = bytes.count
  func tail(_ at: Int) -> Bool { at < count && bytes[at] & 0xC0 == 0x80 }
  while index < count {
    let byte = bytes[index]
    if byte < 0x80 {
      index += 1
    } else if byte >= 0xC2 && byte < 0xE0 {
      guard tail(index + 1) else { return false }
      index += 2
    } else if byte >= 0xE0 && byte < 0xF0 {
      guard tail(index + 1), tail(index + 2), byte != 0xE0 || bytes[index + 1] >= 0xA0 else { return false }
      index += 3
    } else if byte >= 0xF0 && byte < 0xF5 {
      guard tail(index + 1), tail(index + 2), tail(index + 3), byte != 0xF0 || bytes[index + 1] >= 0x90,
        byte != 0xF4 || bytes[index + 1] < 0x90
      else { return false }
      index += 4
    } else {
      return false
    }
  }
  return true
}
