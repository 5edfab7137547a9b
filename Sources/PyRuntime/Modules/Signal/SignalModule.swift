import CRuntimeSupport
import Glibc

/// `_signal`: handlers in Python. A signal only leaves a mark; the main thread runs the handler at its next safepoint.
enum SignalModule {
  /// list of 65: the handler of each signal
  nonisolated(unsafe) private static var handlers = Value.null

  /// SIGINT raises KeyboardInterrupt from the start on, whether or not anybody imports this module
  nonisolated(unsafe) private static var isInterruptInstalled = false

  /// Takes SIGINT, unless whoever started us has had it ignored. Called at start, long before the module is imported.
  static func installInterrupt() {
    guard rt.pointee.flags.installSignalHandlers, !isInterruptInstalled else { return }
    var action = sigaction()
    guard sigaction(SIGINT, nil, &action) == 0, action.__sigaction_handler.sa_handler == nil else { return }
    isInterruptInstalled = amphis_signal_install(SIGINT, { SignalState.trip($0) }) == 0
    rt.pointee.hooks.handleSignals = { (vm) throws(Raised) in
      if !handlers.isNull { return try run(vm) }
      // Nothing but SIGINT is ours before the module is imported.
      if amphis_signals_take(SIGINT) == 0 { return }
      throw vm.raise(.keyboardInterrupt)
    }
  }

  /// Signals that have handlers of our program's.
  static var handled: [Int32] {
    guard !handlers.isNull, let items = handlers.as(ListLayout.self).pointee.items else { return isInterruptInstalled ? [SIGINT] : [] }
    return (1..<65).compactMap { items[$0].isInt || items[$0].isNone ? nil : Int32($0) }
  }

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    m.doc("Signals; see the signal module.")
    for (name, n) in numbers { try Dicts.set(vm, m.dict, try vm.intern(try vm.str(name)), Value(smallInt: n)) }
    m.value("ItimerError", Value(rt.types[.osError]))
    m.deferred(["pidfd_send_signal", "sigtimedwait", "sigwaitinfo"])
    handlers = try vm.list()
    m.function("default_int_handler", "($module, signalnum, frame, /)", "Raises KeyboardInterrupt.") { (vm, _, _: Args) throws(Raised) in
      throw vm.raise(.keyboardInterrupt)
    }
    let interrupt = Dicts.get(vm, m.dict, "default_int_handler")
    for n in 0..<65 {
      var action = sigaction()
      var handler = Value.none
      if n > 0 && n != 32 && n != 33 && sigaction(Int32(n), nil, &action) == 0 {
        handler = Value(smallInt: action.__sigaction_handler.sa_handler.map { _ in 1 } ?? 0)
      }
      try vm.append(handlers, handler)
    }
    installInterrupt()
    if isInterruptInstalled { handlers.as(ListLayout.self).pointee.items?[Int(SIGINT)] = interrupt }
    rt.pointee.hooks.handleSignals = { (vm) throws(Raised) in try run(vm) }
    m.function("signal", "($module, signalnum, handler, /)", "Sets a signal's handler; answers the old one.", signal)
    m.function("getsignal", "($module, signalnum, /)", "A signal's handler.") { (vm, _, v) throws(Raised) in
      handlers.as(ListLayout.self).pointee.items?[try number(vm, v)] ?? .none
    }
    m.function("raise_signal", "($module, signalnum, /)", "Sends this process a signal.") { (vm, _, v) throws(Raised) in
      if Glibc.raise(try PosixArgs.int32(vm, v)) != 0 { throw OSErrors.raise(vm, errno) }
      if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
      return .none
    }
    m.function("strsignal", "($module, signalnum, /)", "What a signal means.") { (vm, _, v) throws(Raised) in
      let n = try number(vm, v)
      guard let p = Glibc.strsignal(Int32(n)) else { return .none }
      let text = String(cString: p)
      return text.hasPrefix("Unknown signal") ? .none : try vm.str(text)
    }
    m.function("valid_signals", "($module, /)", "All signal numbers.") { (vm, _) throws(Raised) in
      let set = try vm.set()
      for n in 1..<65 where n != 32 && n != 33 { try Sets.add(vm, set, Value(smallInt: n)) }
      return set
    }
    m.function("set_wakeup_fd", "($module, fd, /, *, warn_on_full_buffer=True)", "A descriptor that signals write to.") {
      (vm, _, args: Args) throws(Raised) in
      if vm.thread != rt.pointee.mainThread {
        throw vm.raise(.valueError, "set_wakeup_fd only works in main thread of the main interpreter")
      }
      let old = SignalState.wakeupDescriptor
      let fd = try PosixArgs.int32(vm, args[0])
      if fd >= 0 {
        var s = stat()
        if fstat(fd, &s) != 0 { throw OSErrors.raise(vm, errno) }
        if fcntl(fd, F_GETFL) & O_NONBLOCK == 0 { throw vm.raise(.valueError, "the fd \(fd) must be in non-blocking mode") }
      }
      SignalState.wakeupDescriptor = fd
      SignalState.warnsOfFullBuffer = args[1].isNull ? true : try vm.isTrue(args[1])
      return Value(smallInt: Int(old))
    }
    m.function("alarm", "($module, seconds, /)", "SIGALRM in some seconds; answers what was left of the last alarm.") {
      (vm, _, v) throws(Raised) in
      Value(smallInt: Int(Glibc.alarm(UInt32(truncatingIfNeeded: try vm.asInt(v)))))
    }
    m.function("pause", "($module, /)", "Waits for a signal.") { (vm, _) throws(Raised) in
      _ = vm.unlocked { Glibc.pause() }
      try vm.safepoint()
      return .none
    }
    m.function("siginterrupt", "($module, signalnum, flag, /)", "Whether a signal interrupts system calls.") {
      (vm, _, args: Args) throws(Raised) in
      var action = sigaction()
      let n = Int32(try number(vm, args[0]))
      if sigaction(n, nil, &action) != 0 { throw OSErrors.raise(vm, errno) }
      if try vm.asInt(args[1]) != 0 { action.sa_flags &= ~SA_RESTART } else { action.sa_flags |= SA_RESTART }
      if sigaction(n, &action, nil) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("setitimer", "($module, which, seconds, interval=0.0, /)", "Sets a timer; answers the old one.") {
      (vm, _, args: Args) throws(Raised) in
      var new = itimerval(it_interval: try interval(vm, args[2]), it_value: try interval(vm, args[1])), old = itimerval()
      if amphis_setitimer(try PosixArgs.int32(vm, args[0]), &new, &old) != 0 { throw OSErrors.raise(vm, errno) }
      return try vm.tuple(seconds(old.it_value), seconds(old.it_interval))
    }
    m.function("getitimer", "($module, which, /)", "A timer's state.") { (vm, _, v) throws(Raised) in
      var t = itimerval()
      if amphis_getitimer(try PosixArgs.int32(vm, v), &t) != 0 { throw OSErrors.raise(vm, errno) }
      return try vm.tuple(seconds(t.it_value), seconds(t.it_interval))
    }
    m.function("pthread_kill", "($module, thread_id, signalnum, /)", "Sends a thread a signal.") { (vm, _, args: Args) throws(Raised) in
      let id = Ints.low64(try vm.index(args[0]))
      let error = Glibc.pthread_kill(pthread_t(id), try PosixArgs.int32(vm, args[1]))
      if error != 0 { throw OSErrors.raise(vm, error) }
      if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
      return .none
    }
    m.function("pthread_sigmask", "($module, how, mask, /)", "Blocks or unblocks signals; answers the old mask.") {
      (vm, _, args: Args) throws(Raised) in
      var mask = try sigset(vm, args[1]), old = sigset_t()
      let error = Glibc.pthread_sigmask(try PosixArgs.int32(vm, args[0]), &mask, &old)
      if error != 0 { throw OSErrors.raise(vm, error) }
      if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
      return try members(vm, old)
    }
    m.function("sigpending", "($module, /)", "Signals that are pending.") { (vm, _) throws(Raised) in
      var mask = sigset_t()
      if Glibc.sigpending(&mask) != 0 { throw OSErrors.raise(vm, errno) }
      return try members(vm, mask)
    }
    m.function("sigwait", "($module, sigset, /)", "Waits for one of some signals.") { (vm, _, v) throws(Raised) in
      var mask = try sigset(vm, v)
      var n: Int32 = 0
      let error = vm.unlocked { Glibc.sigwait(&mask, &n) }
      if error != 0 { throw OSErrors.raise(vm, error) }
      return Value(smallInt: Int(n))
    }
  }

  private static let numbers: [(String, Int)] = [
    ("NSIG", 65), ("SIG_DFL", 0), ("SIG_IGN", 1), ("SIG_BLOCK", 0), ("SIG_UNBLOCK", 1), ("SIG_SETMASK", 2), ("ITIMER_REAL", 0),
    ("ITIMER_VIRTUAL", 1), ("ITIMER_PROF", 2), ("SIGHUP", 1), ("SIGINT", 2), ("SIGQUIT", 3), ("SIGILL", 4), ("SIGTRAP", 5),
    ("SIGABRT", 6), ("SIGIOT", 6), ("SIGBUS", 7), ("SIGFPE", 8), ("SIGKILL", 9), ("SIGUSR1", 10), ("SIGSEGV", 11), ("SIGUSR2", 12),
    ("SIGPIPE", 13), ("SIGALRM", 14), ("SIGTERM", 15), ("SIGSTKFLT", 16), ("SIGCHLD", 17), ("SIGCLD", 17), ("SIGCONT", 18),
    ("SIGSTOP", 19), ("SIGTSTP", 20), ("SIGTTIN", 21), ("SIGTTOU", 22), ("SIGURG", 23), ("SIGXCPU", 24), ("SIGXFSZ", 25),
    ("SIGVTALRM", 26), ("SIGPROF", 27), ("SIGWINCH", 28), ("SIGIO", 29), ("SIGPOLL", 29), ("SIGPWR", 30), ("SIGSYS", 31),
    ("SIGRTMIN", 34), ("SIGRTMAX", 64),
  ]

  private static func number(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = try vm.asInt(v)
    if n < 1 || n > 64 { throw vm.raise(.valueError, "signal number out of range") }
    return n
  }
  private static func interval(_ vm: VM, _ v: Value) throws(Raised) -> timeval {
    if v.isNull { return timeval() }
    let s = try vm.asDouble(v)
    guard s >= 0, s < 1e15 else { throw OSErrors.raise(vm, EINVAL) }
    // Rounded up: a tiny time must not become none, which would stop the timer.
    let us = ((s - s.rounded(.down)) * 1e6).rounded(.up)
    return us >= 1e6 ? timeval(tv_sec: Int(s) + 1, tv_usec: 0) : timeval(tv_sec: Int(s), tv_usec: Int(us))
  }
  private static func seconds(_ t: timeval) -> Value { Value(Double(t.tv_sec) + Double(t.tv_usec) * 1e-6) }
  private static func sigset(_ vm: VM, _ v: Value) throws(Raised) -> sigset_t {
    var mask = sigset_t()
    sigemptyset(&mask)
    let items = try vm.list(from: v)
    let l = items.as(ListLayout.self)
    for i in 0..<l.pointee.count {
      let n = Ints.asInt64(try vm.index(l.pointee.items?[i] ?? .none)) ?? -1
      if n < 1 || n > 64 { throw vm.raise(.valueError, "signal number \(n) out of range [1; 64]") }
      sigaddset(&mask, Int32(n))
    }
    return mask
  }
  private static func members(_ vm: VM, _ mask: sigset_t) throws(Raised) -> Value {
    var m = mask
    let set = try vm.set()
    for n in 1..<65 where n != 32 && n != 33 && sigismember(&m, Int32(n)) == 1 { try Sets.add(vm, set, Value(smallInt: n)) }
    return set
  }

  private static func signal(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if vm.thread != rt.pointee.mainThread {
      throw vm.raise(.valueError, "signal only works in main thread of the main interpreter")
    }
    let n = try number(vm, args[0])
    let handler = args[1]
    if handler.isInt {
      let kind = try vm.asInt(handler)
      if kind != 0 && kind != 1 {
        throw vm.raise(.typeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
      }
      if amphis_signal_default(Int32(n), kind == 1 ? 1 : 0) != 0 { throw OSErrors.raise(vm, errno) }
    } else {
      if handler.type.pointee.slots.call == nil {
        throw vm.raise(.typeError, "signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
      }
      if amphis_signal_install(Int32(n), { SignalState.trip($0) }) != 0 { throw OSErrors.raise(vm, errno) }
      try rt.pointee.bridgeHooks.signalHandled?(vm, Int32(n))
    }
    guard let items = handlers.as(ListLayout.self).pointee.items else { return .none }
    let old = items[n]
    items[n] = handler.isInt ? Value(smallInt: try vm.asInt(handler)) : handler
    return old
  }

  /// What the handler of a signal could not say: the wakeup descriptor took no byte.
  private static func reportWakeup(_ vm: VM) {
    let error = amphis_signals_take_wakeup_error()
    if error == 0 { return }
    let handled = vm.takePending()
    _ = OSErrors.raise(vm, error)
    vm.writeUnraisable("Exception ignored when trying to write to the signal wakeup fd", .null)
    vm.thread.pointee.pending = handled
  }

  /// Runs the handlers of signals that have come. One that raises leaves the others to the next safepoint.
  private static func run(_ vm: VM) throws(Raised) {
    reportWakeup(vm)
    while true {
      let noted = amphis_signals_noted()
      if noted == 0 { return }
      let n = noted.trailingZeroBitCount + 1
      if amphis_signals_take(Int32(n)) == 0 { continue }
      guard let handler = handlers.as(ListLayout.self).pointee.items?[n], !handler.isInt, !handler.isNone else { continue }
      do throws(Raised) {
        var frame = Value.none
        if let f = vm.thread.pointee.frame { frame = try FrameObjects.object(vm, f.assumingMemoryBound(to: Value.self)) }
        _ = try vm.call(handler, Value(smallInt: n), frame)
      } catch {
        if amphis_signals_noted() != 0 { rt.requestSafepoint(.signals) }
        throw error
      }
    }
  }
}
