import CGMP

/// Order, equality and hashing of exact ints.
package enum IntCompare {
  /// Negative, 0, positive.
  static func order(_ a: Value, _ b: Value) -> Int {
    if Value.bothSmallInts(a, b) {
      let x = a.smallInt, y = b.smallInt
      return x < y ? -1 : x > y ? 1 : 0
    }
    // An inline int lies strictly between the big ints of either sign.
    if a.isSmallInt { return 0 &- Ints.sign(b) }
    if b.isSmallInt { return Ints.sign(a) }
    let x = Ints.bigView(a), y = Ints.bigView(b)
    if x.isNegative != y.isNegative { return x.isNegative ? -1 : 1 }
    let c = x.compareMagnitude(y)
    return x.isNegative ? 0 &- c : c
  }

  static func equal(_ a: Value, _ b: Value) -> Bool { order(a, b) == 0 }

  @inline(__always)
  static func answer(_ order: Int, _ op: CompareOp) -> Value {
    switch op {
    case .lt: .bool(order < 0)
    case .le: .bool(order <= 0)
    case .eq: .bool(order == 0)
    case .ne: .bool(order != 0)
    case .gt: .bool(order > 0)
    case .ge: .bool(order >= 0)
    }
  }

  /// The prime that all numeric hashes are reduced by.
  package static let hashModulus: UInt = (1 << 61) - 1

  static func hash(_ a: Value) -> Int {
    var h: Int
    if a.isSmallInt {
      h = a.smallInt
    } else {
      let x = Ints.bigView(a)
      let m: Int
      if x.count == 1 {
        // 2⁶¹ is 1 there.
        let limb = UInt(x.limbs[0])
        let sum = limb & hashModulus &+ limb >> 61
        m = Int(bitPattern: sum >= hashModulus ? sum &- hashModulus : sum)
      } else {
        m = Int(bitPattern: __gmpn_mod_1(x.limbs, x.count, hashModulus))
      }
      h = x.isNegative ? 0 &- m : m
    }
    if h == -1 { h = -2 }
    return h
  }
}
