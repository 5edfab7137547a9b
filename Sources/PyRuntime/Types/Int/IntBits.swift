import CGMP

/// Shifts and bitwise operators, as on two's-complement numbers of unlimited width. Operands are exact ints.
enum IntBits {
  static func bitLength(_ a: Value) -> Int {
    if a.isSmallInt { return 64 &- a.smallInt.magnitude.leadingZeroBitCount }
    return Ints.bigView(a).bitLength
  }

  static func bitCount(_ a: Value) -> Int {
    if a.isSmallInt { return a.smallInt.magnitude.nonzeroBitCount }
    let x = Ints.bigView(a)
    return Int(__gmpn_popcount(x.limbs, x.count))
  }

  // MARK: shifts

  /// `a << n`, n ≥ 0.
  static func shiftLeft(_ vm: VM, _ a: Value, _ n: Int) throws(Raised) -> Value {
    if a.isSmallInt {
      let x = a.smallInt
      if x == 0 { return a }
      if n < 16 { return try vm.int(x &<< n) }
    }
    return try Ints.withView(a) { (x: IntView) throws(Raised) -> Value in
      let whole = n >> 6
      guard whole < Ints.maximumLimbs else { throw vm.raiseMemoryError() }
      let count = x.count &+ whole &+ 1
      let r = try Ints.allocate(vm, count)
      if n & 63 == 0 {
        __gmpn_copyi(r.limbs + whole, x.limbs, x.count)
      } else {
        r.limbs[count &- 1] = __gmpn_lshift(r.limbs + whole, x.limbs, x.count, UInt32(n & 63))
      }
      return Ints.finish(r, count: count, negative: x.isNegative)
    }
  }

  /// `a >> n`, rounding towards negative infinity, n ≥ 0.
  static func shiftRight(_ vm: VM, _ a: Value, _ n: Int) throws(Raised) -> Value {
    if a.isSmallInt { return Value(smallInt: n > 63 ? (a.smallInt < 0 ? -1 : 0) : a.smallInt >> n) }
    let x = Ints.bigView(a)
    let whole = n >> 6
    if whole >= x.count { return Value(smallInt: x.isNegative ? -1 : 0) }
    let bits = UInt32(n & 63)
    let count = x.count &- whole
    // One limb of room, should the rounding of a negative number carry out.
    let r = try Ints.allocate(vm, count &+ 1)
    var lost = false
    if x.isNegative {
      for i in 0..<whole where x.limbs[i] != 0 { lost = true }
    }
    if bits == 0 {
      __gmpn_copyi(r.limbs, x.limbs + whole, count)
    } else if __gmpn_rshift(r.limbs, x.limbs + whole, count, bits) != 0 {
      lost = true
    }
    if x.isNegative && lost { r.limbs[count] = __gmpn_add_1(r.limbs, r.limbs, count, 1) }
    return Ints.finish(r, count: count &+ 1, negative: x.isNegative)
  }

  static func leftShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Ints.sign(b) < 0 { throw vm.raise(.valueError, "negative shift count") }
    if a == Value(smallInt: 0) { return a }
    guard b.isSmallInt else {
      // CPython counts in digits of 30 bits: as long as their number is a machine integer, memory is what is missing.
      let (digits, _) = try IntArithmetic.floorDivMod(vm, b, Value(smallInt: 30))
      throw Ints.asInt64(digits) == nil ? vm.raise(.overflowError, "too many digits in integer") : vm.raiseMemoryError()
    }
    return try shiftLeft(vm, a, b.smallInt)
  }

  static func rightShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Ints.sign(b) < 0 { throw vm.raise(.valueError, "negative shift count") }
    guard b.isSmallInt else { return Value(smallInt: Ints.sign(a) < 0 ? -1 : 0) }
    return try shiftRight(vm, a, b.smallInt)
  }

  // MARK: bitwise operators

  enum Operator { case and, or, xor }

  @inline(__always)
  private static func apply(_ op: Operator, _ x: UInt, _ y: UInt) -> UInt {
    switch op {
    case .and: x & y
    case .or: x | y
    case .xor: x ^ y
    }
  }

  static func combine(_ vm: VM, _ op: Operator, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(a, b) {
      let x = a.smallInt, y = b.smallInt
      switch op {
      case .and: return Value(smallInt: x & y)
      case .or: return Value(smallInt: x | y)
      case .xor: return Value(smallInt: x ^ y)
      }
    }
    return try Ints.withViews(a, b) { (x: IntView, y: IntView) throws(Raised) -> Value in
      // Limbs are turned into two's complement on the fly: complement and add one, with a running carry each.
      let n = max(x.count, y.count) &+ 1
      let r = try Ints.allocate(vm, n)
      let out = r.limbs
      let xMask: UInt = x.isNegative ? ~0 : 0, yMask: UInt = y.isNegative ? ~0 : 0
      let negative = apply(op, xMask, yMask) != 0
      let rMask: UInt = negative ? ~0 : 0
      var xCarry: UInt = x.isNegative ? 1 : 0, yCarry: UInt = y.isNegative ? 1 : 0, rCarry: UInt = negative ? 1 : 0
      for i in 0..<n {
        let (p, pOver) = ((i < x.count ? x.limbs[i] : 0) ^ xMask).addingReportingOverflow(xCarry)
        let (q, qOver) = ((i < y.count ? y.limbs[i] : 0) ^ yMask).addingReportingOverflow(yCarry)
        let (s, sOver) = (apply(op, p, q) ^ rMask).addingReportingOverflow(rCarry)
        xCarry = pOver ? 1 : 0
        yCarry = qOver ? 1 : 0
        rCarry = sOver ? 1 : 0
        out[i] = s
      }
      return Ints.finish(r, count: n, negative: negative)
    }
  }

  static func invert(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    if a.isSmallInt { return Value(smallInt: ~a.smallInt) }
    return try IntArithmetic.subtract(vm, Value(smallInt: -1), a)
  }
}
