import Glibc

/// `--cpython=NAME,…`: modules that come from libpython whatever we have, and `-X importorigin`: a line for each import.
package enum ForcedOrigins {
  package nonisolated(unsafe) static var forced: [String] = []

  package static func isForced(_ name: Value) -> Bool { !forced.isEmpty && name.isStr && forced.contains(name.swiftString) }

  /// Whether a module is forced, or lies in a package that is, and libpython's import system must find it. What the VM cannot do
  /// without stays ours.
  private static func covers(_ name: Value) -> Bool {
    guard !forced.isEmpty, name.isStr else { return false }
    var text = Substring(name.swiftString)
    while true {
      if forced.contains(String(text)) { return !CModules.isBuiltIn(name) && ModuleTable.find(name) == nil }
      guard let dot = text.lastIndex(of: ".") else { return false }
      text = text[..<dot]
    }
  }

  /// The module as libpython imports it, entered in `sys.modules`; null when it is not forced.
  static func load(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    guard covers(name), let load = rt.pointee.hooks.loadWholeModule else { return .null }
    let text = name.swiftString
    if let dot = text.lastIndex(of: ".") { _ = try Imports.findOrLoad(vm, try vm.intern(try vm.str(String(text[..<dot])))) }
    let module = try load(vm, name)
    try vm.setItem(rt.pointee.modules, name, module)
    report(vm, name)
    return module
  }

  /// Native modules that the VM runs on from its start: no other can take their place.
  package static let needed: Set<String> = [
    "builtins", "sys", "_imp", "marshal", "posix", "_thread", "_io", "_warnings", "_weakref", "_contextvars",
  ]

  /// Names that no import system knows are a mistake on the command line.
  /// - Throws: ModuleNotFoundError for the first of them.
  static func check(_ vm: VM) throws(Raised) {
    for text in forced.sorted() {
      let top = try vm.intern(try vm.str(text.split(separator: ".").first.map(String.init) ?? text))
      if CModules.isBuiltIn(top) || ModuleTable.find(top) != nil { continue }
      if try vm.callMethod(Imports.bootstrap, "_find_spec", top, .none).isNone {
        throw Imports.importError(vm, top, "--cpython: No module named '\(text)'", kind: .moduleNotFoundError)
      }
    }
  }

  // MARK: origins

  /// importlib tells of every module that it has loaded through its `_verbose_message`.
  static func watchImports(_ vm: VM) throws(Raised) {
    let holder = try vm.newModule(try vm.intern("_amphis_origins"))
    let builder = ModuleBuilder(vm: vm, module: holder)
    builder.function("_verbose_message", nil, nil) { (vm, _, args: Args) throws(Raised) in
      if args.count >= 2, args[0].isStr, Str.equal(args[0], "import {!r} # {!r}") { report(vm, args[1]) }
      return .none
    }
    try vm.setAttribute(Imports.bootstrap, "_verbose_message", try vm.getAttribute(holder, "_verbose_message"))
    for name in try names(vm) { report(vm, name) }
  }
  private static func names(_ vm: VM) throws(Raised) -> [Value] {
    // Interned names outlive the list.
    let keys = try vm.list(from: rt.pointee.modules).as(ListLayout.self)
    return (0..<keys.pointee.count).compactMap { keys.pointee.items?[$0] }
  }

  /// "import NAME # native|cpython|interpreted"
  package static func report(_ vm: VM, _ name: Value) {
    guard rt.pointee.flags.importOrigin, name.isStr else { return }
    var origin = "interpreted"
    let module = rt.pointee.modules.isDict ? Dicts.get(rt.pointee.modules, str: name) : .null
    if module.isInstance(of: rt.types.module), module.as(ModuleLayout.self).pointee.foreign != nil {
      origin = "cpython"
    } else if ModuleTable.find(name) != nil || ModuleTable.standIn(name) != nil || Str.equal(name, "sys") || Str.equal(name, "builtins") {
      origin = "native"
    }
    var line = "import \(name.swiftString) # \(origin)\n"
    line.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}
