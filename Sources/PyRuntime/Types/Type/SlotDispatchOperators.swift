// Binary operators of Python classes: `__add__` and `__radd__` behind one slot.

extension SlotDispatch {
  /// Asks `a`'s method, then `b`'s reflected one; a subclass on the right that overrides the reflected method goes first.
  /// `aIsGeneric`, `bIsGeneric`: whether the operand's slot is the dispatching function this call came from.
  private static func binary(
    _ vm: VM, _ a: Value, _ b: Value, _ aIsGeneric: Bool, _ bIsGeneric: Bool, _ name: Value, _ reflected: Value
  ) throws(Raised) -> Value {
    let ta = a.type
    let tb = b.type
    var askRight = ta != tb && bIsGeneric
    if rt.pointee.passesLeftOperand {
      rt.pointee.passesLeftOperand = false
    } else if aIsGeneric {
      if askRight && tb.isSubtype(of: ta) && isOverloaded(a, b, reflected) {
        let r = try maybe(vm, b, reflected, a)
        if r != .notImplemented { return r }
        askRight = false
      }
      let r = try maybe(vm, a, name, b)
      if r != .notImplemented || ta == tb { return r }
    }
    if askRight { return try maybe(vm, b, reflected, a) }
    return .notImplemented
  }

  /// `type(v).name(v, other)`, NotImplemented if there is no such method.
  private static func maybe(_ vm: VM, _ v: Value, _ name: Value, _ other: Value) throws(Raised) -> Value {
    let m = find(v, name)
    if m.isNull { return .notImplemented }
    return try callIfBound(vm, m, v, other)
  }

  /// Whether the two types differ in what `name` is.
  private static func isOverloaded(_ left: Value, _ right: Value, _ name: Value) -> Bool {
    let b = find(right, name)
    if b.isNull { return false }
    return find(left, name) != b
  }

  private static func inplace(_ vm: VM, _ v: Value, _ name: Value, _ other: Value) throws(Raised) -> Value {
    if rt.pointee.passesLeftOperand {
      rt.pointee.passesLeftOperand = false
      return .notImplemented
    }
    let m = find(v, name)
    if m.isNull { throw vm.raise(.attributeError, name.swiftString) }
    return try call(vm, m, v, other)
  }

  static func add(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.add
    return try binary(
      vm, a, b, a.type.pointee.slots.add == generic, b.type.pointee.slots.add == generic, rt.pointee.names.__add__,
      rt.pointee.names.__radd__)
  }
  static func subtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.subtract
    return try binary(
      vm, a, b, a.type.pointee.slots.subtract == generic, b.type.pointee.slots.subtract == generic, rt.pointee.names.__sub__,
      rt.pointee.names.__rsub__)
  }
  static func multiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.multiply
    return try binary(
      vm, a, b, a.type.pointee.slots.multiply == generic, b.type.pointee.slots.multiply == generic, rt.pointee.names.__mul__,
      rt.pointee.names.__rmul__)
  }
  static func remainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.remainder
    return try binary(
      vm, a, b, a.type.pointee.slots.remainder == generic, b.type.pointee.slots.remainder == generic, rt.pointee.names.__mod__,
      rt.pointee.names.__rmod__)
  }
  static func divmod(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.divmod
    return try binary(
      vm, a, b, a.type.pointee.slots.divmod == generic, b.type.pointee.slots.divmod == generic, rt.pointee.names.__divmod__,
      rt.pointee.names.__rdivmod__)
  }
  static func leftShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.leftShift
    return try binary(
      vm, a, b, a.type.pointee.slots.leftShift == generic, b.type.pointee.slots.leftShift == generic, rt.pointee.names.__lshift__,
      rt.pointee.names.__rlshift__)
  }
  static func rightShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.rightShift
    return try binary(
      vm, a, b, a.type.pointee.slots.rightShift == generic, b.type.pointee.slots.rightShift == generic, rt.pointee.names.__rshift__,
      rt.pointee.names.__rrshift__)
  }
  static func and(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.and
    return try binary(
      vm, a, b, a.type.pointee.slots.and == generic, b.type.pointee.slots.and == generic, rt.pointee.names.__and__,
      rt.pointee.names.__rand__)
  }
  static func xor(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.xor
    return try binary(
      vm, a, b, a.type.pointee.slots.xor == generic, b.type.pointee.slots.xor == generic, rt.pointee.names.__xor__,
      rt.pointee.names.__rxor__)
  }
  static func or(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.or
    return try binary(
      vm, a, b, a.type.pointee.slots.or == generic, b.type.pointee.slots.or == generic, rt.pointee.names.__or__,
      rt.pointee.names.__ror__)
  }
  static func floorDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.floorDivide
    return try binary(
      vm, a, b, a.type.pointee.slots.floorDivide == generic, b.type.pointee.slots.floorDivide == generic, rt.pointee.names.__floordiv__,
      rt.pointee.names.__rfloordiv__)
  }
  static func trueDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.trueDivide
    return try binary(
      vm, a, b, a.type.pointee.slots.trueDivide == generic, b.type.pointee.slots.trueDivide == generic, rt.pointee.names.__truediv__,
      rt.pointee.names.__rtruediv__)
  }
  static func matrixMultiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.matrixMultiply
    return try binary(
      vm, a, b, a.type.pointee.slots.matrixMultiply == generic, b.type.pointee.slots.matrixMultiply == generic, rt.pointee.names.__matmul__,
      rt.pointee.names.__rmatmul__)
  }

  static func power(_ vm: VM, _ a: Value, _ b: Value, _ modulus: Value) throws(Raised) -> Value {
    let generic = SlotTable.generic.power
    if modulus.isNone {
      return try binary(
        vm, a, b, a.type.pointee.slots.power == generic, b.type.pointee.slots.power == generic, rt.pointee.names.__pow__,
        rt.pointee.names.__rpow__)
    }
    // Three-argument power has no reflected form: only the base's class is asked.
    guard a.type.pointee.slots.power == generic else { return .notImplemented }
    let m = find(a, rt.pointee.names.__pow__)
    if m.isNull { return .notImplemented }
    return try call(vm, m, a, b, modulus)
  }

  // MARK: in place

  static func inplaceAdd(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__iadd__, b) }
  static func inplaceSubtract(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__isub__, b) }
  static func inplaceMultiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__imul__, b) }
  static func inplaceRemainder(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__imod__, b)
  }
  static func inplaceLeftShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__ilshift__, b)
  }
  static func inplaceRightShift(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__irshift__, b)
  }
  static func inplaceAnd(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__iand__, b) }
  static func inplaceXor(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__ixor__, b) }
  static func inplaceOr(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value { try inplace(vm, a, rt.pointee.names.__ior__, b) }
  static func inplaceFloorDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__ifloordiv__, b)
  }
  static func inplaceTrueDivide(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__itruediv__, b)
  }
  static func inplaceMatrixMultiply(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__imatmul__, b)
  }
  static func inplacePower(_ vm: VM, _ a: Value, _ b: Value, _ modulus: Value) throws(Raised) -> Value {
    try inplace(vm, a, rt.pointee.names.__ipow__, b)
  }
}
