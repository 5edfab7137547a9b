/// The algebra of sets, on any iterable operand. Results are plain sets or frozensets, never subclass instances.
enum SetOperations {
  /// set or frozenset, whichever `s` is or derives from.
  static func plainType(_ s: Value) -> TypeRef {
    s.isInstance(of: rt.types.frozenset) ? rt.types.frozenset : rt.types.set
  }

  static func copy(_ vm: VM, _ s: Value) throws(Raised) -> SetRef {
    let result = try Sets.make(vm, plainType(s))
    try Sets.update(vm, result, s)
    return result
  }

  /// A set or dict whose table can be walked and probed with stored hashes.
  static func isHashed(_ v: Value) -> Bool {
    if v.isSetOrFrozenSet { return v.as(SetLayout.self).isOwn }
    return v.isExact(rt.types.dict) && v.as(DictLayout.self).isOwn
  }

  /// Whether a hashed container (see `isHashed`) has the key.
  static func hashedContains(_ vm: VM, _ v: Value, _ key: Value, _ hash: Int) throws(Raised) -> Bool {
    if v.isSetOrFrozenSet { return try HashTable.find(vm, v.asTable, key, hash, HashTable.setStride).isFound }
    return try HashTable.find(vm, v.asTable, key, hash, HashTable.dictStride).isFound
  }

  static func intersection(_ vm: VM, _ s: Value, _ other: Value) throws(Raised) -> SetRef {
    if s == other { return try copy(vm, s) }
    let result = try Sets.make(vm, plainType(s))
    if other.isSetOrFrozenSet, other.as(SetLayout.self).isOwn {
      var walked = s.as(SetLayout.self), probed = other.as(SetLayout.self)
      if walked.pointee.count > probed.pointee.count { swap(&walked, &probed) }
      let before = (walked.pointee.entries, walked.pointee.used)
      var position = 0
      while let e = Sets.next(walked, &position) {
        if try HashTable.find(vm, probed.table, e.key, e.hash, Sets.stride).isFound { try add(vm, result, e, of: walked, before) }
      }
      return result
    }
    let it = try vm.iter(other)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return result }
      let hash = try HashTable.hash(vm, key)
      if try Sets.contains(vm, s.as(SetLayout.self), key, hash: hash) { try Sets.add(vm, result, key, hash: hash) }
    }
  }

  /// Adds an entry of `source`, whose entries were `before` when the walk through it began. A key that comes twice has been put there since by a
  /// comparison in Python.
  @inline(__always)
  private static func add(
    _ vm: VM, _ s: SetRef, _ e: SetEntry, of source: SetRef, _ before: (UnsafeMutablePointer<SetEntry>?, Int)
  ) throws(Raised) {
    if source.pointee.entries == before.0, source.pointee.used == before.1 {
      _ = try HashTable.append(vm, s.table, e.key, e.hash, HashTable.freshProbe(s.table, e.hash), Sets.stride)
    } else {
      try Sets.add(vm, s, e.key, hash: e.hash)
    }
  }

  static func difference(_ vm: VM, _ s: Value, _ other: Value) throws(Raised) -> SetRef {
    guard isHashed(other) else {
      let result = try copy(vm, s)
      try differenceUpdate(vm, result, other)
      return result
    }
    let source = s.as(SetLayout.self)
    let n = other.isSetOrFrozenSet ? other.as(SetLayout.self).pointee.count : other.as(DictLayout.self).pointee.count
    if source.pointee.count >> 2 > n {
      let result = try copy(vm, s)
      try differenceUpdate(vm, result, other)
      return result
    }
    let result = try Sets.make(vm, plainType(s))
    // Of a small set there is no telling how much is left; room for all of it costs less than growing.
    if source.isOwn, source.pointee.count > 5, source.pointee.count < 128 {
      try HashTable.reserve(vm, result.table, source.pointee.count, Sets.stride)
    }
    let before = (source.pointee.entries, source.pointee.used)
    var position = 0
    if other.isSetOrFrozenSet {
      let removed = other.as(SetLayout.self).table
      while let e = Sets.next(source, &position) {
        if try !HashTable.find(vm, removed, e.key, e.hash, Sets.stride).isFound { try add(vm, result, e, of: source, before) }
      }
      return result
    }
    while let e = Sets.next(source, &position) {
      if try !hashedContains(vm, other, e.key, e.hash) { try add(vm, result, e, of: source, before) }
    }
    return result
  }

  static func differenceUpdate(_ vm: VM, _ s: SetRef, _ other: Value) throws(Raised) {
    if other == Value(s) { return Sets.clear(s) }
    if other.isSetOrFrozenSet, other.as(SetLayout.self).isOwn {
      var position = 0
      while let e = Sets.next(other.as(SetLayout.self), &position) { try Sets.remove(vm, s, e.key, hash: e.hash) }
      return
    }
    let it = try vm.iter(other)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return }
      try Sets.remove(vm, s, key, hash: try HashTable.hash(vm, key))
    }
  }

  static func symmetricDifferenceUpdate(_ vm: VM, _ s: SetRef, _ other: Value) throws(Raised) {
    if other == Value(s) { return Sets.clear(s) }
    if other.isExact(rt.types.dict), other.as(DictLayout.self).isOwn {
      var position = 0
      while let e = Dicts.next(other, &position) {
        if try !Sets.remove(vm, s, e.key, hash: e.hash) { try Sets.add(vm, s, e.key, hash: e.hash) }
      }
      return
    }
    let keys = other.isSetOrFrozenSet && other.as(SetLayout.self).isOwn ? other : try vm.set(from: other)
    var position = 0
    while let e = Sets.next(keys.as(SetLayout.self), &position) {
      if try !Sets.remove(vm, s, e.key, hash: e.hash) { try Sets.add(vm, s, e.key, hash: e.hash) }
    }
  }

  /// Replaces the contents of `s` by those of `source`, a set that nobody else has.
  static func take(_ s: SetRef, from source: SetRef) {
    s.pointee.entries = source.pointee.entries
    s.pointee.indices = source.pointee.indices
    s.pointee.count = source.pointee.count
    s.pointee.used = source.pointee.used
    s.pointee.capacity = source.pointee.capacity
    s.pointee.log2Size = source.pointee.log2Size
    s.pointee.stringKeysOnly = source.pointee.stringKeysOnly
    s.pointee.hash = -1
  }

  static func isSubset(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if Sets.count(a) > Sets.count(b) { return false }
    var position = 0
    while let e = Sets.next(a.as(SetLayout.self), &position) {
      if try !Sets.contains(vm, b.as(SetLayout.self), e.key, hash: e.hash) { return false }
    }
    return true
  }

  /// The comparison of two sets or frozensets whose keys can be compared without a call: 1 or 0; -1 for others.
  static func compareAtOnce(_ op: CompareOp, _ a: Value, _ b: Value) -> Int {
    let x = a.as(SetLayout.self), y = b.as(SetLayout.self)
    guard x.isOwn, y.isOwn else { return -1 }
    let m = x.pointee.count, n = y.pointee.count
    switch op {
    case .eq, .ne:
      let outcome = m == n ? isSubsetAtOnce(x, y) : 0
      return outcome < 0 || op == .eq ? outcome : 1 &- outcome
    case .le: return isSubsetAtOnce(x, y)
    case .ge: return isSubsetAtOnce(y, x)
    case .lt: return m < n ? isSubsetAtOnce(x, y) : 0
    case .gt: return m > n ? isSubsetAtOnce(y, x) : 0
    }
  }

  private static func isSubsetAtOnce(_ a: SetRef, _ b: SetRef) -> Int {
    if a.pointee.count > b.pointee.count { return 0 }
    guard let entries = a.pointee.entries else { return 1 }
    let table = b.table
    for i in 0..<a.pointee.used where entries[i].key != .tombstone {
      let looked = HashTable.look(table, entries[i].key, entries[i].hash, Sets.stride)
      if looked > 0 { continue }
      let outcome = looked == 0 ? 0 : containsAtOnce(table, entries[i].key)
      if outcome <= 0 { return outcome }
    }
    return 1
  }
  /// 1 or 0; -1 when a comparison might run Python code.
  @inline(never)
  private static func containsAtOnce(_ table: TableRef, _ key: Value) -> Int {
    var hash = 0
    guard let probe = HashTable.probeAtOnce(table, key, Sets.stride, &hash) else { return -1 }
    return probe.isFound ? 1 : 0
  }

  static func isDisjoint(_ vm: VM, _ s: Value, _ other: Value) throws(Raised) -> Bool {
    if s == other { return Sets.count(s) == 0 }
    if other.isSetOrFrozenSet, other.as(SetLayout.self).isOwn {
      var walked = s.as(SetLayout.self), probed = other.as(SetLayout.self)
      if walked.pointee.count > probed.pointee.count { swap(&walked, &probed) }
      var position = 0
      while let e = Sets.next(walked, &position) {
        if try Sets.contains(vm, probed, e.key, hash: e.hash) { return false }
      }
      return true
    }
    let it = try vm.iter(other)
    while true {
      let key = try vm.next(it)
      if key == .exhausted { return true }
      if try Sets.contains(vm, s, key) { return false }
    }
  }
}
