import Glibc

/// Text over a binary stream: `_io.TextIOWrapper`.
///
/// `decoded[position...]` is text that has been read from `buffer` and not yet by the user; `chunk` holds the bytes it came from
/// (with those left over from the chunk before), which `tell` needs. What is written goes to `buffer` at once.
struct TextIOLayout {
  var base: IOBaseLayout
  var buffer: Value
  var encoding: Value
  var errors: Value
  /// str or None, as given
  var newline: Value
  /// Incremental codec objects; null for encodings that are handled here
  var decoder: Value
  var encoder: Value
  var decoded: Value
  var position: Int
  var chunk: Value
  /// The decoder's state before `chunk` (`TextPositions`), null where positions are not wanted
  var snapshotFlags: Value
  /// Bytes at the end of the last chunk that do not make a character yet: bytes or null
  var leftover: Value
  var translation: NewlineTranslation
  /// UTF-8, ASCII or Latin-1: decoded and encoded here
  var isNative: Bool
  var isUTF8: Bool
  var lineBuffering: Bool
  var writeThrough: Bool
  /// Universal newlines are recognised (newline None or "")
  var universal: Bool
  /// "\n" is written as `newline`
  var writesOther: Bool
  var chunkSize: Int
  var telling: Bool
  var iterating: Bool
  /// `buffer` is exactly a BufferedWriter or BufferedRandom
  var directOutput: Bool
  var readable: Bool
  var writable: Bool
  /// What was written and has not gone to `buffer`, for buffers of other kinds: list of bytes or null, and their length
  var pending: Value
  var pendingCount: Int
}

enum TextIO {
  nonisolated(unsafe) static var type: TypeRef?

  static func text(_ v: Value) -> UnsafeMutablePointer<TextIOLayout> { v.as(TextIOLayout.self) }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    type = try m.type("TextIOWrapper", base: IOBase.textType, layoutSize: MemoryLayout<TextIOLayout>.size, flags: IOBase.flags) {
      (t) throws(Raised) in
      t.doc(
        "TextIOWrapper(buffer, encoding=None, errors=None, newline=None,\n              line_buffering=False, write_through=False)\n--\n\nText over a binary stream."
      )
      t.trace { cell, tracer in
        let p = cell.assumingMemoryBound(to: TextIOLayout.self), tracer = Tracer(tracer)
        for v in [
          p.pointee.buffer, p.pointee.encoding, p.pointee.errors, p.pointee.newline, p.pointee.decoder, p.pointee.encoder,
          p.pointee.decoded, p.pointee.chunk, p.pointee.leftover, p.pointee.pending, p.pointee.snapshotFlags,
        ] { tracer.visit(v) }
      }
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(TextIOLayout.self, of: cls.asType)) }
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
        try vm.bind(
          args, "TextIOWrapper", "(buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)"
        ) { (a) throws(Raised) in try initialize(vm, v, a) }
      }
      t.slots.repr = NoArgsCode(repr)
      t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
        text(v).pointee.telling = false
        let line = try readline(vm, v, -1)
        if line.as(StrLayout.self).pointee.length > 0 { return line }
        text(v).pointee.telling = true
        Temporaries.end(vm, v, .iteration)
        return .exhausted
      }
      t.slots.finalize = VisitCode { (vm, v) in
        if text(v).pointee.buffer.isNull { return }
        do throws(Raised) {
          if try IOBase.isClosed(vm, v) { return }
          text(v).pointee.base.finalizing = true
          _ = try vm.callMethod(v, "close")
        } catch { vm.clearPending() }
      }
      TextIOMethods.declare(&t)
    }
  }

  static func open(_ vm: VM, _ v: Value) throws(Raised) -> UnsafeMutablePointer<TextIOLayout> {
    let t = text(v)
    if t.pointee.buffer.isNull {
      throw vm.raise(
        .valueError, t.pointee.encoding.isNull ? "I/O operation on uninitialized object" : "underlying buffer has been detached")
    }
    if try IOBase.isClosed(vm, t.pointee.buffer) { throw IOBase.closedError(vm) }
    return t
  }

  private static func initialize(_ vm: VM, _ v: Value, _ a: Args) throws(Raised) {
    let t = text(v)
    t.pointee.buffer = .null
    t.pointee.encoding = .null
    try setNewline(vm, t, a[3].isNull ? .none : a[3])
    var encoding = a[1]
    if encoding.isNull || encoding.isNone {
      if rt.pointee.flags.warnDefaultEncoding { try vm.warn(.encodingWarning, "'encoding' argument not specified") }
      encoding = try localeEncoding(vm)
    }
    // What is unknown is asked only when a codec has been found.
    t.pointee.readable = true
    t.pointee.writable = true
    try setEncoding(vm, t, encoding, a[2].isNull || a[2].isNone ? try vm.intern("strict") : a[2], a[0])
    t.pointee.lineBuffering = a[4].isNull ? false : try vm.isTrue(a[4])
    t.pointee.writeThrough = a[5].isNull ? false : try vm.isTrue(a[5])
    t.pointee.buffer = a[0]
    t.pointee.decoded = try vm.str("")
    t.pointee.position = 0
    t.pointee.chunk = .null
    t.pointee.leftover = .null
    t.pointee.chunkSize = 8192
    t.pointee.telling = true
    let direct = BufferedIO.writerType.map { a[0].isExact($0) } ?? false
    t.pointee.directOutput = direct || BufferedIO.randomType.map { a[0].isExact($0) } ?? false
    t.pointee.base.closed = false
    t.pointee.pending = .null
    t.pointee.pendingCount = 0
    try fixEncoderState(vm, t)
  }

  /// What a stream without an encoding gets: the locale's is UTF-8.
  static func localeEncoding(_ vm: VM) throws(Raised) -> Value { try vm.intern(rt.pointee.flags.utf8Mode ? "utf-8" : "UTF-8") }

  /// A byte order mark belongs only at the start of a file.
  static func fixEncoderState(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>) throws(Raised) {
    if t.pointee.encoder.isNull { return }
    if try !vm.isTrue(try vm.callMethod(t.pointee.buffer, "seekable")) { return }
    let position = try vm.callMethod(t.pointee.buffer, "tell")
    if position.isSmallInt && position.smallInt == 0 { return }
    _ = try vm.callMethod(t.pointee.encoder, "setstate", Value(smallInt: 0))
  }

  static func setNewline(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ newline: Value) throws(Raised) {
    if !newline.isNone {
      guard newline.isStr else {
        throw vm.raise(.typeError, "TextIOWrapper() argument 'newline' must be str or None, not \(newline.typeName)")
      }
      if !["", "\n", "\r", "\r\n"].contains(newline.swiftString) {
        throw vm.raise(.valueError, "illegal newline value: \(try vm.repr(newline).swiftString)")
      }
    }
    t.pointee.newline = newline
    let s = newline.isNone ? nil : newline.swiftString
    t.pointee.universal = s == nil || s == ""
    t.pointee.translation = NewlineTranslation(translates: s == nil)
    t.pointee.writesOther = s == "\r" || s == "\r\n"
  }

  static func setEncoding(
    _ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ given: Value, _ errors: Value, _ buffer: Value
  ) throws(Raised) {
    guard given.isStr else { throw vm.raise(.typeError, "TextIOWrapper() argument 'encoding' must be str or None, not \(given.typeName)") }
    guard errors.isStr else { throw vm.raise(.typeError, "TextIOWrapper() argument 'errors' must be str or None, not \(errors.typeName)") }
    let encoding = Str.equal(given, "locale") ? try localeEncoding(vm) : given
    let name = encoding.swiftString.lowercased().replacingUnderscores()
    if rt.pointee.flags.devMode { _ = try CodecRegistry.lookupError(vm, errors) }
    t.pointee.encoding = encoding
    t.pointee.errors = errors
    t.pointee.isUTF8 = name == "utf-8" || name == "utf8"
    t.pointee.isNative = t.pointee.isUTF8 || ["ascii", "us-ascii", "latin-1", "latin1", "iso-8859-1", "iso8859-1"].contains(name)
    t.pointee.decoder = .null
    t.pointee.encoder = .null
    if t.pointee.isNative { return try askAbilities(vm, t, buffer) }
    let codecs = try vm.importModule("codecs")
    let info = try vm.callMethod(codecs, "lookup", encoding)
    let isText = try vm.getAttributeOrNull(info, "_is_text_encoding")
    if !isText.isNull, try !vm.isTrue(isText) {
      throw vm.raise(.lookupError, "'\(encoding.swiftString)' is not a text encoding; use codecs.open() to handle arbitrary codecs")
    }
    try askAbilities(vm, t, buffer)
    if t.pointee.readable { t.pointee.decoder = try vm.call(try vm.getAttribute(info, "incrementaldecoder"), errors) }
    if t.pointee.writable { t.pointee.encoder = try vm.call(try vm.getAttribute(info, "incrementalencoder"), errors) }
  }

  private static func askAbilities(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ buffer: Value) throws(Raised) {
    if BufferedIO.readerType.map({ buffer.isExact($0) }) ?? false {
      t.pointee.readable = true
      t.pointee.writable = false
    } else if BufferedIO.writerType.map({ buffer.isExact($0) }) ?? false {
      t.pointee.readable = false
      t.pointee.writable = true
    } else {
      t.pointee.readable = try vm.isTrue(try vm.callMethod(buffer, "readable"))
      t.pointee.writable = try vm.isTrue(try vm.callMethod(buffer, "writable"))
    }
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let t = text(v)
    if t.pointee.encoding.isNull { _ = try open(vm, v) }
    var s = "<_io.TextIOWrapper"
    var name = Value.null, mode = Value.null
    do throws(Raised) { name = try vm.getAttributeOrNull(v, "name") } catch { vm.clearPending() }
    if !name.isNull { s += " name=\(try vm.repr(name).swiftString)" }
    do throws(Raised) { mode = try vm.getAttributeOrNull(v, "mode") } catch { vm.clearPending() }
    if !mode.isNull { s += " mode=\(try vm.repr(mode).swiftString)" }
    return try vm.str(s + " encoding=\(try vm.repr(t.pointee.encoding).swiftString)>")
  }

  // MARK: reading

  /// Decodes the bytes of one chunk; leftovers of the last one come first.
  private static func decode(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ data: Value, final: Bool) throws(Raised) -> Value {
    var text: Value
    if t.pointee.isNative {
      var bytes = data
      if !t.pointee.leftover.isNull {
        bytes = try vm.binary(.add, t.pointee.leftover, data)
        t.pointee.leftover = .null
      }
      // A "\r" that waits for what follows belongs to this chunk's text.
      t.pointee.chunk = t.pointee.universal && t.pointee.translation.pendingCR ? try vm.binary(.add, carriageReturn(vm), bytes) : bytes
      if t.pointee.isUTF8 && !final {
        let b = bytes.as(BytesLayout.self).buffer
        let whole = completeUTF8(b)
        if whole < b.count {
          t.pointee.leftover = try vm.bytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(b)[whole...]))
          bytes = try vm.bytes(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(b)[..<whole]))
        }
      }
      text = try vm.callMethod(bytes, "decode", t.pointee.encoding, t.pointee.errors)
    } else {
      t.pointee.chunk = data
      t.pointee.snapshotFlags = .null
      if t.pointee.telling {
        let state = try TextPositions.state(vm, t)
        t.pointee.snapshotFlags = state.flags
        if state.bytes.as(BytesLayout.self).pointee.count > 0 { t.pointee.chunk = try vm.binary(.add, state.bytes, data) }
      }
      text = try vm.callMethod(t.pointee.decoder, "decode", data, .bool(final))
      if !text.isStr { throw vm.raise(.typeError, "decoder should return a string result, not '\(text.typeName)'") }
    }
    return t.pointee.universal ? try t.pointee.translation.decode(vm, text, final: final) : text
  }

  private static func carriageReturn(_ vm: VM) throws(Raised) -> Value {
    try [0x0D].withUnsafeBytesTyped { p throws(Raised) in try vm.bytes(p) }
  }

  static func checkState(_ vm: VM, _ state: Value) throws(Raised) {
    guard state.isTuple else { throw vm.raise(.typeError, "illegal decoder state") }
    let s = state.as(TupleLayout.self)
    guard s.pointee.count == 2, s.items[1].isInt else { throw vm.raise(.typeError, "illegal decoder state") }
    if !s.items[0].isBytes {
      throw vm.raise(.typeError, "illegal decoder state: the first item should be a bytes object, not '\(s.items[0].typeName)'")
    }
  }

  /// The bytes of what a binary stream has answered: any object with a buffer will do.
  private static func bytes(_ vm: VM, _ data: Value, _ method: StaticString) throws(Raised) -> Value {
    if data.isBytes { return data }
    if data.type.pointee.slots.buffer == nil {
      throw vm.raise(.typeError, "underlying \(method)() should have returned a bytes-like object, not '\(data.typeName)'")
    }
    var view = try vm.buffer(of: data, .simple)
    defer { vm.release(&view) }
    return try vm.bytes(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
  }

  /// Length of the longest prefix that does not end inside a character.
  private static func completeUTF8(_ b: UnsafeMutableBufferPointer<UInt8>) -> Int {
    var i = b.count
    var back = 0
    while i > 0 && back < 4 {
      i -= 1
      back += 1
      let c = b[i]
      if c < 0x80 { return b.count }
      if c >= 0xC0 {
        let length = c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2
        return length > back ? i : b.count
      }
    }
    return b.count
  }

  /// Reads and decodes the next chunk; false at the end.
  static func readChunk(_ vm: VM, _ v: Value) throws(Raised) -> Bool {
    let t = text(v)
    if !t.pointee.readable { throw IOBase.unsupported(vm, "not readable") }
    let data: Value
    if BufferedIO.readerType.map({ t.pointee.buffer.isExact($0) }) ?? false {
      data = try BufferedIO.read1(vm, t.pointee.buffer, t.pointee.chunkSize)
    } else {
      let read1 = try vm.getAttributeOrNull(t.pointee.buffer, "read1")
      let method = read1.isNull ? try vm.getAttribute(t.pointee.buffer, "read") : read1
      data = try bytes(vm, try vm.call(method, try vm.int(t.pointee.chunkSize)), read1.isNull ? "read" : "read1")
    }
    let end = data.as(BytesLayout.self).pointee.count == 0
    let made = try decode(vm, t, data, final: end)
    t.pointee.decoded = made
    t.pointee.position = 0
    return !end || made.as(StrLayout.self).pointee.length > 0
  }

  static func available(_ t: UnsafeMutablePointer<TextIOLayout>) -> Int {
    t.pointee.decoded.isNull ? 0 : t.pointee.decoded.as(StrLayout.self).pointee.length - t.pointee.position
  }
  /// Takes up to `n` decoded characters (-1: all).
  static func take(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ n: Int) throws(Raised) -> Value {
    let have = available(t)
    let count = n < 0 ? have : min(n, have)
    let s = try StrPieces.slice(vm, t.pointee.decoded, t.pointee.position, t.pointee.position + count)
    t.pointee.position += count
    return s
  }

  static func flushForReading(_ vm: VM, _ v: Value) throws(Raised) {
    let t = try open(vm, v)
    if !t.pointee.readable { throw IOBase.unsupported(vm, "not readable") }
    try writePending(vm, t)
    if t.pointee.directOutput, !t.pointee.buffer.isNull, BufferedIO.layout(t.pointee.buffer).pointee.outputCount > 0 {
      _ = try vm.callMethod(t.pointee.buffer, "flush")
    }
  }

  static func readline(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    try flushForReading(vm, v)
    let t = text(v)
    var line = Value.null
    while true {
      if available(t) == 0, try !readChunk(vm, v) { break }
      if available(t) == 0 { continue }
      let taken = line.isNull ? 0 : line.as(StrLayout.self).pointee.length
      var end = startsWithSecondHalf(t, line) ? t.pointee.position + 1 : lineEnd(t)
      if end < 0 {
        // A "\r" at the very end may be the first half of the line end "\r\n": it is kept for the next chunk.
        end = t.pointee.decoded.as(StrLayout.self).pointee.length
        var part = try StrPieces.slice(vm, t.pointee.decoded, t.pointee.position, end)
        t.pointee.position = end
        if !line.isNull { part = try vm.concatenate(line, part) }
        line = part
        if limit >= 0 && line.as(StrLayout.self).pointee.length >= limit {
          let extra = line.as(StrLayout.self).pointee.length - limit
          t.pointee.position -= min(extra, t.pointee.position)
          return try StrPieces.slice(vm, line, 0, limit)
        }
        if let whole = try splitAcrossChunks(vm, t, &line) { return whole }
        continue
      }
      if limit >= 0 { end = min(end, t.pointee.position + (limit - taken)) }
      let part = try StrPieces.slice(vm, t.pointee.decoded, t.pointee.position, end)
      t.pointee.position = end
      return line.isNull ? part : try vm.concatenate(line, part)
    }
    return line.isNull ? try vm.str("") : line
  }

  /// newline="\r\n": the line so far ends with the first half of that, and the chunk begins with the second.
  private static func startsWithSecondHalf(_ t: UnsafeMutablePointer<TextIOLayout>, _ line: Value) -> Bool {
    guard !line.isNull, t.pointee.newline.isStr, Str.equal(t.pointee.newline, "\r\n"), case let p = line.as(StrLayout.self),
      p.pointee.length > 0
    else { return false }
    return p[codePoint: p.pointee.length - 1] == 0x0D && t.pointee.decoded.as(StrLayout.self)[codePoint: t.pointee.position] == 0x0A
  }

  /// newline="\r\n": the end may have been cut between chunks.
  private static func splitAcrossChunks(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>, _ line: inout Value) throws(Raised) -> Value? {
    guard t.pointee.newline.isStr, Str.equal(t.pointee.newline, "\r\n") else { return nil }
    let p = line.as(StrLayout.self)
    let n = p.pointee.length
    return n >= 2 && p[codePoint: n - 1] == 0x0A && p[codePoint: n - 2] == 0x0D ? line : nil
  }

  /// Just behind the next line end in the decoded text; -1 without one.
  private static func lineEnd(_ t: UnsafeMutablePointer<TextIOLayout>) -> Int {
    let s = t.pointee.decoded, start = t.pointee.position
    if t.pointee.newline.isNone || Str.equal(t.pointee.newline, "\n") {
      let i = StrPieces.find(s, 0x0A, start)
      return i < 0 ? -1 : i + 1
    }
    if Str.equal(t.pointee.newline, "\r") {
      let i = StrPieces.find(s, 0x0D, start)
      return i < 0 ? -1 : i + 1
    }
    let p = s.as(StrLayout.self)
    let onlyPairs = Str.equal(t.pointee.newline, "\r\n")
    var i = start
    while i < p.pointee.length {
      let c = p[codePoint: i]
      if c == 0x0D {
        if i + 1 < p.pointee.length && p[codePoint: i + 1] == 0x0A { return i + 2 }
        if !onlyPairs { return i + 1 }
      } else if c == 0x0A && !onlyPairs {
        return i + 1
      }
      i += 1
    }
    return -1
  }

  static func read(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    try flushForReading(vm, v)
    let t = text(v)
    if n < 0 {
      let rest = try bytes(vm, try vm.callMethod(t.pointee.buffer, "read"), "read")
      let before = try take(vm, t, -1)
      let after = try decode(vm, t, rest, final: true)
      t.pointee.decoded = try vm.str("")
      t.pointee.position = 0
      t.pointee.chunk = .null
      return before.as(StrLayout.self).pointee.length == 0 ? after : try vm.concatenate(before, after)
    }
    var result = try take(vm, t, n)
    while result.as(StrLayout.self).pointee.length < n {
      if try !readChunk(vm, v) { break }
      result = try vm.concatenate(result, try take(vm, t, n - result.as(StrLayout.self).pointee.length))
    }
    return result
  }

  // MARK: writing

  static func write(_ vm: VM, _ v: Value, _ s: Value) throws(Raised) -> Value {
    guard s.isStr else { throw vm.raise(.typeError, "write() argument must be str, not \(s.argumentTypeName)") }
    let t = try open(vm, v)
    if !t.pointee.writable { throw IOBase.unsupported(vm, "not writable") }
    let p = s.as(StrLayout.self)
    let length = p.pointee.length
    let hasNewline = StrPieces.find(s, 0x0A, 0) >= 0
    if t.pointee.directOutput && p.isASCII && t.pointee.isNative && !(t.pointee.writesOther && hasNewline) {
      try BufferedIO.write(vm, t.pointee.buffer, p.units, length)
    } else {
      var out = s
      if hasNewline && t.pointee.writesOther { out = try vm.callMethod(s, "replace", try vm.intern("\n"), t.pointee.newline) }
      let bytes: Value
      if t.pointee.isNative && !t.pointee.directOutput && out.isStr && out.as(StrLayout.self).isASCII {
        // It waits as it is: `writePending` copies it.
        bytes = out
      } else {
        if t.pointee.isNative {
          bytes = try vm.callMethod(out, "encode", t.pointee.encoding, t.pointee.errors)
        } else {
          bytes = try vm.callMethod(t.pointee.encoder, "encode", out)
        }
        if !bytes.isBytes { throw vm.raise(.typeError, "encoder should return a bytes object, not '\(bytes.typeName)'") }
      }
      if t.pointee.directOutput {
        _ = try BufferedIO.write(vm, t.pointee.buffer, bytes)
      } else {
        let count = bytes.isBytes ? bytes.as(BytesLayout.self).pointee.count : bytes.as(StrLayout.self).pointee.length
        // What waits is written in parts of at most a chunk.
        if t.pointee.pendingCount > 0, t.pointee.pendingCount + count > t.pointee.chunkSize { try writePending(vm, t) }
        if t.pointee.pending.isNull { t.pointee.pending = try vm.list() }
        try vm.append(t.pointee.pending, bytes)
        t.pointee.pendingCount += count
        if t.pointee.pendingCount >= t.pointee.chunkSize || t.pointee.writeThrough { try writePending(vm, t) }
      }
    }
    if t.pointee.lineBuffering && (hasNewline || StrPieces.find(s, 0x0D, 0) >= 0) {
      try writePending(vm, t)
      _ = try vm.callMethod(t.pointee.buffer, "flush")
    }
    // Text read ahead no longer matches what follows in the file.
    if available(t) > 0 || !t.pointee.chunk.isNull {
      t.pointee.decoded = try vm.str("")
      t.pointee.position = 0
      t.pointee.chunk = .null
    }
    return try vm.int(length)
  }

  /// Hands what was written on to the binary stream.
  static func writePending(_ vm: VM, _ t: UnsafeMutablePointer<TextIOLayout>) throws(Raised) {
    if t.pointee.pendingCount == 0 { return }
    let parts = t.pointee.pending
    let total = t.pointee.pendingCount
    t.pointee.pending = .null
    t.pointee.pendingCount = 0
    let l = parts.as(ListLayout.self)
    var data = l.pointee.items?[0] ?? .null
    if l.pointee.count != 1 || !data.isBytes { data = try joined(vm, l, total) }
    _ = try vm.callMethod(t.pointee.buffer, "write", data)
  }

  /// The bytes of encoded and of ASCII parts, `total` of them.
  private static func joined(_ vm: VM, _ parts: ListRef, _ total: Int) throws(Raised) -> Value {
    let data = try vm.bytes(count: total)
    let target = data.as(BytesLayout.self).bytes
    guard let items = parts.pointee.items else { return data }
    var at = 0
    for i in 0..<parts.pointee.count {
      let part = items[i], isText = part.isStr
      let count = isText ? part.as(StrLayout.self).pointee.length : part.as(BytesLayout.self).pointee.count
      guard at &+ count <= total else { break }
      let source = isText ? UnsafeRawPointer(part.as(StrLayout.self).units) : UnsafeRawPointer(part.as(BytesLayout.self).bytes)
      StrView.copy(source, to: target + at, bytes: count)
      at &+= count
    }
    return data
  }

  // MARK: positions

  /// The byte position of the next character.
  static func tell(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let t = try open(vm, v)
    if try !vm.isTrue(try vm.callMethod(t.pointee.buffer, "seekable")) { throw IOBase.unsupported(vm, "underlying stream is not seekable") }
    if !t.pointee.telling { throw vm.raise(.osError, "telling position disabled by next() call") }
    _ = try vm.callMethod(v, "flush")
    let end = try vm.asInt(try vm.callMethod(t.pointee.buffer, "tell"))
    if t.pointee.chunk.isNull { return try vm.int(end) }
    let b = t.pointee.chunk.as(BytesLayout.self).buffer
    if t.pointee.isNative {
      let start = end - b.count
      return try vm.int(
        start
          + bytes(
            of: t.pointee.position, in: b, utf8: t.pointee.isUTF8, translating: t.pointee.universal && t.pointee.translation.translates))
    }
    return try TextPositions.tell(vm, t, end)
  }

  /// How many bytes make the first `characters` characters of decoded text.
  private static func bytes(of characters: Int, in b: UnsafeMutableBufferPointer<UInt8>, utf8: Bool, translating: Bool) -> Int {
    var i = 0, left = characters
    while left > 0 && i < b.count {
      let c = b[i]
      if translating && c == 0x0D && i + 1 < b.count && b[i + 1] == 0x0A {
        i += 2
      } else {
        i += !utf8 || c < 0xC0 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2
      }
      left -= 1
    }
    return min(i, b.count)
  }

  static func seek(_ vm: VM, _ v: Value, _ cookie: Value, _ whence: Int) throws(Raised) -> Value {
    let t = try open(vm, v)
    if try !vm.isTrue(try vm.callMethod(t.pointee.buffer, "seekable")) { throw IOBase.unsupported(vm, "underlying stream is not seekable") }
    var whole = Ints.exact(try vm.index(cookie))
    switch whence {
    case 0: break
    case 1:
      if try vm.isTrue(whole) { throw IOBase.unsupported(vm, "can't do nonzero cur-relative seeks") }
      whole = try tell(vm, v)
    case 2:
      if try vm.isTrue(whole) { throw IOBase.unsupported(vm, "can't do nonzero end-relative seeks") }
    default: throw vm.raise(.valueError, "invalid whence (\(whence), should be 0, 1 or 2)")
    }
    if Ints.sign(whole) < 0 { throw vm.raise(.valueError, "negative seek position \(try vm.repr(whole).swiftString)") }
    let target = try TextPositions.Cookie(vm, whole)
    _ = try vm.callMethod(v, "flush")
    let r = try vm.callMethod(t.pointee.buffer, "seek", try vm.int(target.position), Value(smallInt: whence == 2 ? 2 : 0))
    t.pointee.decoded = try vm.str("")
    t.pointee.position = 0
    t.pointee.chunk = .null
    t.pointee.leftover = .null
    t.pointee.translation.pendingCR = false
    t.pointee.snapshotFlags = .null
    if whence == 2 {
      if !t.pointee.decoder.isNull { _ = try vm.callMethod(t.pointee.decoder, "reset") }
    } else {
      try TextPositions.restore(vm, t, target)
    }
    if !t.pointee.encoder.isNull {
      let atStart = r.isSmallInt && r.smallInt == 0
      if atStart {
        _ = try vm.callMethod(t.pointee.encoder, "reset")
      } else {
        _ = try vm.callMethod(t.pointee.encoder, "setstate", Value(smallInt: 0))
      }
    }
    return whence == 2 ? r : whole
  }
}

extension String {
  func replacingUnderscores() -> String { String(decoding: utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }, as: UTF8.self) }
}
