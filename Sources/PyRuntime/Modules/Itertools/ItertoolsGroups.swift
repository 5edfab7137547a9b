// itertools: groupby and tee, whose iterators share state.

/// The key and value read last (null when used up or not yet there), the key of the group being shown, and the sub-iterator that
/// may still read from it: an older one has been overtaken.
struct GroupByLayout {
  var header: CellHeader
  var iterator: Value, keyFunction: Value
  var targetKey: Value, currentKey: Value, currentValue: Value
  var grouper: Value

  static let trace: TraceFunction = { cell, tracer in
    let g = cell.assumingMemoryBound(to: GroupByLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(g.pointee.iterator)
    tracer.visit(g.pointee.keyFunction)
    tracer.visit(g.pointee.targetKey)
    tracer.visit(g.pointee.currentKey)
    tracer.visit(g.pointee.currentValue)
    tracer.visit(g.pointee.grouper)
  }
}

enum GroupBy {
  typealias Ref = UnsafeMutablePointer<GroupByLayout>

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.trace(GroupByLayout.trace)
    t.doc("groupby(iterable, key=None)\n--\n\nPairs of a key and an iterator over consecutive items that have it.")
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled state.", setState)
  }
  static func layout(_ v: Value) -> Ref { v.as(GroupByLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "groupby", args, names: ["iterable", "key"], required: 1)
    let it = try vm.iter(places[0])
    let g = try vm.instance(GroupByLayout.self, of: cls.asType)
    g.pointee.iterator = it
    g.pointee.keyFunction = places[1].isNull ? .none : places[1]
    return Value(g)
  }

  /// Reads one more item; false at the end.
  static func advance(_ vm: VM, _ g: Ref) throws(Raised) -> Bool {
    let value = try vm.next(g.pointee.iterator)
    if value == .exhausted { return false }
    let key = g.pointee.keyFunction.isNone ? value : try vm.call(g.pointee.keyFunction, value)
    g.pointee.currentValue = value
    g.pointee.currentKey = key
    return true
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let g = layout(v)
    g.pointee.grouper = .null
    while true {
      if !g.pointee.currentKey.isNull {
        if g.pointee.targetKey.isNull { break }
        if try !ItemCompare.equal(vm, g.pointee.targetKey, g.pointee.currentKey) { break }
      }
      if try !advance(vm, g) { return .exhausted }
    }
    g.pointee.targetKey = g.pointee.currentKey
    let key = g.pointee.currentKey
    let group = try Grouper.make(vm, v, key)
    return try vm.tuple(key, group)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let g = layout(v)
    let arguments = try vm.tuple(g.pointee.iterator, g.pointee.keyFunction)
    if g.pointee.targetKey.isNull || g.pointee.currentKey.isNull || g.pointee.currentValue.isNull {
      return try vm.tuple(Value(v.cellType), arguments)
    }
    return try vm.tuple(
      Value(v.cellType), arguments, try vm.tuple(g.pointee.currentKey, g.pointee.currentValue, g.pointee.targetKey))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let items = try ItertoolsModule.stateItems(vm, state, 3)
    let g = layout(v)
    g.pointee.currentKey = items[0]
    g.pointee.currentValue = items[1]
    g.pointee.targetKey = items[2]
    return .none
  }
}

/// The items of one group: `a` is the groupby, `b` the group's key.
enum Grouper {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }

  private static let new: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "_grouper", args)
    try ArgChecks.positional(vm, "_grouper", args, 2, 2)
    guard args[0].isInstance(of: ItertoolsTypes.groupby.asType) else {
      throw vm.raise(.typeError, "argument 1 must be itertools.groupby, not \(args[0].typeName)")
    }
    return try make(vm, args[0], args[1])
  }

  static func make(_ vm: VM, _ parent: Value, _ key: Value) throws(Raised) -> Value {
    let s = try vm.make(StepLayout.self, ItertoolsTypes.grouper.asType)
    s.pointee.a = parent
    s.pointee.b = key
    GroupBy.layout(parent).pointee.grouper = Value(s)
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    let g = GroupBy.layout(s.pointee.a)
    if g.pointee.grouper != v { return .exhausted }
    if g.pointee.currentValue.isNull, try !GroupBy.advance(vm, g) { return .exhausted }
    if try !ItemCompare.equal(vm, s.pointee.b, g.pointee.currentKey) { return .exhausted }
    let value = g.pointee.currentValue
    g.pointee.currentValue = .null
    g.pointee.currentKey = .null
    return value.isNull ? .exhausted : value
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if GroupBy.layout(s.pointee.a).pointee.grouper != v {
      return try Iterators.exhaustedState(vm, try vm.tuple(count: 0))
    }
    return try vm.tuple(Value(v.cellType), try vm.tuple(s.pointee.a, s.pointee.b))
  }
}

/// A link of the chain of items that tee iterators read: `values` is a buffer of `TeeBlock.capacity`, filled up to `count`; then
/// `next` is the following link, made when first needed. Links behind the slowest reader are garbage.
struct TeeBlockLayout {
  var header: CellHeader
  var iterator: Value
  var next: Value
  var values: UnsafeMutablePointer<Value>?
  var count: Int
  var running: Bool

  static let trace: TraceFunction = { cell, tracer in
    let b = cell.assumingMemoryBound(to: TeeBlockLayout.self)
    let tracer = Tracer(tracer)
    tracer.visit(b.pointee.iterator)
    tracer.visit(b.pointee.next)
    tracer.visitBuffer(b.pointee.values)
  }
}

enum TeeBlock {
  typealias Ref = UnsafeMutablePointer<TeeBlockLayout>
  static let capacity = 57

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.trace(TeeBlockLayout.trace)
    t.doc("teedataobject(iterable, values, next, /)\n--\n\nItems that tee iterators share.")
    t.slots.new = ManyCode(new)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }
  static func layout(_ v: Value) -> Ref { v.as(TeeBlockLayout.self) }

  static func make(_ vm: VM, _ iterator: Value) throws(Raised) -> Value {
    let values = try vm.allocateValues(capacity)
    let b = try vm.make(TeeBlockLayout.self, ItertoolsTypes.teeBlock.asType)
    b.pointee.iterator = iterator
    b.pointee.values = values
    return Value(b)
  }

  /// Item `i` (≤ count), read from the iterator if nobody has yet.
  static func item(_ vm: VM, _ b: Ref, _ i: Int) throws(Raised) -> Value {
    guard let values = b.pointee.values else { return .exhausted }
    if i < b.pointee.count { return values[i] }
    if b.pointee.running { throw vm.raise(.runtimeError, "cannot re-enter the tee iterator") }
    b.pointee.running = true
    defer { b.pointee.running = false }
    let item = try vm.next(b.pointee.iterator)
    if item == .exhausted { return item }
    values[i] = item
    b.pointee.count = i + 1
    return item
  }

  static func following(_ vm: VM, _ b: Ref) throws(Raised) -> Value {
    if b.pointee.next.isNull { b.pointee.next = try make(vm, b.pointee.iterator) }
    return b.pointee.next
  }

  private static let new: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "teedataobject", args)
    try ArgChecks.positional(vm, "teedataobject", args, 3, 3)
    guard args[1].isList else {
      throw vm.raise(.typeError, "teedataobject() argument 2 must be list, not \(args[1].argumentTypeName)")
    }
    guard let run = Lists.items(of: args[1]), run.count <= capacity else {
      throw vm.raise(.valueError, "Invalid arguments")
    }
    let result = try make(vm, args[0])
    let b = layout(result)
    if run.count > 0, let values = b.pointee.values { values.update(from: run.items, count: run.count) }
    b.pointee.count = run.count
    if run.count == capacity {
      if !args[2].isNone {
        guard args[2].isExact(ItertoolsTypes.teeBlock.asType) else { throw vm.raise(.valueError, "Invalid arguments") }
        b.pointee.next = args[2]
      }
    } else if !args[2].isNone {
      throw vm.raise(.valueError, "Invalid arguments")
    }
    return result
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let b = layout(v)
    let values = try vm.list()
    if let items = b.pointee.values { for i in 0..<b.pointee.count { try vm.append(values, items[i]) } }
    return try vm.tuple(
      Value(v.cellType), try vm.tuple(b.pointee.iterator, values, b.pointee.next.isNull ? .none : b.pointee.next))
  }
}

/// `a` is the link being read, `i` the place in it.
enum Tee {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("_tee(iterable, /)\n--\n\nAn iterator that can be copied.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__copy__", "($self, /)", "An independent iterator at the same place.", copy)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled place.", setState)
  }

  private static let new: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "_tee", args)
    try ArgChecks.positional(vm, "_tee", args, 1, 1)
    return try make(vm, args[0])
  }

  /// A tee iterator over any iterable; of another tee iterator, a copy.
  private static func make(_ vm: VM, _ iterable: Value) throws(Raised) -> Value {
    let it = try vm.iter(iterable)
    if it.isExact(ItertoolsTypes.tee.asType) { return try copy(vm, it) }
    return try make(vm, block: try TeeBlock.make(vm, it), at: 0)
  }

  private static func make(_ vm: VM, block: Value, at i: Int) throws(Raised) -> Value {
    let s = try vm.make(StepLayout.self, ItertoolsTypes.tee.asType)
    s.pointee.a = block
    s.pointee.i = i
    return Value(s)
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in
    try make(vm, block: ItertoolsModule.step(v).pointee.a, at: ItertoolsModule.step(v).pointee.i)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    if s.pointee.i >= TeeBlock.capacity {
      s.pointee.a = try TeeBlock.following(vm, TeeBlock.layout(s.pointee.a))
      s.pointee.i = 0
    }
    let item = try TeeBlock.item(vm, TeeBlock.layout(s.pointee.a), s.pointee.i)
    if item != .exhausted { s.pointee.i += 1 }
    return item
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = ItertoolsModule.step(v)
    return try vm.tuple(
      Value(v.cellType), try vm.tuple(try vm.tuple(count: 0)), try vm.tuple(s.pointee.a, try vm.int(s.pointee.i)))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let items = try ItertoolsModule.stateItems(vm, state, 2)
    guard items[0].isExact(ItertoolsTypes.teeBlock.asType) else {
      throw vm.raise(.typeError, "argument 1 must be itertools._tee_dataobject, not \(items[0].typeName)")
    }
    let i = try vm.asInt(items[1])
    guard i >= 0 && i <= TeeBlock.capacity, i <= TeeBlock.layout(items[0]).pointee.count else {
      throw vm.raise(.valueError, "Index out of range")
    }
    ItertoolsModule.step(v).pointee.a = items[0]
    ItertoolsModule.step(v).pointee.i = i
    return .none
  }

  /// `itertools.tee(iterable, n)`
  static let function: NativeMany = { vm, _, args throws(Raised) in
    let n = args[1].isNull ? 2 : try vm.asInt(args[1])
    if n < 0 { throw vm.raise(.valueError, "n must be >= 0") }
    let result = try vm.tuple(count: n)
    if n == 0 { return result }
    var it = try vm.iter(args[0])
    var copyMethod = try vm.getAttributeOrNull(it, "__copy__")
    if copyMethod.isNull {
      it = try make(vm, it)
      copyMethod = try vm.getAttribute(it, "__copy__")
    }
    result.as(TupleLayout.self).items[0] = it
    var i = 1
    while i < n {
      result.as(TupleLayout.self).items[i] = try vm.call(copyMethod)
      i += 1
    }
    return result
  }
}
