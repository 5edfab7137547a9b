/// The operators of `int` as type slots: operands in source order, either may be of another type.
enum IntSlots {
  static func install(_ t: inout TypeBuilder) {
    var s = t.slots
    s.repr = NoArgsCode(repr)
    s.hash = HashCode { (_, a) throws(Raised) in IntCompare.hash(Ints.exact(a)) }
    s.compare = CompareCode(compare)
    s.add = OneCode(add)
    s.subtract = OneCode(subtract)
    s.multiply = OneCode(multiply)
    s.remainder = OneCode(remainder)
    s.divmod = OneCode(divmod)
    s.power = TwoCode(power)
    s.negative = NoArgsCode { (vm, a) throws(Raised) in try IntArithmetic.negate(vm, Ints.exact(a)) }
    s.positive = NoArgsCode { (_, a) throws(Raised) in Ints.exact(a) }
    s.absolute = NoArgsCode { (vm, a) throws(Raised) in try IntArithmetic.absolute(vm, Ints.exact(a)) }
    s.bool = TestCode { (_, a) throws(Raised) in Ints.exact(a) != Value(smallInt: 0) }
    s.invert = NoArgsCode { (vm, a) throws(Raised) in try IntBits.invert(vm, Ints.exact(a)) }
    s.leftShift = OneCode(leftShift)
    s.rightShift = OneCode(rightShift)
    s.and = OneCode(and)
    s.xor = OneCode(xor)
    s.or = OneCode(or)
    s.int = NoArgsCode { (_, a) throws(Raised) in Ints.exact(a) }
    s.float = NoArgsCode { (vm, a) throws(Raised) in Value(try IntDouble.double(vm, Ints.exact(a))) }
    s.floorDivide = OneCode(floorDivide)
    s.trueDivide = OneCode(trueDivide)
    s.index = NoArgsCode { (_, a) throws(Raised) in Ints.exact(a) }
    t.slots = s
  }

  static func repr(_ vm: VM, _ a: Value) throws(Raised) -> Value { try IntText.decimal(vm, Ints.exact(a)) }

  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return IntCompare.answer(IntCompare.order(Ints.exact(a), Ints.exact(b)), op)
  }

  static func add(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntArithmetic.add(vm, Ints.exact(a), Ints.exact(b))
  }
  static func subtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntArithmetic.subtract(vm, Ints.exact(a), Ints.exact(b))
  }
  static func multiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntArithmetic.multiply(vm, Ints.exact(a), Ints.exact(b))
  }
  static func floorDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntArithmetic.floorDivide(vm, Ints.exact(a), Ints.exact(b))
  }
  static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntArithmetic.remainder(vm, Ints.exact(a), Ints.exact(b))
  }
  static func divmod(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    let y = Ints.exact(b)
    if y == Value(smallInt: 0) { throw vm.raise(.zeroDivisionError, "integer division or modulo by zero") }
    let (q, r) = try IntArithmetic.floorDivMod(vm, Ints.exact(a), y)
    return try vm.tuple(q, r)
  }
  static func trueDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return Value(try IntArithmetic.trueDivide(vm, Ints.exact(a), Ints.exact(b)))
  }
  static func power(_ vm: VM, _ a: Value, _ b: Value, _ modulus: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    let x = Ints.exact(a), n = Ints.exact(b)
    if modulus.isNull || modulus.isNone {
      // A negative exponent gives a float.
      if Ints.sign(n) < 0 { return Value(try FloatArithmetic.power(vm, try IntDouble.double(vm, x), try IntDouble.double(vm, n))) }
      return try IntPower.power(vm, x, n)
    }
    guard modulus.isInt else { return .notImplemented }
    return try IntPower.power(vm, x, n, modulus: Ints.exact(modulus))
  }
  static func leftShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntBits.leftShift(vm, Ints.exact(a), Ints.exact(b))
  }
  static func rightShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntBits.rightShift(vm, Ints.exact(a), Ints.exact(b))
  }
  static func and(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntBits.combine(vm, .and, Ints.exact(a), Ints.exact(b))
  }
  static func or(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntBits.combine(vm, .or, Ints.exact(a), Ints.exact(b))
  }
  static func xor(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard a.isInt, b.isInt else { return .notImplemented }
    return try IntBits.combine(vm, .xor, Ints.exact(a), Ints.exact(b))
  }
}
