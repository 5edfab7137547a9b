/// Bodies of the pattern-matching instructions (PEP 634).
enum MatchInstructions {
  /// Values of a mapping for all keys of a tuple, or None if one is missing.
  @inline(never)
  static func keys(_ vm: VM, _ subject: Value, _ keys: Value) throws(Raised) -> Value {
    guard keys.isTuple else { throw vm.raise(.systemError, "MATCH_KEYS without a tuple") }
    let t = keys.as(TupleLayout.self)
    let count = t.pointee.count
    let values = try vm.tuple(count: count)
    if count == 0 { return values }
    let seen = try vm.set()
    let get = try vm.getAttribute(subject, "get")
    let dummy = Value(try vm.make(ClosureCellLayout.self, rt.types.cell))
    for i in 0..<count {
      let key = t.items[i]
      if try !Sets.add(vm, seen, key) {
        throw vm.raise(.valueError, "mapping pattern checks duplicate key (\(try vm.repr(key).swiftString))")
      }
      let value = try vm.call(get, key, dummy)
      if value == dummy { return .none }
      values.as(TupleLayout.self).items[i] = value
    }
    return values
  }

  /// The attributes of `subject` that a class pattern binds, or None if it does not match.
  @inline(never)
  static func matchClass(_ vm: VM, _ subject: Value, _ cls: Value, _ keywords: Value, _ positional: Int) throws(Raised) -> Value {
    guard cls.isType else { throw vm.raise(.typeError, "called match pattern must be a type") }
    guard keywords.isTuple else { throw vm.raise(.systemError, "MATCH_CLASS without a tuple") }
    if try !vm.isInstance(subject, cls) { return .none }
    let seen = try vm.set()
    let found = try vm.list()
    let name = cls.asType.nameForMessages
    if positional > 0 {
      let names = try vm.getAttributeOrNull(cls, "__match_args__")
      var matchSelf = false
      var allowed = 0
      if names.isNull {
        matchSelf = cls.asType.pointee.flags.contains(.matchSelf)
        allowed = matchSelf ? 1 : 0
      } else {
        if !names.isExact(rt.types.tuple) {
          throw vm.raise(.typeError, "\(name).__match_args__ must be a tuple (got \(names.typeName))")
        }
        allowed = names.as(TupleLayout.self).pointee.count
      }
      if allowed < positional {
        throw vm.raise(
          .typeError, "\(name)() accepts \(allowed) positional sub-pattern\(allowed == 1 ? "" : "s") (\(positional) given)")
      }
      if matchSelf {
        try vm.append(found, subject)
      } else {
        for i in 0..<positional {
          let attribute = names.as(TupleLayout.self).items[i]
          if !attribute.isExactStr {
            throw vm.raise(.typeError, "__match_args__ elements must be strings (got \(attribute.typeName))")
          }
          let value = try self.attribute(vm, subject, name, attribute, seen)
          if value.isNull { return .none }
          try vm.append(found, value)
        }
      }
    }
    for i in 0..<keywords.as(TupleLayout.self).pointee.count {
      let value = try attribute(vm, subject, name, keywords.as(TupleLayout.self).items[i], seen)
      if value.isNull { return .none }
      try vm.append(found, value)
    }
    return try vm.tuple(from: found)
  }

  private static func attribute(_ vm: VM, _ subject: Value, _ cls: String, _ name: Value, _ seen: Value) throws(Raised) -> Value {
    if try !Sets.add(vm, seen, name) {
      throw vm.raise(.typeError, "\(cls)() got multiple sub-patterns for attribute \(try vm.repr(name).swiftString)")
    }
    return try vm.getAttributeOrNull(subject, name)
  }
}
