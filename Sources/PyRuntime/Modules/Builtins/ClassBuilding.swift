/// `__build_class__`: what a class statement calls.
enum ClassBuilding {
  static func declare(_ b: ModuleBuilder) {
    b.function(
      "__build_class__", nil,
      "__build_class__(func, name, /, *bases, [metaclass], **kwds) -> class\n\nInternal helper function used by the class statement.", build
    )
  }

  private static func build(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    if args.count < 2 { throw vm.raise(.typeError, "__build_class__: not enough arguments") }
    let body = args[0]
    guard body.isExact(rt.pointee.types.function) else {
      throw vm.raise(.typeError, "__build_class__: func must be a function")
    }
    let name = args[1]
    guard name.isStr else { throw vm.raise(.typeError, "__build_class__: name is not a string") }
    let original = try vm.tuple(copying: args.base + 2, count: args.count - 2)
    let bases = try resolveBases(vm, original)

    // Keywords without `metaclass` go to __prepare__, the metaclass and __init_subclass__.
    var meta = Value.null
    let keywords = args.keywordCount == 0 ? Value.null : try vm.dict()
    for i in 0..<args.keywordCount {
      if Str.equal(args.keywordName(i), "metaclass") {
        meta = args.keywordValue(i)
      } else {
        try Dicts.set(vm, keywords, args.keywordName(i), args.keywordValue(i))
      }
    }
    let explicitMeta = !meta.isNull
    if meta.isNull {
      let t = bases.as(TupleLayout.self)
      meta = t.pointee.count == 0 ? Value(rt.pointee.types.type) : Value(t.items[0].type)
    }
    if meta.isType { meta = Value(try TypeCreation.mostDerivedMetaclass(vm, meta.asType, bases)) }

    let namespace = try prepare(vm, meta, explicitMeta, name, bases, keywords)
    let cell = try Evaluator.run(vm, body, namespace: namespace)
    if bases != original { try vm.setItem(namespace, rt.pointee.names.__orig_bases__, original) }
    let positional = try vm.tuple(name, bases, namespace)
    let cls = try vm.call(meta, tuple: positional, dict: keywords)
    if cls.isType && cell.isExact(rt.pointee.types.cell) { try checkCell(vm, cell, cls, name) }
    return cls
  }

  private static func checkCell(_ vm: VM, _ cell: Value, _ cls: Value, _ name: Value) throws(Raised) {
    let content = cell.as(ClosureCellLayout.self).pointee.content
    if content == cls { return }
    let shownName = try vm.repr(name).swiftString
    let shown = try vm.repr(cls).swiftString
    if content.isNull {
      throw vm.raise(
        .runtimeError,
        "__class__ not set defining \(shownName) as \(shown). Was __classcell__ propagated to type.__new__?")
    }
    throw vm.raise(
      .typeError, "__class__ set to \(try vm.repr(content).swiftString) defining \(shownName) as \(shown)")
  }

  private static func prepare(
    _ vm: VM, _ meta: Value, _ explicit: Bool, _ name: Value, _ bases: Value, _ keywords: Value
  ) throws(Raised) -> Value {
    if meta == Value(rt.pointee.types.type) { return try vm.dict() }
    let hook = try vm.getAttributeOrNull(meta, rt.pointee.names.__prepare__)
    if hook.isNull { return try vm.dict() }
    let namespace = try vm.call(hook, tuple: try vm.tuple(name, bases), dict: keywords)
    if namespace.type.pointee.slots.subscripted == nil || namespace.isList || namespace.isTuple {
      let shown = meta.isType ? meta.asType.nameForMessages : "<metaclass>"
      throw vm.raise(.typeError, "\(shown).__prepare__() must return a mapping, not \(namespace.typeName)")
    }
    return namespace
  }

  /// Replaces bases that are not classes by what their `__mro_entries__` answers; the same tuple if there are none.
  static func resolveBases(_ vm: VM, _ bases: Value) throws(Raised) -> Value {
    let t = bases.as(TupleLayout.self)
    var list = Value.null
    for i in 0..<t.pointee.count {
      let base = t.items[i]
      let entries = base.isType ? .null : try vm.getAttributeOrNull(base, rt.pointee.names.__mro_entries__)
      if entries.isNull {
        if !list.isNull { try vm.append(list, base) }
        continue
      }
      let replacement = try vm.call(entries, bases)
      guard replacement.isTuple else { throw vm.raise(.typeError, "__mro_entries__ must return a tuple") }
      if list.isNull { list = try vm.list(copying: t.items, count: i) }
      let r = replacement.as(TupleLayout.self)
      for j in 0..<r.pointee.count { try vm.append(list, r.items[j]) }
    }
    return list.isNull ? bases : try vm.tuple(from: list)
  }
}
