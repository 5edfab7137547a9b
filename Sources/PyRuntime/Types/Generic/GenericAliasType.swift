/// `args` is a tuple; `parameters` a tuple, or null until computed. `starred`: `*tuple[int, ...]`.
struct GenericAliasLayout {
  var header: CellHeader
  var origin: Value, args: Value, parameters: Value
  /// bool
  var starred: Value

  static let trace: TraceFunction = { cell, tracer in
    let g = cell.assumingMemoryBound(to: GenericAliasLayout.self)
    let t = Tracer(tracer)
    t.visit(g.pointee.origin)
    t.visit(g.pointee.args)
    t.visit(g.pointee.parameters)
  }
}

/// `types.GenericAlias`: `list[int]`.
enum GenericAliasType {
  private typealias L = GenericAliasLayout
  private static func layout(_ v: Value) -> UnsafeMutablePointer<GenericAliasLayout> { v.as(GenericAliasLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("GenericAlias(origin, args, /)\n--\n\nRepresent a PEP 585 generic type, as in list[int].")
    t.trace(GenericAliasLayout.trace)
    t.slots.new = NewCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(hash)
    t.slots.compare = CompareCode(compare)
    t.slots.call = ManyCode(call)
    t.slots.getAttribute = OneCode(getAttribute)
    t.slots.iter = NoArgsCode(iter)
    t.slots.or = OneCode(UnionType.or)
    t.slots.subscripted = OneCode(subscripted)
    t.member("__origin__", nil, offset: MemoryLayout<L>.offset(of: \.origin))
    t.member("__args__", nil, offset: MemoryLayout<L>.offset(of: \.args))
    t.member("__unpacked__", nil, offset: MemoryLayout<L>.offset(of: \.starred))
    t.getset("__parameters__", nil, getParameters)
    t.getset("__typing_unpacked_tuple_args__", nil, getUnpackedArgs)
    t.method("__mro_entries__", nil, nil, mroEntries)
    t.method("__instancecheck__", nil, nil) { (vm: VM, _: Value, _: Value) throws(Raised) in
      throw vm.raise(.typeError, "isinstance() argument 2 cannot be a parameterized generic")
    }
    t.method("__subclasscheck__", nil, nil) { (vm: VM, _: Value, _: Value) throws(Raised) in
      throw vm.raise(.typeError, "issubclass() argument 2 cannot be a parameterized generic")
    }
    t.method("__reduce__", nil, nil, reduce)
    t.method("__dir__", nil, nil, dir)
  }

  static func make(_ vm: VM, _ origin: Value, _ item: Value, starred: Bool = false) throws(Raised) -> Value {
    let args = item.isExact(rt.pointee.types.tuple) ? item : item.isTuple ? try vm.tuple(from: item) : try vm.tuple(item)
    let g = try vm.instance(GenericAliasLayout.self, of: rt.pointee.types.genericAlias)
    g.pointee.origin = origin
    g.pointee.args = args
    g.pointee.starred = .bool(starred)
    return Value(g)
  }
  static func classGetItem(_ vm: VM, _ cls: Value, _ item: Value) throws(Raised) -> Value { try make(vm, cls, item) }

  private static func new(_ vm: VM, _ type: Value, _ args: Args) throws(Raised) -> Value {
    try vm.bind(args, "GenericAlias", "(origin, args, /)") { a throws(Raised) in
      let g = try make(vm, a[0], a[1])
      if type == Value(rt.pointee.types.genericAlias) { return g }
      let made = try vm.instance(GenericAliasLayout.self, of: type.asType)
      made.pointee.origin = a[0]
      made.pointee.args = layout(g).pointee.args
      made.pointee.starred = .false
      return Value(made)
    }
  }

  // MARK: text

  /// One argument as annotations show it.
  static func itemText(_ vm: VM, _ v: Value) throws(Raised) -> String {
    if v == .ellipsis { return "..." }
    let origin = try vm.getAttributeOrNull(v, rt.pointee.names.__origin__)
    if !origin.isNull, try !vm.getAttributeOrNull(v, rt.pointee.names.__args__).isNull { return try vm.repr(v).swiftString }
    let qualname = try vm.getAttributeOrNull(v, rt.pointee.names.__qualname__)
    let module = qualname.isNull ? .null : try vm.getAttributeOrNull(v, rt.pointee.names.__module__)
    if qualname.isNull || module.isNull || module.isNone { return try vm.repr(v).swiftString }
    if module.isStr, Str.equal(module, "builtins") { return try vm.str(of: qualname).swiftString }
    return "\(try vm.str(of: module).swiftString).\(try vm.str(of: qualname).swiftString)"
  }

  private static func repr(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    var text = layout(v).pointee.starred == .true ? "*" : ""
    text += try itemText(vm, layout(v).pointee.origin)
    text += "["
    let args = layout(v).pointee.args.as(TupleLayout.self)
    for i in 0..<args.pointee.count {
      if i > 0 { text += ", " }
      text += try argumentText(vm, args.items[i])
    }
    if args.pointee.count == 0 { text += "()" }
    return try vm.str(text + "]")
  }
  /// Lists (of a Callable's parameters) show their items as annotations, too.
  private static func argumentText(_ vm: VM, _ v: Value) throws(Raised) -> String {
    guard v.isExact(rt.pointee.types.list) else { return try itemText(vm, v) }
    let copy = try vm.tuple(from: v).as(TupleLayout.self)
    var text = "["
    for i in 0..<copy.pointee.count {
      if i > 0 { text += ", " }
      text += try itemText(vm, copy.items[i])
    }
    return text + "]"
  }

  // MARK: slots

  private static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    let origin = try vm.hash(layout(v).pointee.origin)
    let args = try vm.hash(layout(v).pointee.args)
    let h = origin ^ args
    return h == -1 ? -2 : h
  }
  private static func compare(_ vm: VM, _ a: Value, _ b: Value, _ op: CompareOp) throws(Raised) -> Value {
    let type = rt.pointee.types.genericAlias
    guard op == .eq || op == .ne, a.isInstance(of: type), b.isInstance(of: type) else { return .notImplemented }
    var same = layout(a).pointee.starred == layout(b).pointee.starred
    if same { same = try vm.equal(layout(a).pointee.origin, layout(b).pointee.origin) }
    if same { same = try vm.equal(layout(a).pointee.args, layout(b).pointee.args) }
    return .bool(same == (op == .eq))
  }

  /// Instantiates the origin; the instance remembers the alias if it can.
  private static func call(_ vm: VM, _ v: Value, _ args: Args) throws(Raised) -> Value {
    let made = try vm.call(layout(v).pointee.origin, args)
    if !mayRemember(made) { return made }
    do throws(Raised) { try vm.setAttribute(made, "__orig_class__", v) } catch {
      if !vm.pendingIs(.attributeError) && !vm.pendingIs(.typeError) { throw error }
      vm.clearPending()
    }
    return made
  }

  /// Whether assigning an attribute to `made` can do anything but raise: lists, dicts and their like, which most aliases make, have no room for any.
  private static func mayRemember(_ made: Value) -> Bool {
    let type = made.type
    return type.pointee.flags.contains(.heapType) || Attributes.hasStorage(made)
      || type.pointee.slots.setAttribute != rt.types.object.pointee.slots.setAttribute
  }

  private static let ownAttributes: [StaticString] = [
    "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__", "__mro_entries__",
    "__reduce_ex__", "__reduce__", "__copy__", "__deepcopy__",
  ]
  private static func getAttribute(_ vm: VM, _ v: Value, _ name: Value) throws(Raised) -> Value {
    if name.isExactStr {
      for own in ownAttributes where Str.equal(name, own) { return try ObjectAttributes.get(vm, v, name) }
      return try vm.getAttribute(layout(v).pointee.origin, name)
    }
    return try ObjectAttributes.get(vm, v, name)
  }

  /// `*alias`: one starred alias.
  private static func iter(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let it = try vm.make(PairIteratorLayout.self, rt.types.genericAliasIterator)
    it.pointee.first = v
    return Value(it)
  }
  private static func subscripted(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Value {
    let args = try TypeParameters.substitute(vm, v, layout(v).pointee.args, try getParameters(vm, v), item)
    let made = try make(vm, layout(v).pointee.origin, args)
    made.as(GenericAliasLayout.self).pointee.starred = layout(v).pointee.starred
    return made
  }

  // MARK: methods

  static func getParameters(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if layout(v).pointee.parameters.isNull { layout(v).pointee.parameters = try TypeParameters.collect(vm, layout(v).pointee.args) }
    return layout(v).pointee.parameters
  }
  private static func getUnpackedArgs(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let isTuple = layout(v).pointee.origin == Value(rt.pointee.types.tuple)
    return layout(v).pointee.starred == .true && isTuple ? layout(v).pointee.args : .none
  }
  private static func mroEntries(_ vm: VM, _ v: Value, _ bases: Value) throws(Raised) -> Value {
    try vm.tuple(layout(v).pointee.origin)
  }
  private static func reduce(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    if layout(v).pointee.starred == .true {
      let plain = try make(vm, layout(v).pointee.origin, layout(v).pointee.args)
      let next = Dicts.get(vm, rt.pointee.builtins, "next")
      return try vm.tuple(next, try vm.tuple(try vm.iter(plain)))
    }
    return try vm.tuple(Value(v.type), try vm.tuple(layout(v).pointee.origin, layout(v).pointee.args))
  }
  private static func dir(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let names = try vm.list(from: try vm.call(Dicts.get(vm, rt.pointee.builtins, "dir"), layout(v).pointee.origin))
    for own in ownAttributes {
      let name = try vm.intern(own)
      if try !vm.contains(names, name) { try vm.append(names, name) }
    }
    return names
  }
}

/// `iter(tuple[int, ...])`: answers one starred alias.
enum GenericAliasIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(PairIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode { (vm, v) throws(Raised) in
      let it = v.as(PairIteratorLayout.self)
      let alias = it.pointee.first
      if alias.isNull { return .exhausted }
      it.pointee.first = .null
      let plain = alias.as(GenericAliasLayout.self)
      return try GenericAliasType.make(vm, plain.pointee.origin, plain.pointee.args, starred: true)
    }
    t.method("__reduce__", "($self, /)", "State for pickling.") { (vm, v) throws(Raised) in
      let alias = v.as(PairIteratorLayout.self).pointee.first
      if alias.isNull { return try Iterators.exhaustedState(vm, try vm.tuple(count: 0)) }
      return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(alias))
    }
  }
}
