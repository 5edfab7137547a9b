/// What str, bytes and bytearray methods differ in; `TextMethods` holds what they share. Specialised at compile time.
protocol TextKind {
  static var isBytes: Bool { get }
  static var typeName: StaticString { get }
  /// A new object of the kind with the text of `view`; `whole` itself where the text is all of it and that may be shared.
  static func make(_ vm: VM, _ view: StrView, _ whole: Value) throws(Raised) -> Value
  /// The text of an instance.
  static func view(_ v: Value) -> StrView
  static func isSpace(_ c: UInt32) -> Bool
  static func isLineBreak(_ c: UInt32) -> Bool
  /// Whether the text is ASCII as far as known without looking.
  static func isASCII(_ v: Value) -> Bool
}

enum StrText: TextKind {
  static var isBytes: Bool { false }
  static var typeName: StaticString { "str" }
  @inline(__always)
  static func make(_ vm: VM, _ view: StrView, _ whole: Value) throws(Raised) -> Value {
    if !whole.isNull, view.length == Str.length(whole), whole.isExactStr { return whole }
    if !whole.isNull, view.length > 1, whole.as(StrLayout.self).isASCII {
      let s = try vm.newStr(length: view.length, unit: 1, ascii: true)
      view.copy(to: s.units, unit: 1)
      return Value(s)
    }
    return try vm.str(copying: view)
  }
  @inline(__always) static func view(_ v: Value) -> StrView { StrView(v) }
  @inline(__always) static func isSpace(_ c: UInt32) -> Bool { UnicodeData.isSpace(c) }
  @inline(__always) static func isLineBreak(_ c: UInt32) -> Bool { UnicodeData.isLineBreak(c) }
  @inline(__always) static func isASCII(_ v: Value) -> Bool { v.as(StrLayout.self).isASCII }
}

enum BytesText: TextKind {
  static var isBytes: Bool { true }
  static var typeName: StaticString { "bytes" }
  @inline(__always)
  static func make(_ vm: VM, _ view: StrView, _ whole: Value) throws(Raised) -> Value {
    if !whole.isNull, view.length == whole.as(BytesLayout.self).pointee.count, whole.isExact(rt.types.bytes) { return whole }
    return try vm.bytes(UnsafeRawBufferPointer(start: view.units, count: view.length))
  }
  @inline(__always) static func view(_ v: Value) -> StrView {
    let b = v.as(BytesLayout.self)
    return StrView(units: UnsafeRawPointer(b.bytes), length: b.pointee.count, unit: 1)
  }
  @inline(__always) static func isSpace(_ c: UInt32) -> Bool { c == 32 || c &- 9 < 5 }
  @inline(__always) static func isLineBreak(_ c: UInt32) -> Bool { c == 10 || c == 13 }
  @inline(__always) static func isASCII(_ v: Value) -> Bool { true }
}

enum ByteArrayText: TextKind {
  static var isBytes: Bool { true }
  static var typeName: StaticString { "bytearray" }
  static func make(_ vm: VM, _ view: StrView, _ whole: Value) throws(Raised) -> Value {
    try vm.byteArray(UnsafeRawBufferPointer(start: view.units, count: view.length))
  }
  @inline(__always) static func view(_ v: Value) -> StrView {
    let b = v.as(ByteArrayLayout.self)
    guard let storage = b.pointee.storage else { return StrView(units: nil, length: 0, unit: 1) }
    return StrView(units: UnsafeRawPointer(storage + b.pointee.start), length: b.pointee.count, unit: 1)
  }
  @inline(__always) static func isSpace(_ c: UInt32) -> Bool { c == 32 || c &- 9 < 5 }
  @inline(__always) static func isLineBreak(_ c: UInt32) -> Bool { c == 10 || c == 13 }
  @inline(__always) static func isASCII(_ v: Value) -> Bool { true }
}

/// The text of an argument: a str's for str methods, any bytes-like object's for the others. `end` releases it.
struct TextArgument {
  var view: StrView
  private var buffer = BufferView()
  private let vm: VM
  private let isHeld: Bool

  /// A str or bytes-like object; bytes need no release.
  init<K: TextKind>(_ vm: VM, _ v: Value, _: K.Type, _ complaint: () -> String) throws(Raised) {
    self.vm = vm
    if !K.isBytes {
      guard v.isStr else { throw vm.raise(.typeError, complaint()) }
      view = StrView(v)
      isHeld = false
      return
    }
    if v.isBytes {
      view = BytesText.view(v)
      isHeld = false
      return
    }
    guard v.type.pointee.slots.buffer != nil else { throw vm.raise(.typeError, complaint()) }
    buffer = try vm.buffer(of: v, .simple)
    view = StrView(units: UnsafeRawPointer(buffer.memory), length: buffer.byteCount, unit: 1)
    isHeld = true
  }
  mutating func end() { if isHeld { vm.release(&buffer) } }
}
