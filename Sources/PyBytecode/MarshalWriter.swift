/// Writes constants and code objects as `marshal.dumps` of CPython 3.11 (version 4).
///
/// CPython decides by reference counts what it marks as shareable; here equal strings are written once and referred to
/// afterwards. The meaning is the same, and `marshal.loads` of both gives equal objects.
public struct MarshalWriter {
  public private(set) var bytes: [UInt8] = []
  private var references = ReferenceTable()

  public init() {}

  /// The marshalled form of one value.
  public static func dump(_ value: Constant) -> [UInt8] {
    var writer = MarshalWriter()
    writer.write(value)
    return writer.bytes
  }

  /// The marshalled form of a code object: what follows the header in a `.pyc`.
  public static func dump(_ code: CodeBlueprint) -> [UInt8] { dump(.code(code)) }

  private static let referenceFlag: UInt8 = 0x80

  public mutating func write(_ value: Constant) {
    switch value {
    case .none: bytes.append(UInt8(ascii: "N"))
    case .true: bytes.append(UInt8(ascii: "T"))
    case .false: bytes.append(UInt8(ascii: "F"))
    case .ellipsis: bytes.append(UInt8(ascii: "."))
    case .int(let value):
      if let small = Int32(exactly: value) {
        bytes.append(UInt8(ascii: "i"))
        int32(small)
      } else {
        long(negative: value < 0, [value.magnitude])
      }
    case .bigInt(let negative, let limbs): long(negative: negative, limbs)
    case .float(let value):
      bytes.append(UInt8(ascii: "g"))
      double(value)
    case .complex(let real, let imaginary):
      bytes.append(UInt8(ascii: "y"))
      double(real)
      double(imaginary)
    case .string(let text): string(text, interned: MarshalWriter.looksLikeName(text))
    case .bytes(let data): byteString(data)
    case .tuple(let items): tuple(items.count) { $0.write(items[$1]) }
    case .frozenset(let items):
      bytes.append(UInt8(ascii: ">"))
      int32(Int32(truncatingIfNeeded: items.count))
      for item in items { write(item) }
    case .code(let code): self.code(code)
    }
  }

  private mutating func code(_ code: CodeBlueprint) {
    bytes.append(UInt8(ascii: "c"))
    int32(code.argumentCount)
    int32(code.positionalOnlyCount)
    int32(code.keywordOnlyCount)
    int32(code.stackSize)
    int32(Int32(bitPattern: code.flags.rawValue))
    byteString(code.code)
    tuple(code.constants.count) { $0.write(code.constants[$1]) }
    tuple(code.names.count) { $0.string(code.names[$1], interned: true) }
    tuple(code.localsplusNames.count) { $0.string(code.localsplusNames[$1], interned: true) }
    byteString(code.localsplusKinds.map { $0.rawValue })
    string(code.filename, interned: false)
    string(code.name, interned: true)
    string(code.qualifiedName, interned: true)
    int32(code.firstLine)
    byteString(code.lineTable)
    byteString(code.exceptionTable)
  }

  private mutating func tuple(_ count: Int, _ item: (inout MarshalWriter, Int) -> Void) {
    if count < 256 {
      bytes.append(UInt8(ascii: ")"))
      bytes.append(UInt8(truncatingIfNeeded: count))
    } else {
      bytes.append(UInt8(ascii: "("))
      int32(Int32(truncatingIfNeeded: count))
    }
    for index in 0..<count { item(&self, index) }
  }

  private mutating func string(_ text: [UInt8], interned: Bool) {
    if let index = references.find(orAdd: text) {
      bytes.append(UInt8(ascii: "r"))
      return int32(index)
    }
    let ascii = text.allSatisfy { $0 < 0x80 }
    if ascii && text.count < 256 {
      bytes.append((interned ? UInt8(ascii: "Z") : UInt8(ascii: "z")) | MarshalWriter.referenceFlag)
      bytes.append(UInt8(truncatingIfNeeded: text.count))
    } else {
      let kind = ascii ? (interned ? UInt8(ascii: "A") : UInt8(ascii: "a")) : (interned ? UInt8(ascii: "t") : UInt8(ascii: "u"))
      bytes.append(kind | MarshalWriter.referenceFlag)
      int32(Int32(truncatingIfNeeded: text.count))
    }
    bytes.append(contentsOf: text)
  }

  private mutating func byteString(_ data: [UInt8]) {
    bytes.append(UInt8(ascii: "s"))
    int32(Int32(truncatingIfNeeded: data.count))
    bytes.append(contentsOf: data)
  }

  /// A string constant that CPython interns because it could be an identifier.
  private static func looksLikeName(_ text: [UInt8]) -> Bool {
    text.allSatisfy {
      ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "A") && $0 <= UInt8(ascii: "Z"))
        || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9")) || $0 == UInt8(ascii: "_")
    }
  }

  private mutating func int32(_ value: Int32) {
    let bits = UInt32(bitPattern: value)
    withUnsafeBytes(of: bits.littleEndian) { bytes.append(contentsOf: $0) }
  }

  private mutating func double(_ value: Double) {
    let bits = value.bitPattern
    for shift in stride(from: UInt64(0), to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: bits >> shift)) }
  }

  /// Integers beyond 32 bits are stored as 15-bit digits, least significant first; the sign is that of the digit count.
  private mutating func long(negative: Bool, _ limbs: [UInt64]) {
    bytes.append(UInt8(ascii: "l"))
    var digits: [UInt16] = []
    var accumulator: UInt64 = 0
    var bits: UInt64 = 0
    for limb in limbs {
      // Fewer than 15 bits are pending, so 64 more need two steps.
      for half in [limb & 0xFFFF_FFFF, limb >> 32] {
        accumulator |= half << bits
        bits += 32
        while bits >= 15 {
          digits.append(UInt16(accumulator & 0x7FFF))
          accumulator >>= 15
          bits -= 15
        }
      }
    }
    if bits > 0 { digits.append(UInt16(accumulator)) }
    while digits.last == 0 { digits.removeLast() }
    let count = Int32(truncatingIfNeeded: digits.count)
    int32(negative ? 0 &- count : count)
    for digit in digits {
      bytes.append(UInt8(truncatingIfNeeded: digit))
      bytes.append(UInt8(truncatingIfNeeded: digit >> 8))
    }
  }
}

/// The strings written so far, numbered in order: what back-references count. Open addressing, at most half full.
private struct ReferenceTable {
  private var entries: [(hash: UInt32, text: [UInt8])] = []
  private var slots = [Int32](repeating: -1, count: 256)

  /// The number of a string written before; nil when it is new, and it then gets the next number.
  mutating func find(orAdd text: [UInt8]) -> Int32? {
    let hash = ReferenceTable.hash(text)
    let mask = slots.count - 1
    var slot = Int(hash) & mask
    while slots[slot] >= 0 {
      let index = Int(slots[slot])
      if entries[index].hash == hash && entries[index].text == text { return slots[slot] }
      slot = (slot + 1) & mask
    }
    slots[slot] = Int32(truncatingIfNeeded: entries.count)
    entries.append((hash, text))
    if entries.count * 2 > slots.count { grow() }
    return nil
  }

  private mutating func grow() {
    let mask = slots.count * 2 - 1
    slots = [Int32](repeating: -1, count: mask + 1)
    for (index, entry) in entries.enumerated() {
      var slot = Int(entry.hash) & mask
      while slots[slot] >= 0 { slot = (slot + 1) & mask }
      slots[slot] = Int32(truncatingIfNeeded: index)
    }
  }

  private static func hash(_ text: [UInt8]) -> UInt32 {
    text.withUnsafeBytes { raw in
      var hash = UInt64(truncatingIfNeeded: raw.count) &* 0xFF51_AFD7_ED55_8CCD
      var index = 0
      while index &+ 8 <= raw.count {
        hash = (hash ^ raw.loadUnaligned(fromByteOffset: index, as: UInt64.self)) &* 0x9E37_79B9_7F4A_7C15
        hash ^= hash >> 29
        index &+= 8
      }
      while index < raw.count {
        hash = (hash ^ UInt64(raw[index])) &* 0x100_0000_01B3
        index &+= 1
      }
      return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
  }
}
