import Glibc

/// `fcntl`: its constants are here, since `subprocess` imports it for them or in case, and what servers do with each connection, the flags of a
/// descriptor. The other functions are libpython's, loaded by the first call.
enum FcntlModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Control of files and devices by their descriptors: the system calls fcntl and ioctl.")
    m.function(
      "fcntl", "($module, fd, cmd, arg=0, /)",
      """
      Does what cmd says to a descriptor, or an object with fileno(). With an int as arg it answers an int, with bytes those that C has filled.
      """, control)
    m.deferred(["ioctl", "flock", "lockf"])
    for (name, value) in constants { try m.int(name, value) }
  }

  /// Commands with an int that never wait
  private static let quick = [F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL]
  private static let control: NativeMany = { vm, _, a throws(Raised) in
    guard a[1].isSmallInt, let command = quick.first(where: { Int($0) == a[1].smallInt }), a[2].isNull || a[2].isSmallInt,
      case let argument = a[2].isNull ? 0 : a[2].smallInt, argument >= Int(Int32.min), argument <= Int(UInt32.max)
    else { return try TwinModule.call(vm, "fcntl.fcntl", a) }
    let fd = try SelectModule.descriptor(vm, a[0])
    try vm.audit("fcntl.fcntl") { () throws(Raised) in
      try vm.tuple(Value(smallInt: Int(fd)), a[1], a[2].isNull ? .none : a[2])
    }
    let result = Glibc.fcntl(fd, command, Int32(truncatingIfNeeded: argument))
    if result < 0 { throw OSErrors.raise(vm, errno) }
    return Value(smallInt: Int(result))
  }

  /// Linux's numbers, as <fcntl.h> and <sys/file.h> have them
  private static let constants: [(StaticString, Int)] = [
    ("DN_ACCESS", 1),
    ("DN_ATTRIB", 32),
    ("DN_CREATE", 4),
    ("DN_DELETE", 8),
    ("DN_MODIFY", 2),
    ("DN_MULTISHOT", 2147483648),
    ("DN_RENAME", 16),
    ("FASYNC", 8192),
    ("FD_CLOEXEC", 1),
    ("F_ADD_SEALS", 1033),
    ("F_DUPFD", 0),
    ("F_DUPFD_CLOEXEC", 1030),
    ("F_EXLCK", 4),
    ("F_GETFD", 1),
    ("F_GETFL", 3),
    ("F_GETLEASE", 1025),
    ("F_GETLK", 5),
    ("F_GETLK64", 5),
    ("F_GETOWN", 9),
    ("F_GETPIPE_SZ", 1032),
    ("F_GETSIG", 11),
    ("F_GET_SEALS", 1034),
    ("F_NOTIFY", 1026),
    ("F_OFD_GETLK", 36),
    ("F_OFD_SETLK", 37),
    ("F_OFD_SETLKW", 38),
    ("F_RDLCK", 0),
    ("F_SEAL_GROW", 4),
    ("F_SEAL_SEAL", 1),
    ("F_SEAL_SHRINK", 2),
    ("F_SEAL_WRITE", 8),
    ("F_SETFD", 2),
    ("F_SETFL", 4),
    ("F_SETLEASE", 1024),
    ("F_SETLK", 6),
    ("F_SETLK64", 6),
    ("F_SETLKW", 7),
    ("F_SETLKW64", 7),
    ("F_SETOWN", 8),
    ("F_SETPIPE_SZ", 1031),
    ("F_SETSIG", 10),
    ("F_SHLCK", 8),
    ("F_UNLCK", 2),
    ("F_WRLCK", 1),
    ("LOCK_EX", 2),
    ("LOCK_MAND", 32),
    ("LOCK_NB", 4),
    ("LOCK_READ", 64),
    ("LOCK_RW", 192),
    ("LOCK_SH", 1),
    ("LOCK_UN", 8),
    ("LOCK_WRITE", 128),
  ]
}

/// `_posixsubprocess`: `subprocess` imports it whether or not it starts a process.
enum PosixSubprocessModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("What subprocess needs to start processes.")
    m.deferred(["fork_exec"])
  }
}
