import PyRuntime

/// A `decimal.Decimal`: sign · coefficient · 10^exponent, an infinity, or a NaN whose payload is the coefficient.
/// The coefficient is binary: `count` limbs, least significant first, the last one not zero; zero has none. Up to two limbs (38 digits) lie in
/// `low` and `high`; of more, `low` is the address where they start in a raw-buffer cell. Immutable.
/// `digits` is the number of decimal digits, 1 for zero; 0 for what has no payload. Infinities have no coefficient, and exponent 0.
struct DecimalLayout {
  var header: CellHeader
  var exponent: Int
  var digits: Int
  var count: Int32
  var flags: NumberFlags
  var low: UInt
  var high: UInt

  static var lowOffset: Int { 32 }
  static var size: Int { 48 }

  static let trace: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: DecimalLayout.self)
    if d.pointee.count > 2 { Tracer(tracer).visitBuffer(UnsafeMutablePointer<UInt>(bitPattern: d.pointee.low)) }
  }
}

struct NumberFlags: OptionSet {
  var rawValue: UInt8
  static let negative = NumberFlags(rawValue: 1)
  static let infinite = NumberFlags(rawValue: 2)
  static let quietNaN = NumberFlags(rawValue: 4)
  static let signalingNaN = NumberFlags(rawValue: 8)
}

/// A number under work, in locals: the same fields as a Decimal's. `limbs` points into a Decimal, a big int, a raw-buffer cell (then at its
/// first byte) or the scratch memory, and is never written through once the number has been handed on.
struct Number {
  var limbs: UnsafeMutablePointer<UInt>
  var count: Int
  var exponent: Int
  var digits: Int
  var flags: NumberFlags

  @inline(__always) var isNegative: Bool { flags.rawValue & 1 != 0 }
  @inline(__always) var isSpecial: Bool { flags.rawValue & 14 != 0 }
  @inline(__always) var isNaN: Bool { flags.rawValue & 12 != 0 }
  @inline(__always) var isSignaling: Bool { flags.rawValue & 8 != 0 }
  @inline(__always) var isInfinite: Bool { flags.rawValue & 2 != 0 }
  /// A finite zero.
  @inline(__always) var isZero: Bool { count == 0 && flags.rawValue & 14 == 0 }
  /// Exponent of the first digit.
  @inline(__always) var adjusted: Int { exponent &+ digits &- 1 }
  @inline(__always) var isOdd: Bool { count > 0 && limbs[0] & 1 == 1 }

  @inline(__always) mutating func setNegative(_ b: Bool) { flags = NumberFlags(rawValue: flags.rawValue & 14 | (b ? 1 : 0)) }
  @inline(__always) func with(negative b: Bool) -> Number {
    var r = self
    r.setNegative(b)
    return r
  }

  @inline(__always)
  init(limbs: UnsafeMutablePointer<UInt>, count: Int, exponent: Int, digits: Int, flags: NumberFlags) {
    self.limbs = limbs
    self.count = count
    self.exponent = exponent
    self.digits = digits
    self.flags = flags
  }
  @inline(__always) static func zero(_ exponent: Int, negative: Bool = false) -> Number {
    Number(limbs: Scratch.base, count: 0, exponent: exponent, digits: 1, flags: negative ? .negative : [])
  }
  static func infinity(negative: Bool) -> Number {
    Number(limbs: Scratch.base, count: 0, exponent: 0, digits: 0, flags: negative ? [.infinite, .negative] : .infinite)
  }
  static var nan: Number { Number(limbs: Scratch.base, count: 0, exponent: 0, digits: 0, flags: .quietNaN) }

  /// A number of one limb.
  static func small(_ vm: VM, _ coefficient: UInt, _ exponent: Int = 0, negative: Bool = false) throws(Raised) -> Number {
    let p = try Scratch.limbs(vm, 1)
    p[0] = coefficient
    return Number(
      limbs: p, count: coefficient == 0 ? 0 : 1, exponent: exponent, digits: Coefficient.digits(coefficient),
      flags: negative ? .negative : [])
  }

  /// The number in a Decimal's cell.
  @inline(__always) init(_ v: Value) {
    let d = v.as(DecimalLayout.self)
    count = Int(d.pointee.count)
    if count <= 2 {
      limbs = (v.cell + DecimalLayout.lowOffset).assumingMemoryBound(to: UInt.self)
    } else {
      limbs = UnsafeMutablePointer(bitPattern: d.pointee.low).unsafelyUnwrapped
    }
    exponent = d.pointee.exponent
    digits = d.pointee.digits
    flags = d.pointee.flags
  }
}

/// Memory of one operation: it begins with `reset`, takes what it needs and hands back nothing. Operations run no Python code and keep the
/// interpreter lock, so there is one at a time. What does not fit comes from the heap, as cells that the native stack keeps alive.
enum Scratch {
  private static var capacity: Int { 8192 }
  nonisolated(unsafe) private static var memory: UnsafeMutablePointer<UInt>?
  nonisolated(unsafe) private static var used = 0

  static func prepare() {
    if memory == nil { memory = .allocate(capacity: capacity) }
  }
  @inline(__always) static var base: UnsafeMutablePointer<UInt> { memory.unsafelyUnwrapped }
  @inline(__always) static func reset() { used = 0 }
  /// What is taken from now on may be given back by `release` with this mark.
  @inline(__always) static var mark: Int { used }
  @inline(__always) static func release(_ mark: Int) { used = mark }
  @inline(__always) static func owns(_ p: UnsafeMutablePointer<UInt>) -> Bool { p >= base && p < base + capacity }

  /// Room for `n` limbs, not cleared.
  @inline(__always)
  static func limbs(_ vm: VM, _ n: Int) throws(Raised) -> UnsafeMutablePointer<UInt> {
    let end = used &+ n
    if n >= 0 && n <= capacity && end <= capacity {
      let p = base + used
      used = end
      return p
    }
    return try large(vm, n)
  }
  @inline(never)
  private static func large(_ vm: VM, _ n: Int) throws(Raised) -> UnsafeMutablePointer<UInt> {
    guard n >= 0, n <= Ints.maximumLimbs else { throw vm.raiseMemoryError() }
    return try vm.allocateBytes(n &* 8).assumingMemoryBound(to: UInt.self)
  }
}
