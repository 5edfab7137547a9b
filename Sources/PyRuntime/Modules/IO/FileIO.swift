import Glibc

/// A file descriptor as a raw stream. `fd` is -1 when closed.
struct FileIOLayout {
  var base: IOBaseLayout
  var fd: Int32
  var readable: Bool
  var writable: Bool
  var appending: Bool
  var created: Bool
  var closesDescriptor: Bool
  /// -1 until asked
  var seekable: Int8
  var blockSize: Int32
}

enum FileIO {
  nonisolated(unsafe) static var type: TypeRef?

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    type = try m.type("FileIO", base: IOBase.rawType, layoutSize: MemoryLayout<FileIOLayout>.size, flags: IOBase.flags) {
      (t) throws(Raised) in
      t.doc("FileIO(file, mode='r', closefd=True, opener=None)\n--\n\nA file without a buffer.")
      t.slots.new = ManyCode { (vm, cls, _) throws(Raised) in
        let f = try vm.instance(FileIOLayout.self, of: cls.asType)
        f.pointee.fd = -1
        f.pointee.seekable = -1
        return Value(f)
      }
      t.slots.initialize = NativeInitCode(initialize)
      t.slots.repr = NoArgsCode(repr)
      t.slots.finalize = VisitCode(finalize)
      declareMethods(&t)
    }
  }

  static func file(_ v: Value) -> UnsafeMutablePointer<FileIOLayout> { v.as(FileIOLayout.self) }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try vm.bind(args, "FileIO", "(file, mode='r', closefd=True, opener=None)") { (a) throws(Raised) in
      if !a[1].isNull, !a[1].isStr { throw vm.raise(.typeError, "FileIO() argument 'mode' must be str, not \(a[1].argumentTypeName)") }
      try open(vm, v, a[0], a[1].isNull ? "r" : a[1].swiftString, a[2].isNull ? true : try vm.isTrue(a[2]), a[3])
    }
  }

  private static func open(_ vm: VM, _ v: Value, _ name: Value, _ mode: String, _ closes: Bool, _ opener: Value) throws(Raised) {
    let f = file(v)
    if f.pointee.fd >= 0 && f.pointee.closesDescriptor { close(f.pointee.fd) }
    f.pointee.fd = -1
    var flags: Int32 = 0, kinds = 0, plus = false
    f.pointee.readable = false
    f.pointee.writable = false
    f.pointee.appending = false
    f.pointee.created = false
    for c in mode {
      switch c {
      case "r":
        kinds += 1
        f.pointee.readable = true
      case "w":
        kinds += 1
        f.pointee.writable = true
        flags |= O_CREAT | O_TRUNC
      case "x":
        kinds += 1
        f.pointee.writable = true
        f.pointee.created = true
        flags |= O_EXCL | O_CREAT
      case "a":
        kinds += 1
        f.pointee.writable = true
        f.pointee.appending = true
        flags |= O_APPEND | O_CREAT
      case "+":
        if plus { kinds = 9 }
        plus = true
        f.pointee.readable = true
        f.pointee.writable = true
      case "b": break
      default: throw vm.raise(.valueError, "invalid mode: \(mode)")
      }
    }
    if kinds != 1 { throw vm.raise(.valueError, "Must have exactly one of create/read/write/append mode and at most one plus") }
    flags |= f.pointee.readable && f.pointee.writable ? O_RDWR : f.pointee.readable ? O_RDONLY : O_WRONLY
    flags |= O_CLOEXEC
    f.pointee.closesDescriptor = closes
    let isNumber = name.isInt || (!name.isStr && !name.isBytes && name.type.pointee.slots.index != nil)
    var fd: Int32
    if isNumber {
      if name.isBool { try vm.warn(.runtimeWarning, "bool is used as a file descriptor") }
      fd = try PosixArgs.int32(vm, name)
      if fd < 0 { throw vm.raise(.valueError, "negative file descriptor") }
    } else {
      if !closes { throw vm.raise(.valueError, "Cannot use closefd=False with file name") }
      if opener.isNull || opener.isNone {
        let path = try PathArg(vm, name, "open")
        fd = Int32(try PosixArgs.retrying(vm) { Int(Glibc.open(path.bytes, flags, 0o666)) })
        if fd < 0 { throw OSErrors.raise(vm, errno, name) }
      } else {
        let made = try vm.call(opener, name, try vm.int(Int(flags)))
        if !made.isInt { throw vm.raise(.typeError, "expected integer from opener") }
        fd = try PosixArgs.int32(vm, made)
        if fd < 0 { throw vm.raise(.valueError, "opener returned \(fd)") }
        let old = fcntl(fd, F_GETFD)
        if old >= 0 { _ = fcntl(fd, F_SETFD, old | FD_CLOEXEC) }
      }
    }
    var s = stat()
    if fstat(fd, &s) != 0 {
      let error = errno
      if !isNumber { Glibc.close(fd) }
      if error == EBADF || !isNumber { throw OSErrors.raise(vm, error, isNumber ? .null : name) }
    } else if s.st_mode & S_IFMT == S_IFDIR {
      if !isNumber { Glibc.close(fd) }
      throw OSErrors.raise(vm, EISDIR, name)
    }
    f.pointee.fd = fd
    f.pointee.blockSize = s.st_blksize > 1 ? Int32(clamping: s.st_blksize) : 8192
    f.pointee.base.closed = false
    f.pointee.seekable = -1
    try vm.setAttribute(v, "name", name)
    if f.pointee.appending { lseek(fd, 0, SEEK_END) }
  }

  private static func mode(_ f: UnsafeMutablePointer<FileIOLayout>) -> String {
    if f.pointee.created { return f.pointee.readable ? "xb+" : "xb" }
    if f.pointee.appending { return f.pointee.readable ? "ab+" : "ab" }
    if f.pointee.readable { return f.pointee.writable ? "rb+" : "rb" }
    return "wb"
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let f = file(v)
    if f.pointee.fd < 0 { return try vm.str("<_io.FileIO [closed]>") }
    let name = try vm.getAttributeOrNull(v, "name")
    let shown = name.isNull ? "fd=\(f.pointee.fd)" : "name=\(try vm.repr(name).swiftString)"
    return try vm.str("<_io.FileIO \(shown) mode='\(mode(f))' closefd=\(f.pointee.closesDescriptor ? "True" : "False")>")
  }

  private static func finalize(_ vm: VM, _ v: Value) {
    let f = file(v)
    if f.pointee.fd < 0 || f.pointee.base.closed { return }
    f.pointee.base.finalizing = true
    do throws(Raised) { _ = try vm.callMethod(v, "close") } catch { vm.clearPending() }
  }

  static func descriptor(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let fd = file(v).pointee.fd
    if fd < 0 { throw vm.raise(.valueError, "I/O operation on closed file") }
    return fd
  }
  private static func reading(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let fd = try descriptor(vm, v)
    if !file(v).pointee.readable { throw IOBase.unsupported(vm, "File not open for reading") }
    return fd
  }
  private static func writing(_ vm: VM, _ v: Value) throws(Raised) -> Int32 {
    let fd = try descriptor(vm, v)
    if !file(v).pointee.writable { throw IOBase.unsupported(vm, "File not open for writing") }
    return fd
  }

  /// Reads into raw memory; -1: nothing there yet (non-blocking).
  static func read(_ vm: VM, _ v: Value, _ memory: UnsafeMutableRawPointer, _ count: Int) throws(Raised) -> Int {
    let fd = try reading(vm, v)
    let n = try PosixArgs.retrying(vm) { Glibc.read(fd, memory, min(count, 0x7FFF_F000)) }
    if n < 0 {
      if errno == EAGAIN { return -1 }
      throw OSErrors.raise(vm, errno)
    }
    return n
  }
  /// Writes raw memory; -1: would block.
  static func write(_ vm: VM, _ v: Value, _ memory: UnsafeRawPointer?, _ count: Int) throws(Raised) -> Int {
    let fd = try writing(vm, v)
    let n = try PosixArgs.write(vm, fd, memory, min(count, 0x7FFF_F000))
    if n < 0 {
      if errno == EAGAIN { return -1 }
      throw OSErrors.raise(vm, errno)
    }
    return n
  }

  static func readAll(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let fd = try reading(vm, v)
    var all = ByteVector()
    defer { all.free() }
    var s = stat()
    if fstat(fd, &s) == 0, s.st_mode & S_IFMT == S_IFREG {
      let position = lseek(fd, 0, SEEK_CUR)
      if position >= 0 && s.st_size > position, let whole = try readWhole(vm, v, Int(s.st_size - position), &all) { return whole }
    }
    while true {
      all.reserve(all.count == 0 ? 8192 : max(65536, all.count / 2))
      let room = all.capacity - all.count
      let n = try read(vm, v, UnsafeMutableRawPointer(all.items.unsafelyUnwrapped + all.count), room)
      if n < 0 {
        if all.count == 0 { return .none }
        break
      }
      if n == 0 { break }
      all.count += n
    }
    return try vm.bytes(UnsafeRawBufferPointer(start: all.items, count: all.count))
  }

  /// Reads what is left of a file, `expected` bytes by its size, to where it will be: a copy would need as much memory again.
  /// - Returns: nil when the file has more than its size said, or far less; `start` is then what has been read.
  private static func readWhole(_ vm: VM, _ v: Value, _ expected: Int, _ start: inout ByteVector) throws(Raised) -> Value? {
    let whole = try vm.bytes(count: expected)
    let bytes = whole.as(BytesLayout.self)
    // The zero byte at the end is room for the one that shows that there are more.
    let room = expected &+ 1
    var count = 0
    while count < room {
      let n = try read(vm, v, UnsafeMutableRawPointer(bytes.bytes) + count, room &- count)
      if n <= 0 { break }
      count &+= n
    }
    if count > expected || count <= expected / 2 || count < 2 {
      start.append(UnsafeRawBufferPointer(start: bytes.bytes, count: count))
      return nil
    }
    bytes.pointee.count = count
    bytes.bytes[count] = 0
    return whole
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.method("read", "($self, size=-1, /)", "Up to size bytes; all for -1.") { (vm, v, args: Args) throws(Raised) in
      defer { Temporaries.end(vm, v, .read) }
      let n = args[0].isNull || args[0].isNone ? -1 : try vm.asInt(args[0])
      if n < 0 { return try vm.callMethod(v, "readall") }
      return try vm.bytes(filling: n) { (memory) throws(Raised) in try read(vm, v, memory, n) }
    }
    t.method("readall", "($self, /)", "All bytes up to the end.") { (vm, v) throws(Raised) in try readAll(vm, v) }
    t.method("readinto", "($self, buffer, /)", "Reads into a buffer.") { (vm, v, b) throws(Raised) in
      _ = try reading(vm, v)
      var view = try vm.writableBuffer(of: b, "readinto")
      defer { vm.release(&view) }
      guard let memory = view.memory, view.byteCount > 0 else { return Value(smallInt: 0) }
      let n = try read(vm, v, memory, view.byteCount)
      return n < 0 ? .none : try vm.int(n)
    }
    t.method("write", "($self, b, /)", "Writes bytes; answers how many were taken.") { (vm, v, b) throws(Raised) in
      defer { Temporaries.end(vm, v, .write) }
      _ = try writing(vm, v)
      if b.isStr { throw vm.raise(.typeError, "a bytes-like object is required, not 'str'") }
      var view = try vm.buffer(of: b, .simple)
      defer { vm.release(&view) }
      let n = try write(vm, v, view.memory, view.byteCount)
      // A write that a signal cut short says so by its length only.
      try vm.handlePendingSignals()
      return n < 0 ? .none : try vm.int(n)
    }
    t.method("seek", "($self, pos, whence=0, /)", "Moves; answers the new position.") { (vm, v, args: Args) throws(Raised) in
      let fd = try descriptor(vm, v)
      if args[0].isDouble { throw vm.raise(.typeError, "an integer is required") }
      let n = lseek(fd, try vm.asInt(args[0]), args[1].isNull ? SEEK_SET : try PosixArgs.int32(vm, args[1]))
      if n < 0 { throw OSErrors.raise(vm, errno) }
      return try vm.int(n)
    }
    t.method("tell", "($self, /)", "The position.") { (vm, v) throws(Raised) in
      let n = lseek(try descriptor(vm, v), 0, SEEK_CUR)
      if n < 0 { throw OSErrors.raise(vm, errno) }
      return try vm.int(n)
    }
    t.method("truncate", "($self, size=None, /)", "Cuts the file to a size.") { (vm, v, args: Args) throws(Raised) in
      let fd = try writing(vm, v)
      let size = args[0].isNull || args[0].isNone ? try vm.callMethod(v, "tell") : args[0]
      let n = try vm.asInt(size)
      if try PosixArgs.retrying(vm, { Int(ftruncate(fd, n)) }) < 0 { throw OSErrors.raise(vm, errno) }
      return size
    }
    t.method("close", "($self, /)", "Closes the file.") { (vm, v) throws(Raised) in
      let f = file(v)
      if f.pointee.fd >= 0, f.pointee.base.finalizing, f.pointee.closesDescriptor {
        do throws(Raised) { try vm.warn(.resourceWarning, "unclosed file \(vm.reprText(v))", source: v) } catch {
          vm.writeUnraisable("", v)
        }
      }
      // What a class of Python's has to write comes first.
      var failure = Value.null
      if !f.pointee.base.closed {
        do throws(Raised) { _ = try vm.callMethod(v, "flush") } catch { failure = vm.takePending() }
      }
      let fd = f.pointee.fd
      f.pointee.base.closed = true
      f.pointee.fd = -1
      if fd >= 0 && f.pointee.closesDescriptor {
        let (r, error) = vm.unlocked { () -> (Int32, Int32) in (Glibc.close(fd), errno) }
        if r != 0 && error != EINTR {
          let raised = OSErrors.raise(vm, error)
          if failure.isNull { throw raised }
          let e = vm.takePending()
          if e.isExceptionInstance { e.as(ExceptionLayout.self).pointee.context = failure }
          throw vm.reraise(e)
        }
      }
      if !failure.isNull { throw vm.reraise(failure) }
      return .none
    }
    t.method("seekable", "($self, /)", "Whether the file can seek.") { (vm, v) throws(Raised) in
      let fd = try descriptor(vm, v)
      if file(v).pointee.seekable < 0 { file(v).pointee.seekable = lseek(fd, 0, SEEK_CUR) < 0 ? 0 : 1 }
      return .bool(file(v).pointee.seekable == 1)
    }
    t.method("readable", "($self, /)", "Whether the file was opened for reading.") { (vm, v) throws(Raised) in
      _ = try descriptor(vm, v)
      return .bool(file(v).pointee.readable)
    }
    t.method("writable", "($self, /)", "Whether the file was opened for writing.") { (vm, v) throws(Raised) in
      _ = try descriptor(vm, v)
      return .bool(file(v).pointee.writable)
    }
    t.method("fileno", "($self, /)", "The descriptor.") { (vm, v) throws(Raised) in Value(smallInt: Int(try descriptor(vm, v))) }
    t.method("isatty", "($self, /)", "Whether the file is a terminal.") { (vm, v) throws(Raised) in
      .bool(Glibc.isatty(try descriptor(vm, v)) == 1)
    }
    t.method("_dealloc_warn", "($self, source, /)", nil) { (vm, v, source) throws(Raised) in
      if file(v).pointee.fd >= 0 && file(v).pointee.closesDescriptor {
        try vm.warn(.resourceWarning, "unclosed file \(vm.reprText(source))", source: source)
      }
      return .none
    }
    t.method("__reduce__", "($self, /)", nil) { (vm, v) throws(Raised) in
      throw vm.raise(.typeError, "cannot pickle '\(v.typeName)' object")
    }
    t.getset("closed", "True if the file is closed") { (_, v) in .bool(file(v).pointee.fd < 0) }
    t.getset("closefd", nil) { (_, v) in .bool(file(v).pointee.closesDescriptor) }
    t.getset("mode", nil) { (vm, v) throws(Raised) in try vm.str(mode(file(v))) }
    t.getset("_blksize", nil) { (_, v) in Value(smallInt: Int(file(v).pointee.blockSize)) }
  }
}
