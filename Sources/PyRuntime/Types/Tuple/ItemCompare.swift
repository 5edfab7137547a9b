/// Comparison of items as all sequences do it.
enum ItemCompare {
  /// Identity, else equality, with the cheap cases in line. May run Python code.
  @inline(__always)
  static func equal(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    if Value.bothSmallInts(a, b) { return false }
    if a.isDouble && b.isDouble { return a.double == b.double }
    return try vm.equalSlowly(a, b)
  }

  /// `a op b` for two counts.
  static func order(_ a: Int, _ b: Int, _ op: CompareOp) -> Value {
    switch op {
    case .lt: .bool(a < b)
    case .le: .bool(a <= b)
    case .eq: .bool(a == b)
    case .ne: .bool(a != b)
    case .gt: .bool(a > b)
    case .ge: .bool(a >= b)
    }
  }

  /// The outcome for two sequences whose first unequal items are `a` and `b`.
  static func decide(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    switch op {
    case .eq: return .false
    case .ne: return .true
    case _ where Value.bothSmallInts(a, b): return order(a.smallInt, b.smallInt, op)
    default: return try vm.compare(a, b, op)
    }
  }

  /// Repeats `count` items until `total` are written; `total` is a multiple of `count`.
  static func fill(_ target: UnsafeMutablePointer<Value>, from items: UnsafeMutablePointer<Value>, _ count: Int, _ total: Int) {
    guard count > 0, total > 0 else { return }
    if count == 1 { return target.update(repeating: items[0], count: total) }
    target.update(from: items, count: count)
    var done = count
    while done < total {
      let n = min(done, total &- done)
      (target + done).update(from: target, count: n)
      done &+= n
    }
  }
}
