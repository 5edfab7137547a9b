/// `str.encode`, `bytes.decode` and everything in the runtime that needs an encoding by name. The common encodings are answered
/// here without the registry.
package enum Codecs {
  enum Native { case utf8, latin1, ascii, utf16, utf32 }

  /// The encoding, if it is one of ours, whatever the spelling.
  static func native(_ name: Value) -> Native? {
    if name.isNull || name.isNone { return .utf8 }
    let view = StrView(name)
    if view.length > 10 || view.unit != 1 { return nil }
    var key: (UInt64, UInt64) = (0, 0)
    for i in 0..<view.length {
      var c = UInt64(view[i])
      if c &- 65 < 26 { c |= 32 } else if c == 95 { c = 45 }
      if i < 8 { key.0 = key.0 << 8 | c } else { key.1 = key.1 << 8 | c }
    }
    for (text, kind) in names where text.utf8CodeUnitCount == view.length {
      var k: (UInt64, UInt64) = (0, 0)
      for i in 0..<view.length {
        let c = UInt64(text.utf8Start[i])
        if i < 8 { k.0 = k.0 << 8 | c } else { k.1 = k.1 << 8 | c }
      }
      if k == key { return kind }
    }
    return nil
  }
  private static let names: [(StaticString, Native)] = [
    ("utf-8", .utf8), ("utf8", .utf8), ("latin-1", .latin1), ("latin1", .latin1), ("iso-8859-1", .latin1), ("iso8859-1", .latin1),
    ("ascii", .ascii), ("us-ascii", .ascii), ("utf-16", .utf16), ("utf16", .utf16), ("utf-32", .utf32), ("utf32", .utf32),
  ]

  /// Development mode refuses unknown names even where nothing needs them.
  private static func check(_ vm: VM, _ encoding: Value, _ errors: Value) throws(Raised) {
    if native(encoding) == nil { _ = try CodecRegistry.lookup(vm, encoding) }
    if errors.isStr { _ = try CodecRegistry.lookupError(vm, errors) }
  }

  /// `v` bytes-like; `encoding` and `errors` str or null.
  package static func decode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    if rt.pointee.flags.devMode { try check(vm, encoding, errors) }
    guard let kind = native(encoding) else {
      let result = try CodecRegistry.decodeText(vm, v, encoding, errors)
      return result
    }
    var buffer = BufferView()
    let bytes: UnsafeRawBufferPointer
    if v.isBytes {
      let b = v.as(BytesLayout.self)
      bytes = UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count)
    } else {
      buffer = try vm.buffer(of: v, .simple)
      bytes = UnsafeRawBufferPointer(start: buffer.memory, count: buffer.byteCount)
    }
    defer { vm.release(&buffer) }
    return try decode(vm, bytes, kind, errors, object: v)
  }

  static func decode(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ kind: Native, _ errors: Value, object: Value = .null
  ) throws(Raised) -> Value {
    switch kind {
    case .utf8: return try UTF8Codec.decode(vm, b, errors, object: object).0
    case .latin1: return try vm.str(latin1: b)
    case .ascii: return try SingleByteCodecs.decodeASCII(vm, b, errors, object: object)
    case .utf16:
      var order = 0
      return try UTF16Codec.decode(vm, b, errors, &order, object: object, final: true).0
    case .utf32:
      var order = 0
      return try UTF32Codec.decode(vm, b, errors, &order, object: object, final: true).0
    }
  }

  package static func encode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    if rt.pointee.flags.devMode { try check(vm, encoding, errors) }
    guard let kind = native(encoding) else { return try CodecRegistry.encodeText(vm, v, encoding, errors) }
    switch kind {
    case .utf8: return try UTF8Codec.encode(vm, v, errors)
    case .latin1: return try SingleByteCodecs.encode(vm, v, errors, limit: 256)
    case .ascii: return try SingleByteCodecs.encode(vm, v, errors, limit: 128)
    case .utf16: return try UTF16Codec.encode(vm, v, errors, 0)
    case .utf32: return try UTF32Codec.encode(vm, v, errors, 0)
    }
  }
}
