enum RangeType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("range(stop) -> range object\nrange(start, stop[, step]) -> range object\n\nThe ints from start, before stop, by step.")
    t.trace { cell, tracer in
      let r = cell.assumingMemoryBound(to: RangeLayout.self)
      let tracer = Tracer(tracer)
      tracer.visit(r.pointee.start)
      tracer.visit(r.pointee.stop)
      tracer.visit(r.pointee.step)
      tracer.visit(r.pointee.length)
    }
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.bool = TestCode { _, v throws(Raised) in layout(v).pointee.length != Value(smallInt: 0) }
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.item = IndexedCode(item)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.contains = ContainsCode(contains)
    t.method("__reversed__", "($self, /)", "An iterator from the last item to the first.", reversed)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("count", "($self, object, /)", "How often value occurs.", count)
    t.method("index", "($self, object, /)", "Where value occurs. Raises ValueError if it does not.", index)
    t.member("start", nil, offset: MemoryLayout<RangeLayout>.offset(of: \.start))
    t.member("stop", nil, offset: MemoryLayout<RangeLayout>.offset(of: \.stop))
    t.member("step", nil, offset: MemoryLayout<RangeLayout>.offset(of: \.step))
  }

  @inline(__always) private static func layout(_ v: Value) -> UnsafeMutablePointer<RangeLayout> { v.as(RangeLayout.self) }
  private static var zero: Value { Value(smallInt: 0) }
  private static var one: Value { Value(smallInt: 1) }

  // MARK: making ranges

  private static let new: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "range", args)
    try ArgChecks.positional(vm, "range", args, 1, 3)
    if args.count == 1 { return try make(vm, zero, try vm.index(args[0]), one) }
    let start = try vm.index(args[0])
    let stop = try vm.index(args[1])
    let step = args.count == 3 ? try vm.index(args[2]) : one
    if step == zero { throw vm.raise(.valueError, "range() arg 3 must not be zero") }
    return try make(vm, start, stop, step)
  }

  /// All exact ints, step not 0.
  static func make(_ vm: VM, _ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
    let length = try length(vm, start, stop, step)
    let r = try vm.make(RangeLayout.self, rt.types.range)
    r.pointee.start = start
    r.pointee.stop = stop
    r.pointee.step = step
    r.pointee.length = length
    return Value(r)
  }

  private static func length(_ vm: VM, _ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
    if Value.bothSmallInts(start, stop) && step.isSmallInt {
      // Inline ints: nothing here can overflow.
      let a = start.smallInt, b = stop.smallInt, s = step.smallInt
      if s > 0 ? a >= b : a <= b { return zero }
      return try vm.int(s > 0 ? (b - a - 1) / s + 1 : (a - b - 1) / -s + 1)
    }
    let backward = Slices.isNegative(step)
    let low = backward ? stop : start, high = backward ? start : stop
    if try !vm.less(low, high) { return zero }
    let span = try vm.binary(.subtract, try vm.binary(.subtract, high, low), one)
    return try vm.binary(.add, try vm.binary(.floorDivide, span, backward ? try vm.negative(step) : step), one)
  }

  // MARK: slots

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    var text = try ReprBuilder(vm)
    try text.add("range(")
    try text.add(repr: r.pointee.start)
    try text.add(", ")
    try text.add(repr: r.pointee.stop)
    if r.pointee.step != one {
      try text.add(", ")
      try text.add(repr: r.pointee.step)
    }
    try text.add(")")
    return try text.finish()
  }

  /// Ranges are equal when they hold the same ints, so only what those depend on is hashed.
  private static let hash: NativeHash = { vm, v throws(Raised) in
    let r = layout(v)
    let empty = r.pointee.length == zero, single = r.pointee.length == one
    return try vm.hash(
      try vm.tuple(r.pointee.length, empty ? .none : r.pointee.start, empty || single ? .none : r.pointee.step))
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard b.isExact(rt.types.range), op == .eq || op == .ne else { return .notImplemented }
    let x = layout(a), y = layout(b)
    var same = a == b
    if !same {
      same = try vm.equal(x.pointee.length, y.pointee.length)
      if same && x.pointee.length != zero {
        same = try vm.equal(x.pointee.start, y.pointee.start)
        if same && x.pointee.length != one { same = try vm.equal(x.pointee.step, y.pointee.step) }
      }
    }
    return .bool(same == (op == .eq))
  }

  private static let length: NativeHash = { vm, v throws(Raised) in try vm.asInt(layout(v).pointee.length) }

  private static let item: NativeIndexed = { vm, v, i throws(Raised) in
    try item(vm, layout(v), try vm.int(i), counted: false)
  }

  /// Item `i`, an exact int; counted from the end if negative and `counted`.
  private static func item(_ vm: VM, _ r: UnsafeMutablePointer<RangeLayout>, _ i: Value, counted: Bool) throws(Raised) -> Value {
    if i.isSmallInt, r.pointee.length.isSmallInt, Value.bothSmallInts(r.pointee.start, r.pointee.step) {
      var n = i.smallInt
      let length = r.pointee.length.smallInt
      if n < 0 && counted { n += length }
      if n < 0 || n >= length { throw vm.raise(.indexError, "range object index out of range") }
      let (product, overflow) = n.multipliedReportingOverflow(by: r.pointee.step.smallInt)
      let (sum, overflow2) = product.addingReportingOverflow(r.pointee.start.smallInt)
      if !overflow && !overflow2 { return try vm.int(sum) }
    }
    var n = i
    if counted && Slices.isNegative(n) { n = try vm.binary(.add, n, r.pointee.length) }
    if Slices.isNegative(n) { throw vm.raise(.indexError, "range object index out of range") }
    if try !vm.less(n, r.pointee.length) { throw vm.raise(.indexError, "range object index out of range") }
    return try unchecked(vm, r, n)
  }

  private static func unchecked(_ vm: VM, _ r: UnsafeMutablePointer<RangeLayout>, _ n: Value) throws(Raised) -> Value {
    try vm.binary(.add, r.pointee.start, try vm.binary(.multiply, n, r.pointee.step))
  }

  private static let subscripted: NativeOne = { vm, v, key throws(Raised) in
    let r = layout(v)
    if key.isInt || key.type.pointee.slots.index != nil {
      return try item(vm, r, try vm.index(key), counted: true)
    }
    guard key.isExact(rt.types.slice) else {
      throw vm.raise(.typeError, "range indices must be integers or slices, not \(key.typeName)")
    }
    let bounds = try SliceType.resolve(vm, key.as(SliceLayout.self).pointee, r.pointee.length).as(TupleLayout.self)
    let start = try unchecked(vm, r, bounds.items[0])
    let stop = try unchecked(vm, r, bounds.items[1])
    return try make(vm, start, stop, try vm.binary(.multiply, bounds.items[2], r.pointee.step))
  }

  /// By arithmetic for exact ints and bools; others are compared one by one.
  private static let contains: NativeContains = { vm, v, x throws(Raised) in
    if x.isExactInt || x.isBool { return try holds(vm, layout(v), Ints.exact(x)) }
    let it = try vm.iter(v)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return false }
      if try ItemCompare.equal(vm, item, x) { return true }
    }
  }

  private static func holds(_ vm: VM, _ r: UnsafeMutablePointer<RangeLayout>, _ x: Value) throws(Raised) -> Bool {
    if Value.bothSmallInts(r.pointee.start, r.pointee.stop) && Value.bothSmallInts(r.pointee.step, x) {
      let n = x.smallInt, a = r.pointee.start.smallInt, b = r.pointee.stop.smallInt, s = r.pointee.step.smallInt
      if s > 0 ? n < a || n >= b : n > a || n <= b { return false }
      return (n - a) % s == 0
    }
    if Slices.isNegative(r.pointee.step) {
      if try vm.less(r.pointee.start, x) { return false }
      if try !vm.less(r.pointee.stop, x) { return false }
    } else {
      if try vm.less(x, r.pointee.start) { return false }
      if try !vm.less(x, r.pointee.stop) { return false }
    }
    return try vm.binary(.remainder, try vm.binary(.subtract, x, r.pointee.start), r.pointee.step) == zero
  }

  // MARK: methods

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    return try vm.tuple(Value(v.cellType), try vm.tuple(r.pointee.start, r.pointee.stop, r.pointee.step))
  }

  private static let count: NativeOne = { vm, v, x throws(Raised) in
    if x.isExactInt || x.isBool { return try holds(vm, layout(v), Ints.exact(x)) ? one : zero }
    var found = 0
    try vm.forEach(v) { item throws(Raised) in
      if try ItemCompare.equal(vm, item, x) { found &+= 1 }
    }
    return try vm.int(found)
  }

  private static let index: NativeOne = { vm, v, x throws(Raised) in
    let r = layout(v)
    if x.isExactInt || x.isBool {
      let n = Ints.exact(x)
      if try holds(vm, r, n) {
        return try vm.binary(.floorDivide, try vm.binary(.subtract, n, r.pointee.start), r.pointee.step)
      }
      throw vm.raise(.valueError, "\(try vm.repr(x).swiftString) is not in range")
    }
    let it = try vm.iter(v)
    var i = 0
    while true {
      let item = try vm.next(it)
      if item == .exhausted { break }
      if try ItemCompare.equal(vm, item, x) { return try vm.int(i) }
      i &+= 1
    }
    throw vm.raise(.valueError, "sequence.index(x): x not in sequence")
  }

  // MARK: iterators

  private static let iter: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    return try iterator(vm, r.pointee.start, r.pointee.step, r.pointee.length)
  }

  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    let last = try unchecked(vm, r, try vm.binary(.subtract, r.pointee.length, one))
    return try iterator(vm, last, try vm.negative(r.pointee.step), r.pointee.length)
  }

  /// `length` values from `start` by `step`: on machine integers when all of them fit, the one behind the last included.
  private static func iterator(_ vm: VM, _ start: Value, _ step: Value, _ length: Value) throws(Raised) -> Value {
    if let a = Ints.asInt64(start), let s = Ints.asInt64(step), let n = Ints.asInt64(length) {
      let (span, overflow) = n.multipliedReportingOverflow(by: s)
      let (_, overflow2) = a.addingReportingOverflow(span)
      if !overflow && !overflow2 {
        let it = try vm.make(RangeIteratorLayout.self, rt.types.rangeIterator)
        it.pointee.next = a
        it.pointee.step = s
        it.pointee.remaining = n
        it.pointee.start = a
        return Value(it)
      }
    }
    let it = try vm.make(LongRangeIteratorLayout.self, rt.types.longRangeIterator)
    it.pointee.start = start
    it.pointee.step = step
    it.pointee.length = length
    it.pointee.index = zero
    return Value(it)
  }
}

/// longrange_iterator: all fields exact ints.
struct LongRangeIteratorLayout {
  var header: CellHeader
  var start: Value, step: Value, length: Value, index: Value
}

enum RangeIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<RangeIteratorLayout> { v.as(RangeIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    guard it.pointee.remaining > 0 else { return .exhausted }
    let i = it.pointee.next
    it.pointee.next = i &+ it.pointee.step
    it.pointee.remaining &-= 1
    return try vm.int(i)
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in try vm.int(layout(v).pointee.remaining) }

  private static func position(_ it: UnsafeMutablePointer<RangeIteratorLayout>) -> Int {
    it.pointee.step == 0 ? 0 : (it.pointee.next &- it.pointee.start) / it.pointee.step
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let done = position(it)
    let stop = it.pointee.start &+ (done &+ it.pointee.remaining) &* it.pointee.step
    let range = try RangeType.make(vm, try vm.int(it.pointee.start), try vm.int(stop), try vm.int(it.pointee.step))
    return try Iterators.state(vm, "iter", range, done)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    let total = position(it) &+ it.pointee.remaining
    let i = min(max(0, try vm.asInt(state)), total)
    it.pointee.next = it.pointee.start &+ i &* it.pointee.step
    it.pointee.remaining = total &- i
    return .none
  }
}

enum LongRangeIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace { cell, tracer in
      let it = cell.assumingMemoryBound(to: LongRangeIteratorLayout.self)
      let tracer = Tracer(tracer)
      tracer.visit(it.pointee.start)
      tracer.visit(it.pointee.step)
      tracer.visit(it.pointee.length)
      tracer.visit(it.pointee.index)
    }
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<LongRangeIteratorLayout> { v.as(LongRangeIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let i = it.pointee.index
    if try !vm.less(i, it.pointee.length) { return .exhausted }
    let value = try vm.binary(.add, it.pointee.start, try vm.binary(.multiply, i, it.pointee.step))
    it.pointee.index = try vm.binary(.add, i, Value(smallInt: 1))
    return value
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    try vm.binary(.subtract, layout(v).pointee.length, layout(v).pointee.index)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let stop = try vm.binary(.add, it.pointee.start, try vm.binary(.multiply, it.pointee.length, it.pointee.step))
    let range = try RangeType.make(vm, it.pointee.start, stop, it.pointee.step)
    return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(range), it.pointee.index)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    guard state.isInt else { throw vm.raise(.typeError, "state must be an int, not \(state.typeName)") }
    var i = Ints.exact(state)
    if Slices.isNegative(i) { i = Value(smallInt: 0) }
    it.pointee.index = try vm.less(it.pointee.length, i) ? it.pointee.length : i
    return .none
  }
}
