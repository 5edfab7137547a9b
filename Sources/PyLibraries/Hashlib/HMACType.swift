import Glibc
import PyRuntime

/// `_hashlib.HMAC`. It refers to no object.
struct HMACLayout {
  var header: CellHeader
  /// nil: not begun
  var context: LibCrypto.Context?
  /// A thread works on it without the interpreter lock.
  var isBusy: Bool
}

enum HMACType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// About what libcrypto allocates for one: three states of a hash
  private static let bytesOutside = 1536

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      The HMAC of a message that is being given in pieces.

      Methods:

      update() -- takes more of the message
      digest() -- the authentication code, as bytes
      hexdigest() -- the authentication code, as hexadecimal digits
      copy() -- another one that has been given the same

      Attributes:

      name -- "hmac-" and the name of the algorithm
      digest_size -- bytes of the code
      """)
    t.slots.finalize = VisitCode { _, v in
      let h = v.as(HMACLayout.self)
      HashLibrary.library?.freeHMAC(h.pointee.context)
      h.pointee.context = nil
    }
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in
      try vm.str("<\(try algorithmName(vm, v).swiftString) HMAC object @ 0x\(String(v.bits, radix: 16))>")
    }
    t.method("update", "($self, /, msg)", "Takes more of the message.") { (vm, v, data: Value) throws(Raised) in
      try update(vm, v, data)
      return .none
    }
    t.method("digest", "($self, /)", "The authentication code of the message so far, as bytes.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try vm.bytes(UnsafeRawBufferPointer(bytes)) }
    }
    t.method(
      "hexdigest", "($self, /)", "The authentication code of the message so far, as hexadecimal digits: text that any medium carries."
    ) { vm, v throws(Raised) in try digest(vm, v) { bytes throws(Raised) in try HashLibrary.hexadecimal(vm, bytes) } }
    t.method("copy", "($self, /)", "Another one that has been given the same.") { vm, v throws(Raised) in
      let (library, context) = try parts(vm, v)
      return try make(vm) { new in library.copyHMAC(new, context) }
    }
    t.getset("digest_size", nil) { vm, v throws(Raised) in
      let (library, algorithm) = try algorithm(vm, v)
      return Value(smallInt: Int(library.size(algorithm)))
    }
    t.getset("block_size", nil) { vm, v throws(Raised) in
      let (library, algorithm) = try algorithm(vm, v)
      return Value(smallInt: Int(library.blockSize(algorithm)))
    }
    t.getset("name", nil) { vm, v throws(Raised) in try vm.str("hmac-\(try algorithmName(vm, v).swiftString)") }
  }

  /// - Parameter message: what it begins with; null or None: nothing
  static func make(
    _ vm: VM, _ algorithm: LibCrypto.Algorithm, key: UnsafeBufferPointer<UInt8>, message: Value
  ) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let length = try HashlibModule.length(vm, key, "key")
    let v = try make(vm) { new in library.beginHMAC(new, key.baseAddress ?? HashlibModule.somewhere, length, algorithm, nil) }
    if !message.isNull, !message.isNone { try update(vm, v, message) }
    return v
  }

  private static func make(_ vm: VM, _ fill: (LibCrypto.Context) -> Int32) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let h = try vm.instance(HMACLayout.self, of: type)
    guard let context = library.newHMAC() else { throw vm.raiseMemoryError() }
    h.pointee.context = context
    vm.countOutside(bytes: bytesOutside)
    guard fill(context) != 0 else { throw HashLibrary.error(vm) }
    return Value(h)
  }

  private static func parts(_ vm: VM, _ v: Value) throws(Raised) -> (LibCrypto, LibCrypto.Context) {
    let h = v.as(HMACLayout.self)
    while h.pointee.isBusy { vm.unlocked { _ = usleep(50) } }
    guard let library = HashLibrary.library, let context = h.pointee.context else { throw vm.raise(.valueError, "HMAC without a state") }
    return (library, context)
  }
  private static func algorithm(_ vm: VM, _ v: Value) throws(Raised) -> (LibCrypto, LibCrypto.Algorithm) {
    let (library, context) = try parts(vm, v)
    guard let algorithm = library.algorithmOfHMAC(context) else { throw HashLibrary.error(vm) }
    return (library, algorithm)
  }
  private static func algorithmName(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let (_, algorithm) = try algorithm(vm, v)
    return try HashLibrary.algorithms?.name(vm, algorithm) ?? .none
  }

  private static func update(_ vm: VM, _ v: Value, _ message: Value) throws(Raised) {
    _ = try HashLibrary.withData(vm, message) { data throws(Raised) in
      let h = v.as(HMACLayout.self)
      let (library, context) = try parts(vm, v)
      let done: Int32
      if data.count < HashLibrary.longWork {
        done = library.updateHMAC(context, data.baseAddress, data.count)
      } else {
        h.pointee.isBusy = true
        done = vm.unlocked { library.updateHMAC(context, data.baseAddress, data.count) }
        h.pointee.isBusy = false
      }
      guard done != 0 else { throw HashLibrary.error(vm) }
      return .none
    }
  }

  private static func digest(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    let (library, context) = try parts(vm, v)
    guard let copy = library.newHMAC() else { throw vm.raiseMemoryError() }
    defer { library.freeHMAC(copy) }
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest) { room throws(Raised) in
      var count: UInt32 = 0
      guard let base = room.baseAddress, library.copyHMAC(copy, context) != 0, library.finishHMAC(copy, base, &count) != 0 else {
        throw HashLibrary.error(vm)
      }
      return try body(UnsafeBufferPointer(start: base, count: Int(count)))
    }
  }
}
