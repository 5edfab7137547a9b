import Glibc

/// `_imp`: what importlib asks of the interpreter. "builtin" means written in Swift, or linked into libpython and reached through the
/// bridge; "frozen" is explained at `FrozenModules`.
enum ImpModule {
  /// The import lock: who holds it, and how often. importlib takes it for a moment at a time.
  nonisolated(unsafe) private static var lockDepth = 0
  nonisolated(unsafe) private static var lockOwner: UnsafeMutablePointer<ThreadState>?

  private static func takeLock(_ vm: VM) -> Bool {
    if lockDepth > 0, lockOwner != vm.thread { return false }
    lockOwner = vm.thread
    lockDepth &+= 1
    return true
  }
  private static func giveLock() { lockDepth &-= 1 }

  /// A fork waits until nobody is importing: the child is not to see half a module.
  static func beforeFork(_ vm: VM) { while !takeLock(vm) { vm.unlocked { usleep(100) } } }
  static func afterFork() { giveLock() }

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Import support for importlib.")
    m.value("check_hash_based_pycs", try m.vm.str(rt.pointee.flags.hashPycs.rawValue))
    m.function("acquire_lock", "($module, /)", "Takes the import lock.") { (vm: VM, _: Value) throws(Raised) in
      while !takeLock(vm) {
        vm.unlocked { usleep(100) }
        if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
      }
      return .none
    }
    m.function("release_lock", "($module, /)", "Gives the import lock back.") { (vm: VM, _: Value) throws(Raised) in
      if lockDepth == 0 || lockOwner != vm.thread { throw vm.raise(.runtimeError, "not holding the import lock") }
      giveLock()
      return .none
    }
    m.function("lock_held", "($module, /)", "Whether the import lock is held.") { (_: VM, _: Value) in .bool(lockDepth > 0) }
    m.function("is_builtin", "($module, name, /)", "1 for a builtin module, else 0.", isBuiltin)
    m.function("create_builtin", "($module, spec, /)", "Makes the builtin module that a spec names.", createBuiltin)
    m.function("exec_builtin", "($module, mod, /)", "Nothing is left to do after create_builtin.") { (_, _, _: Value) in Value(smallInt: 0)
    }
    m.function("create_dynamic", "($module, spec, file=<unrepresentable>, /)", "Makes an extension module.", createDynamic)
    m.function("exec_dynamic", "($module, mod, /)", "Nothing is left to do after create_dynamic.") { (_, _, _: Value) in Value(smallInt: 0)
    }
    m.function("extension_suffixes", "($module, /)", "File name endings of extension modules.", extensionSuffixes)
    m.function("is_frozen", "($module, name, /)", "Whether a module is frozen.") { (vm, _, name: Value) throws(Raised) in
      guard name.isStr else { throw vm.raise(.typeError, "is_frozen() argument must be str, not \(name.argumentTypeName)") }
      return .bool(FrozenModules.find(name) != nil)
    }
    m.function("is_frozen_package", "($module, name, /)", "Whether a frozen module is a package.") {
      (vm, _, name: Value) throws(Raised) in .bool(try frozen(vm, name).isPackage)
    }
    m.function("init_frozen", "($module, name, /)", "Makes a frozen module; None when there is none.", initFrozen)
    m.function(
      "find_frozen", "($module, name, /, *, withdata=False)", "(data, is it a package, origin) of a frozen module, or None.", findFrozen)
    m.function("get_frozen_object", "($module, name, data=None, /)", "Code of a frozen module.", frozenObject)
    m.function("_frozen_module_names", "($module, /)", "Names of the frozen modules.") { (vm, _) throws(Raised) in
      let list = try vm.list()
      for n in FrozenModules.names { try vm.append(list, try vm.intern(n)) }
      return list
    }
    m.function("_override_frozen_modules_for_tests", "($module, override, /)", "1: all frozen; -1: the essential ones; 0: as started.") {
      (vm, _, v: Value) throws(Raised) in
      let n = try vm.index(v)
      FrozenModules.override = n.isSmallInt ? n.smallInt.signum() : 0
      return .none
    }
    m.function("_override_multi_interp_extensions_check", "($module, override, /)", "Has no effect.") { (_, _, _: Value) in
      Value(smallInt: 0)
    }
    m.function(
      "_fix_co_filename", "($module, code, path, /)", "Changes the file name of a code object and of those inside it.", fixFilename)
    m.function("source_hash", "($module, key, source)", "SipHash-1-3 of source code under a key, as in hash-based pyc files.", sourceHash)
  }

  private static func frozen(_ vm: VM, _ name: Value) throws(Raised) -> FrozenModules.Row {
    guard name.isStr else { throw vm.raise(.typeError, "argument must be str, not \(name.argumentTypeName)") }
    guard let row = FrozenModules.find(name) else {
      throw Imports.importError(vm, name, "No such frozen object named \(vm.reprText(name))")
    }
    return row
  }

  private static func findFrozen(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    guard args[0].isStr else { throw vm.raise(.typeError, "find_frozen() argument 1 must be str, not \(args[0].argumentTypeName)") }
    guard let row = FrozenModules.find(args[0]) else { return .none }
    var data = Value.none
    if !args[1].isNull, try vm.isTrue(args[1]) {
      data = try vm.call(Value(rt.types.memoryview), try Marshal.dump(vm, try FrozenModules.code(vm, row), version: 4))
    }
    return try vm.tuple(data, .bool(row.isPackage), try origin(vm, row))
  }
  private static func origin(_ vm: VM, _ row: FrozenModules.Row) throws(Raised) -> Value {
    row.origin.utf8CodeUnitCount > 0 ? try vm.intern(row.origin) : .none
  }

  private static func frozenObject(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    if args[1].isNull || args[1].isNone { return try FrozenModules.code(vm, try frozen(vm, args[0])) }
    guard args[0].isStr else { throw vm.raise(.typeError, "get_frozen_object() argument 1 must be str, not \(args[0].argumentTypeName)") }
    var view = try vm.buffer(of: args[1], .simple)
    defer { vm.release(&view) }
    let code = try Marshal.load(vm, UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
    guard code.isExact(rt.types.code) else {
      throw vm.raise(.typeError, "frozen object \(vm.reprText(args[0])) is not a code object")
    }
    return code
  }

  private static func initFrozen(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "init_frozen() argument must be str, not \(name.argumentTypeName)") }
    guard let row = FrozenModules.find(name) else { return .none }
    var made = try Dicts.get(vm, rt.pointee.modules, name)
    if made.isNull {
      made = try vm.newModule(name)
      try Dicts.set(vm, rt.pointee.modules, name, made)
    }
    guard made.isExact(rt.types.module) else { throw vm.raise(.typeError, "\(vm.reprText(name)) is not a module") }
    let dict = made.as(ModuleLayout.self).pointee.dict
    try Dicts.set(vm, dict, "__builtins__", Value(cell: rt.pointee.builtins.cell))
    try Dicts.set(vm, dict, "__origname__", try origin(vm, row))
    if row.isPackage { try Dicts.set(vm, dict, "__path__", try vm.list()) }
    _ = try vm.run(code: try FrozenModules.code(vm, row), globals: dict, locals: .null)
    return try Dicts.get(vm, rt.pointee.modules, name)
  }

  private static func isBuiltin(_ vm: VM, _ module: Value, _ name: Value) throws(Raised) -> Value {
    guard name.isStr else { throw vm.raise(.typeError, "is_builtin() argument must be str, not \(name.argumentTypeName)") }
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
    if let row = ModuleTable.standIn(name), !ForcedOrigins.isForced(name) { return try vm.makeNativeModule(row) }
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
      throw vm.raise(.typeError, "_fix_co_filename() argument 1 must be code, not \(code.argumentTypeName)")
    }
    guard path.isStr else { throw vm.raise(.typeError, "_fix_co_filename() argument 2 must be str, not \(path.argumentTypeName)") }
    let old = code.as(CodeLayout.self).pointee.filename
    if !Str.equal(old, path) { renameFile(code, old, path, 0) }
    return .none
  }

  static func renameFile(_ code: Value, _ old: Value, _ path: Value, _ depth: Int) {
    let c = code.as(CodeLayout.self)
    guard Str.equal(c.pointee.filename, old), depth < 500 else { return }
    c.pointee.filename = path
    Heap.noteStore(code)
    HeapImage.remember(c)
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
    name.isExactStr && builtInNames.contains { Str.equal(name, $0) }
  }
  /// Accelerators that need CPython's own objects back (coroutines, classes, the datetime C API), where a package of the standard library
  /// has the same in Python: for the package, that one runs on our VM. A program that imports the accelerator itself, or `--cpython=NAME`, gets
  /// the C one.
  static let replaced: [(name: StaticString, package: StaticString)] = [("_zoneinfo", "zoneinfo")]

  static func refuseIfReplaced(_ vm: VM, _ name: Value) throws(Raised) {
    if name.isStr, let package = replaced.first(where: { Str.equal(name, $0.name) })?.package, !ForcedOrigins.isForced(name),
      try isImporting(vm, package)
    {
      throw Imports.importError(
        vm, name, "C module '\(name.swiftString)' is left out in favour of its Python form", kind: .moduleNotFoundError)
    }
  }

  /// Whether the innermost code that is not importlib's is the package's.
  private static func isImporting(_ vm: VM, _ package: StaticString) throws(Raised) -> Bool {
    var frame = vm.thread.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    while let f = frame {
      let globals = f.frameFunction.pointee.globals
      let name = globals.isDict ? try Dicts.get(vm, globals, rt.pointee.names.__name__) : .null
      if name.isStr, !name.swiftString.hasPrefix("importlib"), !name.swiftString.hasPrefix("_frozen_importlib") {
        return Str.equal(name, package)
      }
      frame = f.frameCaller
    }
    return false
  }

  static let builtInNames: [StaticString] = [
    "_ast", "_bisect", "_blake2", "_codecs", "_collections", "_csv", "_datetime", "_elementtree", "_functools", "_heapq", "_locale",
    "_md5", "_opcode", "_operator", "_pickle", "_posixsubprocess", "_random", "_sha1", "_sha256", "_sha3", "_sha512", "_socket",
    "_statistics", "_struct", "_symtable", "_tokenize", "_tracemalloc", "array", "binascii", "cmath", "faulthandler", "fcntl", "grp",
    "math", "pwd", "pyexpat", "select", "spwd", "syslog", "unicodedata", "xxsubtype", "zlib",
  ]
}
