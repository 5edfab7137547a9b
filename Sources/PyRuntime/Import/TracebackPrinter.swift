import Glibc
import PyBytecode

/// Prints exceptions as CPython's default excepthook does: chained exceptions first, then "Traceback (most recent call last):",
/// a line for each frame with its source and carets (PEP 657), and the exception itself.
enum TracebackPrinter {
  static func write(_ vm: VM, _ text: String) throws(Raised) {
    if text.isEmpty { return }
    let stream = Dicts.get(vm, rt.pointee.sysDict, "stderr")
    if stream.isNull || stream.isNone {
      var t = text
      t.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
      return
    }
    _ = try vm.callMethod(stream, "write", try vm.str(text))
  }

  /// To descriptor 2.
  static func writeToDescriptor(_ vm: VM, _ text: Value) throws(Raised) {
    var t = text.swiftString
    t.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }

  /// To `sys.stderr`, or to descriptor 2 when there is none.
  static func printToStderr(_ vm: VM, _ exception: Value) throws(Raised) {
    var text = ""
    try append(vm, exception, &text, 0)
    try write(vm, text)
    let stream = Dicts.get(vm, rt.pointee.sysDict, "stderr")
    if !stream.isNull && !stream.isNone { _ = try vm.callMethod(stream, "flush") }
  }

  /// The whole report of an exception.
  static func text(_ vm: VM, _ exception: Value) throws(Raised) -> String {
    var text = ""
    if exception.isExceptionInstance { try append(vm, exception, &text, 0) }
    return text
  }

  /// For failures in which Python's own streams may not work: straight to descriptor 2.
  static func printPending(_ vm: VM, heading: String) {
    let e = vm.takePending()
    var text = heading + "\n"
    do throws(Raised) { if e.isExceptionInstance { try append(vm, e, &text, 0) } } catch {
      vm.clearPending()
      text += e.isExceptionInstance ? e.typeName + "\n" : ""
    }
    text.withUTF8 { _ = Glibc.write(2, $0.baseAddress, $0.count) }
  }

  private static func append(_ vm: VM, _ e: Value, _ text: inout String, _ depth: Int) throws(Raised) {
    let x = e.as(ExceptionLayout.self)
    if depth < 100 {
      if !x.pointee.cause.isNull && !x.pointee.cause.isNone {
        try append(vm, x.pointee.cause, &text, depth + 1)
        text += "\nThe above exception was the direct cause of the following exception:\n\n"
      } else if !x.pointee.context.isNull && !x.pointee.context.isNone && !x.pointee.suppressContext {
        try append(vm, x.pointee.context, &text, depth + 1)
        text += "\nDuring handling of the above exception, another exception occurred:\n\n"
      }
    }
    if x.pointee.traceback.isExact(rt.types.traceback), frameLimit(vm) > 0 {
      text += "Traceback (most recent call last):\n"
      try frames(vm, x.pointee.traceback, &text)
    }
    try exceptionOnly(vm, e, &text)
  }

  /// `sys.tracebacklimit`
  private static func frameLimit(_ vm: VM) -> Int {
    let v = Dicts.get(vm, rt.pointee.sysDict, "tracebacklimit")
    if v.isSmallInt { return max(0, v.smallInt) }
    return v.isInt ? (Ints.sign(v) < 0 ? 0 : Int.max) : 1000
  }

  private static func frames(_ vm: VM, _ first: Value, _ text: inout String) throws(Raised) {
    var tb = first
    var count = 0
    var walk = first
    while walk.isExact(rt.types.traceback) {
      count += 1
      walk = walk.as(TracebackLayout.self).pointee.next
    }
    let limit = frameLimit(vm)
    while count > limit {
      tb = tb.as(TracebackLayout.self).pointee.next
      count -= 1
    }
    var last = "", repeated = 0
    while tb.isExact(rt.types.traceback) {
      let t = tb.as(TracebackLayout.self)
      let code = try vm.getAttribute(t.pointee.frame, "f_code")
      let c = code.as(CodeLayout.self)
      let line = Tracebacks.line(t)
      let key = "\(c.pointee.filename.swiftString)\u{0}\(line)\u{0}\(c.pointee.name.swiftString)"
      if key == last {
        repeated += 1
      } else {
        flushRepeats(&text, repeated)
        repeated = 1
        last = key
      }
      if repeated <= 3 {
        text += "  File \"\(c.pointee.filename.swiftString)\", line \(line), in \(c.pointee.name.swiftString)\n"
        if let source = SourceLines.line(vm, c.pointee.filename, line) { appendSource(vm, source, code, t, &text) }
      }
      tb = t.pointee.next
    }
    flushRepeats(&text, repeated)
  }

  private static func flushRepeats(_ text: inout String, _ repeated: Int) {
    if repeated > 3 {
      let more = repeated - 3
      text += "  [Previous line repeated \(more) more time\(more > 1 ? "s" : "")]\n"
    }
  }

  private static func appendSource(
    _ vm: VM, _ source: [UInt8], _ code: Value, _ t: UnsafeMutablePointer<TracebackLayout>, _ text: inout String
  ) {
    let space: (UInt8) -> Bool = { $0 == 0x20 || $0 == 9 || $0 == 0x0C }
    let indent = source.prefix(while: space).count
    var end = source.count
    while end > indent && (space(source[end - 1]) || source[end - 1] == 0x0D) { end -= 1 }
    let stripped = source[indent..<end]
    text += "    " + String(decoding: stripped, as: UTF8.self) + "\n"
    guard t.pointee.lasti >= 0, let p = CodePositions.position(code, byteOffset: Int(t.pointee.lasti)) else { return }
    guard p.line == Tracebacks.line(t), p.column >= 0, p.endColumn >= 0, p.endLine >= p.line else { return }
    // Columns are bytes of UTF-8; carets stand under characters.
    let start = min(p.column, source.count)
    let stop = p.endLine == p.line ? min(p.endColumn, end) : end
    if start < indent || stop <= start { return }
    let anchors = p.endLine == p.line ? rt.pointee.hooks.caretAnchors?(Array(source[start..<stop])) : nil
    // Carets under the whole line say nothing, unless they show an operator in it.
    if start == indent && stop == end && anchors == nil { return }
    func width(_ a: Int, _ b: Int) -> Int { String(decoding: source[a..<max(a, b)], as: UTF8.self).unicodeScalars.count }
    let left = width(indent, start), full = width(start, stop)
    var carets = String(repeating: "^", count: full)
    if let (a, b) = anchors {
      let wa = width(start, start + a), wb = width(start, start + b)
      let before = String(repeating: "~", count: wa)
      let operators = String(repeating: "^", count: max(0, wb - wa))
      carets = before + operators + String(repeating: "~", count: max(0, full - wb))
    }
    text += "    " + String(repeating: " ", count: left) + carets + "\n"
  }

  /// "ValueError: message", with a SyntaxError's location and notes.
  private static func exceptionOnly(_ vm: VM, _ e: Value, _ text: inout String) throws(Raised) {
    if e.isInstance(of: rt.types[.syntaxError]), try syntaxErrorLocation(vm, e, &text) {}
    let type = e.type
    let module = Types.lookup(type, rt.names.__module__)
    var name = type.pointee.qualname.isNull ? type.nameForMessages : type.pointee.qualname.swiftString
    if type.pointee.flags.contains(.heapType), module.isStr, !Str.equal(module, "builtins"), !Str.equal(module, "__main__") {
      name = module.swiftString + "." + name
    }
    text += name
    var message: String
    do throws(Raised) {
      if e.isInstance(of: rt.types[.syntaxError]) {
        let m = try vm.getAttribute(e, "msg")
        message = m.isStr ? m.swiftString : m.isNone ? "None" : try vm.str(of: m).swiftString
      } else {
        message = try vm.str(of: e).swiftString
      }
    } catch {
      vm.clearPending()
      message = "<exception str() failed>"
    }
    if !message.isEmpty { text += ": " + message }
    if let suggestion = Suggestions.text(vm, e) { text += suggestion }
    text += "\n"
    let notes = try vm.getAttributeOrNull(e, rt.names.__notes__)
    if notes.isList {
      try vm.forEach(notes) { (note) throws(Raised) in text += (note.isStr ? note.swiftString : vm.reprText(note)) + "\n" }
    }
  }

  private static func syntaxErrorLocation(_ vm: VM, _ e: Value, _ text: inout String) throws(Raised) -> Bool {
    let lineno = try vm.getAttribute(e, "lineno")
    guard lineno.isSmallInt else { return false }
    let filename = try vm.getAttribute(e, "filename")
    let shown = filename.isStr ? filename.swiftString : filename.isNone ? "<string>" : try vm.str(of: filename).swiftString
    text += "  File \"\(shown)\", line \(lineno.smallInt)\n"
    let source = try vm.getAttribute(e, "text")
    guard source.isStr else { return true }
    var line = source.utf8Bytes
    while let last = line.last, last == 0x0A || last == 0x0D || last == 0x20 || last == 9 || last == 0x0C { line.removeLast() }
    let characters = Array(String(decoding: line, as: UTF8.self).unicodeScalars)
    let indent = characters.prefix { $0 == " " || $0 == "\t" || $0 == "\u{C}" }.count
    var stripped = String.UnicodeScalarView()
    stripped.append(contentsOf: characters[indent...])
    text += "    " + String(stripped) + "\n"
    let offset = try vm.getAttribute(e, "offset")
    guard offset.isSmallInt, offset.smallInt >= 1 else { return true }
    let endLine = try vm.getAttribute(e, "end_lineno"), endOffset = try vm.getAttribute(e, "end_offset")
    var end = endOffset.isSmallInt ? endOffset.smallInt : offset.smallInt
    if endLine.isSmallInt && endLine.smallInt > lineno.smallInt { end = characters.count + 1 }
    if end <= offset.smallInt { end = offset.smallInt + 1 }
    let start = offset.smallInt - 1 - indent
    if start >= 0 {
      let pad = String(characters[indent..<min(characters.count, indent + start)].map { $0 == "\t" ? "\t" : " " })
      let fill = String(repeating: " ", count: max(0, start - (characters.count - indent)))
      text += "    " + pad + fill + String(repeating: "^", count: max(1, min(end, characters.count + 1) - offset.smallInt)) + "\n"
    }
    return true
  }
}

/// Lines of source files, for tracebacks and carets.
enum SourceLines {
  /// The line without its end, or nil when the file cannot be read or has fewer lines.
  static func line(_ vm: VM, _ filename: Value, _ number: Int) -> [UInt8]? {
    guard filename.isStr, number > 0 else { return nil }
    let name = filename.swiftString
    if name.hasPrefix("<") && name.hasSuffix(">") { return nil }
    var path: String? = access(name, R_OK) == 0 ? name : nil
    if path == nil, !name.hasPrefix("/") {
      let tail = name.split(separator: "/").last.map(String.init) ?? name
      let folders = Dicts.get(vm, rt.pointee.sysDict, "path")
      if folders.isExact(rt.types.list) {
        let l = folders.as(ListLayout.self)
        for i in 0..<l.pointee.count {
          guard let f = l.pointee.items?[i], f.isStr else { continue }
          let candidate = f.swiftString + "/" + tail
          if access(candidate, R_OK) == 0 {
            path = candidate
            break
          }
        }
      }
    }
    guard let path, let bytes = HostFiles.read(path) else { return nil }
    var current = 1, start = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { start = 3 }
    while current < number {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else { return nil }
      start = end + 1
      current += 1
    }
    if start >= bytes.count { return nil }
    let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
    let line = Array(bytes[start..<end])
    // What is ASCII in an encoding that a cookie can name is so in UTF-8.
    guard line.contains(where: { $0 >= 0x80 }), let encoding = cookie(bytes) else { return line }
    do throws(Raised) {
      let text = try vm.callMethod(
        try line.withUnsafeBytesTyped { p throws(Raised) in try vm.bytes(UnsafeRawBufferPointer(p)) }, try vm.intern("decode"),
        try vm.str(encoding), try vm.intern("replace"))
      return text.isStr ? text.utf8Bytes : line
    } catch {
      vm.clearPending()
      return line
    }
  }

  /// The encoding that a comment in the first two lines names.
  private static func cookie(_ bytes: [UInt8]) -> String? {
    var start = 0
    for _ in 0..<2 {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let line = bytes[start..<end]
      guard let first = line.first(where: { $0 != 0x20 && $0 != 9 && $0 != 0x0C && $0 != 0x0D }) else {
        if end >= bytes.count { return nil }
        start = end + 1
        continue
      }
      if first != UInt8(ascii: "#") { return nil }
      let word = Array("coding".utf8)
      var i = line.startIndex
      while i + word.count < line.endIndex {
        if line[i..<i + word.count].elementsEqual(word), line[i + word.count] == 0x3A || line[i + word.count] == 0x3D {
          let rest = line[(i + word.count + 1)...].drop { $0 == 0x20 || $0 == 9 }
          let name = rest.prefix { $0 | 32 &- 97 < 26 || $0 &- 48 < 10 || $0 == 0x2D || $0 == 0x5F || $0 == 0x2E }
          return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
        }
        i += 1
      }
      if end >= bytes.count { return nil }
      start = end + 1
    }
    return nil
  }
}

/// PEP 657 positions of instructions.
enum CodePositions {
  /// Line and columns (bytes of UTF-8, -1 when unknown) of the instruction at a byte offset; nil without any.
  static func position(_ code: Value, byteOffset: Int) -> (line: Int, endLine: Int, column: Int, endColumn: Int)? {
    guard code.isExact(rt.types.code) else { return nil }
    let c = code.as(CodeLayout.self)
    let table = Array(c.pointee.lineTable.as(BytesLayout.self).buffer)
    var decoder = LocationTableDecoder(table, firstLine: c.pointee.firstLine)
    let unit = byteOffset / 2
    while let entry = decoder.next() {
      if unit >= entry.start && unit < entry.start + entry.units {
        let l = entry.location
        return l.line < 0 ? nil : (Int(l.line), Int(l.endLine), Int(l.column), Int(l.endColumn))
      }
    }
    return nil
  }
}
