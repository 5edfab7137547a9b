/// `_struct.Struct`: the format as bytes; the compiled form is a raw cell holding the header words and then the codes.
struct StructLayout {
  var header: CellHeader
  /// bytes or null (before `__init__`)
  var format: Value
  /// `StructCode`s in a raw-buffer cell, or nil when there are none
  var codes: UnsafeMutablePointer<StructCode>?
  var codeCount: Int
  var size: Int
  /// Python values in a record; -1 before `__init__`
  var items: Int
  var order: UInt8

  static func trace(_ cell: UnsafeMutableRawPointer, _ tracer: UnsafeMutableRawPointer) {
    let s = cell.assumingMemoryBound(to: StructLayout.self)
    Tracer(tracer).visit(s.pointee.format)
    Tracer(tracer).visitBuffer(s.pointee.codes)
  }
}

extension UnsafeMutablePointer where Pointee == StructLayout {
  var order: StructFormat.Order { pointee.order == 2 ? .big : pointee.order == 1 ? .little : .nativeAligned }
}

/// What `iter_unpack` returns. `buffer` keeps the exporter (a memoryview, or bytes itself).
struct StructIteratorLayout {
  var header: CellHeader
  var structure: Value
  /// null when exhausted
  var buffer: Value
  var position: Int

  static func trace(_ cell: UnsafeMutableRawPointer, _ tracer: UnsafeMutableRawPointer) {
    let s = cell.assumingMemoryBound(to: StructIteratorLayout.self)
    Tracer(tracer).visit(s.pointee.structure)
    Tracer(tracer).visit(s.pointee.buffer)
  }
}

/// `_struct`
enum StructModule {
  nonisolated(unsafe) static var errorClass = Value.null
  nonisolated(unsafe) static var structType = Value.null
  nonisolated(unsafe) static var iteratorType = Value.null
  /// format (str or bytes) → Struct, for the module's functions
  nonisolated(unsafe) static var cache = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    let vm = m.vm
    m.doc("Conversion between Python values and C structs represented as bytes.")
    // One class, however often the module is made anew: who has it catches what any of them raises.
    if errorClass.isNull { errorClass = try m.exceptionClass("error", of: "struct", base: Value(rt.types[.exception])) }
    m.value("error", errorClass)
    cache = try vm.dict()
    let t = try m.type("Struct", layoutSize: MemoryLayout<StructLayout>.size) { (t: inout TypeBuilder) throws(Raised) in
      t.doc("Struct(fmt) --> compiled struct object")
      t.trace { StructLayout.trace($0, $1) }
      var s = t.slots
      s.new = NewCode(new)
      s.initialize = NativeInitCode(initialize)
      t.slots = s
      t.method("iter_unpack", "($self, buffer, /)", "An iterator over the records of a buffer.", StructRecords.iterUnpack)
      t.method("pack", nil, "S.pack(v1, v2, ...) -> bytes", StructRecords.pack)
      t.method("pack_into", nil, "S.pack_into(buffer, offset, v1, v2, ...)", StructRecords.packInto)
      t.method("unpack", "($self, buffer, /)", "The values of one record as a tuple.", StructRecords.unpack)
      t.method(
        "unpack_from", "($self, /, buffer, offset=0)", "The values of the record at an offset as a tuple.", StructRecords.unpackFrom)
      t.method("__sizeof__", nil, "S.__sizeof__() -> size of S in memory, in bytes") { (_, s) throws(Raised) in
        Value(smallInt: MemoryLayout<StructLayout>.size + s.as(StructLayout.self).pointee.codeCount * MemoryLayout<StructCode>.size)
      }
      t.getset("format", "the format") { (vm, s) throws(Raised) in
        let f = s.as(StructLayout.self).pointee.format
        return f.isNull ? .none : try vm.str(latin1: UnsafeRawBufferPointer(f.as(BytesLayout.self).buffer))
      }
      t.getset("size", "bytes of a record") { (vm, s) throws(Raised) in try vm.int(s.as(StructLayout.self).pointee.size) }
    }
    structType = Value(t)
    try declareIterator(m)
    m.function("_clearcache", "($module, /)", "Forgets compiled formats.") { (vm, _) throws(Raised) in
      Dicts.clear(vm, cache)
      return .none
    }
    m.function("calcsize", "($module, format, /)", "Bytes of a record of this format.") { (vm, _, f) throws(Raised) in
      try vm.int(try compiled(vm, f).as(StructLayout.self).pointee.size)
    }
    m.function("iter_unpack", "($module, format, buffer, /)", "An iterator over the records of a buffer.") {
      (vm, _, f, b) throws(Raised) in try StructRecords.iterUnpack(vm, try compiled(vm, f), b)
    }
    m.function("pack", nil, "pack(format, v1, v2, ...) -> bytes") { (vm, _, args: Args) throws(Raised) in
      try StructRecords.pack(vm, try first(vm, args), args.dropFirst(1))
    }
    m.function("pack_into", nil, "pack_into(format, buffer, offset, v1, v2, ...)") { (vm, _, args: Args) throws(Raised) in
      try StructRecords.packInto(vm, try first(vm, args, "pack_into"), args.dropFirst(1))
    }
    m.function("unpack", "($module, format, buffer, /)", "The values of one record as a tuple.") { (vm, _, f, b) throws(Raised) in
      try StructRecords.unpack(vm, try compiled(vm, f), b)
    }
    m.function(
      "unpack_from", "($module, format, /, buffer, offset=0)", "The values of the record at an offset as a tuple."
    ) { (vm, _, args: Args) throws(Raised) in
      let s = try compiled(vm, args[0])
      return try StructRecords.unpackFrom(vm, s, args.dropFirst(1))
    }
  }

  private static func declareIterator(_ m: ModuleBuilder) throws(Raised) {
    let t = try TypeFactory.makeBuiltin(
      m.vm, "unpack_iterator", base: nil, layoutSize: MemoryLayout<StructIteratorLayout>.size, flags: [.disallowInstantiation],
      module: m.module)
    let b = TypeBuilder(vm: m.vm, type: t)
    b.trace { StructIteratorLayout.trace($0, $1) }
    var s = b.slots
    s.iter = NoArgsCode { (_, v) throws(Raised) in v }
    s.next = NoArgsCode(StructRecords.next)
    b.slots = s
    b.method("__length_hint__", nil, "Number of records that remain.", StructRecords.remaining)
    try TypeFactory.ready(m.vm, t)
    iteratorType = Value(t)
  }

  static func error(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(errorClass, try vm.str(message))) } catch { return error }
  }
  /// In place of the pending exception.
  static func replace(_ vm: VM, _ message: String) -> Raised {
    vm.clearPending()
    return error(vm, message)
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let cell = try vm.instance(StructLayout.self, of: type.asType)
    cell.pointee.items = -1
    return Value(cell)
  }

  private static func initialize(_ vm: VM, _ self: Value, _ args: Args) throws(Raised) {
    var format = args[0]
    let total = args.count + args.keywordCount
    if total > 1 { throw vm.raise(.typeError, "Struct() takes at most 1 argument (\(total) given)") }
    for i in 0..<args.keywordCount where Str.equal(args.keywordName(i), "format") { format = args.keywordValue(i) }
    if format.isNull {
      if args.keywordCount > 0 {
        throw vm.raise(.typeError, "'\(args.keywordName(0).swiftString)' is an invalid keyword argument for Struct()")
      }
      throw vm.raise(.typeError, "Struct() missing required argument 'format' (pos 1)")
    }
    try fill(vm, self.as(StructLayout.self), format)
  }

  private static func fill(_ vm: VM, _ cell: UnsafeMutablePointer<StructLayout>, _ format: Value) throws(Raised) {
    let text: [UInt8]
    let bytes: Value
    if format.isStr {
      if !format.as(StrLayout.self).isASCII {
        _ = try vm.callMethod(format, "encode", try vm.str("ascii"))  // raises UnicodeEncodeError
      }
      text = format.utf8Bytes
      bytes = try vm.bytes(text)
    } else if format.isBytes {
      text = Array(format.as(BytesLayout.self).buffer)
      bytes = format
    } else {
      throw vm.raise(.typeError, "Struct() argument 1 must be a str or bytes object, not \(format.typeName)")
    }
    let f = try StructFormat.compile(vm, text)
    var codes: UnsafeMutablePointer<StructCode>?
    if !f.codes.isEmpty {
      let p = try vm.allocateBytes(f.codes.count * MemoryLayout<StructCode>.stride).assumingMemoryBound(to: StructCode.self)
      for (i, c) in f.codes.enumerated() { p[i] = c }
      codes = p
    }
    cell.pointee.format = bytes
    cell.pointee.codes = codes
    cell.pointee.codeCount = f.codes.count
    cell.pointee.size = f.size
    cell.pointee.items = f.items
    cell.pointee.order = f.order == .big ? 2 : f.order == .little ? 1 : 0
  }

  /// The Struct of a format, from the cache if it was used before.
  static func compiled(_ vm: VM, _ format: Value) throws(Raised) -> Value {
    if format.isExact(rt.types.str) || format.isExact(rt.types.bytes) {
      let known = try Dicts.get(vm, cache, format)
      if !known.isNull { return known }
    }
    let cell = try vm.instance(StructLayout.self, of: structType.asType)
    cell.pointee.items = -1
    try fill(vm, cell, format)
    if format.isExact(rt.types.str) || format.isExact(rt.types.bytes) {
      if Dicts.count(cache) >= 100 { Dicts.clear(vm, cache) }
      try Dicts.set(vm, cache, format, Value(cell))
    }
    return Value(cell)
  }

  private static func first(_ vm: VM, _ args: Args, _ name: String = "pack") throws(Raised) -> Value {
    if args.keywordCount > 0 { throw vm.raise(.typeError, "_struct.\(name)() takes no keyword arguments") }
    if args.count == 0 { throw vm.raise(.typeError, "missing format argument") }
    return try compiled(vm, args[0])
  }
}
