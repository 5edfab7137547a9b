/// `_collections`: deque, defaultdict, OrderedDict, and helpers of namedtuple and Counter.
enum CollectionsModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("High performance data structures.")
    let weak: TypeFlags = [.baseType, .weakReferenceable]
    DequeType.type = Value(
      try m.type(
        full: "collections.deque", "deque", layoutSize: MemoryLayout<DequeLayout>.size,
        flags: [weak, .sequencePattern], DequeType.declare))
    DequeType.iterator = Value(
      try m.type(
        full: "_collections._deque_iterator", "_deque_iterator", layoutSize: MemoryLayout<StepLayout>.size, flags: [],
        DequeIterator.declareForward))
    DequeType.reverseIterator = Value(
      try m.type(
        full: "_collections._deque_reverse_iterator", "_deque_reverse_iterator", layoutSize: MemoryLayout<StepLayout>.size,
        flags: [], DequeIterator.declareBackward))
    DefaultDict.type = Value(
      try m.type(
        full: "collections.defaultdict", "defaultdict", base: rt.types.dict, layoutSize: MemoryLayout<DefaultDictLayout>.size,
        flags: [.baseType, .dictSubclass], DefaultDict.declare))
    try declareOrderedDict(m)
    try m.type(
      full: "_collections._tuplegetter", "_tuplegetter", layoutSize: MemoryLayout<TupleGetterLayout>.size, flags: [],
      TupleGetter.declare)
    m.function("_count_elements", "($module, mapping, iterable, /)", "Count the items of the iterable in the mapping.", countElements)
  }

  private static func declareOrderedDict(_ m: ModuleBuilder) throws(Raised) {
    let views = MemoryLayout<DictViewLayout>.size
    OrderedDictType.type = Value(
      try m.type(
        full: "collections.OrderedDict", "OrderedDict", base: rt.types.dict, layoutSize: MemoryLayout<OrderedDictLayout>.size,
        flags: [.baseType, .dictSubclass, .hasAttributes, .weakReferenceable], OrderedDictType.declare))
    OrderedDictType.iterator = Value(
      try hidden(m, "odict_iterator", nil, MemoryLayout<OrderedDictIteratorLayout>.size) { t in OrderedDictIterator.declare(&t) })
    OrderedDictType.keysView = Value(
      try hidden(m, "odict_keys", rt.types.dictKeys, views) { t in OrderedDictIterator.declareView(&t, .keys) })
    OrderedDictType.valuesView = Value(
      try hidden(m, "odict_values", rt.types.dictValues, views) { t in OrderedDictIterator.declareView(&t, .values) })
    OrderedDictType.itemsView = Value(
      try hidden(m, "odict_items", rt.types.dictItems, views) { t in OrderedDictIterator.declareView(&t, .items) })
  }

  /// A type that the module does not show.
  private static func hidden(
    _ m: ModuleBuilder, _ name: StaticString, _ base: TypeRef?, _ size: Int, _ declare: (inout TypeBuilder) -> Void
  ) throws(Raised) -> TypeRef {
    let t = try TypeFactory.makeBuiltin(
      m.vm, name, base: base, layoutSize: size, flags: [.disallowInstantiation], module: .null)
    var builder = TypeBuilder(vm: m.vm, type: t)
    declare(&builder)
    try TypeFactory.ready(m.vm, t)
    return t
  }

  /// Counter's inner loop; a dict whose `get` and item assignment are dict's own is counted in directly.
  private static let countElements: NativeTwo = { vm, _, mapping, iterable throws(Raised) in
    let one = Value(smallInt: 1)
    let it = try vm.iter(iterable)
    if mapping.isDict, mapping.as(DictLayout.self).isOwn,
      Types.lookup(mapping.cellType, rt.names.get) == Types.lookup(rt.types.dict, rt.names.get),
      mapping.cellType.pointee.slots.storeSubscript == rt.types.dict.pointee.slots.storeSubscript
    {
      while true {
        let key = try Iterators.next(vm, it)
        if key == .exhausted { return .none }
        let hash = try HashTable.hash(vm, key)
        let old = try Dicts.get(vm, mapping, key, hash: hash)
        var new = one
        if old.isSmallInt && old.smallInt < Value.smallIntMax {
          new = Value(smallInt: old.smallInt &+ 1)
        } else if !old.isNull {
          new = try vm.binary(.add, old, one)
        }
        try Dicts.set(vm, mapping, key, new, hash: hash)
      }
    }
    let get = try vm.getAttribute(mapping, rt.names.get)
    while true {
      let key = try Iterators.next(vm, it)
      if key == .exhausted { return .none }
      let old = try vm.call(get, key, Value(smallInt: 0))
      try vm.setItem(mapping, key, try vm.binary(.add, old, one))
    }
  }
}

/// `factory` is null for None.
struct DefaultDictLayout {
  var dict: DictLayout
  var factory: Value

  static let trace: TraceFunction = { cell, tracer in
    DictType.trace(cell, tracer)
    Tracer(tracer).visit(cell.assumingMemoryBound(to: DefaultDictLayout.self).pointee.factory)
  }
}

enum DefaultDict {
  nonisolated(unsafe) static var type = Value.null
  private static func layout(_ v: Value) -> UnsafeMutablePointer<DefaultDictLayout> { v.as(DefaultDictLayout.self) }

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("defaultdict(default_factory=None, /, [...])\n\nA dict that makes missing values by calling default_factory.")
    t.trace(DefaultDictLayout.trace)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.or = OneCode(or)
    t.method("__missing__", "($self, object, /)", "Make, store and return the value of a missing key.", missing)
    t.method("copy", "($self, /)", "A defaultdict of the same items.", copy)
    t.method("__copy__", "($self, /)", "A defaultdict of the same items.", copy)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
    t.member(
      "default_factory", "Factory for default value called by __missing__().",
      offset: MemoryLayout<DefaultDictLayout>.offset(of: \.factory), readOnly: false, whenNull: .none)
  }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    var factory = Value.null
    if args.count > 0 {
      if args[0].type.pointee.slots.call == nil && !args[0].isNone {
        throw vm.raise(.typeError, "first argument must be callable or None")
      }
      if !args[0].isNone { factory = args[0] }
    }
    layout(v).pointee.factory = factory
    try DictType.update(vm, v, args.dropFirst(1), "defaultdict")
  }

  private static let missing: NativeOne = { vm, v, key throws(Raised) in
    let factory = layout(v).pointee.factory
    if factory.isNull || factory.isNone { throw vm.raise(.keyError, value: key) }
    let value = try vm.call(factory)
    try vm.setItem(v, key, value)
    return value
  }

  private static func factory(_ v: Value) -> Value {
    let f = layout(v).pointee.factory
    return f.isNull ? .none : f
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in try vm.call(Value(v.cellType), factory(v), v) }

  private static let or: NativeOne = { vm, a, b throws(Raised) in
    guard a.isDict, b.isDict else { return .notImplemented }
    let owner = a.isInstance(of: type.asType) ? a : b
    let result = try vm.call(Value(owner.cellType), factory(owner), a)
    try DictType.update(vm, result, from: b)
    return result
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    guard let dictRepr = rt.types.dict.pointee.slots.repr else { return .none }
    let items = try dictRepr(vm, v)
    let name: Value
    if try ReprGuard.enter(vm, v) {
      do throws(Raised) { name = try vm.repr(factory(v)) } catch {
        ReprGuard.leave(vm, v)
        throw error
      }
      ReprGuard.leave(vm, v)
    } else {
      name = try vm.intern("...")
    }
    var text = try ReprBuilder(vm)
    try text.add(str: try ShortName.of(vm, v.cellType))
    try text.add("(")
    try text.add(str: name)
    try text.add(", ")
    try text.add(str: items)
    try text.add(")")
    return try text.finish()
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let f = layout(v).pointee.factory
    let arguments = f.isNull || f.isNone ? try vm.tuple(count: 0) : try vm.tuple(f)
    let items = try vm.iter(try vm.callMethod(v, rt.names.items))
    let result = try vm.tuple(count: 5)
    let parts = result.as(TupleLayout.self).items
    parts[0] = Value(v.cellType)
    parts[1] = arguments
    parts[2] = .none
    parts[3] = .none
    parts[4] = items
    return result
  }
}

/// The descriptor of a named tuple's field: item `index` of the tuple.
struct TupleGetterLayout {
  var header: CellHeader
  var doc: Value
  var index: Int

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: TupleGetterLayout.self).pointee.doc)
  }
}

enum TupleGetter {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.trace(TupleGetterLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.descriptorGet = TwoCode(get)
    t.slots.descriptorSet = StoreCode(set)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.member("__doc__", nil, offset: MemoryLayout<TupleGetterLayout>.offset(of: \.doc), readOnly: false)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<TupleGetterLayout> { v.as(TupleGetterLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "_tuplegetter", args)
    try ArgChecks.positional(vm, "_tuplegetter", args, 2, 2)
    let index = try vm.asInt(args[0])
    let g = try vm.instance(TupleGetterLayout.self, of: cls.asType)
    g.pointee.index = index
    g.pointee.doc = args[1]
    return Value(g)
  }

  private static let get: NativeTwo = { vm, v, instance, _ throws(Raised) in
    if instance.isNull || instance.isNone { return v }
    let index = layout(v).pointee.index
    guard instance.isTuple else {
      throw vm.raise(
        .typeError, "descriptor for index '\(index)' for tuple subclasses doesn't apply to '\(instance.typeName)' object")
    }
    let t = instance.as(TupleLayout.self)
    guard index >= 0 && index < t.pointee.count else { throw vm.raise(.indexError, "tuple index out of range") }
    return t.items[index]
  }

  private static let set: NativeStore = { vm, _, _, value throws(Raised) in
    throw vm.raise(.attributeError, value.isNull ? "can't delete attribute" : "can't set attribute")
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let doc = try vm.repr(layout(v).pointee.doc).swiftString
    return try vm.str("\(v.typeName)(\(layout(v).pointee.index), \(doc))")
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(Value(v.cellType), try vm.tuple(try vm.int(layout(v).pointee.index), layout(v).pointee.doc))
  }
}
