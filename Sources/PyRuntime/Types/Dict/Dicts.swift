// Operations on dicts for native code, as CPython's PyDict_*: on any dict, subclass instances included, their overrides ignored.

extension VM {
  package func dict() throws(Raised) -> Value {
    let d = try make(DictLayout.self, rt.types.dict)
    d.pointee.stringKeysOnly = true
    return Value(d)
  }

  /// A dict with room for `count` keys.
  package func dict(reserving count: Int) throws(Raised) -> Value {
    let d = try dict()
    if count > 5 { try HashTable.reserve(self, d.asTable, count, HashTable.dictStride) }
    return d
  }

  /// Stores under an interned name; for declarations at start, where nothing can raise.
  package func bootstrapStore(_ dict: Value, _ name: StaticString, _ value: Value) {
    must { () throws(Raised) in try Dicts.set(self, dict, try intern(name), value) }
  }
}

extension Value {
  /// A dict's or set's table. The caller has checked the type.
  @inline(__always) var asTable: TableRef { self.as(TableLayout.self) }
}

extension UnsafeMutablePointer where Pointee == DictLayout {
  @inline(__always) var table: TableRef { UnsafeMutableRawPointer(self).assumingMemoryBound(to: TableLayout.self) }
  /// Not backed by a CPython dict.
  @inline(__always) package var isOwn: Bool { pointee.foreign == nil }
}

package enum Dicts {
  private static let stride = HashTable.dictStride

  @inline(__always) private static func layout(_ d: Value) -> UnsafeMutablePointer<DictLayout> { d.as(DictLayout.self) }

  /// The version of the key set, for caches of entry numbers: nonzero, or 0 when versions have run out (do not cache).
  package static func keysVersion(_ d: Value) -> UInt32 {
    let p = layout(d)
    if p.pointee.keysVersion == 0 && rt.pointee.nextKeysVersion != 0 {
      p.pointee.keysVersion = rt.pointee.nextKeysVersion
      rt.pointee.nextKeysVersion &+= 1
    }
    return p.pointee.keysVersion
  }

  /// Number of the entry of an exact-str key, for caches; nil when missing. Good while the keys version stands.
  package static func entryIndex(_ d: Value, str key: Value) -> Int? {
    let probe = HashTable.findStr(d.asTable, key, Str.hash(key), stride)
    return probe.isFound ? probe.entry : nil
  }

  package static func count(_ d: Value) -> Int {
    let p = layout(d)
    if p.pointee.foreign != nil { return foreignCount(d) }
    return p.pointee.count
  }

  // MARK: look-up

  /// Null when missing.
  @inline(__always)
  package static func get(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Value {
    try get(vm, d, key, hash: try HashTable.hash(vm, key))
  }

  @inline(never)
  package static func get(_ vm: VM, _ d: Value, _ key: Value, hash: Int) throws(Raised) -> Value {
    let probe = try HashTable.find(vm, d.asTable, key, hash, stride)
    if probe.isFound, let entries = layout(d).pointee.entries { return entries[probe.entry].value }
    if layout(d).pointee.foreign != nil { return try foreignGet(vm, d, key) }
    return .null
  }

  /// For exact-str keys: cannot raise while the dict has only str keys, and treats other keys as different otherwise.
  package static func get(_ d: Value, str key: Value) -> Value {
    let s = key.as(StrLayout.self)
    let hash = s.pointee.hash != -1 ? s.pointee.hash : Str.hash(key)
    let probe = HashTable.findStr(d.asTable, key, hash, stride)
    if probe.isFound, let entries = layout(d).pointee.entries { return entries[probe.entry].value }
    if layout(d).pointee.foreign != nil, let thread = rt.currentThread {
      let vm = VM(thread)
      do throws(Raised) { return try foreignGet(vm, d, key) } catch { vm.clearPending() }
    }
    return .null
  }

  package static func get(_ vm: VM, _ d: Value, _ key: StaticString) -> Value {
    do throws(Raised) { return get(d, str: try vm.intern(key)) } catch {
      vm.clearPending()
      return .null
    }
  }

  package static func contains(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Bool { try !get(vm, d, key).isNull }

  // MARK: changes

  @inline(__always)
  package static func set(_ vm: VM, _ d: Value, _ key: Value, _ value: Value) throws(Raised) {
    try set(vm, d, key, value, hash: try HashTable.hash(vm, key))
  }

  @inline(never)
  package static func set(_ vm: VM, _ d: Value, _ key: Value, _ value: Value, hash: Int) throws(Raised) {
    let p = layout(d)
    let probe = try HashTable.find(vm, p.table, key, hash, stride)
    if probe.isFound, let entries = p.pointee.entries {
      entries[probe.entry].value = value
      Heap.noteStore(d.cell)
      return
    }
    if p.pointee.foreign != nil { return try foreignSet(vm, d, key, value) }
    let n = try HashTable.append(vm, p.table, key, hash, probe, stride)
    if let entries = p.pointee.entries { entries[n].value = value }
    p.pointee.keysVersion = 0
  }

  package static func set(_ vm: VM, _ d: Value, _ key: StaticString, _ value: Value) throws(Raised) {
    try set(vm, d, try vm.intern(key), value)
  }

  /// The value already there, else `value`, which is stored.
  package static func setDefault(_ vm: VM, _ d: Value, _ key: Value, _ value: Value) throws(Raised) -> Value {
    let hash = try HashTable.hash(vm, key)
    let p = layout(d)
    let probe = try HashTable.find(vm, p.table, key, hash, stride)
    if probe.isFound, let entries = p.pointee.entries { return entries[probe.entry].value }
    if p.pointee.foreign != nil {
      return try Foreign.call(vm, d, "setdefault", key, value)
    }
    let n = try HashTable.append(vm, p.table, key, hash, probe, stride)
    if let entries = p.pointee.entries { entries[n].value = value }
    p.pointee.keysVersion = 0
    return value
  }

  /// Whether the key was there.
  package static func remove(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Bool { try !pop(vm, d, key).isNull }

  /// Takes a key out: its value, or null when it is not there.
  package static func pop(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Value {
    try pop(vm, d, key, hash: try HashTable.hash(vm, key))
  }

  package static func pop(_ vm: VM, _ d: Value, _ key: Value, hash: Int) throws(Raised) -> Value {
    let p = layout(d)
    let probe = try HashTable.find(vm, p.table, key, hash, stride)
    guard probe.isFound, let entries = p.pointee.entries else {
      if p.pointee.foreign != nil { return try foreignPop(vm, d, key) }
      return .null
    }
    let value = entries[probe.entry].value
    entries[probe.entry].value = .null
    HashTable.delete(p.table, entry: probe.entry, stride)
    p.pointee.keysVersion = 0
    return value
  }

  /// Takes out the newest entry; nil when there is none.
  package static func popLast(_ d: Value) -> DictEntry? {
    let p = layout(d)
    HashTable.trimEnd(p.table, stride)
    guard p.pointee.used > 0, let entries = p.pointee.entries else { return nil }
    let last = p.pointee.used - 1
    let entry = entries[last]
    entries[last].value = .null
    HashTable.delete(p.table, entry: last, stride)
    HashTable.trimEnd(p.table, stride)
    p.pointee.keysVersion = 0
    return entry
  }

  /// Makes the live entry `n` the newest one.
  package static func moveToEnd(_ vm: VM, _ d: Value, entry n: Int) throws(Raised) {
    let p = layout(d)
    guard let entries = p.pointee.entries, n != p.pointee.used &- 1 else { return }
    if HashTable.moveToEnd(p.table, entry: n, stride) {
      p.pointee.keysVersion = 0
      return
    }
    let entry = entries[n]
    entries[n].value = .null
    HashTable.delete(p.table, entry: n, stride)
    let probe = HashTable.freshProbe(p.table, entry.hash)
    let new = try HashTable.append(vm, p.table, entry.key, entry.hash, probe, stride)
    p.pointee.entries?[new].value = entry.value
    p.pointee.keysVersion = 0
  }

  package static func clear(_ vm: VM, _ d: Value) {
    let p = layout(d)
    if p.pointee.foreign != nil {
      do throws(Raised) { _ = try Foreign.call(vm, d, "clear") } catch { vm.clearPending() }
      return
    }
    HashTable.forget(p.table)
    p.pointee.keysVersion = 0
  }

  // MARK: iteration and bulk operations

  /// Next live entry at or after `position`, which moves past it; nil at the end. The dict may change between calls.
  @inline(__always)
  package static func next(_ d: Value, _ position: inout Int) -> DictEntry? {
    let p = layout(d)
    guard let entries = p.pointee.entries else { return p.pointee.foreign == nil ? nil : Foreign.next(d, &position) }
    let used = p.pointee.used
    var i = position
    while i >= 0 && i < used {
      let e = entries + i
      i &+= 1
      if e.pointee.key != .tombstone {
        position = i
        return e.pointee
      }
    }
    position = used
    return nil
  }

  /// An exact dict with the same items.
  package static func copy(_ vm: VM, _ d: Value) throws(Raised) -> Value {
    let result = try vm.dict()
    if layout(d).pointee.foreign != nil {
      try merge(vm, result, d)
    } else {
      try HashTable.copy(vm, from: d.asTable, to: result.asTable, stride)
    }
    return result
  }

  /// `d.update(other)` for a mapping; with `override` false existing keys stay.
  package static func merge(_ vm: VM, _ d: Value, _ other: Value, override: Bool = true) throws(Raised) {
    if other.isDict, layout(other).pointee.foreign == nil, iteratesPlainly(other) {
      try mergeDict(vm, d, other, override: override)
    } else {
      try mergeMapping(vm, d, other, override: override)
    }
  }

  /// Whether iterating `other` (a dict) gives its own keys: an overridden `__iter__` must be respected.
  private static func iteratesPlainly(_ other: Value) -> Bool {
    other.cellType == rt.types.dict || other.cellType.pointee.slots.iter == rt.types.dict.pointee.slots.iter
  }

  private static func mergeDict(_ vm: VM, _ d: Value, _ other: Value, override: Bool) throws(Raised) {
    let source = layout(other)
    if d == other || source.pointee.count == 0 { return }
    let target = layout(d)
    if target.pointee.count == 0 && target.isOwn {
      HashTable.forget(target.table)
      target.pointee.keysVersion = 0
      return try HashTable.copy(vm, from: source.table, to: target.table, stride)
    }
    // One rebuild in advance when the keys are likely to be new.
    if target.isOwn && source.pointee.count > target.pointee.count {
      try HashTable.reserve(vm, target.table, source.pointee.count, stride)
      target.pointee.keysVersion = 0
    }
    let size = source.pointee.count
    var position = 0
    while let e = next(other, &position) {
      if override {
        try set(vm, d, e.key, e.value, hash: e.hash)
      } else {
        let probe = try HashTable.find(vm, target.table, e.key, e.hash, stride)
        if !probe.isFound { try set(vm, d, e.key, e.value, hash: e.hash) }
      }
      if source.pointee.count != size { throw vm.raise(.runtimeError, "dict mutated during update") }
    }
  }

  private static func mergeMapping(_ vm: VM, _ d: Value, _ other: Value, override: Bool) throws(Raised) {
    let keys = try vm.callMethod(other, rt.names.keys)
    let it = try vm.iter(keys)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return }
      if !override, try contains(vm, d, key) { continue }
      try set(vm, d, key, try vm.getItem(other, key))
    }
  }

  // MARK: dicts whose storage is CPython's

  private static func foreignCount(_ d: Value) -> Int {
    guard let thread = rt.currentThread else { return 0 }
    let vm = VM(thread)
    do throws(Raised) { return try vm.asInt(try Foreign.call(vm, d, "__len__")) } catch {
      vm.clearPending()
      return 0
    }
  }
  private static func foreignGet(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Value {
    if try !vm.isTrue(try Foreign.call(vm, d, "__contains__", key)) { return .null }
    return try Foreign.call(vm, d, "__getitem__", key)
  }
  private static func foreignSet(_ vm: VM, _ d: Value, _ key: Value, _ value: Value) throws(Raised) {
    _ = try Foreign.call(vm, d, "__setitem__", key, value)
  }
  private static func foreignPop(_ vm: VM, _ d: Value, _ key: Value) throws(Raised) -> Value {
    if try !vm.isTrue(try Foreign.call(vm, d, "__contains__", key)) { return .null }
    return try Foreign.call(vm, d, "pop", key)
  }
}

/// Containers whose storage CPython has adopted: every operation goes to the object there, by method name.
package enum Foreign {
  package static func call(_ vm: VM, _ v: Value, _ name: StaticString, _ a: Value = .null, _ b: Value = .null) throws(Raised) -> Value {
    guard let forward = rt.bridgeHooks.forward else { throw vm.raise(.systemError, "adopted container without a bridge") }
    var arguments = (a, b)
    let count = a.isNull ? 0 : b.isNull ? 1 : 2
    let method = try vm.intern(name)
    return try withValues(&arguments) { p throws(Raised) in try forward(vm, v, method, Args(p, count: count)) }
  }

  /// The next entry of an adopted dict or set (whose values are null), as `Dicts.next` counts.
  @inline(never)
  package static func next(_ v: Value, _ position: inout Int) -> DictEntry? {
    guard let thread = rt.currentThread, let next = rt.bridgeHooks.nextEntry else { return nil }
    let vm = VM(thread)
    do throws(Raised) {
      guard let (key, value) = try next(vm, v, &position) else { return nil }
      return DictEntry(hash: try HashTable.hash(vm, key), key: key, value: value)
    } catch {
      vm.clearPending()
      return nil
    }
  }
}

extension Foreign {
  package static func name(of op: CompareOp) -> StaticString {
    switch op {
    case .lt: "__lt__"
    case .le: "__le__"
    case .eq: "__eq__"
    case .ne: "__ne__"
    case .gt: "__gt__"
    case .ge: "__ge__"
    }
  }

  /// A comparison of lists in which at least one side is adopted: that side decides.
  package static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    if a.as(ListLayout.self).pointee.foreign != nil { return try call(vm, a, name(of: op), b) }
    return try call(vm, b, name(of: op.swapped), a)
  }
}
