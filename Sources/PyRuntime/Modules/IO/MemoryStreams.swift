/// What `BytesIO` and `StringIO` share in pickling: an instance's own attributes and the position.
enum MemoryStreams {
  /// A copy of the instance's dict, or None when nobody has asked for it.
  static func attributes(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard let storage = Attributes.storage(v), storage.isDictionary || Attributes.count(v) > 0 else { return .none }
    return try vm.callMethod(try Attributes.dictionary(vm, v), "copy")
  }

  static func setAttributes(_ vm: VM, _ v: Value, _ state: Value, _ place: String) throws(Raised) {
    if state.isNone { return }
    guard state.isDict else {
      throw vm.raise(.typeError, "\(place) item of state should be a dict, got a \(state.typeName)")
    }
    _ = try vm.callMethod(try vm.getAttribute(v, rt.pointee.names.__dict__), "update", state)
  }

  static func position(_ vm: VM, _ item: Value, _ place: String = "second") throws(Raised) -> Int {
    guard item.isInt else { throw vm.raise(.typeError, "\(place) item of state must be an integer, not \(item.typeName)") }
    let n = try vm.asInt(item)
    if n < 0 { throw vm.raise(.valueError, "position value cannot be negative") }
    return n
  }
}

enum StreamArguments {
  /// A number of bytes or characters; -1 for None and without one.
  static func size(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    if v.isNull || v.isNone { return -1 }
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "argument should be integer or None, not '\(v.typeName)'")
    }
    return try vm.asIndex(v, overflow: .overflowError)
  }
}
