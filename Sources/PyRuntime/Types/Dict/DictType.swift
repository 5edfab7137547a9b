enum DictType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("dict() -> empty\ndict(mapping) -> its items\ndict(iterable) -> its (key, value) pairs\ndict(**kwargs) -> name=value pairs")
    t.trace(trace)
    t.slots.new = ManyCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.or = OneCode(or)
    t.slots.inplaceOr = OneCode(inplaceOr)
    t.slots.mappingLength = HashCode(length)
    t.slots.sequenceLength = HashCode(length)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(storeSubscript)
    t.slots.contains = ContainsCode(contains)
    DictMethods.declare(&t)
  }

  /// The table's cell is not traced by itself, so its keys and values are visited from here.
  static let trace: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: DictLayout.self)
    guard let entries = d.pointee.entries else { return }
    let tracer = Tracer(tracer)
    tracer.visitBuffer(entries)
    for i in 0..<d.pointee.used {
      tracer.visitShared(entries[i].key)
      tracer.visit(entries[i].value)
    }
  }

  @inline(__always) private static func layout(_ v: Value) -> UnsafeMutablePointer<DictLayout> { v.as(DictLayout.self) }

  // MARK: construction

  private static let new: NativeMany = { vm, cls, _ throws(Raised) in
    let d = try vm.instance(DictLayout.self, of: cls.asType)
    d.pointee.stringKeysOnly = true
    return Value(d)
  }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in try update(vm, v, args, "dict") }

  /// `dict(...)` and `dict.update(...)`
  static func update(_ vm: VM, _ d: Value, _ args: Args, _ name: StaticString) throws(Raised) {
    try ArgChecks.positional(vm, name, args, 0, 1)
    if args.count == 1 { try update(vm, d, from: args[0]) }
    for k in 0..<args.keywordCount { try Dicts.set(vm, d, args.keywordName(k), args.keywordValue(k)) }
  }

  /// From a mapping (anything with `keys`) or an iterable of pairs.
  static func update(_ vm: VM, _ d: Value, from source: Value) throws(Raised) {
    if source.isExact(rt.types.dict) { return try Dicts.merge(vm, d, source) }
    if try !vm.getAttributeOrNull(source, rt.names.keys).isNull { return try Dicts.merge(vm, d, source) }
    let it = try vm.iter(source)
    var n = 0
    while true {
      let item = try Iterators.next(vm, it)
      if item == .exhausted { return }
      let pair =
        Lists.items(of: item) != nil
        ? item : try Lists.sequence(vm, item, "cannot convert dictionary update sequence element #\(n) to a sequence")
      guard let run = Lists.items(of: pair) else { return }
      if run.count != 2 {
        throw vm.raise(.valueError, "dictionary update sequence element #\(n) has length \(run.count); 2 is required")
      }
      try Dicts.set(vm, d, run.items[0], run.items[1])
      n &+= 1
    }
  }

  // MARK: slots

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    if layout(v).pointee.foreign != nil { return try Foreign.call(vm, v, "__repr__") }
    if layout(v).pointee.count == 0 { return try vm.intern("{}") }
    return try ReprGuard.guarded(vm, v, "{...}") { () throws(Raised) in
      var text = try ReprBuilder(vm)
      try text.add("{")
      var position = 0
      var first = true
      while let e = Dicts.next(v, &position) {
        if !first { try text.add(", ") }
        first = false
        // The entry's own memory may move while reprs run; these locals keep both alive.
        try text.add(repr: e.key)
        try text.add(": ")
        try text.add(repr: e.value)
      }
      try text.add("}")
      return try text.finish()
    }
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard a.isDict, b.isDict, op == .eq || op == .ne else { return .notImplemented }
    return .bool(try equal(vm, a, b) == (op == .eq))
  }

  private static func equal(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if Dicts.count(a) != Dicts.count(b) { return false }
    if layout(a).pointee.foreign != nil { return try vm.isTrue(try Foreign.call(vm, a, "__eq__", b)) }
    var position = 0
    while let e = Dicts.next(a, &position) {
      let other = try Dicts.get(vm, b, e.key, hash: e.hash)
      if other.isNull { return false }
      if try !ItemCompare.equal(vm, e.value, other) { return false }
    }
    return true
  }

  private static let iter: NativeNoArgs = { vm, v throws(Raised) in
    if layout(v).pointee.foreign != nil { return try Foreign.call(vm, v, "__iter__") }
    return try DictIterators.make(vm, rt.types.dictKeyIterator, v, backward: false)
  }

  private static let or: NativeOne = { vm, a, b throws(Raised) in
    guard a.isDict, b.isDict else { return .notImplemented }
    let result = try Dicts.copy(vm, a)
    try update(vm, result, from: b)
    return result
  }

  private static let inplaceOr: NativeOne = { vm, v, other throws(Raised) in
    try update(vm, v, from: other)
    return v
  }

  private static let length: NativeHash = { _, v throws(Raised) in Dicts.count(v) }

  private static let subscripted: NativeOne = { vm, v, key throws(Raised) in
    let value = try Dicts.get(vm, v, key)
    if !value.isNull { return value }
    return try missing(vm, v, key)
  }

  @inline(never)
  static func missing(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    if v.cellType != rt.types.dict {
      let method = try vm.lookupSpecial(v, rt.names.__missing__)
      if !method.isNull { return try vm.call(method, key) }
    }
    throw vm.raise(.keyError, value: key)
  }

  private static let storeSubscript: NativeStore = { vm, v, key, value throws(Raised) in
    if !value.isNull { return try Dicts.set(vm, v, key, value) }
    if try !Dicts.remove(vm, v, key) { throw vm.raise(.keyError, value: key) }
  }

  private static let contains: NativeContains = { vm, v, key throws(Raised) in try Dicts.contains(vm, v, key) }
}

enum DictMethods {
  static func declare(_ t: inout TypeBuilder) {
    t.method("__contains__", "($self, key, /)", "Whether the dict has the key.", contains)
    t.method("__getitem__", "($self, object, /)", "x.__getitem__(y) <==> x[y]", getItem)
    t.method("__reversed__", "($self, /)", "An iterator over the keys, newest first.", reversed)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the dict itself takes.", sizeOf)
    t.method("get", "($self, key, default=None, /)", "The value of key, or default if there is none.", get)
    t.method(
      "setdefault", "($self, key, default=None, /)", "The value of key; if there is none, default, which is stored.", setDefault)
    t.method(
      "pop", "($self, key, default=<unrepresentable>, /)",
      "Take out key and return its value, or default if there is none.\n\nWithout a default a missing key is a KeyError.", pop)
    t.method("popitem", "($self, /)", "Take out the newest (key, value) pair. KeyError if the dict is empty.", popItem)
    t.method("keys", "($self, /)", "A set-like view of the keys.", keys)
    t.method("items", "($self, /)", "A set-like view of the (key, value) pairs.", items)
    t.method("values", "($self, /)", "A view of the values.", values)
    t.method("update", nil, "Add the items of a mapping or of an iterable of pairs, and of the keywords.", update)
    t.classMethod("fromkeys", "($type, iterable, value=None, /)", "A dict with keys from iterable, all with the same value.", fromKeys)
    t.method("clear", "($self, /)", "Take out all items.", clear)
    t.method("copy", "($self, /)", "A new dict of the same items.", copy)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  private static func layout(_ v: Value) -> UnsafeMutablePointer<DictLayout> { v.as(DictLayout.self) }

  private static let contains: NativeOne = { vm, v, key throws(Raised) in .bool(try Dicts.contains(vm, v, key)) }

  private static let getItem: NativeOne = { vm, v, key throws(Raised) in
    let value = try Dicts.get(vm, v, key)
    return value.isNull ? try DictType.missing(vm, v, key) : value
  }

  private static let reversed: NativeNoArgs = { vm, v throws(Raised) in
    try DictIterators.make(vm, rt.types.dictReverseKeyIterator, v, backward: true)
  }

  private static let sizeOf: NativeNoArgs = { vm, v throws(Raised) in
    let d = layout(v)
    if d.pointee.entries == nil { return try vm.int(64) }
    let size = 1 << Int(d.pointee.log2Size)
    return try vm.int(
      80 + HashTable.usable(d.pointee.log2Size) * HashTable.dictStride + size * HashTable.slotWidth(d.pointee.log2Size))
  }

  private static let get: NativeTwo = { vm, v, key, fallback throws(Raised) in
    let d = layout(v)
    var hash = 0
    let value: Value
    if let entries = d.pointee.entries, let probe = HashTable.probeAtOnce(d.table, key, HashTable.dictStride, &hash) {
      value = probe.isFound ? entries[probe.entry].value : .null
    } else {
      value = try Dicts.get(vm, v, key)
    }
    if !value.isNull { return value }
    return fallback.isNull ? .none : fallback
  }

  private static let setDefault: NativeTwo = { vm, v, key, value throws(Raised) in
    try Dicts.setDefault(vm, v, key, value.isNull ? .none : value)
  }

  private static let pop: NativeTwo = { vm, v, key, fallback throws(Raised) in
    let value = try layout(v).pointee.count == 0 ? .null : Dicts.pop(vm, v, key)
    if !value.isNull { return value }
    if !fallback.isNull { return fallback }
    throw vm.raise(.keyError, value: key)
  }

  private static let popItem: NativeNoArgs = { vm, v throws(Raised) in
    guard layout(v).pointee.count > 0 else { throw vm.raise(.keyError, "popitem(): dictionary is empty") }
    // Made first, so that nothing is lost when memory runs out.
    let pair = try vm.tuple(.none, .none)
    guard let entry = Dicts.popLast(v) else { throw vm.raise(.keyError, "popitem(): dictionary is empty") }
    let items = pair.as(TupleLayout.self).items
    items[0] = entry.key
    items[1] = entry.value
    return pair
  }

  private static let keys: NativeNoArgs = { vm, v throws(Raised) in try DictViews.make(vm, rt.types.dictKeys, v) }
  private static let items: NativeNoArgs = { vm, v throws(Raised) in try DictViews.make(vm, rt.types.dictItems, v) }
  private static let values: NativeNoArgs = { vm, v throws(Raised) in try DictViews.make(vm, rt.types.dictValues, v) }

  private static let update: NativeMany = { vm, v, args throws(Raised) in
    try DictType.update(vm, v, args, "update")
    return .none
  }

  private static let fromKeys: NativeMany = { vm, cls, args throws(Raised) in
    let value = args[1].isNull ? Value.none : args[1]
    let d = try vm.call(cls)
    if d.isExact(rt.types.dict) {
      if args[0].isExact(rt.types.dict), layout(args[0]).isOwn, layout(d).isOwn, layout(d).pointee.count == 0 {
        // The same table with other values
        try Dicts.merge(vm, d, args[0])
        let made = layout(d)
        if let entries = made.pointee.entries {
          for i in 0..<made.pointee.used where entries[i].key != .tombstone { entries[i].value = value }
        }
        return d
      }
      if args[0].isExact(rt.types.set) || args[0].isExact(rt.types.frozenset), args[0].as(SetLayout.self).isOwn {
        var position = 0
        while let e = Sets.next(args[0].as(SetLayout.self), &position) { try Dicts.set(vm, d, e.key, value, hash: e.hash) }
        return d
      }
    }
    let it = try vm.iter(args[0])
    let plain = d.isExact(rt.types.dict)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return d }
      if plain { try Dicts.set(vm, d, key, value) } else { try vm.setItem(d, key, value) }
    }
  }

  private static let clear: NativeNoArgs = { vm, v throws(Raised) in
    Dicts.clear(vm, v)
    return .none
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in try Dicts.copy(vm, v) }
}
