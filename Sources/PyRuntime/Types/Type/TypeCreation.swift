// `type.__new__` and `__bases__` assignment.

enum TypeCreation {
  static func new(_ vm: VM, _ meta: Value, _ args: Args) throws(Raised) -> Value {
    guard args.count == 3 else {
      if args.count == 1 && meta == Value(rt.pointee.types.type) && args.keywordCount == 0 { return Value(args[0].type) }
      throw vm.raise(.typeError, "type.__new__() takes exactly 3 arguments (\(args.count) given)")
    }
    let name = args[0]
    var bases = args[1]
    let namespace = args[2]
    guard name.isStr else { throw vm.raise(.typeError, "type.__new__() argument 1 must be str, not \(name.argumentTypeName)") }
    guard bases.isTuple else { throw vm.raise(.typeError, "type.__new__() argument 2 must be tuple, not \(bases.argumentTypeName)") }
    guard namespace.isDict else { throw vm.raise(.typeError, "type.__new__() argument 3 must be dict, not \(namespace.argumentTypeName)") }
    var winner = meta.asType
    if bases.as(TupleLayout.self).pointee.count == 0 {
      bases = try vm.tuple(Value(rt.pointee.types.object))
    } else {
      try checkBases(vm, bases)
      winner = try mostDerivedMetaclass(vm, winner, bases)
      if winner != meta.asType, let new = winner.pointee.slots.new, new != rt.pointee.types.type.pointee.slots.new {
        return try new(vm, Value(winner), args)
      }
    }
    return try build(vm, winner, name, bases, namespace, args)
  }

  /// Bases that are not classes have had their `__mro_entries__` asked by the class statement; here it is too late.
  private static func checkBases(_ vm: VM, _ bases: Value) throws(Raised) {
    let t = bases.as(TupleLayout.self)
    for i in 0..<t.pointee.count where !t.items[i].isType {
      if try !vm.getAttributeOrNull(t.items[i], rt.pointee.names.__mro_entries__).isNull {
        throw vm.raise(.typeError, "type() doesn't support MRO entry resolution; use types.new_class()")
      }
    }
  }

  /// The metaclass from which all others derive.
  static func mostDerivedMetaclass(_ vm: VM, _ start: TypeRef, _ bases: Value) throws(Raised) -> TypeRef {
    var winner = start
    let t = bases.as(TupleLayout.self)
    for i in 0..<t.pointee.count {
      let meta = t.items[i].type
      if winner.isSubtype(of: meta) { continue }
      if meta.isSubtype(of: winner) {
        winner = meta
        continue
      }
      throw vm.raise(
        .typeError,
        "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases")
    }
    return winner
  }

  /// The base whose memory layout the new class continues.
  static func bestBase(_ vm: VM, _ bases: Value) throws(Raised) -> TypeRef {
    let t = bases.as(TupleLayout.self)
    var best: TypeRef?
    var winner: TypeRef?
    for i in 0..<t.pointee.count {
      guard t.items[i].isType else { throw vm.raise(.typeError, "bases must be types") }
      let base = t.items[i].asType
      guard base.pointee.flags.contains(.baseType) else {
        throw vm.raise(.typeError, "type '\(base.nameForMessages)' is not an acceptable base type")
      }
      let candidate = layoutOwner(base)
      if winner.map({ candidate.isSubtype(of: $0) && candidate != $0 }) ?? true {
        winner = candidate
        best = base
      } else if let w = winner, !w.isSubtype(of: candidate) {
        throw vm.raise(.typeError, "multiple bases have instance lay-out conflict")
      }
    }
    return best ?? rt.pointee.types.object
  }

  /// The type on the base chain that last added memory (fields or slots; not the attribute storage).
  static func layoutOwner(_ type: TypeRef) -> TypeRef {
    var t = type
    while let base = t.pointee.base, base.pointee.instanceSize == t.pointee.instanceSize { t = base }
    return t
  }

  // MARK: building

  private static func build(
    _ vm: VM, _ meta: TypeRef, _ name: Value, _ bases: Value, _ namespace: Value, _ args: Args
  ) throws(Raised) -> Value {
    let base = try bestBase(vm, bases)
    let dict = try Dicts.copy(vm, namespace)
    let plan = try SlotPlan(vm, base, bases, dict, name)
    if TypeAttributes.containsNull(name) { throw vm.raise(.valueError, "type name must not contain null characters") }
    // The name has to be UTF-8, and so has a doc string.
    try requireUTF8(vm, name)
    let doc = Dicts.get(dict, str: rt.names.__doc__)
    if doc.isStr { try requireUTF8(vm, doc) }
    let qualname = try takeQualname(vm, dict, name)

    let type = try vm.instance(TypeLayout.self, of: meta)
    type.pointee.flags = [.heapType, .baseType]
    type.pointee.flags.formUnion(
      base.pointee.flags.intersection(TypeFlags.subclassBits.union([.adoptable, .matchSelf, .foreign])))
    type.pointee.name = name
    type.pointee.qualname = qualname
    type.pointee.dict = dict
    type.pointee.bases = bases
    type.pointee.base = base
    type.pointee.solidBase = base.pointee.solidBase
    type.pointee.traceKind = base.pointee.traceKind
    type.pointee.trace = base.pointee.trace
    if base.pointee.flags.contains(.typeSubclass) { type.pointee.keeping = .traced }
    type.pointee.dictOffset = base.pointee.dictOffset
    plan.apply(to: type, base)
    inheritPatternFlags(type, bases)

    let cell = try takeClassCell(vm, type)
    try fillDict(vm, type, plan)
    // Before the metaclass's mro(), which may call methods.
    if !cell.isNull { cell.as(ClosureCellLayout.self).pointee.content = Value(type) }
    type.pointee.version = Types.freshVersion()
    type.pointee.mro = try methodOrder(vm, type)
    SlotDerivation.deriveAll(type)
    if type.pointee.attributesOffset != 0 { type.pointee.rootShape = try Shapes.makeRoot(vm, type) }
    let t = bases.as(TupleLayout.self)
    for i in 0..<t.pointee.count { try Types.addSubclass(vm, t.items[i].asType, type) }

    try callSetName(vm, type)
    try callInitSubclass(vm, type, args)
    return Value(type)
  }

  /// Only a str of wide units can hold surrogates. Others are not looked at: a docstring's text may never have been read.
  private static func requireUTF8(_ vm: VM, _ text: Value) throws(Raised) {
    if text.as(StrLayout.self).pointee.unit > 1 { _ = try Codecs.encode(vm, text, try vm.intern("utf-8"), .null) }
  }

  private static func takeQualname(_ vm: VM, _ dict: Value, _ name: Value) throws(Raised) -> Value {
    let given = Dicts.get(dict, str: rt.pointee.names.__qualname__)
    if given.isNull { return name }
    guard given.isStr else { throw vm.raise(.typeError, "type __qualname__ must be a str, not \(given.typeName)") }
    _ = try Dicts.remove(vm, dict, rt.pointee.names.__qualname__)
    return given
  }

  private static func inheritPatternFlags(_ type: TypeRef, _ bases: Value) {
    let t = bases.as(TupleLayout.self)
    for i in 0..<t.pointee.count {
      let patterns = t.items[i].asType.pointee.flags.intersection([.sequencePattern, .mappingPattern])
      if !patterns.isEmpty && type.pointee.flags.isDisjoint(with: [.sequencePattern, .mappingPattern]) {
        type.pointee.flags.formUnion(patterns)
      }
    }
  }

  /// `__module__`, `__doc__`, implicit static and class methods, slot descriptors, `__dict__` and `__weakref__`.
  private static func fillDict(_ vm: VM, _ type: TypeRef, _ plan: SlotPlan) throws(Raised) {
    let dict = type.pointee.dict
    let names = rt.pointee.names
    if Dicts.get(dict, str: names.__module__).isNull {
      let globals = vm.currentGlobals()
      if globals.isDict {
        let module = Dicts.get(globals, str: names.__name__)
        if !module.isNull { try Dicts.set(vm, dict, names.__module__, module) }
      }
    }
    let new = Dicts.get(dict, str: names.__new__)
    if new.isExact(rt.pointee.types.function) { try Dicts.set(vm, dict, names.__new__, try StaticMethodType.make(vm, new)) }
    for name in [names.__init_subclass__, names.__class_getitem__] {
      let f = Dicts.get(dict, str: name)
      if f.isExact(rt.pointee.types.function) { try Dicts.set(vm, dict, name, try ClassMethodType.make(vm, f)) }
    }
    try plan.addDescriptors(vm, type)
    if Dicts.get(dict, str: names.__doc__).isNull { try Dicts.set(vm, dict, names.__doc__, .none) }
    // Equality without a hash makes instances unhashable.
    if !Dicts.get(dict, str: names.__eq__).isNull && Dicts.get(dict, str: names.__hash__).isNull {
      try Dicts.set(vm, dict, names.__hash__, .none)
    }
  }

  private static func takeClassCell(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let cell = Dicts.get(type.pointee.dict, str: rt.pointee.names.__classcell__)
    if cell.isNull { return cell }
    guard cell.isExact(rt.pointee.types.cell) else {
      throw vm.raise(
        .typeError,
        "__classcell__ must be a nonlocal cell, not <class '\(cell.typeName)'>")
    }
    _ = try Dicts.remove(vm, type.pointee.dict, rt.pointee.names.__classcell__)
    return cell
  }

  /// The mro by the metaclass's `mro` method, checked for being possible with the class's memory.
  static func methodOrder(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    let meta = type.pointee.header.type
    if meta == rt.pointee.types.type { return try MethodResolution.compute(vm, type) }
    let method = Types.lookup(meta, rt.pointee.names.mro)
    if method == Dicts.get(rt.pointee.types.type.pointee.dict, str: rt.pointee.names.mro) {
      return try MethodResolution.compute(vm, type)
    }
    let order = try vm.tuple(from: try SlotDispatch.call(vm, method, Value(type)))
    let t = order.as(TupleLayout.self)
    if t.pointee.count == 0 { throw vm.raise(.typeError, "type MRO must not be empty") }
    let owner = layoutOwner(type)
    for i in 0..<t.pointee.count {
      guard t.items[i].isType else {
        throw vm.raise(.typeError, "mro() returned a non-class ('\(t.items[i].typeName)')")
      }
      if !owner.isSubtype(of: layoutOwner(t.items[i].asType)) && t.items[i].asType != type {
        throw vm.raise(.typeError, "mro() returned base with unsuitable layout ('\(t.items[i].asType.nameForMessages)')")
      }
    }
    return order
  }

  /// `__set_name__` of everything in the namespace that has one.
  private static func callSetName(_ vm: VM, _ type: TypeRef) throws(Raised) {
    let name = try vm.intern("__set_name__")
    var position = 0
    var isWanted = false
    while !isWanted, let entry = Dicts.next(type.pointee.dict, &position) { isWanted = !Types.lookup(entry.value.type, name).isNull }
    if !isWanted { return }
    // What is called may change the namespace.
    let snapshot = try Dicts.copy(vm, type.pointee.dict)
    position = 0
    while let entry = Dicts.next(snapshot, &position) {
      let hook = Types.lookup(entry.value.type, name)
      if hook.isNull { continue }
      do throws(Raised) { _ = try SlotDispatch.call(vm, hook, entry.value, Value(type), entry.key) } catch {
        let cause = vm.takePending()
        let key = try vm.repr(entry.key)
        let e = try Exceptions.make(
          vm, .runtimeError,
          "Error calling __set_name__ on '\(entry.value.typeName)' instance \(key.swiftString) in '\(type.nameForMessages)'")
        e.as(ExceptionLayout.self).pointee.cause = cause
        e.as(ExceptionLayout.self).pointee.context = cause
        e.as(ExceptionLayout.self).pointee.suppressContext = true
        throw vm.reraise(e)
      }
    }
  }

  private static func callInitSubclass(_ vm: VM, _ type: TypeRef, _ args: Args) throws(Raised) {
    // A `mro` of the metaclass's may leave the class itself out.
    let order = type.pointee.mro.as(TupleLayout.self)
    if !(0..<order.pointee.count).contains(where: { order.items[$0] == Value(type) }) {
      throw vm.raise(.typeError, "super(type, obj): obj must be an instance or subtype of type")
    }
    let parent = try SuperType.lookup(vm, Value(type), Value(type), type, rt.pointee.names.__init_subclass__)
    if parent.isNull { return }
    let positional = args.count
    _ = try vm.call(parent, Args(args.base + positional, count: 0, keywords: args.keywords))
  }

  // MARK: __bases__

  static func setBases(_ vm: VM, _ v: Value, _ value: Value, _: Value) throws(Raised) {
    let type = v.asType
    let name = type.nameForMessages
    if !type.pointee.flags.contains(.heapType) {
      throw vm.raise(.typeError, "cannot set '__bases__' attribute of immutable type '\(name)'")
    }
    if value.isNull { throw vm.raise(.typeError, "cannot delete '__bases__' attribute of immutable type '\(name)'") }
    guard value.isTuple else {
      throw vm.raise(.typeError, "can only assign tuple to \(name).__bases__, not \(value.typeName)")
    }
    let t = value.as(TupleLayout.self)
    if t.pointee.count == 0 { throw vm.raise(.typeError, "can only assign non-empty tuple to \(name).__bases__, not ()") }
    for i in 0..<t.pointee.count {
      guard t.items[i].isType else {
        throw vm.raise(.typeError, "\(name).__bases__ must be tuple of classes, not '\(t.items[i].typeName)'")
      }
      if t.items[i].asType.isSubtype(of: type) || isOnBaseChain(type, of: t.items[i].asType) {
        throw vm.raise(.typeError, "a __bases__ item causes an inheritance cycle")
      }
    }
    let base = try bestBase(vm, value)
    guard let oldBase = type.pointee.base, TypeLayouts.sameInstances(base, oldBase) || layoutOwner(base) == layoutOwner(oldBase) else {
      throw vm.raise(
        .typeError,
        "__bases__ assignment: '\(base.nameForMessages)' object layout differs from '\(type.pointee.base?.nameForMessages ?? "?")'")
    }
    let oldBases = type.pointee.bases
    type.pointee.bases = value
    type.pointee.base = base
    // Triples of class, new order and old one: a failure takes back what is still as this assignment made it.
    let changed = try vm.list()
    do throws(Raised) { try recomputeOrder(vm, type, changed) } catch {
      let l = changed.as(ListLayout.self)
      var i = 0
      while i + 2 < l.pointee.count, let items = l.pointee.items {
        let order = items[i].asType
        if order.pointee.mro == items[i + 1] { order.pointee.mro = items[i + 2] }
        i += 3
      }
      if type.pointee.bases == value {
        type.pointee.bases = oldBases
        type.pointee.base = oldBase
      }
      Types.modified(type)
      throw error
    }
    // Python code in `mro` may have assigned other bases meanwhile: those stay.
    if type.pointee.bases != value { return }
    let old = oldBases.as(TupleLayout.self)
    for i in 0..<old.pointee.count { Types.removeSubclass(old.items[i].asType, type) }
    for i in 0..<t.pointee.count { try Types.addSubclass(vm, t.items[i].asType, type) }
    Types.modified(type)
    rederive(type)
  }

  /// A class whose mro is being computed may not know yet that it derives from `type`; its bases do.
  private static func isOnBaseChain(_ type: TypeRef, of start: TypeRef) -> Bool {
    var t: TypeRef? = start
    while let u = t {
      if u == type { return true }
      t = u.pointee.base
    }
    return false
  }

  private static func recomputeOrder(_ vm: VM, _ type: TypeRef, _ changed: Value) throws(Raised) {
    let old = type.pointee.mro
    let order = try methodOrder(vm, type)
    // Python code in `mro` may have assigned bases, and with them an order: that one stays.
    if type.pointee.mro != old { return }
    try vm.append(changed, Value(type))
    try vm.append(changed, order)
    try vm.append(changed, old)
    type.pointee.mro = order
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let list = type.pointee.subclasses
    if list.isNull { return }
    let l = list.as(ListLayout.self)
    var i = 0
    while i < l.pointee.count, let items = l.pointee.items {
      let referent = items[i].as(WeakRefLayout.self).pointee.referent
      if referent.isType { try recomputeOrder(vm, referent.asType, changed) }
      i += 1
    }
  }
  private static func rederive(_ type: TypeRef) {
    SlotDerivation.deriveAll(type)
    Types.forEachSubclass(type) { rederive($0) }
  }
}
