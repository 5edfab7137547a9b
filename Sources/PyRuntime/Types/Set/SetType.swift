/// What set and frozenset share.
enum SetCommon {
  @inline(__always) static func layout(_ v: Value) -> SetRef { v.as(SetLayout.self) }

  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: SetLayout.self)
    guard let entries = s.pointee.entries else { return }
    let tracer = Tracer(tracer)
    tracer.visitBuffer(entries)
    for i in 0..<s.pointee.used { tracer.visit(entries[i].key) }
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(trace)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode(iter)
    t.slots.sequenceLength = HashCode { _, v throws(Raised) in Sets.count(v) }
    t.slots.contains = ContainsCode(contains)
    t.slots.and = OneCode(and)
    t.slots.or = OneCode(or)
    t.slots.xor = OneCode(xor)
    t.slots.subtract = OneCode(subtract)
    t.method("__contains__", "($self, object, /)", "x.__contains__(y) <==> y in x.", containsMethod)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the set itself takes.", sizeOf)
    t.method("difference", "($self, /, *others)", "The items that are in none of the others.", difference)
    t.method("intersection", "($self, /, *others)", "The items that are in all of the others, too.", intersection)
    t.method("isdisjoint", "($self, object, /)", "Whether the set and the iterable have no item in common.", isDisjoint)
    t.method("issubset", "($self, object, /)", "Whether the other has every item of this set.", isSubset)
    t.method("issuperset", "($self, object, /)", "Whether this set has every item of the other.", isSuperset)
    t.method("symmetric_difference", "($self, object, /)", "The items that are in exactly one of the two.", symmetricDifference)
    t.method("union", "($self, /, *others)", "The items that are in this set or in any of the others.", union)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  // MARK: slots

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    if layout(v).pointee.foreign != nil { return try Foreign.call(vm, v, "__repr__") }
    let type = v.cellType
    if layout(v).pointee.count == 0 { return try vm.str("\(type.nameForMessages)()") }
    guard try ReprGuard.enter(vm, v) else { return try vm.str("\(type.nameForMessages)(...)") }
    do throws(Raised) {
      var text = try ReprBuilder(vm)
      let bare = type == rt.types.set
      if !bare {
        try text.add(str: type.pointee.name)
        try text.add("(")
      }
      try text.add("{")
      var position = 0
      var first = true
      while let e = Sets.next(layout(v), &position) {
        if !first { try text.add(", ") }
        first = false
        try text.add(repr: e.key)
      }
      try text.add("}")
      if !bare { try text.add(")") }
      let result = try text.finish()
      ReprGuard.leave(vm, v)
      return result
    } catch {
      ReprGuard.leave(vm, v)
      throw error
    }
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard a.isSetOrFrozenSet, b.isSetOrFrozenSet else { return .notImplemented }
    if layout(a).pointee.foreign != nil { return try Foreign.call(vm, a, Foreign.name(of: op), b) }
    let m = Sets.count(a), n = Sets.count(b)
    switch op {
    case .eq, .ne:
      var same = m == n
      if same && frozenHash(a) != -1 && frozenHash(b) != -1 { same = frozenHash(a) == frozenHash(b) }
      if same { same = try SetOperations.isSubset(vm, a, b) }
      return .bool(same == (op == .eq))
    case .le: return .bool(try SetOperations.isSubset(vm, a, b))
    case .ge: return .bool(try SetOperations.isSubset(vm, b, a))
    case .lt: return .bool(m < n ? try SetOperations.isSubset(vm, a, b) : false)
    case .gt: return .bool(m > n ? try SetOperations.isSubset(vm, b, a) : false)
    }
  }

  private static func frozenHash(_ v: Value) -> Int {
    v.isExact(rt.types.frozenset) ? layout(v).pointee.hash : -1
  }

  private static let iter: NativeNoArgs = { vm, v throws(Raised) in
    if layout(v).pointee.foreign != nil { return try Foreign.call(vm, v, "__iter__") }
    let it = try vm.make(TableIteratorLayout.self, rt.types.setIterator)
    it.pointee.container = v
    it.pointee.size = layout(v).pointee.count
    it.pointee.remaining = layout(v).pointee.count
    return Value(it)
  }

  /// A set is not hashable, but as a key to look for it stands for the equal frozenset.
  static func keyed<R>(
    _ vm: VM, _ key: Value, _ body: (Value, Int) throws(Raised) -> R
  ) throws(Raised) -> R {
    let hash: Int
    do throws(Raised) { hash = try HashTable.hash(vm, key) } catch {
      guard key.isSetOrFrozenSet, key.isInstance(of: rt.types.set), vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      let frozen = try vm.frozenSet(from: key)
      return try body(frozen, try vm.hash(frozen))
    }
    return try body(key, hash)
  }

  private static let contains: NativeContains = { vm, v, key throws(Raised) in
    try keyed(vm, key) { k, hash throws(Raised) in try Sets.contains(vm, layout(v), k, hash: hash) }
  }
  private static let containsMethod: NativeOne = { vm, v, key throws(Raised) in .bool(try contains(vm, v, key)) }

  private static let and: NativeOne = { vm, a, b throws(Raised) in
    guard a.isSetOrFrozenSet, b.isSetOrFrozenSet else { return .notImplemented }
    return Value(try SetOperations.intersection(vm, a, b))
  }
  private static let or: NativeOne = { vm, a, b throws(Raised) in
    guard a.isSetOrFrozenSet, b.isSetOrFrozenSet else { return .notImplemented }
    let result = try SetOperations.copy(vm, a)
    try Sets.update(vm, result, b)
    return Value(result)
  }
  private static let xor: NativeOne = { vm, a, b throws(Raised) in
    guard a.isSetOrFrozenSet, b.isSetOrFrozenSet else { return .notImplemented }
    return try symmetricDifference(vm, a, b)
  }
  private static let subtract: NativeOne = { vm, a, b throws(Raised) in
    guard a.isSetOrFrozenSet, b.isSetOrFrozenSet else { return .notImplemented }
    return Value(try SetOperations.difference(vm, a, b))
  }

  // MARK: methods

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let keys = try vm.list(from: v)
    let state = try vm.callMethod(v, rt.names.__getstate__)
    return try vm.tuple(Value(v.cellType), try vm.tuple(keys), state)
  }

  private static let sizeOf: NativeNoArgs = { vm, v throws(Raised) in
    let s = layout(v)
    if s.pointee.entries == nil { return try vm.int(64) }
    let size = 1 << Int(s.pointee.log2Size)
    return try vm.int(
      80 + HashTable.usable(s.pointee.log2Size) * HashTable.setStride + size * HashTable.slotWidth(s.pointee.log2Size))
  }

  /// `*others` arrives as one tuple.
  static func others(_ args: Args) -> UnsafeMutableBufferPointer<Value> {
    guard args[0].isTuple else { return UnsafeMutableBufferPointer(start: nil, count: 0) }
    let t = args[0].as(TupleLayout.self)
    return UnsafeMutableBufferPointer(start: t.items, count: t.pointee.count)
  }

  private static let difference: NativeMany = { vm, v, args throws(Raised) in
    let operands = others(args)
    if operands.isEmpty { return Value(try SetOperations.copy(vm, v)) }
    let result = try SetOperations.difference(vm, v, operands[0])
    for i in 1..<operands.count { try SetOperations.differenceUpdate(vm, result, operands[i]) }
    return Value(result)
  }

  static let intersection: NativeMany = { vm, v, args throws(Raised) in
    let operands = others(args)
    if operands.isEmpty { return Value(try SetOperations.copy(vm, v)) }
    var result = v
    for i in 0..<operands.count { result = Value(try SetOperations.intersection(vm, result, operands[i])) }
    return result
  }

  private static let isDisjoint: NativeOne = { vm, v, other throws(Raised) in
    .bool(try SetOperations.isDisjoint(vm, v, other))
  }

  private static let isSubset: NativeOne = { vm, v, other throws(Raised) in
    let set = other.isSetOrFrozenSet ? other : try vm.set(from: other)
    return .bool(try SetOperations.isSubset(vm, v, set))
  }

  private static let isSuperset: NativeOne = { vm, v, other throws(Raised) in
    if other.isSetOrFrozenSet { return .bool(try SetOperations.isSubset(vm, other, v)) }
    let it = try vm.iter(other)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return .true }
      if try !Sets.contains(vm, v, key) { return .false }
    }
  }

  private static let symmetricDifference: NativeOne = { vm, v, other throws(Raised) in
    let result = try Sets.make(vm, SetOperations.plainType(v))
    try Sets.update(vm, result, other)
    try SetOperations.symmetricDifferenceUpdate(vm, result, v)
    return Value(result)
  }

  private static let union: NativeMany = { vm, v, args throws(Raised) in
    let result = try SetOperations.copy(vm, v)
    for other in others(args) where other != v { try Sets.update(vm, result, other) }
    return Value(result)
  }
}

enum SetType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("set() -> empty\nset(iterable) -> its items, each once\n\nAn unordered collection of distinct hashable items.")
    SetCommon.declare(&t)
    t.slots.new = ManyCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.inplaceAnd = OneCode(inplaceAnd)
    t.slots.inplaceOr = OneCode(inplaceOr)
    t.slots.inplaceXor = OneCode(inplaceXor)
    t.slots.inplaceSubtract = OneCode(inplaceSubtract)
    t.method("add", "($self, object, /)", "Put an item into the set; no effect if it is there.", add)
    t.method("clear", "($self, /)", "Take out all items.", clear)
    t.method("copy", "($self, /)", "A new set of the same items.", copy)
    t.method("discard", "($self, object, /)", "Take out an item if it is there.", discard)
    t.method("remove", "($self, object, /)", "Take out an item. KeyError if it is not there.", remove)
    t.method("pop", "($self, /)", "Take out any item and return it. KeyError if the set is empty.", pop)
    t.method("update", "($self, /, *others)", "Add the items of all the others.", update)
    t.method("difference_update", "($self, /, *others)", "Take out the items of all the others.", differenceUpdate)
    t.method("intersection_update", "($self, /, *others)", "Keep the items that are in all of the others.", intersectionUpdate)
    t.method("symmetric_difference_update", "($self, object, /)", "Keep the items that are in exactly one of the two.", symmetricUpdate)
  }

  private static func layout(_ v: Value) -> SetRef { v.as(SetLayout.self) }

  private static let new: NativeMany = { vm, cls, _ throws(Raised) in Value(try Sets.make(vm, cls.asType)) }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "set", args)
    try ArgChecks.positional(vm, "set", args, 0, 1)
    if layout(v).isOwn { Sets.clear(layout(v)) } else { _ = try Foreign.call(vm, v, "clear") }
    if args.count == 1 { try Sets.update(vm, layout(v), args[0]) }
  }

  private static let add: NativeOne = { vm, v, key throws(Raised) in
    try Sets.add(vm, layout(v), key)
    return .none
  }

  private static let clear: NativeNoArgs = { _, v throws(Raised) in
    Sets.clear(layout(v))
    return .none
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in Value(try SetOperations.copy(vm, v)) }

  private static let discard: NativeOne = { vm, v, key throws(Raised) in
    try SetCommon.keyed(vm, key) { k, hash throws(Raised) in _ = try Sets.remove(vm, layout(v), k, hash: hash) }
    return .none
  }

  private static let remove: NativeOne = { vm, v, key throws(Raised) in
    let found = try SetCommon.keyed(vm, key) { k, hash throws(Raised) in try Sets.remove(vm, layout(v), k, hash: hash) }
    if !found { throw vm.raise(.keyError, value: key) }
    return .none
  }

  /// The oldest item. `hash`, unused in a set, says where to begin looking, so that emptying a set is linear. A rebuild makes
  /// it stale; then the search may begin too late, and is made again from the start.
  private static let pop: NativeNoArgs = { vm, v throws(Raised) in
    let s = layout(v)
    guard s.pointee.count > 0, let entries = s.pointee.entries else { throw vm.raise(.keyError, "pop from an empty set") }
    var i = s.pointee.hash > 0 && s.pointee.hash < s.pointee.used && entries[0].key == .tombstone ? s.pointee.hash : 0
    while i < s.pointee.used && entries[i].key == .tombstone { i &+= 1 }
    if i >= s.pointee.used {
      i = 0
      while i < s.pointee.used && entries[i].key == .tombstone { i &+= 1 }
    }
    guard i < s.pointee.used else { throw vm.raise(.keyError, "pop from an empty set") }
    let key = entries[i].key
    HashTable.delete(s.table, entry: i, Sets.stride)
    s.pointee.hash = i &+ 1
    return key
  }

  private static let update: NativeMany = { vm, v, args throws(Raised) in
    for other in SetCommon.others(args) { try Sets.update(vm, layout(v), other) }
    return .none
  }

  private static let differenceUpdate: NativeMany = { vm, v, args throws(Raised) in
    for other in SetCommon.others(args) { try SetOperations.differenceUpdate(vm, layout(v), other) }
    return .none
  }

  private static let intersectionUpdate: NativeMany = { vm, v, args throws(Raised) in
    let result = try SetCommon.intersection(vm, v, args)
    SetOperations.take(layout(v), from: layout(result))
    return .none
  }

  private static let symmetricUpdate: NativeOne = { vm, v, other throws(Raised) in
    try SetOperations.symmetricDifferenceUpdate(vm, layout(v), other)
    return .none
  }

  // MARK: in-place operators: sets only

  private static let inplaceAnd: NativeOne = { vm, v, other throws(Raised) in
    guard other.isSetOrFrozenSet else { return .notImplemented }
    if !layout(v).isOwn { return try Foreign.call(vm, v, "__iand__", other) }
    SetOperations.take(layout(v), from: try SetOperations.intersection(vm, v, other))
    return v
  }
  private static let inplaceOr: NativeOne = { vm, v, other throws(Raised) in
    guard other.isSetOrFrozenSet else { return .notImplemented }
    try Sets.update(vm, layout(v), other)
    return v
  }
  private static let inplaceXor: NativeOne = { vm, v, other throws(Raised) in
    guard other.isSetOrFrozenSet else { return .notImplemented }
    try SetOperations.symmetricDifferenceUpdate(vm, layout(v), other)
    return v
  }
  private static let inplaceSubtract: NativeOne = { vm, v, other throws(Raised) in
    guard other.isSetOrFrozenSet else { return .notImplemented }
    try SetOperations.differenceUpdate(vm, layout(v), other)
    return v
  }
}

enum FrozenSetType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("frozenset() -> empty\nfrozenset(iterable) -> its items, each once\n\nAn immutable, hashable set.")
    SetCommon.declare(&t)
    t.slots.new = ManyCode(new)
    t.slots.hash = HashCode(hash)
    t.method("copy", "($self, /)", "A frozenset of the same items.", copy)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let type = cls.asType
    if type == rt.types.frozenset || type.pointee.slots.initialize == rt.types.frozenset.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "frozenset", args)
    }
    try ArgChecks.positional(vm, "frozenset", args, 0, 1)
    if type == rt.types.frozenset && args.count == 1 && args[0].isExact(rt.types.frozenset) { return args[0] }
    let s = try Sets.make(vm, type)
    if args.count == 1 { try Sets.update(vm, s, args[0]) }
    return Value(s)
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in
    v.isExact(rt.types.frozenset) ? v : Value(try SetOperations.copy(vm, v))
  }

  /// CPython's: independent of order, and well mixed for sets of small ints.
  private static let hash: NativeHash = { _, v throws(Raised) in
    let s = v.as(SetLayout.self)
    if s.pointee.hash != -1 { return s.pointee.hash }
    var h: UInt = 0
    var position = 0
    while let e = Sets.next(s, &position) {
      let x = UInt(bitPattern: e.hash)
      h ^= ((x ^ 89_869_747) ^ (x << 16)) &* 3_644_798_167
    }
    h ^= UInt(bitPattern: s.pointee.count &+ 1) &* 1_927_868_237
    h ^= (h >> 11) ^ (h >> 25)
    h = h &* 69_069 &+ 907_133_923
    s.pointee.hash = h == UInt.max ? 590_923_713 : Int(bitPattern: h)
    return s.pointee.hash
  }
}

enum SetIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(TableIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<TableIteratorLayout> { v.as(TableIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.container.isNull { return .exhausted }
    let s = it.pointee.container.as(SetLayout.self)
    if s.pointee.count != it.pointee.size {
      it.pointee.size = -1
      throw vm.raise(.runtimeError, "Set changed size during iteration")
    }
    if let e = Sets.next(s, &it.pointee.position) {
      it.pointee.remaining &-= 1
      return e.key
    }
    it.pointee.container = .null
    return .exhausted
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.container.isNull { return Value(smallInt: 0) }
    let same = it.pointee.container.as(SetLayout.self).pointee.count == it.pointee.size
    return try vm.int(same ? max(0, it.pointee.remaining) : 0)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let twin = try vm.make(TableIteratorLayout.self, rt.types.setIterator)
    twin.pointee.container = it.pointee.container
    twin.pointee.position = it.pointee.position
    twin.pointee.size = it.pointee.size
    twin.pointee.remaining = it.pointee.remaining
    return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(try vm.list(from: Value(twin))))
  }
}
