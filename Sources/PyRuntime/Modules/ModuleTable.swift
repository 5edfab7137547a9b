import Glibc

/// The modules written in Swift, by the rule that makes them so: `Tools/modules.py` writes docs/modules.md from the headings below.
package enum ModuleTable {
  package static func rows() -> [NativeModule] {
    var rows: [NativeModule] = []
    func add(_ name: StaticString, _ declare: @escaping (inout ModuleBuilder) throws(Raised) -> Void) {
      rows.append(NativeModule(name: name, declare: declare))
    }
    // Rule 1: the semantics of the virtual machine demand it.
    add("marshal", MarshalModule.declare)
    add("_imp", ImpModule.declare)
    add("posix", PosixModule.declare)
    add("_thread", ThreadModule.declare)
    add("_io", IOModule.declare)
    add("_warnings", WarningsModule.declare)
    add("_signal", SignalModule.declare)
    add("gc", GCModule.declare)
    add("atexit", AtexitModule.declare)
    add("_opcode", OpcodeModule.declare)
    add("_ast", AstModule.declare)
    add("_symtable", SymtableModule.declare)
    add("_tokenize", TokenizeModule.declare)
    add("faulthandler", FaulthandlerModule.declare)
    add("_tracemalloc", TracemallocModule.declare)
    add("_lsprof", LsprofModule.declare)
    add("_weakref", WeakrefModule.declare)
    add("_abc", AbcModule.declare)
    add("_contextvars", ContextvarsModule.declare)
    add("time", TimeModule.declare)
    add("itertools", ItertoolsModule.declare)
    add("_operator", OperatorModule.declare)
    add("_functools", FunctoolsModule.declare)
    add("_collections", CollectionsModule.declare)
    add("_codecs", CodecsModule.declare)
    add("_asyncio", AsyncioModule.declare)
    // Rule 2: most programs load it while they import, or every start does.
    add("math", MathModule.declare)
    add("_random", RandomModule.declare)
    add("_sha512", Sha512Module.declare)
    add("_typing", TypingModule.declare)
    add("_struct", StructModule.declare)
    add("_stat", StatModule.declare)
    add("errno", ErrnoModule.declare)
    add("pwd", PwdModule.declare)
    add("_locale", LocaleModule.declare)
    add("_datetime", DatetimeModule.declare)
    add("_heapq", HeapqModule.declare)
    add("_bisect", BisectModule.declare)
    add("_string", StringModule.declare)
    add("_sre", SreModule.declare)
    add("select", SelectModule.declare)
    add("fcntl", FcntlModule.declare)
    add("_posixsubprocess", PosixSubprocessModule.declare)
    add("_csv", CsvModule.declare)
    add("_socket", SocketModule.declare)
    add("_queue", QueueModule.declare)
    add("grp", GrpModule.declare)
    add("_uuid", UuidModule.declare)
    add("unicodedata", UnicodedataModule.declare)
    // Rule 3: crossing would cost real programs more than a quarter of their time.
    add("_json", JsonModule.declare)
    add("_pickle", PickleModule.declare)
    add("array", ArrayModule.declare)
    add("binascii", BinasciiModule.declare)
    return rows
  }

  nonisolated(unsafe) private static let all = rows() + additional
  /// Name → contents of the native modules made so far, a dict of dicts
  nonisolated(unsafe) fileprivate static var contents = Value.null
  /// Modules that other targets of this program add, before start-up.
  nonisolated(unsafe) package static var additional: [NativeModule] = []

  package static func find(_ name: Value) -> NativeModule? {
    guard name.isExactStr else { return nil }
    return all.first { Str.equal(name, $0.name) }
  }

  /// In the place of extension modules that packages bring, by the names they are imported by: not builtin, since importlib has to find the package's file.
  nonisolated(unsafe) private static let standIns = [NativeModule(name: "markupsafe._speedups", declare: SpeedupsModule.declare)]

  package static func standIn(_ name: Value) -> NativeModule? {
    guard name.isExactStr else { return nil }
    return standIns.first { Str.equal(name, $0.name) }
  }

  /// Names of all rows, in table order.
  package static var names: [StaticString] { all.map(\.name) }

  /// The native module of that name, or CPython's through the bridge; not yet entered in `sys.modules`.
  package static func create(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    guard let row = find(name), !ForcedOrigins.isForced(name) else {
      return try Imports.loadCModule(vm, name)
    }
    return try vm.makeNativeModule(row)
  }
}

extension VM {
  /// A module object with `__name__` and the attributes that importlib expects; not in `sys.modules` yet.
  package func newModule(_ name: Value, doc: Value = .none) throws(Raised) -> Value {
    let module = try instance(ModuleLayout.self, of: rt.types.module)
    var kept = Value(module)
    return try withUnsafeMutablePointer(to: &kept) { p throws(Raised) in
      let dict = try self.dict()
      module.pointee.dict = dict
      try Dicts.set(self, dict, "__name__", name)
      try Dicts.set(self, dict, "__doc__", doc)
      try Dicts.set(self, dict, "__package__", .none)
      try Dicts.set(self, dict, "__loader__", .none)
      try Dicts.set(self, dict, "__spec__", .none)
      return p.pointee
    }
  }

  /// Makes a native module and fills it. One that is imported anew gets what the first had at its start, as CPython's modules with static
  /// types do: native code knows one type of each.
  package func makeNativeModule(_ row: NativeModule) throws(Raised) -> Value {
    let name = try intern(row.name)
    let module = try newModule(name)
    if ModuleTable.contents.isNull { ModuleTable.contents = try dict() }
    let known = try Dicts.get(self, ModuleTable.contents, name)
    var builder = ModuleBuilder(vm: self, module: module)
    if known.isNull {
      // A module whose types are half made could not be imported again.
      builder = try beyondLimit { () throws(Raised) in
        var filled = builder
        try row.declare(&filled)
        try Dicts.set(self, ModuleTable.contents, name, try Dicts.copy(self, filled.dict))
        return filled
      }
    } else {
      try Dicts.merge(self, builder.dict, known)
    }
    return module
  }
}
