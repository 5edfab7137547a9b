import CRuntimeSupport
import Glibc

/// Processes, users, limits.
enum PosixProcess {
  static func declare(_ m: ModuleBuilder) throws(Raised) {
    func number(_ name: StaticString, _ doc: StaticString, _ get: @escaping NativeNoArgs) { m.function(name, "($module, /)", doc, get) }
    number("getpid", "This process's number.") { (_, _) in Value(smallInt: Int(Glibc.getpid())) }
    number("getppid", "The parent process's number.") { (_, _) in Value(smallInt: Int(Glibc.getppid())) }
    number("getuid", "Real user.") { (_, _) in Value(smallInt: Int(Glibc.getuid())) }
    number("geteuid", "Effective user.") { (_, _) in Value(smallInt: Int(Glibc.geteuid())) }
    number("getgid", "Real group.") { (_, _) in Value(smallInt: Int(Glibc.getgid())) }
    number("getegid", "Effective group.") { (_, _) in Value(smallInt: Int(Glibc.getegid())) }
    number("getpgrp", "Process group.") { (_, _) in Value(smallInt: Int(Glibc.getpgrp())) }
    number("cpu_count", "Processors of this machine.") { (_, _) in
      let n = sysconf(Int32(_SC_NPROCESSORS_ONLN))
      return n > 0 ? Value(smallInt: n) : .none
    }
    number("sched_yield", "Lets others run.") { (vm, _) in
      _ = vm.unlocked { Glibc.sched_yield() }
      return .none
    }
    number("abort", "Ends the process at once with SIGABRT.") { (_, _) in Glibc.abort() }
    number("setsid", "Starts a session.") { (vm, _) throws(Raised) in
      if Glibc.setsid() < 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    number("getlogin", "The name that logged in.") { (vm, _) throws(Raised) in
      guard let p = Glibc.getlogin() else { throw OSErrors.raise(vm, errno) }
      return try vm.str(String(cString: p))
    }
    number("getgroups", "Supplementary groups.") { (vm, _) throws(Raised) in
      var groups = [gid_t](repeating: 0, count: 65536)
      let n = Glibc.getgroups(65536, &groups)
      if n < 0 { throw OSErrors.raise(vm, errno) }
      let list = try vm.list()
      for i in 0..<Int(n) { try vm.append(list, Value(smallInt: Int(groups[i]))) }
      return list
    }
    number("getloadavg", "Mean load over 1, 5 and 15 minutes.") { (vm, _) throws(Raised) in
      var l = [0.0, 0.0, 0.0]
      if Glibc.getloadavg(&l, 3) != 3 { throw vm.raise(.osError, "Load averages are unobtainable") }
      return try vm.tuple(Value(l[0]), Value(l[1]), Value(l[2]))
    }
    m.function("getpgid", "($module, /, pid)", "A process's group.") { (vm, _, args: Args) throws(Raised) in
      try result(vm, Glibc.getpgid(try PosixArgs.process(vm, args[0])))
    }
    m.function("getsid", "($module, pid, /)", "A process's session.") { (vm, _, v) throws(Raised) in
      try result(vm, Glibc.getsid(try PosixArgs.int32(vm, v)))
    }
    m.function("setpgid", "($module, pid, pgrp, /)", "Sets a process's group.") { (vm, _, args: Args) throws(Raised) in
      _ = try result(vm, Glibc.setpgid(try PosixArgs.process(vm, args[0]), try PosixArgs.process(vm, args[1])))
      return .none
    }
    m.function("setuid", "($module, uid, /)", "Sets the user.") { (vm, _, v) throws(Raised) in
      _ = try result(vm, Glibc.setuid(try PosixArgs.identity(vm, v, "uid")))
      return .none
    }
    m.function("setgid", "($module, gid, /)", "Sets the group.") { (vm, _, v) throws(Raised) in
      _ = try result(vm, Glibc.setgid(try PosixArgs.identity(vm, v, "gid")))
      return .none
    }
    m.function("nice", "($module, increment, /)", "Lowers the priority.") { (vm, _, v) throws(Raised) in
      errno = 0
      let n = Glibc.nice(try PosixArgs.int32(vm, v))
      if n == -1 && errno != 0 { throw OSErrors.raise(vm, errno) }
      return Value(smallInt: Int(n))
    }
    m.function("kill", "($module, pid, signal, /)", "Sends a signal.") { (vm, _, args: Args) throws(Raised) in
      _ = try result(vm, Glibc.kill(try PosixArgs.process(vm, args[0]), try PosixArgs.int32(vm, args[1])))
      if rt.pointee.evalBreaker != 0 { try vm.safepoint() }
      return .none
    }
    m.function("killpg", "($module, pgid, signal, /)", "Sends a signal to a group.") { (vm, _, args: Args) throws(Raised) in
      _ = try result(vm, Glibc.killpg(try PosixArgs.process(vm, args[0]), try PosixArgs.int32(vm, args[1])))
      return .none
    }
    m.function("_exit", "($module, /, status)", "Ends the process at once.") { (vm, _, args: Args) throws(Raised) in
      Glibc._exit(try PosixArgs.int32(vm, args[0]))
    }
    m.function("strerror", "($module, code, /)", "The message of an error number.") { (vm, _, v) throws(Raised) in
      try OSErrors.message(vm, try PosixArgs.int32(vm, v))
    }
    m.function("urandom", "($module, size, /)", "Random bytes.") { (vm, _, v) throws(Raised) in try random(vm, v) }
    m.function("getrandom", "($module, /, size, flags=0)", "Random bytes.") { (vm, _, args: Args) throws(Raised) in try random(vm, args[0])
    }
    m.function("system", "($module, /, command)", "Runs a shell command; answers its status.") { (vm, _, args: Args) throws(Raised) in
      let command = try PathArg(vm, args[0], "system", "command")
      return Value(smallInt: Int(vm.unlocked { Glibc.system(command.bytes) }))
    }
    m.function("sysconf", "($module, name, /)", "A limit of the system.") { (vm, _, v) throws(Raised) in
      var key = v
      if v.isStr { key = try Dicts.get(vm, try vm.getAttribute(try vm.importModule("posix"), "sysconf_names"), v) }
      if key.isNull { throw vm.raise(.valueError, "unrecognized configuration name") }
      errno = 0
      let n = Glibc.sysconf(try PosixArgs.int32(vm, key))
      if n == -1 && errno != 0 { throw OSErrors.raise(vm, errno) }
      return try vm.int(n)
    }
    m.function("sched_getaffinity", "($module, pid, /)", "Processors that a process may use.") { (vm, _, v) throws(Raised) in
      var bits = [UInt8](repeating: 0, count: 128)
      if amphis_sched_getaffinity(try PosixArgs.int32(vm, v), &bits, bits.count) != 0 { throw OSErrors.raise(vm, errno) }
      let result = try vm.set()
      for (i, b) in bits.enumerated() {
        for k in 0..<8 where b & (1 << UInt8(k)) != 0 { try Sets.add(vm, result, Value(smallInt: i * 8 + k)) }
      }
      return result
    }
    try declareRunning(m)
    try declareFacts(m)
  }

  private static func result(_ vm: VM, _ n: Int32) throws(Raised) -> Value {
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return Value(smallInt: Int(n))
  }

  private static func random(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let n = try vm.asInt(v)
    if n < 0 { throw vm.raise(.valueError, "negative argument not allowed") }
    let bytes = try vm.bytes(count: n)
    let error = amphis_random_bytes(bytes.as(BytesLayout.self).bytes, n)
    if error != 0 { throw OSErrors.raise(vm, error) }
    return bytes
  }

  // MARK: starting and waiting

  private static func declareRunning(_ m: ModuleBuilder) throws(Raised) {
    m.function("fork", "($module, /)", "Splits the process in two: 0 in the child, its number in the parent.") { (vm, _) throws(Raised) in
      try Forking.run(vm, "before")
      ImpModule.beforeFork(vm)
      rt.pointee.bridgeHooks.aroundFork?(.before)
      let pid = Glibc.fork()
      let error = errno
      rt.pointee.bridgeHooks.aroundFork?(pid == 0 ? .child : .parent)
      if pid == 0 { Forking.childStarted(vm) }
      ImpModule.afterFork()
      try Forking.run(vm, pid == 0 ? "after_in_child" : "after_in_parent")
      if pid < 0 { throw OSErrors.raise(vm, error) }
      return Value(smallInt: Int(pid))
    }
    m.function("forkpty", "($module, /)", "fork() into a new session on a terminal of its own: (pid, descriptor).") {
      (vm, _) throws(Raised) in
      try Forking.run(vm, "before")
      var descriptor: Int32 = -1
      ImpModule.beforeFork(vm)
      rt.pointee.bridgeHooks.aroundFork?(.before)
      let pid = amphis_forkpty(&descriptor)
      let error = errno
      rt.pointee.bridgeHooks.aroundFork?(pid == 0 ? .child : .parent)
      if pid == 0 { Forking.childStarted(vm) }
      ImpModule.afterFork()
      try Forking.run(vm, pid == 0 ? "after_in_child" : "after_in_parent")
      if pid < 0 { throw OSErrors.raise(vm, error) }
      return try vm.tuple(Value(smallInt: Int(pid)), Value(smallInt: Int(descriptor)))
    }
    m.function(
      "register_at_fork", "($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)",
      "Registers functions to run around fork().", Forking.register)
    m.function("waitpid", "($module, pid, options, /)", "(pid, status) of a child that changed state.") {
      (vm, _, args: Args) throws(Raised) in
      let pid = try PosixArgs.process(vm, args[0]), options = try PosixArgs.int32(vm, args[1])
      var status: Int32 = 0
      let n = try PosixArgs.retrying(vm) { Int(Glibc.waitpid(pid, &status, options)) }
      if n < 0 { throw OSErrors.raise(vm, errno) }
      if n > 0 { DroppedObjects.noteEndOfProcess() }
      return try vm.tuple(Value(smallInt: n), Value(smallInt: Int(status)))
    }
    m.function("wait", "($module, /)", "(pid, status) of any child that ended.") { (vm, _) throws(Raised) in
      var status: Int32 = 0
      let n = try PosixArgs.retrying(vm) { Int(Glibc.waitpid(-1, &status, 0)) }
      if n < 0 { throw OSErrors.raise(vm, errno) }
      if n > 0 { DroppedObjects.noteEndOfProcess() }
      return try vm.tuple(Value(smallInt: n), Value(smallInt: Int(status)))
    }
    m.function("execv", "($module, path, argv, /)", "Replaces this program by another.") { (vm, _, args: Args) throws(Raised) in
      try execute(vm, try PathArg(vm, args[0], "execv"), args[1], .null)
    }
    m.function("execve", "($module, /, path, argv, env)", "Replaces this program by another, with an environment.") {
      (vm, _, args: Args) throws(Raised) in try execute(vm, try PathArg(vm, args[0], "execve", allowDescriptor: true), args[1], args[2])
    }
    func status(_ name: StaticString, _ doc: StaticString, _ f: @escaping NativeMany) { m.function(name, "($module, /, status)", doc, f) }
    status("WIFEXITED", "Whether the process exited.") { (vm, _, a: Args) throws(Raised) in .bool(try vm.asInt(a[0]) & 0x7F == 0) }
    status("WEXITSTATUS", "The exit code.") { (vm, _, a: Args) throws(Raised) in Value(smallInt: try vm.asInt(a[0]) >> 8 & 0xFF) }
    status("WIFSIGNALED", "Whether a signal ended the process.") { (vm, _, a: Args) throws(Raised) in
      let s = try vm.asInt(a[0]) & 0x7F
      return .bool(s != 0 && s != 0x7F)
    }
    status("WTERMSIG", "The signal that ended the process.") { (vm, _, a: Args) throws(Raised) in Value(smallInt: try vm.asInt(a[0]) & 0x7F)
    }
    status("WIFSTOPPED", "Whether the process is stopped.") { (vm, _, a: Args) throws(Raised) in .bool(try vm.asInt(a[0]) & 0xFF == 0x7F) }
    status("WSTOPSIG", "The signal that stopped the process.") { (vm, _, a: Args) throws(Raised) in
      Value(smallInt: try vm.asInt(a[0]) >> 8 & 0xFF)
    }
    m.function("WCOREDUMP", "($module, status, /)", "Whether memory was dumped.") { (vm, _, v) throws(Raised) in
      .bool(try vm.asInt(v) & 0x80 != 0)
    }
    m.function("waitstatus_to_exitcode", "($module, /, status)", "The exit code, or minus the signal.") { (vm, _, a: Args) throws(Raised) in
      let s = try vm.asInt(a[0])
      if s & 0x7F == 0 { return Value(smallInt: s >> 8 & 0xFF) }
      if s & 0xFF == 0x7F { throw vm.raise(.valueError, "process stopped by delivery of signal \(s >> 8 & 0xFF)") }
      return Value(smallInt: -(s & 0x7F))
    }
  }

  private static func strings(_ vm: VM, _ v: Value, _ what: StaticString) throws(Raised) -> [[CChar]] {
    guard v.isList || v.isTuple else { throw vm.raise(.typeError, "\(what): argv must be a tuple or list") }
    var result: [[CChar]] = []
    let items = try vm.tuple(from: v)
    let t = items.as(TupleLayout.self)
    for i in 0..<t.pointee.count { result.append(try PathArg(vm, t.items[i], what, "argv").bytes) }
    return result
  }

  private static func execute(_ vm: VM, _ path: PathArg, _ argv: Value, _ env: Value) throws(Raised) -> Value {
    let hasEnvironment = !env.isNull
    guard argv.isTuple || argv.isList else {
      throw vm.raise(.typeError, hasEnvironment ? "execve: argv must be a tuple or list" : "execv() arg 2 must be a tuple or list")
    }
    let arguments = try strings(vm, argv, "execv")
    guard let first = arguments.first else {
      throw vm.raise(.valueError, hasEnvironment ? "execve: argv must not be empty" : "execv() arg 2 must not be empty")
    }
    if first.count <= 1 {
      throw vm.raise(
        .valueError, hasEnvironment ? "execve: argv first element cannot be empty" : "execv() arg 2 first element cannot be empty")
    }
    var variables: [[CChar]]?
    if !env.isNull {
      var list: [[CChar]] = []
      let items = try vm.callMethod(env, "items")
      try vm.forEach(items) { (pair) throws(Raised) in
        let t = try vm.tuple(from: pair).as(TupleLayout.self)
        guard t.pointee.count == 2 else { throw vm.raise(.typeError, "env must be a mapping object") }
        let k = try PathArg(vm, t.items[0], "execve", "env").bytes, v = try PathArg(vm, t.items[1], "execve", "env").bytes
        if k.dropFirst().contains(0x3D) { throw vm.raise(.valueError, "illegal environment variable name") }
        list.append(Array(k.dropLast()) + [0x3D] + v)
      }
      variables = list
    }
    withCStrings(arguments) { argv in
      if let variables {
        withCStrings(variables) { envp in
          _ = path.isDescriptor ? Glibc.fexecve(path.descriptor, argv, envp) : Glibc.execve(path.bytes, argv, envp)
        }
      } else {
        _ = Glibc.execv(path.bytes, argv)
      }
    }
    throw path.fail(vm)
  }

  private static func withCStrings(_ strings: [[CChar]], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Void) {
    let table = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>.allocate(capacity: strings.count + 1)
    for (i, s) in strings.enumerated() { table[i] = s.withUnsafeBufferPointer { $0.baseAddress.flatMap { strdup($0) } } }
    table[strings.count] = nil
    body(table)
    for i in 0..<strings.count { free(table[i]) }
    table.deallocate()
  }

  // MARK: facts

  nonisolated(unsafe) private static var unameType: StructSequence?
  nonisolated(unsafe) private static var timesType: StructSequence?

  private static func declareFacts(_ m: ModuleBuilder) throws(Raised) {
    let u = try StructSequence.makeType(
      m.vm, "posix.uname_result", module: m.module, doc: "Names of the system.",
      names: ["sysname", "nodename", "release", "version", "machine"], visible: 5)
    unameType = u
    m.value("uname_result", Value(u.type))
    let t = try StructSequence.makeType(
      m.vm, "posix.times_result", module: m.module, doc: "Processor times.",
      names: ["user", "system", "children_user", "children_system", "elapsed"], visible: 5)
    timesType = t
    m.value("times_result", Value(t.type))
    m.function("uname", "($module, /)", "Names of the system.") { (vm, _) throws(Raised) in
      var n = utsname()
      if Glibc.uname(&n) != 0 { throw OSErrors.raise(vm, errno) }
      guard let type = unameType else { return .none }
      let v = try type.make(vm)
      func text<T>(_ field: T) throws(Raised) -> Value {
        var f = field
        let bytes = withUnsafeBytes(of: &f) { Array($0.prefix { $0 != 0 }) }
        return try FileSystemText.decode(vm, bytes)
      }
      let items = v.as(TupleLayout.self).items
      items[0] = try text(n.sysname)
      items[1] = try text(n.nodename)
      items[2] = try text(n.release)
      items[3] = try text(n.version)
      items[4] = try text(n.machine)
      return v
    }
    m.function("times", "($module, /)", "Processor times of this process and its children.") { (vm, _) throws(Raised) in
      var b = tms()
      let elapsed = Glibc.times(&b)
      guard let type = timesType else { return .none }
      let v = try type.make(vm)
      let ticks = Double(Glibc.sysconf(Int32(_SC_CLK_TCK)))
      for (i, n) in [b.tms_utime, b.tms_stime, b.tms_cutime, b.tms_cstime, elapsed].enumerated() {
        v.as(TupleLayout.self).items[i] = Value(Double(n) / ticks)
      }
      return v
    }
  }
}

/// What runs around fork(): functions that programs registered, and our own repairs in the child.
enum Forking {
  nonisolated(unsafe) private static var functions = Value.null

  static func register(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args[0].isNull && args[1].isNull && args[2].isNull {
      throw vm.raise(.typeError, "At least one argument is required.")
    }
    for (i, name) in ["before", "after_in_child", "after_in_parent"].enumerated() where !args[i].isNull {
      if args[i].type.pointee.slots.call == nil { throw vm.raise(.typeError, "'\(name)' must be callable, not \(args[i].typeName)") }
      try vm.append(try list(vm, name), args[i])
    }
    return .none
  }

  private static func list(_ vm: VM, _ name: String) throws(Raised) -> Value {
    if functions.isNull { functions = try vm.dict() }
    let key = try vm.str(name)
    let known = try Dicts.get(vm, functions, key)
    if !known.isNull { return known }
    let made = try vm.list()
    try Dicts.set(vm, functions, key, made)
    return made
  }

  /// "before" runs in reverse order of registration. What raises is reported and does not stop the others.
  static func run(_ vm: VM, _ name: String) throws(Raised) {
    if functions.isNull { return }
    let all = try vm.tuple(from: try list(vm, name)).as(TupleLayout.self)
    for i in 0..<all.pointee.count {
      let f = all.items[name == "before" ? all.pointee.count - 1 - i : i]
      do throws(Raised) { _ = try vm.call(f) } catch { vm.writeUnraisable("", f) }
    }
  }

  /// Only the forking thread lives on in the child.
  static func childStarted(_ vm: VM) {
    var thread = rt.threads
    while let t = thread {
      thread = t.pointee.next
      if t != vm.thread { ThreadState.destroy(t) }
    }
    rt.pointee.mainThread = vm.thread
    // The event loop goes on in the parent.
    vm.thread.pointee.runningLoop = .null
    vm.thread.pointee.id = UInt(pthread_self())
    // Signals that have come were sent to the parent, which handles them.
    amphis_signals_forget()
    rt.clearSafepoint(.signals)
    InterpreterLock.started = 0
    InterpreterLock.afterForkInChild()
  }
}
