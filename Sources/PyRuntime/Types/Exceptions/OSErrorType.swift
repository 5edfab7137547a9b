import Glibc

/// `OSError` and the mapping from errno to its subclasses.
enum OSErrorType {
  private typealias L = OSErrorLayout

  static func declare(_ t: inout TypeBuilder) {
    t.doc("Base class for I/O related errors.")
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.str = NoArgsCode(str)
    t.method("__reduce__", nil, nil, reduce)
    t.member("errno", "POSIX exception code", offset: MemoryLayout<L>.offset(of: \.errno), readOnly: false)
    t.member("strerror", "exception strerror", offset: MemoryLayout<L>.offset(of: \.strerror), readOnly: false)
    t.member("filename", "exception filename", offset: MemoryLayout<L>.offset(of: \.filename), readOnly: false)
    t.member("filename2", "second exception filename", offset: MemoryLayout<L>.offset(of: \.filename2), readOnly: false)
    t.getset("characters_written", nil, getWritten, setWritten)
  }

  /// The subclass for an errno value.
  static func kind(errno code: Int32) -> ExceptionKind {
    switch code {
    case EAGAIN, EALREADY, EINPROGRESS: return .blockingIOError
    case EPIPE, ESHUTDOWN: return .brokenPipeError
    case ECHILD: return .childProcessError
    case ECONNABORTED: return .connectionAbortedError
    case ECONNREFUSED: return .connectionRefusedError
    case ECONNRESET: return .connectionResetError
    case EEXIST: return .fileExistsError
    case ENOENT: return .fileNotFoundError
    case EISDIR: return .isADirectoryError
    case ENOTDIR: return .notADirectoryError
    case EINTR: return .interruptedError
    case EACCES, EPERM: return .permissionError
    case ESRCH: return .processLookupError
    case ETIMEDOUT: return .timeoutError
    default: return .osError
    }
  }

  /// A subclass that overrides `__init__` but not `__new__` gets its fields from `OSError.__init__`, every other from `__new__`.
  private static func usesInit(_ type: TypeRef) -> Bool {
    let os = rt.pointee.types[.osError].pointee.slots
    return type.pointee.slots.initialize != os.initialize && type.pointee.slots.new == os.new
  }

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    var type = cls.asType
    if usesInit(type) {
      let e = try vm.instance(OSErrorLayout.self, of: type)
      e.pointee.exception.args = rt.pointee.emptyTuple
      return Value(e)
    }
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(type.nameForMessages)() takes no keyword arguments") }
    if type == rt.pointee.types[.osError], (2...5).contains(args.count), let code = smallErrno(args[0]) {
      type = rt.pointee.types[kind(errno: code)]
    }
    let e = try vm.instance(OSErrorLayout.self, of: type)
    e.pointee.exception.args = rt.pointee.emptyTuple
    try fill(vm, e, args)
    return Value(e)
  }
  private static func smallErrno(_ v: Value) -> Int32? {
    guard v.isInt else { return nil }
    let i = Ints.exact(v)
    return i.isSmallInt ? Int32(exactly: i.smallInt) : nil
  }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if !usesInit(v.type) { return }
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(v.type.nameForMessages)() takes no keyword arguments") }
    try fill(vm, v.as(OSErrorLayout.self), args)
  }

  private static func fill(_ vm: VM, _ e: UnsafeMutablePointer<OSErrorLayout>, _ args: Args) throws(Raised) {
    var kept = args.count
    if (2...5).contains(args.count) {
      e.pointee.errno = args[0]
      e.pointee.strerror = args[1]
      let filename = args[2]
      if !filename.isNull && !filename.isNone {
        let blocking = e.pointee.exception.header.type == rt.pointee.types[.blockingIOError]
        if blocking && (filename.isInt || filename.type.pointee.slots.index != nil) {
          e.pointee.written = Value(smallInt: 0)
          e.pointee.written = try vm.int(try vm.asInt(filename))
        } else {
          e.pointee.filename = filename
          if !args[4].isNull && !args[4].isNone { e.pointee.filename2 = args[4] }
          // `args` stays the pair that it was before file names existed.
          kept = 2
        }
      }
    }
    e.pointee.exception.args = kept == 0 ? rt.pointee.emptyTuple : try vm.tuple(copying: args.base, count: kept)
  }

  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(OSErrorLayout.self)
    func text(_ x: Value) throws(Raised) -> String { try vm.str(of: x.isNull ? .none : x).swiftString }
    if !e.pointee.filename.isNull {
      let head = "[Errno \(try text(e.pointee.errno))] \(try text(e.pointee.strerror)): "
      let first = try vm.concatenate(try vm.str(head), try vm.repr(e.pointee.filename))
      if e.pointee.filename2.isNull { return first }
      return try vm.concatenate(try vm.concatenate(first, try vm.str(" -> ")), try vm.repr(e.pointee.filename2))
    }
    if !e.pointee.errno.isNull && !e.pointee.strerror.isNull {
      return try vm.str("[Errno \(try text(e.pointee.errno))] \(try text(e.pointee.strerror))")
    }
    return try BaseExceptionType.str(vm, v)
  }

  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let e = v.as(OSErrorLayout.self)
    var args = e.pointee.exception.args
    let t = args.as(TupleLayout.self)
    if t.pointee.count == 2 && !e.pointee.filename.isNull {
      let two = !e.pointee.filename2.isNull
      args = try vm.tuple(count: two ? 5 : 3)
      let items = args.as(TupleLayout.self).items
      (items[0], items[1], items[2]) = (t.items[0], t.items[1], e.pointee.filename)
      if two { (items[3], items[4]) = (.none, e.pointee.filename2) }
    }
    if Attributes.count(v) == 0 { return try vm.tuple(Value(v.type), args) }
    return try vm.tuple(Value(v.type), args, try Attributes.dictionary(vm, v))
  }

  private static func getWritten(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let w = v.as(OSErrorLayout.self).pointee.written
    if w.isNull { throw vm.raise(.attributeError, "characters_written") }
    return w
  }
  private static func setWritten(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let e = v.as(OSErrorLayout.self)
    if value.isNull {
      if e.pointee.written.isNull { throw vm.raise(.attributeError, "characters_written") }
      e.pointee.written = .null
      return
    }
    e.pointee.written = try vm.int(try vm.asIndex(value, overflow: .valueError))
  }
}

extension VM {
  /// OSError of the right subclass for `errno`, with the system's text and up to two file names.
  package func raiseOSError(_ code: Int32, _ filename: Value = .null, _ filename2: Value = .null) -> Raised {
    do throws(Raised) {
      let text = strerror(code).map { String(cString: $0) } ?? "Unknown error \(code)"
      let message = try str(text)
      let type = Value(rt.pointee.types[.osError])
      if filename.isNull { return raise(try call(type, Value(smallInt: Int(code)), message)) }
      if filename2.isNull { return raise(try call(type, Value(smallInt: Int(code)), message, filename)) }
      return try withStack(5) { p throws(Raised) in
        (p[0], p[1], p[2], p[3], p[4]) = (Value(smallInt: Int(code)), message, filename, .none, filename2)
        return raise(try call(type, Args(p, count: 5)))
      }
    } catch { return error }
  }
}
