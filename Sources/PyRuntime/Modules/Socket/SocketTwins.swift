import Glibc

/// Sockets for `_ssl`, which is libpython's: it takes a `_socket.socket` of C only, and reads descriptor and timeout from its memory whenever it reads
/// or writes. So one of ours that is given to `_SSLContext._wrap_socket` gets one of CPython's, of the same descriptor, in its place. Ours keeps it
/// and tells it what changes; it has no descriptor any more when ours is closed or dead, so that nothing is closed twice.
package enum SocketTwins {
  /// `_wrap_socket` as C has it
  nonisolated(unsafe) private static var wrap = Value.null
  /// Makes a socket of CPython's that is not open, of a family, type and protocol: it, and where its fields are
  nonisolated(unsafe) private static var make:
    ((VM, Int32, Int32, Int32) throws(Raised) -> (Value, UnsafeMutablePointer<SocketTwinFields>))?

  /// `_SSLSocket.shutdown` as C has it: it answers with the socket.
  nonisolated(unsafe) private static var end = Value.null
  /// The same as we have it, and how attributes of those objects are found else
  nonisolated(unsafe) private static var ending = Value.null
  nonisolated(unsafe) private static var getAttribute: OneCode?
  /// Whom a socket of CPython's stands for, by its address; no roots: what ends is forgotten when it is finalized.
  nonisolated(unsafe) private static var owners: [Int: Value] = [:]

  /// Called when `_ssl` has been imported.
  package static func install(
    _ vm: VM, context: Value, socket: Value,
    _ make: @escaping (VM, Int32, Int32, Int32) throws(Raised) -> (Value, UnsafeMutablePointer<SocketTwinFields>)
  ) throws(Raised) {
    guard wrap.isNull, context.isType else { return }
    let type = context.asType
    let original = try Dicts.get(vm, type.pointee.dict, try vm.intern("_wrap_socket"))
    if original.isNull { return }
    wrap = original
    self.make = make
    NativeFunctions.addMethod(vm, to: type, "_wrap_socket", nil, nil, ManyCode(wrapSocket).code, .many, [])
    Types.modified(type)
    guard socket.isType else { return }
    end = try Dicts.get(vm, socket.asType.pointee.dict, try vm.intern("shutdown"))
    if end.isNull { return }
    let connection = socket.asType
    NativeFunctions.addMethod(vm, to: connection, "shutdown", nil, nil, NoArgsCode(shutDown).code, .noArgs, [])
    ending = try Dicts.get(vm, connection.pointee.dict, try vm.intern("shutdown"))
    // Attributes of an object of CPython's are looked for over there, not in our type.
    getAttribute = connection.pointee.slots.getAttribute
    connection.pointee.slots.getAttribute = OneCode { (vm, v, name) throws(Raised) in
      if name.isStr, Str.equal(name, "shutdown") {
        return try NativeFunctions.bind(vm, ending.as(NativeFunctionLayout.self), to: v)
      }
      guard let getAttribute else { throw vm.raise(.attributeError, "the object has no attributes") }
      return try getAttribute(vm, v, name)
    }
    Types.modified(connection)
  }

  private static let shutDown: NativeNoArgs = { vm, connection throws(Raised) in
    let answer = try vm.call(end, connection)
    let address = try vm.identity(of: answer)
    return address.isSmallInt ? owners[address.smallInt] ?? answer : answer
  }
  private static func address(_ fields: UnsafeMutablePointer<SocketTwinFields>) -> Int { Int(bitPattern: fields) &- headerSize }
  /// Of a PyObject
  package static let headerSize = 16
  /// The socket is dead.
  static func forget(_ fields: UnsafeMutablePointer<SocketTwinFields>) { owners[address(fields)] = nil }

  private static let wrapSocket: NativeMany = { vm, context, a throws(Raised) in
    let total = a.count &+ a.keywordCount
    return try vm.withStack(total &+ 1) { p throws(Raised) in
      p[0] = context
      for i in 0..<total {
        let isSocket = i < a.count ? i == 0 : Str.equal(a.keywordName(i - a.count), "sock")
        p[i + 1] = isSocket ? try twin(vm, a.base[i]) : a.base[i]
      }
      return try vm.call(wrap, Args(p, count: a.count &+ 1, keywords: a.keywords))
    }
  }

  /// The socket of CPython's for one of ours; anything else is itself.
  private static func twin(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard SocketModule.isLoaded, v.isInstance(of: SocketType.type), let make else { return v }
    let s = SocketType.layout(v)
    if s.pointee.twinFields == nil {
      let (twin, fields) = try make(vm, s.pointee.family, s.pointee.kind, s.pointee.proto)
      s.pointee.twin = twin
      owners[address(fields)] = v
      s.pointee.twinFields = fields
    }
    s.pointee.twinFields?.pointee.descriptor = s.pointee.descriptor
    s.pointee.twinFields?.pointee.timeout = s.pointee.timeout
    return s.pointee.twin
  }
}
