import Glibc

/// Doubles by conversion code, as C's printf but locale-free and exact at any precision.
enum DoubleFormat {
  /// More digits than this are refused with MemoryError.
  static let maximumPrecision = 1 << 27

  struct Options: OptionSet {
    var rawValue: UInt8
    /// '#': keep the point and, with 'g', trailing zeros
    static let alternate = Options(rawValue: 1)
    /// Whole numbers end in ".0" ('g' and 'r')
    static let pointZero = Options(rawValue: 2)
    /// 'z': a result that rounds to zero has no minus sign
    static let noNegativeZero = Options(rawValue: 4)
    static let alwaysSign = Options(rawValue: 8)
  }

  /// `count` significant digits (≥ 1), correctly rounded, trailing zeros dropped. `d` is finite.
  static func significant(_ d: Double, _ count: Int) -> DecimalDigits {
    // A double has at most 767 significant digits.
    let asked = min(count, 800)
    let text = printed(d.magnitude, UInt8(ascii: "e"), asked - 1)
    var digits: [UInt8] = []
    digits.reserveCapacity(asked)
    var i = 0
    while i < text.count && text[i] != 101 {
      if text[i] >= 48 && text[i] <= 57 { digits.append(text[i]) }
      i += 1
    }
    var exponent = 0
    var negative = false
    i += 1
    while i < text.count {
      if text[i] == 45 { negative = true } else if text[i] != 43 { exponent = exponent * 10 + Int(text[i]) - 48 }
      i += 1
    }
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    return DecimalDigits(digits: digits, pointPosition: (negative ? -exponent : exponent) + 1)
  }

  /// Digits up to `places` after the point (may be negative: rounding left of the point is then not done; at least 0 is used).
  static func fixed(_ d: Double, _ places: Int) -> DecimalDigits {
    let text = printed(d.magnitude, UInt8(ascii: "f"), min(places, 1100))
    var digits: [UInt8] = []
    digits.reserveCapacity(text.count)
    var point = -1
    for c in text {
      if c >= 48 && c <= 57 { digits.append(c) } else if point < 0 { point = digits.count }
    }
    if point < 0 { point = digits.count }
    var leading = 0
    while leading < digits.count && digits[leading] == 48 { leading += 1 }
    if leading == digits.count { return DecimalDigits(digits: [48], pointPosition: 1) }
    digits.removeFirst(leading)
    point -= leading
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    return DecimalDigits(digits: digits, pointPosition: point)
  }

  private static func printed(_ d: Double, _ code: UInt8, _ precision: Int) -> [UInt8] {
    let format: [CChar] = [37, 46, 42, CChar(bitPattern: code), 0]
    let room = precision + 330
    return [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
      let n = withVaList([Int32(truncatingIfNeeded: precision), d]) { list in
        buffer.withMemoryRebound(to: CChar.self) { vsnprintf($0.baseAddress, room, format, list) }
      }
      count = max(0, min(Int(n), room - 1))
    }
  }

  /// Text of `d`; `code` one of e E f F g G r. `precision` ≥ 0, ignored for 'r'.
  static func text(_ d: Double, _ code: UInt8, _ precision: Int, _ options: Options) -> [UInt8] {
    let upper = code == 69 || code == 70 || code == 71
    var out: [UInt8] = []
    if !d.isFinite {
      let negative = d.sign == .minus && !d.isNaN
      if negative { out.append(45) } else if options.contains(.alwaysSign) { out.append(43) }
      out.append(contentsOf: Array((d.isNaN ? (upper ? "NAN" : "nan") : (upper ? "INF" : "inf")).utf8))
      return out
    }
    let kind = code | 32
    var precision = precision
    let decimal: DecimalDigits
    switch kind {
    case 101:  // e
      precision += 1
      decimal = significant(d, precision)
    case 102: decimal = fixed(d, precision)
    case 103:
      if precision == 0 { precision = 1 }
      decimal = significant(d, precision)
    default: decimal = FloatText.shortest(d)
    }
    let isZero = decimal.digits.count == 1 && decimal.digits[0] == 48
    let negative = d.sign == .minus && !(isZero && options.contains(.noNegativeZero))
    if negative { out.append(45) } else if options.contains(.alwaysSign) { out.append(43) }
    var point = decimal.pointPosition
    let alternate = options.contains(.alternate)
    var exponential = false
    var end: Int  // digits shown, zeros added up to there
    switch kind {
    case 101:
      exponential = true
      end = precision
    case 102: end = point + precision
    case 103:
      if point <= -4 || point > precision - (options.contains(.pointZero) ? 1 : 0) { exponential = true }
      end = alternate ? precision : decimal.digits.count
    default:
      if point <= -4 || point > 16 { exponential = true }
      end = decimal.digits.count
    }
    var exponent = 0
    if exponential {
      exponent = point - 1
      point = 1
    }
    // At least one digit before the point, and what the options ask for after it.
    let begin = min(point - 1, 0)
    if options.contains(.pointZero) && !exponential { end = max(end, point + 1) } else { end = max(end, point) }
    var i = begin
    out.reserveCapacity(end - begin + 8)
    while i < end {
      if i == point { out.append(46) }
      out.append(i >= 0 && i < decimal.digits.count ? decimal.digits[i] : 48)
      i += 1
    }
    if end == point && alternate { out.append(46) }
    if exponential { FloatText.appendExponent(exponent, &out, letter: upper ? 69 : 101) }
    return out
  }
}
