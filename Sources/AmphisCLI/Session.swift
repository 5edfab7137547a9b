import Amphis
import Glibc
import PyRuntime

/// The interactive interpreter.
struct Session {
  let vm: VM
  let quiet: Bool
  init(_ vm: VM, quiet: Bool) {
    self.vm = vm
    self.quiet = quiet
  }

  /// Reads and runs statements until the end of input or SystemExit. Answers the exit code.
  func run(banner: Bool) -> Int32 {
    if banner && !quiet {
      let show = isatty(0) == 1 ? say : complain
      show("Python 3.11.2 (Amphis 0.1.0) on linux\nType \"help\", \"copyright\", \"credits\" or \"license\" for more information.\n")
    }
    let editor = LineEditor(historyFile: Session.historyFile()) { prefix in Startup.completions(vm, prefix) }
    defer { editor.save() }
    var lines: [String] = []
    while true {
      let prompt = lines.isEmpty ? Startup.prompt(vm, "ps1", ">>> ") : Startup.prompt(vm, "ps2", "... ")
      switch editor.read(prompt) {
      case .interrupted:
        lines = []
        say("\nKeyboardInterrupt\n")
      case .end:
        if lines.isEmpty {
          if isatty(0) == 1 { say("\n") }
          return 0
        }
        if case .exit(let code) = Startup.interact(vm, Array((lines.joined(separator: "\n") + "\n").utf8), last: true) { return code }
        lines = []
        Startup.flush(vm)
      case .line(let line):
        if lines.isEmpty && line.allSatisfy({ $0 == " " || $0 == "\t" }) { continue }
        lines.append(line)
        // Without a line end behind it a block is not over: an empty line ends it.
        let source = Array(lines.joined(separator: "\n").utf8)
        switch Startup.interact(vm, source, last: false) {
        case .incomplete: continue
        case .done, .failed: lines = []
        case .exit(let code): return code
        }
        Startup.flush(vm)
      }
    }
  }

  private static func historyFile() -> String? {
    if let p = getenv("AMPHIS_HISTORY") { return String(cString: p) }
    return getenv("HOME").map { String(cString: $0) + "/.amphis_history" }
  }
}
