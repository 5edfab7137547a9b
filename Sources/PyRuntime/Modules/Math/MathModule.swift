import Glibc

/// `math`: declaration. Functions of one double live here, the others in the files beside.
enum MathModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Mathematical functions of the C standard, on doubles, and a few on integers.")
    m.value("pi", Value(Double.pi))
    m.value("e", Value(2.718281828459045))
    m.value("tau", Value(2 * Double.pi))
    m.value("inf", Value(Double.infinity))
    m.value("nan", Value(Double.nan))
    declareElementary(&m)
    declareSpecial(&m)
    declareParts(&m)
    declareIntegers(&m)
    declareSums(&m)
  }

  static func domainError(_ vm: VM) -> Raised { vm.raise(.valueError, "math domain error") }
  static func rangeError(_ vm: VM) -> Raised { vm.raise(.overflowError, "math range error") }

  /// Result of a function of one double: a NaN or an infinity that the argument does not explain is an error.
  @inline(__always)
  static func checked(_ vm: VM, _ x: Double, _ r: Double, canOverflow: Bool = false) throws(Raised) -> Value {
    if r.isFinite { return Value(r) }
    if r.isNaN && !x.isNaN { throw domainError(vm) }
    if r.isInfinite && x.isFinite { throw canOverflow ? rangeError(vm) : domainError(vm) }
    return Value(r)
  }

  private static func declareElementary(_ m: inout ModuleBuilder) {
    m.function("acos", "($module, x, /)", "Arc cosine in radians, from 0 to pi.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.acos(x))
    }
    m.function("acosh", "($module, x, /)", "Inverse hyperbolic cosine.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.acosh(x))
    }
    m.function("asin", "($module, x, /)", "Arc sine in radians, from -pi/2 to pi/2.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.asin(x))
    }
    m.function("asinh", "($module, x, /)", "Inverse hyperbolic sine.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.asinh(x))
    }
    m.function("atan", "($module, x, /)", "Arc tangent in radians, from -pi/2 to pi/2.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.atan(x))
    }
    m.function("atanh", "($module, x, /)", "Inverse hyperbolic tangent.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.atanh(x))
    }
    m.function("cbrt", "($module, x, /)", "Cube root.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.cbrt(x))
    }
    m.function("cos", "($module, x, /)", "Cosine of an angle in radians.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.cos(x))
    }
    m.function("cosh", "($module, x, /)", "Hyperbolic cosine.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.cosh(x), canOverflow: true)
    }
    m.function("exp", "($module, x, /)", "e to the power of x.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.exp(x), canOverflow: true)
    }
    m.function("exp2", "($module, x, /)", "2 to the power of x.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.exp2(x), canOverflow: true)
    }
    m.function("expm1", "($module, x, /)", "exp(x) - 1, accurate for small x.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.expm1(x), canOverflow: true)
    }
    m.function("fabs", "($module, x, /)", "Absolute value as a float.") { (vm, _, a) throws(Raised) in
      Value(try vm.asDouble(a).magnitude)
    }
    m.function("log1p", "($module, x, /)", "Natural logarithm of 1 + x, accurate for small x.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, x == 0 ? x : Glibc.log1p(x))
    }
    m.function("sin", "($module, x, /)", "Sine of an angle in radians.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.sin(x))
    }
    m.function("sinh", "($module, x, /)", "Hyperbolic sine.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.sinh(x), canOverflow: true)
    }
    m.function("sqrt", "($module, x, /)", "Square root.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, x.squareRoot())
    }
    m.function("tan", "($module, x, /)", "Tangent of an angle in radians.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.tan(x))
    }
    m.function("tanh", "($module, x, /)", "Hyperbolic tangent.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      return try checked(vm, x, Glibc.tanh(x))
    }
    m.function("degrees", "($module, x, /)", "Radians to degrees.") { (vm, _, a) throws(Raised) in
      Value(try vm.asDouble(a) * (180.0 / Double.pi))
    }
    m.function("radians", "($module, x, /)", "Degrees to radians.") { (vm, _, a) throws(Raised) in
      Value(try vm.asDouble(a) * (Double.pi / 180.0))
    }
    m.function("isfinite", "($module, x, /)", "Whether x is neither infinite nor a NaN.") { (vm, _, a) throws(Raised) in
      .bool(try vm.asDouble(a).isFinite)
    }
    m.function("isinf", "($module, x, /)", "Whether x is infinite.") { (vm, _, a) throws(Raised) in
      .bool(try vm.asDouble(a).isInfinite)
    }
    m.function("isnan", "($module, x, /)", "Whether x is a NaN.") { (vm, _, a) throws(Raised) in
      .bool(try vm.asDouble(a).isNaN)
    }
    m.function("log", nil, "log(x, [base=math.e])\nLogarithm of x, natural unless a base is given.", log)
    m.function("log2", "($module, x, /)", "Logarithm to base 2.") { (vm, _, a) throws(Raised) in
      try logarithm(vm, a) { Glibc.log2($0) }
    }
    m.function("log10", "($module, x, /)", "Logarithm to base 10.") { (vm, _, a) throws(Raised) in
      try logarithm(vm, a) { Glibc.log10($0) }
    }
    m.function("atan2", "($module, y, x, /)", "Angle of the point (x, y) in radians, from -pi to pi.") { (vm, _, a, b) throws(Raised) in
      Value(Glibc.atan2(try vm.asDouble(a), try vm.asDouble(b)))
    }
    m.function("copysign", "($module, x, y, /)", "Magnitude of x with the sign of y.") { (vm, _, a, b) throws(Raised) in
      let x = try vm.asDouble(a)
      return Value(Double(signOf: try vm.asDouble(b), magnitudeOf: x))
    }
    m.function("remainder", "($module, x, y, /)", "Difference between x and the multiple of y nearest to it.") {
      (vm, _, a, b) throws(Raised) in
      let x = try vm.asDouble(a), y = try vm.asDouble(b)
      let r = Glibc.remainder(x, y)
      if r.isNaN && !x.isNaN && !y.isNaN { throw domainError(vm) }
      return Value(r)
    }
    m.function("fmod", "($module, x, y, /)", "Remainder of x / y with the sign of x.") { (vm, _, a, b) throws(Raised) in
      let x = try vm.asDouble(a), y = try vm.asDouble(b)
      if y.isInfinite && x.isFinite { return Value(x) }
      let r = Glibc.fmod(x, y)
      if r.isNaN && !x.isNaN && !y.isNaN { throw domainError(vm) }
      return Value(r)
    }
    m.function("pow", "($module, x, y, /)", "x to the power of y.", power)
  }

  /// Logarithms take ints of any size.
  static func logarithm(_ vm: VM, _ a: Value, _ function: (Double) -> Double) throws(Raised) -> Value {
    if a.isInt {
      let i = Ints.exact(a)
      if Ints.sign(i) <= 0 { throw domainError(vm) }
      if let d = IntDouble.double(i) { return Value(function(d)) }
      let bits = IntBits.bitLength(i)
      let top = try IntBits.shiftRight(vm, i, bits - 64)
      let sticky = Ints.low64(top) | 1
      let fraction = scalbn(IntDouble.rounded(UInt(sticky), 0, sticky: true) ?? 0, -64)
      return Value(function(fraction) + function(2) * Double(bits))
    }
    let x = try vm.asDouble(a)
    if x.isInfinite && x > 0 { return Value(x) }
    if x <= 0 { throw domainError(vm) }
    return try checked(vm, x, function(x))
  }

  static func log(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "math.log() takes no keyword arguments") }
    if args.count < 1 || args.count > 2 { throw vm.raise(.typeError, "math.log requires 1 to 2 arguments") }
    let n = try logarithm(vm, args[0]) { Glibc.log($0) }
    if args.count == 1 { return n }
    let d = try logarithm(vm, args[1]) { Glibc.log($0) }
    if d.double == 0 { throw vm.raise(.zeroDivisionError, "float division by zero") }
    return Value(n.double / d.double)
  }

  static func power(_ vm: VM, _ module: Value, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let x = try vm.asDouble(a), y = try vm.asDouble(b)
    if x.isFinite && y.isFinite {
      let r = Glibc.pow(x, y)
      if r.isNaN { throw domainError(vm) }
      if r.isInfinite { throw x == 0 ? domainError(vm) : rangeError(vm) }
      return Value(r)
    }
    if x.isNaN { return Value(y == 0 ? 1 : x) }
    if y.isNaN { return Value(x == 1 ? 1 : y) }
    if x.isInfinite {
      let odd = y.isFinite && Glibc.fmod(y.magnitude, 2) == 1
      if y > 0 { return Value(odd ? x : x.magnitude) }
      if y == 0 { return Value(1.0) }
      return Value(odd ? Double(signOf: x, magnitudeOf: 0) : 0.0)
    }
    let m = x.magnitude
    if m == 1 { return Value(1.0) }
    return Value((y > 0) == (m > 1) ? Double.infinity : 0.0)
  }
}
