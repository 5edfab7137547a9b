import Glibc

/// Gamma and error functions. The gamma functions use Lanczos' approximation with g = 6.0246… and 13 coefficients, because
/// the C library's results differ in the last places.
extension MathModule {
  static func declareSpecial(_ m: inout ModuleBuilder) {
    m.function("erf", "($module, x, /)", "Error function.") { (vm, _, a) throws(Raised) in Value(Glibc.erf(try vm.asDouble(a))) }
    m.function("erfc", "($module, x, /)", "1 - erf(x), accurate for large x.") { (vm, _, a) throws(Raised) in
      Value(Glibc.erfc(try vm.asDouble(a)))
    }
    m.function("gamma", "($module, x, /)", "Gamma function.") { (vm, _, a) throws(Raised) in
      Value(try gamma(vm, try vm.asDouble(a)))
    }
    m.function("lgamma", "($module, x, /)", "Natural logarithm of the magnitude of the gamma function.") { (vm, _, a) throws(Raised) in
      Value(try logGamma(vm, try vm.asDouble(a)))
    }
  }

  private static let lanczosG = 6.024680040776729583740234375
  private static let lanczosGMinusHalf = 5.524680040776729583740234375
  private static let logPi = 1.144729885849400174143427351353058711647

  /// Coefficients of numerator and denominator, constant term first.
  private static func lanczosCoefficient(_ i: Int) -> (Double, Double) {
    switch i {
    case 0: (23531376880.410759688572007674451636754734846804940, 0)
    case 1: (42919803642.649098768957899047001988850926355848959, 39916800)
    case 2: (35711959237.355668049440185451547166705960488635843, 120543840)
    case 3: (17921034426.037209699919755754458931112671403265390, 150917976)
    case 4: (6039542586.3520280050642916443072979210699388420708, 105258076)
    case 5: (1439720407.3117216736632230727949123939715485786372, 45995730)
    case 6: (248874557.86205415651146038641322942321632125127801, 13339535)
    case 7: (31426415.585400194380614231628318205362874684987640, 2637558)
    case 8: (2876370.6289353724412254090516208496135991145378768, 357423)
    case 9: (186056.26539522349504029498971604569928220784236328, 32670)
    case 10: (8071.6720023658162106380029022722506138218516325024, 1925)
    case 11: (210.82427775157934587250973392071336271166969580291, 66)
    default: (2.5066282746310002701649081771338373386264310793408, 1)
    }
  }

  private static func lanczosSum(_ x: Double) -> Double {
    var n = 0.0, d = 0.0
    if x < 5 {
      for i in stride(from: 12, through: 0, by: -1) {
        let (p, q) = lanczosCoefficient(i)
        n = n * x + p
        d = d * x + q
      }
    } else {
      for i in 0...12 {
        let (p, q) = lanczosCoefficient(i)
        n = n / x + p
        d = d / x + q
      }
    }
    return n / d
  }

  /// sin(pi·x), exact zeros at whole numbers.
  private static func sinPi(_ x: Double) -> Double {
    let y = Glibc.fmod(x.magnitude, 2)
    let r: Double
    switch Int((2 * y).rounded(.toNearestOrAwayFromZero)) {
    case 0: r = Glibc.sin(.pi * y)
    case 1: r = Glibc.cos(.pi * (y - 0.5))
    case 2: r = Glibc.sin(.pi * (1 - y))
    case 3: r = -Glibc.cos(.pi * (y - 1.5))
    default: r = Glibc.sin(.pi * (y - 2))
    }
    return x.sign == .minus ? -r : r
  }

  static func gamma(_ vm: VM, _ x: Double) throws(Raised) -> Double {
    if !x.isFinite {
      if x.isNaN || x > 0 { return x }
      throw domainError(vm)
    }
    if x == 0 { throw domainError(vm) }
    if x == x.rounded(.down) {
      if x < 0 { throw domainError(vm) }
      if x <= 23 {
        var factorial = 1.0  // exact up to 22!
        var k = 2.0
        while k < x {
          factorial *= k
          k += 1
        }
        return factorial
      }
    }
    let m = x.magnitude
    if m < 1e-20 {
      let r = 1 / x
      if r.isInfinite { throw rangeError(vm) }
      return r
    }
    if m > 200 {
      if x < 0 { return 0 / sinPi(x) }
      throw rangeError(vm)
    }
    let y = m + lanczosGMinusHalf
    // z corrects for the rounding error of y.
    var z: Double
    if m > lanczosGMinusHalf {
      let q = y - m
      z = q - lanczosGMinusHalf
    } else {
      let q = y - lanczosGMinusHalf
      z = q - m
    }
    z = z * lanczosG / y
    var r: Double
    if x < 0 {
      r = -Double.pi / sinPi(m) / m * Glibc.exp(y) / lanczosSum(m)
      r -= z * r
      if m < 140 {
        r /= Glibc.pow(y, m - 0.5)
      } else {
        let root = Glibc.pow(y, m / 2 - 0.25)
        r /= root
        r /= root
      }
    } else {
      r = lanczosSum(m) / Glibc.exp(y)
      r += z * r
      if m < 140 {
        r *= Glibc.pow(y, m - 0.5)
      } else {
        let root = Glibc.pow(y, m / 2 - 0.25)
        r *= root
        r *= root
      }
    }
    if r.isInfinite { throw rangeError(vm) }
    return r
  }

  static func logGamma(_ vm: VM, _ x: Double) throws(Raised) -> Double {
    if x.isNaN { return x }
    if x.isInfinite { return .infinity }
    if x == x.rounded(.down) && x <= 2 {
      if x <= 0 { throw domainError(vm) }
      return 0
    }
    let m = x.magnitude
    if m < 1e-20 { return -Glibc.log(m) }
    var r = Glibc.log(lanczosSum(m)) - lanczosG
    r += (m - 0.5) * (Glibc.log(m + lanczosG - 0.5) - 1)
    if x < 0 { r = logPi - Glibc.log(sinPi(m).magnitude) - Glibc.log(m) - r }
    if r.isInfinite { throw rangeError(vm) }
    return r
  }
}
