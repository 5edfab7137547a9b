import PyRuntime

/// The commonest case of the commonest operators: two Decimals of one limb each whose result has one limb too, fits the context and is
/// exact. Each answers nil when something else is the case; then the general operation does it all.
enum DecimalFast {
  private struct Operand {
    var low: UInt
    var exponent: Int
    var negative: Bool
  }

  /// A finite Decimal of at most one limb, or an inline int.
  @inline(__always)
  private static func operand(_ v: Value) -> Operand? {
    if DecimalTypes.isExactDecimal(v) {
      let d = v.as(DecimalLayout.self)
      guard d.pointee.count <= 1, d.pointee.flags.rawValue & 14 == 0 else { return nil }
      return Operand(low: d.pointee.low, exponent: d.pointee.exponent, negative: d.pointee.flags.rawValue & 1 != 0)
    }
    guard v.isSmallInt else { return nil }
    let i = v.smallInt
    return Operand(low: i.magnitude, exponent: 0, negative: i < 0)
  }

  /// A Decimal of a coefficient that is not zero, if the context would leave it alone.
  @inline(__always)
  private static func make(_ vm: VM, _ coefficient: UInt, _ exponent: Int, negative: Bool) throws(Raised) -> Value? {
    let c = try DecimalContexts.current(vm)
    let digits = Coefficient.digits(coefficient)
    let adjusted = exponent &+ digits &- 1
    guard digits <= c.pointee.precision, adjusted <= c.pointee.emax, adjusted >= c.pointee.emin, !c.pointee.clamp else { return nil }
    return try unchecked(vm, coefficient, exponent, digits, negative: negative)
  }
  @inline(__always)
  private static func unchecked(_ vm: VM, _ coefficient: UInt, _ exponent: Int, _ digits: Int, negative: Bool) throws(Raised) -> Value {
    let cell = try vm.allocateUnfilled(DecimalTypes.decimal.asTypeRef, DecimalLayout.size)
    let d = cell.assumingMemoryBound(to: DecimalLayout.self)
    d.pointee.exponent = exponent
    d.pointee.digits = digits
    d.pointee.count = 1
    d.pointee.flags = NumberFlags(rawValue: negative ? 1 : 0)
    d.pointee.low = coefficient
    d.pointee.high = 0
    return Value(cell: cell)
  }

  @inline(__always)
  static func add(_ vm: VM, _ a: Value, _ b: Value, negate: Bool) throws(Raised) -> Value? {
    guard let x = operand(a), let y = operand(b) else { return nil }
    var (p, q) = (x.low, y.low)
    let gap = x.exponent &- y.exponent
    var exponent = x.exponent
    if gap != 0 {
      guard gap >= -19 && gap <= 19 else { return nil }
      var overflow: Bool
      if gap > 0 {
        (p, overflow) = p.multipliedReportingOverflow(by: Coefficient.ten(gap))
        exponent = y.exponent
      } else {
        (q, overflow) = q.multipliedReportingOverflow(by: Coefficient.ten(0 &- gap))
      }
      if overflow { return nil }
    }
    let negative = x.negative
    let r: UInt
    var sign = negative
    if negative == (y.negative != negate) {
      let (sum, overflow) = p.addingReportingOverflow(q)
      if overflow { return nil }
      r = sum
    } else if p >= q {
      r = p &- q
    } else {
      r = q &- p
      sign = !negative
    }
    if r == 0 { return nil }
    return try make(vm, r, exponent, negative: sign)
  }

  @inline(__always)
  static func multiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value? {
    guard let x = operand(a), let y = operand(b) else { return nil }
    let (r, overflow) = x.low.multipliedReportingOverflow(by: y.low)
    if overflow || r == 0 { return nil }
    return try make(
      vm, r, x.exponent &+ y.exponent, negative: x.negative != y.negative)
  }

  /// -1, 0, 1
  @inline(__always)
  static func compare(_ a: Value, _ b: Value) -> Int? {
    guard let x = operand(a), let y = operand(b) else { return nil }
    var (p, q) = (x.low, y.low)
    let (m, n) = (x.negative, y.negative)
    if m != n {
      if p | q == 0 { return 0 }
      return m ? -1 : 1
    }
    let gap = x.exponent &- y.exponent
    if gap != 0 {
      guard gap >= -19 && gap <= 19 else { return nil }
      var overflow: Bool
      if gap > 0 {
        (p, overflow) = p.multipliedReportingOverflow(by: Coefficient.ten(gap))
      } else {
        (q, overflow) = q.multipliedReportingOverflow(by: Coefficient.ten(0 &- gap))
      }
      if overflow { return nil }
    }
    if p == q { return 0 }
    return (p < q) != m ? -1 : 1
  }

  /// `quantize` to an exponent at most 19 digits away.
  @inline(__always)
  static func quantize(_ vm: VM, _ a: Value, _ b: Value, _ c: ContextRef, _ rounding: Rounding) throws(Raised) -> Value? {
    guard let x = operand(a), DecimalTypes.isExactDecimal(b) else { return nil }
    let y = b.as(DecimalLayout.self)
    guard x.low != 0, y.pointee.flags.rawValue & 14 == 0, !c.pointee.clamp else { return nil }
    let exponent = y.pointee.exponent
    let gap = x.exponent &- exponent
    guard gap >= -19 && gap <= 19 else { return nil }
    let negative = x.negative
    var q = x.low
    var status: Conditions = []
    if gap >= 0 {
      let overflow: Bool
      (q, overflow) = q.multipliedReportingOverflow(by: Coefficient.ten(gap))
      if overflow { return nil }
    } else {
      let t = Coefficient.ten(0 &- gap)
      let (whole, r) = q.quotientAndRemainder(dividingBy: t)
      q = whole
      status = .rounded
      if r != 0 {
        status = [.rounded, .inexact]
        if rounding.increments(Rest(r, of: t), negative: negative, isOdd: whole & 1 == 1, endsInZeroOrFive: whole % 5 == 0) { q &+= 1 }
      }
      if q == 0 { return nil }
    }
    let digits = Coefficient.digits(q)
    let adjusted = exponent &+ digits &- 1
    guard digits <= c.pointee.precision, adjusted <= c.pointee.emax, adjusted >= c.pointee.emin, exponent <= c.pointee.emax else {
      return nil
    }
    let v = try unchecked(vm, q, exponent, digits, negative: negative)
    try DecimalContexts.signal(vm, c, status)
    return v
  }
}

extension Value {
  /// As `asType`, which is a call from this target.
  @inline(__always) var asTypeRef: TypeRef { self.as(TypeLayout.self) }
}
