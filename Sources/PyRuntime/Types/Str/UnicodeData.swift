/// Properties and simple case mappings of code points, read from `UnicodeTables`. Latin letters and digits are answered by callers
/// without coming here.
enum UnicodeData {
  @inline(__always) private static func digit(_ p: UnsafePointer<UInt8>, _ i: Int) -> UInt32 { UInt32(p[i] &- 48) & 63 }

  /// Offset of the record of `c` in the table of records.
  @inline(__always)
  private static func record(_ c: UInt32) -> UnsafePointer<UInt8> {
    guard c < 0x110000 else { return UnicodeTables.records.utf8Start }
    let index = UnicodeTables.index.utf8Start
    let i = Int(c) >> UnicodeTables.blockShift &* 2
    let block = Int(digit(index, i) | digit(index, i &+ 1) << 6)
    let blocks = UnicodeTables.blocks.utf8Start
    let j = (block << UnicodeTables.blockShift | Int(c) & (1 << UnicodeTables.blockShift &- 1)) &* 2
    let n = Int(digit(blocks, j) | digit(blocks, j &+ 1) << 6)
    return UnicodeTables.records.utf8Start + n &* UnicodeTables.recordWidth
  }

  @inline(__always) private static func number(_ p: UnsafePointer<UInt8>, _ at: Int, _ width: Int) -> UInt32 {
    var n: UInt32 = 0
    var i = width
    while i > 0 {
      i &-= 1
      n = n << 6 | digit(p, at &+ i)
    }
    return n
  }

  static func flags(_ c: UInt32) -> UnicodeFlags { UnicodeFlags(rawValue: number(record(c), 0, 3)) }
  @inline(__always) static func has(_ c: UInt32, _ f: UnicodeFlags) -> Bool { !flags(c).isDisjoint(with: f) }

  /// Two-letter general category ("Lu").
  static func category(_ c: UInt32) -> (UInt8, UInt8) {
    let n = Int(digit(record(c), 3))
    let p = UnicodeTables.categories.utf8Start
    return (p[n &* 2], p[n &* 2 &+ 1])
  }
  /// Value of a decimal digit, or -1.
  static func decimal(_ c: UInt32) -> Int {
    if c < 128 { return c >= 48 && c <= 57 ? Int(c) &- 48 : -1 }
    let r = record(c)
    return UnicodeFlags(rawValue: number(r, 0, 3)).contains(.decimal) ? Int(digit(r, 4)) : -1
  }
  /// Value of a digit (superscripts and the like included), or -1.
  static func digitValue(_ c: UInt32) -> Int {
    let d = Int(digit(record(c), 4))
    return d == 63 ? -1 : d
  }

  enum Mapping: Int { case lower = 0, upper, title, folded }

  /// The first code point of the mapping: the whole of it but for characters with the flag `special`.
  static func simple(_ c: UInt32, _ m: Mapping) -> UInt32 {
    (c &+ number(record(c), 5 &+ m.rawValue &* 4, 4)) & 0xFFFFFF
  }
  @inline(__always) static func lower(_ c: UInt32) -> UInt32 {
    if c < 128 { return c &- 65 < 26 ? c | 32 : c }
    return simple(c, .lower)
  }
  @inline(__always) static func upper(_ c: UInt32) -> UInt32 {
    if c < 128 { return c &- 97 < 26 ? c & ~32 : c }
    return simple(c, .upper)
  }
  static func title(_ c: UInt32) -> UInt32 { simple(c, .title) }

  /// The full mapping: one to three code points; unused ones are 0.
  static func full(_ c: UInt32, _ m: Mapping) -> (UInt32, UInt32, UInt32, count: Int) {
    let r = record(c)
    let first = (c &+ number(r, 5 &+ m.rawValue &* 4, 4)) & 0xFFFFFF
    if !UnicodeFlags(rawValue: number(r, 0, 3)).contains(.special) { return (first, 0, 0, 1) }
    let table = UnicodeTables.special.utf8Start
    var low = 0, high = UnicodeTables.specialCount
    while low < high {
      let middle = (low &+ high) / 2
      let row = middle &* 52
      let key = number(table, row, 4)
      if key == c {
        let at = row &+ 4 &+ m.rawValue &* 12
        let a = number(table, at, 4), b = number(table, at &+ 4, 4), d = number(table, at &+ 8, 4)
        return (a, b, d, d != 0 ? 3 : b != 0 ? 2 : 1)
      }
      if key < c { low = middle &+ 1 } else { high = middle }
    }
    return (first, 0, 0, 1)
  }

  @inline(__always) static func isAlpha(_ c: UInt32) -> Bool { c < 128 ? (c | 32) &- 97 < 26 : has(c, .alpha) }
  @inline(__always) static func isDecimal(_ c: UInt32) -> Bool { c < 128 ? c &- 48 < 10 : has(c, .decimal) }
  @inline(__always) static func isDigit(_ c: UInt32) -> Bool { c < 128 ? c &- 48 < 10 : has(c, .digit) }
  @inline(__always) static func isNumeric(_ c: UInt32) -> Bool { c < 128 ? c &- 48 < 10 : has(c, .numeric) }
  @inline(__always) static func isAlnum(_ c: UInt32) -> Bool {
    c < 128 ? c &- 48 < 10 || (c | 32) &- 97 < 26 : has(c, [.alpha, .decimal, .digit, .numeric])
  }
  @inline(__always) static func isLower(_ c: UInt32) -> Bool { c < 128 ? c &- 97 < 26 : has(c, .lower) }
  @inline(__always) static func isUpper(_ c: UInt32) -> Bool { c < 128 ? c &- 65 < 26 : has(c, .upper) }
  @inline(__always) static func isTitle(_ c: UInt32) -> Bool { c < 128 ? false : has(c, .title) }
  @inline(__always) static func isCased(_ c: UInt32) -> Bool { c < 128 ? (c | 32) &- 97 < 26 : has(c, [.lower, .upper, .title]) }
  @inline(__always) static func isPrintable(_ c: UInt32) -> Bool { c < 128 ? c >= 32 && c != 127 : has(c, .printable) }
  @inline(__always) static func isSpace(_ c: UInt32) -> Bool {
    if c < 128 { return c == 32 || c &- 9 < 5 || c &- 28 < 4 }
    if c < 0x1680 { return c == 0x85 || c == 0xA0 }
    return has(c, .space)
  }
  @inline(__always) static func isLineBreak(_ c: UInt32) -> Bool {
    if c < 128 { return c &- 10 < 4 || c &- 28 < 3 }
    return c == 0x85 || c == 0x2028 || c == 0x2029
  }
  @inline(__always) static func isIdentifierStart(_ c: UInt32) -> Bool { c < 128 ? (c | 32) &- 97 < 26 || c == 95 : has(c, .idStart) }
  @inline(__always) static func isIdentifierPart(_ c: UInt32) -> Bool {
    c < 128 ? (c | 32) &- 97 < 26 || c == 95 || c &- 48 < 10 : has(c, .idContinue)
  }
}
