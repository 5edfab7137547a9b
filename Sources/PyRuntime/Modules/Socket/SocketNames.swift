import Glibc

/// Names of hosts, services and protocols, by the C library.
enum SocketNames {
  nonisolated(unsafe) static var addressError = Value.null
  nonisolated(unsafe) static var hostError = Value.null

  // MARK: errors

  /// A gaierror, or the OSError that it stands for.
  static func failed(_ vm: VM, _ error: Int32) -> Raised {
    // EAI_SYSTEM
    if error == -11 { return OSErrors.raise(vm, errno) }
    return raise(vm, addressError, error, gai_strerror(error))
  }
  private static func raise(_ vm: VM, _ cls: Value, _ error: Int32, _ text: UnsafePointer<CChar>?) -> Raised {
    do throws(Raised) {
      let message = try vm.str(text.map { String(cString: $0) } ?? "host not found")
      return vm.raise(try vm.call(cls, Value(smallInt: Int(error)), message))
    } catch { return error }
  }

  // MARK: names of hosts

  /// A host as Python has it in an address: a str, bytes or a bytearray. Null-terminated.
  static func host(_ vm: VM, _ v: Value) throws(Raised) -> [CChar] {
    var name: [UInt8]
    if v.isStr {
      if v.as(StrLayout.self).isASCII {
        name = Array(v.as(StrLayout.self).latin1)
      } else {
        do throws(Raised) { name = try idna(vm, v) } catch {
          vm.clearPending()
          throw vm.raise(.typeError, "encoding of hostname failed")
        }
      }
    } else if v.isBytes || v.isInstance(of: rt.types.bytearray) {
      var view = try vm.buffer(of: v, .simple)
      name = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      vm.release(&view)
    } else {
      throw vm.raise(.typeError, "str, bytes or bytearray expected, not \(TypeNames.short(v.type))")
    }
    if name.contains(0) { throw vm.raise(.typeError, "host name must not contain null character") }
    return name.map { CChar(bitPattern: $0) } + [0]
  }

  /// What the codec idna makes of a name. Names in ASCII are as they are if their parts are neither empty nor too long; no need to import the codec.
  private static func idna(_ vm: VM, _ v: Value) throws(Raised) -> [UInt8] {
    let s = v.as(StrLayout.self)
    if s.isASCII {
      let name = Array(s.latin1)
      let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      if parts.dropLast().allSatisfy({ !$0.isEmpty && $0.count < 64 }), parts.last.map({ $0.count < 64 }) ?? true { return name }
    }
    let encoded = try vm.callMethod(v, "encode", try vm.intern("idna"))
    guard encoded.isBytes else { throw vm.raise(.typeError, "encoding of hostname failed") }
    return Array(encoded.as(BytesLayout.self).buffer)
  }

  /// The argument of the functions that take a host's name.
  private static func name(_ vm: VM, _ v: Value, _ function: StaticString) throws(Raised) -> [CChar] {
    var name: [UInt8]
    if v.isStr {
      name = try idna(vm, v)
    } else if v.isBytes || v.isInstance(of: rt.types.bytearray) {
      var view = try vm.buffer(of: v, .simple)
      name = Array(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
      vm.release(&view)
    } else {
      throw vm.raise(.typeError, "\(function)() argument 1 must be str, bytes or bytearray, not \(v.argumentTypeName)")
    }
    if name.contains(0) {
      throw vm.raise(
        .typeError, "\(function)() argument 1 must be encoded string without null bytes, not \(v.argumentTypeName)")
    }
    return name.map { CChar(bitPattern: $0) } + [0]
  }

  /// The first address of a host; its family is that one's.
  static func resolve(_ vm: VM, _ host: [CChar], _ family: Int32, _ address: inout SocketAddress) throws(Raised) {
    if host.count <= 1 {
      // Any address of this machine
      if family == AF_UNSPEC { throw vm.raise(.osError, "wildcard resolved to multiple address") }
      var any: (UInt64, UInt64) = (0, 0)
      withUnsafeBytes(of: &any) { if let base = $0.baseAddress { address.set(ip: base, family) } }
      return
    }
    func isEqual(_ name: StaticString) -> Bool {
      host.withUnsafeBufferPointer {
        $0.baseAddress.map { strcmp($0, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)) == 0 } ?? false
      }
    }
    if isEqual("255.255.255.255") || isEqual("<broadcast>") {
      guard family == AF_INET || family == AF_UNSPEC else { throw vm.raise(.osError, "address family mismatched") }
      var all = UInt32.max
      withUnsafeBytes(of: &all) { if let base = $0.baseAddress { address.set(ip: base, AF_INET) } }
      return
    }
    // Numbers need no look-up.
    var numbers = (UInt64(0), UInt64(0))
    var found: Int32 = 0
    withUnsafeMutableBytes(of: &numbers) { p in
      if family != AF_INET6, inet_pton(AF_INET, host, p.baseAddress) == 1 {
        found = AF_INET
      } else if family != AF_INET, !host.contains(CChar(UInt8(ascii: "%"))), inet_pton(AF_INET6, host, p.baseAddress) == 1 {
        found = AF_INET6
      }
      if found != 0, let base = p.baseAddress { address.set(ip: base, found) }
    }
    if found != 0 { return }
    var hints = addrinfo()
    hints.ai_family = family
    var list: UnsafeMutablePointer<addrinfo>?
    let error = vm.unlocked { Glibc.getaddrinfo(host, nil, &hints, &list) }
    if error != 0 { throw failed(vm, error) }
    defer { freeaddrinfo(list) }
    if let first = list { address = SocketAddress(copying: first.pointee.ai_addr, first.pointee.ai_addrlen) }
  }

  // MARK: functions

  static func declare(_ m: ModuleBuilder) {
    m.function("gethostbyname", nil, "gethostbyname(host) -> address\n\nThe IP address of a host, a str of numbers.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "gethostbyname", 1, 1)
      let name = try name(vm, a[0], "gethostbyname")
      try vm.audit("socket.gethostbyname") { () throws(Raised) in try vm.tuple(a[0]) }
      var address = SocketAddress()
      try resolve(vm, name, AF_INET, &address)
      return try address.numeric(vm)
    }
    m.function(
      "gethostbyname_ex", nil, "gethostbyname_ex(host) -> (name, aliaslist, addresslist)\n\nWhat is known of a host, by its name."
    ) { (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "gethostbyname_ex", 1, 1)
      let name = try name(vm, a[0], "gethostbyname_ex")
      try vm.audit("socket.gethostbyname") { () throws(Raised) in try vm.tuple(a[0]) }
      var address = SocketAddress()
      try resolve(vm, name, AF_INET, &address)
      return try entry(vm, AF_INET) { gethostbyname_r(name, $0, $1, $2, $3, $4) }
    }
    m.function("gethostbyaddr", nil, "gethostbyaddr(host) -> (name, aliaslist, addresslist)\n\nWhat is known of a host, by its IP address.")
    {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "gethostbyaddr", 1, 1)
      let name = try name(vm, a[0], "gethostbyaddr")
      try vm.audit("socket.gethostbyaddr") { () throws(Raised) in try vm.tuple(a[0]) }
      var address = SocketAddress()
      try resolve(vm, name, AF_UNSPEC, &address)
      let family = address.family
      guard family == AF_INET || family == AF_INET6 else { throw vm.raise(.osError, "unsupported address family") }
      return try entry(vm, family) { result, buffer, size, found, error in
        address.use { p, _ in
          gethostbyaddr_r(
            UnsafeRawPointer(p) + (family == AF_INET ? 4 : 8), family == AF_INET ? 4 : 16, family, result, buffer, size, found, error)
        }
      }
    }
    m.function(
      "getaddrinfo", nil,
      "getaddrinfo(host, port [, family, type, proto, flags])\n    -> list of (family, type, proto, canonname, sockaddr)\n\nWhere a host's service can be reached.",
      getAddresses)
    m.function("getnameinfo", nil, "getnameinfo(sockaddr, flags) --> (host, port)\n\nNames of a host and of a port.", getNames)
    declareServices(m)
  }

  /// An entry of the database of hosts.
  private static func entry(
    _ vm: VM, _ family: Int32,
    _ get: (
      UnsafeMutablePointer<hostent>, UnsafeMutablePointer<CChar>, Int, UnsafeMutablePointer<UnsafeMutablePointer<hostent>?>,
      UnsafeMutablePointer<Int32>
    ) -> Int32
  ) throws(Raised) -> Value {
    let size = 16384
    let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
    defer { buffer.deallocate() }
    var host = hostent()
    var found: UnsafeMutablePointer<hostent>?
    var error: Int32 = 0
    _ = vm.unlocked { get(&host, buffer, size, &found, &error) }
    guard let found else { throw raise(vm, hostError, error, hstrerror(error)) }
    if found.pointee.h_addrtype != family { throw OSErrors.raise(vm, EAFNOSUPPORT) }
    let aliases = try vm.list(), addresses = try vm.list()
    var p = found.pointee.h_aliases
    while let alias = p?.pointee {
      try vm.append(aliases, try text(vm, alias))
      p = p?.advanced(by: 1)
    }
    p = found.pointee.h_addr_list
    while let ip = p?.pointee {
      var address = SocketAddress()
      address.set(ip: ip, family)
      try vm.append(addresses, try address.numeric(vm))
      p = p?.advanced(by: 1)
    }
    return try vm.tuple(found.pointee.h_name == nil ? .none : try text(vm, found.pointee.h_name), aliases, addresses)
  }
  static func text(_ vm: VM, _ p: UnsafePointer<CChar>) throws(Raised) -> Value {
    try FileSystemText.decode(vm, UnsafeRawBufferPointer(start: p, count: strlen(p)))
  }

  private static let getAddresses: NativeMany = { vm, _, given throws(Raised) in
    try vm.bind(given, "getaddrinfo", "(host, port, family=0, type=0, proto=0, flags=0)") { a throws(Raised) in
      let family = try SocketArgs.int(vm, a[2], 0), kind = try SocketArgs.int(vm, a[3], 0)
      let proto = try SocketArgs.int(vm, a[4], 0), flags = try SocketArgs.int(vm, a[5], 0)
      var host: [CChar]?, port: [CChar]?
      if a[0].isStr {
        host = try idna(vm, a[0]).map { CChar(bitPattern: $0) } + [0]
      } else if a[0].isBytes {
        host = a[0].as(BytesLayout.self).buffer.map { CChar(bitPattern: $0) } + [0]
      } else if !a[0].isNone {
        throw vm.raise(.typeError, "getaddrinfo() argument 1 must be string or None")
      }
      if a[1].isExactInt {
        port = String(try PosixArgs.long(vm, a[1])).utf8.map { CChar(bitPattern: $0) } + [0]
      } else if a[1].isStr {
        let text = try vm.callMethod(a[1], "encode")
        if text.isBytes { port = text.as(BytesLayout.self).buffer.map { CChar(bitPattern: $0) } + [0] }
      } else if a[1].isBytes {
        port = a[1].as(BytesLayout.self).buffer.map { CChar(bitPattern: $0) } + [0]
      } else if !a[1].isNone {
        throw vm.raise(.osError, "Int or String expected")
      }
      try vm.audit("socket.getaddrinfo") { () throws(Raised) in
        var all = (a[0], a[1], Value(smallInt: Int(family)), Value(smallInt: Int(kind)), Value(smallInt: Int(proto)))
        return try withValues(&all) { p throws(Raised) in try vm.tuple(copying: p, count: 5) }
      }
      var hints = addrinfo()
      hints.ai_family = family
      hints.ai_socktype = kind
      hints.ai_protocol = proto
      hints.ai_flags = flags
      var list: UnsafeMutablePointer<addrinfo>?
      let error = vm.unlocked { find(host, port, &hints, &list) }
      if error != 0 { throw failed(vm, error) }
      defer { freeaddrinfo(list) }
      let result = try vm.list()
      var next = list
      while let one = next {
        let address = try SocketAddress(copying: one.pointee.ai_addr, one.pointee.ai_addrlen).value(vm, -1, proto: proto)
        let name = one.pointee.ai_canonname == nil ? try vm.emptyStr() : try text(vm, one.pointee.ai_canonname)
        var all = (
          Value(smallInt: Int(one.pointee.ai_family)), Value(smallInt: Int(one.pointee.ai_socktype)),
          Value(smallInt: Int(one.pointee.ai_protocol)), name, address
        )
        try vm.append(result, try withValues(&all) { p throws(Raised) in try vm.tuple(copying: p, count: 5) })
        next = one.pointee.ai_next
      }
      return result
    }
  }
  private static func find(
    _ host: [CChar]?, _ port: [CChar]?, _ hints: UnsafePointer<addrinfo>, _ list: UnsafeMutablePointer<UnsafeMutablePointer<addrinfo>?>
  ) -> Int32 {
    if let host, let port { return Glibc.getaddrinfo(host, port, hints, list) }
    if let host { return Glibc.getaddrinfo(host, nil, hints, list) }
    if let port { return Glibc.getaddrinfo(nil, port, hints, list) }
    return Glibc.getaddrinfo(nil, nil, hints, list)
  }

  private static let getNames: NativeMany = { vm, _, a throws(Raised) in
    try SocketArgs.count(vm, a, "getnameinfo", 2, 2)
    let flags = try SocketArgs.int(vm, a[1])
    guard a[0].isTuple else { throw vm.raise(.typeError, "getnameinfo() argument 1 must be a tuple") }
    let t = a[0].as(TupleLayout.self)
    guard t.pointee.count >= 2, t.pointee.count <= 4, t.items[0].isStr else {
      throw vm.raise(.typeError, "getnameinfo(): illegal sockaddr argument")
    }
    let host = try FileSystemText.encoded(vm, t.items[0]).map { CChar(bitPattern: $0) } + [0]
    let port = String(try SocketArgs.int(vm, t.items[1])).utf8.map { CChar(bitPattern: $0) } + [0]
    let flow = t.pointee.count > 2 ? try PosixArgs.bits32(vm, t.items[2]) : 0
    let scope = t.pointee.count > 3 ? try PosixArgs.bits32(vm, t.items[3]) : 0
    if flow > 0xFFFFF { throw vm.raise(.overflowError, "getnameinfo(): flowinfo must be 0-1048575.") }
    try vm.audit("socket.getnameinfo") { () throws(Raised) in try vm.tuple(a[0]) }
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    // Any kind, that there is one of each address
    hints.ai_socktype = 2
    hints.ai_flags = AI_NUMERICHOST
    var list: UnsafeMutablePointer<addrinfo>?
    var error = vm.unlocked { Glibc.getaddrinfo(host, port, &hints, &list) }
    if error != 0 { throw failed(vm, error) }
    defer { freeaddrinfo(list) }
    guard let first = list else { return .none }
    if first.pointee.ai_next != nil { throw vm.raise(.osError, "sockaddr resolved to multiple addresses") }
    if first.pointee.ai_family == AF_INET, t.pointee.count != 2 { throw vm.raise(.osError, "IPv4 sockaddr must be 2 tuple") }
    if first.pointee.ai_family == AF_INET6, let p = first.pointee.ai_addr.map({ UnsafeMutableRawPointer($0) }) {
      p.storeBytes(of: flow.bigEndian, toByteOffset: 4, as: UInt32.self)
      p.storeBytes(of: scope, toByteOffset: 24, as: UInt32.self)
    }
    var name = [CChar](repeating: 0, count: 1025), service = [CChar](repeating: 0, count: 32)
    let address = first.pointee.ai_addr, size = first.pointee.ai_addrlen
    error = vm.unlocked { Glibc.getnameinfo(address, size, &name, 1025, &service, 32, flags) }
    if error != 0 { throw failed(vm, error) }
    return try vm.tuple(try text(vm, name), try text(vm, service))
  }

  // MARK: services and protocols

  /// A str without nulls as C has it.
  private static func string(_ vm: VM, _ v: Value, _ function: StaticString, _ position: Int) throws(Raised) -> [CChar] {
    guard v.isStr else {
      throw vm.raise(.typeError, "\(function)() argument \(position) must be str, not \(v.argumentTypeName)")
    }
    let encoded = try vm.callMethod(v, "encode")
    let bytes = encoded.isBytes ? Array(encoded.as(BytesLayout.self).buffer) : []
    if bytes.contains(0) { throw vm.raise(.valueError, "embedded null character") }
    return bytes.map { CChar(bitPattern: $0) } + [0]
  }
  static func cString(_ vm: VM, _ v: Value, _ function: StaticString, _ position: Int) throws(Raised) -> [CChar] {
    try string(vm, v, function, position)
  }

  private static func declareServices(_ m: ModuleBuilder) {
    m.function("getservbyname", nil, "getservbyname(servicename[, protocolname]) -> integer\n\nThe port of a service.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "getservbyname", 1, 2)
      let name = try string(vm, a[0], "getservbyname", 1)
      let proto: [CChar]? = a[1].isNull ? nil : try string(vm, a[1], "getservbyname", 2)
      try vm.audit("socket.getservbyname") { () throws(Raised) in try vm.tuple(a[0], a[1].isNull ? try vm.emptyStr() : a[1]) }
      let found = vm.unlocked { proto.map { Glibc.getservbyname(name, $0) } ?? Glibc.getservbyname(name, nil) }
      guard let found else { throw vm.raise(.osError, "service/proto not found") }
      return Value(smallInt: Int(UInt16(bigEndian: UInt16(truncatingIfNeeded: found.pointee.s_port))))
    }
    m.function("getservbyport", nil, "getservbyport(port[, protocolname]) -> string\n\nThe service of a port.") {
      (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "getservbyport", 1, 2)
      let number = try SocketArgs.int(vm, a[0])
      let proto: [CChar]? = a[1].isNull ? nil : try string(vm, a[1], "getservbyport", 2)
      guard let port = UInt16(exactly: number) else { throw vm.raise(.overflowError, "getservbyport: port must be 0-65535.") }
      try vm.audit("socket.getservbyport") { () throws(Raised) in try vm.tuple(a[0], a[1].isNull ? try vm.emptyStr() : a[1]) }
      let order = Int32(port.bigEndian)
      let found = vm.unlocked { proto.map { Glibc.getservbyport(order, $0) } ?? Glibc.getservbyport(order, nil) }
      guard let found else { throw vm.raise(.osError, "port/proto not found") }
      return try text(vm, found.pointee.s_name)
    }
    m.function("getprotobyname", nil, "getprotobyname(name) -> integer\n\nThe number of a protocol.") { (vm, _, a: Args) throws(Raised) in
      try SocketArgs.count(vm, a, "getprotobyname", 1, 1)
      let name = try string(vm, a[0], "getprotobyname", 1)
      guard let found = vm.unlocked({ Glibc.getprotobyname(name) }) else { throw vm.raise(.osError, "protocol not found") }
      return Value(smallInt: Int(found.pointee.p_proto))
    }
  }
}
