/// isinstance and issubclass.
enum TypeChecks {
  /// What `type.__instancecheck__` does: the type's mro, then a differing `__class__`; anything with `__bases__` as a class.
  static func realIsInstance(_ vm: VM, _ v: Value, _ cls: Value) throws(Raised) -> Bool {
    if cls.isType {
      if v.type.isSubtype(of: cls.asType) || isForeignSubtype(v.type, cls.asType) { return true }
      // Most objects cannot have a `__class__` of their own: only a property or `__getattribute__` makes it differ.
      if !v.type.pointee.flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute]) {
        let found = Types.lookup(v.type, rt.pointee.names.__class__)
        if found == Dicts.get(rt.pointee.types.object.pointee.dict, str: rt.pointee.names.__class__) { return false }
      } else if v.isType && v.type == rt.pointee.types.type {
        return false
      }
      let claimed = try vm.getAttributeOrNull(v, rt.pointee.names.__class__)
      if claimed.isType && claimed.asType != v.type { return claimed.asType.isSubtype(of: cls.asType) }
      return false
    }
    try requireClass(vm, cls, "isinstance() arg 2 must be a type, a tuple of types, or a union")
    let claimed = try vm.getAttributeOrNull(v, rt.pointee.names.__class__)
    if claimed.isNull { return false }
    return try abstractIsSubclass(vm, claimed, cls)
  }

  /// A type of CPython's that derives there from a builtin whose memory it cannot have here (`numpy.float64` from float).
  private static func isForeignSubtype(_ type: TypeRef, _ cls: TypeRef) -> Bool {
    guard type.pointee.flags.contains(.foreign), cls.pointee.flags.isDisjoint(with: [.foreign, .heapType]),
      let derives = rt.pointee.bridgeHooks.derivesThere
    else { return false }
    return derives(type, cls)
  }

  static func realIsSubclass(_ vm: VM, _ derived: Value, _ cls: Value) throws(Raised) -> Bool {
    if derived.isType && cls.isType { return derived.asType.isSubtype(of: cls.asType) || isForeignSubtype(derived.asType, cls.asType) }
    try requireClass(vm, derived, "issubclass() arg 1 must be a class")
    if !cls.isExact(rt.pointee.types.unionType) {
      try requireClass(vm, cls, "issubclass() arg 2 must be a class, a tuple of classes, or a union")
    }
    return try abstractIsSubclass(vm, derived, cls)
  }

  /// The `__bases__` tuple of something that claims to be a class, or null.
  private static func bases(_ vm: VM, _ cls: Value) throws(Raised) -> Value {
    let b = try vm.getAttributeOrNull(cls, rt.pointee.names.__bases__)
    return b.isTuple ? b : .null
  }
  private static func requireClass(_ vm: VM, _ cls: Value, _ message: String) throws(Raised) {
    if try bases(vm, cls).isNull { throw vm.raise(.typeError, message) }
  }
  private static func abstractIsSubclass(_ vm: VM, _ derived: Value, _ cls: Value) throws(Raised) -> Bool {
    if derived == cls { return true }
    return try vm.deeper(" in __issubclass__") { () throws(Raised) in
      let b = try bases(vm, derived)
      if b.isNull { return false }
      let t = b.as(TupleLayout.self)
      for i in 0..<t.pointee.count where try abstractIsSubclass(vm, t.items[i], cls) { return true }
      return false
    }
  }

  /// The hook that the check class's own class defines; null for plain `type`.
  private static func hook(_ vm: VM, _ cls: Value, _ name: Value) throws(Raised) -> Value {
    try vm.lookupSpecial(cls, name)
  }
}

extension VM {
  /// `isinstance(v, cls)` with `__instancecheck__`, tuples and unions.
  func isInstance(_ v: Value, _ cls: Value) throws(Raised) -> Bool {
    if cls.isType && v.type == cls.asType { return true }
    if cls.isExact(rt.pointee.types.type) { return try TypeChecks.realIsInstance(self, v, cls) }
    if cls.isExact(rt.pointee.types.unionType) {
      return try UnionType.instanceCheck(self, cls, v) == .true
    }
    if cls.isTuple {
      return try deeper(" in __instancecheck__") { () throws(Raised) in
        let t = cls.as(TupleLayout.self)
        for i in 0..<t.pointee.count where try isInstance(v, t.items[i]) { return true }
        return false
      }
    }
    if nativeStackIsLow { throw raiseRecursionError(" in __instancecheck__") }
    let check = try lookupSpecial(cls, rt.pointee.names.__instancecheck__)
    if !check.isNull { return try isTrue(try call(check, v)) }
    return try TypeChecks.realIsInstance(self, v, cls)
  }

  func isSubclass(_ v: Value, _ cls: Value) throws(Raised) -> Bool {
    if cls.isExact(rt.pointee.types.type) {
      if v == cls { return true }
      return try TypeChecks.realIsSubclass(self, v, cls)
    }
    if cls.isExact(rt.pointee.types.unionType) { return try UnionType.subclassCheck(self, cls, v) == .true }
    if cls.isTuple {
      return try deeper(" in __subclasscheck__") { () throws(Raised) in
        let t = cls.as(TupleLayout.self)
        for i in 0..<t.pointee.count where try isSubclass(v, t.items[i]) { return true }
        return false
      }
    }
    if nativeStackIsLow { throw raiseRecursionError(" in __subclasscheck__") }
    let check = try lookupSpecial(cls, rt.pointee.names.__subclasscheck__)
    if !check.isNull { return try isTrue(try call(check, v)) }
    return try TypeChecks.realIsSubclass(self, v, cls)
  }

  /// `format(v, spec)`; spec a str or null.
  func format(_ v: Value, _ spec: Value) throws(Raised) -> Value {
    let empty = spec.isNull || spec.isStr && spec.as(StrLayout.self).pointee.length == 0
    if !spec.isNull && !spec.isStr {
      throw raise(.systemError, "Format specifier must be a string, not \(spec.typeName)")
    }
    if empty && v.isExactStr { return v }
    if empty && v.isSmallInt { return try str(of: v) }
    let method = Types.lookup(v.type, rt.pointee.names.__format__)
    if method.isNull { throw raise(.typeError, "Type \(v.typeName) doesn't define __format__") }
    let r = try SlotDispatch.call(self, method, v, empty ? try str("") : spec)
    if !r.isStr { throw raise(.typeError, "__format__ must return a str, not \(r.typeName)") }
    return r
  }
}
