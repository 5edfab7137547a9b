/// Kinds of tokens. `NAME` of a reserved word becomes its keyword kind; soft keywords (`match`, `case`, `_`) stay names.
public enum TokenKind: UInt8, Sendable {
  case ENDMARKER, NAME, NUMBER, STRING, NEWLINE, INDENT, DEDENT
  case LPAR, RPAR, LSQB, RSQB, COLON, COMMA, SEMI, PLUS, MINUS, STAR, SLASH, VBAR, AMPER, LESS, GREATER, EQUAL, DOT, PERCENT
  case LBRACE, RBRACE, EQEQUAL, NOTEQUAL, LESSEQUAL, GREATEREQUAL, TILDE, CIRCUMFLEX, LEFTSHIFT, RIGHTSHIFT, DOUBLESTAR
  case PLUSEQUAL, MINEQUAL, STAREQUAL, SLASHEQUAL, PERCENTEQUAL, AMPEREQUAL, VBAREQUAL, CIRCUMFLEXEQUAL, LEFTSHIFTEQUAL
  case RIGHTSHIFTEQUAL, DOUBLESTAREQUAL, DOUBLESLASH, DOUBLESLASHEQUAL, AT, ATEQUAL, RARROW, ELLIPSIS, COLONEQUAL
  /// A character that begins no token (`$`, `?`, `!`, a backquote).
  case OP
  case TYPE_IGNORE, TYPE_COMMENT
  case ERRORTOKEN
  // Keywords, in the order of `ReservedName`.
  case kFalse, kNone, kTrue, kAnd, kAs, kAssert, kAsync, kAwait, kBreak, kClass, kContinue, kDef, kDel, kElif, kElse, kExcept
  case kFinally, kFor, kFrom, kGlobal, kIf, kImport, kIn, kIs, kLambda, kNonlocal, kNot, kOr, kPass, kRaise, kReturn, kTry
  case kWhile, kWith, kYield

  static let firstKeyword = TokenKind.kFalse
  static let keywordCount = 35

  /// NEWLINE, INDENT, DEDENT and ENDMARKER do not extend a node's end position.
  @inline(__always)
  var isWhitespace: Bool { rawValue == 0 || (rawValue >= 4 && rawValue <= 6) }

  /// After an item of a display or an argument.
  @inline(__always)
  var endsItem: Bool { self == .COMMA || self == .RSQB || self == .RPAR || self == .RBRACE }
}

/// Names at fixed places in every tree's `NameTable`: the keywords at 0..<35, then the soft keywords and the two names that
/// have rules of their own for error messages.
enum ReservedName {
  static let match = Name(index: 35)
  static let `case` = Name(index: 36)
  static let underscore = Name(index: 37)
  static let print = Name(index: 38)
  static let exec = Name(index: 39)

  static func install(in names: NameTable) {
    let words: StaticString =
      "False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case _ print exec "
    let bytes = words.utf8Start
    var start = 0
    for index in 0..<words.utf8CodeUnitCount where bytes[index] == 0x20 {
      _ = names.intern(bytes + start, count: index - start)
      start = index + 1
    }
  }
}

/// One token. `start ..< end` are byte offsets into the tokenizer's buffer. Columns are bytes from the start of the line, -1
/// where CPython has none (INDENT, DEDENT, ENDMARKER).
public struct Token {
  public var kind: TokenKind
  /// Depth of open brackets after this token.
  public var level: UInt8
  public var start: Int32
  public var end: Int32
  public var lineno: Int32
  public var col: Int32
  public var endLineno: Int32
  public var endCol: Int32
  /// The identifier of a NAME; undefined for other kinds.
  public var name: Int32
}

/// Growable flat array of tokens, without the checks and reference counts of `Array`.
struct TokenBuffer {
  private(set) var base: UnsafeMutablePointer<Token>
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int) {
    self.capacity = max(capacity, 16)
    base = .allocate(capacity: self.capacity)
  }

  func free() { base.deallocate() }

  @inline(__always)
  mutating func append(_ token: Token) {
    if count == capacity { grow() }
    (base + count).initialize(to: token)
    count &+= 1
  }

  @inline(never)
  private mutating func grow() {
    let larger = UnsafeMutablePointer<Token>.allocate(capacity: capacity &* 2)
    larger.moveInitialize(from: base, count: count)
    base.deallocate()
    base = larger
    capacity &*= 2
  }
}
