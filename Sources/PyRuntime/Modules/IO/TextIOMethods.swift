/// Methods and attributes of TextIOWrapper.
enum TextIOMethods {
  static func declare(_ t: inout TypeBuilder) {
    t.method("read", "($self, size=-1, /)", "Up to size characters; all for -1.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .read) }
      return try TextIO.read(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("readline", "($self, size=-1, /)", "A line, its end included.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .readline) }
      return try TextIO.readline(vm, v, try StreamArguments.size(vm, args[0]))
    }
    t.method("write", "($self, text, /)", "Writes text; answers how many characters.") { (vm, v, s) throws(Raised) in
      defer { Temporaries.end(vm, v, .write) }
      return try TextIO.write(vm, v, s)
    }
    t.method("flush", "($self, /)", "Writes what is buffered.") { (vm, v) throws(Raised) in
      let x = try TextIO.open(vm, v)
      x.pointee.telling = true
      try TextIO.writePending(vm, x)
      return try vm.callMethod(x.pointee.buffer, "flush")
    }
    t.method("close", "($self, /)", "Flushes and closes.") { (vm, v) throws(Raised) in
      let x = TextIO.text(v)
      if x.pointee.buffer.isNull { _ = try TextIO.open(vm, v) }
      if try IOBase.isClosed(vm, x.pointee.buffer) { return .none }
      if x.pointee.base.finalizing { try IOBase.warnOfLoss(vm, x.pointee.buffer, v) }
      var failure = Value.null
      do throws(Raised) { _ = try vm.callMethod(v, "flush") } catch { failure = vm.takePending() }
      try IOBase.close(vm, x.pointee.buffer, after: failure)
      return .none
    }
    t.method("detach", "($self, /)", "Separates the binary stream and answers it.") { (vm, v) throws(Raised) in
      if TextIO.text(v).pointee.buffer.isNull { _ = try TextIO.open(vm, v) }
      _ = try vm.callMethod(v, "flush")
      let buffer = TextIO.text(v).pointee.buffer
      TextIO.text(v).pointee.buffer = .null
      return buffer
    }
    t.method("tell", "($self, /)", "A position for seek().") { (vm, v) throws(Raised) in try TextIO.tell(vm, v) }
    t.method("seek", "($self, cookie, whence=0, /)", "Moves to a position that tell() gave.") { (vm, v, args: Args) throws(Raised) in
      try TextIO.seek(vm, v, args[0], args[1].isNull ? 0 : try vm.asInt(args[1]))
    }
    t.method("truncate", "($self, pos=None, /)", "Cuts the file to a size in bytes.") { (vm, v, args: Args) throws(Raised) in
      let x = try TextIO.open(vm, v)
      _ = try vm.callMethod(v, "flush")
      let size = args[0].isNull || args[0].isNone ? try TextIO.tell(vm, v) : args[0]
      return try vm.callMethod(x.pointee.buffer, "truncate", size)
    }
    t.method(
      "reconfigure", "($self, /, *, encoding=None, errors=None, newline=<unrepresentable>, line_buffering=None, write_through=None)",
      "Changes settings of an open stream.", reconfigure)
    func ask(_ name: StaticString, _ f: @escaping NativeNoArgs) { t.method(name, "($self, /)", "What the binary stream says.", f) }
    ask("seekable") { (vm, v) throws(Raised) in try vm.callMethod(try TextIO.open(vm, v).pointee.buffer, "seekable") }
    ask("readable") { (vm, v) throws(Raised) in try vm.callMethod(try TextIO.open(vm, v).pointee.buffer, "readable") }
    ask("writable") { (vm, v) throws(Raised) in try vm.callMethod(try TextIO.open(vm, v).pointee.buffer, "writable") }
    ask("fileno") { (vm, v) throws(Raised) in try vm.callMethod(try TextIO.open(vm, v).pointee.buffer, "fileno") }
    ask("isatty") { (vm, v) throws(Raised) in try vm.callMethod(try TextIO.open(vm, v).pointee.buffer, "isatty") }
    t.method("__reduce__", "($self, /)", nil) { (vm, v) throws(Raised) in
      throw vm.raise(.typeError, "cannot pickle '_io.TextIOWrapper' object")
    }
    t.getset("encoding", nil) { (_, v) in TextIO.text(v).pointee.encoding.isNull ? .none : TextIO.text(v).pointee.encoding }
    t.getset("errors", nil) { (_, v) in TextIO.text(v).pointee.errors.isNull ? .none : TextIO.text(v).pointee.errors }
    t.getset("buffer", nil) { (vm, v) throws(Raised) in
      let b = TextIO.text(v).pointee.buffer
      return b.isNull ? .none : b
    }
    t.getset("line_buffering", nil) { (_, v) in .bool(TextIO.text(v).pointee.lineBuffering) }
    t.getset("write_through", nil) { (_, v) in .bool(TextIO.text(v).pointee.writeThrough) }
    t.getset("newlines", nil) { (vm, v) throws(Raised) in
      TextIO.text(v).pointee.universal ? try TextIO.text(v).pointee.translation.seen.value(vm) : .none
    }
    t.getset("name", nil) { (vm, v) throws(Raised) in
      if TextIO.text(v).pointee.buffer.isNull { _ = try TextIO.open(vm, v) }
      return try vm.getAttribute(TextIO.text(v).pointee.buffer, "name")
    }
    t.getset("closed", nil) { (vm, v) throws(Raised) in
      if TextIO.text(v).pointee.buffer.isNull { _ = try TextIO.open(vm, v) }
      return try vm.getAttribute(TextIO.text(v).pointee.buffer, "closed")
    }
    t.getset(
      "_CHUNK_SIZE", nil, { (vm, v) throws(Raised) in try vm.int(TextIO.text(v).pointee.chunkSize) },
      { (vm, v, n, _) throws(Raised) in
        if n.isNull { throw vm.raise(.attributeError, "cannot delete attribute") }
        let size = try vm.asInt(n)
        if size <= 0 { throw vm.raise(.valueError, "a strictly positive integer is required") }
        TextIO.text(v).pointee.chunkSize = size
      })
  }

  private static func reconfigure(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let t = try TextIO.open(vm, v)
    let changesCodec = !(args[0].isNull || args[0].isNone) || !(args[1].isNull || args[1].isNone) || !args[2].isNull
    if changesCodec && (TextIO.available(t) > 0 || !t.pointee.chunk.isNull) {
      throw IOBase.unsupported(vm, "It is not possible to set the encoding or newline of stream after the first read")
    }
    _ = try vm.callMethod(v, "flush")
    if changesCodec {
      let encoding = args[0].isNull || args[0].isNone ? t.pointee.encoding : args[0]
      var errors = args[1]
      if errors.isNull || errors.isNone { errors = args[0].isNull || args[0].isNone ? t.pointee.errors : try vm.intern("strict") }
      try TextIO.setEncoding(vm, t, encoding, errors, t.pointee.buffer)
      if !args[2].isNull { try TextIO.setNewline(vm, t, args[2]) }
      try TextIO.fixEncoderState(vm, t)
    }
    if !args[3].isNull && !args[3].isNone { t.pointee.lineBuffering = try vm.isTrue(args[3]) }
    if !args[4].isNull && !args[4].isNone { t.pointee.writeThrough = try vm.isTrue(args[4]) }
    return .none
  }
}
