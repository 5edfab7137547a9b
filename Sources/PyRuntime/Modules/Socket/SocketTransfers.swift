import Glibc

/// How long a call waits: in all, however often it has to wait.
struct SocketPatience {
  /// As `SocketLayout.timeout`
  let timeout: Int
  /// Set when the first wait begins
  private var deadline: Int?

  @inline(__always) init(_ timeout: Int) { self.timeout = timeout }

  /// What is left, in milliseconds, rounded up; −1: for ever; nil: the time is over.
  mutating func milliseconds() -> Int32? {
    if timeout < 0 { return -1 }
    let now = HeapStatistics.clock()
    var left = timeout
    if let deadline {
      left = deadline &- now
      if left < 0 { return nil }
    } else {
      let (end, overflow) = now.addingReportingOverflow(timeout)
      deadline = overflow ? Int.max : end
    }
    return SelectModule.milliseconds(left)
  }
  var isOver: Bool { deadline.map { $0 <= HeapStatistics.clock() } ?? false }
}

/// Methods of sockets that send and receive.
///
/// What can be done at once is done without giving up the interpreter lock: getting it back among threads that want it takes several switches, ten times
/// as long as sending a page. Alone, nothing is given up.
enum SocketTransfers {
  private typealias Ref = SocketType.Ref
  @inline(__always) private static func layout(_ v: Value) -> Ref { SocketType.layout(v) }

  static let dontWait = Int32(MSG_DONTWAIT)
  static let waitForAll = Int32(MSG_WAITALL)

  // MARK: waiting

  /// Makes a system call, again where a signal has interrupted it, and waits before where it must.
  /// - Parameter takesFlags: whether the call obeys `MSG_DONTWAIT`, which it is given where it is to be tried only
  /// - Parameter call: with the descriptor and flags to add
  /// - Returns: what the call has answered, not negative
  /// - Throws: OSError; TimeoutError when the time is over
  @inline(__always)
  static func run(
    _ vm: VM, _ s: SocketType.Ref, _ patience: inout SocketPatience, _ events: Int16, takesFlags: Bool = true, _ call: (Int32, Int32) -> Int
  ) throws(Raised) -> Int {
    let fd = s.pointee.descriptor
    if takesFlags ? patience.timeout >= 0 || !InterpreterLock.isAlone : patience.timeout == 0 && InterpreterLock.isAlone {
      let n = call(fd, takesFlags ? dontWait : 0)
      if n >= 0 { return n }
      if errno != EAGAIN && errno != EINTR || patience.timeout == 0 && errno == EAGAIN { throw OSErrors.raise(vm, errno) }
    }
    return try runWaiting(vm, s, &patience, events, call)
  }
  @inline(never)
  private static func runWaiting(
    _ vm: VM, _ s: SocketType.Ref, _ patience: inout SocketPatience, _ events: Int16, _ call: (Int32, Int32) -> Int
  ) throws(Raised) -> Int {
    while true {
      let fd = s.pointee.descriptor
      if patience.timeout > 0, try !wait(vm, fd, events, &patience) { throw vm.raise(.timeoutError, "timed out") }
      let (n, error) = vm.unlocked { () -> (Int, Int32) in
        let n = call(fd, 0)
        return (n, errno)
      }
      if n >= 0 { return n }
      if error == EINTR {
        try vm.safepoint()
      } else if error != EAGAIN || patience.timeout <= 0 {
        throw OSErrors.raise(vm, error)
      }
    }
  }

  /// Waits until the descriptor can be read or written, or is at its end.
  /// - Returns: false when the time is over
  static func wait(_ vm: VM, _ fd: Int32, _ events: Int16, _ patience: inout SocketPatience) throws(Raised) -> Bool {
    while true {
      guard let time = patience.milliseconds() else { return false }
      var file = pollfd(fd: fd, events: events, revents: 0)
      let (n, error) = vm.unlocked { () -> (Int32, Int32) in
        let n = poll(&file, 1, time)
        return (n, errno)
      }
      if n > 0 { return true }
      if n == 0 {
        // Longer than poll can wait: again.
        if time < Int32.max { return false }
        continue
      }
      if error != EINTR { throw OSErrors.raise(vm, error) }
      try vm.safepoint()
    }
  }

  // MARK: receiving

  /// What is received at once goes here first; in use while the lock is held only.
  nonisolated(unsafe) private static var scratch: UnsafeMutableRawPointer?
  private static let scratchSize = 1 << 16

  static func declare(_ t: inout TypeBuilder) {
    t.method(
      "recv", nil,
      "recv(buffersize[, flags]) -> data\n\nReceives up to so many bytes; waits until there are some. At the end of the stream there are none."
    ) {
      (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "recv", 1, 2)
      let count = try vm.asInt(a[0])
      if count < 0 { throw vm.raise(.valueError, "negative buffersize in recv") }
      return try receive(vm, layout(v), count, try SocketArgs.int(vm, a[1], 0))
    }
    t.method(
      "recv_into", nil, "recv_into(buffer, [nbytes[, flags]]) -> nbytes_read\n\nReceives into a buffer; without a count up to its size."
    ) {
      (vm, v, a: Args) throws(Raised) in
      try vm.bind(a, "recv_into", "(buffer, nbytes=0, flags=0)") { a throws(Raised) in
        var view = try vm.writableBuffer(of: a[0], "recv_into", "argument 1")
        defer { vm.release(&view) }
        var count = a[1].isNull ? 0 : try vm.asInt(a[1])
        let flags = try SocketArgs.int(vm, a[2], 0)
        if count < 0 { throw vm.raise(.valueError, "negative buffersize in recv_into") }
        if count == 0 { count = view.byteCount }
        if count > view.byteCount { throw vm.raise(.valueError, "buffer too small for requested bytes") }
        return Value(smallInt: try receive(vm, layout(v), view.memory, count, flags))
      }
    }
    t.method(
      "recvfrom", nil, "recvfrom(buffersize[, flags]) -> (data, address info)\n\nLike recv(buffersize, flags), with the sender's address."
    ) {
      (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "recvfrom", 1, 2)
      let count = try vm.asInt(a[0])
      let flags = try SocketArgs.int(vm, a[1], 0)
      if count < 0 { throw vm.raise(.valueError, "negative buffersize in recvfrom") }
      var address = SocketAddress()
      let s = layout(v)
      let whole = try vm.bytes(count: count)
      let n = try receive(vm, s, whole.as(BytesLayout.self).bytes, count, flags, &address)
      return try vm.tuple(try shortened(vm, whole, n), try address.value(vm, s.pointee.descriptor, proto: s.pointee.proto))
    }
    t.method(
      "recvfrom_into", nil,
      "recvfrom_into(buffer[, nbytes[, flags]]) -> (nbytes, address info)\n\nLike recv_into(buffer, nbytes, flags), with the sender's address."
    ) { (vm, v, a: Args) throws(Raised) in
      try vm.bind(a, "recvfrom_into", "(buffer, nbytes=0, flags=0)") { a throws(Raised) in
        var view = try vm.writableBuffer(of: a[0], "recvfrom_into", "argument 1")
        defer { vm.release(&view) }
        var count = a[1].isNull ? 0 : try vm.asInt(a[1])
        let flags = try SocketArgs.int(vm, a[2], 0)
        if count < 0 { throw vm.raise(.valueError, "negative buffersize in recvfrom_into") }
        if count == 0 { count = view.byteCount }
        if count > view.byteCount { throw vm.raise(.valueError, "nbytes is greater than the length of the buffer") }
        var address = SocketAddress()
        let s = layout(v)
        let n = try receive(vm, s, view.memory, count, flags, &address)
        return try vm.tuple(Value(smallInt: n), try address.value(vm, s.pointee.descriptor, proto: s.pointee.proto))
      }
    }
    declareSending(&t)
  }

  static func shortened(_ vm: VM, _ whole: Value, _ n: Int) throws(Raised) -> Value {
    let b = whole.as(BytesLayout.self)
    return n == b.pointee.count ? whole : try vm.bytes(UnsafeRawBufferPointer(start: b.bytes, count: min(n, b.pointee.count)))
  }

  private static func receive(_ vm: VM, _ s: Ref, _ count: Int, _ flags: Int32) throws(Raised) -> Value {
    if flags == 0, count > 0, count <= scratchSize || s.pointee.kind == 1 {
      let fd = s.pointee.descriptor
      // A stream is read in pieces of whatever size: more than fits here goes where it stays, as much as has come.
      if count >= scratchSize, case let n = min(count, waiting(fd)), n >= scratchSize {
        return try receiveWhole(vm, s, n, 0)
      }
      if scratch == nil { scratch = malloc(scratchSize) }
      guard let memory = scratch else { throw vm.raiseMemoryError() }
      let most = min(count, scratchSize)
      if s.pointee.timeout >= 0 || !InterpreterLock.isAlone {
        let n = recv(fd, memory, most, dontWait)
        if n >= 0 { return try vm.bytes(UnsafeRawBufferPointer(start: memory, count: n)) }
        if errno != EAGAIN && errno != EINTR || s.pointee.timeout == 0 && errno == EAGAIN { throw OSErrors.raise(vm, errno) }
        return try receiveWhole(vm, s, most, 0)
      }
      // Alone, nobody else comes here while it waits.
      while true {
        let n = recv(s.pointee.descriptor, memory, most, 0)
        if n >= 0 { return try vm.bytes(UnsafeRawBufferPointer(start: memory, count: n)) }
        if errno != EINTR { throw OSErrors.raise(vm, errno) }
        try vm.safepoint()
        if !InterpreterLock.isAlone { return try receiveWhole(vm, s, most, 0) }
      }
    }
    return try receiveWhole(vm, s, count, flags)
  }

  private static func receiveWhole(_ vm: VM, _ s: Ref, _ count: Int, _ flags: Int32) throws(Raised) -> Value {
    let whole = try vm.bytes(count: count)
    return try shortened(vm, whole, try receive(vm, s, whole.as(BytesLayout.self).bytes, count, flags))
  }

  private static func receive(
    _ vm: VM, _ s: Ref, _ memory: UnsafeMutableRawPointer?, _ count: Int, _ flags: Int32
  ) throws(Raised) -> Int {
    // The system might wait for something.
    if count == 0 { return 0 }
    var patience = SocketPatience(s.pointee.timeout)
    // To wait for all of it is the system's part.
    let waitsForAll = flags & waitForAll != 0
    return try run(vm, s, &patience, Int16(POLLIN), takesFlags: !waitsForAll && count <= atOnce) { (fd, more) in
      recv(fd, memory, count, flags | more)
    }
  }
  /// Up to so many bytes are copied while other threads wait.
  private static let atOnce = 1 << 18

  private static func receive(
    _ vm: VM, _ s: Ref, _ memory: UnsafeMutableRawPointer?, _ count: Int, _ flags: Int32, _ address: inout SocketAddress
  ) throws(Raised) -> Int {
    var patience = SocketPatience(s.pointee.timeout)
    return try run(vm, s, &patience, Int16(POLLIN), takesFlags: flags & waitForAll == 0) { (fd, more) in
      var n = -1
      _ = address.fill {
        n = recvfrom(fd, memory, count, flags | more, $0, $1)
        return n < 0 ? -1 : 0
      }
      return n
    }
  }

  /// How much has come, −1 if nobody knows
  private static func waiting(_ descriptor: Int32) -> Int {
    var count: Int32 = 0
    return ioctl(descriptor, UInt(FIONREAD), &count) == 0 ? Int(count) : -1
  }

  // MARK: sending

  private static func declareSending(_ t: inout TypeBuilder) {
    t.method("send", nil, "send(data[, flags]) -> count\n\nSends; the number of bytes that were taken, which may be fewer.") {
      (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "send", 1, 2)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        let flags = try SocketArgs.int(vm, a[1], 0)
        var patience = SocketPatience(layout(v).pointee.timeout)
        return Value(smallInt: try send(vm, layout(v), data, flags, &patience))
      }
    }
    t.method("sendall", nil, "sendall(data[, flags])\n\nSends all of it. After an error nobody can tell how much was sent.") {
      (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "sendall", 1, 2)
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        let flags = try SocketArgs.int(vm, a[1], 0)
        var patience = SocketPatience(layout(v).pointee.timeout)
        var rest = data
        while true {
          let n = try send(vm, layout(v), rest, flags, &patience)
          if n >= rest.count { return .none }
          rest = UnsafeBufferPointer(rebasing: rest[n...])
          if rt.pointee.evalBreaker != 0 { try vm.handlePendingSignals() }
          if patience.isOver { throw vm.raise(.timeoutError, "timed out") }
        }
      }
    }
    t.method("sendto", nil, "sendto(data[, flags], address) -> count\n\nSends to an address.") { (vm, v, a: Args) throws(Raised) in
      if a.keywordCount > 0 { throw vm.raise(.typeError, "sendto() takes no keyword arguments") }
      guard a.count == 2 || a.count == 3 else {
        throw vm.raise(.typeError, "sendto() takes 2 or 3 arguments (\(a.count) given)")
      }
      return try vm.withBytes(of: a[0]) { data throws(Raised) in
        let flags = a.count == 3 ? try SocketArgs.int(vm, a[1]) : 0
        let s = layout(v)
        let to = a[a.count - 1]
        let address = try SocketAddress(vm, s, to, "sendto")
        try vm.audit("socket.sendto") { () throws(Raised) in try vm.tuple(v, to) }
        var patience = SocketPatience(s.pointee.timeout)
        let n = try run(vm, s, &patience, Int16(POLLOUT), takesFlags: s.pointee.kind != 1) { (fd, more) in
          address.use { Glibc.sendto(fd, data.baseAddress, data.count, flags | more, $0, $1) }
        }
        return Value(smallInt: n)
      }
    }
  }

  private static func send(
    _ vm: VM, _ s: Ref, _ data: UnsafeBufferPointer<UInt8>, _ flags: Int32, _ patience: inout SocketPatience
  ) throws(Raised) -> Int {
    // A stream that blocks takes all: what was not taken at once is waited for.
    let isTried = data.count <= atOnce
    let n = try run(vm, s, &patience, Int16(POLLOUT), takesFlags: isTried) { (fd, more) in
      Glibc.send(fd, data.baseAddress, data.count, flags | more)
    }
    if n >= data.count || patience.timeout >= 0 || flags & dontWait != 0 || !isTried { return n }
    let fd = s.pointee.descriptor
    if fcntl(fd, F_GETFL) & O_NONBLOCK != 0 { return n }
    let rest = UnsafeBufferPointer(rebasing: data[n...])
    let more = vm.unlocked { Glibc.send(fd, rest.baseAddress, rest.count, flags) }
    // An error, or a signal, is the next call's matter.
    return more > 0 ? n + more : n
  }
}
