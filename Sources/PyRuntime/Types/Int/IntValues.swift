import CGMP

/// Magnitude of an int as limbs, least significant first and the last one not zero, and its sign. Zero has no limbs.
/// The limbs lie in a big-int cell (kept alive by this interior pointer) or in a caller's scratch word.
package struct IntView {
  package var limbs: UnsafePointer<UInt>
  package var count: Int
  package var isNegative: Bool
  @inline(__always) package var isZero: Bool { count == 0 }

  /// Bits of the magnitude.
  package var bitLength: Int { count == 0 ? 0 : count &* 64 &- limbs[count &- 1].leadingZeroBitCount }
  /// Compares magnitudes: negative, 0, positive.
  package func compareMagnitude(_ other: IntView) -> Int {
    if count != other.count { return count < other.count ? -1 : 1 }
    return count == 0 ? 0 : Int(__gmpn_cmp(limbs, other.limbs, count))
  }
}

/// A result under construction: `count` limbs inside a fresh cell, not yet normalised. Nothing else may be allocated before
/// `Ints.finish` turns it into a value.
package struct IntResult {
  package var cell: UnsafeMutablePointer<BigIntLayout>
  package var limbs: UnsafeMutablePointer<UInt> {
    (UnsafeMutableRawPointer(cell) + BigIntLayout.limbsOffset).assumingMemoryBound(to: UInt.self)
  }
}

/// Making and reading ints. Every exact int has one representation: inline when it fits 48 bits, else a big-int cell.
package enum Ints {
  /// Limbs beyond which a result is refused with MemoryError before GMP, which cannot fail gracefully, is asked for it.
  package static let maximumLimbs = 1 << 29

  /// The exact int behind an int, bool or int-subclass instance.
  @inline(__always)
  package static func exact(_ v: Value) -> Value {
    if v.isSmallInt { return v }
    return exactSlowly(v)
  }
  @inline(never)
  private static func exactSlowly(_ v: Value) -> Value {
    if v.isBool { return Value(smallInt: v == .true ? 1 : 0) }
    if v.isCell && v.cellType != rt.types.int && v.cellType.pointee.flags.contains(.intSubclass) {
      return v.as(IntSubclassLayout.self).pointee.value
    }
    return v
  }

  package static func make(_ vm: VM, _ i: Int) throws(Raised) -> Value {
    if Value.fitsSmallInt(i) { return Value(smallInt: i) }
    return try makeBig(vm, negative: i < 0, i.magnitude)
  }

  package static func make(_ vm: VM, unsigned i: UInt64) throws(Raised) -> Value {
    if i <= UInt64(Value.smallIntMax) { return Value(smallInt: Int(i)) }
    return try makeBig(vm, negative: false, UInt(i))
  }

  /// One limb, known not to fit inline.
  @inline(never)
  private static func makeBig(_ vm: VM, negative: Bool, _ limb: UInt) throws(Raised) -> Value {
    let r = try allocate(vm, 1)
    r.limbs[0] = limb
    r.cell.pointee.signedCount = negative ? -1 : 1
    return Value(r.cell)
  }

  /// Sign and a two-limb magnitude.
  package static func make(_ vm: VM, negative: Bool, low: UInt, high: UInt) throws(Raised) -> Value {
    if high == 0 { return try make(vm, negative: negative, magnitude: low) }
    let r = try allocate(vm, 2)
    r.limbs[0] = low
    r.limbs[1] = high
    r.cell.pointee.signedCount = negative ? -2 : 2
    return Value(r.cell)
  }

  package static func make(_ vm: VM, negative: Bool, magnitude: UInt) throws(Raised) -> Value {
    if magnitude <= UInt(Value.smallIntMax) { return Value(smallInt: negative ? -Int(magnitude) : Int(magnitude)) }
    if negative && magnitude == 1 << 47 { return Value(smallInt: Value.smallIntMin) }
    return try makeBig(vm, negative: negative, magnitude)
  }

  /// Normalised from sign and magnitude limbs, least significant first.
  package static func make(_ vm: VM, negative: Bool, limbs: UnsafeBufferPointer<UInt64>) throws(Raised) -> Value {
    var n = limbs.count
    guard let base = limbs.baseAddress else { return Value(smallInt: 0) }
    while n > 0 && base[n &- 1] == 0 { n &-= 1 }
    if n == 0 { return Value(smallInt: 0) }
    if n == 1 { return try make(vm, negative: negative, magnitude: UInt(base[0])) }
    let r = try allocate(vm, n)
    for i in 0..<n { r.limbs[i] = UInt(base[i]) }
    r.cell.pointee.signedCount = negative ? -n : n
    return Value(r.cell)
  }

  /// Nil when outside Int64.
  package static func asInt64(_ v: Value) -> Int? {
    if v.isSmallInt { return v.smallInt }
    let e = exact(v)
    if e.isSmallInt { return e.smallInt }
    let big = bigView(e)
    guard big.count == 1 else { return nil }
    let m = big.limbs[0]
    if big.isNegative { return m <= 1 << 63 ? Int(bitPattern: 0 &- m) : nil }
    return m < 1 << 63 ? Int(m) : nil
  }

  package static func asUInt64(_ v: Value) -> UInt64? {
    let e = exact(v)
    if e.isSmallInt { return e.smallInt < 0 ? nil : UInt64(e.smallInt) }
    let big = bigView(e)
    guard big.count == 1, !big.isNegative else { return nil }
    return UInt64(big.limbs[0])
  }

  /// The low 64 bits in two's complement.
  package static func low64(_ v: Value) -> UInt64 {
    let e = exact(v)
    if e.isSmallInt { return UInt64(bitPattern: Int64(e.smallInt)) }
    let big = bigView(e)
    let low = UInt64(big.limbs[0])
    return big.isNegative ? 0 &- low : low
  }

  /// -1, 0 or 1.
  package static func sign(_ v: Value) -> Int {
    let e = exact(v)
    if e.isSmallInt { return e.smallInt.signum() }
    return e.as(BigIntLayout.self).pointee.signedCount < 0 ? -1 : 1
  }

  package static func isOdd(_ v: Value) -> Bool { low64(v) & 1 != 0 }

  // MARK: limbs

  /// A big-int cell's limbs.
  @inline(__always)
  package static func bigView(_ v: Value) -> IntView {
    let cell = v.as(BigIntLayout.self)
    let n = cell.pointee.signedCount
    let limbs = (UnsafeRawPointer(cell) + BigIntLayout.limbsOffset).assumingMemoryBound(to: UInt.self)
    return IntView(limbs: limbs, count: n < 0 ? 0 &- n : n, isNegative: n < 0)
  }

  /// Limbs of any exact int; an inline one's magnitude goes into `scratch`.
  @inline(__always)
  package static func view(_ v: Value, _ scratch: UnsafeMutablePointer<UInt>) -> IntView {
    if v.isSmallInt {
      scratch.pointee = v.smallInt.magnitude
      return IntView(limbs: UnsafePointer(scratch), count: scratch.pointee == 0 ? 0 : 1, isNegative: v.smallInt < 0)
    }
    return bigView(v)
  }

  @inline(__always)
  package static func withView<R>(_ v: Value, _ body: (IntView) throws(Raised) -> R) throws(Raised) -> R {
    var scratch: UInt = 0
    return try withUnsafeMutablePointer(to: &scratch) { s throws(Raised) in try body(view(v, s)) }
  }

  @inline(__always)
  package static func withViews<R>(_ a: Value, _ b: Value, _ body: (IntView, IntView) throws(Raised) -> R) throws(Raised) -> R {
    var scratch: (UInt, UInt) = (0, 0)
    return try withUnsafeMutablePointer(to: &scratch) { s throws(Raised) in
      let p = UnsafeMutableRawPointer(s).assumingMemoryBound(to: UInt.self)
      return try body(view(a, p), view(b, p + 1))
    }
  }

  /// A zeroed cell for `count` limbs.
  package static func allocate(_ vm: VM, _ count: Int) throws(Raised) -> IntResult {
    guard count <= maximumLimbs else { throw vm.raiseMemoryError() }
    let cell = try vm.allocate(rt.types.int, BigIntLayout.limbsOffset &+ max(count, 1) &* 8)
    let big = cell.assumingMemoryBound(to: BigIntLayout.self)
    big.pointee.signedCount = max(count, 1)
    return IntResult(cell: big)
  }

  /// As `allocate`, for callers that write all limbs, at least one, before they allocate again.
  package static func allocateUnfilled(_ vm: VM, _ count: Int) throws(Raised) -> IntResult {
    guard count > 0, count <= maximumLimbs else { return try allocate(vm, count) }
    let cell = try vm.allocateUnfilled(rt.types.int, BigIntLayout.limbsOffset &+ count &* 8)
    let big = cell.assumingMemoryBound(to: BigIntLayout.self)
    big.pointee.signedCount = count
    return IntResult(cell: big)
  }

  /// The value of a finished result: leading zero limbs dropped, inline if it fits. Allocates nothing.
  package static func finish(_ r: IntResult, count: Int, negative: Bool) -> Value {
    let limbs = r.limbs
    var n = count
    while n > 0 && limbs[n &- 1] == 0 { n &-= 1 }
    // The cell, which is garbage then, keeps a count: the heap checker may still meet it on the stack.
    if n == 0 { return Value(smallInt: 0) }
    r.cell.pointee.signedCount = negative ? 0 &- n : n
    if n == 1 {
      let m = limbs[0]
      if m <= UInt(Value.smallIntMax) { return Value(smallInt: negative ? -Int(m) : Int(m)) }
      if negative && m == 1 << 47 { return Value(smallInt: Value.smallIntMin) }
    }
    return Value(r.cell)
  }

  /// An instance of `type`, a subclass of int, with the given exact value.
  package static func subclassInstance(_ vm: VM, _ type: TypeRef, _ value: Value) throws(Raised) -> Value {
    let cell = try vm.instance(IntSubclassLayout.self, of: type)
    cell.pointee.value = value
    return Value(cell)
  }
}
