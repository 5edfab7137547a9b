import Glibc

/// The operators of `complex` as type slots.
enum ComplexSlots {
  static func make(_ vm: VM, _ c: ComplexNumber) throws(Raised) -> Value { try make(vm, rt.types.complex, c) }
  static func make(_ vm: VM, _ type: TypeRef, _ c: ComplexNumber) throws(Raised) -> Value {
    let cell = try vm.instance(ComplexLayout.self, of: type)
    cell.pointee.real = c.0
    cell.pointee.imaginary = c.1
    return Value(cell)
  }
  static func isComplex(_ v: Value) -> Bool {
    v.isCell && (v.cellType == rt.types.complex || v.cellType.isSubtype(of: rt.types.complex))
  }
  static func number(_ v: Value) -> ComplexNumber {
    let c = v.as(ComplexLayout.self)
    return (c.pointee.real, c.pointee.imaginary)
  }
  /// Nil for what is no number.
  static func operand(_ vm: VM, _ v: Value) throws(Raised) -> ComplexNumber? {
    if isComplex(v) { return number(v) }
    guard let d = try Floats.operand(vm, v) else { return nil }
    return (d, 0)
  }

  static func install(_ t: inout TypeBuilder) {
    var s = t.slots
    s.repr = NoArgsCode(repr)
    s.hash = HashCode { (_, a) throws(Raised) in hash(number(a)) }
    s.compare = CompareCode(compare)
    s.add = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try operand(vm, a), let y = try operand(vm, b) else { return .notImplemented }
      return try make(vm, (x.0 + y.0, x.1 + y.1))
    }
    s.subtract = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try operand(vm, a), let y = try operand(vm, b) else { return .notImplemented }
      return try make(vm, (x.0 - y.0, x.1 - y.1))
    }
    s.multiply = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try operand(vm, a), let y = try operand(vm, b) else { return .notImplemented }
      return try make(vm, ComplexArithmetic.multiply(x, y))
    }
    s.trueDivide = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try operand(vm, a), let y = try operand(vm, b) else { return .notImplemented }
      guard let q = ComplexArithmetic.divide(x, y) else { throw vm.raise(.zeroDivisionError, "complex division by zero") }
      return try make(vm, q)
    }
    s.power = TwoCode { (vm, a, b, modulus) throws(Raised) in
      guard let x = try operand(vm, a), let y = try operand(vm, b) else { return .notImplemented }
      if !modulus.isNull && !modulus.isNone { throw vm.raise(.valueError, "complex modulo") }
      return try make(vm, try ComplexArithmetic.power(vm, x, y))
    }
    s.negative = NoArgsCode { (vm, a) throws(Raised) in
      let c = number(a)
      return try make(vm, (-c.0, -c.1))
    }
    s.positive = NoArgsCode { (vm, a) throws(Raised) in
      a.cellType == rt.types.complex ? a : try make(vm, number(a))
    }
    s.absolute = NoArgsCode { (vm, a) throws(Raised) in Value(try absolute(vm, number(a))) }
    s.bool = TestCode { (_, a) throws(Raised) in
      let c = number(a)
      return c.0 != 0 || c.1 != 0
    }
    t.slots = s
  }

  static func absolute(_ vm: VM, _ c: ComplexNumber) throws(Raised) -> Double {
    if c.0.isFinite && c.1.isFinite {
      let r = hypot(c.0, c.1)
      if !r.isFinite { throw vm.raise(.overflowError, "absolute value too large") }
      return r
    }
    return c.0.isInfinite || c.1.isInfinite ? .infinity : .nan
  }

  static func hash(_ c: ComplexNumber) -> Int {
    let re = c.0.isNaN ? 0 : FloatArithmetic.hash(c.0), im = c.1.isNaN ? 0 : FloatArithmetic.hash(c.1)
    let h = re &+ 1_000_003 &* im
    return h == -1 ? -2 : h
  }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne else { return .notImplemented }
    let (c, other) = isComplex(a) ? (a, b) : (b, a)
    guard isComplex(c) else { return .notImplemented }
    let x = number(c)
    let equal: Bool
    if other.isInt {
      equal = x.1 == 0 && !x.0.isNaN && IntDouble.compare(Ints.exact(other), x.0) == 0
    } else if other.isFloat {
      equal = x.1 == 0 && x.0 == Floats.double(other)
    } else if isComplex(other) {
      let y = number(other)
      equal = x.0 == y.0 && x.1 == y.1
    } else {
      return .notImplemented
    }
    return .bool(equal == (op == .eq))
  }

  static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = number(v)
    var out: [UInt8] = []
    if c.0 == 0 && c.0.sign == .plus {
      FloatText.appendRepr(c.1, &out, addPointZero: false)
      out.append(106)
    } else {
      out.append(40)
      FloatText.appendRepr(c.0, &out, addPointZero: false)
      FloatText.appendRepr(c.1, &out, addPointZero: false, alwaysSign: true)
      out.append(contentsOf: [106, 41])
    }
    return try out.withUnsafeBytesTyped { p throws(Raised) in try vm.str(latin1: p) }
  }
}
