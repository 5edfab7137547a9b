import CRuntimeSupport
import Glibc

/// `select.epoll`. `descriptor` is −1 when it is closed.
struct EpollLayout {
  var header: CellHeader
  var descriptor: Int32
}

enum EpollType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func layout(_ v: Value) -> UnsafeMutablePointer<EpollLayout> { v.as(EpollLayout.self) }
  private static let mostEvents = 1023

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      select.epoll(sizehint=-1, flags=0)

      An object that waits for many files; the kernel remembers them. sizehint is not used, flags may be EPOLL_CLOEXEC, which is set anyway.
      """)
    t.slots.new = NewCode { (vm, cls, args) throws(Raised) in
      try vm.bind(args, "epoll", "(sizehint=-1, flags=0)") { a throws(Raised) in
        let size = try PosixArgs.int32(vm, a[0], -1), flags = try PosixArgs.int32(vm, a[1], 0)
        if size != -1, size <= 0 { throw vm.raise(.valueError, "negative sizehint") }
        if flags & ~closeOnExec != 0 { throw vm.raise(try vm.call(Value(rt.types[.osError]), try vm.str("invalid flags"))) }
        return try make(vm, epoll_create1(closeOnExec))
      }
    }
    // It may have been closed by another name, and then the descriptor be another file's: no more than CPython does.
    t.slots.finalize = VisitCode { _, v in _ = close(v) }
    t.classMethod("fromfd", "($type, fd, /)", "An epoll object for a descriptor of one; a new one for -1.") {
      (vm, _, fd: Value) throws(Raised) in
      let fd = try PosixArgs.int32(vm, fd)
      return try make(vm, fd == -1 ? epoll_create1(closeOnExec) : fd)
    }
    t.method("close", "($self, /)", "Closes the descriptor. What waits is not woken.") { vm, v throws(Raised) in
      if !close(v) { throw OSErrors.raise(vm, errno) }
      return .none
    }
    t.method("fileno", "($self, /)", "The descriptor.") { vm, v throws(Raised) in try vm.int(Int(try descriptor(vm, v))) }
    declareFiles(&t)
    t.method(
      "poll", "($self, /, timeout=None, maxevents=-1)",
      "Waits for what is registered; returns pairs of descriptor and events. timeout is in seconds, None or −1 waits for ever."
    ) { (vm, v, a: Args) throws(Raised) in try poll(vm, v, a[0], a[1]) }
    t.method("__enter__", "($self, /)", nil) { vm, v throws(Raised) in
      _ = try descriptor(vm, v)
      return v
    }
    t.method("__exit__", "($self, exc_type=None, exc_value=None, exc_tb=None, /)", nil) { (vm, v, _: Args) throws(Raised) in
      try vm.callMethod(v, "close")
    }
    t.getset("closed", "Whether it is closed.") { _, v throws(Raised) in .bool(layout(v).pointee.descriptor < 0) }
  }

  private static func declareFiles(_ t: inout TypeBuilder) {
    t.method("modify", "($self, /, fd, eventmask)", "What to wait for from now on, of one that is registered.") {
      (vm, v, file: Value, events: Value) throws(Raised) in
      try control(vm, v, EPOLL_CTL_MOD, try SelectModule.descriptor(vm, file), try PosixArgs.bits32(vm, events))
    }
    t.method(
      "register", "($self, /, fd,\n         eventmask=select.EPOLLIN | select.EPOLLPRI | select.EPOLLOUT)",
      "Remembers a descriptor, or an object with fileno(), and what to wait for."
    ) { (vm, v, file: Value, events: Value) throws(Raised) in
      let fd = try SelectModule.descriptor(vm, file)
      return try control(vm, v, EPOLL_CTL_ADD, fd, events.isNull ? 0x1 | 0x2 | 0x4 : try PosixArgs.bits32(vm, events))
    }
    t.method("unregister", "($self, /, fd)", "Forgets a descriptor.") { (vm, v, file: Value) throws(Raised) in
      try control(vm, v, EPOLL_CTL_DEL, try SelectModule.descriptor(vm, file), 0)
    }
  }

  private static let closeOnExec: Int32 = 0x80000

  private static func make(_ vm: VM, _ fd: Int32) throws(Raised) -> Value {
    if fd == -1 { throw OSErrors.raise(vm, errno) }
    do throws(Raised) {
      let e = try vm.instance(EpollLayout.self, of: type)
      e.pointee.descriptor = fd
      return Value(e)
    } catch {
      _ = Glibc.close(fd)
      throw error
    }
  }

  /// Whether that went well; closed before is well.
  private static func close(_ v: Value) -> Bool {
    let fd = layout(v).pointee.descriptor
    layout(v).pointee.descriptor = -1
    return fd < 0 || Glibc.close(fd) == 0
  }

  private static func descriptor(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let fd = layout(v).pointee.descriptor
    if fd < 0 { throw vm.raise(.valueError, "I/O operation on closed epoll object") }
    return fd
  }

  private static func control(_ vm: VM, _ v: Value, _ operation: Int32, _ fd: Int32, _ events: UInt32) throws(Raised) -> Value {
    let own = try descriptor(vm, v)
    var event = epoll_event()
    event.events = events
    event.data.fd = fd
    if epoll_ctl(own, operation, fd, &event) < 0 { throw OSErrors.raise(vm, errno) }
    return .none
  }

  private static func poll(_ vm: VM, _ v: Value, _ timeout: Value, _ most: Value) throws(Raised) -> Value {
    let own = try descriptor(vm, v)
    let ns = try SelectModule.shortTimeout(vm, timeout, "an integer")
    var count = try PosixArgs.int32(vm, most, -1)
    if count == -1 { count = Int32(mostEvents) }
    if count < 1 { throw vm.raise(.valueError, "maxevents must be greater than 0, got \(count)") }
    let (size, isTooMuch) = Int(count).multipliedReportingOverflow(by: MemoryLayout<epoll_event>.stride)
    guard !isTooMuch, let memory = malloc(size) else { throw vm.raiseMemoryError() }
    defer { free(memory) }
    let events = memory.assumingMemoryBound(to: epoll_event.self)
    let n = try SelectModule.wait(vm, ns) { left in epoll_wait(own, events, count, SelectModule.milliseconds(left)) }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    let result = try vm.list(capacity: Int(n))
    for i in 0..<Int(n) {
      try vm.append(result, try vm.tuple(try vm.int(Int(events[i].data.fd)), try vm.int(Int(events[i].events))))
    }
    return result
  }
}
