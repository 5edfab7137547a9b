/// `module`
enum ModuleType {
  static let trace: TraceFunction = { cell, tracer in
    let m = cell.assumingMemoryBound(to: ModuleLayout.self)
    Tracer(tracer).visit(m.pointee.dict)
    Tracer(tracer).visit(m.pointee.state)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("module(name, doc=None)\n--\n\nCreate a module object.")
    t.trace(trace)
    t.slots.new = NewCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.getAttribute = OneCode(getAttribute)
    t.slots.setAttribute = StoreCode(setAttribute)
    t.method("__dir__", nil, "List the module's attributes.", dir)
    t.getset("__annotations__", nil, getAnnotations, setAnnotations)
    t.field("__dict__", nil, getDict)
  }

  /// A module with the attributes that every module starts with.
  static func make(_ vm: VM, _ name: Value) throws(Raised) -> Value {
    let m = try vm.instance(ModuleLayout.self, of: rt.pointee.types.module)
    let v = Value(m)
    m.pointee.dict = try vm.dict()
    try fill(vm, m.pointee.dict, name, .none)
    return v
  }
  private static func fill(_ vm: VM, _ dict: Value, _ name: Value, _ doc: Value) throws(Raised) {
    let names = rt.pointee.names
    try Dicts.set(vm, dict, names.__name__, name)
    try Dicts.set(vm, dict, names.__doc__, doc)
    try Dicts.set(vm, dict, names.__package__, .none)
    try Dicts.set(vm, dict, names.__loader__, .none)
    try Dicts.set(vm, dict, names.__spec__, .none)
  }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    let m = try vm.instance(ModuleLayout.self, of: type.asType)
    let v = Value(m)
    m.pointee.dict = try vm.dict()
    return v
  }
  private static func initialize(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) {
    try vm.bind(args, "module", "(name, doc=None)") { a throws(Raised) in
      guard a[0].isStr else { throw vm.raise(.typeError, "module() argument 'name' must be str, not \(a[0].argumentTypeName)") }
      try fill(vm, v.as(ModuleLayout.self).pointee.dict, a[0], a[1].isNull ? .none : a[1])
    }
  }

  /// As importlib shows modules: by spec, else by name and file. Before there is an importlib, by our own means.
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if !Imports.bootstrap.isNull { return try vm.callMethod(Imports.bootstrap, "_module_repr", v) }
    let dict = v.as(ModuleLayout.self).pointee.dict
    let names = rt.pointee.names
    let nameValue = Dicts.get(dict, str: names.__name__)
    let spec = Dicts.get(dict, str: names.__spec__)
    let loader = Dicts.get(dict, str: names.__loader__)
    if !spec.isNull && !spec.isNone {
      let name = try vm.getAttributeOrNull(spec, names.name)
      let shown = name.isNull || name.isNone ? "?" : try vm.repr(name).swiftString
      let origin = try vm.getAttributeOrNull(spec, "origin")
      if origin.isNull || origin.isNone {
        let specLoader = try vm.getAttributeOrNull(spec, "loader")
        if specLoader.isNull || specLoader.isNone { return try vm.str("<module \(shown)>") }
        return try vm.str("<module \(shown) (\(try vm.repr(specLoader).swiftString))>")
      }
      let hasLocation = try vm.getAttributeOrNull(spec, "has_location")
      if !hasLocation.isNull, try vm.isTrue(hasLocation) {
        return try vm.str("<module \(shown) from \(try vm.repr(origin).swiftString)>")
      }
      return try vm.str("<module \(shown) (\(try vm.str(of: origin).swiftString))>")
    }
    let shown = nameValue.isNull ? "'?'" : try vm.repr(nameValue).swiftString
    let file = Dicts.get(dict, str: names.__file__)
    if !file.isNull { return try vm.str("<module \(shown) from \(try vm.repr(file).swiftString)>") }
    if loader.isNull || loader.isNone { return try vm.str("<module \(shown)>") }
    return try vm.str("<module \(shown) (\(try vm.repr(loader).swiftString))>")
  }

  /// Null when there is no such attribute; the module's `__getattr__` may still raise AttributeError.
  static func find(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let name = try vm.attributeName(rawName)
    let found = try ObjectAttributes.find(vm, v, name)
    if !found.isNull { return found }
    // What importlib and `warnings` ask of every module must not run one.
    let isAsked = Str.equal(name, "__path__") || Str.equal(name, "__warningregistry__")
    if !isAsked, try refresh(vm, v) {
      let again = try ObjectAttributes.find(vm, v, name)
      if !again.isNull { return again }
    }
    let hook = Dicts.get(v.as(ModuleLayout.self).pointee.dict, str: rt.pointee.names.__getattr__)
    return hook.isNull ? .null : try vm.call(hook, name)
  }

  static func getAttribute(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> Value {
    let found = try find(vm, v, rawName)
    if !found.isNull { return found }
    let name = try vm.attributeName(rawName)
    let dict = v.as(ModuleLayout.self).pointee.dict
    let own = Dicts.get(dict, str: rt.pointee.names.__name__)
    guard own.isStr else {
      throw vm.raiseAttributeError(v, name, "module has no attribute '\(name.swiftString)'")
    }
    let spec = Dicts.get(dict, str: rt.pointee.names.__spec__)
    if !spec.isNull && !spec.isNone {
      let initializing = try vm.getAttributeOrNull(spec, rt.pointee.names._initializing)
      if !initializing.isNull, try vm.isTrue(initializing) {
        throw vm.raiseAttributeError(
          v, name,
          "partially initialized module '\(own.swiftString)' has no attribute '\(name.swiftString)' (most likely due to a circular import)"
        )
      }
    }
    // A submodule that is being imported becomes an attribute only at the end of that.
    if name.isStr, !spec.isNull, !spec.isNone {
      let list = try vm.getAttributeOrNull(spec, "_uninitialized_submodules")
      if list.isList, try vm.contains(list, name) {
        throw vm.raiseAttributeError(
          v, name,
          "cannot access submodule '\(name.swiftString)' of module '\(own.swiftString)' (most likely due to a circular import)")
      }
    }
    // Programs ask for what is missing all the time.
    var message = StrBuilder(vm)
    try message.append("module '")
    try message.append(own)
    try message.append("' has no attribute '")
    try message.append(name)
    try message.append(0x27)
    throw vm.raiseAttributeError(v, name, text: try message.finish())
  }

  /// Whether a module of CPython's had changed over there, or one that waited has run; its dict here is up to date afterwards.
  private static func refresh(_ vm: VM, _ v: Value) throws(Raised) -> Bool {
    if try DeferredModules.load(vm, v) { return true }
    guard v.as(ModuleLayout.self).pointee.foreign != nil, let refresh = rt.pointee.bridgeHooks.refreshModule else { return false }
    let before = v.as(ModuleLayout.self).pointee.foreignVersion
    try refresh(vm, v)
    return before != v.as(ModuleLayout.self).pointee.foreignVersion
  }

  /// An attribute of a module of CPython's is set on both sides.
  private static func setAttribute(_ vm: VM, _ v: Value, _ name: Value, _ value: Value) throws(Raised) {
    guard let set = rt.pointee.types.object.pointee.slots.setAttribute else { return }
    _ = try DeferredModules.load(vm, v)
    try set(vm, v, name, value)
    if v.as(ModuleLayout.self).pointee.foreign != nil, let forward = rt.pointee.bridgeHooks.setModuleAttribute {
      try forward(vm, v, name, value)
    }
  }

  private static func dir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    _ = try refresh(vm, v)
    let dict = try vm.getAttribute(v, rt.pointee.names.__dict__)
    guard dict.isDict else { throw vm.raise(.typeError, "<module>.__dict__ is not a dictionary") }
    let hook = Dicts.get(dict, str: rt.pointee.names.__dir__)
    if !hook.isNull { return try vm.call(hook) }
    return try vm.list(from: dict)
  }
  private static func getDict(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    _ = try refresh(vm, v)
    return v.as(ModuleLayout.self).pointee.dict
  }

  private static func getAnnotations(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let dict = v.as(ModuleLayout.self).pointee.dict
    let found = Dicts.get(dict, str: rt.pointee.names.__annotations__)
    if !found.isNull { return found }
    let made = try vm.dict()
    try Dicts.set(vm, dict, rt.pointee.names.__annotations__, made)
    return made
  }
  private static func setAnnotations(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let dict = v.as(ModuleLayout.self).pointee.dict
    if value.isNull {
      if try !Dicts.remove(vm, dict, rt.pointee.names.__annotations__) { throw vm.raise(.attributeError, "__annotations__") }
      return
    }
    try Dicts.set(vm, dict, rt.pointee.names.__annotations__, value)
  }
}
