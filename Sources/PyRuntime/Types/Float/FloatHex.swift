/// Hexadecimal notation of doubles.
enum FloatHex {
  static func text(_ d: Double) -> String {
    if d.isNaN { return "nan" }
    let sign = d.sign == .minus ? "-" : ""
    if d.isInfinite { return sign + "inf" }
    if d == 0 { return sign + "0x0.0p+0" }
    let digits = String(d.significandBitPattern, radix: 16)
    let fraction = String(repeating: "0", count: 13 - digits.utf8.count) + digits
    let e = d.isNormal ? Int(d.exponentBitPattern) - 1023 : -1022
    let lead = d.isNormal ? "1" : "0"
    return "\(sign)0x\(lead).\(fraction)p\(e < 0 ? "-" : "+")\(e.magnitude)"
  }

  enum Outcome { case value(Double), malformed, overflow }

  /// Reads `[sign] ["0x"] digits ["." digits] ["p" exponent]`, "inf" and "nan", white space around; rounds half to even.
  static func parse(_ text: [UInt8]) -> Outcome {
    var i = 0, end = text.count
    while i < end && IntText.isSpace(text[i]) { i += 1 }
    while end > i && IntText.isSpace(text[end - 1]) { end -= 1 }
    func at(_ i: Int) -> UInt8 { i < end ? text[i] : 0 }
    let negative = at(i) == 45
    if at(i) == 45 || at(i) == 43 { i += 1 }
    let rest = String(decoding: text[i..<end], as: UTF8.self).lowercased()
    if rest == "inf" || rest == "infinity" { return .value(negative ? -.infinity : .infinity) }
    if rest == "nan" { return .value(negative ? -Double.nan : .nan) }
    if at(i) == 48 && at(i + 1) | 32 == 120 { i += 2 }
    var mantissa: UInt = 0
    var scale = 0  // power of two of mantissa's last bit
    var sticky = false
    var digits = 0
    var seenPoint = false
    while i < end {
      let c = at(i)
      if c == 46 && !seenPoint {
        seenPoint = true
      } else {
        let v = IntText.digitValue(c)
        if v > 15 { break }
        digits += 1
        if mantissa >> 60 == 0 {
          mantissa = mantissa << 4 | UInt(v)
          if seenPoint { scale -= 4 }
        } else {
          if v != 0 { sticky = true }
          if !seenPoint { scale += 4 }
        }
      }
      i += 1
    }
    if digits == 0 { return .malformed }
    if at(i) | 32 == 112 {
      i += 1
      let negativeExponent = at(i) == 45
      if at(i) == 45 || at(i) == 43 { i += 1 }
      let first = i
      var e = 0
      while at(i) >= 48 && at(i) <= 57 {
        if e < 1 << 40 { e = e * 10 + Int(at(i)) - 48 }
        i += 1
      }
      if i == first { return .malformed }
      scale += negativeExponent ? -e : e
    }
    if i != end { return .malformed }
    if mantissa == 0 { return .value(negative ? -0.0 : 0.0) }
    let zeros = mantissa.leadingZeroBitCount
    guard let d = IntDouble.rounded(mantissa << UInt(zeros), scale - zeros, sticky: sticky) else { return .overflow }
    return .value(negative ? -d : d)
  }
}
