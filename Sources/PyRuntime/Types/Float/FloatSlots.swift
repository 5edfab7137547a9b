import Glibc

/// Doubles in and out of values.
enum Floats {
  /// The double of a float or an instance of a subclass.
  @inline(__always)
  static func double(_ v: Value) -> Double { v.isDouble ? v.double : v.as(FloatLayout.self).pointee.value }

  /// `float(v)` for arguments declared as floats: floats, `__float__`, then `__index__`.
  static func asDouble(_ vm: VM, _ v: Value) throws(Raised) -> Double {
    if v.isFloat { return double(v) }
    if v.isInt { return try IntDouble.double(vm, Ints.exact(v)) }
    let slots = v.type.pointee.slots
    if let slot = slots.float {
      let r = try slot(vm, v)
      return r.isDouble ? r.double : try checked(vm, v, r)
    }
    if slots.index != nil { return try IntDouble.double(vm, try vm.index(v)) }
    throw vm.raise(.typeError, "must be real number, not \(v.typeName)")
  }

  /// What `v.__float__` answered, where that is no exact float.
  static func checked(_ vm: VM, _ v: Value, _ r: Value) throws(Raised) -> Double {
    if !r.isFloat { throw vm.raise(.typeError, "\(v.typeName).__float__ returned non-float (type \(r.typeName))") }
    try vm.warn(
      .deprecationWarning,
      "\(v.typeName).__float__ returned non-float (type \(r.typeName)).  The ability to return an instance of a strict subclass of float is deprecated, and may not be supported in a future version of Python."
    )
    return double(r)
  }

  /// Operand of a float operator: nil for what is neither float nor int.
  @inline(__always)
  static func operand(_ vm: VM, _ v: Value) throws(Raised) -> Double? {
    if v.isDouble { return v.double }
    if v.isSmallInt { return Double(v.smallInt) }
    return try operandSlowly(vm, v)
  }
  @inline(never)
  private static func operandSlowly(_ vm: VM, _ v: Value) throws(Raised) -> Double? {
    if v.isFloat { return double(v) }
    if v.isInt { return try IntDouble.double(vm, Ints.exact(v)) }
    return nil
  }
}

/// The operators of `float` as type slots.
enum FloatSlots {
  static func install(_ t: inout TypeBuilder) {
    var s = t.slots
    s.repr = NoArgsCode { (vm, a) throws(Raised) in try FloatText.repr(vm, Floats.double(a)) }
    s.hash = HashCode { (_, a) throws(Raised) in hash(a) }
    s.compare = CompareCode(compare)
    s.add = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      return Value(x + y)
    }
    s.subtract = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      return Value(x - y)
    }
    s.multiply = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      return Value(x * y)
    }
    s.trueDivide = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      if y == 0 { throw vm.raise(.zeroDivisionError, "float division by zero") }
      return Value(x / y)
    }
    s.floorDivide = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      if y == 0 { throw vm.raise(.zeroDivisionError, "float floor division by zero") }
      return Value(FloatArithmetic.floorDivMod(x, y).0)
    }
    s.remainder = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      if y == 0 { throw vm.raise(.zeroDivisionError, "float modulo") }
      return Value(FloatArithmetic.remainder(x, y))
    }
    s.divmod = OneCode { (vm, a, b) throws(Raised) in
      guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
      if y == 0 { throw vm.raise(.zeroDivisionError, "float divmod()") }
      let (q, r) = FloatArithmetic.floorDivMod(x, y)
      return try vm.tuple(Value(q), Value(r))
    }
    s.power = TwoCode(power)
    s.negative = NoArgsCode { (_, a) throws(Raised) in Value(-Floats.double(a)) }
    s.positive = NoArgsCode { (_, a) throws(Raised) in Value(Floats.double(a)) }
    s.absolute = NoArgsCode { (_, a) throws(Raised) in Value(Floats.double(a).magnitude) }
    s.bool = TestCode { (_, a) throws(Raised) in Floats.double(a) != 0 }
    s.int = NoArgsCode { (vm, a) throws(Raised) in try IntDouble.int(vm, Floats.double(a)) }
    s.float = NoArgsCode { (_, a) throws(Raised) in Value(Floats.double(a)) }
    t.slots = s
  }

  /// NaNs hash as objects do, by identity.
  static func hash(_ a: Value) -> Int {
    let d = Floats.double(a)
    if d.isNaN { return ObjectType.identityHash(a) }
    return FloatArithmetic.hash(d)
  }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    if a.isFloat && b.isFloat { return answer(Floats.double(a), Floats.double(b), op) }
    if a.isFloat && b.isInt { return mixed(Floats.double(a), Ints.exact(b), op) }
    if a.isInt && b.isFloat { return mixed(Floats.double(b), Ints.exact(a), op.swapped) }
    return .notImplemented
  }

  /// `d op i`, exact however large the int.
  private static func mixed(_ d: Double, _ i: Value, _ op: CompareOp) -> Value {
    if i.isSmallInt || d.isNaN { return answer(d, i.isSmallInt ? Double(i.smallInt) : 0, op) }
    return IntCompare.answer(0 &- IntDouble.compare(i, d), op)
  }

  @inline(__always)
  static func answer(_ x: Double, _ y: Double, _ op: CompareOp) -> Value {
    switch op {
    case .lt: .bool(x < y)
    case .le: .bool(x <= y)
    case .eq: .bool(x == y)
    case .ne: .bool(x != y)
    case .gt: .bool(x > y)
    case .ge: .bool(x >= y)
    }
  }

  static func power(_ vm: VM, _ a: Value, _ b: Value, _ modulus: Value) throws(Raised) -> Value {
    if !modulus.isNull && !modulus.isNone {
      throw vm.raise(.typeError, "pow() 3rd argument not allowed unless all arguments are integers")
    }
    guard let x = try Floats.operand(vm, a), let y = try Floats.operand(vm, b) else { return .notImplemented }
    if x < 0 && x.isFinite && y.isFinite && y != y.rounded(.down) {
      return try ComplexSlots.make(vm, try ComplexArithmetic.power(vm, (x, 0), (y, 0)))
    }
    return Value(try FloatArithmetic.power(vm, x, y))
  }
}
