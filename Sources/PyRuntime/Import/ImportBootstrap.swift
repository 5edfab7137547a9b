import Glibc

/// Installs the host's own importlib, run by our VM, as the import system.
enum ImportBootstrap {
  static func install(_ vm: VM) throws(Raised) {
    let sys = try Dicts.get(vm, rt.pointee.modules, try vm.intern("sys"))
    let imp = try module(vm, "_imp")
    let bootstrap = try vm.callMethod(imp, "init_frozen", try vm.intern("_frozen_importlib"))
    if bootstrap.isNone { throw vm.raise(.importError, "importlib was not found in the standard library") }
    Imports.bootstrap = bootstrap
    // What `_setup` would otherwise look for through the import system that is not there yet.
    for name: StaticString in ["_thread", "_warnings", "_weakref", "_io", "marshal", "posix"] { _ = try module(vm, name) }
    _ = try vm.callMethod(bootstrap, "_install", sys, imp)
    _ = try vm.callMethod(bootstrap, "_install_external_importers")
    let external = try Dicts.get(vm, rt.pointee.modules, try vm.intern("_frozen_importlib_external"))
    Imports.external = external
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
  static func read(_ path: String) -> [UInt8]? { read(Array(path.utf8)) }

  /// The contents of a file; nil for what cannot be read and for what is no file.
  static func read(_ path: [UInt8]) -> [UInt8]? {
    let fd = open(path.map { CChar(bitPattern: $0) } + [0], O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var s = stat()
    guard fstat(fd, &s) == 0, s.st_mode & S_IFMT == S_IFREG else { return nil }
    return read(fd, count: Int(s.st_size))
  }

  /// Up to `count` bytes, fewer at the end of the file.
  private static func read(_ fd: Int32, count: Int) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
      done = 0
      while done < count {
        let n = Glibc.read(fd, buffer.baseAddress.map { $0 + done }, count - done)
        if n < 0 && errno == EINTR { continue }
        if n <= 0 { break }
        done += n
      }
    }
  }

  /// The whole of the host's `.pyc` of a source file if it is valid and holds what its header says without further checks.
  private static func validPyc(for source: String) -> [UInt8]? {
    guard let path = PycCache.hostPath(for: source, optimize: Int(rt.pointee.flags.optimize)), let bytes = read(path), bytes.count > 16,
      bytes.withUnsafeBytes({ PycCache.isValid($0, for: source) })
    else { return nil }
    return bytes
  }

  /// Code of a source file: the host's `.pyc` when it is valid for the file, else compiled.
  /// - Parameter shownAs: the file name in the code objects, or null for the one that they have
  static func code(_ vm: VM, _ path: String, shownAs: Value) throws(Raised) -> Value {
    if let bytes = validPyc(for: path) {
      return try bytes.withRawBytes { p throws(Raised) in
        try Marshal.load(vm, UnsafeRawBufferPointer(rebasing: p[16...]), filename: shownAs)
      }
    }
    guard let source = read(path) else {
      throw vm.raise(.importError, "cannot read \(path): the standard library of Python 3.11 is incomplete")
    }
    let filename = shownAs.isNull ? Array(path.utf8) : shownAs.utf8Bytes
    return try Compiling.compile(
      vm, source: source, filename: filename, mode: .exec, flags: 0, optimize: rt.pointee.flags.optimize)
  }

  private static func number(_ vm: VM, _ n: Int?) throws(Raised) -> Value { n == nil ? .none : try vm.int(n ?? 0) }
}
