/// The tokens of one source: the tokenizer, the tokens read so far, and what the parser adds to them (the start of an
/// expression inside an f-string, the newline that ends interactive input).
struct TokenSource {
  var tokenizer: Tokenizer
  var tokens: TokenBuffer
  let names: NameTable
  let mode: SourceMode
  let impliesDedent: Bool
  /// Columns on this line are shifted: the line of the f-string expression's opening brace.
  var startingLineno: Int32 = 0
  var startingCol: Int32 = 0
  private var parsingStarted = false
  /// The language before 3.7: `async` and `await` are words like others but in `async def` functions.
  var hasAsyncNames = false
  private var asyncFunction: AsyncFunction?

  /// The `async def` around the token: its indentation, and whether its first line has ended.
  private struct AsyncFunction {
    let indent: Int
    var isInBody = false
  }
  var typeIgnores: [(lineno: Int32, start: Int32, end: Int32)] = []

  enum SourceMode { case exec, eval, single, funcType, fstring }

  init(_ tokenizer: Tokenizer, names: NameTable, mode: SourceMode, impliesDedent: Bool, capacity: Int) {
    self.tokenizer = tokenizer
    self.names = names
    self.mode = mode
    self.impliesDedent = impliesDedent
    tokens = TokenBuffer(capacity: capacity)
  }

  func free() {
    tokenizer.free()
    tokens.free()
  }

  /// Appends one token and returns its kind. After ENDMARKER or ERRORTOKEN there are no more.
  @inline(__always)
  mutating func fetch() -> TokenKind {
    var kind = tokenizer.get()
    while kind == .TYPE_IGNORE {
      if let start = tokenizer.tokenStart, let end = tokenizer.tokenEnd {
        typeIgnores.append((tokenizer.lineno, Int32(start - tokenizer.base), Int32(end - tokenizer.base)))
      }
      kind = tokenizer.get()
    }
    if mode == .single {
      if kind == .ENDMARKER && parsingStarted {
        kind = .NEWLINE
        parsingStarted = false
        if tokenizer.indent > 0 && impliesDedent {
          tokenizer.pendin = -tokenizer.indent
          tokenizer.indent = 0
        }
      } else {
        parsingStarted = true
      }
    }
    append(kind)
    return tokens.base[tokens.count - 1].kind
  }

  @inline(__always)
  private mutating func append(_ tokenKind: TokenKind) {
    if hasAsyncNames { leaveAsyncFunction(tokenKind) }
    var kind = tokenKind
    var name: Int32 = -1
    let base = tokenizer.base
    var start: Int32 = 0
    var end: Int32 = 0
    let lineStart = kind == .STRING ? tokenizer.multiLineStart : tokenizer.lineStart
    let lineno = kind == .STRING ? tokenizer.firstLineno : tokenizer.lineno
    var col: Int32 = -1
    var endCol: Int32 = -1
    if let first = tokenizer.tokenStart {
      start = Int32(truncatingIfNeeded: first - base)
      if first >= lineStart { col = Int32(truncatingIfNeeded: first - lineStart) }
      if let last = tokenizer.tokenEnd {
        end = Int32(truncatingIfNeeded: last - base)
        if last >= tokenizer.lineStart { endCol = Int32(truncatingIfNeeded: last - tokenizer.lineStart) }
        if kind == .NAME {
          name = identifier(first, last - first)
          // A word that only normalisation makes a keyword is a name.
          if name < Int32(TokenKind.keywordCount) && tokenizer.tokenIsASCII {
            kind = TokenKind(rawValue: TokenKind.firstKeyword.rawValue &+ UInt8(truncatingIfNeeded: name)) ?? .NAME
            if hasAsyncNames && (kind == .kAsync || kind == .kAwait) && !isAsyncKeyword(kind, last) { kind = .NAME }
          }
        }
      }
    } else {
      start = Int32(truncatingIfNeeded: tokenizer.cur - base)
      end = start
    }
    if tokenizer.lineno == startingLineno {
      col &+= startingCol
      endCol &+= startingCol
    }
    tokens.append(
      Token(
        kind: kind, level: UInt8(truncatingIfNeeded: tokenizer.level), start: start, end: end, lineno: lineno, col: col,
        endLineno: tokenizer.lineno, endCol: endCol, name: name))
  }

  private mutating func isAsyncKeyword(_ kind: TokenKind, _ end: UnsafePointer<UInt8>) -> Bool {
    if asyncFunction != nil { return true }
    guard kind == .kAsync else { return false }
    var p = end
    while p.pointee == 0x20 || p.pointee == 0x09 || p.pointee == 0x0C || (p.pointee == 0x5C && p[1] == 0x0A) {
      p += p.pointee == 0x5C ? 2 : 1
    }
    guard p[0] == 0x64, p[1] == 0x65, p[2] == 0x66 else { return false }
    let following = p[3]
    if following >= 0x80 || following == 0x5F || (following | 0x20 >= 0x61 && following | 0x20 <= 0x7A) { return false }
    if following >= 0x30 && following <= 0x39 { return false }
    asyncFunction = AsyncFunction(indent: Int(tokenizer.indent))
    return true
  }

  /// The end of an `async def` function is the first token after its body that is not indented more.
  private mutating func leaveAsyncFunction(_ kind: TokenKind) {
    guard let function = asyncFunction else { return }
    if kind == .NEWLINE {
      asyncFunction?.isInBody = true
    } else if function.isInBody && kind != .INDENT && kind != .DEDENT && kind != .TYPE_COMMENT
      && tokenizer.level == 0 && tokenizer.indent <= function.indent
    {
      asyncFunction = nil
    }
  }

  @inline(__always)
  private mutating func identifier(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
    if tokenizer.tokenIsASCII { return names.intern(text, count: length, hash: tokenizer.tokenHash).index }
    return normalizedIdentifier(text, length)
  }

  @inline(never)
  private mutating func normalizedIdentifier(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
    guard case .valid(let scalars) = UTF8Text.decodeStrict(text, length) else {
      return names.intern(text, count: length).index
    }
    var bytes: [UInt8] = []
    for scalar in Identifiers.normalized(scalars) { UTF8Text.append(scalar, to: &bytes) }
    return bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return names.intern(text, count: length).index }
      let index = names.intern(base, count: buffer.count).index
      return index
    }
  }

  /// Reads all tokens, then pads with ends so that the parser may look a few tokens ahead without a check.
  mutating func fetchAll() {
    while true {
      let kind = fetch()
      if kind == .ERRORTOKEN || kind == .ENDMARKER { break }
    }
    guard tokens.count > 0 else { return }
    var padding = tokens.base[tokens.count - 1]
    if padding.kind != .ERRORTOKEN { padding.kind = .ENDMARKER }
    for _ in 0..<4 { tokens.append(padding) }
  }
}
