import Glibc

/// Two kinds of `.pyc` files lie in `__pycache__`: the host's (`cpython-311`), used where they are valid for their source and
/// never written, and our own (`amphis-311`). `cache_from_source` answers ours, as `sys.implementation.cache_tag` says; only
/// the loader's `get_code` sees this other function in its place.
enum PycCache {
  static let ownTag = "amphis-311"
  static let hostTag = "cpython-311"

  /// Gives `SourceLoader.get_code` globals in which `cache_from_source` prefers a valid file of the host's.
  static func install(_ vm: VM, _ external: Value) throws(Raised) {
    let loader = try vm.getAttribute(external, "SourceLoader")
    let original = try vm.getAttribute(loader, "get_code")
    let globals = try Dicts.copy(vm, external.as(ModuleLayout.self).pointee.dict)
    let holder = try vm.newModule(try vm.intern("_amphis_pyc"))
    ModuleBuilder(vm: vm, module: holder).function(
      "cache_from_source", "($module, path, debug_override=None, *, optimization=None)", "Path of the pyc file to use.", cacheFromSource)
    try Dicts.set(vm, globals, "cache_from_source", try vm.getAttribute(holder, "cache_from_source"))
    let function = try vm.function(code: try vm.getAttribute(original, "__code__"), globals: globals)
    for name: StaticString in ["__qualname__", "__doc__", "__module__", "__defaults__"] {
      try vm.setAttribute(function, name, try vm.getAttribute(original, name))
    }
    try vm.setAttribute(loader, "get_code", function)
    try ImageModules.install(vm, external)
  }

  private static func cacheFromSource(_ vm: VM, _ module: Value, _ args: Args) throws(Raised) -> Value {
    if args[0].isStr, let path = hostFile(for: args[0].swiftString, optimize: Int(rt.pointee.flags.optimize)) {
      return try vm.str(path)
    }
    return try vm.callMethod(Imports.external, "cache_from_source", args[0])
  }

  /// The host's `.pyc` of a source file if there is one and it is valid: right magic number, and the source's time and size (or
  /// a hash, which importlib checks itself).
  static func hostFile(for source: String, optimize: Int) -> String? {
    guard let path = hostPath(for: source, optimize: optimize) else { return nil }
    let fd = open(path, O_RDONLY | O_CLOEXEC)
    guard fd >= 0 else { return nil }
    defer { close(fd) }
    var header: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)
    let n = withUnsafeMutableBytes(of: &header) { read(fd, $0.baseAddress, 16) }
    return n == 16 && withUnsafeBytes(of: &header) { isValid($0, for: source) } ? path : nil
  }

  /// Where the host's `.pyc` of a source file would be.
  static func hostPath(for source: String, optimize: Int) -> String? {
    let bytes = source.utf8
    guard bytes.count > 3, bytes.suffix(3).elementsEqual(".py".utf8), let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return nil }
    var path = Array(bytes[..<slash])
    path += "/__pycache__".utf8
    path += bytes[slash...].dropLast(3)
    path += (optimize == 0 ? ".\(hostTag).pyc" : ".\(hostTag).opt-\(optimize).pyc").utf8
    return String(decoding: path, as: UTF8.self)
  }

  /// Whether a `.pyc` that begins with `header` (at least 16 bytes) is good for its source file.
  static func isValid(_ header: UnsafeRawBufferPointer, for source: String) -> Bool {
    func word(_ i: Int) -> UInt32 { UInt32(littleEndian: header.loadUnaligned(fromByteOffset: i * 4, as: UInt32.self)) }
    guard header.count >= 16, word(0) == 0x0A0D_0DA7, word(1) & ~3 == 0 else { return false }
    if word(1) & 1 != 0 { return true }
    var s = stat()
    guard stat(source, &s) == 0 else { return false }
    return word(2) == UInt32(truncatingIfNeeded: s.st_mtim.tv_sec) && word(3) == UInt32(truncatingIfNeeded: s.st_size)
  }
}
