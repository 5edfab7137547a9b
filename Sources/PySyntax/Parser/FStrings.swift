#if canImport(Glibc)
  import Glibc
#endif

/// The parts of a string being joined: literal text gathers in `literal` until an expression or the end turns it into a node.
struct JoinedString {
  /// First and last token of the whole string: every node is placed there.
  var first: Int
  var last: Int
  var isU: Bool
  var literal: [UInt8] = []
  var nodes: [Ref<Expr>] = []
  var isFormatted = false

  init(first: Int, last: Int, isU: Bool) {
    self.first = first
    self.last = last
    self.isU = isU
  }

  mutating func append(_ text: ArenaBytes) { literal.append(contentsOf: text.buffer) }
}

/// f-strings as Python 3.11 reads them: the token is an ordinary string, taken apart afterwards. Each expression is copied, put
/// in parentheses and parsed as a source of its own, which explains the positions its nodes get.
extension Parser {
  private static let maxBrackets = 200

  private mutating func fail(_ message: String) throws(ParseFailed) {
    literalFailure = .message("f-string" + message)
    throw ParseFailed()
  }

  mutating func finish(_ string: inout JoinedString) -> Ref<Expr> {
    let span = literalSpan(string.first, string.last)
    if !string.isFormatted {
      return arena.make(Expr(span, .Constant(value: .str(arena.bytes(string.literal)), kind: string.isU)))
    }
    flush(&string)
    return arena.make(Expr(span, .JoinedStr(values: arena.list(string.nodes))))
  }

  /// Turns the literal text gathered so far into a node.
  private func flush(_ string: inout JoinedString) {
    guard !string.literal.isEmpty else { return }
    let span = literalSpan(string.first, string.last)
    string.nodes.append(arena.make(Expr(span, .Constant(value: .str(arena.bytes(string.literal)), kind: string.isU))))
    string.literal.removeAll(keepingCapacity: true)
  }

  /// Parses the contents `cursor ..< end` of an f-string; nested in a format specification when `depth` > 0, where it ends at
  /// the closing brace.
  mutating func formattedString(
    _ string: inout JoinedString, _ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isRaw: Bool,
    depth: Int, token: Int
  ) throws(ParseFailed) {
    string.isFormatted = true
    while true {
      let doubledBrace = try literalPart(&string, &cursor, end, isRaw: isRaw, depth: depth, token: token)
      if doubledBrace { continue }
      if cursor >= end || cursor.pointee == 0x7D { break }
      try replacementField(&string, &cursor, end, isRaw: isRaw, depth: depth, token: token)
    }
    if depth == 0 && cursor < end - 1 { try fail(": unexpected end of string") }
    if depth != 0 && (cursor >= end || cursor.pointee != 0x7D) { try fail(": expecting '}'") }
  }

  /// Literal text up to a brace. Returns true after a doubled brace, where the text goes on.
  private mutating func literalPart(
    _ string: inout JoinedString, _ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isRaw: Bool,
    depth: Int, token: Int
  ) throws(ParseFailed) -> Bool {
    let start = cursor
    var p = cursor
    var sawDoubled = false
    var next: UnsafePointer<UInt8>?
    while p < end {
      var character = p.pointee
      p += 1
      if !isRaw && character == 0x5C && p < end {
        character = p.pointee
        p += 1
        if character == 0x4E {
          if p < end {
            let brace = p.pointee
            p += 1
            if brace == 0x7B {
              while p < end {
                let inside = p.pointee
                p += 1
                if inside == 0x7D { break }
              }
            }
          }
          continue
        }
        if character == 0x7B { warn("invalid escape sequence '\\{'", token, ~UInt(bitPattern: cursor)) }
      }
      if character == 0x7B || character == 0x7D {
        if depth == 0 {
          if p < end && p.pointee == character {
            next = p + 1
            sawDoubled = true
            break
          }
          if character == 0x7D {
            cursor = p - 1
            try fail(": single '}' is not allowed")
          }
        }
        p -= 1
        break
      }
    }
    cursor = next ?? p
    let count = p - start
    if count > 0 {
      if isRaw || memchr(start, 0x5C, count) == nil {
        if !isRaw {
          try checkNonASCIIRuns(start, count)
        } else if let problem = UTF8Text.problem(start, count) {
          literalFailure = .message("(unicode error) \(problem)")
          throw ParseFailed()
        }
        string.literal.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
      } else {
        string.append(try decodeEscapes(start, count, token))
      }
    }
    return sawDoubled
  }

  /// `{expression}` with its `=`, conversion and format specification; `cursor` is at the opening brace.
  private mutating func replacementField(
    _ string: inout JoinedString, _ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, isRaw: Bool,
    depth: Int, token: Int
  ) throws(ParseFailed) {
    if depth >= 2 { try fail(": expressions nested too deeply") }
    cursor += 1
    let start = cursor
    try findExpressionEnd(&cursor, end)
    if cursor >= end { try fail(": expecting '}'") }
    let value = try fstringExpression(start, cursor, token)
    var hasText = false
    if cursor.pointee == 0x3D {
      cursor += 1
      while isSpace(cursor.pointee) { cursor += 1 }
      if cursor >= end { try fail(": expecting '}'") }
      hasText = true
      uses(8)
      if context.limits.featureVersion < 8 && context.diagnoses {
        try fail(": self documenting expressions are only supported in Python 3.8 and greater")
      }
      let count = cursor - start
      if let problem = UTF8Text.problem(start, count) {
        literalFailure = .message("(unicode error) \(problem)")
        throw ParseFailed()
      }
      string.literal.append(contentsOf: UnsafeBufferPointer(start: start, count: count))
    }
    var conversion: Int32 = -1
    if cursor.pointee == 0x21 {
      cursor += 1
      if cursor >= end { try fail(": expecting '}'") }
      let character = cursor.pointee
      cursor += 1
      if character != 0x73 && character != 0x72 && character != 0x61 {
        try fail(": invalid conversion character: expected 's', 'r', or 'a'")
      }
      conversion = Int32(character)
    }
    var spec: Ref<Expr>?
    if cursor < end && cursor.pointee == 0x3A {
      cursor += 1
      if cursor >= end { try fail(": expecting '}'") }
      var nested = JoinedString(first: string.first, last: string.last, isU: string.isU)
      try formattedString(&nested, &cursor, end, isRaw: isRaw, depth: depth + 1, token: token)
      // The specification as a whole, and text at its end, has the position of its own token.
      nested.first = token
      nested.last = token
      nested.isU = source[Int(tokens[token].start)] == 0x75
      spec = finish(&nested)
    }
    if cursor >= end || cursor.pointee != 0x7D { try fail(": expecting '}'") }
    cursor += 1
    if hasText && spec == nil && conversion == -1 { conversion = 0x72 }
    flush(&string)
    string.nodes.append(
      arena.make(
        Expr(
          literalSpan(string.first, string.last),
          .FormattedValue(value: value, conversion: conversion, format_spec: spec))))
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) }

  /// Moves `cursor` to the character that ends the expression: `!`, `:`, `}` or `=` outside brackets and strings.
  private mutating func findExpressionEnd(
    _ cursor: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>
  ) throws(ParseFailed) {
    var quote: UInt8 = 0
    var isTriple = false
    var brackets: [UInt8] = []
    scan: while cursor < end {
      let character = cursor.pointee
      if character == 0x5C { try fail(" expression part cannot include a backslash") }
      if quote != 0 {
        if character == quote {
          if isTriple {
            if cursor + 2 < end && cursor[1] == character && cursor[2] == character {
              cursor += 2
              quote = 0
            }
          } else {
            quote = 0
          }
        }
        cursor += 1
        continue
      }
      let following = cursor + 1 < end ? cursor[1] : 0
      switch character {
      case 0x27, 0x22:
        isTriple = cursor + 2 < end && following == character && cursor[2] == character
        if isTriple { cursor += 2 }
        quote = character
      case 0x28, 0x5B, 0x7B:
        if brackets.count >= Parser.maxBrackets { try fail(": too many nested parenthesis") }
        brackets.append(character)
      case 0x23:
        try fail(" expression part cannot include '#'")
      case 0x21, 0x3A, 0x7D, 0x3D, 0x3E, 0x3C:
        if brackets.isEmpty {
          if following == 0x3D && (character == 0x21 || (character >= 0x3C && character <= 0x3E)) {
            cursor += 1
          } else if character != 0x3E && character != 0x3C {
            break scan
          }
        } else if character == 0x7D {
          try closeBracket(&brackets, character)
        }
      case 0x29, 0x5D:
        try closeBracket(&brackets, character)
      default: break
      }
      cursor += 1
    }
    if quote != 0 { try fail(": unterminated string") }
    if let opening = brackets.last { try fail(": unmatched '\(UnicodeScalar(opening))'") }
  }

  private mutating func closeBracket(_ brackets: inout [UInt8], _ character: UInt8) throws(ParseFailed) {
    guard let opening = brackets.popLast() else {
      try fail(": unmatched '\(UnicodeScalar(character))'")
      return
    }
    let matches = (opening == 0x28 && character == 0x29) || (opening != 0x28 && character == opening &+ 2)
    if !matches {
      try fail(
        ": closing parenthesis '\(UnicodeScalar(character))' does not match opening parenthesis '\(UnicodeScalar(opening))'")
    }
  }

  /// Parses the expression `start ..< end`, which `end`'s character terminates.
  private mutating func fstringExpression(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ token: Int
  ) throws(ParseFailed) -> Ref<Expr> {
    var p = start
    while p != end && (p.pointee == 0x20 || p.pointee == 0x09 || p.pointee == 0x0A || p.pointee == 0x0C) { p += 1 }
    if p == end {
      if end.pointee == 0x21 || end.pointee == 0x3A || end.pointee == 0x3D {
        try fail(": expression required before '\(UnicodeScalar(end.pointee))'")
      }
      try fail(": empty expression not allowed")
    }
    // Nested parsers nest native calls.
    depth &+= 8
    defer { depth &-= 8 }
    if depth > maxDepth { throw ParseFailed() }
    let count = end - start
    // Lives in the arena: string constants inside may point into it.
    let text = arena.allocate(size: count + 8).assumingMemoryBound(to: UInt8.self)
    text[0] = 0x28
    memcpy(text + 1, start, count)
    text[count + 1] = 0x29
    text[count + 2] = 0x0A
    for offset in 3..<8 { text[count + offset] = 0 }
    let (lines, cols) = expressionLocation(start - 1, token)
    if context.diagnoses {
      // The literal is being looked at again because something in the source is wrong; see whether it is this.
      let again = fstringSource(text, token, lines, cols)
      if let found = Diagnosis.fstringFailure(text, again, self) {
        warnings += found.warnings.map { $0.inExpression(of: text, start, again.startingLineno) }
        literalFailure = .final(found.failure)
        throw ParseFailed()
      }
    }
    var input = fstringSource(text, token, lines, cols)
    defer { input.free() }
    input.fetchAll()
    for warning in input.tokenizer.warnings { add(warning.inExpression(of: text, start, input.startingLineno)) }
    // This parser itself turns to the inner source for a while; its scratch stacks serve both.
    let outer = (source, tokens, pos)
    source = UnsafePointer(text)
    tokens = input.tokens.base
    pos = 0
    defer { (source, tokens, pos) = outer }
    return try starExpressions()
  }

  private func fstringSource(_ text: UnsafePointer<UInt8>, _ token: Int, _ lines: Int32, _ cols: Int32) -> TokenSource {
    var tokenizer = Tokenizer(text, typeComments: false)
    tokenizer.lineno = tokens[token].lineno &+ lines &- 1
    var input = TokenSource(tokenizer, names: names, mode: .fstring, impliesDedent: true, capacity: 32)
    input.startingLineno = tokens[token].lineno &+ lines
    input.startingCol = lines != 0 ? cols : tokens[token].col &+ cols
    return input
  }

  /// Lines and columns between the start of the token and the expression's opening brace, CPython's way.
  private func expressionLocation(_ brace: UnsafePointer<UInt8>, _ token: Int) -> (lines: Int32, cols: Int32) {
    let parent = source + Int(tokens[token].start)
    var lines: Int32 = 0
    var cols: Int32 = 0
    var newlineAfterBrace = true
    var p = brace + 1
    while p.pointee != 0x7D && p.pointee != 0x0A && p.pointee != 0 {
      if p.pointee != 0x20 && p.pointee != 0x09 && p.pointee != 0x0C {
        newlineAfterBrace = false
        break
      }
      p += 1
    }
    if !newlineAfterBrace {
      p = brace
      while p > parent && p.pointee != 0x0A { p -= 1 }
      cols += Int32(truncatingIfNeeded: brace - p)
      if p.pointee == 0x0A { cols -= 1 }
    }
    p = parent
    while p < brace {
      if p.pointee == 0x0A { lines += 1 }
      p += 1
    }
    return (lines, cols)
  }
}

extension SyntaxWarning {
  /// The warning of a token of an f-string's expression as one of the literal. CPython shows the text that it made of the expression.
  fileprivate func inExpression(of text: UnsafePointer<UInt8>, _ start: UnsafePointer<UInt8>, _ firstLine: Int32) -> SyntaxWarning {
    if origin != .token { return self }
    var warning = self
    warning.origin = .literal
    warning.text = UTF8Text.line(lineno - Int(firstLine), of: text)
    warning.address = UInt(bitPattern: start)
    return warning
  }
}
