import PyRuntime

/// The functions of the specification as methods of Decimals. Where the context is left out, it is the current one.
enum DecimalMethods {
  typealias Unary = DecimalType.Unary
  typealias Binary = DecimalType.Binary

  @inline(__always)
  static func unary(_ vm: VM, _ v: Value, _ context: Value, _ operation: Unary) throws(Raised) -> Value {
    let c = try DecimalContexts.argument(vm, context)
    Scratch.reset()
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, Number(v)) }
  }
  @inline(__always)
  static func binary(_ vm: VM, _ v: Value, _ other: Value, _ context: Value, _ operation: Binary) throws(Raised) -> Value {
    let c = try DecimalContexts.argument(vm, context)
    Scratch.reset()
    let y = try DecimalConversions.required(vm, other)
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, Number(v), y) }
  }

  static func declare(_ t: inout TypeBuilder) {
    declareUnary(t)
    declareBinary(t)
    declareTests(t)
    declareOthers(t)
  }

  private static func declareUnary(_ t: TypeBuilder) {
    t.method("exp", "($self, /, context=None)", "e raised to the number, correctly rounded.") {
      (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.exponential(vm, x) }
    }
    t.method("ln", "($self, /, context=None)", "The natural logarithm, correctly rounded.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.naturalLogarithm(vm, x) }
    }
    t.method("log10", "($self, /, context=None)", "The decimal logarithm, correctly rounded.") {
      (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.decimalLogarithm(vm, x) }
    }
    t.method("next_minus", "($self, /, context=None)", "The largest number that is smaller.") {
      (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.nextMinus(vm, x) }
    }
    t.method("next_plus", "($self, /, context=None)", "The smallest number that is larger.") {
      (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.nextPlus(vm, x) }
    }
    t.method("normalize", "($self, /, context=None)", "Without zeros at the end.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.normalize(vm, x) }
    }
    t.method("sqrt", "($self, /, context=None)", "The square root, correctly rounded.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.squareRoot(vm, x) }
    }
    t.method("logb", "($self, /, context=None)", "The exponent of the first digit.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.logb(vm, x) }
    }
    t.method("logical_invert", "($self, /, context=None)", "Every digit 0 or 1 inverted.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try unary(vm, v, c) { r, vm, x throws(Raised) in try r.logicalInvert(vm, x) }
    }
  }

  private static func declareBinary(_ t: TypeBuilder) {
    t.method("compare", "($self, /, other, context=None)", "-1, 0, 1 or NaN.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.compared(vm, x, y) }
    }
    t.method("compare_signal", "($self, /, other, context=None)", "As compare, but every NaN signals.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.compared(vm, x, y, signaling: true) }
    }
    t.method("max", "($self, /, other, context=None)", "The larger number.") { (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: true, magnitudes: false) }
    }
    t.method("max_mag", "($self, /, other, context=None)", "The number of larger magnitude.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: true, magnitudes: true) }
    }
    t.method("min", "($self, /, other, context=None)", "The smaller number.") { (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: false, magnitudes: false) }
    }
    t.method("min_mag", "($self, /, other, context=None)", "The number of smaller magnitude.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: false, magnitudes: true) }
    }
    t.method("next_toward", "($self, /, other, context=None)", "The neighbour in the direction of the other.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.nextToward(vm, x, y) }
    }
    t.method("remainder_near", "($self, /, other, context=None)", "The remainder of the nearest quotient.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.remainderNear(vm, x, y) }
    }
    t.method("logical_and", "($self, /, other, context=None)", "Digits 0 or 1, and.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .and) }
    }
    t.method("logical_or", "($self, /, other, context=None)", "Digits 0 or 1, or.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .or) }
    }
    t.method("logical_xor", "($self, /, other, context=None)", "Digits 0 or 1, exclusive or.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .xor) }
    }
    t.method("rotate", "($self, /, other, context=None)", "The digits rotated.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.rotate(vm, x, y) }
    }
    t.method("scaleb", "($self, /, other, context=None)", "The exponent moved.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.scaleb(vm, x, y) }
    }
    t.method("shift", "($self, /, other, context=None)", "The digits shifted.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { r, vm, x, y throws(Raised) in try r.shift(vm, x, y) }
    }
    t.method("compare_total", "($self, /, other, context=None)", "Order by representation.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { _, vm, x, y throws(Raised) in try Rules.sign(vm, try Rules.compareTotal(vm, x, y)) }
    }
    t.method("compare_total_mag", "($self, /, other, context=None)", "Order by representation, without signs.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { _, vm, x, y throws(Raised) in
        try Rules.sign(vm, try Rules.compareTotal(vm, x.with(negative: false), y.with(negative: false)))
      }
    }
    t.method("copy_sign", "($self, /, other, context=None)", "The first with the sign of the second.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      try binary(vm, v, other, c) { _, _, x, y throws(Raised) in x.with(negative: y.isNegative) }
    }
  }

  private static func declareTests(_ t: TypeBuilder) {
    t.method("is_finite", "($self, /)", "Neither infinite nor NaN?") { (_: VM, v: Value) throws(Raised) in
      .bool(!Number(v).isSpecial)
    }
    t.method("is_infinite", "($self, /)", "Infinite?") { (_: VM, v: Value) throws(Raised) in
      .bool(Number(v).isInfinite)
    }
    t.method("is_nan", "($self, /)", "A NaN of either kind?") { (_: VM, v: Value) throws(Raised) in
      .bool(Number(v).isNaN)
    }
    t.method("is_qnan", "($self, /)", "A quiet NaN?") { (_: VM, v: Value) throws(Raised) in
      let x = Number(v)
      return .bool(x.isNaN && !x.isSignaling)
    }
    t.method("is_snan", "($self, /)", "A signaling NaN?") { (_: VM, v: Value) throws(Raised) in
      .bool(Number(v).isSignaling)
    }
    t.method("is_signed", "($self, /)", "With a minus sign?") { (_: VM, v: Value) throws(Raised) in
      .bool(Number(v).isNegative)
    }
    t.method("is_zero", "($self, /)", "Zero?") { (_: VM, v: Value) throws(Raised) in
      .bool(Number(v).isZero)
    }
    t.method("is_normal", "($self, /, context=None)", "Normal?") { (vm: VM, v: Value, c: Value) throws(Raised) in
      .bool(try DecimalContexts.argument(vm, c).pointee.rules.isNormal(Number(v)))
    }
    t.method("is_subnormal", "($self, /, context=None)", "Subnormal?") { (vm: VM, v: Value, c: Value) throws(Raised) in
      .bool(try DecimalContexts.argument(vm, c).pointee.rules.isSubnormal(Number(v)))
    }
  }

  private static func declareOthers(_ t: TypeBuilder) {
    t.method("is_canonical", "($self, /)", "Always true.") { (_: VM, _: Value) throws(Raised) in .true }
    t.method("canonical", "($self, /)", "The number itself.") { (_: VM, v: Value) throws(Raised) in v }
    t.method("conjugate", "($self, /)", "The number itself.") { (_: VM, v: Value) throws(Raised) in v }
    t.method("radix", "($self, /)", "Decimal(10).") { (vm: VM, _: Value) throws(Raised) in try ten(vm) }
    t.method("adjusted", "($self, /)", "The exponent of the first digit; 0 of what has none.") { (vm: VM, v: Value) throws(Raised) in
      let n = Number(v)
      return n.isSpecial ? Value(smallInt: 0) : try vm.int(n.adjusted)
    }
    t.method("copy_abs", "($self, /)", "The number without its sign, not rounded.") { (vm: VM, v: Value) throws(Raised) in
      try DecimalContexts.decimal(vm, Number(v).with(negative: false))
    }
    t.method("copy_negate", "($self, /)", "The number with the other sign, not rounded.") { (vm: VM, v: Value) throws(Raised) in
      let n = Number(v)
      return try DecimalContexts.decimal(vm, n.with(negative: !n.isNegative))
    }
    t.method("number_class", "($self, /, context=None)", "The class by name.") { (vm: VM, v: Value, c: Value) throws(Raised) in
      try vm.str("\(try DecimalContexts.argument(vm, c).pointee.rules.className(Number(v)))")
    }
    t.method("to_eng_string", "($self, /, context=None)", "Text with an exponent that three divides.") {
      (vm: VM, v: Value, c: Value) throws(Raised) in
      let capitals = try DecimalContexts.argument(vm, c).pointee.capitals
      Scratch.reset()
      return try DecimalText.text(vm, Number(v), engineering: true, capitals: capitals)
    }
    t.method("same_quantum", "($self, /, other, context=None)", "Whether both have the same exponent.") {
      (vm: VM, v: Value, other: Value, c: Value) throws(Raised) in
      _ = try DecimalContexts.argument(vm, c)
      Scratch.reset()
      return .bool(sameQuantum(Number(v), try DecimalConversions.required(vm, other)))
    }
    t.method("quantize", "($self, /, exp, rounding=None, context=None)", "The number with the exponent of another.") {
      (vm: VM, v: Value, args: Args) throws(Raised) in
      let c = try DecimalContexts.argument(vm, args[2])
      let rounding = try self.rounding(vm, args[1], c)
      if let quick = try DecimalFast.quantize(vm, v, args[0], c, rounding) { return quick }
      Scratch.reset()
      let y = try DecimalConversions.required(vm, args[0])
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in
        r.rounding = rounding
        return try r.quantize(vm, Number(v), y)
      }
    }
    t.method("fma", "($self, /, other, third, context=None)", "self * other + third, rounded once.") {
      (vm: VM, v: Value, args: Args) throws(Raised) in
      let c = try DecimalContexts.argument(vm, args[2])
      Scratch.reset()
      let y = try DecimalConversions.required(vm, args[0])
      let z = try DecimalConversions.required(vm, args[1])
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.fma(vm, Number(v), y, z) }
    }
    t.method("to_integral", "($self, /, rounding=None, context=None)", "As to_integral_value.", integral)
    t.method("to_integral_value", "($self, /, rounding=None, context=None)", "To an integer, not telling of rounding.", integral)
    t.method("to_integral_exact", "($self, /, rounding=None, context=None)", "To an integer, telling of rounding.", exactIntegral)
  }

  static func ten(_ vm: VM) throws(Raised) -> Value {
    Scratch.reset()
    return try DecimalContexts.decimal(vm, try Number.small(vm, 10))
  }
  static func sameQuantum(_ a: Number, _ b: Number) -> Bool {
    if a.isSpecial || b.isSpecial { return a.isNaN && b.isNaN || a.isInfinite && b.isInfinite }
    return a.exponent == b.exponent
  }
  private static let integral: NativeTwo = { vm, v, rounding, context throws(Raised) in
    try integer(vm, v, rounding, context, reporting: false)
  }
  private static let exactIntegral: NativeTwo = { vm, v, rounding, context throws(Raised) in
    try integer(vm, v, rounding, context, reporting: true)
  }
  private static func integer(_ vm: VM, _ v: Value, _ rounding: Value, _ context: Value, reporting: Bool) throws(Raised) -> Value {
    let c = try DecimalContexts.argument(vm, context)
    let rounding = try self.rounding(vm, rounding, c)
    Scratch.reset()
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in
      r.rounding = rounding
      return try r.integral(vm, Number(v), reporting: reporting)
    }
  }
  /// An optional argument: a rounding, or the context's.
  private static func rounding(_ vm: VM, _ v: Value, _ c: ContextRef) throws(Raised) -> Rounding {
    v.isNull || v.isNone ? c.pointee.rounding : try DecimalContextType.rounding(vm, v)
  }
}
