/// `__format__` of the numeric types and the conversions of the `%` operator.
enum NumberFormat {
  // MARK: int

  /// `format(value, spec)` for an int or an instance of a subclass; `spec` is a str.
  static func int(_ vm: VM, _ value: Value, _ spec: Value) throws(Raised) -> Value {
    if spec.as(StrLayout.self).pointee.length == 0 { return try vm.str(of: value) }
    let f = try FormatSpec.parse(vm, spec, defaultType: 100, defaultAlign: 62, typeName: value.typeName)
    if value.isSmallInt {
      let quick = try FastNumbers.int(vm, value.smallInt, f)
      if !quick.isNull { return quick }
    }
    switch f.type {
    case 98, 99, 100, 111, 120, 88, 110: return try integer(vm, Ints.exact(value), f)  // b c d o x X n
    case 101, 69, 102, 70, 103, 71, 37: return try double(vm, try IntDouble.double(vm, Ints.exact(value)), f)
    default: throw f.unknownType(vm, value.typeName)
    }
  }

  static func integer(_ vm: VM, _ value: Value, _ f: FormatSpec) throws(Raised) -> Value {
    if f.precision != -1 { throw vm.raise(.valueError, "Precision not allowed in integer format specifier") }
    if f.noNegativeZero { throw vm.raise(.valueError, "Negative zero coercion (z) not allowed in integer format specifier") }
    if f.type == 99 {
      if f.sign != 0 { throw vm.raise(.valueError, "Sign not allowed with integer format specifier 'c'") }
      if f.alternate { throw vm.raise(.valueError, "Alternate form (#) not allowed with integer format specifier 'c'") }
      guard let c = Ints.asInt64(value) else { throw vm.raise(.overflowError, "Python int too large to convert to C long") }
      guard c >= 0 && c <= 0x10FFFF else { throw vm.raise(.overflowError, "%c arg not in range(0x110000)") }
      let out = try NumberLayout.compose(
        vm, negative: false, prefix: [], digits: [], hasPoint: false, rest: [UInt32(c)], f, NumberLayout.marks(.none))
      return try NumberLayout.str(vm, out)
    }
    var base = 10
    var prefix: [UInt8] = []
    switch f.type {
    case 98:
      base = 2
      prefix = [48, 98]
    case 111:
      base = 8
      prefix = [48, 111]
    case 120:
      base = 16
      prefix = [48, 120]
    case 88:
      base = 16
      prefix = [48, 88]
    default: break
    }
    var digits = try IntText.digits(vm, value, base: base)
    let negative = digits.first == 45
    if negative { digits.removeFirst() }
    if f.type == 88 { for i in digits.indices where digits[i] >= 97 { digits[i] -= 32 } }
    let marks = NumberLayout.marks(f.type == 110 ? .locale : f.grouping)
    let out = try NumberLayout.compose(
      vm, negative: negative, prefix: f.alternate ? prefix : [], digits: digits[...], hasPoint: false, rest: [], f, marks)
    return try NumberLayout.str(vm, out)
  }

  // MARK: float

  static func float(_ vm: VM, _ value: Value, _ spec: Value) throws(Raised) -> Value {
    if spec.as(StrLayout.self).pointee.length == 0 { return try vm.str(of: value) }
    let f = try FormatSpec.parse(vm, spec, defaultType: 0, defaultAlign: 62, typeName: value.typeName)
    switch f.type {
    case 0, 101, 69, 102, 70, 103, 71, 110, 37: return try double(vm, Floats.double(value), f)
    default: throw f.unknownType(vm, value.typeName)
    }
  }

  private static func options(_ f: FormatSpec) -> DoubleFormat.Options {
    var o: DoubleFormat.Options = []
    if f.alternate { o.insert(.alternate) }
    if f.noNegativeZero { o.insert(.noNegativeZero) }
    return o
  }

  private static func checkPrecision(_ vm: VM, _ f: FormatSpec) throws(Raised) {
    if f.precision > Int(Int32.max) { throw vm.raise(.valueError, "precision too big") }
    if f.precision > DoubleFormat.maximumPrecision { throw vm.raiseMemoryError() }
  }

  private static func double(_ vm: VM, _ value: Double, _ f: FormatSpec) throws(Raised) -> Value {
    let quick = try FastNumbers.double(vm, value, f)
    if !quick.isNull { return quick }
    try checkPrecision(vm, f)
    var options = options(f)
    var code = UInt8(truncatingIfNeeded: f.type)
    var d = value
    var precision = f.precision
    var fallback = 6
    if code == 0 {
      options.insert(.pointZero)
      code = 114
      fallback = 0
    } else if code == 110 {
      code = 103
    } else if code == 37 {
      code = 102
      d *= 100
    }
    if precision < 0 { precision = fallback } else if code == 114 { code = 103 }
    var body = DoubleFormat.text(d, code, precision, options)
    if f.type == 37 { body.append(37) }
    let negative = body.first == 45
    if negative { body.removeFirst() }
    let marks = NumberLayout.marks(f.type == 110 ? .locale : f.grouping)
    return try NumberLayout.str(vm, try NumberLayout.assemble(vm, negative: negative, prefix: [], body: body, f, marks))
  }

  // MARK: complex

  static func complex(_ vm: VM, _ value: Value, _ spec: Value) throws(Raised) -> Value {
    if spec.as(StrLayout.self).pointee.length == 0 { return try vm.str(of: value) }
    let f = try FormatSpec.parse(vm, spec, defaultType: 0, defaultAlign: 62, typeName: value.typeName)
    switch f.type {
    case 0, 101, 69, 102, 70, 103, 71, 110: break
    default: throw f.unknownType(vm, value.typeName)
    }
    if f.fill == 48 { throw vm.raise(.valueError, "Zero padding is not allowed in complex format specifier") }
    if f.align == 61 { throw vm.raise(.valueError, "'=' alignment flag is not allowed in complex format specifier") }
    try checkPrecision(vm, f)
    let c = ComplexSlots.number(value)
    var code = UInt8(truncatingIfNeeded: f.type)
    var precision = f.precision
    var fallback = 6
    var skipReal = false, parentheses = false
    if code == 0 {
      code = 114
      fallback = 0
      if c.0 == 0 && c.0.sign == .plus { skipReal = true } else { parentheses = true }
    } else if code == 110 {
      code = 103
    }
    if precision < 0 { precision = fallback } else if code == 114 { code = 103 }
    let marks = NumberLayout.marks(f.type == 110 ? .locale : f.grouping)
    var plain = f
    plain.fill = 0
    plain.align = 60
    plain.width = -1
    var out: [UInt32] = []
    if parentheses { out.append(40) }
    if !skipReal {
      out.append(contentsOf: try part(vm, c.0, code, precision, plain, marks))
      plain.sign = 43
    }
    out.append(contentsOf: try part(vm, c.1, code, precision, plain, marks))
    out.append(106)
    if parentheses { out.append(41) }
    if f.width > 1 << 30 { throw vm.raiseMemoryError() }
    let padding = max(0, f.width - out.count)
    let left = f.align == 62 ? padding : f.align == 94 ? padding / 2 : 0
    return try NumberLayout.str(
      vm, Array(repeatElement(f.fill, count: left)) + out + Array(repeatElement(f.fill, count: padding - left)))
  }

  private static func part(
    _ vm: VM, _ d: Double, _ code: UInt8, _ precision: Int, _ f: FormatSpec, _ marks: NumberLayout.Marks
  ) throws(Raised) -> [UInt32] {
    var body = DoubleFormat.text(d, code, precision, options(f))
    let negative = body.first == 45
    if negative { body.removeFirst() }
    return try NumberLayout.assemble(vm, negative: negative, prefix: [], body: body, f, marks)
  }

  // MARK: the % operator

  /// Sign and digits of `%d %i %u %o %x %X` for an exact int: at least `precision` digits (-1: none asked), with `alternate` the
  /// prefix 0o or 0x. Width and the flags for sign and padding are the caller's.
  static func percentInt(_ vm: VM, _ value: Value, _ code: UInt8, alternate: Bool, precision: Int) throws(Raised) -> [UInt8] {
    if precision > Int(Int32.max) - 3 { throw vm.raise(.valueError, "precision too big") }
    if precision > DoubleFormat.maximumPrecision { throw vm.raiseMemoryError() }
    let base = code == 111 ? 8 : code | 32 == 120 ? 16 : 10
    var digits = try IntText.digits(vm, value, base: base)
    var out: [UInt8] = []
    if digits.first == 45 {
      out.append(45)
      digits.removeFirst()
    }
    if alternate && base != 10 { out.append(contentsOf: [48, code]) }
    if precision > digits.count { out.append(contentsOf: repeatElement(48, count: precision - digits.count)) }
    if code == 88 { for i in digits.indices where digits[i] >= 97 { digits[i] -= 32 } }
    out.append(contentsOf: digits)
    return out
  }

  /// `%e %E %f %F %g %G` of a double; precision -1 means 6.
  static func percentFloat(_ vm: VM, _ value: Double, _ code: UInt8, alternate: Bool, precision: Int) throws(Raised) -> [UInt8] {
    if precision > DoubleFormat.maximumPrecision { throw vm.raiseMemoryError() }
    return DoubleFormat.text(value, code, precision < 0 ? 6 : precision, alternate ? .alternate : [])
  }
}
