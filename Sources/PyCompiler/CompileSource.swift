import Glibc
import PyBytecode
import PySyntax

/// The `PyCF_*` bits of `compile`'s flags that matter here.
public struct SourceFlags: OptionSet, Sendable {
  public var rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let dontImplyDedent = SourceFlags(rawValue: 0x200)
  public static let ignoreCookie = SourceFlags(rawValue: 0x800)
  public static let typeComments = SourceFlags(rawValue: 0x1000)
  public static let allowTopLevelAwait = SourceFlags(rawValue: 0x2000)
  public static let allowIncompleteInput = SourceFlags(rawValue: 0x4000)
}

/// The arguments of `compile(source, filename, mode, flags, optimize=)`.
public struct SourceRequest {
  public var mode: CompileOptions.Mode
  /// `CO_FUTURE_*` and `PyCF_*` bits together, as Python passes them.
  public var flags: UInt32
  public var optimize: Int
  /// UTF-8 with surrogatepass.
  public var filename: [UInt8]
  public var limits = ParseLimits()
  /// See `CompileOptions`.
  public var depthLimit = 3000
  public var startDepth = 0

  public init(mode: CompileOptions.Mode, flags: UInt32 = 0, optimize: Int = 0, filename: [UInt8]) {
    self.mode = mode
    self.flags = flags
    self.optimize = optimize
    self.filename = filename
  }
}

/// Why source was rejected, with all that the Python exception needs. Lines and offsets from 1; nil where Python has None.
public struct SourceError: Error, Sendable {
  public enum Kind: String, Sendable {
    case syntaxError = "SyntaxError"
    case indentationError = "IndentationError"
    case tabError = "TabError"
    case memoryError = "MemoryError"
    case valueError = "ValueError"
    case unicodeDecodeError = "UnicodeDecodeError"
    case recursionError = "RecursionError"
    case systemError = "SystemError"
    case runtimeError = "RuntimeError"
  }
  public var kind: Kind
  public var message: String
  public var line: Int?
  public var offset: Int?
  public var endLine: Int?
  public var endOffset: Int?
  /// The source line; UTF-8, nil for None.
  public var text: [UInt8]?
  /// More input might make the source valid (only with `allowIncompleteInput`).
  public var isIncomplete = false

  /// `IncompleteInputError` is not a class of 3.11: it is a `SyntaxError` too.
  public var isSyntaxError: Bool { kind == .syntaxError || kind == .indentationError || kind == .tabError }
}

/// A warning to be issued through Python's `warnings`.
public struct SourceWarning: Sendable {
  /// What was at hand. When the warning of a literal becomes an error, those of tokens behind it (read by the parser or not) are issued
  /// too, and the first of them that is an error takes its place; otherwise `unreadToken`s are not issued.
  public enum Origin: Sendable { case literal, token, unreadToken, compiler }
  public var origin: Origin
  /// `SyntaxWarning` or `DeprecationWarning`.
  public var category: String
  public var message: String
  public var line: Int
  /// To be raised if a filter makes the warning an error.
  public var error: SourceError
}

public struct SourceOutcome {
  /// Not `Result`, whose metadata a start would have to put together.
  public enum Compiled {
    case success(CodeBlueprint)
    case failure(SourceError)

    public func get() throws -> CodeBlueprint {
      switch self {
      case .success(let code): return code
      case .failure(let error): throw error
      }
    }
  }
  public var result: Compiled
  /// In the order in which CPython issues them; issued also when there is an error after them.
  public var warnings: [SourceWarning]
}

/// Parses and compiles source.
/// - Parameters:
///   - source: bytes of a file, or UTF-8 text with `ignoreCookie` among the flags.
///   - decoder: for encodings other than UTF-8, Latin-1 and ASCII; the C library decodes them if there is none.
public func compileSource(
  _ source: UnsafeBufferPointer<UInt8>, _ request: SourceRequest, decoder: SourceDecoder? = nil
) -> SourceOutcome {
  let parsed = parseSource(source, request, decoder: decoder)
  switch parsed.result {
  case .failure(let failure): return SourceOutcome(result: .failure(failure), warnings: parsed.warnings)
  case .success(let tree):
    var outcome = compileTree(tree, request)
    outcome.warnings = parsed.warnings + outcome.warnings
    return outcome
  }
}

public struct ParsedSource {
  public enum Parsed {
    case success(SyntaxTree)
    case failure(SourceError)
  }
  public var result: Parsed
  public var warnings: [SourceWarning]
}

/// Parses source with the flags of `compile`.
public func parseSource(
  _ source: UnsafeBufferPointer<UInt8>, _ request: SourceRequest, decoder: SourceDecoder? = nil
) -> ParsedSource {
  let bits = SourceFlags(rawValue: request.flags)
  var flags: ParseFlags = []
  if bits.contains(.typeComments) { flags.insert(.typeComments) }
  if bits.contains(.allowIncompleteInput) { flags.insert(.allowIncompleteInput) }
  if bits.contains(.dontImplyDedent) { flags.insert(.dontImplyDedent) }
  if bits.contains(.ignoreCookie) { flags.insert(.ignoreCookie) }
  if CodeFlags(rawValue: request.flags).contains(.futureBarryAsBDFL) { flags.insert(.barryAsBDFL) }
  if isReadable(request.filename) { flags.insert(.sourceIsFile) }
  let mode: ParseMode
  switch request.mode {
  case .exec: mode = .exec
  case .eval: mode = .eval
  case .single: mode = .single
  case .functionType: mode = .funcType
  }
  switch SyntaxTree.parse(source, mode: mode, flags: flags, limits: request.limits, decoder: decoder ?? decodeWithLibrary) {
  case .failure(let failure, let warnings):
    return ParsedSource(result: .failure(SourceError(failure)), warnings: warnings.map(SourceWarning.init))
  case .success(let tree, let warnings): return ParsedSource(result: .success(tree), warnings: warnings.map(SourceWarning.init))
  }
}

/// Compiles a parsed or synthetic tree with the flags of `compile`. The tree is changed.
public func compileTree(_ tree: SyntaxTree, _ request: SourceRequest) -> SourceOutcome {
  let outcome = compile(tree, filename: request.filename, options: request.options)
  let warnings = outcome.warnings.map { SourceWarning($0, request.filename) }
  switch outcome.result {
  case .success(let code): return SourceOutcome(result: .success(code), warnings: warnings)
  case .failure(let failure): return SourceOutcome(result: .failure(SourceError(failure, request.filename)), warnings: warnings)
  }
}

extension SourceRequest {
  var options: CompileOptions {
    var options = CompileOptions(
      mode: mode, inheritedFlags: CodeFlags(rawValue: flags).intersection(.futureMask), optimize: optimize,
      allowsTopLevelAwait: SourceFlags(rawValue: flags).contains(.allowTopLevelAwait))
    options.depthLimit = depthLimit
    options.startDepth = startDepth
    options.stackRoom = limits.stackRoom
    return options
  }
}

extension SourceWarning {
  init(_ warning: SyntaxWarning) {
    let origin: Origin
    switch warning.origin {
    case .literal: origin = .literal
    case .token: origin = .token
    case .unreadToken: origin = .unreadToken
    }
    self.init(
      origin: origin, category: warning.category == .deprecation ? "DeprecationWarning" : "SyntaxWarning", message: warning.message,
      line: warning.lineno,
      error: SourceError(warning.failure ?? SyntaxFailure(.syntaxError, warning.message, lineno: warning.lineno)))
  }

  init(_ warning: CompileWarning, _ filename: [UInt8]) {
    self.init(
      origin: .compiler, category: "SyntaxWarning", message: warning.message, line: Int(warning.location.line),
      error: SourceError(.syntax(warning.message, warning.location), filename))
  }
}

extension SourceError {
  public init(_ failure: SyntaxFailure) {
    switch failure.kind {
    case .syntaxError: kind = .syntaxError
    case .indentationError: kind = .indentationError
    case .tabError: kind = .tabError
    case .memoryError: kind = .memoryError
    case .valueError: kind = .valueError
    case .unicodeDecodeError: kind = .unicodeDecodeError
    }
    message = failure.message
    line = failure.lineno
    offset = failure.offset
    endLine = failure.endLineno
    endOffset = failure.endOffset
    text = failure.text
    isIncomplete = failure.isIncomplete
  }

  /// Errors of symbols and lowering give columns in bytes, and show the line of the file with the source's name, if there is one.
  init(_ failure: CompilerFailure, _ filename: [UInt8]) {
    kind = .syntaxError
    switch failure {
    case .recursionError:
      kind = .recursionError
      message = "maximum recursion depth exceeded during compilation"
    case .runtimeError(let text):
      kind = .runtimeError
      message = text
    case .systemError(let text):
      kind = .systemError
      message = text
    case .syntax(let text, let at):
      message = text
      line = Int(at.line)
      offset = Int(at.column) + 1
      endLine = Int(at.endLine)
      endOffset = at.endColumn < -1 ? nil : Int(at.endColumn) + 1
      self.text = lineOfFile(filename, Int(at.line))
    }
  }
}

private func isReadable(_ filename: [UInt8]) -> Bool {
  if filename.first == UInt8(ascii: "<") || filename.contains(0) { return false }
  return access(filename.map { CChar(bitPattern: $0) } + [0], R_OK) == 0
}

/// Line `number` (from 1) of a file with its newline, nil if there is none.
private func lineOfFile(_ filename: [UInt8], _ number: Int) -> [UInt8]? {
  guard number > 0, isReadable(filename), let file = fopen(filename.map { CChar(bitPattern: $0) } + [0], "rb") else { return nil }
  defer { fclose(file) }
  var buffer: UnsafeMutablePointer<CChar>?
  var capacity = 0
  defer { free(buffer) }
  for current in 1...number {
    let count = getline(&buffer, &capacity, file)
    guard count > 0, let buffer else { return nil }
    if current == number {
      let line = (0..<count).map { UInt8(bitPattern: buffer[$0]) }
      return isSurrogatePassUTF8(line) ? line : nil
    }
  }
  return nil
}
