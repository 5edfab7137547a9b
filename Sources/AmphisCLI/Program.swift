import Amphis
import CRuntimeSupport
import Glibc
import PyRuntime

/// One run of a program, from start to exit code.
struct Program {
  let arguments: Arguments
  init(_ arguments: Arguments) { self.arguments = arguments }

  func run() -> Int32 {
    var config = arguments.config
    let executable = Executable()
    config.executable = executable.path
    config.baseExecutable = executable.base
    config.image = arguments.imagePath(of: executable)
    if let mode = arguments.lossy { Lossy.configure(mode) }
    var script: [UInt8]?
    if case .script(let path) = arguments.action {
      // Like python3: say at once when the script cannot be read.
      let name = path.map { CChar(bitPattern: $0) } + [0]
      var s = stat()
      script = Executable.absolute(path)
      if stat(name, &s) != 0 || (s.st_mode & S_IFMT != S_IFDIR && access(name, R_OK) != 0) {
        let error = errno
        fail(
          "\(CommandLine.arguments[0]): can't open file '\(String(decoding: script ?? path, as: UTF8.self))': [Errno \(error)] "
            + "\(String(cString: strerror(error)))\n", 2)
      }
    }
    guard let python = Interpreter(config: config) else { return 1 }
    // What only a start runs, and what the kernel has mapped around it
    amphis_drop_library(nil)
    let vm = python.vm
    var code: Int32 = 0
    switch arguments.action {
    case .command(let source): code = Startup.runCommand(vm, source)
    case .module(let name): code = Startup.runModule(vm, name)
    case .script: code = Startup.runScript(vm, script ?? [])
    case .writeImage(let path): code = ImageTool.write(vm, path)
    default:
      if isatty(0) == 1 || arguments.interactiveAfter {
        code = Session(vm, quiet: config.flags.quiet).run(banner: true)
        return Startup.finalize(vm, exitCode: code)
      }
      code = Startup.runScript(vm, Array("<stdin>".utf8), contents: Program.readAll(0))
    }
    if arguments.interactiveAfter { code = Session(vm, quiet: true).run(banner: false) }
    code = Startup.finalize(vm, exitCode: code)
    Lossy.finish()
    if code == 130 {
      // Die of the signal, so that a shell sees an interrupted command.
      signal(SIGINT, SIG_DFL)
      kill(getpid(), SIGINT)
    }
    return code
  }

  static func readAll(_ fd: Int32) -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let n = read(fd, &chunk, chunk.count)
      if n < 0 && errno == EINTR { continue }
      if n <= 0 { return all }
      all += chunk[..<n]
    }
  }
}

/// `--emit`: compiles a file without running anything.
enum Emit {
  static func run(_ kind: String, _ file: String, _ output: String?, optimize: Int) -> Int32 {
    let fd = open(file, O_RDONLY)
    guard fd >= 0 else {
      complain("amphis: can't open file '\(file)': \(String(cString: strerror(errno)))\n")
      return 2
    }
    var s = stat()
    fstat(fd, &s)
    let source = Program.readAll(fd)
    close(fd)
    let outcome = CompiledFile.compile(source, filename: file, optimize: optimize)
    for w in outcome.warnings { complain("\(file):\(w.line): \(w.category): \(w.message)\n") }
    guard let code = outcome.marshalled else {
      if let e = outcome.error { complain(CompiledFile.report(e, file)) }
      return 1
    }
    var bytes = code
    if kind == "pyc" { bytes = CompiledFile.pyc(code, modified: Int(s.st_mtim.tv_sec), size: Int(s.st_size)) }
    var target: Int32 = 1
    if let output {
      target = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0o666)
      if target < 0 {
        complain("amphis: can't write '\(output)': \(String(cString: strerror(errno)))\n")
        return 2
      }
    }
    var done = 0
    while done < bytes.count {
      let n = bytes.withUnsafeBytes { write(target, $0.baseAddress.map { $0 + done }, $0.count - done) }
      if n < 0 {
        if errno == EINTR { continue }
        complain("amphis: can't write: \(String(cString: strerror(errno)))\n")
        return 1
      }
      done += n
    }
    return 0
  }

  private static func complain(_ text: String) {
    var t = text
    t.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  }
}
