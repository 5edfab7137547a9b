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
    case help(HelpPage)
    /// `--emit=marshal|pyc FILE`
    case emit(kind: String, file: String, output: String?)
    /// `--show=STAGES FILE`
    case show(stages: [Stage], source: ShownSource)
    /// `--write-image=FILE`
    case writeImage(String)
  }
  enum ImageChoice {
    case besideExecutable
    case off
    case file(String)
  }
  enum ShownSource {
    case file(String)
    case text([UInt8])
  }
  var action = Action.standardInput
  var config = StartConfig()
  var interactiveAfter = false
  var lossy: String?
  /// Where code of the standard library may come from
  var image = ImageChoice.besideExecutable
  /// -R: random hashes even if PYTHONHASHSEED says otherwise
  private var randomHashes = false
  /// -X utf8 or PYTHONUTF8
  private var utf8: Bool?
  /// -X pycache_prefix, even without a value
  private var prefixGiven = false
  private var tracedFramesSet = false
  private var heapLimitSet = false
  private var machineModeSet = false

  enum HelpPage { case options, environment, xOptions, all }

  struct Refusal: Error {
    let message: String
    var code: Int32 = 2
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
    -V     : print the version and exit (also --version); -VV: also which image of the standard library is used
    -W arg : warning control: action:message:category:module:lineno
    -X opt : an implementation option (see --help-xoptions)
    Amphis's own:
    --cpython=NAME,...          : take these modules from libpython whole
    --emit=marshal|pyc FILE     : compile FILE to standard output, or to the file after -o
    --show=STAGE[,...] FILE     : print tokens, ast, symbols, bytecode or registers (or all) of FILE, of - (standard input) or
                                  of the text after -c, in colour on a terminal unless NO_COLOR is set; nothing is run
    --warn-lossy[=warn|error|json|summary] : report what objects lose between the two heads
    --write-image=FILE          : write the code of the standard library as this executable maps it when it starts
    file   : program read from a script file;   - : program read from standard input
    arg ...: arguments passed to the program in sys.argv[1:]
    --help-env: about environment variables; --help-xoptions: about -X options; --help-all: everything
    """

  static let environmentHelp = """
    Environment variables, as for python3:
    PYTHONPATH               : ':'-separated folders put before the default search path
    PYTHONHOME               : not used; AMPHISHOME names the folder of the standard library
    PYTHONHASHSEED           : a number: the seed of str hashes; random: random ones
    PYTHONOPTIMIZE, PYTHONDEBUG, PYTHONVERBOSE, PYTHONINSPECT, PYTHONUNBUFFERED : as -O, -d, -v, -i, -u
    PYTHONDONTWRITEBYTECODE, PYTHONNOUSERSITE, PYTHONSAFEPATH : as -B, -s, -P
    PYTHONWARNINGS           : as -W, several separated by commas
    PYTHONIOENCODING         : encoding[:errors] of the standard streams
    PYTHONUTF8               : 1: UTF-8 mode, 0: none
    PYTHONDEVMODE            : as -X dev
    PYTHONNODEBUGRANGES      : as -X no_debug_ranges
    PYTHONPYCACHEPREFIX      : folder of the .pyc files
    PYTHONINTMAXSTRDIGITS    : most digits of an int in decimal text; 0: no limit
    PYTHONFAULTHANDLER, PYTHONTRACEMALLOC : as -X faulthandler, -X tracemalloc
    AMPHISMAXHEAP            : as -X maxheap
    AMPHISJIT                : as -X jit
    """

  static let xOptionsHelp = """
    Options of -X:
    -X dev                   : development mode: all warnings, faulthandler, more checks
    -X faulthandler          : show tracebacks on fatal errors
    -X gccheck               : check the heap after each collection
    -X gcstress[=N]          : collect at each allocation, or at each Nth
    -X heapstats             : say at the end what the heap holds, by type
    -X image=FILE|off        : use this image of the standard library, or none (docs/image.md)
    -X importorigin          : say for each import where the module comes from
    -X int_max_str_digits=N  : most digits of an int in decimal text; 0: no limit
    -X jit=off|on|always|exits : machine code for hot loops (docs/jit.md): none, where loops are hot (so by default), for all loops, or for all
                               and left at random places (a test); also AMPHISJIT
    -X jitstats              : say at the end what became machine code
    -X maxheap=SIZE          : raise MemoryError instead of letting the heap grow beyond SIZE bytes (or 500K, 64M, 2G); also
                               AMPHISMAXHEAP
    -X no_debug_ranges       : code objects without columns: smaller, and no carets in tracebacks
    -X pycache_prefix=PATH   : folder of the .pyc files
    -X tracemalloc[=N]       : trace where memory is allocated, with tracebacks of at most N frames
    -X utf8[=0|1]            : UTF-8 mode
    -X warn_default_encoding : warn when text is opened without an encoding
    """

  /// The words as the system passed them: arguments of the program need not be UTF-8.
  static func fromSystem() -> [[UInt8]] {
    (0..<Int(CommandLine.argc)).compactMap { i in
      CommandLine.unsafeArgv[i].map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
    }
  }

  init(_ raw: [[UInt8]]) throws(Refusal) {
    config.originalArguments = raw
    let words = raw.map { String(decoding: $0, as: UTF8.self) }
    var i = 1
    var versions = 0
    scan: while i < words.count {
      let word = words[i]
      i += 1
      if word == "-" {
        action = .standardInput
        config.arguments = [Array("-".utf8)] + raw[i...]
        break
      }
      if word.hasPrefix("--") {
        i = try long(word, words, i)
        if case .emit = action { break }
        if case .show = action { break }
        continue
      }
      if !word.hasPrefix("-") {
        action = .script(raw[i - 1])
        config.arguments = [raw[i - 1]] + raw[i...]
        break
      }
      var letters = Array(raw[i - 1].dropFirst())
      while !letters.isEmpty {
        let c = Character(UnicodeScalar(letters.removeFirst()))
        func rawValue() throws(Refusal) -> [UInt8] {
          if !letters.isEmpty {
            let v = letters
            letters = []
            return v
          }
          guard i < raw.count else {
            throw Refusal(message: "Argument expected for the -\(c) option\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
          }
          i += 1
          return raw[i - 1]
        }
        func value() throws(Refusal) -> String { String(decoding: try rawValue(), as: UTF8.self) }
        switch c {
        case "c":
          let source = try rawValue()
          if String(validating: source, as: UTF8.self) == nil {
            throw Refusal(message: "Unable to decode the command from the command line:\n", code: 1)
          }
          action = .command(source + [10])
          config.arguments = [Array("-c".utf8)] + raw[i...]
          break scan
        case "m":
          action = .module(try rawValue())
          config.arguments = [Array("-m".utf8)] + raw[i...]
          break scan
        case "b": config.flags.bytesWarning += 1
        case "B": config.flags.dontWriteBytecode = true
        case "d": config.flags.debug += 1
        case "E": config.flags.ignoreEnvironment = true
        case "h", "?": action = .help(.options)
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
        case "R": randomHashes = true
        case "s": config.flags.noUserSite = true
        case "S": config.flags.noSite = true
        case "u": config.flags.unbufferedStdio = true
        case "v": config.flags.verbose += 1
        case "V": versions += 1
        case "W": config.warnOptions.append(try value())
        case "X": try option(try value())
        case "x": break
        default: throw Refusal(message: "Unknown option: -\(c)\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
        }
      }
    }
    if versions > 0 { action = .version(versions) }
    if !config.flags.ignoreEnvironment { try environment() }
    if config.flags.devMode { config.warnOptions.insert("default", at: 0) }
    if config.flags.bytesWarning > 0 {
      config.warnOptions.append(config.flags.bytesWarning > 1 ? "error::BytesWarning" : "default::BytesWarning")
    }
    config.flags.utf8Mode = utf8 ?? Arguments.isPlainLocale()
    firstPathEntry()
  }

  /// In the C and POSIX locales UTF-8 mode is on unless it is asked off.
  private static func isPlainLocale() -> Bool {
    let name = variable("LC_ALL") ?? variable("LC_CTYPE") ?? variable("LANG") ?? "C"
    return name == "C" || name == "POSIX"
  }

  private mutating func long(_ word: String, _ words: [String], _ next: Int) throws(Refusal) -> Int {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let value = parts.count > 1 ? parts[1] : nil
    switch parts[0] {
    case "--help": action = .help(.options)
    case "--help-all": action = .help(.all)
    case "--help-env": action = .help(.environment)
    case "--help-xoptions": action = .help(.xOptions)
    case "--version": action = .version(1)
    case "--cpython":
      guard let value, !value.isEmpty else { throw Refusal(message: "--cpython needs module names: --cpython=json,zlib\n") }
      let names = value.split(separator: ",").map(String.init)
      if let name = names.first(where: ForcedOrigins.needed.contains) {
        throw Refusal(message: "--cpython=\(name): the virtual machine cannot do without its own '\(name)'\n")
      }
      config.forcedToCPython += names
    case "--warn-lossy":
      let mode = value ?? "warn"
      guard ["warn", "error", "json", "summary"].contains(mode) else {
        throw Refusal(message: "--warn-lossy=\(mode): the mode must be warn, error, json or summary\n")
      }
      lossy = mode
    case "--check-hash-based-pycs":
      guard next < words.count else {
        throw Refusal(
          message:
            "Argument expected for the --check-hash-based-pycs options\n\(Arguments.usage)\nTry `amphis -h' for more information.\n")
      }
      guard let mode = HashPycs(rawValue: words[next]) else {
        throw Refusal(
          message:
            "--check-hash-based-pycs must be one of 'default', 'always', or 'never'\n\(Arguments.usage)\nTry `amphis -h' for more information.\n"
        )
      }
      config.flags.hashPycs = mode
      return next + 1
    case "--write-image":
      guard let value, !value.isEmpty else { throw Refusal(message: "--write-image needs the file to write: --write-image=FILE\n") }
      action = .writeImage(value)
      image = .off
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

  private mutating func option(_ text: String) throws(Refusal) {
    let bytes = Array(text.utf8)
    let end = bytes.firstIndex(of: UInt8(ascii: "=")) ?? bytes.count
    let name = String(decoding: bytes[..<end], as: UTF8.self)
    let value = end < bytes.count ? String(decoding: bytes[(end + 1)...], as: UTF8.self) : nil
    config.xOptions.append((name, value))
    switch name {
    case "importorigin": config.flags.importOrigin = true
    case "image": image = value == "off" ? .off : value.map { .file($0) } ?? .besideExecutable
    case "gcstress":
      let period = value.map { Int($0) ?? 0 } ?? 1
      guard period > 0 else { throw Refusal(message: "-X gcstress=\(value ?? ""): the period must be a number above 0\n") }
      config.heapStressPeriod = period
    case "tracemalloc": try tracedFrames(value ?? "1", "-X tracemalloc=NFRAME: invalid number of frames")
    case "jit": try machineMode(value ?? "", "-X jit")
    case "jitstats": config.machineStatistics = true
    case "gccheck": config.heapChecks = true
    case "heapstats": config.heapStatistics = true
    case "dev": config.flags.devMode = true
    case "utf8":
      guard value == nil || value == "0" || value == "1" else {
        throw Refusal(message: "Fatal Python error: invalid -X utf8 option value\n", code: 1)
      }
      utf8 = value != "0"
    case "maxheap": try heapLimit(value ?? "", "-X maxheap")
    case "int_max_str_digits": try digits(value, "-X int_max_str_digits: invalid limit")
    case "warn_default_encoding": config.flags.warnDefaultEncoding = true
    case "no_debug_ranges": config.flags.noDebugRanges = true
    case "pycache_prefix":
      config.pycachePrefix = value.flatMap { $0.isEmpty ? nil : Array($0.utf8) }
      prefixGiven = true
    default: break
    }
  }

  private mutating func digits(_ text: String?, _ complaint: String) throws(Refusal) {
    guard let n = text.flatMap({ Int($0) }), n == 0 || (n >= 640 && n <= Int32.max) else {
      throw Refusal(
        message: "Fatal Python error: config_init_int_max_str_digits: \(complaint); must be >= 640 or 0 for unlimited.\n", code: 1)
    }
    config.flags.intMaxStrDigits = n
    config.flags.intMaxStrDigitsSet = true
  }

  private mutating func tracedFrames(_ text: String, _ complaint: String) throws(Refusal) {
    guard let n = Int(text), n >= 0, n <= 65_535 else {
      throw Refusal(message: "Fatal Python error: config_init_tracemalloc: \(complaint)\n", code: 1)
    }
    config.tracedFrames = n
    tracedFramesSet = true
  }

  /// A number of bytes, or of kibibytes, mebibytes or gibibytes with K, M or G behind it.
  private mutating func heapLimit(_ text: String, _ option: String) throws(Refusal) {
    let units: [Character: Int] = ["k": 10, "m": 20, "g": 30]
    let shift = text.last.flatMap { units[Character($0.lowercased())] }
    let (bytes, overflow) = (Int(shift == nil ? text : String(text.dropLast())) ?? 0).multipliedReportingOverflow(by: 1 << (shift ?? 0))
    guard bytes > 0, !overflow else {
      throw Refusal(message: "\(option): '\(text)' is no size; examples: 500000, 500K, 64M, 2G\n")
    }
    config.maximumHeapBytes = bytes
    heapLimitSet = true
  }

  private mutating func machineMode(_ text: String, _ option: String) throws(Refusal) {
    guard let mode = MachineMode(rawValue: text) else {
      throw Refusal(message: "\(option): '\(text)' is none of off, on, always and exits\n")
    }
    config.machineMode = mode
    machineModeSet = true
  }

  private static func variable(_ name: String) -> String? {
    guard let p = getenv(name) else { return nil }
    let s = String(cString: p)
    return s.isEmpty ? nil : s
  }

  private mutating func environment() throws(Refusal) {
    func number(_ name: String) -> Int32? { Arguments.variable(name).map { max(1, Int32($0) ?? 1) } }
    if let n = number("PYTHONOPTIMIZE") { config.flags.optimize = max(config.flags.optimize, n) }
    if let n = number("PYTHONVERBOSE") { config.flags.verbose = max(config.flags.verbose, n) }
    if Arguments.variable("PYTHONDONTWRITEBYTECODE") != nil { config.flags.dontWriteBytecode = true }
    if Arguments.variable("PYTHONUNBUFFERED") != nil { config.flags.unbufferedStdio = true }
    if Arguments.variable("PYTHONNOUSERSITE") != nil { config.flags.noUserSite = true }
    if Arguments.variable("PYTHONSAFEPATH") != nil { config.flags.safePath = true }
    if Arguments.variable("PYTHONNODEBUGRANGES") != nil { config.flags.noDebugRanges = true }
    if Arguments.variable("PYTHONINSPECT") != nil {
      config.flags.inspect = true
      interactiveAfter = true
    }
    if let n = number("PYTHONDEBUG") { config.flags.debug = max(config.flags.debug, n) }
    if Arguments.variable("PYTHONDEVMODE") != nil { config.flags.devMode = true }
    if utf8 == nil, let mode = Arguments.variable("PYTHONUTF8") {
      guard mode == "0" || mode == "1" else {
        throw Refusal(message: "Fatal Python error: invalid PYTHONUTF8 environment variable value\n", code: 1)
      }
      utf8 = mode == "1"
    }
    if !randomHashes, let seed = Arguments.variable("PYTHONHASHSEED"), seed != "random" {
      guard let n = UInt32(seed) else {
        throw Refusal(
          message: "Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n",
          code: 1)
      }
      config.flags.hashSeed = Int64(n)
    }
    if !config.flags.intMaxStrDigitsSet, let n = Arguments.variable("PYTHONINTMAXSTRDIGITS") {
      try digits(n, "PYTHONINTMAXSTRDIGITS: invalid limit")
    }
    if !tracedFramesSet, let n = Arguments.variable("PYTHONTRACEMALLOC") {
      try tracedFrames(n, "PYTHONTRACEMALLOC: invalid number of frames")
    }
    if !machineModeSet, let mode = Arguments.variable("AMPHISJIT") { try machineMode(mode, "AMPHISJIT") }
    if !heapLimitSet, let size = Arguments.variable("AMPHISMAXHEAP") { try heapLimit(size, "AMPHISMAXHEAP") }
    if let p = Arguments.variable("PYTHONPYCACHEPREFIX"), !prefixGiven { config.pycachePrefix = Array(p.utf8) }
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
