import PyRuntime

/// `decimal.Context`: construction and attributes. The operations are in ContextMethods.
enum DecimalContextType {
  static func layout(_ v: Value) -> ContextRef { v.as(DecimalContextLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "Context(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)\n--\n\nThe context affects almost all operations: precision, rounding, range of exponents, which signals raise exceptions.\nArguments that are left out are taken from DefaultContext."
    )
    t.trace(DecimalContextLayout.trace)
    t.slots.new = ManyCode { vm, type, _ throws(Raised) in
      let v = try DecimalContexts.make(vm, type.asType)
      let c = layout(v)
      if DecimalTypes.standard.isNull {
        c.pointee.precision = 28
        c.pointee.emax = 999_999
        c.pointee.emin = -999_999
        c.pointee.rounding = .halfEven
        c.pointee.trapped = Conditions.invalid.union([.divisionByZero, .overflow])
      } else {
        DecimalContexts.assign(c, layout(DecimalTypes.standard))
        c.pointee.status = []
      }
      c.pointee.capitals = true
      return v
    }
    t.slots.initialize = NativeInitCode { vm, v, args throws(Raised) in
      let room = try vm.allocateValues(8)
      try DecimalArguments.parse(vm, args, names, room)
      try setAll(vm, v, room)
    }
    t.slots.repr = NoArgsCode(repr)
    t.getset("prec", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.precision) }, setPrecision)
    t.getset("Emax", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.emax) }, setEmax)
    t.getset("Emin", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.emin) }, setEmin)
    t.getset("rounding", nil, { _, v throws(Raised) in roundingName(layout(v).pointee.rounding) }, setRounding)
    t.getset("capitals", nil, { _, v throws(Raised) in Value(smallInt: layout(v).pointee.capitals ? 1 : 0) }, setCapitals)
    t.getset("clamp", nil, { _, v throws(Raised) in Value(smallInt: layout(v).pointee.clamp ? 1 : 0) }, setClamp)
    t.getset("flags", nil, { _, v throws(Raised) in layout(v).pointee.flags }, setFlags)
    t.getset("traps", nil, { _, v throws(Raised) in layout(v).pointee.traps }, setTraps)
    t.method("Etiny", "($self, /)", "Emin - prec + 1: the exponent of the smallest subnormal number.") {
      (vm: VM, v: Value) throws(Raised) in
      try vm.int(layout(v).pointee.rules.etiny)
    }
    t.method("Etop", "($self, /)", "Emax - prec + 1: the largest exponent of a number with all digits.") {
      (vm: VM, v: Value) throws(Raised) in
      try vm.int(layout(v).pointee.rules.etop)
    }
    t.method("clear_flags", "($self, /)", "Reset all flags.") { (vm: VM, v: Value) throws(Raised) in
      layout(v).pointee.status = []
      return .none
    }
    t.method("clear_traps", "($self, /)", "Trap nothing.") { (vm: VM, v: Value) throws(Raised) in
      layout(v).pointee.trapped = []
      return .none
    }
    t.method("copy", "($self, /)", "A copy with the same flags.", copy)
    t.method("__copy__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in try DecimalContexts.copy(vm, v) }
    t.method("__reduce__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      let c = layout(v)
      let all = try vm.tuple(count: 8)
      let items = all.as(TupleLayout.self).items
      items[0] = try vm.int(c.pointee.precision)
      items[1] = roundingName(c.pointee.rounding)
      items[2] = try vm.int(c.pointee.emin)
      items[3] = try vm.int(c.pointee.emax)
      items[4] = Value(smallInt: c.pointee.capitals ? 1 : 0)
      items[5] = Value(smallInt: c.pointee.clamp ? 1 : 0)
      items[6] = try Signals.list(vm, c.pointee.status)
      items[7] = try Signals.list(vm, c.pointee.trapped)
      return try vm.tuple(Value(v.type), all)
    }
    ContextMethods.declare(&t)
  }

  private static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value { try DecimalContexts.copy(vm, v) }

  static var names: [StaticString] { ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"] }

  /// Sets what is given, in the order of `names`.
  static func setAll(_ vm: VM, _ v: Value, _ a: UnsafeMutablePointer<Value>) throws(Raised) {
    func given(_ x: Value) -> Bool { !x.isNull && !x.isNone }
    if given(a[0]) { try setPrecision(vm, v, a[0], .null) }
    if given(a[1]) { try setRounding(vm, v, a[1], .null) }
    if given(a[2]) { try setEmin(vm, v, a[2], .null) }
    if given(a[3]) { try setEmax(vm, v, a[3], .null) }
    if given(a[4]) { try setCapitals(vm, v, a[4], .null) }
    if given(a[5]) { try setClamp(vm, v, a[5], .null) }
    if given(a[7]) { layout(v).pointee.trapped = try Signals.set(vm, a[7]) }
    if given(a[6]) { layout(v).pointee.status = try Signals.set(vm, a[6]) }
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = layout(v)
    let head =
      "Context(prec=\(c.pointee.precision), rounding=\(roundingName(c.pointee.rounding).swiftString), Emin=\(c.pointee.emin), Emax=\(c.pointee.emax), "
    return try vm.str(
      head
        + "capitals=\(c.pointee.capitals ? 1 : 0), clamp=\(c.pointee.clamp ? 1 : 0), flags=\(Signals.names(c.pointee.status)), traps=\(Signals.names(c.pointee.trapped)))"
    )
  }

  // MARK: attributes

  private static func noDeletion(_ vm: VM, _ v: Value) throws(Raised) {
    if v.isNull { throw vm.raise(.attributeError, "context attributes cannot be deleted") }
  }
  static func integer(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    try noDeletion(vm, v)
    guard v.isInt else { throw vm.raise(.typeError, "an integer is required") }
    return try vm.asInt(v)
  }
  private static let setPrecision: NativeStore = { vm, v, value, _ throws(Raised) in
    let i = try integer(vm, value)
    guard i >= 1 && i <= Limits.precision else { throw vm.raise(.valueError, "valid range for prec is [1, MAX_PREC]") }
    layout(v).pointee.precision = i
  }
  private static let setEmin: NativeStore = { vm, v, value, _ throws(Raised) in
    let i = try integer(vm, value)
    guard i <= 0 && i >= Limits.emin else { throw vm.raise(.valueError, "valid range for Emin is [MIN_EMIN, 0]") }
    layout(v).pointee.emin = i
  }
  private static let setEmax: NativeStore = { vm, v, value, _ throws(Raised) in
    let i = try integer(vm, value)
    guard i >= 0 && i <= Limits.emax else { throw vm.raise(.valueError, "valid range for Emax is [0, MAX_EMAX]") }
    layout(v).pointee.emax = i
  }
  private static let setCapitals: NativeStore = { vm, v, value, _ throws(Raised) in
    let i = try integer(vm, value)
    guard i == 0 || i == 1 else { throw vm.raise(.valueError, "valid values for capitals are 0 or 1") }
    layout(v).pointee.capitals = i == 1
  }
  private static let setClamp: NativeStore = { vm, v, value, _ throws(Raised) in
    let i = try integer(vm, value)
    guard i == 0 || i == 1 else { throw vm.raise(.valueError, "valid values for clamp are 0 or 1") }
    layout(v).pointee.clamp = i == 1
  }
  private static let setRounding: NativeStore = { vm, v, value, _ throws(Raised) in
    try noDeletion(vm, value)
    layout(v).pointee.rounding = try rounding(vm, value)
  }
  private static let setFlags: NativeStore = { vm, v, value, _ throws(Raised) in
    try noDeletion(vm, value)
    layout(v).pointee.status = try dict(vm, value)
  }
  private static let setTraps: NativeStore = { vm, v, value, _ throws(Raised) in
    try noDeletion(vm, value)
    layout(v).pointee.trapped = try dict(vm, value)
  }
  private static func dict(_ vm: VM, _ v: Value) throws(Raised) -> Conditions {
    if v.isList { throw vm.raise(.typeError, "argument must be a signal dict") }
    return try Signals.set(vm, v)
  }

  // MARK: roundings

  static func roundingName(_ r: Rounding) -> Value { DecimalTypes.roundings.as(TupleLayout.self).items[Int(r.rawValue)] }
  static func rounding(_ vm: VM, _ v: Value) throws(Raised) -> Rounding {
    let items = DecimalTypes.roundings.as(TupleLayout.self).items
    for i in 0..<8 where items[i] == v { return Rounding(rawValue: UInt8(i)) ?? .halfEven }
    if v.isStr {
      for i in 0..<8 where try vm.equal(items[i], v) { return Rounding(rawValue: UInt8(i)) ?? .halfEven }
    }
    throw vm.raise(
      .typeError,
      "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]"
    )
  }
}
