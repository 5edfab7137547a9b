// Slots of classes: derived from what the mro holds under the dunder names, at creation and whenever one is assigned.

enum SlotDerivation {
  /// All slots of a heap type. With one base and the default mro only the names in the class's own dictionary can differ from
  /// the base's slots.
  static func deriveAll(_ type: TypeRef) {
    let bases = type.pointee.bases.as(TupleLayout.self)
    if bases.pointee.count == 1, let base = type.pointee.base, followsBase(type, base) {
      type.pointee.slots = base.pointee.slots
      // A builtin that cannot be instantiated may still have subclasses that bring their own `__new__`.
      var position = 0
      while let entry = Dicts.next(type.pointee.dict, &position) {
        guard entry.key.isStr else { continue }
        let name = SlotTable.knownName(entry.key)
        if !name.isNull { update(type, name: name) }
      }
    } else {
      inheritNameless(type)
      let isComplete = noteNames(type)
      var i = 0
      while i < SlotTable.count {
        let end = groupEnd(i)
        if isComplete && !(i..<end).contains(where: { SlotTable.isNoted($0) }) {
          TypeFactory.slotWords(type)[SlotTable.entries[i].index] = nil
        } else {
          store(type, i, end)
        }
        i = end
      }
    }
    TypeFactory.refreshFastPaths(type)
  }

  /// Notes which special names the namespaces of the mro hold: most are in none, and need no look-up in each.
  /// - Returns: false if a key is no interned str, which may equal a name all the same
  private static func noteNames(_ type: TypeRef) -> Bool {
    SlotTable.forgetNoted()
    let mro = type.pointee.mro.as(TupleLayout.self)
    for i in 0..<mro.pointee.count {
      var position = 0
      while let entry = Dicts.next(mro.items[i].asType.pointee.dict, &position) {
        guard entry.key.isExactStr, entry.key.as(StrLayout.self).pointee.flags.contains(.interned) else { return false }
        SlotTable.note(entry.key)
      }
    }
    return true
  }

  private static func followsBase(_ type: TypeRef, _ base: TypeRef) -> Bool {
    let mro = type.pointee.mro.as(TupleLayout.self)
    let other = base.pointee.mro.as(TupleLayout.self)
    guard mro.pointee.count == other.pointee.count + 1 else { return false }
    for i in 0..<other.pointee.count where mro.items[i + 1] != other.items[i] { return false }
    return true
  }

  /// Slots without a dunder name: the buffer protocol.
  private static func inheritNameless(_ type: TypeRef) {
    let mro = type.pointee.mro.as(TupleLayout.self)
    for i in 1..<max(1, mro.pointee.count) {
      let t = mro.items[i].asType
      if let buffer = t.pointee.slots.buffer {
        type.pointee.slots.buffer = buffer
        type.pointee.slots.releaseBuffer = t.pointee.slots.releaseBuffer
        return
      }
    }
  }

  private static func groupEnd(_ start: Int) -> Int {
    var end = start + 1
    while end < SlotTable.count && SlotTable.entries[end].index == SlotTable.entries[start].index { end += 1 }
    return end
  }

  /// Recomputes every slot that `name` stands for, in `type` alone.
  static func update(_ type: TypeRef, name: Value) {
    for i in 0..<SlotTable.count where SlotTable.entries[i].name == name {
      var start = i
      while start > 0 && SlotTable.entries[start - 1].index == SlotTable.entries[i].index { start -= 1 }
      store(type, start, groupEnd(start))
    }
  }

  /// Recomputes the slots of `name` in `type` and in all subclasses that do not override it.
  static func updateTree(_ type: TypeRef, name: Value) {
    update(type, name: name)
    TypeFactory.refreshFastPaths(type)
    Types.forEachSubclass(type) { sub in
      if Dicts.get(sub.pointee.dict, str: name).isNull || sub.pointee.flags.contains(.heapType) { updateTree(sub, name: name) }
    }
  }

  private static func store(_ type: TypeRef, _ start: Int, _ end: Int) {
    let word = SlotTable.entries[start].index
    TypeFactory.slotWords(type)[word] = derive(type, word, start, end)
  }

  /// What the slot at `word` must hold: the native code of the builtin that supplies all of the slot's methods, the
  /// dispatching function if Python code supplies any of them, else nothing.
  private static func derive(_ type: TypeRef, _ word: Int, _ start: Int, _ end: Int) -> UnsafeRawPointer? {
    var specific: UnsafeRawPointer?
    var useGeneric = false
    for i in start..<end {
      let e = SlotTable.entries[i]
      guard let (v, owner) = Types.lookupWithOwner(type, e.name) else { continue }
      var candidate: UnsafeRawPointer?
      if !owner.pointee.flags.contains(.heapType) {
        if v.isNone {
          if e.kind == .hash { return nil }
          useGeneric = true
          continue
        }
        candidate = TypeFactory.slotWords(owner)[word]
        if candidate == nil { continue }
      } else if v.isExact(rt.pointee.types.wrapperDescriptor) {
        let w = v.as(WrapperDescriptorLayout.self)
        let known = SlotTable.entries[w.pointee.entry]
        guard known.name == e.name, type.isSubtype(of: w.pointee.owner.asType) else {
          useGeneric = true
          continue
        }
        // The same method seen through the slot's twin (`__len__` of mapping and sequence): nothing for this one.
        if known.index != word { continue }
        candidate = w.pointee.code
      } else if v.isNone && e.kind == .hash {
        return nil
      } else {
        useGeneric = true
        continue
      }
      if specific == nil || specific == candidate { specific = candidate } else { useGeneric = true }
    }
    if useGeneric { return SlotTable.entries[start].generic }
    if SlotTable.entries[start].kind == .new, let solid = type.pointee.solidBase {
      // C types all have the memory of the first of them, which may be abstract (numpy.generic): the base decides.
      let maker = solid.pointee.flags.contains(.foreign) ? type.pointee.base ?? solid : solid
      if maker.pointee.slots.new == nil { return nil }
    }
    return specific
  }
}
