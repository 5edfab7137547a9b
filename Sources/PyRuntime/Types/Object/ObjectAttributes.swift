// Generic attribute access: data descriptor of the type, then the instance's own attributes, then other descriptors and class
// attributes.

extension VM {
  /// AttributeError with `name` and `obj`, for suggestions.
  @inline(never)
  func raiseAttributeError(_ v: Value, _ name: Value, _ message: String) -> Raised {
    do throws(Raised) { return raiseAttributeError(v, name, text: try str(message)) } catch { return error }
  }
  func raiseAttributeError(_ v: Value, _ name: Value, text: Value) -> Raised {
    do throws(Raised) {
      var argument = text
      let e = try withUnsafePointer(to: &argument) { p throws(Raised) in
        try Exceptions.make(self, rt.types[.attributeError], Args(p, count: 1))
      }
      let layout = e.as(AttributeErrorLayout.self)
      layout.pointee.name = name
      layout.pointee.object = v
      return raise(e)
    } catch { return error }
  }
  @inline(never)
  func raiseNoAttribute(_ v: Value, _ name: Value) -> Raised {
    let type = v.type.pointee.name
    guard type.isStr, name.isStr else {
      return raiseAttributeError(v, name, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
    }
    // Programs try what is not there: put together without Swift strings, which take longer than everything else.
    do throws(Raised) {
      var out = StrBuilder(self)
      try out.append("'")
      try out.append(StrView(type))
      try out.append("' object has no attribute '")
      try out.append(StrView(name))
      try out.append("'")
      return raiseAttributeError(v, name, text: try out.finish())
    } catch { return error }
  }
  /// Attribute names are compared by identity further on: the interned exact form of `name`, which must be a str.
  @inline(__always)
  func attributeName(_ name: Value) throws(Raised) -> Value {
    if name.isExactStr && name.as(StrLayout.self).pointee.flags.contains(.interned) { return name }
    guard name.isStr else { throw raise(.typeError, "attribute name must be string, not '\(name.typeName)'") }
    return try internName(name)
  }
}

enum ObjectAttributes {
  /// `object.__getattribute__`
  static func get(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    let found = try find(vm, v, name)
    if found.isNull { throw vm.raiseNoAttribute(v, name) }
    return found
  }

  /// The same, null when there is no such attribute. Descriptors may still raise AttributeError; with `quietly`, that of a slot without a
  /// value does not.
  static func find(_ vm: VM, _ v: Value, _ rawName: Value, quietly: Bool = false) throws(Raised) -> Value {
    let name = try vm.attributeName(rawName)
    let type = v.type
    let found = Types.lookup(type, name)
    var get: TwoCode?
    if !found.isNull {
      let slots = found.type
      get = slots.pointee.slots.descriptorGet
      if let get, slots.pointee.slots.descriptorSet != nil {
        if quietly, slots == rt.types.memberDescriptor, MemberDescriptorType.isUnset(found, v) { return .null }
        return try get(vm, found, v, Value(type))
      }
    }
    let own = Attributes.get(v, name)
    if !own.isNull { return own }
    if let get { return try get(vm, found, v, Value(type)) }
    return found
  }

  /// For LOAD_METHOD: (unbound function, true) when the attribute is a method descriptor found on the type that would only be bound
  /// to `v`; else (attribute, false). Null, false when missing.
  static func method(_ vm: VM, _ v: Value, _ rawName: Value) throws(Raised) -> (Value, Bool) {
    let type = v.type
    if type.pointee.flags.isDisjoint(with: [.genericGetAttribute, .hookedGetAttribute]) {
      if type.pointee.flags.contains(.foreignMethods), rawName.isExactStr {
        let found = Types.lookup(type, rawName)
        if !found.isNull, found.type.pointee.flags.isSuperset(of: [.methodDescriptor, .foreign]) { return (found, true) }
      }
      return (try vm.getAttribute(v, rawName), false)
    }
    let name = try vm.attributeName(rawName)
    let found = Types.lookup(type, name)
    if !found.isNull && found.type.pointee.flags.contains(.methodDescriptor) {
      let own = Attributes.get(v, name)
      return own.isNull ? (found, true) : (own, false)
    }
    if type.pointee.flags.contains(.hookedGetAttribute) { return (try vm.getAttribute(v, name), false) }
    return (try get(vm, v, name), false)
  }

  /// `object.__setattr__` and `__delattr__` (null value).
  static func set(_ vm: VM, _ v: Value, _ rawName: Value, _ value: Value) throws(Raised) {
    let name = try vm.attributeName(rawName)
    let type = v.type
    let found = Types.lookup(type, name)
    if !found.isNull, let set = found.type.pointee.slots.descriptorSet { return try set(vm, found, v, value) }
    if !Attributes.hasStorage(v) {
      if found.isNull {
        throw vm.raise(.attributeError, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
      }
      throw vm.raise(.attributeError, "'\(v.typeName)' object attribute '\(name.swiftString)' is read-only")
    }
    if value.isNull {
      if try !Attributes.remove(vm, v, name) {
        throw vm.raise(.attributeError, "'\(v.typeName)' object has no attribute '\(name.swiftString)'")
      }
      return
    }
    try Attributes.set(vm, v, name, value)
  }

  // MARK: __dict__ and __weakref__ of classes

  static func getDict(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let d = try Attributes.dictionary(vm, v)
    if d.isNull { throw vm.raise(.attributeError, "This object has no __dict__") }
    return d
  }
  /// What a builtin base of the instance's type, if that has a dict of its own, says about `__dict__`: an exception, a module, a class.
  private static func dictOfBase(_ v: Value) -> Value {
    var type = v.type
    while type.pointee.flags.contains(.heapType), let base = type.pointee.base { type = base }
    if type == rt.types.object || !type.pointee.dict.isDict { return .null }
    let found = Types.lookup(type, rt.pointee.names.__dict__)
    return !found.isNull && found.type.pointee.slots.descriptorSet != nil ? found : .null
  }
  /// `__dict__` of a class of Python's that adds one.
  static func getDictOfClass(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let own = dictOfBase(v)
    if !own.isNull, let get = own.type.pointee.slots.descriptorGet { return try get(vm, own, v, Value(v.type)) }
    return try getDict(vm, v)
  }
  static func setDictOfClass(_ vm: VM, _ v: Value, _ value: Value, _ n: Value) throws(Raised) {
    let own = dictOfBase(v)
    if !own.isNull, let set = own.type.pointee.slots.descriptorSet { return try set(vm, own, v, value) }
    try setDict(vm, v, value, n)
  }
  /// Of builtin types, whose instances never lose their dict.
  static func setFixedDict(_ vm: VM, _ v: Value, _ value: Value, _ n: Value) throws(Raised) {
    if value.isNull { throw vm.raise(.typeError, "cannot delete __dict__") }
    try setDict(vm, v, value, n)
  }
  static func setDict(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    if value.isNull { return try Attributes.setDictionary(vm, v, try vm.dict()) }
    guard value.isDict else {
      throw vm.raise(.typeError, "__dict__ must be set to a dictionary, not a '\(value.typeName)'")
    }
    try Attributes.setDictionary(vm, v, value)
  }
}
