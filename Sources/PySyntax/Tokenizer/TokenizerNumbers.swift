/// Number literals. Every error has CPython's message and stops at CPython's column.
extension Tokenizer {
  /// `character` is the first digit; or, when `first` is a dot, the digit after it.
  mutating func number(_ first: UnsafePointer<UInt8>, _ initial: Int32, _ digit: Int32) -> TokenKind {
    var character = digit
    if initial == 0x2E {
      guard let next = decimalTail() else { return .ERRORTOKEN }
      return afterFraction(first, next)
    }
    if character != 0x30 {
      guard let next = decimalTail() else { return .ERRORTOKEN }
      character = next
      if character == 0x2E { return fraction(first, self.next()) }
      return afterFraction(first, character)
    }
    character = next()
    switch character {
    case 0x78, 0x58:
      guard let next = hexadecimalTail() else { return .ERRORTOKEN }
      character = next
    case 0x6F, 0x4F:
      guard let next = radixTail(limit: 0x38, "octal") else { return .ERRORTOKEN }
      character = next
    case 0x62, 0x42:
      guard let next = radixTail(limit: 0x32, "binary") else { return .ERRORTOKEN }
      character = next
    default:
      return zeros(first, character)
    }
    backup(character)
    return finish(first)
  }

  private mutating func finish(_ first: UnsafePointer<UInt8>) -> TokenKind {
    tokenStart = first
    tokenEnd = cur
    return .NUMBER
  }

  /// A literal whose first digit is 0, `character` being the one after it.
  private mutating func zeros(_ first: UnsafePointer<UInt8>, _ second: Int32) -> TokenKind {
    var character = second
    var nonzero = false
    while true {
      if character == 0x5F {
        character = next()
        if !has(character, CharacterClass.digit) {
          backup(character)
          return syntaxError("invalid decimal literal")
        }
      }
      if character != 0x30 { break }
      character = next()
    }
    let zerosEnd = cur
    if has(character, CharacterClass.digit) {
      nonzero = true
      guard let next = decimalTail() else { return .ERRORTOKEN }
      character = next
    }
    if character == 0x2E { return fraction(first, next()) }
    if character == 0x65 || character == 0x45 || character == 0x6A || character == 0x4A {
      return afterFraction(first, character)
    }
    if nonzero {
      backup(character)
      return syntaxError(
        "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
        col: first + 1 - lineStart, endCol: zerosEnd - lineStart)
    }
    guard verifyEndOfNumber(character, "decimal") else { return .ERRORTOKEN }
    backup(character)
    return finish(first)
  }

  private mutating func fraction(_ first: UnsafePointer<UInt8>, _ after: Int32) -> TokenKind {
    var character = after
    if has(character, CharacterClass.digit) {
      guard let next = decimalTail() else { return .ERRORTOKEN }
      character = next
    }
    return afterFraction(first, character)
  }

  /// Exponent, imaginary suffix and end of a decimal literal.
  private mutating func afterFraction(_ first: UnsafePointer<UInt8>, _ after: Int32) -> TokenKind {
    var character = after
    if character == 0x65 || character == 0x45 {
      let exponent = character
      character = next()
      if character == 0x2B || character == 0x2D {
        character = next()
        if !has(character, CharacterClass.digit) {
          backup(character)
          return syntaxError("invalid decimal literal")
        }
      } else if !has(character, CharacterClass.digit) {
        backup(character)
        guard verifyEndOfNumber(exponent, "decimal") else { return .ERRORTOKEN }
        backup(exponent)
        return finish(first)
      }
      guard let next = decimalTail() else { return .ERRORTOKEN }
      character = next
    }
    if character == 0x6A || character == 0x4A {
      character = next()
      guard verifyEndOfNumber(character, "imaginary") else { return .ERRORTOKEN }
    } else {
      guard verifyEndOfNumber(character, "decimal") else { return .ERRORTOKEN }
    }
    backup(character)
    return finish(first)
  }

  /// Digits and single underscores; the first character after them, or nil after an error.
  private mutating func decimalTail() -> Int32? {
    while true {
      var character: Int32
      repeat { character = next() } while has(character, CharacterClass.digit)
      if character != 0x5F { return character }
      character = next()
      if !has(character, CharacterClass.digit) {
        backup(character)
        _ = syntaxError("invalid decimal literal")
        return nil
      }
    }
  }

  private mutating func hexadecimalTail() -> Int32? {
    var character = next()
    repeat {
      if character == 0x5F { character = next() }
      if !has(character, CharacterClass.hexDigit) {
        backup(character)
        _ = syntaxError("invalid hexadecimal literal")
        return nil
      }
      repeat { character = next() } while has(character, CharacterClass.hexDigit)
    } while character == 0x5F
    return verifyEndOfNumber(character, "hexadecimal") ? character : nil
  }

  private mutating func radixTail(limit: Int32, _ kind: String) -> Int32? {
    var character = next()
    repeat {
      if character == 0x5F { character = next() }
      if character < 0x30 || character >= limit {
        if has(character, CharacterClass.digit) {
          _ = invalidDigit(character, kind)
        } else {
          backup(character)
          _ = syntaxError("invalid \(kind) literal")
        }
        return nil
      }
      repeat { character = next() } while character >= 0x30 && character < limit
    } while character == 0x5F
    if has(character, CharacterClass.digit) {
      _ = invalidDigit(character, kind)
      return nil
    }
    return verifyEndOfNumber(character, kind) ? character : nil
  }

  private mutating func invalidDigit(_ character: Int32, _ kind: String) -> TokenKind {
    syntaxError("invalid digit '\(UnicodeScalar(UInt8(truncatingIfNeeded: character)))' in \(kind) literal")
  }

  /// A number may not run into a name. Keywords that can follow a number in valid code only earn a warning.
  private mutating func verifyEndOfNumber(_ character: Int32, _ kind: String) -> Bool {
    guard has(character, CharacterClass.identifierPart) else { return true }
    var isKeyword = false
    switch character {
    case 0x61: isKeyword = follows("nd")
    case 0x65: isKeyword = follows("lse")
    case 0x66: isKeyword = follows("or")
    // Of `if`, `in` and `is` only the two letters are looked at.
    case 0x69: isKeyword = cur.pointee == 0x66 || cur.pointee == 0x6E || cur.pointee == 0x73
    case 0x6F: isKeyword = follows("r")
    case 0x6E: isKeyword = follows("ot")
    default: break
    }
    backup(character)
    if isKeyword {
      let offset = UTF8Text.characterCount(lineStart, cur - lineStart)
      warnings.append(
        SyntaxWarning(
          category: .syntax, origin: .token, message: "invalid \(kind) literal", lineno: Int(lineno), offset: offset,
          endLineno: Int(lineno), endOffset: offset))
      _ = next()
      return true
    }
    _ = syntaxError("invalid \(kind) literal")
    return false
  }

  /// Is this the rest of the word at hand?
  private func follows(_ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    for index in 0..<length where cur[index] != word.utf8Start[index] { return false }
    return !has(Int32(cur[length]), CharacterClass.identifierPart)
  }
}
