import CRuntimeSupport
import Glibc

/// `_socket`: native because servers and clients would need libpython for nothing else, and because each call of a socket crossed.
///
/// What `_ssl`, which is libpython's, has of a socket: `SocketTwins`.
enum SocketModule {
  /// Whether there is a type of sockets.
  nonisolated(unsafe) private(set) static var isLoaded = false

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Sockets of the operating system. The module socket is the way to use them.")
    m.value("error", Value(rt.types[.osError]))
    m.value("timeout", Value(rt.types[.timeoutError]))
    // One class of each, however often the module is made anew.
    if SocketNames.hostError.isNull {
      SocketNames.hostError = try m.exceptionClass("herror", of: "socket", base: Value(rt.types[.osError]))
      SocketNames.addressError = try m.exceptionClass("gaierror", of: "socket", base: Value(rt.types[.osError]))
    }
    m.value("herror", SocketNames.hostError)
    m.value("gaierror", SocketNames.addressError)
    SocketType.type = try m.type(
      full: "_socket.socket", "socket", layoutSize: MemoryLayout<SocketLayout>.size, flags: [.baseType, .finalized], SocketType.declare)
    isLoaded = true
    m.value("SocketType", Value(SocketType.type))
    m.value("has_ipv6", .bool(true))
    m.str("BDADDR_ANY", "00:00:00:00:00:00")
    m.str("BDADDR_LOCAL", "00:00:00:FF:FF:FF")
    try SocketConstants.declare(m)
    SocketNames.declare(m)
    declareDescriptors(m)
    declareNumbers(m)
    declareAddresses(m)
    declareMachine(m)
  }

  private static func declareDescriptors(_ m: ModuleBuilder) {
    m.function(
      "socketpair", nil, "socketpair([family[, type [, proto]]]) -> (socket object, socket object)\n\nTwo sockets that are connected."
    ) {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "socketpair", 0, 3)
      let family = try SocketArgs.int(vm, a[0], AF_UNIX), kind = try SocketArgs.int(vm, a[1], 1), proto = try SocketArgs.int(vm, a[2], 0)
      var pair: (Int32, Int32) = (-1, -1)
      let result = withUnsafeMutableBytes(of: &pair) {
        Glibc.socketpair(family, kind | SocketType.closeOnExec, proto, $0.baseAddress?.assumingMemoryBound(to: Int32.self))
      }
      if result < 0 { throw OSErrors.raise(vm, errno) }
      let first: Value
      do throws(Raised) { first = try SocketType.make(vm, descriptor: pair.0, family, kind, proto) } catch {
        _ = Glibc.close(pair.1)
        throw error
      }
      return try vm.tuple(first, try SocketType.make(vm, descriptor: pair.1, family, kind, proto))
    }
    m.function("close", nil, "close(integer) -> None\n\nCloses a socket by its descriptor.") { (vm, _, v: Value) throws(Raised) in
      try SocketType.close(vm, try SocketArgs.descriptor(vm, v))
      return .none
    }
    m.function("dup", nil, "dup(integer) -> integer\n\nA copy of a descriptor, which children do not inherit.") {
      (vm, _, v: Value) throws(Raised) in
      let fd = fcntl(try SocketArgs.descriptor(vm, v), F_DUPFD_CLOEXEC, 0)
      if fd < 0 { throw OSErrors.raise(vm, errno) }
      return Value(smallInt: Int(fd))
    }
    m.function("getdefaulttimeout", nil, "getdefaulttimeout() -> timeout\n\nThe timeout of new sockets, in seconds, or None.") {
      vm, _ throws(Raised) in try SocketType.seconds(vm, SocketType.defaultTimeout)
    }
    m.function("setdefaulttimeout", nil, "setdefaulttimeout(timeout)\n\nSets the timeout of new sockets, in seconds, or None.") {
      (vm, _, v: Value) throws(Raised) in
      SocketType.defaultTimeout = try SocketType.timeout(vm, v)
      return .none
    }
    m.function("CMSG_LEN", nil, "CMSG_LEN(length) -> control message length\n\nThe length of ancillary data with its header.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "CMSG_LEN", 1, 1)
      let n = try vm.asInt(a[0])
      guard n >= 0, n <= Int(Int32.max) - SocketMessages.headerSize else {
        throw vm.raise(.overflowError, "CMSG_LEN() argument out of range")
      }
      return Value(smallInt: SocketMessages.headerSize + n)
    }
    m.function("CMSG_SPACE", nil, "CMSG_SPACE(length) -> buffer size\n\nRoom for ancillary data of that length, padding included.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "CMSG_SPACE", 1, 1)
      let n = try vm.asInt(a[0])
      // The padding before and behind the data counts.
      guard n >= 0, n <= Int(Int32.max) - SocketMessages.headerSize - 8 else {
        throw vm.raise(.overflowError, "CMSG_SPACE() argument out of range")
      }
      return Value(smallInt: SocketMessages.headerSize + SocketMessages.aligned(n))
    }
  }

  // MARK: numbers

  private static func declareNumbers(_ m: ModuleBuilder) {
    m.function("ntohs", nil, "ntohs(integer) -> integer\n\nA number of 16 bits from the network's order of bytes.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "ntohs", 1, 1)
      return try short(vm, a[0], "ntohs")
    }
    m.function("htons", nil, "htons(integer) -> integer\n\nA number of 16 bits in the network's order of bytes.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "htons", 1, 1)
      return try short(vm, a[0], "htons")
    }
    m.function("ntohl", nil, "ntohl(integer) -> integer\n\nA number of 32 bits from the network's order of bytes.") {
      (vm, _, v: Value) throws(Raised) in
      try long(vm, v)
    }
    m.function("htonl", nil, "htonl(integer) -> integer\n\nA number of 32 bits in the network's order of bytes.") {
      (vm, _, v: Value) throws(Raised) in
      try long(vm, v)
    }
  }
  private static func short(_ vm: VM, _ v: Value, _ function: StaticString) throws(Raised) -> Value {
    let n = try SocketArgs.int(vm, v)
    if n < 0 { throw vm.raise(.overflowError, "\(function): can't convert negative Python int to C 16-bit unsigned integer") }
    guard let short = UInt16(exactly: n) else {
      throw vm.raise(.overflowError, "\(function): Python int too large to convert to C 16-bit unsigned integer")
    }
    return Value(smallInt: Int(short.bigEndian))
  }
  private static func long(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard v.isInt else { throw vm.raise(.typeError, "expected int, \(TypeNames.short(v.type)) found") }
    if Ints.sign(v) < 0 { throw vm.raise(.overflowError, "can't convert negative value to unsigned int") }
    let n = try vm.index(v)
    guard n.isSmallInt else {
      guard Ints.asInt64(n) != nil else { throw vm.raise(.overflowError, "Python int too large to convert to C unsigned long") }
      throw vm.raise(.overflowError, "int larger than 32 bits")
    }
    guard let long = UInt32(exactly: n.smallInt) else { throw vm.raise(.overflowError, "int larger than 32 bits") }
    return Value(smallInt: Int(long.bigEndian))
  }

  // MARK: addresses

  private static func declareAddresses(_ m: ModuleBuilder) {
    m.function("inet_aton", nil, "inet_aton(string) -> bytes giving packed 32-bit IP representation\n\nAn IPv4 address in four bytes.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "inet_aton", 1, 1)
      let text = try SocketNames.cString(vm, a[0], "inet_aton", 1)
      var address = in_addr()
      if Glibc.inet_aton(text, &address) == 0 { throw vm.raise(.osError, "illegal IP address string passed to inet_aton") }
      return try vm.bytes(withUnsafeBytes(of: address) { Array($0) })
    }
    m.function("inet_ntoa", nil, "inet_ntoa(packed_ip) -> ip_address_string\n\nAn IPv4 address of four bytes in numbers.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "inet_ntoa", 1, 1)
      return try vm.withBytes(of: a[0]) { bytes throws(Raised) in
        guard bytes.count == 4, let base = bytes.baseAddress else { throw vm.raise(.osError, "packed IP wrong length for inet_ntoa") }
        return try numeric(vm, base, AF_INET)
      }
    }
    m.function("inet_pton", nil, "inet_pton(af, ip) -> packed IP address string\n\nAn address of the family in bytes.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "inet_pton", 2, 2)
      let family = try SocketArgs.int(vm, a[0])
      let text = try SocketNames.cString(vm, a[1], "inet_pton", 2)
      var packed: (UInt64, UInt64) = (0, 0)
      let result = withUnsafeMutableBytes(of: &packed) { Glibc.inet_pton(family, text, $0.baseAddress) }
      if result < 0 { throw OSErrors.raise(vm, errno) }
      if result == 0 { throw vm.raise(.osError, "illegal IP address string passed to inet_pton") }
      return try vm.bytes(withUnsafeBytes(of: packed) { Array($0.prefix(family == AF_INET ? 4 : 16)) })
    }
    m.function("inet_ntop", nil, "inet_ntop(af, packed_ip) -> string formatted IP address\n\nAn address of the family in numbers.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "inet_ntop", 2, 2)
      let family = try SocketArgs.int(vm, a[0])
      return try vm.withBytes(of: a[1]) { bytes throws(Raised) in
        guard family == AF_INET || family == AF_INET6 else { throw vm.raise(.valueError, "unknown address family \(family)") }
        guard bytes.count == (family == AF_INET ? 4 : 16), let base = bytes.baseAddress else {
          throw vm.raise(.valueError, "invalid length of packed IP address string")
        }
        return try numeric(vm, base, family)
      }
    }
  }
  private static func numeric(_ vm: VM, _ ip: UnsafeRawPointer, _ family: Int32) throws(Raised) -> Value {
    var address = SocketAddress()
    address.set(ip: ip, family)
    return try address.numeric(vm)
  }

  // MARK: the machine

  private static func declareMachine(_ m: ModuleBuilder) {
    m.function("gethostname", nil, "gethostname() -> string\n\nThe name of this machine.") { vm, _ throws(Raised) in
      try vm.audit("socket.gethostname") { () throws(Raised) in try vm.tuple(count: 0) }
      var name = [CChar](repeating: 0, count: 1024)
      if Glibc.gethostname(&name, 1023) != 0 { throw OSErrors.raise(vm, errno) }
      return try SocketNames.text(vm, name)
    }
    m.function("sethostname", nil, "sethostname(name)\n\nSets the name of this machine.") { (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "sethostname", 1, 1)
      let name = try encoded(vm, a[0])
      try vm.audit("socket.sethostname") { () throws(Raised) in try vm.tuple(a[0]) }
      if Glibc.sethostname(name, name.count - 1) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("if_nameindex", nil, "if_nameindex()\n\nNumbers and names of the network interfaces.") { vm, _ throws(Raised) in
      guard let all = amphis_interfaces() else { throw OSErrors.raise(vm, errno) }
      defer { if_freenameindex(all) }
      let list = try vm.list()
      var i = 0
      while all[i].if_index != 0, let name = all[i].if_name {
        try vm.append(list, try vm.tuple(Value(smallInt: Int(all[i].if_index)), try SocketNames.text(vm, name)))
        i += 1
      }
      return list
    }
    m.function("if_nametoindex", nil, "if_nametoindex(if_name)\n\nThe number of a network interface.") { (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "if_nametoindex", 1, 1)
      let index = Glibc.if_nametoindex(try encoded(vm, a[0]))
      if index == 0 { throw vm.raise(.osError, "no interface with this name") }
      return Value(smallInt: Int(index))
    }
    m.function("if_indextoname", nil, "if_indextoname(if_index)\n\nThe name of a network interface.") { (vm, _, v: Value) throws(Raised) in
      guard v.isInt else { throw vm.raise(.typeError, "an integer is required") }
      if Ints.sign(v) < 0 { throw vm.raise(.overflowError, "can't convert negative value to unsigned int") }
      let n = try vm.index(v)
      guard n.isSmallInt else { throw vm.raise(.overflowError, "Python int too large to convert to C unsigned long") }
      var name = [CChar](repeating: 0, count: 17)
      if Glibc.if_indextoname(UInt32(truncatingIfNeeded: n.smallInt), &name) == nil { throw OSErrors.raise(vm, errno) }
      return try SocketNames.text(vm, name)
    }
  }

  /// A name as `os.fsencode` has it, with a null at its end.
  private static func encoded(_ vm: VM, _ v: Value) throws(Raised) -> [CChar] {
    var v = v
    if !v.isStr, !v.isBytes {
      let path = try PathArg.fspath(vm, v)
      if path.isNull {
        throw vm.raise(.typeError, "expected str, bytes or os.PathLike object, not \(TypeNames.short(v.type))")
      }
      v = path
    }
    let bytes = v.isBytes ? Array(v.as(BytesLayout.self).buffer) : try FileSystemText.encoded(vm, v)
    if bytes.contains(0) { throw vm.raise(.valueError, "embedded null byte") }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }
}
