import PyRuntime

/// `_hashlib.HASH` and `_hashlib.HASHXOF`
enum HashType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  /// Of hashes whose digests have any length
  nonisolated(unsafe) static var extendableType = TypeRef(bitPattern: 64).unsafelyUnwrapped

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
    HashObject.declare(&t)
    t.slots.repr = NoArgsCode { vm, v throws(Raised) in
      try vm.str("<\(try HashObject.algorithmName(vm, v).swiftString) \(v.typeName) object @ 0x\(String(v.bits, radix: 16))>")
    }
    t.method("update", "($self, obj, /)", "Hashes more data.") { (vm, v, data: Value) throws(Raised) in
      try HashLibrary.withData(vm, data) { data throws(Raised) in
        try HashObject.update(vm, v, data)
        return .none
      }
    }
    t.getset("name", nil) { vm, v throws(Raised) in try HashObject.algorithmName(vm, v) }
  }

  static func declareExtendable(_ t: inout TypeBuilder) {
    t.doc("A hash that is being computed, whose digests have any length: digest(length), hexdigest(length). Otherwise like HASH.")
    t.method("digest", "($self, /, length)", "The hash, as bytes.") { (vm, v, length: Value) throws(Raised) in
      try digest(vm, v, try vm.asInt(length))
    }
    t.method("hexdigest", "($self, /, length)", "The hash, as hexadecimal digits.") { (vm, v, length: Value) throws(Raised) in
      try vm.callMethod(try digest(vm, v, try vm.asInt(length)), "hex")
    }
    t.getset("digest_size", nil) { _, _ throws(Raised) in Value(smallInt: 0) }
  }

  /// A hash of `data`.
  static func make(_ vm: VM, _ algorithm: LibCrypto.Algorithm, _ data: UnsafeBufferPointer<UInt8>?) throws(Raised) -> Value {
    let library = try HashLibrary.opened(vm)
    let type = library.pointee.flags(algorithm) & LibCrypto.extendable == 0 ? type : extendableType
    let v = try HashObject.make(vm, type, library.pointee.hashes) { new in library.pointee.begin(new, algorithm, nil) }
    if let data, data.count > 0 { try HashObject.update(vm, v, data) }
    return v
  }

  private static func digest(_ vm: VM, _ v: Value, _ count: Int) throws(Raised) -> Value {
    if count < 0 { throw vm.raise(.systemError, "Negative size passed to PyBytes_FromStringAndSize") }
    // Without a byte there is nothing to ask, and libcrypto would refuse.
    if count == 0 { return try vm.emptyBytes() }
    let library = try HashLibrary.opened(vm), result = try vm.bytes(count: count)
    return try HashObject.withCopy(vm, v) { copy throws(Raised) in
      guard library.pointee.finishExtendable(copy, result.as(BytesLayout.self).bytes, count) != 0 else { throw HashLibrary.error(vm) }
      return result
    }
  }
}
