import Glibc

// How strs come into being. Every str is in its canonical width: the smallest unit that holds its largest code point. Empty and
// one-character Latin-1 strs exist once.

extension VM {
  /// A str cell whose units the caller fills at once. `unit` must be the canonical width of what will be written, `ascii` exact.
  @inline(__always)
  package func newStr(length: Int, unit: UInt8, ascii: Bool) throws(Raised) -> UnsafeMutablePointer<StrLayout> {
    guard length < Int.max >> 4 else { throw raiseMemoryError() }
    let bytes = length &* Int(unit)
    // At least the fixed part, so that the layout's last field always lies inside the cell.
    let size = max(StrLayout.unitsOffset &+ bytes &+ Int(unit), MemoryLayout<StrLayout>.size)
    guard let cell = rt.heapPointer.pointee.allocate(size) else { throw raiseMemoryError() }
    let s = cell.assumingMemoryBound(to: StrLayout.self)
    s.pointee = StrLayout(
      header: CellHeader(rt.types.str), hash: -1, length: length, unit: unit, flags: ascii ? .ascii : [], twinLow: 0, twinHigh: 0,
      external: nil)
    let end = cell + (StrLayout.unitsOffset &+ bytes)
    switch unit {
    case 1: end.storeBytes(of: 0, as: UInt8.self)
    case 2: end.storeBytes(of: 0, as: UInt16.self)
    default: end.storeBytes(of: 0, as: UInt32.self)
    }
    return s
  }

  package func emptyStr() throws(Raised) -> Value {
    if rt.pointee.emptyStr.isNull { rt.pointee.emptyStr = Value(try newStr(length: 0, unit: 1, ascii: true)) }
    return rt.pointee.emptyStr
  }

  /// A new str of a Swift string.
  package func str(_ s: String) throws(Raised) -> Value {
    var copy = s
    // `withUTF8` rethrows untyped errors only; the result goes around it.
    var result = Value.null
    copy.withUTF8 { utf8 in
      do throws(Raised) { result = try self.str(utf8: UnsafeRawBufferPointer(utf8)) } catch { result = .null }
    }
    if result.isNull { throw Raised() }
    return result
  }

  /// From well-formed or surrogatepass UTF-8; malformed input is replaced by U+FFFD.
  package func str(utf8: UnsafeRawBufferPointer) throws(Raised) -> Value {
    if UTF8Scan.isASCII(utf8) { return try str(ascii: utf8) }
    var length = 0
    var largest: UInt32 = 0
    var i = 0
    while i < utf8.count {
      let c = UTF8Scan.lenientNext(utf8, &i)
      if c > largest { largest = c }
      length &+= 1
    }
    if length == 1 { return try str(codePoint: largest) }
    let unit = Str.unit(for: largest)
    let s = try newStr(length: length, unit: unit, ascii: false)
    let units = s.units
    i = 0
    var n = 0
    while i < utf8.count && n < length {
      Str.store(units, unit, n, UTF8Scan.lenientNext(utf8, &i))
      n &+= 1
    }
    return Value(s)
  }

  /// `ascii` must hold bytes below 128 only.
  package func str(ascii: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let base = ascii.baseAddress, ascii.count > 0 else { return try emptyStr() }
    if ascii.count == 1 { return try str(codePoint: UInt32(ascii[0])) }
    let s = try newStr(length: ascii.count, unit: 1, ascii: true)
    memcpy(s.units, base, ascii.count)
    return Value(s)
  }

  package func str(latin1: UnsafeRawBufferPointer) throws(Raised) -> Value {
    guard let base = latin1.baseAddress, latin1.count > 0 else { return try emptyStr() }
    if latin1.count == 1 { return try str(codePoint: UInt32(latin1[0])) }
    let s = try newStr(length: latin1.count, unit: 1, ascii: UTF8Scan.isASCII(latin1))
    memcpy(s.units, base, latin1.count)
    return Value(s)
  }

  package func str(codePoints: UnsafeBufferPointer<UInt32>) throws(Raised) -> Value {
    try str(copying: StrView(units: UnsafeRawPointer(codePoints.baseAddress), length: codePoints.count, unit: 4))
  }

  package func str(codePoint c: UInt32) throws(Raised) -> Value {
    if c < 256 {
      if rt.pointee.latin1Strs.isNull { rt.pointee.latin1Strs = try tuple(count: 256) }
      let table = rt.pointee.latin1Strs.as(TupleLayout.self).items
      if table[Int(c)].isNull { table[Int(c)] = rt.pointee.image.single(Int(c)) }
      if table[Int(c)].isNull {
        let s = try newStr(length: 1, unit: 1, ascii: c < 128)
        s.units.storeBytes(of: UInt8(truncatingIfNeeded: c), as: UInt8.self)
        table[Int(c)] = Value(s)
      }
      return table[Int(c)]
    }
    let unit: UInt8 = c < 0x10000 ? 2 : 4
    let s = try newStr(length: 1, unit: unit, ascii: false)
    Str.store(s.units, unit, 0, c)
    return Value(s)
  }

  /// A str of the code points in `view`, narrowed to its canonical width. The view's memory must survive an allocation.
  func str(copying view: StrView) throws(Raised) -> Value {
    if view.length == 0 { return try emptyStr() }
    let largest = view.largestCodePoint
    if view.length == 1 { return try str(codePoint: largest) }
    let unit = Str.unit(for: largest)
    let s = try newStr(length: view.length, unit: unit, ascii: largest < 128)
    view.copy(to: s.units, unit: unit)
    return Value(s)
  }

  /// For start-up and docstrings: cannot fail but for lack of memory, which ends the process.
  package func staticStr(_ s: StaticString) -> Value {
    must { () throws(Raised) in try str(utf8: s.rawBuffer) }
  }
}

extension StaticString {
  /// The string's UTF-8 (a static string of one scalar has none of its own in memory, and reads as empty).
  package var rawBuffer: UnsafeRawBufferPointer {
    hasPointerRepresentation
      ? UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount) : UnsafeRawBufferPointer(start: nil, count: 0)
  }
}

extension Str {
  /// The one str of a Latin-1 character, if it has been made; null otherwise.
  @inline(__always)
  static func single(_ c: UInt32) -> Value {
    let table = rt.pointee.latin1Strs
    return c < 256 && !table.isNull ? table.as(TupleLayout.self).items[Int(c)] : .null
  }

  /// Bytes per code point that a str whose largest code point is `c` has.
  @inline(__always) package static func unit(for c: UInt32) -> UInt8 { c < 0x100 ? 1 : c < 0x10000 ? 2 : 4 }

  @inline(__always) package static func store(_ units: UnsafeMutableRawPointer, _ unit: UInt8, _ i: Int, _ c: UInt32) {
    switch unit {
    case 1: units.storeBytes(of: UInt8(truncatingIfNeeded: c), toByteOffset: i, as: UInt8.self)
    case 2: units.storeBytes(of: UInt16(truncatingIfNeeded: c), toByteOffset: i &* 2, as: UInt16.self)
    default: units.storeBytes(of: c, toByteOffset: i &* 4, as: UInt32.self)
    }
  }
}

/// Scanning of UTF-8.
package enum UTF8Scan {
  package static func isASCII(_ b: UnsafeRawBufferPointer) -> Bool {
    guard let base = b.baseAddress else { return true }
    return firstNonASCII(base, b.count) == b.count
  }

  /// Index of the first byte ≥ 128, or `count`.
  package static func firstNonASCII(_ p: UnsafeRawPointer, _ count: Int) -> Int {
    var i = 0
    while i &+ 32 <= count {
      let a = p.loadUnaligned(fromByteOffset: i, as: UInt64.self) | p.loadUnaligned(fromByteOffset: i &+ 8, as: UInt64.self)
      let b = p.loadUnaligned(fromByteOffset: i &+ 16, as: UInt64.self) | p.loadUnaligned(fromByteOffset: i &+ 24, as: UInt64.self)
      if (a | b) & 0x8080_8080_8080_8080 != 0 { break }
      i &+= 32
    }
    while i &+ 8 <= count {
      if p.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 != 0 { break }
      i &+= 8
    }
    while i < count && p.load(fromByteOffset: i, as: UInt8.self) < 0x80 { i &+= 1 }
    return i
  }

  /// The code point at `i`, which moves past it. Surrogates in three bytes pass; anything malformed is U+FFFD, one byte long.
  package static func lenientNext(_ b: UnsafeRawBufferPointer, _ i: inout Int) -> UInt32 {
    let c = UInt32(b[i])
    if c < 0x80 {
      i &+= 1
      return c
    }
    func continuation(_ k: Int) -> UInt32? {
      let j = i &+ k
      return j < b.count && b[j] & 0xC0 == 0x80 ? UInt32(b[j] & 0x3F) : nil
    }
    if c >= 0xC2 && c < 0xE0, let c1 = continuation(1) {
      i &+= 2
      return (c & 0x1F) << 6 | c1
    }
    if c >= 0xE0 && c < 0xF0, let c1 = continuation(1), let c2 = continuation(2) {
      let v = (c & 0x0F) << 12 | c1 << 6 | c2
      if v >= 0x800 {
        i &+= 3
        return v
      }
    }
    if c >= 0xF0 && c < 0xF5, let c1 = continuation(1), let c2 = continuation(2), let c3 = continuation(3) {
      let v = (c & 0x07) << 18 | c1 << 12 | c2 << 6 | c3
      if v >= 0x10000 && v < 0x110000 {
        i &+= 4
        return v
      }
    }
    i &+= 1
    return 0xFFFD
  }
}
