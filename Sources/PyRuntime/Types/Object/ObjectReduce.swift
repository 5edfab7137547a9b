/// `object.__reduce_ex__`: pickling support. Protocols 0 and 1 are copyreg's; 2 and above are made here.
enum ObjectReduce {
  static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value { try common(vm, v, 0) }

  static func reduceEx(_ vm: VM, _ v: Value, _ protocolNumber: Value) throws(Raised) -> Value {
    let p = try vm.asInt(protocolNumber)
    let reduce = try vm.getAttributeOrNull(v, rt.pointee.names.__reduce__)
    if !reduce.isNull {
      // An override of `__reduce__` anywhere in the class wins.
      let ofClass = try vm.getAttribute(Value(v.type), rt.pointee.names.__reduce__)
      let original = Dicts.get(rt.pointee.types.object.pointee.dict, str: rt.pointee.names.__reduce__)
      if ofClass != original { return try vm.call(reduce) }
    }
    return try common(vm, v, p)
  }

  private static func common(_ vm: VM, _ v: Value, _ p: Int) throws(Raised) -> Value {
    let copyreg = try vm.importModule("copyreg")
    if p < 2 { return try vm.callMethod(copyreg, "_reduce_ex", v, try vm.int(p)) }
    let type = v.type
    if type.pointee.slots.new == nil { throw vm.raise(.typeError, "cannot pickle '\(type.nameForMessages)' object") }
    let cls = try vm.getAttribute(v, rt.pointee.names.__class__)
    let (positional, keywords) = try newArguments(vm, v)
    let function: Value
    let arguments: Value
    if keywords.isNull || Dicts.count(keywords) == 0 {
      function = try vm.getAttribute(copyreg, "__newobj__")
      let given = positional.isNull ? rt.pointee.emptyTuple : positional
      arguments = try prepend(vm, cls, given)
    } else {
      function = try vm.getAttribute(copyreg, "__newobj_ex__")
      arguments = try vm.tuple(cls, positional.isNull ? rt.pointee.emptyTuple : positional, keywords)
    }
    let required = positional.isNull && !v.isList && !v.isDict
    let state = try self.state(vm, v, required: required)
    let items = v.isList ? try vm.iter(v) : Value.none
    let pairs = v.isDict ? try vm.iter(try vm.callMethod(v, rt.pointee.names.items)) : Value.none
    let result = try vm.tuple(count: 5)
    let t = result.as(TupleLayout.self).items
    (t[0], t[1], t[2], t[3], t[4]) = (function, arguments, state, items, pairs)
    return result
  }

  private static func prepend(_ vm: VM, _ first: Value, _ rest: Value) throws(Raised) -> Value {
    let n = rest.as(TupleLayout.self).pointee.count
    let t = try vm.tuple(count: n + 1)
    t.as(TupleLayout.self).items[0] = first
    for i in 0..<n { t.as(TupleLayout.self).items[i + 1] = rest.as(TupleLayout.self).items[i] }
    return t
  }

  /// Arguments for `__new__` from `__getnewargs_ex__` or `__getnewargs__`; null when the class has neither.
  private static func newArguments(_ vm: VM, _ v: Value) throws(Raised) -> (Value, Value) {
    let ex = try vm.lookupSpecial(v, rt.pointee.names.__getnewargs_ex__)
    if !ex.isNull {
      let r = try vm.call(ex)
      guard r.isTuple else { throw vm.raise(.typeError, "__getnewargs_ex__ should return a tuple, not '\(r.typeName)'") }
      let t = r.as(TupleLayout.self)
      guard t.pointee.count == 2 else {
        throw vm.raise(.valueError, "__getnewargs_ex__ should return a tuple of length 2, not \(t.pointee.count)")
      }
      guard t.items[0].isTuple else {
        throw vm.raise(
          .typeError, "first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '\(t.items[0].typeName)'")
      }
      guard t.items[1].isDict else {
        throw vm.raise(
          .typeError, "second item of the tuple returned by __getnewargs_ex__ must be a dict, not '\(t.items[1].typeName)'")
      }
      return (t.items[0], t.items[1])
    }
    let plain = try vm.lookupSpecial(v, rt.pointee.names.__getnewargs__)
    if plain.isNull { return (.null, .null) }
    let r = try vm.call(plain)
    guard r.isTuple else { throw vm.raise(.typeError, "__getnewargs__ should return a tuple, not '\(r.typeName)'") }
    return (r, .null)
  }

  private static func state(_ vm: VM, _ v: Value, required: Bool) throws(Raised) -> Value {
    let method = try vm.getAttribute(v, rt.pointee.names.__getstate__)
    // The default is called directly, so that it can know whether the object must be picklable without more help.
    if method.isExact(rt.pointee.types.builtinFunction) {
      let f = method.as(NativeFunctionLayout.self)
      let original = Dicts.get(rt.pointee.types.object.pointee.dict, str: rt.pointee.names.__getstate__)
      if f.pointee.receiver == v && f.pointee.code == original.as(NativeFunctionLayout.self).pointee.code {
        return try defaultState(vm, v, required: required)
      }
    }
    return try vm.call(method)
  }

  static func getState(_ vm: VM, _ v: Value) throws(Raised) -> Value { try defaultState(vm, v, required: false) }

  /// The instance's dict (None when empty or missing), with slots a pair of it and a dict of the slots' values.
  private static func defaultState(_ vm: VM, _ v: Value, required: Bool) throws(Raised) -> Value {
    let type = v.type
    if required && TypeAttributes.itemSize(type) != 0 { throw vm.raise(.typeError, "cannot pickle \(type.nameForMessages) objects") }
    if required && hasHiddenState(type) { throw vm.raise(.typeError, "cannot pickle '\(type.nameForMessages)' object") }
    let own = try ownAttributes(vm, v)
    let copyreg = try vm.importModule("copyreg")
    let names = try vm.callMethod(copyreg, "_slotnames", Value(type))
    if names.isNone { return own }
    let list = names.as(ListLayout.self)
    if list.pointee.count == 0 { return own }
    let slots = try vm.dict()
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      let name = items[i]
      let value = try vm.getAttributeOrNull(v, name)
      if !value.isNull { try Dicts.set(vm, slots, name, value) }
      i += 1
    }
    if Dicts.count(slots) == 0 { return own }
    return try vm.tuple(own, slots)
  }

  /// The instance's dict, whatever its class calls `__dict__`; None when it is empty or there is none. That of an object of CPython's is found
  /// by its name.
  private static func ownAttributes(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if Attributes.hasStorage(v) { return Attributes.count(v) == 0 ? .none : try Attributes.dictionary(vm, v) }
    guard v.type.pointee.flags.contains(.foreign) else { return .none }
    let dict = try vm.getAttributeOrNull(v, rt.pointee.names.__dict__)
    return dict.isNull ? .none : dict
  }

  /// Whether the builtin part of the instance holds something that attributes do not show.
  private static func hasHiddenState(_ type: TypeRef) -> Bool {
    var t: TypeRef = type
    while t.pointee.flags.contains(.heapType), let base = t.pointee.base { t = base }
    return t.pointee.instanceSize > rt.pointee.types.object.pointee.instanceSize || t.pointee.dictOffset != 0
  }
}
