import Glibc

/// Memory that all streams begin with. Streams also have attributes (`name`, `mode`), kept in their attribute storage.
struct IOBaseLayout {
  var header: CellHeader
  var closed: Bool
  /// close() is under way or done by the finalizer
  var finalizing: Bool
  /// The only use that is left, where it is known, and for a loop the register of the iterator (`Temporaries`)
  var use: Temporaries.Use
  var owner: UInt
}

/// What all streams share: `_io._IOBase` and its three abstract children.
enum IOBase {
  nonisolated(unsafe) static var baseType: TypeRef?
  nonisolated(unsafe) static var rawType: TypeRef?
  nonisolated(unsafe) static var bufferedType: TypeRef?
  nonisolated(unsafe) static var textType: TypeRef?
  nonisolated(unsafe) static var unsupportedOperation = Value.null
  static let flags: TypeFlags = [.baseType, .hasAttributes, .weakReferenceable, .finalized]

  /// Of the streams that `open` makes, those that keep output back.
  static func isWriter(_ type: TypeRef) -> Bool { type == TextIO.type || type == BufferedIO.writerType || type == BufferedIO.randomType }

  /// Whether `v` is one of the streams that `open` makes and has no output to write when it ends: closed, or for reading.
  static func isClean(_ v: Value) -> Bool {
    guard v.isCell else { return true }
    if v.cellType == TextIO.type {
      let t = TextIO.text(v)
      return t.pointee.pendingCount == 0 && isClean(t.pointee.buffer)
    }
    if isWriter(v.cellType) { return BufferedIO.layout(v).pointee.outputCount == 0 }
    return v.cellType == BufferedIO.readerType || v.cellType == FileIO.type
  }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    baseType = try m.type("_IOBase", layoutSize: MemoryLayout<IOBaseLayout>.size, flags: flags) { (t) throws(Raised) in declareBase(&t) }
    rawType = try m.type("_RawIOBase", base: baseType, layoutSize: MemoryLayout<IOBaseLayout>.size, flags: flags) { (t) throws(Raised) in
      declareRaw(&t)
    }
    bufferedType = try m.type("_BufferedIOBase", base: baseType, layoutSize: MemoryLayout<IOBaseLayout>.size, flags: flags) {
      (t) throws(Raised) in declareBuffered(&t)
    }
    textType = try m.type("_TextIOBase", base: baseType, layoutSize: MemoryLayout<IOBaseLayout>.size, flags: flags) {
      (t) throws(Raised) in
      for name: StaticString in ["read", "readline", "write", "detach"] {
        t.method(name, nil, "Not supported by this stream.", unsupported(name))
      }
      t.getset("encoding", nil) { (_, _) in .none }
      t.getset("newlines", nil) { (_, _) in .none }
      t.getset("errors", nil) { (_, _) in .none }
    }
    let namespace = try m.vm.dict()
    try Dicts.set(m.vm, namespace, "__module__", try m.vm.intern("io"))
    unsupportedOperation = try m.vm.call(
      Value(rt.types.type), try m.vm.intern("UnsupportedOperation"),
      try m.vm.tuple(Value(rt.types[.osError]), Value(rt.types[.valueError])),
      namespace)
    m.value("UnsupportedOperation", unsupportedOperation)
    m.value("BlockingIOError", Value(rt.types[.blockingIOError]))
  }

  static func unsupported(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(unsupportedOperation, try vm.str(message))) } catch { return error }
  }
  /// A method that only says that there is none. Functions without captures need one body for each name.
  private static func unsupported(_ name: StaticString) -> NativeMany {
    switch String(describing: name) {
    case "read": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "read") }
    case "read1": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "read1") }
    case "readline": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "readline") }
    case "write": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "write") }
    case "seek": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "seek") }
    case "truncate": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "truncate") }
    case "fileno": return { (vm, _, _) throws(Raised) in throw unsupported(vm, "fileno") }
    default: return { (vm, _, _) throws(Raised) in throw unsupported(vm, "detach") }
    }
  }

  static func layout(_ v: Value) -> UnsafeMutablePointer<IOBaseLayout> { v.as(IOBaseLayout.self) }

  /// A file, or a builtin stream over another one.
  static func isStream(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    return type == FileIO.type || type == TextIO.type || type == BufferedIO.readerType || type == BufferedIO.writerType
      || type == BufferedIO.randomType
  }

  /// A builtin stream with something left to do at the end of the process: a descriptor to close, text or bytes to write.
  static func isUnfinished(_ cell: UnsafeMutableRawPointer) -> Bool {
    let type = cell.assumingMemoryBound(to: CellHeader.self).pointee.type
    if type == FileIO.type {
      let file = cell.assumingMemoryBound(to: FileIOLayout.self)
      return file.pointee.fd >= 0 && file.pointee.closesDescriptor
    }
    if type == BufferedIO.writerType || type == BufferedIO.randomType {
      return cell.assumingMemoryBound(to: BufferedLayout.self).pointee.outputCount > 0
    }
    return type == TextIO.type && cell.assumingMemoryBound(to: TextIOLayout.self).pointee.pendingCount > 0
  }

  static func closedError(_ vm: VM) -> Raised { vm.raise(.valueError, "I/O operation on closed file.") }

  /// `stream.closed`, asked the Python way unless the stream is exactly one of ours.
  static func isClosed(_ vm: VM, _ v: Value) throws(Raised) -> Bool { try vm.isTrue(try vm.getAttribute(v, "closed")) }
  static func checkOpen(_ vm: VM, _ v: Value) throws(Raised) { if try isClosed(vm, v) { throw closedError(vm) } }

  private static func declareBase(_ t: inout TypeBuilder) {
    t.doc("The abstract base of all streams.")
    t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(IOBaseLayout.self, of: cls.asType)) }
    t.slots.initialize = NativeInitCode { (_, _, _) in }
    t.slots.iter = NoArgsCode { (vm, v) throws(Raised) in
      try checkOpen(vm, v)
      return v
    }
    t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
      let line = try vm.callMethod(v, "readline")
      if try vm.length(line) != 0 { return line }
      Temporaries.end(vm, v, .iteration)
      return .exhausted
    }
    t.slots.finalize = VisitCode(finalize)
    for name: StaticString in ["seek", "truncate", "fileno"] { t.method(name, nil, "Not supported by this stream.", unsupported(name)) }
    t.method("tell", "($self, /)", "The stream's position.") { (vm, v) throws(Raised) in
      try vm.callMethod(v, "seek", Value(smallInt: 0), Value(smallInt: 1))
    }
    t.method("flush", "($self, /)", "Writes what is buffered.") { (vm, v) throws(Raised) in
      if layout(v).pointee.closed { throw closedError(vm) }
      return .none
    }
    t.method("close", "($self, /)", "Flushes and closes.") { (vm, v) throws(Raised) in
      if layout(v).pointee.closed { return .none }
      do throws(Raised) { _ = try vm.callMethod(v, "flush") } catch {
        layout(v).pointee.closed = true
        throw error
      }
      layout(v).pointee.closed = true
      return .none
    }
    t.getset("closed", nil) { (_, v) in .bool(layout(v).pointee.closed) }
    for name: StaticString in ["seekable", "readable", "writable"] {
      t.method(name, "($self, /)", "False unless a stream says otherwise.") { (vm, v) throws(Raised) in
        return .false
      }
    }
    t.method("isatty", "($self, /)", "Whether the stream is a terminal.") { (vm, v) throws(Raised) in
      try checkOpen(vm, v)
      return .false
    }
    t.method("_checkClosed", nil, nil) { (vm, v, _: Args) throws(Raised) in
      try checkOpen(vm, v)
      return .none
    }
    t.method("_checkSeekable", nil, nil) { (vm, v, _: Args) throws(Raised) in
      if try !vm.isTrue(try vm.callMethod(v, "seekable")) { throw unsupported(vm, "File or stream is not seekable.") }
      return .true
    }
    t.method("_checkReadable", nil, nil) { (vm, v, _: Args) throws(Raised) in
      if try !vm.isTrue(try vm.callMethod(v, "readable")) { throw unsupported(vm, "File or stream is not readable.") }
      return .true
    }
    t.method("_checkWritable", nil, nil) { (vm, v, _: Args) throws(Raised) in
      if try !vm.isTrue(try vm.callMethod(v, "writable")) { throw unsupported(vm, "File or stream is not writable.") }
      return .true
    }
    t.method("__enter__", "($self, /)", "The stream itself, which must be open.") { (vm, v) throws(Raised) in
      try checkOpen(vm, v)
      return v
    }
    t.method("__exit__", nil, "Closes the stream.") { (vm, v, _: Args) throws(Raised) in
      _ = try vm.callMethod(v, "close")
      return .none
    }
    t.method("readline", "($self, size=-1, /)", "A line, its end included.", readline)
    t.method("readlines", "($self, hint=-1, /)", "The lines that are left, as a list.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .readlines) }
      let hint = args[0].isNull || args[0].isNone ? -1 : try vm.asInt(args[0])
      let list = try vm.list()
      var total = 0
      let it = try vm.iter(v)
      while true {
        let line = try vm.next(it)
        if line == .exhausted { return list }
        try vm.append(list, line)
        total += try vm.length(line)
        if hint > 0 && total >= hint { return list }
      }
    }
    t.method("writelines", "($self, lines, /)", "Writes each of some lines.") { (vm, v, lines) throws(Raised) in
      defer { Temporaries.end(vm, v, .writelines) }
      try checkOpen(vm, v)
      try vm.forEach(lines) { (line) throws(Raised) in _ = try vm.callMethod(v, "write", line) }
      return .none
    }
  }

  /// Closes a stream that nobody refers to any more.
  private static func finalize(_ vm: VM, _ v: Value) {
    do throws(Raised) {
      if try isClosed(vm, v) { return }
      layout(v).pointee.finalizing = true
      _ = try vm.callMethod(v, "close")
    } catch { vm.clearPending() }
  }

  /// For streams that only have read() and perhaps peek().
  private static func readline(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let limit = args[0].isNull || args[0].isNone ? -1 : try vm.asInt(args[0])
    let hasPeek = try !vm.getAttributeOrNull(v, "peek").isNull
    var line = ByteVector()
    defer { line.free() }
    while limit < 0 || line.count < limit {
      var wanted = 1
      if hasPeek {
        let ahead = try vm.callMethod(v, "peek", Value(smallInt: 1))
        if !ahead.isBytes { throw vm.raise(.osError, "peek() should have returned a bytes object, not '\(ahead.typeName)'") }
        let b = ahead.as(BytesLayout.self).buffer
        if b.count > 0 { wanted = (b.firstIndex(of: 0x0A).map { $0 + 1 }) ?? b.count }
        if limit >= 0 { wanted = min(wanted, limit - line.count) }
      }
      let b = try vm.callMethod(v, "read", Value(smallInt: wanted))
      if !b.isBytes { throw vm.raise(.osError, "read() should have returned a bytes object, not '\(b.typeName)'") }
      let bytes = b.as(BytesLayout.self).buffer
      if bytes.count == 0 { break }
      line.append(UnsafeRawBufferPointer(bytes))
      if bytes[bytes.count - 1] == 0x0A { break }
    }
    return try vm.bytes(UnsafeRawBufferPointer(start: line.items, count: line.count))
  }

  private static func declareRaw(_ t: inout TypeBuilder) {
    t.doc("The base of unbuffered binary streams.")
    t.method("read", "($self, size=-1, /)", "Up to size bytes, all for -1; None when none are there yet.") {
      (vm, v, args: Args) throws(Raised) in
      let n = args[0].isNull || args[0].isNone ? -1 : try vm.asInt(args[0])
      if n < 0 { return try vm.callMethod(v, "readall") }
      let buffer = try vm.call(Value(rt.types.bytearray), try vm.int(n))
      let got = try vm.callMethod(v, "readinto", buffer)
      if got.isNone { return .none }
      let count = try vm.asInt(got)
      var view = try vm.buffer(of: buffer, .simple)
      defer { vm.release(&view) }
      if count < 0 || count > view.byteCount {
        throw vm.raise(.valueError, "readinto returned \(count) outside buffer size \(view.byteCount)")
      }
      return try vm.bytes(UnsafeRawBufferPointer(start: view.memory, count: count))
    }
    t.method("readall", "($self, /)", "All bytes up to the end.") { (vm, v) throws(Raised) in
      var all = ByteVector()
      defer { all.free() }
      while true {
        let b = try vm.callMethod(v, "read", Value(smallInt: 65536))
        if b.isNone {
          if all.count == 0 { return .none }
          break
        }
        if !b.isBytes { throw vm.raise(.typeError, "read() should return bytes") }
        if b.as(BytesLayout.self).pointee.count == 0 { break }
        all.append(UnsafeRawBufferPointer(b.as(BytesLayout.self).buffer))
      }
      return try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count))
    }
  }

  private static func declareBuffered(_ t: inout TypeBuilder) {
    t.doc("The base of buffered binary streams.")
    for name: StaticString in ["read", "read1", "write", "detach"] {
      t.method(name, nil, "Not supported by this stream.", unsupported(name))
    }
    func into(_ name: StaticString, _ f: @escaping NativeOne) { t.method(name, "($self, buffer, /)", "Reads into a buffer.", f) }
    into("readinto") { (vm, v, b) throws(Raised) in try readInto(vm, v, b, "read") }
    into("readinto1") { (vm, v, b) throws(Raised) in try readInto(vm, v, b, "read1") }
  }

  /// UnsupportedOperation unless `stream.readable()` (or the like) is True.
  static func require(_ vm: VM, _ stream: Value, _ ability: StaticString) throws(Raised) {
    if try vm.callMethod(stream, ability) != .true { throw unsupported(vm, "File or stream is not \(ability).") }
  }

  /// Says that `source`, which nobody refers to any more, was not closed: the file at the bottom knows whether that matters.
  static func warnOfLoss(_ vm: VM, _ stream: Value, _ source: Value) throws(Raised) {
    let warn = try vm.getAttributeOrNull(stream, "_dealloc_warn")
    if warn.isNull { return }
    do throws(Raised) { _ = try vm.call(warn, source) } catch { vm.clearPending() }
  }

  /// Closes a stream below one whose flush failed: that failure comes out, or is the context of the one that closing raises.
  static func close(_ vm: VM, _ stream: Value, after failure: Value) throws(Raised) {
    do throws(Raised) { _ = try vm.callMethod(stream, "close") } catch {
      let e = vm.takePending()
      if !failure.isNull, e.isExceptionInstance, e != failure { e.as(ExceptionLayout.self).pointee.context = failure }
      throw vm.reraise(e)
    }
    if !failure.isNull { throw vm.reraise(failure) }
  }

  static func readInto(_ vm: VM, _ v: Value, _ target: Value, _ method: StaticString) throws(Raised) -> Value {
    var view = try vm.writableBuffer(of: target, "readinto")
    defer { vm.release(&view) }
    let data = try vm.callMethod(v, method, try vm.int(view.byteCount))
    if data.isNone { return .none }
    if !data.isBytes { throw vm.raise(.typeError, "\(method)() should return bytes") }
    let b = data.as(BytesLayout.self).buffer
    if b.count > view.byteCount {
      throw vm.raise(.valueError, "\(method)() returned too much data: \(view.byteCount) bytes requested, \(b.count) returned")
    }
    if let memory = view.memory, let base = b.baseAddress { memcpy(memory, base, b.count) }
    return try vm.int(b.count)
  }
}
