import CGMP
import PyRuntime

// Powers.

extension Rules {
  /// A finite number without a fraction.
  static func isInteger(_ vm: VM, _ a: Number) throws(Raised) -> Bool {
    if a.isSpecial { return false }
    if a.exponent >= 0 || a.count == 0 { return true }
    if 0 &- a.exponent >= a.digits { return false }
    return try Coefficient.scaledDown(vm, a.limbs, a.count, a.digits, 0 &- a.exponent).2 == .none
  }
  /// Whether an integer is odd.
  static func isOdd(_ vm: VM, _ a: Number) throws(Raised) -> Bool {
    if a.count == 0 || a.exponent > 0 { return false }
    if a.exponent == 0 { return a.isOdd }
    let (q, n) = try whole(vm, a)
    return n > 0 && q[0] & 1 == 1
  }

  mutating func power(_ vm: VM, _ base: Number, _ exponent: Number) throws(Raised) -> Number {
    if base.isNaN || exponent.isNaN, let n = try nan(vm, base, exponent) { return n }
    let isInteger = try Rules.isInteger(vm, exponent)
    let negative = isInteger && base.isNegative ? try Rules.isOdd(vm, exponent) : false
    if base.isZero {
      if exponent.isZero { return invalid() }
      return exponent.isNegative ? .infinity(negative: negative) : .zero(0, negative: negative)
    }
    if base.isNegative && (!isInteger || exponent.isInfinite) { return invalid() }
    let one = try Number.small(vm, 1)
    if exponent.isInfinite {
      let order = try Rules.compare(vm, base, one)
      if order == 0 {
        status.formUnion([.inexact, .rounded])
        return try oneWithZeros(vm, precision &- 1)
      }
      return (order < 0) != exponent.isNegative ? .zero(0, negative: negative) : .infinity(negative: negative)
    }
    if base.isInfinite {
      if exponent.isZero { return try Number.small(vm, 1, negative: negative) }
      return exponent.isNegative ? .zero(0, negative: negative) : .infinity(negative: negative)
    }
    if exponent.isZero { return try Number.small(vm, 1, negative: negative) }
    let order = try Rules.compareMagnitude(vm, base, one)
    if order == 0 { return try powerOfOne(vm, base, exponent, isInteger, negative) }
    if let n = try powerOutOfRange(vm, base, exponent, negative, grows: (order > 0) != exponent.isNegative) { return n }
    if isInteger { return try integerPower(vm, base, exponent, negative) }
    return try realPower(vm, base, exponent)
  }

  /// The magnitude of a number that is an integer.
  private static func whole(_ vm: VM, _ n: Number) throws(Raised) -> (UnsafeMutablePointer<UInt>, Int) {
    if n.exponent >= 0 { return try Coefficient.scaledUp(vm, n.limbs, n.count, n.exponent) }
    let (p, count, _) = try Coefficient.scaledDown(vm, n.limbs, n.count, n.digits, 0 &- n.exponent)
    return (p, count)
  }

  func oneWithZeros(_ vm: VM, _ zeros: Int) throws(Raised) -> Number {
    let one = try Number.small(vm, 1)
    if zeros <= 0 { return one }
    let (p, n) = try Coefficient.scaledUp(vm, one.limbs, 1, zeros)
    return Number(limbs: p, count: n, exponent: 0 &- zeros, digits: zeros &+ 1, flags: [])
  }

  /// ±1.000 to any power: 1 with as many zeros as an exact product would have.
  private mutating func powerOfOne(
    _ vm: VM, _ base: Number, _ exponent: Number, _ isInteger: Bool, _ negative: Bool
  ) throws(Raised) -> Number {
    if !isInteger {
      status.formUnion([.inexact, .rounded])
      return try oneWithZeros(vm, precision &- 1)
    }
    if exponent.isNegative { return try Number.small(vm, 1, negative: negative) }
    var zeros = 0
    if base.exponent < 0 {
      zeros = precision
      if exponent.adjusted < 19 {
        let (p, n) = try Rules.whole(vm, exponent)
        if n == 1 {
          let (product, overflow) = p[0].multipliedReportingOverflow(by: base.exponent.magnitude)
          if !overflow && product <= UInt(Int.max) { zeros = Int(product) }
        }
      }
      if zeros > precision &- 1 {
        zeros = precision &- 1
        status.insert(.rounded)
      }
    }
    return try oneWithZeros(vm, zeros).with(negative: negative)
  }

  /// Over- and underflow that can be seen without computing: |log10 |base|| · |exponent| has more digits than any exponent.
  private mutating func powerOutOfRange(
    _ vm: VM, _ base: Number, _ exponent: Number, _ negative: Bool, grows: Bool
  ) throws(Raised) -> Number? {
    // |ln base| > 10^zeta
    let zeta: Int
    let t = base.adjusted
    func digits(_ n: Int) -> Int { Coefficient.digits(n.magnitude) }
    if t > 0 {
      zeta = digits(t) &- 1
    } else if t < -1 {
      zeta = digits(t &+ 1) &- 1
    } else {
      var wide = Rules.widest
      let u = try wide.add(vm, base.with(negative: false), try Number.small(vm, 1), negate: true)
      zeta = t == 0 ? u.adjusted &- 2 : u.adjusted &- 1
    }
    let limit = grows ? digits(emax) : digits(etiny)
    guard zeta &+ exponent.adjusted > limit else { return nil }
    return try finalize(vm, try Number.small(vm, 1, grows ? emax &+ 1 : etiny &- 1, negative: negative))
  }

  private mutating func integerPower(_ vm: VM, _ base: Number, _ exponent: Number, _ negative: Bool) throws(Raised) -> Number {
    var work = self
    work.status = []
    work.precision = precision &+ exponent.digits &+ exponent.exponent &+ 2
    work.rounding = .halfEven
    work.clamp = false
    var x = base
    if exponent.isNegative {
      work.precision &+= 1
      x = try work.divide(vm, try Number.small(vm, 1), base)
      status.formUnion(work.status)
      work.status = []
      if x.isSpecial && x.isNaN { return x }
    }
    // The exponent's bits, from the second highest on.
    let (p, n) = try Rules.whole(vm, exponent)
    var bit = Coefficient.bitLength(p, n) &- 1
    var r = x
    while bit > 0 {
      bit &-= 1
      r = try work.multiply(vm, r, r)
      if p[bit >> 6] >> UInt(bit & 63) & 1 != 0 { r = try work.multiply(vm, r, x) }
      if r.isSpecial || r.count == 0 && work.status.contains(.clamped) { break }
    }
    status.formUnion(work.status)
    r.setNegative(negative)
    if r.isInfinite { return try finalize(vm, try Number.small(vm, 1, emax &+ 1, negative: negative)) }
    return try finalize(vm, r)
  }

  private mutating func realPower(_ vm: VM, _ base: Number, _ exponent: Number) throws(Raised) -> Number {
    var work = Rules.widest
    work.precision = max(base.digits, precision) &+ 23
    let l = try work.naturalLogarithm(vm, base)
    let product = try work.multiply(vm, l, exponent)
    status.formUnion(work.status.intersection(.errors))
    status.formUnion([.inexact, .rounded])
    work.status = []
    var n = try work.exponential(vm, product)
    status.formUnion(work.status)
    if !n.isSpecial && n.count > 0 {
      let one = try Number.small(vm, 1)
      if try Rules.compare(vm, n, one) == 0 { n = try oneWithZeros(vm, precision &- 1) }
    }
    if n.isInfinite { n = try Number.small(vm, 1, emax &+ 1) }
    return try finalize(vm, n)
  }

  /// `base ** exponent % modulus` for integers.
  mutating func power(_ vm: VM, _ base: Number, _ exponent: Number, modulo modulus: Number) throws(Raised) -> Number {
    if base.isNaN || exponent.isNaN || modulus.isNaN {
      let first =
        base.isSignaling
        ? base
        : exponent.isSignaling ? exponent : modulus.isSignaling ? modulus : base.isNaN ? base : exponent.isNaN ? exponent : modulus
      return try propagate(vm, first)
    }
    guard try Rules.isInteger(vm, base), try Rules.isInteger(vm, exponent), try Rules.isInteger(vm, modulus) else { return invalid() }
    if modulus.count == 0 || exponent.isNegative && exponent.count > 0 { return invalid() }
    if modulus.digits &+ modulus.exponent > precision { return invalid() }
    if exponent.count == 0 && base.count == 0 { return invalid() }
    let negative = base.isNegative ? try Rules.isOdd(vm, exponent) : false
    defer { Integers.tidy() }
    let (m, b, e, t) = (Integers[0], Integers[1], Integers[2], Integers[3])
    func set(_ z: Integers.Z, _ n: Number) throws(Raised) {
      Integers.set(z, n.limbs, n.count)
      if n.count == 0 || n.exponent == 0 { return }
      try Integers.expect(vm, bits: Rules.bitsOf(n))
      try Integers.setPower(vm, t, ofTen: Int(clamping: n.exponent.magnitude))
      if n.exponent > 0 { __gmpz_mul(z, z, t) } else { __gmpz_tdiv_q(z, z, t) }
    }
    try set(m, modulus)
    if base.exponent > 0 && base.count > 0 {
      // 10^n is taken modulo m too.
      Integers.set(b, base.limbs, base.count)
      __gmpz_set_ui(e, UInt(base.exponent))
      __gmpz_set_ui(t, 10)
      __gmpz_powm(t, t, e, m)
      __gmpz_mul(b, b, t)
    } else {
      try set(b, base)
    }
    if exponent.exponent > 0 && exponent.count > 0 {
      // b^(c · 10^n): the c-th power, then the tenth, n times.
      Integers.set(e, exponent.limbs, exponent.count)
      __gmpz_powm(b, b, e, m)
      var n = exponent.exponent
      var steps = 0
      while n > 0 {
        __gmpz_powm_ui(b, b, 10, m)
        n &-= 1
        steps &+= 1
        // 0 and 1 stay.
        if __gmpz_cmp_ui(b, 1) <= 0 { break }
        if steps & 0xFFFF == 0 && steps > 1 << 24 { throw vm.raiseMemoryError() }
      }
    } else {
      try set(e, exponent)
      __gmpz_powm(b, b, e, m)
    }
    var r = try Integers.number(vm, b)
    r.flags = negative ? .negative : []
    return r
  }
  private static func bitsOf(_ n: Number) -> Int {
    let d = n.exponent > 0 ? n.digits &+ n.exponent : n.digits
    return d > 1 << 40 ? 1 << 50 : d &* 4
  }
}
