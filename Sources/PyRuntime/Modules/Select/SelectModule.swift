import Glibc

/// `select`: native because `subprocess`, `selectors` and `asyncio` import it, and because waiting is a matter of the interpreter lock.
enum SelectModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Waiting until files and sockets can be read or written: the system calls select, poll and epoll.")
    m.value("error", Value(rt.types[.osError]))
    m.function(
      "select", "($module, rlist, wlist, xlist, timeout=None, /)",
      """
      Waits until one of the files can be read (rlist), written (wlist) or has something exceptional (xlist).

      The lists hold descriptors or objects with fileno(). timeout is in seconds; None waits for ever, 0 not at all.
      Returns three lists of those that are ready; they are empty when the time is over.
      """, select)
    PollType.type = try m.type(
      full: "select.poll", "poll", layoutSize: MemoryLayout<PollLayout>.size, flags: [.disallowInstantiation], PollType.declare)
    // The name is a function's.
    m.function("poll", "($module, /)", "An object that waits for files and remembers them.") { vm, _ throws(Raised) in
      try PollType.make(vm)
    }
    EpollType.type = try m.type(
      full: "select.epoll", "epoll", layoutSize: MemoryLayout<EpollLayout>.size, flags: [], EpollType.declare)
    for (name, value) in constants { try m.int(name, value) }
  }

  /// Linux's numbers: <poll.h>, <sys/epoll.h>, <limits.h>
  private static let constants: [(StaticString, Int)] = [
    ("PIPE_BUF", 4096), ("POLLIN", 0x1), ("POLLPRI", 0x2), ("POLLOUT", 0x4), ("POLLERR", 0x8), ("POLLHUP", 0x10), ("POLLNVAL", 0x20),
    ("POLLRDNORM", 0x40), ("POLLRDBAND", 0x80), ("POLLWRNORM", 0x100), ("POLLWRBAND", 0x200), ("POLLMSG", 0x400), ("POLLRDHUP", 0x2000),
    ("EPOLLIN", 0x1), ("EPOLLPRI", 0x2), ("EPOLLOUT", 0x4), ("EPOLLERR", 0x8), ("EPOLLHUP", 0x10), ("EPOLLRDNORM", 0x40),
    ("EPOLLRDBAND", 0x80), ("EPOLLWRNORM", 0x100), ("EPOLLWRBAND", 0x200), ("EPOLLMSG", 0x400), ("EPOLLRDHUP", 0x2000),
    ("EPOLLEXCLUSIVE", 1 << 28), ("EPOLLONESHOT", 1 << 30), ("EPOLLET", 1 << 31), ("EPOLL_CLOEXEC", 0x80000),
  ]

  // MARK: arguments

  static func descriptor(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let fd = try PosixArgs.descriptor(vm, v)
    if fd < 0 { throw vm.raise(.valueError, "file descriptor cannot be a negative integer (\(fd))") }
    return fd
  }

  /// A timeout in nanoseconds; nil: for ever.
  /// - Parameter kind: what it may be, for the message
  /// - Parameter unit: how many nanoseconds 1 is
  static func timeout(_ vm: VM, _ v: Value, _ kind: StaticString, unit: Int = 1_000_000_000) throws(Raised) -> Int? {
    if v.isNull || v.isNone { return nil }
    do throws(Raised) {
      if unit == 1_000_000_000 { return try TimeValues.timeout(vm, v) }
      if v.isFloat { return try TimeValues.timeout(vm, Value(Floats.double(v) * Double(unit) / 1e9)) }
      let (ns, overflow) = (try vm.asInt(v)).multipliedReportingOverflow(by: unit)
      if overflow { throw vm.raise(.overflowError, "timestamp too large to convert to C _PyTime_t") }
      return ns
    } catch {
      guard vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "timeout must be \(kind) or None")
    }
  }

  /// The same for those that count in milliseconds, in 32 bits. Below zero it is for ever, too.
  static func shortTimeout(_ vm: VM, _ v: Value, _ kind: StaticString, unit: Int = 1_000_000_000) throws(Raised) -> Int? {
    guard let ns = try timeout(vm, v, kind, unit: unit), ns >= 0 else { return nil }
    if ns > Int(Int32.max) &* 1_000_000 { throw vm.raise(.overflowError, "timeout is too large") }
    return ns
  }
  /// Whole milliseconds, rounded up; −1: for ever.
  static func milliseconds(_ ns: Int?) -> Int32 { ns.map { Int32(clamping: $0 / 1_000_000 &+ ($0 % 1_000_000 == 0 ? 0 : 1)) } ?? -1 }

  // MARK: waiting

  /// Waits by a system call, which `call` makes with what is left of the timeout, in nanoseconds (nil: for ever). Signals that interrupt it
  /// are handled, and the rest is waited for. Among threads it looks once without giving the interpreter lock up, since getting that back takes longer than a look.
  /// - Parameter timeout: not negative
  /// - Returns: what `call` has answered, 0 when the time is over; `errno` is set when it is negative
  static func wait(_ vm: VM, _ timeout: Int?, _ call: (Int?) -> Int32) throws(Raised) -> Int32 {
    if timeout == 0 || !InterpreterLock.isAlone {
      let n = call(0)
      if n > 0 || n < 0 && errno != EINTR || timeout == 0 && n == 0 { return n }
    }
    var deadline: Int?
    if let timeout {
      let (end, overflow) = HeapStatistics.clock().addingReportingOverflow(timeout)
      deadline = overflow ? Int.max : end
    }
    var left = timeout
    while true {
      let (n, error) = vm.unlocked { () -> (Int32, Int32) in
        let n = call(left)
        return (n, errno)
      }
      if n >= 0 { return n }
      guard error == EINTR else {
        errno = error
        return n
      }
      try vm.safepoint()
      if let deadline {
        let rest = deadline &- HeapStatistics.clock()
        if rest < 0 { return 0 }
        left = rest
      }
    }
  }

  // MARK: select

  /// One of the three sets: the objects of a list, and their descriptors.
  private struct Watched {
    let objects: Value
    var descriptors: [Int32] = []
    /// The words of an fd_set, none where nothing is watched
    var words: [Int] = []
    static let most = 1024
    static let wordCount = most / Int.bitWidth
    /// The largest descriptor, -1 without one
    var most: Int32 { descriptors.max() ?? -1 }

    init(_ vm: VM, _ list: Value) throws(Raised) {
      let items = try Lists.sequence(vm, list, "arguments 1-3 must be sequences")
      objects = try vm.list()
      if let run = Lists.items(of: items), run.count > 0 {
        words = [Int](repeating: 0, count: Watched.wordCount)
        descriptors.reserveCapacity(min(run.count, Watched.most))
      }
      // fileno() may change the list.
      var i = 0
      while let run = Lists.items(of: items), i < run.count {
        let object = run.items[i]
        let fd = try SelectModule.descriptor(vm, object)
        if fd >= Watched.most { throw vm.raise(.valueError, "filedescriptor out of range in select()") }
        if descriptors.count >= Watched.most { throw vm.raise(.valueError, "too many file descriptors in select()") }
        try vm.append(objects, object)
        descriptors.append(fd)
        i += 1
      }
    }

    mutating func fill() {
      for i in words.indices { words[i] = 0 }
      for fd in descriptors { words[Int(fd) / Int.bitWidth] |= 1 << (Int(fd) % Int.bitWidth) }
    }
    func ready(_ vm: VM) throws(Raised) -> Value {
      let result = try vm.list()
      for (i, fd) in descriptors.enumerated() where words[Int(fd) / Int.bitWidth] & 1 << (Int(fd) % Int.bitWidth) != 0 {
        if let run = Lists.items(of: objects), i < run.count { try vm.append(result, run.items[i]) }
      }
      return result
    }
  }

  private static let select: NativeMany = { vm, _, a throws(Raised) in
    let timeout = try timeout(vm, a[3], "a float")
    if let timeout, timeout < 0 { throw vm.raise(.valueError, "timeout must be non-negative") }
    var readable = try Watched(vm, a[0]), writable = try Watched(vm, a[1]), exceptional = try Watched(vm, a[2])
    let most = max(readable.most, writable.most, exceptional.most)
    var isAnswered = false
    let n = try wait(vm, timeout) { left in
      readable.fill()
      writable.fill()
      exceptional.fill()
      let n = readable.words.withUnsafeMutableBytes { r in
        writable.words.withUnsafeMutableBytes { w in
          exceptional.words.withUnsafeMutableBytes { x in
            func set(_ bytes: UnsafeMutableRawBufferPointer) -> UnsafeMutablePointer<fd_set>? {
              bytes.count == 0 ? nil : bytes.baseAddress?.assumingMemoryBound(to: fd_set.self)
            }
            guard let left else { return Glibc.select(most + 1, set(r), set(w), set(x), nil) }
            // Rounded up, so that the time is over when it says so.
            let us = left / 1000 &+ (left % 1000 == 0 ? 0 : 1)
            var time = timeval(tv_sec: us / 1_000_000, tv_usec: us % 1_000_000)
            return Glibc.select(most + 1, set(r), set(w), set(x), &time)
          }
        }
      }
      isAnswered = n >= 0
      return n
    }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    // The time was over when a signal's handler returned. Where the kernel has answered, what it says counts, even about descriptors that cannot be.
    if !isAnswered { return try vm.tuple(try vm.list(), try vm.list(), try vm.list()) }
    let first = try readable.ready(vm), second = try writable.ready(vm)
    return try vm.tuple(first, second, try exceptional.ready(vm))
  }
}
