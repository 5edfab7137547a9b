// The module itertools. Every iterator pickles and copies as in CPython 3.11: the shapes of `__reduce__` results are part of the
// contract, because pickles made by one must load in the other.

/// Memory of the iterators that need no more than four references and three numbers; each type says what they are.
struct StepLayout {
  var header: CellHeader
  var a: Value, b: Value, c: Value, d: Value
  var i: Int, j: Int, k: Int

  static let trace: TraceFunction = { cell, tracer in
    let s = cell.assumingMemoryBound(to: StepLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(s.pointee.a)
    tracer.visit(s.pointee.b)
    tracer.visit(s.pointee.c)
    tracer.visit(s.pointee.d)
  }
}
typealias StepRef = UnsafeMutablePointer<StepLayout>

extension ModuleBuilder {
  /// A type whose full name ("itertools.chain") is not the module's own name plus `name`, or is shown in messages.
  @discardableResult
  package func type(
    full: StaticString, _ name: StaticString, base: TypeRef? = nil, layoutSize: Int, flags: TypeFlags = [.baseType],
    _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> TypeRef {
    let t = try TypeFactory.makeBuiltin(vm, full, base: base, layoutSize: layoutSize, flags: flags, module: .null)
    var builder = TypeBuilder(vm: vm, type: t)
    try declare(&builder)
    try TypeFactory.ready(vm, t)
    vm.bootstrapStore(dict, name, Value(t))
    return t
  }
  /// A type that the module does not show.
  package func hiddenType(
    full: StaticString, layoutSize: Int, flags: TypeFlags, _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> TypeRef {
    let t = try type(full: full, "hidden", layoutSize: layoutSize, flags: flags, declare)
    _ = try Dicts.remove(vm, dict, try vm.intern("hidden"))
    return t
  }
}

/// Types that native code needs again after the module is made.
enum ItertoolsTypes {
  nonisolated(unsafe) static var chain = Value.null
  nonisolated(unsafe) static var accumulate = Value.null
  nonisolated(unsafe) static var islice = Value.null
  nonisolated(unsafe) static var groupby = Value.null
  nonisolated(unsafe) static var grouper = Value.null
  nonisolated(unsafe) static var tee = Value.null
  nonisolated(unsafe) static var teeBlock = Value.null
}

enum ItertoolsModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Iterators to build others from: endless ones, filters, groups, combinations.")
    let size = MemoryLayout<StepLayout>.size
    ItertoolsTypes.accumulate = Value(
      try m.type(full: "itertools.accumulate", "accumulate", layoutSize: size, Accumulate.declare))
    try m.type(full: "itertools.combinations", "combinations", layoutSize: CombinationLayout.size, Combinations.declare)
    try m.type(
      full: "itertools.combinations_with_replacement", "combinations_with_replacement", layoutSize: CombinationLayout.size,
      CombinationsWithReplacement.declare)
    try m.type(full: "itertools.cycle", "cycle", layoutSize: size, Cycle.declare)
    try m.type(full: "itertools.dropwhile", "dropwhile", layoutSize: size, DropWhile.declare)
    try m.type(full: "itertools.takewhile", "takewhile", layoutSize: size, TakeWhile.declare)
    ItertoolsTypes.islice = Value(try m.type(full: "itertools.islice", "islice", layoutSize: size, Islice.declare))
    try m.type(full: "itertools.starmap", "starmap", layoutSize: size, Starmap.declare)
    ItertoolsTypes.chain = Value(try m.type(full: "itertools.chain", "chain", layoutSize: size, Chain.declare))
    try m.type(full: "itertools.compress", "compress", layoutSize: size, Compress.declare)
    try m.type(full: "itertools.filterfalse", "filterfalse", layoutSize: size, FilterFalse.declare)
    try m.type(full: "itertools.count", "count", layoutSize: size, Count.declare)
    try m.type(full: "itertools.zip_longest", "zip_longest", layoutSize: size, ZipLongest.declare)
    try m.type(full: "itertools.pairwise", "pairwise", layoutSize: size, Pairwise.declare)
    try m.type(full: "itertools.permutations", "permutations", layoutSize: CombinationLayout.size, Permutations.declare)
    try m.type(full: "itertools.product", "product", layoutSize: CombinationLayout.size, Product.declare)
    try m.type(full: "itertools.repeat", "repeat", layoutSize: size, Repeat.declare)
    ItertoolsTypes.groupby = Value(
      try m.type(full: "itertools.groupby", "groupby", layoutSize: MemoryLayout<GroupByLayout>.size, GroupBy.declare))
    ItertoolsTypes.grouper = Value(
      try m.type(full: "itertools._grouper", "_grouper", layoutSize: size, flags: [], Grouper.declare))
    ItertoolsTypes.tee = Value(
      try m.type(full: "itertools._tee", "_tee", layoutSize: size, flags: [.weakReferenceable], Tee.declare))
    ItertoolsTypes.teeBlock = Value(
      try m.type(
        full: "itertools._tee_dataobject", "_tee_dataobject", layoutSize: MemoryLayout<TeeBlockLayout>.size, flags: [],
        TeeBlock.declare))
    m.function("tee", "($module, iterable, n=2, /)", "A tuple of n independent iterators over one.", Tee.function)
  }

  /// Refuses keywords, except for subclasses with an `__init__` that may take them.
  static func noKeywords(_ vm: VM, _ cls: Value, _ name: StaticString, _ args: Args) throws(Raised) {
    if cls.asType.pointee.slots.initialize != rt.types.object.pointee.slots.initialize { return }
    try ArgChecks.noKeywords(vm, name, args)
  }

  static func step(_ v: Value) -> StepRef { v.as(StepLayout.self) }

  /// What a two-argument constructor makes: `a` the first argument, `b` an iterator over the second.
  static func makePair(_ vm: VM, _ cls: Value, _ name: StaticString, _ args: Args) throws(Raised) -> Value {
    try noKeywords(vm, cls, name, args)
    try ArgChecks.positional(vm, name, args, 2, 2)
    let it = try vm.iter(args[1])
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = args[0]
    s.pointee.b = it
    return Value(s)
  }

  /// Common slots of all these iterators.
  static func declareCommon(_ t: inout TypeBuilder) {
    t.trace(StepLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
  }

  /// The items of `state`, which must be a tuple of `count`.
  static func stateItems(_ vm: VM, _ state: Value, _ count: Int) throws(Raised) -> UnsafeMutablePointer<Value> {
    guard state.isTuple else { throw vm.raise(.typeError, "state is not a tuple") }
    let t = state.as(TupleLayout.self)
    if t.pointee.count != count {
      throw vm.raise(.typeError, "function takes exactly \(count) arguments (\(t.pointee.count) given)")
    }
    return t.items
  }
}

// MARK: chain: `a` iterates over the iterables (null at the end), `b` over the current one (or null)

enum Chain {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("chain(*iterables)\n\nThe items of the first iterable, then those of the second, and so on.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.classMethod("from_iterable", "($type, iterable, /)", "Chains the iterables that an iterable yields.", fromIterable)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled state.", setState)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ItertoolsModule.noKeywords(vm, cls, "chain", args)
    return try make(vm, cls, try vm.iter(try vm.tuple(copying: args.base, count: args.count)))
  }
  private static let fromIterable: NativeOne = { vm, cls, iterables throws(Raised) in
    try make(vm, cls, try vm.iter(iterables))
  }
  private static func make(_ vm: VM, _ cls: Value, _ source: Value) throws(Raised) -> Value {
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = source
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    while !s.pointee.a.isNull {
      if s.pointee.b.isNull {
        let iterable = try vm.next(s.pointee.a)
        if iterable == .exhausted {
          s.pointee.a = .null
          return .exhausted
        }
        do throws(Raised) { s.pointee.b = try vm.iter(iterable) } catch {
          s.pointee.a = .null
          throw error
        }
      }
      let item = try Iterators.next(vm, s.pointee.b)
      if item != .exhausted { return item }
      s.pointee.b = .null
    }
    return .exhausted
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    let empty = try vm.tuple(count: 0)
    if s.pointee.a.isNull { return try vm.tuple(Value(v.cellType), empty) }
    let state = s.pointee.b.isNull ? try vm.tuple(s.pointee.a) : try vm.tuple(s.pointee.a, s.pointee.b)
    return try vm.tuple(Value(v.cellType), empty, state)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    guard state.isTuple else { throw vm.raise(.typeError, "state is not a tuple") }
    let t = state.as(TupleLayout.self)
    let n = t.pointee.count
    guard n == 1 || n == 2 else {
      throw vm.raise(
        .typeError, "function takes at \(n < 1 ? "least 1 argument" : "most 2 arguments") (\(n) given)")
    }
    for i in 0..<n where t.items[i].type.pointee.slots.next == nil {
      throw vm.raise(.typeError, "Arguments must be iterators.")
    }
    let s = ItertoolsModule.step(v)
    s.pointee.a = t.items[0]
    s.pointee.b = n == 2 ? t.items[1] : .null
    return .none
  }
}

// MARK: count: `a` is the number to come, `b` the step; while both are small ints and the step is 1, `i` counts and `a` is null

enum Count {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("count(start=0, step=1)\n--\n\nstart, start + step, start + 2 * step, without end.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.slots.repr = NoArgsCode(repr)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "count", args, names: ["start", "step"], required: 0)
    let start = places[0].isNull ? Value(smallInt: 0) : places[0]
    let step = places[1].isNull ? Value(smallInt: 1) : places[1]
    guard start.isNumber, step.isNumber else { throw vm.raise(.typeError, "a number is required") }
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.b = step
    if start.isSmallInt && step == Value(smallInt: 1) { s.pointee.i = start.smallInt } else { s.pointee.a = start }
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.a.isNull {
      let i = s.pointee.i
      // Counting from 48 bits, this does not reach the end of 64.
      s.pointee.i = i &+ 1
      return try vm.int(i)
    }
    let value = s.pointee.a
    s.pointee.a = try vm.binary(.add, value, s.pointee.b)
    return value
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    var text = try ReprBuilder(vm)
    try text.add(str: try ShortName.of(vm, v.cellType))
    try text.add("(")
    try text.add(repr: s.pointee.a.isNull ? try vm.int(s.pointee.i) : s.pointee.a)
    if s.pointee.b != Value(smallInt: 1) {
      try text.add(", ")
      try text.add(repr: s.pointee.b)
    }
    try text.add(")")
    return try text.finish()
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.a.isNull { return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.int(s.pointee.i))) }
    return try vm.tuple(Value(v.cellType), try vm.tuple(s.pointee.a, s.pointee.b))
  }
}

/// `__name__` of a type: builtin types may carry their module's name in front.
enum ShortName {
  static func of(_ vm: VM, _ type: TypeRef) throws(Raised) -> Value {
    try vm.getAttribute(Value(type), rt.names.__name__)
  }
}

// MARK: cycle: `a` the iterator until it ends, `b` the list of what it gave, `i` the place in it, `j` 1: the list is complete

enum Cycle {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("cycle(iterable, /)\n--\n\nThe items of the iterable, over and over.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled state.", setState)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ItertoolsModule.noKeywords(vm, cls, "cycle", args)
    try ArgChecks.positional(vm, "cycle", args, 1, 1)
    let it = try vm.iter(args[0])
    let saved = try vm.list()
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = it
    s.pointee.b = saved
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if !s.pointee.a.isNull {
      let item = try vm.next(s.pointee.a)
      if item != .exhausted {
        if s.pointee.j == 0 { try vm.append(s.pointee.b, item) }
        return item
      }
      s.pointee.a = .null
    }
    let saved = s.pointee.b.as(ListLayout.self)
    let i = s.pointee.i
    guard i < saved.pointee.count, let items = saved.pointee.items else {
      s.pointee.i = 0
      guard saved.pointee.count > 0, let items = saved.pointee.items else { return .exhausted }
      s.pointee.i = saved.pointee.count > 1 ? 1 : 0
      return items[0]
    }
    s.pointee.i = i + 1 >= saved.pointee.count ? 0 : i + 1
    return items[i]
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.a.isNull {
      let it = try vm.iter(s.pointee.b)
      if s.pointee.i != 0 { _ = try vm.callMethod(it, rt.names.__setstate__, try vm.int(s.pointee.i)) }
      return try vm.tuple(Value(v.cellType), try vm.tuple(it), try vm.tuple(s.pointee.b, .true))
    }
    return try vm.tuple(
      Value(v.cellType), try vm.tuple(s.pointee.a), try vm.tuple(s.pointee.b, .bool(s.pointee.j != 0)))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let items = try ItertoolsModule.stateItems(vm, state, 2)
    guard items[0].isList else {
      throw vm.raise(.typeError, "argument 1 must be list, not \(items[0].argumentTypeName)")
    }
    let complete = try vm.asInt(items[1])
    let s = ItertoolsModule.step(v)
    s.pointee.b = Adoption.isForeign(items[0]) ? try vm.list(from: items[0]) : items[0]
    s.pointee.i = 0
    s.pointee.j = complete != 0 ? 1 : 0
    return .none
  }
}

// MARK: repeat: `a` the object, `i` how many times yet, -1 without end

enum Repeat {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("repeat(object [,times])\n\nThe object again and again, without end or the given number of times.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.slots.repr = NoArgsCode(repr)
    t.method("__length_hint__", "($self, /)", "How many times are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "repeat", args, names: ["object", "times"], required: 1)
    let times = places[1].isNull ? -1 : max(0, try vm.asInt(places[1]))
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = places[0]
    s.pointee.i = times
    return Value(s)
  }

  private static let next: NativeNoArgs = { _, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.i == 0 { return .exhausted }
    if s.pointee.i > 0 { s.pointee.i &-= 1 }
    return s.pointee.a
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    var text = try ReprBuilder(vm)
    try text.add(str: try ShortName.of(vm, v.cellType))
    try text.add("(")
    try text.add(repr: s.pointee.a)
    if s.pointee.i >= 0 {
      try text.add(", ")
      try text.add(repr: try vm.int(s.pointee.i))
    }
    try text.add(")")
    return try text.finish()
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.i < 0 { throw vm.raise(.typeError, "len() of unsized object") }
    return try vm.int(s.pointee.i)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    let arguments = s.pointee.i < 0 ? try vm.tuple(s.pointee.a) : try vm.tuple(s.pointee.a, try vm.int(s.pointee.i))
    return try vm.tuple(Value(v.cellType), arguments)
  }
}
