#if canImport(Glibc)
  import Glibc
#endif

/// An error that only the value of a literal shows. Where it points follows from what it is.
enum LiteralFailure {
  case tooManyDigits(Int)
  /// Points at the last token the parser has read.
  case message(String)
  /// From the parser of an f-string's expression: final.
  case final(SyntaxFailure)
}

/// What a parser of literals must know about its surroundings.
struct LiteralContext {
  /// Find out why an expression inside an f-string is invalid, instead of only failing.
  var diagnoses = false
  /// CPython's recursion limit for the parser counts nested parsers together; this counts nesting of f-strings.
  var fstringDepth = 0
  var limits = ParseLimits()
}

/// String and bytes literals: prefixes, escapes, concatenation of adjacent ones.
extension Parser {
  /// A literal token taken apart: contents without prefix and quotes.
  struct StringParts {
    var isBytes = false
    var isRaw = false
    var isFormatted = false
    var start: UnsafePointer<UInt8>
    var count: Int
  }

  func stringParts(_ token: Token) -> StringParts {
    var text = source + Int(token.start)
    let end = source + Int(token.end)
    var parts = StringParts(start: text, count: 0)
    while text.pointee != 0x22 && text.pointee != 0x27 {
      switch text.pointee | 0x20 {
      case 0x62: parts.isBytes = true
      case 0x72: parts.isRaw = true
      case 0x66: parts.isFormatted = true
      default: break
      }
      text += 1
    }
    let quote = text.pointee
    var contents = text + 1
    var count = end - contents - 1
    if count >= 4 && contents[0] == quote && contents[1] == quote {
      contents += 2
      count -= 4
    }
    parts.start = contents
    parts.count = count
    return parts
  }

  /// One or more adjacent STRING tokens, as one node.
  mutating func strings() throws(ParseFailed) -> Ref<Expr> {
    let start = pos
    while kind == .STRING { pos &+= 1 }
    return try concatenatedStrings(start, pos)
  }

  mutating func concatenatedStrings(_ start: Int, _ end: Int) throws(ParseFailed) -> Ref<Expr> {
    let isU = source[Int(tokens[start].start)] == 0x75
    if end == start + 1 {
      let parts = stringParts(tokens[start])
      if !parts.isFormatted {
        let value = try plainString(parts, start)
        return arena.make(
          Expr(literalSpan(start, end - 1), .Constant(value: parts.isBytes ? .bytes(value) : .str(value), kind: isU)))
      }
    }
    var builder = JoinedString(first: start, last: end - 1, isU: isU)
    var bytesMode = false
    for index in start..<end {
      let parts = stringParts(tokens[index])
      var value = ArenaBytes()
      if !parts.isFormatted { value = try plainString(parts, index) }
      if index > start && bytesMode != parts.isBytes {
        literalFailure = .message("cannot mix bytes and nonbytes literals")
        throw ParseFailed()
      }
      bytesMode = parts.isBytes
      if parts.isFormatted {
        if context.limits.featureVersion < 6 {
          literalFailure = .message("Format strings are only supported in Python 3.6 and greater")
          throw ParseFailed()
        }
        var cursor = parts.start
        try formattedString(
          &builder, &cursor, parts.start + parts.count, isRaw: parts.isRaw, depth: 0, token: index)
      } else {
        builder.append(value)
      }
    }
    if bytesMode {
      return arena.make(
        Expr(literalSpan(start, end - 1), .Constant(value: .bytes(arena.bytes(builder.literal)), kind: false)))
    }
    return finish(&builder)
  }

  func literalSpan(_ first: Int, _ last: Int) -> Span {
    Span(
      lineno: tokens[first].lineno, col_offset: tokens[first].col, end_lineno: tokens[last].endLineno,
      end_col_offset: tokens[last].endCol)
  }

  /// Value of a literal that is not an f-string. Without escapes it stays where it is in the source.
  private mutating func plainString(_ parts: StringParts, _ token: Int) throws(ParseFailed) -> ArenaBytes {
    guard parts.count > 0 else { return ArenaBytes() }
    let isASCII = UTF8Text.isASCII(parts.start, parts.count)
    if parts.isBytes && !isASCII {
      literalFailure = .message("bytes can only contain ASCII literal characters")
      throw ParseFailed()
    }
    if parts.isRaw || memchr(parts.start, 0x5C, parts.count) == nil {
      if !isASCII, let problem = UTF8Text.problem(parts.start, parts.count) {
        literalFailure = .message("(unicode error) \(problem)")
        throw ParseFailed()
      }
      return ArenaBytes(base: UnsafeMutablePointer(mutating: parts.start), count: parts.count)
    }
    if parts.isBytes { return try decodeBytesEscapes(parts.start, parts.count, token) }
    return try decodeEscapes(parts.start, parts.count, token)
  }

  // MARK: Escapes

  /// A literal may be parsed more than once when the parser goes back; it warns once.
  mutating func add(_ warning: SyntaxWarning) {
    for known in warnings.reversed() {
      if known.lineno == warning.lineno && known.offset == warning.offset && known.address == warning.address
        && known.message == warning.message
      {
        return
      }
      // Going back, the parser never leaves the statement; what lies well before cannot be the same literal.
      if known.lineno < warning.lineno { break }
    }
    warnings.append(warning)
  }

  /// - Parameter address: tells apart the warnings of a literal with the same message.
  mutating func warn(_ message: String, _ token: Int, _ address: UInt) {
    add(
      SyntaxWarning(
        category: .deprecation, origin: .literal, message: message, lineno: Int(tokens[token].lineno),
        offset: Int(tokens[token].col) + 1, endLineno: Int(tokens[token].endLineno), endOffset: Int(tokens[token].endCol) + 1,
        address: address))
  }

  /// `text` begins after the backslash of the first invalid escape of a literal.
  private mutating func warnInvalidEscape(_ text: UnsafePointer<UInt8>, _ token: Int) {
    if text[0] >= 0x34 && text[0] <= 0x37 {
      let digits = String(decoding: UnsafeBufferPointer(start: text, count: 3), as: UTF8.self)
      warn("invalid octal escape sequence '\\\(digits)'", token, UInt(bitPattern: text))
    } else {
      warn("invalid escape sequence '\\\(UnicodeScalar(text[0]))'", token, UInt(bitPattern: text))
    }
  }

  private mutating func decodeBytesEscapes(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ token: Int
  ) throws(ParseFailed) -> ArenaBytes {
    let memory = arena.allocate(size: count).assumingMemoryBound(to: UInt8.self)
    var written = 0
    var index = 0
    var firstInvalid: UnsafePointer<UInt8>?
    while index < count {
      let byte = text[index]
      index += 1
      if byte != 0x5C {
        memory[written] = byte
        written += 1
        continue
      }
      if index >= count { break }
      let escape = text[index]
      index += 1
      if escape == 0x0A { continue }
      if let simple = Parser.simpleEscape(escape) {
        memory[written] = simple
        written += 1
      } else if escape >= 0x30 && escape <= 0x37 {
        var value = UInt32(escape - 0x30)
        var digits = 1
        while digits < 3 && index < count && text[index] >= 0x30 && text[index] <= 0x37 {
          value = value << 3 | UInt32(text[index] - 0x30)
          index += 1
          digits += 1
        }
        if value > 0xFF && firstInvalid == nil { firstInvalid = text + index - 3 }
        memory[written] = UInt8(truncatingIfNeeded: value)
        written += 1
      } else if escape == 0x78 {
        if index + 1 < count, let high = Parser.hexValue(text[index]), let low = Parser.hexValue(text[index + 1]) {
          memory[written] = UInt8(truncatingIfNeeded: high << 4 | low)
          written += 1
          index += 2
        } else {
          literalFailure = .message("(value error) invalid \\x escape at position \(index - 2)")
          throw ParseFailed()
        }
      } else {
        if firstInvalid == nil { firstInvalid = text + index - 1 }
        memory[written] = 0x5C
        memory[written + 1] = escape
        written += 2
      }
    }
    if let firstInvalid { warnInvalidEscape(firstInvalid, token) }
    return ArenaBytes(base: memory, count: written)
  }

  static func simpleEscape(_ character: UInt8) -> UInt8? {
    switch character {
    case 0x5C, 0x27, 0x22: return character
    case 0x62: return 0x08
    case 0x66: return 0x0C
    case 0x74: return 0x09
    case 0x6E: return 0x0A
    case 0x72: return 0x0D
    case 0x76: return 0x0B
    case 0x61: return 0x07
    default: return nil
    }
  }

  static func hexValue(_ character: UInt8) -> UInt32? {
    switch character {
    case 0x30...0x39: return UInt32(character - 0x30)
    case 0x61...0x66, 0x41...0x46: return UInt32((character | 0x20) - 0x57)
    default: return nil
    }
  }

  /// Decodes the escapes of a text literal. The value never needs more room than the literal.
  ///
  /// CPython first rewrites non-ASCII characters as `\UXXXXXXXX` and then decodes; the positions in its error messages count
  /// that form, which `shift` keeps account of.
  mutating func decodeEscapes(
    _ text: UnsafePointer<UInt8>, _ count: Int, _ token: Int
  ) throws(ParseFailed) -> ArenaBytes {
    let memory = arena.allocate(size: count + 4).assumingMemoryBound(to: UInt8.self)
    var written = 0
    var index = 0
    var shift = 0
    var firstInvalid: UnsafePointer<UInt8>?
    // CPython's first step fails on ill-formed text before any escape is looked at.
    if !UTF8Text.isASCII(text, count) { try checkNonASCIIRuns(text, count) }

    func put(_ scalar: UInt32) {
      if scalar < 0x80 {
        memory[written] = UInt8(truncatingIfNeeded: scalar)
        written += 1
      } else if scalar < 0x800 {
        memory[written] = UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6)
        memory[written + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        written += 2
      } else if scalar < 0x10000 {
        memory[written] = UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12)
        memory[written + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
        memory[written + 2] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        written += 3
      } else {
        memory[written] = UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18)
        memory[written + 1] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F)
        memory[written + 2] = UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F)
        memory[written + 3] = UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F)
        written += 4
      }
    }

    while index < count {
      let byte = text[index]
      if byte != 0x5C {
        memory[written] = byte
        written += 1
        if byte >= 0xC0 {
          let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
          shift += 10 - length
        }
        index += 1
        continue
      }
      let escapeStart = index
      index += 1
      if index >= count || text[index] >= 0x80 {
        // A backslash before a non-ASCII character, or at the end of a piece of an f-string, stands for itself.
        put(0x5C)
        shift += 5
        continue
      }
      let escape = text[index]
      index += 1
      if escape == 0x0A { continue }
      if let simple = Parser.simpleEscape(escape) {
        put(UInt32(simple))
        continue
      }
      switch escape {
      case 0x30...0x37:
        var value = UInt32(escape - 0x30)
        var digits = 1
        while digits < 3 && index < count && text[index] >= 0x30 && text[index] <= 0x37 {
          value = value << 3 | UInt32(text[index] - 0x30)
          index += 1
          digits += 1
        }
        if value > 0xFF && firstInvalid == nil { firstInvalid = text + index - 3 }
        put(value)
      case 0x78, 0x75, 0x55:
        let digits = escape == 0x78 ? 2 : escape == 0x75 ? 4 : 8
        var value: UInt32 = 0
        var seen = 0
        while seen < digits, index < count, let digit = Parser.hexValue(text[index]) {
          value = value << 4 | digit
          index += 1
          seen += 1
        }
        if seen < digits {
          let name = escape == 0x78 ? "\\xXX" : escape == 0x75 ? "\\uXXXX" : "\\UXXXXXXXX"
          try failEscape(escapeStart + shift, index + shift, "truncated \(name) escape")
        }
        if value > 0x10FFFF { try failEscape(escapeStart + shift, index + shift, "illegal Unicode character") }
        put(value)
      case 0x4E:
        if index < count && text[index] == 0x7B {
          let nameStart = index + 1
          var nameEnd = nameStart
          while nameEnd < count && text[nameEnd] != 0x7D { nameEnd += 1 }
          if nameEnd >= count {
            try failEscape(escapeStart + shift, count + expansion(text, index, count) + shift, "malformed \\N character escape")
          }
          if nameEnd == nameStart {
            try failEscape(escapeStart + shift, nameEnd + shift, "malformed \\N character escape")
          }
          let name = UnsafeBufferPointer(start: text + nameStart, count: nameEnd - nameStart)
          index = nameEnd + 1
          guard let scalar = UnicodeNames.lookup(name) else {
            let growth = expansion(text, nameStart, nameEnd)
            try failEscape(escapeStart + shift, index + growth + shift, "unknown Unicode character name")
            continue
          }
          put(scalar)
        } else {
          try failEscape(escapeStart + shift, index + shift, "malformed \\N character escape")
        }
      default:
        if firstInvalid == nil { firstInvalid = text + index - 1 }
        put(0x5C)
        put(UInt32(escape))
      }
    }
    if let firstInvalid { warnInvalidEscape(firstInvalid, token) }
    return ArenaBytes(base: memory, count: written)
  }

  /// How much longer a range is in CPython's rewritten form.
  private func expansion(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int) -> Int {
    var growth = 0
    for index in start..<end where text[index] >= 0xC0 {
      growth += 10 - (text[index] >= 0xF0 ? 4 : text[index] >= 0xE0 ? 3 : 2)
    }
    return growth
  }

  private mutating func failEscape(_ start: Int, _ end: Int, _ reason: String) throws(ParseFailed) {
    let place = end - start == 1 ? "byte 0x5c in position \(start)" : "bytes in position \(start)-\(end - 1)"
    literalFailure = .message("(unicode error) 'unicodeescape' codec can't decode \(place): \(reason)")
    throw ParseFailed()
  }

  /// Each run of non-ASCII bytes must be UTF-8; positions in the message count from the start of the run.
  mutating func checkNonASCIIRuns(_ text: UnsafePointer<UInt8>, _ count: Int) throws(ParseFailed) {
    var index = 0
    while index < count {
      guard text[index] >= 0x80 else {
        index += 1
        continue
      }
      var end = index
      while end < count && text[end] >= 0x80 { end += 1 }
      if let problem = UTF8Text.problem(text + index, end - index) {
        literalFailure = .message("(unicode error) \(problem)")
        throw ParseFailed()
      }
      index = end
    }
  }
}
