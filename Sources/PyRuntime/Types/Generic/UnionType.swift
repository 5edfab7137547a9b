/// `args`: a tuple of at least two different members. `parameters`: a tuple, or null until computed.
struct UnionLayout {
  var header: CellHeader
  var args: Value, parameters: Value

  static let trace: TraceFunction = { cell, tracer in
    let u = cell.assumingMemoryBound(to: UnionLayout.self)
    Tracer(tracer).visit(u.pointee.args)
    Tracer(tracer).visit(u.pointee.parameters)
  }
}

/// `types.UnionType`: `int | str`.
enum UnionType {
  private static func args(_ v: Value) -> Value { v.as(UnionLayout.self).pointee.args }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("Represent a PEP 604 union type, as in int | str")
    t.trace(UnionLayout.trace)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.or = OneCode(or)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.getAttribute = OneCode(getAttribute)
    t.member("__args__", nil, offset: MemoryLayout<UnionLayout>.offset(of: \.args))
    t.getset("__parameters__", nil, getParameters)
    t.method("__instancecheck__", nil, nil, instanceCheck)
    t.method("__subclasscheck__", nil, nil, subclassCheck)
  }

  private static func isMember(_ v: Value) -> Bool {
    v.isNone || v.isType || v.isInstance(of: rt.pointee.types.genericAlias) || v.isExact(rt.pointee.types.unionType)
  }

  /// `a | b` of classes, aliases, unions and None.
  static func or(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Value {
    guard isMember(a) && isMember(b) else { return .notImplemented }
    let members = try vm.list()
    func add(_ v: Value) throws(Raised) {
      if v.isExact(rt.pointee.types.unionType) {
        let t = args(v).as(TupleLayout.self)
        for i in 0..<t.pointee.count { try add(t.items[i]) }
        return
      }
      let member = v.isNone ? Value(rt.pointee.types.noneType) : v
      let l = members.as(ListLayout.self)
      var i = 0
      while i < l.pointee.count, let items = l.pointee.items {
        if items[i] == member { return }
        let bothAliases = items[i].isInstance(of: rt.pointee.types.genericAlias) && member.isInstance(of: rt.pointee.types.genericAlias)
        if bothAliases, try vm.equal(items[i], member) { return }
        i += 1
      }
      try vm.append(members, member)
    }
    try add(a)
    try add(b)
    return try make(vm, members)
  }

  private static func make(_ vm: VM, _ members: Value) throws(Raised) -> Value {
    let tuple = try vm.tuple(from: members)
    if tuple.as(TupleLayout.self).pointee.count == 1 { return tuple.as(TupleLayout.self).items[0] }
    let u = try vm.make(UnionLayout.self, rt.pointee.types.unionType)
    u.pointee.args = tuple
    return Value(u)
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let t = args(v).as(TupleLayout.self)
    var text = ""
    for i in 0..<t.pointee.count {
      if i > 0 { text += " | " }
      text += t.items[i] == Value(rt.pointee.types.noneType) ? "None" : try GenericAliasType.itemText(vm, t.items[i])
    }
    return try vm.str(text)
  }
  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int { try vm.hash(try vm.frozenSet(from: args(v))) }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    guard op == .eq || op == .ne, a.isExact(rt.pointee.types.unionType), b.isExact(rt.pointee.types.unionType) else {
      return .notImplemented
    }
    return try vm.compare(try vm.frozenSet(from: args(a)), try vm.frozenSet(from: args(b)), op)
  }
  private static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    if name.isExactStr, Str.equal(name, "__module__") { return try vm.getAttribute(Value(v.type), name) }
    return try ObjectAttributes.get(vm, v, name)
  }
  private static func getParameters(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let u = v.as(UnionLayout.self)
    if u.pointee.parameters.isNull { u.pointee.parameters = try TypeParameters.collect(vm, u.pointee.args) }
    return u.pointee.parameters
  }
  private static func subscripted(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Value {
    let new = try TypeParameters.substitute(vm, v, args(v), try getParameters(vm, v), item)
    let t = new.as(TupleLayout.self)
    var result = t.items[0]
    for i in 1..<max(1, t.pointee.count) { result = try vm.binary(.or, result, t.items[i]) }
    return result
  }

  private static func checkMembers(_ vm: VM, _ v: Value, _ message: String) throws(Raised) {
    let t = args(v).as(TupleLayout.self)
    for i in 0..<t.pointee.count where t.items[i].isInstance(of: rt.pointee.types.genericAlias) {
      throw vm.raise(.typeError, message)
    }
  }
  static func instanceCheck(_ vm: VM, _ u: Value, _ v: Value) throws(Raised) -> Value {
    try checkMembers(vm, u, "isinstance() argument 2 cannot be a parameterized generic")
    let t = args(u).as(TupleLayout.self)
    for i in 0..<t.pointee.count where t.items[i].isType {
      if try vm.isInstance(v, t.items[i]) { return .true }
    }
    return .false
  }
  static func subclassCheck(_ vm: VM, _ u: Value, _ cls: Value) throws(Raised) -> Value {
    guard cls.isType else { throw vm.raise(.typeError, "issubclass() arg 1 must be a class") }
    try checkMembers(vm, u, "issubclass() argument 2 cannot be a parameterized generic")
    let t = args(u).as(TupleLayout.self)
    for i in 0..<t.pointee.count where t.items[i].isType {
      if try vm.isSubclass(cls, t.items[i]) { return .true }
    }
    return .false
  }
}
