import Glibc

/// Bytes of short texts: copying, comparing and hashing without calls. Nothing outside of the `n` bytes is read or written.
enum ShortText {
  @inline(__always)
  static func copy(_ target: UnsafeMutablePointer<UInt8>, _ source: UnsafeRawPointer, _ n: Int) {
    let t = UnsafeMutableRawPointer(target)
    if n > 32 {
      memcpy(t, source, n)
    } else if n >= 8 {
      if n > 16 {
        t.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
        t.storeBytes(of: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self), toByteOffset: 8, as: UInt64.self)
        t.storeBytes(of: source.loadUnaligned(fromByteOffset: n &- 16, as: UInt64.self), toByteOffset: n &- 16, as: UInt64.self)
      } else {
        t.storeBytes(of: source.loadUnaligned(as: UInt64.self), as: UInt64.self)
      }
      t.storeBytes(of: source.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self), toByteOffset: n &- 8, as: UInt64.self)
    } else if n >= 4 {
      t.storeBytes(of: source.loadUnaligned(as: UInt32.self), as: UInt32.self)
      t.storeBytes(of: source.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self), toByteOffset: n &- 4, as: UInt32.self)
    } else if n > 0 {
      t.storeBytes(of: source.load(as: UInt8.self), as: UInt8.self)
      t.storeBytes(of: source.load(fromByteOffset: n >> 1, as: UInt8.self), toByteOffset: n >> 1, as: UInt8.self)
      t.storeBytes(of: source.load(fromByteOffset: n &- 1, as: UInt8.self), toByteOffset: n &- 1, as: UInt8.self)
    }
  }

  /// The first and the last eight bytes, or for shorter texts all of them twice: up to 16 bytes this and `n` are the text.
  @inline(__always)
  static func ends(_ p: UnsafeRawPointer, _ n: Int) -> (UInt64, UInt64) {
    if n >= 8 { return (p.loadUnaligned(as: UInt64.self), p.loadUnaligned(fromByteOffset: n &- 8, as: UInt64.self)) }
    if n >= 4 {
      let w =
        UInt64(p.loadUnaligned(as: UInt32.self)) << 32 | UInt64(p.loadUnaligned(fromByteOffset: n &- 4, as: UInt32.self))
      return (w, w)
    }
    if n == 0 { return (0, 0) }
    let w =
      UInt64(p.load(as: UInt8.self)) << 16 | UInt64(p.load(fromByteOffset: n >> 1, as: UInt8.self)) << 8
      | UInt64(p.load(fromByteOffset: n &- 1, as: UInt8.self))
    return (w, w)
  }
}

/// Short ASCII strs that were read lately, by what they hold. Pickles name the same fields again and again: whoever meets a name anew
/// gets the str of last time, whose hash is known. A place is simply taken over by what comes next.
enum RecentTexts {
  static let longest = 32
  private static let bits = 9
  /// A value buffer of 2^bits places; nil before the first use
  nonisolated(unsafe) private static var places: UnsafeMutablePointer<Value>?

  /// The str of `n` bytes, 2 to `longest`; null when they are not all ASCII (or the first ones ever).
  @inline(__always)
  static func str(_ vm: VM, _ p: UnsafeRawPointer, _ n: Int) throws(Raised) -> Value {
    let (a, b) = ShortText.ends(p, n)
    if (a | b) & 0x8080_8080_8080_8080 != 0 { return .null }
    guard let places else { return try begin(vm) }
    let mixed = (a ^ (b << 29 | b >> 35) ^ UInt64(truncatingIfNeeded: n)) &* 0x9E37_79B9_7F4A_7C15
    let place = places + Int(truncatingIfNeeded: mixed >> UInt64(64 &- bits))
    let known = place.pointee
    if !known.isNull {
      let s = known.as(StrLayout.self)
      if s.pointee.length == n, case let q = UnsafeRawPointer(s) + StrLayout.unitsOffset, ShortText.ends(q, n) == (a, b),
        n <= 16 || memcmp(p, q, n) == 0
      {
        return known
      }
    }
    if n > 16 && UTF8Scan.firstNonASCII(p, n) < n { return .null }
    let made = try vm.newStr(length: n, unit: 1, ascii: true)
    ShortText.copy((UnsafeMutableRawPointer(made) + StrLayout.unitsOffset).assumingMemoryBound(to: UInt8.self), p, n)
    place.pointee = Value(made)
    return Value(made)
  }
  @inline(never)
  private static func begin(_ vm: VM) throws(Raised) -> Value {
    places = try vm.allocateValues(1 << bits)
    return .null
  }
}
