import Glibc

/// Decimal digits of a double without sign: value = 0.d₁d₂d₃… · 10^pointPosition. Digits are ASCII, no trailing zeros wanted.
struct DecimalDigits {
  var digits: [UInt8]
  var pointPosition: Int
}

/// Doubles as text and back.
enum FloatText {
  /// Digits of the shortest decimal that reads back as `d` (finite), nearest to `d` among those.
  static func shortest(_ d: Double) -> DecimalDigits {
    if d == 0 { return DecimalDigits(digits: [48], pointPosition: 1) }
    var digits: [UInt8] = []
    digits.reserveCapacity(20)
    var point = -1
    var exponent = 0
    // The standard library prints exactly these digits, in its own notation.
    var text = d.magnitude.description
    text.withUTF8 { p in
      var i = 0
      while i < p.count {
        let c = p[i]
        if c == 46 {
          point = digits.count
        } else if c == 101 {
          var negative = false
          i += 1
          while i < p.count {
            if p[i] == 45 { negative = true } else if p[i] != 43 { exponent = exponent * 10 + Int(p[i]) - 48 }
            i += 1
          }
          if negative { exponent = -exponent }
        } else {
          digits.append(c)
        }
        i += 1
      }
    }
    if point < 0 { point = digits.count }
    point += exponent
    var leading = 0
    while leading < digits.count - 1 && digits[leading] == 48 { leading += 1 }
    if leading > 0 {
      digits.removeFirst(leading)
      point -= leading
    }
    while digits.count > 1, digits.last == 48 { digits.removeLast() }
    return DecimalDigits(digits: digits, pointPosition: point)
  }

  /// `repr(d)` appended to `out`; with `addPointZero` whole numbers get ".0".
  static func appendRepr(_ d: Double, _ out: inout [UInt8], addPointZero: Bool = true, alwaysSign: Bool = false) {
    if d.isNaN {
      if alwaysSign { out.append(43) }
      out.append(contentsOf: [110, 97, 110])
      return
    }
    if d.sign == .minus { out.append(45) } else if alwaysSign { out.append(43) }
    if d.isInfinite {
      out.append(contentsOf: [105, 110, 102])
      return
    }
    let s = shortest(d)
    let n = s.digits.count
    let point = s.pointPosition
    if -4 < point && point <= 16 {
      if point <= 0 {
        out.append(contentsOf: [48, 46])
        for _ in 0..<(-point) { out.append(48) }
        out.append(contentsOf: s.digits)
      } else if point >= n {
        out.append(contentsOf: s.digits)
        for _ in 0..<(point - n) { out.append(48) }
        if addPointZero { out.append(contentsOf: [46, 48]) }
      } else {
        out.append(contentsOf: s.digits[0..<point])
        out.append(46)
        out.append(contentsOf: s.digits[point...])
      }
      return
    }
    out.append(s.digits[0])
    if n > 1 {
      out.append(46)
      out.append(contentsOf: s.digits[1...])
    }
    appendExponent(point - 1, &out)
  }

  /// "e+05": at least two digits.
  static func appendExponent(_ e: Int, _ out: inout [UInt8], letter: UInt8 = 101) {
    out.append(letter)
    out.append(e < 0 ? 45 : 43)
    let m = e.magnitude
    if m < 10 { out.append(48) }
    out.append(contentsOf: Array(String(m).utf8))
  }

  static func repr(_ vm: VM, _ d: Double) throws(Raised) -> Value {
    // In this range (up to 2⁵³) the standard library's notation is Python's.
    if d.magnitude >= 1e-4 && d.magnitude < 9_007_199_254_740_992 {
      var text = d.description
      var result = Value.null
      text.withUTF8 { utf8 in
        do throws(Raised) { result = try vm.str(ascii: UnsafeRawBufferPointer(utf8)) } catch { result = .null }
      }
      if result.isNull { throw Raised() }
      return result
    }
    var out: [UInt8] = []
    out.reserveCapacity(26)
    appendRepr(d, &out)
    return try out.withUnsafeBytesTyped { p throws(Raised) in try vm.str(latin1: p) }
  }

  // MARK: from text

  /// Value and end of the longest decimal float, "inf", "infinity" or "nan" at `start` (no white space, no underscores).
  /// The text must be followed by a zero byte. Nil if there is none.
  static func scan(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> (Double, Int)? {
    let n = text.count
    func at(_ i: Int) -> UInt8 { i < n ? text[i] : 0 }
    func isDigit(_ c: UInt8) -> Bool { c >= 48 && c <= 57 }
    var i = start
    var negative = false
    if at(i) == 43 || at(i) == 45 {
      negative = at(i) == 45
      i += 1
    }
    func matches(_ word: StaticString) -> Bool {
      for k in 0..<word.utf8CodeUnitCount where at(i + k) | 32 != word.utf8Start[k] { return false }
      return true
    }
    if matches("inf") { return (negative ? -Double.infinity : .infinity, matches("infinity") ? i + 8 : i + 3) }
    if matches("nan") { return (negative ? -Double.nan : .nan, i + 3) }
    let first = i
    while isDigit(at(i)) { i += 1 }
    var digits = i - first
    if at(i) == 46 {
      let p = i + 1
      i = p
      while isDigit(at(i)) { i += 1 }
      digits += i - p
    }
    if digits == 0 { return nil }
    if at(i) | 32 == 101 {
      var e = i + 1
      if at(e) == 43 || at(e) == 45 { e += 1 }
      if isDigit(at(e)) {
        while isDigit(at(e)) { e += 1 }
        i = e
      }
    }
    return (convert(text, first, i, negative), i)
  }

  /// Correctly rounded value of a decimal literal that `scan` has found well-formed.
  private static func convert(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, _ negative: Bool) -> Double {
    var copy = [CChar]()
    copy.reserveCapacity(end - start + 1)
    for i in start..<end { copy.append(CChar(bitPattern: text[i])) }
    copy.append(0)
    var consumed = 0
    let value = copy.withUnsafeBufferPointer { p -> Double in
      guard let base = p.baseAddress else { return 0 }
      var stop: UnsafeMutablePointer<CChar>?
      let d = strtod(base, &stop)
      consumed = stop.map { UnsafePointer($0) - base } ?? 0
      return d
    }
    if consumed == end - start { return negative ? -value : value }
    // The C locale was changed to one with another decimal point.
    let text = String(decoding: text[start..<end], as: UTF8.self)
    let d = Double(text) ?? 0
    return negative ? -d : d
  }

  /// Plain decimals of at most 15 digits and 22 places: both numbers are exact doubles, so one division rounds correctly. Nil for
  /// everything else, right or wrong.
  static func quick(_ text: UnsafePointer<UInt8>, _ count: Int) -> Double? {
    var i = count > 0 && text[0] == 45 ? 1 : 0
    let negative = i == 1
    if count &- i > 18 { return nil }
    var mantissa = 0, digits = 0, places = 0
    var point = false
    while i < count {
      let c = text[i] &- 48
      if c < 10 {
        mantissa = mantissa &* 10 &+ Int(c)
        digits &+= 1
        if point { places &+= 1 }
      } else if text[i] == 46 && !point {
        point = true
      } else {
        return nil
      }
      i &+= 1
    }
    if digits == 0 || digits > 15 { return nil }
    var scale = 1.0
    for _ in 0..<places { scale *= 10 }
    let d = Double(mantissa) / scale
    return negative ? -d : d
  }

  /// Parses ASCII as `float()` does: white space around, single underscores between digits.
  static func parse(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var i = 0, end = text.count
    while i < end && IntText.isSpace(text[i]) { i += 1 }
    while end > i && IntText.isSpace(text[end - 1]) { end -= 1 }
    if i == end { return nil }
    guard text[i..<end].contains(95) else {
      guard let (d, stop) = scan(UnsafeBufferPointer(rebasing: text[..<end]), i), stop == end else { return nil }
      return d
    }
    guard let plain = withoutUnderscores(UnsafeBufferPointer(rebasing: text[i..<end])) else { return nil }
    return plain.withUnsafeBufferPointer { p in
      guard let (d, stop) = scan(p, 0), stop == p.count else { return nil }
      return d
    }
  }

  /// Drops underscores; nil unless each stands between two digits.
  static func withoutUnderscores(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
    var out: [UInt8] = []
    out.reserveCapacity(text.count)
    var previous: UInt8 = 0
    for c in text {
      if c == 95 {
        if !(previous >= 48 && previous <= 57) { return nil }
      } else {
        if previous == 95 && !(c >= 48 && c <= 57) { return nil }
        out.append(c)
      }
      previous = c
    }
    return previous == 95 ? nil : out
  }
}
