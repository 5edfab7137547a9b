import CPython
import PyRuntime

/// The bridge to libpython: supplies the modules that are written in C.
public enum CPythonBridge {
  /// Enters the bridge in the runtime's hooks, before start-up. Costs nothing until a program imports a C module.
  package static func register(hooks: inout RuntimeHooks) {
    hooks.loadCModule = { (vm, name) throws(Raised) in try ModuleLoader.load(vm, name) }
    hooks.loadExtension = { (vm, name, path, spec) throws(Raised) in try ModuleLoader.loadFile(vm, name, path) }
  }
  package static var isLoaded: Bool { Library.isLoaded }
}

/// Modules of CPython's as modules of ours: an ordinary module object whose dict holds what the C module's holds.
enum ModuleLoader {
  static func load(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    try Library.load(vm, for: name)
    let text = name.swiftString
    guard let module = Calls.run(vm, { py.pointee.PyImport_ImportModule(text) }) else { throw Errors.fetch(vm) }
    defer { release(module) }
    return try make(vm, name, module)
  }

  /// An extension module from a file, in libpython's own import machinery.
  static func loadFile(_ vm: VM, _ name: Value, _ path: Value) throws(Raised) -> Value {
    try Library.load(vm, for: name)
    let helper = try ToPython.check(vm, try helperFunction(vm))
    defer { release(helper) }
    var arguments = (name, path)
    let module = try withValues(&arguments) { p throws(Raised) in try Calls.raw(vm, helper, Args(p, count: 2)) }
    defer { release(module) }
    return try make(vm, name, module)
  }

  private static let source = """
    def _amphis_load(name, path):
        import sys
        known = sys.modules.get(name)
        if known is not None:
            return known
        from importlib.machinery import ExtensionFileLoader, ModuleSpec
        from importlib._bootstrap import _load
        spec = ModuleSpec(name, ExtensionFileLoader(name, path), origin=path)
        spec.has_location = True
        return _load(spec)
    """
  private static func helperFunction(_ vm: VM) throws(Raised) -> PyRef? {
    guard let main = py.pointee.PyImport_AddModule("__amphis__"), let dict = py.pointee.PyModule_GetDict(main) else {
      throw Errors.fetch(vm)
    }
    if let known = py.pointee.PyObject_GetAttrString(main, "_amphis_load") { return known }
    py.pointee.PyErr_Clear()
    if let builtins = py.pointee.PyEval_GetBuiltins() {
      let key = try ToPython.str(vm, try vm.intern("__builtins__"))
      defer { release(key) }
      if py.pointee.PyDict_SetItem(dict, key, builtins) != 0 { throw Errors.fetch(vm) }
    }
    // 257: Py_file_input
    release(try ToPython.check(vm, py.pointee.PyRun_StringFlags(source, 257, dict, dict, nil)))
    return py.pointee.PyObject_GetAttrString(main, "_amphis_load")
  }

  private static func make(_ vm: VM, _ name: Value, _ module: PyRef) throws(Raised) -> Value {
    let ours = try BridgeAccess.newModule(vm, try vm.intern(name))
    guard let dict = py.pointee.PyModule_GetDict(module) else { throw Errors.fetch(vm) }
    let target = BridgeAccess.moduleDict(ours)
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      let attribute = try vm.intern(try FromPython.str(vm, key))
      switch attribute.swiftString {
      case "__name__", "__loader__", "__spec__", "__package__", "__builtins__": continue
      default: try Dicts.set(vm, target, attribute, try FromPython.convert(vm, value))
      }
    }
    return ours
  }
}
