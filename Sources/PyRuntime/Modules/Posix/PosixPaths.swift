import Glibc

/// Names in the file system: making, moving, removing, permissions, times.
enum PosixPaths {
  static func declare(_ m: ModuleBuilder) {
    m.function("getcwd", "($module, /)", "The current folder as str.") { (vm, _) throws(Raised) in try workingFolder(vm, bytes: false) }
    m.function("getcwdb", "($module, /)", "The current folder as bytes.") { (vm, _) throws(Raised) in try workingFolder(vm, bytes: true) }
    m.function("chdir", "($module, /, path)", "Changes the current folder.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "chdir", allowDescriptor: true)
      if (path.isDescriptor ? Glibc.fchdir(path.descriptor) : Glibc.chdir(path.bytes)) != 0 { throw path.fail(vm) }
      return .none
    }
    m.function("fchdir", "($module, /, fd)", "Changes to an open folder.") { (vm, _, args: Args) throws(Raised) in
      if Glibc.fchdir(try PosixArgs.descriptor(vm, args[0])) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("chroot", "($module, /, path)", "Changes the root folder.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "chroot")
      if Glibc.chroot(path.bytes) != 0 { throw path.fail(vm) }
      return .none
    }
    m.function("mkdir", "($module, /, path, mode=511, *, dir_fd=None)", "Makes a folder.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "mkdir")
      let mode = mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, args[1], 0o777))
      if mkdirat(try PosixArgs.directory(vm, args[2]), path.bytes, mode) != 0 { throw path.fail(vm) }
      return .none
    }
    m.function("rmdir", "($module, /, path, *, dir_fd=None)", "Removes an empty folder.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "rmdir")
      if unlinkat(try PosixArgs.directory(vm, args[1]), path.bytes, AT_REMOVEDIR) != 0 { throw path.fail(vm) }
      return .none
    }
    for name: StaticString in ["unlink", "remove"] {
      m.function(name, "($module, /, path, *, dir_fd=None)", "Removes a file.") { (vm, _, args: Args) throws(Raised) in
        let path = try PathArg(vm, args[0], "unlink")
        if unlinkat(try PosixArgs.directory(vm, args[1]), path.bytes, 0) != 0 { throw path.fail(vm) }
        return .none
      }
    }
    for name: StaticString in ["rename", "replace"] {
      m.function(name, "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Moves a file, over an existing one.", rename)
    }
    m.function("link", "($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", "Makes a hard link.") {
      (vm, _, args: Args) throws(Raised) in
      let from = try PathArg(vm, args[0], "link", "src"), to = try PathArg(vm, args[1], "link", "dst")
      let follow = try PosixArgs.flag(vm, args[4], true) ? AT_SYMLINK_FOLLOW : 0
      let a = try PosixArgs.directory(vm, args[2]), b = try PosixArgs.directory(vm, args[3])
      if linkat(a, from.bytes, b, to.bytes, follow) != 0 { throw OSErrors.raise(vm, errno, from.object, to.object) }
      return .none
    }
    m.function("symlink", "($module, /, src, dst, target_is_directory=False, *, dir_fd=None)", "Makes a symbolic link.") {
      (vm, _, args: Args) throws(Raised) in
      let from = try PathArg(vm, args[0], "symlink", "src"), to = try PathArg(vm, args[1], "symlink", "dst")
      if symlinkat(from.bytes, try PosixArgs.directory(vm, args[3]), to.bytes) != 0 {
        throw OSErrors.raise(vm, errno, from.object, to.object)
      }
      return .none
    }
    m.function("readlink", "($module, /, path, *, dir_fd=None)", "Where a symbolic link points.", readlink)
    m.function(
      "access", "($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", "Whether a path may be used.",
      access)
    m.function("chmod", "($module, /, path, mode, *, dir_fd=None, follow_symlinks=True)", "Changes permissions.") {
      (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "chmod", allowDescriptor: true)
      let mode = mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, args[1]))
      let follow = try PosixArgs.flag(vm, args[3], true) ? 0 : AT_SYMLINK_NOFOLLOW
      let directory = try PosixArgs.directory(vm, args[2])
      if !path.isDescriptor && follow != 0 {
        throw vm.raise(.notImplementedError, "chmod: follow_symlinks unavailable on this platform")
      }
      if (path.isDescriptor ? Glibc.fchmod(path.descriptor, mode) : fchmodat(directory, path.bytes, mode, follow)) != 0 {
        throw path.fail(vm)
      }
      return .none
    }
    m.function("fchmod", "($module, /, fd, mode)", "Changes permissions of an open file.") { (vm, _, args: Args) throws(Raised) in
      if Glibc.fchmod(try PosixArgs.int32(vm, args[0]), mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, args[1]))) != 0 {
        throw OSErrors.raise(vm, errno)
      }
      return .none
    }
    m.function("chown", "($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)", "Changes the owner.") {
      (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "chown", allowDescriptor: true)
      let uid = try PosixArgs.identity(vm, args[1], "uid"), gid = try PosixArgs.identity(vm, args[2], "gid")
      let follow = try PosixArgs.flag(vm, args[4], true) ? 0 : AT_SYMLINK_NOFOLLOW
      let directory = try PosixArgs.directory(vm, args[3])
      if (path.isDescriptor ? Glibc.fchown(path.descriptor, uid, gid) : fchownat(directory, path.bytes, uid, gid, follow)) != 0 {
        throw path.fail(vm)
      }
      return .none
    }
    m.function("lchown", "($module, /, path, uid, gid)", "Changes the owner of a link itself.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "lchown")
      if Glibc.lchown(path.bytes, try PosixArgs.identity(vm, args[1], "uid"), try PosixArgs.identity(vm, args[2], "gid")) != 0 {
        throw path.fail(vm)
      }
      return .none
    }
    m.function("fchown", "($module, /, fd, uid, gid)", "Changes the owner of an open file.") { (vm, _, args: Args) throws(Raised) in
      let fd = try PosixArgs.int32(vm, args[0])
      if Glibc.fchown(fd, try PosixArgs.identity(vm, args[1], "uid"), try PosixArgs.identity(vm, args[2], "gid")) != 0 {
        throw OSErrors.raise(vm, errno)
      }
      return .none
    }
    m.function("mkfifo", "($module, /, path, mode=438, *, dir_fd=None)", "Makes a named pipe.") { (vm, _, args: Args) throws(Raised) in
      let path = try PathArg(vm, args[0], "mkfifo")
      let mode = mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, args[1], 0o666))
      if mkfifoat(try PosixArgs.directory(vm, args[2]), path.bytes, mode) != 0 { throw path.fail(vm) }
      return .none
    }
    m.function("utime", "($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)", "Sets times.", utime)
    m.function("umask", "($module, mask, /)", "Sets the mask of new files' permissions; answers the old one.") {
      (vm, _, v) throws(Raised) in
      Value(smallInt: Int(Glibc.umask(mode_t(truncatingIfNeeded: try PosixArgs.int32(vm, v)))))
    }
    m.function("fspath", "($module, /, path)", "The str or bytes that a path object stands for.") { (vm, _, args: Args) throws(Raised) in
      let v = args[0]
      if v.isStr || v.isBytes { return v }
      let path = try PathArg.fspath(vm, v)
      if path.isNull { throw vm.raise(.typeError, "expected str, bytes or os.PathLike object, not \(TypeNames.short(v.type))") }
      return path
    }
  }

  private static func workingFolder(_ vm: VM, bytes: Bool) throws(Raised) -> Value {
    guard let p = Glibc.getcwd(nil, 0) else { throw OSErrors.raise(vm, errno) }
    defer { free(p) }
    let raw = UnsafeRawBufferPointer(start: p, count: strlen(p))
    return bytes ? try vm.bytes(raw) : try FileSystemText.decode(vm, raw)
  }

  private static func rename(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let from = try PathArg(vm, args[0], "rename", "src"), to = try PathArg(vm, args[1], "rename", "dst")
    let a = try PosixArgs.directory(vm, args[2]), b = try PosixArgs.directory(vm, args[3])
    if renameat(a, from.bytes, b, to.bytes) != 0 { throw OSErrors.raise(vm, errno, from.object, to.object) }
    return .none
  }

  private static func readlink(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "readlink")
    let directory = try PosixArgs.directory(vm, args[1])
    var buffer = [CChar](repeating: 0, count: 4097)
    let n = readlinkat(directory, path.bytes, &buffer, 4096)
    if n < 0 { throw path.fail(vm) }
    let bytes = buffer[0..<n].map { UInt8(bitPattern: $0) }
    return try bytes.withRawBytes { p throws(Raised) in try path.text(vm, p) }
  }

  private static func access(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "access")
    var flags: Int32 = 0
    if try PosixArgs.flag(vm, args[3], false) { flags |= AT_EACCESS }
    if !(try PosixArgs.flag(vm, args[4], true)) { flags |= AT_SYMLINK_NOFOLLOW }
    let mode = try PosixArgs.int32(vm, args[1])
    return .bool(faccessat(try PosixArgs.directory(vm, args[2]), path.bytes, mode, flags) == 0)
  }

  private static func utime(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "utime", allowDescriptor: true)
    let times = args[1], ns = args[2]
    if !times.isNull && !times.isNone && !ns.isNull {
      throw vm.raise(.valueError, "utime: you may specify either 'times' or 'ns' but not both")
    }
    // The value of UTIME_NOW in both.
    var spec = [timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1), timespec(tv_sec: 0, tv_nsec: (1 << 30) - 1)]
    if !times.isNull && !times.isNone {
      guard times.isTuple, times.as(TupleLayout.self).pointee.count == 2 else {
        throw vm.raise(.typeError, "utime: 'times' must be either a tuple of two ints or None")
      }
      spec = [try seconds(vm, times.as(TupleLayout.self).items[0]), try seconds(vm, times.as(TupleLayout.self).items[1])]
    } else if !ns.isNull {
      guard ns.isTuple, ns.as(TupleLayout.self).pointee.count == 2 else {
        throw vm.raise(.typeError, "utime: 'ns' must be a tuple of two ints")
      }
      spec = [try nanoseconds(vm, ns.as(TupleLayout.self).items[0]), try nanoseconds(vm, ns.as(TupleLayout.self).items[1])]
    }
    let directory = try PosixArgs.directory(vm, args[3])
    let follow = try PosixArgs.flag(vm, args[4], true) ? 0 : AT_SYMLINK_NOFOLLOW
    let r = path.isDescriptor ? futimens(path.descriptor, &spec) : utimensat(directory, path.bytes, &spec, follow)
    if r != 0 { throw path.fail(vm) }
    return .none
  }
  private static func seconds(_ vm: VM, _ v: Value) throws(Raised) -> timespec {
    if v.isInt { return timespec(tv_sec: try vm.asInt(v), tv_nsec: 0) }
    let d = try vm.asDouble(v)
    let whole = d.rounded(.down)
    guard whole > -9e18 && whole < 9e18 else { throw vm.raise(.overflowError, "timestamp out of range for platform time_t") }
    return timespec(tv_sec: Int(whole), tv_nsec: min(999_999_999, Int((d - whole) * 1e9)))
  }
  private static func nanoseconds(_ vm: VM, _ v: Value) throws(Raised) -> timespec {
    let n = try vm.asInt(v)
    var s = n / 1_000_000_000, rest = n % 1_000_000_000
    if rest < 0 {
      s -= 1
      rest += 1_000_000_000
    }
    return timespec(tv_sec: s, tv_nsec: rest)
  }
}
