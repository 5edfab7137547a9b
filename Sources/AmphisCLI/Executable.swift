import Glibc

/// Where this program lies, as Python programs are told: bytes, because file names need not be UTF-8.
struct Executable {
  /// `sys.executable`: the path by which it can be started again; empty if it was started with an empty name
  let path: [UInt8]
  /// `sys._base_executable`: the same outside of the virtual environment that `path` belongs to
  let base: [UInt8]

  init() {
    path = Executable.startedPath()
    base = Executable.base(of: path)
  }

  private static let slash = UInt8(ascii: "/")

  /// The path from the root on; links and dots stay as they are.
  static func absolute(_ path: [UInt8]) -> [UInt8] {
    if path.first == slash { return path }
    guard let cwd = getcwd(nil, 0) else { return path }
    defer { free(cwd) }
    let folder = Array(UnsafeRawBufferPointer(start: cwd, count: strlen(cwd)))
    return folder + [slash] + (path.starts(with: [UInt8(ascii: "."), slash]) ? path.dropFirst(2) : path[...])
  }

  private static func startedPath() -> [UInt8] {
    guard let name = Arguments.fromSystem().first, !name.isEmpty else { return [] }
    if name.contains(slash) { return absolute(name) }
    for folder in (getenv("PATH").map { String(cString: $0) } ?? "").split(separator: ":") {
      let candidate = Array(folder.utf8) + [slash] + name
      if access(pathname(candidate), X_OK) == 0 { return candidate }
    }
    return running() ?? name
  }

  /// The running file itself, behind all links.
  static func running() -> [UInt8]? {
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let n = readlink("/proc/self/exe", &buffer, buffer.count)
    return n > 0 ? buffer[..<n].map { UInt8(bitPattern: $0) } : nil
  }

  /// What `home` in the environment's `pyvenv.cfg` names; for a link in it, what that leads to, as in CPython.
  private static func base(of path: [UInt8]) -> [UInt8] {
    guard let home = environmentHome(of: path) else { return path }
    var s = stat()
    if lstat(pathname(path), &s) == 0, s.st_mode & S_IFMT == S_IFLNK, let real = realpath(pathname(path), nil) {
      defer { free(real) }
      return Array(UnsafeRawBufferPointer(start: real, count: strlen(real)))
    }
    // A copy may have a name that the original does not have: `bin/python` of `amphis`.
    let named = home + [slash] + path[(path.lastIndex(of: slash).map { $0 + 1 } ?? 0)...]
    for candidate in [named, home + Array("/amphis".utf8)] where stat(pathname(candidate), &s) == 0 && s.st_mode & S_IFMT == S_IFREG {
      return candidate
    }
    return named
  }

  /// The folder of the executable that made the environment to which `path` belongs; nil if it belongs to none. `pyvenv.cfg` lies in the
  /// folder above that of the executable, or beside it.
  private static func environmentHome(of path: [UInt8]) -> [UInt8]? {
    guard let folder = parent(path) else { return nil }
    for place in [parent(folder), folder].compactMap({ $0 }) {
      let fd = open(pathname(place + Array("/pyvenv.cfg".utf8)), O_RDONLY | O_CLOEXEC)
      guard fd >= 0 else { continue }
      defer { close(fd) }
      for line in Program.readAll(fd).split(separator: UInt8(ascii: "\n")) {
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
        let key = String(decoding: trimmed(line[..<equals]), as: UTF8.self)
        if key.lowercased() == "home" { return Array(trimmed(line[(equals + 1)...])) }
      }
      return nil
    }
    return nil
  }

  static func parent(_ path: [UInt8]) -> [UInt8]? { path.lastIndex(of: slash).map { Array(path[..<$0]) } }

  private static func trimmed(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isSpace = { (c: UInt8) in c == 0x20 || (0x09...0x0D).contains(c) }
    let head = text.drop(while: isSpace)
    return head[..<(head.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? head.startIndex)]
  }

  /// For calls of the system.
  static func pathname(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }
}
