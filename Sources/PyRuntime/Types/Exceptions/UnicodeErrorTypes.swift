// UnicodeEncodeError, UnicodeDecodeError, UnicodeTranslateError.

private typealias L = UnicodeErrorLayout

private func declareFields(_ t: inout TypeBuilder, encoding: Bool) {
  if encoding {
    t.member("encoding", "exception encoding", offset: MemoryLayout<L>.offset(of: \.encoding), readOnly: false)
  }
  t.member("object", "exception object", offset: MemoryLayout<L>.offset(of: \.object), readOnly: false)
  t.member("start", "exception start", offset: MemoryLayout<L>.offset(of: \.start), readOnly: false)
  t.member("end", "exception end", offset: MemoryLayout<L>.offset(of: \.end), readOnly: false)
  t.member("reason", "exception reason", offset: MemoryLayout<L>.offset(of: \.reason), readOnly: false)
}

private func isMachineInt(_ v: Value) -> Bool { v.isInt || v.type.pointee.slots.index != nil }

enum UnicodeErrors {
  static func text(_ vm: VM, _ v: Value) throws(Raised) -> String { try vm.str(of: v.isNull ? .none : v).swiftString }
  /// A deleted position reads as 0.
  static func position(_ vm: VM, _ v: Value) throws(Raised) -> Int { v.isNull ? 0 : try vm.asInt(v) }
  /// "\xe9", "\u20ac", "\U0001f600": one character as messages show it.
  static func escape(_ c: UInt32) -> String {
    let digits = c <= 0xFF ? 2 : c <= 0xFFFF ? 4 : 8
    let hex = String(c, radix: 16)
    return (c <= 0xFF ? "\\x" : c <= 0xFFFF ? "\\u" : "\\U") + String(repeating: "0", count: digits - hex.utf8.count) + hex
  }
}

enum UnicodeEncodeErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Unicode encoding error.")
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    declareFields(&t, encoding: true)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    try UnicodeInit.check(vm, args, 5, ["str", "str", "int", "int", "str"])
    let e = v.as(UnicodeErrorLayout.self)
    (e.pointee.encoding, e.pointee.object) = (args[0], args[1])
    (e.pointee.start, e.pointee.end, e.pointee.reason) = (args[2], args[3], args[4])
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(UnicodeErrorLayout.self)
    if e.pointee.object.isNull { return try vm.str("") }
    let reason = try UnicodeErrors.text(vm, e.pointee.reason)
    let encoding = try UnicodeErrors.text(vm, e.pointee.encoding)
    guard e.pointee.object.isStr else { throw vm.raise(.typeError, "object attribute must be unicode") }
    let s = e.pointee.object.as(StrLayout.self)
    let start = try UnicodeErrors.position(vm, e.pointee.start)
    let end = try UnicodeErrors.position(vm, e.pointee.end)
    if start < s.pointee.length && start >= 0 && end == start + 1 {
      let c = UnicodeErrors.escape(s[codePoint: start])
      return try vm.str("'\(encoding)' codec can't encode character '\(c)' in position \(start): \(reason)")
    }
    return try vm.str("'\(encoding)' codec can't encode characters in position \(start)-\(end &- 1): \(reason)")
  }
}

enum UnicodeDecodeErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Unicode decoding error.")
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    declareFields(&t, encoding: true)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    try UnicodeInit.check(vm, args, 5, ["str", "", "int", "int", "str"])
    let e = v.as(UnicodeErrorLayout.self)
    var object = args[1]
    if !object.isBytes {
      var view = try vm.buffer(of: object, .simple)
      defer { vm.release(&view) }
      object = try vm.bytes(UnsafeRawBufferPointer(start: view.memory, count: view.byteCount))
    }
    (e.pointee.encoding, e.pointee.object) = (args[0], object)
    (e.pointee.start, e.pointee.end, e.pointee.reason) = (args[2], args[3], args[4])
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(UnicodeErrorLayout.self)
    if e.pointee.object.isNull { return try vm.str("") }
    let reason = try UnicodeErrors.text(vm, e.pointee.reason)
    let encoding = try UnicodeErrors.text(vm, e.pointee.encoding)
    guard e.pointee.object.isBytes else { throw vm.raise(.typeError, "object attribute must be bytes") }
    let b = e.pointee.object.as(BytesLayout.self)
    let start = try UnicodeErrors.position(vm, e.pointee.start)
    let end = try UnicodeErrors.position(vm, e.pointee.end)
    if start < b.pointee.count && start >= 0 && end == start + 1 {
      let hex = String(b.bytes[start], radix: 16)
      let shown = hex.utf8.count == 1 ? "0" + hex : hex
      return try vm.str("'\(encoding)' codec can't decode byte 0x\(shown) in position \(start): \(reason)")
    }
    return try vm.str("'\(encoding)' codec can't decode bytes in position \(start)-\(end &- 1): \(reason)")
  }
}

enum UnicodeTranslateErrorType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("Unicode translation error.")
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    declareFields(&t, encoding: false)
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try BaseExceptionType.initialize(vm, v, args)
    try UnicodeInit.check(vm, args, 4, ["str", "int", "int", "str"])
    let e = v.as(UnicodeErrorLayout.self)
    (e.pointee.object, e.pointee.start, e.pointee.end, e.pointee.reason) = (args[0], args[1], args[2], args[3])
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(UnicodeErrorLayout.self)
    if e.pointee.object.isNull { return try vm.str("") }
    let reason = try UnicodeErrors.text(vm, e.pointee.reason)
    guard e.pointee.object.isStr else { throw vm.raise(.typeError, "object attribute must be unicode") }
    let s = e.pointee.object.as(StrLayout.self)
    let start = try UnicodeErrors.position(vm, e.pointee.start)
    let end = try UnicodeErrors.position(vm, e.pointee.end)
    if start < s.pointee.length && start >= 0 && end == start + 1 {
      return try vm.str("can't translate character '\(UnicodeErrors.escape(s[codePoint: start]))' in position \(start): \(reason)")
    }
    return try vm.str("can't translate characters in position \(start)-\(end &- 1): \(reason)")
  }
}

enum UnicodeInit {
  /// Types of the arguments, as PyArg_ParseTuple checks them; "" takes anything.
  static func check(_ vm: VM, _ args: Args, _ count: Int, _ kinds: [String]) throws(Raised) {
    if args.count != count { throw vm.raise(.typeError, "function takes exactly \(count) arguments (\(args.count) given)") }
    for (i, kind) in kinds.enumerated() {
      if kind == "str" && !args[i].isStr {
        throw vm.raise(.typeError, "argument \(i + 1) must be str, not \(args[i].argumentTypeName)")
      }
      if kind == "int" && !isMachineInt(args[i]) {
        throw vm.raise(.typeError, "'\(args[i].typeName)' object cannot be interpreted as an integer")
      }
    }
  }
}
