/// What a new class adds to its base's memory: `__slots__`, attribute storage, weak references.
struct SlotPlan {
  /// Mangled names of the new slots, in alphabetical order: a list
  private let names: Value
  private var addsDict = false
  private var addsWeakref = false
  private let hasSlots: Bool

  init(_ vm: VM, _ base: TypeRef, _ bases: Value, _ dict: Value, _ className: Value) throws(Raised) {
    names = try vm.list()
    let slots = Dicts.get(dict, str: rt.pointee.names.__slots__)
    let mayAddDict = base.pointee.attributesOffset == 0 && base.pointee.dictOffset == 0
    let mayAddWeakref = !base.pointee.flags.contains(.weakReferenceable)
    hasSlots = !slots.isNull
    if slots.isNull {
      addsDict = mayAddDict
      addsWeakref = mayAddWeakref
      return
    }
    let all = slots.isStr ? try vm.tuple(slots) : try vm.tuple(from: slots)
    let t = all.as(TupleLayout.self)
    if t.pointee.count > 0 && SlotPlan.refusesSlots(base) {
      throw vm.raise(.typeError, "nonempty __slots__ not supported for subtype of '\(base.nameForMessages)'")
    }
    for i in 0..<t.pointee.count { try add(vm, t.items[i], dict, className, mayAddDict, mayAddWeakref) }
    // Sorted, so that two classes with the same slots have the same layout.
    _ = try vm.callMethod(names, "sort")
    // Another base may bring a dict or weak references.
    let b = bases.as(TupleLayout.self)
    if b.pointee.count > 1 {
      for i in 0..<b.pointee.count {
        let other = b.items[i].asType
        if other == base { continue }
        if mayAddDict && !addsDict && (other.pointee.attributesOffset != 0 || other.pointee.dictOffset != 0) { addsDict = true }
        if mayAddWeakref && !addsWeakref && other.pointee.flags.contains(.weakReferenceable) { addsWeakref = true }
      }
    }
  }

  /// CPython's variable-sized types.
  private static func refusesSlots(_ base: TypeRef) -> Bool {
    TypeAttributes.itemSize(base) != 0
  }

  private mutating func add(
    _ vm: VM, _ slot: Value, _ dict: Value, _ className: Value, _ mayAddDict: Bool, _ mayAddWeakref: Bool
  ) throws(Raised) {
    guard slot.isStr else { throw vm.raise(.typeError, "__slots__ items must be strings, not '\(slot.typeName)'") }
    if try !vm.isTrue(try vm.callMethod(slot, "isidentifier")) {
      throw vm.raise(.typeError, "__slots__ must be identifiers")
    }
    let name = try vm.intern(slot)
    if name == rt.pointee.names.__dict__ {
      if !mayAddDict || addsDict { throw vm.raise(.typeError, "__dict__ slot disallowed: we already got one") }
      addsDict = true
      return
    }
    if name == rt.pointee.names.__weakref__ {
      if !mayAddWeakref || addsWeakref {
        throw vm.raise(.typeError, "__weakref__ slot disallowed: either we already got one, or __itemsize__ != 0")
      }
      addsWeakref = true
      return
    }
    let mangled = try vm.intern(try NameMangling.mangle(vm, name, className))
    let inDict = Dicts.get(dict, str: mangled)
    if !inDict.isNull && mangled != rt.pointee.names.__qualname__ && mangled != rt.pointee.names.__classcell__ {
      throw vm.raise(.valueError, "'\(mangled.swiftString)' in __slots__ conflicts with class variable")
    }
    try vm.append(names, mangled)
  }

  /// Sizes and offsets of instances.
  func apply(to type: TypeRef, _ base: TypeRef) {
    let list = names.as(ListLayout.self)
    let count = Int32(list.pointee.count)
    type.pointee.instanceSize = base.pointee.instanceSize + count * 8
    type.pointee.slotCount = base.pointee.slotCount + count
    type.pointee.slotsOffset = base.pointee.slotCount == 0 ? base.pointee.instanceSize : base.pointee.slotsOffset
    if base.pointee.attributesOffset != 0 || addsDict {
      type.pointee.flags.insert(.hasAttributes)
      type.pointee.attributesOffset = type.pointee.instanceSize
      type.pointee.inlineCapacity = max(base.pointee.inlineCapacity, addsDict ? 4 : 0)
    }
    if base.pointee.flags.contains(.weakReferenceable) || addsWeakref { type.pointee.flags.insert(.weakReferenceable) }
  }

  func addDescriptors(_ vm: VM, _ type: TypeRef) throws(Raised) {
    guard let base = type.pointee.base else { return }
    let list = names.as(ListLayout.self)
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      let d = try Descriptors.member(
        vm, type, items[i], offset: Int(base.pointee.instanceSize) + i * 8, readOnly: false, whenNull: .null)
      try Dicts.set(vm, type.pointee.dict, items[i], d)
      i += 1
    }
    if addsDict && Dicts.get(type.pointee.dict, str: rt.pointee.names.__dict__).isNull {
      try addGetset(
        vm, type, rt.pointee.names.__dict__, "dictionary for instance variables (if defined)",
        NoArgsCode(ObjectAttributes.getDictOfClass), StoreCode(ObjectAttributes.setDictOfClass))
    }
    if addsWeakref && Dicts.get(type.pointee.dict, str: rt.pointee.names.__weakref__).isNull {
      try addGetset(
        vm, type, rt.pointee.names.__weakref__, "list of weak references to the object (if defined)",
        NoArgsCode(WeakRefs.getWeakref), nil)
    }
  }

  private func addGetset(
    _ vm: VM, _ type: TypeRef, _ name: Value, _ doc: StaticString, _ get: NoArgsCode, _ set: StoreCode?
  ) throws(Raised) {
    let d = try vm.make(GetsetLayout.self, rt.pointee.types.getsetDescriptor)
    d.pointee = GetsetLayout(
      header: d.pointee.header, name: name, owner: Value(type), get: get, set: set, doc: StaticText(doc))
    try Dicts.set(vm, type.pointee.dict, name, Value(d))
  }
}

/// Private names in class bodies: `__x` becomes `_Class__x`.
enum NameMangling {
  static func mangle(_ vm: VM, _ name: Value, _ className: Value) throws(Raised) -> Value {
    let text = name.swiftString
    guard text.utf8.starts(with: "__".utf8), !text.utf8.reversed().starts(with: "__".utf8), className.isStr else { return name }
    let stripped = className.swiftString.drop(while: { $0 == "_" })
    if stripped.isEmpty { return name }
    return try vm.str("_\(stripped)\(text)")
  }
}
