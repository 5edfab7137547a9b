/// Bodies of the attribute instructions in their general form, and what their caches learn from it.
enum AttributeInstructions {
  @inline(never)
  static func load(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    let name = pc.name(pc.pointee.c, fp)
    if object.isExact(rt.types.super), case let method = SuperType.method(object, name), method.isExact(rt.types.function),
      case let bound = bindAtOnce(method, object.as(SuperLayout.self).pointee.object), !bound.isNull
    {
      fp[Int(pc.pointee.a)] = bound
      return
    }
    let value = try vm.getAttribute(object, name)
    if Quickening.mayQuicken(pc) { quickenLoad(pc, object, name) } else { become(.loadAttrMany, .load, pc, name) }
    fp[Int(pc.pointee.a)] = value
  }

  @inline(never)
  static func store(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.a, fp, k)
    let name = pc.name(pc.pointee.c, fp)
    if Quickening.mayQuicken(pc) { quickenStore(pc, object, name) } else { become(.storeAttrMany, .store, pc, name) }
    try vm.setAttribute(object, name, operand(pc.pointee.b, fp, k))
  }

  /// r[a], r[a+1] = method, object when the method can be called with the object as its first argument; else NULL, attribute.
  @inline(never)
  static func loadMethod(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    let name = pc.name(pc.pointee.c, fp)
    try findMethod(vm, fp, pc, object, name) { (value, isMethod) in
      if Quickening.mayQuicken(pc) {
        quickenMethod(pc, object, name, value, isMethod)
      } else {
        become(.loadMethodMany, .method, pc, name)
      }
    }
  }

  /// - Parameter learn: what the site makes of the attribute and whether it is a method
  @inline(__always)
  private static func findMethod(
    _ vm: VM, _ fp: Registers, _ pc: CodePointer, _ object: Value, _ name: Value, learn: (Value, Bool) -> Void
  ) throws(Raised) {
    let destination = Int(pc.pointee.a)
    if object.isExact(rt.types.super) {
      let method = SuperType.method(object, name)
      if !method.isNull {
        if Quickening.mayQuicken(pc) { quickenSuper(pc, object, method) }
        fp[destination] = method
        fp[destination &+ 1] = object.as(SuperLayout.self).pointee.object
        return
      }
    }
    let (value, isMethod) = try ObjectAttributes.method(vm, object, name)
    if value.isNull { throw vm.raiseNoAttribute(object, name) }
    learn(value, isMethod)
    fp[destination] = isMethod ? value : .null
    fp[destination &+ 1] = isMethod ? object : value
  }

  // MARK: many types

  /// The instruction has met many types: from now on it asks the table.
  private static func become(_ form: Instruction, _ kind: PolymorphicCache.Kind, _ pc: CodePointer, _ name: Value) {
    guard name.as(StrLayout.self).pointee.flags.contains(.interned), PolymorphicCache.makeTable() else { return }
    Quickening.setWord(pc, 2, name.bits | kind.rawValue)
    pc.pointee.instruction = form
  }

  @inline(never)
  static func loadMany(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    let word = (pc + 2).pointee.bits
    let entry = PolymorphicCache.find(object, word)
    let name = Value(bits: word & ~15)
    if let entry, entry.pointee.place == PolymorphicCache.dictionary, case let value = Attributes.get(object, name), !value.isNull {
      fp[Int(pc.pointee.a)] = value
      return
    }
    if let entry, entry.pointee.place == PolymorphicCache.bound, case let method = bindAtOnce(entry.pointee.value, object), !method.isNull {
      fp[Int(pc.pointee.a)] = method
      return
    }
    let value = try vm.getAttribute(object, name)
    if entry == nil { PolymorphicCache.learnLoad(object, name, word) }
    fp[Int(pc.pointee.a)] = value
  }

  @inline(never)
  static func storeMany(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.a, fp, k)
    let word = (pc + 2).pointee.bits
    let entry = PolymorphicCache.find(object, word)
    if let entry, let place = PolymorphicCache.overflow(entry, object) {
      place.pointee = operand(pc.pointee.b, fp, k)
      return
    }
    let name = Value(bits: word & ~15)
    if entry == nil { PolymorphicCache.learnStore(object, name, word) }
    try vm.setAttribute(object, name, operand(pc.pointee.b, fp, k))
  }

  @inline(never)
  static func methodMany(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    let word = (pc + 2).pointee.bits
    let name = Value(bits: word & ~15)
    let entry = PolymorphicCache.find(object, word)
    if let entry, entry.pointee.place == PolymorphicCache.dictionary, Attributes.get(object, name).isNull {
      fp[Int(pc.pointee.a)] = entry.pointee.value
      fp[Int(pc.pointee.a) &+ 1] = object
      return
    }
    try findMethod(vm, fp, pc, object, name) { (value, isMethod) in
      if entry == nil { PolymorphicCache.learnMethod(object, name, word, value, isMethod) }
    }
  }

  // MARK: misses

  @inline(never)
  static func loadMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .loadAttr)
    try load(vm, fp, k, pc)
  }
  @inline(never)
  static func storeMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .storeAttr)
    try store(vm, fp, k, pc)
  }
  @inline(never)
  static func methodMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .loadMethod)
    try loadMethod(vm, fp, k, pc)
  }

  // MARK: what caches hold

  /// The shape of an instance whose attribute storage lies at a fixed offset; nil for instances with a dict, with items inline, or
  /// without storage.
  private static func fixedShape(_ object: Value, _ type: TypeRef) -> ShapeRef? {
    guard type.pointee.attributesOffset != 0, !type.hasInlineItems else { return nil }
    let storage = type.attributeStorage(of: object.cell)
    guard let shape = storage.pointee.shape, shape != rt.pointee.dictionaryShape else { return nil }
    return shape
  }

  /// In the place of a shape's number: the instance has a dict, which lacks the name.
  static let dictionaryMark: UInt32 = 0xFFFF_FFFF

  /// What the second cache word says of an instance that does not hide what its type has under `name`: the number of its shape, 0 without
  /// storage, or the mark; nil when it hides it or when that cannot be told.
  private static func absence(_ object: Value, _ type: TypeRef, _ name: Value) -> UInt64? {
    if let shape = fixedShape(object, type) { return Shapes.find(shape, name) < 0 ? UInt64(shape.pointee.id) : nil }
    if !Attributes.hasStorage(object) { return 0 }
    guard let dict = ownDictionary(object), Dicts.entryIndex(Value(dict), str: name) == nil else { return nil }
    return UInt64(dictionaryMark)
  }

  /// The same of a descriptor: one that sets comes before whatever the instance has.
  private static func precedence(of descriptor: Value, _ object: Value, _ type: TypeRef, _ name: Value) -> UInt64? {
    descriptor.type.pointee.slots.descriptorSet == nil ? absence(object, type, name) : 0
  }

  /// The form that an instruction takes and the words by which it knows the object: a version, what `absence` says or the like, and what was found.
  private static func remember(_ pc: CodePointer, _ version: UInt32, _ word: UInt64, _ found: Value, _ form: Instruction) {
    Quickening.setUpper(pc, version)
    Quickening.setWord(pc, 2, word)
    Quickening.setWord(pc, 3, found.bits)
    pc.pointee.instruction = form
  }

  /// Offset from the cell of inline value `i`, or 0 when the value does not lie inline.
  private static func offset(_ type: TypeRef, _ shape: ShapeRef, _ i: Int) -> UInt64 {
    guard i >= 0, i < Int(shape.pointee.inlineCapacity) else { return 0 }
    return UInt64(Int(type.pointee.attributesOffset) &+ AttributeStorage.inlineOffset &+ i &* 8)
  }

  static func quickenLoad(_ pc: CodePointer, _ object: Value, _ name: Value) {
    guard object.isCell else { return }
    let type = object.cellType
    let version = type.pointee.version
    guard version != 0, name.as(StrLayout.self).pointee.flags.contains(.interned) else { return }
    let found = Types.lookup(type, name)
    if type == rt.types.module {
      let dict = object.as(ModuleLayout.self).pointee.dict
      guard found.isNull, dict.isExact(rt.types.dict), dict.as(DictLayout.self).pointee.foreign == nil else { return }
      let keys = Dicts.keysVersion(dict)
      guard keys != 0, let entry = Dicts.entryIndex(dict, str: name) else { return }
      Quickening.setUpper(pc, keys)
      Quickening.setWord(pc, 2, UInt64(entry))
      pc.pointee.instruction = .loadAttrModule
      return
    }
    if isPlainClass(object, type) {
      let isHooked = isHookedMetaclass(type)
      if !isHooked, !found.isNull, found.type.pointee.slots.descriptorSet != nil, quickenDescriptor(pc, object, type, name, found) {
        return
      }
      let own = Types.lookup(object.asType, name)
      let value = quickOfType(object, name, own, found)
      if value.isNull || value.isExact(rt.types.staticmethod) {
        guard isNative(own), comesFirst(object, found), !isHooked else { return }
        remember(pc, object.asType.pointee.version, UInt64(version), own, .loadAttrOfTypeDescriptor)
        return
      }
      remember(
        pc, object.asType.pointee.version, UInt64(version), value, value.isExact(rt.types.classmethod) ? .loadAttrBound : .loadAttrOfType)
      return
    }
    guard !type.pointee.flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute]) else {
      if type.pointee.flags.contains(.foreign) { pc.pointee.instruction = .loadAttrForeign }
      return
    }
    if found.isExact(rt.types.memberDescriptor) {
      let member = found.as(MemberLayout.self)
      guard member.pointee.offset > 0 else { return }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 2, UInt64(member.pointee.offset))
      pc.pointee.instruction = .loadAttrSlot
      return
    }
    if found.isExact(rt.types.property), found.as(PropertyLayout.self).pointee.get.isExact(rt.types.function) {
      if type.pointee.flags.contains(.hookedGetAttribute) { return }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 3, found.bits)
      pc.pointee.instruction = .loadAttrProperty
      return
    }
    if name == rt.names.__class__, found == Types.lookup(rt.types.object, name) {
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 3, Value(type).bits)
      pc.pointee.instruction = .loadAttrClass
      return
    }
    if !found.isExact(rt.types.function), type.pointee.flags.contains(.genericGetAttribute),
      quickenDescriptor(pc, object, type, name, found)
    {
      return
    }
    if found.isExact(rt.types.function), let absence = absence(object, type, name) {
      remember(pc, version, absence, found, .loadAttrBound)
      return
    }
    if !found.isNull, found.type.pointee.slots.descriptorSet != nil || found.type.pointee.flags.contains(.heapType) {
      if quickenObject(pc, object, type, name, found) {
        pc.pointee.instruction = .loadAttrObject
      } else if quickenGet(pc, object, type, name, found) {
        pc.pointee.instruction = .loadAttrGet
      }
      return
    }
    if found.isNull, quickenHook(pc, object, type, name) { return }
    if let shape = fixedShape(object, type) {
      let index = Shapes.find(shape, name)
      if index < 0, !found.isNull, found.type.pointee.slots.descriptorGet == nil {
        remember(pc, version, UInt64(shape.pointee.id), found, .loadAttrShapeClass)
        return
      }
      let place = offset(type, shape, index)
      if place == 0 {
        if quickenOverflow(pc, version, shape, index) { pc.pointee.instruction = .loadAttrOverflow }
        return
      }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 2, UInt64(shape.pointee.id) | place << 32)
      pc.pointee.instruction = .loadAttrInstance
    } else if let entry = dictionaryEntry(object, name) {
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 2, UInt64(entry))
      pc.pointee.instruction = .loadAttrDictionary
    } else if quickenObject(pc, object, type, name, found) {
      pc.pointee.instruction = .loadAttrObject
    } else if !Attributes.hasStorage(object), !found.isNull, found.type.pointee.slots.descriptorGet == nil {
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 3, found.bits)
      pc.pointee.instruction = .loadAttrClass
    }
  }

  /// Fills the cache words for an attribute of the type that is no descriptor, found through an instance. An object of a Python class may
  /// become one later: its class can be given `__get__` or `__set__`, unseen by the version of the type that has it, so that class's version is
  /// noted, too.
  private static func quickenObject(_ pc: CodePointer, _ object: Value, _ type: TypeRef, _ name: Value, _ found: Value) -> Bool {
    guard !found.isNull, case let kind = found.type, kind.pointee.slots.descriptorGet == nil, kind.pointee.slots.descriptorSet == nil,
      kind.pointee.version != 0 || !kind.pointee.flags.contains(.heapType), let absence = absence(object, type, name)
    else { return false }
    Quickening.setUpper(pc, type.pointee.version)
    Quickening.setWord(pc, 2, absence | UInt64(found.isCell ? kind.pointee.version : 0) << 32)
    Quickening.setWord(pc, 3, found.bits)
    return true
  }

  /// Fills the cache words for a descriptor of a Python class, whose `__get__` is a function, found through an instance.
  private static func quickenGet(_ pc: CodePointer, _ object: Value, _ type: TypeRef, _ name: Value, _ found: Value) -> Bool {
    let kind = found.type
    guard kind.pointee.flags.contains(.heapType), kind.pointee.version != 0, !type.pointee.flags.contains(.hookedGetAttribute),
      Types.lookup(kind, rt.names.__get__).isExact(rt.types.function), let hidden = precedence(of: found, object, type, name)
    else { return false }
    Quickening.setUpper(pc, type.pointee.version)
    Quickening.setWord(pc, 2, hidden | UInt64(kind.pointee.version) << 32)
    Quickening.setWord(pc, 3, found.bits)
    return true
  }

  /// An instance without the attribute whose class has a `__getattr__` in Python: the site calls that at once.
  private static func quickenHook(_ pc: CodePointer, _ object: Value, _ type: TypeRef, _ name: Value) -> Bool {
    guard type.pointee.flags.contains(.hookedGetAttribute), case let hook = Types.lookup(type, rt.names.__getattr__),
      hook.isExact(rt.types.function), let absence = absence(object, type, name)
    else { return false }
    remember(pc, type.pointee.version, absence, hook, .loadAttrHook)
    return true
  }

  /// LOAD_METHOD of a `super` that has found `method`.
  private static func quickenSuper(_ pc: CodePointer, _ object: Value, _ method: Value) {
    let s = object.as(SuperLayout.self)
    let version = s.pointee.objectType.asType.pointee.version, start = s.pointee.type.asType.pointee.version
    guard version != 0, start != 0 else { return }
    remember(pc, version, UInt64(start), method, .loadMethodSuper)
  }

  /// Fills the cache words for value `index` of the shape if it lies outside of the instance.
  private static func quickenOverflow(_ pc: CodePointer, _ version: UInt32, _ shape: ShapeRef, _ index: Int) -> Bool {
    let inline = Int(shape.pointee.inlineCapacity)
    guard index >= inline, index < Int(shape.pointee.count) else { return false }
    Quickening.setUpper(pc, version)
    Quickening.setWord(pc, 2, UInt64(shape.pointee.id) | UInt64(index &- inline) << 32)
    return true
  }

  static func quickenStore(_ pc: CodePointer, _ object: Value, _ name: Value) {
    guard object.isCell else { return }
    let type = object.cellType
    let version = type.pointee.version
    guard version != 0, type.pointee.flags.contains(.genericSetAttribute),
      name.as(StrLayout.self).pointee.flags.contains(.interned)
    else { return }
    let found = Types.lookup(type, name)
    if found.isExact(rt.types.memberDescriptor) {
      let member = found.as(MemberLayout.self)
      // A slot of an unrelated class raises TypeError, each time.
      guard member.pointee.offset > 0, !member.pointee.readOnly, type.isSubtype(of: member.pointee.owner.asType) else { return }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 2, UInt64(member.pointee.offset))
      pc.pointee.instruction = .storeAttrSlot
      return
    }
    if !found.isNull, found.type.pointee.slots.descriptorSet != nil || found.type.pointee.flags.contains(.heapType) { return }
    guard let shape = fixedShape(object, type) else {
      if let entry = dictionaryEntry(object, name) {
        Quickening.setUpper(pc, version)
        Quickening.setWord(pc, 2, UInt64(entry))
        pc.pointee.instruction = .storeAttrDictionary
      }
      return
    }
    let index = Shapes.find(shape, name)
    if index >= 0 {
      let place = offset(type, shape, index)
      if place == 0 {
        if quickenOverflow(pc, version, shape, index) { pc.pointee.instruction = .storeAttrOverflow }
        return
      }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 2, UInt64(shape.pointee.id) | place << 32)
      pc.pointee.instruction = .storeAttrInstance
      return
    }
    let place = offset(type, shape, Int(shape.pointee.count))
    if place == 0 { return }
    Quickening.setUpper(pc, version)
    Quickening.setWord(pc, 2, UInt64(shape.pointee.id) | place << 32)
    pc.pointee.instruction = .storeAttrAdd
  }

  /// What a cache may hold of the attribute that look-up finds on a class whose metaclass is `type`: a function, something that is no
  /// descriptor, a staticmethod or a classmethod of a function; else null.
  /// - Parameter meta: what `type` itself has under this name
  private static func quickOfType(_ cls: Value, _ name: Value, _ found: Value, _ meta: Value) -> Value {
    guard !found.isNull, comesFirst(cls, meta) else { return .null }
    if found.isExact(rt.types.function) || found.type.pointee.slots.descriptorGet == nil { return found }
    if found.isExact(rt.types.staticmethod) { return found }
    // These answer themselves to whoever asks a class for them.
    let kind = found.type
    if kind == rt.types.methodDescriptor || kind == rt.types.wrapperDescriptor || kind == rt.types.property
      || kind == rt.types.memberDescriptor
    {
      return found
    }
    let isMethod = found.isExact(rt.types.classmethod) && found.as(MethodHolderLayout.self).pointee.callable.isExact(rt.types.function)
    return isMethod ? found : .null
  }

  /// Whether the class's own attributes come before what its metaclass has under the name, and stay so while their versions do.
  private static func comesFirst(_ cls: Value, _ meta: Value) -> Bool {
    guard cls.asType.pointee.version != 0, !cls.asType.pointee.flags.contains(.foreign) else { return false }
    return meta.isNull || meta.type.pointee.slots.descriptorSet == nil && !meta.type.pointee.flags.contains(.heapType)
  }

  static func quickenMethod(_ pc: CodePointer, _ object: Value, _ name: Value, _ value: Value, _ isMethod: Bool) {
    guard object.isCell else { return }
    let type = object.cellType
    let version = type.pointee.version
    guard version != 0, name.as(StrLayout.self).pointee.flags.contains(.interned) else { return }
    if isMethod {
      guard !type.pointee.flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute, .foreignMethods]) else { return }
      if let shape = fixedShape(object, type) {
        remember(pc, version, UInt64(shape.pointee.id), value, .loadMethodShape)
      } else if !Attributes.hasStorage(object) {
        Quickening.setUpper(pc, version)
        Quickening.setWord(pc, 3, value.bits)
        pc.pointee.instruction = .loadMethodType
      } else if ownDictionary(object) != nil {
        Quickening.setUpper(pc, version)
        Quickening.setWord(pc, 3, value.bits)
        pc.pointee.instruction = .loadMethodDictionary
      }
      return
    }
    if isPlainClass(object, type) {
      let own = Types.lookup(object.asType, name), meta = Types.lookup(type, name)
      let value = quickOfType(object, name, own, meta)
      let isOfMetaclass =
        own.isNull && !meta.isNull && comesFirst(object, meta) && meta.type.pointee.flags.contains(.methodDescriptor)
        && !meta.type.pointee.flags.contains(.foreign)
      if value.isNull && !isOfMetaclass { return }
      Quickening.setUpper(pc, object.asType.pointee.version)
      Quickening.setWord(pc, 2, UInt64(version))
      Quickening.setWord(pc, 3, isOfMetaclass ? meta.bits : value.bits)
      pc.pointee.instruction = isOfMetaclass ? .loadMethodOfMetaclass : .loadMethodOfType
      return
    }
    let found = Types.lookup(type, name)
    if found.isExact(rt.types.staticmethod) || found.isExact(rt.types.classmethod) {
      guard type.pointee.flags.contains(.genericGetAttribute) else { return }
      if found.isExact(rt.types.classmethod), !found.as(MethodHolderLayout.self).pointee.callable.isExact(rt.types.function) { return }
      if let shape = fixedShape(object, type) {
        if Shapes.find(shape, name) >= 0 { return }
        Quickening.setWord(pc, 2, UInt64(shape.pointee.id))
      } else if Attributes.hasStorage(object) {
        return
      } else {
        Quickening.setWord(pc, 2, 0)
      }
      Quickening.setUpper(pc, version)
      Quickening.setWord(pc, 3, found.bits)
      pc.pointee.instruction = .loadMethodHeld
      return
    }
    if type != rt.types.module { return quickenCallable(pc, object, name, found) }
    guard found.isNull else { return }
    let dict = object.as(ModuleLayout.self).pointee.dict
    guard dict.isExact(rt.types.dict), dict.as(DictLayout.self).pointee.foreign == nil else { return }
    let keys = Dicts.keysVersion(dict)
    guard keys != 0, let entry = Dicts.entryIndex(dict, str: name) else { return }
    Quickening.setUpper(pc, keys)
    Quickening.setWord(pc, 2, UInt64(entry))
    pc.pointee.instruction = .loadMethodModule
  }

  /// Whether `found` is a descriptor that native code of ours gets.
  private static func isNative(_ found: Value) -> Bool {
    guard !found.isNull, case let kind = found.type else { return false }
    return kind.pointee.slots.descriptorGet != nil && kind.pointee.flags.isDisjoint(with: [.heapType, .foreign])
  }

  /// What the type has under the name is such a descriptor, and comes before all that the instance has or is not hidden by it.
  private static func quickenDescriptor(_ pc: CodePointer, _ object: Value, _ type: TypeRef, _ name: Value, _ found: Value) -> Bool {
    guard isNative(found), !type.pointee.flags.contains(.hookedGetAttribute) else { return false }
    if found.isExact(rt.types.getsetDescriptor), !type.isSubtype(of: found.as(GetsetLayout.self).pointee.owner.asType) { return false }
    guard let hidden = precedence(of: found, object, type, name) else { return false }
    remember(pc, type.pointee.version, hidden, found, .loadAttrDescriptor)
    return true
  }

  /// LOAD_METHOD of what is no method: a value of the instance, of one of its slots, or of its class that is no descriptor.
  private static func quickenCallable(_ pc: CodePointer, _ object: Value, _ name: Value, _ found: Value) {
    let type = object.cellType
    guard !type.pointee.flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute]) else { return }
    if found.isExact(rt.types.memberDescriptor) {
      let member = found.as(MemberLayout.self)
      guard member.pointee.offset > 0 else { return }
      Quickening.setUpper(pc, type.pointee.version)
      Quickening.setWord(pc, 2, UInt64(member.pointee.offset))
      pc.pointee.instruction = .loadMethodSlot
      return
    }
    // As for LOAD_ATTR.
    if !found.isNull, found.type.pointee.slots.descriptorSet != nil || found.type.pointee.flags.contains(.heapType) {
      if quickenObject(pc, object, type, name, found) { pc.pointee.instruction = .loadMethodObject }
      return
    }
    let shape = fixedShape(object, type)
    if let shape {
      let index = Shapes.find(shape, name)
      if index >= 0 {
        let place = offset(type, shape, index)
        if place == 0 { return }
        Quickening.setUpper(pc, type.pointee.version)
        Quickening.setWord(pc, 2, UInt64(shape.pointee.id) | place << 32)
        pc.pointee.instruction = .loadMethodInstance
        return
      }
    } else if let entry = dictionaryEntry(object, name) {
      Quickening.setUpper(pc, type.pointee.version)
      Quickening.setWord(pc, 2, UInt64(entry))
      pc.pointee.instruction = .loadMethodEntry
      return
    } else if Attributes.hasStorage(object) {
      if quickenObject(pc, object, type, name, found) { pc.pointee.instruction = .loadMethodObject }
      return
    }
    guard !found.isNull, found.type.pointee.slots.descriptorGet == nil else { return }
    remember(pc, type.pointee.version, UInt64(shape?.pointee.id ?? 0), found, .loadMethodClass)
  }

  /// A class whose metaclass, `type`, looks attributes up as `type` does, or does so before it asks a `__getattr__` of its own.
  private static func isPlainClass(_ object: Value, _ type: TypeRef) -> Bool {
    type == rt.types.type
      || object.isType && (!isHookedMetaclass(type) || SlotDispatch.isOnlyHooked(type, rt.types.type))
  }
  private static func isHookedMetaclass(_ type: TypeRef) -> Bool {
    type.pointee.slots.getAttribute != rt.types.type.pointee.slots.getAttribute
  }

  /// The dict of an instance in dictionary mode, if we have its storage.
  @inline(__always)
  private static func ownDictionary(_ object: Value) -> UnsafeMutablePointer<DictLayout>? {
    let type = object.cellType
    guard type.pointee.attributesOffset != 0, !type.hasInlineItems else { return nil }
    let storage = type.attributeStorage(of: object.cell)
    guard storage.isDictionary, case let dict = storage.dictionary.as(DictLayout.self), dict.isOwn else { return nil }
    return dict
  }

  /// Where `name` is in the dict of an instance in dictionary mode.
  private static func dictionaryEntry(_ object: Value, _ name: Value) -> Int? {
    guard let dict = ownDictionary(object) else { return nil }
    return Dicts.entryIndex(Value(dict), str: name)
  }

  // MARK: bodies of quickened forms

  /// The type version that the instruction has seen is that of the object.
  @inline(__always)
  static func matches(_ pc: CodePointer, _ object: Value) -> Bool {
    object.isCell && object.cellType.pointee.version == UInt32(truncatingIfNeeded: pc.w0 >> 32)
  }
  /// The shape of an object whose type `matches`; nil if it has none.
  @inline(__always)
  static func shape(_ object: Value) -> ShapeRef? { storage(object).pointee.shape }
  @inline(__always)
  static func storage(_ object: Value) -> StorageRef {
    (object.cell + Int(object.cellType.pointee.attributesOffset)).assumingMemoryBound(to: AttributeStorage.self)
  }
  @inline(__always)
  static func hasShape(_ pc: CodePointer, _ object: Value) -> Bool {
    guard matches(pc, object), let shape = shape(object) else { return false }
    return shape.pointee.id == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
  }
  /// Where the inline value lies that the second cache word speaks of.
  @inline(__always)
  static func place(_ pc: CodePointer, _ object: Value) -> UnsafeMutablePointer<Value> {
    (object.cell + Int((pc + 2).pointee.bits >> 32)).assumingMemoryBound(to: Value.self)
  }
  /// Where the value lies that the second cache word speaks of, one of those outside of the instance: a shape with such values has room
  /// for them.
  @inline(__always)
  static func overflowPlace(_ pc: CodePointer, _ object: Value) -> UnsafeMutablePointer<Value> {
    storage(object).pointee.overflow.unsafelyUnwrapped.assumingMemoryBound(to: Value.self) + Int((pc + 2).pointee.bits >> 32)
  }
  /// The object is a class, of no metaclass of its own, with the version that the instruction has seen.
  @inline(__always)
  static func isType(_ pc: CodePointer, _ object: Value) -> Bool {
    // Whose type has the version of the metaclass is a class.
    object.isCell && object.cellType.pointee.version == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
      && object.asType.pointee.version == UInt32(truncatingIfNeeded: pc.w0 >> 32)
  }
  /// The type matches, and the shape if the instruction has seen one.
  @inline(__always)
  static func hasShapeOrNone(_ pc: CodePointer, _ object: Value) -> Bool {
    guard matches(pc, object) else { return false }
    let id = UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
    if id == 0 { return true }
    guard let shape = shape(object) else { return false }
    return shape.pointee.id == id
  }

  /// The type matches, and nothing of the instance hides what it has: the instance has the shape that the instruction has seen, or no
  /// storage, or a dict without the name.
  @inline(__always)
  static func lacks(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Bool {
    guard matches(pc, object) else { return false }
    let id = UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
    if id == 0 { return true }
    if id == dictionaryMark { return hasDictionaryWithout(pc, object, pc.name(pc.pointee.c, fp)) }
    guard let shape = shape(object) else { return false }
    return shape.pointee.id == id
  }
  /// `isType`, for a body that serves classes and instances.
  @inline(__always)
  static func isClass(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Bool { isType(pc, object) }

  /// What the descriptor that the site has found answers for an instance, or without one for the class `object`.
  @inline(__always)
  static func described(_ vm: VM, _ pc: CodePointer, _ object: Value, _ instance: Value) throws(Raised) -> Value {
    let found = Value(bits: (pc + 3).pointee.bits)
    if !instance.isNull, found.cellType == rt.types.getsetDescriptor { return try found.as(GetsetLayout.self).pointee.get(vm, instance) }
    guard let get = found.cellType.pointee.slots.descriptorGet else { return found }
    return try get(vm, found, instance, instance.isNull ? object : Value(object.cellType))
  }

  /// The attribute of the type; null when the instance or the attribute's own type is not like those seen.
  @inline(never)
  static func objectAtOnce(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Value {
    guard lacks(pc, object, fp) else { return .null }
    let value = Value(bits: (pc + 3).pointee.bits)
    return !value.isCell || value.cellType.pointee.version == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits >> 32) ? value : .null
  }

  /// `boundAtOnce` or `objectAtOnce`: one function for both, as below.
  @inline(never)
  static func ofTypeAtOnce(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Value {
    pc.pointee.instruction == .loadAttrObject ? objectAtOnce(pc, object, fp) : boundAtOnce(pc, object, fp)
  }

  /// Starts `__getattr__`, or the `__get__` of a descriptor; nil when that cannot be or what the site has seen has changed. One function for both:
  /// of two handlers that differ in what they call swiftc makes one that calls through a pointer.
  @inline(never)
  static func startHook(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) -> Registers? {
    let object = operand(pc.pointee.b, fp, k)
    guard lacks(pc, object, fp) else { return nil }
    let found = Value(bits: (pc + 3).pointee.bits)
    if pc.pointee.instruction == .loadAttrHook { return Calls.pushAbove(vm, fp, found, object, pc.name(pc.pointee.c, fp)) }
    let kind = found.cellType
    guard kind.pointee.version == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits >> 32) else { return nil }
    return Calls.pushAbove(vm, fp, Types.lookup(kind, rt.names.__get__), found, object, Value(object.cellType))
  }
  /// The same hook or descriptor that cannot be started, or another object.
  @inline(never)
  static func hookMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    // The descriptor is known to be alive only where the type is the same.
    guard lacks(pc, object, fp),
      pc.pointee.instruction == .loadAttrHook
        || Value(bits: (pc + 3).pointee.bits).cellType.pointee.version == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits >> 32)
    else { return try loadMiss(vm, fp, k, pc) }
    fp[Int(pc.pointee.a)] = try vm.getAttribute(object, pc.name(pc.pointee.c, fp))
  }

  /// The object that a `super` with the classes that the site has seen passes on; else null.
  @inline(__always)
  static func receiverOfSuper(_ pc: CodePointer, _ object: Value) -> Value {
    guard object.isExact(rt.types.super) else { return .null }
    let s = object.as(SuperLayout.self)
    guard s.pointee.objectType.isCell, s.pointee.object != s.pointee.objectType,
      s.pointee.objectType.asType.pointee.version == UInt32(truncatingIfNeeded: pc.w0 >> 32),
      s.pointee.type.asType.pointee.version == UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
    else { return .null }
    return s.pointee.object
  }

  /// A new bound method of a Python function; null without room for it.
  @inline(never)
  static func bindAtOnce(_ function: Value, _ receiver: Value) -> Value {
    guard let cell = rt.heapPointer.pointee.allocateAtOnce(MemoryLayout<BoundMethodLayout>.size) else { return .null }
    let method = cell.assumingMemoryBound(to: BoundMethodLayout.self)
    method.pointee = BoundMethodLayout(header: CellHeader(rt.types.boundMethod), function: function, receiver: receiver)
    return Value(method)
  }

  /// A new bound method; null without room for it, or when the object is not like those seen.
  @inline(never)
  static func boundAtOnce(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Value {
    var function = Value(bits: (pc + 3).pointee.bits)
    if function.cellType == rt.types.classmethod {
      guard isType(pc, object) else { return .null }
      function = function.as(MethodHolderLayout.self).pointee.callable
      guard function.isExact(rt.types.function) else { return .null }
    } else if !lacks(pc, object, fp) {
      return .null
    }
    return bindAtOnce(function, object)
  }
  /// Without room for a bound method, or another object.
  @inline(never)
  static func boundMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    if Value(bits: (pc + 3).pointee.bits).cellType == rt.types.classmethod ? !isType(pc, object) : !lacks(pc, object, fp) {
      return try loadMiss(vm, fp, k, pc)
    }
    fp[Int(pc.pointee.a)] = try vm.getAttribute(object, pc.name(pc.pointee.c, fp))
  }

  /// The entry of `name` in the instance's dict, first where it was last. Nil when there is none, or another type of instance.
  @inline(__always)
  private static func entry(_ pc: CodePointer, _ object: Value, _ name: Value) -> UnsafeMutablePointer<DictEntry>? {
    guard matches(pc, object), let dict = ownDictionary(object), let entries = dict.pointee.entries else { return nil }
    let last = Int((pc + 2).pointee.bits)
    if last < dict.pointee.used, entries[last].key == name { return entries + last }
    guard let found = Dicts.entryIndex(Value(dict), str: name) else { return nil }
    Quickening.setWord(pc, 2, UInt64(found))
    return entries + found
  }
  @inline(never)
  static func dictionaryValue(_ pc: CodePointer, _ object: Value, _ name: Value) -> Value {
    entry(pc, object, name)?.pointee.value ?? .null
  }
  /// The same for the name of the instruction.
  @inline(__always)
  static func entryAtOnce(_ pc: CodePointer, _ object: Value, _ fp: Registers) -> Value {
    dictionaryValue(pc, object, pc.name(pc.pointee.c, fp))
  }
  @inline(never)
  static func storeInDictionary(_ pc: CodePointer, _ object: Value, _ name: Value, _ value: Value) -> Bool {
    guard let entry = entry(pc, object, name) else { return false }
    entry.pointee.value = value
    if let dict = ownDictionary(object) { Heap.noteStore(Value(dict)) }
    return true
  }
  @inline(never)
  static func hasDictionaryWithout(_ pc: CodePointer, _ object: Value, _ name: Value) -> Bool {
    guard matches(pc, object), let dict = ownDictionary(object) else { return false }
    return Dicts.entryIndex(Value(dict), str: name) == nil
  }
  /// A dict without that name, or another object.
  @inline(never)
  static func dictionaryMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    guard matches(pc, object), ownDictionary(object) != nil else { return try loadMiss(vm, fp, k, pc) }
    fp[Int(pc.pointee.a)] = try vm.getAttribute(object, pc.name(pc.pointee.c, fp))
  }
  @inline(never)
  static func dictionaryStoreMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.a, fp, k)
    guard matches(pc, object), ownDictionary(object) != nil else { return try storeMiss(vm, fp, k, pc) }
    try vm.setAttribute(object, pc.name(pc.pointee.c, fp), operand(pc.pointee.b, fp, k))
  }

  /// Starts the getter; nil when it is not one that can be started.
  @inline(never)
  static func startGetter(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) -> Registers? {
    let object = operand(pc.pointee.b, fp, k)
    guard matches(pc, object) else { return nil }
    return Calls.pushAbove(vm, fp, Value(bits: (pc + 3).pointee.bits).as(PropertyLayout.self).pointee.get, object, .null)
  }
  /// The same property with a getter that cannot be started, or another object.
  @inline(never)
  static func propertyMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let object = operand(pc.pointee.b, fp, k)
    if !matches(pc, object) { return try loadMiss(vm, fp, k, pc) }
    fp[Int(pc.pointee.a)] = try vm.getAttribute(object, pc.name(pc.pointee.c, fp))
  }

  /// LOAD_METHOD of what a class has; false when the class is not the one seen.
  @inline(__always)
  static func methodOfType(_ pc: CodePointer, _ object: Value, _ target: Registers) -> Bool {
    guard isType(pc, object) else { return false }
    let value = Value(bits: (pc + 3).pointee.bits)
    if value.isExact(rt.types.staticmethod) || value.isExact(rt.types.classmethod) {
      return unwrap(value, object, target)
    }
    target[0] = .null
    target[1] = value
    return true
  }
  /// LOAD_METHOD of a staticmethod or classmethod through an instance; false when the instance is not like those seen.
  @inline(__always)
  static func heldMethod(_ pc: CodePointer, _ object: Value, _ target: Registers) -> Bool {
    guard matches(pc, object) else { return false }
    let id = UInt32(truncatingIfNeeded: (pc + 2).pointee.bits)
    if id != 0 {
      guard let shape = shape(object), shape.pointee.id == id else { return false }
    }
    return unwrap(Value(bits: (pc + 3).pointee.bits), Value(object.cellType), target)
  }
  @inline(__always)
  private static func unwrap(_ holder: Value, _ cls: Value, _ target: Registers) -> Bool {
    let callable = holder.as(MethodHolderLayout.self).pointee.callable
    if holder.cellType == rt.types.staticmethod {
      target[0] = .null
      target[1] = callable
      return !callable.isNull
    }
    target[0] = callable
    target[1] = cls
    return callable.isExact(rt.types.function)
  }

  /// The value of a global of the module, or null when the module's keys are not those seen.
  @inline(__always)
  static func moduleValue(_ pc: CodePointer, _ object: Value) -> Value {
    guard object.isExact(rt.types.module) else { return .null }
    let dict = object.as(ModuleLayout.self).pointee.dict.as(DictLayout.self)
    guard dict.pointee.keysVersion == UInt32(truncatingIfNeeded: pc.w0 >> 32), let entries = dict.pointee.entries else { return .null }
    return entries[Int((pc + 2).pointee.bits)].value
  }
}
