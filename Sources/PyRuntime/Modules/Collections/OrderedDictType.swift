/// OrderedDict. A dict of ours keeps its order anyway; this adds moving keys to either end and taking from the front in constant
/// time. Entries below `head` are all deleted. `spare` entries at the beginning were never used, so that a key can be put in
/// front; they count as deleted. Both belong to the table at `entries`: another table begins without either.
/// `state` changes whenever keys come, go or move through this class, so that iterators notice.
struct OrderedDictLayout {
  var dict: DictLayout
  var head: Int
  var spare: Int
  var entries: UnsafeMutablePointer<DictEntry>?
  var state: Int
}

enum OrderedDictType {
  typealias Ref = UnsafeMutablePointer<OrderedDictLayout>
  nonisolated(unsafe) static var type = Value.null
  nonisolated(unsafe) static var iterator = Value.null
  nonisolated(unsafe) static var keysView = Value.null
  nonisolated(unsafe) static var valuesView = Value.null
  nonisolated(unsafe) static var itemsView = Value.null

  static func layout(_ v: Value) -> Ref { v.as(OrderedDictLayout.self) }
  static func isOrdered(_ v: Value) -> Bool { v.isCell && v.cellType.isSubtype(of: type.asType) }
  private static let stride = HashTable.dictStride

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("Dictionary that remembers insertion order")
    t.trace(DictType.trace)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try OrderedDictIterator.make(vm, v, .keys, backward: false) }
    t.slots.or = OneCode(or)
    t.slots.inplaceOr = OneCode { vm, v, other throws(Raised) in
      try update(vm, v, from: other)
      return v
    }
    t.slots.storeSubscript = StoreCode(storeSubscript)
    declareMethods(&t)
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.classMethod(
      "fromkeys", "($type, /, iterable, value=None)", "An ordered dict with keys from iterable, all with the same value.", fromKeys)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the dict itself takes.") { vm, v throws(Raised) in
      let size = v.as(DictLayout.self).pointee.entries == nil ? 0 : 1 << Int(v.as(DictLayout.self).pointee.log2Size)
      return try vm.int(MemoryLayout<OrderedDictLayout>.size &+ size &* 18)
    }
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("setdefault", "($self, /, key, default=None)", "The value of key; if there is none, default, which is stored.", setDefault)
    t.method("pop", "($self, /, key, default=<unrepresentable>)", "Take out key and return its value, or default.", pop)
    t.method("popitem", "($self, /, last=True)", "Take out a (key, value) pair: the newest, or the oldest if last is false.", popItem)
    t.method("move_to_end", "($self, /, key, last=True)", "Make key the newest one, or the oldest if last is false.", moveToEnd)
    t.method("keys", "($self, /)", "A view of the keys.") { vm, v throws(Raised) in try DictViews.make(vm, keysView.asType, v) }
    t.method("values", "($self, /)", "A view of the values.") { vm, v throws(Raised) in try DictViews.make(vm, valuesView.asType, v) }
    t.method("items", "($self, /)", "A view of the items.") { vm, v throws(Raised) in try DictViews.make(vm, itemsView.asType, v) }
    t.method("update", nil, "Add the items of a mapping or of an iterable of pairs, and of the keywords.") {
      (vm, v, args: Args) throws(Raised) in
      try update(vm, v, args)
      return .none
    }
    t.method("clear", "($self, /)", "Take out all items.") { vm, v throws(Raised) in
      Dicts.clear(vm, v)
      layout(v).pointee.state &+= 1
      return .none
    }
    t.method("copy", "($self, /)", "An ordered dict of the same items.", copy)
    t.method("__reversed__", "($self, /)", "An iterator over the keys, newest first.") { vm, v throws(Raised) in
      try OrderedDictIterator.make(vm, v, .keys, backward: true)
    }
  }

  // MARK: construction

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    if args.count > 1 { throw vm.raise(.typeError, "expected at most 1 arguments, got \(args.count)") }
    try update(vm, v, args)
  }

  private static func update(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.count > 1 {
      throw vm.raise(.typeError, "update() takes at most 1 positional argument (\(args.count) given)")
    }
    if args.count == 1 { try update(vm, v, from: args[0]) }
    for k in 0..<args.keywordCount { try vm.setItem(v, args.keywordName(k), args.keywordValue(k)) }
  }

  /// Stores by `v[key] = value`, which a subclass may override.
  private static func update(_ vm: VM, _ v: Value, from source: Value) throws(Raised) {
    if source.isExact(rt.types.dict), source.as(DictLayout.self).isOwn {
      let items = try vm.list(capacity: Dicts.count(source))
      var position = 0
      while let e = Dicts.next(source, &position) { try vm.append(items, try vm.tuple(e.key, e.value)) }
      return try addPairs(vm, v, items)
    }
    let keys = try vm.getAttributeOrNull(source, rt.names.keys)
    if !keys.isNull {
      let it = try vm.iter(try vm.call(keys))
      while true {
        let key = try vm.next(it)
        if key == .exhausted { return }
        try vm.setItem(v, key, try vm.getItem(source, key))
      }
    }
    let items = try vm.getAttributeOrNull(source, rt.names.items)
    try addPairs(vm, v, items.isNull ? source : try vm.call(items))
  }

  private static func addPairs(_ vm: VM, _ v: Value, _ pairs: Value) throws(Raised) {
    let it = try vm.iter(pairs)
    while true {
      let pair = try vm.next(it)
      if pair == .exhausted { return }
      if let run = Lists.plainItems(pair), run.count == 2 {
        try vm.setItem(v, run.items[0], run.items[1])
        continue
      }
      let parts = try vm.iter(pair)
      let key = try vm.next(parts)
      if key == .exhausted { throw vm.raise(.valueError, "need more than 0 values to unpack") }
      let value = try vm.next(parts)
      if value == .exhausted { throw vm.raise(.valueError, "need more than 1 value to unpack") }
      if try vm.next(parts) != .exhausted { throw vm.raise(.valueError, "too many values to unpack (expected 2)") }
      try vm.setItem(v, key, value)
    }
  }

  private static let fromKeys: NativeMany = { vm, cls, args throws(Raised) in
    let result = try vm.call(cls)
    let value = args[1].isNull ? Value.none : args[1]
    let it = try vm.iter(args[0])
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return result }
      try vm.setItem(result, key, value)
    }
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in
    let result = v.isExact(type.asType) ? try vm.call(type) : try vm.call(Value(v.cellType))
    var position = 0
    while let e = Dicts.next(v, &position) {
      let value = v.isExact(type.asType) ? e.value : try vm.getItem(v, e.key)
      try vm.setItem(result, e.key, value)
    }
    return result
  }

  // MARK: slots

  private static let storeSubscript: NativeStore = { vm, v, key, value throws(Raised) in
    let before = Dicts.count(v)
    if value.isNull {
      if try !Dicts.remove(vm, v, key) { throw vm.raise(.keyError, value: key) }
    } else {
      try Dicts.set(vm, v, key, value)
    }
    if Dicts.count(v) != before { layout(v).pointee.state &+= 1 }
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let name = try ShortName.of(vm, v.cellType)
    if Dicts.count(v) == 0 { return try vm.str("\(name.swiftString)()") }
    return try ReprGuard.guarded(vm, v, "...") { () throws(Raised) in
      var text = try ReprBuilder(vm)
      try text.add(str: name)
      try text.add("(")
      let items = v.isExact(type.asType) ? try DictViews.make(vm, itemsView.asType, v) : try vm.callMethod(v, rt.names.items)
      try text.add(repr: try vm.list(from: items))
      try text.add(")")
      return try text.finish()
    }
  }

  /// Two ordered dicts must agree in order as well.
  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard op == .eq || op == .ne, b.isDict, let slot = rt.types.dict.pointee.slots.compare else { return .notImplemented }
    var same = try slot(vm, a, b, .eq) == .true
    if same && isOrdered(a) && isOrdered(b) {
      var i = 0, j = 0
      while let x = Dicts.next(a, &i), let y = Dicts.next(b, &j) {
        if try !ItemCompare.equal(vm, x.key, y.key) {
          same = false
          break
        }
      }
    }
    return .bool(same == (op == .eq))
  }

  private static let or: NativeOne = { vm, a, b throws(Raised) in
    guard a.isDict, b.isDict else { return .notImplemented }
    let result = try vm.call(Value(isOrdered(a) ? a.cellType : b.cellType), a)
    try update(vm, result, from: b)
    return result
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let state = try vm.callMethod(v, rt.names.__getstate__)
    let items = try vm.iter(try vm.callMethod(v, rt.names.items))
    let result = try vm.tuple(count: 5)
    let parts = result.as(TupleLayout.self).items
    parts[0] = Value(v.cellType)
    parts[1] = try vm.tuple(count: 0)
    parts[2] = state
    parts[3] = .none
    parts[4] = items
    return result
  }

  // MARK: methods

  private static let setDefault: NativeMany = { vm, v, args throws(Raised) in
    let fallback = args[1].isNull ? Value.none : args[1]
    if v.isExact(type.asType) {
      let before = Dicts.count(v)
      let value = try Dicts.setDefault(vm, v, args[0], fallback)
      if Dicts.count(v) != before { layout(v).pointee.state &+= 1 }
      return value
    }
    if try vm.contains(v, args[0]) { return try vm.getItem(v, args[0]) }
    try vm.setItem(v, args[0], fallback)
    return fallback
  }

  private static let pop: NativeMany = { vm, v, args throws(Raised) in
    let value = try Dicts.pop(vm, v, args[0])
    if !value.isNull {
      layout(v).pointee.state &+= 1
      return value
    }
    if !args[1].isNull { return args[1] }
    throw vm.raise(.keyError, value: args[0])
  }

  /// The first live entry; nil when there is none.
  private static func first(_ v: Value) -> Int? {
    let d = layout(v)
    guard let entries = d.pointee.dict.entries else { return nil }
    adopt(d)
    var i = d.pointee.head
    while i < d.pointee.dict.used && entries[i].key == .tombstone { i &+= 1 }
    d.pointee.head = i
    return i < d.pointee.dict.used ? i : nil
  }

  /// Forgets what was known of a table that is no longer there.
  private static func adopt(_ d: Ref) {
    if d.pointee.entries != d.pointee.dict.entries {
      d.pointee.entries = d.pointee.dict.entries
      d.pointee.head = 0
      d.pointee.spare = 0
    }
  }

  private static let popItem: NativeMany = { vm, v, args throws(Raised) in
    let last = args[0].isNull ? true : try vm.isTrue(args[0])
    guard Dicts.count(v) > 0 else { throw vm.raise(.keyError, "dictionary is empty") }
    let pair = try vm.tuple(.none, .none)
    let items = pair.as(TupleLayout.self).items
    if last {
      guard let e = Dicts.popLast(v) else { throw vm.raise(.keyError, "dictionary is empty") }
      items[0] = e.key
      items[1] = e.value
    } else {
      guard let i = first(v), let entries = layout(v).pointee.dict.entries else {
        throw vm.raise(.keyError, "dictionary is empty")
      }
      items[0] = entries[i].key
      items[1] = entries[i].value
      entries[i].value = .null
      HashTable.delete(v.asTable, entry: i, stride)
      v.as(DictLayout.self).pointee.keysVersion = 0
      layout(v).pointee.head = i &+ 1
    }
    layout(v).pointee.state &+= 1
    return pair
  }

  private static let moveToEnd: NativeMany = { vm, v, args throws(Raised) in
    let key = args[0]
    let last = args[1].isNull ? true : try vm.isTrue(args[1])
    let hash = try HashTable.hash(vm, key)
    let probe = try HashTable.find(vm, v.asTable, key, hash, stride)
    guard probe.isFound else { throw vm.raise(.keyError, value: key) }
    layout(v).pointee.state &+= 1
    if last {
      try Dicts.moveToEnd(vm, v, entry: probe.entry)
    } else if first(v) != probe.entry {
      try moveToFront(vm, v, key, hash)
    }
    return .none
  }

  private static func moveToFront(_ vm: VM, _ v: Value, _ key: Value, _ hash: Int) throws(Raised) {
    let d = layout(v)
    if d.pointee.spare == 0 {
      try HashTable.rebuild(vm, v.asTable, entries: Dicts.count(v), stride, spare: Dicts.count(v) / 2 + 4)
      adopt(d)
      d.pointee.spare = d.pointee.dict.used &- d.pointee.dict.count
      d.pointee.head = d.pointee.spare
    }
    let probe = try HashTable.find(vm, v.asTable, key, hash, stride)
    guard probe.isFound, let entries = d.pointee.dict.entries, d.pointee.spare > 0 else { return }
    let entry = entries[probe.entry]
    entries[probe.entry].value = .null
    HashTable.delete(v.asTable, entry: probe.entry, stride)
    d.pointee.spare &-= 1
    HashTable.revive(v.asTable, entry: d.pointee.spare, entry.key, entry.hash, stride)
    entries[d.pointee.spare].value = entry.value
    d.pointee.head = d.pointee.spare
    d.pointee.dict.keysVersion = 0
  }
}

/// odict_iterator: `container` null once exhausted; `kind` what it gives.
struct OrderedDictIteratorLayout {
  var header: CellHeader
  var container: Value
  var position: Int
  var size: Int
  var state: Int
  var kind: OrderedDictIterator.Kind
  var backward: Bool

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: OrderedDictIteratorLayout.self).pointee.container)
  }
}

enum OrderedDictIterator {
  enum Kind: UInt8 { case keys, values, items }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<OrderedDictIteratorLayout> {
    v.as(OrderedDictIteratorLayout.self)
  }

  static func make(_ vm: VM, _ d: Value, _ kind: Kind, backward: Bool) throws(Raised) -> Value {
    let it = try vm.make(OrderedDictIteratorLayout.self, OrderedDictType.iterator.asType)
    it.pointee.container = d
    it.pointee.position = backward ? d.as(DictLayout.self).pointee.used &- 1 : 0
    it.pointee.size = Dicts.count(d)
    it.pointee.state = OrderedDictType.layout(d).pointee.state
    it.pointee.kind = kind
    it.pointee.backward = backward
    return Value(it)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(OrderedDictIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    guard !it.pointee.container.isNull else { return .exhausted }
    let d = it.pointee.container.as(DictLayout.self)
    if OrderedDictType.layout(it.pointee.container).pointee.state != it.pointee.state {
      it.pointee.container = .null
      throw vm.raise(.runtimeError, "OrderedDict mutated during iteration")
    }
    if d.pointee.count != it.pointee.size {
      it.pointee.container = .null
      throw vm.raise(.runtimeError, "OrderedDict changed size during iteration")
    }
    if let entries = d.pointee.entries {
      let backward = it.pointee.backward
      var i = backward ? min(it.pointee.position, d.pointee.used &- 1) : it.pointee.position
      while backward ? i >= 0 : i < d.pointee.used {
        let e = entries + i
        i = backward ? i &- 1 : i &+ 1
        if e.pointee.key == .tombstone { continue }
        it.pointee.position = i
        switch it.pointee.kind {
        case .keys: return e.pointee.key
        case .values: return try value(vm, it.pointee.container, e.pointee)
        case .items: return try vm.tuple(e.pointee.key, try value(vm, it.pointee.container, e.pointee))
        }
      }
    }
    it.pointee.container = .null
    return .exhausted
  }

  /// A subclass may compute its values.
  private static func value(_ vm: VM, _ d: Value, _ e: DictEntry) throws(Raised) -> Value {
    d.isExact(OrderedDictType.type.asType) ? e.value : try vm.getItem(d, e.key)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let twin = try vm.make(OrderedDictIteratorLayout.self, v.cellType)
    twin.pointee.container = it.pointee.container
    twin.pointee.position = it.pointee.position
    twin.pointee.size = it.pointee.size
    twin.pointee.state = it.pointee.state
    twin.pointee.kind = it.pointee.kind
    twin.pointee.backward = it.pointee.backward
    return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(try vm.list(from: Value(twin))))
  }

  // MARK: views

  static func declareView(_ t: inout TypeBuilder, _ kind: Kind) {
    switch kind {
    case .keys:
      t.slots.iter = NoArgsCode { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .keys, backward: false) }
      t.method("__reversed__", "($self, /)", nil) { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .keys, backward: true) }
    case .values:
      t.slots.iter = NoArgsCode { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .values, backward: false) }
      t.method("__reversed__", "($self, /)", nil) { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .values, backward: true) }
    case .items:
      t.slots.iter = NoArgsCode { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .items, backward: false) }
      t.method("__reversed__", "($self, /)", nil) { vm, v throws(Raised) in try make(vm, DictViews.dict(v), .items, backward: true) }
    }
  }
}
