/// `type`: the class of classes.
enum TypeType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type")
    t.trace(trace)
    t.slots.new = NewCode(TypeCreation.new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.call = ManyCode(call)
    t.slots.getAttribute = OneCode(TypeAttributes.get)
    t.slots.setAttribute = StoreCode(TypeAttributes.set)
    t.slots.or = OneCode(UnionType.or)
    t.method("mro", "($self, /)", "Return a type's method resolution order.", mro)
    t.method("__subclasses__", "($self, /)", "Return a list of immediate subclasses.", subclasses)
    t.classMethod("__prepare__", nil, "Namespace for the class body.", prepare)
    t.method("__instancecheck__", "($self, instance, /)", "Check if an object is an instance.", instanceCheck)
    t.method("__subclasscheck__", "($self, subclass, /)", "Check if a class is a subclass.", subclassCheck)
    t.method("__dir__", "($self, /)", "Specialized __dir__ implementation for types.", dir)
    t.method("__sizeof__", "($self, /)", "Return memory consumption of the type object.", sizeOf)
    t.getset("__name__", nil, TypeAttributes.name, TypeAttributes.setName)
    t.getset("__qualname__", nil, TypeAttributes.getQualname, TypeAttributes.setQualname)
    t.getset("__bases__", nil, TypeAttributes.getBases, TypeCreation.setBases)
    t.getset("__module__", nil, TypeAttributes.getModule, TypeAttributes.setModule)
    t.getset("__abstractmethods__", nil, TypeAttributes.getAbstractMethods, TypeAttributes.setAbstractMethods)
    t.getset("__dict__", nil, TypeAttributes.getDict)
    t.getset("__doc__", nil, TypeAttributes.getDoc, TypeAttributes.setDoc)
    t.getset("__text_signature__", nil, TypeAttributes.getTextSignature)
    t.getset("__annotations__", nil, TypeAttributes.getAnnotations, TypeAttributes.setAnnotations)
    t.getset("__mro__", nil, TypeAttributes.getMro)
    t.getset("__base__", nil, TypeAttributes.getBase)
    t.getset("__flags__", nil, TypeAttributes.getFlags)
    t.getset("__basicsize__", nil, TypeAttributes.getBasicSize)
    t.getset("__itemsize__", nil, TypeAttributes.getItemSize)
    t.getset("__dictoffset__", nil, TypeAttributes.getDictOffset)
    t.getset("__weakrefoffset__", nil, TypeAttributes.getWeakrefOffset)
  }

  static let trace: TraceFunction = { cell, tracer in
    let t = Tracer(tracer)
    forEachReference(of: cell.assumingMemoryBound(to: TypeLayout.self)) { t.mark($0) }
  }

  /// Calls `body` with each cell that a type refers to.
  @inline(__always)
  static func forEachReference(of type: TypeRef, _ body: (UnsafeMutableRawPointer) -> Void) {
    func visit(_ value: Value) { if value.isCell { body(value.cell) } }
    func visit<Layout>(_ pointer: UnsafeMutablePointer<Layout>?) { if let pointer { body(UnsafeMutableRawPointer(pointer)) } }
    visit(type.pointee.name)
    visit(type.pointee.qualname)
    visit(type.pointee.dict)
    visit(type.pointee.bases)
    visit(type.pointee.mro)
    visit(type.pointee.base)
    visit(type.pointee.solidBase)
    visit(type.pointee.subclasses)
    visit(type.pointee.rootShape)
    visit(type.pointee.doc)
    visit(type.pointee.cachedInit)
    visit(type.pointee.moduleName)
  }

  // MARK: slots

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    if args.keywordCount != 0 && args.count == 1 {
      throw vm.raise(.typeError, "type.__init__() takes no keyword arguments")
    }
    if args.count != 1 && args.count != 3 { throw vm.raise(.typeError, "type.__init__() takes 1 or 3 arguments") }
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let type = v.asType
    let module = try TypeAttributes.module(vm, type)
    if module.isStr && !Str.equal(module, "builtins") {
      return try vm.str("<class '\(module.swiftString).\(TypeNames.qualname(type))'>")
    }
    return try vm.str("<class '\(type.nameForMessages)'>")
  }

  /// Instantiation: `__new__`, then `__init__` if the result is an instance.
  static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let type = v.asType
    if type == rt.pointee.types.type {
      if args.count == 1 && args.keywordCount == 0 { return Value(args[0].type) }
      if args.count != 3 { throw vm.raise(.typeError, "type() takes 1 or 3 arguments") }
    }
    guard let new = type.pointee.slots.new else {
      throw vm.raise(.typeError, "cannot create '\(type.nameForMessages)' instances")
    }
    let made = try new(vm, v, args)
    let actual = made.type
    if actual != type && !actual.isSubtype(of: type) { return made }
    guard let initialize = actual.pointee.slots.initialize else { return made }
    // That of `object` does nothing where `__new__` is another.
    if actual == type, initialize == rt.types.object.pointee.slots.initialize, new != rt.types.object.pointee.slots.new { return made }
    try initialize(vm, made, args)
    return made
  }

  // MARK: methods

  private static func mro(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.list(from: try MethodResolution.compute(vm, v.asType))
  }

  private static func subclasses(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let list = try vm.list()
    let refs = v.asType.pointee.subclasses
    if refs.isNull { return list }
    let l = refs.as(ListLayout.self)
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      let referent = items[i].as(WeakRefLayout.self).pointee.referent
      if !referent.isNull { try vm.append(list, referent) }
      i += 1
    }
    return list
  }

  private static func prepare(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value { try vm.dict() }

  private static func instanceCheck(_ vm: VM, _ cls: Value, _ v: Value) throws(Raised) -> Value {
    .bool(try TypeChecks.realIsInstance(vm, v, cls))
  }
  private static func subclassCheck(_ vm: VM, _ cls: Value, _ v: Value) throws(Raised) -> Value {
    .bool(try TypeChecks.realIsSubclass(vm, v, cls))
  }

  /// Attributes of the class and its bases; the metaclass's are left out.
  private static func dir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let names = try vm.dict()
    try TypeAttributes.mergeNames(vm, names, v)
    return try vm.list(from: names)
  }

  private static func sizeOf(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.int(MemoryLayout<TypeLayout>.size) }
}
