// What bytes and bytearray have and str has not, or differently: ASCII casing and tests, hex, translate, decode.

extension TextMethods {
  // MARK: ASCII casing

  @inline(__always)
  private static func map(_ vm: VM, _ v: Value, _ f: (UInt32, Bool) -> UInt32) throws(Raised) -> Value {
    let view = K.view(v)
    var out = try TextOutput<K>(vm, length: view.length, unit: 1, ascii: false)
    var previousIsLetter = false
    for i in 0..<view.length {
      let c = view[i]
      out.append(f(c, previousIsLetter), count: 1)
      previousIsLetter = isLetter(c)
    }
    return try out.finish()
  }
  @inline(__always) private static func isLetter(_ c: UInt32) -> Bool { (c | 32) &- 97 < 26 }
  @inline(__always) private static func isUpper(_ c: UInt32) -> Bool { c &- 65 < 26 }
  @inline(__always) private static func isLower(_ c: UInt32) -> Bool { c &- 97 < 26 }
  @inline(__always) private static func toLower(_ c: UInt32) -> UInt32 { isUpper(c) ? c | 32 : c }
  @inline(__always) private static func toUpper(_ c: UInt32) -> UInt32 { isLower(c) ? c & ~32 : c }

  static func asciiLower(_ vm: VM, _ v: Value) throws(Raised) -> Value { try map(vm, v) { c, _ in toLower(c) } }
  static func asciiUpper(_ vm: VM, _ v: Value) throws(Raised) -> Value { try map(vm, v) { c, _ in toUpper(c) } }
  static func asciiSwapcase(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try map(vm, v) { c, _ in isLetter(c) ? c ^ 32 : c }
  }
  static func asciiTitle(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try map(vm, v) { c, inWord in inWord ? toLower(c) : toUpper(c) }
  }
  static func asciiCapitalize(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = K.view(v)
    var out = try TextOutput<K>(vm, length: view.length, unit: 1, ascii: false)
    for i in 0..<view.length { out.append(i == 0 ? toUpper(view[i]) : toLower(view[i]), count: 1) }
    return try out.finish()
  }

  // MARK: ASCII tests

  @inline(__always) private static func all(_ v: Value, _ test: (UInt32) -> Bool) -> Value {
    let view = K.view(v)
    if view.length == 0 { return .false }
    for i in 0..<view.length where !test(view[i]) { return .false }
    return .true
  }
  static func asciiIsAlpha(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v, isLetter) }
  static func asciiIsAlnum(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v) { isLetter($0) || $0 &- 48 < 10 } }
  static func asciiIsDigit(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v) { $0 &- 48 < 10 } }
  static func asciiIsSpace(_ vm: VM, _ v: Value) throws(Raised) -> Value { all(v) { BytesText.isSpace($0) } }
  static func asciiIsASCII(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = K.view(v)
    return .bool(UTF8Scan.firstNonASCII(view.units, view.length) == view.length)
  }
  static func asciiIsLower(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = K.view(v)
    var cased = false
    for i in 0..<view.length {
      if isUpper(view[i]) { return .false }
      cased = cased || isLower(view[i])
    }
    return .bool(cased)
  }
  static func asciiIsUpper(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = K.view(v)
    var cased = false
    for i in 0..<view.length {
      if isLower(view[i]) { return .false }
      cased = cased || isUpper(view[i])
    }
    return .bool(cased)
  }
  static func asciiIsTitle(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let view = K.view(v)
    var cased = false, inWord = false
    for i in 0..<view.length {
      let c = view[i]
      if isUpper(c) {
        if inWord { return .false }
        inWord = true
        cased = true
      } else if isLower(c) {
        if !inWord { return .false }
        cased = true
      } else {
        inWord = false
      }
    }
    return .bool(cased)
  }

  // MARK: conversions

  static func decode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    let e = try StrType.textArgument(vm, encoding, "decode", "encoding")
    let handler = try StrType.textArgument(vm, errors, "decode", "errors")
    if K.view(v).length == 0 && (Codecs.native(e) != nil || !rt.pointee.flags.devMode) { return try vm.emptyStr() }
    return try Codecs.decode(vm, v, e, handler)
  }

  static func hex(_ vm: VM, _ v: Value, _ separator: Value, _ group: Value) throws(Raised) -> Value {
    let view = K.view(v)
    return try BytesText.hex(vm, UnsafeRawBufferPointer(start: view.units, count: view.length), separator, group)
  }

  static func translate(_ vm: VM, _ v: Value, _ table: Value, _ delete: Value) throws(Raised) -> Value {
    var map: TextArgument?
    if !table.isNone {
      let argument = try TextArgument(vm, table, K.self) { "a bytes-like object is required, not '\(table.typeName)'" }
      map = argument
      if argument.view.length != 256 {
        map?.end()
        throw vm.raise(.valueError, "translation table must be 256 characters long")
      }
    }
    defer { map?.end() }
    var deleted: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    if !delete.isNull {
      var argument = try TextArgument(vm, delete, K.self) { "a bytes-like object is required, not '\(delete.typeName)'" }
      withUnsafeMutableBytes(of: &deleted) { bits in
        for i in 0..<argument.view.length {
          let c = argument.view[i]
          bits[Int(c >> 3)] |= 1 &<< UInt8(c & 7)
        }
      }
      argument.end()
    }
    let view = K.view(v)
    if delete.isNull, let map { return try translate(vm, v, view, map.view) }
    let out = try vm.allocateRawBytes(max(1, view.length)).assumingMemoryBound(to: UInt8.self)
    var n = 0
    withUnsafeBytes(of: &deleted) { bits in
      for i in 0..<view.length {
        let c = view[i]
        if bits[Int(c >> 3)] & (1 &<< UInt8(c & 7)) != 0 { continue }
        out[n] = UInt8(truncatingIfNeeded: map.map { $0.view[Int(c)] } ?? c)
        n &+= 1
      }
    }
    return try K.make(vm, StrView(units: UnsafeRawPointer(out), length: n, unit: 1), .null)
  }

  /// Nothing is deleted; the table has 256 bytes. Exact bytes that stay as they are are the answer.
  private static func translate(_ vm: VM, _ v: Value, _ view: StrView, _ table: StrView) throws(Raised) -> Value {
    let source = view.units.assumingMemoryBound(to: UInt8.self), map = table.units.assumingMemoryBound(to: UInt8.self)
    var i = 0
    while i < view.length, map[Int(source[i])] == source[i] { i &+= 1 }
    if i == view.length { return try K.make(vm, view, v.isExact(rt.types.bytes) ? v : .null) }
    var result = try TextOutput<K>(vm, length: view.length, unit: 1, ascii: false)
    result.append(StrView(units: view.units, length: i, unit: 1))
    let target = result.reserve(view.length &- i).assumingMemoryBound(to: UInt8.self)
    for j in 0..<view.length &- i { target[j] = map[Int(source[i &+ j])] }
    return try result.finish()
  }

  static func maketrans(_ vm: VM, _ none: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "\(K.typeName).maketrans() takes no keyword arguments") }
    guard args.count == 2 else { throw vm.raise(.typeError, "maketrans expected 2 arguments, got \(args.count)") }
    var from = try TextArgument(vm, args[0], BytesText.self) { "a bytes-like object is required, not '\(args[0].typeName)'" }
    defer { from.end() }
    var to = try TextArgument(vm, args[1], BytesText.self) { "a bytes-like object is required, not '\(args[1].typeName)'" }
    defer { to.end() }
    guard from.view.length == to.view.length else {
      throw vm.raise(.valueError, "maketrans arguments must have same length")
    }
    let table = try vm.bytes(count: 256)
    let p = table.as(BytesLayout.self).bytes
    for i in 0..<256 { p[i] = UInt8(i) }
    for i in 0..<from.view.length { p[Int(from.view[i])] = UInt8(truncatingIfNeeded: to.view[i]) }
    return table
  }

  /// `cls.fromhex(string)`
  static func fromhex(_ vm: VM, _ cls: Value, _ text: Value) throws(Raised) -> Value {
    guard text.isStr else { throw vm.raise(.typeError, "fromhex() argument must be str, not \(text.argumentTypeName)") }
    let view = StrView(text)
    var out = ByteBuilder(vm)
    try out.reserve(view.length / 2)
    var i = 0
    if !text.as(StrLayout.self).isASCII {
      while view[i] < 128 { i &+= 1 }
      throw vm.raise(.valueError, "non-hexadecimal number found in fromhex() arg at position \(i)")
    }
    func digit(_ i: Int) -> UInt8? { i < view.length ? HexText.digit(UInt8(truncatingIfNeeded: view[i])) : nil }
    while i < view.length {
      if BytesText.isSpace(view[i]) {
        i &+= 1
        continue
      }
      guard let high = digit(i) else {
        throw vm.raise(.valueError, "non-hexadecimal number found in fromhex() arg at position \(i)")
      }
      guard let low = digit(i &+ 1) else {
        throw vm.raise(.valueError, "non-hexadecimal number found in fromhex() arg at position \(i &+ 1)")
      }
      try out.append(high << 4 | low)
      i &+= 2
    }
    let result = try out.finish()
    if cls.asType == rt.types.bytes { return result }
    return try vm.call(cls, result)
  }
}

extension BytesText {
  /// `hex(sep, bytes_per_sep)` of some bytes.
  static func hex(
    _ vm: VM, _ b: UnsafeRawBufferPointer, _ separator: Value, _ group: Value
  ) throws(Raised) -> Value {
    let groups = try HexText.Groups(vm, separator, group, ascii: true)
    if b.count == 0 { return try vm.emptyStr() }
    let r = try vm.newStr(length: try groups.length(vm, b.count), unit: 1, ascii: true)
    groups.write(b.bindMemory(to: UInt8.self), into: r.units.assumingMemoryBound(to: UInt8.self))
    return Value(r)
  }

  /// `b'…'`
  static func appendRepr(_ view: StrView, _ out: inout StrBuilder) throws(Raised) {
    let quote: UInt32 = view.find(codePoint: 39) >= 0 && view.find(codePoint: 34) < 0 ? 34 : 39
    try out.append(98)
    try out.append(quote)
    for i in 0..<view.length {
      let c = view[i]
      if c == quote || c == 92 {
        try out.append(92)
        try out.append(c)
      } else if c >= 32 && c < 127 {
        try out.append(c)
      } else {
        try StrType.appendEscape(c, &out)
      }
    }
    try out.append(quote)
  }
}
