/// What to parse: the `mode` argument of `compile`.
public enum ParseMode: Sendable {
  case exec, eval, single
  /// `func_type`: a PEP 484 signature comment such as `(int, str) -> bool`.
  case funcType
}

/// Flags of `compile` that concern the parser.
public struct ParseFlags: OptionSet, Sendable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }
  /// `# type:` comments become tokens and fields (`ast.PyCF_TYPE_COMMENTS`).
  public static let typeComments = ParseFlags(rawValue: 1)
  /// `from __future__ import barry_as_FLUFL` is in effect: `<>` is the inequality operator.
  public static let barryAsBDFL = ParseFlags(rawValue: 2)
  /// Source that ends too early fails with `isIncomplete` (`PyCF_ALLOW_INCOMPLETE_INPUT`, for read-eval loops).
  public static let allowIncompleteInput = ParseFlags(rawValue: 4)
  /// A trailing `\` or missing newline is not supplied (`PyCF_DONT_IMPLY_DEDENT`).
  public static let dontImplyDedent = ParseFlags(rawValue: 8)
  /// The source is text: no byte order mark, no coding cookie (`PyCF_IGNORE_COOKIE`).
  public static let ignoreCookie = ParseFlags(rawValue: 16)
  /// A file with the source's name exists: CPython takes the line it shows in an error from there.
  public static let sourceIsFile = ParseFlags(rawValue: 32)
}

/// Bounds that the caller sets for one parse.
public struct ParseLimits: Sendable {
  /// Minor version of the language (`feature_version` of `ast.parse`): what came later is an error.
  public var featureVersion = currentVersion
  /// `sys.get_int_max_str_digits()`: most digits of a decimal literal; 0 for any number.
  public var maxDigits = 4300
  /// Bytes left on the stack of the calling thread; nil: to be measured.
  public var stackRoom: Int?
  public static let currentVersion: Int32 = 11

  public init() {}
}

/// Why a source was rejected: the fields of a `SyntaxError`.
public struct SyntaxFailure: Error, Sendable {
  public enum Kind: Sendable { case syntaxError, indentationError, tabError, memoryError, valueError, unicodeDecodeError }
  public var kind: Kind
  public var message: String
  /// From 1; nil where CPython has None.
  public var lineno: Int?
  /// In characters from 1.
  public var offset: Int?
  public var endLineno: Int?
  public var endOffset: Int?
  /// The source line with its newline; UTF-8, nil for None. The undecodable bytes of a `unicodeDecodeError`.
  public var text: [UInt8]?
  /// True when more input might make the source valid (only with `allowIncompleteInput`).
  public var isIncomplete: Bool

  public init(
    _ kind: Kind, _ message: String, lineno: Int? = nil, offset: Int? = nil, endLineno: Int? = nil, endOffset: Int? = nil,
    text: [UInt8]? = nil, isIncomplete: Bool = false
  ) {
    self.kind = kind
    self.message = message
    self.lineno = lineno
    self.offset = offset
    self.endLineno = endLineno
    self.endOffset = endOffset
    self.text = text
    self.isIncomplete = isIncomplete
  }
}

/// A warning that the parser asks its caller to issue through Python's `warnings`.
public struct SyntaxWarning: Sendable {
  public enum Category: Sendable { case deprecation, syntax }
  /// What was being read. A literal's warning that becomes an error makes CPython read the rest of the tokens, which may have warnings
  /// of their own and, if those are errors too, the last word: in a wrong source, `unreadToken` stands for those behind its end.
  public enum Origin: Sendable { case literal, token, unreadToken }
  public var category: Category
  public var origin: Origin
  public var message: String
  public var lineno: Int
  public var offset: Int
  public var endLineno: Int
  public var endOffset: Int
  /// The source line, for a token of an f-string: not the file's.
  public var text: [UInt8]? = nil
  /// Where the escape lies in memory, or the expression of the f-string with the token: tells those apart that share a token.
  var address: UInt = 0
  /// What CPython raises if a filter makes the warning an error. Nil until the whole source has been parsed.
  public var failure: SyntaxFailure?
}

public enum ParseResult {
  case success(SyntaxTree, warnings: [SyntaxWarning])
  case failure(SyntaxFailure, warnings: [SyntaxWarning])
}

/// Decodes source bytes in an encoding that the tokenizer does not know itself.
/// - Returns: UTF-8, or nil with the reason (the text after "encoding problem: ", or a codec's message).
public typealias SourceDecoder = (_ encoding: String, _ source: UnsafeBufferPointer<UInt8>) -> SourceDecoding

public enum SourceDecoding {
  case text([UInt8])
  case unknownEncoding
  /// The message of the UnicodeDecodeError.
  case undecodable(String)
}
