/// A compiled pattern. `code` lies in a raw-buffer cell. `pattern` is a str, bytes-like or None.
struct SrePatternLayout {
  var header: CellHeader
  var pattern: Value
  /// dict name → group number
  var groupIndex: Value
  /// tuple group number → name or None
  var indexGroup: Value
  var code: UnsafeMutablePointer<UInt32>?
  /// See `SreAnalysis`; made when the pattern is first applied. Lies in a raw-buffer cell.
  var maps: UnsafeMutablePointer<UInt32>?
  /// See `SreLookahead`; made when a long text is searched first. Lies in a raw-buffer cell.
  var lookahead: UnsafeMutablePointer<UInt32>?
  var lookaheadIsKnown: Bool
  var codeCount: Int
  var flags: Int
  var groups: Int
  /// 0 str, 1 bytes, -1 neither known
  var isBytes: Int

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: SrePatternLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(p.pointee.pattern)
    tracer.visit(p.pointee.groupIndex)
    tracer.visit(p.pointee.indexGroup)
    tracer.visitBuffer(p.pointee.code)
    tracer.visitBuffer(p.pointee.maps)
    tracer.visitBuffer(p.pointee.lookahead)
  }
}
typealias SrePatternRef = UnsafeMutablePointer<SrePatternLayout>

/// A match: `spans[2 * g]` and `spans[2 * g + 1]` bound group g (0: the whole match), -1 where it took no part. They lie in a
/// raw-buffer cell.
struct SreMatchLayout {
  var header: CellHeader
  var string: Value
  var pattern: Value
  /// tuple of spans, once asked for
  var regs: Value
  var spans: UnsafeMutablePointer<Int>?
  var groups: Int
  var position: Int
  var endPosition: Int
  /// -1: none
  var lastIndex: Int

  static let trace: TraceFunction = { cell, tracer in
    let m = cell.assumingMemoryBound(to: SreMatchLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(m.pointee.string)
    tracer.visit(m.pointee.pattern)
    tracer.visit(m.pointee.regs)
    tracer.visitBuffer(m.pointee.spans)
  }
}
typealias SreMatchRef = UnsafeMutablePointer<SreMatchLayout>

/// `Pattern.scanner()`: where the next match may begin; -1 when there is none any more.
struct SreScannerLayout {
  var header: CellHeader
  var pattern: Value
  var string: Value
  var position: Int
  var endPosition: Int
  var start: Int
  var mustAdvance: Bool
  /// Keeps the memory of a text that is neither str nor bytes where it is, until the end is reached: a memoryview, or null
  var held: Value

  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: SreScannerLayout.self)
    Tracer(tracer).visit(s.pointee.pattern)
    Tracer(tracer).visit(s.pointee.string)
    Tracer(tracer).visit(s.pointee.held)
  }
}
typealias SreScannerRef = UnsafeMutablePointer<SreScannerLayout>

/// The text that a pattern is applied to, held for the time of a call.
struct SreText {
  let vm: VM
  let string: Value
  var view: StrView
  let isBytes: Bool
  private var buffer = BufferView()

  init(_ vm: VM, _ string: Value) throws(Raised) {
    self.vm = vm
    self.string = string
    if string.isStr {
      view = StrView(string)
      isBytes = false
    } else if string.isBytes {
      view = BytesText.view(string)
      isBytes = true
    } else {
      guard string.type.pointee.slots.buffer != nil else {
        throw vm.raise(.typeError, "expected string or bytes-like object, got '\(string.typeName)'")
      }
      buffer = try vm.buffer(of: string, .simple)
      view = StrView(units: UnsafeRawPointer(buffer.memory), length: buffer.byteCount, unit: 1)
      isBytes = true
    }
  }
  mutating func end() { vm.release(&buffer) }

  /// Checks that a pattern and the text are of one kind.
  func check(_ pattern: SrePatternRef) throws(Raised) {
    if isBytes && pattern.pointee.isBytes == 0 { throw vm.raise(.typeError, "cannot use a string pattern on a bytes-like object") }
    if !isBytes && pattern.pointee.isBytes > 0 { throw vm.raise(.typeError, "cannot use a bytes pattern on a string-like object") }
  }

  /// The part [start, end) as a new object, or the whole object itself.
  func slice(_ start: Int, _ end: Int) throws(Raised) -> Value {
    let low = max(0, min(start, view.length)), high = max(low, min(end, view.length))
    if !isBytes { return try StrText.make(vm, view.slice(low, high), string) }
    if string.isBytes { return try BytesText.make(vm, view.slice(low, high), string) }
    return try vm.bytes(UnsafeRawBufferPointer(start: view.units + low, count: high &- low))
  }
}

/// What one application of a pattern found. Large: pass it `inout`, so that nobody copies it.
struct SreSession {
  let vm: VM
  let pattern: SrePatternRef
  var text: SreText
  /// Where matching may begin next, and where the text ends for it
  var position: Int
  let end: Int
  let first: Int
  var mustAdvance = false
  var matchAll = false
  /// Of the last match
  private(set) var start = 0
  private(set) var stop = 0
  private(set) var lastIndex = -1
  /// Really one for the text's own unit: no field depends on it.
  private var matcher: SreMatcher<UInt8>

  /// - Parameters: `from` and `to` as Python gives them: clamped to the text.
  init(_ vm: VM, _ pattern: SrePatternRef, _ string: Value, _ from: Int = 0, _ to: Int = Int.max) throws(Raised) {
    self.vm = vm
    self.pattern = pattern
    var text = try SreText(vm, string)
    let length = text.view.length
    position = max(0, min(from, length))
    end = max(position, min(max(0, to), length))
    first = position
    do throws(Raised) {
      try text.check(pattern)
      if pattern.pointee.code == nil { throw vm.raise(.runtimeError, "invalid SRE code") }
      if pattern.pointee.maps == nil { try SreAnalysis.prepare(vm, pattern) }
      if !pattern.pointee.lookaheadIsKnown, end &- position >= SreLookahead.leastText { try SreLookahead.prepare(vm, pattern) }
    } catch {
      text.end()
      throw error
    }
    let isLong = end &- position >= SreLookahead.leastText
    matcher = SreMatcher(
      vm, code: pattern.pointee.code.unsafelyUnwrapped, codeCount: pattern.pointee.codeCount,
      maps: pattern.pointee.maps.unsafelyUnwrapped, lookahead: isLong ? pattern.pointee.lookahead : nil,
      text: text.view.pointer(UInt8.self), end: end, groups: pattern.pointee.groups)
    self.text = text
  }

  /// Gives memory and buffer back. Call exactly once.
  mutating func finish() {
    matcher.free()
    text.end()
  }

  mutating func match() throws(Raised) -> Bool { try run(searching: false) }
  mutating func search() throws(Raised) -> Bool { try run(searching: true) }

  private mutating func run(searching: Bool) throws(Raised) -> Bool {
    matcher.mustAdvance = mustAdvance
    matcher.matchAll = matchAll
    let from = position
    let unit = text.view.unit
    let found = try withUnsafeMutablePointer(to: &matcher) { m throws(Raised) -> Bool in
      let raw = UnsafeMutableRawPointer(m)
      switch unit {
      case 1: return try Self.apply(m, searching, from)
      case 2: return try Self.apply(raw.assumingMemoryBound(to: SreMatcher<UInt16>.self), searching, from)
      default: return try Self.apply(raw.assumingMemoryBound(to: SreMatcher<UInt32>.self), searching, from)
      }
    }
    start = matcher.start
    stop = matcher.position
    lastIndex = matcher.lastIndex
    return found
  }
  @inline(__always)
  private static func apply<T>(_ m: UnsafeMutablePointer<SreMatcher<T>>, _ searching: Bool, _ from: Int) throws(Raised) -> Bool {
    searching ? try m.pointee.search(from: from) : try m.pointee.match(at: from)
  }

  /// Moves on behind the last match: the next one may not be empty at its end if it was empty itself.
  mutating func advance() {
    mustAdvance = stop == start
    position = stop
  }

  /// Bounds of a group of the last match; -1 where it took no part.
  @inline(__always)
  func span(_ group: Int) -> (Int, Int) {
    if group == 0 { return (start, stop) }
    if group > pattern.pointee.groups { return (-1, -1) }
    let low = matcher.marks[group &* 2 &- 2], high = matcher.marks[group &* 2 &- 1]
    return low >= 0 && high >= 0 ? (low, high) : (-1, -1)
  }
}
