import Amphis
import CRuntimeSupport
import Glibc
import PyRuntime

// `amphis`: runs Python programs. See Arguments for the command line, Session for the interactive part.

func fail(_ message: String, _ code: Int32) -> Never {
  var m = message
  m.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
  exit(code)
}

func say(_ message: String) {
  var m = message
  m.withUTF8 { _ = write(1, $0.baseAddress, $0.count) }
}

func complain(_ message: String) {
  var m = message
  m.withUTF8 { _ = write(2, $0.baseAddress, $0.count) }
}

amphis_split_library()
// Its functions have one form for each kind of processor: the dynamic linker has asked all of them which.
amphis_drop_library("libm.so")
// SWIFT_BACKTRACE set: whoever set it wants the Swift runtime's backtraces.
if getenv("SWIFT_BACKTRACE") == nil { amphis_faults_to_system() }
signal(SIGPIPE, SIG_IGN)
signal(SIGXFSZ, SIG_IGN)

let arguments: Arguments
do throws(Arguments.Refusal) { arguments = try Arguments(Arguments.fromSystem()) } catch { fail(error.message, error.code) }

switch arguments.action {
case .help(let page):
  switch page {
  case .options: say(Arguments.help + "\n")
  case .environment: say(Arguments.environmentHelp + "\n")
  case .xOptions: say(Arguments.xOptionsHelp + "\n")
  case .all: say(Arguments.help + "\n" + Arguments.environmentHelp + "\n" + Arguments.xOptionsHelp + "\n")
  }
  exit(0)
case .version(let n):
  say(n > 1 ? "Python 3.11.2 (Amphis 0.1.0, Swift 6)\n\(arguments.imageReport())\n" : "Python 3.11.2 (Amphis 0.1.0)\n")
  exit(0)
case .emit(let kind, let file, let output):
  exit(Emit.run(kind, file, output, optimize: Int(arguments.config.flags.optimize)))
case .show(let stages, let source):
  exit(Show.run(stages, source, optimize: Int(arguments.config.flags.optimize)))
default: break
}

exit(Program(arguments).run())
