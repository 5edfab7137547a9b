/// `wrapper_descriptor`
enum WrapperDescriptorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.wrapper)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.descriptorGet = TwoCode(bind)
    t.method("__reduce__", nil, nil, DescriptorAttributes.reduce)
    t.getset("__doc__", nil, doc)
    t.getset("__text_signature__", nil, textSignature)
    DescriptorAttributes.declare(&t)
  }

  static func entry(_ v: Value) -> SlotEntry { SlotTable.entries[v.as(WrapperDescriptorLayout.self).pointee.entry] }

  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let w = v.as(WrapperDescriptorLayout.self)
    let owner = w.pointee.owner.asType
    guard args.count > 0 else {
      throw vm.raise(
        .typeError, "descriptor '\(w.pointee.name.swiftString)' of '\(owner.nameForMessages)' object needs an argument")
    }
    if !args[0].isInstance(of: owner) { throw mismatch(vm, v, args[0]) }
    return try SlotWrapper.call(vm, w.pointee.entry, w.pointee.code, args[0], args.dropFirst(1), owner)
  }
  private static func mismatch(_ vm: VM, _ v: Value, _ receiver: Value) -> Raised {
    let w = v.as(WrapperDescriptorLayout.self)
    return vm.raise(
      .typeError,
      "descriptor '\(w.pointee.name.swiftString)' requires a '\(w.pointee.owner.asType.nameForMessages)' object but received a '\(receiver.typeName)'"
    )
  }
  private static func bind(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull { return v }
    let w = v.as(WrapperDescriptorLayout.self)
    if !instance.isInstance(of: w.pointee.owner.asType) {
      throw vm.raise(
        .typeError,
        "descriptor '\(w.pointee.name.swiftString)' for '\(w.pointee.owner.asType.nameForMessages)' objects doesn't apply to a '\(instance.typeName)' object"
      )
    }
    let m = try vm.make(MethodWrapperLayout.self, rt.pointee.types.methodWrapper)
    m.pointee.descriptor = v
    m.pointee.receiver = instance
    return Value(m)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let w = v.as(WrapperDescriptorLayout.self)
    return try vm.str("<slot wrapper '\(w.pointee.name.swiftString)' of '\(w.pointee.owner.asType.nameForMessages)' objects>")
  }
  static func doc(_ vm: VM, _ v: Value) throws(Raised) -> Value { try StaticText(entry(v).doc).str(vm) }
  static func textSignature(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = entry(v).signature
    return s.utf8CodeUnitCount == 0 ? .none : try StaticText(s).str(vm)
  }
}

/// Attributes that wrapper, getset and member descriptors share: their layouts begin alike.
enum DescriptorAttributes {
  static func declare(_ t: inout TypeBuilder) {
    t.getset("__name__", nil, name)
    t.getset("__qualname__", nil, qualname)
    t.getset("__objclass__", nil, owner)
  }
  static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.as(WrapperDescriptorLayout.self).pointee.name }
  static func owner(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.as(WrapperDescriptorLayout.self).pointee.owner }
  static func qualname(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = v.as(WrapperDescriptorLayout.self)
    return try vm.str("\(TypeNames.qualname(d.pointee.owner.asType)).\(d.pointee.name.swiftString)")
  }
  static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = v.as(WrapperDescriptorLayout.self)
    let getattr = Dicts.get(vm, rt.pointee.builtins, "getattr")
    return try vm.tuple(getattr, try vm.tuple(d.pointee.owner, d.pointee.name))
  }
  /// The instance must be of the declaring type.
  static func check(_ vm: VM, _ v: Value, _ instance: Value) throws(Raised) {
    let d = v.as(WrapperDescriptorLayout.self)
    let owner = d.pointee.owner.asType
    if instance.type == owner || instance.isInstance(of: owner) { return }
    throw vm.raise(
      .typeError,
      "descriptor '\(d.pointee.name.swiftString)' for '\(owner.nameForMessages)' objects doesn't apply to a '\(instance.typeName)' object"
    )
  }
  static func notWritable(_ vm: VM, _ v: Value) -> Raised {
    let d = v.as(WrapperDescriptorLayout.self)
    return vm.raise(
      .attributeError,
      "attribute '\(d.pointee.name.swiftString)' of '\(d.pointee.owner.asType.nameForMessages)' objects is not writable")
  }
}

/// `method-wrapper`
enum MethodWrapperType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.methodWrapper)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.method("__reduce__", nil, nil, reduce)
    t.getset("__self__", nil, receiver)
    t.getset("__objclass__", nil, owner)
    t.getset("__name__", nil, name)
    t.getset("__qualname__", nil, qualname)
    t.getset("__doc__", nil, doc)
    t.getset("__text_signature__", nil, textSignature)
  }

  private static func descriptor(_ v: Value) -> Value { v.as(MethodWrapperLayout.self).pointee.descriptor }
  private static func receiver(_ vm: VM, _ v: Value) throws(Raised) -> Value { v.as(MethodWrapperLayout.self).pointee.receiver }
  private static func name(_ vm: VM, _ v: Value) throws(Raised) -> Value { try DescriptorAttributes.name(vm, descriptor(v)) }
  private static func owner(_ vm: VM, _ v: Value) throws(Raised) -> Value { try DescriptorAttributes.owner(vm, descriptor(v)) }
  private static func qualname(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try DescriptorAttributes.qualname(vm, descriptor(v))
  }
  private static func doc(_ vm: VM, _ v: Value) throws(Raised) -> Value { try WrapperDescriptorType.doc(vm, descriptor(v)) }
  private static func textSignature(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try WrapperDescriptorType.textSignature(vm, descriptor(v))
  }
  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let m = v.as(MethodWrapperLayout.self)
    let w = m.pointee.descriptor.as(WrapperDescriptorLayout.self)
    return try SlotWrapper.call(vm, w.pointee.entry, w.pointee.code, m.pointee.receiver, args, w.pointee.owner.asType)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(MethodWrapperLayout.self)
    let name = m.pointee.descriptor.as(WrapperDescriptorLayout.self).pointee.name.swiftString
    let receiver = m.pointee.receiver
    return try vm.str("<method-wrapper '\(name)' of \(receiver.typeName) object at \(hexAddress(receiver))>")
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let m = v.as(MethodWrapperLayout.self)
    let h = Int(bitPattern: UInt(m.pointee.descriptor.bits ^ m.pointee.receiver.bits) >> 4)
    return h == -1 ? -2 : h
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, b.isExact(rt.pointee.types.methodWrapper) else { return .notImplemented }
    let x = a.as(MethodWrapperLayout.self).pointee
    let y = b.as(MethodWrapperLayout.self).pointee
    return .bool((x.descriptor == y.descriptor && x.receiver == y.receiver) == (op == .eq))
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let m = v.as(MethodWrapperLayout.self)
    let getattr = Dicts.get(vm, rt.pointee.builtins, "getattr")
    return try vm.tuple(getattr, try vm.tuple(m.pointee.receiver, try name(vm, v)))
  }
}

/// `getset_descriptor`
enum GetsetDescriptorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.getset)
    t.slots.repr = NoArgsCode(repr)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.descriptorSet = StoreCode(set)
    t.getset("__doc__", nil, doc)
    DescriptorAttributes.declare(&t)
  }
  private static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull { return v }
    try DescriptorAttributes.check(vm, v, instance)
    return try v.as(GetsetLayout.self).pointee.get(vm, instance)
  }
  private static func set(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
    try DescriptorAttributes.check(vm, v, instance)
    guard let set = v.as(GetsetLayout.self).pointee.set else { throw DescriptorAttributes.notWritable(vm, v) }
    try set(vm, instance, value, .null)
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = v.as(GetsetLayout.self)
    return try vm.str("<attribute '\(d.pointee.name.swiftString)' of '\(d.pointee.owner.asType.nameForMessages)' objects>")
  }
  private static func doc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = try v.as(GetsetLayout.self).pointee.doc.str(vm)
    return d.isNull ? .none : d
  }
}

/// `member_descriptor`: a field of a builtin layout, or a slot of a class.
enum MemberDescriptorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(DescriptorTrace.member)
    t.slots.repr = NoArgsCode(repr)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.descriptorSet = StoreCode(set)
    t.method("__reduce__", nil, nil, DescriptorAttributes.reduce)
    t.getset("__doc__", nil, doc)
    DescriptorAttributes.declare(&t)
  }

  @inline(__always)
  private static func word(_ v: Value, _ instance: Value) -> UnsafeMutablePointer<Value> {
    (instance.cell + Int(v.as(MemberLayout.self).pointee.offset)).assumingMemoryBound(to: Value.self)
  }
  /// Whether `get` would raise because the slot has no value.
  static func isUnset(_ v: Value, _ instance: Value) -> Bool {
    let m = v.as(MemberLayout.self)
    return m.pointee.whenNull.isNull && instance.type.isSubtype(of: m.pointee.owner.asType) && word(v, instance).pointee.isNull
  }
  static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull { return v }
    try DescriptorAttributes.check(vm, v, instance)
    if let get = v.as(MemberLayout.self).pointee.get { return try get(vm, instance) }
    let value = word(v, instance).pointee
    if !value.isNull { return value }
    let m = v.as(MemberLayout.self)
    if !m.pointee.whenNull.isNull { return m.pointee.whenNull }
    throw vm.raiseNoAttribute(instance, m.pointee.name)
  }
  static func set(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
    try DescriptorAttributes.check(vm, v, instance)
    let m = v.as(MemberLayout.self)
    if m.pointee.readOnly { throw vm.raise(.attributeError, "readonly attribute") }
    if value.isNull, m.pointee.refusal.bytes != nil {
      throw vm.raise(.attributeError, value: try m.pointee.refusal.str(vm))
    }
    let place = word(v, instance)
    if value.isNull && place.pointee.isNull && m.pointee.whenNull.isNull {
      throw vm.raise(.attributeError, m.pointee.name.swiftString)
    }
    place.pointee = value
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = v.as(MemberLayout.self)
    return try vm.str("<member '\(d.pointee.name.swiftString)' of '\(d.pointee.owner.asType.nameForMessages)' objects>")
  }
  private static func doc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = try v.as(MemberLayout.self).pointee.doc.str(vm)
    return d.isNull ? .none : d
  }
}
