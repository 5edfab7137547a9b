import Glibc
import PySyntax

/// Float and complex operators of Python on constants; nil where Python raises an exception.
extension Folder {
  /// The double nearest to a real number constant; nil for other types and for integers beyond the range of doubles.
  func toDouble(_ constant: Constant) -> Double? {
    switch constant {
    case .float(let value): return value
    case .bigInt:
      guard let value = BigInteger(constant) else { return nil }
      return BigInteger.quotient(value, BigInteger(1))
    default: return smallInteger(constant).map { Double($0) }
    }
  }

  func floatOperation(_ op: Operator, _ x: Double, _ y: Double) -> Constant? {
    switch op {
    case .Add: return .float(x + y)
    case .Sub: return .float(x - y)
    case .Mult: return .float(x * y)
    case .Div: return y == 0 ? nil : .float(x / y)
    case .FloorDiv: return y == 0 ? nil : .float(floatDivMod(x, y).quotient)
    case .Mod: return y == 0 ? nil : .float(floatDivMod(x, y).remainder)
    case .Pow: return floatPower(x, y)
    default: return nil
    }
  }

  /// `divmod` of floats: the remainder has the sign of the divisor, and zeros keep their signs.
  private func floatDivMod(_ x: Double, _ y: Double) -> (quotient: Double, remainder: Double) {
    var remainder = fmod(x, y)
    var quotient = (x - remainder) / y
    if remainder != 0 {
      if (y < 0) != (remainder < 0) {
        remainder += y
        quotient -= 1
      }
    } else {
      remainder = copysign(0, y)
    }
    if quotient == 0 { return (copysign(0, x / y), remainder) }
    var whole = floor(quotient)
    if quotient - whole > 0.5 { whole += 1 }
    return (whole, remainder)
  }

  private func floatPower(_ x: Double, _ y: Double) -> Constant? {
    // (0 to the power of -inf is inf.)
    if x == 0 && y < 0 && y.isFinite { return nil }
    if x < 0 && x.isFinite && y.isFinite && y != floor(y) { return complexPower((x, 0), (y, 0)) }
    let result = pow(x, y)
    if result.isInfinite && x.isFinite && y.isFinite { return nil }
    return .float(result)
  }

  typealias Complex = (real: Double, imaginary: Double)

  func toComplex(_ constant: Constant) -> Complex? {
    if case .complex(let real, let imaginary) = constant { return (real, imaginary) }
    return toDouble(constant).map { ($0, 0) }
  }

  func complexOperation(_ op: Operator, _ x: Complex, _ y: Complex) -> Constant? {
    func constant(_ value: Complex?) -> Constant? { value.map { .complex(real: $0.real, imag: $0.imaginary) } }
    switch op {
    case .Add: return .complex(real: x.real + y.real, imag: x.imaginary + y.imaginary)
    case .Sub: return .complex(real: x.real - y.real, imag: x.imaginary - y.imaginary)
    case .Mult: return constant(product(x, y))
    case .Div: return constant(quotient(x, y))
    case .Pow: return complexPower(x, y)
    default: return nil
    }
  }

  private func product(_ x: Complex, _ y: Complex) -> Complex {
    (x.real * y.real - x.imaginary * y.imaginary, x.real * y.imaginary + x.imaginary * y.real)
  }

  /// Smith's method: divide through by the larger part of the divisor.
  private func quotient(_ x: Complex, _ y: Complex) -> Complex? {
    let real = abs(y.real)
    let imaginary = abs(y.imaginary)
    if real >= imaginary {
      if real == 0 { return nil }
      let ratio = y.imaginary / y.real
      let scale = y.real + y.imaginary * ratio
      return ((x.real + x.imaginary * ratio) / scale, (x.imaginary - x.real * ratio) / scale)
    }
    if imaginary >= real {
      let ratio = y.real / y.imaginary
      let scale = y.real * ratio + y.imaginary
      return ((x.real * ratio + x.imaginary) / scale, (x.imaginary * ratio - x.real) / scale)
    }
    return (.nan, .nan)
  }

  func complexPower(_ x: Complex, _ y: Complex) -> Constant? {
    var result: Complex
    if y.imaginary == 0 && y.real == floor(y.real) && abs(y.real) <= 100 {
      let exponent = Int(y.real)
      var power: Complex = (1, 0)
      var base = x
      var bits = exponent.magnitude
      while bits > 0 {
        if bits & 1 != 0 { power = product(power, base) }
        bits >>= 1
        if bits > 0 { base = product(base, base) }
      }
      if exponent > 0 {
        result = power
      } else {
        guard let inverse = quotient((1, 0), power) else { return nil }
        result = inverse
      }
    } else if y.real == 0 && y.imaginary == 0 {
      result = (1, 0)
    } else if x.real == 0 && x.imaginary == 0 {
      if y.imaginary != 0 || y.real < 0 { return nil }
      result = (0, 0)
    } else {
      let length = hypot(x.real, x.imaginary)
      let angle = atan2(x.imaginary, x.real)
      var radius = pow(length, y.real)
      var phase = angle * y.real
      if y.imaginary != 0 {
        radius /= exp(angle * y.imaginary)
        phase += y.imaginary * log(length)
      }
      if phase.isInfinite { return nil }
      result = (radius * cos(phase), radius * sin(phase))
    }
    if result.real.isInfinite || result.imaginary.isInfinite { return nil }
    return .complex(real: result.real, imag: result.imaginary)
  }
}
