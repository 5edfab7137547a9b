#if canImport(Glibc)
  import Glibc
#endif

/// Splits a prepared source (UTF-8, `\n` line ends, NUL-terminated) into tokens, one at a time.
///
/// The state is CPython's: `cur` is the next byte, `inp` the end of the line being read, `lineStart` its beginning. A line is
/// "read" when its first byte is asked for, and only then does `lineno` grow: the positions of errors depend on it.
struct Tokenizer {
  /// Why the tokenizer stopped.
  enum Done: Sendable {
    case ok, eof, eofInString, error, tabSpace, tooDeep, dedent, lineContinuation, decode
  }

  static let maxIndent = 100
  static let maxLevel = 200
  private static let tabSize = 8

  let base: UnsafePointer<UInt8>
  var cur: UnsafePointer<UInt8>
  var inp: UnsafePointer<UInt8>
  /// Start of the text that CPython keeps buffered: the current line, or the first line of an unfinished token.
  var buf: UnsafePointer<UInt8>
  var lineStart: UnsafePointer<UInt8>
  var multiLineStart: UnsafePointer<UInt8>
  /// Start of the token being read, nil between tokens.
  var start: UnsafePointer<UInt8>?
  var lineno: Int32 = 0
  var firstLineno: Int32 = 0
  var level = 0
  var indent = 0
  var pendin = 0
  var atbol = true
  var done = Done.ok
  let typeComments: Bool
  /// The error that `syntaxError` raised; for the other stops see `done`.
  var failure: SyntaxFailure?
  /// Message of a failed UTF-8 decoding (`done == .decode`).
  var decodeProblem = ""
  /// The bytes that it was about.
  var undecodable: [UInt8] = []
  var warnings: [SyntaxWarning] = []

  // Range of the token just read; nil where CPython reports none.
  var tokenStart: UnsafePointer<UInt8>?
  var tokenEnd: UnsafePointer<UInt8>?
  var tokenHash: UInt32 = 0
  var tokenIsASCII = true

  // indents[0...indent], alternate indents (tabs of one column), and for each open bracket its character, line and column:
  // one allocation.
  private let stacks: UnsafeMutablePointer<Int32>
  private let classes = CharacterClass.table
  private let oneChar = CharacterClass.oneChar

  init(_ source: UnsafePointer<UInt8>, typeComments: Bool) {
    base = source
    cur = source
    inp = source
    buf = source
    lineStart = source
    multiLineStart = source
    self.typeComments = typeComments
    let size = Tokenizer.maxIndent * 2 + Tokenizer.maxLevel * 3
    stacks = .allocate(capacity: size)
    stacks[0] = 0
    stacks[Tokenizer.maxIndent] = 0
  }

  func free() { stacks.deallocate() }

  private var indents: UnsafeMutablePointer<Int32> { stacks }
  private var altIndents: UnsafeMutablePointer<Int32> { stacks + Tokenizer.maxIndent }
  private var parens: UnsafeMutablePointer<Int32> { stacks + 2 * Tokenizer.maxIndent }
  private var parenLines: UnsafeMutablePointer<Int32> { stacks + (2 * Tokenizer.maxIndent + Tokenizer.maxLevel) }
  private var parenCols: UnsafeMutablePointer<Int32> { stacks + (2 * Tokenizer.maxIndent + 2 * Tokenizer.maxLevel) }

  /// The innermost open bracket: its character, line and column. Only when `level > 0`.
  var innermostParen: (character: UInt8, lineno: Int32, col: Int32) {
    let index = level - 1
    return (UInt8(truncatingIfNeeded: parens[index]), parenLines[index], parenCols[index])
  }

  // MARK: Reading bytes

  /// The next byte, or -1 at the end of the source.
  @inline(__always)
  mutating func next() -> Int32 {
    if cur != inp {
      let byte = cur.pointee
      cur += 1
      return Int32(byte)
    }
    return underflow()
  }

  @inline(never)
  private mutating func underflow() -> Int32 {
    if done != .ok { return -1 }
    if inp.pointee == 0 {
      done = .eof
      return -1
    }
    if start == nil { buf = cur }
    let rest = UnsafeRawPointer(inp)
    if let newline = newline(in: rest) {
      inp = newline + 1
    } else {
      inp += strlen(UnsafeRawPointer(inp).assumingMemoryBound(to: CChar.self))
    }
    lineno &+= 1
    lineStart = cur
    let byte = cur.pointee
    cur += 1
    return Int32(byte)
  }

  /// First newline before the terminating NUL.
  private func newline(in text: UnsafeRawPointer) -> UnsafePointer<UInt8>? {
    guard let found = strchr(text.assumingMemoryBound(to: CChar.self), 0x0A) else { return nil }
    return UnsafePointer(UnsafeRawPointer(found).assumingMemoryBound(to: UInt8.self))
  }

  @inline(__always)
  mutating func backup(_ character: Int32) {
    if character != -1 { cur -= 1 }
  }

  @inline(__always)
  func has(_ character: Int32, _ mask: UInt8) -> Bool {
    character >= 0 && classes[Int(character)] & mask != 0
  }

  // MARK: Errors

  /// The error at the current position, as the tokenizer itself raises it.
  @inline(never)
  mutating func syntaxError(_ message: String, col: Int? = nil, endCol: Int? = nil) -> TokenKind {
    done = .error
    let length = cur - lineStart
    let offset = col ?? UTF8Text.characterCount(lineStart, length)
    let lineLength = UTF8Text.lineLength(lineStart)
    failure = SyntaxFailure(
      .syntaxError, message, lineno: Int(lineno), offset: offset, endLineno: Int(lineno), endOffset: endCol ?? offset,
      text: UTF8Text.replacingInvalid(lineStart, lineLength))
    return .ERRORTOKEN
  }

  private mutating func indentError() -> TokenKind {
    done = .tabSpace
    cur = inp
    return .ERRORTOKEN
  }

  /// Called after a backslash: moves to the next line.
  private mutating func continuationLine() -> Bool {
    if next() != 0x0A {
      done = .lineContinuation
      return false
    }
    let character = next()
    if character == -1 {
      done = .eof
      cur = inp
      return false
    }
    backup(character)
    return true
  }

  // MARK: Tokens

  /// Reads the next token and returns its kind; its range is in `tokenStart`, `tokenEnd`.
  mutating func get() -> TokenKind {
    tokenStart = nil
    tokenEnd = nil
    while true {
      start = nil
      var blankLine = false
      if atbol {
        atbol = false
        guard readIndentation(&blankLine) else { return .ERRORTOKEN }
      }
      start = cur
      if pendin != 0 {
        if pendin < 0 {
          pendin += 1
          return .DEDENT
        }
        pendin -= 1
        return .INDENT
      }
      // CPython looks at the next byte here, which reads a line.
      if cur == inp { backup(next()) }
      if let kind = token(blankLine) { return kind }
    }
  }

  private mutating func readIndentation(_ blankLine: inout Bool) -> Bool {
    var col: Int32 = 0
    var altcol: Int32 = 0
    var continuationCol: Int32 = 0
    var character: Int32
    while true {
      character = next()
      if character == 0x20 {
        col &+= 1
        altcol &+= 1
      } else if character == 0x09 {
        col = (col / 8 &+ 1) &* 8
        altcol &+= 1
      } else if character == 0x0C {
        col = 0
        altcol = 0
      } else if character == 0x5C {
        if continuationCol == 0 { continuationCol = col }
        guard continuationLine() else { return false }
      } else {
        break
      }
    }
    backup(character)
    if character == 0x23 || character == 0x0A { blankLine = true }
    if blankLine || level != 0 { return true }
    if continuationCol != 0 {
      col = continuationCol
      altcol = continuationCol
    }
    let current = indents[indent]
    if col == current {
      if altcol != altIndents[indent] {
        _ = indentError()
        return false
      }
    } else if col > current {
      if indent + 1 >= Tokenizer.maxIndent {
        done = .tooDeep
        cur = inp
        return false
      }
      if altcol <= altIndents[indent] {
        _ = indentError()
        return false
      }
      pendin += 1
      indent += 1
      indents[indent] = col
      altIndents[indent] = altcol
    } else {
      while indent > 0 && col < indents[indent] {
        pendin -= 1
        indent -= 1
      }
      if col != indents[indent] {
        done = .dedent
        cur = inp
        return false
      }
      if altcol != altIndents[indent] {
        _ = indentError()
        return false
      }
    }
    return true
  }

  /// A token, or nil where the line ended without one and the next is to be tried.
  @inline(__always)
  private mutating func token(_ blankLine: Bool) -> TokenKind? {
    while true {
      start = nil
      var character: Int32
      repeat { character = next() } while character == 0x20 || character == 0x09 || character == 0x0C
      let first = character == -1 ? cur : cur - 1
      start = first

      if has(character, CharacterClass.identifierStart) { return identifierOrString(first, character) }

      if character == 0x23 {
        // Skip the comment up to the end of its line, which `inp` knows.
        while character != -1 && character != 0x0A { character = next() }
        if typeComments, let kind = typeComment(first, character, blankLine) { return kind }
        // A comment ends its line: fall through with the newline or the end.
      }
      if character == -1 {
        if level != 0 { return .ERRORTOKEN }
        return done == .eof ? .ENDMARKER : .ERRORTOKEN
      }
      if character == 0x0A {
        atbol = true
        if blankLine || level > 0 { return nil }
        tokenStart = start
        tokenEnd = cur - 1
        return .NEWLINE
      }
      if character == 0x2E {
        character = next()
        if has(character, CharacterClass.digit) { return number(first, 0x2E, character) }
        if character == 0x2E {
          character = next()
          if character == 0x2E {
            tokenStart = first
            tokenEnd = cur
            return .ELLIPSIS
          }
          backup(character)
          backup(0x2E)
        } else {
          backup(character)
        }
        tokenStart = first
        tokenEnd = cur
        return .DOT
      }
      if has(character, CharacterClass.digit) { return number(first, character, character) }
      if character == 0x27 || character == 0x22 { return string(first, character) }
      if character == 0x5C {
        guard continuationLine() else { return .ERRORTOKEN }
        continue
      }
      return punctuation(first, character)
    }
  }

  @inline(__always)
  private mutating func punctuation(_ first: UnsafePointer<UInt8>, _ character: Int32) -> TokenKind {
    let byte = UInt8(truncatingIfNeeded: character)
    // `cur` points at a readable byte: at worst the terminating NUL.
    let second = cur == inp ? 0 : cur.pointee
    let two = CharacterClass.twoChars(byte, second)
    if two != .OP {
      cur += 1
      let three = CharacterClass.threeChars(two, cur == inp ? 0 : cur.pointee)
      tokenStart = first
      if three == .OP && cur == inp { backup(next()) }
      if three != .OP {
        cur += 1
        tokenEnd = cur
        return three
      }
      tokenEnd = cur
      return two
    }
    // CPython peeks past the end of the line only at the end of the source; reading there changes `done`.
    if cur == inp { backup(next()) }
    switch byte {
    case 0x28, 0x5B, 0x7B:
      if level >= Tokenizer.maxLevel { return syntaxError("too many nested parentheses") }
      parens[level] = Int32(byte)
      parenLines[level] = lineno
      parenCols[level] = Int32(truncatingIfNeeded: first - lineStart)
      level += 1
    case 0x29, 0x5D, 0x7D:
      if level == 0 { return syntaxError("unmatched '\(UnicodeScalar(byte))'") }
      level -= 1
      let opening = UInt8(truncatingIfNeeded: parens[level])
      let matches = (opening == 0x28 && byte == 0x29) || (opening != 0x28 && byte == opening &+ 2)
      if !matches {
        let message =
          "closing parenthesis '\(UnicodeScalar(byte))' does not match opening parenthesis '\(UnicodeScalar(opening))'"
        if parenLines[level] != lineno { return syntaxError(message + " on line \(parenLines[level])") }
        return syntaxError(message)
      }
    default:
      if byte < 0x20 || byte == 0x7F {
        return syntaxError("invalid non-printable character U+" + hex4(UInt32(byte)))
      }
    }
    tokenStart = first
    tokenEnd = cur
    return oneChar[Int(byte)]
  }

  func hex4(_ value: UInt32) -> String {
    var text = String(value, radix: 16, uppercase: true)
    while text.utf8.count < 4 { text = "0" + text }
    return text
  }

  /// `# type: ...` after its `#` at `first`; nil for any other comment.
  private mutating func typeComment(_ first: UnsafePointer<UInt8>, _ last: Int32, _ blankLine: Bool) -> TokenKind? {
    let prefix: StaticString = "# type: "
    var p = first
    for index in 0..<prefix.utf8CodeUnitCount {
      let expected = prefix.utf8Start[index]
      if p >= cur { return nil }
      if expected == 0x20 {
        while p.pointee == 0x20 || p.pointee == 0x09 { p += 1 }
      } else if expected == p.pointee {
        p += 1
      } else {
        return nil
      }
    }
    backup(last)
    let ignoreEnd = p + 6
    var isIgnore = cur >= ignoreEnd && memcmp(p, "ignore", 6) == 0
    if isIgnore && cur > ignoreEnd {
      let following = ignoreEnd.pointee
      let isLetter = (following | 0x20) >= 0x61 && (following | 0x20) <= 0x7A
      if following >= 128 || isLetter || (following >= 0x30 && following <= 0x39) { isIgnore = false }
    }
    tokenEnd = cur
    if isIgnore {
      tokenStart = ignoreEnd
      if blankLine {
        _ = next()
        atbol = true
      }
      return .TYPE_IGNORE
    }
    tokenStart = p
    return .TYPE_COMMENT
  }

  // MARK: Identifiers and strings

  @inline(__always)
  private mutating func identifierOrString(_ first: UnsafePointer<UInt8>, _ firstCharacter: Int32) -> TokenKind {
    if has(firstCharacter, CharacterClass.stringPrefix) {
      var sawB = false
      var sawR = false
      var sawU = false
      var sawF = false
      var p = first
      prefix: while true {
        switch p.pointee | 0x20 {
        case 0x62 where !(sawB || sawU || sawF): sawB = true
        case 0x75 where !(sawB || sawU || sawR || sawF): sawU = true
        case 0x72 where !(sawR || sawU): sawR = true
        case 0x66 where !(sawF || sawB || sawU): sawF = true
        default: break prefix
        }
        p += 1
        if p.pointee == 0x22 || p.pointee == 0x27 {
          cur = p + 1
          return string(first, Int32(p.pointee))
        }
      }
    }
    var p = first
    var hash: UInt32 = 2_166_136_261
    var seen: UInt8 = 0
    while true {
      let byte = p.pointee
      if classes[Int(byte)] & CharacterClass.identifierPart == 0 { break }
      seen |= byte
      hash = (hash ^ UInt32(byte)) &* 16_777_619
      p += 1
    }
    cur = p
    // Only at the end of a source without a final newline: CPython's look at the next byte finds the end.
    if p == inp { backup(next()) }
    tokenHash = hash
    tokenIsASCII = seen < 128
    if !tokenIsASCII && !verifyIdentifier(first) { return .ERRORTOKEN }
    tokenStart = first
    tokenEnd = cur
    return .NAME
  }

  @inline(never)
  private mutating func verifyIdentifier(_ first: UnsafePointer<UInt8>) -> Bool {
    let length = cur - first
    switch UTF8Text.decodeStrict(first, length) {
    case .invalid(let message):
      done = .decode
      decodeProblem = message
      undecodable = Array(UnsafeBufferPointer(start: first, count: length))
      return false
    case .valid(let scalars):
      var bytes = 0
      for (index, scalar) in scalars.enumerated() {
        bytes += UTF8Text.encodedLength(scalar)
        let isAllowed = index == 0 ? Identifiers.isStart(scalar) : Identifiers.isContinue(scalar)
        if isAllowed { continue }
        if index + 1 < scalars.count { cur = first + bytes }
        if Identifiers.isPrintable(scalar), let character = UnicodeScalar(scalar) {
          _ = syntaxError("invalid character '\(character)' (U+\(hex4(scalar)))")
        } else {
          _ = syntaxError("invalid non-printable character U+\(hex4(scalar))")
        }
        return false
      }
      return true
    }
  }

  /// The rest of a string literal; `cur` is just after its first quote.
  private mutating func string(_ first: UnsafePointer<UInt8>, _ quote: Int32) -> TokenKind {
    firstLineno = lineno
    multiLineStart = lineStart
    let quoteByte = UInt8(truncatingIfNeeded: quote)
    // Common case: a literal of one line without escapes.
    var p = cur
    while p.pointee != quoteByte && p.pointee != 0x5C && p.pointee != 0x0A && p.pointee != 0 { p += 1 }
    if p.pointee == quoteByte && p != cur {
      cur = p + 1
      tokenStart = first
      tokenEnd = cur
      return .STRING
    }
    var quoteSize = 1
    var endQuoteSize = 0
    var character = next()
    if character == quote {
      character = next()
      if character == quote { quoteSize = 3 } else { endQuoteSize = 1 }
    }
    if character != quote { backup(character) }
    while endQuoteSize != quoteSize {
      character = next()
      if character == -1 || (quoteSize == 1 && character == 0x0A) {
        cur = first + 1
        lineStart = multiLineStart
        let detected = lineno
        lineno = firstLineno
        let kind = quoteSize == 3 ? "triple-quoted string literal" : "string literal"
        _ = syntaxError("unterminated \(kind) (detected at line \(detected))")
        if character != 0x0A { done = .eofInString }
        return .ERRORTOKEN
      }
      if character == quote {
        endQuoteSize += 1
      } else {
        endQuoteSize = 0
        if character == 0x5C { _ = next() }
      }
    }
    tokenStart = first
    tokenEnd = cur
    return .STRING
  }
}
