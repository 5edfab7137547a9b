/// `_abc`: what ABCMeta keeps for a class and how it checks instances and subclasses.
///
/// Registry and caches are dicts from an object's identity to an internal weak reference; an entry whose referent is gone (or another
/// object at the same address) counts as absent.
struct AbcDataLayout {
  var header: CellHeader
  var registry: Value, cache: Value, negativeCache: Value
  var negativeVersion: Int

  static let trace: TraceFunction = { cell, tracer in
    let d = cell.assumingMemoryBound(to: AbcDataLayout.self)
    let t = Tracer(tracer)
    t.visit(d.pointee.registry)
    t.visit(d.pointee.cache)
    t.visit(d.pointee.negativeCache)
  }
}

enum AbcModule {
  private typealias Data = UnsafeMutablePointer<AbcDataLayout>
  nonisolated(unsafe) private static var dataType = Value.null
  /// Grows with every registration anywhere: negative answers from before are then void.
  nonisolated(unsafe) private static var invalidations = 0

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Module contains faster C implementation of abc.ABCMeta")
    let t = try TypeFactory.makeBuiltin(
      m.vm, "_abc_data", base: nil, layoutSize: MemoryLayout<AbcDataLayout>.size, flags: [.disallowInstantiation], module: m.module)
    var builder = TypeBuilder(vm: m.vm, type: t)
    builder.trace(AbcDataLayout.trace)
    try TypeFactory.ready(m.vm, t)
    dataType = Value(t)
    m.function("get_cache_token", "($module, /)", "The current ABC cache token.") { (vm: VM, _: Value) throws(Raised) in
      try vm.int(invalidations)
    }
    m.function("_abc_init", "($module, self, /)", "Set up a class's ABC data.", initialize)
    m.function("_abc_register", "($module, self, subclass, /)", "Register a virtual subclass.", register)
    m.function("_abc_instancecheck", "($module, self, instance, /)", "isinstance for ABCMeta.", instanceCheck)
    m.function("_abc_subclasscheck", "($module, self, subclass, /)", "issubclass for ABCMeta.", subclassCheck)
    m.function("_get_dump", "($module, self, /)", "Registry and caches, for debugging.", dump)
    m.function("_reset_registry", "($module, self, /)", "Empty the registry, for tests.", resetRegistry)
    m.function("_reset_caches", "($module, self, /)", "Empty both caches, for tests.", resetCaches)
  }

  // MARK: data

  private static func data(_ vm: VM, _ cls: Value) throws(Raised) -> Data {
    let impl = try vm.getAttribute(cls, "_abc_impl")
    guard impl.isExact(dataType.asType) else { throw vm.raise(.typeError, "_abc_impl is set to a wrong type") }
    return impl.as(AbcDataLayout.self)
  }
  private static func contains(_ vm: VM, _ set: Value, _ v: Value) throws(Raised) -> Bool {
    if set.isNull || Dicts.count(set) == 0 { return false }
    let ref = try Dicts.get(vm, set, try Ints.make(vm, unsigned: v.bits))
    return !ref.isNull && ref.as(WeakRefLayout.self).pointee.referent == v
  }
  private static func insert(_ vm: VM, _ set: Value, _ v: Value) throws(Raised) {
    try Dicts.set(vm, set, try Ints.make(vm, unsigned: v.bits), try WeakRefs.internalReference(vm, v))
  }
  private static func addToCache(_ vm: VM, _ d: Data, _ v: Value) throws(Raised) {
    if d.pointee.cache.isNull { d.pointee.cache = try vm.dict() }
    try insert(vm, d.pointee.cache, v)
  }

  // MARK: functions

  private static func initialize(_ vm: VM, _ m: Value, _ cls: Value) throws(Raised) -> Value {
    try computeAbstractMethods(vm, cls)
    let d = try vm.make(AbcDataLayout.self, dataType.asType)
    let impl = Value(d)
    d.pointee.negativeVersion = invalidations
    try vm.setAttribute(cls, "_abc_impl", impl)
    // `__abc_tpflags__` says that instances match sequence or mapping patterns.
    if cls.isType {
      let name = try vm.intern("__abc_tpflags__")
      let flags = Dicts.get(cls.asType.pointee.dict, str: name)
      if flags.isSmallInt {
        if flags.smallInt & (1 << 5 | 1 << 6) == 1 << 5 | 1 << 6 {
          throw vm.raise(.typeError, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING")
        }
        if flags.smallInt & (1 << 5) != 0 { cls.asType.pointee.flags.insert(.sequencePattern) }
        if flags.smallInt & (1 << 6) != 0 { cls.asType.pointee.flags.insert(.mappingPattern) }
        try vm.setAttribute(cls, name, .null)
      }
    }
    return .none
  }

  private static func computeAbstractMethods(_ vm: VM, _ cls: Value) throws(Raised) {
    let abstracts = try vm.set()
    let add = try vm.getAttribute(abstracts, "add")
    let namespace = try vm.getAttribute(cls, rt.pointee.names.__dict__)
    let items = try vm.list(from: try vm.callMethod(namespace, rt.pointee.names.items))
    let list = items.as(ListLayout.self)
    var i = 0
    while i < list.pointee.count, let pairs = list.pointee.items {
      let pair = pairs[i].as(TupleLayout.self)
      if try AbstractMethods.isAbstract(vm, pair.items[1]) { _ = try vm.call(add, pair.items[0]) }
      i += 1
    }
    let bases = try vm.getAttribute(cls, rt.pointee.names.__bases__)
    guard bases.isTuple else { throw vm.raise(.typeError, "__bases__ is not tuple") }
    let t = bases.as(TupleLayout.self)
    for b in 0..<t.pointee.count {
      let inherited = try vm.getAttributeOrNull(t.items[b], rt.pointee.names.__abstractmethods__)
      if inherited.isNull { continue }
      let names = try vm.list(from: inherited)
      let n = names.as(ListLayout.self)
      var j = 0
      while j < n.pointee.count, let all = n.pointee.items {
        let name = all[j]
        let value = try vm.getAttributeOrNull(cls, name)
        if !value.isNull, try AbstractMethods.isAbstract(vm, value) { _ = try vm.call(add, name) }
        j += 1
      }
    }
    try vm.setAttribute(cls, rt.pointee.names.__abstractmethods__, try vm.frozenSet(from: abstracts))
  }

  private static func register(_ vm: VM, _ m: Value, _ cls: Value, _ subclass: Value) throws(Raised) -> Value {
    guard subclass.isType else { throw vm.raise(.typeError, "Can only register classes") }
    if try vm.isSubclass(subclass, cls) { return subclass }
    if try vm.isSubclass(cls, subclass) {
      throw vm.raise(.runtimeError, "Refusing to create an inheritance cycle")
    }
    let d = try data(vm, cls)
    if d.pointee.registry.isNull { d.pointee.registry = try vm.dict() }
    try insert(vm, d.pointee.registry, subclass)
    invalidations &+= 1
    if cls.isType {
      let patterns = cls.asType.pointee.flags.intersection([.sequencePattern, .mappingPattern])
      if !patterns.isEmpty { setPatterns(subclass.asType, patterns) }
    }
    return subclass
  }
  private static func setPatterns(_ type: TypeRef, _ patterns: TypeFlags) {
    // str, bytes and bytearray are registered as sequences, yet match no sequence pattern.
    let present = type.pointee.flags.intersection([.sequencePattern, .mappingPattern])
    if !type.pointee.flags.contains(.heapType) || present == patterns {
      return
    }
    type.pointee.flags.remove([.sequencePattern, .mappingPattern])
    type.pointee.flags.formUnion(patterns)
    Types.forEachSubclass(type) { setPatterns($0, patterns) }
  }

  private static func instanceCheck(_ vm: VM, _ m: Value, _ cls: Value, _ v: Value) throws(Raised) -> Value {
    let d = try data(vm, cls)
    let subclass = try vm.getAttribute(v, rt.pointee.names.__class__)
    if try contains(vm, d.pointee.cache, subclass) { return .true }
    let type = Value(v.type)
    if type == subclass {
      if d.pointee.negativeVersion == invalidations, try contains(vm, d.pointee.negativeCache, subclass) { return .false }
      return try vm.callMethod(cls, rt.pointee.names.__subclasscheck__, subclass)
    }
    let r = try vm.callMethod(cls, rt.pointee.names.__subclasscheck__, subclass)
    if try vm.isTrue(r) { return r }
    return try vm.callMethod(cls, rt.pointee.names.__subclasscheck__, type)
  }

  private static func subclassCheck(_ vm: VM, _ m: Value, _ cls: Value, _ subclass: Value) throws(Raised) -> Value {
    guard subclass.isType else { throw vm.raise(.typeError, "issubclass() arg 1 must be a class") }
    let d = try data(vm, cls)
    if try contains(vm, d.pointee.cache, subclass) { return .true }
    if d.pointee.negativeVersion < invalidations {
      d.pointee.negativeCache = .null
      d.pointee.negativeVersion = invalidations
    } else if try contains(vm, d.pointee.negativeCache, subclass) {
      return .false
    }
    let answer = try vm.callMethod(cls, rt.pointee.names.__subclasshook__, subclass)
    if answer == .true {
      try addToCache(vm, d, subclass)
      return .true
    }
    if answer == .false {
      try addNegative(vm, d, subclass)
      return .false
    }
    if answer != .notImplemented { throw vm.raise(.assertionError, "__subclasshook__ must return either False, True, or NotImplemented") }
    if cls.isType, subclass.asType.isSubtype(of: cls.asType) {
      try addToCache(vm, d, subclass)
      return .true
    }
    if try isRegistered(vm, d, subclass) {
      try addToCache(vm, d, subclass)
      return .true
    }
    let subclasses = try vm.list(from: try vm.callMethod(cls, "__subclasses__"))
    let list = subclasses.as(ListLayout.self)
    var i = 0
    while i < list.pointee.count, let items = list.pointee.items {
      if try vm.isSubclass(subclass, items[i]) {
        try addToCache(vm, d, subclass)
        return .true
      }
      i += 1
    }
    try addNegative(vm, d, subclass)
    return .false
  }
  private static func addNegative(_ vm: VM, _ d: Data, _ v: Value) throws(Raised) {
    if d.pointee.negativeCache.isNull { d.pointee.negativeCache = try vm.dict() }
    try insert(vm, d.pointee.negativeCache, v)
  }
  private static func isRegistered(_ vm: VM, _ d: Data, _ subclass: Value) throws(Raised) -> Bool {
    if d.pointee.registry.isNull { return false }
    if try contains(vm, d.pointee.registry, subclass) { return true }
    // Checks may register more classes: walk over a copy.
    let copy = try Dicts.copy(vm, d.pointee.registry)
    var position = 0
    while let entry = Dicts.next(copy, &position) {
      let registered = entry.value.as(WeakRefLayout.self).pointee.referent
      if !registered.isNull, try vm.isSubclass(subclass, registered) { return true }
    }
    return false
  }

  private static func references(_ vm: VM, _ set: Value) throws(Raised) -> Value {
    let result = try vm.set()
    if set.isNull { return result }
    let add = try vm.getAttribute(result, "add")
    let copy = try Dicts.copy(vm, set)
    var position = 0
    while let entry = Dicts.next(copy, &position) {
      let v = entry.value.as(WeakRefLayout.self).pointee.referent
      if !v.isNull { _ = try vm.call(add, try WeakRefs.make(vm, rt.pointee.types.weakref, v, .null)) }
    }
    return result
  }
  private static func dump(_ vm: VM, _ m: Value, _ cls: Value) throws(Raised) -> Value {
    let d = try data(vm, cls)
    let t = try vm.tuple(count: 4)
    let items = t.as(TupleLayout.self).items
    for i in 0..<4 { items[i] = .none }
    items[0] = try references(vm, d.pointee.registry)
    items[1] = try references(vm, d.pointee.cache)
    items[2] = try references(vm, d.pointee.negativeCache)
    items[3] = try vm.int(d.pointee.negativeVersion)
    return t
  }
  private static func resetRegistry(_ vm: VM, _ m: Value, _ cls: Value) throws(Raised) -> Value {
    try data(vm, cls).pointee.registry = .null
    return .none
  }
  private static func resetCaches(_ vm: VM, _ m: Value, _ cls: Value) throws(Raised) -> Value {
    let d = try data(vm, cls)
    d.pointee.cache = .null
    d.pointee.negativeCache = .null
    return .none
  }
}
