import Glibc

/// `_imp`: what importlib asks of the interpreter. There are no frozen modules; "builtin" means written in Swift, or linked into
/// libpython and reached through the bridge.
enum ImpModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Import support for importlib.")
    m.str("check_hash_based_pycs", "default")
    m.function("acquire_lock", "($module, /)", "Takes the import lock.", nothing)
    m.function("release_lock", "($module, /)", "Gives the import lock back.", nothing)
    m.function("lock_held", "($module, /)", "Whether the import lock is held.") { (_: VM, _: Value) in .false }
    m.function("is_builtin", "($module, name, /)", "1 for a builtin module, else 0.", isBuiltin)
    m.function("create_builtin", "($module, spec, /)", "Makes the builtin module that a spec names.", createBuiltin)
    m.function("exec_builtin", "($module, mod, /)", "Nothing is left to do after create_builtin.") { (_, _, _: Value) in Value(smallInt: 0)
    }
    m.function("create_dynamic", "($module, spec, file=<unrepresentable>, /)", "Makes an extension module.", createDynamic)
    m.function("exec_dynamic", "($module, mod, /)", "Nothing is left to do after create_dynamic.") { (_, _, _: Value) in Value(smallInt: 0)
    }
    m.function("extension_suffixes", "($module, /)", "File name endings of extension modules.", extensionSuffixes)
    m.function("is_frozen", "($module, name, /)", "Whether a module is frozen: none is.") { (_, _, _: Value) in .false }
    m.function("is_frozen_package", "($module, name, /)", "Whether a frozen module is a package.", noFrozen)
    m.function("init_frozen", "($module, name, /)", "Initialises a frozen module.") { (_, _, _: Value) in .none }
    m.function("find_frozen", "($module, name, /, *, withdata=False)", "Facts about a frozen module: None.") { (_, _, _: Args) in .none }
    m.function("get_frozen_object", "($module, name, data=None, /)", "Code of a frozen module.") {
      (vm, module, args: Args) throws(Raised) in try noFrozen(vm, module, args[0])
    }
    m.function("_frozen_module_names", "($module, /)", "Names of the frozen modules.") { (vm, _) throws(Raised) in try vm.list() }
    m.function("_override_frozen_modules_for_tests", "($module, override, /)", "Has no effect.") { (_, _, _: Value) in .none }
    m.function("_override_multi_interp_extensions_check", "($module, override, /)", "Has no effect.") { (_, _, _: Value) in
      Value(smallInt: 0)
    }
    m.function(
      "_fix_co_filename", "($module, code, path, /)", "Changes the file name of a code object and of those inside it.", fixFilename)
    m.function("source_hash", "($module, key, source)", "SipHash-1-3 of source code under a key, as in hash-based pyc files.", sourceHash)
  }

  private static func nothing(_ vm: VM, _ module: Value) throws(Raised) -> Value { .none }

  private static func noFrozen(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    throw Imports.importError(vm, name, "No such frozen object named \(name.isStr ? name.swiftString : "?")")
  }

  private static func isBuiltin(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "is_builtin() argument must be str, not \(name.typeName)") }
    return Value(smallInt: ModuleTable.find(name) != nil || CModules.isBuiltIn(name) ? 1 : 0)
  }

  private static func createBuiltin(_ vm: VM, _ module: Value, _ spec: Value) throws(Raised) -> Value {
    let name = try vm.getAttribute(spec, rt.names.name)
    guard name.isStr else { throw vm.raise(.typeError, "spec.name must be a string") }
    let known = try Dicts.get(vm, rt.pointee.modules, name)
    if !known.isNull { return known }
    return try ModuleTable.create(vm, name)
  }

  private static func createDynamic(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    let spec = args[0]
    let name = try vm.getAttribute(spec, rt.names.name)
    guard name.isStr else { throw vm.raise(.typeError, "spec.name must be a string") }
    try CModules.refuseIfReplaced(vm, name)
    if let load = rt.pointee.hooks.loadExtension {
      return try load(vm, name, try vm.getAttribute(spec, "origin"), spec)
    }
    return try Imports.loadCModule(vm, name)
  }

  private static func extensionSuffixes(_ vm: VM, _ module: Value) throws(Raised) -> Value {
    let list = try vm.list()
    if rt.pointee.hooks.loadCModule != nil {
      try vm.append(list, try vm.str(".cpython-311-x86_64-linux-gnu.so"))
      try vm.append(list, try vm.str(".abi3.so"))
      try vm.append(list, try vm.str(".so"))
    }
    return list
  }

  private static func fixFilename(_ vm: VM, _ module: Value, _ code: Value, _ path: Value) throws(Raised) -> Value {
    guard code.isExact(rt.types.code) else {
      throw vm.raise(.typeError, "_fix_co_filename() argument 1 must be code, not \(code.typeName)")
    }
    guard path.isStr else { throw vm.raise(.typeError, "_fix_co_filename() argument 2 must be str, not \(path.typeName)") }
    let old = code.as(CodeLayout.self).pointee.filename
    if !Str.equal(old, path) { renameFile(code, old, path, 0) }
    return .none
  }

  static func renameFile(_ code: Value, _ old: Value, _ path: Value, _ depth: Int) {
    let c = code.as(CodeLayout.self)
    guard Str.equal(c.pointee.filename, old), depth < 500 else { return }
    c.pointee.filename = path
    let consts = c.pointee.consts.as(TupleLayout.self)
    for i in 0..<consts.pointee.count where consts.items[i].isExact(rt.types.code) { renameFile(consts.items[i], old, path, depth + 1) }
  }

  private static func sourceHash(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    let key = Ints.low64(try vm.index(args[0]))
    var view = try vm.buffer(of: args[1], .simple)
    defer { vm.release(&view) }
    var hash = SipHash.hash(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount), key, 0)
    return try withUnsafeBytes(of: &hash) { p throws(Raised) in try vm.bytes(p) }
  }
}

/// Names of the modules that CPython 3.11 has in C.
enum CModules {
  /// Linked into Debian's libpython; other builds have some of them as files, which the path finder sees.
  static func isBuiltIn(_ name: Value) -> Bool {
    guard name.isExactStr, name.as(StrLayout.self).isASCII else { return false }
    return builtInNames.contains(name.swiftString)
  }
  /// Accelerators that need CPython's own objects back (coroutines, classes, the datetime C API), where the standard library
  /// brings the same module in Python: that one runs on our VM. `--cpython=NAME` asks for the C one all the same.
  static let replaced: Set<String> = ["_asyncio", "_zoneinfo", "_json"]

  static func refuseIfReplaced(_ vm: VM, _ name: Value) throws(Raised) {
    if name.isStr, replaced.contains(name.swiftString), !ForcedOrigins.isForced(name) {
      throw Imports.importError(
        vm, name, "C module '\(name.swiftString)' is left out in favour of its Python form", kind: .moduleNotFoundError)
    }
  }

  static let builtInNames: Set<String> = [
    "_ast", "_bisect", "_blake2", "_codecs", "_collections", "_csv", "_datetime", "_elementtree", "_functools", "_heapq", "_locale",
    "_md5", "_opcode", "_operator", "_pickle", "_posixsubprocess", "_random", "_sha1", "_sha256", "_sha3", "_sha512", "_socket",
    "_statistics", "_struct", "_symtable", "_tokenize", "_tracemalloc", "array", "binascii", "cmath", "faulthandler", "fcntl", "grp",
    "math", "pwd", "pyexpat", "select", "spwd", "syslog", "unicodedata", "xxsubtype", "zlib",
  ]
}
