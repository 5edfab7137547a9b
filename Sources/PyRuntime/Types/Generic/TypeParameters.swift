/// Type variables inside aliases and unions: which there are, and putting arguments in their places.
enum TypeParameters {
  private static func index(of v: Value, in tuple: Value) -> Int {
    let t = tuple.as(TupleLayout.self)
    for i in 0..<t.pointee.count where t.items[i] == v { return i }
    return -1
  }

  /// The type variables of `args`, each once, in order of appearance: a tuple.
  static func collect(_ vm: VM, _ args: Value) throws(Raised) -> Value {
    let found = try vm.list()
    func add(_ v: Value) throws(Raised) {
      let l = found.as(ListLayout.self)
      for i in 0..<l.pointee.count where l.pointee.items?[i] == v { return }
      try vm.append(found, v)
    }
    let t = args.as(TupleLayout.self)
    for i in 0..<t.pointee.count {
      let arg = t.items[i]
      if arg.isType { continue }
      if try !vm.getAttributeOrNull(arg, rt.pointee.names.__typing_subst__).isNull {
        try add(arg)
        continue
      }
      let inner = try vm.getAttributeOrNull(arg, rt.pointee.names.__parameters__)
      guard inner.isTuple else { continue }
      let p = inner.as(TupleLayout.self)
      for j in 0..<p.pointee.count { try add(p.items[j]) }
    }
    return try vm.tuple(from: found)
  }

  /// The items of a subscript with starred tuples opened: a tuple.
  private static func unpacked(_ vm: VM, _ item: Value) throws(Raised) -> Value {
    let items = item.isTuple ? item : try vm.tuple(item)
    let result = try vm.list()
    let t = items.as(TupleLayout.self)
    for i in 0..<t.pointee.count {
      let v = t.items[i]
      let inner = v.isType ? Value.null : try vm.getAttributeOrNull(v, rt.pointee.names.__typing_unpacked_tuple_args__)
      if inner.isTuple {
        let u = inner.as(TupleLayout.self)
        let n = u.pointee.count
        if n == 0 || u.items[n - 1] != .ellipsis {
          for j in 0..<n { try vm.append(result, u.items[j]) }
          continue
        }
      }
      try vm.append(result, v)
    }
    return try vm.tuple(from: result)
  }

  /// `args` with `item`'s values in place of `parameters`.
  static func substitute(
    _ vm: VM, _ alias: Value, _ args: Value, _ parameters: Value, _ item: Value
  ) throws(Raised) -> Value {
    let p = parameters.as(TupleLayout.self)
    let expected = p.pointee.count
    if expected == 0 { throw vm.raise(.typeError, "\(try vm.repr(alias).swiftString) is not a generic class") }
    var given = try unpacked(vm, item)
    for i in 0..<expected {
      let prepare = try vm.getAttributeOrNull(p.items[i], "__typing_prepare_subst__")
      if prepare.isNull || prepare.isNone { continue }
      let prepared = try vm.call(prepare, alias, given)
      given = prepared.isTuple ? prepared : try vm.tuple(prepared)
    }
    let actual = given.as(TupleLayout.self).pointee.count
    if actual != expected {
      throw vm.raise(
        .typeError,
        "Too \(actual > expected ? "many" : "few") arguments for \(try vm.repr(alias).swiftString); actual \(actual), expected \(expected)")
    }
    let result = try vm.list()
    let t = args.as(TupleLayout.self)
    for i in 0..<t.pointee.count { try substituteOne(vm, t.items[i], parameters, given, into: result) }
    return try vm.tuple(from: result)
  }

  private static func substituteOne(
    _ vm: VM, _ arg: Value, _ parameters: Value, _ given: Value, into result: Value
  ) throws(Raised) {
    if arg.isType { return try vm.append(result, arg) }
    let mark = try vm.getAttributeOrNull(arg, "__typing_is_unpacked_typevartuple__")
    let unpack = mark.isNull ? false : try vm.isTrue(mark)
    let subst = try vm.getAttributeOrNull(arg, rt.pointee.names.__typing_subst__)
    let new: Value
    if !subst.isNull {
      let i = index(of: arg, in: parameters)
      if i < 0 { return try vm.append(result, arg) }
      new = try vm.call(subst, given.as(TupleLayout.self).items[i])
    } else {
      new = try substituteInside(vm, arg, parameters, given)
    }
    if unpack {
      guard new.isTuple else {
        throw vm.raise(
          .typeError,
          "expected __typing_subst__ of \(arg.typeName) objects to return a tuple, not \(new.typeName)")
      }
      let t = new.as(TupleLayout.self)
      for i in 0..<t.pointee.count { try vm.append(result, t.items[i]) }
      return
    }
    try vm.append(result, new)
  }

  /// `arg[…]` for an argument that has type variables itself.
  private static func substituteInside(_ vm: VM, _ arg: Value, _ parameters: Value, _ given: Value) throws(Raised) -> Value {
    let inner = try vm.getAttributeOrNull(arg, rt.pointee.names.__parameters__)
    guard inner.isTuple, inner.as(TupleLayout.self).pointee.count > 0 else { return arg }
    let t = inner.as(TupleLayout.self)
    let values = try vm.list()
    for i in 0..<t.pointee.count {
      let j = index(of: t.items[i], in: parameters)
      let value = j < 0 ? t.items[i] : given.as(TupleLayout.self).items[j]
      if j >= 0 && value.isTuple && t.items[i].type.pointee.slots.iter != nil {
        let v = value.as(TupleLayout.self)
        for k in 0..<v.pointee.count { try vm.append(values, v.items[k]) }
      } else {
        try vm.append(values, value)
      }
    }
    return try vm.getItem(arg, try vm.tuple(from: values))
  }
}
