import CPython
import PyRuntime

/// Modules of CPython's as modules of ours. A module object over there has one module object here, whose dict follows the other's:
/// what either side sets is seen by both. A module that our VM has natively stands for its libpython twin.
enum ModuleLoader {
  /// A module that is written in C and linked into libpython.
  static func load(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    try Library.load(vm, for: name)
    let text = name.swiftString
    // Asked for by `--cpython=`: they write and read by the locale.
    if ["time", "_datetime", "_locale"].contains(text) { LocaleModule.setUp() }
    return try CrossImports.loading(vm, text) { () throws(Raised) in
      guard let module = Calls.run(vm, { py.pointee.PyImport_ImportModule(text) }) else { throw Errors.fetch(vm) }
      defer { release(module) }
      return try show(vm, name, module)
    }
  }

  /// An extension module from a file, in libpython's own import machinery.
  static func loadFile(_ vm: VM, _ name: Value, _ path: Value) throws(Raised) -> Value {
    try Library.load(vm, for: name)
    AsyncExceptions.noteImport(name)
    if let reason = refused(name.swiftString) { throw Imports.importError(vm, name, reason) }
    if asksForLocale(name.swiftString, path) { LocaleModule.setUp() }
    let helper = try helperFunction(vm, "load")
    defer { release(helper) }
    CrossReadline.noteImport(name.swiftString)
    return try CrossImports.loading(vm, name.swiftString) { () throws(Raised) in
      var arguments = (name, path)
      let module: PyRef
      do throws(Raised) {
        module = try withValues(&arguments) { p throws(Raised) in
          try CrossImports.holding(vm, path) { () throws(Raised) in try Calls.raw(vm, helper, Args(p, count: 2)) }
        }
      } catch {
        try note(vm, name, path)
        throw error
      }
      defer { release(module) }
      let shown = try show(vm, name, module)
      try takeInner(vm, name)
      if name.swiftString == "_ssl" { try CrossSockets.serve(vm, shown) }
      return shown
    }
  }

  /// C libraries ask for the encoding of the user's locale, which python3 takes at its start. What comes with CPython does not, but for a few that stand for
  /// such libraries: the locale's tables (a file of 350 KiB) are left alone until then.
  private static func asksForLocale(_ name: String, _ path: Value) -> Bool {
    guard path.isStr, path.swiftString.contains("/lib-dynload/") else { return true }
    return ["readline", "_curses", "_curses_panel", "_ctypes", "_dbm", "_gdbm", "_tkinter", "nis"].contains(name)
  }

  /// Modules that an extension module has entered in CPython's `sys.modules` under its own name, as PyO3's do, are entered in ours.
  private static func takeInner(_ vm: VM, _ name: Value) throws(Raised) {
    guard let modules = py.pointee.PyImport_GetModuleDict() else { return }
    let prefix = name.swiftString + "."
    var found: [(PyRef, PyRef)] = []
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(modules, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode, isModule(value),
        let text = py.pointee.PyUnicode_AsUTF8AndSize(key, nil), String(cString: text).hasPrefix(prefix)
      else { continue }
      found.append((retain(key), retain(value)))
    }
    defer {
      for (key, value) in found {
        release(key)
        release(value)
      }
    }
    for (key, value) in found {
      let inner = try vm.intern(try FromPython.str(vm, key))
      if try !Dicts.get(vm, rt.pointee.modules, inner).isNull { continue }
      let module = try FromPython.convert(vm, value)
      if module.isInstance(of: rt.pointee.types.module) { try Dicts.set(vm, rt.pointee.modules, inner, module) }
    }
  }

  /// An ImportError comes across without the module's name and file.
  private static func note(_ vm: VM, _ name: Value, _ path: Value) throws(Raised) {
    guard vm.pendingIs(.importError) else { return }
    let error = vm.takePending()
    if try vm.getAttribute(error, "name").isNone { try vm.setAttribute(error, "name", name) }
    if try vm.getAttribute(error, "path").isNone { try vm.setAttribute(error, "path", path) }
    _ = vm.reraise(error)
  }

  /// Why an extension module cannot work here, if that is known; to find out would end the process.
  private static func refused(_ name: String) -> String? {
    switch name {
    case "greenlet._greenlet", "gevent._greenlet":
      return "greenlet exchanges native stacks below the interpreter, which Amphis does not support (docs/extensions.md)"
    default: return nil
    }
  }

  /// A module as libpython finds it, whatever it is written in. Its search path is ours from then on.
  static func loadWhole(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    try Library.load(vm, for: name)
    AsyncExceptions.noteImport(name)
    LocaleModule.setUp()
    let helper = try helperFunction(vm, "whole")
    defer { release(helper) }
    let path = try Dicts.get(vm, rt.pointee.sysDict, try vm.intern("path"))
    var arguments = (name, try vm.tuple(from: path))
    let module = try withValues(&arguments) { p throws(Raised) in try Calls.raw(vm, helper, Args(p, count: 2)) }
    defer { release(module) }
    return try show(vm, name, module)
  }

  /// A function of the few lines of Python that run over there. A new reference.
  private static func helperFunction(_ vm: VM, _ name: String) throws(Raised) -> PyRef {
    let names = try Library.names(vm)
    if let known = amphis_dict_get(py, names, name) { return retain(known) }
    let find = try CrossImports.finder(vm)
    defer { release(find) }
    try Library.name(vm, "find", find)
    try Library.run(vm, amphis_code_load)
    guard let made = amphis_dict_get(py, names, name) else { throw vm.raise(.systemError, "the bridge has no \(name)") }
    return retain(made)
  }

  // MARK: module objects

  static func isModule(_ o: PyRef) -> Bool {
    let type = amphis_type(o)
    return type == Names.module || py.pointee.PyType_IsSubtype(type, Names.module) != 0
  }

  /// Our module for one of CPython's, given the name under which it was asked for.
  private static func show(_ vm: VM, _ name: Value, _ module: PyRef) throws(Raised) -> Value {
    if !isModule(module) { return try FromPython.convert(vm, module) }
    if let known = Registry.ours(module), known.isInstance(of: rt.pointee.types.module) { return known }
    return try make(vm, try vm.intern(name), module)
  }

  /// The same for a module object that turns up as a value.
  static func convert(_ vm: VM, _ module: PyRef) throws(Raised) -> Value {
    var name = Value.null
    if let text = py.pointee.PyModule_GetNameObject(module) {
      defer { release(text) }
      name = try vm.intern(try FromPython.str(vm, text))
    } else {
      py.pointee.PyErr_Clear()
    }
    // Modules that the VM owns are themselves on both sides.
    if name.isStr, ModuleTable.find(name) != nil || name.swiftString == "sys" || name.swiftString == "builtins" {
      let native = try Dicts.get(vm, rt.pointee.modules, name)
      if native.isInstance(of: rt.pointee.types.module), BridgeAccess.foreignModule(native) == nil {
        Registry.toOurs.set(UInt(bitPattern: retain(module)), UInt(native.bits), .permanent)
        return native
      }
    }
    return try make(vm, name.isNull ? try vm.intern("?") : name, module)
  }

  private static func make(_ vm: VM, _ name: Value, _ module: PyRef) throws(Raised) -> Value {
    let ours = try BridgeAccess.newModule(vm, name)
    // A module lives as long as the process: many places of C code keep borrowed references into one.
    Registry.pair(ours, retain(module), .permanent)
    BridgeAccess.setForeignModule(ours, UnsafeMutableRawPointer(module))
    try refresh(vm, ours)
    return ours
  }

  /// Brings our dict up to date with CPython's.
  static func refresh(_ vm: VM, _ ours: Value) throws(Raised) {
    guard let raw = BridgeAccess.foreignModule(ours) else { return }
    let module = raw.assumingMemoryBound(to: PyObject.self)
    guard let dict = py.pointee.PyModule_GetDict(module) else { throw Errors.fetch(vm) }
    let version = amphis_dict_version(dict)
    if version == BridgeAccess.foreignVersion(ours) { return }
    // Before the reading, which may run code that comes here again.
    BridgeAccess.setForeignVersion(ours, version)
    let target = BridgeAccess.moduleDict(ours)
    var position = 0
    var key: PyRef?
    var value: PyRef?
    while py.pointee.PyDict_Next(dict, &position, &key, &value) != 0 {
      guard let key, let value, amphis_type(key) == Names.unicode else { continue }
      let attribute = try vm.intern(try FromPython.str(vm, key))
      switch attribute.swiftString {
      case "__name__", "__builtins__": continue
      case "__loader__", "__spec__", "__package__":
        // importlib sets its own, except on what libpython has imported whole.
        if BridgeAccess.isForced(BridgeAccess.moduleName(ours)) { try Dicts.set(vm, target, attribute, try FromPython.convert(vm, value)) }
      default:
        let v = try FromPython.convert(vm, value)
        if v.isType { try Twins.takeModuleName(vm, v.asType) }
        try Dicts.set(vm, target, attribute, v)
      }
    }
    // What CPython deleted; what only our importlib set stays.
    let keys = try vm.list(from: target)
    for i in 0..<keys.as(ListLayout.self).pointee.count {
      guard let name = keys.as(ListLayout.self).pointee.items?[i], name.isStr else { continue }
      let text = name.swiftString
      if text.hasPrefix("__") { continue }
      let k = try ToPython.str(vm, name)
      defer { release(k) }
      if py.pointee.PyDict_GetItemWithError(dict, k) == nil { _ = try Dicts.remove(vm, target, name) }
    }
  }

  static func setAttribute(_ vm: VM, _ ours: Value, _ name: Value, _ value: Value) throws(Raised) {
    guard let raw = BridgeAccess.foreignModule(ours), name.isStr else { return }
    switch name.swiftString {
    case "__loader__", "__spec__", "__package__", "__builtins__", "__path__", "__file__", "__cached__": return
    default: break
    }
    let module = raw.assumingMemoryBound(to: PyObject.self)
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    try Calls.begin(vm)
    if value.isNull {
      if py.pointee.PyObject_SetAttr(module, n, nil) != 0 { py.pointee.PyErr_Clear() }
    } else {
      let x = try ToPython.convert(vm, value)
      defer { release(x) }
      if py.pointee.PyObject_SetAttr(module, n, x) != 0 { throw Errors.fetch(vm) }
    }
    guard let dict = py.pointee.PyModule_GetDict(module) else { return }
    BridgeAccess.setForeignVersion(ours, amphis_dict_version(dict))
  }

  // MARK: twins of native modules

  /// CPython's own form of a module that we have natively. A new reference.
  static func twin(_ vm: VM, _ module: Value) throws(Raised) -> PyRef {
    try Library.load(vm, for: module)
    return try CrossImports.own(vm, module)
  }

  static func twinAttribute(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    let o = try twin(vm, module)
    defer { release(o) }
    let n = try ToPython.str(vm, name)
    defer { release(n) }
    guard let a = py.pointee.PyObject_GetAttr(o, n) else {
      py.pointee.PyErr_Clear()
      return .null
    }
    return try FromPython.take(vm, a)
  }
}
