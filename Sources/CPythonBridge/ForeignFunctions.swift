import CPython
import PyRuntime

/// CPython's builtin functions and bound builtin methods as `builtin_function_or_method` objects of ours, whose every call goes
/// there: `isinstance(zlib.crc32, types.BuiltinFunctionType)` holds as in CPython. The object's `parameters` word is the function
/// over there, to which the registry owns a reference; in a function that a native module leaves to its twin it is nil until the
/// first call.
enum ForeignFunctions {
  /// Our function object for a PyCFunction.
  static func convert(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    let known = try ours(vm, o)
    if !known.isNull { return known }
    var receiver = Value.null
    if let owner = amphis_function_self(o) { receiver = try FromPython.convert(vm, owner) }
    var module = Value.null
    if let m = amphis_function_module(o), amphis_type(m) == Names.unicode { module = try FromPython.str(vm, m) }
    let f = try BridgeAccess.foreignFunction(
      vm, name: try vm.intern(try vm.str(String(cString: amphis_function_name(o)))), receiver: receiver, module: module,
      function: UnsafeMutableRawPointer(retain(o)), code: DirectCalls.code(of: o))
    Registry.pair(f, o, .foreign)
    return f
  }

  /// CPython's own form of a function of `builtins`, which is then the same on both sides; nil for any other function. What looks at
  /// the caller's frame stays ours.
  static func builtin(_ vm: VM, _ v: Value) throws(Raised) -> PyRef? {
    let (module, name) = BridgeAccess.functionNames(v)
    guard module.isStr, module.swiftString == "builtins", name.isStr, let builtins = py.pointee.PyEval_GetBuiltins() else { return nil }
    switch name.swiftString {
    case "globals", "locals", "vars", "dir", "eval", "exec", "compile", "__import__", "__build_class__", "open", "input", "breakpoint":
      return nil
    default: break
    }
    guard try Dicts.get(vm, rt.pointee.builtins, name) == v, let o = amphis_dict_get(py, builtins, name.swiftString),
      amphis_type(o) == Names.function
    else { return nil }
    Registry.pair(v, retain(o), .permanent)
    return retain(o)
  }
  /// The other way round: null when ours has none of that name.
  private static func ours(_ vm: VM, _ o: PyRef) throws(Raised) -> Value {
    // A bound method is none of a module's functions.
    guard let owner = amphis_function_self(o), amphis_type(owner) == Names.module, let builtins = py.pointee.PyEval_GetBuiltins() else {
      return .null
    }
    let name = String(cString: amphis_function_name(o))
    guard amphis_dict_get(py, builtins, name) == o else { return .null }
    let v = try Dicts.get(vm, rt.pointee.builtins, try vm.intern(try vm.str(name)))
    guard !v.isNull, v.isExact(rt.pointee.types.builtinFunction), let same = try builtin(vm, v) else { return .null }
    release(same)
    return v
  }

  /// Borrowed; found in the module's twin when it is not known yet.
  private static func function(_ vm: VM, _ v: Value) throws(Raised) -> PyRef {
    if let known = BridgeAccess.functionWord(v) { return known.assumingMemoryBound(to: PyObject.self) }
    let (module, name) = BridgeAccess.functionNames(v)
    guard module.isStr else { throw vm.raise(.systemError, "a function without a module is left to CPython") }
    let twin = try ModuleLoader.twin(vm, module)
    defer { release(twin) }
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    // Never let go: the module keeps the function anyway.
    let f = try ToPython.check(vm, py.pointee.PyObject_GetAttr(twin, n))
    BridgeAccess.setFunctionWord(v, UnsafeMutableRawPointer(f))
    Registry.pair(v, f, .permanent)
    return f
  }

  static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    _ = DirectCalls.takeDiscards(vm)
    return try Calls.call(vm, try function(vm, v), args)
  }

  static func attribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let f = try function(vm, v)
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    return try FromPython.take(vm, Calls.run(vm) { py.pointee.PyObject_GetAttr(f, n) })
  }
}
