// The standard error handlers as functions: what `codecs.lookup_error` answers and `codecs.strict_errors` and its like are.

extension CodecsModule {
  /// Makes the functions, enters them in the registry and takes them out of the module's namespace again.
  static func declareHandlers(_ m: ModuleBuilder) throws(Raised) {
    let vm = m.vm
    let table = try vm.dict()
    func add(_ name: StaticString, _ function: StaticString, _ code: @escaping NativeOne) throws(Raised) {
      m.function(function, "($module, exc, /)", nil, code)
      let key = try vm.intern(function)
      try Dicts.set(vm, table, try vm.intern(name), try Dicts.get(vm, m.dict, key))
      _ = try Dicts.remove(vm, m.dict, key)
    }
    try add("strict", "strict_errors", strict)
    try add("ignore", "ignore_errors", ignore)
    try add("replace", "replace_errors", replace)
    try add("xmlcharrefreplace", "xmlcharrefreplace_errors", xmlCharRefReplace)
    try add("backslashreplace", "backslashreplace_errors", backslashReplace)
    try add("namereplace", "namereplace_errors", nameReplace)
    try add("surrogatepass", "surrogatepass", surrogatePass)
    try add("surrogateescape", "surrogateescape", surrogateEscape)
    CodecRegistry.adopt(errors: table)
  }

  /// A Unicode error taken apart; the bounds lie within the object.
  private struct Failure {
    enum Kind { case encode, decode, translate }
    var kind: Kind
    var object: Value
    var start: Int
    var end: Int
    var length: Int

    init(_ vm: VM, _ exc: Value, _ allowed: [Kind]) throws(Raised) {
      if exc.isInstance(of: rt.types[.unicodeEncodeError]) && allowed.contains(.encode) {
        kind = .encode
      } else if exc.isInstance(of: rt.types[.unicodeDecodeError]) && allowed.contains(.decode) {
        kind = .decode
      } else if exc.isInstance(of: rt.types[.unicodeTranslateError]) && allowed.contains(.translate) {
        kind = .translate
      } else {
        throw vm.raise(.typeError, "don't know how to handle \(exc.typeName) in error callback")
      }
      object = try vm.getAttribute(exc, "object")
      if kind == .decode {
        guard object.isBytes else { throw vm.raise(.typeError, "object attribute must be bytes") }
        length = object.as(BytesLayout.self).pointee.count
      } else {
        guard object.isStr else { throw vm.raise(.typeError, "object attribute must be unicode") }
        length = Str.length(object)
      }
      let first = vm.clamped(try vm.index(try vm.getAttribute(exc, "start")))
      let last = vm.clamped(try vm.index(try vm.getAttribute(exc, "end")))
      start = max(0, min(first, length &- 1))
      end = min(max(1, last), length)
    }
  }

  private static func result(_ vm: VM, _ replacement: Value, _ position: Int) throws(Raised) -> Value {
    try vm.tuple(replacement, try vm.int(position))
  }

  private static func strict(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    guard exc.isExceptionInstance else { throw vm.raise(.typeError, "codec must pass exception instance") }
    throw vm.raise(exc)
  }
  private static func ignore(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode, .decode, .translate])
    return try result(vm, try vm.emptyStr(), f.end)
  }
  private static func replace(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode, .decode, .translate])
    if f.kind == .decode { return try result(vm, try vm.str(codePoint: 0xFFFD), f.end) }
    var out = StrBuilder(vm)
    try out.append(f.kind == .encode ? 63 : 0xFFFD, count: max(0, f.end &- f.start))
    return try result(vm, try out.finish(), f.end)
  }
  private static func xmlCharRefReplace(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode])
    return try result(vm, try CodecHandlers.characterReferences(vm, StrView(f.object), f.start, max(f.start, f.end)), f.end)
  }
  private static func backslashReplace(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode, .decode, .translate])
    let view = f.kind == .decode ? BytesText.view(f.object) : StrView(f.object)
    return try result(vm, try CodecHandlers.backslashes(vm, view, f.start, max(f.start, f.end)), f.end)
  }
  private static func nameReplace(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode])
    return try result(vm, try CodecHandlers.names(vm, StrView(f.object), f.start, max(f.start, f.end)), f.end)
  }

  private static func surrogatePass(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode, .decode])
    let name = try vm.getAttribute(exc, "encoding")
    let encoding = StandardEncoding(name.swiftString)
    if f.kind == .encode {
      let view = StrView(f.object)
      var out = ByteBuilder(vm)
      for i in f.start..<max(f.start, f.end) {
        guard encoding.width > 0, view[i] >= 0xD800, view[i] <= 0xDFFF else { throw vm.raise(exc) }
        try encoding.appendSurrogate(view[i], &out)
      }
      return try result(vm, try out.finish(), f.end)
    }
    guard encoding.width > 0, f.length &- f.start >= encoding.width,
      let c = encoding.surrogate(UnsafePointer(f.object.as(BytesLayout.self).bytes) + f.start)
    else { throw vm.raise(exc) }
    return try result(vm, try vm.str(codePoint: c), f.start &+ encoding.width)
  }

  private static func surrogateEscape(_ vm: VM, _ module: Value, _ exc: Value) throws(Raised) -> Value {
    let f = try Failure(vm, exc, [.encode, .decode])
    if f.kind == .encode {
      let view = StrView(f.object)
      var out = ByteBuilder(vm)
      for i in f.start..<max(f.start, f.end) {
        guard view[i] >= 0xDC80, view[i] <= 0xDCFF else { throw vm.raise(exc) }
        try out.append(UInt8(truncatingIfNeeded: view[i]))
      }
      return try result(vm, try out.finish(), f.end)
    }
    let bytes = f.object.as(BytesLayout.self).bytes
    var out = StrBuilder(vm)
    var i = f.start
    while i < f.end && out.length < 4 && bytes[i] >= 128 {
      try out.append(0xDC00 &+ UInt32(bytes[i]))
      i &+= 1
    }
    if out.length == 0 { throw vm.raise(exc) }
    return try result(vm, try out.finish(), i)
  }
}
