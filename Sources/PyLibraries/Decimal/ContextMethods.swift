import PyRuntime

/// The operations as methods of contexts.
enum ContextMethods {
  @inline(__always)
  static func unary(_ vm: VM, _ context: Value, _ v: Value, _ operation: DecimalType.Unary) throws(Raised) -> Value {
    let c = context.as(DecimalContextLayout.self)
    Scratch.reset()
    let x = try DecimalConversions.required(vm, v)
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, x) }
  }
  @inline(__always)
  static func binary(_ vm: VM, _ context: Value, _ a: Value, _ b: Value, _ operation: DecimalType.Binary) throws(Raised) -> Value {
    let c = context.as(DecimalContextLayout.self)
    Scratch.reset()
    let x = try DecimalConversions.required(vm, a)
    let y = try DecimalConversions.required(vm, b)
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, x, y) }
  }
  @inline(__always)
  private static func test(_ vm: VM, _ context: Value, _ v: Value, _ test: (Rules, Number) -> Bool) throws(Raised) -> Value {
    Scratch.reset()
    let x = try DecimalConversions.required(vm, v)
    return .bool(test(context.as(DecimalContextLayout.self).pointee.rules, x))
  }

  static func declare(_ t: inout TypeBuilder) {
    declareUnary(t)
    declareBinary(t)
    declareTests(t)
    declareOthers(t)
  }

  private static func declareUnary(_ t: TypeBuilder) {
    t.method("abs", "($self, x, /)", "Absolute value, rounded.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.absolute(vm, x) }
    }
    t.method("minus", "($self, x, /)", "The number negated, as prefix minus.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.minus(vm, x) }
    }
    t.method("plus", "($self, x, /)", "The number rounded, as prefix plus.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.plus(vm, x) }
    }
    t.method("to_integral", "($self, x, /)", "As to_integral_value.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.integral(vm, x, reporting: false) }
    }
    t.method("to_integral_exact", "($self, x, /)", "To an integer, telling of rounding.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.integral(vm, x, reporting: true) }
    }
    t.method("to_integral_value", "($self, x, /)", "To an integer, not telling of rounding.") {
      (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.integral(vm, x, reporting: false) }
    }
    t.method("exp", "($self, x, /)", "e raised to the number, correctly rounded.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.exponential(vm, x) }
    }
    t.method("ln", "($self, x, /)", "The natural logarithm, correctly rounded.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.naturalLogarithm(vm, x) }
    }
    t.method("log10", "($self, x, /)", "The decimal logarithm, correctly rounded.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.decimalLogarithm(vm, x) }
    }
    t.method("next_minus", "($self, x, /)", "The largest number that is smaller.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.nextMinus(vm, x) }
    }
    t.method("next_plus", "($self, x, /)", "The smallest number that is larger.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.nextPlus(vm, x) }
    }
    t.method("normalize", "($self, x, /)", "Without zeros at the end.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.normalize(vm, x) }
    }
    t.method("sqrt", "($self, x, /)", "The square root, correctly rounded.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.squareRoot(vm, x) }
    }
    t.method("logb", "($self, x, /)", "The exponent of the first digit.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.logb(vm, x) }
    }
    t.method("logical_invert", "($self, x, /)", "Every digit 0 or 1 inverted.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try unary(vm, c, v) { r, vm, x throws(Raised) in try r.logicalInvert(vm, x) }
    }
  }

  private static func declareBinary(_ t: TypeBuilder) {
    t.method("add", "($self, x, y, /)", "The sum.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.add(vm, x, y) }
    }
    t.method("divide", "($self, x, y, /)", "The quotient.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.divide(vm, x, y) }
    }
    t.method("divide_int", "($self, x, y, /)", "The quotient cut off to an integer.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.divideInt(vm, x, y) }
    }
    t.method("multiply", "($self, x, y, /)", "The product.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.multiply(vm, x, y) }
    }
    t.method("remainder", "($self, x, y, /)", "The remainder of the cut-off quotient.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.remainder(vm, x, y) }
    }
    t.method("subtract", "($self, x, y, /)", "The difference.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.add(vm, x, y, negate: true) }
    }
    t.method("quantize", "($self, x, y, /)", "The first with the exponent of the second.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      let context = c.as(DecimalContextLayout.self)
      if let quick = try DecimalFast.quantize(vm, v, w, context, context.pointee.rounding) { return quick }
      return try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.quantize(vm, x, y) }
    }
    t.method("compare", "($self, x, y, /)", "-1, 0, 1 or NaN.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.compared(vm, x, y) }
    }
    t.method("compare_signal", "($self, x, y, /)", "As compare, but every NaN signals.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.compared(vm, x, y, signaling: true) }
    }
    t.method("max", "($self, x, y, /)", "The larger number.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: true, magnitudes: false) }
    }
    t.method("max_mag", "($self, x, y, /)", "The number of larger magnitude.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: true, magnitudes: true) }
    }
    t.method("min", "($self, x, y, /)", "The smaller number.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: false, magnitudes: false) }
    }
    t.method("min_mag", "($self, x, y, /)", "The number of smaller magnitude.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.choose(vm, x, y, larger: false, magnitudes: true) }
    }
    t.method("next_toward", "($self, x, y, /)", "The neighbour in the direction of the other.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.nextToward(vm, x, y) }
    }
    t.method("remainder_near", "($self, x, y, /)", "The remainder of the nearest quotient.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.remainderNear(vm, x, y) }
    }
    t.method("logical_and", "($self, x, y, /)", "Digits 0 or 1, and.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .and) }
    }
    t.method("logical_or", "($self, x, y, /)", "Digits 0 or 1, or.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .or) }
    }
    t.method("logical_xor", "($self, x, y, /)", "Digits 0 or 1, exclusive or.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.logical(vm, x, y, .xor) }
    }
    t.method("rotate", "($self, x, y, /)", "The digits rotated.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.rotate(vm, x, y) }
    }
    t.method("scaleb", "($self, x, y, /)", "The exponent moved.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.scaleb(vm, x, y) }
    }
    t.method("shift", "($self, x, y, /)", "The digits shifted.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { r, vm, x, y throws(Raised) in try r.shift(vm, x, y) }
    }
    t.method("compare_total", "($self, x, y, /)", "Order by representation.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { _, vm, x, y throws(Raised) in try Rules.sign(vm, try Rules.compareTotal(vm, x, y)) }
    }
    t.method("compare_total_mag", "($self, x, y, /)", "Order by representation, without signs.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { _, vm, x, y throws(Raised) in
        try Rules.sign(vm, try Rules.compareTotal(vm, x.with(negative: false), y.with(negative: false)))
      }
    }
    t.method("copy_sign", "($self, x, y, /)", "The first with the sign of the second.") {
      (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      try binary(vm, c, v, w) { _, _, x, y throws(Raised) in x.with(negative: y.isNegative) }
    }
  }

  private static func declareTests(_ t: TypeBuilder) {
    t.method("is_finite", "($self, x, /)", "Neither infinite nor NaN?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in !x.isSpecial }
    }
    t.method("is_infinite", "($self, x, /)", "Infinite?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isInfinite }
    }
    t.method("is_nan", "($self, x, /)", "A NaN of either kind?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isNaN }
    }
    t.method("is_qnan", "($self, x, /)", "A quiet NaN?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isNaN && !x.isSignaling }
    }
    t.method("is_snan", "($self, x, /)", "A signaling NaN?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isSignaling }
    }
    t.method("is_signed", "($self, x, /)", "With a minus sign?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isNegative }
    }
    t.method("is_zero", "($self, x, /)", "Zero?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { _, x in x.isZero }
    }
    t.method("is_normal", "($self, x, /)", "Normal?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { r, x in r.isNormal(x) }
    }
    t.method("is_subnormal", "($self, x, /)", "Subnormal?") { (vm: VM, c: Value, v: Value) throws(Raised) in
      try test(vm, c, v) { r, x in r.isSubnormal(x) }
    }
    t.method("is_canonical", "($self, x, /)", "Always true, of a Decimal.") { (vm: VM, _: Value, v: Value) throws(Raised) in
      guard DecimalTypes.isDecimal(v) else { throw vm.raise(.typeError, "argument must be a Decimal") }
      return .true
    }
  }

  private static func declareOthers(_ t: TypeBuilder) {
    t.method("radix", "($self, /)", "Decimal(10).") { (vm: VM, _: Value) throws(Raised) in try DecimalMethods.ten(vm) }
    t.method("canonical", "($self, x, /)", "The number itself.") { (vm: VM, _: Value, v: Value) throws(Raised) in
      guard DecimalTypes.isDecimal(v) else { throw vm.raise(.typeError, "argument must be a Decimal") }
      return v
    }
    t.method("copy_decimal", "($self, x, /)", "The number, not rounded.") { (vm: VM, _: Value, v: Value) throws(Raised) in
      if DecimalTypes.isDecimal(v) { return v }
      Scratch.reset()
      return try DecimalContexts.decimal(vm, try DecimalConversions.required(vm, v))
    }
    t.method("copy_abs", "($self, x, /)", "The number without its sign, not rounded.") { (vm: VM, _: Value, v: Value) throws(Raised) in
      Scratch.reset()
      return try DecimalContexts.decimal(vm, try DecimalConversions.required(vm, v).with(negative: false))
    }
    t.method("copy_negate", "($self, x, /)", "The number with the other sign, not rounded.") {
      (vm: VM, _: Value, v: Value) throws(Raised) in
      Scratch.reset()
      let n = try DecimalConversions.required(vm, v)
      return try DecimalContexts.decimal(vm, n.with(negative: !n.isNegative))
    }
    t.method("_apply", nil, nil) { (vm: VM, c: Value, args: Args) throws(Raised) in
      guard args.count == 1, args.keywordCount == 0 else {
        throw vm.raise(.typeError, "Context._apply() takes exactly one argument (\(args.count) given)")
      }
      return try unary(vm, c, args[0]) { r, vm, x throws(Raised) in try r.finalize(vm, x) }
    }
    t.method("number_class", "($self, x, /)", "The class by name.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      Scratch.reset()
      let x = try DecimalConversions.required(vm, v)
      return try vm.str("\(c.as(DecimalContextLayout.self).pointee.rules.className(x))")
    }
    t.method("to_sci_string", "($self, x, /)", "Text as str() makes it.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      Scratch.reset()
      let x = try DecimalConversions.required(vm, v)
      return try DecimalText.text(vm, x, engineering: false, capitals: c.as(DecimalContextLayout.self).pointee.capitals)
    }
    t.method("to_eng_string", "($self, x, /)", "Text with an exponent that three divides.") { (vm: VM, c: Value, v: Value) throws(Raised) in
      Scratch.reset()
      let x = try DecimalConversions.required(vm, v)
      return try DecimalText.text(vm, x, engineering: true, capitals: c.as(DecimalContextLayout.self).pointee.capitals)
    }
    t.method("same_quantum", "($self, x, y, /)", "Whether both have the same exponent.") {
      (vm: VM, _: Value, v: Value, w: Value) throws(Raised) in
      Scratch.reset()
      let x = try DecimalConversions.required(vm, v)
      return .bool(DecimalMethods.sameQuantum(x, try DecimalConversions.required(vm, w)))
    }
    t.method("divmod", "($self, x, y, /)", "Quotient and remainder.") { (vm: VM, c: Value, v: Value, w: Value) throws(Raised) in
      Scratch.reset()
      let x = try DecimalConversions.required(vm, v)
      let y = try DecimalConversions.required(vm, w)
      return try DecimalType.divmod(vm, x, y, c.as(DecimalContextLayout.self))
    }
    t.method("fma", "($self, x, y, z, /)", "x * y + z, rounded once.") { (vm: VM, context: Value, args: Args) throws(Raised) in
      let c = context.as(DecimalContextLayout.self)
      Scratch.reset()
      let x = try DecimalConversions.required(vm, args[0])
      let y = try DecimalConversions.required(vm, args[1])
      let z = try DecimalConversions.required(vm, args[2])
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.fma(vm, x, y, z) }
    }
    t.method("power", "($self, /, a, b, modulo=None)", "a ** b, or a ** b % modulo.") {
      (vm: VM, context: Value, args: Args) throws(Raised) in
      let c = context.as(DecimalContextLayout.self)
      Scratch.reset()
      let x = try DecimalConversions.required(vm, args[0])
      let y = try DecimalConversions.required(vm, args[1])
      if args[2].isNull || args[2].isNone {
        return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.power(vm, x, y) }
      }
      let m = try DecimalConversions.required(vm, args[2])
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.power(vm, x, y, modulo: m) }
    }
    t.method("create_decimal", "($self, num=\"0\", /)", "A Decimal as the context wants it.") {
      (vm: VM, context: Value, v: Value) throws(Raised) in
      let c = context.as(DecimalContextLayout.self)
      if v.isNull { return try DecimalContexts.decimal(vm, .zero(0)) }
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try DecimalConversions.rounded(vm, v, c, &r) }
    }
    t.method("create_decimal_from_float", "($self, f, /)", "A float or int as the context wants it.") {
      (vm: VM, context: Value, v: Value) throws(Raised) in
      let c = context.as(DecimalContextLayout.self)
      Scratch.reset()
      let x = try DecimalConversions.intOrFloat(vm, v)
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.finalize(vm, x) }
    }
  }
}
