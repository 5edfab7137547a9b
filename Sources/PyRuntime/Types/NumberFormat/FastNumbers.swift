import Glibc

/// The common cases of number formatting without heap storage of Swift's: text is made in a few words of the native stack, and the
/// str is filled once. Whatever is unusual is left to `NumberFormat` and `DoubleFormat`.
enum FastNumbers {
  /// Room for the longest text written here: 48 binary digits with separators, or a double with 20 digits before and 19 behind the point.
  static let room = 80

  // MARK: ints

  /// Digits of `m` in `base` (2, 8, 10 or 16), written so that they end before `end`.
  /// - Returns: how many.
  @inline(__always)
  static func write(_ magnitude: UInt, base: UInt, upper: Bool, endingAt end: UnsafeMutablePointer<UInt8>) -> Int {
    var p = end
    var m = magnitude
    if base == 10 {
      repeat {
        let q = m / 10
        p -= 1
        p.pointee = UInt8(truncatingIfNeeded: 48 &+ (m &- q &* 10))
        m = q
      } while m != 0
    } else {
      let shift: UInt = base == 16 ? 4 : base == 8 ? 3 : 1
      let letter: UInt8 = upper ? 55 : 87
      repeat {
        let d = UInt8(truncatingIfNeeded: m & (base &- 1))
        p -= 1
        p.pointee = d &+ (d < 10 ? 48 : letter)
        m = m &>> shift
      } while m != 0
    }
    return end - p
  }

  /// `format(i, spec)` of an inline int, or null where the general code has to do it.
  static func int(_ vm: VM, _ value: Int, _ f: FormatSpec) throws(Raised) -> Value {
    if f.precision != -1 || f.noNegativeZero || f.width > 1 << 20 { return .null }
    let base: UInt
    switch f.type {
    case 100: base = 10
    case 120, 88: base = 16
    case 111: base = 8
    case 98: base = 2
    default: return .null
    }
    let separator: UInt8
    var group = 3
    switch f.grouping {
    case .none: separator = 0
    case .comma: separator = 44
    case .underscore: separator = 95
    case .underscoreFour:
      separator = 95
      group = 4
    case .locale: return .null
    }
    // Zeros that fill a width are grouped as well.
    if separator != 0 && f.fill == 48 && f.align == 61 { return .null }
    return try withRoom { buffer throws(Raised) in
      let end = buffer + room
      var n = write(value.magnitude, base: base, upper: f.type == 88, endingAt: end)
      if separator != 0 { n = grouped(end, n, separator, group) }
      var prefix: UInt16 = 0
      if f.alternate && base != 10 { prefix = UInt16(f.type) }
      let sign: UInt8 = value < 0 ? 45 : f.sign == 43 ? 43 : f.sign == 32 ? 32 : 0
      return try assemble(vm, f, sign: sign, prefix: UInt8(truncatingIfNeeded: prefix), UnsafePointer(end - n), n)
    }
  }

  /// Puts `separator` between groups of the `n` digits that end before `end`, moving them to the left.
  private static func grouped(_ end: UnsafeMutablePointer<UInt8>, _ n: Int, _ separator: UInt8, _ size: Int) -> Int {
    let separators = (n &- 1) / size
    if separators == 0 { return n }
    let total = n &+ separators
    var from = end - n
    var to = end - total
    var left = n
    while left > 0 {
      to.pointee = from.pointee
      to += 1
      from += 1
      left &-= 1
      if left > 0 && left % size == 0 {
        to.pointee = separator
        to += 1
      }
    }
    return total
  }

  /// Padding, sign, prefix ("0" and the letter `prefix`, unless 0) and body as a new str.
  private static func assemble(
    _ vm: VM, _ f: FormatSpec, sign: UInt8, prefix: UInt8, _ body: UnsafePointer<UInt8>, _ n: Int
  ) throws(Raised) -> Value {
    let before = (sign == 0 ? 0 : 1) &+ (prefix == 0 ? 0 : 2)
    let padding = max(0, f.width &- before &- n)
    let length = before &+ n &+ padding
    if length == 1 { return try vm.str(codePoint: UInt32(body[0])) }
    let left = f.align == 62 ? padding : f.align == 94 ? padding / 2 : 0
    let middle = f.align == 61 ? padding : 0
    if padding > 0 && f.fill > 255 { return .null }
    let s = try vm.newStr(length: length, unit: 1, ascii: padding == 0 || f.fill < 128)
    var p = s.units.assumingMemoryBound(to: UInt8.self)
    if padding > 0 { memset(p, Int32(f.fill), length) }
    p += left
    if sign != 0 {
      p.pointee = sign
      p += 1
    }
    if prefix != 0 {
      p[0] = 48
      p[1] = prefix
      p += 2
    }
    p += middle
    memcpy(p, body, n)
    return Value(s)
  }

  // MARK: doubles

  private static func powerOfTen(_ n: Int) -> UInt64 {
    var p: UInt64 = 1
    for _ in 0..<n { p = p &* 10 }
    return p
  }

  /// |d| · 10^places rounded half to even, exactly; nil outside 0 ... 19 places or 128 bits. `d` is finite.
  @inline(__always)
  private static func scaled(_ d: Double, _ places: Int) -> UInt128? {
    let bits = d.magnitude.bitPattern
    let field = Int(bits >> 52)
    let mantissa = field == 0 ? bits : bits & ((1 << 52) - 1) | 1 << 52
    let exponent = max(field, 1) &- 1075
    if places < 0 {
      // Whole numbers of up to 64 bits, rounded to the left of the point.
      if places < -19 || exponent > 11 || exponent < -52 { return nil }
      let whole: UInt64
      if exponent >= 0 {
        whole = mantissa << UInt64(exponent)
      } else {
        // A fraction below matters only to break ties.
        whole = mantissa >> UInt64(-exponent)
        let fraction = mantissa & ((1 << UInt64(-exponent)) &- 1)
        let unit = powerOfTen(-places)
        let (q, r) = whole.quotientAndRemainder(dividingBy: unit)
        let half = unit / 2
        let up = r > half || r == half && (fraction != 0 || q & 1 == 1)
        return UInt128(up ? q &+ 1 : q)
      }
      let unit = powerOfTen(-places)
      let (q, r) = whole.quotientAndRemainder(dividingBy: unit)
      let half = unit / 2
      return UInt128(r > half || r == half && q & 1 == 1 ? q &+ 1 : q)
    }
    if places > 19 || exponent > 11 { return nil }
    let power = powerOfTen(places)
    if exponent >= 0 { return UInt128(mantissa << UInt64(exponent)) &* UInt128(power) }
    let product = UInt128(mantissa) &* UInt128(power)  // below 2^117
    let shift = -exponent
    if shift >= 119 { return 0 }
    var q = product &>> UInt128(shift)
    let rest = product &- (q &<< UInt128(shift))
    let half = UInt128(1) &<< UInt128(shift &- 1)
    if rest > half || rest == half && q & 1 == 1 { q = q &+ 1 }
    return q
  }

  /// `d` to 0 ... 19 places, where the digits and the power of ten are exact doubles, so that one division gives the nearest one.
  static func rounded(_ d: Double, _ places: Int) -> Double? {
    guard places >= 0, let q = scaled(d, places), q < 1 << 53 else { return nil }
    let r = Double(UInt64(truncatingIfNeeded: q)) / Double(powerOfTen(places))
    return d < 0 ? -r : r
  }

  /// Decimal digits of `q`, ending before `end`.
  @inline(__always)
  private static func write(_ q: UInt128, endingAt end: UnsafeMutablePointer<UInt8>) -> Int {
    if q <= UInt128(UInt64.max) { return write(UInt(truncatingIfNeeded: q), base: 10, upper: false, endingAt: end) }
    let (high, low) = q.quotientAndRemainder(dividingBy: 10_000_000_000_000_000_000)
    let n = write(UInt(truncatingIfNeeded: low), base: 10, upper: false, endingAt: end)
    for i in n..<19 { (end - 1 - i).pointee = 48 }
    return 19 &+ write(UInt(truncatingIfNeeded: high), base: 10, upper: false, endingAt: end - 19)
  }

  /// Text of `d` without its sign, as `DoubleFormat.text` makes it for the codes e, f and g, ending before `end`.
  /// - Returns: its length; 0 where the general code has to do it.
  static func text(_ d: Double, _ code: UInt8, _ precision: Int, _ endingAt: UnsafeMutablePointer<UInt8>) -> Int {
    if !d.isFinite { return 0 }
    var end = endingAt
    if code | 32 == 102 {
      guard let q = scaled(d, precision) else { return 0 }
      var n = write(q, endingAt: end)
      if precision == 0 { return n }
      // At least one digit before the point.
      while n <= precision {
        n &+= 1
        (end - n).pointee = 48
      }
      let whole = n &- precision
      memmove(end - n - 1, end - n, whole)
      (end - precision - 1).pointee = 46
      return n &+ 1
    }
    let isGeneral = code | 32 == 103
    var digits = isGeneral ? max(precision, 1) : precision &+ 1
    if digits > 17 || d == 0 { return 0 }
    // The decimal exponent, first estimated from the binary one.
    var exponent = Int((Double(d.magnitude.exponent) * 0.30102999566398119).rounded(.down))
    var q: UInt64 = 0
    let limit = powerOfTen(digits)
    var attempts = 0
    while true {
      guard let x = scaled(d, digits &- 1 &- exponent) else { return 0 }
      if x >= limit {
        exponent &+= 1
      } else if x < limit / 10 {
        exponent &-= 1
      } else {
        q = UInt64(truncatingIfNeeded: x)
        break
      }
      attempts &+= 1
      if attempts > 3 { return 0 }
    }
    if isGeneral {
      while digits > 1, q % 10 == 0 {
        q /= 10
        digits &-= 1
      }
      if exponent >= -4 && exponent < max(precision, 1) {
        if digits &- 1 <= exponent {
          for _ in 0..<(exponent &- digits &+ 1) { q = q &* 10 }
          return write(UInt(q), base: 10, upper: false, endingAt: end)
        }
        let places = digits &- 1 &- exponent
        var n = write(UInt(q), base: 10, upper: false, endingAt: end)
        while n <= places {
          n &+= 1
          (end - n).pointee = 48
        }
        memmove(end - n - 1, end - n, n &- places)
        (end - places - 1).pointee = 46
        return n &+ 1
      }
    }
    let start = end
    let m = exponent.magnitude
    var n = write(UInt(m), base: 10, upper: false, endingAt: end)
    if n < 2 {
      n = 2
      (end - 2).pointee = 48
    }
    (end - n - 1).pointee = exponent < 0 ? 45 : 43
    (end - n - 2).pointee = code & 32 != 0 ? 101 : 69
    end -= n &+ 2
    n = write(UInt(q), base: 10, upper: false, endingAt: end)
    if n > 1 {
      (end - n - 1).pointee = (end - n).pointee
      (end - n).pointee = 46
      n &+= 1
    }
    return start - end &+ n
  }

  /// `format(d, spec)`, or null where the general code has to do it.
  static func double(_ vm: VM, _ value: Double, _ f: FormatSpec) throws(Raised) -> Value {
    if f.alternate || f.noNegativeZero || f.width > 1 << 20 || f.grouping == .locale { return .null }
    var d = value
    var code = UInt8(truncatingIfNeeded: f.type)
    switch f.type {
    case 101, 69, 102, 70, 103, 71: break
    case 37:
      code = 102
      d *= 100
    default: return .null
    }
    let precision = f.precision < 0 ? 6 : f.precision
    if precision > 19 || f.grouping != .none { return .null }
    return try withRoom { buffer throws(Raised) in
      var end = buffer + room
      if f.type == 37 {
        end -= 1
        end.pointee = 37
      }
      var n = text(d, code, precision, end)
      if n == 0 { return .null }
      let first = UnsafePointer(end - n)
      if f.type == 37 { n &+= 1 }
      let sign: UInt8 = d.sign == .minus ? 45 : f.sign == 43 ? 43 : f.sign == 32 ? 32 : 0
      return try assemble(vm, f, sign: sign, prefix: 0, first, n)
    }
  }

  /// `room` bytes of the native stack for `body`, whose errors keep their type.
  @inline(__always)
  static func withRoom<R>(_ body: (UnsafeMutablePointer<UInt8>) throws(Raised) -> R) throws(Raised) -> R {
    var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    return try withUnsafeMutablePointer(to: &words) { p throws(Raised) in
      try body(UnsafeMutableRawPointer(p).assumingMemoryBound(to: UInt8.self))
    }
  }
}
