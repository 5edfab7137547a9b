import PyRuntime

/// `_decimal`: native by the rule of speed (docs/modules.md).
enum DecimalModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    Scratch.prepare()
    Coefficient.prepare()
    Integers.prepare()
    m.doc("C decimal arithmetic module")
    m.str("__version__", "1.70")
    m.str("__libmpdec_version__", "2.5.1")
    m.value("HAVE_THREADS", .true)
    m.value("HAVE_CONTEXTVAR", .true)
    try m.int("MAX_PREC", Limits.precision)
    try m.int("MAX_EMAX", Limits.emax)
    try m.int("MIN_EMIN", Limits.emin)
    try m.int("MIN_ETINY", Limits.etiny)
    let names: [StaticString] = [
      "ROUND_CEILING", "ROUND_FLOOR", "ROUND_UP", "ROUND_DOWN", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN", "ROUND_05UP",
    ]
    let roundings = try vm.tuple(count: 8)
    DecimalTypes.roundings = roundings
    for (i, name) in names.enumerated() {
      roundings.as(TupleLayout.self).items[i] = try vm.intern(name)
      m.value(name, try vm.intern(name))
    }
    try Signals.declare(m)

    let decimal = try m.type(full: "decimal.Decimal", "Decimal", layoutSize: DecimalLayout.size) { (t: inout TypeBuilder) throws(Raised) in
      DecimalType.declare(&t)
    }
    DecimalTypes.decimal = Value(decimal)
    let numbers = try vm.importModule("numbers")
    _ = try vm.callMethod(try vm.getAttribute(numbers, "Number"), "register", Value(decimal))
    DecimalTypes.rational = try vm.getAttribute(numbers, "Rational")
    let namedtuple = try vm.getAttribute(try vm.importModule("collections"), "namedtuple")
    let fields = try vm.str("sign digits exponent")
    DecimalTypes.decimalTuple = try vm.call(namedtuple, try vm.str("DecimalTuple"), fields)
    try vm.setAttribute(DecimalTypes.decimalTuple, "__module__", try vm.intern("decimal"))
    m.value("DecimalTuple", DecimalTypes.decimalTuple)

    try declareSignalDict(m)
    let context = try m.type(
      full: "decimal.Context", "Context", layoutSize: MemoryLayout<DecimalContextLayout>.size
    ) { (t: inout TypeBuilder) throws(Raised) in DecimalContextType.declare(&t) }
    DecimalTypes.context = Value(context)
    DecimalTypes.manager = Value(
      try m.hiddenType(
        full: "decimal.ContextManager", layoutSize: MemoryLayout<ContextManagerLayout>.size, flags: [.disallowInstantiation],
        declareManager))

    let variable = try vm.getAttribute(try vm.importModule("_contextvars"), "ContextVar")
    DecimalTypes.variable = try vm.call(variable, try vm.str("decimal_context"))
    DecimalTypes.standard = try vm.call(DecimalTypes.context)
    m.value("DefaultContext", DecimalTypes.standard)
    DecimalTypes.basic = try vm.call(DecimalTypes.context)
    let b = DecimalTypes.basic.as(DecimalContextLayout.self)
    b.pointee.precision = 9
    b.pointee.rounding = .halfUp
    b.pointee.trapped = Conditions.invalid.union([.divisionByZero, .overflow, .underflow, .clamped])
    m.value("BasicContext", DecimalTypes.basic)
    DecimalTypes.extended = try vm.call(DecimalTypes.context)
    let e = DecimalTypes.extended.as(DecimalContextLayout.self)
    e.pointee.precision = 9
    e.pointee.trapped = []
    m.value("ExtendedContext", DecimalTypes.extended)

    m.function("getcontext", "($module, /)", "The current context.") { (vm: VM, _: Value) throws(Raised) in
      Value(try DecimalContexts.current(vm))
    }
    m.function("setcontext", "($module, context, /)", "Make a context current.") { (vm: VM, _: Value, c: Value) throws(Raised) in
      try DecimalContexts.set(vm, c)
      return .none
    }
    m.function(
      "localcontext", "($module, /, ctx=None, **kwargs)",
      "A context manager that makes a copy of a context current, and then the context before it.", localContext)
  }

  private static func declareSignalDict(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let mixin = try m.hiddenType(full: "decimal.SignalDictMixin", layoutSize: MemoryLayout<SignalDictLayout>.size, flags: [.baseType]) {
      (t: inout TypeBuilder) throws(Raised) in SignalDict.declare(&t)
    }
    DecimalTypes.signalDictMixin = Value(mixin)
    let mapping = try vm.getAttribute(try vm.importModule("collections.abc"), "MutableMapping")
    DecimalTypes.signalDict = try vm.call(
      Value(rt.pointee.types.type), try vm.str("SignalDict"), try vm.tuple(Value(mixin), mapping), try vm.dict())
  }

  // MARK: local contexts

  private static func localContext(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let room = try vm.allocateValues(8)
    let keywords = args[1]
    if !keywords.isNull {
      var position = 0
      while let entry = Dicts.next(keywords, &position) {
        var known = false
        for (i, name) in DecimalContextType.names.enumerated() where try vm.equal(entry.key, try vm.intern(name)) {
          room[i] = entry.value
          known = true
        }
        if !known { throw vm.raise(.typeError, "'\(entry.key.swiftString)' is an invalid keyword argument for this function") }
      }
    }
    let global = Value(try DecimalContexts.current(vm))
    let copy = try DecimalContexts.copy(vm, Value(try DecimalContexts.argument(vm, args[0])))
    try DecimalContextType.setAll(vm, copy, room)
    let manager = try vm.instance(ContextManagerLayout.self, of: DecimalTypes.manager.asType)
    manager.pointee.local = copy
    manager.pointee.global = global
    return Value(manager)
  }

  private static func declareManager(_ t: inout TypeBuilder) {
    t.trace(ContextManagerLayout.trace)
    t.method("__enter__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      let local = v.as(ContextManagerLayout.self).pointee.local
      try DecimalContexts.set(vm, local)
      return local
    }
    t.method("__exit__", nil, nil) { (vm: VM, v: Value, _: Args) throws(Raised) in
      try DecimalContexts.set(vm, v.as(ContextManagerLayout.self).pointee.global)
      return .false
    }
  }
}
