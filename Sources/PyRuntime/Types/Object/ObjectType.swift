/// `object`
package enum ObjectType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("object()\n--\n\nThe base class of the class hierarchy.")
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(str)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.getAttribute = OneCode(ObjectAttributes.get)
    t.slots.setAttribute = StoreCode(ObjectAttributes.set)
    t.getset("__class__", "the object's class", getClass, setClass)
    t.method("__reduce_ex__", "($self, protocol, /)", "Helper for pickle.", ObjectReduce.reduceEx)
    t.method("__reduce__", "($self, /)", "Helper for pickle.", ObjectReduce.reduce)
    t.method("__getstate__", "($self, /)", "Helper for pickle.", ObjectReduce.getState)
    t.classMethod("__subclasshook__", nil, "Decides for issubclass(); NotImplemented means: as usual.", subclassHook)
    t.classMethod("__init_subclass__", nil, "Called when a class is subclassed; the default does nothing.", initSubclass)
    t.method("__format__", "($self, format_spec, /)", "Default object formatter.", format)
    t.method("__sizeof__", "($self, /)", "Size of object in memory, in bytes.", sizeOf)
    t.method("__dir__", "($self, /)", "Default dir() implementation.", dir)
  }

  // MARK: creation

  /// A bare instance of `type`: for classes derived from object alone.
  static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    let type = cls.asType
    if args.count != 0 || args.keywordCount != 0 {
      if type.pointee.slots.new != rt.pointee.types.object.pointee.slots.new {
        throw vm.raise(.typeError, "object.__new__() takes exactly one argument (the type to instantiate)")
      }
      if type.pointee.slots.initialize == rt.pointee.types.object.pointee.slots.initialize {
        throw vm.raise(.typeError, "\(type.nameForMessages)() takes no arguments")
      }
    }
    if type.pointee.flags.contains(.abstract) { throw try abstractError(vm, type) }
    return Value(try vm.instance(CellHeader.self, of: type))
  }

  private static func abstractError(_ vm: VM, _ type: TypeRef) throws(Raised) -> Raised {
    let abstract = try vm.getAttribute(Value(type), rt.pointee.names.__abstractmethods__)
    let names = try vm.list(from: abstract)
    _ = try vm.callMethod(names, "sort")
    let joined = try vm.callMethod(try vm.str(", "), "join", names)
    let count = names.as(ListLayout.self).pointee.count
    return vm.raise(
      .typeError,
      "Can't instantiate abstract class \(type.nameForMessages) with abstract method\(count > 1 ? "s" : "") \(joined.swiftString)")
  }

  static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.count == 0 && args.keywordCount == 0 { return }
    let type = v.type
    if type.pointee.slots.initialize != rt.pointee.types.object.pointee.slots.initialize {
      throw vm.raise(.typeError, "object.__init__() takes exactly one argument (the instance to initialize)")
    }
    if type.pointee.slots.new == rt.pointee.types.object.pointee.slots.new {
      throw vm.raise(
        .typeError, "\(type.nameForMessages).__init__() takes exactly one argument (the instance to initialize)")
    }
  }

  // MARK: slots

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.type
    let module = try TypeAttributes.module(vm, type)
    let qualname = try TypeAttributes.qualname(vm, type)
    if module.isStr && !Str.equal(module, "builtins") {
      return try vm.str("<\(module.swiftString).\(qualname.swiftString) object at \(hexAddress(v))>")
    }
    return try vm.str("<\(type.nameForMessages) object at \(hexAddress(v))>")
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let repr = v.type.pointee.slots.repr else { return try ObjectType.repr(vm, v) }
    return try repr(vm, v)
  }
  static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int { identityHash(v) }
  package static func identityHash(_ v: Value) -> Int {
    let bits = v.identity
    let rotated = (bits >> 4) | (bits << 60)
    let h = Int(bitPattern: UInt(rotated))
    return h == -1 ? -2 : h
  }
  static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    switch op {
    case .eq: return a == b ? .true : .notImplemented
    case .ne:
      // `!=` is the opposite of `==` unless the class says otherwise.
      guard let slot = a.type.pointee.slots.compare else { return .notImplemented }
      let r = try slot(vm, a, b, .eq)
      if r == .notImplemented { return r }
      return .bool(try !vm.isTrue(r))
    default: return .notImplemented
    }
  }

  // MARK: methods

  private static func getClass(_ vm: VM, _ v: Value) throws(Raised) -> Value { Value(v.type) }

  private static func setClass(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "can't delete __class__ attribute") }
    guard value.isType else {
      throw vm.raise(.typeError, "__class__ must be set to a class, not '\(value.typeName)' object")
    }
    let old = v.type
    let new = value.asType
    let modules = new.isSubtype(of: rt.pointee.types.module) && old.isSubtype(of: rt.pointee.types.module)
    guard modules || new.pointee.flags.contains(.heapType) && old.pointee.flags.contains(.heapType) else {
      throw vm.raise(.typeError, "__class__ assignment only supported for mutable types or ModuleType subclasses")
    }
    guard v.isCell && TypeLayouts.sameInstances(old, new) else {
      throw vm.raise(
        .typeError,
        "__class__ assignment: '\(new.nameForMessages)' object layout differs from '\(old.nameForMessages)'")
    }
    if old == new { return }
    // A shape belongs to one type, and caches trust that: the instance keeps its attributes in a dict from now on.
    if Attributes.storage(v) != nil { _ = try Attributes.dictionary(vm, v) }
    v.as(CellHeader.self).pointee.type = new
    TupleHashes.forget()
    if new.pointee.flags.contains(.finalized) && !old.pointee.flags.contains(.finalized) { vm.registerFinalizer(v.cell) }
  }

  private static func subclassHook(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value { .notImplemented }

  private static func initSubclass(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    if args.keywordCount != 0 {
      throw vm.raise(.typeError, "\(TypeNames.qualname(cls.asType)).__init_subclass__() takes no keyword arguments")
    }
    if args.count != 0 {
      throw vm.raise(
        .typeError, "\(TypeNames.qualname(cls.asType)).__init_subclass__() takes no arguments (\(args.count) given)")
    }
    return .none
  }

  private static func format(_ vm: VM, _ v: Value, _ spec: Value) throws(Raised) -> Value {
    guard spec.isStr else { throw vm.raise(.typeError, "__format__() argument must be str, not \(spec.argumentTypeName)") }
    if spec.as(StrLayout.self).pointee.length != 0 {
      throw vm.raise(.typeError, "unsupported format string passed to \(v.typeName).__format__")
    }
    return try vm.str(of: v)
  }

  private static func sizeOf(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.int(v.isCell ? v.type.pointee.totalInstanceSize : 8)
  }

  /// Names of the instance's own attributes and of everything in the class's mro.
  private static func dir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let all = try vm.dict()
    let own = try vm.getAttributeOrNull(v, rt.pointee.names.__dict__)
    if own.isDict { try Dicts.merge(vm, all, own) }
    let cls = try vm.getAttributeOrNull(v, rt.pointee.names.__class__)
    if !cls.isNull { try TypeAttributes.mergeNames(vm, all, cls) }
    return try vm.list(from: all)
  }
}

/// Questions about the memory of instances.
enum TypeLayouts {
  /// Whether an instance of one type may become an instance of the other: same builtin memory, slots and storage.
  static func sameInstances(_ a: TypeRef, _ b: TypeRef) -> Bool {
    if a == b { return true }
    return solid(a) == solid(b) && a.pointee.instanceSize == b.pointee.instanceSize
      && a.pointee.attributesOffset == b.pointee.attributesOffset && a.pointee.slotCount == b.pointee.slotCount
      && a.pointee.dictOffset == b.pointee.dictOffset && sameSlots(a, b)
      && a.pointee.flags.contains(.weakReferenceable) == b.pointee.flags.contains(.weakReferenceable)
  }

  /// The builtin whose memory instances begin with.
  static func solid(_ type: TypeRef) -> TypeRef {
    var t = type
    while t.pointee.flags.contains(.heapType), let base = t.pointee.base { t = base }
    while let base = t.pointee.base, base.pointee.instanceSize == t.pointee.instanceSize { t = base }
    return t
  }

  /// Whether each slot that `y` adds to its base is one of `x`, at the same place: they are sorted by name.
  private static func haveSlots(_ x: TypeRef, of y: TypeRef) -> Bool {
    guard y.pointee.dict.isDict else { return false }
    var position = 0
    while let entry = Dicts.next(y.pointee.dict, &position) {
      guard entry.key.isExactStr, entry.value.isExact(rt.types.memberDescriptor), case let slot = entry.value.as(MemberLayout.self),
        slot.pointee.owner == Value(y)
      else { continue }
      let other = Dicts.get(x.pointee.dict, str: entry.key)
      guard other.isExact(rt.types.memberDescriptor), other.as(MemberLayout.self).pointee.offset == slot.pointee.offset else {
        return false
      }
    }
    return true
  }

  /// Slots of the same names at the same places, added to the same base.
  private static func sameSlots(_ a: TypeRef, _ b: TypeRef) -> Bool {
    var x = a
    var y = b
    while let base = x.pointee.base, base.pointee.slotCount == x.pointee.slotCount { x = base }
    while let base = y.pointee.base, base.pointee.slotCount == y.pointee.slotCount { y = base }
    if x == y || x.pointee.slotCount == 0 && y.pointee.slotCount == 0 { return true }
    return x.pointee.base == y.pointee.base && haveSlots(x, of: y) && haveSlots(y, of: x)
  }
}
