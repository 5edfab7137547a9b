/// The codec registry: search functions, their cached answers, error handlers by name. State lives in globals, which the
/// collector scans.
enum CodecRegistry {
  nonisolated(unsafe) private static var state = State()
  private struct State {
    /// list of search functions
    var searchPath = Value.null
    /// dict: normalised name → CodecInfo (a tuple)
    var cache = Value.null
    /// dict: name → handler
    var errors = Value.null
    var encodingsImported = false
  }

  private static func prepare(_ vm: VM) throws(Raised) {
    if state.searchPath.isNull { state.searchPath = try vm.list() }
    if state.cache.isNull { state.cache = try vm.dict() }
    if !state.encodingsImported {
      state.encodingsImported = true
      _ = try vm.importModule("encodings")
    }
  }

  static func register(_ vm: VM, _ search: Value) throws(Raised) {
    if search.type.pointee.slots.call == nil { throw vm.raise(.typeError, "argument must be callable") }
    if state.searchPath.isNull { state.searchPath = try vm.list() }
    // `encodings` itself comes through here while it is being imported.
    try vm.append(state.searchPath, search)
  }

  static func unregister(_ vm: VM, _ search: Value) throws(Raised) {
    if state.searchPath.isNull { return }
    let list = state.searchPath.as(ListLayout.self)
    for i in 0..<list.pointee.count {
      if let items = list.pointee.items, items[i] == search {
        if !state.cache.isNull { Dicts.clear(vm, state.cache) }
        try vm.setItem(state.searchPath, Value(smallInt: i), .null)
        return
      }
    }
  }

  /// Lower case, runs of anything but letters, digits and '.' as one '_'.
  static func normalize(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let view = StrView(name)
    var out = StrBuilder(vm)
    var punctuation = false
    for i in 0..<view.length {
      let c = view[i]
      if UnicodeData.isAlnum(c) && c < 128 || c == 46 {
        if punctuation && out.length > 0 { try out.append(95) }
        punctuation = false
        try out.append(c &- 65 < 26 ? c | 32 : c)
      } else {
        punctuation = true
      }
    }
    return try out.finish()
  }

  /// The CodecInfo of an encoding.
  static func lookup(_ vm: VM, _ encoding: Value) throws(Raised) -> Value {
    try prepare(vm)
    let name = try vm.intern(try normalize(vm, encoding))
    let known = try Dicts.get(vm, state.cache, name)
    if !known.isNull { return known }
    // No codec has a name with lone surrogates: this raises UnicodeEncodeError for one.
    _ = try UTF8Codec.encode(vm, encoding, .null)
    let path = state.searchPath.as(ListLayout.self)
    if path.pointee.count == 0 { throw vm.raise(.lookupError, "no codec search functions registered: can't find encoding") }
    var i = 0
    while i < path.pointee.count, let items = path.pointee.items {
      let found = try vm.call(items[i], name)
      i &+= 1
      if found.isNone { continue }
      guard found.isTuple, found.as(TupleLayout.self).pointee.count == 4 else {
        throw vm.raise(.typeError, "codec search functions must return 4-tuples")
      }
      try Dicts.set(vm, state.cache, name, found)
      return found
    }
    throw vm.raise(.lookupError, "unknown encoding: \(encoding.swiftString)")
  }

  // MARK: encoding and decoding through the registry

  static func encode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    try run(vm, try lookup(vm, encoding), 0, v, errors, "encoder", encoding)
  }
  static func decode(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    try run(vm, try lookup(vm, encoding), 1, v, errors, "decoder", encoding)
  }

  private static func run(
    _ vm: VM, _ info: Value, _ which: Int, _ v: Value, _ errors: Value, _ role: StaticString, _ encoding: Value
  ) throws(Raised) -> Value {
    let function = info.as(TupleLayout.self).items[which]
    let result: Value
    do throws(Raised) {
      result = errors.isNull ? try vm.call(function, v) : try vm.call(function, v, errors)
    } catch {
      throw try explain(vm, which == 0 ? "encoding" : "decoding", encoding)
    }
    guard result.isTuple, result.as(TupleLayout.self).pointee.count == 2 else {
      throw vm.raise(.typeError, "\(role) must return a tuple (object, integer)")
    }
    return result.as(TupleLayout.self).items[0]
  }

  /// Chains the pending exception to one that names the codec, where its class has only a message as its state.
  private static func explain(_ vm: VM, _ operation: StaticString, _ encoding: Value) throws(Raised) -> Raised {
    let cause = vm.takePending()
    let type = cause.type
    let simple =
      type.pointee.slots.new == rt.types[.exception].pointee.slots.new
      && type.pointee.slots.initialize == rt.types[.exception].pointee.slots.initialize
      && type.pointee.instanceSize == rt.types[.exception].pointee.instanceSize && type.pointee.slotCount == 0
      && !type.isSubtype(of: rt.types[.memoryError])
    guard simple, cause.isExceptionInstance else { return vm.reraise(cause) }
    let attributes = try vm.getAttributeOrNull(cause, rt.pointee.names.__dict__)
    if attributes.isDict, try vm.isTrue(attributes) { return vm.reraise(cause) }
    let arguments = cause.as(ExceptionLayout.self).pointee.args
    if arguments.isTuple {
      let t = arguments.as(TupleLayout.self)
      if t.pointee.count > 1 || t.pointee.count == 1 && !t.items[0].isExactStr { return vm.reraise(cause) }
    }
    let text = try vm.str(of: cause).swiftString
    let message = try vm.str(
      "\(operation) with '\(encoding.swiftString)' codec failed (\(cause.typeName): \(text))")
    let new = try vm.call(Value(type), message)
    guard new.isExceptionInstance else { return vm.reraise(cause) }
    new.as(ExceptionLayout.self).pointee.cause = cause
    new.as(ExceptionLayout.self).pointee.context = cause
    new.as(ExceptionLayout.self).pointee.suppressContext = true
    return vm.reraise(new)
  }

  private static func textCodec(_ vm: VM, _ encoding: Value, _ alternative: StaticString) throws(Raised) -> Value {
    let info = try lookup(vm, encoding)
    if !info.isExact(rt.types.tuple) {
      let isText = try vm.getAttributeOrNull(info, "_is_text_encoding")
      if !isText.isNull, try !vm.isTrue(isText) {
        throw vm.raise(
          .lookupError,
          "'\(encoding.swiftString)' is not a text encoding; use \(alternative) to handle arbitrary codecs")
      }
    }
    return info
  }

  /// `str.encode`: only text encodings, and the result is bytes.
  static func encodeText(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    let info = try textCodec(vm, encoding, "codecs.encode()")
    let result = try run(vm, info, 0, v, errors, "encoder", encoding)
    if result.isBytes { return result }
    if result.isInstance(of: rt.types.bytearray) {
      try vm.warn(
        .runtimeWarning,
        "encoder \(encoding.swiftString) returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary types")
      return try vm.bytes(UnsafeRawBufferPointer(ByteArrays.bytes(result)))
    }
    throw vm.raise(
      .typeError,
      "'\(encoding.swiftString)' encoder returned '\(result.typeName)' instead of 'bytes'; use codecs.encode() to encode to arbitrary types"
    )
  }

  /// `bytes.decode`: only text encodings, and the result is a str.
  static func decodeText(_ vm: VM, _ v: Value, _ encoding: Value, _ errors: Value) throws(Raised) -> Value {
    let info = try textCodec(vm, encoding, "codecs.decode()")
    // Decoders written in Python expect something with bytes' methods or at least a memoryview.
    let input = v.isBytes ? v : try MemoryViews.make(vm, of: v)
    let result = try run(vm, info, 1, input, errors, "decoder", encoding)
    if result.isStr { return result }
    throw vm.raise(
      .typeError,
      "'\(encoding.swiftString)' decoder returned '\(result.typeName)' instead of 'str'; use codecs.decode() to decode to arbitrary types")
  }

  // MARK: error handlers

  private static func errorTable(_ vm: VM) throws(Raised) -> Value {
    if state.errors.isNull { _ = try vm.importModule("_codecs") }
    if state.errors.isNull { state.errors = try vm.dict() }
    return state.errors
  }
  /// Null before the first use.
  static var errorHandlers: Value { state.errors }
  /// The standard handlers, by the `_codecs` module when it is made.
  static func adopt(errors table: Value) { if state.errors.isNull { state.errors = table } }
  static func registerError(_ vm: VM, _ name: Value, _ handler: Value) throws(Raised) {
    if handler.type.pointee.slots.call == nil { throw vm.raise(.typeError, "handler must be callable") }
    try Dicts.set(vm, try errorTable(vm), name, handler)
    if let registered = rt.bridgeHooks.errorHandlerRegistered { try registered(vm, name, handler) }
  }
  /// - Parameter name: a str, or null for "strict"
  static func lookupError(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let key = name.isNull ? try vm.str("strict") : name
    let found = try Dicts.get(vm, try errorTable(vm), key)
    if found.isNull { throw vm.raise(.lookupError, "unknown error handler name '\(key.swiftString)'") }
    return found
  }
}
