import PyRuntime

/// The signals in C's order, and the exception classes for them.
enum Signals {
  static var count: Int { 9 }

  static func condition(_ i: Int) -> Conditions {
    switch i {
    case 0: .invalid
    case 1: .floatOperation
    case 2: .divisionByZero
    case 3: .overflow
    case 4: .underflow
    case 5: .subnormal
    case 6: .inexact
    case 7: .rounded
    default: .clamped
    }
  }
  static func name(_ i: Int) -> StaticString {
    switch i {
    case 0: "InvalidOperation"
    case 1: "FloatOperation"
    case 2: "DivisionByZero"
    case 3: "Overflow"
    case 4: "Underflow"
    case 5: "Subnormal"
    case 6: "Inexact"
    case 7: "Rounded"
    default: "Clamped"
    }
  }

  /// Makes the exception classes.
  static func declare(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    func make(_ name: StaticString, _ bases: Value...) throws(Raised) -> Value {
      let all = try vm.tuple(count: bases.count)
      for (i, b) in bases.enumerated() { all.as(TupleLayout.self).items[i] = b }
      let dict = try vm.dict()
      try Dicts.set(vm, dict, "__module__", try vm.intern("decimal"))
      let c = try vm.call(Value(rt.pointee.types.type), try vm.intern(name), all, dict)
      m.value(name, c)
      return c
    }
    let types = rt.pointee.types
    let base = try make("DecimalException", Value(types[.arithmeticError]))
    let invalid = try make("InvalidOperation", base)
    let zeroDivision = Value(types[.zeroDivisionError])
    let signals = try vm.tuple(count: count)
    DecimalTypes.signals = signals
    func set(_ i: Int, _ v: Value) { signals.as(TupleLayout.self).items[i] = v }
    set(0, invalid)
    set(1, try make("FloatOperation", base, Value(types[.typeError])))
    set(2, try make("DivisionByZero", base, zeroDivision))
    let subnormal = try make("Subnormal", base)
    set(5, subnormal)
    let inexact = try make("Inexact", base)
    set(6, inexact)
    let rounded = try make("Rounded", base)
    set(7, rounded)
    set(8, try make("Clamped", base))
    set(3, try make("Overflow", inexact, rounded))
    set(4, try make("Underflow", inexact, rounded, subnormal))
    let conditions = try vm.tuple(count: 5)
    DecimalTypes.conditions = conditions
    let items = conditions.as(TupleLayout.self).items
    items[0] = invalid
    items[1] = try make("ConversionSyntax", invalid)
    items[2] = try make("DivisionImpossible", invalid)
    items[3] = try make("DivisionUndefined", invalid, zeroDivision)
    items[4] = try make("InvalidContext", invalid)
  }

  // MARK: sets of signals as Python objects

  private static func unknown(_ vm: VM) -> Raised {
    vm.raise(
      .keyError,
      "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]"
    )
  }
  static func condition(_ vm: VM, of v: Value) throws(Raised) -> Conditions {
    let items = DecimalTypes.signals.as(TupleLayout.self).items
    for i in 0..<count where items[i] == v { return condition(i) }
    throw unknown(vm)
  }
  static func list(_ vm: VM, _ set: Conditions) throws(Raised) -> Value {
    let list = try vm.list()
    for i in 0..<count where !set.isDisjoint(with: condition(i)) {
      try vm.append(list, DecimalTypes.signals.as(TupleLayout.self).items[i])
    }
    return list
  }
  /// In the order of libmpdec's condition bits, InvalidOperation where the first of its conditions comes.
  static func names(_ set: Conditions) -> String {
    let order: [Conditions] = [
      .clamped, .conversionSyntax, .divisionByZero, .divisionImpossible, .divisionUndefined, .inexact, .invalidContext, .invalidOperation,
      .floatOperation, .overflow, .rounded, .subnormal, .underflow,
    ]
    var all: [String] = []
    var invalidShown = false
    for c in order where !set.isDisjoint(with: c) {
      if Conditions.invalid.isSuperset(of: c) {
        if invalidShown { continue }
        invalidShown = true
      }
      for i in 0..<count where condition(i).isSuperset(of: c) { all.append("\(name(i))") }
    }
    return "[" + all.joined(separator: ", ") + "]"
  }
  static func dict(_ vm: VM, _ set: Conditions) throws(Raised) -> Value {
    let d = try vm.dict()
    for i in 0..<count {
      try Dicts.set(vm, d, DecimalTypes.signals.as(TupleLayout.self).items[i], .bool(!set.isDisjoint(with: condition(i))))
    }
    return d
  }
  /// From a dict that has all signals as keys.
  static func set(_ vm: VM, dict: Value) throws(Raised) -> Conditions {
    guard Dicts.count(dict) == count else { throw vm.raise(.keyError, "invalid signal dict") }
    var set: Conditions = []
    let keys = try vm.list(from: dict)
    for i in 0..<count {
      guard let items = keys.as(ListLayout.self).pointee.items else { break }
      let c = try condition(vm, of: items[i])
      if try vm.isTrue(try vm.getItem(dict, items[i])) { set.formUnion(c) }
    }
    return set
  }
  /// What `flags`, `traps` may be set to: a list of signals (for the constructor), a SignalDict, a dict.
  static func set(_ vm: VM, _ v: Value) throws(Raised) -> Conditions {
    if v.isList {
      var set: Conditions = []
      let copy = try vm.list(from: v).as(ListLayout.self)
      for i in 0..<copy.pointee.count {
        guard let items = copy.pointee.items else { break }
        set.formUnion(try condition(vm, of: items[i]))
      }
      return set
    }
    if SignalDict.isOne(v) { return try SignalDict.conditions(vm, v) }
    guard v.isDict else { throw vm.raise(.typeError, "argument must be a signal dict") }
    return try set(vm, dict: v)
  }
}

/// `decimal.SignalDictMixin`, from which and `MutableMapping` `SignalDict` derives.
enum SignalDict {
  private static func layout(_ v: Value) -> UnsafeMutablePointer<SignalDictLayout> { v.as(SignalDictLayout.self) }
  static func isOne(_ v: Value) -> Bool { v.isCell && v.isInstance(of: DecimalTypes.signalDictMixin.asType) }

  static func conditions(_ vm: VM, _ v: Value) throws(Raised) -> Conditions {
    let d = layout(v)
    guard !d.pointee.context.isNull else { throw vm.raise(.valueError, "invalid signal dict") }
    let c = d.pointee.context.as(DecimalContextLayout.self)
    return d.pointee.isTraps ? c.pointee.trapped : c.pointee.status
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(SignalDictLayout.trace)
    t.slots.new = ManyCode { vm, type, _ throws(Raised) in Value(try vm.instance(SignalDictLayout.self, of: type.asType)) }
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in
      let set = try conditions(vm, v)
      var parts: [String] = []
      for i in 0..<Signals.count {
        parts.append("<class 'decimal.\(Signals.name(i))'>:\(set.isDisjoint(with: Signals.condition(i)) ? "False" : "True")")
      }
      return try vm.str("{" + parts.joined(separator: ", ") + "}")
    }
    t.slots.hash = HashCode { vm, v throws(Raised) in throw vm.raise(.typeError, "unhashable type: '\(v.typeName)'") }
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode { vm, v, w, op throws(Raised) in
      guard op == .eq || op == .ne else { return .notImplemented }
      let set = try conditions(vm, v)
      let other: Conditions
      if isOne(w) {
        other = try conditions(vm, w)
      } else if w.isDict {
        do throws(Raised) { other = try Signals.set(vm, dict: w) } catch {
          guard vm.pendingIs(.keyError) else { throw error }
          vm.clearPending()
          return .notImplemented
        }
      } else {
        return .notImplemented
      }
      return .bool((set == other) == (op == .eq))
    }
    t.slots.mappingLength = HashCode { vm, v throws(Raised) in
      _ = try conditions(vm, v)
      return Signals.count
    }
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in
      _ = try conditions(vm, v)
      return try vm.iter(DecimalTypes.signals)
    }
    t.slots.subscripted = OneCode { vm, v, key throws(Raised) in
      let set = try conditions(vm, v)
      return .bool(!set.isDisjoint(with: try Signals.condition(vm, of: key)))
    }
    t.slots.storeSubscript = StoreCode { vm, v, key, value throws(Raised) in
      _ = try conditions(vm, v)
      if value.isNull { throw vm.raise(.valueError, "signal keys cannot be deleted") }
      let c = try Signals.condition(vm, of: key)
      let on = try vm.isTrue(value)
      let context = layout(v).pointee.context.as(DecimalContextLayout.self)
      func change(_ set: inout Conditions) { if on { set.formUnion(c) } else { set.subtract(c) } }
      if layout(v).pointee.isTraps { change(&context.pointee.trapped) } else { change(&context.pointee.status) }
    }
    t.method("copy", "($self, /)", "The signals as a dict.") { (vm: VM, v: Value) throws(Raised) in
      try Signals.dict(vm, try conditions(vm, v))
    }
  }
}

/// Arguments of functions that C parses without knowing their name.
enum DecimalArguments {
  /// One value for each name, null where it is not given.
  static func parse(
    _ vm: VM, _ args: Args, _ names: [StaticString], _ out: UnsafeMutablePointer<Value>
  ) throws(Raised) {
    let given = args.count + args.keywordCount
    if given > names.count {
      throw vm.raise(
        .typeError,
        "function takes at most \(names.count) \(args.count == 0 ? "keyword " : "")argument\(names.count == 1 ? "" : "s") (\(given) given)")
    }
    for i in 0..<names.count { out[i] = args[i] }
    for k in 0..<args.keywordCount {
      let key = args.keywordName(k)
      var place = -1
      for i in 0..<names.count where try vm.equal(key, try vm.intern(names[i])) { place = i }
      if place < 0 { throw vm.raise(.typeError, "'\(key.swiftString)' is an invalid keyword argument for this function") }
      if !out[place].isNull {
        throw vm.raise(.typeError, "argument for function given by name ('\(key.swiftString)') and position (\(place + 1))")
      }
      out[place] = args.keywordValue(k)
    }
  }
}
