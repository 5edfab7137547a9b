/// `_weakref`
enum WeakrefModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Weak-reference support module.")
    let types = rt.pointee.types
    m.value("ref", Value(types.weakref))
    m.value("ReferenceType", Value(types.weakref))
    m.value("ProxyType", Value(types.weakProxy))
    m.value("CallableProxyType", Value(types.weakCallableProxy))
    m.function("getweakrefcount", "($module, object, /)", "Return the number of weak references to 'object'.", count)
    m.function("getweakrefs", "($module, object, /)", "Return a list of all weak reference objects that point to 'object'.", references)
    m.function("proxy", "($module, object, callback=None, /)", "Create a proxy object that weakly references 'object'.", proxy)
    m.function(
      "_remove_dead_weakref", "($module, dct, key, /)", "Remove a key from a dict if its value is a dead weak reference.", removeDead)
  }
  private static func count(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    try vm.int(try vm.length(try WeakRefs.all(vm, v)))
  }
  private static func references(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value { try WeakRefs.all(vm, v) }
  private static func proxy(_ vm: VM, _ m: Value, _ v: Value, _ callback: Value) throws(Raised) -> Value {
    try WeakProxies.make(vm, v, callback)
  }
  private static func removeDead(_ vm: VM, _ m: Value, _ dict: Value, _ key: Value) throws(Raised) -> Value {
    guard dict.isDict else {
      throw vm.raise(.typeError, "_remove_dead_weakref() argument 1 must be dict, not \(dict.argumentTypeName)")
    }
    let ref = try Dicts.get(vm, dict, key)
    if ref.isNull { return .none }
    guard ref.isInstance(of: rt.pointee.types.weakref) || WeakProxies.isProxy(ref) else {
      throw vm.raise(.typeError, "not a weakref")
    }
    if ref.as(WeakRefLayout.self).pointee.referent.isNull { _ = try Dicts.remove(vm, dict, key) }
    return .none
  }
}
