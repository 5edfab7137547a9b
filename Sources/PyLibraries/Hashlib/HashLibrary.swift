import PyRuntime

/// What the module's types and functions share: the library, the algorithms it has given, errors, and the data they are given.
enum HashLibrary {
  nonisolated(unsafe) private(set) static var library: UnsafePointer<LibCrypto>?
  nonisolated(unsafe) static var algorithms: HashAlgorithms?
  nonisolated(unsafe) static var unsupportedClass = Value.null

  /// Opens libcrypto; an ImportError says that there is none, and `hashlib` does without then.
  static func open(_ vm: VM) throws(Raised) {
    if library != nil { return }
    guard let found = LibCrypto.open() else {
      throw vm.raise(.importError, "_hashlib needs libcrypto.so.3 of OpenSSL 3, which this machine does not have")
    }
    library = found
    algorithms = HashAlgorithms(found)
  }

  static func opened(_ vm: VM) throws(Raised) -> UnsafePointer<LibCrypto> {
    guard let library else { throw vm.raise(.systemError, "_hashlib has not been imported") }
    return library
  }

  // MARK: algorithms

  /// The algorithm of a name, a str.
  static func algorithm(_ vm: VM, name: Value, secure: Bool = true) throws(Raised) -> LibCrypto.Algorithm {
    if let found = algorithms?.find(name, secure: secure) { return found }
    throw error(vm, otherwise: "unsupported hash type \(name.swiftString)")
  }

  /// The algorithm of a `digestmod`: a name, or one of the module's functions.
  static func algorithm(_ vm: VM, mode: Value, constructors: Value) throws(Raised) -> LibCrypto.Algorithm {
    if mode.isStr {
      try checkText(vm, mode)
      return try algorithm(vm, name: mode)
    }
    // Only functions are looked up: others may have no hash.
    if mode.isExact(rt.types.builtinFunction) {
      let name = try Dicts.get(vm, constructors, mode)
      if !name.isNull { return try algorithm(vm, name: name) }
    }
    let message = try vm.str("Unsupported digestmod \(try vm.repr(mode).swiftString)")
    throw vm.raise(try vm.call(unsupportedClass, message))
  }

  /// A name that C can read.
  static func checkText(_ vm: VM, _ name: Value) throws(Raised) {
    if name.swiftString.utf8.contains(0) { throw vm.raise(.valueError, "embedded null character") }
  }

  // MARK: errors

  /// What libcrypto has noted, as a ValueError; if nothing, `otherwise`.
  static func error(_ vm: VM, otherwise: String = "no reason supplied") -> Raised {
    guard let library else { return vm.raise(.valueError, otherwise) }
    let code = library.pointee.lastError()
    if code == 0 { return vm.raise(.valueError, otherwise) }
    let reason = library.pointee.reasonOfError(code).map { String(cString: $0) },
      part = library.pointee.libraryOfError(code).map { String(cString: $0) }
    library.pointee.clearErrors()
    // ERR_R_MALLOC_FAILURE: a fatal reason, the first
    if code & 0xFF == 65, code & 0x4_0000 != 0 { return vm.raiseMemoryError() }
    return vm.raise(.valueError, (part.map { "[\($0)] " } ?? "") + (reason ?? "no reason supplied"))
  }

  // MARK: data

  /// Data to hash: whatever has bytes, and no text.
  static func withData(_ vm: VM, _ v: Value, _ body: (UnsafeBufferPointer<UInt8>) throws(Raised) -> Value) throws(Raised) -> Value {
    if v.isStr { throw vm.raise(.typeError, "Strings must be encoded before hashing") }
    if v.type.pointee.slots.buffer == nil { throw vm.raise(.typeError, "object supporting the buffer API required") }
    return try vm.withBytes(of: v, body)
  }

  /// Where this is much work, other threads run meanwhile: CPython's border.
  static let longWork = 2048

  /// `bytes` as a str of hexadecimal digits.
  static func hexadecimal(_ vm: VM, _ bytes: UnsafeBufferPointer<UInt8>) throws(Raised) -> Value {
    let digits: StaticString = "0123456789abcdef"
    guard bytes.count <= Int.max / 4 else { throw vm.raiseMemoryError() }
    if bytes.count <= LibCrypto.longestDigest {
      return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: LibCrypto.longestDigest * 2) { room throws(Raised) in
        fill(room)
        return try vm.str(ascii: UnsafeRawBufferPointer(start: room.baseAddress, count: bytes.count * 2))
      }
    }
    return try vm.callMethod(try vm.bytes(UnsafeRawBufferPointer(bytes)), "hex")

    func fill(_ room: UnsafeMutableBufferPointer<UInt8>) {
      for (i, b) in bytes.enumerated() {
        room[2 * i] = digits.utf8Start[Int(b >> 4)]
        room[2 * i + 1] = digits.utf8Start[Int(b & 15)]
      }
    }
  }
}
