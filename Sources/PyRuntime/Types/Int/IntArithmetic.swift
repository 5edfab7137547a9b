import CGMP

/// Sums, products and quotients. All operands are exact ints unless a name ends in `Slot`.
enum IntArithmetic {
  // MARK: sums

  static func add(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(a, b) { return try vm.int(a.smallInt &+ b.smallInt) }
    return try addBig(vm, a, b, negateRight: false)
  }

  static func subtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(a, b) { return try vm.int(a.smallInt &- b.smallInt) }
    return try addBig(vm, a, b, negateRight: true)
  }

  private static func addBig(_ vm: VM, _ a: Value, _ b: Value, negateRight: Bool) throws(Raised) -> Value {
    try Ints.withViews(a, b) { (x: IntView, y: IntView) throws(Raised) -> Value in
      let yNegative = y.isNegative != negateRight
      if x.isNegative == yNegative || x.isZero || y.isZero {
        let (long, short) = x.count >= y.count ? (x, y) : (y, x)
        let n = long.count
        let r = try Ints.allocateUnfilled(vm, n &+ 1)
        if short.isZero {
          __gmpn_copyi(r.limbs, long.limbs, n)
          r.limbs[n] = 0
        } else {
          r.limbs[n] = __gmpn_add(r.limbs, long.limbs, n, short.limbs, short.count)
        }
        let negative = x.isZero ? yNegative : x.isNegative
        return Ints.finish(r, count: n &+ 1, negative: negative)
      }
      let order = x.compareMagnitude(y)
      if order == 0 { return Value(smallInt: 0) }
      let (large, small) = order > 0 ? (x, y) : (y, x)
      let r = try Ints.allocateUnfilled(vm, large.count)
      _ = __gmpn_sub(r.limbs, large.limbs, large.count, small.limbs, small.count)
      return Ints.finish(r, count: large.count, negative: order > 0 ? x.isNegative : yNegative)
    }
  }

  static func negate(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    if a.isSmallInt { return try vm.int(0 &- a.smallInt) }
    let x = Ints.bigView(a)
    let r = try Ints.allocateUnfilled(vm, x.count)
    __gmpn_copyi(r.limbs, x.limbs, x.count)
    return Ints.finish(r, count: x.count, negative: !x.isNegative)
  }

  static func absolute(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    Ints.sign(a) < 0 ? try negate(vm, a) : a
  }

  // MARK: products

  static func multiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(a, b) {
      let x = a.smallInt, y = b.smallInt
      let (product, overflow) = x.multipliedReportingOverflow(by: y)
      if !overflow { return try vm.int(product) }
      let wide = x.magnitude.multipliedFullWidth(by: y.magnitude)
      return try Ints.make(vm, negative: (x < 0) != (y < 0), low: wide.low, high: wide.high)
    }
    return try Ints.withViews(a, b) { (x: IntView, y: IntView) throws(Raised) -> Value in
      if x.isZero || y.isZero { return Value(smallInt: 0) }
      let (long, short) = x.count >= y.count ? (x, y) : (y, x)
      let n = long.count &+ short.count
      let r = try Ints.allocateUnfilled(vm, n)
      if short.count == 1 {
        r.limbs[n &- 1] = __gmpn_mul_1(r.limbs, long.limbs, long.count, short.limbs[0])
      } else if long.limbs == short.limbs && long.count == short.count {
        __gmpn_sqr(r.limbs, long.limbs, long.count)
      } else {
        _ = __gmpn_mul(r.limbs, long.limbs, long.count, short.limbs, short.count)
      }
      return Ints.finish(r, count: n, negative: x.isNegative != y.isNegative)
    }
  }

  // MARK: quotients

  /// Truncated quotient and remainder of magnitudes; the remainder has the sign of `a`. `b` is not zero.
  private static func divideTruncating(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> (Value, Value) {
    try Ints.withViews(a, b) { (x: IntView, y: IntView) throws(Raised) -> (Value, Value) in
      if x.compareMagnitude(y) < 0 { return (Value(smallInt: 0), a) }
      let negative = x.isNegative != y.isNegative
      let q = try Ints.allocate(vm, x.count &- y.count &+ 1)
      if y.count == 1 {
        let rest = __gmpn_divrem_1(q.limbs, 0, x.limbs, x.count, y.limbs[0])
        let quotient = Ints.finish(q, count: x.count, negative: negative)
        return (quotient, try Ints.make(vm, negative: x.isNegative, magnitude: rest))
      }
      let r = try Ints.allocate(vm, y.count)
      __gmpn_tdiv_qr(q.limbs, r.limbs, 0, x.limbs, x.count, y.limbs, y.count)
      return (
        Ints.finish(q, count: x.count &- y.count &+ 1, negative: negative),
        Ints.finish(r, count: y.count, negative: x.isNegative)
      )
    }
  }

  /// Floor quotient and the remainder that goes with it. `b` is not zero.
  static func floorDivMod(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> (Value, Value) {
    if Value.bothSmallInts(a, b) {
      let (q, r) = floorDivMod(a.smallInt, b.smallInt)
      return (try vm.int(q), Value(smallInt: r))
    }
    let (q, r) = try divideTruncating(vm, a, b)
    let rs = Ints.sign(r)
    if rs != 0 && rs != Ints.sign(b) {
      return (try subtract(vm, q, Value(smallInt: 1)), try add(vm, r, b))
    }
    return (q, r)
  }

  /// Inline operands, `b` not zero: cannot overflow, because both have 48 bits.
  @inline(__always)
  static func floorDivMod(_ a: Int, _ b: Int) -> (Int, Int) {
    let (q, r) = a.quotientAndRemainder(dividingBy: b)
    if r != 0 && (r ^ b) < 0 { return (q &- 1, r &+ b) }
    return (q, r)
  }

  static func floorDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if b == Value(smallInt: 0) { throw vm.raise(.zeroDivisionError, "integer division or modulo by zero") }
    return try floorDivMod(vm, a, b).0
  }

  static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if b == Value(smallInt: 0) { throw vm.raise(.zeroDivisionError, "integer modulo by zero") }
    return try floorDivMod(vm, a, b).1
  }

  /// `a / b`, correctly rounded (half to even) whatever the sizes.
  static func trueDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Double {
    if b == Value(smallInt: 0) { throw vm.raise(.zeroDivisionError, "division by zero") }
    if Value.bothSmallInts(a, b) { return Double(a.smallInt) / Double(b.smallInt) }  // 48 bits are exact in a double
    let negative = (Ints.sign(a) < 0) != (Ints.sign(b) < 0)
    if Ints.sign(a) == 0 { return negative ? -0.0 : 0.0 }
    // Scale so that the integer quotient has at least 55 bits more than the subnormal threshold allows to matter, then round
    // once: the remainder only says whether the discarded part was exact.
    let (aBits, bBits) = (IntBits.bitLength(a), IntBits.bitLength(b))
    if aBits &- bBits > 1025 { throw vm.raise(.overflowError, "integer division result too large for a float") }
    if aBits &- bBits < -1080 { return negative ? -0.0 : 0.0 }
    let shift = 66 &- (aBits &- bBits)  // quotient of 66 or 67 bits
    var n = try absolute(vm, a), d = try absolute(vm, b)
    if shift > 0 { n = try IntBits.shiftLeft(vm, n, shift) } else { d = try IntBits.shiftLeft(vm, d, 0 &- shift) }
    let (q, r) = try divideTruncating(vm, n, d)
    guard let value = IntDouble.scaled(q, exponent: 0 &- shift, sticky: Ints.sign(r) != 0) else {
      throw vm.raise(.overflowError, "integer division result too large for a float")
    }
    return negative ? -value : value
  }
}
