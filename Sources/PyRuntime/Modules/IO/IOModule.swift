import Glibc

/// `_io`
enum IOModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Streams; see the io module.")
    try m.int("DEFAULT_BUFFER_SIZE", 8192)
    try IOBase.declare(m)
    try FileIO.declare(m)
    try BytesIO.declare(m)
    try BufferedIO.declare(m)
    try NewlineDecoder.declare(m)
    try TextIO.declare(m)
    try StringIO.declare(m)
    m.function(
      "open", "($module, /, file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
      "Opens a file as a stream.", open)
    Temporaries.opener = Dicts.get(m.vm, m.dict, "open")
    m.function("open_code", "($module, /, path)", "Opens a file for import.") { (vm, _, args: Args) throws(Raised) in
      if !args[0].isStr { throw vm.raise(.typeError, "open_code() argument 'path' must be str, not \(args[0].argumentTypeName)") }
      return try openFile(vm, args[0], "rb", buffering: -1, .none, .none, .none, closes: true, .none)
    }
    m.function("text_encoding", "($module, encoding, stacklevel=2, /)", "The encoding, or \"locale\" for None.") {
      (vm, _, args: Args) throws(Raised) in
      if args[0].isNone, rt.pointee.flags.warnDefaultEncoding {
        try vm.warn(.encodingWarning, "'encoding' argument not specified", stackLevel: args[1].isNull ? 2 : try vm.asInt(args[1]))
      }
      if args[0].isNone { return try vm.intern(rt.pointee.flags.utf8Mode ? "utf-8" : "locale") }
      return args[0]
    }
  }

  private static func open(_ vm: VM, _ m: Value, _ a: Args) throws(Raised) -> Value {
    func optional(_ i: Int) -> Value { a[i].isNull ? .none : a[i] }
    if !a[1].isNull && !a[1].isStr { throw vm.raise(.typeError, "open() argument 'mode' must be str, not \(a[1].argumentTypeName)") }
    for (i, name) in [(3, "encoding"), (4, "errors"), (5, "newline")] where !optional(i).isNone && !a[i].isStr {
      throw vm.raise(.typeError, "open() argument '\(name)' must be str or None, not \(a[i].typeName)")
    }
    let stream = try openFile(
      vm, a[0], a[1].isNull ? "r" : a[1].swiftString, buffering: Int(try PosixArgs.int32(vm, a[2], -1)), optional(3), optional(4),
      optional(5), closes: a[6].isNull ? true : try vm.isTrue(a[6]), optional(7))
    Temporaries.claim(vm, stream)
    return stream
  }

  static func openFile(
    _ vm: VM, _ file: Value, _ mode: String, buffering: Int, _ encoding: Value, _ errors: Value, _ newline: Value, closes: Bool,
    _ opener: Value
  ) throws(Raised) -> Value {
    var path = file
    let isNumber = file.isInt
    if !isNumber && !file.isStr && !file.isBytes {
      let text = try PathArg.fspath(vm, file)
      if !text.isNull {
        path = text
      } else if file.type.pointee.slots.index == nil {
        throw vm.raise(.typeError, "expected str, bytes or os.PathLike object, not \(TypeNames.short(file.type))")
      }
    }
    var creating = false, reading = false, writing = false, appending = false, updating = false, textual = false, binary = false
    for c in mode.utf8 {
      let again: Bool
      switch c {
      case UInt8(ascii: "x"): (again, creating) = (creating, true)
      case UInt8(ascii: "r"): (again, reading) = (reading, true)
      case UInt8(ascii: "w"): (again, writing) = (writing, true)
      case UInt8(ascii: "a"): (again, appending) = (appending, true)
      case UInt8(ascii: "+"): (again, updating) = (updating, true)
      case UInt8(ascii: "t"): (again, textual) = (textual, true)
      case UInt8(ascii: "b"): (again, binary) = (binary, true)
      default: again = true
      }
      if again { throw vm.raise(.valueError, "invalid mode: '\(mode)'") }
    }
    if textual && binary { throw vm.raise(.valueError, "can't have text and binary mode at once") }
    let ways = (creating ? 1 : 0) + (reading ? 1 : 0) + (writing ? 1 : 0) + (appending ? 1 : 0)
    if ways != 1 {
      throw vm.raise(.valueError, "must have exactly one of create/read/write/append mode")
    }
    if binary && !encoding.isNone { throw vm.raise(.valueError, "binary mode doesn't take an encoding argument") }
    if binary && !errors.isNone { throw vm.raise(.valueError, "binary mode doesn't take an errors argument") }
    if binary && !newline.isNone { throw vm.raise(.valueError, "binary mode doesn't take a newline argument") }
    if binary && buffering == 1 {
      try vm.warn(
        .runtimeWarning, "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used")
    }
    let rawMode = (creating ? "x" : reading ? "r" : writing ? "w" : "a") + (updating ? "+" : "")
    guard let fileType = FileIO.type else { throw vm.raise(.systemError, "_io is not initialised") }
    let raw = try vm.call(Value(fileType), path, try vm.str(rawMode), .bool(closes), opener)
    do throws(Raised) {
      let isTerminal = buffering < 0 ? isatty(FileIO.file(raw).pointee.fd) == 1 : false
      var size = buffering, lineBuffering = false
      if buffering == 1 && !binary || isTerminal {
        size = -1
        lineBuffering = true
      }
      if size < 0 || (size == 1 && binary) { size = Int(FileIO.file(raw).pointee.blockSize) }
      if size == 0 {
        if !binary { throw vm.raise(.valueError, "can't have unbuffered text I/O") }
        return raw
      }
      let kind = updating ? BufferedIO.randomType : reading ? BufferedIO.readerType : BufferedIO.writerType
      let buffer = try vm.call(kind.map { Value($0) } ?? .none, raw, try vm.int(size))
      if binary { return buffer }
      let keywords = try vm.dict()
      try Dicts.set(vm, keywords, "encoding", encoding)
      try Dicts.set(vm, keywords, "errors", errors)
      try Dicts.set(vm, keywords, "newline", newline)
      try Dicts.set(vm, keywords, "line_buffering", .bool(lineBuffering))
      let wrapper = try vm.call(TextIO.type.map { Value($0) } ?? .none, tuple: try vm.tuple(buffer), dict: keywords)
      try vm.setAttribute(wrapper, "mode", try vm.str(mode))
      return wrapper
    } catch {
      let failure = vm.takePending()
      do throws(Raised) { _ = try vm.callMethod(raw, "close") } catch { vm.clearPending() }
      throw vm.reraise(failure)
    }
  }
}
