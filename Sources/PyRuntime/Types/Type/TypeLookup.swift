/// One entry of the global attribute cache: (type version, interned name) → what the mro holds, or null for "nothing".
/// Entries may be stale; they are never used then, because versions are never used twice and interned names that die are
/// forgotten.
package struct TypeCacheEntry {
  package var version: UInt32
  package var name: UInt64
  package var found: Value
}

package enum Types {
  package static let cacheSize = 4096
  nonisolated(unsafe) private static var cache = UnsafeMutablePointer<TypeCacheEntry>(bitPattern: 16).unsafelyUnwrapped

  package static func prepareCache() {
    // All zero is an unused entry, and pages that stay zero cost nothing.
    guard let memory = Heap.zeroPages(cacheSize * MemoryLayout<TypeCacheEntry>.stride) else {
      Heap.die("amphis: out of memory while starting\n")
    }
    cache = memory.assumingMemoryBound(to: TypeCacheEntry.self)
  }

  /// Before their memory serves for other names.
  static func forgetDeadNames(_ heap: UnsafeMutablePointer<Heap>) {
    for i in 0..<cacheSize where cache[i].name != 0 && !heap.pointee.isMarked(Value(bits: cache[i].name).cell) {
      cache[i] = TypeCacheEntry(version: 0, name: 0, found: .null)
    }
    PolymorphicCache.forgetDeadNames(heap)
  }

  /// Attribute of a type through its mro, unbound; null when missing. Cached by type version.
  @inline(__always)
  package static func lookup(_ type: TypeRef, _ name: Value) -> Value {
    let version = type.pointee.version
    let hash = (UInt64(version) &* 0x9E37_79B1) ^ (name.bits >> 4)
    let entry = cache + Int(truncatingIfNeeded: hash & UInt64(cacheSize - 1))
    if entry.pointee.name == name.bits && entry.pointee.version == version && version != 0 { return entry.pointee.found }
    return lookupSlowly(type, name, entry)
  }

  @inline(never)
  private static func lookupSlowly(_ type: TypeRef, _ name: Value, _ entry: UnsafeMutablePointer<TypeCacheEntry>) -> Value {
    let found = walk(type, name)
    if type.pointee.version != 0, name.isExactStr, name.as(StrLayout.self).pointee.flags.contains(.interned) {
      entry.pointee = TypeCacheEntry(version: type.pointee.version, name: name.bits, found: found)
    }
    return found
  }

  private static func walk(_ type: TypeRef, _ name: Value) -> Value {
    let mro = type.pointee.mro
    if mro.isNull {
      var t: TypeRef? = type
      while let u = t {
        if !u.pointee.dict.isNull {
          let v = Dicts.get(u.pointee.dict, str: name)
          if !v.isNull { return v }
        }
        t = u.pointee.base
      }
      return .null
    }
    let tuple = mro.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count {
      let v = Dicts.get(tuple.items[i].asType.pointee.dict, str: name)
      if !v.isNull { return v }
    }
    return .null
  }

  /// Like `lookup`, with the type in whose dictionary the attribute lies.
  package static func lookupWithOwner(_ type: TypeRef, _ name: Value) -> (value: Value, owner: TypeRef)? {
    let mro = type.pointee.mro
    guard !mro.isNull else { return nil }
    let tuple = mro.as(TupleLayout.self)
    for i in 0..<tuple.pointee.count {
      let t = tuple.items[i].asType
      let v = Dicts.get(t.pointee.dict, str: name)
      if !v.isNull { return (v, t) }
    }
    return nil
  }

  /// A version that no type had before; 0 (not cacheable) once they are used up.
  package static func freshVersion() -> UInt32 {
    let v = rt.pointee.nextTypeVersion
    if v == UInt32.max { return 0 }
    rt.pointee.nextTypeVersion = v &+ 1
    return v
  }

  /// Tells caches that `type` (and so its subclasses) changed.
  package static func modified(_ type: TypeRef) {
    type.pointee.version = freshVersion()
    TupleHashes.forget()
    forEachSubclass(type) { modified($0) }
  }

  /// The direct subclasses that are alive.
  package static func forEachSubclass(_ type: TypeRef, _ body: (TypeRef) -> Void) {
    let list = type.pointee.subclasses
    if list.isNull { return }
    // An `mro` method that assigns bases while they are being assigned can make the tree of subclasses as deep as it likes.
    if let thread = rt.pointee.currentThread, VM(thread).nativeStackIsLow { return }
    let l = list.as(ListLayout.self)
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      let referent = items[i].as(WeakRefLayout.self).pointee.referent
      if referent.isType { body(referent.asType) }
      i &+= 1
    }
  }

  /// Enters `type` as a subclass of `base`, in the place of a dead one if there is any.
  package static func addSubclass(_ vm: VM, _ base: TypeRef, _ type: TypeRef) throws(Raised) {
    if base.pointee.subclasses.isNull { base.pointee.subclasses = try vm.list() }
    let ref = try WeakRefs.internalReference(vm, Value(type))
    let list = base.pointee.subclasses.as(ListLayout.self)
    for i in 0..<list.pointee.count {
      if let items = list.pointee.items, items[i].as(WeakRefLayout.self).pointee.referent.isNull {
        items[i] = ref
        return
      }
    }
    try vm.append(base.pointee.subclasses, ref)
  }

  package static func removeSubclass(_ base: TypeRef, _ type: TypeRef) {
    if base.pointee.subclasses.isNull { return }
    let list = base.pointee.subclasses.as(ListLayout.self)
    for i in 0..<list.pointee.count {
      guard let items = list.pointee.items else { return }
      let ref = items[i].as(WeakRefLayout.self)
      if ref.pointee.referent == Value(type) { ref.pointee.referent = .null }
    }
  }

  /// `cls[item]` by way of `__class_getitem__`
  package static func classGetItem(_ vm: VM, _ cls: Value, _ item: Value) throws(Raised) -> Value {
    // type[int] itself is an alias too.
    if cls == Value(rt.pointee.types.type) { return try GenericAliasType.make(vm, cls, item) }
    let method = try vm.getAttributeOrNull(cls, rt.pointee.names.__class_getitem__)
    if !method.isNull && !method.isNone { return try vm.call(method, item) }
    throw vm.raise(.typeError, "type '\(cls.asType.nameForMessages)' is not subscriptable")
  }
}

/// The different names of a type.
package enum TypeNames {
  /// `__qualname__`
  package static func qualname(_ type: TypeRef) -> String {
    if type.pointee.flags.contains(.heapType), !type.pointee.qualname.isNull { return type.pointee.qualname.swiftString }
    return short(type)
  }
  /// `__name__`: the part behind the last dot of a builtin's full name.
  package static func short(_ type: TypeRef) -> String {
    let full = type.nameForMessages
    if type.pointee.flags.contains(.heapType) { return full }
    guard let dot = full.utf8.lastIndex(of: UInt8(ascii: ".")) else { return full }
    return String(full[full.index(after: dot)...])
  }
  /// How many bytes of `full` the part behind its last dot comes after: 0 without a dot.
  static func shortStart(_ full: UnsafeRawBufferPointer) -> Int {
    var start = full.count
    while start > 0 && full[start &- 1] != UInt8(ascii: ".") { start &-= 1 }
    return start
  }
  /// The same as a view of the type's name.
  static func shortView(_ type: TypeRef) -> StrView {
    let full = StrView(type.pointee.name)
    if type.pointee.flags.contains(.heapType) { return full }
    var start = full.length
    while start > 0 && full[start &- 1] != 0x2E { start &-= 1 }
    return full.slice(start, full.length)
  }
}
