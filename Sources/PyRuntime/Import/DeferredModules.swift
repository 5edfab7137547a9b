import Glibc

/// Modules of the standard library that others import in case they are needed: `shutil` and `zipfile` import `bz2` and `lzma`, whose C modules
/// need libpython, and most programs never compress anything; `asyncio` and `http.client` import `ssl`, which needs OpenSSL's libraries, and most
/// programs encrypt nothing either. `import` makes the module with its spec and enters it in `sys.modules`; its code runs when an attribute is
/// asked for that is not there, or its dictionary.
///
/// Only modules whose running nobody sees are deferred: they define names and no more. And only where it would have succeeded: spec and
/// C module are found as an import finds them, nothing is traced, audited or taken from libpython on demand.
package enum DeferredModules {
  private struct Entry {
    /// null: a free place
    var module = Value.null
    /// The thread that is running the module's code
    var owner: UnsafeMutableRawPointer?
  }
  private struct Name {
    let name: StaticString
    /// The C module that the module needs
    let part: StaticString
    /// Once libpython is loaded, too
    let isLate: Bool
    init(_ name: StaticString, _ part: StaticString, isLate: Bool = false) {
      (self.name, self.part, self.isLate) = (name, part, isLate)
    }
  }
  /// What a package takes from itself comes last; `asyncio.sslproto` asks `ssl` for its exceptions as it runs.
  private static let row = [
    Name("bz2", "_bz2"), Name("lzma", "_lzma"), Name("ssl", "_ssl", isLate: true), Name("asyncio.sslproto", "_ssl", isLate: true),
  ]
  private static let longest = 4
  private typealias Entries = (Entry, Entry, Entry, Entry)
  private static let places = MemoryLayout<Entries>.size / MemoryLayout<Entry>.stride
  nonisolated(unsafe) private static var entries: Entries = (Entry(), Entry(), Entry(), Entry())
  nonisolated(unsafe) private static var count = 0

  private static func withEntries<T>(_ body: (UnsafeMutablePointer<Entry>) -> T) -> T {
    withUnsafeMutablePointer(to: &entries) { p in p.withMemoryRebound(to: Entry.self, capacity: places, body) }
  }
  private static func index(_ name: Value) -> Int? { row.indices.first { Str.equal(name, row[$0].name) } }
  private static func place(_ module: Value) -> Int? { withEntries { e in (0..<places).first { e[$0].module == module } } }

  // MARK: import

  /// The module of that name, not yet run; null when it must be imported as ever.
  static func find(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    guard name.isExactStr, name.as(StrLayout.self).pointee.length <= longest, let i = index(name) else { return .null }
    return try find(vm, i, name, path: .none)
  }

  /// Makes what `from package import names` names and is to be deferred an attribute of the package.
  static func find(_ vm: VM, in package: Value, _ packageName: Value, fromList: Value) throws(Raised) {
    guard Str.equal(packageName, "asyncio"), fromList.isExact(rt.types.tuple) else { return }
    let names = fromList.as(TupleLayout.self)
    for k in 0..<names.pointee.count where Str.equal(names.items[k], "sslproto") {
      let attribute = names.items[k]
      if try !vm.getAttributeOrNull(package, attribute).isNull { continue }
      let name = try vm.intern("asyncio.sslproto" as StaticString)
      guard try Dicts.get(vm, rt.pointee.modules, name).isNull, let i = index(name) else { continue }
      let module = try find(vm, i, name, path: try vm.getAttribute(package, rt.names.__path__))
      if !module.isNull { try vm.setAttribute(package, attribute, module) }
    }
  }

  private static func find(_ vm: VM, _ i: Int, _ name: Value, path: Value) throws(Raised) -> Value {
    guard withEntries({ $0[i].module.isNull }), isPossible(isLate: row[i].isLate) else { return .null }
    let spec = try vm.callMethod(Imports.bootstrap, "_find_spec", name, path)
    guard !spec.isNone, try isOfLibrary(vm, spec) else { return .null }
    let partName = try vm.intern(row[i].part)
    guard try Dicts.get(vm, rt.pointee.modules, partName).isNull,
      try !vm.callMethod(Imports.bootstrap, "_find_spec", partName, .none).isNone
    else { return .null }
    let module = try vm.newModule(name)
    _ = try vm.callMethod(Imports.bootstrap, "_init_module_attrs", spec, module)
    // The search for specs has run Python code.
    guard withEntries({ $0[i].module.isNull }), try Dicts.get(vm, rt.pointee.modules, name).isNull else { return .null }
    withEntries { $0[i] = Entry(module: module, owner: nil) }
    count += 1
    try Dicts.set(vm, rt.pointee.modules, name, module)
    return module
  }

  private static func isPossible(isLate: Bool) -> Bool {
    guard rt.pointee.modules.isDict, rt.pointee.auditHooks.isNull, rt.pointee.flags.verbose == 0, !rt.pointee.flags.importOrigin,
      ForcedOrigins.forced.isEmpty,
      rt.pointee.hooks.loadCModule != nil, isLate || rt.pointee.bridgeHooks.refreshModule == nil, getenv("AMPHIS_LIBPYTHON") == nil
    else { return false }
    if rt.pointee.evalBreaker & SafepointReason.tracing.rawValue != 0 { return false }
    // Without libpython the import fails, and who imports "in case" wants to know.
    return ["/usr/lib/x86_64-linux-gnu/", "/usr/lib64/", "/usr/lib/", "/usr/local/lib/"].contains {
      access("\($0)libpython3.11.so.1.0", R_OK) == 0
    }
  }

  /// Whether a spec is that of the standard library, and not of a module that a program has put before it.
  private static func isOfLibrary(_ vm: VM, _ spec: Value) throws(Raised) -> Bool {
    let origin = try vm.getAttribute(spec, "origin")
    guard origin.isStr else { return false }
    let loader = try vm.getAttribute(spec, "loader")
    let usual = try vm.getAttribute(Imports.external, "SourceFileLoader")
    let folder = Dicts.get(vm, rt.pointee.sysDict, "_stdlib_dir")
    guard usual.isType, loader.isExact(usual.asType), folder.isStr else { return false }
    let file = String(try vm.getAttribute(spec, rt.names.name).swiftString.map { $0 == "." ? "/" : $0 })
    return origin.swiftString == "\(folder.swiftString)/\(file).py"
  }

  // MARK: running

  /// Runs the module's code if it has been waiting. Whether the module is another now.
  @inline(__always)
  static func load(_ vm: VM, _ module: Value) throws(Raised) -> Bool { count == 0 ? false : try loadSlowly(vm, module) }

  /// Runs the module that waits and needs the C module of that name, which is about to be imported: C code asks the module for its attributes
  /// while it is being initialised, too soon for the module to import from it. Whether one has run, well or not: who asks it for something
  /// gets to know which.
  static func loadWaiting(_ vm: VM, for part: Value) throws(Raised) -> Bool {
    if count == 0 || !part.isExactStr { return false }
    guard let i = row.indices.first(where: { Str.equal(part, row[$0].part) }) else { return false }
    let module = withEntries { $0[i].owner == nil ? $0[i].module : .null }
    // A program may have put something else in its place.
    guard !module.isNull, rt.pointee.modules.isDict, try Dicts.get(vm, rt.pointee.modules, try vm.intern(row[i].name)) == module else {
      return false
    }
    do throws(Raised) { return try loadSlowly(vm, module) } catch {
      guard vm.pendingIs(.importError) else { throw error }
      vm.clearPending()
      return true
    }
  }

  @inline(never)
  private static func loadSlowly(_ vm: VM, _ module: Value) throws(Raised) -> Bool {
    let own = UnsafeMutableRawPointer(vm.thread)
    guard let i = place(module), withEntries({ $0[i].owner != own }) else { return false }
    let name = try vm.intern(row[i].name)
    let lock = try vm.callMethod(Imports.bootstrap, "_ModuleLockManager", name)
    _ = try vm.callMethod(lock, "__enter__")
    var failure = Value.null
    // Another thread may have been faster.
    if withEntries({ $0[i].module == module }) {
      withEntries { $0[i].owner = own }
      do throws(Raised) { try run(vm, module) } catch { failure = vm.takePending() }
      if place(module) == i {
        withEntries { $0[i] = Entry() }
        count -= 1
      }
    }
    _ = try vm.call(try vm.getAttribute(lock, "__exit__"), .none, .none, .none)
    if failure.isNull { return true }
    // As after an import that has failed.
    _ = try Dicts.remove(vm, rt.pointee.modules, name)
    throw vm.raise(failure)
  }

  private static func run(_ vm: VM, _ module: Value) throws(Raised) {
    let dict = module.as(ModuleLayout.self).pointee.dict
    let loader = try vm.getAttribute(Dicts.get(dict, str: rt.names.__spec__), "loader")
    _ = try vm.callMethod(loader, "exec_module", module)
  }
}
