/// `super`
enum SuperType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "super() -> same as super(__class__, <first argument>)\nsuper(type) -> unbound super object\nsuper(type, obj) -> bound super object")
    t.trace(DescriptorTrace.superObject)
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.getAttribute = OneCode(getAttribute)
    t.slots.descriptorGet = TwoCode(get)
    t.member("__thisclass__", "the class invoking super()", offset: MemoryLayout<SuperLayout>.offset(of: \.type))
    t.member("__self__", "the instance invoking super(); may be None", offset: MemoryLayout<SuperLayout>.offset(of: \.object))
    t.member(
      "__self_class__", "the type of the instance invoking super(); may be None",
      offset: MemoryLayout<SuperLayout>.offset(of: \.objectType))
  }

  /// The attribute `name` of what follows `type` in the mro of `start`, bound to `object`; null when there is none.
  /// - Parameter start: class whose mro is searched
  static func lookup(_ vm: VM, _ type: Value, _ object: Value, _ start: TypeRef, _ name: Value) throws(Raised) -> Value {
    let mro = start.pointee.mro
    if mro.isNull { return .null }
    let t = mro.as(TupleLayout.self)
    var i = 0
    while i < t.pointee.count, t.items[i] != type { i += 1 }
    i += 1
    while i < t.pointee.count {
      let found = Dicts.get(t.items[i].asType.pointee.dict, str: name)
      if !found.isNull {
        guard let get = found.type.pointee.slots.descriptorGet else { return found }
        // Bound to a class: class methods see the class, plain functions stay unbound.
        return try get(vm, found, object == Value(start) ? .null : object, Value(start))
      }
      i += 1
    }
    return .null
  }

  /// The method `name` that a bound super object finds, unbound, if it is one that takes the object as its first argument (a function or a
  /// method of a builtin type); else null.
  static func method(_ v: Value, _ name: Value) -> Value {
    let s = v.as(SuperLayout.self)
    guard s.pointee.objectType.isCell, s.pointee.object != s.pointee.objectType, name != rt.pointee.names.__class__ else { return .null }
    let mro = s.pointee.objectType.asType.pointee.mro
    guard mro.isCell else { return .null }
    let t = mro.as(TupleLayout.self)
    var i = 0
    while i < t.pointee.count, t.items[i] != s.pointee.type { i &+= 1 }
    i &+= 1
    guard i < t.pointee.count else { return .null }
    let next = t.items[i].asType
    let rest = next.pointee.mro
    var found = Value.null
    // Without multiple inheritance the rest of the mro is that of the next class, whose look-ups are cached.
    if rest.isCell, rest.as(TupleLayout.self).pointee.count == t.pointee.count &- i, next.pointee.header.type == rt.types.type {
      found = Types.lookup(next, name)
    } else {
      while i < t.pointee.count, found.isNull {
        found = Dicts.get(t.items[i].asType.pointee.dict, str: name)
        i &+= 1
      }
    }
    return !found.isNull && found.type.pointee.flags.contains(.methodDescriptor) ? found : .null
  }

  /// `super()` in the running function.
  static func implicit(_ vm: VM) throws(Raised) -> Value {
    let (type, object) = try implicitArguments(vm)
    let start = try check(vm, type, object)
    let s = try vm.instance(SuperLayout.self, of: rt.types.super)
    s.pointee.type = type
    s.pointee.object = object
    s.pointee.objectType = Value(start)
    return Value(s)
  }

  /// The class whose mro `super(type, object)` searches.
  static func check(_ vm: VM, _ type: Value, _ object: Value) throws(Raised) -> TypeRef {
    if object.isType && object.asType.isSubtype(of: type.asType) { return object.asType }
    if object.type.isSubtype(of: type.asType) { return object.type }
    let claimed = try vm.getAttributeOrNull(object, rt.pointee.names.__class__)
    if claimed.isType && claimed.asType != object.type && claimed.asType.isSubtype(of: type.asType) { return claimed.asType }
    throw vm.raise(.typeError, "super(type, obj): obj must be an instance or subtype of type")
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(SuperLayout.self, of: type.asType))
  }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "super() takes no keyword arguments") }
    if args.count > 2 { throw vm.raise(.typeError, "super expected at most 2 arguments, got \(args.count)") }
    var type = args[0]
    var object = args[1]
    if args.count == 0 { (type, object) = try implicitArguments(vm) }
    guard type.isType else { throw vm.raise(.typeError, "super() argument 1 must be a type, not \(type.typeName)") }
    if object.isNone { object = .null }
    let s = v.as(SuperLayout.self)
    s.pointee.objectType = object.isNull ? .null : Value(try check(vm, type, object))
    s.pointee.type = type
    s.pointee.object = object
  }

  /// `__class__` cell and first argument of the calling function.
  private static func implicitArguments(_ vm: VM) throws(Raised) -> (Value, Value) {
    guard let frame = vm.thread.pointee.frame else { throw vm.raise(.runtimeError, "super(): no current frame") }
    let fp = frame.assumingMemoryBound(to: Value.self)
    let code = fp.frameCode
    guard code.pointee.argCount > 0 else { throw vm.raise(.runtimeError, "super(): no arguments") }
    var object = fp[0]
    // The first argument lives in a cell when an inner function uses it.
    let kinds = code.pointee.localsplusKinds
    let firstIsCell = kinds.isBytes && kinds.as(BytesLayout.self).pointee.count > 0 && kinds.as(BytesLayout.self).bytes[0] & 0x40 != 0
    if firstIsCell && object.isExact(rt.pointee.types.cell) { object = object.as(ClosureCellLayout.self).pointee.content }
    if object.isNull { throw vm.raise(.runtimeError, "super(): arg[0] deleted") }
    let names = code.pointee.localsplusNames.as(TupleLayout.self)
    let total = names.pointee.count
    var i = max(0, total - Int(code.pointee.nfrees))
    while i < total {
      if names.items[i] == rt.pointee.names.__class__ || Str.equal(names.items[i], "__class__") {
        let cell = fp[i]
        guard cell.isExact(rt.pointee.types.cell) else { throw vm.raise(.runtimeError, "super(): bad __class__ cell") }
        let type = cell.as(ClosureCellLayout.self).pointee.content
        if type.isNull { throw vm.raise(.runtimeError, "super(): empty __class__ cell") }
        guard type.isType else {
          throw vm.raise(.runtimeError, "super(): __class__ is not a type (\(type.typeName))")
        }
        return (type, object)
      }
      i += 1
    }
    throw vm.raise(.runtimeError, "super(): __class__ cell not found")
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let s = v.as(SuperLayout.self)
    let type = s.pointee.type.isType ? s.pointee.type.asType.nameForMessages : "NULL"
    if s.pointee.objectType.isNull { return try vm.str("<super: <class '\(type)'>, NULL>") }
    return try vm.str("<super: <class '\(type)'>, <\(s.pointee.objectType.asType.nameForMessages) object>>")
  }

  private static func getAttribute(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let s = v.as(SuperLayout.self)
    let name = try vm.attributeName(rawName)
    if !s.pointee.objectType.isNull && name != rt.pointee.names.__class__ {
      let found = try lookup(vm, s.pointee.type, s.pointee.object, s.pointee.objectType.asType, name)
      if !found.isNull { return found }
    }
    return try ObjectAttributes.get(vm, v, name)
  }

  private static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    let s = v.as(SuperLayout.self)
    if instance.isNull || instance.isNone || !s.pointee.object.isNull { return v }
    if !v.isExact(rt.pointee.types.super) { return try vm.call(Value(v.type), s.pointee.type, instance) }
    let start = try check(vm, s.pointee.type, instance)
    let made = try vm.instance(SuperLayout.self, of: rt.pointee.types.super)
    made.pointee.type = s.pointee.type
    made.pointee.object = instance
    made.pointee.objectType = Value(start)
    return Value(made)
  }
}
