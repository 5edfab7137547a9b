import Glibc

/// `posix`: the operating system as os.py builds upon it.
enum PosixModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Calls of the operating system.")
    m.value("error", Value(rt.types[.osError]))
    try PosixConstants.declare(m)
    try PosixStat.declare(m)
    PosixFiles.declare(m)
    try PosixFiles.terminalSizeType(m)
    PosixPaths.declare(m)
    try PosixDirectories.declare(m)
    try PosixProcess.declare(m)
    try PosixDeferred.declare(m)
    try environment(m)
    let functions = try m.vm.list()
    for name in [
      "HAVE_FACCESSAT", "HAVE_FCHDIR", "HAVE_FCHMOD", "HAVE_FCHMODAT", "HAVE_FCHOWN", "HAVE_FCHOWNAT", "HAVE_FDOPENDIR", "HAVE_FEXECVE",
      "HAVE_FPATHCONF", "HAVE_FSTATAT", "HAVE_FSTATVFS", "HAVE_FTRUNCATE", "HAVE_FUTIMENS", "HAVE_LINKAT", "HAVE_LCHOWN",
      "HAVE_LSTAT", "HAVE_LUTIMES", "HAVE_MKDIRAT", "HAVE_MKFIFOAT", "HAVE_MKNODAT", "HAVE_OPENAT", "HAVE_READLINKAT", "HAVE_RENAMEAT",
      "HAVE_SYMLINKAT", "HAVE_UNLINKAT", "HAVE_UTIMENSAT",
    ] { try m.vm.append(functions, try m.vm.str(name)) }
    m.value("_have_functions", functions)
  }

  private static func environment(_ m: ModuleBuilder) throws(Raised) {
    let dict = try m.vm.dict()
    var p = environ
    while let entry = p.pointee {
      let raw = UnsafeRawBufferPointer(start: entry, count: strlen(entry))
      if let equals = raw.dropFirst().firstIndex(of: 0x3D) {
        let key = try m.vm.bytes(UnsafeRawBufferPointer(rebasing: raw[..<equals]))
        let value = try m.vm.bytes(UnsafeRawBufferPointer(rebasing: raw[(equals + 1)...]))
        _ = try Dicts.setDefault(m.vm, dict, key, value)
      }
      p += 1
    }
    m.value("environ", dict)
    m.function("putenv", "($module, name, value, /)", "Sets an environment variable.") { (vm, _, args: Args) throws(Raised) in
      let name = try PathArg(vm, args[0], "putenv", "name"), value = try PathArg(vm, args[1], "putenv", "value")
      if name.bytes.contains(0x3D) { throw vm.raise(.valueError, "illegal environment variable name") }
      if setenv(name.bytes, value.bytes, 1) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
    m.function("unsetenv", "($module, name, /)", "Removes an environment variable.") { (vm, _, v) throws(Raised) in
      if Glibc.unsetenv(try PathArg(vm, v, "unsetenv", "name").bytes) != 0 { throw OSErrors.raise(vm, errno) }
      return .none
    }
  }
}
