import CGMP
import PyRuntime

// The four operations, remainders, root, and fused multiplication.

extension Rules {
  // MARK: sums

  /// `a + b`, or `a - b`.
  mutating func add(_ vm: VM, _ a: Number, _ b: Number, negate: Bool = false) throws(Raised) -> Number {
    if a.isSpecial || b.isSpecial { return try addSpecial(vm, a, b, negate) }
    return try finalize(vm, try sum(vm, a, b.with(negative: b.isNegative != negate)))
  }

  private mutating func addSpecial(_ vm: VM, _ a: Number, _ b: Number, _ negate: Bool) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) { return n }
    let other = b.isNegative != negate
    if a.isInfinite {
      if b.isInfinite && a.isNegative != other { return invalid() }
      return .infinity(negative: a.isNegative)
    }
    return .infinity(negative: other)
  }

  /// Exact, except that digits far below what the precision shows may be replaced by others that round alike.
  func sum(_ vm: VM, _ x: Number, _ y: Number) throws(Raised) -> Number {
    var (big, small) = x.exponent >= y.exponent ? (x, y) : (y, x)
    let gap = big.exponent &- small.exponent
    if big.count <= 1 && small.count <= 1 && gap <= 19 && big.digits &+ gap <= 38 {
      // All in 128 bits.
      let p = big.count == 0 ? 0 : UInt128(big.limbs[0]) &* UInt128(Coefficient.ten(gap))
      let q = small.count == 0 ? 0 : UInt128(small.limbs[0])
      let r: UInt128
      var negative = big.isNegative
      if big.isNegative == small.isNegative {
        r = p &+ q
      } else if p >= q {
        r = p &- q
      } else {
        r = q &- p
        negative = small.isNegative
      }
      if r == 0 && big.isNegative != small.isNegative { negative = rounding == .floor }
      let out = try Scratch.limbs(vm, 2)
      out[0] = UInt(truncatingIfNeeded: r)
      out[1] = UInt(truncatingIfNeeded: r >> 64)
      return Number(
        limbs: out, count: out[1] != 0 ? 2 : out[0] != 0 ? 1 : 0, exponent: small.exponent, digits: Coefficient.digits(r),
        flags: negative ? .negative : [])
    }
    if big.count == 0 {
      // Zero takes the smaller exponent; the sign is the other's, if that is none.
      if small.count == 0 {
        return .zero(small.exponent, negative: big.isNegative == small.isNegative ? big.isNegative : rounding == .floor)
      }
      return small
    }
    if gap > 0 {
      // Digits of the smaller one that are below all that the result will show, and one more for a carry: they only say that there is
      // something.
      let last = (big.digits > precision ? big.exponent : big.adjusted &- precision) &- 2
      if small.count == 0 {
        // 1E+99 + 0.00: zeros as far as the precision goes.
        let floor = max(small.exponent, min(big.exponent, last))
        small.exponent = floor
        if floor >= big.exponent { return big }
      } else if small.adjusted < last {
        small.limbs = try Scratch.limbs(vm, 1)
        small.limbs[0] = 1
        small.count = 1
        small.digits = 1
        small.exponent = last &- 1
      } else if small.exponent < last && small.digits > 60
        && (big.isNegative == small.isNegative || (big.adjusted &- small.adjusted).magnitude > 1)
      {
        // (Where one nearly cancels the other, everything shows.)
        let drop = last &- small.exponent
        let (q, n, rest) = try Coefficient.scaledDown(vm, small.limbs, small.count, small.digits, drop)
        // One digit more, which is 1 for anything that was cut off.
        let (t, tn) = try Coefficient.scaledUp(vm, q, n, 1)
        small.limbs = t
        small.count = tn
        small.exponent = last &- 1
        if rest != .none {
          if tn == 0 {
            small.limbs = try Scratch.limbs(vm, 1)
            small.limbs[0] = 1
            small.count = 1
          } else {
            _ = __gmpn_add_1(t, t, tn, 1)
          }
        }
      }
      let shift = big.exponent &- small.exponent
      if shift > 0 {
        (big.limbs, big.count) = try Coefficient.scaledUp(vm, big.limbs, big.count, shift)
        big.exponent = small.exponent
      }
    }
    let (a, an, b, bn) = (big.limbs, big.count, small.limbs, small.count)
    let out: UnsafeMutablePointer<UInt>
    var count: Int
    var negative = big.isNegative
    if big.isNegative == small.isNegative {
      let (l, ln, s, sn) = an >= bn ? (a, an, b, bn) : (b, bn, a, an)
      out = try Scratch.limbs(vm, ln &+ 2)
      if sn == 0 {
        __gmpn_copyi(out, l, ln)
        count = ln
      } else {
        let carry = __gmpn_add(out, l, ln, s, sn)
        out[ln] = carry
        count = carry == 0 ? ln : ln &+ 1
      }
    } else {
      let order = Coefficient.compare(a, an, b, bn)
      if order == 0 { return .zero(big.exponent, negative: rounding == .floor) }
      let (l, ln, s, sn) = order > 0 ? (a, an, b, bn) : (b, bn, a, an)
      if order < 0 { negative = small.isNegative }
      out = try Scratch.limbs(vm, ln &+ 1)
      if sn == 0 {
        __gmpn_copyi(out, l, ln)
      } else {
        _ = __gmpn_sub(out, l, ln, s, sn)
      }
      count = Coefficient.normalized(out, ln)
    }
    return Number(
      limbs: out, count: count, exponent: big.exponent, digits: try Coefficient.digits(vm, out, count), flags: negative ? .negative : [])
  }

  // MARK: products

  mutating func multiply(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      if a.isZero || b.isZero { return invalid() }
      return .infinity(negative: a.isNegative != b.isNegative)
    }
    return try finalize(vm, try Rules.product(vm, a, b))
  }

  /// Exact.
  @inline(__always)
  static func product(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    let negative = a.isNegative != b.isNegative
    if a.count == 1 && b.count == 1 {
      let (high, low) = a.limbs[0].multipliedFullWidth(by: b.limbs[0])
      let out = try Scratch.limbs(vm, 2)
      out[0] = low
      out[1] = high
      return Number(
        limbs: out, count: high == 0 ? 1 : 2, exponent: a.exponent &+ b.exponent,
        digits: Coefficient.digits(UInt128(high) &<< 64 | UInt128(low)), flags: negative ? .negative : [])
    }
    let (p, n) = try Coefficient.multiplied(vm, a.limbs, a.count, b.limbs, b.count)
    return Number(
      limbs: p, count: n, exponent: a.exponent &+ b.exponent, digits: try Coefficient.digits(vm, p, n), flags: negative ? .negative : [])
  }

  /// `a · b + c`, rounded once.
  mutating func fma(_ vm: VM, _ a: Number, _ b: Number, _ c: Number) throws(Raised) -> Number {
    if a.isInfinite && b.isZero || a.isZero && b.isInfinite { return invalid() }
    if a.isNaN || b.isNaN || c.isNaN {
      let first = a.isSignaling ? a : b.isSignaling ? b : c.isSignaling ? c : a.isNaN ? a : b.isNaN ? b : c
      return try propagate(vm, first)
    }
    if a.isInfinite || b.isInfinite {
      return try add(vm, .infinity(negative: a.isNegative != b.isNegative), c)
    }
    if c.isInfinite { return .infinity(negative: c.isNegative) }
    return try add(vm, try Rules.product(vm, a, b), c)
  }

  // MARK: quotients

  mutating func divide(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    let negative = a.isNegative != b.isNegative
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      if a.isInfinite { return b.isInfinite ? invalid() : .infinity(negative: negative) }
      status.insert(.clamped)
      return .zero(etiny, negative: negative)
    }
    if b.count == 0 {
      if a.count == 0 { return invalid(.divisionUndefined) }
      status.insert(.divisionByZero)
      return .infinity(negative: negative)
    }
    let ideal = a.exponent &- b.exponent
    if a.count == 0 { return try finalize(vm, .zero(ideal, negative: negative)) }
    if let n = try roundedQuotient(vm, a, b, ideal, negative) { return n }
    // As many digits as the precision has, and one or two more.
    let shift = max(0, b.digits &- a.digits &+ precision &+ 1)
    if shift > Rules.tooManyDigits {
      return try exactly(vm, (a.digits &+ b.digits) &* 4) { r throws(Raised) in try r.divide(vm, a, b) }
    }
    var (q, n, rest) = (Scratch.base, 0, Rest.belowHalf)
    if let found = try Rules.quotient(vm, a, b, shift) { (q, n, rest) = found } else { q = try Scratch.limbs(vm, 2) }
    var result = Number(limbs: q, count: n, exponent: ideal &- shift, digits: 0, flags: negative ? .negative : [])
    if rest == .none {
      result.digits = try Coefficient.digits(vm, q, n)
      try Rules.stripZeros(vm, &result, ideal &- result.exponent)
    } else {
      Rules.markInexact(&result)
      result.digits = try Coefficient.digits(vm, q, result.count)
    }
    return try finalize(vm, result)
  }

  /// The quotient with just as many digits as the precision has, rounded by what remains. Nil where the first digits of both are too much
  /// alike to know how many digits come, and for results at the ends of the range.
  private mutating func roundedQuotient(
    _ vm: VM, _ a: Number, _ b: Number, _ ideal: Int, _ negative: Bool
  ) throws(Raised) -> Number? {
    let order = Coefficient.compareLeading(a, b)
    if order == 0 { return nil }
    let shift = b.digits &- a.digits &+ precision &- (order > 0 ? 1 : 0)
    let exponent = ideal &- shift
    guard shift >= 0, shift <= Rules.tooManyDigits, !clamp, exponent &+ precision &- 1 >= emin, exponent &+ precision < emax else {
      return nil
    }
    guard let (q, n, rest) = try Rules.quotient(vm, a, b, shift) else { return nil }
    var result = Number(limbs: q, count: n, exponent: exponent, digits: precision, flags: negative ? .negative : [])
    if rest == .none {
      try Rules.stripZeros(vm, &result, ideal &- exponent)
    } else {
      status.formUnion([.inexact, .rounded])
      if increments(q, n, rest, negative: negative) { try Rules.increment(vm, &result) }
    }
    return try finalize(vm, result)
  }

  /// `a · 10^shift / b` of coefficients, cut off, with room for one limb more. Nil where `b` has more limbs: it is 0.
  @inline(__always)
  private static func quotient(
    _ vm: VM, _ a: Number, _ b: Number, _ shift: Int
  ) throws(Raised) -> (UnsafeMutablePointer<UInt>, Int, Rest)? {
    if a.count == 1 && b.count == 1 && a.digits &+ shift <= 38 {
      let x = UInt128(a.limbs[0]) &* Coefficient.ten128(shift)
      let d = b.limbs[0]
      let (high, upper) = UInt(truncatingIfNeeded: x >> 64).quotientAndRemainder(dividingBy: d)
      let (low, r) = d.dividingFullWidth((upper, UInt(truncatingIfNeeded: x)))
      let q = try Scratch.limbs(vm, 3)
      q[0] = low
      q[1] = high
      return (q, high == 0 ? 1 : 2, Rest(r, of: d))
    }
    let (x, xn) = try shift == 0 ? (a.limbs, a.count) : Coefficient.scaledUp(vm, a.limbs, a.count, shift)
    if b.count == 1 {
      let q = try Scratch.limbs(vm, xn &+ 1)
      let r = __gmpn_divrem_1(q, 0, x, xn, b.limbs[0])
      return (q, Coefficient.normalized(q, xn), Rest(r, of: b.limbs[0]))
    }
    guard xn >= b.count else { return nil }
    let q = try Scratch.limbs(vm, xn &- b.count &+ 2)
    let r = try Scratch.limbs(vm, b.count &+ 1)
    __gmpn_tdiv_qr(q, r, 0, x, xn, b.limbs, b.count)
    let n = Coefficient.normalized(q, xn &- b.count &+ 1)
    let rn = Coefficient.normalized(r, b.count)
    if rn == 0 { return (q, n, .none) }
    r[rn] = __gmpn_lshift(r, r, rn, 1)
    let twice = Coefficient.compare(r, Coefficient.normalized(r, rn &+ 1), b.limbs, b.count)
    return (q, n, twice < 0 ? .belowHalf : twice == 0 ? .half : .aboveHalf)
  }

  private static var tooManyDigits: Int { 1 << 32 }

  /// A result that is exact with so many digits: there is no memory for one that fills the precision.
  private mutating func exactly(
    _ vm: VM, _ digits: Int, _ operation: (inout Rules) throws(Raised) -> Number
  ) throws(Raised) -> Number {
    var work = self
    work.status = []
    work.precision = digits
    let n = try operation(&work)
    if digits >= precision || work.status.contains(.inexact) { throw vm.raiseMemoryError() }
    status.formUnion(work.status)
    return try finalize(vm, n)
  }

  /// Something follows the digits: a last digit 0 or 5 would be taken for all that there is.
  static func markInexact(_ n: inout Number) {
    if n.count == 0 {
      n.limbs[0] = 1
      n.count = 1
    } else if __gmpn_mod_1(n.limbs, n.count, 5) == 0, __gmpn_add_1(n.limbs, n.limbs, n.count, 1) != 0 {
      n.limbs[n.count] = 1
      n.count &+= 1
    }
  }

  /// Drops up to `limit` zeros at the end.
  static func stripZeros(_ vm: VM, _ n: inout Number, _ limit: Int) throws(Raised) {
    if n.count == 0 || limit <= 0 { return }
    // 10^k divides only what 2^k divides.
    var room = min(limit, Coefficient.trailingZeroBits(n.limbs, n.count))
    if room == 0 { return }
    if n.count == 1 {
      var x = n.limbs[0]
      let old = n.digits
      while room > 0 {
        let (q, r) = x.quotientAndRemainder(dividingBy: 10)
        if r != 0 { break }
        x = q
        room &-= 1
        n.digits &-= 1
        n.exponent &+= 1
      }
      if n.digits != old {
        n.limbs = try Scratch.limbs(vm, 2)
        n.limbs[0] = x
      }
      return
    }
    if __gmpn_mod_1(n.limbs, n.count, 5) != 0 { return }
    var step = 1
    while step &* 2 <= room { step &*= 2 }
    while step > 0 {
      if step <= room && step < n.digits {
        let (q, count, rest) = try Coefficient.scaledDown(vm, n.limbs, n.count, n.digits, step)
        if rest == .none {
          n.limbs = q
          n.count = count
          n.digits &-= step
          n.exponent &+= step
          room &-= step
        }
      }
      step /= 2
    }
  }

  /// Quotient cut off to an integer, and the remainder; both finite, `b` not zero. Nil when the quotient has too many digits.
  func wholeQuotient(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> (quotient: Number, remainder: Number)? {
    let negative = a.isNegative != b.isNegative
    let ideal = min(a.exponent, b.exponent)
    if a.count == 0 { return (.zero(0, negative: negative), .zero(ideal, negative: a.isNegative)) }
    let difference = a.adjusted &- b.adjusted
    if difference > precision { return nil }
    var (x, xn, y, yn) = (a.limbs, a.count, b.limbs, b.count)
    if difference < 0 {
      // All of `a` remains; it shows the smaller exponent as far as the precision goes.
      var r = a
      if a.exponent > ideal {
        let shift = min(a.exponent &- ideal, max(0, precision &+ 1 &- a.digits))
        (r.limbs, r.count) = try Coefficient.scaledUp(vm, x, xn, shift)
        r.digits &+= shift
        r.exponent &-= shift
      }
      return (.zero(0, negative: negative), r)
    }
    if a.exponent > b.exponent {
      (x, xn) = try Coefficient.scaledUp(vm, x, xn, a.exponent &- b.exponent)
    } else if b.exponent > a.exponent {
      (y, yn) = try Coefficient.scaledUp(vm, y, yn, b.exponent &- a.exponent)
    }
    if xn < yn {
      return (
        .zero(0, negative: negative),
        Number(limbs: x, count: xn, exponent: ideal, digits: try Coefficient.digits(vm, x, xn), flags: a.isNegative ? .negative : [])
      )
    }
    let q = try Scratch.limbs(vm, xn &- yn &+ 2)
    let r = try Scratch.limbs(vm, yn &+ 1)
    if yn == 1 {
      r[0] = __gmpn_divrem_1(q, 0, x, xn, y[0])
    } else {
      __gmpn_tdiv_qr(q, r, 0, x, xn, y, yn)
    }
    let qn = Coefficient.normalized(q, xn &- yn &+ 1)
    let rn = Coefficient.normalized(r, yn)
    let quotient = Number(
      limbs: q, count: qn, exponent: 0, digits: try Coefficient.digits(vm, q, qn), flags: negative ? .negative : [])
    if quotient.digits > precision { return nil }
    return (
      quotient,
      Number(limbs: r, count: rn, exponent: ideal, digits: try Coefficient.digits(vm, r, rn), flags: a.isNegative ? .negative : [])
    )
  }

  mutating func divideInt(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    let negative = a.isNegative != b.isNegative
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      if a.isInfinite { return b.isInfinite ? invalid() : .infinity(negative: negative) }
      return .zero(0, negative: negative)
    }
    if b.count == 0 {
      if a.count == 0 { return invalid(.divisionUndefined) }
      status.insert(.divisionByZero)
      return .infinity(negative: negative)
    }
    guard let (q, _) = try wholeQuotient(vm, a, b) else { return invalid(.divisionImpossible) }
    return try finalize(vm, q)
  }

  mutating func remainder(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      if a.isInfinite { return invalid() }
      return try finalize(vm, a)
    }
    if b.count == 0 { return invalid(a.count == 0 ? .divisionUndefined : .invalidOperation) }
    guard let (_, r) = try wholeQuotient(vm, a, b) else { return invalid(.divisionImpossible) }
    return try finalize(vm, r)
  }

  mutating func divmod(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> (Number, Number) {
    let negative = a.isNegative != b.isNegative
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return (n, n) }
      if a.isInfinite {
        let q: Number = b.isInfinite ? .nan : .infinity(negative: negative)
        return (q, invalid())
      }
      return (.zero(0, negative: negative), try finalize(vm, a))
    }
    if b.count == 0 {
      if a.count == 0 { return (invalid(.divisionUndefined), .nan) }
      status.formUnion([.divisionByZero, .invalidOperation])
      return (.infinity(negative: negative), .nan)
    }
    guard let (q, r) = try wholeQuotient(vm, a, b) else { return (invalid(.divisionImpossible), .nan) }
    return (try finalize(vm, q), try finalize(vm, r))
  }

  mutating func remainderNear(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      if a.isInfinite { return invalid() }
      return try finalize(vm, a)
    }
    if b.count == 0 { return invalid(a.count == 0 ? .divisionUndefined : .invalidOperation) }
    guard var (q, r) = try wholeQuotient(vm, a, b) else { return invalid(.divisionImpossible) }
    if r.count > 0 && b.adjusted &- r.adjusted <= 1 {
      let two = try Number.small(vm, 2)
      let order = try Rules.compareMagnitude(vm, try Rules.product(vm, r, two), b)
      if order > 0 || order == 0 && q.isOdd {
        // The quotient next to it would be one larger.
        if q.digits == precision && q.count > 0 {
          try Rules.increment(vm, &q)
          if q.digits > precision { return invalid(.divisionImpossible) }
        }
        var wide = Rules.widest
        r = try wide.add(vm, r, b.with(negative: r.isNegative), negate: true)
      }
    }
    return try finalize(vm, r)
  }

  // MARK: root

  mutating func squareRoot(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a.isNegative ? invalid() : a
    }
    let ideal = a.exponent >> 1
    if a.count == 0 { return try finalize(vm, .zero(ideal, negative: a.isNegative)) }
    if a.isNegative { return invalid() }
    let (wanted, overflow) = (precision &+ 1).multipliedReportingOverflow(by: 2)
    guard !overflow else { throw vm.raiseMemoryError() }
    if wanted > Rules.tooManyDigits, wanted > a.digits {
      return try exactly(vm, a.digits &+ 2) { r throws(Raised) in try r.squareRoot(vm, a) }
    }
    var shift = max(0, wanted &- a.digits)
    if (a.exponent &- shift) & 1 != 0 { shift &+= 1 }
    let (x, xn) = try Coefficient.scaledUp(vm, a.limbs, a.count, shift)
    let root = try Scratch.limbs(vm, (xn &+ 1) / 2 &+ 2)
    let r = try Scratch.limbs(vm, xn)
    let rn = __gmpn_sqrtrem(root, r, x, xn)
    var n = Number(
      limbs: root, count: Coefficient.normalized(root, (xn &+ 1) / 2), exponent: (a.exponent &- shift) >> 1, digits: 0, flags: [])
    let exact = rn == 0
    if !exact { Rules.markInexact(&n) }
    n.digits = try Coefficient.digits(vm, root, n.count)
    if exact { try Rules.stripZeros(vm, &n, ideal &- n.exponent) }
    return try finalizeHalfEven(vm, n)
  }

  // MARK: order

  /// Compares magnitudes of finite numbers.
  static func compareMagnitude(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Int {
    if a.count == 0 || b.count == 0 { return a.count == b.count ? 0 : a.count == 0 ? -1 : 1 }
    if a.exponent == b.exponent { return Coefficient.compare(a.limbs, a.count, b.limbs, b.count) }
    let (x, y) = (a.adjusted, b.adjusted)
    if x != y { return x < y ? -1 : 1 }
    if a.exponent > b.exponent {
      let (p, n) = try Coefficient.scaledUp(vm, a.limbs, a.count, a.exponent &- b.exponent)
      return Coefficient.compare(p, n, b.limbs, b.count)
    }
    let (p, n) = try Coefficient.scaledUp(vm, b.limbs, b.count, b.exponent &- a.exponent)
    return Coefficient.compare(a.limbs, a.count, p, n)
  }

  /// Compares values; no NaNs.
  static func compare(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Int {
    if a.isZero && b.isZero { return 0 }
    if a.isNegative != b.isNegative || a.isZero || b.isZero {
      if a.isZero { return b.isNegative ? 1 : -1 }
      return a.isNegative ? -1 : 1
    }
    let order = try compareAbsolute(vm, a, b)
    return a.isNegative ? 0 &- order : order
  }
  static func compareAbsolute(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Int {
    if a.isInfinite || b.isInfinite { return a.isInfinite == b.isInfinite ? 0 : a.isInfinite ? 1 : -1 }
    return try compareMagnitude(vm, a, b).signum()
  }

  /// Order of equal values by sign and exponent.
  static func compareEqual(_ a: Number, _ b: Number) -> Int {
    if a.isNegative != b.isNegative { return a.isNegative ? -1 : 1 }
    if a.exponent == b.exponent { return 0 }
    return (a.exponent < b.exponent) != a.isNegative ? -1 : 1
  }

  /// The total order of the specification.
  static func compareTotal(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Int {
    if a.isNegative != b.isNegative { return a.isNegative ? -1 : 1 }
    let sign = a.isNegative ? -1 : 1
    func rank(_ n: Number) -> Int { n.isSignaling ? 1 : n.isNaN ? 2 : 0 }
    if a.isNaN || b.isNaN {
      let (x, y) = (rank(a), rank(b))
      if x == y { return sign &* Coefficient.compare(a.limbs, a.count, b.limbs, b.count).signum() }
      // Numbers < signaling < quiet
      return x < y ? 0 &- sign : sign
    }
    let order = try compare(vm, a, b)
    return order != 0 ? order : compareEqual(a, b)
  }
}
