import PyRuntime

/// A `decimal.Context`. `flags` and `traps` are its two SignalDicts, views of `status` and `trapped`.
struct DecimalContextLayout {
  var header: CellHeader
  var precision: Int
  var emax: Int
  var emin: Int
  var status: Conditions
  var trapped: Conditions
  var rounding: Rounding
  var clamp: Bool
  var capitals: Bool
  var flags: Value
  var traps: Value

  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: DecimalContextLayout.self)
    Tracer(tracer).visit(c.pointee.flags)
    Tracer(tracer).visit(c.pointee.traps)
  }

  @inline(__always) var rules: Rules {
    Rules(precision: precision, emax: emax, emin: emin, rounding: rounding, clamp: clamp)
  }
}
typealias ContextRef = UnsafeMutablePointer<DecimalContextLayout>

/// What `flags` and `traps` are: a view of one set of conditions of `context`, which is null in one that was made by itself.
struct SignalDictLayout {
  var header: CellHeader
  var context: Value
  var isTraps: Bool

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: SignalDictLayout.self).pointee.context)
  }
}

/// What `localcontext()` answers: the context to enter and the one to go back to.
struct ContextManagerLayout {
  var header: CellHeader
  var local: Value
  var global: Value

  static let trace: TraceFunction = { cell, tracer in
    let m = cell.assumingMemoryBound(to: ContextManagerLayout.self)
    Tracer(tracer).visit(m.pointee.local)
    Tracer(tracer).visit(m.pointee.global)
  }
}

/// The types and objects of the module that native code needs.
enum DecimalTypes {
  nonisolated(unsafe) static var decimal = Value(bits: 0)
  nonisolated(unsafe) static var context = Value(bits: 0)
  nonisolated(unsafe) static var signalDictMixin = Value(bits: 0)
  nonisolated(unsafe) static var signalDict = Value(bits: 0)
  nonisolated(unsafe) static var manager = Value(bits: 0)
  nonisolated(unsafe) static var decimalTuple = Value(bits: 0)
  /// `numbers.Rational`
  nonisolated(unsafe) static var rational = Value(bits: 0)
  /// Tuples of exception classes: signals in their order, and the conditions that make up InvalidOperation
  nonisolated(unsafe) static var signals = Value(bits: 0)
  nonisolated(unsafe) static var conditions = Value(bits: 0)
  /// Tuple of the names of the roundings, interned, in the order of `Rounding`
  nonisolated(unsafe) static var roundings = Value(bits: 0)
  /// The context variable, and the contexts that are copied when they become current
  nonisolated(unsafe) static var variable = Value(bits: 0)
  nonisolated(unsafe) static var basic = Value(bits: 0)
  nonisolated(unsafe) static var extended = Value(bits: 0)
  nonisolated(unsafe) static var standard = Value(bits: 0)

  @inline(__always) static func isExactDecimal(_ v: Value) -> Bool {
    v.isCell && Value(v.as(CellHeader.self).pointee.type).bits == decimal.bits
  }
  @inline(__always) static func isDecimal(_ v: Value) -> Bool {
    isExactDecimal(v) || v.isCell && v.isInstance(of: decimal.asType)
  }
  static func isContext(_ v: Value) -> Bool { v.isCell && v.isInstance(of: context.asType) }
}

/// The current context, and what becomes of what happened in an operation.
enum DecimalContexts {
  /// Where the variable lay when it was last found in a context's dict: looked at first.
  nonisolated(unsafe) private static var entry = 0

  @inline(__always)
  static func current(_ vm: VM) throws(Raised) -> ContextRef {
    let c = vm.thread.pointee.context
    if c.bits != 0 {
      let d = c.as(ContextLayout.self).pointee.variables.as(DictLayout.self)
      if let entries = d.pointee.entries, entry < d.pointee.used, entries[entry].key.bits == DecimalTypes.variable.bits {
        return entries[entry].value.as(DecimalContextLayout.self)
      }
    }
    return try find(vm)
  }
  @inline(never)
  private static func find(_ vm: VM) throws(Raised) -> ContextRef {
    let c = vm.thread.pointee.context
    var found = Value.null
    if !c.isNull {
      let d = c.as(ContextLayout.self).pointee.variables
      found = try Dicts.get(vm, d, DecimalTypes.variable)
      let layout = d.as(DictLayout.self)
      if let entries = layout.pointee.entries {
        for i in 0..<min(layout.pointee.used, 64) where entries[i].key == DecimalTypes.variable { entry = i }
      }
    }
    if found.isNull {
      found = try copy(vm, DecimalTypes.standard)
      found.as(DecimalContextLayout.self).pointee.status = []
      _ = try vm.callMethod(DecimalTypes.variable, "set", found)
    }
    // Python code can reach the variable through contextvars.copy_context().
    if !DecimalTypes.isContext(found) { throw vm.raise(.typeError, "decimal_context is not a context") }
    return found.as(DecimalContextLayout.self)
  }

  /// Makes a context current.
  static func set(_ vm: VM, _ v: Value) throws(Raised) {
    guard DecimalTypes.isContext(v) else { throw vm.raise(.typeError, "argument must be a context") }
    var c = v
    if v == DecimalTypes.standard || v == DecimalTypes.basic || v == DecimalTypes.extended {
      c = try copy(vm, v)
      c.as(DecimalContextLayout.self).pointee.status = []
    }
    _ = try vm.callMethod(DecimalTypes.variable, "set", c)
  }

  /// An optional argument: a context, or the current one.
  @inline(__always)
  static func argument(_ vm: VM, _ v: Value) throws(Raised) -> ContextRef {
    if v.isNull || v.isNone { return try current(vm) }
    guard DecimalTypes.isContext(v) else { throw vm.raise(.typeError, "optional argument must be a context") }
    return v.as(DecimalContextLayout.self)
  }

  static func make(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let v = Value(try vm.instance(DecimalContextLayout.self, of: type))
    return try vm.withKept(v) { () throws(Raised) in
      for isTraps in [false, true] {
        let d = try vm.instance(SignalDictLayout.self, of: DecimalTypes.signalDict.asType)
        d.pointee.context = v
        d.pointee.isTraps = isTraps
        if isTraps {
          v.as(DecimalContextLayout.self).pointee.traps = Value(d)
        } else {
          v.as(DecimalContextLayout.self).pointee.flags = Value(d)
        }
      }
      return v
    }
  }
  static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let new = try make(vm, DecimalTypes.context.asType)
    assign(new.as(DecimalContextLayout.self), v.as(DecimalContextLayout.self))
    return new
  }
  /// Everything but the dicts.
  static func assign(_ c: ContextRef, _ other: ContextRef) {
    let (flags, traps, header) = (c.pointee.flags, c.pointee.traps, c.pointee.header)
    c.pointee = other.pointee
    c.pointee.header = header
    c.pointee.flags = flags
    c.pointee.traps = traps
  }

  // MARK: signals

  /// Notes what happened, and raises what is trapped.
  @inline(__always)
  static func signal(_ vm: VM, _ c: ContextRef, _ status: Conditions) throws(Raised) {
    if status.rawValue == 0 { return }
    c.pointee.status.formUnion(status)
    if status.rawValue & c.pointee.trapped.rawValue != 0 { throw raise(vm, status.intersection(c.pointee.trapped)) }
  }
  @inline(never)
  private static func raise(_ vm: VM, _ status: Conditions) -> Raised {
    do throws(Raised) {
      let list = try conditionList(vm, status)
      var signal = Value.null
      for i in 0..<Signals.count where signal.isNull && !status.isDisjoint(with: Signals.condition(i)) {
        signal = DecimalTypes.signals.as(TupleLayout.self).items[i]
      }
      return vm.raise(try vm.call(signal, list))
    } catch { return error }
  }
  /// The classes of single conditions, then of the other signals.
  private static func conditionList(_ vm: VM, _ status: Conditions) throws(Raised) -> Value {
    let list = try vm.list()
    for i in 0..<5 where status.contains(Conditions(rawValue: 1 << UInt32(i))) {
      try vm.append(list, DecimalTypes.conditions.as(TupleLayout.self).items[i])
    }
    for i in 1..<Signals.count where !status.isDisjoint(with: Signals.condition(i)) {
      try vm.append(list, DecimalTypes.signals.as(TupleLayout.self).items[i])
    }
    return list
  }

  /// An operation for which there is no memory is invalid, too.
  @inline(never)
  static func failed(_ vm: VM, _ c: ContextRef, _ error: Raised) -> Raised {
    if vm.pendingIs(.memoryError) { c.pointee.status.insert(.invalidOperation) }
    return error
  }

  // MARK: results

  /// The result of an operation by a context's rules, as a Decimal; notes and raises what happened.
  @inline(__always)
  static func perform(_ vm: VM, _ c: ContextRef, _ operation: (inout Rules) throws(Raised) -> Number) throws(Raised) -> Value {
    var rules = c.pointee.rules
    let n: Number
    do throws(Raised) { n = try operation(&rules) } catch { throw failed(vm, c, error) }
    return try finish(vm, n, c, rules.status)
  }
  /// A Decimal of a result; notes and raises what happened.
  @inline(__always)
  static func finish(_ vm: VM, _ n: Number, _ c: ContextRef, _ status: Conditions) throws(Raised) -> Value {
    let v = try decimal(vm, n)
    try signal(vm, c, status)
    return v
  }

  @inline(__always)
  static func decimal(_ vm: VM, _ n: Number) throws(Raised) -> Value {
    if n.count > 2 { return try large(vm, n) }
    let cell = try vm.allocateUnfilled(DecimalTypes.decimal.asTypeRef, DecimalLayout.size)
    fill(cell, n)
    return Value(cell: cell)
  }
  @inline(__always)
  private static func fill(_ cell: UnsafeMutableRawPointer, _ n: Number) {
    let d = cell.assumingMemoryBound(to: DecimalLayout.self)
    d.pointee.exponent = n.exponent
    d.pointee.digits = n.digits
    d.pointee.count = Int32(truncatingIfNeeded: n.count)
    d.pointee.flags = n.flags
    d.pointee.low = n.count > 0 ? n.limbs[0] : 0
    d.pointee.high = n.count > 1 ? n.limbs[1] : 0
  }
  @inline(never)
  private static func large(_ vm: VM, _ n: Number) throws(Raised) -> Value {
    try filled(vm, n, try vm.allocate(DecimalTypes.decimal.asTypeRef, DecimalLayout.size))
  }
  private static func filled(_ vm: VM, _ n: Number, _ cell: UnsafeMutableRawPointer) throws(Raised) -> Value {
    let v = Value(cell: cell)
    if n.count <= 2 {
      fill(cell, n)
      return v
    }
    return try vm.withKept(v) { () throws(Raised) in
      // Zeroed: the collector sees no limbs yet.
      let limbs = try kept(vm, n)
      let d = cell.assumingMemoryBound(to: DecimalLayout.self)
      d.pointee.exponent = n.exponent
      d.pointee.digits = n.digits
      d.pointee.flags = n.flags
      d.pointee.low = UInt(bitPattern: limbs)
      d.pointee.count = Int32(n.count)
      return v
    }
  }
  /// The limbs where a Decimal may keep them: in a raw-buffer cell.
  private static func kept(_ vm: VM, _ n: Number) throws(Raised) -> UnsafeMutablePointer<UInt> {
    let p = try vm.allocateBytes(n.count &* 8).assumingMemoryBound(to: UInt.self)
    p.update(from: n.limbs, count: n.count)
    return p
  }

  /// An instance of a subclass with that number.
  static func instance(_ vm: VM, _ type: Value, _ n: Number) throws(Raised) -> Value {
    if type == DecimalTypes.decimal { return try decimal(vm, n) }
    return try filled(vm, n, UnsafeMutableRawPointer(try vm.instance(DecimalLayout.self, of: type.asType)))
  }
}
