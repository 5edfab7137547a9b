/// `_functools`: partial, reduce, cmp_to_key and the LRU cache.
enum FunctoolsModule {
  nonisolated(unsafe) static var partial = Value.null
  nonisolated(unsafe) static var keyWrapper = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Tools that operate on functions.")
    m.function(
      "reduce", nil, "reduce(function, iterable[, initial]) -> value\n\nFolds the items from left to right with a function of two.", reduce)
    m.function(
      "cmp_to_key", "($module, /, mycmp)", "A key function for sorting from a function that compares two and answers <, = or > 0.",
      cmpToKey as NativeMany)
    partial = Value(
      try m.type(
        full: "functools.partial", "partial", layoutSize: MemoryLayout<PartialLayout>.size,
        flags: [.baseType, .hasAttributes, .weakReferenceable], Partial.declare))
    keyWrapper = Value(
      try TypeFactory.makeBuiltin(
        m.vm, "functools.KeyWrapper", base: nil, layoutSize: MemoryLayout<StepLayout>.size, flags: [.disallowInstantiation],
        module: .null))
    var builder = TypeBuilder(vm: m.vm, type: keyWrapper.asType)
    KeyWrapper.declare(&builder)
    try TypeFactory.ready(m.vm, keyWrapper.asType)
    try m.type(
      full: "functools._lru_cache_wrapper", "_lru_cache_wrapper", layoutSize: MemoryLayout<LRUCacheLayout>.size,
      flags: [.baseType, .hasAttributes, .weakReferenceable, .methodDescriptor], LRUCache.declare)
  }

  private static let reduce: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "functools.reduce", args)
    try ArgChecks.positional(vm, "reduce", args, 2, 3)
    let it: Value
    do throws(Raised) { it = try vm.iter(args[1]) } catch {
      guard vm.pendingIs(.typeError) else { throw error }
      vm.clearPending()
      throw vm.raise(.typeError, "reduce() arg 2 must support iteration")
    }
    var result = args[2]
    while true {
      let item = try vm.next(it)
      if item == .exhausted { break }
      result = result.isNull ? item : try vm.call(args[0], result, item)
    }
    if result.isNull { throw vm.raise(.typeError, "reduce() of empty iterable with no initial value") }
    return result
  }

  private static let cmpToKey: NativeMany = { vm, _, args throws(Raised) in
    try KeyWrapper.make(vm, args[0], .null)
  }
}

/// What `cmp_to_key` answers (`b` null), and what that makes of an item: `a` the comparison, `b` the item.
enum KeyWrapper {
  static func make(_ vm: VM, _ compare: Value, _ item: Value) throws(Raised) -> Value {
    let k = try vm.make(StepLayout.self, FunctoolsModule.keyWrapper.asType)
    k.pointee.a = compare
    k.pointee.b = item
    return Value(k)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(StepLayout.trace)
    t.slots.call = ManyCode(call)
    t.slots.compare = CompareCode(compare)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.member("obj", "Value wrapped by a key function.", offset: MemoryLayout<StepLayout>.offset(of: \.b), readOnly: false, whenNull: .null)
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "K", args, names: ["obj"], required: 1)
    return try make(vm, v.as(StepLayout.self).pointee.a, places[0])
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard b.isExact(FunctoolsModule.keyWrapper.asType) else {
      throw vm.raise(.typeError, "other argument must be K instance")
    }
    let x = a.as(StepLayout.self), y = b.as(StepLayout.self)
    if x.pointee.b.isNull || y.pointee.b.isNull { throw vm.raise(.attributeError, "object") }
    let order = try vm.call(x.pointee.a, x.pointee.b, y.pointee.b)
    return try vm.compare(order, Value(smallInt: 0), op)
  }
}

/// `keywords` is always a dict, `args` a tuple.
struct PartialLayout {
  var header: CellHeader
  var function: Value, args: Value, keywords: Value

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: PartialLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(p.pointee.function)
    tracer.visit(p.pointee.args)
    tracer.visit(p.pointee.keywords)
  }
}

enum Partial {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("partial(func, *args, **keywords)\n\nA function that calls func with these arguments in front of those it is called with.")
    t.trace(PartialLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.call = ManyCode(call)
    t.slots.repr = NoArgsCode(repr)
    t.member("func", "function object to use in future partial calls", offset: MemoryLayout<PartialLayout>.offset(of: \.function))
    t.member("args", "tuple of arguments to future partial calls", offset: MemoryLayout<PartialLayout>.offset(of: \.args))
    t.member(
      "keywords", "dictionary of keyword arguments to future partial calls",
      offset: MemoryLayout<PartialLayout>.offset(of: \.keywords))
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled state.", setState)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  private static func layout(_ v: Value) -> UnsafeMutablePointer<PartialLayout> { v.as(PartialLayout.self) }

  /// Attributes of its own, as a dict, or null.
  private static func attributes(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let dict = try vm.getAttributeOrNull(v, rt.names.__dict__)
    return dict.isNull || !dict.isDict || Dicts.count(dict) == 0 ? .null : dict
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    if args.count == 0 { throw vm.raise(.typeError, "type 'partial' takes at least one argument") }
    var function = args[0]
    guard function.type.pointee.slots.call != nil else {
      throw vm.raise(.typeError, "the first argument must be callable")
    }
    let rest = args.dropFirst(1)
    var first = Value.null
    let keywords: Value
    // A partial of a partial calls the function itself, unless the inner one carries attributes.
    if function.type.pointee.slots.call == ManyCode(call), try attributes(vm, function).isNull {
      let inner = layout(function)
      first = inner.pointee.args
      keywords = try Dicts.copy(vm, inner.pointee.keywords)
      function = inner.pointee.function
    } else {
      keywords = try vm.dict()
    }
    for k in 0..<args.keywordCount { try Dicts.set(vm, keywords, args.keywordName(k), args.keywordValue(k)) }
    let n = first.isNull ? 0 : first.as(TupleLayout.self).pointee.count
    let all = try vm.tuple(count: n + rest.count)
    let items = all.as(TupleLayout.self).items
    for i in 0..<n { items[i] = first.as(TupleLayout.self).items[i] }
    for i in 0..<rest.count { items[n + i] = rest[i] }
    let p = try vm.instance(PartialLayout.self, of: cls.asType)
    p.pointee.function = function
    p.pointee.args = all
    p.pointee.keywords = keywords
    return Value(p)
  }

  private static let call: NativeMany = { vm, v, args throws(Raised) in
    let p = layout(v)
    let first = p.pointee.args.as(TupleLayout.self)
    let n = first.pointee.count
    if Dicts.count(p.pointee.keywords) == 0 {
      if n == 0 { return try vm.call(p.pointee.function, args) }
      let total = n &+ args.count
      let buffer = try vm.allocateValues(total &+ args.keywordCount)
      buffer.update(from: first.items, count: n)
      for i in 0..<(args.count &+ args.keywordCount) { buffer[n &+ i] = args.base[i] }
      return try vm.call(p.pointee.function, Args(buffer, count: total, keywords: args.keywords))
    }
    let positional = try vm.tuple(count: n &+ args.count)
    for i in 0..<n { positional.as(TupleLayout.self).items[i] = first.items[i] }
    for i in 0..<args.count { positional.as(TupleLayout.self).items[n &+ i] = args[i] }
    var keywords = p.pointee.keywords
    if args.keywordCount > 0 {
      keywords = try Dicts.copy(vm, keywords)
      for k in 0..<args.keywordCount { try Dicts.set(vm, keywords, args.keywordName(k), args.keywordValue(k)) }
    }
    return try vm.call(p.pointee.function, tuple: positional, dict: keywords)
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    try ReprGuard.guarded(vm, v, "...") { () throws(Raised) in
      let p = layout(v)
      var text = try ReprBuilder(vm)
      try text.add(str: try vm.str(v.typeName))
      try text.add("(")
      try text.add(repr: p.pointee.function)
      let positional = p.pointee.args, keywords = p.pointee.keywords
      let items = positional.as(TupleLayout.self)
      for i in 0..<items.pointee.count {
        try text.add(", ")
        try text.add(repr: items.items[i])
      }
      var position = 0
      while let e = Dicts.next(keywords, &position) {
        try text.add(", ")
        try text.add(str: try vm.str(of: e.key))
        try text.add("=")
        try text.add(repr: e.value)
      }
      try text.add(")")
      return try text.finish()
    }
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let p = layout(v)
    let own = try attributes(vm, v)
    let state = try vm.tuple(p.pointee.function, p.pointee.args, p.pointee.keywords, own.isNull ? .none : own)
    return try vm.tuple(Value(v.cellType), try vm.tuple(p.pointee.function), state)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    guard state.isTuple, state.as(TupleLayout.self).pointee.count == 4 else {
      throw vm.raise(.typeError, "invalid partial state")
    }
    let items = state.as(TupleLayout.self).items
    guard items[0].type.pointee.slots.call != nil, items[1].isTuple, items[2].isNone || items[2].isDict else {
      throw vm.raise(.typeError, "invalid partial state")
    }
    let positional = try items[1].isExact(rt.types.tuple) ? items[1] : vm.tuple(from: items[1])
    let keywords: Value
    if items[2].isNone {
      keywords = try vm.dict()
    } else {
      keywords = try items[2].isExact(rt.types.dict) && !Adoption.isForeign(items[2]) ? items[2] : Dicts.copy(vm, items[2])
    }
    let p = layout(v)
    p.pointee.function = items[0]
    p.pointee.args = positional
    p.pointee.keywords = keywords
    let dict = items[3]
    try vm.setAttribute(v, rt.names.__dict__, dict.isExact(rt.types.dict) ? dict : dict.isDict ? try Dicts.copy(vm, dict) : try vm.dict())
    return .none
  }
}
