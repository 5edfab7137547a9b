import Glibc

/// Installs the host's own importlib, run by our VM, as the import system.
enum ImportBootstrap {
  static func install(_ vm: VM, standardLibrary: String) throws(Raised) {
    let folder = standardLibrary + "/importlib/"
    let sys = try Dicts.get(vm, rt.pointee.modules, try vm.intern("sys"))
    let imp = try module(vm, "_imp")
    let bootstrap = try run(vm, name: "_frozen_importlib", path: folder + "_bootstrap.py", shownAs: "<frozen importlib._bootstrap>")
    Imports.bootstrap = bootstrap
    // What `_setup` would otherwise look for through the import system that is not there yet.
    for name: StaticString in ["_thread", "_warnings", "_weakref", "_io", "marshal", "posix"] { _ = try module(vm, name) }
    _ = try vm.callMethod(bootstrap, "_install", sys, imp)
    let external = try run(
      vm, name: "_frozen_importlib_external", path: folder + "_bootstrap_external.py",
      shownAs: "<frozen importlib._bootstrap_external>")
    Imports.external = external
    _ = try vm.callMethod(bootstrap, "_install_external_importers")
    try PycCache.install(vm, external)
    try addZipImport(vm, external)
  }

  /// The module, made and entered in `sys.modules` without the import system.
  private static func module(_ vm: VM, _ name: StaticString) throws(Raised) -> Value {
    let key = try vm.intern(name)
    let known = try Dicts.get(vm, rt.pointee.modules, key)
    if !known.isNull { return known }
    let made = try ModuleTable.create(vm, key)
    try Dicts.set(vm, rt.pointee.modules, key, made)
    return made
  }

  private static func run(_ vm: VM, name: StaticString, path: String, shownAs: StaticString) throws(Raised) -> Value {
    let code = try HostFiles.code(vm, path)
    ImpModule.renameFile(code, code.as(CodeLayout.self).pointee.filename, try vm.intern(shownAs), 0)
    let key = try vm.intern(name)
    let module = try vm.newModule(key)
    try Dicts.set(vm, rt.pointee.modules, key, module)
    let dict = module.as(ModuleLayout.self).pointee.dict
    try Dicts.set(vm, dict, "__builtins__", Value(cell: rt.pointee.builtins.cell))
    _ = try vm.run(code: code, globals: dict, locals: .null)
    return module
  }

  /// As CPython does at start: zip archives on the path are looked into before folders.
  private static func addZipImport(_ vm: VM, _ external: Value) throws(Raised) {
    let hooks = Dicts.get(vm, rt.pointee.sysDict, "path_hooks")
    guard hooks.isList else { return }
    try vm.callMethodDiscarding(hooks, "insert", Value(smallInt: 0), try LazyZipImport.hook(vm))
  }
}

extension VM {
  func callMethodDiscarding(_ receiver: Value, _ name: StaticString, _ a: Value, _ b: Value) throws(Raised) {
    _ = try callMethod(receiver, name, a, b)
  }
}

/// zipimport is loaded the first time that a path entry is a file: most programs never have one.
enum LazyZipImport {
  static func hook(_ vm: VM) throws(Raised) -> Value {
    let holder = try vm.newModule(try vm.intern("_amphis_zipimport"))
    let builder = ModuleBuilder(vm: vm, module: holder)
    builder.function("zipimporter", "($module, path, /)", "Path hook for zip archives.", zipImporter)
    return try vm.getAttribute(holder, "zipimporter")
  }

  nonisolated(unsafe) private static var isLoading = false

  private static func zipImporter(_ vm: VM, _ module: Value, _ path: Value) throws(Raised) -> Value {
    // The search for zipimport itself comes by this entry again: it is not there. The outer look-up then enters the importer.
    if path.isStr, !isLoading, couldBeArchive(path.utf8Bytes) {
      isLoading = true
      defer { isLoading = false }
      let zipimport = try vm.importModule("zipimport")
      return try vm.call(try vm.getAttribute(zipimport, "zipimporter"), path)
    }
    throw Imports.importError(vm, path, "not a Zip file")
  }

  /// A file, or a path below a file.
  private static func couldBeArchive(_ path: [UInt8]) -> Bool {
    var p = path
    while !p.isEmpty {
      var s = stat()
      let found = stat(String(decoding: p, as: UTF8.self), &s) == 0
      if found { return s.st_mode & S_IFMT == S_IFREG }
      guard let slash = p.lastIndex(of: 0x2F), slash > 0 else { return false }
      p.removeSubrange(slash...)
    }
    return false
  }
}

/// Files of the host's that are needed before Python can open any.
enum HostFiles {
  static func read(_ path: String) -> [UInt8]? {
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var s = stat()
    guard fstat(fd, &s) == 0, s.st_mode & S_IFMT == S_IFREG else { return nil }
    var bytes = [UInt8](repeating: 0, count: Int(s.st_size))
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeMutableBytes { Glibc.read(fd, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { break }
      done += n
    }
    bytes.removeLast(bytes.count - done)
    return bytes
  }

  /// Code of a source file: the host's `.pyc` when it is valid for the file, else compiled.
  static func code(_ vm: VM, _ path: String) throws(Raised) -> Value {
    if let pyc = PycCache.hostFile(for: path, optimize: Int(rt.pointee.flags.optimize)), let bytes = read(pyc), bytes.count > 16 {
      return try bytes.withRawBytes { p throws(Raised) in
        try Marshal.load(vm, UnsafeRawBufferPointer(rebasing: p[16...]))
      }
    }
    guard let source = read(path) else {
      throw vm.raise(.importError, "cannot read \(path): the standard library of Python 3.11 is incomplete")
    }
    return try Compiling.compile(
      vm, source: source, filename: Array(path.utf8), mode: .exec, flags: 0, optimize: rt.pointee.flags.optimize)
  }
}

/// Source to code objects through the compiler that the program brings along.
enum Compiling {
  static func compile(
    _ vm: VM, source: [UInt8], filename: [UInt8], mode: CompileMode, flags: Int32, optimize: Int32
  ) throws(Raised) -> Value {
    guard let compiler = rt.pointee.hooks.compiler else {
      throw vm.raise(.importError, "this program has no compiler: \(String(decoding: filename, as: UTF8.self)) must be compiled beforehand")
    }
    let outcome = source.withUnsafeBytes {
      compiler.compile(source: $0, filename: filename, mode: mode, flags: flags, optimize: optimize)
    }
    return try code(vm, outcome, filename: filename)
  }

  /// The code object of an outcome, its warnings issued, or its error raised.
  static func code(_ vm: VM, _ outcome: CompileOutcome, filename: [UInt8]) throws(Raised) -> Value {
    for w in outcome.warnings { try issue(vm, w, filename) }
    if let e = outcome.error { throw try error(vm, e, filename: filename) }
    return try (outcome.marshalled ?? []).withRawBytes { p throws(Raised) in try Marshal.load(vm, p) }
  }

  private static func issue(
    _ vm: VM, _ w: (category: String, message: String, line: Int, error: CompileFailure), _ filename: [UInt8]
  ) throws(Raised) {
    guard let kind = ExceptionKind.allCases.first(where: { String(describing: $0.name) == w.category }) else { return }
    let warnings = try vm.importModule("_warnings")
    let explicit = try vm.getAttribute(warnings, "warn_explicit")
    let name = try filename.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
    do throws(Raised) {
      _ = try vm.call(explicit, try vm.str(w.message), Value(rt.types[kind]), name, try vm.int(w.line))
    } catch {
      guard vm.pendingIs(kind) else { throw error }
      vm.clearPending()
      throw try Compiling.error(vm, w.error, filename: filename)
    }
  }

  private static func error(_ vm: VM, _ e: CompileFailure, filename: [UInt8]) throws(Raised) -> Raised {
    let kind = ExceptionKind.allCases.first { String(describing: $0.name) == e.type } ?? .syntaxError
    switch kind {
    case .syntaxError, .indentationError, .tabError:
      let detail = try vm.tuple(count: 6)
      let name = try filename.withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      let text = try (e.text ?? []).withRawBytes { p throws(Raised) in try vm.str(utf8: p) }
      let items = detail.as(TupleLayout.self).items
      items[0] = name
      items[1] = try number(vm, e.line)
      items[2] = try number(vm, e.column)
      items[3] = e.text == nil ? .none : text
      items[4] = try number(vm, e.endLine)
      items[5] = try number(vm, e.endColumn)
      return vm.raise(try vm.call(Value(rt.types[kind]), try vm.str(e.message), detail))
    case .unicodeDecodeError:
      // The codec knows best how to say it.
      _ = try vm.callMethod(try vm.bytes(e.text ?? []), "decode")
      return vm.raise(.systemError, e.message)
    default:
      return vm.raise(kind, e.message)
    }
  }

  private static func number(_ vm: VM, _ n: Int?) throws(Raised) -> Value { n == nil ? .none : try vm.int(n ?? 0) }
}
