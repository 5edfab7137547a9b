/// Classes of source bytes, one table look-up each.
enum CharacterClass {
  static let identifierStart: UInt8 = 1  // ASCII letter, underscore, or any byte above 127
  static let identifierPart: UInt8 = 2  // those and digits
  static let digit: UInt8 = 4
  static let hexDigit: UInt8 = 8
  static let stringPrefix: UInt8 = 16  // b B r R u U f F

  /// 256 entries; process-lifetime.
  nonisolated(unsafe) static let table: UnsafePointer<UInt8> = {
    let table = UnsafeMutablePointer<UInt8>.allocate(capacity: 256)
    for value in 0..<256 {
      let byte = UInt8(value)
      var bits: UInt8 = 0
      let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
      let isDigit = byte >= 0x30 && byte <= 0x39
      if isLetter || byte == 0x5F || byte >= 128 { bits |= identifierStart | identifierPart }
      if isDigit { bits |= identifierPart | digit | hexDigit }
      if isLetter && (byte | 0x20) <= 0x66 { bits |= hexDigit }
      switch byte | 0x20 {
      case 0x62, 0x72, 0x75, 0x66: if isLetter { bits |= stringPrefix }
      default: break
      }
      table[value] = bits
    }
    return UnsafePointer(table)
  }()

  /// Token kind of a single punctuation character; `OP` where there is none.
  nonisolated(unsafe) static let oneChar: UnsafePointer<TokenKind> = {
    let table = UnsafeMutablePointer<TokenKind>.allocate(capacity: 256)
    table.initialize(repeating: .OP, count: 256)
    func set(_ character: Unicode.Scalar, _ kind: TokenKind) { table[Int(character.value)] = kind }
    set("%", .PERCENT)
    set("&", .AMPER)
    set("(", .LPAR)
    set(")", .RPAR)
    set("*", .STAR)
    set("+", .PLUS)
    set(",", .COMMA)
    set("-", .MINUS)
    set(".", .DOT)
    set("/", .SLASH)
    set(":", .COLON)
    set(";", .SEMI)
    set("<", .LESS)
    set("=", .EQUAL)
    set(">", .GREATER)
    set("@", .AT)
    set("[", .LSQB)
    set("]", .RSQB)
    set("^", .CIRCUMFLEX)
    set("{", .LBRACE)
    set("|", .VBAR)
    set("}", .RBRACE)
    set("~", .TILDE)
    return UnsafePointer(table)
  }()

  static func twoChars(_ first: UInt8, _ second: UInt8) -> TokenKind {
    switch (first, second) {
    case (0x21, 0x3D): return .NOTEQUAL
    case (0x25, 0x3D): return .PERCENTEQUAL
    case (0x26, 0x3D): return .AMPEREQUAL
    case (0x2A, 0x2A): return .DOUBLESTAR
    case (0x2A, 0x3D): return .STAREQUAL
    case (0x2B, 0x3D): return .PLUSEQUAL
    case (0x2D, 0x3D): return .MINEQUAL
    case (0x2D, 0x3E): return .RARROW
    case (0x2F, 0x2F): return .DOUBLESLASH
    case (0x2F, 0x3D): return .SLASHEQUAL
    case (0x3A, 0x3D): return .COLONEQUAL
    case (0x3C, 0x3C): return .LEFTSHIFT
    case (0x3C, 0x3D): return .LESSEQUAL
    case (0x3C, 0x3E): return .NOTEQUAL
    case (0x3D, 0x3D): return .EQEQUAL
    case (0x3E, 0x3D): return .GREATEREQUAL
    case (0x3E, 0x3E): return .RIGHTSHIFT
    case (0x40, 0x3D): return .ATEQUAL
    case (0x5E, 0x3D): return .CIRCUMFLEXEQUAL
    case (0x7C, 0x3D): return .VBAREQUAL
    default: return .OP
    }
  }

  static func threeChars(_ two: TokenKind, _ third: UInt8) -> TokenKind {
    guard third == 0x3D else { return .OP }
    switch two {
    case .DOUBLESTAR: return .DOUBLESTAREQUAL
    case .DOUBLESLASH: return .DOUBLESLASHEQUAL
    case .LEFTSHIFT: return .LEFTSHIFTEQUAL
    case .RIGHTSHIFT: return .RIGHTSHIFTEQUAL
    default: return .OP
    }
  }
}
