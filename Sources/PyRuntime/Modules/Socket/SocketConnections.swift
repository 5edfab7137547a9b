import CRuntimeSupport
import Glibc

/// Methods of sockets that make and end connections, and those that say between whom they are.
enum SocketConnections {
  private typealias Ref = SocketType.Ref
  private static func layout(_ v: Value) -> Ref { SocketType.layout(v) }

  static func declare(_ t: inout TypeBuilder) {
    t.method(
      "_accept", nil, "_accept() -> (integer, address info)\n\nWaits for a connection: a descriptor, and the address of the other end."
    ) {
      vm, v throws(Raised) in try accept(vm, v)
    }
    t.method("bind", nil, "bind(address)\n\nGives the socket an address of its own.") { (vm, v, address: Value) throws(Raised) in
      let parsed = try SocketAddress(vm, layout(v), address, "bind")
      try vm.audit("socket.bind") { () throws(Raised) in try vm.tuple(v, address) }
      let fd = layout(v).pointee.descriptor
      if parsed.use({ Glibc.bind(fd, $0, $1) }) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    t.method("connect", nil, "connect(address)\n\nConnects the socket to an address.") { (vm, v, address: Value) throws(Raised) in
      let error = try connect(vm, v, try target(vm, v, address, "connect"))
      if error == timeIsOver { throw vm.raise(.timeoutError, "timed out") }
      if error != 0 { throw OSErrors.raise(vm, error) }
      return .none
    }
    t.method("connect_ex", nil, "connect_ex(address) -> errno\n\nLike connect(address), but returns the error's number; 0 for none.") {
      (vm, v, address: Value) throws(Raised) in
      let error = try connect(vm, v, try target(vm, v, address, "connect_ex"))
      return Value(smallInt: Int(error == timeIsOver ? EAGAIN : error))
    }
    t.method("listen", nil, "listen([backlog])\n\nLets others connect. So many connections may wait to be accepted.") {
      (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "listen", 0, 1)
      let backlog = max(0, try SocketArgs.int(vm, a[0], 128))
      if Glibc.listen(layout(v).pointee.descriptor, backlog) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    t.method("shutdown", nil, "shutdown(flag)\n\nEnds reading (SHUT_RD), writing (SHUT_WR) or both (SHUT_RDWR).") {
      (vm, v, how: Value) throws(Raised) in
      if Glibc.shutdown(layout(v).pointee.descriptor, try SocketArgs.int(vm, how)) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    t.method("getpeername", nil, "getpeername() -> address info\n\nThe address of the other end.") { vm, v throws(Raised) in
      try name(vm, v, getpeername)
    }
    t.method("getsockname", nil, "getsockname() -> address info\n\nThe address of this end.") { vm, v throws(Raised) in
      try name(vm, v, getsockname)
    }
  }

  private static func name(
    _ vm: VM, _ v: Value, _ get: (Int32, UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) throws(Raised) -> Value {
    let fd = layout(v).pointee.descriptor
    var address = SocketAddress()
    if !address.fill({ get(fd, $0, $1) }) { throw OSErrors.raise(vm, errno) }
    return try address.value(vm, fd, proto: layout(v).pointee.proto)
  }

  private static func accept(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = layout(v)
    var address = SocketAddress()
    var patience = SocketPatience(s.pointee.timeout)
    let fd = try SocketTransfers.run(vm, s, &patience, Int16(POLLIN), takesFlags: false) { (fd, _) in
      var made: Int32 = -1
      _ = address.fill {
        made = amphis_accept(fd, $0, $1)
        return made < 0 ? -1 : 0
      }
      return Int(made)
    }
    do throws(Raised) {
      return try vm.tuple(Value(smallInt: fd), try address.value(vm, s.pointee.descriptor, proto: s.pointee.proto))
    } catch {
      _ = Glibc.close(Int32(truncatingIfNeeded: fd))
      throw error
    }
  }

  private static func target(_ vm: VM, _ v: Value, _ address: Value, _ caller: StaticString) throws(Raised) -> SocketAddress {
    let parsed = try SocketAddress(vm, layout(v), address, caller)
    try vm.audit("socket.connect") { () throws(Raised) in try vm.tuple(v, address) }
    return parsed
  }

  /// What `connect` answers when the socket's time is over: no number of the system's.
  private static let timeIsOver: Int32 = -1

  /// 0, or the number of an error.
  private static func connect(_ vm: VM, _ v: Value, _ address: SocketAddress) throws(Raised) -> Int32 {
    let s = layout(v)
    let fd = s.pointee.descriptor, timeout = s.pointee.timeout
    let (result, error) = waits(s) ? vm.unlocked { once(fd, address) } : once(fd, address)
    if result == 0 { return 0 }
    if error == EINTR { try vm.safepoint() }
    // Interrupted, the system goes on connecting.
    guard error == EINTR ? timeout != 0 : timeout > 0 && error == EINPROGRESS else { return error }
    var patience = SocketPatience(timeout)
    guard try SocketTransfers.wait(vm, fd, Int16(POLLOUT), &patience) else { return timeIsOver }
    var outcome: Int32 = 0
    var size = socklen_t(4)
    if getsockopt(fd, SOL_SOCKET, SO_ERROR, &outcome, &size) != 0 { return errno }
    return outcome == EISCONN ? 0 : outcome
  }
  private static func waits(_ s: Ref) -> Bool { s.pointee.timeout < 0 || s.pointee.family == AF_UNIX }
  private static func once(_ fd: Int32, _ address: SocketAddress) -> (Int32, Int32) {
    (address.use { Glibc.connect(fd, $0, $1) }, errno)
  }
}
