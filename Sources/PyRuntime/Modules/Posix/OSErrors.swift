import CRuntimeSupport
import Glibc

/// Errors of system calls as OSError (the subclass goes by errno).
enum OSErrors {
  /// OSError(errno, strerror(errno)[, filename[, None, filename2]])
  static func raise(_ vm: VM, _ number: Int32, _ filename: Value = .null, _ filename2: Value = .null) -> Raised {
    do throws(Raised) {
      let n = Value(smallInt: Int(number))
      let text = try message(vm, number)
      let cls = Value(rt.types[.osError])
      if !filename2.isNull {
        let args = try vm.tuple(count: 5)
        let items = args.as(TupleLayout.self).items
        items[0] = n
        items[1] = text
        items[2] = filename.isNull ? .none : filename
        items[3] = .none
        items[4] = filename2
        return vm.raise(try vm.call(cls, tuple: args))
      }
      if !filename.isNull { return vm.raise(try vm.call(cls, n, text, filename)) }
      return vm.raise(try vm.call(cls, n, text))
    } catch { return error }
  }

  static func message(_ vm: VM, _ number: Int32) throws(Raised) -> Value {
    var buffer = [CChar](repeating: 0, count: 256)
    guard let p = strerror(number) else { return try vm.str("Unknown error \(number)") }
    strncpy(&buffer, p, 255)
    return try vm.str(String(cString: buffer))
  }
}

/// A path argument: str, bytes, os.PathLike, or where allowed an open descriptor or None.
struct PathArg {
  /// NUL-terminated bytes; empty for a descriptor
  var bytes: [CChar] = []
  var descriptor: Int32 = -1
  /// What the caller gave, for error messages
  var object: Value = .null
  /// Results are bytes, not str
  var isBytes = false
  var isDescriptor: Bool { descriptor >= 0 }

  init(
    _ vm: VM, _ v: Value, _ function: StaticString, _ argument: StaticString = "path", allowDescriptor: Bool = false,
    allowNone: Bool = false
  ) throws(Raised) {
    object = v
    var v = v
    if allowNone && (v.isNull || v.isNone) {
      bytes = [0x2E, 0]
      object = .null
      return
    }
    func wrongType(_ x: Value) -> String {
      var kinds = "string, bytes, os.PathLike"
      kinds += allowDescriptor && allowNone ? ", integer or None" : allowDescriptor ? " or integer" : allowNone ? " or None" : ""
      if !allowDescriptor && !allowNone { kinds = "string, bytes or os.PathLike" }
      return "\(function): \(argument) should be \(kinds), not \(TypeNames.short(x.type))"
    }
    if !v.isStr && !v.isBytes && v.type.pointee.slots.buffer != nil {
      try vm.warn(.deprecationWarning, wrongType(v))
      v = try vm.call(Value(rt.types.bytes), v)
    } else if !v.isStr && !v.isBytes {
      if allowDescriptor && (v.isInt || v.type.pointee.slots.index != nil) {
        let n = try vm.asInt(v)
        if n > Int(Int32.max) { throw vm.raise(.overflowError, "fd is greater than maximum") }
        if n < Int(Int32.min) { throw vm.raise(.overflowError, "fd is less than minimum") }
        descriptor = Int32(n)
        if n < 0 { throw OSErrors.raise(vm, EBADF, v) }
        return
      }
      let path = try PathArg.fspath(vm, v)
      if path.isNull { throw vm.raise(.typeError, wrongType(v)) }
      v = path
      object = path
    }
    let raw: [UInt8]
    if v.isBytes {
      isBytes = true
      raw = Array(v.as(BytesLayout.self).buffer)
    } else {
      raw = try FileSystemText.encoded(vm, v)
    }
    if raw.contains(0) { throw vm.raise(.valueError, "\(function): embedded null character in \(argument)") }
    bytes = [CChar](unsafeUninitializedCapacity: raw.count + 1) { text, count in
      for (i, c) in raw.enumerated() { text[i] = CChar(bitPattern: c) }
      text[raw.count] = 0
      count = raw.count + 1
    }
  }

  /// The str or bytes that `v.__fspath__()` answers; null without such a method.
  static func fspath(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let method = try vm.lookupSpecial(v, rt.names.__fspath__)
    if method.isNull { return .null }
    let path = try vm.call(method)
    if path.isStr || path.isBytes { return path }
    throw vm.raise(
      .typeError, "expected \(TypeNames.short(v.type)).__fspath__() to return str or bytes, not \(TypeNames.short(path.type))")
  }

  /// A name found by the system, in the caller's kind of text.
  func text(_ vm: VM, _ p: UnsafeRawBufferPointer) throws(Raised) -> Value {
    isBytes ? try vm.bytes(p) : try FileSystemText.decode(vm, p)
  }
  func fail(_ vm: VM) -> Raised { OSErrors.raise(vm, errno, object) }
}

extension FileSystemText {
  /// Like `encode`, raising UnicodeEncodeError for what cannot be encoded.
  static func encoded(_ vm: VM, _ s: Value) throws(Raised) -> [UInt8] {
    if let b = encode(s) { return b }
    let r = try vm.callMethod(s, "encode", try vm.intern("utf-8"), try vm.intern("surrogateescape"))
    return r.isBytes ? Array(r.as(BytesLayout.self).buffer) : []
  }
}

/// Arguments of the posix functions, and of others that C declares so.
package enum PosixArgs {
  package static func int32(_ vm: VM, _ v: Value, _ fallback: Int32 = 0) throws(Raised) -> Int32 {
    if v.isNull { return fallback }
    let n = try vm.index(v)
    guard n.isSmallInt, let result = Int32(exactly: n.smallInt) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C int")
    }
    return result
  }
  /// The low 32 bits of an integer of any size.
  package static func bits32(_ vm: VM, _ v: Value) throws(Raised) -> UInt32 {
    if v.isSmallInt { return UInt32(truncatingIfNeeded: v.smallInt) }
    let low = try vm.binary(.and, try vm.index(v), Value(smallInt: 0xFFFF_FFFF))
    return UInt32(truncatingIfNeeded: try vm.asInt(low))
  }
  /// A process, or its group.
  static func process(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    guard let result = Int32(exactly: try long(vm, v)) else { throw vm.raise(.overflowError, "Python int too large to convert to C int") }
    return result
  }
  /// A place in a file.
  package static func long(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = try vm.index(v)
    guard let result = n.isSmallInt ? n.smallInt : Ints.asInt64(n) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C long")
    }
    return result
  }
  /// A user or group number; -1 stands for none.
  /// - Parameter kind: "uid" or "gid", for messages
  static func identity(_ vm: VM, _ v: Value, _ kind: StaticString) throws(Raised) -> UInt32 {
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "\(kind) should be integer, not \(v.typeName)")
    }
    let n = try vm.index(v)
    if n.isSmallInt, n.smallInt >= -1, n.smallInt <= Int(UInt32.max) { return UInt32(truncatingIfNeeded: n.smallInt) }
    // CPython's words for numbers between 32 and 64 bits.
    let isTooBig = Ints.sign(n) > 0 && Ints.asInt64(n) == nil
    throw vm.raise(.overflowError, "\(kind) is \(isTooBig ? "greater than maximum" : "less than minimum")")
  }
  /// `dir_fd`: None or missing is AT_FDCWD.
  static func directory(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    if v.isNull || v.isNone { return AT_FDCWD }
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "argument should be integer or None, not \(v.typeName)")
    }
    return try int32(vm, v)
  }
  package static func flag(_ vm: VM, _ v: Value, _ fallback: Bool) throws(Raised) -> Bool { v.isNull ? fallback : try vm.isTrue(v) }
  /// A file descriptor: an int, or an object with fileno().
  static func descriptor(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    if v.isInt { return try int32(vm, v) }
    let method = try vm.getAttributeOrNull(v, "fileno")
    if method.isNull { throw vm.raise(.typeError, "argument must be an int, or have a fileno() method.") }
    let n = try vm.call(method)
    if !n.isInt { throw vm.raise(.typeError, "fileno() returned a non-integer") }
    let fd = try int32(vm, n)
    if fd < 0 { throw vm.raise(.valueError, "file descriptor cannot be a negative integer (\(fd))") }
    return fd
  }
  /// Writes; as `retrying`. Among threads a little that a pipe has room for is written without giving up the lock: getting it back takes longer.
  static func write(_ vm: VM, _ fd: Int32, _ memory: UnsafeRawPointer?, _ count: Int) throws(Raised) -> Int {
    if InterpreterLock.started > 0, count <= 4096, let memory, case let n = amphis_write_at_once(fd, memory, count), n >= 0 { return n }
    return try retrying(vm) { Glibc.write(fd, memory, count) }
  }
  /// Repeats a system call that a signal interrupted; handlers run in between.
  static func retrying(_ vm: VM, _ call: () -> Int) throws(Raised) -> Int {
    while true {
      let (n, error) = vm.unlocked { () -> (Int, Int32) in
        let n = call()
        return (n, errno)
      }
      if n >= 0 { return n }
      if error != EINTR {
        errno = error
        return n
      }
      try vm.safepoint()
    }
  }
}
