import Glibc
import PyRuntime

// amphis-vm [options] FILE.pyc [arguments]: the VM alone, without parser, compiler or libpython.
//
//   -S                  do not import site
//   -I                  no environment variables
//   -X noimport         no import system at all: only builtins and sys
//   -X heapstress       collect at every allocation
//   -X gccheck          check the whole heap after each collection

var config = StartConfig()
var arguments: [[UInt8]] = CommandLine.arguments.map { Array($0.utf8) }
config.originalArguments = arguments
config.executable = arguments.first ?? []
var position = 1

func usage() -> Never {
  _ = "usage: amphis-vm [-S] [-I] [-X option] file.pyc [arguments]\n".withCString { write(2, $0, strlen($0)) }
  exit(2)
}

options: while position < arguments.count {
  switch String(decoding: arguments[position], as: UTF8.self) {
  case "-S": config.flags.noSite = true
  case "-I": config.flags.isolated = true
  case "-X":
    position += 1
    guard position < arguments.count else { usage() }
    let option = String(decoding: arguments[position], as: UTF8.self)
    switch option {
    case "noimport": config.withoutImportSystem = true
    case "heapstress": config.heapStressPeriod = 1
    case "gccheck": config.heapChecks = true
    default: config.xOptions.append((name: option, value: nil))
    }
  default: break options
  }
  position += 1
}
guard position < arguments.count else { usage() }
config.arguments = Array(arguments[position...])
let script = arguments[position]
if let slash = script.lastIndex(of: UInt8(ascii: "/")) {
  config.firstPathEntry = Array(script[..<max(slash, 1)])
} else {
  config.firstPathEntry = []
}
guard let vm = Startup.initialize(config) else { exit(1) }
exit(Startup.finalize(vm, exitCode: Startup.runScript(vm, script)))
