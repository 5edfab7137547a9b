import CExpat
import Glibc
import PyRuntime

/// `pyexpat.xmlparser`.
enum ExpatParserType {
  nonisolated(unsafe) static var type = TypeRef(bitPattern: 64).unsafelyUnwrapped
  static func layout(_ v: Value) -> ExpatParserRef { v.as(ExpatParserLayout.self) }
  static let standardBuffer = 8192

  /// An object without a parser yet.
  static func make(_ vm: VM) throws(Raised) -> ExpatParserRef {
    let p = try vm.instance(ExpatParserLayout.self, of: type)
    p.pointee.bufferSize = standardBuffer
    let handlers = try vm.allocateValues(ExpatEvent.count)
    p.pointee.handlers = handlers
    return p
  }
  static func connect(_ p: ExpatParserRef, _ parser: OpaquePointer) {
    let object = UnsafeMutableRawPointer(p)
    XML_SetUserData(parser, object)
    XML_SetExternalEntityRefHandlerArg(parser, object)
    ExpatEncodings.install(parser, object)
  }

  static func declare(_ t: inout TypeBuilder) throws(Raised) {
    t.doc("A parser of expat's and its handlers, which are attributes.")
    t.trace(ExpatParserLayout.trace)
    declareParsing(&t)
    declareContext(&t)
    declareState(&t)
    ExpatHandlers.declare(&t)
  }

  // MARK: parsing

  private static func declareParsing(_ t: inout TypeBuilder) {
    t.method("Parse", "($self, data, isfinal=False, /)", "Parses a piece of a document, the last one if isfinal is true.") {
      (vm, v, data: Value, isFinal: Value) throws(Raised) in
      let ends = isFinal.isNull ? false : try vm.isTrue(isFinal)
      let p = layout(v)
      if data.isStr {
        let text = try ExpatText.utf8(vm, data)
        if let parser = p.base.pointee.parser { XML_SetEncoding(parser, "utf-8") }
        return try parse(vm, p, text.baseAddress, text.count, ends)
      }
      var view = try vm.buffer(of: data, .simple)
      defer { vm.release(&view) }
      return try parse(vm, p, view.memory.map { UnsafeRawPointer($0) }, view.byteCount, ends)
    }
    t.method("ParseFile", "($self, file, /)", "Parses what read() of a file gives, to its end.", parseFile)
  }

  private static func parse(
    _ vm: VM, _ p: ExpatParserRef, _ bytes: UnsafeRawPointer?, _ count: Int, _ isFinal: Bool
  ) throws(Raised) -> Value {
    guard let parser = p.base.pointee.parser else { return .none }
    let status = try p.base.parsing(vm) {
      let most = 1 << 20
      var at = 0
      while count &- at > most {
        let part = bytes.map { ($0 + at).assumingMemoryBound(to: CChar.self) }
        if XML_Parse(parser, part, Int32(most), 0).rawValue == 0 { return 0 }
        at &+= most
      }
      let rest = bytes.map { ($0 + at).assumingMemoryBound(to: CChar.self) }
      return Int(XML_Parse(parser, rest, Int32(count &- at), isFinal ? 1 : 0).rawValue)
    }
    return try result(vm, p, status)
  }

  private static func result(_ vm: VM, _ p: ExpatParserRef, _ status: Int) throws(Raised) -> Value {
    if status == 0, let parser = p.base.pointee.parser { throw ExpatModule.error(vm, parser, XML_GetErrorCode(parser)) }
    try p.flush(vm)
    return Value(smallInt: status)
  }

  private static let parseFile: NativeOne = { vm, v, file throws(Raised) in
    let p = layout(v)
    let read = try vm.getAttributeOrNull(file, "read")
    if read.isNull { throw vm.raise(.typeError, "argument must have 'read' attribute") }
    guard let parser = p.base.pointee.parser else { return .none }
    let size = 2048
    while true {
      let piece = try vm.call(read, Value(smallInt: size))
      let count: Int, memory: UnsafeRawPointer?
      if piece.isBytes {
        let b = piece.as(BytesLayout.self)
        (count, memory) = (b.pointee.count, UnsafeRawPointer(b.bytes))
      } else if piece.isInstance(of: rt.types.bytearray) {
        let b = piece.as(ByteArrayLayout.self)
        (count, memory) = (b.pointee.count, b.pointee.storage.map { UnsafeRawPointer($0 + b.pointee.start) })
      } else {
        throw vm.raise(.typeError, "read() did not return a bytes object (type=\(piece.typeName))")
      }
      if count > size { throw vm.raise(.valueError, "read() returned too much data: \(size) bytes requested, \(count) returned") }
      let status = try p.base.parsing(vm) {
        guard let buffer = XML_GetBuffer(parser, Int32(size)) else { return 0 }
        if let memory { memcpy(buffer, memory, count) }
        return Int(XML_ParseBuffer(parser, Int32(count), count == 0 ? 1 : 0).rawValue)
      }
      if status == 0 || count == 0 { return try result(vm, p, status) }
    }
  }

  // MARK: context

  private static func declareContext(_ t: inout TypeBuilder) {
    t.method("SetBase", "($self, base, /)", "What system identifiers are relative to, for the handlers.") { vm, v, base throws(Raised) in
      guard base.isStr else { throw vm.raise(.typeError, "SetBase() argument must be str, not \(base.nameAsArgument)") }
      guard let parser = layout(v).base.pointee.parser else { return .none }
      if XML_SetBase(parser, try ExpatText.chars(vm, base)).rawValue == 0 { throw vm.raiseMemoryError() }
      return .none
    }
    t.method("GetBase", "($self, /)", "What SetBase has set, or None.") { vm, v throws(Raised) in
      guard let parser = layout(v).base.pointee.parser else { return .none }
      return try ExpatText.str(vm, XML_GetBase(parser))
    }
    t.method(
      "GetInputContext", "($self, /)",
      "In a handler: the bytes of the document that the event came from, as far as they are still there. None elsewhere."
    ) { vm, v throws(Raised) in
      let p = layout(v)
      guard p.pointee.isInCallback, let parser = p.base.pointee.parser else { return .none }
      var offset: Int32 = 0, size: Int32 = 0
      guard let text = XML_GetInputContext(parser, &offset, &size), offset >= 0, size >= offset else { return .none }
      return try vm.bytes(UnsafeRawBufferPointer(start: text + Int(offset), count: Int(size) &- Int(offset)))
    }
    t.method(
      "ExternalEntityParserCreate", "($self, context, encoding=<unrepresentable>, /)",
      "Makes a parser for an external entity; context is what ExternalEntityRefHandler was given.", makeChild)
    t.method(
      "SetParamEntityParsing", "($self, flag, /)",
      "When to parse parameter entities and the external subset: one of XML_PARAM_ENTITY_PARSING_*. Returns 1 if that could be set."
    ) { vm, v, flag throws(Raised) in
      let n = try vm.asInt(flag)
      guard let parser = layout(v).base.pointee.parser else { return .none }
      guard n >= 0, n <= 2 else { return Value(smallInt: 1) }
      return Value(smallInt: Int(XML_SetParamEntityParsing(parser, XML_ParamEntityParsing(UInt32(n)))))
    }
    t.method(
      "UseForeignDTD", "($self, flag=True, /)",
      "Whether a document without an external subset asks ExternalEntityRefHandler for one all the same, without identifiers."
    ) { (vm, v, flag: Value) throws(Raised) in
      let on = flag.isNull ? true : try vm.isTrue(flag)
      guard let parser = layout(v).base.pointee.parser else { return .none }
      let code = XML_UseForeignDTD(parser, on ? 1 : 0)
      if code != XML_ERROR_NONE { throw ExpatModule.error(vm, parser, code) }
      return .none
    }
  }

  private static let makeChild: NativeTwo = { vm, v, context, encoding throws(Raised) in
    let p = layout(v)
    guard context.isStr || context.isNone else {
      throw vm.raise(.typeError, "ExternalEntityParserCreate() argument 1 must be str or None, not \(context.nameAsArgument)")
    }
    guard encoding.isNull || encoding.isStr else {
      throw vm.raise(.typeError, "ExternalEntityParserCreate() argument 2 must be str, not \(encoding.nameAsArgument)")
    }
    let child = try make(vm)
    child.pointee.bufferSize = p.pointee.bufferSize
    child.pointee.ordersAttributes = p.pointee.ordersAttributes
    child.pointee.omitsDefaults = p.pointee.omitsDefaults
    child.pointee.keepsPrefixes = p.pointee.keepsPrefixes
    child.pointee.intern = p.pointee.intern
    if p.pointee.buffer != nil { child.pointee.buffer = try vm.allocateBytes(child.pointee.bufferSize).assumingMemoryBound(to: UInt8.self) }
    guard let parser = p.base.pointee.parser else { return .none }
    let text = try ExpatText.chars(vm, context)
    let name = try ExpatText.chars(vm, encoding)
    let parserOfChild = try child.base.own(vm, parent: p.base.pointee.handle) { XML_ExternalEntityParserCreate(parser, text, name) }
    connect(child, parserOfChild)
    for event in ExpatEvent.allCases {
      let handler = p.handler(event)
      child.pointee.handlers?[event.rawValue] = handler
      if !handler.isNull { ExpatCallbacks.install(parserOfChild, event, true, isInCallback: false) }
    }
    return Value(child)
  }

  // MARK: state

  private static func number(_ vm: VM, _ v: Value, _ ask: (OpaquePointer) -> Int) throws(Raised) -> Value {
    guard let parser = layout(v).base.pointee.parser else { return Value(smallInt: 0) }
    return try vm.int(ask(parser))
  }
  private static func flag(_ vm: VM, _ x: Value) throws(Raised) -> Bool {
    if x.isNull { throw vm.raise(.runtimeError, "Cannot delete attribute") }
    return try vm.isTrue(x)
  }

  private static func declareState(_ t: inout TypeBuilder) {
    t.member("intern", nil, offset: MemoryLayout<ExpatParserLayout>.offset(of: \.intern))
    t.getset("ErrorCode", nil) { vm, v throws(Raised) in try number(vm, v) { Int(XML_GetErrorCode($0).rawValue) } }
    t.getset("ErrorLineNumber", nil) { vm, v throws(Raised) in try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentLineNumber($0)) } }
    t.getset("ErrorColumnNumber", nil) { vm, v throws(Raised) in
      try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentColumnNumber($0)) }
    }
    t.getset("ErrorByteIndex", nil) { vm, v throws(Raised) in try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentByteIndex($0)) } }
    t.getset("CurrentLineNumber", nil) { vm, v throws(Raised) in
      try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentLineNumber($0)) }
    }
    t.getset("CurrentColumnNumber", nil) { vm, v throws(Raised) in
      try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentColumnNumber($0)) }
    }
    t.getset("CurrentByteIndex", nil) { vm, v throws(Raised) in
      try number(vm, v) { Int(truncatingIfNeeded: XML_GetCurrentByteIndex($0)) }
    }
    t.getset("buffer_size", nil, { vm, v throws(Raised) in try vm.int(layout(v).pointee.bufferSize) }, setBufferSize)
    t.getset("buffer_text", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.buffer != nil) }) { vm, v, x, _ throws(Raised) in
      let on = try flag(vm, x)
      let p = layout(v)
      if on == (p.pointee.buffer != nil) { return }
      if on {
        p.pointee.buffer = try vm.allocateBytes(p.pointee.bufferSize).assumingMemoryBound(to: UInt8.self)
        p.pointee.bufferUsed = 0
      } else {
        try p.flush(vm)
        p.pointee.buffer = nil
        p.pointee.bufferUsed = 0
      }
    }
    t.getset("buffer_used", nil) { vm, v throws(Raised) in try vm.int(layout(v).pointee.bufferUsed) }
    t.getset("namespace_prefixes", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.keepsPrefixes) }) { vm, v, x, _ throws(Raised) in
      let on = try flag(vm, x)
      layout(v).pointee.keepsPrefixes = on
      if let parser = layout(v).base.pointee.parser { XML_SetReturnNSTriplet(parser, on ? 1 : 0) }
    }
    t.getset("ordered_attributes", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.ordersAttributes) }) {
      vm, v, x, _ throws(Raised) in
      layout(v).pointee.ordersAttributes = try flag(vm, x)
    }
    t.getset("specified_attributes", nil, { (_, v) throws(Raised) in .bool(layout(v).pointee.omitsDefaults) }) {
      vm, v, x, _ throws(Raised) in
      layout(v).pointee.omitsDefaults = try flag(vm, x)
    }
  }

  private static let setBufferSize: NativeStore = { vm, v, x, _ throws(Raised) in
    if x.isNull { throw vm.raise(.runtimeError, "Cannot delete attribute") }
    guard x.isInt else { throw vm.raise(.typeError, "buffer_size must be an integer") }
    let size = try vm.asInt(x)
    let p = layout(v)
    if size == p.pointee.bufferSize { return }
    if size <= 0 { throw vm.raise(.valueError, "buffer_size must be greater than zero") }
    if size > Int(Int32.max) { throw vm.raise(.valueError, "buffer_size must not be greater than \(Int32.max)") }
    if p.pointee.buffer != nil { try p.flush(vm) }
    // As in CPython, to set the size is to buffer.
    p.pointee.buffer = try vm.allocateBytes(size).assumingMemoryBound(to: UInt8.self)
    p.pointee.bufferUsed = 0
    p.pointee.bufferSize = size
  }
}
