/// `mappingproxy`: a read-only view of a mapping.
enum MappingProxyType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("mappingproxy(mapping)\n--\n\nRead-only proxy of a mapping.")
    t.trace(DescriptorTrace.oneValue)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.str = NoArgsCode(str)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode { (vm, v) throws(Raised) in try vm.iter(mapping(v)) }
    t.slots.mappingLength = HashCode { (vm, v) throws(Raised) in try vm.length(mapping(v)) }
    t.slots.subscripted = OneCode { (vm, v, key) throws(Raised) in try vm.getItem(mapping(v), key) }
    t.slots.contains = ContainsCode(contains)
    t.slots.or = OneCode(or)
    t.slots.inplaceOr = OneCode(inplaceOr)
    t.method("get", "($self, key, default=None, /)", "Return the value for key, else default.", get)
    t.method("keys", "($self, /)", "The mapping's keys.") { (vm, v) throws(Raised) in try vm.callMethod(mapping(v), "keys") }
    t.method("values", "($self, /)", "The mapping's values.") { (vm, v) throws(Raised) in try vm.callMethod(mapping(v), "values") }
    t.method("items", "($self, /)", "The mapping's items.") { (vm, v) throws(Raised) in try vm.callMethod(mapping(v), "items") }
    t.method("copy", "($self, /)", "A shallow copy of the mapping.") { (vm, v) throws(Raised) in try vm.callMethod(mapping(v), "copy") }
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
    t.method("__reversed__", "($self, /)", "Reverse iterator over the keys.") { (vm, v) throws(Raised) in
      try vm.callMethod(mapping(v), "__reversed__")
    }
  }

  static func make(_ vm: VM, _ mapping: Value) throws(Raised) -> Value {
    let p = try vm.make(MappingProxyLayout.self, rt.pointee.types.mappingProxy)
    p.pointee.mapping = mapping
    return Value(p)
  }
  @inline(__always) static func mapping(_ v: Value) -> Value { v.as(MappingProxyLayout.self).pointee.mapping }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "mappingproxy", "(mapping)") { a throws(Raised) in
      let m = a[0]
      if m.type.pointee.slots.subscripted == nil || m.isList || m.isTuple {
        throw vm.raise(.typeError, "mappingproxy() argument must be a mapping, not \(m.typeName)")
      }
      return try make(vm, m)
    }
  }
  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    try vm.str("mappingproxy(\(try vm.repr(mapping(v)).swiftString))")
  }
  private static func str(_ vm: VM, _ v: Value) throws(Raised) -> Value { try vm.str(of: mapping(v)) }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int { try vm.hash(mapping(v)) }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    let other = b.isExact(rt.pointee.types.mappingProxy) ? mapping(b) : b
    return try vm.compare(mapping(a), other, op)
  }
  private static func contains(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Bool { try vm.contains(mapping(v), key) }
  private static func or(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    func plain(_ v: Value) -> Value { v.isExact(rt.pointee.types.mappingProxy) ? mapping(v) : v }
    return try vm.binary(.or, plain(a), plain(b))
  }
  private static func inplaceOr(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    throw vm.raise(.typeError, "'|=' is not supported by \(a.typeName); use '|' instead")
  }
  private static func get(_ vm: VM, _ v: Value, _ key: Value, _ fallback: Value) throws(Raised) -> Value {
    try vm.callMethod(mapping(v), "get", key, fallback.isNull ? .none : fallback)
  }
}
