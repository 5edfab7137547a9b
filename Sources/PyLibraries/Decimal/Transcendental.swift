import CGMP
import Glibc
import PyRuntime

/// Integers of GMP's that are kept between operations, so that small ones ask for no memory. Used by one operation at a time, as `Scratch`.
enum Integers {
  typealias Z = UnsafeMutablePointer<mpz_t>
  private static var count: Int { 16 }
  nonisolated(unsafe) private static var all: Z?

  static func prepare() {
    guard all == nil else { return }
    let p = Z.allocate(capacity: count)
    for i in 0..<count {
      (p + i).initialize(to: mpz_t(_mp_alloc: 0, _mp_size: 0, _mp_d: nil))
      __gmpz_init(p + i)
    }
    all = p
  }
  @inline(__always) static subscript(i: Int) -> Z { all.unsafelyUnwrapped + i }

  /// Before work with numbers of that many bits: GMP would end the process where there is no memory for them.
  static func expect(_ vm: VM, bits: Int) throws(Raised) {
    guard bits >= 0, bits < 1 << 34 else { throw vm.raiseMemoryError() }
    if bits > 1 << 23 { _ = try vm.allocateBytes(bits) }
  }
  /// Gives back what large operations took; the logarithm is kept.
  static func tidy() {
    for i in 0..<count where self[i].pointee._mp_alloc > 1 << 12 && i != logarithm {
      __gmpz_set_ui(self[i], 0)
      __gmpz_realloc2(self[i], 64)
    }
  }

  static func set(_ z: Z, _ limbs: UnsafeMutablePointer<UInt>, _ n: Int) {
    if n == 0 {
      __gmpz_set_ui(z, 0)
      return
    }
    guard let p = __gmpz_limbs_write(z, n) else { return }
    __gmpn_copyi(p, limbs, n)
    __gmpz_limbs_finish(z, n)
  }
  /// The magnitude, in scratch memory.
  static func number(_ vm: VM, _ z: Z) throws(Raised) -> Number {
    let n = Int(z.pointee._mp_size.magnitude)
    let p = try Scratch.limbs(vm, n &+ 1)
    if n > 0, let source = z.pointee._mp_d { __gmpn_copyi(p, source, n) }
    return Number(limbs: p, count: n, exponent: 0, digits: try Coefficient.digits(vm, p, n), flags: z.pointee._mp_size < 0 ? .negative : [])
  }
  static func setPower(_ vm: VM, _ z: Z, ofTen k: Int) throws(Raised) {
    let (p, n) = try Coefficient.five(vm, k)
    set(z, p, n)
    __gmpz_mul_2exp(z, z, UInt(k))
  }
  static func bits(_ z: Z) -> Int { z.pointee._mp_size == 0 ? 0 : Int(__gmpz_sizeinbase(z, 2)) }

  // MARK: the logarithm of ten

  private static var logarithm: Int { 15 }
  nonisolated(unsafe) private static var logarithmBits = 0

  /// ln 10 · 2^bits, cut off, into `z`.
  static func logarithmOfTen(_ vm: VM, _ z: Z, _ bits: Int) throws(Raised) {
    if bits > logarithmBits {
      let w = max(256, bits &+ bits / 4)
      try expect(vm, bits: w)
      // Machin-like: 46 artanh 1/31 + 34 artanh 1/49 + 20 artanh 1/161, with 32 bits for what each division cuts off.
      let (sum, term, part) = (self[12], self[13], self[14])
      __gmpz_set_ui(self[logarithm], 0)
      for (n, factor) in [(31 as UInt, 46 as UInt), (49, 34), (161, 20)] {
        __gmpz_set_ui(term, 1)
        __gmpz_mul_2exp(term, term, UInt(w &+ 32))
        _ = __gmpz_tdiv_q_ui(term, term, n)
        __gmpz_set(sum, term)
        var i: UInt = 3
        while term.pointee._mp_size != 0 {
          _ = __gmpz_tdiv_q_ui(term, term, n &* n)
          _ = __gmpz_tdiv_q_ui(part, term, i)
          __gmpz_add(sum, sum, part)
          i &+= 2
        }
        __gmpz_addmul_ui(self[logarithm], sum, factor)
      }
      __gmpz_fdiv_q_2exp(self[logarithm], self[logarithm], 32)
      logarithmBits = w
    }
    __gmpz_fdiv_q_2exp(z, self[logarithm], UInt(logarithmBits &- bits))
  }

  // MARK: fixed-point functions

  /// e^x · 2^w for `x` · 2^w, |x| < 4, with an error below 2^-w: into `z`. Uses 8 ... 11.
  static func exponential(_ z: Z, _ x: Z, _ w: Int) {
    // e^x = (e^(x / 2^k))^(2^k): squarings against terms of the series. Each squaring doubles the error.
    let k = max(4, Int(Double(w).squareRoot() * (w > 2000 ? 0.9 : 0.6)))
    let wide = w &+ 2 &* k &+ 32
    let (r, term, sum) = (self[8], self[9], self[10])
    __gmpz_mul_2exp(r, x, UInt(wide &- w))
    __gmpz_fdiv_q_2exp(r, r, UInt(k))
    __gmpz_set_ui(sum, 1)
    __gmpz_mul_2exp(sum, sum, UInt(wide))
    __gmpz_add(sum, sum, r)
    __gmpz_set(term, r)
    var i: UInt = 2
    while term.pointee._mp_size != 0 {
      __gmpz_mul(term, term, r)
      __gmpz_tdiv_q_2exp(term, term, UInt(wide))
      _ = __gmpz_tdiv_q_ui(term, term, i)
      __gmpz_add(sum, sum, term)
      i &+= 1
    }
    for _ in 0..<k {
      __gmpz_mul(sum, sum, sum)
      __gmpz_fdiv_q_2exp(sum, sum, UInt(wide))
    }
    __gmpz_fdiv_q_2exp(z, sum, UInt(wide &- w))
  }

  /// ln m · 2^w for `m` · 2^w, 0.3 < m < 3.2, where |m - 1| is about 2^-near: into `z`. Uses 2 ... 11.
  static func naturalLogarithm(_ z: Z, _ m: Z, _ w: Int, near: Int) {
    let (u, y) = (self[2], self[3])
    if near >= 64 {
      // u - u²/2 + u³/3 …
      let (term, part) = (self[4], self[5])
      __gmpz_set_ui(u, 1)
      __gmpz_mul_2exp(u, u, UInt(w))
      __gmpz_sub(u, m, u)
      __gmpz_set(y, u)
      __gmpz_set(term, u)
      var i: UInt = 2
      while term.pointee._mp_size != 0 {
        __gmpz_mul(term, term, u)
        __gmpz_tdiv_q_2exp(term, term, UInt(w))
        __gmpz_neg(term, term)
        _ = __gmpz_tdiv_q_ui(part, term, i)
        __gmpz_add(y, y, part)
        i &+= 1
      }
      __gmpz_set(z, y)
      return
    }
    // A double's logarithm, then Halley's steps: each makes three times as many bits right.
    var known = 48 &+ near
    __gmpz_set_ui(u, 1)
    __gmpz_mul_2exp(u, u, UInt(w))
    __gmpz_sub(u, m, u)
    var scale = 0
    let mantissa = __gmpz_get_d_2exp(&scale, u)
    let start = log1p(scalbn(mantissa, Int32(clamping: scale &- w)))
    var have = min(w, known &+ 16)
    // start · 2^have
    __gmpz_set_d(y, scalbn(start, Int32(have)))
    let (e, target, difference) = (self[4], self[5], self[6])
    repeat {
      known = known > w ? known : known &* 3 &- 4
      let next = min(w, known &+ 16)
      __gmpz_mul_2exp(y, y, UInt(next &- have))
      have = next
      __gmpz_fdiv_q_2exp(target, m, UInt(w &- have))
      exponential(e, y, have)
      __gmpz_sub(difference, target, e)
      __gmpz_add(target, target, e)
      __gmpz_mul_2exp(difference, difference, UInt(have &+ 1))
      __gmpz_tdiv_q(difference, difference, target)
      __gmpz_add(y, y, difference)
    } while have < w
    __gmpz_set(z, y)
  }
}

extension Rules {
  private static func bits(_ digits: Int) -> Int { Int(Double(digits) * 3.3219280948873626) &+ 1 }

  /// Rounds `d`, whose last digit may be wrong by four, half to even to a result that is not exact. Nil when that does not decide.
  private mutating func rounded(_ vm: VM, _ d: Number) throws(Raised) -> Number? {
    let drop = max(d.digits &- precision, etiny &- d.exponent)
    if drop <= d.digits {
      guard drop > 1 else { return nil }
      var low = d
      low.exponent = 0
      try Rules.keepLow(vm, &low, drop)
      let half = try Number.small(vm, 5, drop &- 1)
      var wide = Rules.widest
      let distance = try wide.add(vm, low.with(negative: false), half, negate: true)
      if distance.count == 0 || distance.count == 1 && distance.limbs[0] <= 8 { return nil }
    }
    status.formUnion([.inexact, .rounded])
    return try finalizeHalfEven(vm, d)
  }

  mutating func exponential(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a.isNegative ? .zero(0) : a
    }
    if a.count == 0 { return try Number.small(vm, 1) }
    if a.adjusted >= 19 { return try finalizeHalfEven(vm, try Number.small(vm, 1, a.isNegative ? etiny &- 1 : emax &+ 1)) }
    // (As near to 1 as libmpdec takes for 1; nearer to it the result may still be subnormal.)
    let top = a.adjusted == -(precision &+ 4) ? try Rules.leading(vm, a) : 0
    if a.adjusted <= -(precision &+ 4) && top < 9000 {
      status.formUnion([.inexact, .rounded])
      return try finalize(vm, try oneWithZeros(vm, precision &- 1))
    }
    // Results that are beyond the range anyway need no digits.
    if a.adjusted >= 2 && a.count == 1 {
      let power = Double(a.limbs[0]) * pow(10, Double(a.exponent)) * 0.4342944819
      if power > (a.isNegative ? -Double(etiny) : Double(emax)) * 1.000001 + 3 {
        return try finalizeHalfEven(vm, try Number.small(vm, 1, a.isNegative ? etiny &- 1 : emax &+ 1))
      }
    }
    var guardDigits = 8
    defer { Integers.tidy() }
    while true {
      let mark = Scratch.mark
      let shown = precision &+ guardDigits
      let w = Rules.bits(shown) &+ 8
      let wide = w &+ 72
      try Integers.expect(vm, bits: max(wide, Rules.bits(a.digits &+ Int(clamping: a.exponent.magnitude))))
      let (x, ln, k, e) = (Integers[0], Integers[1], Integers[2], Integers[3])
      // x · 2^wide
      Integers.set(x, a.limbs, a.count)
      if a.exponent >= 0 {
        try Integers.setPower(vm, k, ofTen: a.exponent)
        __gmpz_mul(x, x, k)
        __gmpz_mul_2exp(x, x, UInt(wide))
      } else {
        __gmpz_mul_2exp(x, x, UInt(wide))
        try Integers.setPower(vm, k, ofTen: 0 &- a.exponent)
        __gmpz_tdiv_q(x, x, k)
      }
      if a.isNegative { __gmpz_neg(x, x) }
      // x = k · ln 10 + r
      try Integers.logarithmOfTen(vm, ln, wide)
      __gmpz_fdiv_q(k, x, ln)
      __gmpz_submul(x, k, ln)
      let power = Int(__gmpz_get_si(k))
      __gmpz_fdiv_q_2exp(x, x, 72)
      Integers.exponential(e, x, w)
      try Integers.setPower(vm, k, ofTen: shown)
      __gmpz_mul(e, e, k)
      __gmpz_fdiv_q_2exp(e, e, UInt(w))
      var d = try Integers.number(vm, e)
      d.exponent = power &- shown
      if let n = try rounded(vm, d) { return n }
      Scratch.release(mark)
      guardDigits &*= 2
    }
  }

  mutating func naturalLogarithm(_ vm: VM, _ a: Number) throws(Raised) -> Number { try logarithm(vm, a, decimal: false) }
  mutating func decimalLogarithm(_ vm: VM, _ a: Number) throws(Raised) -> Number { try logarithm(vm, a, decimal: true) }

  private mutating func logarithm(_ vm: VM, _ a: Number, decimal: Bool) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a.isNegative ? invalid() : a
    }
    if a.count == 0 { return .infinity(negative: true) }
    if a.isNegative { return invalid() }
    // A power of ten?
    var stripped = a
    try Rules.stripZeros(vm, &stripped, Int.max)
    if stripped.count == 1 && stripped.limbs[0] == 1 {
      let e = stripped.exponent
      if decimal { return try finalizeHalfEven(vm, try Number.small(vm, e.magnitude, negative: e < 0)) }
      if e == 0 { return .zero(0) }
    }
    // a = m · 10^k, 0.31 < m < 3.2
    var k = a.adjusted
    let places: Int  // m = coefficient / 10^places
    let top = try Rules.leading(vm, a)
    if top >= 3163 {
      k &+= 1
      places = a.digits
    } else {
      places = a.digits &- 1
    }
    // How near m is to 1: digits that cancel.
    var near = 0
    if top < 3163 ? top < 1100 : top > 9000 {
      var wide = Rules.widest
      let one = try Number.small(vm, 1)
      var m = a
      m.exponent = 0 &- places
      let u = try wide.add(vm, m, one, negate: true)
      if u.count > 0 { near = max(0, -1 &- u.adjusted) }
    }
    var guardDigits = 8
    defer { Integers.tidy() }
    while true {
      let mark = Scratch.mark
      let shown = precision &+ guardDigits
      let cancelled = k == 0 ? near : 0
      let w = Rules.bits(shown &+ cancelled) &+ 24
      try Integers.expect(vm, bits: max(w, Rules.bits(a.digits)))
      let (m, l) = (Integers[0], Integers[1])
      Integers.set(m, a.limbs, a.count)
      __gmpz_mul_2exp(m, m, UInt(w))
      try Integers.setPower(vm, l, ofTen: places)
      __gmpz_fdiv_q(m, m, l)
      Integers.naturalLogarithm(l, m, w, near: Int(Double(near) * 3.3219))
      // + k · ln 10
      if k != 0 {
        try Integers.logarithmOfTen(vm, m, w &+ 64)
        __gmpz_mul_si(m, m, k)
        __gmpz_fdiv_q_2exp(m, m, 64)
        __gmpz_add(l, l, m)
      }
      let negative = l.pointee._mp_size < 0
      __gmpz_abs(l, l)
      // Digits from the first that is not zero on.
      let first = Int((Double(Integers.bits(l) &- w) * 0.30103).rounded(.down))
      let scale = max(0, shown &- first)
      try Integers.setPower(vm, m, ofTen: scale)
      __gmpz_mul(l, l, m)
      if decimal {
        try Integers.logarithmOfTen(vm, m, w)
        __gmpz_fdiv_q(l, l, m)
      } else {
        __gmpz_fdiv_q_2exp(l, l, UInt(w))
      }
      var d = try Integers.number(vm, l)
      d.exponent = 0 &- scale
      d.setNegative(negative)
      if let n = try rounded(vm, d) { return n }
      Scratch.release(mark)
      guardDigits &*= 2
    }
  }

  /// The first four digits.
  private static func leading(_ vm: VM, _ a: Number) throws(Raised) -> Int {
    if a.digits <= 4 {
      var x = Int(a.limbs[0])
      for _ in a.digits..<4 { x *= 10 }
      return x
    }
    let (q, n, _) = try Coefficient.scaledDown(vm, a.limbs, a.count, a.digits, a.digits &- 4)
    return n == 0 ? 0 : Int(q[0])
  }
}
