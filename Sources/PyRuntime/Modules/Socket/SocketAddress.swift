import Glibc

/// Where a socket is, in the system's form: `bytes[0 ..< length]`, zero behind it. The fields lie where <netinet/in.h>, <sys/un.h> and their like have
/// them; the family comes first.
struct SocketAddress {
  var storage = sockaddr_storage()
  var length = socklen_t(0)

  /// The sizes of Linux's structs
  private enum Size {
    static let all = MemoryLayout<sockaddr_storage>.size
    static let inet = 16, inet6 = 28, netlink = 12, packet = 20, vsock = 16, can = 24, tipc = 16, router = 12, algorithm = 88
    static let path = 108
  }
  /// Address families that Glibc's module does not name
  enum Family {
    static let netlink: Int32 = 16, packet: Int32 = 17, can: Int32 = 29, tipc: Int32 = 30, algorithm: Int32 = 38, vsock: Int32 = 40
    static let router: Int32 = 42
  }

  var family: Int32 { Int32(storage.ss_family) }

  /// Calls what writes an address: its memory and the length.
  /// - Returns: whether it answered 0
  mutating func fill(_ call: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32) -> Bool {
    length = socklen_t(Size.all)
    let result = withUnsafeMutablePointer(to: &storage) { p in
      p.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, &length) }
    }
    length = min(length, socklen_t(Size.all))
    return result == 0
  }
  /// Calls what takes an address.
  func use<R>(_ call: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    withUnsafePointer(to: storage) { p in p.withMemoryRebound(to: sockaddr.self, capacity: 1) { call($0, length) } }
  }

  private func load<T>(_ offset: Int, _ type: T.Type) -> T {
    withUnsafeBytes(of: storage) { $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }
  private mutating func store<T>(_ value: T, _ offset: Int) {
    withUnsafeMutableBytes(of: &storage) { $0.storeBytes(of: value, toByteOffset: offset, as: T.self) }
  }
  private func bytes(_ vm: VM, _ range: Range<Int>) throws(Raised) -> Value {
    try vm.bytes(withUnsafeBytes(of: storage) { Array($0[range]) })
  }
  private func text(_ vm: VM, _ range: Range<Int>) throws(Raised) -> Value {
    try FileSystemText.decode(vm, withUnsafeBytes(of: storage) { Array($0[range].prefix { $0 != 0 }) })
  }

  // MARK: as Python has it

  /// As Python has it; None for none.
  func value(_ vm: VM, _ descriptor: Int32, proto: Int32 = 0) throws(Raised) -> Value {
    if length == 0 { return .none }
    switch family {
    case AF_INET:
      return try vm.tuple(try numeric(vm), Value(smallInt: Int(UInt16(bigEndian: load(2, UInt16.self)))))
    case AF_INET6:
      return try vm.tuple(
        try numeric(vm), Value(smallInt: Int(UInt16(bigEndian: load(2, UInt16.self)))),
        Value(smallInt: Int(UInt32(bigEndian: load(4, UInt32.self)))), Value(smallInt: Int(load(24, UInt32.self))))
    case AF_UNIX:
      let end = Int(length)
      if end > 2, load(2, UInt8.self) == 0 { return try bytes(vm, 2..<end) }
      return try text(vm, 2..<min(2 + Size.path, Size.all))
    case Family.netlink: return try pair(vm, 4, 8)
    case Family.vsock: return try pair(vm, 8, 4)
    case Family.router: return try pair(vm, 4, 8)
    case Family.packet:
      let index = load(4, Int32.self)
      var name = try vm.emptyStr()
      if index != 0 { name = try SocketInterfaces.name(vm, descriptor, index) }
      let count = min(Int(load(11, UInt8.self)), 8)
      return try values(
        vm, name, Value(smallInt: Int(UInt16(bigEndian: load(2, UInt16.self)))), Value(smallInt: Int(load(10, UInt8.self))),
        Value(smallInt: Int(load(8, UInt16.self))), try bytes(vm, 12..<12 + count))
    case Family.can:
      let index = load(4, Int32.self)
      var name = try vm.emptyStr()
      if index != 0 { name = try SocketInterfaces.name(vm, descriptor, index) }
      switch proto {
      case 6: return try vm.tuple(name, Value(smallInt: Int(load(8, UInt32.self))), Value(smallInt: Int(load(12, UInt32.self))))
      case 7:
        return try vm.tuple(
          name, try Ints.make(vm, unsigned: load(8, UInt64.self)), Value(smallInt: Int(load(16, UInt32.self))),
          Value(smallInt: Int(load(20, UInt8.self))))
      default: return try vm.tuple(name)
      }
    case Family.tipc:
      let kind = load(2, UInt8.self)
      guard kind >= 1, kind <= 3 else { throw vm.raise(.valueError, "Invalid address type") }
      func word(_ offset: Int) -> Value { Value(smallInt: Int(load(offset, UInt32.self))) }
      return try values(
        vm, Value(smallInt: Int(kind)), word(4), word(8), kind == 3 ? Value(smallInt: 0) : kind == 2 ? word(8) : word(12),
        Value(smallInt: Int(load(3, Int8.self))))
    case Family.algorithm: return try vm.tuple(try text(vm, 2..<16), try text(vm, 24..<88))
    default: return try vm.tuple(Value(smallInt: Int(family)), try bytes(vm, 2..<16))
    }
  }
  private func pair(_ vm: VM, _ first: Int, _ second: Int) throws(Raised) -> Value {
    try vm.tuple(Value(smallInt: Int(load(first, UInt32.self))), Value(smallInt: Int(load(second, UInt32.self))))
  }
  private func values(_ vm: VM, _ a: Value, _ b: Value, _ c: Value, _ d: Value, _ e: Value) throws(Raised) -> Value {
    var all = (a, b, c, d, e)
    return try withValues(&all) { p throws(Raised) in try vm.tuple(copying: p, count: 5) }
  }

  /// The address of AF_INET or AF_INET6 without the port, in numbers.
  func numeric(_ vm: VM) throws(Raised) -> Value {
    if family == AF_INET {
      // Numbers and points: as inet_ntop has them, without its calls of printf.
      var text = InlineText()
      for i in 0..<4 {
        if i > 0 { text.append(UInt8(ascii: ".")) }
        text.append(number: load(4 + i, UInt8.self))
      }
      return try text.str(vm)
    }
    var buffer = [CChar](repeating: 0, count: 64)
    let found = withUnsafeBytes(of: storage) { inet_ntop(AF_INET6, $0.baseAddress.map { $0 + 8 }, &buffer, 64) != nil }
    if !found { throw OSErrors.raise(vm, errno) }
    return try vm.str(String(cString: buffer))
  }

  /// Up to 15 characters
  private struct InlineText {
    var bytes: (UInt64, UInt64) = (0, 0)
    var count = 0
    mutating func append(_ c: UInt8) {
      if count < 8 { bytes.0 |= UInt64(c) << UInt64(count &* 8) } else { bytes.1 |= UInt64(c) << UInt64((count &- 8) &* 8) }
      count &+= 1
    }
    mutating func append(number n: UInt8) {
      if n >= 100 { append(48 &+ n / 100) }
      if n >= 10 { append(48 &+ n / 10 % 10) }
      append(48 &+ n % 10)
    }
    func str(_ vm: VM) throws(Raised) -> Value {
      var copy = bytes
      // `withUnsafeBytes` of a copy: the result is made inside.
      var result = Value.null
      withUnsafeBytes(of: &copy) { p in
        do throws(Raised) { result = try vm.str(ascii: UnsafeRawBufferPointer(rebasing: p[0..<count])) } catch { result = .null }
      }
      if result.isNull { throw Raised() }
      return result
    }
  }

  // MARK: from Python

  init() {}

  /// From what Python has for a socket of this family.
  /// - Parameter caller: the function, for messages
  init(_ vm: VM, _ socket: SocketType.Ref, _ v: Value, _ caller: StaticString) throws(Raised) {
    let family = socket.pointee.family
    storage.ss_family = sa_family_t(truncatingIfNeeded: family)
    switch family {
    case AF_INET:
      let items = try SocketAddress.items(vm, v, caller, "AF_INET")
      guard items.count == 2 else { throw vm.raise(.typeError, "AF_INET address must be a pair (host, port)") }
      let host = try SocketNames.host(vm, items[0])
      let port = try SocketAddress.port(vm, items[1], caller)
      try SocketNames.resolve(vm, host, AF_INET, &self)
      store(port.bigEndian, 2)
      length = socklen_t(Size.inet)
    case AF_INET6:
      let items = try SocketAddress.items(vm, v, caller, "AF_INET6")
      guard items.count >= 2, items.count <= 4 else {
        throw vm.raise(.typeError, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")
      }
      let host = try SocketNames.host(vm, items[0])
      let number = try SocketAddress.portNumber(vm, items[1], caller)
      let flow = items.count > 2 ? try PosixArgs.bits32(vm, items[2]) : 0
      let scope = items.count > 3 ? try PosixArgs.bits32(vm, items[3]) : 0
      try SocketNames.resolve(vm, host, AF_INET6, &self)
      guard let port = UInt16(exactly: number) else { throw vm.raise(.overflowError, "\(caller)(): port must be 0-65535.") }
      if flow > 0xFFFFF { throw vm.raise(.overflowError, "\(caller)(): flowinfo must be 0-1048575.") }
      store(port.bigEndian, 2)
      store(flow.bigEndian, 4)
      store(scope, 24)
      length = socklen_t(Size.inet6)
    case AF_UNIX: try setPath(vm, v)
    case Family.netlink:
      let items = try SocketAddress.items(vm, v, caller, "AF_NETLINK")
      guard items.count == 2 else { throw vm.raise(.typeError, "AF_NETLINK address must be a pair (pid, groups)") }
      store(try PosixArgs.bits32(vm, items[0]), 4)
      store(try PosixArgs.bits32(vm, items[1]), 8)
      length = socklen_t(Size.netlink)
    case Family.router:
      guard v.isTuple else {
        throw vm.raise(.typeError, "getsockaddrarg: AF_QIPCRTR address must be tuple, not \(TypeNames.short(v.type))")
      }
      try setPair(vm, v, 4, 8, Size.router)
    case Family.vsock:
      guard v.isTuple else {
        throw vm.raise(.typeError, "getsockaddrarg: AF_VSOCK address must be tuple, not \(TypeNames.short(v.type))")
      }
      try setPair(vm, v, 8, 4, Size.vsock)
    case Family.packet: try setPacket(vm, socket, v, caller)
    case Family.can: try setCAN(vm, socket, v, caller)
    case Family.tipc: try setTIPC(vm, v)
    case Family.algorithm: try setAlgorithm(vm, v, caller)
    default: throw vm.raise(.osError, "\(caller)(): bad family")
    }
  }

  private static func items(
    _ vm: VM, _ v: Value, _ caller: StaticString, _ family: StaticString
  ) throws(Raised) -> UnsafeBufferPointer<Value> {
    guard v.isTuple else {
      throw vm.raise(.typeError, "\(caller)(): \(family) address must be tuple, not \(TypeNames.short(v.type))")
    }
    let t = v.as(TupleLayout.self)
    return UnsafeBufferPointer(start: t.items, count: t.pointee.count)
  }

  /// A port, not yet known to be one.
  private static func portNumber(_ vm: VM, _ v: Value, _ caller: StaticString) throws(Raised) -> Int32 {
    do throws(Raised) { return try SocketArgs.int(vm, v) } catch {
      guard vm.pendingIs(.overflowError) else { throw error }
      vm.clearPending()
      throw vm.raise(.overflowError, "\(caller)(): port must be 0-65535.")
    }
  }
  private static func port(_ vm: VM, _ v: Value, _ caller: StaticString) throws(Raised) -> UInt16 {
    guard let port = UInt16(exactly: try portNumber(vm, v, caller)) else {
      throw vm.raise(.overflowError, "\(caller)(): port must be 0-65535.")
    }
    return port
  }

  private mutating func setPair(_ vm: VM, _ v: Value, _ first: Int, _ second: Int, _ size: Int) throws(Raised) {
    let t = v.as(TupleLayout.self)
    guard t.pointee.count == 2 else {
      throw vm.raise(.typeError, "getsockaddrarg() takes exactly 2 arguments (\(t.pointee.count) given)")
    }
    store(try PosixArgs.bits32(vm, t.items[0]), first)
    store(try PosixArgs.bits32(vm, t.items[1]), second)
    length = socklen_t(size)
  }

  private mutating func setPath(_ vm: VM, _ v: Value) throws(Raised) {
    var path: [UInt8]
    if v.isStr {
      path = try FileSystemText.encoded(vm, v)
    } else {
      var view = try vm.buffer(of: v, .simple)
      path = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      vm.release(&view)
    }
    // Linux's abstract names begin with a null, or are empty: the system gives one then.
    let isAbstract = path.first ?? 0 == 0
    guard isAbstract ? path.count <= Size.path : path.count < Size.path else { throw vm.raise(.osError, "AF_UNIX path too long") }
    if !isAbstract { path.append(0) }
    withUnsafeMutableBytes(of: &storage) { $0[2...].copyBytes(from: path) }
    length = socklen_t(2 + path.count)
  }

  private mutating func setPacket(_ vm: VM, _ socket: SocketType.Ref, _ v: Value, _ caller: StaticString) throws(Raised) {
    let items = try SocketAddress.items(vm, v, caller, "AF_PACKET")
    guard items.count >= 2, items.count <= 5 else {
      throw vm.raise(.typeError, "AF_PACKET address must be a tuple of two to five elements")
    }
    guard items[0].isStr else {
      throw vm.raise(.typeError, "AF_PACKET address must be a tuple of two to five elements")
    }
    let name = try FileSystemText.encoded(vm, items[0])
    let proto = try SocketArgs.int(vm, items[1])
    let kind = items.count > 2 ? try SocketArgs.int(vm, items[2]) : 0
    let hardware = items.count > 3 ? try SocketArgs.int(vm, items[3]) : 0
    var address: [UInt8] = []
    if items.count > 4 {
      var view = try vm.buffer(of: items[4], .simple)
      address = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      vm.release(&view)
      if address.count > 8 { throw vm.raise(.valueError, "Hardware address must be 8 bytes or less") }
    }
    let index = try SocketInterfaces.index(vm, socket.pointee.descriptor, name)
    guard let port = UInt16(exactly: proto) else { throw vm.raise(.overflowError, "\(caller)(): proto must be 0-65535.") }
    store(port.bigEndian, 2)
    store(index, 4)
    store(UInt16(truncatingIfNeeded: hardware), 8)
    store(UInt8(truncatingIfNeeded: kind), 10)
    store(UInt8(address.count), 11)
    withUnsafeMutableBytes(of: &storage) { $0[12...].copyBytes(from: address) }
    length = socklen_t(Size.packet)
  }

  private mutating func setCAN(_ vm: VM, _ socket: SocketType.Ref, _ v: Value, _ caller: StaticString) throws(Raised) {
    let proto = socket.pointee.proto
    let shape: (count: Int, text: StaticString)
    switch proto {
    case 1, 2: shape = (1, "(interface, )")
    case 6: shape = (3, "(interface, rx_addr, tx_addr)")
    case 7: shape = (4, "(interface, name, pgn, addr)")
    default: throw vm.raise(.osError, "\(caller)(): unsupported CAN protocol")
    }
    let items = try SocketAddress.items(vm, v, caller, "AF_CAN")
    guard items.count == shape.count else { throw vm.raise(.typeError, "AF_CAN address must be a tuple \(shape.text)") }
    let name = try PathArg(vm, items[0], caller).bytes.dropLast().map { UInt8(bitPattern: $0) }
    if name.count >= 16 { throw vm.raise(.osError, "AF_CAN interface name too long") }
    if !name.isEmpty { store(try SocketInterfaces.index(vm, socket.pointee.descriptor, name), 4) }
    if proto == 6 {
      store(try PosixArgs.bits32(vm, items[1]), 8)
      store(try PosixArgs.bits32(vm, items[2]), 12)
    } else if proto == 7 {
      store(UInt64(bitPattern: Int64(try PosixArgs.long(vm, items[1]))), 8)
      store(try PosixArgs.bits32(vm, items[2]), 16)
      store(UInt8(truncatingIfNeeded: try PosixArgs.bits32(vm, items[3])), 20)
    }
    length = socklen_t(Size.can)
  }

  private mutating func setTIPC(_ vm: VM, _ v: Value) throws(Raised) {
    let message: StaticString = "TIPC address must be a tuple (addr_type, v1, v2, v3[, scope])"
    guard v.isTuple else { throw vm.raise(.typeError, "getsockaddrarg: AF_TIPC address must be tuple, not \(TypeNames.short(v.type))") }
    let t = v.as(TupleLayout.self)
    guard t.pointee.count == 4 || t.pointee.count == 5 else { throw vm.raise(.typeError, "\(message)") }
    let kind = try PosixArgs.bits32(vm, t.items[0])
    let scope: UInt32 = t.pointee.count > 4 ? try PosixArgs.bits32(vm, t.items[4]) : 2
    guard kind >= 1, kind <= 3 else { throw vm.raise(.typeError, "Invalid address type") }
    store(UInt8(truncatingIfNeeded: kind), 2)
    store(Int8(truncatingIfNeeded: scope), 3)
    for i in 0..<3 where i < 2 || kind == 1 { store(try PosixArgs.bits32(vm, t.items[i + 1]), 4 + 4 * i) }
    length = socklen_t(Size.tipc)
  }

  private mutating func setAlgorithm(_ vm: VM, _ v: Value, _ caller: StaticString) throws(Raised) {
    let items = try SocketAddress.items(vm, v, caller, "AF_ALG")
    guard items.count >= 2, items.count <= 4, items[0].isStr, items[1].isStr else {
      throw vm.raise(.typeError, "AF_ALG address must be a tuple (type, name[, feat[, mask]])")
    }
    let kind = try FileSystemText.encoded(vm, items[0]), name = try FileSystemText.encoded(vm, items[1])
    // Types of 14 bytes have no null at their end.
    if kind.count > 14 { throw vm.raise(.valueError, "AF_ALG type too long.") }
    if name.count >= 64 { throw vm.raise(.valueError, "AF_ALG name too long.") }
    withUnsafeMutableBytes(of: &storage) {
      $0[2...].copyBytes(from: kind)
      $0[24...].copyBytes(from: name)
    }
    if items.count > 2 { store(try PosixArgs.bits32(vm, items[2]), 16) }
    if items.count > 3 { store(try PosixArgs.bits32(vm, items[3]), 20) }
    length = socklen_t(Size.algorithm)
  }

  /// Of AF_INET or AF_INET6, without a port.
  mutating func set(ip: UnsafeRawPointer, _ family: Int32) {
    storage.ss_family = sa_family_t(truncatingIfNeeded: family)
    withUnsafeMutableBytes(of: &storage) {
      $0[(family == AF_INET ? 4 : 8)...].copyBytes(from: UnsafeRawBufferPointer(start: ip, count: family == AF_INET ? 4 : 16))
    }
    length = socklen_t(family == AF_INET ? Size.inet : Size.inet6)
  }
  /// A copy of what the system has.
  init(copying address: UnsafePointer<sockaddr>?, _ count: socklen_t) {
    guard let address else { return }
    length = min(count, socklen_t(Size.all))
    withUnsafeMutableBytes(of: &storage) { $0.copyBytes(from: UnsafeRawBufferPointer(start: address, count: Int(length))) }
  }
}

/// Names and numbers of network interfaces, by a socket's ioctl.
enum SocketInterfaces {
  static func index(_ vm: VM, _ descriptor: Int32, _ name: [UInt8]) throws(Raised) -> Int32 {
    var request = ifreq()
    withUnsafeMutableBytes(of: &request) { $0.copyBytes(from: name.prefix(15)) }
    // SIOCGIFINDEX
    if ioctl(descriptor, 0x8933, &request) < 0 { throw OSErrors.raise(vm, errno) }
    return withUnsafeBytes(of: request) { $0.loadUnaligned(fromByteOffset: 16, as: Int32.self) }
  }
  /// The empty str if there is none.
  static func name(_ vm: VM, _ descriptor: Int32, _ index: Int32) throws(Raised) -> Value {
    var request = ifreq()
    withUnsafeMutableBytes(of: &request) { $0.storeBytes(of: index, toByteOffset: 16, as: Int32.self) }
    // SIOCGIFNAME
    if ioctl(descriptor, 0x8910, &request) != 0 { return try vm.emptyStr() }
    return try FileSystemText.decode(vm, withUnsafeBytes(of: request) { Array($0.prefix(16).prefix { $0 != 0 }) })
  }
}
