import Glibc

/// Between ints and doubles, without double rounding.
enum IntDouble {
  /// `|q| · 2^exponent` rounded half to even, for a nonnegative exact int `q`; `sticky` says that something nonzero below `q`'s
  /// last bit was discarded (then q needs at least 55 bits). Nil on overflow.
  static func scaled(_ q: Value, exponent: Int, sticky: Bool) -> Double? {
    let bits = IntBits.bitLength(q)
    if bits == 0 { return 0 }
    // The top 64 bits, the rest folded into the lowest as a sticky bit.
    var top: UInt = 0
    var sticky = sticky
    if q.isSmallInt {
      top = q.smallInt.magnitude &<< (64 &- bits)
    } else {
      let x = Ints.bigView(q)
      let used = bits & 63  // bits in the highest limb, 0 meaning all 64
      let high = x.limbs[x.count &- 1]
      if used == 0 {
        top = high
        if x.count > 1 { sticky = sticky || anyBits(x.limbs, x.count &- 1) }
      } else if x.count == 1 {
        top = high &<< (64 &- used)
      } else {
        let next = x.limbs[x.count &- 2]
        top = high &<< (64 &- used) | next &>> used
        if next &<< (64 &- used) != 0 || anyBits(x.limbs, x.count &- 2) { sticky = true }
      }
    }
    return rounded(top, bits &- 64 &+ exponent, sticky: sticky)
  }

  /// `top · 2^scale` rounded half to even, where the highest bit of `top` is set and `sticky` says that something nonzero follows.
  static func rounded(_ top: UInt, _ scale: Int, sticky: Bool) -> Double? {
    // The exponent of the value written as 1.xxx · 2^e.
    let e = scale &+ 63
    if e > 1023 { return nil }
    let precision = e >= -1022 ? 53 : 53 &- (-1022 &- e)
    if precision < 0 { return 0 }
    var mantissa: UInt
    let dropped = 64 &- precision
    if dropped == 64 {
      // Below half the smallest subnormal, or above it: only the top bit and what follows decide.
      mantissa = top > 1 << 63 || (top == 1 << 63 && sticky) ? 1 : 0
    } else {
      mantissa = top &>> UInt(dropped)
      let rest = top & ((1 &<< UInt(dropped)) &- 1)
      let half: UInt = 1 &<< UInt(dropped &- 1)
      if rest > half || (rest == half && (sticky || mantissa & 1 == 1)) { mantissa &+= 1 }
    }
    let result = scalbn(Double(mantissa), Int32(e &- precision &+ 1))
    return result.isInfinite ? nil : result
  }

  private static func anyBits(_ limbs: UnsafePointer<UInt>, _ count: Int) -> Bool {
    for i in 0..<count where limbs[i] != 0 { return true }
    return false
  }

  /// Nearest double of an exact int, or nil when too large.
  static func double(_ v: Value) -> Double? {
    if v.isSmallInt { return Double(v.smallInt) }
    guard let m = scaled(v, exponent: 0, sticky: false) else { return nil }
    return Ints.sign(v) < 0 ? -m : m
  }

  static func double(_ vm: VM, _ v: Value) throws(Raised) -> Double {
    guard let d = double(v) else { throw vm.raise(.overflowError, "int too large to convert to float") }
    return d
  }

  /// The int that a finite double truncates to.
  static func truncated(_ vm: VM, _ d: Double) throws(Raised) -> Value {
    if d.magnitude < 0x1p62 { return try vm.int(Int(d)) }
    let exponent = Int(d.exponent)
    let mantissa = d.significandBitPattern | 1 << 52
    let m = try Ints.make(vm, unsigned: mantissa)
    let r = try IntBits.shiftLeft(vm, m, exponent &- 52)
    return d < 0 ? try IntArithmetic.negate(vm, r) : r
  }

  /// `int(d)` with Python's errors for what has no integer value.
  static func int(_ vm: VM, _ d: Double) throws(Raised) -> Value {
    if d.isNaN { throw vm.raise(.valueError, "cannot convert float NaN to integer") }
    if d.isInfinite { throw vm.raise(.overflowError, "cannot convert float infinity to integer") }
    return try truncated(vm, d)
  }

  /// Exact order of an int and a double that is not a NaN: negative, 0, positive.
  static func compare(_ i: Value, _ d: Double) -> Int {
    if i.isSmallInt {
      let x = Double(i.smallInt)
      return x < d ? -1 : x > d ? 1 : 0
    }
    let sign = Ints.sign(i)
    if d.isInfinite { return d > 0 ? -1 : 1 }
    if (d > 0 && sign < 0) || d == 0 || (d < 0 && sign > 0) { return sign }
    let x = Ints.bigView(i)
    let exponent = Int(d.exponent) &+ 1  // bits of d's integer part
    if x.bitLength != exponent { return x.bitLength < exponent ? 0 &- sign : sign }
    // Same number of integer bits (at least 48): compare the int's bits with the mantissa, then with what lies below.
    let mantissa = UInt(d.significandBitPattern | 1 << 52)
    if exponent <= 64 {
      // One limb: d = mantissa · 2^(exponent - 53)
      let m = x.limbs[0]
      if exponent >= 53 {
        let y = mantissa &<< UInt(exponent &- 53)
        return m == y ? 0 : (m < y ? 0 &- sign : sign)
      }
      let shift = UInt(53 &- exponent)
      let y = mantissa &>> shift
      if m != y { return m < y ? 0 &- sign : sign }
      return mantissa & ((1 &<< shift) &- 1) == 0 ? 0 : 0 &- sign
    }
    let drop = exponent &- 53
    let (whole, bits) = (drop >> 6, UInt(drop & 63))
    var top = x.limbs[whole] &>> bits
    if bits != 0 && whole &+ 1 < x.count { top |= x.limbs[whole &+ 1] &<< (64 &- bits) }
    if top != mantissa { return top < mantissa ? 0 &- sign : sign }
    if (bits != 0 && x.limbs[whole] & ((1 &<< bits) &- 1) != 0) || anyBits(x.limbs, whole) { return sign }
    return 0
  }
}
