import Glibc

/// Methods of sockets that send and receive messages of several pieces with ancillary data: descriptors of files, options of packets.
enum SocketMessages {
  private static func layout(_ v: Value) -> SocketType.Ref { SocketType.layout(v) }

  /// The header of a piece of ancillary data: its length with the header, level and type.
  static let headerSize = 16
  static func aligned(_ n: Int) -> Int { (n + 7) & ~7 }

  static func declare(_ t: inout TypeBuilder) {
    t.method(
      "recvmsg", nil,
      "recvmsg(bufsize[, ancbufsize[, flags]]) -> (data, ancdata, msg_flags, address)\n\nReceives a message and ancillary data, a list of (level, type, data)."
    ) { (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "recvmsg", 1, 3)
      let count = try vm.asInt(a[0])
      let ancillary = a[1].isNull ? 0 : try vm.asInt(a[1])
      let flags = try SocketArgs.int(vm, a[2], 0)
      if count < 0 { throw vm.raise(.valueError, "negative buffer size in recvmsg()") }
      let whole = try vm.bytes(count: count)
      var piece = iovec(iov_base: UnsafeMutableRawPointer(whole.as(BytesLayout.self).bytes), iov_len: count)
      return try receive(vm, layout(v), &piece, 1, ancillary, flags) { n throws(Raised) in try SocketTransfers.shortened(vm, whole, n) }
    }
    t.method(
      "recvmsg_into", nil,
      "recvmsg_into(buffers[, ancbufsize[, flags]]) -> (nbytes, ancdata, msg_flags, address)\n\nLike recvmsg(), into buffers, one after the other."
    ) { (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "recvmsg_into", 1, 3)
      let ancillary = a[1].isNull ? 0 : try vm.asInt(a[1])
      let flags = try SocketArgs.int(vm, a[2], 0)
      return try withBuffers(vm, a[0], isWritten: true) { (pieces) throws(Raised) in
        try receive(vm, layout(v), pieces.baseAddress, pieces.count, ancillary, flags) { n throws(Raised) in try vm.int(n) }
      }
    }
    t.method(
      "sendmsg", nil,
      "sendmsg(buffers[, ancdata[, flags[, address]]]) -> count\n\nSends buffers, one after the other, with ancillary data: (level, type, data)."
    ) { (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "sendmsg", 1, 4)
      let flags = try SocketArgs.int(vm, a[2], 0)
      let s = layout(v)
      var address = SocketAddress()
      let hasAddress = !a[3].isNull && !a[3].isNone
      if hasAddress { address = try SocketAddress(vm, s, a[3], "sendmsg") }
      try vm.audit("socket.sendmsg") { () throws(Raised) in try vm.tuple(v, hasAddress ? a[3] : .none) }
      return try withBuffers(vm, a[0], isWritten: false) { (pieces) throws(Raised) in
        var control = try ancillary(vm, a[1])
        return try send(vm, s, pieces, &control, flags, hasAddress ? address : nil)
      }
    }
    t.method(
      "sendmsg_afalg", nil,
      "sendmsg_afalg([msg], *, op[, iv[, assoclen[, flags=MSG_MORE]]])\n\nSets operation, start and length of what is not encrypted of an AF_ALG socket."
    ) { (vm, v, a: Args) throws(Raised) in
      guard layout(v).pointee.family == SocketAddress.Family.algorithm else {
        throw vm.raise(.osError, "algset is only supported for AF_ALG")
      }
      return try vm.bind(a, "sendmsg_afalg", "(msg=None, *, op=-1, iv=None, assoclen=-1, flags=0)") { a throws(Raised) in
        try sendAlgorithm(vm, v, a)
      }
    }
  }

  // MARK: buffers

  /// The pieces of memory of a sequence of buffers while `body` runs.
  private static func withBuffers(
    _ vm: VM, _ v: Value, isWritten: Bool, _ body: (UnsafeMutableBufferPointer<iovec>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    let name: StaticString = isWritten ? "recvmsg_into" : "sendmsg"
    let list = try Lists.sequence(vm, v, "\(name)() argument 1 must be an iterable")
    var views: [BufferView] = []
    var pieces: [iovec] = []
    defer { for i in views.indices { vm.release(&views[i]) } }
    // Items are kept: a buffer's code may change the list, and no collection looks into Swift's arrays.
    let kept = try vm.tuple(from: list)
    let items = kept.as(TupleLayout.self)
    if items.pointee.count > Int(Int32.max) { throw vm.raise(.osError, "\(name)() argument 1 is too long") }
    for i in 0..<items.pointee.count {
      let view: BufferView
      do throws(Raised) { view = try vm.buffer(of: items.items[i], isWritten ? .writable : .simple) } catch {
        if isWritten, vm.pendingIs(.typeError) || vm.pendingIs(.bufferError) {
          vm.clearPending()
          throw vm.raise(.typeError, "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers")
        }
        throw error
      }
      views.append(view)
      pieces.append(iovec(iov_base: view.memory, iov_len: view.byteCount))
    }
    let count = pieces.count
    let memory = UnsafeMutablePointer<iovec>.allocate(capacity: max(1, count))
    defer { memory.deallocate() }
    for i in 0..<count { memory[i] = pieces[i] }
    return try vm.withStack(1) { p throws(Raised) in
      p[0] = kept
      return try body(UnsafeMutableBufferPointer(start: memory, count: count))
    }
  }

  // MARK: receiving

  private static func receive(
    _ vm: VM, _ s: SocketType.Ref, _ pieces: UnsafeMutablePointer<iovec>?, _ count: Int, _ ancillary: Int, _ flags: Int32,
    _ data: (Int) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    if ancillary < 0 || ancillary > Int(Int32.max) { throw vm.raise(.valueError, "invalid ancillary data buffer length") }
    let control = malloc(max(1, ancillary))
    guard let control else { throw vm.raiseMemoryError() }
    defer { free(control) }
    var address = SocketAddress()
    var header = msghdr()
    var patience = SocketPatience(s.pointee.timeout)
    let n = try SocketTransfers.run(
      vm, s, &patience, Int16(POLLIN), takesFlags: flags & SocketTransfers.waitForAll == 0
    ) { (fd, more) in
      var n = -1
      _ = address.fill { name, size in
        header = msghdr()
        header.msg_name = UnsafeMutableRawPointer(name)
        header.msg_namelen = size.pointee
        header.msg_iov = pieces
        header.msg_iovlen = count
        header.msg_control = ancillary == 0 ? nil : control
        header.msg_controllen = ancillary
        n = recvmsg(fd, &header, flags | more)
        size.pointee = header.msg_namelen
        return n < 0 ? -1 : 0
      }
      return n
    }
    let list = try vm.list()
    let used = min(Int(header.msg_controllen), ancillary)
    do throws(Raised) {
      var i = 0
      while i + headerSize <= used {
        let length = control.loadUnaligned(fromByteOffset: i, as: Int.self)
        let isCut = length < headerSize || length > used - i
        if isCut { try vm.warn(.runtimeWarning, "received malformed or improperly-truncated ancillary data") }
        let end = isCut ? used : i + length
        if length < headerSize { break }
        let piece = try vm.tuple(
          Value(smallInt: Int(control.loadUnaligned(fromByteOffset: i + 8, as: Int32.self))),
          Value(smallInt: Int(control.loadUnaligned(fromByteOffset: i + 12, as: Int32.self))),
          try vm.bytes(UnsafeRawBufferPointer(start: control + i + headerSize, count: end - i - headerSize)))
        try vm.append(list, piece)
        if isCut { break }
        i += aligned(length)
      }
      return try vm.tuple(
        try data(n), list, Value(smallInt: Int(header.msg_flags)),
        try address.value(vm, s.pointee.descriptor, proto: s.pointee.proto))
    } catch {
      closeReceived(UnsafeRawBufferPointer(start: control, count: used))
      throw error
    }
  }

  /// Closes descriptors of which nobody will hear.
  private static func closeReceived(_ control: UnsafeRawBufferPointer) {
    var i = 0
    while i + headerSize <= control.count {
      let length = control.loadUnaligned(fromByteOffset: i, as: Int.self)
      guard length >= headerSize else { return }
      let end = min(control.count, i + length)
      if control.loadUnaligned(fromByteOffset: i + 8, as: Int32.self) == SOL_SOCKET,
        control.loadUnaligned(fromByteOffset: i + 12, as: Int32.self) == 1
      {
        var at = i + headerSize
        while at + 4 <= end {
          _ = Glibc.close(control.loadUnaligned(fromByteOffset: at, as: Int32.self))
          at += 4
        }
      }
      if length > control.count - i { return }
      i += aligned(length)
    }
  }

  // MARK: sending

  /// Ancillary data in the system's form.
  private static func ancillary(_ vm: VM, _ v: Value) throws(Raised) -> [UInt8] {
    if v.isNull { return [] }
    let list = try Lists.sequence(vm, v, "sendmsg() argument 2 must be an iterable")
    var control: [UInt8] = []
    let name = "[sendmsg() ancillary data items]() argument"
    try vm.forEach(list) { (item) throws(Raised) in
      let isSequence = item.isTuple || !item.isStr && !item.isBytes && item.isCell && item.type.pointee.slots.subscripted != nil
      guard isSequence else { throw vm.raise(.typeError, "\(name) must be 3-item sequence, not \(item.argumentTypeName)") }
      let parts = try vm.tuple(from: item)
      let t = parts.as(TupleLayout.self)
      guard t.pointee.count == 3 else {
        throw vm.raise(.typeError, "\(name) must be sequence of length 3, not \(t.pointee.count)")
      }
      let level = try SocketArgs.int(vm, t.items[0]), kind = try SocketArgs.int(vm, t.items[1])
      var view = try vm.buffer(of: t.items[2], .simple)
      defer { vm.release(&view) }
      if view.byteCount > Int(Int32.max) - 64 { throw vm.raise(.osError, "ancillary data item too large") }
      append(level, kind, UnsafeRawBufferPointer(start: view.memory, count: view.byteCount), to: &control)
      if control.count > Int(Int32.max) { throw vm.raise(.osError, "too much ancillary data") }
    }
    return control
  }
  private static func append(_ level: Int32, _ kind: Int32, _ data: UnsafeRawBufferPointer, to control: inout [UInt8]) {
    withUnsafeBytes(of: headerSize + data.count) { control.append(contentsOf: $0) }
    withUnsafeBytes(of: level) { control.append(contentsOf: $0) }
    withUnsafeBytes(of: kind) { control.append(contentsOf: $0) }
    control.append(contentsOf: data)
    while control.count & 7 != 0 { control.append(0) }
  }

  private static func send(
    _ vm: VM, _ s: SocketType.Ref, _ pieces: UnsafeMutableBufferPointer<iovec>, _ control: inout [UInt8], _ flags: Int32,
    _ address: SocketAddress?
  ) throws(Raised) -> Int {
    var patience = SocketPatience(s.pointee.timeout)
    let count = control.count
    let memory = malloc(max(1, count))
    guard let memory else { throw vm.raiseMemoryError() }
    defer { free(memory) }
    control.withUnsafeBytes { if let base = $0.baseAddress { memcpy(memory, base, count) } }
    // A stream that blocks takes all of it.
    return try SocketTransfers.run(vm, s, &patience, Int16(POLLOUT), takesFlags: s.pointee.kind != 1 || patience.timeout >= 0) {
      (fd, more) in
      var header = msghdr()
      header.msg_iov = pieces.baseAddress
      header.msg_iovlen = pieces.count
      header.msg_control = count == 0 ? nil : memory
      header.msg_controllen = count
      guard let address else { return sendmsg(fd, &header, flags | more) }
      return address.use { name, size in
        header.msg_name = UnsafeMutableRawPointer(mutating: UnsafeRawPointer(name))
        header.msg_namelen = size
        return sendmsg(fd, &header, flags | more)
      }
    }
  }
  private static func send(
    _ vm: VM, _ s: SocketType.Ref, _ pieces: UnsafeMutableBufferPointer<iovec>, _ control: inout [UInt8], _ flags: Int32,
    _ address: SocketAddress?
  ) throws(Raised) -> Value {
    let n: Int = try send(vm, s, pieces, &control, flags, address)
    return try vm.int(n)
  }

  private static func sendAlgorithm(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) -> Value {
    if a[1].isNull { throw vm.raise(.typeError, "Invalid or missing argument 'op'") }
    let operation = try SocketArgs.int(vm, a[1])
    if operation < 0 { throw vm.raise(.typeError, "Invalid or missing argument 'op'") }
    let length = try SocketArgs.int(vm, a[3], -1)
    if !a[3].isNull, length < 0 { throw vm.raise(.typeError, "assoclen must be positive") }
    let flags = try SocketArgs.int(vm, a[4], 0)
    var control: [UInt8] = []
    let level: Int32 = 279
    withUnsafeBytes(of: UInt32(bitPattern: operation)) { append(level, 3, $0, to: &control) }
    if !a[2].isNull, !a[2].isNone {
      var view = try vm.buffer(of: a[2], .simple)
      defer { vm.release(&view) }
      var start: [UInt8] = []
      withUnsafeBytes(of: UInt32(truncatingIfNeeded: view.byteCount)) { start.append(contentsOf: $0) }
      start.append(contentsOf: UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      start.withUnsafeBytes { append(level, 2, $0, to: &control) }
    }
    if length >= 0 { withUnsafeBytes(of: UInt32(bitPattern: length)) { append(level, 4, $0, to: &control) } }
    let data = a[0].isNull || a[0].isNone ? try vm.tuple(count: 0) : a[0]
    return try withBuffers(vm, data, isWritten: false) { (pieces) throws(Raised) in
      try send(vm, layout(v), pieces, &control, flags, nil)
    }
  }
}
