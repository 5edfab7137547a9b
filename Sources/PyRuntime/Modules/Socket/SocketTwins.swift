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
  /// Whom a socket of CPython's stands for, by its bits; no roots: what ends is forgotten when it is finalized.
  nonisolated(unsafe) private static var owners: [UInt64: Value] = [:]

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
    NativeFunctions.addMethod(vm, to: socket.asType, "shutdown", nil, nil, NoArgsCode(shutDown).code, .noArgs, [])
    Types.modified(socket.asType)
  }

  private static let shutDown: NativeNoArgs = { vm, connection throws(Raised) in
    let answer = try vm.call(end, connection)
    return owners[answer.bits] ?? answer
  }
  /// The socket is dead.
  static func forget(_ twin: Value) { owners[twin.bits] = nil }

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
      owners[twin.bits] = v
      s.pointee.twinFields = fields
    }
    s.pointee.twinFields?.pointee.descriptor = s.pointee.descriptor
    s.pointee.twinFields?.pointee.timeout = s.pointee.timeout
    return s.pointee.twin
  }
}
