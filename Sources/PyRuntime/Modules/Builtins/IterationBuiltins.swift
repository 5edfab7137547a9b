/// Builtin functions about iterables.
enum IterationBuiltins {
  static func declare(_ b: ModuleBuilder) {
    b.function("iter", nil, "iter(iterable) -> iterator\niter(callable, sentinel) -> iterator\n\nGet an iterator from an object.", iter)
    b.function("next", nil, "next(iterator[, default])\n\nReturn the next item from the iterator, or the default at its end.", next)
    b.function("aiter", "($module, async_iterable, /)", "Return an AsyncIterator for an AsyncIterable object.", aiter)
    b.function("anext", "($module, aiterator, default=<unrepresentable>, /)", "Awaitable next item of an async iterator.", anext)
    b.function("any", "($module, iterable, /)", "True if bool(x) is True for any x in the iterable.", any)
    b.function("all", "($module, iterable, /)", "True if bool(x) is True for all values x in the iterable.", all)
    b.function("sorted", nil, "A new list with the iterable's items in ascending order.", sorted)
    let f = Dicts.get(b.vm, b.dict, "sorted").as(NativeFunctionLayout.self)
    f.pointee.signature = StaticText("($module, iterable, /, *, key=None, reverse=False)")
    b.function("min", nil, "min(iterable, *[, default=obj, key=func]) -> value\nmin(arg1, arg2, *args, *[, key=func]) -> value", min)
    b.function("max", nil, "max(iterable, *[, default=obj, key=func]) -> value\nmax(arg1, arg2, *args, *[, key=func]) -> value", max)
  }

  private static func positional(_ vm: VM, _ args: Args, _ name: String, _ low: Int, _ high: Int) throws(Raised) {
    if args.keywordCount != 0 { throw vm.raise(.typeError, "\(name)() takes no keyword arguments") }
    if args.count < low {
      throw vm.raise(.typeError, "\(name) expected at least \(low) argument\(low == 1 ? "" : "s"), got \(args.count)")
    }
    if args.count > high { throw vm.raise(.typeError, "\(name) expected at most \(high) arguments, got \(args.count)") }
  }

  private static func iter(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    try positional(vm, args, "iter", 1, 2)
    if args.count == 1 { return try vm.iter(args[0]) }
    if args[0].type.pointee.slots.call == nil { throw vm.raise(.typeError, "iter(v, w): v must be callable") }
    return try CallableIteratorType.make(vm, args[0], args[1])
  }
  private static func next(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    try positional(vm, args, "next", 1, 2)
    guard let slot = args[0].type.pointee.slots.next else {
      throw vm.raise(.typeError, "'\(args[0].typeName)' object is not an iterator")
    }
    defer { LoopIterators.dropArgument(vm, args[0]) }
    if args.count == 1 {
      let r = try slot(vm, args[0])
      if r == .exhausted { throw vm.raise(.stopIteration) }
      return r
    }
    let r = try vm.next(args[0])
    return r == .exhausted ? args[1] : r
  }

  private static func aiter(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.asyncIter else {
      throw vm.raise(.typeError, "'\(v.typeName)' object is not an async iterable")
    }
    let it = try slot(vm, v)
    if it.type.pointee.slots.asyncNext == nil {
      throw vm.raise(.typeError, "aiter() returned not an async iterator of type '\(it.typeName)'")
    }
    return it
  }
  private static func anext(_ vm: VM, _ m: Value, _ v: Value, _ fallback: Value) throws(Raised) -> Value {
    guard let slot = v.type.pointee.slots.asyncNext else {
      throw vm.raise(.typeError, "'\(v.typeName)' object is not an async iterator")
    }
    let awaitable = try slot(vm, v)
    return fallback.isNull ? awaitable : try AnextAwaitable.make(vm, awaitable, fallback)
  }

  private static func any(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    defer { LoopIterators.dropArgument(vm, v) }
    let it = try vm.iter(v)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return .false }
      if try vm.isTrue(item) { return .true }
    }
  }
  private static func all(_ vm: VM, _ m: Value, _ v: Value) throws(Raised) -> Value {
    defer { LoopIterators.dropArgument(vm, v) }
    let it = try vm.iter(v)
    while true {
      let item = try vm.next(it)
      if item == .exhausted { return .true }
      if try !vm.isTrue(item) { return .false }
    }
  }

  private static func sorted(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value {
    // CPython counts the positional arguments and leaves the keywords to list.sort.
    if args.count != 1 { throw vm.raise(.typeError, "sorted expected 1 argument, got \(args.count)") }
    let list = try vm.list(from: args[0])
    return try vm.bind(Args(args.base + 1, count: 0, keywords: args.keywords), "sort", "(*, key=None, reverse=False)") { a throws(Raised) in
      // CPython takes `reverse` as a C int.
      let reverse = a[1].isNull ? false : try PosixArgs.int32(vm, a[1]) != 0
      try Sorting.sort(vm, list: list.as(ListLayout.self), key: a[0].isNone ? .null : a[0], reverse: reverse)
      return list
    }
  }

  private static func min(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value { try extreme(vm, args, "min", .lt) }
  private static func max(_ vm: VM, _ m: Value, _ args: Args) throws(Raised) -> Value { try extreme(vm, args, "max", .gt) }

  private static func extreme(_ vm: VM, _ args: Args, _ name: String, _ op: CompareOp) throws(Raised) -> Value {
    if args.count == 0 { throw vm.raise(.typeError, "\(name) expected at least 1 argument, got 0") }
    var key = Value.null
    var fallback = Value.null
    for i in 0..<args.keywordCount {
      if Str.equal(args.keywordName(i), "key") {
        key = args.keywordValue(i)
      } else if Str.equal(args.keywordName(i), "default") {
        fallback = args.keywordValue(i)
      } else {
        throw vm.raise(.typeError, "'\(args.keywordName(i).swiftString)' is an invalid keyword argument for \(name)()")
      }
    }
    if args.count > 1 && !fallback.isNull {
      throw vm.raise(.typeError, "Cannot specify a default for \(name)() with multiple positional arguments")
    }
    if key.isNone { key = .null }
    var best = Value.null
    var bestKey = Value.null
    func offer(_ item: Value) throws(Raised) {
      let k = key.isNull ? item : try vm.call(key, item)
      if best.isNull {
        (best, bestKey) = (item, k)
      } else if Value.bothSmallInts(k, bestKey) {
        if op == .lt ? k.smallInt < bestKey.smallInt : k.smallInt > bestKey.smallInt { (best, bestKey) = (item, k) }
      } else if try vm.isTrue(try vm.compare(k, bestKey, op)) {
        (best, bestKey) = (item, k)
      }
    }
    if args.count > 1 {
      for i in 0..<args.count { try offer(args.base[i]) }
      return best
    }
    if key.isNull {
      let number = extremeNumber(args[0], op)
      if !number.isNull { return number }
    }
    let it = try vm.iter(args[0])
    while true {
      let item = try vm.next(it)
      if item == .exhausted { break }
      try offer(item)
    }
    if !best.isNull { return best }
    if fallback.isNull { throw vm.raise(.valueError, "\(name)() arg is an empty sequence") }
    return fallback
  }

  /// The least or largest item of a list, tuple, set or frozenset of inline ints alone, or of floats alone; null for others.
  private static func extremeNumber(_ v: Value, _ op: CompareOp) -> Value {
    guard v.isCell else { return .null }
    var best = Value.null
    func offer(_ item: Value) -> Bool {
      if Value.bothSmallInts(item, best) {
        if op == .lt ? item.smallInt < best.smallInt : item.smallInt > best.smallInt { best = item }
      } else if item.isDouble && best.isDouble {
        if op == .lt ? item.double < best.double : item.double > best.double { best = item }
      } else {
        guard best.isNull, item.isSmallInt || item.isDouble else { return false }
        best = item
      }
      return true
    }
    let type = v.cellType
    if type == rt.types.list || type == rt.types.tuple {
      if type == rt.types.list && !v.as(ListLayout.self).isOwn { return .null }
      let items = type == rt.types.list ? v.as(ListLayout.self).pointee.items : v.as(TupleLayout.self).items
      let count = type == rt.types.list ? v.as(ListLayout.self).pointee.count : v.as(TupleLayout.self).pointee.count
      guard let items else { return .null }
      for i in 0..<count where !offer(items[i]) { return .null }
    } else if type == rt.types.set || type == rt.types.frozenset {
      let set = v.as(SetLayout.self)
      guard set.isOwn, let entries = set.pointee.entries else { return .null }
      for i in 0..<set.pointee.used where entries[i].key != .tombstone && !offer(entries[i].key) { return .null }
    }
    return best
  }
}
