/// Modules of libpython that native modules of the same name leave something to: loaded when one of them is first asked. Unlike
/// `ModuleBuilder.deferred`, the native module answers what it can and asks for the rest.
enum TwinModule {
  /// dict: name → module
  nonisolated(unsafe) private static var loaded = Value.null

  /// The result of the module's function.
  static func call(_ vm: VM, _ module: StaticString, _ function: StaticString, _ args: Args) throws(Raised) -> Value {
    try call(vm, try find(vm, module), function, args)
  }
  /// The result of the method that an attribute of the module has.
  static func call(
    _ vm: VM, _ module: StaticString, _ attribute: StaticString, _ method: StaticString, _ args: Args
  ) throws(Raised) -> Value {
    try call(vm, try vm.getAttribute(try find(vm, module), try vm.intern(attribute)), method, args)
  }

  private static func call(_ vm: VM, _ owner: Value, _ name: StaticString, _ args: Args) throws(Raised) -> Value {
    let function = try vm.getAttribute(owner, try vm.intern(name))
    // Parameters that were not given are null, and they are the last.
    var count = args.count
    while count > 0, args[count - 1].isNull { count -= 1 }
    return try vm.call(function, Args(args.base, count: count))
  }

  private static func find(_ vm: VM, _ name: StaticString) throws(Raised) -> Value {
    if loaded.isNull { loaded = try vm.dict() }
    let key = try vm.intern(name)
    let known = try Dicts.get(vm, loaded, key)
    if !known.isNull { return known }
    let module = try Imports.loadCModule(vm, key)
    try Dicts.set(vm, loaded, key, module)
    return module
  }
}
