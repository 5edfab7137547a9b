import CRuntimeSupport
import Glibc

/// Descriptors and files.
enum PosixFiles {
  static func declare(_ m: ModuleBuilder) {
    m.function("open", "($module, /, path, flags, mode=511, *, dir_fd=None)", "Opens a file; answers its descriptor.", open)
    m.function("close", "($module, /, fd)", "Closes a descriptor.", close)
    m.function(
      "closerange", "($module, fd_low, fd_high, /)", "Closes the descriptors from fd_low up to fd_high, errors ignored.", closeRange)
    m.function("read", "($module, fd, length, /)", "Up to length bytes from a descriptor.", read)
    m.function("write", "($module, fd, data, /)", "Writes bytes to a descriptor; answers how many were.", write)
    m.function("pread", "($module, fd, length, offset, /)", "Reads at an offset.", pread)
    m.function("pwrite", "($module, fd, buffer, offset, /)", "Writes at an offset.", pwrite)
    m.function("lseek", "($module, fd, position, how, /)", "Moves a descriptor's position.", lseek)
    m.function("dup", "($module, fd, /)", "Another descriptor for the same file.", dup)
    m.function("dup2", "($module, /, fd, fd2, inheritable=True)", "Makes fd2 a copy of fd.", dup2)
    m.function("pipe", "($module, /)", "(read end, write end) of a new pipe.", pipe)
    m.function("pipe2", "($module, flags, /)", "A pipe made with flags.", pipe2)
    m.function("fsync", "($module, /, fd)", "Forces data and metadata to disk.") { (vm, _, args: Args) throws(Raised) in
      try check(vm, args) { Glibc.fsync($0) }
    }
    m.function("fdatasync", "($module, /, fd)", "Forces data to disk.") { (vm, _, args: Args) throws(Raised) in
      try check(vm, args) { Glibc.fdatasync($0) }
    }
    m.function("sync", "($module, /)", "Forces everything to disk.") { (vm, _) in
      vm.unlocked { Glibc.sync() }
      return .none
    }
    m.function("ftruncate", "($module, fd, length, /)", "Cuts an open file to a length.") { (vm, _, args: Args) throws(Raised) in
      let fd = try PosixArgs.int32(vm, args[0]), n = try PosixArgs.long(vm, args[1])
      if try PosixArgs.retrying(vm, { Int(Glibc.ftruncate(fd, n)) }) < 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("truncate", "($module, /, path, length)", "Cuts a file to a length.", truncate)
    m.function("isatty", "($module, fd, /)", "Whether a descriptor is a terminal.") { (vm, _, v) throws(Raised) in
      .bool(Glibc.isatty(try PosixArgs.int32(vm, v)) == 1)
    }
    m.function("ttyname", "($module, fd, /)", "Name of a descriptor's terminal.") { (vm, _, v) throws(Raised) in
      guard let p = Glibc.ttyname(try PosixArgs.int32(vm, v)) else { throw OSErrors.raise(vm, errno) }
      return try vm.str(String(cString: p))
    }
    m.function("get_inheritable", "($module, fd, /)", "Whether child processes inherit a descriptor.") { (vm, _, v) throws(Raised) in
      let flags = fcntl(try PosixArgs.int32(vm, v), F_GETFD)
      if flags < 0 { throw OSErrors.raise(vm, errno) }
      return .bool(flags & FD_CLOEXEC == 0)
    }
    m.function("set_inheritable", "($module, fd, inheritable, /)", "Sets whether child processes inherit a descriptor.") {
      (vm, _, args: Args) throws(Raised) in
      let fd = try PosixArgs.int32(vm, args[0])
      let flags = fcntl(fd, F_GETFD)
      let wanted = try vm.asInt(args[1]) != 0 ? flags & ~FD_CLOEXEC : flags | FD_CLOEXEC
      if flags < 0 || fcntl(fd, F_SETFD, wanted) < 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("get_blocking", "($module, fd, /)", "Whether a descriptor blocks.") { (vm, _, v) throws(Raised) in
      let flags = fcntl(try PosixArgs.int32(vm, v), F_GETFL)
      if flags < 0 { throw OSErrors.raise(vm, errno) }
      return .bool(flags & O_NONBLOCK == 0)
    }
    m.function("set_blocking", "($module, fd, blocking, /)", "Sets whether a descriptor blocks.") { (vm, _, args: Args) throws(Raised) in
      let fd = try PosixArgs.int32(vm, args[0])
      let flags = fcntl(fd, F_GETFL)
      let wanted = try vm.isTrue(args[1]) ? flags & ~O_NONBLOCK : flags | O_NONBLOCK
      if flags < 0 || fcntl(fd, F_SETFL, wanted) < 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("sendfile", "($module, /, out_fd, in_fd, offset, count)", "Copies between descriptors inside the kernel.", sendfile)
    m.function("get_terminal_size", "($module, fd=<unrepresentable>, /)", "(columns, lines) of a terminal.", terminalSize)
  }

  private static func check(_ vm: VM, _ args: Args, _ call: (Int32) -> Int32) throws(Raised) -> Value {
    let fd = try PosixArgs.descriptor(vm, args[0])
    if try PosixArgs.retrying(vm, { Int(call(fd)) }) < 0 { throw OSErrors.raise(vm, errno) }
    return .none
  }

  private static func open(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "open")
    let flags = try PosixArgs.int32(vm, args[1]) | O_CLOEXEC
    let mode = mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, args[2], 0o777))
    let directory = try PosixArgs.directory(vm, args[3])
    let fd = try PosixArgs.retrying(vm) { Int(openat(directory, path.bytes, flags, mode)) }
    if fd < 0 { throw path.fail(vm) }
    return Value(smallInt: fd)
  }
  private static func close(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0])
    if vm.unlocked({ Glibc.close(fd) }) != 0 && errno != EINTR { throw OSErrors.raise(vm, errno) }
    return .none
  }
  private static func closeRange(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let low = max(0, try PosixArgs.int32(vm, args[0])), high = try PosixArgs.int32(vm, args[1])
    var fd = low
    while fd < high {
      _ = Glibc.close(fd)
      fd += 1
    }
    return .none
  }
  private static func read(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0]), wanted = try vm.asInt(args[1])
    if wanted < 0 { throw OSErrors.raise(vm, EINVAL) }
    let count = min(wanted, 0x7FFF_F000)
    return try vm.bytes(filling: count) { (buffer) throws(Raised) in
      let n = try PosixArgs.retrying(vm) { Glibc.read(fd, buffer, count) }
      if n < 0 { throw OSErrors.raise(vm, errno) }
      return n
    }
  }
  private static func write(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0])
    var view = try vm.buffer(of: args[1], .simple)
    defer { vm.release(&view) }
    let memory = view.memory, count = min(view.byteCount, 0x7FFF_F000)
    let n = try PosixArgs.write(vm, fd, memory, count)
    if n < 0 { throw OSErrors.raise(vm, errno) }
    // A signal may have cut it short: its handler runs before the caller tries to write the rest.
    if n < count, rt.pointee.evalBreaker != 0 { try vm.safepoint() }
    return try vm.int(n)
  }
  private static func pread(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0]), count = try vm.asInt(args[1]), offset = try PosixArgs.long(vm, args[2])
    if count < 0 { throw OSErrors.raise(vm, EINVAL) }
    let buffer = try vm.allocateBytes(max(1, count))
    let n = try PosixArgs.retrying(vm) { Glibc.pread(fd, buffer, count, offset) }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return try vm.bytes(UnsafeRawBufferPointer(start: buffer, count: n))
  }
  private static func pwrite(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0]), offset = try PosixArgs.long(vm, args[2])
    var view = try vm.buffer(of: args[1], .simple)
    defer { vm.release(&view) }
    let memory = view.memory, count = view.byteCount
    let n = try PosixArgs.retrying(vm) { Glibc.pwrite(fd, memory, count, offset) }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return try vm.int(n)
  }
  private static func lseek(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let n = Glibc.lseek(try PosixArgs.int32(vm, args[0]), try PosixArgs.long(vm, args[1]), try PosixArgs.int32(vm, args[2]))
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return try vm.int(n)
  }
  private static func dup(_ vm: VM, _ m: Value, _ fd: Value) throws(Raised) -> Value {
    let n = fcntl(try PosixArgs.int32(vm, fd), F_DUPFD_CLOEXEC, 0)
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return Value(smallInt: Int(n))
  }
  private static func dup2(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let from = try PosixArgs.int32(vm, args[0]), to = try PosixArgs.int32(vm, args[1])
    if from < 0 || to < 0 { throw OSErrors.raise(vm, EBADF) }
    let n = try PosixArgs.flag(vm, args[2], true) ? Glibc.dup2(from, to) : amphis_dup3(from, to, O_CLOEXEC)
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return Value(smallInt: Int(n))
  }
  private static func pipe(_ vm: VM, _ m: Value) throws(Raised) -> Value { try makePipe(vm, O_CLOEXEC) }
  private static func pipe2(_ vm: VM, _ m: Value, _ flags: Value) throws(Raised) -> Value {
    try makePipe(vm, try PosixArgs.int32(vm, flags))
  }
  private static func makePipe(_ vm: VM, _ flags: Int32) throws(Raised) -> Value {
    var ends: [Int32] = [0, 0]
    let r = amphis_pipe2(&ends, flags)
    if r != 0 { throw OSErrors.raise(vm, errno) }
    return try vm.tuple(Value(smallInt: Int(ends[0])), Value(smallInt: Int(ends[1])))
  }
  private static func truncate(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "truncate", allowDescriptor: true)
    let n = try PosixArgs.long(vm, args[1])
    let r = path.isDescriptor ? Glibc.ftruncate(path.descriptor, n) : Glibc.truncate(path.bytes, n)
    if r != 0 { throw path.fail(vm) }
    return .none
  }
  private static func sendfile(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let out = try PosixArgs.int32(vm, args[0]), source = try PosixArgs.int32(vm, args[1]), count = try vm.asInt(args[3])
    var offset: off_t = args[2].isNone ? 0 : try vm.asInt(args[2])
    let withOffset = !args[2].isNone
    let n = try PosixArgs.retrying(vm) {
      withOffset ? amphis_sendfile(out, source, &offset, count) : amphis_sendfile(out, source, nil, count)
    }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    return try vm.int(n)
  }
  nonisolated(unsafe) private static var sizeType: StructSequence?
  static func terminalSizeType(_ m: ModuleBuilder) throws(Raised) {
    let t = try StructSequence.makeType(
      m.vm, "os.terminal_size", module: m.module, doc: "(columns, lines) of a terminal.", names: ["columns", "lines"], visible: 2)
    sizeType = t
    m.value("terminal_size", Value(t.type))
  }
  private static func terminalSize(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let fd = try PosixArgs.int32(vm, args[0], 1)
    var w = winsize()
    if ioctl(fd, UInt(TIOCGWINSZ), &w) != 0 { throw OSErrors.raise(vm, errno) }
    guard let t = sizeType else { throw vm.raise(.systemError, "posix is not initialised") }
    let v = try t.make(vm)
    v.as(TupleLayout.self).items[0] = Value(smallInt: Int(w.ws_col))
    v.as(TupleLayout.self).items[1] = Value(smallInt: Int(w.ws_row))
    return v
  }
}
