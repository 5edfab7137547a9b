import Glibc

typealias ComplexNumber = (Double, Double)

/// Complex arithmetic as CPython does it, special values included.
enum ComplexArithmetic {
  static func multiply(_ a: ComplexNumber, _ b: ComplexNumber) -> ComplexNumber {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
  }

  /// Smith's method; nil for a zero divisor.
  static func divide(_ a: ComplexNumber, _ b: ComplexNumber) -> ComplexNumber? {
    let re = b.0.magnitude, im = b.1.magnitude
    if re >= im {
      if re == 0 { return nil }
      let ratio = b.1 / b.0
      let denominator = b.0 + b.1 * ratio
      return ((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator)
    }
    if im >= re {
      let ratio = b.0 / b.1
      let denominator = b.0 * ratio + b.1
      return ((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator)
    }
    return (.nan, .nan)
  }

  static func power(_ vm: VM, _ a: ComplexNumber, _ b: ComplexNumber) throws(Raised) -> ComplexNumber {
    let r: ComplexNumber
    errno = 0
    if b.1 == 0 && b.0 == b.0.rounded(.down) && b.0.magnitude <= 100 {
      r = try integerPower(vm, a, Int(b.0))
    } else {
      r = try generalPower(vm, a, b)
    }
    // The C library reports functions of infinities as domain errors, which Python shows as if zero had been the base.
    if errno == EDOM { throw zeroToNegative(vm) }
    if r.0.isInfinite || r.1.isInfinite { throw vm.raise(.overflowError, "complex exponentiation") }
    return r
  }

  private static func generalPower(_ vm: VM, _ a: ComplexNumber, _ b: ComplexNumber) throws(Raised) -> ComplexNumber {
    if b.0 == 0 && b.1 == 0 { return (1, 0) }
    if a.0 == 0 && a.1 == 0 {
      if b.1 != 0 || b.0 < 0 { throw zeroToNegative(vm) }
      return (0, 0)
    }
    let vabs = hypot(a.0, a.1)
    var length = pow(vabs, b.0)
    let at = atan2(a.1, a.0)
    var phase = at * b.0
    if b.1 != 0 {
      length /= exp(at * b.1)
      phase += b.1 * log(vabs)
    }
    return (length * cos(phase), length * sin(phase))
  }

  private static func zeroToNegative(_ vm: VM) -> Raised {
    vm.raise(.zeroDivisionError, "0.0 to a negative or complex power")
  }

  private static func integerPower(_ vm: VM, _ a: ComplexNumber, _ n: Int) throws(Raised) -> ComplexNumber {
    func positive(_ x: ComplexNumber, _ n: Int) -> ComplexNumber {
      var result: ComplexNumber = (1, 0)
      var p = x
      var mask = 1
      while mask > 0 && n >= mask {
        if n & mask != 0 { result = multiply(result, p) }
        mask <<= 1
        p = multiply(p, p)
      }
      return result
    }
    if n > 0 { return positive(a, n) }
    guard let r = divide((1, 0), positive(a, -n)) else { throw zeroToNegative(vm) }
    return r
  }
}
