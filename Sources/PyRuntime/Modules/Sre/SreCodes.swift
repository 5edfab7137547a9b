import Glibc

/// The opcodes of compiled patterns, as CPython 3.11's `re._constants` numbers them (MAGIC 20220615).
enum SreOp: UInt32 {
  case failure = 0, success, any, anyAll, assert, assertNot, at, branch, category, charset, bigCharset, groupRef, groupRefExists
  case `in`, info, jump, literal, mark, maxUntil, minUntil, notLiteral, negate, range, `repeat`, repeatOne, subpattern
  case minRepeatOne, atomicGroup, possessiveRepeat, possessiveRepeatOne
  case groupRefIgnore, inIgnore, literalIgnore, notLiteralIgnore
  case groupRefLocIgnore, inLocIgnore, literalLocIgnore, notLiteralLocIgnore
  case groupRefUniIgnore, inUniIgnore, literalUniIgnore, notLiteralUniIgnore, rangeUniIgnore

  /// The cases stand in the order of their numbers, so that the number is the case.
  @inline(__always) init(code: UInt32) {
    self = code <= SreOp.rangeUniIgnore.rawValue ? unsafeBitCast(UInt8(truncatingIfNeeded: code), to: SreOp.self) : .failure
  }
}

enum Sre {
  static let magic = 20_220_615
  static let maxRepeat: UInt32 = 0xFFFF_FFFF
  static let maxGroups = 0x3FFF_FFFF
  static let flagIgnoreCase = 2, flagLocale = 4, flagMultiline = 8, flagDotAll = 16, flagUnicode = 32, flagVerbose = 64
  static let flagDebug = 128, flagASCII = 256, flagTemplate = 1
  static let infoPrefix: UInt32 = 1, infoLiteral: UInt32 = 2, infoCharset: UInt32 = 4
}

/// Classes and case of characters, as patterns ask for them.
enum SreCharacters {
  @inline(__always) static func isASCIIDigit(_ c: UInt32) -> Bool { c &- 48 < 10 }
  @inline(__always) static func isASCIISpace(_ c: UInt32) -> Bool { c == 32 || c &- 9 < 5 }
  @inline(__always) static func isASCIIWord(_ c: UInt32) -> Bool {
    c < 128 && ((c | 32) &- 97 < 26 || c &- 48 < 10 || c == 95)
  }
  @inline(__always) static func isUnicodeWord(_ c: UInt32) -> Bool { c == 95 || UnicodeData.isAlnum(c) }
  static func isLocaleWord(_ c: UInt32) -> Bool { c < 256 && (isalnum(Int32(c)) != 0 || c == 95) }

  @inline(__always) static func lowerASCII(_ c: UInt32) -> UInt32 { c &- 65 < 26 ? c | 32 : c }
  @inline(__always) static func lowerUnicode(_ c: UInt32) -> UInt32 { c < 128 ? lowerASCII(c) : UnicodeData.lower(c) }
  static func lowerLocale(_ c: UInt32) -> UInt32 { c < 256 ? UInt32(truncatingIfNeeded: tolower(Int32(c))) : c }
  static func upperLocale(_ c: UInt32) -> UInt32 { c < 256 ? UInt32(truncatingIfNeeded: toupper(Int32(c))) : c }

  @inline(__always)
  static func category(_ which: UInt32, _ c: UInt32) -> Bool {
    switch which {
    case 0: isASCIIDigit(c)
    case 1: !isASCIIDigit(c)
    case 2: isASCIISpace(c)
    case 3: !isASCIISpace(c)
    case 4: isASCIIWord(c)
    case 5: !isASCIIWord(c)
    case 6: c == 10
    case 7: c != 10
    case 8: isLocaleWord(c)
    case 9: !isLocaleWord(c)
    case 10: c < 128 ? isASCIIDigit(c) : UnicodeData.isDecimal(c)
    case 11: c < 128 ? !isASCIIDigit(c) : !UnicodeData.isDecimal(c)
    case 12: c < 128 ? isASCIISpace(c) || c &- 28 < 4 : UnicodeData.isSpace(c)
    case 13: c < 128 ? !(isASCIISpace(c) || c &- 28 < 4) : !UnicodeData.isSpace(c)
    case 14: c < 128 ? isASCIIWord(c) : isUnicodeWord(c)
    case 15: c < 128 ? !isASCIIWord(c) : !isUnicodeWord(c)
    case 16: UnicodeData.isLineBreak(c)
    case 17: !UnicodeData.isLineBreak(c)
    default: false
    }
  }

  /// Whether `c` is in the set whose program starts at `set`. The validator has seen its end.
  static func inSet(_ set: UnsafePointer<UInt32>, _ c: UInt32) -> Bool {
    var p = set
    var ok = true
    while true {
      switch SreOp(code: p[0]) {
      case .literal:
        if c == p[1] { return ok }
        p += 2
      case .range:
        if p[1] <= c && c <= p[2] { return ok }
        p += 3
      case .charset:
        if c < 256 && p[1 &+ Int(c >> 5)] & (1 &<< (c & 31)) != 0 { return ok }
        p += 9
      case .category:
        if category(p[1], c) { return ok }
        p += 2
      case .negate:
        ok.toggle()
        p += 1
      case .rangeUniIgnore:
        if p[1] <= c && c <= p[2] { return ok }
        let upper = UnicodeData.upper(c)
        if p[1] <= upper && upper <= p[2] { return ok }
        p += 3
      case .bigCharset:
        let count = Int(p[1])
        let map = p + 2
        if c < 0x10000 {
          let block = Int(map[Int(c >> 10)] >> (c >> 8 & 3 &* 8) & 255)
          let word = map + 64 + (block &* 8 &+ Int(c & 255) >> 5)
          if block < count && word.pointee & (1 &<< (c & 31)) != 0 { return ok }
        }
        p = map + (64 &+ count &* 8)
      default: return !ok
      }
    }
  }

  static func inSetLocaleIgnore(_ set: UnsafePointer<UInt32>, _ c: UInt32) -> Bool {
    let lower = lowerLocale(c)
    if inSet(set, lower) { return true }
    let upper = upperLocale(c)
    return upper != lower && inSet(set, upper)
  }
}
