import CPython
import Glibc
import PyRuntime

/// Imports that C code makes. CPython's `builtins.__import__` is ours: an import by Python code of libpython's goes on to CPython's
/// own, an import by a C module is answered with the module of our VM. C code takes the module out of CPython's `sys.modules`
/// afterwards, so it stands there until the next import or until the call from our side ends, and no longer: Python code over
/// there keeps CPython's own.
enum CrossImports {
  /// The `__import__` that CPython came with
  nonisolated(unsafe) private static var original = PyRef(bitPattern: 64).unsafelyUnwrapped
  /// Entries of CPython's sys.modules that stand there for us: name and what was there before
  nonisolated(unsafe) private static var planted: [(name: PyRef, before: PyRef?)] = []
  /// C modules whose initialisation is running, innermost last
  nonisolated(unsafe) private static var loadingNames: [String] = []

  /// What CPython needs for itself, or hands out in C.
  private static let own: Set<String> = [
    "sys", "builtins", "_imp", "_frozen_importlib", "_frozen_importlib_external", "importlib", "zipimport", "encodings", "codecs",
    "_codecs", "warnings", "_warnings", "_signal", "unicodedata",
  ]
  /// What a C module must find as CPython's: `_decimal` makes a C class that derives from MutableMapping, `_testbuffer` looks into the
  /// memory of `Struct` objects.
  private static let ownWhileLoading: [String: Set<String>] = ["_decimal": ["collections.abc"], "_testbuffer": ["struct"]]

  typealias Hook = @convention(c) (PyRef?, PyRef?, PyRef?) -> PyRef?

  /// A builtin function of CPython's that runs Swift code. A new reference; it lives as long as the process.
  static func function(_ vm: VM, _ name: StaticString, _ hook: @escaping Hook) throws(Raised) -> PyRef {
    let definition = UnsafeMutablePointer<PyMethodDef>.allocate(capacity: 1)
    definition.initialize(to: PyMethodDef())
    definition.pointee.ml_name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
    definition.pointee.ml_meth = unsafeBitCast(hook, to: PyCFunction.self)
    definition.pointee.ml_flags = 3  // METH_VARARGS | METH_KEYWORDS
    return try ToPython.check(vm, py.pointee.PyCFunction_NewEx(definition, nil, nil))
  }

  static func install(_ vm: VM) throws(Raised) {
    guard let builtins = py.pointee.PyEval_GetBuiltins() else { throw vm.raise(.systemError, "libpython has no builtins") }
    let key = try ToPython.str(vm, try vm.intern("__import__"))
    defer { release(key) }
    guard let import_ = py.pointee.PyDict_GetItemWithError(builtins, key) else {
      throw vm.raise(.systemError, "libpython has no __import__")
    }
    original = retain(import_)
    let ours = try function(vm, "__import__", hook)
    if py.pointee.PyDict_SetItem(builtins, key, ours) != 0 { throw Errors.fetch(vm) }
    try Library.name(vm, "passing", try function(vm, "passing", passing))
  }

  /// The thread in which CPython imports for itself (`Tools/bridge/start.py`)
  nonisolated(unsafe) private static var passingThread: pthread_t?
  private static var isPassing: Bool { passingThread.map { pthread_equal($0, pthread_self()) != 0 } ?? false }
  /// `passing(function)`: calls it; whatever is imported meanwhile is CPython's own.
  private static let passing: Hook = { _, args, _ in
    guard let args, amphis_size(args) == 1, let function = amphis_tuple_item(args, 0) else { return retain(Library.none) }
    restore()
    passingThread = pthread_self()
    defer { passingThread = nil }
    return py.pointee.PyObject_CallNoArgs(function)
  }

  /// Runs `body`, during which the C module `name` may be initialised.
  static func loading(_ vm: VM, _ name: String, _ body: () throws(Raised) -> Value) throws(Raised) -> Value {
    loadingNames.append(name)
    defer {
      loadingNames.removeLast()
      if loadingNames.isEmpty { restore() }
    }
    return try body()
  }

  /// Modules that CPython may have loaded for itself: imports past `__import__` would find them in its sys.modules and ask nobody.
  private static let loadedThere: [StaticString] = [
    "abc", "collections.abc", "enum", "functools", "io", "operator", "os", "os.path", "re", "types",
  ]

  /// Puts ours in their place while an extension module that is not CPython's own is initialised: a class of its own may derive from `abc.ABC`
  /// and `typing.Generic`, which have to be of one side.
  static func holding(_ vm: VM, _ path: Value, _ body: () throws(Raised) -> PyRef) throws(Raised) -> PyRef {
    guard path.isStr, !path.swiftString.contains("/lib-dynload/"), let modules = py.pointee.PyImport_GetModuleDict() else {
      return try body()
    }
    try Library.finish(vm)
    restore()
    var held: [(name: PyRef, before: PyRef)] = []
    defer {
      restore()
      for (name, before) in held {
        if py.pointee.PyDict_SetItem(modules, name, before) != 0 { py.pointee.PyErr_Clear() }
        release(name)
        release(before)
      }
    }
    for name in loadedThere {
      let key = try ToPython.str(vm, try vm.intern(name))
      defer { release(key) }
      guard let before = py.pointee.PyDict_GetItemWithError(modules, key),
        let module = try found(vm, try vm.intern(name), withPackages: false)
      else { continue }
      let o = try ToPython.convert(vm, module)
      defer { release(o) }
      if o == before { continue }
      held.append((retain(key), retain(before)))
      if py.pointee.PyDict_SetItem(modules, key, o) != 0 { throw Errors.fetch(vm) }
    }
    return try body()
  }

  /// CPython's own module of that name, whatever ours is. A new reference.
  static func own(_ vm: VM, _ name: Value) throws(Raised) -> PyRef {
    restore()
    if let modules = py.pointee.PyImport_GetModuleDict() {
      let key = try ToPython.str(vm, name)
      defer { release(key) }
      if let known = py.pointee.PyDict_GetItemWithError(modules, key) { return retain(known) }
    }
    loadingNames.append(name.swiftString)
    defer { loadingNames.removeLast() }
    let text = name.swiftString
    return try ToPython.check(vm, Calls.run(vm) { py.pointee.PyImport_ImportModule(text) })
  }

  /// Takes our modules out of CPython's sys.modules again.
  static func restore() {
    if planted.isEmpty { return }
    guard let modules = py.pointee.PyImport_GetModuleDict() else { return }
    while let (name, before) = planted.popLast() {
      if let before {
        _ = py.pointee.PyDict_SetItem(modules, name, before)
        release(before)
      } else if py.pointee.PyDict_DelItem(modules, name) != 0 {
        py.pointee.PyErr_Clear()
      }
      release(name)
    }
  }

  private static let hook: Hook = { _, args, keywords in
    guard let args else { return nil }
    if isPassing { return py.pointee.PyObject_Call(original, args, keywords) }
    restore()
    if amphis_size(args) >= 1, keywords == nil, let name = amphis_tuple_item(args, 0), amphis_type(name) == Names.unicode,
      isFromC(name, amphis_size(args) > 1 ? amphis_tuple_item(args, 1) : nil)
    {
      // `import a.b` binds `a`; C code names something to import from it, so as to get `a.b`.
      let wantsPackage = amphis_size(args) > 3 && amphis_tuple_item(args, 3).map { py.pointee.PyObject_IsTrue($0) == 0 } ?? false
      let answer: PyRef?? = TwinSlots.enter(.some(nil)) { (vm) throws(Raised) -> PyRef?? in
        guard let module = try ours(vm, name) else { return .none }
        return wantsPackage ? try package(vm, name, module) : .some(module)
      }
      if let answer { return answer }
    }
    if let name = amphis_size(args) > 0 ? amphis_tuple_item(args, 0) : nil, amphis_type(name) == Names.unicode,
      let text = py.pointee.PyUnicode_AsUTF8AndSize(name, nil), String(cString: text) == "warnings"
    {
      let failed = TwinSlots.enter(true) { (vm) throws(Raised) in
        try CrossOutput.wantWarnings(vm)
        return false
      }
      if failed { return nil }
    }
    return py.pointee.PyObject_Call(original, args, keywords)
  }

  /// C code imports with made-up globals, or with those of whatever Python code is running: importlib, when it initialises a module.
  private static func isFromC(_ wanted: PyRef, _ globals: PyRef?) -> Bool {
    guard let globals, amphis_type(globals) == Names.dict else { return false }
    guard let name = amphis_dict_get(py, globals, "__name__"), amphis_type(name) == Names.unicode,
      let text = py.pointee.PyUnicode_AsUTF8AndSize(name, nil)
    else { return true }
    switch String(cString: text) {
    case "importlib._bootstrap", "_frozen_importlib", "importlib._bootstrap_external", "_frozen_importlib_external", "__amphis__":
      // importlib's loaders read files in C.
      return py.pointee.PyUnicode_AsUTF8AndSize(wanted, nil).map { String(cString: $0) } != "_io"
    default: return false
    }
  }

  /// `find(name, is_standard)`: imports that C code makes past `builtins.__import__` (`PyImport_ImportModuleLevelObject`: all of Cython's)
  /// reach libpython's importlib, where a finder asks here first. None: CPython's own is wanted.
  static func finder(_ vm: VM) throws(Raised) -> PyRef { try function(vm, "find", find) }
  private static let find: Hook = { _, args, _ in
    guard let args, amphis_size(args) == 2, let name = amphis_tuple_item(args, 0), amphis_type(name) == Names.unicode, !isPassing else {
      return retain(Library.none)
    }
    let isStandard = amphis_tuple_item(args, 1) == Library.pyTrue
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      try module(vm, name, isStandard: isStandard) ?? retain(Library.none)
    }
  }
  private static func module(_ vm: VM, _ name: PyRef, isStandard: Bool) throws(Raised) -> PyRef? {
    // The package of a module that is wanted as CPython's, too: importlib sets the module as an attribute of what it finds under that name.
    guard let module = try found(vm, try FromPython.str(vm, name), withPackages: true) else { return nil }
    // Python code over there is to find CPython's own of the standard library; nobody there has another.
    if isStandard {
      planted.append((retain(name), nil))
      try plantInner(vm, name, module)
    }
    return try ToPython.convert(vm, module)
  }
  /// A module that is no package enters modules of its own under its name (`os.path`): importlib looks there once it has the module.
  private static func plantInner(_ vm: VM, _ name: PyRef, _ module: Value) throws(Raised) {
    guard try vm.getAttributeOrNull(module, try vm.intern("__path__")).isNull, let modules = py.pointee.PyImport_GetModuleDict() else {
      return
    }
    let prefix = try FromPython.str(vm, name).swiftString + "."
    let names = try vm.list(from: rt.pointee.modules)
    for i in 0..<names.as(ListLayout.self).pointee.count {
      guard let inner = names.as(ListLayout.self).pointee.items?[i], inner.isStr, inner.swiftString.hasPrefix(prefix) else { continue }
      let key = try ToPython.str(vm, inner)
      defer { release(key) }
      if py.pointee.PyDict_GetItemWithError(modules, key) != nil { continue }
      let o = try ToPython.convert(vm, try Dicts.get(vm, rt.pointee.modules, inner))
      defer { release(o) }
      planted.append((retain(key), nil))
      if py.pointee.PyDict_SetItem(modules, key, o) != 0 { throw Errors.fetch(vm) }
    }
  }

  /// Our module of that name; nil where CPython's own is wanted, and for a submodule of a package that lives in libpython alone.
  private static func found(_ vm: VM, _ name: Value, withPackages: Bool) throws(Raised) -> Value? {
    let string = name.swiftString
    let first = string.split(separator: ".").first.map(String.init) ?? string
    let isOwn = loadingNames.contains { loading in
      loading == string
        || ownWhileLoading[loading]?.contains { $0 == string || withPackages && $0.hasPrefix(string + ".") } == true
    }
    if own.contains(first) || isOwn { return nil }
    do throws(Raised) { return try Imports.findOrLoad(vm, try vm.intern(name)) } catch {
      if !vm.pendingIs(.importError) { throw error }
      vm.clearPending()
      return nil
    }
  }

  /// What `Tools/bridge/load.py` has in the place of a module. A new reference.
  private static func standIn(_ vm: VM, _ name: Value) throws(Raised) -> PyRef? {
    guard loadingNames.last == "_sqlite3", name.swiftString == "functools" else { return nil }
    return amphis_dict_get(py, try Library.names(vm), "functools").map { retain($0) }
  }

  /// Our package around the module `name`, in the place of `module`, of which it takes the reference.
  private static func package(_ vm: VM, _ name: PyRef, _ module: PyRef?) throws(Raised) -> PyRef?? {
    let text = try FromPython.str(vm, name).swiftString
    guard let module, let dot = text.firstIndex(of: ".") else { return .some(module) }
    release(module)
    return .some(try ToPython.convert(vm, try Imports.findOrLoad(vm, try vm.intern(try vm.str(String(text[..<dot]))))))
  }

  /// Our module of that name, planted for C code to find. `.some(nil)`: an exception is pending; nil: CPython's own is wanted.
  private static func ours(_ vm: VM, _ name: PyRef) throws(Raised) -> PyRef?? {
    let text = try FromPython.str(vm, name)
    let o: PyRef
    if let stand = try standIn(vm, text) {
      o = stand
    } else {
      guard let module = try found(vm, text, withPackages: false) else { return .none }
      o = try ToPython.convert(vm, module)
    }
    guard let modules = py.pointee.PyImport_GetModuleDict() else { return o }
    let before = py.pointee.PyDict_GetItemWithError(modules, name)
    if before != o {
      planted.append((retain(name), before.map { retain($0) }))
      if py.pointee.PyDict_SetItem(modules, name, o) != 0 { throw Errors.fetch(vm) }
    }
    return o
  }
}
