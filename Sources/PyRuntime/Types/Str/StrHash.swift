/// SipHash-1-3, keyed with the runtime's secret: CPython 3.11's hash of str and bytes.
enum SipHash {
  static func hash(_ bytes: UnsafeRawBufferPointer, _ k0: UInt64, _ k1: UInt64) -> UInt64 {
    var v0 = k0 ^ 0x736f_6d65_7073_6575
    var v1 = k1 ^ 0x646f_7261_6e64_6f6d
    var v2 = k0 ^ 0x6c79_6765_6e65_7261
    var v3 = k1 ^ 0x7465_6462_7974_6573
    let count = bytes.count
    var last = UInt64(truncatingIfNeeded: count) &<< 56
    if let p = bytes.baseAddress {
      var i = 0
      while i &+ 8 <= count {
        let m = p.loadUnaligned(fromByteOffset: i, as: UInt64.self)
        v3 ^= m
        round(&v0, &v1, &v2, &v3)
        v0 ^= m
        i &+= 8
      }
      var shift: UInt64 = 0
      while i < count {
        last |= UInt64(p.load(fromByteOffset: i, as: UInt8.self)) &<< shift
        shift &+= 8
        i &+= 1
      }
    }
    v3 ^= last
    round(&v0, &v1, &v2, &v3)
    v0 ^= last
    v2 ^= 0xFF
    round(&v0, &v1, &v2, &v3)
    round(&v0, &v1, &v2, &v3)
    round(&v0, &v1, &v2, &v3)
    return (v0 ^ v1) ^ (v2 ^ v3)
  }

  @inline(__always)
  private static func round(_ v0: inout UInt64, _ v1: inout UInt64, _ v2: inout UInt64, _ v3: inout UInt64) {
    v0 = v0 &+ v1
    v2 = v2 &+ v3
    v1 = (v1 &<< 13 | v1 &>> 51) ^ v0
    v3 = (v3 &<< 16 | v3 &>> 48) ^ v2
    v0 = v0 &<< 32 | v0 &>> 32
    v2 = v2 &+ v1
    v0 = v0 &+ v3
    v1 = (v1 &<< 17 | v1 &>> 47) ^ v2
    v3 = (v3 &<< 21 | v3 &>> 43) ^ v0
    v2 = v2 &<< 32 | v2 &>> 32
  }
}

extension Str {
  /// SipHash-1-3 with the runtime's secret, as CPython's; cached in the str.
  @inline(__always)
  static func hash(_ s: Value) -> Int {
    let p = s.as(StrLayout.self)
    if p.pointee.hash != -1 { return p.pointee.hash }
    return hashSlowly(p)
  }
  @inline(never)
  private static func hashSlowly(_ p: UnsafeMutablePointer<StrLayout>) -> Int {
    let h = hash(bytes: UnsafeRawBufferPointer(start: p.units, count: p.pointee.length &* Int(p.pointee.unit)))
    p.pointee.hash = h
    return h
  }

  /// Hash of raw bytes by the same function (bytes, memoryview, str units). Never -1; 0 for nothing.
  static func hash(bytes: UnsafeRawBufferPointer) -> Int {
    if bytes.count == 0 { return 0 }
    let secret = rt.pointee.hashSecret
    let h = Int(truncatingIfNeeded: SipHash.hash(bytes, secret.0, secret.1))
    return h == -1 ? -2 : h
  }
}
