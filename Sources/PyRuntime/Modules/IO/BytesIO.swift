import Glibc

/// Bytes in memory as a stream: `storage[0 ..< count]` of a raw buffer of `capacity` bytes.
struct BytesIOLayout {
  var base: IOBaseLayout
  var storage: UnsafeMutableRawPointer?
  var count: Int
  var capacity: Int
  var position: Int
  var exports: Int
}

enum BytesIO {
  nonisolated(unsafe) static var type: TypeRef?

  static func io(_ v: Value) -> UnsafeMutablePointer<BytesIOLayout> { v.as(BytesIOLayout.self) }

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    type = try m.type(
      "BytesIO", base: IOBase.bufferedType, layoutSize: MemoryLayout<BytesIOLayout>.size, flags: IOBase.flags.subtracting(.finalized)
    ) {
      (t) throws(Raised) in
      t.doc("BytesIO(initial_bytes=b'')\n--\n\nA binary stream in memory.")
      t.trace { cell, tracer in
        if let s = cell.assumingMemoryBound(to: BytesIOLayout.self).pointee.storage { Tracer(tracer).mark(s - BufferCell.headerSize) }
      }
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in Value(try vm.instance(BytesIOLayout.self, of: cls.asType)) }
      t.slots.initialize = NativeInitCode { (vm, v, args) throws(Raised) in
        try vm.bind(args, "BytesIO", "(initial_bytes=b'')") { (a) throws(Raised) in
          try resizable(vm, v)
          io(v).pointee.count = 0
          io(v).pointee.position = 0
          if !a[0].isNull && !a[0].isNone {
            _ = try write(vm, v, a[0])
            io(v).pointee.position = 0
          }
        }
      }
      t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
        let line = try readline(vm, v, -1)
        return line.as(BytesLayout.self).pointee.count == 0 ? .exhausted : line
      }
      declareMethods(&t)
    }
  }

  private static func open(_ vm: VM, _ v: Value) throws(Raised) -> UnsafeMutablePointer<BytesIOLayout> {
    if io(v).pointee.base.closed { throw IOBase.closedError(vm) }
    return io(v)
  }
  private static func resizable(_ vm: VM, _ v: Value) throws(Raised) {
    if io(v).pointee.exports == 0 { return }
    // Views that nobody can reach any more do not count.
    MemoryViews.releaseDead(vm) { io(v).pointee.exports > 0 }
    if io(v).pointee.exports > 0 { throw vm.raise(.bufferError, "Existing exports of data: object cannot be re-sized") }
  }

  private static func reserve(_ vm: VM, _ v: Value, _ count: Int) throws(Raised) {
    let b = io(v)
    if count <= b.pointee.capacity { return }
    let larger = max(64, max(count, b.pointee.capacity + b.pointee.capacity / 2))
    let storage = try vm.allocateBytes(larger)
    if let old = b.pointee.storage { memcpy(storage, old, b.pointee.count) }
    b.pointee.storage = storage
    b.pointee.capacity = larger
  }

  static func write(_ vm: VM, _ v: Value, _ data: Value) throws(Raised) -> Value {
    _ = try open(vm, v)
    try resizable(vm, v)
    if data.isStr { throw vm.raise(.typeError, "a bytes-like object is required, not 'str'") }
    var view = try vm.buffer(of: data, .simple)
    defer { vm.release(&view) }
    if view.byteCount == 0 { return Value(smallInt: 0) }
    let b = io(v)
    let (end, overflow) = b.pointee.position.addingReportingOverflow(view.byteCount)
    if overflow { throw vm.raise(.overflowError, "new buffer size too large") }
    try reserve(vm, v, end)
    guard let storage = b.pointee.storage, let memory = view.memory else { return Value(smallInt: 0) }
    if b.pointee.position > b.pointee.count { memset(storage + b.pointee.count, 0, b.pointee.position - b.pointee.count) }
    memmove(storage + b.pointee.position, memory, view.byteCount)
    b.pointee.position = end
    b.pointee.count = max(b.pointee.count, end)
    return try vm.int(view.byteCount)
  }

  static func read(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let b = try open(vm, v)
    let left = max(0, b.pointee.count - b.pointee.position)
    let count = n < 0 ? left : min(n, left)
    let result = try vm.bytes(
      UnsafeRawBufferPointer(start: b.pointee.storage.map { $0 + (count > 0 ? b.pointee.position : 0) }, count: count))
    b.pointee.position += count
    return result
  }

  private static func readline(_ vm: VM, _ v: Value, _ limit: Int) throws(Raised) -> Value {
    let b = try open(vm, v)
    var left = max(0, b.pointee.count - b.pointee.position)
    if limit >= 0 { left = min(left, limit) }
    if left > 0, let storage = b.pointee.storage, let p = memchr(storage + b.pointee.position, 0x0A, left) {
      left = p - (storage + b.pointee.position) + 1
    }
    return try read(vm, v, left)
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    for name: StaticString in ["read", "read1"] {
      t.method(name, "($self, size=-1, /)", "Up to size bytes; all for -1.") { (vm, v, args: Args) throws(Raised) in
        try read(vm, v, try StreamArguments.size(vm, args[0]))
      }
    }
    t.method("readline", "($self, size=-1, /)", "A line, its end included.") { (vm, v, args: Args) throws(Raised) in
      try readline(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("readlines", "($self, size=None, /)", "The lines that are left.") { (vm, v, args: Args) throws(Raised) in
      let hint = try StreamArguments.size(vm, args[0])
      let list = try vm.list()
      var total = 0
      while true {
        let line = try readline(vm, v, -1)
        let n = line.as(BytesLayout.self).pointee.count
        if n == 0 { return list }
        try vm.append(list, line)
        total += n
        if hint > 0 && total >= hint { return list }
      }
    }
    t.method("readinto", "($self, buffer, /)", "Reads into a buffer.") { (vm, v, target) throws(Raised) in
      let b = try open(vm, v)
      var view = try vm.writableBuffer(of: target, "readinto")
      defer { vm.release(&view) }
      let n = min(view.byteCount, max(0, b.pointee.count - b.pointee.position))
      if n > 0, let memory = view.memory, let storage = b.pointee.storage { memcpy(memory, storage + b.pointee.position, n) }
      b.pointee.position += n
      return try vm.int(n)
    }
    t.method("write", "($self, b, /)", "Writes bytes; answers how many.") { (vm, v, b) throws(Raised) in try write(vm, v, b) }
    t.method("writelines", "($self, lines, /)", "Writes each of some bytes.") { (vm, v, lines) throws(Raised) in
      _ = try open(vm, v)
      try vm.forEach(lines) { (line) throws(Raised) in _ = try write(vm, v, line) }
      return .none
    }
    t.method("getvalue", "($self, /)", "All the bytes.") { (vm, v) throws(Raised) in
      let b = try open(vm, v)
      return try vm.bytes(UnsafeRawBufferPointer(start: b.pointee.storage, count: b.pointee.count))
    }
    t.method("getbuffer", "($self, /)", "A view of the bytes, through which they can be changed.") { (vm, v) throws(Raised) in
      _ = try open(vm, v)
      return try vm.call(Value(rt.types.memoryview), v)
    }
    t.slots.buffer = BufferCode { (vm, v, flags, view) throws(Raised) in
      let b = try open(vm, v)
      if b.pointee.storage == nil { try reserve(vm, v, 1) }
      view.memory = b.pointee.storage
      view.byteCount = b.pointee.count
      view.isReadOnly = false
      view.exporter = v
      b.pointee.exports += 1
    }
    t.slots.releaseBuffer = VisitCode { (_, v) in io(v).pointee.exports -= 1 }
    t.method("seek", "($self, pos, whence=0, /)", "Moves; answers the new position.") { (vm, v, args: Args) throws(Raised) in
      let b = try open(vm, v)
      let offset = try vm.asInt(args[0]), whence = args[1].isNull ? 0 : try vm.asInt(args[1])
      if whence == 0 && offset < 0 { throw vm.raise(.valueError, "negative seek value \(offset)") }
      var origin = 0
      switch whence {
      case 0: break
      case 1: origin = b.pointee.position
      case 2: origin = b.pointee.count
      default: throw vm.raise(.valueError, "invalid whence (\(whence), should be 0, 1 or 2)")
      }
      let (p, overflow) = origin.addingReportingOverflow(offset)
      if overflow { throw vm.raise(.overflowError, "new position too large") }
      b.pointee.position = max(0, p)
      return try vm.int(b.pointee.position)
    }
    t.method("tell", "($self, /)", "The position.") { (vm, v) throws(Raised) in try vm.int(try open(vm, v).pointee.position) }
    t.method("truncate", "($self, size=None, /)", "Cuts the bytes to a size.") { (vm, v, args: Args) throws(Raised) in
      let b = try open(vm, v)
      try resizable(vm, v)
      let n = args[0].isNull || args[0].isNone ? b.pointee.position : try StreamArguments.size(vm, args[0])
      if n < 0 { throw vm.raise(.valueError, "negative size value \(n)") }
      if n < b.pointee.count { b.pointee.count = n }
      return try vm.int(n)
    }
    t.method("close", "($self, /)", "Drops the bytes.") { (vm, v) throws(Raised) in
      try resizable(vm, v)
      io(v).pointee.base.closed = true
      io(v).pointee.storage = nil
      io(v).pointee.count = 0
      io(v).pointee.capacity = 0
      return .none
    }
    t.getset("closed", "True if the file is closed.") { (_, v) in .bool(io(v).pointee.base.closed) }
    for name: StaticString in ["readable", "writable", "seekable"] {
      t.method(name, "($self, /)", "True.") { (vm, v) throws(Raised) in
        _ = try open(vm, v)
        return .true
      }
    }
    t.method("isatty", "($self, /)", "False.") { (vm, v) throws(Raised) in
      _ = try open(vm, v)
      return .false
    }
    t.method("flush", "($self, /)", "Nothing to do.") { (vm, v) throws(Raised) in
      _ = try open(vm, v)
      return .none
    }
    t.method("__getstate__", "($self, /)", nil) { (vm, v) throws(Raised) in
      let b = try open(vm, v)
      let bytes = try vm.bytes(UnsafeRawBufferPointer(start: b.pointee.storage, count: b.pointee.count))
      return try vm.tuple(bytes, try vm.int(b.pointee.position), try MemoryStreams.attributes(vm, v))
    }
    t.method("__setstate__", "($self, state, /)", nil) { (vm, v, state) throws(Raised) in
      guard state.isTuple, state.as(TupleLayout.self).pointee.count == 3 else {
        throw vm.raise(.typeError, "\(v.typeName).__setstate__ argument should be 3-tuple, got \(state.typeName)")
      }
      let items = state.as(TupleLayout.self).items
      let b = try open(vm, v)
      b.pointee.count = 0
      b.pointee.position = 0
      _ = try write(vm, v, items[0])
      b.pointee.position = try MemoryStreams.position(vm, items[1])
      try MemoryStreams.setAttributes(vm, v, items[2], "third")
      return .none
    }
  }
}
