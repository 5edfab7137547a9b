/// Making descriptors for builtin types.
enum Descriptors {
  static func addGetset(_ vm: VM, to type: TypeRef, _ name: StaticString, _ doc: StaticString?, _ get: NoArgsCode, _ set: StoreCode?) {
    let d = vm.must { () throws(Raised) in
      let interned = try vm.intern(name)
      let d = try vm.make(GetsetLayout.self, rt.pointee.types.getsetDescriptor)
      d.pointee = GetsetLayout(
        header: d.pointee.header, name: interned, owner: Value(type), get: get, set: set, doc: StaticText(doc))
      return Value(d)
    }
    vm.bootstrapStore(type.pointee.dict, name, d)
  }

  static func addMember(
    _ vm: VM, to type: TypeRef, _ name: StaticString, _ doc: StaticString?, offset: Int, readOnly: Bool, whenNull: Value
  ) {
    let d = vm.must { () throws(Raised) in
      try member(vm, type, try vm.intern(name), offset: offset, readOnly: readOnly, whenNull: whenNull, doc: StaticText(doc))
    }
    vm.bootstrapStore(type.pointee.dict, name, d)
  }

  static func member(
    _ vm: VM, _ type: TypeRef, _ name: Value, offset: Int, readOnly: Bool, whenNull: Value, doc: StaticText = StaticText()
  ) throws(Raised) -> Value {
    let d = try vm.make(MemberLayout.self, rt.pointee.types.memberDescriptor)
    d.pointee = MemberLayout(
      header: d.pointee.header, name: name, owner: Value(type), whenNull: whenNull, doc: doc, offset: Int32(truncatingIfNeeded: offset),
      readOnly: readOnly, get: nil)
    return Value(d)
  }

  static func wrapper(_ vm: VM, _ type: TypeRef, entry: Int, code: UnsafeRawPointer) throws(Raised) -> Value {
    let d = try vm.make(WrapperDescriptorLayout.self, rt.pointee.types.wrapperDescriptor)
    d.pointee = WrapperDescriptorLayout(
      header: d.pointee.header, name: SlotTable.entries[entry].name, owner: Value(type), code: code, entry: entry)
    return Value(d)
  }
}
