import CGMP
import Glibc
import PyRuntime

/// What was cut off, against one unit of what is left.
enum Rest {
  case none, belowHalf, half, aboveHalf

  /// `r` of `unit`, r < unit.
  @inline(__always)
  init(_ r: UInt, of unit: UInt) {
    self = r == 0 ? .none : r < unit &- r ? .belowHalf : r == unit &- r ? .half : .aboveHalf
  }
}

/// Magnitudes as limbs, seen in base ten: digits, powers, shifts.
enum Coefficient {
  typealias Limbs = UnsafeMutablePointer<UInt>

  // MARK: powers

  /// 10^n for 0 ... 38 as pairs of limbs.
  nonisolated(unsafe) private static var table: Limbs?
  /// 10^n for 0 ... 79, to about 15 digits.
  nonisolated(unsafe) private static var doubles: UnsafeMutablePointer<Double>?
  /// 5^n, each made when it is first needed: (limbs, count) by n. They live for ever.
  nonisolated(unsafe) private static var fives: UnsafeMutablePointer<Limbs?>?
  nonisolated(unsafe) private static var fiveCounts: UnsafeMutablePointer<Int>?
  private static var keptFives: Int { 1024 }
  /// The last larger powers that were used.
  private static var recentCount: Int { 8 }
  nonisolated(unsafe) private static var recent: UnsafeMutablePointer<(power: Int, limbs: Limbs?, count: Int)>?
  nonisolated(unsafe) private static var nextRecent = 0

  static func prepare() {
    guard table == nil else { return }
    let t = Limbs.allocate(capacity: 78)
    var x: UInt128 = 1
    for i in 0...38 {
      t[2 * i] = UInt(truncatingIfNeeded: x)
      t[2 * i + 1] = UInt(truncatingIfNeeded: x >> 64)
      x = x &* 10
    }
    table = t
    let d = UnsafeMutablePointer<Double>.allocate(capacity: 80)
    for i in 0..<80 { d[i] = pow(10, Double(i)) }
    doubles = d
    let f = UnsafeMutablePointer<Limbs?>.allocate(capacity: keptFives)
    f.initialize(repeating: nil, count: keptFives)
    fives = f
    let c = UnsafeMutablePointer<Int>.allocate(capacity: keptFives)
    c.initialize(repeating: 0, count: keptFives)
    fiveCounts = c
    let r = UnsafeMutablePointer<(power: Int, limbs: Limbs?, count: Int)>.allocate(capacity: recentCount)
    r.initialize(repeating: (-1, nil, 0), count: recentCount)
    recent = r
  }

  /// 10^n, n in 0 ... 19
  @inline(__always) static func ten(_ n: Int) -> UInt { table.unsafelyUnwrapped[2 &* n] }
  /// 10^n, n in 0 ... 38
  @inline(__always) static func ten128(_ n: Int) -> UInt128 {
    let t = table.unsafelyUnwrapped
    return UInt128(t[2 &* n &+ 1]) &<< 64 | UInt128(t[2 &* n])
  }

  /// 5^n; not to be written to.
  static func five(_ vm: VM, _ n: Int) throws(Raised) -> (Limbs, Int) {
    if n < keptFives {
      if let p = fives.unsafelyUnwrapped[n] { return (p, fiveCounts.unsafelyUnwrapped[n]) }
    } else {
      let r = recent.unsafelyUnwrapped
      for i in 0..<recentCount where r[i].power == n {
        if let p = r[i].limbs { return (p, r[i].count) }
      }
    }
    return try makeFive(vm, n)
  }
  @inline(never)
  private static func makeFive(_ vm: VM, _ n: Int) throws(Raised) -> (Limbs, Int) {
    // log₂ 5 / 64 = 0.03628…
    guard n >= 0, Double(n) * 0.03629 < Double(Ints.maximumLimbs / 2) else { throw vm.raiseMemoryError() }
    let room = Int(Double(n) * 0.03629) + 2
    if n >= keptFives, room < 1 << 16, let near = neighbour(n, room) { return near }
    // Memory that GMP would ask for, and die without, is asked for here first.
    if room > 1 << 20 { _ = try vm.allocateBytes(room &* 8) }
    var z = mpz_t(_mp_alloc: 0, _mp_size: 0, _mp_d: nil)
    __gmpz_init(&z)
    defer { __gmpz_clear(&z) }
    __gmpz_ui_pow_ui(&z, 5, UInt(n))
    let count = Int(z._mp_size)
    guard let source = z._mp_d else { throw vm.raiseMemoryError() }
    if n >= keptFives && count > 1 << 16 {
      let p = try Scratch.limbs(vm, count)
      __gmpn_copyi(p, source, count)
      return (p, count)
    }
    let p = Limbs.allocate(capacity: count)
    __gmpn_copyi(p, source, count)
    if n < keptFives {
      fives.unsafelyUnwrapped[n] = p
      fiveCounts.unsafelyUnwrapped[n] = count
    } else {
      let r = recent.unsafelyUnwrapped
      let i = nextRecent
      nextRecent = (nextRecent &+ 1) % recentCount
      // Nobody holds one power while asking for the next, so any may go: that of eight uses ago.
      r[i].limbs?.deallocate()
      r[i] = (n, p, count)
    }
    return (p, count)
  }

  /// From a power that is at most 27 away, in its place.
  private static func neighbour(_ n: Int, _ room: Int) -> (Limbs, Int)? {
    let r = recent.unsafelyUnwrapped
    for i in 0..<recentCount where r[i].power >= 0 && (r[i].power &- n).magnitude <= 27 {
      guard let old = r[i].limbs else { continue }
      let difference = n &- r[i].power
      var factor: UInt = 1
      for _ in 0..<difference.magnitude { factor = factor &* 5 }
      let p = Limbs.allocate(capacity: room &+ 2)
      var count = r[i].count
      if difference > 0 {
        p[count] = __gmpn_mul_1(p, old, count, factor)
        if p[count] != 0 { count &+= 1 }
      } else {
        _ = __gmpn_divrem_1(p, 0, old, count, factor)
        count = normalized(p, count)
      }
      old.deallocate()
      r[i] = (n, p, count)
      return (p, count)
    }
    return nil
  }

  // MARK: digits

  @inline(__always) static func bitLength(_ p: Limbs, _ n: Int) -> Int { n &* 64 &- p[n &- 1].leadingZeroBitCount }

  @inline(__always) static func normalized(_ p: Limbs, _ n: Int) -> Int {
    var n = n
    while n > 0 && p[n &- 1] == 0 { n &-= 1 }
    return n
  }

  /// Decimal digits; 1 for zero.
  @inline(__always) static func digits(_ x: UInt) -> Int {
    // log₁₀ 2 ≈ 1233 / 4096
    let guess = ((64 &- (x | 1).leadingZeroBitCount) &* 1233) &>> 12
    return guess &+ (x >= ten(guess) ? 1 : 0) | (x == 0 ? 1 : 0)
  }
  @inline(__always) static func digits(_ x: UInt128) -> Int {
    if x >> 64 == 0 { return digits(UInt(truncatingIfNeeded: x)) }
    let guess = ((128 &- x.leadingZeroBitCount) &* 1233) &>> 12
    return guess &+ (x >= ten128(guess) ? 1 : 0)
  }
  static func digits(_ vm: VM, _ p: Limbs, _ n: Int) throws(Raised) -> Int {
    if n == 0 { return 1 }
    if n == 1 { return digits(p[0]) }
    if n == 2 { return digits(UInt128(p[1]) &<< 64 | UInt128(p[0])) }
    let bits = bitLength(p, n)
    if n <= 4 {
      // Against 10^guess as a double, unless that is too near.
      let guess = (bits &* 1233) &>> 12
      let value = approximate(p, n)
      let power = doubles.unsafelyUnwrapped[guess]
      if value > power * 1.000000000001 { return guess &+ 1 }
      if value < power * 0.999999999999 { return guess }
    }
    let l = logarithm(p, n)
    let nearest = l.rounded()
    if abs(l - nearest) > 1e-9 + Double(bits) * 1e-15 { return Int(l) &+ 1 }
    // Next to a power of ten: compare with 10^k, that is the part above k bits with 5^k.
    let k = Int(nearest)
    let (f, fn) = try five(vm, k)
    let mark = Scratch.mark
    defer { Scratch.release(mark) }
    let (high, hn) = try shiftedRight(vm, p, n, k)
    let order = hn == fn ? Int(__gmpn_cmp(high, f, fn)) : hn &- fn
    return order >= 0 ? k &+ 1 : k
  }

  /// The first digits of one against the other's, as if both began at the same place: -1, 1, or 0 where they are too much alike to tell.
  static func compareLeading(_ a: Number, _ b: Number) -> Int {
    if a.count <= 4 && b.count <= 4 && a.digits < 80 && b.digits < 80 {
      let t = doubles.unsafelyUnwrapped
      let (x, y) = (approximate(a.limbs, a.count) * t[b.digits], approximate(b.limbs, b.count) * t[a.digits])
      return x > y * 1.000000000001 ? 1 : x < y * 0.999999999999 ? -1 : 0
    }
    let difference = (logarithm(a.limbs, a.count) - Double(a.digits)) - (logarithm(b.limbs, b.count) - Double(b.digits))
    let doubt = 1e-9 + Double(max(a.count, b.count)) * 64e-15
    return difference > doubt ? 1 : difference < 0 - doubt ? -1 : 0
  }
  /// Of at most four limbs.
  @inline(__always) private static func approximate(_ p: Limbs, _ n: Int) -> Double {
    if n == 1 { return Double(p[0]) }
    return Double(top(p, n)) * Double(bitPattern: UInt64(1023 &+ bitLength(p, n) &- 64) &<< 52)
  }
  /// The decimal one.
  private static func logarithm(_ p: Limbs, _ n: Int) -> Double {
    log10(Double(top(p, n))) + Double(bitLength(p, n) &- 64) * 0.301029995663981195213738894724493
  }
  /// The highest 64 bits, from the highest that is set on.
  @inline(__always) private static func top(_ p: Limbs, _ n: Int) -> UInt {
    let shift = UInt(p[n &- 1].leadingZeroBitCount)
    return shift == 0 ? p[n &- 1] : n == 1 ? p[0] &<< shift : p[n &- 1] &<< shift | p[n &- 2] &>> (64 &- shift)
  }

  // MARK: shifts

  /// `p >> bits` as a copy.
  static func shiftedRight(_ vm: VM, _ p: Limbs, _ n: Int, _ bits: Int) throws(Raised) -> (Limbs, Int) {
    let whole = bits >> 6
    if whole >= n { return (p, 0) }
    let left = n &- whole
    let out = try Scratch.limbs(vm, left)
    if bits & 63 == 0 {
      __gmpn_copyi(out, p + whole, left)
    } else {
      _ = __gmpn_rshift(out, p + whole, left, UInt32(bits & 63))
    }
    return (out, normalized(out, left))
  }

  /// `p << bits` as a copy.
  static func shiftedLeft(_ vm: VM, _ p: Limbs, _ n: Int, _ bits: Int) throws(Raised) -> (Limbs, Int) {
    if n == 0 { return (p, 0) }
    let whole = bits >> 6
    let out = try Scratch.limbs(vm, n &+ whole &+ 1)
    return (out, shiftLeft(out, p, n, bits))
  }
  /// `p << bits` into `out`, which has room for it and may be `p`.
  private static func shiftLeft(_ out: Limbs, _ p: Limbs, _ n: Int, _ bits: Int) -> Int {
    let whole = bits >> 6
    var count = n &+ whole
    if bits & 63 == 0 {
      __gmpn_copyd(out + whole, p, n)
    } else {
      let carry = __gmpn_lshift(out + whole, p, n, UInt32(bits & 63))
      out[count] = carry
      if carry != 0 { count &+= 1 }
    }
    for i in 0..<whole { out[i] = 0 }
    return count
  }

  /// `p · 10^k`, a copy. Has one limb more of room than it needs.
  static func scaledUp(_ vm: VM, _ p: Limbs, _ n: Int, _ k: Int) throws(Raised) -> (Limbs, Int) {
    if n == 0 { return (p, 0) }
    if k <= 19 {
      let out = try Scratch.limbs(vm, n &+ 2)
      let carry = __gmpn_mul_1(out, p, n, ten(k))
      out[n] = carry
      return (out, carry == 0 ? n : n &+ 1)
    }
    let (f, fn) = try five(vm, k)
    let out = try Scratch.limbs(vm, n &+ fn &+ (k >> 6) &+ 2)
    let high = n >= fn ? __gmpn_mul(out, p, n, f, fn) : __gmpn_mul(out, f, fn, p, n)
    return (out, shiftLeft(out, out, n &+ fn &- (high == 0 ? 1 : 0), k))
  }

  /// `p / 10^k` cut off, a copy with one limb more of room than it needs.
  static func scaledDown(_ vm: VM, _ p: Limbs, _ n: Int, _ digits: Int, _ k: Int) throws(Raised) -> (Limbs, Int, Rest) {
    if n == 0 || k <= 0 {
      let out = try Scratch.limbs(vm, n &+ 1)
      if n > 0 { __gmpn_copyi(out, p, n) }
      return (out, n, .none)
    }
    if k > digits { return (try Scratch.limbs(vm, 1), 0, .belowHalf) }
    if k <= 19 {
      let t = ten(k)
      let out = try Scratch.limbs(vm, n &+ 1)
      let r: UInt
      if n == 1 {
        let q = p[0] / t
        r = p[0] &- q &* t
        out[0] = q
      } else {
        r = __gmpn_divrem_1(out, 0, p, n, t)
      }
      return (out, normalized(out, n), Rest(r, of: t))
    }
    if k <= 38 && n <= 6 {
      // Two steps; the rest of the first only breaks ties.
      let out = try Scratch.limbs(vm, n &+ 1)
      let first = __gmpn_divrem_1(out, 0, p, n, ten(19))
      let m = normalized(out, n)
      if m == 0 { return (out, 0, .belowHalf) }
      let t = ten(k &- 19)
      let second = __gmpn_divrem_1(out, 0, out, m, t)
      let count = normalized(out, m)
      let half = t / 2
      if second < half { return (out, count, second | first == 0 ? .none : .belowHalf) }
      if second > half { return (out, count, .aboveHalf) }
      return (out, count, first == 0 ? .half : .aboveHalf)
    }
    // 10^k = 5^k · 2^k: the lower k bits have no part in the quotient.
    let (f, fn) = try five(vm, k)
    let (high, hn) = try shiftedRight(vm, p, n, k)
    if hn < fn {
      let out = try Scratch.limbs(vm, 1)
      return (out, 0, try compareHalf(vm, p, n, high, hn, f, fn, k))
    }
    let out = try Scratch.limbs(vm, hn &- fn &+ 2)
    let r = try Scratch.limbs(vm, fn)
    __gmpn_tdiv_qr(out, r, 0, high, hn, f, fn)
    return (out, normalized(out, hn &- fn &+ 1), try compareHalf(vm, p, n, r, normalized(r, fn), f, fn, k))
  }

  /// Where `r · 2^k +` the lower k bits of `p` lies between 0 and 5^k · 2^k.
  private static func compareHalf(
    _ vm: VM, _ p: Limbs, _ n: Int, _ r: Limbs, _ rn: Int, _ f: Limbs, _ fn: Int, _ k: Int
  ) throws(Raised) -> Rest {
    // Twice the rest, with the highest of the lower bits, against 5^k.
    let place = k &- 1
    let bit: UInt = place >> 6 < n ? p[place >> 6] >> UInt(place & 63) & 1 : 0
    let twice = try Scratch.limbs(vm, rn &+ 1)
    var tn = 0
    if rn > 0 {
      twice[rn] = __gmpn_lshift(twice, r, rn, 1)
      twice[0] |= bit
      tn = normalized(twice, rn &+ 1)
    } else if bit != 0 {
      twice[0] = 1
      tn = 1
    }
    let order = tn == fn ? Int(__gmpn_cmp(twice, f, fn)) : tn &- fn
    if order > 0 { return .aboveHalf }
    let more = anyBits(p, n, below: place)
    if order == 0 { return more ? .aboveHalf : .half }
    return tn == 0 && !more ? .none : .belowHalf
  }

  /// Whether one of the lower `bits` bits is set.
  static func anyBits(_ p: Limbs, _ n: Int, below bits: Int) -> Bool {
    let whole = min(bits >> 6, n)
    for i in 0..<whole where p[i] != 0 { return true }
    return whole < n && bits & 63 != 0 && p[whole] & (1 &<< UInt(bits & 63) &- 1) != 0
  }

  static func trailingZeroBits(_ p: Limbs, _ n: Int) -> Int {
    var i = 0
    while i < n && p[i] == 0 { i &+= 1 }
    return i == n ? 0 : i &* 64 &+ p[i].trailingZeroBitCount
  }

  @inline(__always)
  static func compare(_ a: Limbs, _ an: Int, _ b: Limbs, _ bn: Int) -> Int {
    if an != bn { return an < bn ? -1 : 1 }
    return an == 0 ? 0 : Int(__gmpn_cmp(a, b, an))
  }

  /// `a · b`, a copy.
  static func multiplied(_ vm: VM, _ a: Limbs, _ an: Int, _ b: Limbs, _ bn: Int) throws(Raised) -> (Limbs, Int) {
    if an == 0 || bn == 0 { return (a, 0) }
    let out = try Scratch.limbs(vm, an &+ bn &+ 1)
    let high: UInt
    if an == bn && a == b {
      __gmpn_sqr(out, a, an)
      high = out[2 &* an &- 1]
    } else {
      high = an >= bn ? __gmpn_mul(out, a, an, b, bn) : __gmpn_mul(out, b, bn, a, an)
    }
    return (out, an &+ bn &- (high == 0 ? 1 : 0))
  }
}
