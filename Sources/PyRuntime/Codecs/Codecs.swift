/// `str.encode`, `bytes.decode` and everything in the runtime that needs an encoding by name. The common encodings are answered
/// here without the registry.
package enum Codecs {
  enum Native { case utf8, latin1, ascii, utf16, utf32 }

  /// The encoding, if it is one of ours, whatever the spelling.
  static func native(_ name: Value) -> Native? {
    if name.isNull || name.isNone { return .utf8 }
    let view = StrView(name)
    if view.length > 10 || view.unit != 1 { return nil }
    // Its characters as digits of a number, small letters for capitals and hyphens for underscores
    var key: UInt64 = 0
    var rest: UInt64 = 0
    let bytes = view.pointer(UInt8.self)
    for i in 0..<view.length {
      var c = UInt64(bytes[i])
      if c == 0 { return nil }
      if c &- 65 < 26 { c |= 32 } else if c == 95 { c = 45 }
      if i < 8 { key = key << 8 | c } else { rest = rest << 8 | c }
    }
    switch key {
    case 0x75_7466_2D38, 0x7574_6638: return rest == 0 ? .utf8 : nil  // utf-8, utf8
    case 0x6C_6174_696E_2D31, 0x6C61_7469_6E31: return rest == 0 ? .latin1 : nil  // latin-1, latin1
    case 0x61_7363_6969, 0x7573_2D61_7363_6969: return rest == 0 ? .ascii : nil  // ascii, us-ascii
    case 0x7574_662D_3136, 0x75_7466_3136: return rest == 0 ? .utf16 : nil  // utf-16, utf16
    case 0x7574_662D_3332, 0x75_7466_3332: return rest == 0 ? .utf32 : nil  // utf-32, utf32
    case 0x6973_6F2D_3838_3539: return rest == 0x2D31 ? .latin1 : nil  // iso-8859-1
    case 0x6973_6F38_3835_392D: return rest == 0x31 ? .latin1 : nil  // iso8859-1
    default: return nil
    }
  }

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
