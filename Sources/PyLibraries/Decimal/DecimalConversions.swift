import CGMP
import Glibc
import PyRuntime

/// Numbers from Python objects and back.
enum DecimalConversions {
  // MARK: operands

  /// The number that a Decimal or int is; nil for anything else. Ints are exact.
  @inline(__always)
  static func operand(_ vm: VM, _ v: Value) throws(Raised) -> Number? {
    if DecimalTypes.isExactDecimal(v) { return Number(v) }
    if v.isSmallInt { return try small(vm, v) }
    return try otherOperand(vm, v)
  }
  private static func small(_ vm: VM, _ v: Value) throws(Raised) -> Number {
    let i = v.smallInt
    return try Number.small(vm, i.magnitude, negative: i < 0)
  }
  @inline(never)
  private static func otherOperand(_ vm: VM, _ v: Value) throws(Raised) -> Number? {
    if v.isInt { return try int(vm, v) }
    if DecimalTypes.isDecimal(v) { return Number(v) }
    return nil
  }
  static func int(_ vm: VM, _ v: Value) throws(Raised) -> Number {
    let e = Ints.exact(v)
    if e.isSmallInt { return try small(vm, e) }
    let x = Ints.bigView(e)
    let limbs = UnsafeMutablePointer(mutating: x.limbs)
    return Number(
      limbs: limbs, count: x.count, exponent: 0, digits: try Coefficient.digits(vm, limbs, x.count), flags: x.isNegative ? .negative : [])
  }
  /// An operand that must be one.
  @inline(__always)
  static func required(_ vm: VM, _ v: Value) throws(Raised) -> Number {
    guard let n = try operand(vm, v) else { throw unsupported(vm, v) }
    return n
  }
  static func unsupported(_ vm: VM, _ v: Value) -> Raised {
    vm.raise(.typeError, "conversion from \(v.typeName) to Decimal is not supported")
  }

  // MARK: exact values

  /// What fits no Decimal at all is invalid.
  private static func exact(_ vm: VM, _ n: Number, _ status: inout Conditions) throws(Raised) -> Number {
    var wide = Rules.widest
    let r = try wide.finalize(vm, n)
    if !wide.status.isDisjoint(with: [.inexact, .rounded, .clamped]) {
      status.insert(.invalidOperation)
      return .nan
    }
    return r
  }

  /// The value of a double, exact.
  static func double(_ vm: VM, _ d: Double) throws(Raised) -> Number {
    if d.isNaN { return .nan }
    if d.isInfinite { return .infinity(negative: d < 0) }
    let negative = d.sign == .minus
    if d == 0 { return .zero(0, negative: negative) }
    var mantissa = UInt(d.significandBitPattern)
    var e = Int(d.exponentBitPattern)
    if e == 0 { e = 1 } else { mantissa |= 1 << 52 }
    e -= 1075
    let zeros = mantissa.trailingZeroBitCount
    mantissa >>= UInt(zeros)
    e += zeros
    var n = try Number.small(vm, mantissa, negative: negative)
    if e > 0 {
      (n.limbs, n.count) = try Coefficient.shiftedLeft(vm, n.limbs, n.count, e)
    } else if e < 0 {
      // m / 2^k = m · 5^k / 10^k
      let (f, fn) = try Coefficient.five(vm, 0 &- e)
      (n.limbs, n.count) = try Coefficient.multiplied(vm, n.limbs, n.count, f, fn)
      n.exponent = e
    }
    n.digits = try Coefficient.digits(vm, n.limbs, n.count)
    return n
  }

  /// The exact value of an int or float.
  static func intOrFloat(_ vm: VM, _ v: Value) throws(Raised) -> Number {
    if v.isInt { return try int(vm, v) }
    if v.isFloat { return try double(vm, try vm.asDouble(v)) }
    throw vm.raise(.typeError, "argument must be int or float")
  }

  /// Sign, digits, exponent as a tuple or list: as text is read.
  private static func sequence(_ vm: VM, _ v: Value) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
    let t = v.isTuple ? v : try vm.tuple(from: v)
    let items = t.as(TupleLayout.self)
    guard items.pointee.count == 3 else { throw vm.raise(.valueError, "argument must be a sequence of length 3") }
    let badSign = "sign must be an integer with the value 0 or 1"
    guard items.items[0].isInt else { throw vm.raise(.valueError, badSign) }
    let sign = try vm.asInt(items.items[0])
    guard sign == 0 || sign == 1 else { throw vm.raise(.valueError, badSign) }
    var name: StaticString?
    var isInfinite = false
    var exponent = 0
    let third = items.items[2]
    if third.isStr {
      switch third.swiftString {
      case "F":
        name = "Inf"
        isInfinite = true
      case "n": name = "NaN"
      case "N": name = "sNaN"
      default: throw vm.raise(.valueError, "string argument in the third position must be 'F', 'n' or 'N'")
      }
    } else {
      guard third.isInt else { throw vm.raise(.valueError, "exponent must be an integer") }
      exponent = try vm.asInt(third)
    }
    let badDigits = "coefficient must be a tuple of digits"
    guard items.items[1].isTuple || items.items[1].isList else { throw vm.raise(.valueError, badDigits) }
    let digits = items.items[1].isTuple ? items.items[1] : try vm.tuple(from: items.items[1])
    let d = digits.as(TupleLayout.self)
    let count = d.pointee.count
    Scratch.reset()
    // With a sign and a name or an exponent.
    let out = try DecimalText.bytes(vm, count &+ 40)
    var n = 0
    func put(_ c: UInt8) {
      out[n] = c
      n &+= 1
    }
    if sign == 1 { put(45) }
    if let name { for i in 0..<name.utf8CodeUnitCount { put(name.utf8Start[i]) } }
    if count == 0 && name == nil { put(48) }
    for i in 0..<count {
      let x = d.items[i]
      guard x.isInt, let digit = Ints.asInt64(x), digit >= 0, digit <= 9 else { throw vm.raise(.valueError, badDigits) }
      if !isInfinite { put(UInt8(48 &+ digit)) }
    }
    if name == nil { n = DecimalText.put(exponent: exponent, letter: 69, out + n) - out }
    return UnsafeMutableBufferPointer(start: out, count: n)
  }

  // MARK: constructors

  /// `Decimal(v)`: the exact value.
  static func exactly(_ vm: VM, _ v: Value, _ c: ContextRef, _ status: inout Conditions) throws(Raised) -> Number {
    Scratch.reset()
    if v.isStr {
      let text = try DecimalText.ascii(vm, v, lenient: true)
      return try parsed(vm, text, &status)
    }
    if DecimalTypes.isDecimal(v) { return Number(v) }
    if v.isInt { return try int(vm, v) }
    if v.isTuple || v.isList { return try parsed(vm, try sequence(vm, v), &status) }
    if v.isFloat {
      try DecimalContexts.signal(vm, c, .floatOperation)
      Scratch.reset()
      return try double(vm, try vm.asDouble(v))
    }
    throw unsupported(vm, v)
  }
  private static func parsed(
    _ vm: VM, _ text: UnsafeMutableBufferPointer<UInt8>, _ status: inout Conditions
  ) throws(Raised) -> Number {
    guard let base = text.baseAddress, let n = try DecimalText.parse(vm, base, text.count, payload: Limits.precision) else {
      status.insert(.conversionSyntax)
      return .nan
    }
    if n.count > 0 || n.isSpecial, n.adjusted <= Limits.emax && n.exponent >= Limits.etiny { return n }
    return try exact(vm, n, &status)
  }

  /// `context.create_decimal(v)`: rounded.
  static func rounded(_ vm: VM, _ v: Value, _ c: ContextRef, _ rules: inout Rules) throws(Raised) -> Number {
    Scratch.reset()
    var text: UnsafeMutableBufferPointer<UInt8>
    if v.isStr {
      text = try DecimalText.ascii(vm, v, lenient: false)
    } else if DecimalTypes.isDecimal(v) {
      let n = Number(v)
      if n.isNaN && n.digits > rules.precision &- (rules.clamp ? 1 : 0) { return rules.invalid(.conversionSyntax) }
      return try rules.finalize(vm, n)
    } else if v.isInt {
      // (The int 0 is Decimal(0) in every context.)
      let n = try int(vm, v)
      return n.count == 0 ? n : try rules.finalize(vm, n)
    } else if v.isTuple || v.isList {
      text = try sequence(vm, v)
    } else if v.isFloat {
      try DecimalContexts.signal(vm, c, .floatOperation)
      Scratch.reset()
      return try rules.finalize(vm, try double(vm, try vm.asDouble(v)))
    } else {
      throw unsupported(vm, v)
    }
    let limit = rules.precision &- (rules.clamp ? 1 : 0)
    guard let base = text.baseAddress, let n = try DecimalText.parse(vm, base, text.count, payload: limit) else {
      return rules.invalid(.conversionSyntax)
    }
    return try rules.finalize(vm, n)
  }

  // MARK: to other numbers

  /// An int with the limbs of a magnitude.
  static func int(_ vm: VM, _ limbs: UnsafeMutablePointer<UInt>, _ count: Int, negative: Bool) throws(Raised) -> Value {
    if count <= 1 { return try Ints.make(vm, negative: negative, magnitude: count == 0 ? 0 : limbs[0]) }
    let r = try Ints.allocateUnfilled(vm, count)
    r.limbs.update(from: limbs, count: count)
    return Ints.finish(r, count: count, negative: negative)
  }

  /// The integer nearest in the direction of `rounding`.
  static func integer(_ vm: VM, _ v: Value, _ rounding: Rounding) throws(Raised) -> Value {
    Scratch.reset()
    let n = Number(v)
    if n.isNaN { throw vm.raise(.valueError, "cannot convert NaN to integer") }
    if n.isInfinite { throw vm.raise(.overflowError, "cannot convert Infinity to integer") }
    var rules = Rules.widest
    rules.rounding = rounding
    let whole = try rules.integral(vm, n, reporting: false)
    let (p, count) =
      whole.exponent > 0 ? try Coefficient.scaledUp(vm, whole.limbs, whole.count, whole.exponent) : (whole.limbs, whole.count)
    return try int(vm, p, count, negative: whole.isNegative)
  }

  static func toDouble(_ vm: VM, _ v: Value) throws(Raised) -> Double {
    Scratch.reset()
    let n = Number(v)
    if n.isNaN {
      if n.isSignaling { throw vm.raise(.valueError, "cannot convert signaling NaN to float") }
      return n.isNegative ? -Double.nan : Double.nan
    }
    if n.isInfinite { return n.isNegative ? -Double.infinity : Double.infinity }
    if n.count == 0 { return n.isNegative ? -0.0 : 0.0 }
    let e = n.exponent
    if n.count == 1 && n.limbs[0] < 1 << 53 && e >= -22 && e <= 22 {
      // Both exact: one rounding.
      let m = Double(n.limbs[0])
      let k = Int(e.magnitude)
      let t = k <= 19 ? Double(Coefficient.ten(k)) : Double(Coefficient.ten(19)) * Double(Coefficient.ten(k &- 19))
      let d = e < 0 ? m / t : m * t
      return n.isNegative ? -d : d
    }
    let digits = try DecimalText.digits(vm, n)
    let text = try DecimalText.bytes(vm, digits.count &+ 40)
    // Digits, exponent: no point, which locales change.
    if let source = digits.baseAddress { text.update(from: source, count: digits.count) }
    DecimalText.put(exponent: max(-1 << 40, min(1 << 40, e)), letter: 101, text + digits.count).pointee = 0
    let d = strtod(UnsafeRawPointer(text).assumingMemoryBound(to: CChar.self), nil)
    return n.isNegative ? -d : d
  }

  /// Numerator and denominator in lowest terms.
  static func ratio(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    Scratch.reset()
    var n = Number(v)
    if n.isNaN { throw vm.raise(.valueError, "cannot convert NaN to integer ratio") }
    if n.isInfinite { throw vm.raise(.overflowError, "cannot convert Infinity to integer ratio") }
    if n.count == 0 { return try vm.tuple(Value(smallInt: 0), Value(smallInt: 1)) }
    if n.exponent >= 0 {
      let (p, count) = try Coefficient.scaledUp(vm, n.limbs, n.count, n.exponent)
      return try vm.tuple(try int(vm, p, count, negative: n.isNegative), Value(smallInt: 1))
    }
    // Common tens first: then what is left has a factor two or a factor five in common with the denominator, not both.
    try Rules.stripZeros(vm, &n, 0 &- n.exponent)
    let k = 0 &- n.exponent
    let twos = min(k, Coefficient.trailingZeroBits(n.limbs, n.count))
    var (p, count) = try Coefficient.shiftedRight(vm, n.limbs, n.count, twos)
    var fives = 0
    if twos == 0 && k > 0 {
      var step = 1
      while step &* 2 <= k && step &* 2 <= n.digits &* 2 { step &*= 2 }
      while step > 0 {
        let (f, fn) = try Coefficient.five(vm, step)
        if fives &+ step <= k && count >= fn {
          let q = try Scratch.limbs(vm, count &- fn &+ 1)
          let r = try Scratch.limbs(vm, fn)
          __gmpn_tdiv_qr(q, r, 0, p, count, f, fn)
          if Coefficient.normalized(r, fn) == 0 {
            (p, count) = (q, Coefficient.normalized(q, count &- fn &+ 1))
            fives &+= step
          }
        }
        step /= 2
      }
    }
    let numerator = try int(vm, p, count, negative: n.isNegative)
    let (f, fn) = try Coefficient.five(vm, k &- fives)
    let (d, dn) = try Coefficient.shiftedLeft(vm, f, fn, k &- twos)
    return try vm.tuple(numerator, try int(vm, d, dn, negative: false))
  }

  // MARK: hash

  /// The hash that equal ints and floats have: the value modulo 2^61 - 1.
  static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let n = Number(v)
    if n.isSpecial {
      if n.isSignaling { throw vm.raise(.typeError, "Cannot hash a signaling NaN value") }
      if n.isInfinite { return n.isNegative ? -314_159 : 314_159 }
      return ObjectType.identityHash(v)
    }
    if n.count == 0 { return 0 }
    let p = IntCompare.hashModulus
    func product(_ a: UInt, _ b: UInt) -> UInt {
      let (high, low) = a.multipliedFullWidth(by: b)
      let r = (low & p) &+ (high << 3 | low >> 61)
      return r >= p ? r &- p : r
    }
    // 10, or its inverse.
    var base: UInt = n.exponent >= 0 ? 10 : 2_075_258_708_292_324_556
    var e = n.exponent.magnitude
    var h = __gmpn_mod_1(n.limbs, n.count, p)
    while e != 0 {
      if e & 1 != 0 { h = product(h, base) }
      base = product(base, base)
      e >>= 1
    }
    let r = n.isNegative ? 0 &- Int(h) : Int(h)
    return r == -1 ? -2 : r
  }
}
