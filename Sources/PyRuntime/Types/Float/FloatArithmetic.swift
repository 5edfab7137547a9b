import Glibc

/// Python's semantics of operations on doubles.
enum FloatArithmetic {
  /// Quotient rounded down, and the remainder with the divisor's sign. `b` is not zero.
  static func floorDivMod(_ a: Double, _ b: Double) -> (Double, Double) {
    var r = fmod(a, b)
    // a - r is nearly a multiple of b, so the division is exact up to rounding.
    var q = (a - r) / b
    if r != 0 {
      if (b < 0) != (r < 0) {
        r += b
        q -= 1
      }
    } else {
      r = Double(signOf: b, magnitudeOf: 0)
    }
    if q != 0 {
      var f = q.rounded(.down)
      if q - f > 0.5 { f += 1 }
      return (f, r)
    }
    return (Double(signOf: a / b, magnitudeOf: 0), r)
  }

  static func remainder(_ a: Double, _ b: Double) -> Double {
    var r = fmod(a, b)
    if r != 0 {
      if (b < 0) != (r < 0) { r += b }
    } else {
      r = Double(signOf: b, magnitudeOf: 0)
    }
    return r
  }

  /// `a ** b`; a negative base with a fractional exponent is complex and not handled here (see `FloatSlots.power`).
  static func power(_ vm: VM, _ a: Double, _ b: Double) throws(Raised) -> Double {
    if b == 0 || a == 1 { return 1 }
    if a.isNaN || b.isNaN { return .nan }
    if b.isInfinite {
      let m = a.magnitude
      if m == 1 { return 1 }
      return (b > 0) == (m > 1) ? .infinity : 0
    }
    let oddInteger = fmod(b.magnitude, 2) == 1
    if a.isInfinite {
      if b > 0 { return oddInteger ? a : .infinity }
      return oddInteger ? Double(signOf: a, magnitudeOf: 0) : 0
    }
    if a == 0 {
      if b < 0 { throw vm.raise(.zeroDivisionError, "0.0 cannot be raised to a negative power") }
      return oddInteger ? a : 0
    }
    let r = pow(a, b)
    if r.isInfinite { throw vm.raiseOutOfRange() }
    return r
  }

  /// `d` as m · 2^e with 0.5 ≤ |m| < 1, for finite `d` that are not zero. (Swift's `frexp` loses the sign.)
  static func split(_ d: Double) -> (Double, Int) {
    if d == 0 || !d.isFinite { return (d, 0) }
    return (Double(signOf: d, magnitudeOf: d.significand / 2), Int(d.exponent) + 1)
  }

  static func hash(_ d: Double) -> Int {
    if d.isInfinite { return d > 0 ? 314_159 : -314_159 }
    let (mantissa, exponent) = split(d)
    var m = mantissa.magnitude
    var e = Int(exponent)
    var x: UInt = 0
    let p = IntCompare.hashModulus
    // 28 bits at a time: multiplying by 2 modulo 2^61 - 1 is a rotation.
    while m != 0 {
      x = ((x << 28) & p) | x >> 33
      m *= 268_435_456
      e &-= 28
      let y = UInt(m)
      m -= Double(y)
      x &+= y
      if x >= p { x &-= p }
    }
    let shift = UInt(e >= 0 ? e % 61 : 60 &- (-1 &- e) % 61)
    x = ((x << shift) & p) | x >> (61 &- shift)
    var h = d < 0 ? 0 &- Int(x) : Int(x)
    if h == -1 { h = -2 }
    return h
  }
}

extension VM {
  /// OverflowError as C's ERANGE gives it.
  func raiseOutOfRange() -> Raised {
    do throws(Raised) {
      let args = try tuple(Value(smallInt: 34), try str("Numerical result out of range"))
      return raise(try call(Value(rt.types[.overflowError]), tuple: args))
    } catch { return error }
  }
}
