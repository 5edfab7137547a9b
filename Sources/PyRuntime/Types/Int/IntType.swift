/// `int`: declaration of the type. Exact ints are inline values or `BigIntLayout` cells; instances of Python subclasses are
/// `IntSubclassLayout` cells, which is what the type's instance size stands for.
enum IntType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "int([x]) -> integer\nint(x, base=10) -> integer\n\nThe integer that a number, or text in the given base, stands for.\n\n>>> int('0x1f', base=0)\n31"
    )
    t.flags.formUnion([.baseType, .intSubclass, .matchSelf])
    t.trace { cell, tracer in
      // A big int has no references; a subclass instance has its exact value.
      let header = cell.assumingMemoryBound(to: CellHeader.self)
      if header.pointee.type != rt.types.int { Tracer(tracer).visit(cell.assumingMemoryBound(to: IntSubclassLayout.self).pointee.value) }
    }
    IntSlots.install(&t)
    var s = t.slots
    s.new = NewCode(IntNew.new)
    t.slots = s
    t.method("conjugate", nil, "The number itself: it has no imaginary part.", same)
    t.method("bit_length", "($self, /)", "Number of binary digits of the magnitude; 0 for 0.\n\n>>> (-12).bit_length()\n4", bitLength)
    t.method("bit_count", "($self, /)", "Number of ones among the binary digits of the magnitude.\n\n>>> (11).bit_count()\n3", bitCount)
    t.method(
      "to_bytes", "($self, /, length=1, byteorder='big', *, signed=False)", "The number as bytes in two's complement or plain binary.",
      IntBytes.toBytes)
    t.classMethod(
      "from_bytes", "($type, /, bytes, byteorder='big', *, signed=False)", "The number that bytes stand for.", IntBytes.fromBytes)
    t.method("as_integer_ratio", "($self, /)", "The pair (self, 1).\n\n>>> (-8).as_integer_ratio()\n(-8, 1)", ratio)
    t.method("__trunc__", nil, "The number itself.", same)
    t.method("__floor__", nil, "The number itself.", same)
    t.method("__ceil__", nil, "The number itself.", same)
    t.method(
      "__round__", "($self, ndigits=<unrepresentable>, /)", "Rounded, half to even, to a multiple of 10**-ndigits if that is negative.",
      round)
    t.method("__getnewargs__", "($self, /)", nil, newArguments)
    t.method("__format__", "($self, format_spec, /)", "Text of the number as the specification says.", format)
    t.method("__sizeof__", "($self, /)", "Size in bytes of CPython's object of this value.", size)
    t.getset("real", "the number itself", same)
    t.getset("imag", "always zero", { (_, _) throws(Raised) in Value(smallInt: 0) })
    t.getset("numerator", "the number itself", same)
    t.getset("denominator", "always one", { (_, _) throws(Raised) in Value(smallInt: 1) })
  }

  static func same(_ vm: VM, _ a: Value) throws(Raised) -> Value { Ints.exact(a) }
  static func bitLength(_ vm: VM, _ a: Value) throws(Raised) -> Value { Value(smallInt: IntBits.bitLength(Ints.exact(a))) }
  static func bitCount(_ vm: VM, _ a: Value) throws(Raised) -> Value { Value(smallInt: IntBits.bitCount(Ints.exact(a))) }
  static func ratio(_ vm: VM, _ a: Value) throws(Raised) -> Value { try vm.tuple(Ints.exact(a), Value(smallInt: 1)) }
  static func newArguments(_ vm: VM, _ a: Value) throws(Raised) -> Value { try vm.tuple(Ints.exact(a)) }
  static func size(_ vm: VM, _ a: Value) throws(Raised) -> Value {
    Value(smallInt: 24 + max(1, (IntBits.bitLength(Ints.exact(a)) + 29) / 30) * 4)
  }
  static func format(_ vm: VM, _ a: Value, _ spec: Value) throws(Raised) -> Value {
    try NumberFormat.int(vm, a, try NumberText.formatSpec(vm, spec))
  }

  static func round(_ vm: VM, _ a: Value, _ digits: Value) throws(Raised) -> Value {
    let x = Ints.exact(a)
    if digits.isNull { return x }
    let n = try vm.index(digits)
    if Ints.sign(n) >= 0 { return x }
    let power = try IntPower.power(vm, Value(smallInt: 10), try IntArithmetic.negate(vm, n))
    return try IntArithmetic.subtract(vm, x, try nearRemainder(vm, x, power))
  }

  /// What `a` exceeds the nearest multiple of `b` > 0 by (ties: the even multiple).
  static func nearRemainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let (q, r) = try IntArithmetic.floorDivMod(vm, a, b)
    let order = IntCompare.order(try IntArithmetic.add(vm, r, r), b)
    return order > 0 || (order == 0 && Ints.isOdd(q)) ? try IntArithmetic.subtract(vm, r, b) : r
  }
}
