import PyBytecode

/// Reads `co_linetable` in place. A malformed table ends early; nothing traps.
struct LineTable: IteratorProtocol, Sequence {
  private let bytes: UnsafeBufferPointer<UInt8>
  private var position = 0
  private var unit = 0
  private var line: Int32

  /// `code` must stay reachable while this is used.
  init(_ code: UnsafeMutablePointer<CodeLayout>) {
    bytes = UnsafeBufferPointer(code.pointee.lineTable.as(BytesLayout.self).buffer)
    line = code.pointee.firstLine
  }

  struct Entry {
    /// First code unit, and how many the entry covers
    var start: Int
    var units: Int
    var location: SourceLocation
  }

  /// Takes the first byte of the next entry, and `unit` beyond what the entry covers.
  /// - Returns: the entry's kind and how many units it covers; nil at the end
  @inline(__always)
  private mutating func advance() -> (kind: UInt8, units: Int)? {
    guard position < bytes.count else { return nil }
    let head = bytes[position]
    position &+= 1
    let units = Int(head & 7) &+ 1
    unit &+= units
    return (head >> 3 & 15, units)
  }

  mutating func next() -> Entry? {
    guard let (kind, units) = advance() else { return nil }
    var location = SourceLocation.none
    switch kind {
    case 15: break
    case 14:
      line = line &+ signed()
      let endLine = line &+ Int32(bitPattern: varint())
      let column = Int32(bitPattern: varint()) &- 1
      let endColumn = Int32(bitPattern: varint()) &- 1
      location = SourceLocation(line: line, endLine: endLine, column: column, endColumn: endColumn)
    case 13:
      line = line &+ signed()
      location = SourceLocation(line: line, endLine: line, column: -1, endColumn: -1)
    case 10...:
      line = line &+ Int32(kind &- 10)
      let column = Int32(byte())
      location = SourceLocation(line: line, endLine: line, column: column, endColumn: Int32(byte()))
    default:
      let second = byte()
      let column = Int32(kind) &* 8 &+ Int32(second >> 4)
      location = SourceLocation(line: line, endLine: line, column: column, endColumn: column &+ Int32(second & 15))
    }
    return Entry(start: unit &- units, units: units, location: location)
  }

  private mutating func byte() -> UInt8 {
    guard position < bytes.count else { return 0 }
    let b = bytes[position]
    position &+= 1
    return b
  }
  private mutating func varint() -> UInt32 {
    var result: UInt32 = 0
    var shift: UInt32 = 0
    while position < bytes.count {
      let b = byte()
      if shift < 32 { result |= UInt32(b & 63) &<< shift }
      if b & 64 == 0 { break }
      shift &+= 6
    }
    return result
  }
  private mutating func signed() -> Int32 {
    let v = varint()
    let magnitude = Int32(bitPattern: v >> 1)
    return v & 1 == 1 ? 0 &- magnitude : magnitude
  }

  /// Location of the instruction at a byte offset.
  static func location(_ code: UnsafeMutablePointer<CodeLayout>, _ offset: Int) -> SourceLocation {
    if offset < 0 { return SourceLocation(line: code.pointee.firstLine, endLine: -1, column: -1, endColumn: -1) }
    for entry in LineTable(code) where offset / 2 < entry.start &+ entry.units { return entry.location }
    return .none
  }
  /// Line of the instruction at a byte offset; -1 without one.
  static func line(_ code: UnsafeMutablePointer<CodeLayout>, _ offset: Int) -> Int {
    if offset < 0 { return Int(code.pointee.firstLine) }
    var table = LineTable(code)
    return Int(table.line(at: offset / 2))
  }

  /// The line of a code unit, with no more read of the entries before it than that takes. For a table at its beginning.
  private mutating func line(at target: Int) -> Int32 {
    while let (kind, _) = advance() {
      if kind < 10 {
        position &+= 1
      } else if kind < 13 {
        line = line &+ Int32(kind &- 10)
        position &+= 2
      } else if kind < 15 {
        line = line &+ signed()
        if kind == 14 { for _ in 0..<3 { _ = varint() } }
      }
      if target < unit { return kind == 15 ? -1 : line }
    }
    return -1
  }
}
