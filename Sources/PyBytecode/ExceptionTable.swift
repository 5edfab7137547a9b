/// One protected range of a code object. All positions are in code units (two bytes).
public struct ExceptionTableEntry: Hashable, Sendable {
  public var start: Int
  /// First unit after the range.
  public var end: Int
  /// Where the handler begins.
  public var target: Int
  /// Operand stack depth to unwind to before the exception is pushed.
  public var depth: Int
  /// True when the offset of the raising instruction is pushed below the exception (for `RERAISE`).
  public var pushesLastInstruction: Bool

  @inlinable public init(start: Int, end: Int, target: Int, depth: Int, pushesLastInstruction: Bool) {
    self.start = start
    self.end = end
    self.target = target
    self.depth = depth
    self.pushesLastInstruction = pushesLastInstruction
  }
}

/// `co_exceptiontable` of CPython 3.11: for each range four varints (start, length, target, depth * 2 + lasti), most significant six bits
/// first, bit 6 set on all bytes but the last. Bit 7 marks the first byte of each entry so that a reader can search by bisection.
public enum ExceptionTable {
  public static func append(_ entry: ExceptionTableEntry, to bytes: inout [UInt8]) {
    append(entry.start, 0x80, &bytes)
    append(entry.end &- entry.start, 0, &bytes)
    append(entry.target, 0, &bytes)
    append(entry.depth << 1 | (entry.pushesLastInstruction ? 1 : 0), 0, &bytes)
  }

  private static func append(_ value: Int, _ mark: UInt8, _ bytes: inout [UInt8]) {
    var mark = mark
    var shift = 24
    while shift > 0 {
      if value >= 1 << shift {
        bytes.append(UInt8(truncatingIfNeeded: value >> shift & 63) | 64 | mark)
        mark = 0
      }
      shift -= 6
    }
    bytes.append(UInt8(truncatingIfNeeded: value & 63) | mark)
  }

  /// Decodes a table. Returns nil when it is malformed: truncated, a varint above 30 bits, or a start mark out of place.
  /// Says nothing about whether the ranges make sense for the code.
  public static func decode(_ bytes: [UInt8]) -> [ExceptionTableEntry]? {
    var entries: [ExceptionTableEntry] = []
    var position = 0
    func varint(first: Bool) -> Int? {
      guard position < bytes.count, (bytes[position] & 0x80 != 0) == first else { return nil }
      var value = 0
      var count = 0
      while position < bytes.count, count < 5 {
        let byte = bytes[position]
        if count > 0 && byte & 0x80 != 0 { return nil }
        position += 1
        count += 1
        value = value << 6 | Int(byte & 63)
        if byte & 64 == 0 { return value }
      }
      return nil
    }
    while position < bytes.count {
      guard let start = varint(first: true), let length = varint(first: false), let target = varint(first: false),
        let depth = varint(first: false)
      else { return nil }
      entries.append(
        ExceptionTableEntry(start: start, end: start + length, target: target, depth: depth >> 1, pushesLastInstruction: depth & 1 == 1))
    }
    return entries
  }
}
