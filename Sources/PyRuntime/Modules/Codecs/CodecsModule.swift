/// `_codecs`: the registry and the codecs that the `encodings` package wraps.
enum CodecsModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let m = m
    try declareHandlers(m)
    CharmapCodec.encodingMapType = try m.type("EncodingMap", layoutSize: MemoryLayout<EncodingMapLayout>.size, flags: []) {
      t throws(Raised) in EncodingMap.declare(&t)
    }
    try remove(m, "EncodingMap")
    declareRegistry(m)
    declareEncoders(m)
    declareDecoders(m)
  }

  private static func remove(_ m: ModuleBuilder, _ name: StaticString) throws(Raised) {
    _ = try Dicts.remove(m.vm, m.dict, try m.vm.intern(name))
  }

  private static func declareRegistry(_ m: ModuleBuilder) {
    m.function("register", "($module, search_function, /)", "Adds a function that finds codecs by name.") { vm, _, f throws(Raised) in
      try CodecRegistry.register(vm, f)
      return .none
    }
    m.function("unregister", "($module, search_function, /)", "Removes a search function and forgets all codecs.") {
      vm, _, f throws(Raised) in
      try CodecRegistry.unregister(vm, f)
      return .none
    }
    m.function("lookup", "($module, encoding, /)", "The CodecInfo of an encoding.") { vm, _, name throws(Raised) in
      try CodecRegistry.lookup(vm, try text(vm, name, "lookup", nil))
    }
    m.function("encode", "($module, /, obj, encoding='utf-8', errors='strict')", "Encodes by any codec.") { vm, _, a throws(Raised) in
      let encoding = a[1].isNull ? try vm.str("utf-8") : try text(vm, a[1], "encode", "encoding")
      return try CodecRegistry.encode(vm, a[0], encoding, a[2].isNull ? a[2] : try text(vm, a[2], "encode", "errors"))
    }
    m.function("decode", "($module, /, obj, encoding='utf-8', errors='strict')", "Decodes by any codec.") { vm, _, a throws(Raised) in
      let encoding = a[1].isNull ? try vm.str("utf-8") : try text(vm, a[1], "decode", "encoding")
      return try CodecRegistry.decode(vm, a[0], encoding, a[2].isNull ? a[2] : try text(vm, a[2], "decode", "errors"))
    }
    m.function("register_error", "($module, errors, handler, /)", "Names an error handler.") { vm, _, name, handler throws(Raised) in
      try CodecRegistry.registerError(vm, try text(vm, name, "register_error", "1"), handler)
      return .none
    }
    m.function("lookup_error", "($module, name, /)", "The error handler of that name.") { vm, _, name throws(Raised) in
      try CodecRegistry.lookupError(vm, try text(vm, name, "lookup_error", nil))
    }
  }

  /// A str argument; `argument` is its name or number, nil for the only one.
  private static func text(_ vm: VM, _ v: Value, _ function: StaticString, _ argument: StaticString?) throws(Raised) -> Value {
    guard v.isStr else {
      var which = ""
      if let argument {
        which = argument.utf8Start[0] < 58 ? " \(argument)" : " '\(argument)'"
      }
      throw vm.raise(.typeError, "\(function)() argument\(which) must be str, not \(v.argumentTypeName)")
    }
    if StrView(v).find(codePoint: 0) >= 0 { throw vm.raise(.valueError, "embedded null character") }
    return v
  }
  private static func errors(_ vm: VM, _ v: Value, _ function: StaticString) throws(Raised) -> Value {
    if v.isNull || v.isNone { return .null }
    guard v.isStr else { throw vm.raise(.typeError, "\(function)() argument 2 must be str or None, not \(v.typeName)") }
    return v
  }

  // MARK: encoders

  private static func encoded(_ vm: VM, _ result: Value, _ length: Int) throws(Raised) -> Value {
    try vm.tuple(result, try vm.int(length))
  }
  @inline(__always)
  private static func encode(
    _ vm: VM, _ name: StaticString, _ v: Value, _ handler: Value, _ body: (Value, Value) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    guard v.isStr else { throw vm.raise(.typeError, "\(name)() argument 1 must be str, not \(v.argumentTypeName)") }
    return try encoded(vm, try body(v, try errors(vm, handler, name)), Str.length(v))
  }
  private static let simpleEncode: StaticString = "($module, str, errors=None, /)"

  private static func declareEncoders(_ m: ModuleBuilder) {
    m.function("utf_8_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_8_encode", s, e) { s, e throws(Raised) in try UTF8Codec.encode(vm, s, e) }
    }
    m.function("utf_7_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_7_encode", s, e) { s, e throws(Raised) in try UTF7Codec.encode(vm, s) }
    }
    m.function("latin_1_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "latin_1_encode", s, e) { s, e throws(Raised) in try SingleByteCodecs.encode(vm, s, e, limit: 256) }
    }
    m.function("ascii_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "ascii_encode", s, e) { s, e throws(Raised) in try SingleByteCodecs.encode(vm, s, e, limit: 128) }
    }
    m.function("utf_16_le_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_16_le_encode", s, e) { s, e throws(Raised) in try UTF16Codec.encode(vm, s, e, -1) }
    }
    m.function("utf_16_be_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_16_be_encode", s, e) { s, e throws(Raised) in try UTF16Codec.encode(vm, s, e, 1) }
    }
    m.function("utf_32_le_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_32_le_encode", s, e) { s, e throws(Raised) in try UTF32Codec.encode(vm, s, e, -1) }
    }
    m.function("utf_32_be_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "utf_32_be_encode", s, e) { s, e throws(Raised) in try UTF32Codec.encode(vm, s, e, 1) }
    }
    m.function("utf_16_encode", "($module, str, errors=None, byteorder=0, /)", nil) { vm, _, a throws(Raised) in
      let order = a[2].isNull ? 0 : try vm.asInt(a[2]).signum()
      return try encode(vm, "utf_16_encode", a[0], a[1]) { s, e throws(Raised) in try UTF16Codec.encode(vm, s, e, order) }
    }
    m.function("utf_32_encode", "($module, str, errors=None, byteorder=0, /)", nil) { vm, _, a throws(Raised) in
      let order = a[2].isNull ? 0 : try vm.asInt(a[2]).signum()
      return try encode(vm, "utf_32_encode", a[0], a[1]) { s, e throws(Raised) in try UTF32Codec.encode(vm, s, e, order) }
    }
    m.function("unicode_escape_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "unicode_escape_encode", s, e) { s, e throws(Raised) in try EscapeCodecs.encodeUnicode(vm, s) }
    }
    m.function("raw_unicode_escape_encode", simpleEncode, nil) { vm, _, s, e throws(Raised) in
      try encode(vm, "raw_unicode_escape_encode", s, e) { s, e throws(Raised) in try EscapeCodecs.encodeRaw(vm, s) }
    }
    m.function("charmap_encode", "($module, str, errors=None, mapping=None, /)", nil) { vm, _, a throws(Raised) in
      try encode(vm, "charmap_encode", a[0], a[1]) { s, e throws(Raised) in try CharmapCodec.encode(vm, s, e, a[2]) }
    }
    m.function("charmap_build", "($module, map, /)", nil) { vm, _, map throws(Raised) in try CharmapCodec.build(vm, map) }
    m.function("escape_encode", "($module, data, errors=None, /)", nil) { vm, _, v, e throws(Raised) in
      guard v.isBytes else { throw vm.raise(.typeError, "escape_encode() argument 1 must be bytes, not \(v.argumentTypeName)") }
      let b = v.as(BytesLayout.self)
      let bytes = UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count)
      return try encoded(vm, try EscapeCodecs.encodeBytes(vm, bytes), b.pointee.count)
    }
    m.function("readbuffer_encode", "($module, data, errors=None, /)", nil) { vm, _, v, e throws(Raised) in
      try withInput(vm, v, allowText: true) { b, _ throws(Raised) in try encoded(vm, try vm.bytes(b), b.count) }
    }
  }

  // MARK: decoders

  /// The bytes of a bytes-like argument, or with `allowText` the UTF-8 of a str.
  private static func withInput(
    _ vm: VM, _ v: Value, allowText: Bool = false, _ body: (UnsafeRawBufferPointer, Value) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    if v.isBytes {
      let b = v.as(BytesLayout.self)
      return try body(UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), v)
    }
    if allowText && v.isStr {
      let utf8 = try UTF8Codec.encode(vm, v, .null)
      return try vm.withKept(utf8) { () throws(Raised) in
        let b = utf8.as(BytesLayout.self)
        return try body(UnsafeRawBufferPointer(start: b.bytes, count: b.pointee.count), utf8)
      }
    }
    var view = try vm.buffer(of: v, .simple)
    defer { vm.release(&view) }
    return try body(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount), .null)
  }
  private static func flag(_ vm: VM, _ v: Value, _ fallback: Bool) throws(Raised) -> Bool {
    v.isNull ? fallback : try vm.isTrue(v)
  }
  /// - Parameter all: the number of bytes given, where the decoder has used them all: a handler may have put others in their place.
  private static func decoded(_ vm: VM, _ result: (Value, Int), all: Int? = nil) throws(Raised) -> Value {
    try vm.tuple(result.0, try vm.int(all ?? result.1))
  }
  private static let finalDecode: StaticString = "($module, data, errors=None, final=False, /)"

  private static func declareDecoders(_ m: ModuleBuilder) {
    m.function("utf_8_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      let e = try errors(vm, a[1], "utf_8_decode"), final = try flag(vm, a[2], false)
      return try withInput(vm, a[0]) { b, object throws(Raised) in
        try decoded(vm, try UTF8Codec.decode(vm, b, e, object: object, final: final), all: final ? b.count : nil)
      }
    }
    m.function("utf_7_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      let e = try errors(vm, a[1], "utf_7_decode"), final = try flag(vm, a[2], false)
      return try withInput(vm, a[0]) { b, object throws(Raised) in
        try decoded(vm, try UTF7Codec.decode(vm, b, e, object: object, final: final), all: final ? b.count : nil)
      }
    }
    m.function("latin_1_decode", "($module, data, errors=None, /)", nil) { vm, _, v, e throws(Raised) in
      _ = try errors(vm, e, "latin_1_decode")
      return try withInput(vm, v) { b, _ throws(Raised) in try decoded(vm, (try vm.str(latin1: b), b.count)) }
    }
    m.function("ascii_decode", "($module, data, errors=None, /)", nil) { vm, _, v, e throws(Raised) in
      let e = try errors(vm, e, "ascii_decode")
      return try withInput(vm, v) { b, object throws(Raised) in
        try decoded(vm, (try SingleByteCodecs.decodeASCII(vm, b, e, object: object), b.count))
      }
    }
    m.function("charmap_decode", "($module, data, errors=None, mapping=None, /)", nil) { vm, _, a throws(Raised) in
      let e = try errors(vm, a[1], "charmap_decode")
      let mapping = a[2]
      return try withInput(vm, a[0]) { b, object throws(Raised) in
        try decoded(vm, (try CharmapCodec.decode(vm, b, e, mapping, object: object), b.count))
      }
    }
    m.function("escape_decode", "($module, data, errors=None, /)", nil) { vm, _, v, e throws(Raised) in
      let e = try errors(vm, e, "escape_decode")
      return try withInput(vm, v, allowText: true) { b, _ throws(Raised) in
        try decoded(vm, (try EscapeCodecs.decodeBytes(vm, b, e), b.count))
      }
    }
    m.function("unicode_escape_decode", "($module, data, errors=None, final=True, /)", nil) { vm, _, a throws(Raised) in
      let e = try errors(vm, a[1], "unicode_escape_decode"), final = try flag(vm, a[2], true)
      return try withInput(vm, a[0], allowText: true) { b, object throws(Raised) in
        try decoded(vm, try EscapeCodecs.decodeUnicode(vm, b, e, object: object, final: final), all: final ? b.count : nil)
      }
    }
    m.function("raw_unicode_escape_decode", "($module, data, errors=None, final=True, /)", nil) { vm, _, a throws(Raised) in
      let e = try errors(vm, a[1], "raw_unicode_escape_decode"), final = try flag(vm, a[2], true)
      return try withInput(vm, a[0], allowText: true) { b, object throws(Raised) in
        try decoded(vm, try EscapeCodecs.decodeRaw(vm, b, e, object: object, final: final), all: final ? b.count : nil)
      }
    }
    declareWideDecoders(m)
  }

  private static func wide(
    _ vm: VM, _ name: StaticString, _ is16: Bool, _ data: Value, _ handler: Value, _ order: Int, _ final: Bool, showOrder: Bool = false
  ) throws(Raised) -> Value {
    let e = try errors(vm, handler, name)
    return try withInput(vm, data) { b, object throws(Raised) in
      var order = order
      let (text, used) =
        is16
        ? try UTF16Codec.decode(vm, b, e, &order, object: object, final: final)
        : try UTF32Codec.decode(vm, b, e, &order, object: object, final: final)
      return showOrder
        ? try vm.tuple(text, try vm.int(final ? b.count : used), try vm.int(order))
        : try decoded(vm, (text, used), all: final ? b.count : nil)
    }
  }

  private static func declareWideDecoders(_ m: ModuleBuilder) {
    m.function("utf_16_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_16_decode", true, a[0], a[1], 0, try flag(vm, a[2], false))
    }
    m.function("utf_16_le_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_16_le_decode", true, a[0], a[1], -1, try flag(vm, a[2], false))
    }
    m.function("utf_16_be_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_16_be_decode", true, a[0], a[1], 1, try flag(vm, a[2], false))
    }
    m.function("utf_32_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_32_decode", false, a[0], a[1], 0, try flag(vm, a[2], false))
    }
    m.function("utf_32_le_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_32_le_decode", false, a[0], a[1], -1, try flag(vm, a[2], false))
    }
    m.function("utf_32_be_decode", finalDecode, nil) { vm, _, a throws(Raised) in
      try wide(vm, "utf_32_be_decode", false, a[0], a[1], 1, try flag(vm, a[2], false))
    }
    m.function("utf_16_ex_decode", "($module, data, errors=None, byteorder=0, final=False, /)", nil) { vm, _, a throws(Raised) in
      let order = a[2].isNull ? 0 : try vm.asInt(a[2]).signum()
      return try wide(vm, "utf_16_ex_decode", true, a[0], a[1], order, try flag(vm, a[3], false), showOrder: true)
    }
    m.function("utf_32_ex_decode", "($module, data, errors=None, byteorder=0, final=False, /)", nil) { vm, _, a throws(Raised) in
      let order = a[2].isNull ? 0 : try vm.asInt(a[2]).signum()
      return try wide(vm, "utf_32_ex_decode", false, a[0], a[1], order, try flag(vm, a[3], false), showOrder: true)
    }
  }
}
