import CGMP

/// `**`, three-argument `pow`, greatest common divisor and square root of exact ints.
enum IntPower {
  /// `a ** n`, n ≥ 0.
  static func power(_ vm: VM, _ a: Value, _ n: Value) throws(Raised) -> Value {
    if n.isSmallInt && n.smallInt <= 1 { return n.smallInt == 0 ? Value(smallInt: 1) : a }
    if a.isSmallInt {
      switch a.smallInt {
      case 0, 1: return a
      case -1: return Value(smallInt: Ints.isOdd(n) ? -1 : 1)
      default: break
      }
    }
    guard n.isSmallInt else { throw vm.raiseMemoryError() }
    let exponent = n.smallInt
    let (bits, overflow) = (IntBits.bitLength(a) &- 1).multipliedReportingOverflow(by: exponent)
    guard !overflow, bits < Ints.maximumLimbs &* 64 else { throw vm.raiseMemoryError() }
    if a.isSmallInt, a.smallInt > 0, a.smallInt & (a.smallInt &- 1) == 0 {
      return try IntBits.shiftLeft(vm, Value(smallInt: 1), bits)
    }
    var result = a
    var bit = 62 &- exponent.leadingZeroBitCount
    while bit >= 0 {
      result = try IntArithmetic.multiply(vm, result, result)
      if exponent &>> bit & 1 != 0 { result = try IntArithmetic.multiply(vm, result, a) }
      bit &-= 1
      if rt.pointee.evalBreaker != 0 && !result.isSmallInt && Ints.bigView(result).count > 10_000 { try vm.safepoint() }
    }
    return result
  }

  /// `pow(a, n, modulus)`
  static func power(_ vm: VM, _ a: Value, _ n: Value, modulus: Value) throws(Raised) -> Value {
    let sign = Ints.sign(modulus)
    if sign == 0 { throw vm.raise(.valueError, "pow() 3rd argument cannot be 0") }
    let m = try IntArithmetic.absolute(vm, modulus)
    if m == Value(smallInt: 1) { return Value(smallInt: 0) }
    var base = a, exponent = n
    if Ints.sign(n) < 0 {
      exponent = try IntArithmetic.negate(vm, n)
      base = try inverse(vm, a, m)
    }
    if Ints.sign(base) < 0 || IntCompare.order(base, m) >= 0 { base = try IntArithmetic.floorDivMod(vm, base, m).1 }
    var result: Value
    if let k = Ints.asUInt64(m), let b = Ints.asUInt64(base) {
      result = try Ints.make(vm, unsigned: try Ints.withView(exponent) { (e: IntView) throws(Raised) in small(b, e, k) })
    } else {
      result = try large(vm, base, exponent, m)
    }
    if sign < 0 && Ints.sign(result) != 0 { result = try IntArithmetic.subtract(vm, result, m) }
    return result
  }

  /// One-limb modulus: square and multiply with 128-bit products.
  private static func small(_ base: UInt64, _ exponent: IntView, _ modulus: UInt64) -> UInt64 {
    var result: UInt64 = 1 % modulus
    var i = exponent.bitLength &- 1
    while i >= 0 {
      result = multiply(result, result, modulus)
      if exponent.limbs[i >> 6] &>> UInt(i & 63) & 1 != 0 { result = multiply(result, base, modulus) }
      i &-= 1
    }
    return result
  }
  @inline(__always)
  private static func multiply(_ a: UInt64, _ b: UInt64, _ m: UInt64) -> UInt64 {
    let product = a.multipliedFullWidth(by: b)
    // Both factors are below m, so the high word is too and the division cannot overflow.
    return m.dividingFullWidth(product).remainder
  }

  private static func large(_ vm: VM, _ base: Value, _ exponent: Value, _ modulus: Value) throws(Raised) -> Value {
    try Ints.withViews(base, exponent) { (b: IntView, e: IntView) throws(Raised) -> Value in
      try Ints.withView(modulus) { (m: IntView) throws(Raised) -> Value in
        var r = __mpz_struct()
        __gmpz_init(&r)
        var bz = readOnly(b), ez = readOnly(e), mz = readOnly(m)
        __gmpz_powm(&r, &bz, &ez, &mz)
        return try take(vm, &r)
      }
    }
  }

  /// The inverse of `a` modulo `m` > 1.
  private static func inverse(_ vm: VM, _ a: Value, _ m: Value) throws(Raised) -> Value {
    try Ints.withViews(a, m) { (x: IntView, y: IntView) throws(Raised) -> Value in
      var r = __mpz_struct()
      __gmpz_init(&r)
      var xz = readOnly(x), yz = readOnly(y)
      if x.isZero || __gmpz_invert(&r, &xz, &yz) == 0 {
        __gmpz_clear(&r)
        throw vm.raise(.valueError, "base is not invertible for the given modulus")
      }
      return try take(vm, &r)
    }
  }

  static func gcd(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(a, b) {
      var x = a.smallInt.magnitude, y = b.smallInt.magnitude
      while y != 0 { (x, y) = (y, x % y) }
      return try Ints.make(vm, negative: false, magnitude: x)
    }
    return try Ints.withViews(a, b) { (x: IntView, y: IntView) throws(Raised) -> Value in
      var r = __mpz_struct()
      __gmpz_init(&r)
      var xz = readOnly(x), yz = readOnly(y)
      __gmpz_gcd(&r, &xz, &yz)
      return try take(vm, &r)
    }
  }

  /// Floor of the square root of a nonnegative int.
  static func squareRoot(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    try Ints.withView(a) { (x: IntView) throws(Raised) -> Value in
      if x.isZero { return Value(smallInt: 0) }
      let n = (x.count &+ 1) / 2
      let r = try Ints.allocate(vm, n)
      _ = __gmpn_sqrtrem(r.limbs, nil, x.limbs, x.count)
      return Ints.finish(r, count: n, negative: false)
    }
  }

  // MARK: GMP integers

  /// A GMP integer that borrows an int's limbs. Only for arguments that GMP does not write.
  static func readOnly(_ x: IntView) -> __mpz_struct {
    var z = __mpz_struct()
    z._mp_alloc = 0
    z._mp_size = x.isNegative ? -Int32(x.count) : Int32(x.count)
    z._mp_d = UnsafeMutablePointer(mutating: x.limbs)
    return z
  }

  /// The value that `compute` leaves in a fresh GMP integer.
  static func collect(_ vm: VM, _ compute: (UnsafeMutablePointer<__mpz_struct>) -> Void) throws(Raised) -> Value {
    var r = __mpz_struct()
    __gmpz_init(&r)
    compute(&r)
    return try take(vm, &r)
  }

  /// The value of a GMP integer, which is freed.
  private static func take(_ vm: VM, _ z: inout __mpz_struct) throws(Raised) -> Value {
    defer { __gmpz_clear(&z) }
    let n = Int(z._mp_size.magnitude)
    guard n > 0, let limbs = z._mp_d else { return Value(smallInt: 0) }
    let r = try Ints.allocate(vm, n)
    __gmpn_copyi(r.limbs, limbs, n)
    return Ints.finish(r, count: n, negative: z._mp_size < 0)
  }
}
