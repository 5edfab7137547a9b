/// Where in the source an instruction comes from. Lines count from 1, columns are UTF-8 byte offsets from 0.
/// `line < 0` means no location at all, `column < 0` a line without columns.
public struct SourceLocation: Hashable, Sendable {
  public var line: Int32
  public var endLine: Int32
  public var column: Int32
  public var endColumn: Int32

  @inlinable public init(line: Int32, endLine: Int32, column: Int32, endColumn: Int32) {
    self.line = line
    self.endLine = endLine
    self.column = column
    self.endColumn = endColumn
  }

  /// An artificial instruction that belongs to no line.
  @inlinable public static var none: SourceLocation { SourceLocation(line: -1, endLine: -1, column: -1, endColumn: -1) }
}

/// `co_linetable` of CPython 3.11 (PEP 657): a sequence of entries, each covering 1 to 8 code units.
///
/// The first byte of an entry is `0x80 | kind << 3 | units - 1`; following bytes have bit 7 clear. Kinds: 0–9 same line, columns in one
/// byte; 10–12 line delta 0–2, two column bytes; 13 line delta without columns; 14 everything in varints; 15 no location.
/// Varints are little-endian groups of six bits, bit 6 says that more follow; signed ones keep the sign in bit 0.
public struct LocationTableEncoder {
  public private(set) var bytes: [UInt8] = []
  private var line: Int32

  public init(firstLine: Int32) { line = firstLine }

  public mutating func reserve(_ count: Int) { bytes.reserveCapacity(count) }

  /// Appends the location of an instruction that occupies `units` code units (caches and prefixes included).
  public mutating func append(_ location: SourceLocation, units: Int) {
    var left = units
    while left > 8 {
      appendEntry(location, 8)
      left -= 8
    }
    if left > 0 { appendEntry(location, left) }
  }

  private mutating func appendEntry(_ at: SourceLocation, _ units: Int) {
    if at.line < 0 { return head(15, units) }
    let delta = at.line &- line
    if at.column < 0 || at.endColumn < 0 {
      if at.endLine == at.line || at.endLine == -1 {
        head(13, units)
        signedVarint(delta)
        line = at.line
        return
      }
    } else if at.endLine == at.line {
      let width = at.endColumn &- at.column
      if delta == 0 && at.column < 80 && width < 16 && width >= 0 {
        head(UInt8(truncatingIfNeeded: at.column >> 3), units)
        bytes.append(UInt8(truncatingIfNeeded: (at.column & 7) << 4 | width))
        return
      }
      if delta >= 0 && delta < 3 && at.column < 128 && at.endColumn < 128 {
        head(UInt8(truncatingIfNeeded: 10 &+ delta), units)
        bytes.append(UInt8(truncatingIfNeeded: at.column))
        bytes.append(UInt8(truncatingIfNeeded: at.endColumn))
        line = at.line
        return
      }
    }
    head(14, units)
    signedVarint(delta)
    varint(UInt32(bitPattern: at.endLine &- at.line))
    varint(UInt32(bitPattern: at.column &+ 1))
    varint(UInt32(bitPattern: at.endColumn &+ 1))
    line = at.line
  }

  @inline(__always) private mutating func head(_ kind: UInt8, _ units: Int) {
    bytes.append(0x80 | kind << 3 | UInt8(truncatingIfNeeded: units &- 1))
  }

  private mutating func varint(_ value: UInt32) {
    var rest = value
    while rest >= 64 {
      bytes.append(UInt8(truncatingIfNeeded: rest & 63) | 64)
      rest >>= 6
    }
    bytes.append(UInt8(truncatingIfNeeded: rest))
  }

  private mutating func signedVarint(_ value: Int32) {
    varint(value < 0 ? UInt32(bitPattern: 0 &- value) << 1 | 1 : UInt32(bitPattern: value) << 1)
  }
}

/// Reads `co_linetable` entry by entry. A malformed table ends early; nothing traps.
public struct LocationTableDecoder: IteratorProtocol, Sequence {
  public struct Entry: Hashable, Sendable {
    /// First code unit the entry covers.
    public var start: Int
    /// Number of code units, 1 to 8.
    public var units: Int
    public var location: SourceLocation
  }

  private let bytes: [UInt8]
  private var position = 0
  private var unit = 0
  private var line: Int32

  public init(_ table: [UInt8], firstLine: Int32) {
    bytes = table
    line = firstLine
  }

  public mutating func next() -> Entry? {
    guard position < bytes.count else { return nil }
    let head = bytes[position]
    position += 1
    let units = Int(head & 7) + 1
    let start = unit
    unit += units
    var location = SourceLocation.none
    let kind = head >> 3 & 15
    switch kind {
    case 15: break
    case 14:
      guard let delta = signedVarint(), let lines = varint(), let column = varint(), let endColumn = varint() else { return nil }
      line = line &+ delta
      location = SourceLocation(
        line: line, endLine: line &+ Int32(bitPattern: lines), column: Int32(bitPattern: column) &- 1,
        endColumn: Int32(bitPattern: endColumn) &- 1)
    case 13:
      guard let delta = signedVarint() else { return nil }
      line = line &+ delta
      location = SourceLocation(line: line, endLine: line, column: -1, endColumn: -1)
    case 10, 11, 12:
      guard position + 2 <= bytes.count else { return nil }
      line = line &+ Int32(kind - 10)
      location = SourceLocation(line: line, endLine: line, column: Int32(bytes[position]), endColumn: Int32(bytes[position + 1]))
      position += 2
    default:
      guard position < bytes.count else { return nil }
      let second = bytes[position]
      position += 1
      let column = Int32(kind) * 8 + Int32(second >> 4)
      location = SourceLocation(line: line, endLine: line, column: column, endColumn: column + Int32(second & 15))
    }
    return Entry(start: start, units: units, location: location)
  }

  private mutating func varint() -> UInt32? {
    var result: UInt32 = 0
    var shift: UInt32 = 0
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if shift < 32 { result |= UInt32(byte & 63) << shift }
      if byte & 64 == 0 { return result }
      shift &+= 6
    }
    return nil
  }

  private mutating func signedVarint() -> Int32? {
    guard let value = varint() else { return nil }
    let magnitude = Int32(bitPattern: value >> 1)
    return value & 1 == 1 ? 0 &- magnitude : magnitude
  }
}
