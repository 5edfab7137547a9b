// Exceptions with a few fields: StopIteration, SystemExit, KeyError, NameError, AttributeError, ImportError.

enum StopIterationType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Signal the end from iterator.__next__().")
    t.slots.initialize = NativeInitCode(initialize)
    t.member("value", "generator return value", offset: MemoryLayout<OneFieldLayout>.offset(of: \.value), readOnly: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    v.as(OneFieldLayout.self).pointee.value = args.count > 0 ? args[0] : .none
  }
}

enum SystemExitType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Request to exit from the interpreter.")
    t.slots.initialize = NativeInitCode(initialize)
    t.member("code", "exception code", offset: MemoryLayout<OneFieldLayout>.offset(of: \.value), readOnly: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    if args.count == 0 { return }
    v.as(OneFieldLayout.self).pointee.value =
      args.count == 1 ? args[0] : try vm.tuple(copying: args.base, count: args.count)
  }
}

enum KeyErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Mapping key not found.")
    t.slots.str = NoArgsCode(str)
  }
  /// A single key is shown by repr: `KeyError: ''` says more than an empty line.
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let args = v.as(ExceptionLayout.self).pointee.args.as(TupleLayout.self)
    if args.pointee.count == 1 { return try vm.repr(args.items[0]) }
    return try BaseExceptionType.str(vm, v)
  }
}

/// Keyword arguments of exceptions whose positional ones are free.
private func takeKeywords(
  _ vm: VM, _ args: Args, _ title: String, _ names: [StaticString], _ store: (Int, Value) -> Void
) throws(Raised) {
  for i in 0..<args.keywordCount {
    var known = false
    for (j, name) in names.enumerated() where Str.equal(args.keywordName(i), name) {
      store(j, args.keywordValue(i))
      known = true
    }
    if !known {
      throw vm.raise(.typeError, "'\(args.keywordName(i).swiftString)' is an invalid keyword argument for \(title)()")
    }
  }
}

enum NameErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Name not found globally.")
    t.slots.initialize = NativeInitCode(initialize)
    t.member("name", "name", offset: MemoryLayout<NameErrorLayout>.offset(of: \.name), readOnly: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.storeArgs(vm, v, args)
    let e = v.as(NameErrorLayout.self)
    e.pointee.name = .null
    try takeKeywords(vm, args, "NameError", ["name"]) { _, value in e.pointee.name = value }
  }
}

enum AttributeErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Attribute not found.")
    t.slots.initialize = NativeInitCode(initialize)
    t.member("name", "attribute name", offset: MemoryLayout<AttributeErrorLayout>.offset(of: \.name), readOnly: false)
    t.member("obj", "object", offset: MemoryLayout<AttributeErrorLayout>.offset(of: \.object), readOnly: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.storeArgs(vm, v, args)
    let e = v.as(AttributeErrorLayout.self)
    e.pointee.name = .null
    e.pointee.object = .null
    try takeKeywords(vm, args, "AttributeError", ["name", "obj"]) { i, value in
      if i == 0 { e.pointee.name = value } else { e.pointee.object = value }
    }
  }
}

enum ImportErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Import can't find module, or can't find name in module.")
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    t.method("__reduce__", nil, nil, reduce)
    t.member("msg", "exception message", offset: MemoryLayout<ImportErrorLayout>.offset(of: \.message), readOnly: false)
    t.member("name", "module name", offset: MemoryLayout<ImportErrorLayout>.offset(of: \.name), readOnly: false)
    t.member("path", "module path", offset: MemoryLayout<ImportErrorLayout>.offset(of: \.path), readOnly: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.storeArgs(vm, v, args)
    let e = v.as(ImportErrorLayout.self)
    e.pointee.name = .null
    e.pointee.path = .null
    try takeKeywords(vm, args, "ImportError", ["name", "path"]) { i, value in
      if i == 0 { e.pointee.name = value } else { e.pointee.path = value }
    }
    e.pointee.message = args.count == 1 ? args[0] : .null
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let message = v.as(ImportErrorLayout.self).pointee.message
    if message.isExactStr { return message }
    return try BaseExceptionType.str(vm, v)
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(ImportErrorLayout.self)
    var state = Attributes.count(v) == 0 ? Value.null : try Attributes.snapshot(vm, v)
    if !e.pointee.name.isNull || !e.pointee.path.isNull {
      if state.isNull { state = try vm.dict() }
      if !e.pointee.name.isNull { try Dicts.set(vm, state, "name", e.pointee.name) }
      if !e.pointee.path.isNull { try Dicts.set(vm, state, "path", e.pointee.path) }
    }
    let args = e.pointee.exception.args
    return state.isNull ? try vm.tuple(Value(v.type), args) : try vm.tuple(Value(v.type), args, state)
  }
}
