import Glibc

/// Which line ends a stream has seen, as `newlines` tells.
struct NewlinesSeen: OptionSet {
  var rawValue: UInt8
  static let cr = NewlinesSeen(rawValue: 1)
  static let lf = NewlinesSeen(rawValue: 2)
  static let crlf = NewlinesSeen(rawValue: 4)

  func value(_ vm: VM) throws(Raised) -> Value {
    let list = try vm.list()
    if contains(.cr) { try vm.append(list, try vm.intern("\r")) }
    if contains(.lf) { try vm.append(list, try vm.intern("\n")) }
    if contains(.crlf) { try vm.append(list, try vm.intern("\r\n")) }
    let n = list.as(ListLayout.self).pointee.count
    if n == 0 { return .none }
    return n == 1 ? list.as(ListLayout.self).pointee.items?[0] ?? .none : try vm.tuple(from: list)
  }
}

/// Universal newlines on text that comes in pieces: a "\r" at the end of a piece waits for the next one.
struct NewlineTranslation {
  var translates = true
  var pendingCR = false
  var seen: NewlinesSeen = []

  mutating func decode(_ vm: VM, _ input: Value, final: Bool) throws(Raised) -> Value {
    var text = input
    if pendingCR && (final || text.as(StrLayout.self).pointee.length > 0) {
      text = try vm.concatenate(try vm.intern("\r"), text)
      pendingCR = false
    }
    let p = text.as(StrLayout.self)
    var n = p.pointee.length
    if !final && n > 0 && p[codePoint: n - 1] == 0x0D {
      n -= 1
      pendingCR = true
    }
    if StrView(text).find(codePoint: 0x0D) < 0 {
      if !seen.contains(.lf) && StrView(text).find(codePoint: 0x0A) >= 0 { seen.insert(.lf) }
      return text
    }
    var hasCR = false
    for i in 0..<n {
      let c = p[codePoint: i]
      if c == 0x0A {
        if i == 0 || p[codePoint: i - 1] != 0x0D { seen.insert(.lf) }
      } else if c == 0x0D {
        hasCR = true
        seen.insert(i + 1 < n && p[codePoint: i + 1] == 0x0A ? .crlf : .cr)
      }
    }
    if !hasCR || !translates {
      return n == p.pointee.length ? text : try StrPieces.slice(vm, text, 0, n)
    }
    var points: [UInt32] = []
    points.reserveCapacity(n)
    var i = 0
    while i < n {
      let c = p[codePoint: i]
      if c == 0x0D {
        points.append(0x0A)
        if i + 1 < n && p[codePoint: i + 1] == 0x0A { i += 1 }
      } else {
        points.append(c)
      }
      i += 1
    }
    var result = Value.null
    result = try points.withCodePoints { (b) throws(Raised) in try vm.str(codePoints: b) }
    return result
  }
}

extension Array where Element == UInt32 {
  func withCodePoints(_ body: (UnsafeBufferPointer<UInt32>) throws(Raised) -> Value) throws(Raised) -> Value {
    let outcome: Result<Value, Raised> = withUnsafeBufferPointer { p in
      do throws(Raised) { return .success(try body(p)) } catch { return .failure(error) }
    }
    return try outcome.get()
  }
}

/// Parts of strs.
enum StrPieces {
  static func slice(_ vm: VM, _ s: Value, _ start: Int, _ end: Int) throws(Raised) -> Value {
    if start == 0 && end == s.as(StrLayout.self).pointee.length { return s }
    let view = StrView(s)
    let to = max(0, min(end, view.length))
    return try StrText.make(vm, view.slice(max(0, min(start, to)), to), s)
  }
  /// Index of a code point at or after `start`, or -1.
  static func find(_ s: Value, _ c: UInt32, _ start: Int) -> Int {
    let p = s.as(StrLayout.self)
    if p.pointee.unit == 1 {
      if c > 255 || start >= p.pointee.length { return -1 }
      guard let q = memchr(p.units + start, Int32(c), p.pointee.length - start) else { return -1 }
      return q - p.units
    }
    var i = start
    while i < p.pointee.length {
      if p[codePoint: i] == c { return i }
      i &+= 1
    }
    return -1
  }
}

/// `_io.IncrementalNewlineDecoder`
enum NewlineDecoder {
  struct DecoderLayout {
    var header: CellHeader
    /// Another incremental decoder, or None for str input
    var decoder: Value
    var state: NewlineTranslation
  }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    try m.type("IncrementalNewlineDecoder", layoutSize: MemoryLayout<DecoderLayout>.size, flags: [.baseType, .hasAttributes]) {
      (t) throws(Raised) in
      t.doc("IncrementalNewlineDecoder(decoder, translate, errors='strict')\n--\n\nDecodes, and makes all line ends one if asked.")
      t.trace { cell, tracer in Tracer(tracer).visit(cell.assumingMemoryBound(to: DecoderLayout.self).pointee.decoder) }
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in
        let d = try vm.instance(DecoderLayout.self, of: cls.asType)
        d.pointee.decoder = .none
        return Value(d)
      }
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
        try vm.bind(args, "IncrementalNewlineDecoder", "(decoder, translate, errors='strict')") { (a) throws(Raised) in
          v.as(DecoderLayout.self).pointee.decoder = a[0]
          v.as(DecoderLayout.self).pointee.state = NewlineTranslation(translates: try PosixArgs.int32(vm, a[1]) != 0)
        }
      }
      t.method("decode", "($self, /, input, final=False)", "Decodes a piece.") { (vm, v, args: Args) throws(Raised) in
        let d = v.as(DecoderLayout.self)
        let final = args[1].isNull ? false : try vm.isTrue(args[1])
        var text = args[0]
        if !d.pointee.decoder.isNone { text = try vm.callMethod(d.pointee.decoder, "decode", text, .bool(final)) }
        if !text.isStr { throw vm.raise(.typeError, "decoder should return a string result, not '\(text.typeName)'") }
        return try d.pointee.state.decode(vm, text, final: final)
      }
      t.method("getstate", "($self, /)", "(bytes, flags)") { (vm, v) throws(Raised) in
        let d = v.as(DecoderLayout.self)
        var buffer = try vm.bytes(count: 0), flag = 0
        if !d.pointee.decoder.isNone {
          let s = try vm.tuple(from: try vm.callMethod(d.pointee.decoder, "getstate"))
          guard s.as(TupleLayout.self).pointee.count == 2 else { throw vm.raise(.typeError, "illegal decoder state") }
          buffer = s.as(TupleLayout.self).items[0]
          flag = try vm.asInt(s.as(TupleLayout.self).items[1])
        }
        return try vm.tuple(buffer, try vm.int(flag << 1 | (d.pointee.state.pendingCR ? 1 : 0)))
      }
      t.method("setstate", "($self, state, /)", "Restores what getstate told.") { (vm, v, state) throws(Raised) in
        guard state.isTuple, state.as(TupleLayout.self).pointee.count == 2 else {
          throw vm.raise(.typeError, "state argument must be a tuple")
        }
        let d = v.as(DecoderLayout.self), items = state.as(TupleLayout.self).items
        let flag = try vm.asInt(items[1])
        d.pointee.state.pendingCR = flag & 1 != 0
        if !d.pointee.decoder.isNone {
          _ = try vm.callMethod(d.pointee.decoder, "setstate", try vm.tuple(items[0], try vm.int(flag >> 1)))
        }
        return .none
      }
      t.method("reset", "($self, /)", "Forgets what came before.") { (vm, v) throws(Raised) in
        let d = v.as(DecoderLayout.self)
        d.pointee.state.seen = []
        d.pointee.state.pendingCR = false
        if !d.pointee.decoder.isNone { _ = try vm.callMethod(d.pointee.decoder, "reset") }
        return .none
      }
      t.getset("newlines", nil) { (vm, v) throws(Raised) in try v.as(DecoderLayout.self).pointee.state.seen.value(vm) }
    }
  }
}
