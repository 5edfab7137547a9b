enum EnumerateType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("enumerate(iterable, start=0)\n--\n\nAn iterator of pairs: a running number, from start, and an item of iterable.")
    t.trace(EnumerateLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<EnumerateLayout> { v.as(EnumerateLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    var iterable = Value.null, start = Value.null
    if args.keywordCount == 0 && args.count > 0 && args.count <= 2 {
      iterable = args[0]
      start = args[1]
    } else {
      if args.count + args.keywordCount == 0 {
        throw vm.raise(.typeError, "enumerate() missing required argument 'iterable'")
      }
      let places = try ArgChecks.bind(vm, "enumerate", args, names: ["iterable", "start"], required: 0)
      iterable = places[0]
      start = places[1]
      if iterable.isNull { throw vm.raise(.typeError, "enumerate() missing required argument 'iterable'") }
    }
    let first = start.isNull ? Value(smallInt: 0) : try vm.index(start)
    let it = try vm.iter(iterable)
    let e = try vm.instance(EnumerateLayout.self, of: cls.asType)
    e.pointee.iterator = it
    if let i = Ints.asInt64(first), i < Int.max {
      e.pointee.index = i
    } else {
      e.pointee.bigIndex = first
    }
    return Value(e)
  }

  /// The number of the next pair; moves on.
  @inline(__always)
  private static func takeIndex(_ vm: VM, _ e: UnsafeMutablePointer<EnumerateLayout>) throws(Raised) -> Value {
    if e.pointee.bigIndex.isNull {
      let i = e.pointee.index
      if i < Int.max &- 1 {
        e.pointee.index = i &+ 1
      } else {
        e.pointee.bigIndex = try vm.binary(.add, try vm.int(i), Value(smallInt: 1))
      }
      return try vm.int(i)
    }
    let i = e.pointee.bigIndex
    e.pointee.bigIndex = try vm.binary(.add, i, Value(smallInt: 1))
    return i
  }

  /// Step of enumerate in two parts, for callers that unpack the pair: the item, and its number in `index`.
  @inline(__always)
  static func step(_ vm: VM, _ e: UnsafeMutablePointer<EnumerateLayout>, index: inout Value) throws(Raised) -> Value {
    let item = try Iterators.next(vm, e.pointee.iterator)
    if item == .exhausted { return item }
    index = try takeIndex(vm, e)
    return item
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    var index = Value.null
    let item = try step(vm, layout(v), index: &index)
    return item == .exhausted ? item : try vm.tuple(index, item)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let e = layout(v)
    let index = e.pointee.bigIndex.isNull ? try vm.int(e.pointee.index) : e.pointee.bigIndex
    return try vm.tuple(Value(v.cellType), try vm.tuple(e.pointee.iterator, index))
  }
}

enum ZipType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc(
      "zip(*iterables, strict=False)\n\nAn iterator of tuples, the n-th made of each iterable's n-th item, until one ends.\n\n>>> list(zip('ab', (1, 2)))\n[('a', 1), ('b', 2)]"
    )
    t.trace(ZipLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores whether lengths are checked.", setState)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<ZipLayout> { v.as(ZipLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    var strict = false
    for k in 0..<args.keywordCount {
      if args.keywordCount > 1 || !Str.equal(args.keywordName(k), "strict") {
        if args.keywordCount > 1 {
          throw vm.raise(.typeError, "zip() takes at most 1 keyword argument (\(args.keywordCount) given)")
        }
        throw vm.raise(.typeError, "'\(args.keywordName(k).swiftString)' is an invalid keyword argument for zip()")
      }
      strict = try vm.isTrue(args.keywordValue(k))
    }
    let iterators = try vm.tuple(count: args.count)
    for i in 0..<args.count { iterators.as(TupleLayout.self).items[i] = try vm.iter(args[i]) }
    let z = try vm.instance(ZipLayout.self, of: cls.asType)
    z.pointee.iterators = iterators
    z.pointee.strict = strict
    if cls.asType == rt.types.zip { LoopIterators.claim(vm, z, args) }
    return Value(z)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let z = layout(v)
    let iterators = z.pointee.iterators.as(TupleLayout.self)
    let n = iterators.pointee.count
    if n == 0 { return .exhausted }
    if n == 2 {
      let a = try Iterators.next(vm, iterators.items[0])
      if a == .exhausted { return z.pointee.strict ? try checkEnd(vm, z, 0) : a }
      let b = try Iterators.next(vm, iterators.items[1])
      if b == .exhausted { return z.pointee.strict ? try checkEnd(vm, z, 1) : b }
      return try vm.tuple(a, b)
    }
    let result = try vm.tuple(count: n)
    for i in 0..<n {
      let item = try Iterators.next(vm, iterators.items[i])
      if item == .exhausted { return z.pointee.strict ? try checkEnd(vm, z, i) : item }
      result.as(TupleLayout.self).items[i] = item
    }
    return result
  }

  /// strict: iterator `ended` was the first to end; all must end in the same round.
  private static func checkEnd(_ vm: VM, _ z: UnsafeMutablePointer<ZipLayout>, _ ended: Int) throws(Raised) -> Value {
    if ended > 0 {
      let others = ended == 1 ? " " : "s 1-"
      throw vm.raise(.valueError, "zip() argument \(ended + 1) is shorter than argument\(others)\(ended)")
    }
    let iterators = z.pointee.iterators.as(TupleLayout.self)
    for i in 1..<max(1, iterators.pointee.count) {
      if try vm.next(iterators.items[i]) != .exhausted {
        let others = i == 1 ? " " : "s 1-"
        throw vm.raise(.valueError, "zip() argument \(i + 1) is longer than argument\(others)\(i)")
      }
    }
    return .exhausted
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let z = layout(v)
    if z.pointee.strict { return try vm.tuple(Value(v.cellType), z.pointee.iterators, .true) }
    return try vm.tuple(Value(v.cellType), z.pointee.iterators)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    layout(v).pointee.strict = try vm.isTrue(state)
    return .none
  }
}

enum MapType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("map(func, *iterables)\n\nAn iterator of func(a, b, ...) for the items of the iterables in parallel.")
    t.trace(ZipLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<ZipLayout> { v.as(ZipLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    if cls.asType == rt.types.map || cls.asType.pointee.slots.initialize == rt.types.map.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "map", args)
    }
    if args.count < 2 { throw vm.raise(.typeError, "map() must have at least two arguments.") }
    let iterators = try vm.tuple(count: args.count - 1)
    for i in 1..<args.count { iterators.as(TupleLayout.self).items[i - 1] = try vm.iter(args[i]) }
    let m = try vm.instance(ZipLayout.self, of: cls.asType)
    m.pointee.iterators = iterators
    m.pointee.function = args[0]
    return Value(m)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let m = layout(v)
    let iterators = m.pointee.iterators.as(TupleLayout.self)
    let n = iterators.pointee.count
    let a = try Iterators.next(vm, iterators.items[0])
    if a == .exhausted { return a }
    if n == 1 {
      let result = try vm.call(m.pointee.function, a)
      if m.pointee.function.isForgetful { LoopIterators.dropYielded(vm, a, from: iterators.items[0]) }
      return result
    }
    let b = try Iterators.next(vm, iterators.items[1])
    if b == .exhausted { return b }
    if n == 2 { return try vm.call(m.pointee.function, a, b) }
    let arguments = try vm.allocateValues(n)
    arguments[0] = a
    arguments[1] = b
    for i in 2..<n {
      let item = try Iterators.next(vm, iterators.items[i])
      if item == .exhausted { return item }
      arguments[i] = item
    }
    return try vm.call(m.pointee.function, Args(arguments, count: n))
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let m = layout(v)
    let iterators = m.pointee.iterators.as(TupleLayout.self)
    let arguments = try vm.tuple(count: iterators.pointee.count + 1)
    arguments.as(TupleLayout.self).items[0] = m.pointee.function
    for i in 0..<iterators.pointee.count { arguments.as(TupleLayout.self).items[i + 1] = iterators.items[i] }
    return try vm.tuple(Value(v.cellType), arguments)
  }
}

enum FilterType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("filter(function or None, iterable)\n\nAn iterator of the items for which function is true, or that are true themselves.")
    t.trace(PairIteratorLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<PairIteratorLayout> { v.as(PairIteratorLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    if cls.asType == rt.types.filter || cls.asType.pointee.slots.initialize == rt.types.filter.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "filter", args)
    }
    try ArgChecks.positional(vm, "filter", args, 2, 2)
    let it = try vm.iter(args[1])
    let f = try vm.instance(PairIteratorLayout.self, of: cls.asType)
    f.pointee.first = args[0]
    f.pointee.second = it
    return Value(f)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let f = layout(v)
    let function = f.pointee.first
    let byTruth = function.isNone || function == Value(rt.types.bool)
    while true {
      let item = try Iterators.next(vm, f.pointee.second)
      if item == .exhausted { return item }
      if try vm.isTrue(byTruth ? item : try vm.call(function, item)) { return item }
    }
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(Value(v.cellType), try vm.tuple(layout(v).pointee.first, layout(v).pointee.second))
  }
}

/// Over any sequence, from its end; `first` is the sequence (null at the end), `count` the index of the item to come.
enum ReversedType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("reversed(sequence, /)\n--\n\nAn iterator over a sequence from its last item to its first.")
    t.trace(PairIteratorLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<PairIteratorLayout> { v.as(PairIteratorLayout.self) }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    if cls.asType == rt.types.reversed || cls.asType.pointee.slots.initialize == rt.types.reversed.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "reversed", args)
    }
    try ArgChecks.positional(vm, "reversed", args, 1, 1)
    let sequence = args[0]
    let method = try vm.lookupSpecial(sequence, rt.names.__reversed__)
    if method.isNone { throw vm.raise(.typeError, "'\(sequence.typeName)' object is not reversible") }
    if !method.isNull { return try vm.call(method) }
    guard sequence.type.pointee.slots.item != nil, !sequence.isDict else {
      throw vm.raise(.typeError, "'\(sequence.typeName)' object is not reversible")
    }
    let n = try vm.length(sequence)
    let r = try vm.instance(PairIteratorLayout.self, of: cls.asType)
    r.pointee.first = sequence
    r.pointee.count = n &- 1
    return Value(r)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    if r.pointee.first.isNull { return .exhausted }
    let i = r.pointee.count
    if i >= 0 {
      let item = try Iterators.itemOrEnd(vm, r.pointee.first, i)
      if item != .exhausted {
        r.pointee.count = i &- 1
        return item
      }
    }
    r.pointee.count = -1
    r.pointee.first = .null
    return .exhausted
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    if r.pointee.first.isNull { return Value(smallInt: 0) }
    let n = r.pointee.count &+ 1
    return try vm.length(r.pointee.first) < n ? Value(smallInt: 0) : vm.int(n)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let r = layout(v)
    if r.pointee.first.isNull { return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.tuple(count: 0))) }
    return try vm.tuple(Value(v.cellType), try vm.tuple(r.pointee.first), try vm.int(r.pointee.count))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let r = layout(v)
    let i = try vm.asInt(state)
    if r.pointee.first.isNull { return .none }
    r.pointee.count = min(max(-1, i), try vm.length(r.pointee.first) &- 1)
    return .none
  }
}
