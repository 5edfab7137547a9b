/// The methods that str, bytes and bytearray share, over the kind of text.
enum TextMethods<K: TextKind> {}

// MARK: find, index, count, startswith

extension TextMethods {
  /// Runs `body` with the part of the text between the bounds, the needle and the start; `empty` when start lies behind end.
  /// For bytes a needle may also be the number of a byte.
  @inline(__always)
  private static func search(
    _ vm: VM, _ v: Value, _ name: StaticString, _ args: Args, empty: Int, _ body: (StrView, StrView, Int) -> Int
  ) throws(Raised) -> Int {
    try vm.check(args, K.typeName, name, 1, 3)
    let item = args[0]
    let (start, end) = try vm.bounds(args, 1, K.view(v).length)
    if K.isBytes && !item.isBytes && item.type.pointee.slots.buffer == nil {
      guard item.isInt || item.type.pointee.slots.index != nil else {
        throw vm.raise(.typeError, "argument should be integer or bytes-like object, not '\(item.typeName)'")
      }
      let n = vm.clamped(try vm.index(item))
      guard n >= 0 && n < 256 else { throw vm.raise(.valueError, "byte must be in range(0, 256)") }
      var byte = UInt8(n)
      let view = K.view(v)
      if start > end || end > view.length { return empty }
      return withUnsafeBytes(of: &byte) { body(view.slice(start, end), StrView(units: $0.baseAddress, length: 1, unit: 1), start) }
    }
    var argument = try TextArgument(vm, item, K.self) { "must be str, not \(item.typeName)" }
    defer { argument.end() }
    let view = K.view(v)
    if start > end || end > view.length { return empty }
    return body(view.slice(start, end), argument.view, start)
  }

  static func find(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    Value(smallInt: try search(vm, v, "find", args, empty: -1) { offset($0.find($1), $2) })
  }
  static func rfind(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    Value(smallInt: try search(vm, v, "rfind", args, empty: -1) { offset($0.rfind($1), $2) })
  }
  static func index(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let i = try search(vm, v, "index", args, empty: -1) { offset($0.find($1), $2) }
    if i < 0 { throw notFound(vm) }
    return Value(smallInt: i)
  }
  static func rindex(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let i = try search(vm, v, "rindex", args, empty: -1) { offset($0.rfind($1), $2) }
    if i < 0 { throw notFound(vm) }
    return Value(smallInt: i)
  }
  static func count(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    Value(smallInt: try search(vm, v, "count", args, empty: 0) { view, needle, _ in view.count(needle) })
  }
  @inline(__always) private static func offset(_ i: Int, _ start: Int) -> Int { i < 0 ? -1 : i &+ start }
  private static func notFound(_ vm: VM) -> Raised {
    vm.raise(.valueError, K.isBytes ? "subsection not found" : "substring not found")
  }

  static func startswith(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    .bool(try matchesEnd(vm, v, args, "startswith", atEnd: false))
  }
  static func endswith(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    .bool(try matchesEnd(vm, v, args, "endswith", atEnd: true))
  }
  private static func matchesEnd(_ vm: VM, _ v: Value, _ args: Args, _ name: StaticString, atEnd: Bool) throws(Raised) -> Bool {
    try vm.check(args, K.typeName, name, 1, 3)
    let (start, end) = try vm.bounds(args, 1, K.view(v).length)
    let affix = args[0]
    if affix.isTuple {
      let t = affix.as(TupleLayout.self)
      for i in 0..<t.pointee.count {
        let item = t.items[i]
        if !K.isBytes && !item.isStr {
          throw vm.raise(.typeError, "tuple for \(name) must only contain str, not \(item.typeName)")
        }
        if try matches(vm, v, item, start, end, atEnd, { "a bytes-like object is required, not '\(item.typeName)'" }) { return true }
      }
      return false
    }
    let kind = K.isBytes ? "bytes" : "str"
    return try matches(
      vm, v, affix, start, end, atEnd, { "\(name) first arg must be \(kind) or a tuple of \(kind), not \(affix.typeName)" })
  }
  private static func matches(
    _ vm: VM, _ v: Value, _ affix: Value, _ start: Int, _ end: Int, _ atEnd: Bool, _ complaint: () -> String
  ) throws(Raised) -> Bool {
    var argument = try TextArgument(vm, affix, K.self, complaint)
    defer { argument.end() }
    let view = K.view(v)
    if start > end || end > view.length { return false }
    let part = view.slice(start, end)
    return atEnd ? part.hasSuffix(argument.view) : part.hasPrefix(argument.view)
  }

  static func removeprefix(_ vm: VM, _ v: Value, _ prefix: Value) throws(Raised) -> Value {
    var argument = try TextArgument(vm, prefix, K.self) { notText("removeprefix", prefix) }
    defer { argument.end() }
    let view = K.view(v)
    let from = view.hasPrefix(argument.view) ? argument.view.length : 0
    return try K.make(vm, view.slice(from, view.length), v)
  }
  static func removesuffix(_ vm: VM, _ v: Value, _ suffix: Value) throws(Raised) -> Value {
    var argument = try TextArgument(vm, suffix, K.self) { notText("removesuffix", suffix) }
    defer { argument.end() }
    let view = K.view(v)
    let to = view.hasSuffix(argument.view) ? view.length &- argument.view.length : view.length
    return try K.make(vm, view.slice(0, to), v)
  }
  static func notText(_ function: StaticString, _ v: Value, argument: Int? = nil) -> String {
    if K.isBytes { return "a bytes-like object is required, not '\(v.typeName)'" }
    let which = argument.map { " \($0)" } ?? ""
    return "\(function)() argument\(which) must be str, not \(v.argumentTypeName)"
  }

  /// `item in text`: text, or for bytes also the number of a byte.
  static func contains(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Bool {
    if !K.isBytes {
      guard item.isStr else { throw vm.raise(.typeError, "'in <string>' requires string as left operand, not \(item.typeName)") }
      return K.view(v).find(StrView(item)) >= 0
    }
    if !item.isBytes && (item.isInt || item.type.pointee.slots.index != nil) && item.type.pointee.slots.buffer == nil {
      let n = vm.clamped(try vm.index(item))
      guard n >= 0 && n < 256 else { throw vm.raise(.valueError, "byte must be in range(0, 256)") }
      return K.view(v).find(codePoint: UInt32(n)) >= 0
    }
    var argument = try TextArgument(vm, item, K.self) { "a bytes-like object is required, not '\(item.typeName)'" }
    defer { argument.end() }
    return K.view(v).find(argument.view) >= 0
  }
}
