// Making and using sets from native code: on any set or frozenset, subclass instances included.

package typealias SetRef = UnsafeMutablePointer<SetLayout>

extension UnsafeMutablePointer where Pointee == SetLayout {
  @inline(__always) var table: TableRef { UnsafeMutableRawPointer(self).assumingMemoryBound(to: TableLayout.self) }
  @inline(__always) package var isOwn: Bool { pointee.foreign == nil }
}

extension VM {
  package func set(from iterable: Value = .null) throws(Raised) -> Value {
    let s = try Sets.make(self, rt.types.set)
    if !iterable.isNull { try Sets.update(self, s, iterable) }
    return Value(s)
  }

  package func frozenSet(from iterable: Value = .null) throws(Raised) -> Value {
    if !iterable.isNull && iterable.isExact(rt.types.frozenset) { return iterable }
    let s = try Sets.make(self, rt.types.frozenset)
    if !iterable.isNull { try Sets.update(self, s, iterable) }
    if s.pointee.count == 0 {
      if rt.pointee.emptyFrozenSet.isNull { rt.pointee.emptyFrozenSet = Value(s) }
      return rt.pointee.emptyFrozenSet
    }
    return Value(s)
  }
}

package enum Sets {
  package static let stride = HashTable.setStride

  /// An empty instance of `type`, which is set, frozenset or derived from one of them.
  package static func make(_ vm: VM, _ type: TypeRef) throws(Raised) -> SetRef {
    let s = try vm.instance(SetLayout.self, of: type)
    s.pointee.stringKeysOnly = true
    s.pointee.hash = -1
    return s
  }

  @inline(__always)
  package static func count(_ s: Value) -> Int {
    let p = s.as(SetLayout.self)
    return p.pointee.foreign == nil ? p.pointee.count : foreignCount(s)
  }
  @inline(never)
  private static func foreignCount(_ s: Value) -> Int {
    if let thread = rt.currentThread {
      let vm = VM(thread)
      do throws(Raised) { return try vm.asInt(try Foreign.call(vm, s, "__len__")) } catch { vm.clearPending() }
    }
    return s.as(SetLayout.self).pointee.count
  }

  @inline(__always)
  package static func contains(_ vm: VM, _ s: SetRef, _ key: Value, hash: Int) throws(Raised) -> Bool {
    if s.pointee.foreign != nil { return try vm.isTrue(try Foreign.call(vm, Value(s), "__contains__", key)) }
    return try HashTable.find(vm, s.table, key, hash, stride).isFound
  }
  package static func contains(_ vm: VM, _ s: Value, _ key: Value) throws(Raised) -> Bool {
    try contains(vm, s.as(SetLayout.self), key, hash: try HashTable.hash(vm, key))
  }

  /// Adds a key; answers whether it was new.
  @discardableResult
  package static func add(_ vm: VM, _ s: SetRef, _ key: Value, hash: Int) throws(Raised) -> Bool {
    let probe = try HashTable.find(vm, s.table, key, hash, stride)
    if probe.isFound { return false }
    if s.pointee.foreign != nil {
      _ = try Foreign.call(vm, Value(s), "add", key)
      return true
    }
    _ = try HashTable.append(vm, s.table, key, hash, probe, stride)
    return true
  }
  @discardableResult
  package static func add(_ vm: VM, _ s: SetRef, _ key: Value) throws(Raised) -> Bool {
    try add(vm, s, key, hash: try HashTable.hash(vm, key))
  }
  @discardableResult
  package static func add(_ vm: VM, _ s: Value, _ key: Value) throws(Raised) -> Bool { try add(vm, s.as(SetLayout.self), key) }

  /// Whether the key was there.
  @discardableResult
  package static func remove(_ vm: VM, _ s: SetRef, _ key: Value, hash: Int) throws(Raised) -> Bool {
    let probe = try HashTable.find(vm, s.table, key, hash, stride)
    if probe.isFound {
      HashTable.delete(s.table, entry: probe.entry, stride)
      return true
    }
    if s.pointee.foreign != nil {
      if try !vm.isTrue(try Foreign.call(vm, Value(s), "__contains__", key)) { return false }
      _ = try Foreign.call(vm, Value(s), "discard", key)
      return true
    }
    return false
  }

  package static func clear(_ s: SetRef) {
    HashTable.forget(s.table)
    s.pointee.hash = -1
  }

  /// Next live entry at or after `position`, which moves past it; nil at the end. The set may change between calls.
  @inline(__always)
  package static func next(_ s: SetRef, _ position: inout Int) -> SetEntry? {
    guard let entries = s.pointee.entries else {
      guard s.pointee.foreign != nil, let e = Foreign.next(Value(s), &position) else { return nil }
      return SetEntry(hash: e.hash, key: e.key)
    }
    let used = s.pointee.used
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

  /// Adds all items of any iterable, using the stored hashes of sets and dicts.
  package static func update(_ vm: VM, _ s: SetRef, _ iterable: Value) throws(Raised) {
    if iterable.isSetOrFrozenSet, iterable.as(SetLayout.self).isOwn {
      let other = iterable.as(SetLayout.self)
      if other == s { return }
      if s.pointee.count == 0 && s.isOwn {
        HashTable.forget(s.table)
        s.pointee.hash = -1
        return try HashTable.copy(vm, from: other.table, to: s.table, stride)
      }
      var position = 0
      while let e = next(other, &position) { try add(vm, s, e.key, hash: e.hash) }
      return
    }
    if iterable.isExact(rt.types.dict), iterable.as(DictLayout.self).isOwn {
      let d = iterable.as(DictLayout.self)
      let size = d.pointee.count
      var position = 0
      while let e = Dicts.next(iterable, &position) {
        try add(vm, s, e.key, hash: e.hash)
        if d.pointee.count != size { throw vm.raise(.runtimeError, "dictionary changed size during iteration") }
      }
      return
    }
    if let run = Lists.plainItems(iterable) {
      // Room for all keys at once, unless that could be a waste: many of them may be equal.
      if s.isOwn, s.pointee.count == 0, run.count > 5, run.count < 1 << 16 { try HashTable.reserve(vm, s.table, run.count, stride) }
      return try vm.forEach(iterable) { item throws(Raised) in try add(vm, s, item) }
    }
    let it = try vm.iter(iterable)
    while true {
      let item = try Iterators.next(vm, it)
      if item == .exhausted { return }
      try add(vm, s, item)
    }
  }
}
