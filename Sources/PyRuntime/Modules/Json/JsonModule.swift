/// `_json`: what the standard library's `json` takes from C. Native because json's Python forms take many times as long as the whole of
/// CPython's `loads` and `dumps` do, and its C form would carry every value across the bridge.
enum JsonModule {
  nonisolated(unsafe) private static var asciiEncoder = Value.null
  nonisolated(unsafe) private static var plainEncoder = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("json speedups\n")
    m.function(
      "scanstring", nil,
      """
      scanstring(string, end, strict=True) -> (string, end)

      The JSON string whose opening quote stands before index end, and the index behind its closing quote.
      Unless strict is false, literal control characters are refused.
      """, scanString)
    m.function(
      "encode_basestring_ascii", "($module, string, /)", "encode_basestring_ascii(string) -> string\n\nA string as ASCII-only JSON.",
      encodeASCII)
    m.function(
      "encode_basestring", "($module, string, /)", "encode_basestring(string) -> string\n\nA string as JSON.", encodePlain)
    asciiEncoder = Dicts.get(m.vm, m.dict, "encode_basestring_ascii")
    plainEncoder = Dicts.get(m.vm, m.dict, "encode_basestring")
    m.value("make_scanner", try type(m.vm, "_json.Scanner", MemoryLayout<JsonScannerLayout>.size, JsonScanner.declare))
    m.value("make_encoder", try type(m.vm, "_json.Encoder", MemoryLayout<JsonEncoderLayout>.size, JsonEncoder.declare))
  }

  private static func type(
    _ vm: VM, _ name: StaticString, _ size: Int, _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> Value {
    let t = try TypeFactory.makeBuiltin(vm, name, base: nil, layoutSize: size, flags: [.baseType], module: .null)
    var builder = TypeBuilder(vm: vm, type: t)
    try declare(&builder)
    try TypeFactory.ready(vm, t)
    return Value(t)
  }

  /// How an encoder given to `make_encoder` writes strs: natively if it is one of ours.
  static func escape(for encoder: Value) -> JsonStrings.Escape? {
    encoder == asciiEncoder ? .ascii : encoder == plainEncoder ? .plain : nil
  }

  private static let scanString: NativeMany = { vm, _, args throws(Raised) in
    if args.keywordCount > 0 { throw vm.raise(.typeError, "scanstring() takes no keyword arguments") }
    if args.count < 2 { throw vm.raise(.typeError, "scanstring() takes at least 2 arguments (\(args.count) given)") }
    if args.count > 3 { throw vm.raise(.typeError, "scanstring() takes at most 3 arguments (\(args.count) given)") }
    let end = try vm.asIndex(args[1], overflow: .overflowError)
    let strict = args[2].isNull ? true : try vm.isTrue(args[2])
    guard args[0].isStr else { throw vm.raise(.typeError, "first argument must be a string, not \(args[0].typeName)") }
    var at = end
    let text = try JsonStrings.scan(vm, args[0], &at, strict: strict)
    return try vm.tuple(text, Value(smallInt: at))
  }
  private static let encodeASCII: NativeOne = { vm, _, v throws(Raised) in try encode(vm, v, .ascii) }
  private static let encodePlain: NativeOne = { vm, _, v throws(Raised) in try encode(vm, v, .plain) }

  private static func encode(_ vm: VM, _ v: Value, _ escape: JsonStrings.Escape) throws(Raised) -> Value {
    guard v.isStr else { throw vm.raise(.typeError, "first argument must be a string, not \(v.typeName)") }
    var out = StrBuilder(vm)
    try JsonStrings.encode(StrView(v), escape, &out)
    return try out.finish()
  }

  /// `json.decoder.JSONDecodeError(message, text, position)`
  static func error(_ vm: VM, _ message: StaticString, _ text: Value, _ position: Int) throws(Raised) -> Raised {
    let module = try vm.importModule("json.decoder")
    let kind = try vm.getAttribute(module, "JSONDecodeError")
    return vm.raise(try vm.call(kind, try vm.str(utf8: message.rawBuffer), text, Value(smallInt: position)))
  }
}

/// Strings in JSON text.
enum JsonStrings {
  enum Escape { case ascii, plain }

  // MARK: writing

  /// Appends `view` in quotes.
  static func encode(_ view: StrView, _ escape: Escape, _ out: inout StrBuilder) throws(Raised) {
    try out.append(34)
    var from = 0
    var i = 0
    if view.unit == 1 {
      let p = view.pointer(UInt8.self)
      while i < view.length {
        // Eight bytes at once while none of them needs care.
        if i &+ 8 <= view.length && isPlain(view.units.loadUnaligned(fromByteOffset: i, as: UInt64.self)) {
          i &+= 8
          continue
        }
        let c = p[i]
        if c >= 32 && c != 34 && c != 92 && (c < 127 || escape == .plain) {
          i &+= 1
          continue
        }
        try out.append(view.slice(from, i))
        try special(UInt32(c), &out)
        i &+= 1
        from = i
      }
    } else {
      while i < view.length {
        let c = view[i]
        if c >= 32 && c != 34 && c != 92 && (c < 127 || escape == .plain) {
          i &+= 1
          continue
        }
        try out.append(view.slice(from, i))
        try special(c, &out)
        i &+= 1
        from = i
      }
    }
    if from < i { try out.append(view.slice(from, i)) }
    try out.append(34)
  }

  /// No byte of `x` is a control character, a quote, a backslash or above 126.
  @inline(__always)
  private static func isPlain(_ x: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101, highs: UInt64 = 0x8080_8080_8080_8080
    func zeroes(_ v: UInt64) -> UInt64 { (v &- ones) & ~v & highs }
    let quote = zeroes(x ^ (ones &* 34)), backslash = zeroes(x ^ (ones &* 92)), delete = zeroes(x ^ (ones &* 127))
    let control = (x &- ones &* 32) & ~x & highs
    return quote | backslash | delete | control | (x & highs) == 0
  }

  private static func special(_ c: UInt32, _ out: inout StrBuilder) throws(Raised) {
    let letter: UInt32
    switch c {
    case 34, 92: letter = c
    case 8: letter = 98
    case 12: letter = 102
    case 10: letter = 110
    case 13: letter = 114
    case 9: letter = 116
    default:
      if c >= 0x10000 {
        try hex(0xD7C0 &+ c >> 10, &out)
        try hex(0xDC00 | c & 0x3FF, &out)
      } else {
        try hex(c, &out)
      }
      return
    }
    try out.append(92)
    try out.append(letter)
  }
  private static func hex(_ c: UInt32, _ out: inout StrBuilder) throws(Raised) {
    try out.append(92)
    try out.append(117)
    var shift: UInt32 = 16
    while shift > 0 {
      shift &-= 4
      let d = c >> shift & 15
      try out.append(d < 10 ? 48 &+ d : 87 &+ d)
    }
  }

  // MARK: reading

  /// The str whose opening quote stands before `at`, which moves behind the closing one. `text` is a str.
  static func scan(_ vm: VM, _ text: Value, _ at: inout Int, strict: Bool) throws(Raised) -> Value {
    let view = StrView(text)
    let begin = at &- 1
    guard at >= 0 && at <= view.length else { throw vm.raise(.valueError, "end is out of bounds") }
    // Most strings have no escapes: they are copied in one piece.
    let first = try run(vm, text, view, at, strict)
    if first < view.length && view[first] == 34 {
      let piece = view.slice(at, first)
      let isASCII = text.as(StrLayout.self).isASCII
      let result =
        isASCII ? try vm.str(ascii: UnsafeRawBufferPointer(start: piece.units, count: piece.length)) : try StrText.make(vm, piece, .null)
      at = first &+ 1
      return result
    }
    var out = StrBuilder(vm)
    var from = at
    var i = first
    while true {
      try out.append(view.slice(from, i))
      if i >= view.length { throw try JsonModule.error(vm, "Unterminated string starting at", text, begin) }
      if view[i] == 34 { break }
      try escaped(vm, text, view, &i, begin, &out)
      from = i
      i = try run(vm, text, view, i, strict)
    }
    at = i &+ 1
    return try out.finish()
  }

  /// Index of the next quote or backslash, or the end.
  @inline(__always)
  private static func run(_ vm: VM, _ text: Value, _ view: StrView, _ start: Int, _ strict: Bool) throws(Raised) -> Int {
    var i = start
    if view.unit == 1 {
      // Eight bytes at once while none of them needs care.
      while i &+ 8 <= view.length && isText(view.units.loadUnaligned(fromByteOffset: i, as: UInt64.self)) { i &+= 8 }
    }
    while i < view.length {
      let c = view[i]
      if c == 34 || c == 92 { return i }
      if c < 32 && strict { throw try JsonModule.error(vm, "Invalid control character at", text, i) }
      i &+= 1
    }
    return i
  }

  /// No byte of `x` is a control character, a quote or a backslash.
  @inline(__always)
  private static func isText(_ x: UInt64) -> Bool {
    let ones: UInt64 = 0x0101_0101_0101_0101, highs: UInt64 = 0x8080_8080_8080_8080
    func zeroes(_ v: UInt64) -> UInt64 { (v &- ones) & ~v & highs }
    return zeroes(x ^ (ones &* 34)) | zeroes(x ^ (ones &* 92)) | ((x &- ones &* 32) & ~x & highs) == 0
  }

  /// What `scan` would find at `at`, each name once: `memo` holds those there have been. Null when it is not ASCII without escapes; then `at`
  /// stays.
  static func name(_ vm: VM, _ text: Value, _ at: inout Int, _ memo: Value) throws(Raised) -> Value {
    let s = text.as(StrLayout.self)
    guard s.isASCII else { return .null }
    let bytes = s.units.assumingMemoryBound(to: UInt8.self)
    var end = at
    while end < s.pointee.length, bytes[end] != 34 {
      if bytes[end] == 92 || bytes[end] < 32 { return .null }
      end &+= 1
    }
    if end >= s.pointee.length { return .null }
    let name = UnsafeRawBufferPointer(start: bytes + at, count: end &- at)
    let hash = Str.hash(bytes: name)
    at = end &+ 1
    let known = HashTable.key(memo.asTable, ascii: name, hash, HashTable.dictStride)
    if !known.isNull { return known }
    let made = try vm.str(ascii: name)
    made.as(StrLayout.self).pointee.hash = hash
    return try Dicts.setDefault(vm, memo, made, made)
  }

  /// The escape sequence at `i`, a backslash; `i` moves behind it.
  private static func escaped(
    _ vm: VM, _ text: Value, _ view: StrView, _ i: inout Int, _ begin: Int, _ out: inout StrBuilder
  ) throws(Raised) {
    let backslash = i
    i &+= 1
    if i >= view.length { throw try JsonModule.error(vm, "Unterminated string starting at", text, begin) }
    let c = view[i]
    i &+= 1
    switch c {
    case 34, 92, 47: return try out.append(c)
    case 98: return try out.append(8)
    case 102: return try out.append(12)
    case 110: return try out.append(10)
    case 114: return try out.append(13)
    case 116: return try out.append(9)
    case 117: break
    default: throw try JsonModule.error(vm, "Invalid \\escape", text, backslash)
    }
    // Something must follow the four digits: at least the closing quote.
    guard i &+ 4 < view.length, let unit = hexUnit(view, i) else {
      throw try JsonModule.error(vm, "Invalid \\uXXXX escape", text, backslash &+ 1)
    }
    i &+= 4
    if unit & 0xFC00 == 0xD800, i &+ 6 < view.length, view[i] == 92, view[i &+ 1] == 117 {
      guard let low = hexUnit(view, i &+ 2) else { throw try JsonModule.error(vm, "Invalid \\uXXXX escape", text, i &+ 1) }
      if low & 0xFC00 == 0xDC00 {
        i &+= 6
        return try out.append(0x10000 &+ ((unit & 0x3FF) << 10 | low & 0x3FF))
      }
    }
    try out.append(unit)
  }

  private static func hexUnit(_ view: StrView, _ at: Int) -> UInt32? {
    var value: UInt32 = 0
    for k in 0..<4 {
      let c = view[at &+ k]
      guard c < 128 else { return nil }
      let d = IntText.digitValue(UInt8(truncatingIfNeeded: c))
      if d > 15 { return nil }
      value = value << 4 | UInt32(truncatingIfNeeded: d)
    }
    return value
  }
}
