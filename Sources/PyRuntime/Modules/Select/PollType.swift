import Glibc

/// `select.poll`'s objects.
struct PollLayout {
  var header: CellHeader
  /// dict: descriptor → events
  var registered: Value
  var isPolling: Bool

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: PollLayout.self).pointee.registered)
  }
}

enum PollType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  private static func layout(_ v: Value) -> UnsafeMutablePointer<PollLayout> { v.as(PollLayout.self) }

  static func make(_ vm: VM) throws(Raised) -> Value {
    let dict = try vm.dict()
    let p = try vm.instance(PollLayout.self, of: type)
    p.pointee.registered = dict
    return Value(p)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(PollLayout.trace)
    t.method(
      "register", "($self, fd,\n         eventmask=select.POLLIN | select.POLLPRI | select.POLLOUT, /)",
      "Remembers a descriptor, or an object with fileno(), and what to wait for."
    ) { (vm, v, file: Value, events: Value) throws(Raised) in
      let fd = try SelectModule.descriptor(vm, file)
      let events = events.isNull ? Int(POLLIN | POLLPRI | POLLOUT) : try mask(vm, events)
      try Dicts.set(vm, layout(v).pointee.registered, try vm.int(Int(fd)), try vm.int(events))
      return .none
    }
    t.method("modify", "($self, fd, eventmask, /)", "What to wait for from now on, of one that is registered.") {
      (vm, v, file: Value, events: Value) throws(Raised) in
      let fd = try vm.int(Int(try SelectModule.descriptor(vm, file)))
      let events = try mask(vm, events)
      if try Dicts.get(vm, layout(v).pointee.registered, fd).isNull { throw OSErrors.raise(vm, ENOENT) }
      try Dicts.set(vm, layout(v).pointee.registered, fd, try vm.int(events))
      return .none
    }
    t.method("unregister", "($self, fd, /)", "Forgets a descriptor.") { (vm, v, file: Value) throws(Raised) in
      let fd = try vm.int(Int(try SelectModule.descriptor(vm, file)))
      if try Dicts.pop(vm, layout(v).pointee.registered, fd).isNull { throw vm.raise(.keyError, value: fd) }
      return .none
    }
    t.method(
      "poll", "($self, timeout=None, /)",
      "Waits for what is registered; returns pairs of descriptor and events. timeout is in milliseconds, None waits for ever."
    ) { (vm, v, timeout: Value, _: Value) throws(Raised) in try poll(vm, v, timeout) }
  }

  /// A set of events: what C takes for an unsigned short.
  private static func mask(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    guard v.isInt else { throw vm.raise(.typeError, "an integer is required") }
    if Ints.sign(v) < 0 { throw vm.raise(.valueError, "value must be positive") }
    guard let n = Ints.asInt64(v) else { throw vm.raise(.overflowError, "Python int too large to convert to C unsigned long") }
    guard n <= Int(UInt16.max) else { throw vm.raise(.overflowError, "Python int too large for C unsigned short") }
    return n
  }

  private static func poll(_ vm: VM, _ v: Value, _ timeout: Value) throws(Raised) -> Value {
    let p = layout(v)
    let ns = try SelectModule.shortTimeout(vm, timeout, "an integer", unit: 1_000_000)
    if p.pointee.isPolling { throw vm.raise(.runtimeError, "concurrent poll() invocation") }
    var files: [pollfd] = []
    let dict = p.pointee.registered.as(DictLayout.self)
    if let entries = dict.pointee.entries {
      files.reserveCapacity(dict.pointee.used)
      for i in 0..<dict.pointee.used where !entries[i].key.isNull && entries[i].key.isSmallInt && entries[i].value.isSmallInt {
        files.append(
          pollfd(
            fd: Int32(truncatingIfNeeded: entries[i].key.smallInt), events: Int16(truncatingIfNeeded: entries[i].value.smallInt),
            revents: 0))
      }
    }
    p.pointee.isPolling = true
    defer { p.pointee.isPolling = false }
    let count = nfds_t(files.count)
    let n = try files.withUnsafeMutableBufferPointer { files throws(Raised) in
      try SelectModule.wait(vm, ns) { left in Glibc.poll(files.baseAddress, count, SelectModule.milliseconds(left)) }
    }
    if n < 0 { throw OSErrors.raise(vm, errno) }
    let result = try vm.list(capacity: Int(n))
    for file in files where file.revents != 0 {
      try vm.append(result, try vm.tuple(try vm.int(Int(file.fd)), try vm.int(Int(UInt16(bitPattern: file.revents)))))
    }
    return result
  }
}
