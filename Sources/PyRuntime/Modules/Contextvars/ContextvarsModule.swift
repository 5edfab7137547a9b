/// `_contextvars`. A context's variables are a dict that is never changed once another context may share it: setting copies, so that
/// `copy_context` takes constant time.
package struct ContextLayout {
  var header: CellHeader
  /// dict: variable → value
  package var variables: Value
  /// The context that was current when this one was entered; null outside `run`
  var previous: Value
  var isEntered: Bool
  /// Another context holds the same dict.
  var isShared: Bool

  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: ContextLayout.self)
    Tracer(tracer).visit(c.pointee.variables)
    Tracer(tracer).visit(c.pointee.previous)
  }
}

struct ContextVarLayout {
  var header: CellHeader
  /// str; the default, or null
  var name: Value, fallback: Value
  /// C code has a variable for it (`BridgeHooks.variableRead`).
  var isShared: Bool

  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: ContextVarLayout.self)
    Tracer(tracer).visit(c.pointee.name)
    Tracer(tracer).visit(c.pointee.fallback)
  }
}

struct TokenLayout {
  var header: CellHeader
  var context: Value, variable: Value
  /// The value before, or null
  var old: Value
  var isUsed: Bool

  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: TokenLayout.self)
    Tracer(tracer).visit(c.pointee.context)
    Tracer(tracer).visit(c.pointee.variable)
    Tracer(tracer).visit(c.pointee.old)
  }
}

enum ContextvarsModule {
  nonisolated(unsafe) private static var contextType = Value.null
  nonisolated(unsafe) private static var variableType = Value.null
  nonisolated(unsafe) private static var tokenType = Value.null
  nonisolated(unsafe) private static var missing = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Context Variables")
    contextType = Value(
      try m.type("Context", layoutSize: MemoryLayout<ContextLayout>.size, flags: [.weakReferenceable, .mappingPattern], declareContext))
    variableType = Value(
      try m.type("ContextVar", layoutSize: MemoryLayout<ContextVarLayout>.size, flags: [], declareVariable))
    tokenType = Value(try m.type("Token", layoutSize: MemoryLayout<TokenLayout>.size, flags: [.disallowInstantiation], declareToken))
    let marker = try m.vm.call(Value(rt.pointee.types.object))
    missing = marker
    m.vm.bootstrapStore(tokenType.asType.pointee.dict, "MISSING", marker)
    m.function("copy_context", "($module, /)", "A copy of the current context.") { (vm: VM, _: Value) throws(Raised) in
      try copy(vm, try current(vm))
    }
  }

  // MARK: contexts

  private static func newContext(_ vm: VM) throws(Raised) -> Value {
    let c = try vm.make(ContextLayout.self, contextType.asType)
    let v = Value(c)
    c.pointee.variables = try vm.dict()
    rt.bridgeHooks.contextCopied?(vm, v, .null)
    return v
  }
  /// `copy_context()`
  static func copyCurrent(_ vm: VM) throws(Raised) -> Value { try copy(vm, try current(vm)) }
  private static func current(_ vm: VM) throws(Raised) -> Value {
    if vm.thread.pointee.context.isNull {
      // The thread's first context is the one that CPython's thread is in.
      let c = try vm.make(ContextLayout.self, contextType.asType)
      vm.thread.pointee.context = Value(c)
      c.pointee.variables = try vm.dict()
    }
    return vm.thread.pointee.context
  }
  private static func copy(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = try vm.make(ContextLayout.self, contextType.asType)
    c.pointee.variables = v.as(ContextLayout.self).pointee.variables
    c.pointee.isShared = true
    v.as(ContextLayout.self).pointee.isShared = true
    rt.bridgeHooks.contextCopied?(vm, Value(c), v)
    return Value(c)
  }
  /// The dict of `c`, its own.
  private static func writable(_ vm: VM, _ c: UnsafeMutablePointer<ContextLayout>) throws(Raised) -> Value {
    if c.pointee.isShared {
      c.pointee.variables = try Dicts.copy(vm, c.pointee.variables)
      c.pointee.isShared = false
    }
    return c.pointee.variables
  }
  private static func variables(_ v: Value) -> Value { v.as(ContextLayout.self).pointee.variables }
  private static func checkKey(_ vm: VM, _ key: Value) throws(Raised) {
    if !key.isExact(variableType.asType) {
      throw vm.raise(.typeError, "a ContextVar key was expected, got \(try vm.repr(key).swiftString)")
    }
  }

  private static func declareContext(_ t: inout TypeBuilder) {
    t.trace(ContextLayout.trace)
    t.slots.new = NewCode { (vm, _, args) throws(Raised) in
      if args.count != 0 || args.keywordCount != 0 { throw vm.raise(.typeError, "Context() does not accept any arguments") }
      return try newContext(vm)
    }
    t.slots.mappingLength = HashCode { (_, v) throws(Raised) in Dicts.count(variables(v)) }
    t.slots.subscripted = OneCode { (vm, v, key) throws(Raised) in
      try checkKey(vm, key)
      let found = try Dicts.get(vm, variables(v), key)
      if found.isNull { throw vm.raise(.keyError, value: key) }
      return found
    }
    t.slots.contains = ContainsCode { (vm, v, key) throws(Raised) in
      try checkKey(vm, key)
      return try Dicts.contains(vm, variables(v), key)
    }
    t.slots.iter = NoArgsCode { (vm, v) throws(Raised) in try vm.iter(variables(v)) }
    t.slots.compare = CompareCode { (vm, a, b, op) throws(Raised) in
      guard op == .eq || op == .ne, b.isExact(contextType.asType) else { return .notImplemented }
      return try vm.compare(variables(a), variables(b), op)
    }
    t.method("run", nil, "Call a function inside the context.", run)
    t.method("copy", "($self, /)", "Return a shallow copy of the context object.", copy)
    t.method("get", "($self, key, default=None, /)", "Value of `key` in the context, else default.") {
      (vm: VM, v: Value, key: Value, fallback: Value) throws(Raised) in
      try checkKey(vm, key)
      let found = try Dicts.get(vm, variables(v), key)
      return found.isNull ? (fallback.isNull ? .none : fallback) : found
    }
    t.method("keys", "($self, /)", "All variables.") { (vm: VM, v: Value) throws(Raised) in try vm.callMethod(variables(v), "keys") }
    t.method("values", "($self, /)", "All values.") { (vm: VM, v: Value) throws(Raised) in try vm.callMethod(variables(v), "values") }
    t.method("items", "($self, /)", "All variables and their values.") { (vm: VM, v: Value) throws(Raised) in
      try vm.callMethod(variables(v), "items")
    }
  }

  private static func run(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.count < 1 { throw vm.raise(.typeError, "run() missing 1 required positional argument") }
    let c = v.as(ContextLayout.self)
    if c.pointee.isEntered {
      throw vm.raise(.runtimeError, "cannot enter context: \(try vm.repr(v).swiftString) is already entered")
    }
    if let enter = rt.bridgeHooks.contextEntered { try enter(vm, v) }
    c.pointee.previous = vm.thread.pointee.context
    c.pointee.isEntered = true
    vm.thread.pointee.context = v
    defer {
      rt.bridgeHooks.contextLeft?(vm, v)
      vm.thread.pointee.context = c.pointee.previous
      c.pointee.previous = .null
      c.pointee.isEntered = false
    }
    return try vm.call(args[0], args.dropFirst(1))
  }

  // MARK: for the bridge

  /// The value that a variable has in a context (null: the current one); null without one.
  static func value(_ vm: VM, _ context: Value, _ v: Value) throws(Raised) -> Value {
    let c = context.isNull ? vm.thread.pointee.context : context
    return c.isNull ? .null : try Dicts.get(vm, variables(c), v)
  }
  static func set(_ vm: VM, _ context: Value, _ v: Value, _ value: Value) throws(Raised) {
    // What is only the default is no value.
    if try self.value(vm, context, v).isNull, value == v.as(ContextVarLayout.self).pointee.fallback { return }
    try Dicts.set(vm, try writable(vm, context.as(ContextLayout.self)), v, value)
  }

  // MARK: variables

  private static func declareVariable(_ t: inout TypeBuilder) {
    t.trace(ContextVarLayout.trace)
    t.slots.new = NewCode(newVariable)
    t.slots.hash = HashCode(ObjectType.hash)
    t.slots.repr = NoArgsCode(reprVariable)
    t.member("name", nil, offset: MemoryLayout<ContextVarLayout>.offset(of: \.name))
    t.method("get", "($self, default=<unrepresentable>, /)", "Value of the variable in the current context.", getVariable)
    t.method("set", "($self, value, /)", "Set the variable in the current context.", setVariable)
    t.method("reset", "($self, token, /)", "Restore the value from before the `set` that made the token.", reset)
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
  }

  private static func newVariable(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "ContextVar", "(name, /, *, default=None)") { a throws(Raised) in
      guard a[0].isStr else { throw vm.raise(.typeError, "context variable name must be a str") }
      let c = try vm.make(ContextVarLayout.self, variableType.asType)
      c.pointee.name = a[0]
      c.pointee.fallback = a[1]
      return Value(c)
    }
  }
  private static func reprVariable(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = v.as(ContextVarLayout.self)
    var text = "<ContextVar name=\(try vm.repr(c.pointee.name).swiftString)"
    if !c.pointee.fallback.isNull { text += " default=\(try vm.repr(c.pointee.fallback).swiftString)" }
    return try vm.str(text + " at \(hexAddress(v))>")
  }
  private static func getVariable(_ vm: VM, _ v: Value, _ fallback: Value) throws(Raised) -> Value {
    if v.as(ContextVarLayout.self).pointee.isShared, let read = rt.bridgeHooks.variableRead {
      let found = try read(vm, v)
      if !found.isNull {
        let ours = try value(vm, .null, v)
        if try !isSame(vm, found, ours.isNull ? v.as(ContextVarLayout.self).pointee.fallback : ours) { return found }
      }
    }
    let context = vm.thread.pointee.context
    if !context.isNull {
      let found = try Dicts.get(vm, variables(context), v)
      if !found.isNull { return found }
    }
    if !fallback.isNull { return fallback }
    let own = v.as(ContextVarLayout.self).pointee.fallback
    if own.isNull { throw vm.raise(.lookupError, value: v) }
    return own
  }
  /// Whether `a` is `b`, or a copy of it that has crossed.
  private static func isSame(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    return !b.isNull && (a.isExactStr && b.isExactStr || a.isBytes && b.isBytes || a.isTuple && b.isTuple || a.isInt && b.isInt)
      ? try vm.equal(a, b) : false
  }
  private static func setVariable(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) -> Value {
    let context = try current(vm)
    let old = try Dicts.get(vm, variables(context), v)
    let t = try vm.make(TokenLayout.self, tokenType.asType)
    t.pointee.context = context
    t.pointee.variable = v
    t.pointee.old = old
    let token = Value(t)
    try Dicts.set(vm, try writable(vm, context.as(ContextLayout.self)), v, value)
    if v.as(ContextVarLayout.self).pointee.isShared, let set = rt.bridgeHooks.variableSet { try set(vm, v, value) }
    return token
  }
  private static func reset(_ vm: VM, _ v: Value, _ token: Value) throws(Raised) -> Value {
    guard token.isExact(tokenType.asType) else {
      throw vm.raise(.typeError, "expected an instance of Token, got \(try vm.repr(token).swiftString)")
    }
    let t = token.as(TokenLayout.self)
    if t.pointee.isUsed { throw vm.raise(.runtimeError, "\(try vm.repr(token).swiftString) has already been used once") }
    if t.pointee.variable != v {
      throw vm.raise(.valueError, "\(try vm.repr(token).swiftString) was created by a different ContextVar")
    }
    let context = try current(vm)
    if t.pointee.context != context {
      throw vm.raise(.valueError, "\(try vm.repr(token).swiftString) was created in a different Context")
    }
    t.pointee.isUsed = true
    let dict = try writable(vm, context.as(ContextLayout.self))
    if t.pointee.old.isNull {
      _ = try Dicts.remove(vm, dict, v)
    } else {
      try Dicts.set(vm, dict, v, t.pointee.old)
    }
    if v.as(ContextVarLayout.self).pointee.isShared, let set = rt.bridgeHooks.variableSet { try set(vm, v, t.pointee.old) }
    return .none
  }

  // MARK: tokens

  private static func declareToken(_ t: inout TypeBuilder) {
    t.trace(TokenLayout.trace)
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      let token = v.as(TokenLayout.self)
      let used = token.pointee.isUsed ? " used" : ""
      return try vm.str("<Token\(used) var=\(try vm.repr(token.pointee.variable).swiftString) at \(hexAddress(v))>")
    }
    t.member("var", nil, offset: MemoryLayout<TokenLayout>.offset(of: \.variable))
    t.getset("old_value", nil) { (_: VM, v: Value) throws(Raised) in
      let old = v.as(TokenLayout.self).pointee.old
      return old.isNull ? missing : old
    }
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
  }
}
