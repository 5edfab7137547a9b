import Glibc

/// `sys`: what the VM owns. Names that only CPython's `sys` has are fetched from there on first use (`__getattr__`).
enum SysModule {
  /// What `platform` calls the build.
  static let release = "Amphis 0.1.0"
  static let version = "3.11.2 (Amphis 0.1.0) [Swift 6]"

  static func declare(_ m: inout ModuleBuilder, _ config: StartConfig) throws(Raised) {
    let vm = m.vm
    m.doc("Facts about and access to the running interpreter.")
    try declareConstants(m, config)
    try SysInfo.declare(m, config)
    try SysFunctions.declare(m)
    SysHooks.declare(m)
    m.value("modules", rt.pointee.modules)
    m.value("meta_path", try vm.list())
    m.value("path_hooks", try vm.list())
    m.value("path_importer_cache", try vm.dict())
  }

  private static func bytes(_ vm: VM, _ b: [UInt8]) throws(Raised) -> Value {
    // Command lines and file names are UTF-8 with undecodable bytes as surrogates.
    try FileSystemText.decode(vm, b)
  }

  private static func declareConstants(_ m: ModuleBuilder, _ config: StartConfig) throws(Raised) {
    let vm = m.vm
    func list(_ items: [[UInt8]]) throws(Raised) -> Value {
      let l = try vm.list(capacity: items.count)
      for i in items { try vm.append(l, try bytes(vm, i)) }
      return l
    }
    m.value("argv", try list(config.arguments))
    m.value("orig_argv", try list(config.originalArguments))
    m.str("byteorder", "little")
    m.str("platform", "linux")
    m.str("platlibdir", "lib")
    m.str("abiflags", "")
    m.str("float_repr_style", "short")
    m.str(
      "copyright",
      "Copyright (c) the Amphis contributors.\nThe standard library is that of the host's Python, Copyright (c) 2001-2022 Python Software Foundation."
    )
    m.value("version", try vm.str(version))
    m.value("_git", try vm.tuple(try vm.str("Amphis"), try vm.str(""), try vm.str("")))
    m.value("_framework", try vm.str(""))
    try m.int("hexversion", 0x030B02F0)
    try m.int("api_version", 1013)
    try m.int("maxsize", Int.max)
    try m.int("maxunicode", 0x10FFFF)
    m.value("dont_write_bytecode", .bool(config.flags.dontWriteBytecode))
    if let prefix = config.pycachePrefix {
      m.value("pycache_prefix", try bytes(vm, prefix))
    } else {
      m.value("pycache_prefix", .none)
    }
    let options = try vm.list()
    for w in config.warnOptions { try vm.append(options, try vm.str(w)) }
    m.value("warnoptions", options)
    let x = try vm.dict()
    for (name, value) in config.xOptions {
      var setting = Value.true
      if let value { setting = try vm.str(value) }
      try Dicts.set(vm, x, try vm.str(name), setting)
    }
    m.value("_xoptions", x)

    let library = config.standardLibrary ?? StandardLibrary.locate(ignoreEnvironment: config.flags.ignoreEnvironment)
    let path = try vm.list()
    // The script's folder comes first once `site` has run, which would make "" absolute.
    for entry in config.searchPath { try vm.append(path, try bytes(vm, entry)) }
    var prefix = "/usr"
    if let library {
      if library.hasSuffix("/lib/python3.11") { prefix = String(library.dropLast("/lib/python3.11".count)) }
      if prefix.isEmpty { prefix = "/" }
      try vm.append(path, try vm.str("\(prefix)/lib/python311.zip"))
      try vm.append(path, try vm.str(library))
      try vm.append(path, try vm.str(library + "/lib-dynload"))
      m.value("_stdlib_dir", try vm.str(library))
    } else {
      m.value("_stdlib_dir", .none)
    }
    m.value("path", path)
    for name: StaticString in ["prefix", "base_prefix", "exec_prefix", "base_exec_prefix"] { m.value(name, try vm.str(prefix)) }
    m.value("_home", .none)
    m.value("executable", try bytes(vm, config.executable))
    m.value("_base_executable", try bytes(vm, config.baseExecutable ?? config.executable))
  }
}

/// Text of the operating system: file names, arguments, environment. UTF-8 with the surrogateescape error handler.
enum FileSystemText {
  static func decode(_ vm: VM, _ bytes: [UInt8]) throws(Raised) -> Value {
    try bytes.withRawBytes { p throws(Raised) in try decode(vm, p) }
  }
  static func decode(_ vm: VM, _ p: UnsafeRawBufferPointer) throws(Raised) -> Value {
    if UTF8Scan.isASCII(p) { return try vm.str(utf8: p) }
    var points: [UInt32] = []
    points.reserveCapacity(p.count)
    var i = 0
    while i < p.count {
      let (point, length) = strictNext(p, i)
      points.append(point)
      i += length
    }
    return try points.withUnsafeBufferPointer { b throws(Raised) in try vm.str(codePoints: b) }
  }

  /// One code point of well-formed UTF-8, or the escape of a single byte.
  private static func strictNext(_ p: UnsafeRawBufferPointer, _ i: Int) -> (UInt32, Int) {
    let b = UInt32(p[i])
    let escape: (UInt32, Int) = (0xDC00 + b, 1)
    if b < 0x80 { return (b, 1) }
    let length = b >= 0xF0 ? 4 : b >= 0xE0 ? 3 : 2
    if b < 0xC2 || b > 0xF4 || i + length > p.count { return escape }
    var c = b & (0x7F >> UInt32(length))
    for k in 1..<length {
      let x = UInt32(p[i + k])
      if x & 0xC0 != 0x80 { return escape }
      c = c << 6 | x & 0x3F
    }
    if (length == 3 && c < 0x800) || (length == 4 && c < 0x10000) || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) { return escape }
    return (c, length)
  }

  /// Bytes of a str for the operating system; nil when it cannot be encoded (a surrogate that is no escape).
  static func encode(_ s: Value) -> [UInt8]? {
    let p = s.as(StrLayout.self)
    if p.isASCII { return Array(p.latin1) }
    var out: [UInt8] = []
    out.reserveCapacity(p.pointee.length * 2)
    for i in 0..<p.pointee.length {
      let c = p[codePoint: i]
      switch c {
      case 0..<0x80: out.append(UInt8(c))
      case 0xDC80...0xDCFF: out.append(UInt8(c - 0xDC00))
      case 0xD800...0xDFFF: return nil
      case 0..<0x800: out += [UInt8(0xC0 | c >> 6), UInt8(0x80 | c & 0x3F)]
      case 0..<0x10000: out += [UInt8(0xE0 | c >> 12), UInt8(0x80 | c >> 6 & 0x3F), UInt8(0x80 | c & 0x3F)]
      default: out += [UInt8(0xF0 | c >> 18), UInt8(0x80 | c >> 12 & 0x3F), UInt8(0x80 | c >> 6 & 0x3F), UInt8(0x80 | c & 0x3F)]
      }
    }
    return out
  }
}
