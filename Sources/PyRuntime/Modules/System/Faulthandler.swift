import CRuntimeSupport
import Glibc

/// `faulthandler`: tracebacks on request, on a signal, after some time, and on a fatal signal of C code.
///
/// What runs inside a signal handler (`FaultReport`) uses raw memory and `write` only. It reads frames that their thread may be changing:
/// a line may be that of the last instruction that could raise, as everywhere else.
enum FaulthandlerModule {
  /// What `register` was told, by signal; plain memory that handlers read
  private struct Registration {
    var descriptor: Int32 = 2
    var allThreads = true
    var chain = false
    var active = false
  }
  nonisolated(unsafe) private static let registrations: UnsafeMutablePointer<Registration> = {
    let p = UnsafeMutablePointer<Registration>.allocate(capacity: 65)
    p.initialize(repeating: Registration(), count: 65)
    return p
  }()
  nonisolated(unsafe) private static var enabled = false
  nonisolated(unsafe) private static var fatalDescriptor: Int32 = 2
  nonisolated(unsafe) private static var fatalAllThreads = true
  nonisolated(unsafe) private static var laterDescriptor: Int32 = 2
  nonisolated(unsafe) private static var laterExit = false
  nonisolated(unsafe) private static var laterHeader: UnsafeMutablePointer<CChar>?
  /// The files given, so that their descriptors stay open: a dict from purpose to file
  nonisolated(unsafe) private static var files = Value.null

  private static let fatal: [Int32] = [SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGSEGV]

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    files = try vm.dict()
    _ = registrations
    try FaultReport.prepare(vm)
    m.doc("Dump the Python traceback: on request, on a signal, after a timeout, on a fatal error.")
    // What brings a process down on purpose, for tests.
    m.deferred(["_sigsegv", "_sigabrt", "_sigfpe", "_read_null", "_fatal_error_c_thread", "_stack_overflow"])
    m.function("enable", "($module, /, file=<unrepresentable>, all_threads=True)", "Dump the traceback on a fatal signal.") {
      (vm, _, args: Args) throws(Raised) in
      fatalDescriptor = try descriptor(vm, args[0], for: Value(smallInt: 0))
      fatalAllThreads = args[1].isNull ? true : try vm.isTrue(args[1])
      enable()
      return .none
    }
    m.function("disable", "($module, /)", "Leave fatal signals to the system again.") { (_, _) in
      let was = enabled
      if enabled { for n in fatal { amphis_fault_restore(n) } }
      enabled = false
      return .bool(was)
    }
    m.function("is_enabled", "($module, /)", "Whether fatal signals dump the traceback.") { (_, _) in .bool(enabled) }
    m.function("dump_traceback", "($module, /, file=<unrepresentable>, all_threads=True)", "Write the frames of one or all threads.") {
      (vm, _, args: Args) throws(Raised) in
      let fd = try descriptor(vm, args[0], for: .null)
      FaultReport(fd).threads(current: vm.thread, all: args[1].isNull ? true : try vm.isTrue(args[1]))
      return .none
    }
    m.function(
      "dump_traceback_later", "($module, /, timeout, repeat=False, file=<unrepresentable>, exit=False)",
      "Write the frames of all threads after some seconds, or every so many seconds.", later)
    m.function("cancel_dump_traceback_later", "($module, /)", "Take back dump_traceback_later().") { (_, _) in
      amphis_watchdog_cancel()
      return .none
    }
    m.function(
      "register", "($module, /, signum, file=<unrepresentable>, all_threads=True, chain=False)",
      "Dump the traceback whenever a signal comes.", register)
    m.function("unregister", "($module, signum, /)", "Take back register(); False if there was none.") { (vm, _, v) throws(Raised) in
      let n = try signal(vm, v)
      let was = registrations[n].active
      if was { amphis_fault_restore(Int32(n)) }
      registrations[n].active = false
      return .bool(was)
    }
  }

  /// Also called for `-X faulthandler`.
  package static func enable() {
    for n in fatal { _ = amphis_fault_install(n, { FaulthandlerModule.fatalSignal($0) }, 1) }
    enabled = true
  }

  private static let later: NativeMany = { vm, _, args throws(Raised) in
    let seconds = try vm.asDouble(args[0])
    if !(seconds > 0) { throw vm.raise(.valueError, "timeout must be greater than 0") }
    if seconds > 9e9 { throw vm.raise(.overflowError, "timeout value is too large") }
    let repeats = args[1].isNull ? false : try vm.isTrue(args[1])
    let fd = try descriptor(vm, args[2], for: Value(smallInt: 65))
    amphis_watchdog_cancel()
    laterDescriptor = fd
    laterExit = args[3].isNull ? false : try vm.isTrue(args[3])
    let micros = Int(seconds * 1e6), whole = micros / 1_000_000, rest = micros % 1_000_000
    var text = "Timeout (\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
    if rest != 0 {
      let digits = String(rest)
      text += "." + String(repeating: "0", count: 6 - digits.count) + digits
    }
    free(laterHeader)
    laterHeader = strdup(text + ")!\n")
    let error = amphis_watchdog_start(Int64(seconds * 1e9), repeats ? 1 : 0, { FaulthandlerModule.timeIsUp() })
    if error != 0 { throw vm.raise(.runtimeError, "unable to start watchdog thread") }
    return .none
  }
  private static func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }

  private static let register: NativeMany = { vm, _, args throws(Raised) in
    let n = try signal(vm, args[0])
    let fd = try descriptor(vm, args[1], for: Value(smallInt: n))
    let all = args[2].isNull ? true : try vm.isTrue(args[2])
    let chain = args[3].isNull ? false : try vm.isTrue(args[3])
    registrations[n] = Registration(descriptor: fd, allThreads: all, chain: chain, active: true)
    if amphis_fault_install(Int32(n), { FaulthandlerModule.requested($0) }, chain ? 1 : 0) != 0 { throw OSErrors.raise(vm, errno) }
    return .none
  }

  private static func signal(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = try PosixArgs.int32(vm, v)
    if fatal.contains(n) { throw vm.raise(.runtimeError, "signal \(n) cannot be registered, use enable() instead") }
    if n < 1 || n > 64 { throw vm.raise(.valueError, "signal number out of range") }
    return Int(n)
  }

  /// The descriptor of a file argument, `sys.stderr`'s if there is none; `purpose` keeps the file alive.
  private static func descriptor(_ vm: VM, _ file: Value, for purpose: Value) throws(Raised) -> Int32 {
    var file = file
    if file.isNull || file.isNone {
      file = Dicts.get(vm, rt.pointee.sysDict, "stderr")
      if file.isNull { throw vm.raise(.runtimeError, "unable to get sys.stderr") }
      if file.isNone { throw vm.raise(.runtimeError, "sys.stderr is None") }
    } else if file.isInt {
      let fd = try PosixArgs.int32(vm, file)
      if fd < 0 { throw vm.raise(.valueError, "file is not a valid file descripter") }
      return fd
    }
    let n = try vm.callMethod(file, "fileno")
    if !n.isInt { throw vm.raise(.runtimeError, "file.fileno() is not a valid file descriptor") }
    let fd = try PosixArgs.int32(vm, n)
    if fd < 0 { throw vm.raise(.runtimeError, "file.fileno() is not a valid file descriptor") }
    do throws(Raised) { _ = try vm.callMethod(file, "flush") } catch { vm.thread.pointee.pending = .null }
    if !purpose.isNull { try Dicts.set(vm, files, purpose, file) }
    return fd
  }

  // MARK: Inside signal handlers

  private static func fatalSignal(_ number: Int32) {
    let saved = errno
    let report = FaultReport(fatalDescriptor)
    amphis_fault_restore(number)
    report.text("Fatal Python error: ")
    switch number {
    case SIGBUS: report.text("Bus error")
    case SIGILL: report.text("Illegal instruction")
    case SIGFPE: report.text("Floating point exception")
    case SIGABRT: report.text("Aborted")
    default: report.text("Segmentation fault")
    }
    report.text("\n\n")
    report.threads(current: ThreadState.ofThisThread, all: fatalAllThreads)
    report.extensionModules()
    errno = saved
    Glibc.raise(number)
    amphis_signal_default(number, 0)  // whatever handled it before has come back
    Glibc.raise(number)
  }

  private static func requested(_ number: Int32) {
    guard number > 0, number < 65 else { return }
    let r = registrations[Int(number)]
    guard r.active else { return }
    let saved = errno
    FaultReport(r.descriptor).threads(current: ThreadState.ofThisThread, all: r.allThreads)
    errno = saved
    if r.chain {
      amphis_fault_chain(number)
      errno = saved
    }
  }

  /// On the watchdog's thread.
  private static func timeIsUp() {
    let report = FaultReport(laterDescriptor)
    if let laterHeader { _ = write(laterDescriptor, laterHeader, strlen(laterHeader)) }
    report.threads(current: nil, all: true)
    if laterExit { _exit(1) }
  }
}

extension ThreadState {
  /// The state of the calling thread, if it has one. Allocates nothing.
  static var ofThisThread: UnsafeMutablePointer<ThreadState>? {
    let id = UInt(pthread_self())
    var t = rt.pointee.threads
    while let state = t {
      if state.pointee.id == id { return state }
      t = state.pointee.next
    }
    return nil
  }
}

/// Writes frames to a descriptor. Async-signal-safe: neither allocates nor locks.
struct FaultReport {
  private let fd: Int32
  /// How many collections' finalizers are running
  nonisolated(unsafe) static var finalizing = 0
  private static let maximumFrames = 100, maximumThreads = 100, maximumCharacters = 500

  init(_ fd: Int32) { self.fd = fd }

  func text(_ s: StaticString) { _ = write(fd, s.utf8Start, s.utf8CodeUnitCount) }

  /// The calling thread's frames, or those of all threads.
  func threads(current: UnsafeMutablePointer<ThreadState>?, all: Bool) {
    if !all {
      guard let current else { return }
      text("Stack (most recent call first):\n")
      frames(current)
      return
    }
    var thread = rt.pointee.threads
    var count = 0
    while let t = thread {
      if count > 0 { text("\n") }
      if count >= FaultReport.maximumThreads {
        text("...\n")
        break
      }
      text(t == current ? "Current thread 0x" : "Thread 0x")
      number(t.pointee.id, radix: 16, width: 16)
      text(" (most recent call first):\n")
      if t == current, FaultReport.finalizing > 0 { text("  Garbage-collecting\n") }
      frames(t)
      thread = t.pointee.next
      count += 1
    }
  }

  private func frames(_ t: UnsafeMutablePointer<ThreadState>) {
    var frame = t.pointee.frame.map { $0.assumingMemoryBound(to: Value.self) }
    if frame == nil { text("  <no Python frame>\n") }
    var count = 0
    while let f = frame {
      if count >= FaultReport.maximumFrames {
        text("  ...\n")
        return
      }
      let code = f.frameCode
      text("  File \"")
      string(code.pointee.filename)
      text("\", line ")
      let line = LineTable.line(code, f.frameLasti)
      if line >= 0 { number(UInt(line), radix: 10, width: 1) } else { text("???") }
      text(" in ")
      string(code.pointee.name)
      text("\n")
      frame = f.frameCaller
      count += 1
    }
  }

  func number(_ n: UInt, radix: UInt, width: Int) {
    var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
    withUnsafeMutableBytes(of: &digits) { buffer in
      var n = n
      var at = buffer.count
      repeat {
        at -= 1
        let d = UInt8(truncatingIfNeeded: n % radix)
        buffer[at] = d < 10 ? 48 &+ d : 87 &+ d
        n /= radix
      } while at > 0 && (n != 0 || buffer.count - at < width)
      _ = write(fd, buffer.baseAddress.map { $0 + at }, buffer.count - at)
    }
  }

  /// ASCII as it is, everything else escaped as `\xhh`, `\uhhhh`, `\Uhhhhhhhh`.
  func string(_ v: Value) {
    guard v.isExactStr else { return text("???") }
    let units = StrView(v)
    let shown = min(units.length, FaultReport.maximumCharacters)
    for i in 0..<shown {
      let c = UInt(units[i])
      if c >= 32 && c < 127 {
        var byte = UInt8(truncatingIfNeeded: c)
        _ = write(fd, &byte, 1)
      } else if c < 0x100 {
        text("\\x")
        number(c, radix: 16, width: 2)
      } else if c < 0x10000 {
        text("\\u")
        number(c, radix: 16, width: 4)
      } else {
        text("\\U")
        number(c, radix: 16, width: 8)
      }
    }
    if shown < units.length { text("...") }
  }
}
