import Glibc

/// What `exec` compiles while the interpreter starts: lines of `.pth` files. A process without an image remembers them, for the one that it may
/// write; with an image their code comes from there, by the whole text and the flags.
enum StartSources {
  nonisolated(unsafe) static var isStarting = false
  nonisolated(unsafe) private(set) static var seen: [[UInt8]] = []

  static func code(_ vm: VM, _ source: [UInt8], _ flags: Int32) throws(Raised) -> Value {
    guard isStarting else { return .null }
    var key = source
    withUnsafeBytes(of: flags.littleEndian) { key += $0 }
    if rt.pointee.image.isAttached { return try key.withRawBytes { p throws(Raised) in try rt.pointee.image.code(vm, key: p) } }
    if seen.count < 64, !seen.contains(key) { seen.append(key) }
    return .null
  }

  /// The code of a text that has been remembered.
  static func compile(_ vm: VM, _ key: [UInt8]) throws(Raised) -> Value {
    let flags = key.suffix(4).reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) }
    return try Compiling.compile(
      vm, source: Array(key.dropLast(4)), filename: Array("<string>".utf8), mode: .exec, flags: flags, optimize: rt.pointee.flags.optimize)
  }
}

/// Modules whose code comes from the image: CPython's frozen ones, and those that `SourceFileLoader` would read from a `.pyc`.
package enum ImageModules {
  /// The code of the module with this file name in its code objects, or null.
  static func code(_ vm: VM, _ shown: Value) throws(Raised) -> Value {
    guard rt.pointee.image.isAttached, shown.isStr else { return .null }
    let s = shown.as(StrLayout.self)
    guard s.isASCII else { return .null }
    return try rt.pointee.image.code(vm, key: UnsafeRawBufferPointer(start: s.units, count: s.pointee.length))
  }

  // MARK: SourceFileLoader

  /// `SourceFileLoader` and its version when nobody had changed it; the function that its `get_code` was
  nonisolated(unsafe) private static var loader = Value.null
  nonisolated(unsafe) private static var version: UInt32 = 0
  nonisolated(unsafe) private static var readCode = Value.null

  /// Makes `SourceFileLoader.get_code` look into the image first.
  static func install(_ vm: VM, _ external: Value) throws(Raised) {
    guard rt.pointee.image.isAttached else { return }
    let type = try vm.getAttribute(external, "SourceFileLoader")
    guard type.isType else { return }
    readCode = try vm.getAttribute(type, "get_code")
    let method = try NativeFunctions.make(
      vm, rt.pointee.types.methodDescriptor, "get_code", "($self, fullname, /)", "Code of a module: from the image, or read from its file.",
      OneCode(getCode).code, .one, [])
    method.pointee.owner = type
    try vm.setAttribute(type, "get_code", Value(method))
    loader = type
    version = type.asType.pointee.version
  }

  private static func getCode(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    // Whoever has derived from the loader, changed it or watches what files are opened gets what the loader itself does.
    if v.isExact(loader.asType), loader.asType.pointee.version == version, rt.pointee.auditHooks.isNull {
      let found = try code(vm, try vm.getAttribute(v, rt.names.path))
      if !found.isNull { return found }
    }
    return try vm.call(readCode, v, name)
  }

  // MARK: what an image holds

  /// Folders of the standard library whose modules belong into an image, below their own names; the others are tests, tools with windows and
  /// what hardly any program imports.
  private static let packages = [
    "asyncio", "collections", "concurrent", "concurrent/futures", "ctypes", "dbm", "email", "email/mime", "html", "http", "importlib",
    "importlib/metadata", "importlib/resources", "json", "logging", "multiprocessing", "multiprocessing/dummy", "re", "sqlite3", "tomllib",
    "unittest", "urllib", "wsgiref", "xml", "xml/dom", "xml/etree", "xml/parsers", "xml/sax", "zoneinfo",
  ]
  private static let encodings = [
    "__init__", "aliases", "ascii", "base64_codec", "cp1252", "cp437", "hex_codec", "idna", "iso8859_1", "latin_1", "punycode",
    "raw_unicode_escape", "rot_13", "unicode_escape", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_7", "utf_8", "utf_8_sig",
    "zlib_codec",
  ]
  private static let leftOut: Set<String> = ["antigravity", "this", "turtle", "__hello__"]

  /// Writes an image for the standard library of this process to `path`.
  /// - Returns: what went wrong, or nil
  package static func write(_ vm: VM, to path: String, progress: (Int, Int) -> Void) throws(Raised) -> String? {
    try ImageWriter.write(vm, sources(vm), to: path, progress: progress)
  }

  private static func sources(_ vm: VM) -> [ImageWriter.Source] {
    let folder = Dicts.get(vm, rt.pointee.sysDict, "_stdlib_dir")
    guard folder.isStr else { return [] }
    let library = folder.swiftString
    var loaded: Set<String> = []
    ImageWriter.forEachUsed { loaded.insert($0.pointee.filename.swiftString) }
    var sources: [ImageWriter.Source] = []
    var known: Set<String> = []
    func add(_ key: String, _ path: String, _ isOfStart: Bool) {
      if access(path, R_OK) == 0, known.insert(key).inserted { sources.append(.init(key: key, path: path, isOfStart: isOfStart)) }
    }
    // Not the examples: __hello__ and __phello__.
    for (shown, path) in FrozenModules.sources where !shown.hasPrefix("<frozen __") { add(shown, path, loaded.contains(shown)) }
    for path in loaded.sorted() where path.hasPrefix(library + "/") { add(path, path, true) }
    for name in files(library) where !leftOut.contains(name) && !name.hasPrefix("_sysconfigdata") {
      add("\(library)/\(name).py", "\(library)/\(name).py", false)
    }
    let inPackages = packages.flatMap { folder in files("\(library)/\(folder)").map { "\(folder)/\($0)" } }
    for name in inPackages + encodings.map({ "encodings/\($0)" }) { add("\(library)/\(name).py", "\(library)/\(name).py", false) }
    return sources
  }

  /// Names of the `.py` files in a folder, sorted.
  private static func files(_ folder: String) -> [String] {
    guard let d = opendir(folder) else { return [] }
    defer { closedir(d) }
    var names: [String] = []
    while let e = readdir(d) {
      let name = withUnsafePointer(to: &e.pointee.d_name) { String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)) }
      if name.hasSuffix(".py") { names.append(String(name.dropLast(3))) }
    }
    return names.sorted()
  }
}
