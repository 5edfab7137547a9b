import Glibc

/// listdir and scandir.
enum PosixDirectories {
  struct EntryLayout {
    var header: CellHeader
    var name: Value
    var path: Value
    /// Cached stat results, or null
    var stat: Value
    var linkStat: Value
    var inode: UInt64
    /// d_type
    var kind: UInt8
    /// Descriptor that `name` is relative to, or -1
    var directory: Int32
  }
  struct ScanLayout {
    var header: CellHeader
    /// DIR *, nil once closed
    var stream: OpaquePointer?
    /// What was asked for: str, bytes or an int
    var path: Value
    var isBytes: Bool
    var directory: Int32
  }
  nonisolated(unsafe) private static var entryType: TypeRef?
  nonisolated(unsafe) private static var scanType: TypeRef?

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    m.function("listdir", "($module, path=None, /)", "Names in a folder.") { (vm, m, args: Args) throws(Raised) in try listdir(vm, args[0])
    }
    m.function("scandir", "($module, path=None, /)", "Iterator over the entries of a folder.") { (vm, m, args: Args) throws(Raised) in
      try scandir(vm, args[0])
    }
    entryType = try m.type("DirEntry", layoutSize: MemoryLayout<EntryLayout>.size, flags: [.disallowInstantiation], declareEntry)
    scanType = try m.type("ScandirIterator", layoutSize: MemoryLayout<ScanLayout>.size, flags: [.disallowInstantiation, .finalized]) {
      (t) throws(Raised) in
      t.trace { cell, tracer in Tracer(tracer).visit(cell.assumingMemoryBound(to: ScanLayout.self).pointee.path) }
      t.slots.iter = NoArgsCode { (_, v) in v }
      t.slots.next = NoArgsCode(next)
      t.slots.finalize = VisitCode { (vm, v) in
        if v.as(ScanLayout.self).pointee.stream != nil {
          do throws(Raised) { try vm.warn(.resourceWarning, "unclosed scandir iterator \(vm.reprText(v))", source: v) } catch {
            vm.writeUnraisable("", v)
          }
        }
        close(v)
      }
      t.method("close", "($self, /)", "Ends the iteration.") { (_, v) in
        close(v)
        return .none
      }
      t.method("__enter__", "($self, /)", "The iterator itself.") { (_, v) in v }
      t.method("__exit__", "($self, *args)", "Ends the iteration.") { (_, v, _: Args) in
        close(v)
        return .none
      }
    }
  }

  /// An iterator of `scandir` that was not closed.
  static func isOpen(_ cell: UnsafeMutableRawPointer) -> Bool {
    cell.assumingMemoryBound(to: CellHeader.self).pointee.type == scanType
      && cell.assumingMemoryBound(to: ScanLayout.self).pointee.stream != nil
  }

  private static func open(_ vm: VM, _ path: PathArg) throws(Raised) -> OpaquePointer {
    let stream: OpaquePointer?
    if path.isDescriptor {
      let copy = fcntl(path.descriptor, F_DUPFD_CLOEXEC, 0)
      if copy < 0 { throw path.fail(vm) }
      stream = fdopendir(copy)
      if let stream { rewinddir(stream) } else { Glibc.close(copy) }
    } else {
      stream = vm.unlocked { opendir(path.bytes) }
    }
    guard let stream else { throw path.fail(vm) }
    return stream
  }

  /// The next name that is neither "." nor "..", and what the folder says of it; nil at the end.
  private static func entry(_ stream: OpaquePointer) -> (name: [UInt8], inode: UInt64, kind: UInt8)? {
    while true {
      errno = 0
      guard let e = readdir(stream) else { return nil }
      let name = withUnsafePointer(to: &e.pointee.d_name) {
        $0.withMemoryRebound(to: UInt8.self, capacity: 256) { p in
          Array(UnsafeBufferPointer(start: p, count: strlen(UnsafeRawPointer(p).assumingMemoryBound(to: CChar.self))))
        }
      }
      if name == [0x2E] || name == [0x2E, 0x2E] { continue }
      return (name, UInt64(e.pointee.d_ino), e.pointee.d_type)
    }
  }

  private static func listdir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let path = try PathArg(vm, v, "listdir", allowDescriptor: true, allowNone: true)
    let stream = try open(vm, path)
    defer { closedir(stream) }
    let list = try vm.list()
    while true {
      errno = 0
      guard let e = readdir(stream) else { break }
      let name = UnsafeRawPointer(e) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 0)
      let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name.assumingMemoryBound(to: CChar.self)))
      if bytes[0] == 0x2E && (bytes.count == 1 || bytes.count == 2 && bytes[1] == 0x2E) { continue }
      try vm.append(list, try path.text(vm, bytes))
    }
    if errno != 0 { throw path.fail(vm) }
    return list
  }

  private static func scandir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let path = try PathArg(vm, v, "scandir", allowDescriptor: true, allowNone: true)
    guard let type = scanType else { throw vm.raise(.systemError, "posix is not initialised") }
    let cell = try vm.make(ScanLayout.self, type)
    cell.pointee.directory = path.isDescriptor ? path.descriptor : -1
    cell.pointee.isBytes = path.isBytes
    let object = path.object
    cell.pointee.path =
      object.isNull ? try vm.intern(".") : path.isBytes && !object.isBytes ? try vm.call(Value(rt.types.bytes), object) : object
    var kept = Value(cell)
    return try withUnsafeMutablePointer(to: &kept) { p throws(Raised) in
      cell.pointee.stream = try open(vm, path)
      return p.pointee
    }
  }

  private static func close(_ v: Value) {
    let s = v.as(ScanLayout.self)
    if let stream = s.pointee.stream {
      s.pointee.stream = nil
      closedir(stream)
    }
  }

  private static func next(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = v.as(ScanLayout.self)
    guard let stream = s.pointee.stream else { return .exhausted }
    guard let e = entry(stream) else {
      let error = errno
      close(v)
      if error != 0 { throw OSErrors.raise(vm, error, s.pointee.path) }
      return .exhausted
    }
    guard let type = entryType else { return .exhausted }
    let isBytes = s.pointee.isBytes
    let name = try e.name.withRawBytes { p throws(Raised) in isBytes ? try vm.bytes(p) : try FileSystemText.decode(vm, p) }
    var path = name
    if s.pointee.directory < 0 {
      let folder = isBytes ? Array(s.pointee.path.as(BytesLayout.self).buffer) : try FileSystemText.encoded(vm, s.pointee.path)
      let full = folder + (folder.isEmpty || folder.last == 0x2F ? [] : [0x2F]) + e.name
      path = try full.withRawBytes { p throws(Raised) in isBytes ? try vm.bytes(p) : try FileSystemText.decode(vm, p) }
    }
    let cell = try vm.make(EntryLayout.self, type)
    cell.pointee.name = name
    cell.pointee.path = path
    cell.pointee.inode = e.inode
    cell.pointee.kind = e.kind
    cell.pointee.directory = s.pointee.directory
    return Value(cell)
  }

  private static func declareEntry(_ t: inout TypeBuilder) throws(Raised) {
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", GenericAliasType.classGetItem)
    t.trace { cell, tracer in
      let e = cell.assumingMemoryBound(to: EntryLayout.self), tracer = Tracer(tracer)
      tracer.visit(e.pointee.name)
      tracer.visit(e.pointee.path)
      tracer.visit(e.pointee.stat)
      tracer.visit(e.pointee.linkStat)
    }
    t.member("name", "The entry's name.", offset: MemoryLayout<EntryLayout>.offset(of: \.name))
    t.member("path", "The entry's path.", offset: MemoryLayout<EntryLayout>.offset(of: \.path))
    t.slots.repr = NoArgsCode { (vm, v) throws(Raised) in
      try vm.str("<DirEntry \(try vm.repr(v.as(EntryLayout.self).pointee.name).swiftString)>")
    }
    t.method("__fspath__", "($self, /)", "The entry's path.") { (_, v) in v.as(EntryLayout.self).pointee.path }
    t.method("inode", "($self, /)", "The entry's inode number.") { (vm, v) throws(Raised) in
      try Ints.make(vm, unsigned: v.as(EntryLayout.self).pointee.inode)
    }
    t.method("is_symlink", "($self, /)", "Whether the entry is a symbolic link.") { (vm, v) throws(Raised) in
      .bool(try hasKind(vm, v, S_IFLNK, follow: false))
    }
    t.method("is_dir", "($self, /, *, follow_symlinks=True)", "Whether the entry is a folder.") { (vm, v, args: Args) throws(Raised) in
      .bool(try hasKind(vm, v, S_IFDIR, follow: try PosixArgs.flag(vm, args[0], true)))
    }
    t.method("is_file", "($self, /, *, follow_symlinks=True)", "Whether the entry is a file.") { (vm, v, args: Args) throws(Raised) in
      .bool(try hasKind(vm, v, S_IFREG, follow: try PosixArgs.flag(vm, args[0], true)))
    }
    t.method("stat", "($self, /, *, follow_symlinks=True)", "The entry's stat result, kept for later calls.") {
      (vm, v, args: Args) throws(Raised) in try status(vm, v, follow: try PosixArgs.flag(vm, args[0], true))
    }
  }

  private static func status(_ vm: VM, _ v: Value, follow: Bool) throws(Raised) -> Value {
    let e = v.as(EntryLayout.self)
    if follow && e.pointee.kind != UInt8(DT_LNK) && e.pointee.kind != UInt8(DT_UNKNOWN) { return try status(vm, v, follow: false) }
    let known = follow ? e.pointee.stat : e.pointee.linkStat
    if !known.isNull { return known }
    let directory = e.pointee.directory
    var path = try PathArg(vm, directory >= 0 ? e.pointee.name : e.pointee.path, "DirEntry")
    path.object = e.pointee.path
    let result = try PosixStat.read(vm, path, directory >= 0 ? directory : AT_FDCWD, follow: follow)
    if follow { e.pointee.stat = result } else { e.pointee.linkStat = result }
    return result
  }

  private static func hasKind(_ vm: VM, _ v: Value, _ kind: mode_t, follow: Bool) throws(Raised) -> Bool {
    let type = v.as(EntryLayout.self).pointee.kind
    let isLink = type == UInt8(DT_LNK)
    if type == UInt8(DT_UNKNOWN) || (follow && isLink) {
      do throws(Raised) {
        let s = try status(vm, v, follow: follow)
        return mode_t(truncatingIfNeeded: s.as(TupleLayout.self).items[0].smallInt) & S_IFMT == kind
      } catch {
        if !vm.pendingIs(.fileNotFoundError) { throw error }
        vm.clearPending()
        return false
      }
    }
    if isLink { return kind == S_IFLNK }
    if kind == S_IFDIR { return type == UInt8(DT_DIR) }
    return type == UInt8(DT_REG) && kind == S_IFREG
  }
}
