import CGMP
import PyRuntime

/// In the order in which C's `_decimal` names them.
enum Rounding: UInt8 {
  case ceiling = 0, floor, up, down, halfUp, halfDown, halfEven, zeroFiveUp

  /// Whether a quotient whose cut-off part is `rest` has to grow by one. `isOdd` and `endsInZeroOrFive` are asked of the quotient.
  @inline(__always)
  func increments(
    _ rest: Rest, negative: Bool, isOdd: @autoclosure () -> Bool, endsInZeroOrFive: @autoclosure () -> Bool
  ) -> Bool {
    switch self {
    case .halfEven: return rest == .aboveHalf || rest == .half && isOdd()
    case .down: return false
    case .up: return rest != .none
    case .halfUp: return rest == .half || rest == .aboveHalf
    case .halfDown: return rest == .aboveHalf
    case .ceiling: return rest != .none && !negative
    case .floor: return rest != .none && negative
    case .zeroFiveUp: return rest != .none && endsInZeroOrFive()
    }
  }
}

/// Conditions of the General Decimal Arithmetic, as they happened or are trapped. The first five make up the signal InvalidOperation.
struct Conditions: OptionSet {
  var rawValue: UInt32
  static let invalidOperation = Conditions(rawValue: 1)
  static let conversionSyntax = Conditions(rawValue: 2)
  static let divisionImpossible = Conditions(rawValue: 4)
  static let divisionUndefined = Conditions(rawValue: 8)
  static let invalidContext = Conditions(rawValue: 16)
  static let floatOperation = Conditions(rawValue: 32)
  static let divisionByZero = Conditions(rawValue: 64)
  static let overflow = Conditions(rawValue: 128)
  static let underflow = Conditions(rawValue: 256)
  static let subnormal = Conditions(rawValue: 512)
  static let inexact = Conditions(rawValue: 1024)
  static let rounded = Conditions(rawValue: 2048)
  static let clamped = Conditions(rawValue: 4096)

  static let invalid: Conditions = [.invalidOperation, .conversionSyntax, .divisionImpossible, .divisionUndefined, .invalidContext]
  /// What makes a result useless.
  static let errors: Conditions = invalid.union(.divisionByZero)
}

enum Limits {
  static let precision = 999_999_999_999_999_999
  static let emax = 999_999_999_999_999_999
  static let emin = -999_999_999_999_999_999
  static let etiny = -1_999_999_999_999_999_997
}

/// What a context demands of results, and what has happened so far.
struct Rules {
  var precision: Int
  var emax: Int
  var emin: Int
  var rounding: Rounding
  var clamp: Bool
  var status: Conditions = []

  var etiny: Int { emin &- precision &+ 1 }
  var etop: Int { emax &- precision &+ 1 }

  /// The widest there are: what is exact stays exact.
  static var widest: Rules {
    Rules(precision: Limits.precision, emax: Limits.emax, emin: Limits.emin, rounding: .halfEven, clamp: false)
  }

  mutating func invalid(_ c: Conditions = .invalidOperation) -> Number {
    status.formUnion(c)
    return .nan
  }

  // MARK: rounding

  /// Whether a quotient whose cut-off part is `rest` has to grow by one.
  @inline(__always)
  func increments(_ limbs: UnsafeMutablePointer<UInt>, _ count: Int, _ rest: Rest, negative: Bool) -> Bool {
    rounding.increments(
      rest, negative: negative, isOdd: count > 0 && limbs[0] & 1 == 1, endsInZeroOrFive: count == 0 || __gmpn_mod_1(limbs, count, 5) == 0)
  }

  /// Cuts `n` to the digits from 10^(exponent + drop) on and rounds it. The result may have one digit more than are left.
  func cut(_ vm: VM, _ n: inout Number, _ drop: Int) throws(Raised) -> Rest {
    let (q, count, rest) = try Coefficient.scaledDown(vm, n.limbs, n.count, n.digits, drop)
    n.digits = count == 0 ? 1 : n.digits &- drop
    n.exponent &+= drop
    n.limbs = q
    n.count = count
    if rest != .none && increments(q, count, rest, negative: n.isNegative) { try Rules.increment(vm, &n) }
    return rest
  }

  /// One unit of the last digit more. The limbs are a copy with room for one more.
  static func increment(_ vm: VM, _ n: inout Number) throws(Raised) {
    if n.count == 0 {
      let p = try Scratch.limbs(vm, 1)
      p[0] = 1
      n.limbs = p
      n.count = 1
      n.digits = 1
      return
    }
    if __gmpn_add_1(n.limbs, n.limbs, n.count, 1) != 0 {
      n.limbs[n.count] = 1
      n.count &+= 1
    }
    n.digits = try Coefficient.digits(vm, n.limbs, n.count)
  }

  /// Fits a result into precision and exponent range. What is rounded lies in limbs of its own afterwards.
  @inline(__always)
  mutating func finalize(_ vm: VM, _ n: Number) throws(Raised) -> Number {
    if !n.isSpecial && n.digits <= precision && n.count > 0 {
      let adjusted = n.adjusted
      if adjusted <= emax && adjusted >= emin && !clamp { return n }
    }
    return try finalizeSlowly(vm, n)
  }

  /// Rounded half to even, whatever the context says.
  mutating func finalizeHalfEven(_ vm: VM, _ n: Number) throws(Raised) -> Number {
    let kept = rounding
    rounding = .halfEven
    defer { rounding = kept }
    return try finalize(vm, n)
  }

  @inline(never)
  mutating func finalizeSlowly(_ vm: VM, _ number: Number) throws(Raised) -> Number {
    var n = number
    if n.isSpecial {
      if n.isNaN { try fixPayload(vm, &n) }
      return n
    }
    if try fitExponent(vm, &n) { return n }
    if n.digits > precision {
      let rest = try cut(vm, &n, n.digits &- precision)
      status.insert(.rounded)
      if rest != .none { status.insert(.inexact) }
      if n.digits > precision {
        // 99…9 has become 100…0.
        _ = try cut(vm, &n, 1)
        _ = try fitExponent(vm, &n)
      }
    }
    return n
  }

  /// Answers whether the number is finished.
  private mutating func fitExponent(_ vm: VM, _ n: inout Number) throws(Raised) -> Bool {
    let adjusted = n.adjusted
    if adjusted > emax {
      if n.count == 0 {
        n.exponent = clamp ? etop : emax
        status.insert(.clamped)
        return true
      }
      status.formUnion([.overflow, .inexact, .rounded])
      n = try overflowed(vm, negative: n.isNegative)
      return true
    }
    if clamp && n.exponent > etop {
      let shift = n.exponent &- etop
      if n.count > 0 {
        (n.limbs, n.count) = try Coefficient.scaledUp(vm, n.limbs, n.count, shift)
        n.digits &+= shift
      }
      n.exponent = etop
      status.insert(.clamped)
      if n.count > 0 && adjusted < emin { status.insert(.subnormal) }
      return false
    }
    if adjusted < emin {
      let tiny = etiny
      if n.count == 0 {
        if n.exponent < tiny {
          n.exponent = tiny
          status.insert(.clamped)
        }
        return true
      }
      status.insert(.subnormal)
      if n.exponent < tiny {
        let rest = try cut(vm, &n, tiny &- n.exponent)
        status.insert(.rounded)
        if rest != .none {
          status.formUnion([.inexact, .underflow])
          if n.count == 0 { status.insert(.clamped) }
        }
      }
    }
    return false
  }

  /// Infinity or the largest number, as the rounding demands.
  func overflowed(_ vm: VM, negative: Bool) throws(Raised) -> Number {
    let largest: Bool
    switch rounding {
    case .down, .zeroFiveUp: largest = true
    case .ceiling: largest = negative
    case .floor: largest = !negative
    default: largest = false
    }
    return largest ? try maximum(vm, negative: negative) : .infinity(negative: negative)
  }

  /// 99…9 at the top of the range.
  func maximum(_ vm: VM, negative: Bool) throws(Raised) -> Number {
    let one = try Number.small(vm, 1)
    let (p, n) = try Coefficient.scaledUp(vm, one.limbs, 1, precision)
    _ = __gmpn_sub_1(p, p, n, 1)
    return Number(limbs: p, count: Coefficient.normalized(p, n), exponent: etop, digits: precision, flags: negative ? .negative : [])
  }

  /// A payload keeps the last digits that fit.
  private func fixPayload(_ vm: VM, _ n: inout Number) throws(Raised) {
    let room = precision &- (clamp ? 1 : 0)
    if n.digits <= room || n.count == 0 { return }
    if room == 0 {
      n.count = 0
      n.digits = 0
      return
    }
    try Rules.keepLow(vm, &n, room)
    if n.count == 0 { n.digits = 0 }
  }

  /// The number modulo 10^k.
  static func keepLow(_ vm: VM, _ n: inout Number, _ k: Int) throws(Raised) {
    if n.digits <= k || n.count == 0 { return }
    let one = try Number.small(vm, 1)
    let (t, tn) = try Coefficient.scaledUp(vm, one.limbs, 1, k)
    let q = try Scratch.limbs(vm, n.count &- tn &+ 1)
    let r = try Scratch.limbs(vm, tn)
    __gmpn_tdiv_qr(q, r, 0, n.limbs, n.count, t, tn)
    n.limbs = r
    n.count = Coefficient.normalized(r, tn)
    n.digits = try Coefficient.digits(vm, r, n.count)
  }

  // MARK: NaNs

  /// The NaN that an operation on NaNs answers; nil without any.
  @inline(__always)
  mutating func nan(_ vm: VM, _ a: Number) throws(Raised) -> Number? {
    a.isNaN ? try propagate(vm, a) : nil
  }
  @inline(__always)
  mutating func nan(_ vm: VM, _ a: Number, _ b: Number) throws(Raised) -> Number? {
    if !a.isNaN && !b.isNaN { return nil }
    return try propagate(vm, a.isSignaling ? a : b.isSignaling ? b : a.isNaN ? a : b)
  }
  @inline(never)
  mutating func propagate(_ vm: VM, _ a: Number) throws(Raised) -> Number {
    var n = a
    if n.isSignaling {
      status.insert(.invalidOperation)
      n.flags = n.isNegative ? [.quietNaN, .negative] : .quietNaN
    }
    try fixPayload(vm, &n)
    return n
  }
}
