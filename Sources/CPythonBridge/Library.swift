import CPython
import CRuntimeSupport
import Glibc
import PyRuntime

typealias PyRef = UnsafeMutablePointer<PyObject>
typealias PyTypeRef = UnsafeMutablePointer<PyTypeObject>

/// libpython's functions. Set by `Library.load`, which everything else comes after.
nonisolated(unsafe) var py: UnsafePointer<cpython_api> = UnsafePointer(bitPattern: 64).unsafelyUnwrapped

/// Finding, loading and starting libpython, at the first import that needs it and never before.
enum Library {
  nonisolated(unsafe) private(set) static var isLoaded = false
  nonisolated(unsafe) private static var handle: UnsafeMutableRawPointer?
  /// Objects of libpython's that are compared with all the time.
  /// (Each with a constant of its own: what starts as a copy of another is made at the first access, which every access asks.)
  nonisolated(unsafe) private(set) static var none = PyRef(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private(set) static var pyTrue = PyRef(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private(set) static var pyFalse = PyRef(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private(set) static var ellipsis = PyRef(bitPattern: 64).unsafelyUnwrapped
  nonisolated(unsafe) private(set) static var notImplemented = PyRef(bitPattern: 64).unsafelyUnwrapped

  static let packageHint = "install CPython 3.11's shared library (Debian: libpython3.11) or name it in AMPHIS_LIBPYTHON"

  /// Address of a data symbol.
  static func symbol(_ name: String) -> UnsafeMutableRawPointer? { dlsym(handle, name) }
  static func type(_ name: String) -> PyTypeRef? { symbol(name)?.assumingMemoryBound(to: PyTypeObject.self) }
  /// `PyExc_…`: a pointer to a pointer.
  static func exception(_ name: String) -> PyRef? {
    symbol("PyExc_" + name)?.assumingMemoryBound(to: PyRef?.self).pointee
  }

  static func load(_ vm: VM, for module: Value) throws(Raised) {
    if isLoaded { return }
    let named = getenv("AMPHIS_LIBPYTHON").map { String(cString: $0) } ?? ""
    let file = named.isEmpty ? "libpython3.11.so.1.0" : named
    // Extension modules find libpython's symbols in the global scope only.
    guard let library = dlopen(file, RTLD_NOW | RTLD_GLOBAL) else {
      let reason = dlerror().map { String(cString: $0) } ?? "not found"
      throw failure(vm, module, "\(reason); \(packageHint)")
    }
    handle = library
    // Before the functions: those of another version differ. What came before its first beta reads other code (Tools/bridge).
    if let version = versionText().map({ String($0.prefix { $0 != " " }) }),
      !version.hasPrefix("3.\(amphis_header_minor()).") || version.contains("a")
    {
      throw failure(vm, module, "\(file) is Python \(version), not 3.\(amphis_header_minor()); \(packageHint)")
    }
    try bind(vm, module)
    // What C code takes for one small text may be more than glibc keeps: 19 page faults for each cookie that Flask signed with zlib.
    amphis_keep_freed_memory()
    // What only the dynamic linker has read, a megabyte and a half, and what our own start has run.
    for name in ["libm.so", "libz.so", "libexpat.so"] { amphis_drop_library(name) }
    amphis_drop_library(nil)
    let anchor = dlsym(library, "Py_GetVersion")
    if let anchor { amphis_trim_library(anchor, 32 << 10) }
    // Its types' names are looked up by the hundred.
    rt.pointee.image.splitNames()
    try start(vm, module)
    isLoaded = true
    GIL.takeOver()
    try Names.setUp(vm)
    try CrossImports.install(vm)
    try CrossSignals.install(vm)
    try CrossOutput.install(vm)
    try CrossCodecs.install(vm)
    CrossContexts.install()
    // What all this has run over there: most of it runs only now.
    if let anchor { amphis_trim_library(anchor, 0) }
  }

  private static func failure(_ vm: VM, _ module: Value, _ reason: String) -> Raised {
    Imports.importError(vm, module, "C module '\(module.swiftString)' needs libpython: \(reason)")
  }

  private static func bind(_ vm: VM, _ module: Value) throws(Raised) {
    let table = UnsafeMutablePointer<cpython_api>.allocate(capacity: 1)
    let words = UnsafeMutableRawPointer(table).assumingMemoryBound(to: UnsafeMutableRawPointer?.self)
    for i in 0..<amphis_api_count() {
      let name = amphis_api_name(i)
      guard let address = dlsym(handle, name) else {
        throw failure(vm, module, "it has no \(String(cString: name)); \(packageHint)")
      }
      words[Int(i)] = address
    }
    py = UnsafePointer(table)
  }

  /// Names of the few lines of Python that run over there. Borrowed.
  static func names(_ vm: VM) throws(Raised) -> PyRef {
    guard let main = py.pointee.PyImport_AddModule("__amphis__"), let dict = py.pointee.PyModule_GetDict(main) else {
      throw Errors.fetch(vm)
    }
    return dict
  }

  /// Gives one of these lines' names to `object`.
  static func name(_ vm: VM, _ name: StaticString, _ object: PyRef) throws(Raised) {
    let key = try ToPython.str(vm, try vm.intern(name))
    defer { release(key) }
    if py.pointee.PyDict_SetItem(try names(vm), key, object) != 0 { throw Errors.fetch(vm) }
  }

  /// Has libpython make what only its Python code needs: the path finder, codecs, streams (`Tools/bridge/start.py`).
  static func finish(_ vm: VM) throws(Raised) {
    guard let finish = amphis_dict_get(py, try names(vm), "_finish") else { return }
    release(try ToPython.check(vm, py.pointee.PyObject_CallNoArgs(finish)))
  }

  /// Runs code of `Tools/bridge`.
  static func run(_ vm: VM, _ code: (UnsafeMutablePointer<Int>) -> UnsafePointer<CChar>) throws(Raised) {
    let dict = try names(vm)
    var size = 0
    let bytes = code(&size)
    let o = try ToPython.check(vm, py.pointee.PyMarshal_ReadObjectFromString(bytes, size))
    defer { release(o) }
    release(try ToPython.check(vm, py.pointee.PyEval_EvalCode(o, dict, dict)))
  }

  private static func versionText() -> String? {
    guard let address = dlsym(handle, "Py_GetVersion") else { return nil }
    typealias Function = @convention(c) () -> UnsafePointer<CChar>?
    return unsafeBitCast(address, to: Function.self)().map { String(cString: $0) }
  }

  private static func start(_ vm: VM, _ module: Value) throws(Raised) {
    if py.pointee.Py_IsInitialized() == 0 {
      Arenas.install()
      var error: UnsafePointer<CChar>?
      if let home = home() {
        var wide = home.unicodeScalars.map { wchar_t(bitPattern: $0.value) }
        wide.append(0)
        error = wide.withUnsafeBufferPointer { amphis_start(py, $0.baseAddress, UInt(rt.pointee.hashSeed)) }
      } else {
        error = amphis_start(py, nil, UInt(rt.pointee.hashSeed))
      }
      if let error { throw failure(vm, module, "it does not start: \(String(cString: error))") }
    }
    func object(_ name: String) throws(Raised) -> PyRef {
      guard let p = symbol(name) else { throw failure(vm, module, "it has no \(name)") }
      return p.assumingMemoryBound(to: PyObject.self)
    }
    none = try object("_Py_NoneStruct")
    pyTrue = try object("_Py_TrueStruct")
    pyFalse = try object("_Py_FalseStruct")
    ellipsis = try object("_Py_EllipsisObject")
    notImplemented = try object("_Py_NotImplementedStruct")
    // CPython's own `_signal` must exist before anybody may call PyErr_SetInterrupt.
    if let signals = py.pointee.PyImport_ImportModule("_signal") { release(signals) } else { py.pointee.PyErr_Clear() }
  }

  /// The folder above `lib/python3.11/os.py`, going up from where the library itself lies. PATH and PYTHONHOME are not asked:
  /// they may belong to another Python.
  private static func home() -> String? {
    var info = amphis_dl_info()
    guard let address = dlsym(handle, "Py_GetVersion"), dladdr(address, &info) != 0, let name = info.file else { return nil }
    var path = String(cString: name)
    if let real = realpath(name, nil) {
      path = String(cString: real)
      free(real)
    }
    while let slash = path.lastIndex(of: "/") {
      path = String(path[..<slash])
      if access(path + "/lib/python3.11/os.py", R_OK) == 0 { return path.isEmpty ? "/" : path }
    }
    return nil
  }
}

@inline(__always) func retain(_ o: PyRef) -> PyRef {
  amphis_incref(o)
  return o
}
@inline(__always) func release(_ o: PyRef) { amphis_decref(py, o) }

/// CPython's global lock in the place of ours.
enum GIL {
  nonisolated(unsafe) private static var isTicking = false
  /// The state that CPython made when it was initialised; the thread that did that may end before it.
  nonisolated(unsafe) private static var firstState: UnsafeMutablePointer<PyThreadState>?

  /// CPython's evaluator lets other threads run when one asks; ours cannot see that request, so once there is more than one
  /// thread it is reminded every switch interval.
  private static func startTicking() {
    if isTicking { return }
    isTicking = true
    var id = pthread_t()
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    pthread_create(
      &id, &attributes,
      { _ in
        while true {
          // Longer than CPython's own interval: by then a waiting thread has asked for the lock, and giving it up hands it over.
          usleep(UInt32(min(max(rt.pointee.switchInterval, 0.005), 1) * 2.2e6))
          rt.requestSafepoint(.switchThread)
        }
      }, nil)
    pthread_attr_destroy(&attributes)
  }

  /// The states of threads that have ended would stay with CPython, 360 bytes each and what lies in them. Emptying one may run Python
  /// code, so it comes before our own state goes; with it goes the lock.
  private static func forgetThreads() {
    firstState = py.pointee.PyGILState_GetThisThreadState()
    rt.pointee.bridgeHooks.threadEnds = {
      if let foreign = rt.pointee.currentThread?.pointee.foreign { BridgeThread.forget(foreign) }
      if let state = py.pointee.PyGILState_GetThisThreadState(), state != firstState { py.pointee.PyThreadState_Clear(state) }
    }
    rt.pointee.bridgeHooks.releaseLockForGood = {
      if py.pointee.PyGILState_GetThisThreadState() == firstState {
        _ = py.pointee.PyEval_SaveThread()
      } else {
        py.pointee.PyThreadState_DeleteCurrent()
      }
    }
  }

  static func takeOver() {
    forgetThreads()
    rt.pointee.bridgeHooks.acquireLock = {
      startTicking()
      if let state = py.pointee.PyGILState_GetThisThreadState() {
        py.pointee.PyEval_RestoreThread(state)
      } else {
        _ = py.pointee.PyGILState_Ensure()
      }
    }
    rt.pointee.bridgeHooks.releaseLock = { _ = py.pointee.PyEval_SaveThread() }
    rt.pointee.bridgeHooks.refreshModule = { (vm, module) throws(Raised) in try ModuleLoader.refresh(vm, module) }
    rt.pointee.bridgeHooks.setModuleAttribute = { (vm, module, name, value) throws(Raised) in
      try ModuleLoader.setAttribute(vm, module, name, value)
    }
    rt.pointee.bridgeHooks.setTypeAttribute = { (vm, type, name, value) throws(Raised) in
      try ForeignTypes.setAttribute(vm, type, name, value)
    }
    rt.pointee.bridgeHooks.aroundFork = { moment in
      switch moment {
      case .before: py.pointee.PyOS_BeforeFork()
      case .parent: py.pointee.PyOS_AfterFork_Parent()
      case .child: py.pointee.PyOS_AfterFork_Child()
      }
    }
    rt.pointee.bridgeHooks.traceRoots = { tracer in Registry.traceRoots(tracer) }
    rt.pointee.bridgeHooks.afterRoots = { tracer in CrossCycles.mark(tracer) }
    rt.pointee.bridgeHooks.afterMark = { tracer in Registry.afterMark(tracer) }
    rt.pointee.bridgeHooks.releaseDead = {
      let before = Registry.drainings
      Registry.drainAll()
      return Registry.drainings != before
    }
    rt.pointee.bridgeHooks.collectGarbage = { vm in CrossCycles.collectGarbage(vm) }
    rt.pointee.bridgeHooks.derivesThere = { (type, cls) in
      guard let a = type.pointee.twin, let b = cls.pointee.twin else { return false }
      return py.pointee.PyType_IsSubtype(a.assumingMemoryBound(to: PyTypeObject.self), b.assumingMemoryBound(to: PyTypeObject.self)) != 0
    }
    rt.pointee.bridgeHooks.releaseBuffer = { view in Buffers.end(view) }
    rt.pointee.bridgeHooks.shareBuffer = { view in Buffers.share(view) }
    rt.pointee.bridgeHooks.nextEntry = { (vm, v, position) throws(Raised) in try Containers.next(vm, v, &position) }
    rt.pointee.bridgeHooks.errorHandlerRegistered = { (vm, name, handler) throws(Raised) in try CrossCodecs.register(vm, name, handler) }
    rt.pointee.bridgeHooks.forward = { (vm, v, name, args) throws(Raised) in try Containers.forward(vm, v, name, args) }
  }
}
