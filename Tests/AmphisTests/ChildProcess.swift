import Glibc

/// What a finished child left behind.
struct ChildResult {
  var output: [UInt8]
  var errors: [UInt8]
  /// Exit code; minus the signal's number if a signal ended it.
  var status: Int32
  var timedOut: Bool

  var text: String { String(decoding: output, as: UTF8.self) }
  var errorText: String { String(decoding: errors, as: UTF8.self) }
}

/// A limit on how many children run at once, whatever the number of cores the test runner uses.
private struct Lane: @unchecked Sendable {
  let semaphore: UnsafeMutablePointer<sem_t>

  init(width: UInt32) {
    semaphore = .allocate(capacity: 1)
    semaphore.initialize(to: sem_t())
    sem_init(semaphore, 0, width)
  }

  func enter() { while sem_wait(semaphore) != 0 {} }
  func leave() { sem_post(semaphore) }
}

enum Child {
  private static let lane = Lane(width: 2)

  /// Runs a program in a process group of its own and waits.
  /// - Parameters:
  ///   - input: path of the file that becomes standard input.
  ///   - text: standard input's bytes; used instead of `input` when given.
  ///   - environment: added to a fixed, small environment.
  ///   - seconds: the whole process group is killed after this time.
  static func run(
    _ arguments: [String], input: String = "/dev/null", text: String? = nil, environment: [String: String] = [:],
    directory: String? = nil, seconds: Double = 60
  ) -> ChildResult {
    lane.enter()
    defer { lane.leave() }
    let folder = temporaryFolder()
    defer { removeFolder(folder) }
    var inputPath = input
    if let text {
      inputPath = folder + "/stdin"
      write(Array(text.utf8), to: inputPath)
    }
    let outputPath = folder + "/stdout"
    let errorPath = folder + "/stderr"

    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, inputPath, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, outputPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errorPath, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    // A test's thread may block signals, and a shell in the background ignores SIGINT: the child gets what a terminal would give it.
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigaddset(&signals, SIGINT)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSIGDEF)))
    posix_spawnattr_setpgroup(&attributes, 0)

    var variables = [
      "HOME": folder, "PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "TERM": "dumb", "PYTHONDONTWRITEBYTECODE": "1",
    ]
    variables.merge(environment) { _, new in new }
    // `env -C` sets the folder: the system module has no posix_spawn_file_actions_addchdir_np.
    let command = ["/usr/bin/env", "-C", directory ?? Checkout.root] + arguments
    var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var envp: [UnsafeMutablePointer<CChar>?] = variables.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer {
      argv.forEach { free($0) }
      envp.forEach { free($0) }
    }
    var pid: pid_t = 0
    let failure = posix_spawn(&pid, command[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else {
      return ChildResult(output: [], errors: Array("cannot start \(arguments[0]): error \(failure)".utf8), status: 127, timedOut: false)
    }
    var state: Int32 = 0
    var timedOut = false
    var waited = 0.0
    while waitpid(pid, &state, timedOut ? 0 : WNOHANG) == 0 {
      usleep(5000)
      waited += 0.005
      if waited > seconds {
        timedOut = true
        kill(-pid, SIGKILL)
      }
    }
    let signal = state & 0x7f
    let status = signal == 0 ? (state >> 8) & 0xff : -signal
    return ChildResult(output: read(outputPath) ?? [], errors: read(errorPath) ?? [], status: status, timedOut: timedOut)
  }

  static func read(_ path: String) -> [UInt8]? {
    let file = open(path, O_RDONLY)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = Glibc.read(file, &part, part.count)
      guard count > 0 else { return count == 0 ? bytes : nil }
      bytes += part[..<count]
    }
  }

  static func write(_ bytes: [UInt8], to path: String) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    guard file >= 0 else { return }
    defer { close(file) }
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      done += count
    }
  }

  static func temporaryFolder() -> String {
    var template = Array("/tmp/amphis-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return "/tmp" }
    return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  static func removeFolder(_ path: String) {
    guard path.hasPrefix("/tmp/amphis-test-") else { return }
    removeTree(path)
  }

  private static func removeTree(_ path: String) {
    for name in Checkout.names(in: path) {
      let inner = path + "/" + name
      if unlink(inner) != 0 { removeTree(inner) }
    }
    rmdir(path)
  }
}

/// Places in the checkout and on the host that the tests use.
enum Checkout {
  /// Three levels above this file.
  static let root: String = {
    var parts = #filePath.split(separator: "/", omittingEmptySubsequences: false)
    parts.removeLast(3)
    return parts.joined(separator: "/")
  }()

  /// `amphis` of the build that this test bundle belongs to; the variable AMPHIS names another.
  static let amphis: String = {
    if let named = getenv("AMPHIS") { return String(cString: named) }
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    var parts = String(decoding: buffer.prefix(max(count, 0)).map { UInt8(bitPattern: $0) }, as: UTF8.self).split(
      separator: "/", omittingEmptySubsequences: false)
    while !parts.isEmpty {
      parts.removeLast()
      let candidate = parts.joined(separator: "/") + "/amphis"
      var info = stat()
      if stat(candidate, &info) == 0, info.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 { return candidate }
      if parts.last == ".build" { break }
    }
    return root + "/.build/debug/amphis"
  }()

  static let hasAmphis = access(amphis, X_OK) == 0

  /// Names of a folder's entries, without `.` and `..`; none if it is not a folder.
  static func names(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      if name != "." && name != ".." { names.append(name) }
    }
    return names
  }
}
