// itertools: product, permutations and combinations.

/// `pool` is a tuple: of the items, or (product) of tuples of items. `indices` is a raw buffer of `count` Ints, the current
/// selection; permutations have `cycles` behind it. The first result is made from the initial indices.
struct CombinationLayout {
  var header: CellHeader
  var pool: Value
  var indices: UnsafeMutablePointer<Int>?
  var cycles: UnsafeMutablePointer<Int>?
  var count: Int
  var started: Bool
  var stopped: Bool

  static var size: Int { MemoryLayout<CombinationLayout>.size }
  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: CombinationLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(c.pointee.pool)
    tracer.visitBuffer(c.pointee.indices)
    tracer.visitBuffer(c.pointee.cycles)
  }
}
private typealias Ref = UnsafeMutablePointer<CombinationLayout>

private func layout(_ v: Value) -> Ref { v.as(CombinationLayout.self) }

private enum Selection {
  static func declareCommon(_ t: inout TypeBuilder) {
    t.trace(CombinationLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the iterator takes.", sizeOf)
  }

  private static let sizeOf: NativeNoArgs = { vm, v throws(Raised) in
    try vm.int(CombinationLayout.size &+ layout(v).pointee.count &* 8)
  }

  static func ints(_ vm: VM, _ count: Int) throws(Raised) -> UnsafeMutablePointer<Int> {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 8)
    if overflow { throw vm.raiseMemoryError() }
    return try vm.allocateBytes(bytes).assumingMemoryBound(to: Int.self)
  }

  static func make(
    _ vm: VM, _ cls: Value, _ pool: Value, _ indices: UnsafeMutablePointer<Int>, _ count: Int, stopped: Bool
  ) throws(Raised) -> Ref {
    let c = try vm.instance(CombinationLayout.self, of: cls.asType)
    c.pointee.pool = pool
    c.pointee.indices = indices
    c.pointee.count = count
    c.pointee.stopped = stopped
    return c
  }

  /// The tuple of the pool's items at the current indices.
  static func result(_ vm: VM, _ c: Ref) throws(Raised) -> Value {
    let n = c.pointee.count
    let result = try vm.tuple(count: n)
    guard let indices = c.pointee.indices else { return result }
    let items = result.as(TupleLayout.self).items
    let pool = c.pointee.pool.as(TupleLayout.self).items
    for i in 0..<n { items[i] = pool[indices[i]] }
    return result
  }

  static func poolCount(_ c: Ref) -> Int { c.pointee.pool.as(TupleLayout.self).pointee.count }

  static func tuple(_ vm: VM, _ numbers: UnsafeMutablePointer<Int>?, _ count: Int) throws(Raised) -> Value {
    let t = try vm.tuple(count: count)
    guard let numbers else { return t }
    for i in 0..<count { t.as(TupleLayout.self).items[i] = try vm.int(numbers[i]) }
    return t
  }

  /// `(type, (pool, r)[, indices])`
  static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let c = layout(v)
    let r = try vm.int(c.pointee.count)
    if !c.pointee.started && !c.pointee.stopped { return try vm.tuple(Value(v.cellType), try vm.tuple(c.pointee.pool, r)) }
    if c.pointee.stopped { return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.tuple(count: 0), r)) }
    return try vm.tuple(
      Value(v.cellType), try vm.tuple(c.pointee.pool, r), try tuple(vm, c.pointee.indices, c.pointee.count))
  }

  /// Indices from a tuple of exactly `count`, each brought into 0 ... `largest(i)`.
  static func restore(
    _ vm: VM, _ state: Value, _ count: Int, _ largest: (Int) -> Int, least: Int = 0
  ) throws(Raised) -> UnsafeMutablePointer<Int> {
    guard state.isTuple, state.as(TupleLayout.self).pointee.count == count else {
      throw vm.raise(.valueError, "invalid arguments")
    }
    let items = state.as(TupleLayout.self).items
    let indices = try ints(vm, count)
    for i in 0..<count { indices[i] = max(least, min(try vm.asInt(items[i]), largest(i))) }
    return indices
  }

  /// Arguments `(iterable, r)` as a pool and a nonnegative count.
  static func arguments(_ vm: VM, _ name: StaticString, _ args: Args) throws(Raised) -> (pool: Value, r: Int) {
    let places = try ArgChecks.bind(vm, name, args, names: ["iterable", "r"], required: 2)
    let pool = try vm.tuple(from: places[0])
    let r = try vm.asInt(places[1])
    if r < 0 { throw vm.raise(.valueError, "r must be non-negative") }
    return (pool, r)
  }
}

enum Combinations {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    Selection.declareCommon(&t)
    t.doc("combinations(iterable, r)\n--\n\nAll ways to take r of the items, each in the items' order.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores pickled indices.", setState)
  }
  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in try Selection.reduce(vm, v) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let (pool, r) = try Selection.arguments(vm, "combinations", args)
    let indices = try Selection.ints(vm, r)
    for i in 0..<r { indices[i] = i }
    return Value(
      try Selection.make(vm, cls, pool, indices, r, stopped: r > pool.as(TupleLayout.self).pointee.count))
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    guard !c.pointee.stopped, let indices = c.pointee.indices else { return .exhausted }
    if !c.pointee.started {
      c.pointee.started = true
      return try Selection.result(vm, c)
    }
    let n = Selection.poolCount(c), r = c.pointee.count
    var i = r - 1
    while i >= 0 && indices[i] == i + n - r { i -= 1 }
    if i < 0 {
      c.pointee.stopped = true
      return .exhausted
    }
    indices[i] += 1
    var j = i + 1
    while j < r {
      indices[j] = indices[j - 1] + 1
      j += 1
    }
    return try Selection.result(vm, c)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let c = layout(v)
    let n = Selection.poolCount(c), r = c.pointee.count
    if c.pointee.stopped { return .none }
    c.pointee.indices = try Selection.restore(vm, state, r) { $0 + n - r }
    c.pointee.started = true
    return .none
  }
}

enum CombinationsWithReplacement {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    Selection.declareCommon(&t)
    t.doc("combinations_with_replacement(iterable, r)\n--\n\nAll ways to take r items, any of them more than once, in the items' order.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores pickled indices.", setState)
  }
  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in try Selection.reduce(vm, v) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let (pool, r) = try Selection.arguments(vm, "combinations_with_replacement", args)
    let indices = try Selection.ints(vm, r)
    return Value(
      try Selection.make(vm, cls, pool, indices, r, stopped: pool.as(TupleLayout.self).pointee.count == 0 && r > 0))
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    guard !c.pointee.stopped, let indices = c.pointee.indices else { return .exhausted }
    if !c.pointee.started {
      c.pointee.started = true
      return try Selection.result(vm, c)
    }
    let n = Selection.poolCount(c), r = c.pointee.count
    var i = r - 1
    while i >= 0 && indices[i] == n - 1 { i -= 1 }
    if i < 0 {
      c.pointee.stopped = true
      return .exhausted
    }
    let index = indices[i] + 1
    while i < r {
      indices[i] = index
      i += 1
    }
    return try Selection.result(vm, c)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let c = layout(v)
    let n = Selection.poolCount(c)
    if c.pointee.stopped { return .none }
    c.pointee.indices = try Selection.restore(vm, state, c.pointee.count) { _ in n - 1 }
    c.pointee.started = true
    return .none
  }
}

/// `indices` holds all n items' places, of which the first r are shown; `cycles` counts down the choices left at each place.
enum Permutations {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    Selection.declareCommon(&t)
    t.doc("permutations(iterable, r=None)\n--\n\nAll arrangements of r of the items (of all, without r).")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores pickled indices.", setState)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "permutations", args, names: ["iterable", "r"], required: 1)
    let pool = try vm.tuple(from: places[0])
    let n = pool.as(TupleLayout.self).pointee.count
    var r = n
    if !places[1].isNull && !places[1].isNone {
      guard places[1].isInt else { throw vm.raise(.typeError, "Expected int as r") }
      r = try vm.asInt(places[1])
      if r < 0 { throw vm.raise(.valueError, "r must be non-negative") }
    }
    let indices = try Selection.ints(vm, n)
    for i in 0..<n { indices[i] = i }
    let cycles = try Selection.ints(vm, r)
    for i in 0..<r { cycles[i] = n &- i }
    let c = try Selection.make(vm, cls, pool, indices, r, stopped: r > n)
    c.pointee.cycles = cycles
    return Value(c)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    guard !c.pointee.stopped, let indices = c.pointee.indices, let cycles = c.pointee.cycles else { return .exhausted }
    if !c.pointee.started {
      c.pointee.started = true
      return try Selection.result(vm, c)
    }
    let n = Selection.poolCount(c), r = c.pointee.count
    var i = r - 1
    while i >= 0 {
      cycles[i] -= 1
      if cycles[i] == 0 {
        // All choices for this place are through: its item goes to the end, and the place before moves on.
        let first = indices[i]
        var j = i
        while j < n - 1 {
          indices[j] = indices[j + 1]
          j += 1
        }
        indices[n - 1] = first
        cycles[i] = n - i
        i -= 1
      } else {
        let j = n - cycles[i]
        let x = indices[i]
        indices[i] = indices[j]
        indices[j] = x
        return try Selection.result(vm, c)
      }
    }
    c.pointee.stopped = true
    return .exhausted
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    let r = try vm.int(c.pointee.count)
    if !c.pointee.started && !c.pointee.stopped { return try vm.tuple(Value(v.cellType), try vm.tuple(c.pointee.pool, r)) }
    if c.pointee.stopped { return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.tuple(count: 0), r)) }
    let indices = try Selection.tuple(vm, c.pointee.indices, Selection.poolCount(c))
    let cycles = try Selection.tuple(vm, c.pointee.cycles, c.pointee.count)
    return try vm.tuple(Value(v.cellType), try vm.tuple(c.pointee.pool, r), try vm.tuple(indices, cycles))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let c = layout(v)
    let items = try ItertoolsModule.stateItems(vm, state, 2)
    let n = Selection.poolCount(c), r = c.pointee.count
    if c.pointee.stopped { return .none }
    let indices = try Selection.restore(vm, items[0], n) { _ in n - 1 }
    let cycles = try Selection.restore(vm, items[1], r, { n - $0 }, least: 1)
    c.pointee.indices = indices
    c.pointee.cycles = cycles
    c.pointee.started = true
    return .none
  }
}

enum Product {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    Selection.declareCommon(&t)
    t.doc("product(*iterables, repeat=1)\n\nThe cartesian product: nested loops over the iterables, the last one innermost.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores pickled indices.", setState)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    var times = 1
    for k in 0..<args.keywordCount {
      guard Str.equal(args.keywordName(k), "repeat") else {
        throw vm.raise(.typeError, "'\(args.keywordName(k).swiftString)' is an invalid keyword argument for product()")
      }
      times = try vm.asInt(args.keywordValue(k))
      if times < 0 { throw vm.raise(.valueError, "repeat argument cannot be negative") }
    }
    let n = times == 0 ? 0 : args.count
    let (total, overflow) = n.multipliedReportingOverflow(by: times)
    if overflow || total > Int.max / 16 { throw vm.raise(.overflowError, "repeat argument too large") }
    let pools = try vm.tuple(count: total)
    var empty = false
    for i in 0..<n {
      let pool = try vm.tuple(from: args[i])
      if pool.as(TupleLayout.self).pointee.count == 0 { empty = true }
      pools.as(TupleLayout.self).items[i] = pool
    }
    var i = n
    while i < total {
      pools.as(TupleLayout.self).items[i] = pools.as(TupleLayout.self).items[i - n]
      i += 1
    }
    return Value(try Selection.make(vm, cls, pools, try Selection.ints(vm, total), total, stopped: empty))
  }

  private static func result(_ vm: VM, _ c: Ref, _ indices: UnsafeMutablePointer<Int>) throws(Raised) -> Value {
    let result = try vm.tuple(count: c.pointee.count)
    let items = result.as(TupleLayout.self).items
    let pools = c.pointee.pool.as(TupleLayout.self).items
    for i in 0..<c.pointee.count { items[i] = pools[i].as(TupleLayout.self).items[indices[i]] }
    return result
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    guard !c.pointee.stopped, let indices = c.pointee.indices else { return .exhausted }
    if !c.pointee.started {
      c.pointee.started = true
      return try result(vm, c, indices)
    }
    let pools = c.pointee.pool.as(TupleLayout.self).items
    var i = c.pointee.count - 1
    while i >= 0 {
      indices[i] += 1
      if indices[i] < pools[i].as(TupleLayout.self).pointee.count { return try result(vm, c, indices) }
      indices[i] = 0
      i -= 1
    }
    c.pointee.stopped = true
    return .exhausted
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    if c.pointee.stopped { return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.tuple(count: 0))) }
    if !c.pointee.started { return try vm.tuple(Value(v.cellType), c.pointee.pool) }
    return try vm.tuple(Value(v.cellType), c.pointee.pool, try Selection.tuple(vm, c.pointee.indices, c.pointee.count))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let c = layout(v)
    let pools = c.pointee.pool.as(TupleLayout.self).items
    guard state.isTuple, state.as(TupleLayout.self).pointee.count == c.pointee.count else {
      throw vm.raise(.valueError, "invalid arguments")
    }
    if c.pointee.stopped { return .none }
    for i in 0..<c.pointee.count where pools[i].as(TupleLayout.self).pointee.count == 0 {
      c.pointee.stopped = true
      return .none
    }
    c.pointee.indices = try Selection.restore(vm, state, c.pointee.count) { pools[$0].as(TupleLayout.self).pointee.count - 1 }
    c.pointee.started = true
    return .none
  }
}
