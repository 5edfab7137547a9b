/// Functions of libpython's modules that native modules of the same name leave something to: the module is loaded when one of them is first asked.
/// Unlike those of `ModuleBuilder.deferred`, the native function answers what it can and asks for the rest.
enum TwinModule {
  /// dict: path → function
  nonisolated(unsafe) private static var functions = Value.null

  /// The result of a function.
  /// - Parameter path: module and function, or module, attribute and method, with dots
  static func call(_ vm: VM, _ path: StaticString, _ args: Args) throws(Raised) -> Value {
    if functions.isNull { functions = try vm.dict() }
    let key = try vm.intern(path)
    var function = try Dicts.get(vm, functions, key)
    if function.isNull {
      var names = "\(path)".split(separator: ".")[...]
      guard let module = names.popFirst() else { return .none }
      function = try Imports.loadCModule(vm, try vm.intern(try vm.str(String(module))))
      while let name = names.popFirst() { function = try vm.getAttribute(function, try vm.intern(try vm.str(String(name)))) }
      try Dicts.set(vm, functions, key, function)
    }
    // Parameters that were not given are null, and they are the last.
    var count = args.count
    while count > 0, args[count - 1].isNull { count -= 1 }
    return try vm.call(function, Args(args.base, count: count))
  }
}
