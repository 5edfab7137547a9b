import CPython
import PyRuntime

/// Contexts and context variables (PEP 567) across the boundary. Once libpython is loaded, each context of ours has one of CPython's that is
/// entered and left with it: variables that C code made (decimal's context) have their own value in every context, as in one interpreter.
/// A variable of ours that C code has seen has one of CPython's: what either side sets, the other finds.
///
/// Most contexts never hold a variable of C code. One that holds none has no partner: while it is entered an empty context of a pool
/// stands for it, which becomes its partner if something was set in it.
enum CrossContexts {
  /// Contexts of ours that were entered without a partner, and what stands for them; the innermost last.
  nonisolated(unsafe) private static var entered: [(context: Value, blank: PyRef)] = []
  nonisolated(unsafe) private static var blanks: [PyRef] = []
  /// Variables of ours that have crossed, as bits; an entry counts while the registry has it.
  nonisolated(unsafe) private static var variables: [UInt] = []

  static func install() {
    rt.pointee.bridgeHooks.contextCopied = { (vm, copy, source) in CrossContexts.copied(vm, copy, source) }
    rt.pointee.bridgeHooks.contextEntered = { (vm, context) throws(Raised) in try CrossContexts.enter(vm, context) }
    rt.pointee.bridgeHooks.contextLeft = { (vm, context) in CrossContexts.leave(vm, context) }
    rt.pointee.bridgeHooks.variableRead = { (vm, variable) throws(Raised) in try CrossContexts.read(vm, variable) }
    rt.pointee.bridgeHooks.variableSet = { (vm, variable, value) throws(Raised) in try CrossContexts.write(vm, variable, value) }
  }

  // MARK: contexts

  private static func copied(_ vm: VM, _ copy: Value, _ source: Value) {
    if source.isNull { return }
    let made: PyRef?
    if let theirs = Registry.theirs(source) ?? blank(source) {
      if isEmpty(theirs) { return }
      made = py.pointee.PyContext_Copy(theirs)
    } else if source == vm.thread.pointee.context {
      // The thread's first one, which CPython's thread is in.
      made = py.pointee.PyContext_CopyCurrent()
    } else {
      return
    }
    guard let made else { return py.pointee.PyErr_Clear() }
    if isEmpty(made) { return release(made) }
    Registry.pair(copy, made, .foreign)
  }
  private static func isEmpty(_ context: PyRef) -> Bool { py.pointee.PyObject_Size(context) == 0 }
  /// What stands for a context that is entered without a partner.
  private static func blank(_ context: Value) -> PyRef? { entered.last { $0.context == context }?.blank }

  /// The partner of a context, made if there is none. A new reference.
  static func context(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let standing = blank(v) {
      Registry.pair(v, retain(standing), .foreign)
      return retain(standing)
    }
    let made = try ToPython.check(vm, py.pointee.PyContext_New())
    Registry.pair(v, made, .foreign)
    return retain(made)
  }

  private static func enter(_ vm: VM, _ context: Value) throws(Raised) {
    if let theirs = Registry.theirs(context) {
      if py.pointee.PyContext_Enter(theirs) != 0 { throw Errors.fetch(vm) }
    } else {
      let blank: PyRef
      if let spare = blanks.popLast() { blank = spare } else { blank = try ToPython.check(vm, py.pointee.PyContext_New()) }
      if py.pointee.PyContext_Enter(blank) != 0 { throw Errors.fetch(vm) }
      entered.append((context, blank))
    }
    if variables.isEmpty { return }
    // What was set in it while no C code knew the variable.
    for bits in variables {
      let variable = Value(bits: UInt64(bits))
      guard let o = Registry.theirs(variable) else { continue }
      let ours = try BridgeAccess.contextValue(vm, context, variable)
      if ours.isNull { continue }
      if case let known = try current(vm, o), known == ours { continue }
      try store(vm, o, ours)
    }
  }

  private static func leave(_ vm: VM, _ context: Value) {
    let standing = entered.lastIndex { $0.context == context }
    guard let theirs = standing.map({ entered[$0].blank }) ?? Registry.theirs(context) else { return }
    if !variables.isEmpty {
      // An exception may be on its way.
      let pending = vm.takePending()
      for bits in variables {
        let variable = Value(bits: UInt64(bits))
        guard let o = Registry.theirs(variable) else { continue }
        do throws(Raised) {
          let value = try current(vm, o)
          if !value.isNull { try BridgeAccess.setContextValue(vm, context, variable, value) }
        } catch { vm.clearPending() }
      }
      vm.thread.pointee.pending = pending
    }
    if py.pointee.PyContext_Exit(theirs) != 0 { py.pointee.PyErr_Clear() }
    guard let standing else { return }
    entered.remove(at: standing)
    if Registry.theirs(context) != nil {
      release(theirs)
    } else if isEmpty(theirs) {
      blanks.append(theirs)
    } else {
      Registry.pair(context, theirs, .foreign)
    }
  }

  // MARK: variables

  /// CPython's variable for ours, made now: with the default of ours, and its value in the current context. A new reference.
  static func variable(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    let fallback = BridgeAccess.variableDefault(v)
    let theirs: PyRef? = fallback.isNull ? nil : try ToPython.convert(vm, fallback)
    defer { if let theirs { release(theirs) } }
    let o = try ToPython.check(vm, py.pointee.PyContextVar_New(try vm.getAttribute(v, "name").swiftString, theirs))
    Registry.pair(v, o, .foreign)
    let value = try BridgeAccess.contextValue(vm, .null, v)
    if !value.isNull { try store(vm, o, value) }
    variables.removeAll { Registry.theirs(Value(bits: UInt64($0))) == nil }
    variables.append(UInt(v.bits))
    BridgeAccess.setVariableShared(v)
    return retain(o)
  }

  private static func store(_ vm: VM, _ o: PyRef, _ value: Value) throws(Raised) {
    let x = try ToPython.convert(vm, value)
    defer { release(x) }
    release(try ToPython.check(vm, py.pointee.PyContextVar_Set(o, x)))
  }
  /// The value over there in the current context, its default too; null without one.
  private static func current(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    var value: PyRef?
    if py.pointee.PyContextVar_Get(o, nil, &value) != 0 { throw Errors.fetch(vm) }
    guard let value else { return .null }
    defer { release(value) }
    return try FromPython.convert(vm, value)
  }

  /// What C code may have set: null when it has not.
  private static func read(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let o = Registry.theirs(v) else { return .null }
    return try current(vm, o)
  }
  private static func write(_ vm: VM, _ v: Value, _ value: Value) throws(Raised) {
    guard let o = Registry.theirs(v) else { return }
    // CPython knows no way to take a value away but the token's: the default stands for none.
    let value = value.isNull ? BridgeAccess.variableDefault(v) : value
    if !value.isNull { try Calls.settling(vm) { () throws(Raised) in try store(vm, o, value) } }
  }
}
