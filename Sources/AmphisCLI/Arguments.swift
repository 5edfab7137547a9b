import Amphis
import Glibc
import PyRuntime

/// The command line, understood as `python3` understands its own.
struct Arguments {
  enum Action {
    case script([UInt8])
    case command([UInt8])
    case module([UInt8])
    case standardInput
    case version(Int)
    case help
    /// `--emit=marshal|pyc FILE`
    case emit(kind: String, file: String, output: String?)
    /// `--show=STAGES FILE`
    case show(stages: [Stage], source: ShownSource)
  }
  enum ShownSource {
    case file(String)
    case text([UInt8])
  }
  var action = Action.standardInput
  var config = StartConfig()
  var interactiveAfter = false
  var lossy: String?

  struct Refusal: Error {
    let message: String
  }

  static let usage = "usage: amphis [option] ... [-c cmd | -m mod | file | -] [arg] ..."

  static let help = """
    \(usage)
    Options (as for python3):
    -b     : issue warnings about comparing bytes with str (-bb: errors)
    -B     : don't write .pyc files; also PYTHONDONTWRITEBYTECODE=x
    -c cmd : program passed in as string (ends the option list)
    -E     : ignore PYTHON* environment variables
    -h     : print this help message and exit (also --help)
    -i     : go on interactively after running the script
    -I     : isolate from the user's environment (implies -E, -P and -s)
    -m mod : run a library module as a script (ends the option list)
    -O     : remove assert and __debug__-dependent statements
    -OO    : do -O changes and also discard docstrings
    -P     : don't put a possibly unsafe path first on sys.path
    -q     : no banner at an interactive start
    -s     : don't add the user's site folder to sys.path
    -S     : don't imply 'import site' on initialization
    -u     : unbuffered stdout and stderr; also PYTHONUNBUFFERED=x
    -v     : say which modules are imported
    -V     : print the version and exit (also --version)
    -W arg : warning control: action:message:category:module:lineno
    -X opt : implementation options: importorigin, maxheap=BYTES, gcstress, gccheck, int_max_str_digits=N, utf8, dev
    Amphis's own:
    --cpython=NAME,...          : take these modules from libpython whole
    --emit=marshal|pyc FILE     : compile FILE to standard output, or to the file after -o
    --show=STAGE[,...] FILE     : print tokens, ast, symbols, bytecode or registers (or all) of FILE, of - (standard input) or
                                  of the text after -c, in colour on a terminal unless NO_COLOR is set; nothing is run
    --warn-lossy[=warn|error|json|summary] : report what objects lose between the two heads
    file   : program read from a script file;   - : program read from standard input
    arg ...: arguments passed to the program in sys.argv[1:]
    Environment: PYTHONPATH, PYTHONHASHSEED, PYTHONOPTIMIZE, PYTHONUNBUFFERED, PYTHONDONTWRITEBYTECODE, PYTHONNOUSERSITE,
    PYTHONINSPECT, PYTHONVERBOSE, PYTHONWARNINGS, PYTHONIOENCODING, PYTHONPYCACHEPREFIX, PYTHONINTMAXSTRDIGITS, PYTHONSAFEPATH as for
    python3; AMPHISHOME: folder of the standard library.
    """

  init(_ words: [String]) throws(Refusal) {
    config.originalArguments = words.map { Array($0.utf8) }
    var rest: [[UInt8]] = []
    var i = 1
    var versions = 0
    scan: while i < words.count {
      let word = words[i]
      i += 1
      if word == "-" {
        action = .standardInput
        rest = words[i...].map { Array($0.utf8) }
        config.arguments = [Array("-".utf8)] + rest
        break
      }
      if word.hasPrefix("--") {
        i = try long(word, words, i)
        if case .emit = action { break }
        if case .show = action { break }
        continue
      }
      if !word.hasPrefix("-") {
        action = .script(Array(word.utf8))
        config.arguments = [Array(word.utf8)] + words[i...].map { Array($0.utf8) }
        break
      }
      var letters = Array(word.dropFirst())
      while !letters.isEmpty {
        let c = letters.removeFirst()
        func value() throws(Refusal) -> String {
          if !letters.isEmpty {
            let v = String(letters)
            letters = []
            return v
          }
          guard i < words.count else {
            throw Refusal(message: "Argument expected for the -\(c) option\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
          }
          i += 1
          return words[i - 1]
        }
        switch c {
        case "c":
          action = .command(Array((try value() + "\n").utf8))
          config.arguments = [Array("-c".utf8)] + words[i...].map { Array($0.utf8) }
          break scan
        case "m":
          action = .module(Array((try value()).utf8))
          config.arguments = [Array("-m".utf8)] + words[i...].map { Array($0.utf8) }
          break scan
        case "b": config.flags.bytesWarning += 1
        case "B": config.flags.dontWriteBytecode = true
        case "d": break
        case "E": config.flags.ignoreEnvironment = true
        case "h", "?": action = .help
        case "i":
          config.flags.inspect = true
          config.flags.interactive = true
          interactiveAfter = true
        case "I":
          config.flags.isolated = true
          config.flags.ignoreEnvironment = true
          config.flags.noUserSite = true
          config.flags.safePath = true
        case "O": config.flags.optimize += 1
        case "P": config.flags.safePath = true
        case "q": config.flags.quiet = true
        case "R": break
        case "s": config.flags.noUserSite = true
        case "S": config.flags.noSite = true
        case "u": config.flags.unbufferedStdio = true
        case "v": config.flags.verbose += 1
        case "V": versions += 1
        case "W": config.warnOptions.append(try value())
        case "X": option(try value())
        case "x": break
        default: throw Refusal(message: "unknown option -\(c)\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
        }
      }
    }
    if versions > 0 { action = .version(versions) }
    config.flags.optimize = min(config.flags.optimize, 2)
    if !config.flags.ignoreEnvironment { environment() }
    firstPathEntry()
  }

  private mutating func long(_ word: String, _ words: [String], _ next: Int) throws(Refusal) -> Int {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let value = parts.count > 1 ? parts[1] : nil
    switch parts[0] {
    case "--help", "--help-all": action = .help
    case "--version": action = .version(1)
    case "--cpython":
      guard let value, !value.isEmpty else { throw Refusal(message: "--cpython needs module names: --cpython=json,zlib\n") }
      config.forcedToCPython.formUnion(value.split(separator: ",").map(String.init))
    case "--warn-lossy":
      let mode = value ?? "warn"
      guard ["warn", "error", "json", "summary"].contains(mode) else {
        throw Refusal(message: "--warn-lossy=\(mode): the mode must be warn, error, json or summary\n")
      }
      lossy = mode
    case "--check-hash-based-pycs": break
    case "--emit":
      guard let value, value == "marshal" || value == "pyc" else { throw Refusal(message: "--emit must be --emit=marshal or --emit=pyc\n") }
      var file: String?, output: String?
      var i = next
      while i < words.count {
        if words[i] == "-o" {
          guard i + 1 < words.count else { throw Refusal(message: "-o needs a file name\n") }
          output = words[i + 1]
          i += 2
        } else if file == nil {
          file = words[i]
          i += 1
        } else {
          throw Refusal(message: "--emit takes one file, not also \(words[i])\n")
        }
      }
      guard let file else { throw Refusal(message: "--emit=\(value) needs a source file\n") }
      action = .emit(kind: value, file: file, output: output)
      return words.count
    case "--show":
      var stages: [Stage] = []
      for name in (value ?? "").split(separator: ",").map(String.init) {
        if name == "all" {
          stages += Stage.allCases
        } else if let stage = Stage(rawValue: name) {
          stages.append(stage)
        } else {
          throw Refusal(message: "--show=\(name): the stages are \(Stage.allCases.map(\.rawValue).joined(separator: ", ")) and all\n")
        }
      }
      guard !stages.isEmpty else { throw Refusal(message: "--show needs a stage: --show=ast FILE\n") }
      guard next < words.count else { throw Refusal(message: "--show needs a source: a file, - or -c and a text\n") }
      var end = next + 1
      var source = ShownSource.file(words[next])
      if words[next] == "-c" {
        guard end < words.count else { throw Refusal(message: "Argument expected for the -c option\n") }
        source = .text(Array((words[end] + "\n").utf8))
        end += 1
      }
      guard end == words.count else { throw Refusal(message: "--show takes one source, not also \(words[end])\n") }
      action = .show(stages: stages, source: source)
      return words.count
    default: throw Refusal(message: "unknown option \(parts[0])\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
    }
    return next
  }

  private mutating func option(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let value = parts.count > 1 ? parts[1] : nil
    config.xOptions.append((parts[0], value))
    switch parts[0] {
    case "importorigin": config.flags.importOrigin = true
    case "gcstress": config.heapStress = true
    case "gccheck": config.heapChecks = true
    case "dev":
      config.flags.devMode = true
      config.warnOptions.insert("default", at: 0)
    case "utf8": config.flags.utf8Mode = value != "0"
    case "maxheap": if let n = value.flatMap({ Int($0) }), n > 0 { config.maximumHeapBytes = n }
    case "int_max_str_digits": if let n = value.flatMap({ Int($0) }), n == 0 || n >= 640 { config.flags.intMaxStrDigits = n }
    case "warn_default_encoding": config.flags.warnDefaultEncoding = true
    case "pycache_prefix": config.pycachePrefix = value.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
    default: break
    }
  }

  private static func variable(_ name: String) -> String? {
    guard let p = getenv(name) else { return nil }
    let s = String(cString: p)
    return s.isEmpty ? nil : s
  }

  private mutating func environment() {
    func number(_ name: String) -> Int32? { Arguments.variable(name).map { max(1, Int32($0) ?? 1) } }
    if let n = number("PYTHONOPTIMIZE") { config.flags.optimize = min(2, max(config.flags.optimize, n)) }
    if let n = number("PYTHONVERBOSE") { config.flags.verbose = max(config.flags.verbose, n) }
    if Arguments.variable("PYTHONDONTWRITEBYTECODE") != nil { config.flags.dontWriteBytecode = true }
    if Arguments.variable("PYTHONUNBUFFERED") != nil { config.flags.unbufferedStdio = true }
    if Arguments.variable("PYTHONNOUSERSITE") != nil { config.flags.noUserSite = true }
    if Arguments.variable("PYTHONSAFEPATH") != nil { config.flags.safePath = true }
    if Arguments.variable("PYTHONINSPECT") != nil {
      config.flags.inspect = true
      interactiveAfter = true
    }
    if let seed = Arguments.variable("PYTHONHASHSEED"), seed != "random" { config.flags.hashSeed = Int64(UInt32(seed) ?? 0) }
    if let n = Arguments.variable("PYTHONINTMAXSTRDIGITS").flatMap({ Int($0) }), n == 0 || n >= 640 { config.flags.intMaxStrDigits = n }
    if let p = Arguments.variable("PYTHONPYCACHEPREFIX"), config.pycachePrefix == nil { config.pycachePrefix = Array(p.utf8) }
    if let w = Arguments.variable("PYTHONWARNINGS") { config.warnOptions = w.split(separator: ",").map(String.init) + config.warnOptions }
    if let p = Arguments.variable("PYTHONPATH") {
      config.searchPath = p.split(separator: ":", omittingEmptySubsequences: false).map { Array($0.utf8) }
    }
  }

  /// The script's folder, or "" for the current one.
  private mutating func firstPathEntry() {
    switch action {
    case .script(let path):
      let name = String(decoding: path, as: UTF8.self)
      var resolved = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
      let real = realpath(name, &resolved) == nil ? name : String(cString: resolved)
      let folder = real.lastIndex(of: "/").map { String(real[..<$0]) } ?? ""
      config.firstPathEntry = Array((folder.isEmpty && real.hasPrefix("/") ? "/" : folder).utf8)
    case .module:
      // runpy replaces it by the module's own place; until then the current folder counts.
      if let cwd = getcwd(nil, 0) {
        config.firstPathEntry = Array(String(cString: cwd).utf8)
        free(cwd)
      }
    default: config.firstPathEntry = []
    }
  }
}
