/// dict_keys, dict_values, dict_items: `dict` never changes.
struct DictViewLayout {
  var header: CellHeader
  var dict: Value

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: DictViewLayout.self).pointee.dict)
  }
}

enum DictViews {
  static func make(_ vm: VM, _ type: TypeRef, _ d: Value) throws(Raised) -> Value {
    let view = try vm.make(DictViewLayout.self, type)
    view.pointee.dict = d
    return Value(view)
  }

  @inline(__always) static func dict(_ view: Value) -> Value { view.as(DictViewLayout.self).pointee.dict }

  static func isKeys(_ v: Value) -> Bool { v.isInstance(of: rt.types.dictKeys) }
  static func isItems(_ v: Value) -> Bool { v.isInstance(of: rt.types.dictItems) }

  /// What all three have.
  static func declareCommon(_ t: inout TypeBuilder) {
    t.trace(DictViewLayout.trace)
    t.slots.sequenceLength = HashCode { _, v throws(Raised) in Dicts.count(dict(v)) }
    t.slots.repr = NoArgsCode(repr)
    t.getset("mapping", "The dict that this view shows, read-only.", mapping)
  }

  /// What makes keys and items set-like.
  static func declareSet(_ t: inout TypeBuilder) {
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode(compare)
    t.slots.and = OneCode(and)
    t.slots.or = OneCode(or)
    t.slots.xor = OneCode(xor)
    t.slots.subtract = OneCode(subtract)
    t.method("isdisjoint", "($self, object, /)", "Whether the view and the iterable have no item in common.", isDisjoint)
  }

  private static let mapping: NativeNoArgs = { vm, v throws(Raised) in
    try vm.call(Value(rt.types.mappingProxy), dict(v))
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    try ReprGuard.guarded(vm, v, "...") { () throws(Raised) in
      var text = try ReprBuilder(vm)
      try text.add(str: v.cellType.pointee.name)
      try text.add("(")
      try text.add(repr: try vm.list(from: v))
      try text.add(")")
      return try text.finish()
    }
  }

  // MARK: set operations; either operand may be the view

  private static func isSetLike(_ v: Value) -> Bool { v.isSetOrFrozenSet || isKeys(v) || isItems(v) }

  private static func allIn(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    let it = try vm.iter(a)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return true }
      if try !vm.contains(b, item) { return false }
    }
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard isSetLike(b) else { return .notImplemented }
    let m = try vm.length(a), n = try vm.length(b)
    switch op {
    case .eq: return .bool(m == n ? try allIn(vm, a, b) : false)
    case .ne: return .bool(m == n ? try !allIn(vm, a, b) : true)
    case .lt: return .bool(m < n ? try allIn(vm, a, b) : false)
    case .le: return .bool(m <= n ? try allIn(vm, a, b) : false)
    case .gt: return .bool(m > n ? try allIn(vm, b, a) : false)
    case .ge: return .bool(m >= n ? try allIn(vm, b, a) : false)
    }
  }

  private static let and: NativeOne = { vm, a, b throws(Raised) in
    var view = a, other = b
    if !isKeys(view) && !isItems(view) { swap(&view, &other) }
    if isSetLike(other) {
      // Walk through the shorter one.
      let m = try vm.length(view), n = try vm.length(other)
      if other.isExact(rt.types.set) || other.isExact(rt.types.frozenset) {
        if m <= n { return try intersection(vm, walking: view, in: other) }
      } else if !other.isSetOrFrozenSet && n > m {
        swap(&view, &other)
      }
    }
    return try intersection(vm, walking: other, in: view)
  }

  private static func intersection(_ vm: VM, walking a: Value, in b: Value) throws(Raised) -> Value {
    let result = try vm.set()
    let it = try vm.iter(a)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return result }
      if try vm.contains(b, item) { try Sets.add(vm, result, item) }
    }
  }

  private static let or: NativeOne = { vm, a, b throws(Raised) in
    let result = try vm.set(from: a)
    try Sets.update(vm, result.as(SetLayout.self), b)
    return result
  }

  private static let xor: NativeOne = { vm, a, b throws(Raised) in
    let result = try vm.set(from: a)
    try SetOperations.symmetricDifferenceUpdate(vm, result.as(SetLayout.self), b)
    return result
  }

  private static let subtract: NativeOne = { vm, a, b throws(Raised) in
    let result = try vm.set(from: a)
    try SetOperations.differenceUpdate(vm, result.as(SetLayout.self), b)
    return result
  }

  private static let isDisjoint: NativeOne = { vm, view, other throws(Raised) in
    if view == other { return .bool(Dicts.count(dict(view)) == 0) }
    var walked = other, holder = view
    if isSetLike(other) {
      if try vm.length(other) > vm.length(view) { swap(&walked, &holder) }
    }
    let it = try vm.iter(walked)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return .true }
      if try vm.contains(holder, item) { return .false }
    }
  }

  /// A fresh iterator over a view's dict: ours, or CPython's for an adopted dict.
  static func iterate(_ vm: VM, _ view: Value, _ type: TypeRef, _ name: StaticString) throws(Raised) -> Value {
    let d = dict(view)
    if d.as(DictLayout.self).pointee.foreign != nil { return try vm.iter(try Foreign.call(vm, d, name)) }
    return try DictIterators.make(vm, type, d, backward: false)
  }
}

enum DictKeysType {
  static func declare(_ t: inout TypeBuilder) {
    DictViews.declareCommon(&t)
    DictViews.declareSet(&t)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try DictViews.iterate(vm, v, rt.types.dictKeyIterator, "keys") }
    t.slots.contains = ContainsCode { vm, v, key throws(Raised) in try Dicts.contains(vm, DictViews.dict(v), key) }
    t.method("__reversed__", "($self, /)", "An iterator over the keys, newest first.", reversed)
  }
  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    try DictIterators.make(vm, rt.types.dictReverseKeyIterator, DictViews.dict(v), backward: true)
  }
}

enum DictValuesType {
  static func declare(_ t: inout TypeBuilder) {
    DictViews.declareCommon(&t)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try DictViews.iterate(vm, v, rt.types.dictValueIterator, "values") }
    t.method("__reversed__", "($self, /)", "An iterator over the values, newest first.", reversed)
  }
  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    try DictIterators.make(vm, rt.types.dictReverseValueIterator, DictViews.dict(v), backward: true)
  }
}

enum DictItemsType {
  static func declare(_ t: inout TypeBuilder) {
    DictViews.declareCommon(&t)
    DictViews.declareSet(&t)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try DictViews.iterate(vm, v, rt.types.dictItemIterator, "items") }
    t.slots.contains = ContainsCode(contains)
    t.method("__reversed__", "($self, /)", "An iterator over the items, newest first.", reversed)
  }
  private static let contains: NativeContains = { vm, v, pair throws(Raised) in
    guard pair.isTuple, pair.as(TupleLayout.self).pointee.count == 2 else { return false }
    let items = pair.as(TupleLayout.self).items
    let value = try Dicts.get(vm, DictViews.dict(v), items[0])
    return value.isNull ? false : try ItemCompare.equal(vm, value, items[1])
  }
  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    try DictIterators.make(vm, rt.types.dictReverseItemIterator, DictViews.dict(v), backward: true)
  }
}
