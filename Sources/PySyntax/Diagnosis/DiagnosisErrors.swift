#if canImport(Glibc)
  import Glibc
#endif

/// Raising of errors: positions in characters, the line that is shown, and which of several errors wins.
extension DiagnosisParser {
  // MARK: Positions

  mutating func raise(_ kind: SyntaxFailure.Kind, _ message: String, token: Token) {
    raise(
      kind, message, lineno: token.lineno, col: Int(token.col) + 1, endLineno: token.endLineno, endCol: Int(token.endCol) + 1)
  }

  mutating func raise(_ kind: SyntaxFailure.Kind, _ message: String, from first: Span, to last: Span) {
    raise(
      kind, message, lineno: first.lineno, col: Int(first.col_offset) + 1, endLineno: last.end_lineno,
      endCol: Int(last.end_col_offset) + 1)
  }

  /// At the last token read, whatever the rule was looking at.
  mutating func raiseAtLastToken(_ kind: SyntaxFailure.Kind, _ message: String) {
    if hasStopped && failure != nil { return }
    guard fill > 0 else {
      raise(kind, message, lineno: 0, col: 0, endLineno: 0, endCol: -1)
      return
    }
    let token = lastToken
    let tokenizer = input.tokenizer
    var col = Int(token.col) + 1
    if token.col == -1 { col = tokenizer.cur == tokenizer.buf ? 0 : tokenizer.cur - tokenizer.lineStart }
    let endCol = token.endCol == -1 ? -1 : Int(token.endCol) + 1
    raise(kind, message, lineno: token.lineno, col: col, endLineno: token.endLineno, endCol: endCol)
  }

  /// `col` and `endCol` in bytes from 1.
  mutating func raise(
    _ kind: SyntaxFailure.Kind, _ message: String, lineno: Int32, col: Int, endLineno: Int32, endCol: Int
  ) {
    if hasStopped && failure != nil { return }
    hasStopped = true
    let line = errorLine(lineno)
    var offset = col
    var endOffset = endCol
    var text = message
    if isFString {
      text = "f-string: " + message
      offset -= Int(input.startingCol)
      endOffset -= Int(input.startingCol)
    }
    if hasEncoding {
      offset = characterOffset(line, offset)
      if endOffset > 0 { endOffset = characterOffset(line, endOffset) }
    }
    failure = SyntaxFailure(
      kind, text, lineno: Int(lineno), offset: offset, endLineno: Int(endLineno), endOffset: endOffset, text: line)
  }

  private func characterOffset(_ line: [UInt8], _ offset: Int) -> Int {
    let count = min(max(offset, 0), line.count + 1)
    return line.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return count }
      // One byte past the end is the terminating NUL, a character of its own.
      return count > line.count ? UTF8Text.characterCount(base, line.count) + 1 : UTF8Text.characterCount(base, count)
    }
  }

  /// The line to show. What the tokenizer has in its buffer if the line is not behind it, which may be several lines when a
  /// token spans them.
  private func errorLine(_ lineno: Int32) -> [UInt8] {
    let tokenizer = input.tokenizer
    if let fileSize, let line = physicalLine(lineno, fileSize) { return line }
    if tokenizer.lineno <= lineno && tokenizer.inp > tokenizer.buf {
      return UTF8Text.replacingInvalid(tokenizer.buf, tokenizer.inp - tokenizer.buf)
    }
    var line = tokenizer.base
    let relative = input.startingLineno != 0 ? lineno - input.startingLineno + 1 : lineno
    var remaining = relative - 1
    while remaining > 0 {
      let length = UTF8Text.lineLength(line)
      if line[length] == 0 || line + length + 1 > tokenizer.inp { break }
      line += length + 1
      remaining -= 1
    }
    return UTF8Text.replacingInvalid(line, UTF8Text.lineLength(line))
  }

  /// A line of the file with its newline; nil past the end.
  private func physicalLine(_ lineno: Int32, _ fileSize: Int) -> [UInt8]? {
    guard lineno > 0 else { return nil }
    var line = input.tokenizer.base
    var remaining = lineno - 1
    while remaining > 0 {
      let length = UTF8Text.lineLength(line)
      if line[length] == 0 { return nil }
      line += length + 1
      remaining -= 1
    }
    let length = UTF8Text.lineLength(line)
    if length == 0 && line[0] == 0 { return nil }
    // The newline belongs to the line only if the file has it.
    let end = min(line - input.tokenizer.base + length + (line[length] == 0 ? 0 : 1), fileSize)
    return UTF8Text.replacingInvalid(line, max(end - (line - input.tokenizer.base), 0))
  }

  // MARK: Tokenizer errors

  /// Turns the tokenizer's stop into an error, unless one is pending already.
  mutating func tokenizerError() {
    let tokenizer = input.tokenizer
    if tokenizer.done == .decode {
      raiseAtLastToken(.syntaxError, "(unicode error) \(tokenizer.decodeProblem)")
      return
    }
    if let found = tokenizer.failure {
      failure = found
      return
    }
    if failure != nil { return }
    switch tokenizer.done {
    case .eof:
      if tokenizer.level > 0 {
        raiseUnclosedParenthesis()
      } else {
        raiseAtLastToken(.syntaxError, "unexpected EOF while parsing")
      }
    case .dedent:
      raiseAtLastToken(.indentationError, "unindent does not match any outer indentation level")
    case .tabSpace:
      raise(
        .tabError, "inconsistent use of tabs and spaces in indentation", lineno: tokenizer.lineno, col: 1,
        endLineno: tokenizer.lineno, endCol: 0)
    case .tooDeep:
      raise(
        .indentationError, "too many levels of indentation", lineno: tokenizer.lineno, col: 1, endLineno: tokenizer.lineno,
        endCol: 0)
    case .lineContinuation:
      let col = tokenizer.cur - tokenizer.buf - 1
      raise(
        .syntaxError, "unexpected character after line continuation character", lineno: tokenizer.lineno,
        col: max(col, 0) + 1, endLineno: tokenizer.lineno, endCol: 0)
    default:
      raise(
        .syntaxError, "unknown parsing error", lineno: tokenizer.lineno, col: 1, endLineno: tokenizer.lineno, endCol: 0)
    }
  }

  private mutating func raiseUnclosedParenthesis() {
    let open = input.tokenizer.innermostParen
    raise(
      .syntaxError, "'\(UnicodeScalar(open.character))' was never closed", lineno: open.lineno, col: Int(open.col) + 1,
      endLineno: open.lineno, endCol: 0)
  }

  /// Reads the rest of the source: an error that the tokenizer finds there outranks the parser's.
  private mutating func checkRestOfSource() {
    let pending = failure
    let lastLine = lastToken.lineno
    defer { takeTokenizerWarnings() }
    while true {
      let kind = input.tokenizer.get()
      if kind == .ENDMARKER { break }
      if kind != .ERRORTOKEN { continue }
      if let found = input.tokenizer.failure {
        failure = found
        return
      }
      if input.tokenizer.done == .decode {
        // Here, unlike where the parser meets it, CPython lets the codec's own exception out.
        failure = SyntaxFailure(.unicodeDecodeError, input.tokenizer.decodeProblem, text: input.tokenizer.undecodable)
        return
      }
      if input.tokenizer.level > 0 && lastLine > input.tokenizer.innermostParen.lineno {
        failure = nil
        hasStopped = false
        raiseUnclosedParenthesis()
        return
      }
      break
    }
    failure = pending
  }

  // MARK: The two passes

  /// Is there anything but blank space and comments after what the tokenizer has read?
  private var hasMoreStatements: Bool {
    var cursor = input.tokenizer.cur
    while true {
      switch cursor.pointee {
      case 0x20, 0x09, 0x0A, 0x0C: cursor += 1
      case 0: return false
      case 0x23: while cursor.pointee != 0x0A && cursor.pointee != 0 { cursor += 1 }
      default: return true
      }
    }
  }

  private var isAtEndOfSource: Bool { input.tokenizer.done == .eof || input.tokenizer.done == .eofInString }

  /// Why the source is invalid; nil if it is valid after all.
  mutating func diagnose(allowsIncomplete: Bool) -> SyntaxFailure? {
    let isValid = run(errorRules: false)
    if isValid {
      guard input.mode == .single, hasMoreStatements else { return nil }
      raiseAtLastToken(.syntaxError, "multiple statements found while compiling a single statement")
      return failure
    }
    if allowsIncomplete && isAtEndOfSource {
      failure = nil
      hasStopped = false
      raiseAtLastToken(.syntaxError, "incomplete input")
      failure?.isIncomplete = true
      return failure
    }
    if let failure, failure.kind == .memoryError { return failure }
    let last = fill > 0 ? lastToken : nil
    // An error raised in the first pass is final but for what the rest of the source holds.
    if failure == nil { _ = run(errorRules: true) }
    if let found = failure {
      if found.kind == .memoryError { return found }
      if input.tokenizer.done == .ok { checkRestOfSource() }
      return failure
    }
    hasStopped = false
    guard let last else {
      raiseAtLastToken(.syntaxError, "error at start before reading any input")
      return failure
    }
    if last.kind == .ERRORTOKEN && input.tokenizer.done == .eof {
      if input.tokenizer.level > 0 {
        raiseUnclosedParenthesis()
      } else {
        raiseAtLastToken(.syntaxError, "unexpected EOF while parsing")
      }
      return failure
    }
    if last.kind == .INDENT || last.kind == .DEDENT {
      raiseAtLastToken(.indentationError, last.kind == .INDENT ? "unexpected indent" : "unexpected unindent")
      return failure
    }
    raise(.syntaxError, "invalid syntax", token: last)
    checkRestOfSource()
    return failure
  }
}
