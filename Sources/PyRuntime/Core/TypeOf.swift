extension Value {
  /// Python's type of any visible value.
  @inline(__always) package var type: TypeRef {
    if isCell { return cellType }
    return immediateType
  }
  @inline(never) private var immediateType: TypeRef {
    if isSmallInt { return rt.types.int }
    if isDouble { return rt.types.float }
    if isBool { return rt.types.bool }
    if isNone { return rt.types.noneType }
    if self == .notImplemented { return rt.types.notImplementedType }
    if self == .ellipsis { return rt.types.ellipsisType }
    return rt.types.object
  }
  /// Exactly `type`, no subclass. Only for types whose instances are cells.
  @inline(__always) package func isExact(_ type: TypeRef) -> Bool { isCell && cellType == type }
  /// Instance of a subclass of the builtin that `flag` stands for; only for cells (bool, int and float also have immediates).
  @inline(__always) package func hasTypeFlag(_ flag: TypeFlags) -> Bool { isCell && !cellType.pointee.flags.isDisjoint(with: flag) }
  /// int or a subclass, bool included.
  @inline(__always) package var isInt: Bool { isSmallInt || isBool || hasTypeFlag(.intSubclass) }
  /// Exactly int, inline or big.
  @inline(__always) package var isExactInt: Bool { isSmallInt || isExact(rt.types.int) }
  @inline(__always) package var isFloat: Bool { isDouble || hasTypeFlag(.floatSubclass) }
  @inline(__always) package var isStr: Bool { hasTypeFlag(.strSubclass) }
  @inline(__always) package var isExactStr: Bool { isExact(rt.types.str) }
  @inline(__always) package var isBytes: Bool { hasTypeFlag(.bytesSubclass) }
  @inline(__always) package var isList: Bool { hasTypeFlag(.listSubclass) }
  @inline(__always) package var isTuple: Bool { hasTypeFlag(.tupleSubclass) }
  @inline(__always) package var isDict: Bool { hasTypeFlag(.dictSubclass) }
  @inline(__always) package var isSetOrFrozenSet: Bool { hasTypeFlag(.setSubclass) }
  @inline(__always) package var isType: Bool { hasTypeFlag(.typeSubclass) }
  @inline(__always) package var isExceptionInstance: Bool { hasTypeFlag(.exceptionSubclass) }
  @inline(__always) package var isExceptionClass: Bool { isType && self.as(TypeLayout.self).pointee.flags.contains(.exceptionSubclass) }
  @inline(__always) package var asType: TypeRef { self.as(TypeLayout.self) }
  package func isInstance(of type: TypeRef) -> Bool { self.type.isSubtype(of: type) }
  /// What `PyNumber_Check` takes for a number: what converts to an int or a float, and complex numbers.
  package var isNumber: Bool {
    let slots = type.pointee.slots
    return isInt || isFloat || slots.index != nil || slots.int != nil || slots.float != nil || isInstance(of: rt.types.complex)
  }
  /// "int", "list", … for messages.
  package var typeName: String { type.nameForMessages }
  /// What messages about an argument of a wrong type call it: None by itself, anything else by its type.
  package var argumentTypeName: String { isNone ? "None" : typeName }
}
