/// IEEE 754 half precision by hand: the hardware type is not available everywhere.
enum HalfFloat {
  /// Rounded half to even; nil on overflow.
  static func pack(_ d: Double) -> UInt16? {
    let sign: UInt16 = d.sign == .minus ? 0x8000 : 0
    if d.isNaN { return sign | 0x7E00 }
    if d.isInfinite { return sign | 0x7C00 }
    let m = d.magnitude
    if m == 0 { return sign }
    // 65520 is half way between the largest half and the next power of two.
    if m >= 65520 { return nil }
    let exponent = max(Int(m.exponent), -14)
    // In units of the last place, below 2^11 exactly representable.
    let scaled = m * Double(sign: .plus, exponent: 10 - exponent, significand: 1)
    let rounded = UInt16(scaled.rounded(.toNearestOrEven))
    // A carry out of the mantissa moves on to the exponent by itself.
    let biased = UInt16(exponent + 14) << 10
    return sign | (biased &+ rounded)
  }

  static func unpack(_ bits: UInt16) -> Double {
    let exponent = Int(bits >> 10 & 0x1F), fraction = Double(bits & 0x3FF)
    let sign: Double = bits & 0x8000 != 0 ? -1 : 1
    if exponent == 31 { return fraction == 0 ? sign * .infinity : (sign < 0 ? -Double.nan : .nan) }
    if exponent == 0 { return sign * fraction * 0x1p-24 }
    return sign * (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
  }
}
