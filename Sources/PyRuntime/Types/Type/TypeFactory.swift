/// Makes and completes builtin types.
package enum TypeFactory {
  package static func makeBuiltin(
    _ vm: VM, _ name: StaticString, base: TypeRef?, layoutSize: Int, flags: TypeFlags, module: Value
  ) throws(Raised) -> TypeRef {
    let type = try vm.make(TypeLayout.self, rt.pointee.types.type)
    try vm.append(rt.pointee.builtinTypeList, Value(type))
    initialize(type, base: base ?? rt.pointee.types.object, layoutSize: layoutSize, flags: flags)
    try nameBuiltin(vm, type, name)
    if !module.isNull {
      // `module` is a module object, or already its name.
      type.pointee.moduleName =
        module.isStr ? module : Dicts.get(module.as(ModuleLayout.self).pointee.dict, str: rt.pointee.names.__name__)
    }
    return type
  }

  /// Sets the fields that need no other object.
  package static func initialize(_ type: TypeRef, base: TypeRef?, layoutSize: Int, flags: TypeFlags) {
    type.pointee.flags = flags
    type.pointee.base = base
    let size = (layoutSize + 7) & ~7
    type.pointee.instanceSize = Int32(size)
    if flags.contains(.hasAttributes) {
      type.pointee.attributesOffset = Int32(size)
    }
    type.pointee.slotsOffset = Int32(size)
  }

  /// Names a builtin: "int", or "collections.deque", whose first part is then the module's name.
  package static func nameBuiltin(_ vm: VM, _ type: TypeRef, _ name: StaticString) throws(Raised) {
    type.pointee.name = try vm.intern(name)
    type.pointee.dict = try vm.dict()
    let text = name.rawBuffer
    let start = TypeNames.shortStart(text)
    type.pointee.moduleName =
      start > 0 ? try vm.intern(try vm.internName(utf8: UnsafeRawBufferPointer(rebasing: text[..<(start - 1)]))) : rt.pointee.names.builtins
  }

  /// mro, inherited slots, dunder wrappers.
  package static func ready(_ vm: VM, _ type: TypeRef) throws(Raised) {
    let base = type.pointee.base
    if type.pointee.bases.isNull {
      type.pointee.bases = base == nil ? rt.pointee.emptyTuple : try vm.tuple(Value(base.unsafelyUnwrapped))
    }
    if type.pointee.mro.isNull { type.pointee.mro = try MethodResolution.ofBuiltin(vm, type) }
    fillFromDict(type)
    try addWrappers(vm, type)
    if let base { inherit(type, base) }
    let brings = type.pointee.attributesOffset != 0 || type.pointee.dictOffset != 0
    if brings && (base?.pointee.attributesOffset ?? 0) == 0 && (base?.pointee.dictOffset ?? 0) == 0
      && Dicts.get(type.pointee.dict, str: rt.pointee.names.__dict__).isNull
    {
      Descriptors.addGetset(
        vm, to: type, "__dict__", nil, NoArgsCode(ObjectAttributes.getDict), StoreCode(ObjectAttributes.setFixedDict))
    }
    finishFlags(type)
    if Dicts.get(type.pointee.dict, str: rt.pointee.names.__doc__).isNull {
      try Dicts.set(vm, type.pointee.dict, rt.pointee.names.__doc__, type.pointee.doc.isNull ? .none : try TypeDoc.text(vm, type))
    }
    type.pointee.version = Types.freshVersion()
    if type.pointee.attributesOffset != 0 && type.pointee.rootShape == nil {
      type.pointee.rootShape = try Shapes.makeRoot(vm, type)
    }
    if let base { try Types.addSubclass(vm, base, type) }
  }

  /// A slot whose dunder method was declared as an ordinary method gets the dispatching function.
  private static func fillFromDict(_ type: TypeRef) {
    let words = slotWords(type)
    var position = 0
    while let item = Dicts.next(type.pointee.dict, &position) {
      // A type has few methods of its own with a slot's name; names are interned.
      guard item.value.isExact(rt.pointee.types.methodDescriptor), item.key.isExactStr, Str.length(item.key) > 4,
        item.key.as(StrLayout.self)[codePoint: 0] == 0x5F
      else { continue }
      for i in 0..<SlotTable.count where SlotTable.entries[i].name == item.key {
        let e = SlotTable.entries[i]
        if words[e.index] == nil, let generic = e.generic, e.kind != .new { words[e.index] = generic }
      }
    }
  }

  @inline(__always)
  package static func slotWords(_ type: TypeRef) -> UnsafeMutablePointer<UnsafeRawPointer?> {
    let offset = MemoryLayout<TypeLayout>.offset(of: \TypeLayout.slots) ?? 0
    return (UnsafeMutableRawPointer(type) + offset).assumingMemoryBound(to: UnsafeRawPointer?.self)
  }

  /// `int.__add__` and its like, for every slot the type itself sets.
  private static func addWrappers(_ vm: VM, _ type: TypeRef) throws(Raised) {
    let words = slotWords(type)
    let dict = type.pointee.dict
    for i in 0..<SlotTable.count {
      let e = SlotTable.entries[i]
      guard let code = words[e.index], e.signature.utf8CodeUnitCount != 0 || e.kind == .new else { continue }
      if code == e.generic { continue }
      if !Dicts.get(dict, str: e.name).isNull { continue }
      if e.kind == .new {
        try Dicts.set(vm, dict, e.name, try NewWrapper.make(vm, type))
      } else {
        try Dicts.set(vm, dict, e.name, try Descriptors.wrapper(vm, type, entry: i, code: code))
      }
    }
    if type.pointee.slots.compare != nil && type.pointee.slots.hash == nil {
      if Dicts.get(dict, str: rt.pointee.names.__hash__).isNull { try Dicts.set(vm, dict, rt.pointee.names.__hash__, .none) }
    }
  }

  private static func inherit(_ type: TypeRef, _ base: TypeRef) {
    let mine = slotWords(type)
    let theirs = slotWords(base)
    let inheritsComparison = type.pointee.slots.compare == nil && type.pointee.slots.hash == nil
    let compare = type.pointee.slots.compare
    let hash = type.pointee.slots.hash
    let new = type.pointee.slots.new
    for i in 0..<TypeSlots.count where mine[i] == nil { mine[i] = theirs[i] }
    if !inheritsComparison {
      type.pointee.slots.compare = compare
      type.pointee.slots.hash = hash
    }
    // A builtin that derives from object directly and has no constructor of its own cannot be instantiated.
    if new == nil && base == rt.pointee.types.object { type.pointee.slots.new = nil }
    if type.pointee.flags.contains(.disallowInstantiation) { type.pointee.slots.new = nil }
  }

  /// Flags, layout facts and tracing that follow from base and slots.
  package static func finishFlags(_ type: TypeRef) {
    if let base = type.pointee.base {
      let inherited: TypeFlags = [
        .weakReferenceable, .adoptable, .sequencePattern, .mappingPattern, .matchSelf, .foreign,
      ]
      type.pointee.flags.formUnion(base.pointee.flags.intersection(TypeFlags.subclassBits))
      type.pointee.flags.formUnion(base.pointee.flags.intersection(inherited))
      if type.pointee.traceKind == .leaf && type.pointee.trace == nil {
        type.pointee.traceKind = base.pointee.traceKind
        type.pointee.trace = base.pointee.trace
      }
      if type.pointee.dictOffset == 0 { type.pointee.dictOffset = base.pointee.dictOffset }
      if type.pointee.attributesOffset == 0 && base.pointee.attributesOffset != 0 {
        type.pointee.flags.insert(.hasAttributes)
        type.pointee.attributesOffset = type.pointee.instanceSize
      }
      if type.pointee.slotCount == 0 {
        type.pointee.slotsOffset = base.pointee.slotsOffset
        type.pointee.slotCount = base.pointee.slotCount
      }
      let sameLayout = type.pointee.instanceSize == base.pointee.instanceSize
      type.pointee.solidBase = sameLayout ? base.pointee.solidBase : type
    } else {
      type.pointee.solidBase = type
    }
    refreshFastPaths(type)
  }

  /// What the bridge gives its types to get and to set attributes of instances; nil before the first.
  nonisolated(unsafe) package static var bridgedGet: OneCode?
  nonisolated(unsafe) package static var bridgedSet: StoreCode?

  /// Flags that say which slots are the plain ones; to be called whenever slots change.
  package static func refreshFastPaths(_ type: TypeRef) {
    let generic = rt.pointee.types.object.pointee.slots
    // A class of Python's that derives from a type of CPython's keeps all attributes on our side: the bridge would ask object's slots anyway,
    // but nobody could know that what they find may be cached.
    if type.pointee.flags.isSuperset(of: [.heapType, .foreign]) {
      if let bridged = bridgedGet, type.pointee.slots.getAttribute == bridged { type.pointee.slots.getAttribute = generic.getAttribute }
      if let bridged = bridgedSet, type.pointee.slots.setAttribute == bridged { type.pointee.slots.setAttribute = generic.setAttribute }
    }
    func set(_ flag: TypeFlags, _ on: Bool) {
      if on { type.pointee.flags.insert(flag) } else { type.pointee.flags.remove(flag) }
    }
    set(.genericGetAttribute, type.pointee.slots.getAttribute == generic.getAttribute)
    let isOwn = type.pointee.flags.contains(.heapType) && !type.pointee.flags.contains(.foreign) && type.pointee.mro.isTuple
    set(.hookedGetAttribute, isOwn && SlotDispatch.isOnlyHooked(type))
    set(.genericSetAttribute, type.pointee.slots.setAttribute == generic.setAttribute)
    set(.finalized, type.pointee.slots.finalize != nil)
  }
}

/// `__new__` of a builtin type: a builtin function whose receiver is the type.
package enum NewWrapper {
  package static func make(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let f = try NativeFunctions.make(
      vm, rt.pointee.types.builtinFunction, "__new__", nil, "Create and return a new object.  See help(type) for accurate signature.",
      ManyCode(call).code, .many, [])
    f.pointee.signature = StaticText("($type, *args, **kwargs)")
    f.pointee.receiver = Value(type)
    return Value(f)
  }

  /// `receiver.__new__(cls, …)`: refuses classes whose memory another builtin must set up.
  private static func call(_ vm: VM, _ receiver: Value, _ args: Args) throws(Raised) -> Value {
    let type = receiver.asType
    let name = type.nameForMessages
    guard args.count >= 1 else { throw vm.raise(.typeError, "\(name).__new__(): not enough arguments") }
    let cls = args[0]
    guard cls.isType else {
      throw vm.raise(.typeError, "\(name).__new__(X): X is not a type object (\(cls.typeName))")
    }
    let sub = cls.asType
    guard sub.isSubtype(of: type) else {
      throw vm.raise(.typeError, "\(name).__new__(\(sub.nameForMessages)): \(sub.nameForMessages) is not a subtype of \(name)")
    }
    // The most derived builtin among the bases knows how to make the instance; nobody else may.
    var builtin: TypeRef? = sub
    let generic = SlotTable.generic.new
    while let b = builtin, b.pointee.slots.new == generic { builtin = b.pointee.base }
    if let b = builtin, b.pointee.slots.new != type.pointee.slots.new {
      throw vm.raise(
        .typeError, "\(name).__new__(\(sub.nameForMessages)) is not safe, use \(b.nameForMessages).__new__()")
    }
    guard let new = type.pointee.slots.new else { throw vm.raise(.typeError, "cannot create '\(name)' instances") }
    return try new(vm, cls, args.dropFirst(1))
  }
}
