import CRuntimeSupport
import Glibc

/// What a program that embeds or starts the interpreter may choose.
package struct StartConfig {
  package var flags = StartFlags()
  /// `sys.argv`; the first item is the script, "-c", "-m" or ""
  package var arguments: [[UInt8]] = [[]]
  /// The whole command line
  package var originalArguments: [[UInt8]] = []
  /// Path of this program
  package var executable: [UInt8] = []
  /// The same outside of a virtual environment; nil: `executable`
  package var baseExecutable: [UInt8]?
  /// The host's standard library ("/usr/lib/python3.11"); nil: found by `StandardLibrary.locate`
  package var standardLibrary: String?
  /// `PYTHONPATH` entries
  package var searchPath: [[UInt8]] = []
  /// First entry of `sys.path` (the script's folder, "" or nothing)
  package var firstPathEntry: [UInt8]?
  package var warnOptions: [String] = []
  /// `-X name[=value]`
  package var xOptions: [(name: String, value: String?)] = []
  package var pycachePrefix: [UInt8]?
  package var maximumHeapBytes = 1 << 37
  /// `-X gcstress=N`: every Nth allocation collects; 0: none for that
  package var heapStressPeriod = 0
  /// `-X tracemalloc=N`: frames of a traceback; 0: off
  package var tracedFrames = 0
  package var heapChecks = false
  /// Report what the heap holds on standard error at the end
  package var heapStatistics = false
  package var hooks = RuntimeHooks()
  /// Modules that come from libpython whatever we have (`--cpython=`)
  package var forcedToCPython: [String] = []
  /// The VM alone needs no standard library for what it runs
  package var withoutImportSystem = false
  /// A file with code of the standard library (`HeapImage`)
  package var image: String?
  /// `-X jit=`
  package var machineMode = MachineMode.on
  package var machineStatistics = false
  package init() {}
}

/// Where the host's Python standard library lies.
public enum StandardLibrary {
  /// In order: `AMPHISHOME` (the folder itself, or a prefix with lib/python3.11), then the usual prefixes.
  public static func locate(ignoreEnvironment: Bool) -> String? {
    var candidates: [String] = []
    if !ignoreEnvironment, let home = getenv("AMPHISHOME") {
      let h = String(cString: home)
      candidates += [h, h + "/lib/python3.11"]
    }
    candidates += ["/usr/lib/python3.11", "/usr/local/lib/python3.11", "/usr/lib64/python3.11"]
    return candidates.first { access($0 + "/importlib/_bootstrap.py", R_OK) == 0 && access($0 + "/os.py", R_OK) == 0 }
  }
}

/// Brings the interpreter up and down, in CPython's order.
package enum Startup {
  /// `PYTHONFAULTHANDLER`
  private static func faultVariable(_ config: StartConfig) -> Bool {
    guard !config.flags.ignoreEnvironment, let p = getenv("PYTHONFAULTHANDLER") else { return false }
    return p.pointee != 0
  }

  /// Creates the runtime, `sys`, `builtins`, the import system, standard streams and (unless -S) `site`.
  /// - Returns: nil after a message on standard error when that failed.
  package static func initialize(_ config: StartConfig) -> VM? {
    StartSources.isStarting = true
    defer { StartSources.isStarting = false }
    let vm = Runtime.start(flags: config.flags, maximumHeapBytes: config.maximumHeapBytes, image: config.image)
    rt.pointee.hooks = config.hooks
    rt.pointee.hooks.switchThread = { InterpreterLock.yield($0) }
    ForcedOrigins.forced = config.forcedToCPython
    rt.heapPointer.pointee.setStress(config.heapStressPeriod)
    rt.heapPointer.pointee.checks = config.heapChecks
    if config.tracedFrames > 0 { rt.heapPointer.pointee.startTracing(limit: config.tracedFrames) }
    HeapStatistics.isWanted = config.heapStatistics
    Machine.start(config.machineMode, statistics: config.machineStatistics)
    do throws(Raised) {
      try makeCoreModules(vm, config)
      SignalModule.installInterrupt()
      if !config.withoutImportSystem {
        try requireStandardLibrary(vm)
        FrozenModules.configure(vm, config)
        if config.flags.verbose > 0 { try StandardStreams.installPreliminary(vm) }
        try ImportBootstrap.install(vm)
        if config.flags.importOrigin { try ForcedOrigins.watchImports(vm) }
        _ = try vm.importModule("encodings")
        try Dicts.set(vm, rt.pointee.builtins, "open", try vm.getAttribute(try vm.importModule("io"), "open"))
        rt.pointee.originalBuiltins = try Dicts.copy(vm, rt.pointee.builtins)
        try StandardStreams.install(vm)
        try WarningsSetup.install(vm)
        let faults = config.xOptions.contains { $0.name == "faulthandler" } || config.flags.devMode || faultVariable(config)
        if faults { _ = try vm.callMethod(try vm.importModule("faulthandler"), "enable") }
        if !ForcedOrigins.forced.isEmpty { try ForcedOrigins.check(vm) }
        if !config.flags.noSite {
          // As after the builtin types: `site` runs little of what has run so far, and a small program's peak is here.
          amphis_drop_library(nil)
          _ = try vm.importModule("site")
        }
      }
      // Only now, as in CPython: what the interpreter itself imports does not come from the script's folder.
      try putFirstPathEntry(vm, config)
      return vm
    } catch {
      TracebackPrinter.printPending(vm, heading: "amphis: the interpreter could not start")
      return nil
    }
  }

  private static func putFirstPathEntry(_ vm: VM, _ config: StartConfig) throws(Raised) {
    guard let first = config.firstPathEntry, !config.flags.safePath else { return }
    let path = Dicts.get(vm, rt.pointee.sysDict, "path")
    if path.isList { _ = try vm.callMethod(path, "insert", Value(smallInt: 0), try FileSystemText.decode(vm, first)) }
  }

  private static func requireStandardLibrary(_ vm: VM) throws(Raised) {
    if Dicts.get(vm, rt.pointee.sysDict, "_stdlib_dir").isStr { return }
    throw vm.raise(
      .importError,
      "Python 3.11's standard library was not found; install it (Debian: libpython3.11-stdlib) or set AMPHISHOME to the folder that holds os.py"
    )
  }

  private static func makeCoreModules(_ vm: VM, _ config: StartConfig) throws(Raised) {
    let modules = try vm.dict()
    rt.pointee.modules = modules
    let sys = try vm.newModule(try vm.intern("sys"))
    rt.pointee.sysDict = sys.as(ModuleLayout.self).pointee.dict
    try Dicts.set(vm, modules, "sys", sys)
    var builder = ModuleBuilder(vm: vm, module: sys)
    try SysModule.declare(&builder, config)
    let builtins = rt.pointee.builtinsModule
    try Dicts.set(vm, modules, "builtins", builtins)
    try Dicts.set(vm, rt.pointee.builtins, "__debug__", .bool(config.flags.optimize == 0))
  }
}

extension Startup {
  /// The `__main__` module, made on first use.
  package static func mainModule(_ vm: VM) throws(Raised) -> Value {
    let known = Dicts.get(vm, rt.pointee.modules, "__main__")
    if !known.isNull { return known }
    let name = try vm.intern("__main__")
    let main = try vm.newModule(name)
    let dict = main.as(ModuleLayout.self).pointee.dict
    try Dicts.set(vm, dict, "__builtins__", try Dicts.get(vm, rt.pointee.modules, try vm.intern("builtins")))
    try Dicts.set(vm, dict, "__annotations__", try vm.dict())
    if !Imports.bootstrap.isNull {
      try Dicts.set(vm, dict, "__loader__", try vm.getAttribute(Imports.bootstrap, "BuiltinImporter"))
    }
    try Dicts.set(vm, rt.pointee.modules, "__main__", main)
    return main
  }

  /// `-c`
  package static func runCommand(_ vm: VM, _ source: [UInt8]) -> Int32 {
    run(vm) { () throws(Raised) in
      let main = try mainModule(vm)
      let withoutCodingLine: Int32 = 0x800
      let code = try Compiling.compile(
        vm, source: source, filename: Array("<string>".utf8), mode: .exec, flags: withoutCodingLine,
        optimize: rt.pointee.flags.optimize)
      _ = try vm.run(code: code, globals: main.as(ModuleLayout.self).pointee.dict, locals: .null)
    }
  }

  /// `-m`
  package static func runModule(_ vm: VM, _ name: [UInt8]) -> Int32 {
    run(vm) { () throws(Raised) in
      // runpy fills the namespace of the `__main__` that is there.
      _ = try mainModule(vm)
      let runpy = try vm.importModule("runpy")
      let module = try FileSystemText.decode(vm, name)
      _ = try vm.callMethod(runpy, "_run_module_as_main", module, .true)
    }
  }

  /// A script, a `.pyc`, or a folder or zip archive with `__main__`.
  package static func runScript(_ vm: VM, _ path: [UInt8], contents: [UInt8]? = nil) -> Int32 {
    run(vm) { () throws(Raised) in
      let main = try mainModule(vm)
      let dict = main.as(ModuleLayout.self).pointee.dict
      let name = try FileSystemText.decode(vm, path)
      let text = String(decoding: path, as: UTF8.self)
      if contents == nil, try runFolder(vm, name, text) { return }
      let source = contents ?? HostFiles.read(path) ?? []
      let code: Value
      if source.count >= 16 && source.starts(with: [0xA7, 0x0D, 0x0D, 0x0A]) {
        code = try source.withRawBytes { p throws(Raised) in try Marshal.load(vm, UnsafeRawBufferPointer(rebasing: p[16...])) }
        guard code.isExact(rt.types.code) else { throw vm.raise(.runtimeError, "Bad code object in .pyc file") }
      } else {
        var request = CompileRequest(filename: path, mode: .exec, flags: 0, optimize: rt.pointee.flags.optimize)
        request.isFile = true
        code = try Compiling.compile(vm, source: source, request)
      }
      try Dicts.set(vm, dict, "__file__", name)
      try Dicts.set(vm, dict, "__cached__", .none)
      if contents == nil, !Imports.external.isNull {
        let loader = source.starts(with: [0xA7, 0x0D, 0x0D, 0x0A]) ? "SourcelessFileLoader" : "SourceFileLoader"
        let cls = try vm.getAttribute(Imports.external, try vm.intern(try vm.str(loader)))
        try Dicts.set(vm, dict, "__loader__", try vm.call(cls, try vm.intern("__main__"), name))
      }
      _ = try vm.run(code: code, globals: dict, locals: .null)
    }
  }

  /// A folder or an archive is put on the path and its `__main__` module run. Answers false for ordinary files.
  private static func runFolder(_ vm: VM, _ name: Value, _ path: String) throws(Raised) -> Bool {
    if Imports.external.isNull { return false }
    var s = stat()
    guard stat(path, &s) == 0 else { return false }
    var importer = Value.none
    let hooks = Dicts.get(vm, rt.pointee.sysDict, "path_hooks")
    try vm.forEach(hooks) { (hook) throws(Raised) in
      if !importer.isNone { return }
      do throws(Raised) { importer = try vm.call(hook, name) } catch {
        if !vm.pendingIs(.importError) { throw error }
        vm.clearPending()
      }
    }
    if importer.isNone { return false }
    // In the place of the folder it lies in, which `-P` and `-I` leave out.
    let list = Dicts.get(vm, rt.pointee.sysDict, "path")
    if !rt.pointee.flags.safePath, list.isList, list.as(ListLayout.self).pointee.count > 0 {
      try vm.setItem(list, Value(smallInt: 0), name)
    } else {
      _ = try vm.callMethod(list, "insert", Value(smallInt: 0), name)
    }
    _ = try vm.callMethod(try vm.importModule("runpy"), "_run_module_as_main", try vm.intern("__main__"), .false)
    return true
  }

  /// Runs `body`; an exception is reported. Answers the exit code.
  package static func run(_ vm: VM, _ body: () throws(Raised) -> Void) -> Int32 {
    do throws(Raised) {
      try body()
      return 0
    } catch { return reportPending(vm) }
  }

  /// Reports the pending exception as the end of a program: SystemExit gives its code, others are shown by sys.excepthook.
  package static func reportPending(_ vm: VM) -> Int32 {
    let e = vm.takePending()
    guard e.isExceptionInstance else { return 1 }
    if e.isInstance(of: rt.types[.systemExit]) { return exitCode(vm, e) }
    do throws(Raised) {
      try Dicts.set(vm, rt.pointee.sysDict, "last_type", Value(e.type))
      try Dicts.set(vm, rt.pointee.sysDict, "last_value", e)
      let tb = e.as(ExceptionLayout.self).pointee.traceback
      try Dicts.set(vm, rt.pointee.sysDict, "last_traceback", tb.isNull ? .none : tb)
      let hook = Dicts.get(vm, rt.pointee.sysDict, "excepthook")
      if hook.isNull {
        try TracebackPrinter.write(vm, "sys.excepthook is missing\n")
        try TracebackPrinter.printToStderr(vm, e)
      } else {
        _ = try vm.call(hook, Value(e.type), e, tb.isNull ? .none : tb)
      }
    } catch {
      if vm.pendingIs(.systemExit) { return exitCode(vm, vm.takePending()) }
      TracebackPrinter.printPending(vm, heading: "Error in sys.excepthook:")
      vm.thread.pointee.pending = e
      TracebackPrinter.printPending(vm, heading: "\nOriginal exception was:")
    }
    if e.isInstance(of: rt.types[.keyboardInterrupt]) { return 130 }
    return 1
  }

  private static func exitCode(_ vm: VM, _ e: Value) -> Int32 {
    do throws(Raised) {
      let code = try vm.getAttribute(e, "code")
      if code.isNone { return 0 }
      if code.isInt { return Int32(truncatingIfNeeded: Ints.low64(Ints.exact(code))) }
      _ = StandardStreams.flush(vm)
      let text = try vm.str(of: code)
      let stream = Dicts.get(vm, rt.pointee.sysDict, "stderr")
      if stream.isNull || stream.isNone {
        try TracebackPrinter.writeToDescriptor(vm, text)
      } else {
        _ = try vm.callMethod(stream, "write", text)
      }
      try TracebackPrinter.write(vm, "\n")
      return 1
    } catch {
      vm.clearPending()
      return 1
    }
  }

  /// Shuts down: waits for threads, runs atexit, flushes the streams. Answers the process's exit code.
  package static func finalize(_ vm: VM, exitCode: Int32) -> Int32 {
    if !Dicts.get(vm, rt.pointee.modules, "threading").isNull {
      do throws(Raised) { _ = try vm.callMethod(Dicts.get(vm, rt.pointee.modules, "threading"), "_shutdown") } catch {
        vm.writeUnraisable("", Dicts.get(vm, rt.pointee.modules, "threading"))
      }
    }
    for f in Shutdown.functions { f(vm) }
    var flushed = StandardStreams.flush(vm)
    rt.pointee.isFinalizing = true
    if HeapStatistics.isWanted { HeapStatistics.report() }
    if Machine.wantsStatistics { MachineStatistics.report() }
    if Finalization.isNeeded() {
      flushed = Finalization.run(vm) && flushed
    }
    return flushed ? exitCode : 120
  }
}

/// What native modules do when the interpreter goes down, in order.
enum Shutdown {
  nonisolated(unsafe) static var functions: [(VM) -> Void] = []
}

extension Startup {
  /// Source run in `__main__` on behalf of a Swift program.
  package struct Execution {
    /// repr of the result of an expression
    package var text = ""
    /// Name of the exception's class, and its report
    package var failure: (type: String, text: String)?
  }

  package static func execute(_ vm: VM, _ source: [UInt8], mode: CompileMode) -> Execution {
    var result = Execution()
    do throws(Raised) {
      let globals = try mainModule(vm).as(ModuleLayout.self).pointee.dict
      let code = try Compiling.compile(
        vm, source: source, filename: Array("<string>".utf8), mode: mode, flags: 0, optimize: rt.pointee.flags.optimize)
      let value = try vm.run(code: code, globals: globals, locals: .null)
      if mode == .eval { result.text = try vm.repr(value).swiftString }
    } catch {
      let e = vm.takePending()
      var text = ""
      do throws(Raised) { text = try TracebackPrinter.text(vm, e) } catch { vm.clearPending() }
      result.failure = (e.isExceptionInstance ? e.typeName : "SystemError", text)
    }
    return result
  }

  /// How the REPL fared with the lines typed so far.
  package enum Interaction { case done, incomplete, failed, exit(Int32) }

  /// Compiles and runs one interactive statement (mode "single").
  /// - Parameter last: no more lines will come for this statement: what is incomplete is an error.
  package static func interact(_ vm: VM, _ source: [UInt8], last: Bool) -> Interaction {
    guard let compiler = rt.pointee.hooks.compiler else { return .failed }
    // PyCF_ALLOW_INCOMPLETE_INPUT | PyCF_DONT_IMPLY_DEDENT | inherited __future__ flags
    let flags: Int32 = (last ? 0 : 0x4000 | 0x200) | futureFlags
    let request = Compiling.limited(
      vm, CompileRequest(filename: Array("<stdin>".utf8), mode: .single, flags: flags, optimize: rt.pointee.flags.optimize))
    let outcome = source.withUnsafeBytes { compiler.compile(source: $0, request) }
    if let e = outcome.error, e.isIncomplete, !last { return .incomplete }
    do throws(Raised) {
      let globals = try mainModule(vm).as(ModuleLayout.self).pointee.dict
      let code = try Compiling.code(vm, outcome, filename: Array("<stdin>".utf8))
      futureFlags |= code.as(CodeLayout.self).pointee.flags & 0x1FF_0000
      _ = try vm.run(code: code, globals: globals, locals: .null)
      return .done
    } catch {
      if vm.pendingIs(.systemExit) { return .exit(reportPending(vm)) }
      _ = reportPending(vm)
      return .failed
    }
  }
  nonisolated(unsafe) private static var futureFlags: Int32 = 0

  /// `sys.ps1` or `sys.ps2` as text.
  package static func prompt(_ vm: VM, _ name: StaticString, _ fallback: String) -> String {
    do throws(Raised) {
      let v = Dicts.get(vm, rt.pointee.sysDict, name)
      if v.isNull {
        try Dicts.set(vm, rt.pointee.sysDict, name, try vm.str(fallback))
        return fallback
      }
      return try vm.str(of: v).swiftString
    } catch {
      vm.clearPending()
      return fallback
    }
  }

  /// Runs `sys.__interactivehook__` if site set one, without its readline set-up.
  package static func flush(_ vm: VM) { _ = StandardStreams.flush(vm) }

  /// The names that complete `prefix` (a name or a dotted expression) in `__main__` and builtins.
  package static func completions(_ vm: VM, _ prefix: String) -> [String] {
    do throws(Raised) {
      let main = try mainModule(vm)
      var holder = main.as(ModuleLayout.self).pointee.dict, head = "", tail = prefix
      if let dot = prefix.lastIndex(of: ".") {
        head = String(prefix[...dot])
        tail = String(prefix[prefix.index(after: dot)...])
        var object = Value.null
        for part in head.dropLast().split(separator: ".") {
          let name = try vm.intern(try vm.str(String(part)))
          if object.isNull {
            object = try Dicts.get(vm, holder, name)
            if object.isNull { object = try Dicts.get(vm, rt.pointee.builtins, name) }
          } else {
            object = try vm.getAttributeOrNull(object, name)
          }
          if object.isNull { return [] }
        }
        let names = try vm.call(try vm.getAttribute(try vm.importModule("builtins"), "dir"), object)
        return try matching(vm, names, tail).map { head + $0 }
      }
      var all = Set(try matching(vm, try vm.list(from: holder), tail))
      holder = rt.pointee.builtins
      all.formUnion(try matching(vm, try vm.list(from: holder), tail))
      return all.sorted()
    } catch {
      vm.clearPending()
      return []
    }
  }
  private static func matching(_ vm: VM, _ names: Value, _ tail: String) throws(Raised) -> [String] {
    var found: [String] = []
    try vm.forEach(names) { (n) throws(Raised) in
      if n.isStr {
        let s = n.swiftString
        if s.hasPrefix(tail) && (!tail.isEmpty || !s.hasPrefix("_")) { found.append(s) }
      }
    }
    return found.sorted()
  }
}
