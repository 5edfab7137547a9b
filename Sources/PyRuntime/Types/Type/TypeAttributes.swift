// Attributes of classes: `type.__getattribute__`, `__setattr__` and the computed ones.

enum TypeAttributes {
  /// Data descriptor of the metaclass, then the class's own mro (bound to nothing), then the rest of the metaclass.
  static func get(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let found = try find(vm, v, rawName)
    if found.isNull {
      throw vm.raiseAttributeError(
        v, rawName, "type object '\(v.asType.nameForMessages)' has no attribute '\(rawName.swiftString)'")
    }
    return found
  }

  /// The same, null when missing.
  static func find(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let name = try vm.attributeName(rawName)
    let type = v.asType
    let meta = v.cellType
    let metaFound = Types.lookup(meta, name)
    var metaGet: TwoCode?
    if !metaFound.isNull {
      let t = metaFound.type
      metaGet = t.pointee.slots.descriptorGet
      if let metaGet, t.pointee.slots.descriptorSet != nil { return try metaGet(vm, metaFound, v, Value(meta)) }
    }
    let found = Types.lookup(type, name)
    if !found.isNull {
      guard let get = found.type.pointee.slots.descriptorGet else { return found }
      return try get(vm, found, .null, v)
    }
    if let metaGet { return try metaGet(vm, metaFound, v, Value(meta)) }
    return metaFound
  }

  static func set(_ vm: VM, _ v: Value, _ rawName: Value, _ value: Value) throws(Raised) {
    let type = v.asType
    if type.pointee.flags.isDisjoint(with: [.heapType, .mutable]) || type.pointee.flags.contains(.sealed) {
      throw vm.raise(.typeError, "cannot set \(vm.reprText(rawName)) attribute of immutable type '\(type.nameForMessages)'")
    }
    let name: Value
    if rawName.isExactStr {
      name = try vm.attributeName(rawName)
    } else if rawName.isStr {
      name = try vm.intern(rawName)
    } else {
      throw vm.raise(.typeError, "attribute name must be string, not '\(rawName.typeName)'")
    }
    let metaFound = Types.lookup(v.cellType, name)
    if !metaFound.isNull, let set = metaFound.type.pointee.slots.descriptorSet { return try set(vm, metaFound, v, value) }
    if value.isNull {
      if try !Dicts.remove(vm, type.pointee.dict, name) {
        throw vm.raise(
          .attributeError, "type object '\(type.nameForMessages)' has no attribute '\(name.swiftString)'")
      }
    } else {
      try Dicts.set(vm, type.pointee.dict, name, value)
    }
    changed(type, name)
    if type.pointee.flags.contains([.foreign, .mutable]) { try rt.pointee.bridgeHooks.setTypeAttribute?(vm, v, name, value) }
  }

  /// Consequences of a new value under `name` in a class's dictionary.
  static func changed(_ type: TypeRef, _ name: Value) {
    Types.modified(type)
    if SlotTable.knownNames.contains(name) { SlotDerivation.updateTree(type, name: name) }
  }

  // MARK: names

  static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.asType
    if type.pointee.flags.contains(.heapType) { return type.pointee.name }
    return try vm.str(TypeNames.short(type))
  }
  static func setName(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = try checkSet(vm, v, value, "__name__")
    guard value.isStr else {
      throw vm.raise(
        .typeError, "can only assign string to \(type.nameForMessages).__name__, not '\(value.typeName)'")
    }
    if containsNull(value) { throw vm.raise(.valueError, "type name must not contain null characters") }
    _ = try Codecs.encode(vm, value, try vm.intern("utf-8"), .null)
    type.pointee.name = value
  }
  static func containsNull(_ s: Value) -> Bool {
    let p = s.as(StrLayout.self)
    for i in 0..<p.pointee.length where p[codePoint: i] == 0 { return true }
    return false
  }
  static func qualname(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    if type.pointee.flags.contains(.heapType) { return type.pointee.qualname.isNull ? type.pointee.name : type.pointee.qualname }
    return try vm.str(TypeNames.short(type))
  }
  static func getQualname(_ vm: VM, _ v: Value) throws(Raised) -> Value { try qualname(vm, v.asType) }
  static func setQualname(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = try checkSet(vm, v, value, "__qualname__")
    guard value.isStr else {
      throw vm.raise(
        .typeError, "can only assign string to \(type.nameForMessages).__qualname__, not '\(value.typeName)'")
    }
    type.pointee.qualname = value
  }

  /// `__module__`: of a class whatever its dictionary says, of a builtin a str.
  static func module(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    if type.pointee.flags.contains(.heapType) { return Dicts.get(type.pointee.dict, str: rt.pointee.names.__module__) }
    let own = Dicts.get(type.pointee.dict, str: rt.pointee.names.__module__)
    if own.isStr { return own }
    return type.pointee.moduleName.isNull ? rt.pointee.names.builtins : type.pointee.moduleName
  }
  static func getModule(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = try module(vm, v.asType)
    if m.isNull { throw vm.raise(.attributeError, "__module__") }
    return m
  }
  static func setModule(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = try checkSet(vm, v, value, "__module__")
    try Dicts.set(vm, type.pointee.dict, rt.pointee.names.__module__, value)
    Types.modified(type)
  }

  /// Refuses builtins and deletion.
  private static func checkSet(_ vm: VM, _ v: Value, _ value: Value, _ name: String) throws(Raised) -> TypeRef {
    let type = v.asType
    if !type.pointee.flags.contains(.heapType) {
      throw vm.raise(.typeError, "cannot set '\(name)' attribute of immutable type '\(type.nameForMessages)'")
    }
    if value.isNull { throw vm.raise(.typeError, "cannot delete '\(name)' attribute of immutable type '\(type.nameForMessages)'") }
    return type
  }

  // MARK: documentation

  static func getDoc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.asType
    if !type.pointee.flags.contains(.heapType) && !type.pointee.doc.isNull { return try TypeDoc.text(vm, type) }
    let doc = Dicts.get(type.pointee.dict, str: rt.pointee.names.__doc__)
    if doc.isNull { return .none }
    guard let get = doc.type.pointee.slots.descriptorGet else { return doc }
    return try get(vm, doc, .null, v)
  }
  static func setDoc(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = try checkSet(vm, v, value, "__doc__")
    try Dicts.set(vm, type.pointee.dict, rt.pointee.names.__doc__, value)
    Types.modified(type)
  }
  static func getTextSignature(_ vm: VM, _ v: Value) throws(Raised) -> Value { try TypeDoc.signature(vm, v.asType) }

  // MARK: other computed attributes

  static func getDict(_ vm: VM, _ v: Value) throws(Raised) -> Value { try MappingProxyType.make(vm, v.asType.pointee.dict) }
  static func getMro(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    v.asType.pointee.mro.isNull ? .none : v.asType.pointee.mro
  }
  static func getBases(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.asType.pointee.bases }
  static func getBase(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if let base = v.asType.pointee.base { return Value(base) }
    return .none
  }
  static func getFlags(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    // CPython's Py_TPFLAGS_* values of what inspect, abc and copyreg look at.
    let flags = v.asType.pointee.flags
    var bits = 1 << 12 | 1 << 18
    func add(_ flag: TypeFlags, _ bit: Int) { if flags.contains(flag) { bits |= 1 << bit } }
    add(.heapType, 9)
    if !flags.contains(.heapType) { bits |= 1 << 8 }
    add(.baseType, 10)
    add(.disallowInstantiation, 7)
    add(.methodDescriptor, 17)
    add(.abstract, 20)
    add(.sequencePattern, 5)
    add(.mappingPattern, 6)
    add(.matchSelf, 22)
    add(.intSubclass, 24)
    add(.listSubclass, 25)
    add(.tupleSubclass, 26)
    add(.bytesSubclass, 27)
    add(.strSubclass, 28)
    add(.dictSubclass, 29)
    add(.exceptionSubclass, 30)
    add(.typeSubclass, 31)
    return try vm.int(bits)
  }
  static func getBasicSize(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    // As CPython counts: two header words, then the fields.
    let type = v.asType
    return try vm.int(Int(type.pointee.instanceSize) + 8 + (type.pointee.attributesOffset == 0 ? 0 : 8))
  }
  static func getItemSize(_ vm: VM, _ v: Value) throws(Raised) -> Value { Value(smallInt: itemSize(v.asType)) }

  /// Bytes of an item of the types that are of variable size in CPython, 0 for all others.
  static func itemSize(_ type: TypeRef) -> Int {
    let flags = type.pointee.flags, types = rt.types
    if flags.contains(.tupleSubclass) { return 8 }
    if flags.contains(.intSubclass) { return 4 }
    if flags.contains(.bytesSubclass) { return 1 }
    if flags.contains(.typeSubclass) { return 40 }
    if type == types.code { return 2 }
    let hasItems =
      type == types.memoryview || type == types.frame || type == types.generator || type == types.coroutine || type == types.asyncGenerator
    return hasItems ? 8 : 0
  }
  static func getDictOffset(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.asType
    if type.pointee.attributesOffset != 0 {
      return try vm.int(type.pointee.flags.contains(.heapType) ? -24 : Int(type.pointee.attributesOffset))
    }
    return try vm.int(Int(type.pointee.dictOffset))
  }
  static func getWeakrefOffset(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    Value(smallInt: v.asType.pointee.flags.contains(.weakReferenceable) ? 16 : 0)
  }

  static func getAnnotations(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.asType
    let name = rt.pointee.names.__annotations__
    if !type.pointee.flags.contains(.heapType) {
      throw vm.raise(.attributeError, "type object '\(type.nameForMessages)' has no attribute '__annotations__'")
    }
    let found = Dicts.get(type.pointee.dict, str: name)
    if !found.isNull {
      guard let get = found.type.pointee.slots.descriptorGet else { return found }
      return try get(vm, found, .null, v)
    }
    let dict = try vm.dict()
    try Dicts.set(vm, type.pointee.dict, name, dict)
    Types.modified(type)
    return dict
  }
  static func setAnnotations(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = v.asType
    if !type.pointee.flags.contains(.heapType) {
      throw vm.raise(.typeError, "cannot set '__annotations__' attribute of immutable type '\(type.nameForMessages)'")
    }
    let name = rt.pointee.names.__annotations__
    if value.isNull {
      if try !Dicts.remove(vm, type.pointee.dict, name) { throw vm.raise(.attributeError, "__annotations__") }
    } else {
      try Dicts.set(vm, type.pointee.dict, name, value)
    }
    Types.modified(type)
  }

  static func getAbstractMethods(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let name = rt.pointee.names.__abstractmethods__
    // `type` itself has the descriptor, not a value.
    let found = v.asType == rt.pointee.types.type ? .null : Dicts.get(v.asType.pointee.dict, str: name)
    if found.isNull { throw vm.raise(.attributeError, "__abstractmethods__") }
    return found
  }
  static func setAbstractMethods(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = v.asType
    let name = rt.pointee.names.__abstractmethods__
    var abstract = false
    if value.isNull {
      if try !Dicts.remove(vm, type.pointee.dict, name) { throw vm.raise(.attributeError, "__abstractmethods__") }
    } else {
      abstract = try vm.isTrue(value)
      try Dicts.set(vm, type.pointee.dict, name, value)
    }
    Types.modified(type)
    if abstract { type.pointee.flags.insert(.abstract) } else { type.pointee.flags.remove(.abstract) }
  }

  /// Adds the names that `cls` and its bases define, for `dir`.
  static func mergeNames(_ vm: VM, _ names: Value, _ cls: Value) throws(Raised) {
    let dict = try vm.getAttributeOrNull(cls, rt.pointee.names.__dict__)
    if !dict.isNull { try Dicts.merge(vm, names, dict) }
    let bases = try vm.getAttributeOrNull(cls, rt.pointee.names.__bases__)
    guard bases.isTuple else { return }
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let t = bases.as(TupleLayout.self)
    for i in 0..<t.pointee.count { try mergeNames(vm, names, t.items[i]) }
  }
}

/// Docstrings of builtin types carry their text signature in front: "list(iterable=(), /)\n--\n\nText".
enum TypeDoc {
  /// Where the parts of "name(…)\n--\n\ntext" are: "(…)" and the text; nil when the docstring has no such form.
  private static func split(_ type: TypeRef, _ doc: Value) -> (signature: StrView, text: StrView)? {
    guard doc.isStr, type.pointee.name.isStr else { return nil }
    let all = StrView(doc)
    let name = TypeNames.shortView(type)
    guard all.length > name.length, all[name.length] == 0x28 else { return nil }
    for i in 0..<name.length where all[i] != name[i] { return nil }
    var i = name.length
    while i &+ 6 <= all.length {
      // ")\n--\n\n"
      if all[i] == 0x29, all[i &+ 1] == 0x0A, all[i &+ 2] == 0x2D, all[i &+ 3] == 0x2D, all[i &+ 4] == 0x0A, all[i &+ 5] == 0x0A {
        return (all.slice(name.length, i &+ 1), all.slice(i &+ 6, all.length))
      }
      i &+= 1
    }
    return nil
  }
  /// The docstring without the signature.
  static func text(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    guard let parts = split(type, type.pointee.doc) else { return type.pointee.doc }
    return try vm.str(copying: parts.text)
  }
  static func signature(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    // Classes of programs may have one in their docstring, too.
    let isOurs = !type.pointee.flags.contains(.heapType)
    let doc = isOurs ? type.pointee.doc : type.pointee.dict.isDict ? Dicts.get(type.pointee.dict, str: rt.names.__doc__) : .null
    guard let parts = split(type, doc) else { return .none }
    return try vm.str(copying: parts.signature)
  }
}
