import Glibc
import PyRuntime

/// A hash or an HMAC that is being computed: `_hashlib.HASH`, `HASHXOF` and `HMAC`. It refers to no object.
struct HashLayout {
  var header: CellHeader
  /// nil: not begun
  var context: LibCrypto.Context?
  /// What the context is used by; it stays for good.
  var functions: UnsafePointer<LibCrypto.ContextFunctions>?
  /// A thread works on it without the interpreter lock.
  var isBusy: Bool
}
typealias HashRef = UnsafeMutablePointer<HashLayout>

/// What the three types have in common.
enum HashObject {
  static func declare(_ t: inout TypeBuilder) {
    t.slots.finalize = VisitCode { _, v in
      let h = v.as(HashLayout.self)
      h.pointee.functions?.pointee.free(h.pointee.context)
      h.pointee.context = nil
    }
    t.method("digest", "($self, /)", "What has been computed so far, as bytes.") { vm, v throws(Raised) in
      try digest(vm, v) { bytes throws(Raised) in try vm.bytes(UnsafeRawBufferPointer(bytes)) }
    }
    t.method("hexdigest", "($self, /)", "What has been computed so far, as hexadecimal digits: text that any medium carries.") {
      vm, v throws(Raised) in try digest(vm, v) { bytes throws(Raised) in try HashLibrary.hexadecimal(vm, bytes) }
    }
    t.method("copy", "($self, /)", "Another one that has been given the same data.") { vm, v throws(Raised) in
      let (context, functions) = try parts(vm, v)
      return try make(vm, v.type, functions) { new in functions.pointee.copy(new, context) }
    }
    t.getset("digest_size", nil) { vm, v throws(Raised) in
      let algorithm = try algorithm(vm, v), library = try HashLibrary.opened(vm)
      let isExtendable = library.pointee.flags(algorithm) & LibCrypto.extendable != 0
      return Value(smallInt: isExtendable ? 0 : Int(library.pointee.size(algorithm)))
    }
    t.getset("block_size", nil) { vm, v throws(Raised) in
      Value(smallInt: Int(try HashLibrary.opened(vm).pointee.blockSize(try algorithm(vm, v))))
    }
  }

  /// About what libcrypto allocates for one: counted, so that a collection comes in time
  private static let bytesOutside = 512

  /// - Parameter fill: begins or copies a context; 0: it has failed, and libcrypto noted why
  static func make(
    _ vm: VM, _ type: TypeRef, _ functions: UnsafePointer<LibCrypto.ContextFunctions>, _ fill: (LibCrypto.Context) -> Int32
  ) throws(Raised) -> Value {
    let h = try vm.instance(HashLayout.self, of: type)
    guard let context = functions.pointee.new() else { throw vm.raiseMemoryError() }
    h.pointee.functions = functions
    h.pointee.context = context
    vm.countOutside(bytes: bytesOutside)
    guard fill(context) != 0 else { throw HashLibrary.error(vm) }
    return Value(h)
  }

  /// The context and what it is used by, when no other thread is at it.
  static func parts(_ vm: VM, _ v: Value) throws(Raised) -> (LibCrypto.Context, UnsafePointer<LibCrypto.ContextFunctions>) {
    let h = v.as(HashLayout.self)
    while h.pointee.isBusy { vm.unlocked { _ = usleep(50) } }
    guard let functions = h.pointee.functions, let context = h.pointee.context else { throw vm.raise(.valueError, "hash without a state") }
    return (context, functions)
  }

  private static func algorithm(_ vm: VM, _ v: Value) throws(Raised) -> LibCrypto.Algorithm {
    let (context, functions) = try parts(vm, v)
    guard let algorithm = functions.pointee.algorithm(context) else { throw HashLibrary.error(vm) }
    return algorithm
  }
  /// Python's name of the algorithm, a str.
  static func algorithmName(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try HashLibrary.algorithms?.name(vm, try algorithm(vm, v)) ?? .none
  }

  static func update(_ vm: VM, _ v: Value, _ data: UnsafeBufferPointer<UInt8>) throws(Raised) {
    let (context, functions) = try parts(vm, v)
    let done: Int32
    if data.count < HashLibrary.longWork {
      done = functions.pointee.update(context, data.baseAddress, data.count)
    } else {
      let h = v.as(HashLayout.self)
      h.pointee.isBusy = true
      done = vm.unlocked { functions.pointee.update(context, data.baseAddress, data.count) }
      h.pointee.isBusy = false
    }
    guard done != 0 else { throw HashLibrary.error(vm) }
  }

  /// Runs `body` on a copy of the state, which stays for more data.
  static func withCopy(_ vm: VM, _ v: Value, _ body: (LibCrypto.Context) throws(Raised) -> Value) throws(Raised) -> Value {
    let (context, functions) = try parts(vm, v)
    guard let copy = functions.pointee.new() else { throw vm.raiseMemoryError() }
    defer { functions.pointee.free(copy) }
    guard functions.pointee.copy(copy, context) != 0 else { throw HashLibrary.error(vm) }
    return try body(copy)
  }

  private static func digest(
    _ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    try withCopy(vm, v) { copy throws(Raised) in
      try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest) { room throws(Raised) in
        var count: UInt32 = 0
        guard let base = room.baseAddress, v.as(HashLayout.self).pointee.functions?.pointee.finish(copy, base, &count) ?? 0 != 0 else {
          throw HashLibrary.error(vm)
        }
        return try body(UnsafeBufferPointer(start: base, count: Int(count)))
      }
    }
  }
}
