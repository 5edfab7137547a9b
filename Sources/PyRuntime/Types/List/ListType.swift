import Glibc

enum ListType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("list(iterable=(), /)\n--\n\nA mutable sequence; the items of the iterable, in order.")
    t.trace { cell, tracer in
      Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: ListLayout.self).pointee.items)
    }
    t.slots.new = ManyCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode(length)
    t.slots.mappingLength = HashCode(length)
    t.slots.concatenate = OneCode(concatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.item = IndexedCode(item)
    t.slots.storeItem = StoreIndexedCode(storeItem)
    t.slots.contains = ContainsCode(contains)
    t.slots.inplaceConcatenate = OneCode(inplaceConcatenate)
    t.slots.inplaceRepeat = IndexedCode(inplaceRepeat)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(storeSubscript)
    ListMethods.declare(&t)
  }

  @inline(__always) static func layout(_ v: Value) -> ListRef { v.as(ListLayout.self) }

  private static let new: NativeMany = { vm, cls, _ throws(Raised) in
    Value(try vm.instance(ListLayout.self, of: cls.asType))
  }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    let type = v.cellType
    if args.keywordCount != 0 && (type == rt.types.list || type.pointee.slots.new == rt.types.list.pointee.slots.new) {
      try ArgChecks.noKeywords(vm, "list", args)
    }
    try ArgChecks.positional(vm, "list", args, 0, 1)
    let l = layout(v)
    if l.pointee.foreign != nil { _ = try Foreign.call(vm, v, "clear") } else { Lists.truncate(l, 0) }
    if args.count == 1 { try extend(vm, v, args[0]) }
  }

  static func extend(_ vm: VM, _ v: Value, _ iterable: Value) throws(Raised) {
    if layout(v).pointee.foreign != nil {
      _ = try Foreign.call(vm, v, "extend", iterable)
    } else {
      try Lists.extend(vm, layout(v), iterable)
    }
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil { return try Foreign.call(vm, v, "__repr__") }
    if l.pointee.count == 0 { return try vm.intern("[]") }
    return try ReprGuard.guarded(vm, v, "[...]") { () throws(Raised) in
      var text = try ReprBuilder(vm)
      try text.add("[")
      var i = 0
      while i < l.pointee.count, let items = l.pointee.items {
        if i > 0 { try text.add(", ") }
        try text.add(repr: items[i])
        i &+= 1
      }
      try text.add("]")
      return try text.finish()
    }
  }

  /// Lists may change while their items are compared, so lengths are looked at anew each time.
  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard a.isList, b.isList else { return .notImplemented }
    let x = layout(a), y = layout(b)
    if x.pointee.foreign != nil || y.pointee.foreign != nil { return try Foreign.compare(vm, a, b, op) }
    if x.pointee.count != y.pointee.count && (op == .eq || op == .ne) { return .bool(op == .ne) }
    var i = 0
    while i < x.pointee.count, i < y.pointee.count, let p = x.pointee.items, let q = y.pointee.items {
      let m = p[i], n = q[i]
      if try !ItemCompare.equal(vm, m, n) {
        // Comparing them may have taken them out.
        if i >= x.pointee.count || i >= y.pointee.count { break }
        return try ItemCompare.decide(vm, m, n, op)
      }
      i &+= 1
    }
    return ItemCompare.order(x.pointee.count, y.pointee.count, op)
  }

  private static let iter: NativeNoArgs = { vm, v throws(Raised) in try Iterators.indexed(vm, rt.types.listIterator, v, 0) }

  private static let length: NativeHash = { vm, v throws(Raised) in try count(vm, v) }

  @inline(__always)
  static func count(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let l = layout(v)
    if l.pointee.foreign != nil { return try vm.asInt(try Foreign.call(vm, v, "__len__")) }
    return l.pointee.count
  }

  private static let concatenate: NativeOne = { vm, a, b throws(Raised) in
    guard b.isList else {
      throw vm.raise(.typeError, "can only concatenate list (not \"\(b.typeName)\") to list")
    }
    let x = layout(a), y = layout(b)
    if x.pointee.foreign != nil || y.pointee.foreign != nil {
      let result = try vm.list(from: a)
      try extend(vm, result, b)
      return result
    }
    let m = x.pointee.count, n = y.pointee.count
    let result = try vm.list(capacity: m &+ n)
    guard let items = layout(result).pointee.items else { return result }
    if m > 0, let source = x.pointee.items { items.update(from: source, count: m) }
    if n > 0, let source = y.pointee.items { (items + m).update(from: source, count: n) }
    layout(result).pointee.count = m &+ n
    return result
  }

  private static let repeated: NativeIndexed = { vm, v, times throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil { return try Foreign.call(vm, v, "__mul__", try vm.int(times)) }
    let n = l.pointee.count
    let (total, overflow) = n.multipliedReportingOverflow(by: max(0, times))
    if overflow { throw vm.raiseMemoryError() }
    let result = try vm.list(capacity: total)
    if total > 0, let target = layout(result).pointee.items, let source = l.pointee.items {
      ItemCompare.fill(target, from: source, n, total)
      layout(result).pointee.count = total
    }
    return result
  }

  private static let inplaceConcatenate: NativeOne = { vm, v, iterable throws(Raised) in
    try extend(vm, v, iterable)
    return v
  }

  private static let inplaceRepeat: NativeIndexed = { vm, v, times throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil {
      _ = try Foreign.call(vm, v, "__imul__", try vm.int(times))
      return v
    }
    let n = l.pointee.count
    if n == 0 || times == 1 { return v }
    if times < 1 {
      Lists.truncate(l, 0)
      return v
    }
    let (total, overflow) = n.multipliedReportingOverflow(by: times)
    if overflow { throw vm.raiseMemoryError() }
    try Lists.reserve(vm, l, total)
    if let items = l.pointee.items {
      ItemCompare.fill(items, from: items, n, total)
      l.pointee.count = total
    }
    return v
  }

  private static let item: NativeIndexed = { vm, v, i throws(Raised) in
    let l = layout(v)
    if i >= 0, i < l.pointee.count, let items = l.pointee.items { return items[i] }
    if l.pointee.foreign != nil { return try Foreign.call(vm, v, "__getitem__", try vm.int(i)) }
    throw vm.raise(.indexError, "list index out of range")
  }

  private static let subscripted: NativeOne = { vm, v, key throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil { return try Foreign.call(vm, v, "__getitem__", key) }
    if key.isExact(rt.types.slice) {
      let r = try Slices.resolve(vm, key) { () throws(Raised) in l.pointee.count }
      return try slice(vm, l, r)
    }
    let i = try Slices.index(vm, key, "list") { l.pointee.count }
    guard i >= 0, i < l.pointee.count, let items = l.pointee.items else {
      throw vm.raise(.indexError, "list index out of range")
    }
    return items[i]
  }

  static func slice(_ vm: VM, _ l: ListRef, _ r: SliceRange) throws(Raised) -> Value {
    if r.count == 0 { return try vm.list() }
    let result = try vm.list(capacity: r.count)
    guard let source = l.pointee.items, let target = layout(result).pointee.items else { return result }
    if r.step == 1 {
      target.update(from: source + r.start, count: r.count)
    } else {
      var at = r.start
      for i in 0..<r.count {
        target[i] = source[at]
        at &+= r.step
      }
    }
    layout(result).pointee.count = r.count
    return result
  }

  private static let storeItem: NativeStoreIndexed = { vm, v, i, value throws(Raised) in
    try store(vm, layout(v), i, value)
  }

  /// `list[i] = value` for an index already made positive; null deletes.
  private static func store(_ vm: VM, _ l: ListRef, _ i: Int, _ value: Value) throws(Raised) {
    if l.pointee.foreign != nil {
      let index = try vm.int(i)
      _ =
        value.isNull
        ? try Foreign.call(vm, Value(l), "__delitem__", index) : try Foreign.call(vm, Value(l), "__setitem__", index, value)
      return
    }
    guard i >= 0, i < l.pointee.count, let items = l.pointee.items else {
      throw vm.raise(.indexError, "list assignment index out of range")
    }
    if value.isNull {
      _ = Lists.remove(l, at: i)
    } else {
      items[i] = value
    }
  }

  private static let storeSubscript: NativeStore = { vm, v, key, value throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil {
      _ = value.isNull ? try Foreign.call(vm, v, "__delitem__", key) : try Foreign.call(vm, v, "__setitem__", key, value)
      return
    }
    if !key.isExact(rt.types.slice) {
      let i = try Slices.index(vm, key, "list") { l.pointee.count }
      return try store(vm, l, i, value)
    }
    if value.isNull {
      deleteSlice(l, try Slices.resolve(vm, key, length: l.pointee.count))
    } else {
      try assignSlice(vm, v, key, value)
    }
  }

  /// Deletes the items of a slice.
  private static func deleteSlice(_ l: ListRef, _ r: SliceRange) {
    guard r.count > 0, let items = l.pointee.items else { return }
    let count = l.pointee.count
    var first = r.start, step = r.step
    if step < 0 {
      first = r.start &+ (r.count &- 1) &* step
      step = 0 &- step
    }
    if step == 1 {
      memmove(items + first, items + (first &+ r.count), (count &- first &- r.count) &* 8)
    } else {
      var to = first
      var next = first
      var left = r.count
      var i = first
      while i < count {
        if left > 0 && i == next {
          left &-= 1
          if left > 0 { next &+= step }
        } else {
          items[to] = items[i]
          to &+= 1
        }
        i &+= 1
      }
    }
    Lists.truncate(l, count &- r.count)
  }

  private static func assignSlice(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    let l = layout(v)
    var r = try Slices.resolve(vm, key) { () throws(Raised) in l.pointee.count }
    if r.step == 1 { return try splice(vm, l, r.start, max(r.start, r.stop), value) }
    // A copy guards against `a[::2] = a`.
    let sequence = try value == v ? vm.list(from: v) : Lists.sequence(vm, value, "must assign iterable to extended slice")
    // Making the sequence may have changed this list.
    r = try Slices.resolve(vm, key) { () throws(Raised) in l.pointee.count }
    guard let run = Lists.items(of: sequence) else { return }
    if run.count != r.count {
      throw vm.raise(
        .valueError, "attempt to assign sequence of size \(run.count) to extended slice of size \(r.count)")
    }
    guard let items = l.pointee.items else { return }
    var at = r.start
    for i in 0..<r.count {
      items[at] = run.items[i]
      at &+= r.step
    }
  }

  /// Replaces `l[low ..< high]`; the bounds are clamped again once the new items are known.
  static func splice(_ vm: VM, _ l: ListRef, _ low: Int, _ high: Int, _ value: Value) throws(Raised) {
    let sequence = try value == Value(l) ? vm.list(from: value) : Lists.sequence(vm, value, "can only assign an iterable")
    guard let run = Lists.items(of: sequence) else { return }
    let count = l.pointee.count
    let low = min(max(0, low), count)
    let high = min(max(low, high), count)
    let n = run.count
    let (grown, overflow) = (count &- (high &- low)).addingReportingOverflow(n)
    if overflow { throw vm.raiseMemoryError() }
    if grown > count { try Lists.reserve(vm, l, grown) }
    if let items = l.pointee.items {
      memmove(items + (low &+ n), items + high, (count &- high) &* 8)
      if grown > count { l.pointee.count = grown }
      if n > 0 { (items + low).update(from: run.items, count: n) }
      if grown < count { Lists.truncate(l, grown) }
    }
  }

  private static let contains: NativeContains = { vm, v, x throws(Raised) in
    let l = layout(v)
    if l.pointee.foreign != nil { return try vm.isTrue(try Foreign.call(vm, v, "__contains__", x)) }
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      if try ItemCompare.equal(vm, items[i], x) { return true }
      i &+= 1
    }
    return false
  }
}
