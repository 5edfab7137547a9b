import Glibc
import PyRuntime

/// `_hashlib.HASH` and `_hashlib.HASHXOF`. It refers to no object.
struct HashLayout {
  var header: CellHeader
  /// nil: not begun
  var context: LibCrypto.Context?
  /// A thread works on it without the interpreter lock.
  var isBusy: Bool
}
typealias HashRef = UnsafeMutablePointer<HashLayout>

enum HashType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// Of hashes whose digests have any length
  nonisolated(unsafe) static var extendableType = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// About what libcrypto allocates for one: counted, so that a collection comes in time
  private static let bytesOutside = 512

  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      """
      A hash that is being computed: of the data that it has been given so far.

      Methods:

      update() -- hashes more data
      digest() -- the hash, as bytes
      hexdigest() -- the hash, as hexadecimal digits
      copy() -- another one that has been given the same

      Attributes:

      name -- of the algorithm
      digest_size -- bytes of the hash
      """)
    t.slots.finalize = VisitCode { _, v in
      let h = v.as(HashLayout.self)
      HashLibrary.library?.freeContext(h.pointee.context)
      h.pointee.context = nil
    }
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in
      try vm.str("<\(try name(vm, v).swiftString) \(v.typeName) object @ 0x\(String(v.bits, radix: 16))>")
    }
    t.method("update", "($self, obj, /)", "Hashes more data.") { (vm, v, data: Value) throws(Raised) in
      try HashLibrary.withData(vm, data) { data throws(Raised) in
        try update(vm, v.as(HashLayout.self), data)
        return .none
      }
    }
    t.method("digest", "($self, /)", "The hash, as bytes.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try vm.bytes(UnsafeRawBufferPointer(bytes)) }
    }
    t.method("hexdigest", "($self, /)", "The hash, as hexadecimal digits.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try HashLibrary.hexadecimal(vm, bytes) }
    }
    t.method("copy", "($self, /)", "Another one that has been given the same data.") { vm, v throws(Raised) in
      let (library, context) = try parts(vm, v)
      return try make(vm, of: v.type) { new in library.copyContext(new, context) }
    }
    t.getset("digest_size", nil) { vm, v throws(Raised) in
      let (library, algorithm) = try algorithm(vm, v)
      return Value(smallInt: Int(library.flags(algorithm) & LibCrypto.extendable == 0 ? library.size(algorithm) : 0))
    }
    t.getset("block_size", nil) { vm, v throws(Raised) in
      let (library, algorithm) = try algorithm(vm, v)
      return Value(smallInt: Int(library.blockSize(algorithm)))
    }
    t.getset("name", nil) { vm, v throws(Raised) in try name(vm, v) }
  }

  static func declareExtendable(_ t: inout TypeBuilder) {
    t.doc("A hash that is being computed, whose digests have any length: digest(length), hexdigest(length). Otherwise like HASH.")
    t.method("digest", "($self, /, length)", "The hash, as bytes.") { (vm, v, length: Value) throws(Raised) in
      try digest(vm, v, try vm.asInt(length))
    }
    t.method("hexdigest", "($self, /, length)", "The hash, as hexadecimal digits.") { (vm, v, length: Value) throws(Raised) in
      let count = try vm.asInt(length)
      if count < 0 { throw vm.raise(.systemError, "Negative size passed to PyBytes_FromStringAndSize") }
      guard count < Int.max / 4 else { throw vm.raiseMemoryError() }
      return try vm.callMethod(try digest(vm, v, count), "hex")
    }
    t.getset("digest_size", nil) { _, _ throws(Raised) in Value(smallInt: 0) }
  }

  // MARK: making

  /// A hash of `data`.
  static func make(_ vm: VM, _ algorithm: LibCrypto.Algorithm, _ data: UnsafeBufferPointer<UInt8>?) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let type = library.flags(algorithm) & LibCrypto.extendable == 0 ? type : extendableType
    let v = try make(vm, of: type) { new in library.begin(new, algorithm, nil) }
    if let data, data.count > 0 { try update(vm, v.as(HashLayout.self), data) }
    return v
  }

  private static func make(_ vm: VM, of type: TypeRef, _ fill: (LibCrypto.Context) -> Int32) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let h = try vm.instance(HashLayout.self, of: type)
    guard let context = library.newContext() else { throw vm.raiseMemoryError() }
    h.pointee.context = context
    vm.countOutside(bytes: bytesOutside)
    guard fill(context) != 0 else { throw HashLibrary.error(vm) }
    return Value(h)
  }

  // MARK: using

  private static func parts(_ vm: VM, _ v: Value) throws(Raised) -> (LibCrypto, LibCrypto.Context) {
    let h = v.as(HashLayout.self)
    while h.pointee.isBusy { vm.unlocked { _ = usleep(50) } }
    guard let library = HashLibrary.library, let context = h.pointee.context else { throw vm.raise(.valueError, "hash without a state") }
    return (library, context)
  }
  private static func algorithm(_ vm: VM, _ v: Value) throws(Raised) -> (LibCrypto, LibCrypto.Algorithm) {
    let (library, context) = try parts(vm, v)
    guard let algorithm = library.algorithm(context) else { throw HashLibrary.error(vm) }
    return (library, algorithm)
  }
  private static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let (_, algorithm) = try algorithm(vm, v)
    return try HashLibrary.algorithms?.name(vm, algorithm) ?? .none
  }

  private static func update(_ vm: VM, _ h: HashRef, _ data: UnsafeBufferPointer<UInt8>) throws(Raised) {
    let (library, context) = try parts(vm, Value(h))
    let done: Int32
    if data.count < HashLibrary.longWork {
      done = library.update(context, data.baseAddress, data.count)
    } else {
      h.pointee.isBusy = true
      done = vm.unlocked { library.update(context, data.baseAddress, data.count) }
      h.pointee.isBusy = false
    }
    guard done != 0 else { throw HashLibrary.error(vm) }
  }

  /// Runs `body` on the hash so far; the state stays for more data.
  private static func digest(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    let (library, context) = try parts(vm, v)
    guard let copy = library.newContext() else { throw vm.raiseMemoryError() }
    defer { library.freeContext(copy) }
    return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest) { room throws(Raised) in
      var count: UInt32 = 0
      guard let base = room.baseAddress, library.copyContext(copy, context) != 0, library.finish(copy, base, &count) != 0 else {
        throw HashLibrary.error(vm)
      }
      return try body(UnsafeBufferPointer(start: base, count: Int(count)))
    }
  }

  private static func digest(_ vm: VM, _ v: Value, _ count: Int) throws(Raised) -> Value {
    if count < 0 { throw vm.raise(.systemError, "Negative size passed to PyBytes_FromStringAndSize") }
    let result = try vm.bytes(count: count)
    let (library, context) = try parts(vm, v)
    guard let copy = library.newContext() else { throw vm.raiseMemoryError() }
    defer { library.freeContext(copy) }
    // Without a byte there is nothing to ask, and libcrypto would refuse.
    if count == 0 { return try vm.emptyBytes() }
    guard library.copyContext(copy, context) != 0, library.finishExtendable(copy, result.as(BytesLayout.self).bytes, count) != 0 else {
      throw HashLibrary.error(vm)
    }
    return result
  }
}
