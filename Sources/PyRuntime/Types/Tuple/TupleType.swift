enum TupleType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("tuple(iterable=(), /)\n--\n\nAn immutable sequence; the items of the iterable, in order.")
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.concatenate = OneCode(concatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.item = IndexedCode(item)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.contains = ContainsCode(contains)
    t.method("__getnewargs__", "($self, /)", "Arguments for __new__ when unpickling.", getNewArgs)
    t.method(
      "index", "($self, value, start=0, stop=sys.maxsize, /)", "First index of value. Raises ValueError if it is not there.",
      index as NativeMany)
    t.method("count", "($self, value, /)", "How often value occurs.", count)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  @inline(__always) private static func layout(_ v: Value) -> UnsafeMutablePointer<TupleLayout> { v.as(TupleLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let type = cls.asType
    if type == rt.types.tuple || type.pointee.slots.initialize == rt.types.tuple.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "tuple", args)
    }
    try ArgChecks.positional(vm, "tuple", args, 0, 1)
    let items = args.count == 0 ? try vm.tuple(count: 0) : try vm.tuple(from: args[0])
    if type == rt.types.tuple { return items }
    let source = layout(items)
    let n = source.pointee.count
    let copy = try vm.instance(TupleLayout.self, of: type, inlineBytes: n &* 8)
    copy.pointee.count = n
    if n > 0 { copy.items.update(from: source.items, count: n) }
    return Value(copy)
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let n = layout(v).pointee.count
    if n == 0 { return try vm.intern("()") }
    return try ReprGuard.guarded(vm, v, "(...)") { () throws(Raised) in
      var text = try ReprBuilder(vm)
      try text.add("(")
      for i in 0..<n {
        if i > 0 { try text.add(", ") }
        try text.add(repr: layout(v).items[i])
      }
      try text.add(n == 1 ? ",)" : ")")
      return try text.finish()
    }
  }

  /// CPython's: xxHash's mixing over the items' hashes, so that tuples hash alike on both sides of the bridge.
  private static let hash: NativeHash = { vm, v throws(Raised) in try Tuples.hash(vm, v) }
  static var hashStart: UInt { 2_870_177_450_012_600_261 }
  @inline(__always)
  static func mixed(_ sum: UInt, _ lane: Int) -> UInt {
    let added = sum &+ UInt(bitPattern: lane) &* 14_029_467_366_897_019_727
    return ((added << 31) | (added >> 33)) &* 11_400_714_785_074_694_791
  }
  @inline(__always)
  static func hash(_ sum: UInt, count: Int) -> Int {
    let last = sum &+ (UInt(count) ^ (hashStart ^ 3_527_539))
    return last == UInt.max ? 1_546_275_796 : Int(bitPattern: last)
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard a.isTuple, b.isTuple else { return .notImplemented }
    let x = layout(a), y = layout(b)
    let n = min(x.pointee.count, y.pointee.count)
    var i = 0
    while i < n {
      if try !ItemCompare.equal(vm, x.items[i], y.items[i]) { break }
      i &+= 1
    }
    if i >= n { return ItemCompare.order(x.pointee.count, y.pointee.count, op) }
    return try ItemCompare.decide(vm, x.items[i], y.items[i], op)
  }

  private static let iter: NativeNoArgs = { vm, v throws(Raised) in try Iterators.indexed(vm, rt.types.tupleIterator, v, 0) }
  private static let length: NativeHash = { _, v throws(Raised) in layout(v).pointee.count }

  private static let concatenate: NativeOne = { vm, a, b throws(Raised) in
    guard b.isTuple else {
      throw vm.raise(.typeError, "can only concatenate tuple (not \"\(b.typeName)\") to tuple")
    }
    let x = layout(a), y = layout(b)
    if x.pointee.count == 0 && b.isExact(rt.types.tuple) { return b }
    if y.pointee.count == 0 && a.isExact(rt.types.tuple) { return a }
    let result = try vm.tuple(count: x.pointee.count &+ y.pointee.count)
    let items = layout(result).items
    if x.pointee.count > 0 { items.update(from: x.items, count: x.pointee.count) }
    if y.pointee.count > 0 { (items + x.pointee.count).update(from: y.items, count: y.pointee.count) }
    return result
  }

  private static let repeated: NativeIndexed = { vm, v, times throws(Raised) in
    let n = layout(v).pointee.count
    if (n == 0 || times == 1) && v.isExact(rt.types.tuple) { return v }
    let (total, overflow) = n.multipliedReportingOverflow(by: max(0, times))
    if overflow { throw vm.raiseMemoryError() }
    let result = try vm.tuple(count: total)
    if total > 0 { ItemCompare.fill(layout(result).items, from: layout(v).items, n, total) }
    return result
  }

  private static let item: NativeIndexed = { vm, v, i throws(Raised) in
    let t = layout(v)
    guard i >= 0 && i < t.pointee.count else { throw vm.raise(.indexError, "tuple index out of range") }
    return t.items[i]
  }

  private static let subscripted: NativeOne = { vm, v, key throws(Raised) in
    let t = layout(v)
    if key.isExact(rt.types.slice) {
      let r = try Slices.resolve(vm, key, length: t.pointee.count)
      if r.count == t.pointee.count && r.step == 1 && v.isExact(rt.types.tuple) { return v }
      let result = try vm.tuple(count: r.count)
      let items = layout(result).items
      var at = r.start
      for i in 0..<r.count {
        items[i] = t.items[at]
        at &+= r.step
      }
      return result
    }
    let i = try Slices.index(vm, key, "tuple") { t.pointee.count }
    guard i >= 0 && i < t.pointee.count else { throw vm.raise(.indexError, "tuple index out of range") }
    return t.items[i]
  }

  private static let contains: NativeContains = { vm, v, x throws(Raised) in
    let t = layout(v)
    for i in 0..<t.pointee.count where try ItemCompare.equal(vm, t.items[i], x) { return true }
    return false
  }

  private static let getNewArgs: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(try vm.tuple(copying: layout(v).items, count: layout(v).pointee.count))
  }

  private static let index: NativeMany = { vm, v, args throws(Raised) in
    let t = layout(v)
    let n = t.pointee.count
    var start = try Slices.searchBound(vm, args[1], 0)
    var stop = try Slices.searchBound(vm, args[2], Int.max)
    if start < 0 { start = max(0, start &+ n) }
    if stop < 0 { stop = max(0, stop &+ n) }
    var i = start
    while i < min(stop, n) {
      if try ItemCompare.equal(vm, t.items[i], args[0]) { return Value(smallInt: i) }
      i &+= 1
    }
    throw vm.raise(.valueError, "tuple.index(x): x not in tuple")
  }

  private static let count: NativeOne = { vm, v, x throws(Raised) in
    let t = layout(v)
    var found = 0
    for i in 0..<t.pointee.count where try ItemCompare.equal(vm, t.items[i], x) { found &+= 1 }
    return Value(smallInt: found)
  }
}
