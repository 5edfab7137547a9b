/// `_stat`: interpretation of `st_mode` and of Windows file attributes.
enum StatModule {
  private static let formatMask: UInt32 = 0o170000

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Constants and functions for the results of os.stat() and os.lstat().")
    declareTests(&m)
    declareConstants(&m)
  }

  private static func mode(_ vm: VM, _ v: Value) throws(Raised) -> UInt32 {
    guard v.isInt || v.type.pointee.slots.index != nil else { throw vm.raise(.typeError, "an integer is required") }
    let i = try vm.index(v)
    guard let n = Ints.asInt64(i) else {
      throw vm.raise(.overflowError, "Python int too large to convert to C \(Ints.sign(i) < 0 ? "long" : "unsigned long")")
    }
    if n < 0 { throw vm.raise(.overflowError, "can't convert negative value to unsigned int") }
    guard n <= Int(UInt32.max) else { throw vm.raise(.overflowError, "mode out of range") }
    return UInt32(n)
  }

  private static func declareTests(_ m: inout ModuleBuilder) {
    m.function("S_ISDIR", nil, "S_ISDIR(mode) -> bool\n\nWhether mode is that of a directory.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0x4000)
    }
    m.function("S_ISCHR", nil, "S_ISCHR(mode) -> bool\n\nWhether mode is that of a character device.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0x2000)
    }
    m.function("S_ISBLK", nil, "S_ISBLK(mode) -> bool\n\nWhether mode is that of a block device.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0x6000)
    }
    m.function("S_ISREG", nil, "S_ISREG(mode) -> bool\n\nWhether mode is that of a regular file.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0x8000)
    }
    m.function("S_ISFIFO", nil, "S_ISFIFO(mode) -> bool\n\nWhether mode is that of a named pipe.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0x1000)
    }
    m.function("S_ISLNK", nil, "S_ISLNK(mode) -> bool\n\nWhether mode is that of a symbolic link.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0xa000)
    }
    m.function("S_ISSOCK", nil, "S_ISSOCK(mode) -> bool\n\nWhether mode is that of a socket.") { (vm, _, v) throws(Raised) in
      .bool(try mode(vm, v) & formatMask == 0xc000)
    }
    m.function("S_ISDOOR", nil, "S_ISDOOR(mode) -> bool\n\nWhether mode is that of a door; never here.") { (vm, _, v) throws(Raised) in
      _ = try mode(vm, v)
      return .false
    }
    m.function("S_ISPORT", nil, "S_ISPORT(mode) -> bool\n\nWhether mode is that of an event port; never here.") {
      (vm, _, v) throws(Raised) in
      _ = try mode(vm, v)
      return .false
    }
    m.function("S_ISWHT", nil, "S_ISWHT(mode) -> bool\n\nWhether mode is that of a whiteout; never here.") { (vm, _, v) throws(Raised) in
      _ = try mode(vm, v)
      return .false
    }
    m.function("S_IMODE", nil, "The part of the mode that os.chmod() can set.") { (vm, _, v) throws(Raised) in
      Value(smallInt: Int(try mode(vm, v) & 0o7777))
    }
    m.function("S_IFMT", nil, "The part of the mode that tells the kind of file.") { (vm, _, v) throws(Raised) in
      Value(smallInt: Int(try mode(vm, v) & formatMask))
    }
    m.function("filemode", nil, "The mode as ls -l shows it: '-rwxrwxrwx'.") { (vm, _, v) throws(Raised) in
      try vm.str(text(try mode(vm, v)))
    }
  }

  private static func text(_ mode: UInt32) -> String {
    let kind: String
    switch mode & formatMask {
    case 0o040000: kind = "d"
    case 0o100000: kind = "-"
    case 0o120000: kind = "l"
    case 0o060000: kind = "b"
    case 0o020000: kind = "c"
    case 0o010000: kind = "p"
    case 0o140000: kind = "s"
    default: kind = "?"
    }
    func bits(_ shift: UInt32, _ special: UInt32, _ letter: String) -> String {
      let m = mode >> shift
      let execute = m & 1 != 0
      let last = mode & special != 0 ? (execute ? letter : letter.uppercased()) : (execute ? "x" : "-")
      return (m & 4 != 0 ? "r" : "-") + (m & 2 != 0 ? "w" : "-") + last
    }
    return kind + bits(6, 0o4000, "s") + bits(3, 0o2000, "s") + bits(0, 0o1000, "t")
  }

  private static func declareConstants(_ m: inout ModuleBuilder) {
    let m = m
    func add(_ name: StaticString, _ value: Int) { m.value(name, Value(smallInt: value)) }
    add("S_IFDIR", 0o040000)
    add("S_IFCHR", 0o020000)
    add("S_IFBLK", 0o060000)
    add("S_IFREG", 0o100000)
    add("S_IFIFO", 0o010000)
    add("S_IFLNK", 0o120000)
    add("S_IFSOCK", 0o140000)
    add("S_IFDOOR", 0o000000)
    add("S_IFPORT", 0o000000)
    add("S_IFWHT", 0o000000)
    add("S_ISUID", 0o004000)
    add("S_ISGID", 0o002000)
    add("S_ISVTX", 0o001000)
    add("S_ENFMT", 1024)
    add("S_IREAD", 0o000400)
    add("S_IWRITE", 0o000200)
    add("S_IEXEC", 0o000100)
    add("S_IRWXU", 0o000700)
    add("S_IRUSR", 0o000400)
    add("S_IWUSR", 0o000200)
    add("S_IXUSR", 0o000100)
    add("S_IRWXG", 0o000070)
    add("S_IRGRP", 0o000040)
    add("S_IWGRP", 0o000020)
    add("S_IXGRP", 0o000010)
    add("S_IRWXO", 0o000007)
    add("S_IROTH", 0o000004)
    add("S_IWOTH", 0o000002)
    add("S_IXOTH", 0o000001)
    add("UF_NODUMP", 1)
    add("UF_IMMUTABLE", 2)
    add("UF_APPEND", 4)
    add("UF_OPAQUE", 8)
    add("UF_NOUNLINK", 16)
    add("UF_COMPRESSED", 32)
    add("UF_HIDDEN", 32768)
    add("SF_ARCHIVED", 65536)
    add("SF_IMMUTABLE", 131072)
    add("SF_APPEND", 262144)
    add("SF_NOUNLINK", 1048576)
    add("SF_SNAPSHOT", 2097152)
    add("ST_MODE", 0)
    add("ST_INO", 1)
    add("ST_DEV", 2)
    add("ST_NLINK", 3)
    add("ST_UID", 4)
    add("ST_GID", 5)
    add("ST_SIZE", 6)
    add("ST_ATIME", 7)
    add("ST_MTIME", 8)
    add("ST_CTIME", 9)
  }
}
