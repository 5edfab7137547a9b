import Glibc

/// A stretch of code points somewhere in memory: a str, a part of one, or a buffer. Does not keep the memory alive; whoever holds
/// a view of a str also holds the str.
struct StrView {
  var units: UnsafeRawPointer
  var length: Int
  /// 1, 2 or 4 bytes per code point
  var unit: UInt8

  @inline(__always) init(units: UnsafeRawPointer?, length: Int, unit: UInt8) {
    self.units = units ?? UnsafeRawPointer(StrView.nothing)
    self.length = units == nil ? 0 : length
    self.unit = unit
  }
  /// The whole of a str (or an instance of a subclass).
  @inline(__always) init(_ str: Value) {
    let s = str.as(StrLayout.self)
    units = UnsafeRawPointer(s.units)
    length = s.pointee.length
    unit = s.pointee.unit
  }
  private static var nothing: UnsafeMutableRawPointer { UnsafeMutableRawPointer(bitPattern: 16).unsafelyUnwrapped }

  /// Code point at `i`, which must be in 0 ..< length.
  @inline(__always) subscript(i: Int) -> UInt32 {
    switch unit {
    case 1: UInt32(units.load(fromByteOffset: i, as: UInt8.self))
    case 2: UInt32(units.load(fromByteOffset: i &* 2, as: UInt16.self))
    default: units.load(fromByteOffset: i &* 4, as: UInt32.self)
    }
  }
  @inline(__always) func pointer<T>(_: T.Type) -> UnsafePointer<T> { units.assumingMemoryBound(to: T.self) }

  /// Code points [from, to), bounds within the view.
  @inline(__always) func slice(_ from: Int, _ to: Int) -> StrView {
    StrView(units: units + from &* Int(unit), length: to &- from, unit: unit)
  }

  /// An upper bound in the same class of widths is enough for callers: 0…127, 128…255, …: the exact largest code point.
  var largestCodePoint: UInt32 {
    switch unit {
    case 1:
      let n = UTF8Scan.firstNonASCII(units, length)
      if n == length { return length == 1 ? UInt32(pointer(UInt8.self)[0]) : 0x7F }
      return length == 1 ? UInt32(pointer(UInt8.self)[0]) : 0xFF
    case 2:
      let p = pointer(UInt16.self)
      var seen: UInt16 = 0
      for i in 0..<length { seen |= p[i] }
      return UInt32(seen)
    default:
      let p = pointer(UInt32.self)
      var seen: UInt32 = 0
      if length == 1 { return p[0] }
      for i in 0..<length { seen |= p[i] }
      return min(seen, 0x10FFFF)
    }
  }

  /// `memcpy` that does not call for what fits two words: most texts that are put together are short.
  @inline(__always)
  static func copy(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, bytes n: Int) {
    if n > 16 {
      memcpy(to, from, n)
    } else if n >= 8 {
      let low = from.loadUnaligned(as: UInt64.self), high = from.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self)
      to.storeBytes(of: low, as: UInt64.self)
      to.storeBytes(of: high, toByteOffset: n &- 8, as: UInt64.self)
    } else if n >= 4 {
      let low = from.loadUnaligned(as: UInt32.self), high = from.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self)
      to.storeBytes(of: low, as: UInt32.self)
      to.storeBytes(of: high, toByteOffset: n &- 4, as: UInt32.self)
    } else {
      var i = 0
      while i < n {
        to.storeBytes(of: from.load(fromByteOffset: i, as: UInt8.self), toByteOffset: i, as: UInt8.self)
        i &+= 1
      }
    }
  }

  /// Copies all code points, converting; `unit` must be wide enough.
  func copy(to destination: UnsafeMutableRawPointer, unit to: UInt8) {
    if to == unit { return StrView.copy(units, to: destination, bytes: length &* Int(unit)) }
    switch (unit, to) {
    case (1, 2): convert(UInt8.self, UInt16.self, destination)
    case (1, 4): convert(UInt8.self, UInt32.self, destination)
    case (2, 4): convert(UInt16.self, UInt32.self, destination)
    case (2, 1): convert(UInt16.self, UInt8.self, destination)
    case (4, 1): convert(UInt32.self, UInt8.self, destination)
    default: convert(UInt32.self, UInt16.self, destination)
    }
  }
  @inline(__always)
  private func convert<A: FixedWidthInteger, B: FixedWidthInteger>(_: A.Type, _: B.Type, _ to: UnsafeMutableRawPointer) {
    let source = pointer(A.self)
    let target = to.assumingMemoryBound(to: B.self)
    for i in 0..<length { target[i] = B(truncatingIfNeeded: source[i]) }
  }

  func isEqual(_ other: StrView) -> Bool {
    if length != other.length { return false }
    if unit == other.unit { return memcmp(units, other.units, length &* Int(unit)) == 0 }
    for i in 0..<length where self[i] != other[i] { return false }
    return true
  }
}

extension Value {
  /// A str as a Swift string; lone surrogates become U+FFFD. For messages and cold paths.
  package var swiftString: String {
    guard isStr else { return "?" }
    let view = StrView(self)
    if self.as(StrLayout.self).isASCII {
      return String(decoding: UnsafeRawBufferPointer(start: view.units, count: view.length), as: UTF8.self)
    }
    var scalars = String.UnicodeScalarView()
    for i in 0..<view.length { scalars.append(Unicode.Scalar(view[i]) ?? "\u{FFFD}") }
    return String(scalars)
  }

  /// A str as surrogatepass UTF-8.
  var utf8Bytes: [UInt8] {
    guard isStr else { return [] }
    let view = StrView(self)
    var out: [UInt8] = []
    out.reserveCapacity(view.length)
    if self.as(StrLayout.self).isASCII {
      out.append(contentsOf: UnsafeRawBufferPointer(start: view.units, count: view.length))
      return out
    }
    for i in 0..<view.length {
      let c = view[i]
      if c < 0x80 {
        out.append(UInt8(c))
      } else if c < 0x800 {
        out.append(UInt8(0xC0 | c >> 6))
        out.append(UInt8(0x80 | c & 0x3F))
      } else if c < 0x10000 {
        out.append(UInt8(0xE0 | c >> 12))
        out.append(UInt8(0x80 | c >> 6 & 0x3F))
        out.append(UInt8(0x80 | c & 0x3F))
      } else {
        out.append(UInt8(truncatingIfNeeded: 0xF0 | c >> 18))
        out.append(UInt8(0x80 | c >> 12 & 0x3F))
        out.append(UInt8(0x80 | c >> 6 & 0x3F))
        out.append(UInt8(0x80 | c & 0x3F))
      }
    }
    return out
  }
}
