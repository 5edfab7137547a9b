import CGMP
import PyRuntime

// Operations that choose, shift and classify.

extension Rules {
  // MARK: signs

  mutating func plus(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a) { return n }
    return try finalize(vm, a.isZero && rounding != .floor ? a.with(negative: false) : a)
  }
  mutating func minus(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a) { return n }
    return try finalize(vm, a.with(negative: a.isZero && rounding != .floor ? false : !a.isNegative))
  }
  mutating func absolute(_ vm: VM, _ a: Number) throws(Raised) -> Number { try a.isNegative ? minus(vm, a) : plus(vm, a) }

  // MARK: exponents

  mutating func quantize(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if a.isSpecial || b.isSpecial {
      if let n = try nan(vm, a, b) { return n }
      return a.isInfinite && b.isInfinite ? a : invalid()
    }
    if b.exponent > emax || b.exponent < etiny { return invalid() }
    return try rescale(vm, a, b.exponent)
  }

  /// The number with that exponent, if it fits.
  private mutating func rescale(_ vm: VM, _ a: Number, _ exponent: Int) throws(Raised) -> Number {
    if a.count == 0 { return try finalize(vm, .zero(exponent, negative: a.isNegative)) }
    let difference = a.exponent &- exponent
    if a.digits &+ difference > precision { return invalid() }
    var n = a
    if difference >= 0 {
      if difference > 0 { (n.limbs, n.count) = try Coefficient.scaledUp(vm, a.limbs, a.count, difference) }
      n.digits &+= difference
      n.exponent = exponent
    } else {
      let rest = try cut(vm, &n, 0 &- difference)
      n.exponent = exponent
      if n.digits > precision { return invalid() }
      if n.count > 0 && n.adjusted > emax { return invalid() }
      status.insert(.rounded)
      if rest != .none { status.insert(.inexact) }
    }
    if n.count > 0 && n.adjusted > emax { return invalid() }
    return try finalize(vm, n)
  }

  /// To an integer; `reporting` the rounding.
  mutating func integral(_ vm: VM, _ a: Number, reporting: Bool) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a
    }
    if a.exponent >= 0 { return a }
    if a.count == 0 { return .zero(0, negative: a.isNegative) }
    var n = a
    let rest = try cut(vm, &n, 0 &- a.exponent)
    n.exponent = 0
    if reporting {
      status.insert(.rounded)
      if rest != .none { status.insert(.inexact) }
    }
    return n
  }

  mutating func normalize(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a
    }
    var n = try finalize(vm, a)
    if n.isSpecial { return n }
    if n.count == 0 { return .zero(0, negative: n.isNegative) }
    try Rules.stripZeros(vm, &n, (clamp ? etop : emax) &- n.exponent)
    return n
  }

  mutating func logb(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return .infinity(negative: false)
    }
    if a.count == 0 {
      status.insert(.divisionByZero)
      return .infinity(negative: true)
    }
    let e = a.adjusted
    return try finalize(vm, try Number.small(vm, e.magnitude, negative: e < 0))
  }

  /// A plain integer up to `limit` in magnitude; nil if it is none.
  private func plainInteger(_ b: Number, _ limit: Int) -> Int? {
    if b.isSpecial || b.exponent != 0 || b.count > 1 { return nil }
    let m = b.count == 0 ? 0 : b.limbs[0]
    if m > UInt(limit) { return nil }
    return b.isNegative ? -Int(m) : Int(m)
  }

  mutating func scaleb(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) { return n }
    guard let k = plainInteger(b, 2 &* (emax &+ precision)) else { return invalid() }
    if a.isInfinite { return a }
    var n = a
    // The sum stays far within a word; what is beyond any context's range is cut to where it is still beyond it.
    n.exponent = max(-3_000_000_000_000_000_000, min(3_000_000_000_000_000_000, a.exponent &+ k))
    return try finalize(vm, n)
  }

  mutating func shift(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) { return n }
    guard let k = plainInteger(b, precision) else { return invalid() }
    if a.isInfinite { return a }
    return try shifted(vm, a, k)
  }

  /// Digits moved to the left, or to the right, in a window of `precision`.
  private func shifted(_ vm: VM, _ a: Number, _ k: Int) throws(Raised) -> Number {
    var n = a
    if n.count == 0 { return n }
    if k < 0 {
      try Rules.keepLow(vm, &n, precision)
      let (q, count, _) = try Coefficient.scaledDown(vm, n.limbs, n.count, n.digits, 0 &- k)
      n.limbs = q
      n.count = count
    } else {
      try Rules.keepLow(vm, &n, precision &- k)
      if k < precision { (n.limbs, n.count) = try Coefficient.scaledUp(vm, n.limbs, n.count, k) } else { n.count = 0 }
    }
    n.digits = try Coefficient.digits(vm, n.limbs, n.count)
    return n
  }

  mutating func rotate(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) { return n }
    guard let k = plainInteger(b, precision) else { return invalid() }
    if a.isInfinite { return a }
    let left = try shifted(vm, a, k >= 0 ? k : precision &+ k)
    let right = try shifted(vm, a, k >= 0 ? k &- precision : k)
    return try Rules.widest.sum(vm, left, right)
  }

  // MARK: neighbours

  mutating func nextMinus(_ vm: VM, _ a: Number) throws(Raised) -> Number { try neighbour(vm, a, up: false) }
  mutating func nextPlus(_ vm: VM, _ a: Number) throws(Raised) -> Number { try neighbour(vm, a, up: true) }

  private mutating func neighbour(_ vm: VM, _ a: Number, up: Bool) throws(Raised) -> Number {
    if a.isSpecial {
      if let n = try nan(vm, a) { return n }
      return a.isNegative == up ? try maximum(vm, negative: a.isNegative) : a
    }
    var work = self
    work.status = []
    work.rounding = up ? .ceiling : .floor
    let n = try work.finalize(vm, a)
    if !work.status.isDisjoint(with: .inexact) { return n }
    let tiny = try Number.small(vm, 1, etiny &- 1)
    return try work.add(vm, a, tiny, negate: !up)
  }

  mutating func nextToward(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) { return n }
    let order = try Rules.compare(vm, a, b)
    if order == 0 { return a.with(negative: b.isNegative) }
    let n = try neighbour(vm, a, up: order < 0)
    if n.isInfinite {
      status.formUnion([.overflow, .rounded, .inexact])
    } else if n.adjusted < emin {
      status.formUnion([.underflow, .subnormal, .rounded, .inexact])
      if n.count == 0 { status.insert(.clamped) }
    }
    return n
  }

  // MARK: choosing

  /// `max`, `min`, `max_mag`, `min_mag`.
  mutating func choose(_ vm: VM, _ a: Number, _ b: Number, larger: Bool, magnitudes: Bool) throws(Raised) -> Number {
    if a.isNaN || b.isNaN {
      // A quiet NaN gives way to a number.
      if !a.isNaN && !b.isSignaling { return try finalize(vm, a) }
      if !b.isNaN && !a.isSignaling { return try finalize(vm, b) }
      if let n = try nan(vm, a, b) { return n }
    }
    var order = try magnitudes ? Rules.compareAbsolute(vm, a, b) : Rules.compare(vm, a, b)
    if order == 0 { order = Rules.compareEqual(a, b) }
    let first = larger ? order > 0 : order < 0
    return try finalize(vm, first || order == 0 && larger == false ? a : b)
  }

  /// -1, 0, 1 or NaN.
  mutating func compared(_ vm: VM, _ a: Number, _ b: Number, signaling: Bool = false) throws(Raised) -> Number {
    if let n = try nan(vm, a, b) {
      if signaling { status.insert(.invalidOperation) }
      return n
    }
    return try Rules.sign(vm, try Rules.compare(vm, a, b))
  }
  static func sign(_ vm: VM, _ order: Int) throws(Raised) -> Number { try Number.small(vm, order.magnitude, negative: order < 0) }

  // MARK: digits as bits

  enum Logic { case and, or, xor }

  /// The digits, all 0 or 1, from the last on; nil if it is no such number.
  private func bits(_ vm: VM, _ a: Number) throws(Raised) -> UnsafeMutableBufferPointer<UInt8>? {
    if a.isSpecial || a.isNegative || a.exponent != 0 { return nil }
    if a.digits > 1 << 40 { throw vm.raiseMemoryError() }
    let text = try DecimalText.digits(vm, a)
    for d in text where d > 49 { return nil }
    return text
  }

  mutating func logical(_ vm: VM, _ a: Number, _ b: Number, _ logic: Logic) throws(Raised) -> Number {
    guard let x = try bits(vm, a), let y = try bits(vm, b) else { return invalid() }
    let n = min(precision, max(x.count, y.count))
    return try assemble(vm, n) { i in
      let p = i < x.count && x[x.count &- 1 &- i] == 49
      let q = i < y.count && y[y.count &- 1 &- i] == 49
      switch logic {
      case .and: return p && q
      case .or: return p || q
      case .xor: return p != q
      }
    }
  }
  mutating func logicalInvert(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    guard let x = try bits(vm, a) else { return invalid() }
    return try assemble(vm, precision) { i in !(i < x.count && x[x.count &- 1 &- i] == 49) }
  }
  /// A number from its digits, from the last on.
  private func assemble(_ vm: VM, _ count: Int, _ digit: (Int) -> Bool) throws(Raised) -> Number {
    if count > 1 << 40 { throw vm.raiseMemoryError() }
    let bytes = try DecimalText.bytes(vm, count)
    for i in 0..<count { bytes[count &- 1 &- i] = digit(i) ? 49 : 48 }
    return try DecimalText.coefficient(vm, bytes, count)
  }

  // MARK: classes

  func isNormal(_ a: Number) -> Bool { !a.isSpecial && a.count > 0 && a.adjusted >= emin }
  func isSubnormal(_ a: Number) -> Bool { !a.isSpecial && a.count > 0 && a.adjusted < emin }
  func className(_ a: Number) -> StaticString {
    if a.isNaN { return a.isSignaling ? "sNaN" : "NaN" }
    if a.isInfinite { return a.isNegative ? "-Infinity" : "+Infinity" }
    if a.count == 0 { return a.isNegative ? "-Zero" : "+Zero" }
    if isSubnormal(a) { return a.isNegative ? "-Subnormal" : "+Subnormal" }
    return a.isNegative ? "-Normal" : "+Normal"
  }
}
