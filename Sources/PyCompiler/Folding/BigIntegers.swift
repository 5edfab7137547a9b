import CGMP
import Glibc
import PySyntax

/// An arbitrary precision integer of constant folding. Used only when 64 bits do not suffice, so a class per number is cheap enough.
final class BigInteger {
  /// Owned; at a fixed address, so that GMP may get the same number as source and destination.
  let value: UnsafeMutablePointer<__mpz_struct> = .allocate(capacity: 1)

  init() { __gmpz_init(value) }

  init(_ number: Int64) {
    __gmpz_init_set_si(value, Int(number))
  }

  init(negative: Bool, limbs: ArenaList<UInt64>) {
    __gmpz_init(value)
    if let base = limbs.base { __gmpz_import(value, limbs.count, -1, 8, 0, 0, base) }
    if negative { __gmpz_neg(value, value) }
  }

  deinit {
    __gmpz_clear(value)
    value.deallocate()
  }

  /// The integer that a constant holds, `True` and `False` being 1 and 0.
  convenience init?(_ constant: Constant) {
    switch constant {
    case .true: self.init(1)
    case .false: self.init(0)
    case .int(let number): self.init(number)
    case .bigInt(let negative, let limbs): self.init(negative: negative, limbs: limbs)
    default: return nil
    }
  }

  var sign: Int { Int(value.pointee._mp_size.signum()) }

  /// Number of bits of the magnitude; 0 for 0.
  var bitCount: Int { value.pointee._mp_size == 0 ? 0 : __gmpz_sizeinbase(value, 2) }

  /// The value when it fits a machine word.
  var int64: Int64? { __gmpz_fits_slong_p(value) != 0 ? Int64(__gmpz_get_si(value)) : nil }

  func constant(in arena: Arena) -> Constant {
    if let small = int64 { return .int(small) }
    let count = (bitCount + 63) / 64
    var limbs = [UInt64](repeating: 0, count: count)
    limbs.withUnsafeMutableBytes { buffer in
      var written = 0
      __gmpz_export(buffer.baseAddress, &written, -1, 8, 0, 0, value)
    }
    return .bigInt(negative: sign < 0, limbs: arena.list(limbs))
  }

  /// The nearest double of `numerator / denominator`, ties to even; nil on overflow. `denominator` is not 0.
  static func quotient(_ numerator: BigInteger, _ denominator: BigInteger) -> Double? {
    if numerator.sign == 0 { return denominator.sign < 0 ? -0.0 : 0.0 }
    let negative = numerator.sign * denominator.sign < 0
    // Scale so that the integer quotient has at least 66 bits, and keep what is lost as one sticky bit.
    let scale = denominator.bitCount - numerator.bitCount + 66
    let top = BigInteger()
    let bottom = BigInteger()
    __gmpz_abs(top.value, numerator.value)
    __gmpz_abs(bottom.value, denominator.value)
    if scale >= 0 {
      __gmpz_mul_2exp(top.value, top.value, UInt(scale))
    } else {
      __gmpz_mul_2exp(bottom.value, bottom.value, UInt(-scale))
    }
    let quotient = BigInteger()
    let remainder = BigInteger()
    __gmpz_tdiv_qr(quotient.value, remainder.value, top.value, bottom.value)
    let bits = quotient.bitCount
    let exponent = bits - scale
    if exponent > 1024 { return nil }
    let kept = max(0, min(53, 53 - (-1021 - exponent)))
    let dropped = bits - kept
    let mantissa = BigInteger()
    __gmpz_tdiv_q_2exp(mantissa.value, quotient.value, UInt(dropped))
    let half = dropped > 0 && __gmpz_tstbit(quotient.value, UInt(dropped - 1)) != 0
    if half {
      let below = dropped > 1 && __gmpz_scan1(quotient.value, 0) < UInt(dropped - 1)
      let odd = __gmpz_tstbit(mantissa.value, 0) != 0
      if below || remainder.sign != 0 || odd { __gmpz_add_ui(mantissa.value, mantissa.value, 1) }
    }
    let result = ldexp(__gmpz_get_d(mantissa.value), Int32(dropped - scale))
    if result.isInfinite { return nil }
    return negative ? -result : result
  }
}

/// Integer operators of Python on constants; nil where Python raises or where folding would make too large a constant.
extension Folder {
  func integerOperation(_ op: Operator, _ left: Constant, _ right: Constant) -> Constant? {
    if let x = smallInteger(left), let y = smallInteger(right), let result = smallOperation(op, x, y) { return .int(result) }
    guard let x = BigInteger(left), let y = BigInteger(right) else { return nil }
    let result = BigInteger()
    switch op {
    case .Add: __gmpz_add(result.value, x.value, y.value)
    case .Sub: __gmpz_sub(result.value, x.value, y.value)
    case .Mult:
      if x.sign != 0 && y.sign != 0 && x.bitCount + y.bitCount > Folder.maximumIntegerBits { return nil }
      __gmpz_mul(result.value, x.value, y.value)
    case .FloorDiv:
      if y.sign == 0 { return nil }
      __gmpz_fdiv_q(result.value, x.value, y.value)
    case .Mod:
      if y.sign == 0 { return nil }
      __gmpz_fdiv_r(result.value, x.value, y.value)
    case .Div:
      if y.sign == 0 { return nil }
      return BigInteger.quotient(x, y).map { .float($0) }
    case .Pow:
      if y.sign < 0 {
        guard let base = toDouble(left), let exponent = toDouble(right) else { return nil }
        return floatOperation(.Pow, base, exponent)
      }
      if x.sign == 0 && y.sign > 0 { return .int(0) }
      guard let exponent = y.int64 else { return nil }
      if x.sign != 0 && exponent > 0 && x.bitCount > Folder.maximumIntegerBits / Int(exponent) { return nil }
      __gmpz_pow_ui(result.value, x.value, UInt(exponent))
    case .LShift:
      guard y.sign >= 0 else { return nil }
      if x.sign == 0 { return .int(0) }
      guard let shift = y.int64 else { return nil }
      if y.sign != 0 && (shift > Folder.maximumIntegerBits || x.bitCount > Folder.maximumIntegerBits - Int(shift)) {
        return nil
      }
      __gmpz_mul_2exp(result.value, x.value, UInt(shift))
    case .RShift:
      guard y.sign >= 0 else { return nil }
      guard let shift = y.int64 else { return .int(x.sign < 0 ? -1 : 0) }
      __gmpz_fdiv_q_2exp(result.value, x.value, UInt(shift))
    case .BitAnd: __gmpz_and(result.value, x.value, y.value)
    case .BitOr: __gmpz_ior(result.value, x.value, y.value)
    case .BitXor: __gmpz_xor(result.value, x.value, y.value)
    case .MatMult: return nil
    }
    return result.constant(in: arena)
  }

  /// The common case in machine words; nil says nothing but that the general way must decide.
  private func smallOperation(_ op: Operator, _ x: Int64, _ y: Int64) -> Int64? {
    func exact(_ result: (partialValue: Int64, overflow: Bool)) -> Int64? { result.overflow ? nil : result.partialValue }
    switch op {
    case .Add: return exact(x.addingReportingOverflow(y))
    case .Sub: return exact(x.subtractingReportingOverflow(y))
    case .Mult: return exact(x.multipliedReportingOverflow(by: y))
    case .BitAnd: return x & y
    case .BitOr: return x | y
    case .BitXor: return x ^ y
    case .RShift: return y >= 0 ? x >> min(y, 63) : nil
    case .LShift: return y >= 0 && y < 31 && x.magnitude < 1 << 31 ? x << y : nil
    default: return nil
    }
  }

  func smallInteger(_ constant: Constant) -> Int64? {
    switch constant {
    case .true: return 1
    case .false: return 0
    case .int(let number): return number
    default: return nil
    }
  }
}

extension BigInteger {
  func set(_ double: Double) { __gmpz_set_d(value, double) }
  func equals(_ other: BigInteger) -> Bool { __gmpz_cmp(value, other.value) == 0 }
}
