import Glibc

/// Operations on strs (subclass instances included) that need no memory.
package enum Str {
  @inline(__always)
  static func equal(_ a: Value, _ b: Value) -> Bool {
    if a == b { return true }
    let p = a.as(StrLayout.self), q = b.as(StrLayout.self)
    guard p.pointee.length == q.pointee.length, p.pointee.unit == q.pointee.unit else { return false }
    let n = p.pointee.length &* Int(p.pointee.unit)
    // The first eight bytes decide most of the time; inline units have at least that much room.
    if n > 0, !p.pointee.flags.union(q.pointee.flags).contains(.external) {
      let x = UnsafeRawPointer(p).load(fromByteOffset: StrLayout.unitsOffset, as: UInt64.self)
      let y = UnsafeRawPointer(q).load(fromByteOffset: StrLayout.unitsOffset, as: UInt64.self)
      let difference = (x ^ y).littleEndian
      if n <= 8 { return difference &<< UInt64(truncatingIfNeeded: 64 &- 8 &* n) == 0 }
      if difference != 0 { return false }
    }
    return memcmp(p.units, q.units, n) == 0
  }

  /// Compares code point by code point: negative, 0, positive.
  static func order(_ a: Value, _ b: Value) -> Int {
    let x = StrView(a), y = StrView(b)
    let n = min(x.length, y.length)
    if x.unit == 1 && y.unit == 1 {
      // The first eight bytes decide most of the time; inline units have at least that much room.
      if n > 0, !a.as(StrLayout.self).pointee.flags.union(b.as(StrLayout.self).pointee.flags).contains(.external) {
        let drop = UInt64(8 &- min(n, 8)) &* 8
        let p = UInt64(bigEndian: x.units.loadUnaligned(as: UInt64.self)) &>> drop
        let q = UInt64(bigEndian: y.units.loadUnaligned(as: UInt64.self)) &>> drop
        if p != q { return p < q ? -1 : 1 }
        if n <= 8 { return x.length &- y.length }
      }
      let c = memcmp(x.units, y.units, n)
      if c != 0 { return Int(c) }
    } else {
      for i in 0..<n {
        let c = x[i], d = y[i]
        if c != d { return c < d ? -1 : 1 }
      }
    }
    return x.length &- y.length
  }

  package static func equal(_ a: Value, _ s: StaticString) -> Bool {
    guard a.isStr else { return false }
    let p = a.as(StrLayout.self)
    let b = s.rawBuffer
    guard p.isASCII, p.pointee.length == b.count else { return false }
    guard let base = b.baseAddress else { return true }
    return memcmp(p.units, base, b.count) == 0
  }

  /// Whether an exact str has these ASCII characters.
  @inline(__always)
  static func isEqual(_ a: Value, ascii bytes: UnsafeRawBufferPointer) -> Bool {
    let p = a.as(StrLayout.self)
    guard p.isASCII, p.pointee.length == bytes.count else { return false }
    guard let base = bytes.baseAddress else { return true }
    return memcmp(p.units, base, bytes.count) == 0
  }

  @inline(__always) static func length(_ s: Value) -> Int { s.as(StrLayout.self).pointee.length }
}
