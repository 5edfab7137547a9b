import PyRuntime

/// `decimal.Decimal`: construction, slots, conversions. The functions of the specification are in DecimalMethods.
enum DecimalType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "Decimal(value=\"0\", context=None)\n--\n\nConstruct a new Decimal object from a string, a number, or a tuple of sign, digits, exponent."
    )
    t.trace(DecimalLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in try quoted(vm, v) }
    t.slots.str = NoArgsCode { vm, v throws(Raised) in
      let capitals = try DecimalContexts.current(vm).pointee.capitals
      Scratch.reset()
      return try DecimalText.text(vm, Number(v), engineering: false, capitals: capitals)
    }
    t.slots.hash = HashCode(DecimalConversions.hash)
    t.slots.compare = CompareCode(compare)
    t.slots.add = OneCode { vm, a, b throws(Raised) in
      if let v = try DecimalFast.add(vm, a, b, negate: false) { return v }
      return try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.add(vm, x, y) }
    }
    t.slots.subtract = OneCode { vm, a, b throws(Raised) in
      if let v = try DecimalFast.add(vm, a, b, negate: true) { return v }
      return try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.add(vm, x, y, negate: true) }
    }
    t.slots.multiply = OneCode { vm, a, b throws(Raised) in
      if let v = try DecimalFast.multiply(vm, a, b) { return v }
      return try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.multiply(vm, x, y) }
    }
    t.slots.trueDivide = OneCode { vm, a, b throws(Raised) in
      try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.divide(vm, x, y) }
    }
    t.slots.floorDivide = OneCode { vm, a, b throws(Raised) in
      try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.divideInt(vm, x, y) }
    }
    t.slots.remainder = OneCode { vm, a, b throws(Raised) in
      try binary(vm, a, b) { r, vm, x, y throws(Raised) in try r.remainder(vm, x, y) }
    }
    t.slots.divmod = OneCode { vm, a, b throws(Raised) in
      Scratch.reset()
      guard let x = try DecimalConversions.operand(vm, a), let y = try DecimalConversions.operand(vm, b) else { return .notImplemented }
      let c = try DecimalContexts.current(vm)
      return try divmod(vm, x, y, c)
    }
    t.slots.power = TwoCode { vm, a, b, modulus throws(Raised) in
      let c = try DecimalContexts.current(vm)
      Scratch.reset()
      guard let x = try DecimalConversions.operand(vm, a), let y = try DecimalConversions.operand(vm, b) else { return .notImplemented }
      if modulus.isNull || modulus.isNone {
        return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.power(vm, x, y) }
      }
      guard let m = try DecimalConversions.operand(vm, modulus) else { return .notImplemented }
      return try DecimalContexts.perform(vm, c) { r throws(Raised) in try r.power(vm, x, y, modulo: m) }
    }
    t.slots.negative = NoArgsCode { vm, v throws(Raised) in try unary(vm, v) { r, vm, x throws(Raised) in try r.minus(vm, x) } }
    t.slots.positive = NoArgsCode { vm, v throws(Raised) in try unary(vm, v) { r, vm, x throws(Raised) in try r.plus(vm, x) } }
    t.slots.absolute = NoArgsCode { vm, v throws(Raised) in try unary(vm, v) { r, vm, x throws(Raised) in try r.absolute(vm, x) } }
    t.slots.bool = TestCode { _, v throws(Raised) in !Number(v).isZero }
    t.slots.int = NoArgsCode { vm, v throws(Raised) in try DecimalConversions.integer(vm, v, .down) }
    t.slots.float = NoArgsCode { vm, v throws(Raised) in Value(try DecimalConversions.toDouble(vm, v)) }
    t.classMethod("from_float", "($type, f, /)", "The exact value of a float or int.", fromFloat)
    t.getset("real", nil) { _, v throws(Raised) in v }
    t.getset("imag", nil) { vm, _ throws(Raised) in try DecimalContexts.decimal(vm, .zero(0)) }
    t.method("as_tuple", "($self, /)", "Sign, digits and exponent.", asTuple)
    t.method("as_integer_ratio", "($self, /)", "Numerator and denominator, in lowest terms.") { (vm: VM, v: Value) throws(Raised) in
      try DecimalConversions.ratio(vm, v)
    }
    t.method("__copy__", nil, nil) { (_: VM, v: Value, _: Args) throws(Raised) in v }
    t.method("__deepcopy__", nil, nil) { (_: VM, v: Value, _: Args) throws(Raised) in v }
    t.method("__reduce__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      let capitals = try DecimalContexts.current(vm).pointee.capitals
      Scratch.reset()
      let text = try DecimalText.text(vm, Number(v), engineering: false, capitals: capitals)
      return try vm.tuple(Value(v.type), try vm.tuple(text))
    }
    t.method("__round__", nil, nil, round)
    t.method("__ceil__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in try DecimalConversions.integer(vm, v, .ceiling) }
    t.method("__floor__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in try DecimalConversions.integer(vm, v, .floor) }
    t.method("__trunc__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in try DecimalConversions.integer(vm, v, .down) }
    t.method("__complex__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      try vm.call(Value(rt.pointee.types.complex), Value(try DecimalConversions.toDouble(vm, v)))
    }
    t.method("__sizeof__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      // What C's object of that many digits takes.
      let d = v.as(DecimalLayout.self).pointee.digits
      return try vm.int(d <= 76 ? 104 : 104 + (d / 19 + (d % 19 == 0 ? 0 : 1)) * 8)
    }
    t.method("__format__", nil, nil, format)
    DecimalMethods.declare(&t)
  }

  // MARK: construction

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    var (value, context) = (Value.null, Value.null)
    if args.keywords.isNull && args.count <= 2 {
      (value, context) = (args[0], args[1])
    } else {
      let room = try vm.allocateValues(2)
      try DecimalArguments.parse(vm, args, ["value", "context"], room)
      (value, context) = (room[0], room[1])
    }
    let c = try DecimalContexts.argument(vm, context)
    if value.isNull {
      return try DecimalContexts.instance(vm, type, .zero(0))
    }
    if type == DecimalTypes.decimal && DecimalTypes.isExactDecimal(value) { return value }
    var status: Conditions = []
    let n = try DecimalConversions.exactly(vm, value, c, &status)
    try DecimalContexts.signal(vm, c, status)
    return try DecimalContexts.instance(vm, type, n)
  }

  private static func fromFloat(_ vm: VM, _ type: Value, _ v: Value) throws(Raised) -> Value {
    Scratch.reset()
    let d = try DecimalContexts.decimal(vm, try DecimalConversions.intOrFloat(vm, v))
    return type == DecimalTypes.decimal ? d : try vm.call(type, d)
  }

  // MARK: text

  private static func quoted(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let capitals = try DecimalContexts.current(vm).pointee.capitals
    Scratch.reset()
    let b = try DecimalText.plain(vm, Number(v), engineering: false, capitals: capitals)
    let out = try DecimalText.bytes(vm, b.count &+ 11)
    let head: StaticString = "Decimal('"
    out.update(from: head.utf8Start, count: 9)
    if let source = b.baseAddress { (out + 9).update(from: source, count: b.count) }
    out[9 &+ b.count] = 39
    out[10 &+ b.count] = 41
    return try vm.str(ascii: UnsafeRawBufferPointer(start: out, count: b.count &+ 11))
  }

  private static func format(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "Decimal.__format__() takes no keyword arguments") }
    if args.count < 1 { throw vm.raise(.typeError, "function takes at least 1 argument (0 given)") }
    if args.count > 2 { throw vm.raise(.typeError, "function takes at most 2 arguments (\(args.count) given)") }
    let c = try DecimalContexts.current(vm)
    guard args[0].isStr else { throw vm.raise(.typeError, "format arg must be str") }
    // Surrogates raise as they do where the specification becomes UTF-8.
    let text = args[0].as(StrLayout.self)
    for i in 0..<text.pointee.length where text[codePoint: i] & 0x1FF800 == 0xD800 {
      _ = try vm.callMethod(args[0], "encode", try vm.intern("utf-8"))
    }
    guard var f = DecimalFormat.parse(args[0], capitals: c.pointee.capitals) else {
      throw vm.raise(.valueError, "invalid format string")
    }
    if f.isLocal { f.marks = NumberLayout.localeMarks() }
    if !args[1].isNull { try override(vm, &f, args[1]) }
    Scratch.reset()
    guard let shown = try f.format(vm, Number(v), c.pointee.rounding) else {
      throw vm.raise(.valueError, "format specification exceeds internal limits of _decimal")
    }
    return shown
  }

  /// The undocumented second argument: what `localeconv()` would say.
  private static func override(_ vm: VM, _ f: inout DecimalFormat, _ dict: Value) throws(Raised) {
    guard dict.isDict else { throw vm.raise(.typeError, "optional argument must be a dict") }
    func text(_ name: StaticString) throws(Raised) -> [UInt32]? {
      let v = Dicts.get(vm, dict, name)
      if v.isNull { return nil }
      guard v.isStr else { throw vm.raise(.typeError, "bad argument type for built-in operation") }
      let s = v.as(StrLayout.self)
      return (0..<s.pointee.length).map { s[codePoint: $0] }
    }
    var marks = f.marks ?? NumberLayout.Marks()
    if let p = try text("decimal_point") {
      if p.isEmpty { throw vm.raise(.valueError, "invalid override dict") }
      marks.point = p
    }
    if let s = try text("thousands_sep") { marks.separator = s }
    if let g = try text("grouping") {
      // As C's strings end; the last group repeats.
      marks.groups = g.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }
      if g.contains(where: { $0 > 127 }) { throw vm.raise(.valueError, "invalid override dict") }
    }
    if marks.point.count > 4 || marks.separator.count > 4 { throw vm.raise(.valueError, "invalid override dict") }
    f.marks = marks
  }

  // MARK: parts

  private static func asTuple(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    Scratch.reset()
    let n = Number(v)
    var digits: Value
    var exponent: Value
    if n.isInfinite {
      digits = try vm.tuple(Value(smallInt: 0))
      exponent = try vm.intern("F")
    } else {
      if n.isNaN && n.count == 0 {
        digits = try vm.tuple(count: 0)
      } else {
        let text = try DecimalText.digits(vm, n)
        digits = try vm.tuple(count: text.count)
        let items = digits.as(TupleLayout.self).items
        for i in 0..<text.count { items[i] = Value(smallInt: Int(text[i]) &- 48) }
      }
      exponent = n.isNaN ? try vm.intern(n.isSignaling ? "N" : "n") : try vm.int(n.exponent)
    }
    return try vm.call(DecimalTypes.decimalTuple, Value(smallInt: n.isNegative ? 1 : 0), digits, exponent)
  }

  private static func round(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.count > 1 { throw vm.raise(.typeError, "function takes at most 1 argument (\(args.count) given)") }
    guard args.count == 1 else { return try DecimalConversions.integer(vm, v, .halfEven) }
    guard args[0].isInt else { throw vm.raise(.typeError, "optional arg must be an integer") }
    let places = try vm.asInt(args[0])
    let c = try DecimalContexts.current(vm)
    Scratch.reset()
    let exponent = places == Int.min ? Int.max : 0 &- places
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in
      try r.quantize(vm, Number(v), try Number.small(vm, 1, exponent))
    }
  }

  // MARK: operators

  typealias Unary = (inout Rules, VM, Number) throws(Raised) -> Number
  typealias Binary = (inout Rules, VM, Number, Number) throws(Raised) -> Number

  @inline(__always)
  private static func binary(_ vm: VM, _ a: Value, _ b: Value, _ operation: Binary) throws(Raised) -> Value {
    Scratch.reset()
    guard let x = try DecimalConversions.operand(vm, a), let y = try DecimalConversions.operand(vm, b) else { return .notImplemented }
    let c = try DecimalContexts.current(vm)
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, x, y) }
  }
  @inline(__always)
  private static func unary(_ vm: VM, _ v: Value, _ operation: Unary) throws(Raised) -> Value {
    let c = try DecimalContexts.current(vm)
    Scratch.reset()
    return try DecimalContexts.perform(vm, c) { r throws(Raised) in try operation(&r, vm, Number(v)) }
  }

  static func divmod(_ vm: VM, _ x: Number, _ y: Number, _ c: ContextRef) throws(Raised) -> Value {
    var rules = c.pointee.rules
    let (q, r): (Number, Number)
    do throws(Raised) { (q, r) = try rules.divmod(vm, x, y) } catch { throw DecimalContexts.failed(vm, c, error) }
    let quotient = try DecimalContexts.decimal(vm, q)
    return try vm.withKept(quotient) { () throws(Raised) in
      let remainder = try DecimalContexts.finish(vm, r, c, rules.status)
      return try vm.tuple(quotient, remainder)
    }
  }

  // MARK: comparison

  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    if let order = DecimalFast.compare(a, b) { return answer(order, op) }
    Scratch.reset()
    let c = try DecimalContexts.current(vm)
    var x = Number(a)
    let y: Number
    if let n = try DecimalConversions.operand(vm, b) {
      y = n
    } else {
      guard let other = try foreign(vm, &x, b, op, c) else { return .notImplemented }
      y = other
    }
    if x.isNaN || y.isNaN {
      if x.isSignaling || y.isSignaling || op != .eq && op != .ne { try DecimalContexts.signal(vm, c, .invalidOperation) }
      return .bool(op == .ne)
    }
    return answer(try Rules.compare(vm, x, y), op)
  }
  @inline(__always)
  private static func answer(_ order: Int, _ op: CompareOp) -> Value {
    switch op {
    case .lt: return .bool(order < 0)
    case .le: return .bool(order <= 0)
    case .eq: return .bool(order == 0)
    case .ne: return .bool(order != 0)
    case .gt: return .bool(order > 0)
    case .ge: return .bool(order >= 0)
    }
  }

  /// The number that a float, complex number or fraction stands for; of a fraction the numerator, and `x` times the denominator.
  @inline(never)
  private static func foreign(_ vm: VM, _ x: inout Number, _ b: Value, _ op: CompareOp, _ c: ContextRef) throws(Raised) -> Number? {
    let equality = op == .eq || op == .ne
    if b.isFloat {
      if equality { c.pointee.status.insert(.floatOperation) } else { try DecimalContexts.signal(vm, c, .floatOperation) }
      let d = try vm.asDouble(b)
      return try DecimalConversions.double(vm, d)
    }
    if b.isInstance(of: rt.pointee.types.complex) {
      guard equality else { return nil }
      let z = b.as(ComplexLayout.self)
      guard z.pointee.imaginary == 0 else { return nil }
      c.pointee.status.insert(.floatOperation)
      return try DecimalConversions.double(vm, z.pointee.real)
    }
    guard try BridgeAccess.isInstance(vm, b, DecimalTypes.rational) else { return nil }
    let numerator = try vm.getAttribute(b, "numerator")
    let denominator = try vm.getAttribute(b, "denominator")
    guard numerator.isInt, denominator.isInt else { throw vm.raise(.typeError, "numerator and denominator must be ints") }
    Scratch.reset()
    if !x.isSpecial { x = try Rules.product(vm, x, try DecimalConversions.int(vm, denominator)) }
    return try DecimalConversions.int(vm, numerator)
  }
}
