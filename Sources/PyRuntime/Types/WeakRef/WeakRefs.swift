/// Weak references: making them and finding those of an object.
enum WeakRefs {
  /// A reference without callback for the runtime's own lists; it is not found by `weakref.ref`.
  static func internalReference(_ vm: VM, _ referent: Value) throws(Raised) -> Value {
    let r = try vm.make(WeakRefLayout.self, rt.pointee.types.weakref)
    r.pointee.referent = referent
    r.pointee.hash = -1
    r.pointee.isInternal = true
    rt.pointee.heap.weakReferences.append(UnsafeMutableRawPointer(r))
    return Value(r)
  }

  /// A reference of `type` (`ref`, a proxy, or a subclass). Plain ones without callback are shared.
  static func make(_ vm: VM, _ type: TypeRef, _ referent: Value, _ callback: Value) throws(Raised) -> Value {
    guard referent.isCell && referent.cellType.pointee.flags.contains(.weakReferenceable) else {
      throw vm.raise(.typeError, "cannot create weak reference to '\(referent.typeName)' object")
    }
    let types = rt.pointee.types
    let shared = type == types.weakref || type == types.weakProxy || type == types.weakCallableProxy
    if callback.isNull && shared {
      var r = WeakTable.chain(referent)
      while let u = r {
        if u.pointee.callback.isNull && u.pointee.header.type == type { return Value(u) }
        r = u.pointee.next
      }
    }
    let r = try vm.instance(WeakRefLayout.self, of: type)
    r.pointee.referent = referent
    r.pointee.callback = callback
    r.pointee.hash = -1
    rt.pointee.heap.weakReferences.append(UnsafeMutableRawPointer(r))
    WeakTable.insert(r)
    return Value(r)
  }

  /// What `__weakref__` shows: a weak reference to `v`, or None.
  static func getWeakref(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    WeakTable.chain(v).map { Value($0) } ?? .none
  }

  /// Live references to `v` that Python made, as a list.
  static func all(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let list = try vm.list()
    var r = WeakTable.chain(v)
    while let u = r {
      try vm.append(list, Value(u))
      // Appending may have collected: the chain is then made again, and this reference is still in it.
      r = u.pointee.next
    }
    return list
  }
}

/// Chains of references by referent: open addressing over addresses, outside the heap. A collection invalidates it (references and
/// referents may have died); it is made again from `Heap.weakReferences` when next asked.
enum WeakTable {
  private struct Entry {
    var referent: UInt64
    var first: UnsafeMutablePointer<WeakRefLayout>?
  }
  nonisolated(unsafe) private static var entries: UnsafeMutablePointer<Entry>?
  nonisolated(unsafe) private static var capacity = 0
  nonisolated(unsafe) private static var used = 0
  nonisolated(unsafe) private static var collections = -1

  private static func place(_ referent: UInt64) -> Int {
    Int(truncatingIfNeeded: ((referent >> 4) &* 0x9E37_79B9_7F4A_7C15) >> 32) & (capacity - 1)
  }

  static func chain(_ v: Value) -> UnsafeMutablePointer<WeakRefLayout>? {
    guard v.isCell else { return nil }
    refresh()
    guard let entries, capacity > 0 else { return nil }
    var i = place(v.bits)
    while entries[i].referent != 0 {
      if entries[i].referent == v.bits { return entries[i].first }
      i = (i &+ 1) & (capacity - 1)
    }
    return nil
  }

  static func insert(_ r: UnsafeMutablePointer<WeakRefLayout>) {
    let fresh = collections == rt.pointee.heap.collections && capacity > 0
    refresh()
    // A table that was just made has the reference already.
    if fresh { add(r) }
  }

  private static func add(_ r: UnsafeMutablePointer<WeakRefLayout>) {
    if (used + 1) * 2 > capacity { return rebuild() }
    guard let entries else { return }
    let bits = r.pointee.referent.bits
    var i = place(bits)
    while entries[i].referent != 0 && entries[i].referent != bits { i = (i &+ 1) & (capacity - 1) }
    if entries[i].referent == 0 {
      used += 1
      entries[i] = Entry(referent: bits, first: r)
      r.pointee.next = nil
      return
    }
    // The shared reference stands first, the shared proxy behind it, the others behind these.
    var last: UnsafeMutablePointer<WeakRefLayout>?
    var next = entries[i].first
    while let u = next, rank(u) < 2, rank(u) < rank(r) {
      last = u
      next = u.pointee.next
    }
    r.pointee.next = next
    if let last { last.pointee.next = r } else { entries[i].first = r }
  }

  private static func rank(_ r: UnsafeMutablePointer<WeakRefLayout>) -> Int {
    if !r.pointee.callback.isNull { return 2 }
    let type = r.pointee.header.type, types = rt.pointee.types
    return type == types.weakref ? 0 : type == types.weakProxy || type == types.weakCallableProxy ? 1 : 2
  }

  private static func refresh() {
    if collections != rt.pointee.heap.collections || capacity == 0 { rebuild() }
  }

  private static func rebuild() {
    collections = rt.pointee.heap.collections
    let vector = rt.pointee.heap.weakReferences
    var size = 64
    while size < vector.count * 2 + 2 { size *= 2 }
    entries?.deallocate()
    let table = UnsafeMutablePointer<Entry>.allocate(capacity: size * 2)
    table.initialize(repeating: Entry(referent: 0, first: nil), count: size * 2)
    entries = table
    capacity = size * 2
    used = 0
    guard let items = vector.items else { return }
    for i in 0..<vector.count {
      let r = items[i].assumingMemoryBound(to: WeakRefLayout.self)
      if !r.pointee.isInternal && r.pointee.referent.isCell { add(r) }
    }
  }
}
