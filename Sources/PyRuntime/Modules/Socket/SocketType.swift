import Glibc

/// `_socket.socket`. `descriptor` is −1 when it is closed or was never opened.
struct SocketLayout {
  var header: CellHeader
  var descriptor: Int32
  var family: Int32
  var kind: Int32
  var proto: Int32
  /// In nanoseconds; negative: it waits for ever, 0: it does not wait. With one that is not negative the descriptor does not block.
  var timeout: Int
  /// The socket of CPython's that `_ssl` has in this one's place, or null
  var twin: Value
  /// Its fields; nil exactly when `twin` is null, which keeps them.
  var twinFields: UnsafeMutablePointer<SocketTwinFields>?

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: SocketLayout.self).pointee.twin)
  }
}

/// What `PySocketSockObject` (CPython 3.11, Modules/socketmodule.h) has behind the object's header.
package struct SocketTwinFields {
  package var descriptor: Int32
  package var family: Int32
  package var kind: Int32
  package var proto: Int32
  package var onError: UnsafeRawPointer?
  package var timeout: Int
}

enum SocketType {
  typealias Ref = UnsafeMutablePointer<SocketLayout>
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// As `SocketLayout.timeout`
  nonisolated(unsafe) static var defaultTimeout = forEver
  static let forEver = -1_000_000_000

  @inline(__always) static func layout(_ v: Value) -> Ref { v.as(SocketLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      socket(family=AF_INET, type=SOCK_STREAM, proto=0) -> socket object
      socket(family=-1, type=-1, proto=-1, fileno=None) -> socket object

      One end of a connection, or what waits for them. Children do not inherit it. With a descriptor of a socket, what is not given is
      asked of the system.
      """)
    t.trace(SocketLayout.trace)
    t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try make(vm, cls.asType)) }
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.finalize = VisitCode(finalize)
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      let s = layout(v).pointee
      return try vm.str("<socket object, fd=\(s.descriptor), family=\(s.family), type=\(s.kind), proto=\(s.proto)>")
    }
    t.field("family", "the socket family") { _, v in Value(smallInt: Int(layout(v).pointee.family)) }
    t.field("type", "the socket type") { _, v in Value(smallInt: Int(layout(v).pointee.kind)) }
    t.field("proto", "the socket protocol") { _, v in Value(smallInt: Int(layout(v).pointee.proto)) }
    t.getset("timeout", "the socket timeout") { (vm, v) throws(Raised) in try seconds(vm, layout(v).pointee.timeout) }
    declareState(&t)
    SocketConnections.declare(&t)
    SocketTransfers.declare(&t)
    SocketMessages.declare(&t)
  }

  // MARK: life

  private static func make(_ vm: VM, _ type: TypeRef) throws(Raised) -> Ref {
    let s = try vm.instance(SocketLayout.self, of: type)
    s.pointee.descriptor = -1
    s.pointee.timeout = forEver
    s.pointee.twin = .null
    s.pointee.twinFields = nil
    return s
  }

  /// A socket for an open descriptor, which is closed if that fails.
  static func make(_ vm: VM, descriptor: Int32, _ family: Int32, _ kind: Int32, _ proto: Int32) throws(Raised) -> Value {
    do throws(Raised) {
      let s = try make(vm, type)
      try open(vm, s, descriptor, family, kind, proto)
      return Value(s)
    } catch {
      _ = Glibc.close(descriptor)
      throw error
    }
  }

  private static func open(
    _ vm: VM, _ s: Ref, _ descriptor: Int32, _ family: Int32, _ kind: Int32, _ proto: Int32
  ) throws(Raised) {
    s.pointee.family = family
    s.pointee.kind = kind & ~(nonBlocking | closeOnExec)
    s.pointee.proto = proto
    if kind & nonBlocking != 0 {
      setTimeout(s, 0)
    } else {
      setTimeout(s, defaultTimeout)
      if defaultTimeout >= 0, !setBlocking(descriptor, false) { throw OSErrors.raise(vm, errno) }
    }
    setDescriptor(s, descriptor)
  }
  static let nonBlocking: Int32 = 0x800
  static let closeOnExec: Int32 = 0x80000

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    let count = args.count &+ args.keywordCount
    if count > 4 { throw vm.raise(.typeError, "socket() takes at most 4 arguments (\(count) given)") }
    try vm.bind(args, "socket", "(family=-1, type=-1, proto=-1, fileno=None)") { a throws(Raised) in
      var family = try SocketArgs.int(vm, a[0], -1), kind = try SocketArgs.int(vm, a[1], -1), proto = try SocketArgs.int(vm, a[2], -1)
      try vm.audit("socket.__new__") { () throws(Raised) in
        try vm.tuple(v, Value(smallInt: Int(family)), Value(smallInt: Int(kind)), Value(smallInt: Int(proto)))
      }
      let s = layout(v)
      if a[3].isNull || a[3].isNone {
        if family == -1 { family = AF_INET }
        if kind == -1 { kind = 1 }
        if proto == -1 { proto = 0 }
        let fd = Glibc.socket(family, kind | closeOnExec, proto)
        if fd < 0 { throw OSErrors.raise(vm, errno) }
        do throws(Raised) { try open(vm, s, fd, family, kind, proto) } catch {
          _ = Glibc.close(fd)
          throw error
        }
        return
      }
      let fd = try SocketArgs.descriptor(vm, a[3])
      if fd < 0 { throw vm.raise(.valueError, "negative file descriptor") }
      var address = SocketAddress()
      if !address.fill({ getsockname(fd, $0, $1) }) {
        if family == -1 || errno == EBADF || errno == ENOTSOCK { throw OSErrors.raise(vm, errno) }
      } else if family == -1 {
        family = address.family
      }
      if kind == -1 { kind = try option(vm, fd, SO_TYPE) }
      if proto == -1 { proto = try option(vm, fd, 38) }
      try open(vm, s, fd, family, kind, proto)
    }
  }

  private static func option(_ vm: VM, _ fd: Int32, _ name: Int32) throws(Raised) -> Int32 {
    var value: Int32 = 0
    var size = socklen_t(4)
    if getsockopt(fd, SOL_SOCKET, name, &value, &size) != 0 { throw OSErrors.raise(vm, errno) }
    return value
  }

  private static func finalize(_ vm: VM, _ v: Value) {
    let s = layout(v)
    if let fields = s.pointee.twinFields { SocketTwins.forget(fields) }
    guard s.pointee.descriptor >= 0 else { return }
    do throws(Raised) { try vm.warn(.resourceWarning, "unclosed \(vm.reprText(v))", source: v) } catch {
      if vm.pendingIs(.warning) { vm.writeUnraisable("", v) } else { vm.clearPending() }
    }
    // Not before: who shows the warning may ask the socket.
    let fd = s.pointee.descriptor
    setDescriptor(s, -1)
    if fd >= 0 { _ = Glibc.close(fd) }
  }

  /// Whether `v` is a socket that is closed and whose class has no finalizer of its own: nobody notices its end.
  static func isClean(_ v: Value) -> Bool {
    guard SocketModule.isLoaded, v.isInstance(of: type) else { return false }
    return layout(v).pointee.descriptor < 0 && v.cellType.pointee.slots.finalize == type.pointee.slots.finalize
  }

  // MARK: state

  @inline(__always) static func setDescriptor(_ s: Ref, _ descriptor: Int32) {
    s.pointee.descriptor = descriptor
    if let twin = s.pointee.twinFields { twin.pointee.descriptor = descriptor }
  }
  @inline(__always) private static func setTimeout(_ s: Ref, _ timeout: Int) {
    s.pointee.timeout = timeout
    if let twin = s.pointee.twinFields { twin.pointee.timeout = timeout }
  }
  /// Whether that was done; `errno` says why not.
  private static func setBlocking(_ descriptor: Int32, _ blocks: Bool) -> Bool {
    var flag: Int32 = blocks ? 0 : 1
    return ioctl(descriptor, UInt(FIONBIO), &flag) == 0
  }
  private static func change(_ vm: VM, _ v: Value, timeout: Int) throws(Raised) -> Value {
    setTimeout(layout(v), timeout)
    if !setBlocking(layout(v).pointee.descriptor, timeout < 0) { throw OSErrors.raise(vm, errno) }
    return .none
  }

  static func seconds(_ vm: VM, _ timeout: Int) throws(Raised) -> Value {
    if timeout < 0 { return .none }
    return Value(timeout % 1_000_000_000 == 0 ? Double(timeout / 1_000_000_000) : Double(timeout) / 1e9)
  }

  /// A timeout in seconds, or None.
  static func timeout(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    if v.isNone { return forEver }
    let ns = try TimeValues.timeout(vm, v)
    if ns < 0 { throw vm.raise(.valueError, "Timeout value out of range") }
    return ns
  }

  private static func declareState(_ t: inout TypeBuilder) {
    t.method("close", nil, "close()\n\nCloses the socket. It cannot be used afterwards.") { vm, v throws(Raised) in
      let s = layout(v)
      let fd = s.pointee.descriptor
      if fd < 0 { return .none }
      setDescriptor(s, -1)
      try close(vm, fd)
      return .none
    }
    t.method("detach", nil, "detach()\n\nCloses the socket, but not its descriptor, which is returned.") { (_, v) in
      let fd = layout(v).pointee.descriptor
      setDescriptor(layout(v), -1)
      return Value(smallInt: Int(fd))
    }
    t.method("fileno", nil, "fileno() -> integer\n\nThe descriptor; -1 when the socket is closed.") { (_, v) in
      Value(smallInt: Int(layout(v).pointee.descriptor))
    }
    t.method("settimeout", nil, "settimeout(timeout)\n\nHow many seconds to wait, at most; None for ever, 0 not at all.") {
      (vm, v, timeout: Value) throws(Raised) in try change(vm, v, timeout: try Self.timeout(vm, timeout))
    }
    t.method("gettimeout", nil, "gettimeout() -> timeout\n\nHow many seconds are waited at most, or None.") { vm, v throws(Raised) in
      try seconds(vm, layout(v).pointee.timeout)
    }
    t.method("setblocking", nil, "setblocking(flag)\n\nsetblocking(True) is settimeout(None), setblocking(False) is settimeout(0.0).") {
      (vm, v, flag: Value) throws(Raised) in
      let blocks = flag.isBool ? flag == .bool(true) : try PosixArgs.long(vm, flag) != 0
      return try change(vm, v, timeout: blocks ? forEver : 0)
    }
    t.method("getblocking", nil, "getblocking()\n\nWhether the socket waits.") { (_, v) in .bool(layout(v).pointee.timeout != 0) }
    declareOptions(&t)
  }

  /// Closes a descriptor. Among threads without giving up the interpreter lock, unless `SO_LINGER` makes it wait.
  static func close(_ vm: VM, _ fd: Int32) throws(Raised) {
    var patience = linger()
    var size = socklen_t(MemoryLayout<linger>.size)
    let result: Int32
    if InterpreterLock.isAlone || getsockopt(fd, SOL_SOCKET, SO_LINGER, &patience, &size) == 0 && patience.l_onoff == 0 {
      result = Glibc.close(fd)
    } else {
      result = vm.unlocked { Glibc.close(fd) }
    }
    // The peer may have closed the connection: no error.
    if result != 0, errno != ECONNRESET { throw OSErrors.raise(vm, errno) }
  }

  // MARK: options

  private static func declareOptions(_ t: inout TypeBuilder) {
    t.method(
      "getsockopt", nil,
      "getsockopt(level, option[, buffersize]) -> value\n\nAn option of the socket: an int, or with a size as many bytes."
    ) { (vm, v, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "getsockopt", 2, 3)
      let fd = layout(v).pointee.descriptor
      let level = try SocketArgs.int(vm, a[0]), name = try SocketArgs.int(vm, a[1]), count = try SocketArgs.int(vm, a[2], 0)
      if count == 0 {
        // Options of AF_VSOCK have 64 bits.
        let isWide = layout(v).pointee.family == 40 && level == 40
        var value = 0
        var size = socklen_t(isWide ? 8 : 4)
        if Glibc.getsockopt(fd, level, name, &value, &size) != 0 { throw OSErrors.raise(vm, errno) }
        return try vm.int(isWide ? value : Int(Int32(truncatingIfNeeded: value)))
      }
      if count < 0 || count > 1024 { throw vm.raise(.osError, "getsockopt buflen out of range") }
      let result = try vm.bytes(count: Int(count))
      var size = socklen_t(count)
      let memory = result.as(BytesLayout.self).bytes
      memset(memory, 0, Int(count))
      if Glibc.getsockopt(fd, level, name, memory, &size) != 0 { throw OSErrors.raise(vm, errno) }
      return size == socklen_t(count) ? result : try vm.bytes(UnsafeRawBufferPointer(start: memory, count: min(Int(size), Int(count))))
    }
    t.method(
      "setsockopt", nil,
      "setsockopt(level, option, value: int)\nsetsockopt(level, option, value: buffer)\nsetsockopt(level, option, None, optlen: int)\n\nSets an option of the socket."
    ) { (vm, v, a: Args) throws(Raised) in
      let fd = layout(v).pointee.descriptor
      if a.count == 4, a[2].isNone, a.keywordCount == 0 {
        let level = try SocketArgs.int(vm, a[0]), name = try SocketArgs.int(vm, a[1])
        let size = try PosixArgs.bits32(vm, a[3])
        if Glibc.setsockopt(fd, level, name, nil, size) != 0 { throw OSErrors.raise(vm, errno) }
        return .none
      }
      try SocketArgs.count(vm, a, "setsockopt", 3, 3)
      let level = try SocketArgs.int(vm, a[0]), name = try SocketArgs.int(vm, a[1])
      if layout(v).pointee.family == 40, level == 40, a[2].isInt {
        var value = try PosixArgs.long(vm, a[2])
        if Glibc.setsockopt(fd, level, name, &value, 8) != 0 { throw OSErrors.raise(vm, errno) }
        return .none
      }
      // What is no int that fits is a buffer, or no value.
      if a[2].isInt || a[2].isCell && a[2].type.pointee.slots.index != nil {
        let number = try vm.index(a[2])
        if number.isSmallInt, var value = Int32(exactly: number.smallInt) {
          if Glibc.setsockopt(fd, level, name, &value, 4) != 0 { throw OSErrors.raise(vm, errno) }
          return .none
        }
      }
      return try vm.withBytes(of: a[2]) { bytes throws(Raised) in
        if Glibc.setsockopt(fd, level, name, bytes.baseAddress, socklen_t(truncatingIfNeeded: bytes.count)) != 0 {
          throw OSErrors.raise(vm, errno)
        }
        return .none
      }
    }
  }
}

/// Arguments of sockets' functions, in the words of C's argument parser.
enum SocketArgs {
  @inline(__always)
  static func count(_ vm: VM, _ a: Args, _ name: StaticString, _ least: Int, _ most: Int) throws(Raised) {
    if a.count < least || a.count > most || !a.keywords.isNull { try refuse(vm, a, name, least, most) }
  }
  @inline(never)
  private static func refuse(_ vm: VM, _ a: Args, _ name: StaticString, _ least: Int, _ most: Int) throws(Raised) {
    if a.keywordCount > 0 { throw vm.raise(.typeError, "\(name)() takes no keyword arguments") }
    if a.count >= least && a.count <= most { return }
    let bound = a.count < least ? least : most
    let quantifier = least == most ? "exactly" : a.count < least ? "at least" : "at most"
    throw vm.raise(.typeError, "\(name)() takes \(quantifier) \(bound) argument\(bound == 1 ? "" : "s") (\(a.count) given)")
  }

  /// What C takes for an int.
  @inline(__always)
  static func int(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    if v.isSmallInt, let n = Int32(exactly: v.smallInt) { return n }
    return try otherInt(vm, v)
  }
  @inline(never)
  private static func otherInt(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let n = try PosixArgs.long(vm, v)
    if n > Int(Int32.max) { throw vm.raise(.overflowError, "signed integer is greater than maximum") }
    if n < Int(Int32.min) { throw vm.raise(.overflowError, "signed integer is less than minimum") }
    return Int32(truncatingIfNeeded: n)
  }
  @inline(__always)
  static func int(_ vm: VM, _ v: Value, _ fallback: Int32) throws(Raised) -> Int32 { v.isNull ? fallback : try int(vm, v) }

  /// The low bits of a long, as C's sockets take descriptors.
  static func descriptor(_ vm: VM, _ v: Value) throws(Raised) -> Int32 { Int32(truncatingIfNeeded: try PosixArgs.long(vm, v)) }
}

extension VM {
  /// Tells the audit hooks of an event.
  /// - Parameter arguments: its arguments, a tuple; made when there is a hook
  @inline(__always)
  func audit(_ event: StaticString, _ arguments: () throws(Raised) -> Value) throws(Raised) {
    if rt.pointee.auditHooks.isNull { return }
    let name = try intern(event), rest = try arguments()
    try forEach(rt.pointee.auditHooks) { (hook) throws(Raised) in _ = try call(hook, name, rest) }
  }
}
