/// `property`
enum PropertyType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("property(fget=None, fset=None, fdel=None, doc=None)\n--\n\nProperty attribute.")
    t.trace(DescriptorTrace.property)
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.descriptorSet = StoreCode(set)
    t.method("getter", nil, "Descriptor to obtain a copy of the property with a different getter.", getter)
    t.method("setter", nil, "Descriptor to obtain a copy of the property with a different setter.", setter)
    t.method("deleter", nil, "Descriptor to obtain a copy of the property with a different deleter.", deleter)
    t.method("__set_name__", nil, "Method to set name of a property.", setName)
    t.member("fget", nil, offset: MemoryLayout<PropertyLayout>.offset(of: \.get))
    t.member("fset", nil, offset: MemoryLayout<PropertyLayout>.offset(of: \.set))
    t.member("fdel", nil, offset: MemoryLayout<PropertyLayout>.offset(of: \.delete))
    t.getset("__doc__", nil, getDoc, setDoc)
    t.getset("__isabstractmethod__", nil, isAbstract)
  }

  private static func layout(_ v: Value) -> UnsafeMutablePointer<PropertyLayout> { v.as(PropertyLayout.self) }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    Value(try vm.instance(PropertyLayout.self, of: type.asType))
  }

  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try vm.bind(args, "property", "(fget=None, fset=None, fdel=None, doc=None)") { a throws(Raised) in
      let p = layout(v)
      func present(_ x: Value) -> Value { x.isNone ? .null : x }
      (p.pointee.get, p.pointee.set, p.pointee.delete) = (present(a[0]), present(a[1]), present(a[2]))
      p.pointee.doc = present(a[3])
      p.pointee.name = .null
      p.pointee.docFromGetter = false
      Heap.noteStore(v)
      let docGiven = !present(a[3]).isNull
      if !docGiven && !p.pointee.get.isNull {
        let doc = try vm.getAttributeOrNull(p.pointee.get, rt.pointee.names.__doc__)
        if !doc.isNull {
          p.pointee.docFromGetter = true
          // In a subclass the docstring must hide the class's own.
          if v.isExact(rt.pointee.types.property) {
            p.pointee.doc = doc
            Heap.noteStore(v)
          } else {
            try vm.setAttribute(v, rt.pointee.names.__doc__, doc)
          }
        }
      }
    }
  }

  // MARK: descriptor

  static func get(_ vm: VM, _ v: Value, _ instance: Value, _ owner: Value) throws(Raised) -> Value {
    if instance.isNull || instance.isNone && owner != Value(rt.pointee.types.noneType) { return v }
    let p = layout(v)
    if p.pointee.get.isNull { throw noAccessor(vm, p, instance, "getter") }
    return try vm.call(p.pointee.get, instance)
  }
  static func set(_ vm: VM, _ v: Value, _ instance: Value, _ value: Value) throws(Raised) {
    let p = layout(v)
    if value.isNull {
      if p.pointee.delete.isNull { throw noAccessor(vm, p, instance, "deleter") }
      _ = try vm.call(p.pointee.delete, instance)
    } else {
      if p.pointee.set.isNull { throw noAccessor(vm, p, instance, "setter") }
      _ = try vm.call(p.pointee.set, instance, value)
    }
  }

  private static func noAccessor(
    _ vm: VM, _ p: UnsafeMutablePointer<PropertyLayout>, _ instance: Value, _ kind: String
  ) -> Raised {
    let type = TypeNames.qualname(instance.type)
    if p.pointee.name.isNull { return vm.raise(.attributeError, "property of '\(type)' object has no \(kind)") }
    do throws(Raised) {
      let shown = try vm.repr(p.pointee.name).swiftString
      return vm.raise(.attributeError, "property \(shown) of '\(type)' object has no \(kind)")
    } catch { return error }
  }

  // MARK: copies

  private static func copy(_ vm: VM, _ v: Value, _ get: Value, _ set: Value, _ delete: Value) throws(Raised) -> Value {
    let p = layout(v)
    func pick(_ new: Value, _ old: Value) -> Value { new.isNull || new.isNone ? (old.isNull ? .none : old) : new }
    let newGet = pick(get, p.pointee.get)
    let doc = p.pointee.docFromGetter && !newGet.isNone ? Value.none : (p.pointee.doc.isNull ? .none : p.pointee.doc)
    let made = try vm.call(Value(v.type), newGet, pick(set, p.pointee.set), pick(delete, p.pointee.delete), doc)
    if made.isInstance(of: rt.pointee.types.property) {
      layout(made).pointee.name = p.pointee.name
      Heap.noteStore(made)
    }
    return made
  }
  private static func getter(_ vm: VM, _ v: Value, _ f: Value) throws(Raised) -> Value { try copy(vm, v, f, .null, .null) }
  private static func setter(_ vm: VM, _ v: Value, _ f: Value) throws(Raised) -> Value { try copy(vm, v, .null, f, .null) }
  private static func deleter(_ vm: VM, _ v: Value, _ f: Value) throws(Raised) -> Value { try copy(vm, v, .null, .null, f) }

  private static func setName(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    if args.count != 2 {
      throw vm.raise(.typeError, "__set_name__() takes 2 positional arguments but \(args.count) were given")
    }
    layout(v).pointee.name = args[1]
    Heap.noteStore(v)
    return .none
  }

  // MARK: attributes

  private static func getDoc(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    layout(v).pointee.doc.isNull ? .none : layout(v).pointee.doc
  }
  private static func setDoc(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    layout(v).pointee.doc = value
    Heap.noteStore(v)
  }
  private static func isAbstract(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let p = layout(v)
    for f in [p.pointee.get, p.pointee.set, p.pointee.delete] where !f.isNull {
      if try AbstractMethods.isAbstract(vm, f) { return .true }
    }
    return .false
  }
}

enum AbstractMethods {
  /// Whether `f.__isabstractmethod__` is true.
  static func isAbstract(_ vm: VM, _ f: Value) throws(Raised) -> Bool {
    if f.isNull || f.isNone { return false }
    let flag = try vm.getAttributeOrNull(f, rt.pointee.names.__isabstractmethod__)
    return flag.isNull ? false : try vm.isTrue(flag)
  }
}
