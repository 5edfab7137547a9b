import PyRuntime

/// `_hashlib.HMAC`
enum HMACType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped

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
    HashObject.declare(&t)
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in
      try vm.str("<\(try HashObject.algorithmName(vm, v).swiftString) HMAC object @ 0x\(String(v.bits, radix: 16))>")
    }
    t.method("update", "($self, /, msg)", "Takes more of the message.") { (vm, v, data: Value) throws(Raised) in
      try update(vm, v, data)
    }
    t.getset("name", nil) { vm, v throws(Raised) in try vm.str("hmac-\(try HashObject.algorithmName(vm, v).swiftString)") }
  }

  /// - Parameter message: what it begins with; null or None: nothing
  static func make(
    _ vm: VM, _ algorithm: LibCrypto.Algorithm, key: UnsafeBufferPointer<UInt8>, message: Value
  ) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let length = try HashlibModule.length(vm, key, "key")
    let v = try HashObject.make(vm, type, library.pointee.codes) { new in
      library.pointee.beginHMAC(new, key.baseAddress ?? HashlibModule.somewhere, length, algorithm, nil)
    }
    if !message.isNull, !message.isNone { _ = try update(vm, v, message) }
    return v
  }

  private static func update(_ vm: VM, _ v: Value, _ message: Value) throws(Raised) -> Value {
    try HashLibrary.withData(vm, message) { data throws(Raised) in
      try HashObject.update(vm, v, data)
      return .none
    }
  }
}
