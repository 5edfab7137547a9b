/// What a codec does with what it cannot convert: the `errors` argument.
struct CodecErrors {
  enum Mode { case strict, ignore, replace, surrogateEscape, surrogatePass, backslashReplace, xmlCharRefReplace, other }
  let mode: Mode
  /// str or null
  let name: Value
  /// The registered handler, once looked up
  var handler = Value.null

  /// - Parameter name: a str, None or null (strict)
  init(_ name: Value) {
    self.name = name
    guard name.isStr else {
      mode = .strict
      return
    }
    if Str.equal(name, "strict") {
      mode = .strict
    } else if Str.equal(name, "surrogateescape") {
      mode = .surrogateEscape
    } else if Str.equal(name, "replace") {
      mode = .replace
    } else if Str.equal(name, "ignore") {
      mode = .ignore
    } else if Str.equal(name, "backslashreplace") {
      mode = .backslashReplace
    } else if Str.equal(name, "surrogatepass") {
      mode = .surrogatePass
    } else if Str.equal(name, "xmlcharrefreplace") {
      mode = .xmlCharRefReplace
    } else {
      mode = .other
    }
  }
}

/// The encodings whose names handlers know: surrogatepass depends on the encoding.
enum StandardEncoding {
  case utf8, utf16LE, utf16BE, utf32LE, utf32BE, unknown

  init(_ name: String) {
    var text = ""
    for u in name.unicodeScalars {
      let c = u == "_" ? "-" : u
      text.unicodeScalars.append(c.value &- 65 < 26 ? Unicode.Scalar(UInt8(truncatingIfNeeded: c.value | 32)) : c)
    }
    switch text {
    case "utf-8", "utf8", "cp-utf8", "cp65001": self = .utf8
    case "utf-16", "utf16", "utf-16-le", "utf16-le", "utf-16le", "utf16le": self = .utf16LE
    case "utf-16-be", "utf16-be", "utf-16be", "utf16be": self = .utf16BE
    case "utf-32", "utf32", "utf-32-le", "utf32-le", "utf-32le", "utf32le": self = .utf32LE
    case "utf-32-be", "utf32-be", "utf-32be", "utf32be": self = .utf32BE
    default: self = .unknown
    }
  }
  var width: Int {
    switch self {
    case .utf8: 3
    case .utf16LE, .utf16BE: 2
    case .utf32LE, .utf32BE: 4
    case .unknown: 0
    }
  }
  /// Appends a surrogate as the encoding would write it were it allowed.
  func appendSurrogate(_ c: UInt32, _ out: inout ByteBuilder) throws(Raised) {
    func byte(_ shift: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: c >> shift) }
    switch self {
    case .utf8:
      try out.append(0xE0 | byte(12) & 0x0F)
      try out.append(0x80 | byte(6) & 0x3F)
      try out.append(0x80 | byte(0) & 0x3F)
    case .utf16LE:
      try out.append(byte(0))
      try out.append(byte(8))
    case .utf16BE:
      try out.append(byte(8))
      try out.append(byte(0))
    case .utf32LE:
      try out.append(byte(0))
      try out.append(byte(8))
      try out.append(0)
      try out.append(0)
    case .utf32BE:
      try out.append(0)
      try out.append(0)
      try out.append(byte(8))
      try out.append(byte(0))
    case .unknown: break
    }
  }
  /// The surrogate encoded at `p`, which has at least `width` bytes; nil if it is none.
  func surrogate(_ p: UnsafePointer<UInt8>) -> UInt32? {
    var c: UInt32 = 0
    switch self {
    case .utf8:
      if p[0] & 0xF0 == 0xE0 && p[1] & 0xC0 == 0x80 && p[2] & 0xC0 == 0x80 {
        c = UInt32(p[0] & 0x0F) << 12 | UInt32(p[1] & 0x3F) << 6 | UInt32(p[2] & 0x3F)
      }
    case .utf16LE: c = UInt32(p[1]) << 8 | UInt32(p[0])
    case .utf16BE: c = UInt32(p[0]) << 8 | UInt32(p[1])
    case .utf32LE: c = UInt32(p[3]) << 24 | UInt32(p[2]) << 16 | UInt32(p[1]) << 8 | UInt32(p[0])
    case .utf32BE: c = UInt32(p[0]) << 24 | UInt32(p[1]) << 16 | UInt32(p[2]) << 8 | UInt32(p[3])
    case .unknown: break
    }
    return c >= 0xD800 && c <= 0xDFFF ? c : nil
  }
}

// MARK: decoding

/// A decoder at work: its input, its output and what it does with errors. `object` is the bytes object that holds the input, made
/// when the first error needs one.
struct Decoding {
  let vm: VM
  let encoding: StaticString
  var input: UnsafePointer<UInt8>
  var count: Int
  var errors: CodecErrors
  var object: Value
  var out: StrBuilder

  /// - Parameter object: the bytes object whose contents `input` is, or null
  init(_ vm: VM, _ encoding: StaticString, _ input: UnsafeRawBufferPointer, _ errors: Value, object: Value = .null) {
    self.vm = vm
    self.encoding = encoding
    self.input = input.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? UnsafePointer(bitPattern: 16).unsafelyUnwrapped
    count = input.count
    self.errors = CodecErrors(errors)
    self.object = object.isExact(rt.types.bytes) ? object : .null
    out = StrBuilder(vm)
  }

  /// Deals with the undecodable bytes [start, end).
  /// - Returns: where decoding goes on; the input may have been replaced.
  @inline(never)
  mutating func fail(_ start: Int, _ end: Int, _ reason: StaticString) throws(Raised) -> Int {
    switch errors.mode {
    case .strict: throw vm.raise(try exception(start, end, reason))
    case .ignore: return end
    case .replace:
      try out.append(0xFFFD)
      return end
    case .surrogateEscape:
      var i = start
      while i < end && input[i] >= 128 {
        try out.append(0xDC00 &+ UInt32(input[i]))
        i &+= 1
      }
      if i == start { throw vm.raise(try exception(start, end, reason)) }
      return i
    case .backslashReplace:
      for i in start..<end {
        try out.append("\\x")
        try StrType.appendHex(UInt32(input[i]), 2, &out)
      }
      return end
    case .surrogatePass:
      let kind = StandardEncoding("\(encoding)")
      if kind.width > 0, count &- start >= kind.width, let c = kind.surrogate(input + start) {
        try out.append(c)
        return start &+ kind.width
      }
      throw vm.raise(try exception(start, end, reason))
    case .xmlCharRefReplace:
      throw vm.raise(.typeError, "don't know how to handle UnicodeDecodeError in error callback")
    case .other: return try callHandler(start, end, reason)
    }
  }

  private mutating func exception(_ start: Int, _ end: Int, _ reason: StaticString) throws(Raised) -> Value {
    if object.isNull { object = try vm.bytes(UnsafeRawBufferPointer(start: input, count: count)) }
    return try CodecExceptions.decodeError(vm, encoding, object, start, end, vm.str("\(reason)"))
  }

  private mutating func callHandler(_ start: Int, _ end: Int, _ reason: StaticString) throws(Raised) -> Int {
    if errors.handler.isNull { errors.handler = try CodecRegistry.lookupError(vm, errors.name) }
    let exc = try exception(start, end, reason)
    let result = try vm.call(errors.handler, exc)
    guard result.isTuple, result.as(TupleLayout.self).pointee.count == 2, result.as(TupleLayout.self).items[0].isStr,
      result.as(TupleLayout.self).items[1].isInt
    else { throw vm.raise(.typeError, "decoding error handler must return (str, int) tuple") }
    let replacement = result.as(TupleLayout.self).items[0]
    var position = try vm.asInt(result.as(TupleLayout.self).items[1])
    // The handler may have put other input in place.
    let current = try vm.getAttribute(exc, "object")
    guard current.isBytes else { throw vm.raise(.typeError, "exception attribute object must be bytes") }
    object = current
    input = UnsafePointer(current.as(BytesLayout.self).bytes)
    count = current.as(BytesLayout.self).pointee.count
    if position < 0 { position &+= count }
    guard position >= 0 && position <= count else {
      throw vm.raise(.indexError, "position \(position) from error handler out of bounds")
    }
    try out.append(replacement)
    return position
  }
}

// MARK: encoding

/// An encoder at work. `write` puts a code point into the output, or answers false if the encoding has none such: it serves
/// the replacement texts of error handlers.
struct TextEncoding {
  typealias Writer = (inout ByteBuilder, UInt32) throws(Raised) -> Bool
  let vm: VM
  let encoding: StaticString
  let text: Value
  let view: StrView
  var errors: CodecErrors
  var out: ByteBuilder
  /// Bytes that handlers put in must come in multiples of this
  var unitSize = 1

  init(_ vm: VM, _ encoding: StaticString, _ text: Value, _ errors: Value) {
    self.vm = vm
    self.encoding = encoding
    self.text = text
    view = StrView(text)
    self.errors = CodecErrors(errors)
    out = ByteBuilder(vm)
  }

  /// Deals with the unencodable code points [from, end).
  /// - Returns: where encoding goes on.
  @inline(never)
  mutating func fail(_ from: Int, _ end: Int, _ reason: StaticString, _ write: Writer) throws(Raised) -> Int {
    var start = from
    switch errors.mode {
    case .strict: throw vm.raise(try exception(start, end, reason))
    case .ignore: return end
    case .replace:
      for _ in start..<end where try !write(&out, 63) { throw vm.raise(try exception(from, end, reason)) }
      return end
    case .surrogateEscape:
      if (end &- start) % unitSize != 0 { throw vm.raise(try exception(start, end, reason)) }
      while start < end, view[start] >= 0xDC80, view[start] <= 0xDCFF {
        try out.append(UInt8(truncatingIfNeeded: view[start]))
        start &+= 1
      }
      if start < end { throw vm.raise(try exception(start, end, reason)) }
      return end
    case .surrogatePass:
      let kind = StandardEncoding("\(encoding)")
      for i in start..<end {
        guard kind.width > 0, view[i] >= 0xD800, view[i] <= 0xDFFF else { throw vm.raise(try exception(from, end, reason)) }
        try kind.appendSurrogate(view[i], &out)
      }
      return end
    case .backslashReplace:
      try put(try CodecHandlers.backslashes(vm, view, start, end), from, end, reason, write)
      return end
    case .xmlCharRefReplace:
      try put(try CodecHandlers.characterReferences(vm, view, start, end), from, end, reason, write)
      return end
    case .other: return try callHandler(start, end, reason, write)
    }
  }

  private mutating func put(
    _ replacement: Value, _ start: Int, _ end: Int, _ reason: StaticString, _ write: Writer
  ) throws(Raised) {
    if replacement.isBytes {
      let b = replacement.as(BytesLayout.self)
      if b.pointee.count % unitSize != 0 { throw vm.raise(try exception(start, end, reason)) }
      return try out.append(UnsafeRawPointer(b.bytes), b.pointee.count)
    }
    let r = StrView(replacement)
    for i in 0..<r.length where try !write(&out, r[i]) { throw vm.raise(try exception(start, end, reason)) }
  }

  private func exception(_ start: Int, _ end: Int, _ reason: StaticString) throws(Raised) -> Value {
    try CodecExceptions.encodeError(vm, encoding, text, start, end, vm.str("\(reason)"))
  }

  private mutating func callHandler(_ start: Int, _ end: Int, _ reason: StaticString, _ write: Writer) throws(Raised) -> Int {
    if errors.handler.isNull { errors.handler = try CodecRegistry.lookupError(vm, errors.name) }
    let result = try vm.call(errors.handler, try exception(start, end, reason))
    guard result.isTuple, result.as(TupleLayout.self).pointee.count == 2,
      result.as(TupleLayout.self).items[0].isStr || result.as(TupleLayout.self).items[0].isBytes,
      result.as(TupleLayout.self).items[1].isInt
    else { throw vm.raise(.typeError, "encoding error handler must return (str/bytes, int) tuple") }
    var position = try vm.asInt(result.as(TupleLayout.self).items[1])
    if position < 0 { position &+= view.length }
    guard position >= 0 && position <= view.length else {
      throw vm.raise(.indexError, "position \(position) from error handler out of bounds")
    }
    try put(result.as(TupleLayout.self).items[0], start, end, reason, write)
    return position
  }
}

/// Unicode errors with CPython's five arguments.
enum CodecExceptions {
  static func decodeError(
    _ vm: VM, _ encoding: StaticString, _ object: Value, _ start: Int, _ end: Int, _ reason: Value
  ) throws(Raised) -> Value {
    try make(vm, .unicodeDecodeError, encoding, object, start, end, reason)
  }
  static func encodeError(
    _ vm: VM, _ encoding: StaticString, _ text: Value, _ start: Int, _ end: Int, _ reason: Value
  ) throws(Raised) -> Value {
    try make(vm, .unicodeEncodeError, encoding, text, start, end, reason)
  }
  private static func make(
    _ vm: VM, _ kind: ExceptionKind, _ encoding: StaticString, _ object: Value, _ start: Int, _ end: Int, _ reason: Value
  ) throws(Raised) -> Value {
    let name = try vm.str("\(encoding)")
    var arguments = (name, object, try vm.int(start), try vm.int(end), reason)
    return try withValues(&arguments) { p throws(Raised) in
      try Exceptions.make(vm, rt.types[kind], Args(p, count: 5))
    }
  }
}
