import CRuntimeSupport
import Glibc

/// stat and what goes with it.
enum PosixStat {
  nonisolated(unsafe) static var resultType: StructSequence?
  nonisolated(unsafe) private static var statvfsType: StructSequence?

  static func declare(_ m: ModuleBuilder) throws(Raised) {
    resultType = try StructSequence.makeType(
      m.vm, "os.stat_result", module: m.module, doc: "What stat() tells of a file; also by attribute, with times in nanoseconds.",
      names: [
        "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "", "", "", "st_atime", "st_mtime", "st_ctime",
        "st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_blksize", "st_blocks", "st_rdev",
      ], visible: 10)
    if let t = resultType { m.value("stat_result", Value(t.type)) }
    statvfsType = try StructSequence.makeType(
      m.vm, "os.statvfs_result", module: m.module, doc: "What statvfs() tells of a file system.",
      names: ["f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "f_flag", "f_namemax", "f_fsid"],
      visible: 10)
    if let t = statvfsType { m.value("statvfs_result", Value(t.type)) }
    m.function("stat", "($module, /, path, *, dir_fd=None, follow_symlinks=True)", "Facts about a file.", stat)
    m.function("lstat", "($module, /, path, *, dir_fd=None)", "Facts about a file; links are not followed.", lstat)
    m.function("fstat", "($module, /, fd)", "Facts about an open file.", fstat)
    m.function("statvfs", "($module, /, path)", "Facts about the file system of a path.", statvfs)
    m.function("fstatvfs", "($module, fd, /)", "Facts about the file system of an open file.", statvfs)
  }

  private static func nanoseconds(_ vm: VM, _ t: timespec) throws(Raised) -> Value {
    let (high, overflow) = t.tv_sec.multipliedReportingOverflow(by: 1_000_000_000)
    if !overflow { return try vm.int(high &+ t.tv_nsec) }
    let seconds = try vm.binary(.multiply, try vm.int(t.tv_sec), try vm.int(1_000_000_000))
    return try vm.binary(.add, seconds, try vm.int(t.tv_nsec))
  }

  static func make(_ vm: VM, _ s: Glibc.stat) throws(Raised) -> Value {
    guard let type = resultType else { throw vm.raise(.systemError, "posix is not initialised") }
    let v = try type.make(vm)
    let f = v.as(TupleLayout.self).items
    f[0] = try vm.int(Int(s.st_mode))
    f[1] = try Ints.make(vm, unsigned: UInt64(s.st_ino))
    f[2] = try Ints.make(vm, unsigned: UInt64(s.st_dev))
    f[3] = try vm.int(Int(s.st_nlink))
    f[4] = try vm.int(Int(s.st_uid))
    f[5] = try vm.int(Int(s.st_gid))
    f[6] = try vm.int(Int(s.st_size))
    for (i, t) in [s.st_atim, s.st_mtim, s.st_ctim].enumerated() {
      f[7 + i] = try vm.int(t.tv_sec)
      f[10 + i] = Value(Double(t.tv_sec) + 1e-9 * Double(t.tv_nsec))
      f[13 + i] = try nanoseconds(vm, t)
    }
    f[16] = try vm.int(Int(s.st_blksize))
    f[17] = try vm.int(Int(s.st_blocks))
    f[18] = try Ints.make(vm, unsigned: UInt64(s.st_rdev))
    return v
  }

  static func read(_ vm: VM, _ path: PathArg, _ directory: Int32, follow: Bool) throws(Raised) -> Value {
    var s = Glibc.stat()
    let r = vm.unlocked { () -> Int32 in
      path.isDescriptor ? Glibc.fstat(path.descriptor, &s) : fstatat(directory, path.bytes, &s, follow ? 0 : AT_SYMLINK_NOFOLLOW)
    }
    if r != 0 { throw path.fail(vm) }
    return try make(vm, s)
  }

  private static func stat(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let follow = try PosixArgs.flag(vm, args[2], true)
    let path = try PathArg(vm, args[0], "stat", allowDescriptor: true)
    let directory = try PosixArgs.directory(vm, args[1])
    if path.isDescriptor && directory != AT_FDCWD { throw vm.raise(.valueError, "stat: can't specify dir_fd without matching path") }
    if path.isDescriptor && !follow { throw vm.raise(.valueError, "stat: cannot use fd and follow_symlinks together") }
    return try read(vm, path, directory, follow: follow)
  }
  private static func lstat(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    try read(vm, try PathArg(vm, args[0], "lstat"), try PosixArgs.directory(vm, args[1]), follow: false)
  }
  private static func fstat(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    var s = Glibc.stat()
    let fd = try PosixArgs.int32(vm, args[0])
    if Glibc.fstat(fd, &s) != 0 { throw OSErrors.raise(vm, errno) }
    return try make(vm, s)
  }

  private static func statvfs(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    let path = try PathArg(vm, args[0], "statvfs", allowDescriptor: true)
    var s = Glibc.statvfs()
    let r = path.isDescriptor ? amphis_fstatvfs(path.descriptor, &s) : amphis_statvfs(path.bytes, &s)
    if r != 0 { throw path.fail(vm) }
    guard let type = statvfsType else { throw vm.raise(.systemError, "posix is not initialised") }
    let v = try type.make(vm)
    let f = v.as(TupleLayout.self).items
    let numbers: [UInt] = [
      UInt(s.f_bsize), UInt(s.f_frsize), UInt(s.f_blocks), UInt(s.f_bfree), UInt(s.f_bavail), UInt(s.f_files), UInt(s.f_ffree),
      UInt(s.f_favail), UInt(s.f_flag), UInt(s.f_namemax), UInt(s.f_fsid),
    ]
    for (i, n) in numbers.enumerated() { f[i] = try Ints.make(vm, unsigned: UInt64(n)) }
    return v
  }
}
