import Amphis
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

signal(SIGPIPE, SIG_IGN)

let arguments: Arguments
do throws(Arguments.Refusal) { arguments = try Arguments(CommandLine.arguments) } catch { fail(error.message, 2) }

switch arguments.action {
case .help:
  say(Arguments.help + "\n")
  exit(0)
case .version(let n):
  say(n > 1 ? "Python 3.11.2 (Amphis 0.1.0, Swift 6)\n" : "Python 3.11.2 (Amphis 0.1.0)\n")
  exit(0)
case .emit(let kind, let file, let output):
  exit(Emit.run(kind, file, output, optimize: Int(arguments.config.flags.optimize)))
case .show(let stages, let source):
  exit(Show.run(stages, source, optimize: Int(arguments.config.flags.optimize)))
default: break
}

exit(Program(arguments).run())
