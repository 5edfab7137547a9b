/// What `functools.lru_cache` puts around a function. `cache` maps keys to results, the least recently used first: a hit moves
/// its entry to the end. `limit` is -1 without one. `oldest` is where to begin looking for the first live entry of the table at
/// `entries`; a rebuilt table begins at 0 again.
struct LRUCacheLayout {
  var header: CellHeader
  var function: Value, cache: Value, infoType: Value
  var limit: Int
  var hits: Int, misses: Int
  var typed: Bool
  var oldest: Int
  var entries: UnsafeMutablePointer<DictEntry>?

  static let trace: TraceFunction = { cell, tracer in
    let c = cell.assumingMemoryBound(to: LRUCacheLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(c.pointee.function)
    tracer.visit(c.pointee.cache)
    tracer.visit(c.pointee.infoType)
  }
}

enum LRUCache {
  private typealias Ref = UnsafeMutablePointer<LRUCacheLayout>
  /// Stands between positional and keyword arguments in keys.
  nonisolated(unsafe) private static var mark = Value.null

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    mark = Value(try t.vm.make(CellHeader.self, rt.types.object))
    t.doc("A function with a cache of its results in front of it.")
    t.trace(LRUCacheLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.call = ManyCode(call)
    t.slots.descriptorGet = TwoCode(get)
    t.method("cache_info", "($self, /)", "Report cache statistics", info)
    t.method("cache_clear", "($self, /)", "Clear the cache and cache statistics", clear)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__copy__", "($self, /)", "The function itself.") { (_, v) throws(Raised) in v }
    t.method("__deepcopy__", "($self, memo, /)", "The function itself.") { (_, v, _: Value) throws(Raised) in v }
  }
  private static func layout(_ v: Value) -> Ref { v.as(LRUCacheLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(
      vm, "_lru_cache_wrapper", args, names: ["user_function", "maxsize", "typed", "cache_info_type"], required: 4)
    guard places[0].type.pointee.slots.call != nil else { throw vm.raise(.typeError, "the first argument must be callable") }
    var limit = -1
    if !places[1].isNone {
      guard places[1].isInt || places[1].type.pointee.slots.index != nil else {
        throw vm.raise(.typeError, "maxsize should be integer or None")
      }
      limit = max(0, try vm.asInt(places[1]))
    }
    let typed = try vm.isTrue(places[2])
    let cache = try vm.dict()
    let c = try vm.instance(LRUCacheLayout.self, of: cls.asType)
    c.pointee.function = places[0]
    c.pointee.cache = cache
    c.pointee.infoType = places[3]
    c.pointee.limit = limit
    c.pointee.typed = typed
    return Value(c)
  }

  private static func key(_ vm: VM, _ args: Args, typed: Bool) throws(Raised) -> Value {
    let n = args.count, k = args.keywordCount
    if k == 0 && !typed {
      if n == 1, args[0].isExactStr || args[0].isExactInt { return args[0] }
      return try vm.tuple(copying: args.base, count: n)
    }
    var total = n &+ (k == 0 ? 0 : 1 &+ 2 &* k)
    if typed { total &+= n &+ k }
    let result = try vm.tuple(count: total)
    let items = result.as(TupleLayout.self).items
    var at = n
    for i in 0..<n { items[i] = args[i] }
    if k > 0 {
      items[at] = mark
      at += 1
      for i in 0..<k {
        items[at] = args.keywordName(i)
        items[at + 1] = args.keywordValue(i)
        at += 2
      }
    }
    if typed {
      for i in 0..<(n + k) { items[at + i] = Value(args.base[i].type) }
    }
    return result
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let c = layout(v)
    if c.pointee.limit == 0 {
      c.pointee.misses &+= 1
      return try vm.call(c.pointee.function, args)
    }
    let key = try key(vm, args, typed: c.pointee.typed)
    let hash = try HashTable.hash(vm, key)
    let stride = HashTable.dictStride
    let probe = try HashTable.find(vm, c.pointee.cache.asTable, key, hash, stride)
    if probe.isFound, let entries = c.pointee.cache.as(DictLayout.self).pointee.entries {
      let entry = entries[probe.entry]
      c.pointee.hits &+= 1
      if c.pointee.limit > 0 { try Dicts.moveToEnd(vm, c.pointee.cache, entry: probe.entry) }
      return entry.value
    }
    c.pointee.misses &+= 1
    let result = try vm.call(c.pointee.function, args)
    if c.pointee.limit < 0 {
      try Dicts.set(vm, c.pointee.cache, key, result, hash: hash)
      return result
    }
    // The call may have cached the same key itself.
    if try !Dicts.get(vm, c.pointee.cache, key, hash: hash).isNull { return result }
    if Dicts.count(c.pointee.cache) >= c.pointee.limit { dropOldest(c) }
    try Dicts.set(vm, c.pointee.cache, key, result, hash: hash)
    return result
  }

  private static func dropOldest(_ c: Ref) {
    let d = c.pointee.cache.as(DictLayout.self)
    guard let entries = d.pointee.entries else { return }
    var i = c.pointee.entries == entries ? c.pointee.oldest : 0
    while i < d.pointee.used && entries[i].key == .tombstone { i &+= 1 }
    guard i < d.pointee.used else { return }
    entries[i].value = .null
    HashTable.delete(d.table, entry: i, HashTable.dictStride)
    d.pointee.keysVersion = 0
    c.pointee.entries = entries
    c.pointee.oldest = i &+ 1
  }

  private static let get: NativeTwo = { vm, v, instance, _ throws(Raised) in
    if instance.isNull || instance.isNone { return v }
    let method = try vm.make(BoundMethodLayout.self, rt.types.boundMethod)
    method.pointee.function = v
    method.pointee.receiver = instance
    return Value(method)
  }

  private static let info: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    let limit = c.pointee.limit < 0 ? Value.none : try vm.int(c.pointee.limit)
    return try vm.call(
      c.pointee.infoType, try vm.int(c.pointee.hits), try vm.int(c.pointee.misses), limit,
      try vm.int(Dicts.count(c.pointee.cache)))
  }

  private static let clear: NativeNoArgs = { vm, v throws(Raised) in
    let c = layout(v)
    c.pointee.hits = 0
    c.pointee.misses = 0
    Dicts.clear(vm, c.pointee.cache)
    return .none
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in try vm.getAttribute(v, rt.names.__qualname__) }
}
