import Glibc

/// Rounding, taking floats apart and putting them together.
extension MathModule {
  static func declareParts(_ m: inout ModuleBuilder) {
    m.function("ceil", "($module, x, /)", "Smallest int that is not less than x.") { (vm, _, a) throws(Raised) in
      if a.isDouble { return try IntDouble.int(vm, a.double.rounded(.up)) }
      let method = try vm.lookupSpecial(a, rt.names.__ceil__)
      if !method.isNull { return try vm.call(method) }
      return try IntDouble.int(vm, try vm.asDouble(a).rounded(.up))
    }
    m.function("floor", "($module, x, /)", "Largest int that is not greater than x.") { (vm, _, a) throws(Raised) in
      if a.isDouble { return try IntDouble.int(vm, a.double.rounded(.down)) }
      let method = try vm.lookupSpecial(a, rt.names.__floor__)
      if !method.isNull { return try vm.call(method) }
      return try IntDouble.int(vm, try vm.asDouble(a).rounded(.down))
    }
    m.function("trunc", "($module, x, /)", "Integral part of x, by its __trunc__ method.") { (vm, _, a) throws(Raised) in
      if a.isDouble { return try IntDouble.int(vm, a.double) }
      let method = try vm.lookupSpecial(a, "__trunc__")
      if method.isNull { throw vm.raise(.typeError, "type \(a.typeName) doesn't define __trunc__ method") }
      return try vm.call(method)
    }
    m.function("frexp", "($module, x, /)", "Pair (m, e) with x == m * 2**e and 0.5 <= abs(m) < 1.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      if !x.isFinite || x == 0 { return try vm.tuple(Value(x), Value(smallInt: 0)) }
      let (fraction, exponent) = FloatArithmetic.split(x)
      return try vm.tuple(Value(fraction), Value(smallInt: Int(exponent)))
    }
    m.function("ldexp", "($module, x, i, /)", "x * 2**i") { (vm, _, a, b) throws(Raised) in
      let x = try vm.asDouble(a)
      guard b.isInt else { throw vm.raise(.typeError, "Expected an int as second argument to ldexp.") }
      if !x.isFinite || x == 0 { return Value(x) }
      let i = Ints.exact(b)
      let e = i.isSmallInt ? max(-100_000, min(100_000, i.smallInt)) : Ints.sign(i) * 100_000
      let r = scalbn(x, Int32(e))
      if r.isInfinite { throw rangeError(vm) }
      return Value(r)
    }
    m.function("modf", "($module, x, /)", "Fractional and integral part of x, both with its sign.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a)
      if x.isInfinite { return try vm.tuple(Value(Double(signOf: x, magnitudeOf: 0)), Value(x)) }
      if x.isNaN { return try vm.tuple(Value(x), Value(x)) }
      let whole = x.rounded(.towardZero)
      return try vm.tuple(Value(Double(signOf: x, magnitudeOf: x - whole)), Value(whole))
    }
    m.function("nextafter", "($module, x, y, /)", "The next float after x towards y.") { (vm, _, a, b) throws(Raised) in
      Value(Glibc.nextafter(try vm.asDouble(a), try vm.asDouble(b)))
    }
    m.function("ulp", "($module, x, /)", "Value of the lowest bit of x.") { (vm, _, a) throws(Raised) in
      let x = try vm.asDouble(a).magnitude
      if !x.isFinite { return Value(x) }
      let above = Glibc.nextafter(x, Double.infinity)
      return Value(above.isInfinite ? x - Glibc.nextafter(x, -Double.infinity) : above - x)
    }
    m.function(
      "isclose", "($module, /, a, b, *, rel_tol=1e-09, abs_tol=0.0)",
      "Whether two numbers differ by no more than a relative or an absolute tolerance.", isClose)
  }

  static func isClose(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    let a = try vm.asDouble(args[0]), b = try vm.asDouble(args[1])
    let relative = args[2].isNull ? 1e-09 : try vm.asDouble(args[2])
    let absolute = args[3].isNull ? 0 : try vm.asDouble(args[3])
    if relative < 0 || absolute < 0 { throw vm.raise(.valueError, "tolerances must be non-negative") }
    if a == b { return .true }
    if a.isInfinite || b.isInfinite { return .false }
    let difference = (b - a).magnitude
    return .bool(difference <= (relative * b).magnitude || difference <= (relative * a).magnitude || difference <= absolute)
  }
}
