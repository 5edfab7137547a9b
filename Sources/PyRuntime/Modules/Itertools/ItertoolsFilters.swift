// itertools: iterators that pick, transform or fold the items of one or a few others.

private func step(_ v: Value) -> StepRef { ItertoolsModule.step(v) }

// MARK: accumulate: `a` the iterator, `b` the function (null: addition), `c` the total (null before the first), `d` initial or null

enum Accumulate {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("accumulate(iterable, func=None, *, initial=None)\n--\n\nRunning totals: sums, or results of another function of two.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled total.", setState)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "accumulate", args, names: ["iterable", "func", "initial"], required: 1, positional: 2)
    let it = try vm.iter(places[0])
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = it
    s.pointee.b = places[1].isNone ? .null : places[1]
    s.pointee.d = places[2].isNone ? .null : places[2]
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    if !s.pointee.d.isNull {
      s.pointee.c = s.pointee.d
      s.pointee.d = .null
      return s.pointee.c
    }
    let item = try vm.next(s.pointee.a)
    if item == .exhausted { return item }
    if s.pointee.c.isNull {
      s.pointee.c = item
    } else if s.pointee.b.isNull {
      s.pointee.c = try vm.binary(.add, s.pointee.c, item)
    } else {
      s.pointee.c = try vm.call(s.pointee.b, s.pointee.c, item)
    }
    return s.pointee.c
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let function = s.pointee.b.isNull ? Value.none : s.pointee.b
    if !s.pointee.d.isNull {
      let it = try vm.call(ItertoolsTypes.chain, try vm.tuple(s.pointee.d), s.pointee.a)
      return try vm.tuple(Value(v.cellType), try vm.tuple(it, function), .none)
    }
    if s.pointee.c.isNone {
      // A total of None looks like no total, so it goes in front of the items and is skipped again.
      let it = try vm.call(ItertoolsTypes.chain, try vm.tuple(s.pointee.c), s.pointee.a)
      let again = try vm.call(ItertoolsTypes.accumulate, it, function)
      return try vm.tuple(ItertoolsTypes.islice, try vm.tuple(again, Value(smallInt: 1), .none))
    }
    let total = s.pointee.c.isNull ? Value.none : s.pointee.c
    return try vm.tuple(Value(v.cellType), try vm.tuple(s.pointee.a, function), total)
  }

  private static let setState: NativeOne = { _, v, total throws(Raised) in
    step(v).pointee.c = total
    return .none
  }
}

// MARK: dropwhile, takewhile, filterfalse, starmap: `a` the function, `b` the iterator, `i` 1 once started / stopped

enum DropWhile {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("dropwhile(predicate, iterable, /)\n--\n\nThe items from the first one on for which predicate(item) is false.")
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try ItertoolsModule.makePair(vm, cls, "dropwhile", args) }
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", StartedState.reduce)
    t.method("__setstate__", "($self, object, /)", "Restores whether dropping is over.", StartedState.setState)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    while true {
      let item = try vm.next(s.pointee.b)
      if item == .exhausted || s.pointee.i != 0 { return item }
      if try !vm.isTrue(try vm.call(s.pointee.a, item)) {
        s.pointee.i = 1
        return item
      }
    }
  }
}

enum TakeWhile {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("takewhile(predicate, iterable, /)\n--\n\nThe items before the first one for which predicate(item) is false.")
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try ItertoolsModule.makePair(vm, cls, "takewhile", args) }
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", StartedState.reduce)
    t.method("__setstate__", "($self, object, /)", "Restores whether taking is over.", StartedState.setState)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    if s.pointee.i != 0 { return .exhausted }
    let item = try vm.next(s.pointee.b)
    if item == .exhausted { return item }
    if try vm.isTrue(try vm.call(s.pointee.a, item)) { return item }
    s.pointee.i = 1
    return .exhausted
  }
}

private enum StartedState {
  static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    return try vm.tuple(Value(v.cellType), try vm.tuple(s.pointee.a, s.pointee.b), Value(smallInt: s.pointee.i))
  }
  static let setState: NativeOne = { vm, v, state throws(Raised) in
    step(v).pointee.i = try vm.isTrue(state) ? 1 : 0
    return .none
  }
}

enum FilterFalse {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("filterfalse(function, iterable, /)\n--\n\nThe items for which function(item) is false; for None, those that are false.")
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try ItertoolsModule.makePair(vm, cls, "filterfalse", args) }
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", PairState.reduce)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let byTruth = s.pointee.a.isNone || s.pointee.a == Value(rt.types.bool)
    while true {
      let item = try vm.next(s.pointee.b)
      if item == .exhausted { return item }
      if try !vm.isTrue(byTruth ? item : try vm.call(s.pointee.a, item)) { return item }
    }
  }
}

enum Starmap {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("starmap(function, iterable, /)\n--\n\nfunction(*item) for each item.")
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try ItertoolsModule.makePair(vm, cls, "starmap", args) }
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", PairState.reduce)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let item = try vm.next(s.pointee.b)
    if item == .exhausted { return item }
    return try vm.call(s.pointee.a, tuple: try vm.tuple(from: item))
  }
}

private enum PairState {
  static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    try vm.tuple(Value(v.cellType), try vm.tuple(step(v).pointee.a, step(v).pointee.b))
  }
}

// MARK: compress: `a` iterates over the data, `b` over the selectors

enum Compress {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("compress(data, selectors)\n--\n\nThe items of data whose selectors are true.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", PairState.reduce)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "compress", args, names: ["data", "selectors"], required: 2)
    let data = try vm.iter(places[0])
    let selectors = try vm.iter(places[1])
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = data
    s.pointee.b = selectors
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    while true {
      let item = try vm.next(s.pointee.a)
      if item == .exhausted { return item }
      let selector = try vm.next(s.pointee.b)
      if selector == .exhausted { return selector }
      if try vm.isTrue(selector) { return item }
    }
  }
}

// MARK: islice: `a` the iterator (null at the end), `i` items taken so far, `j` number of the next one wanted, `k` the end or -1;
// `b` is the step, an int

enum Islice {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("islice(iterable, stop)\nislice(iterable, start, stop[, step])\n\nSelected items, as slicing selects them.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled count.", setState)
  }

  /// A bound as a machine integer; -1 when it is none, as in CPython.
  private static func bound(_ vm: VM, _ v: Value) -> Int {
    do throws(Raised) { return try vm.asInt(v) } catch {
      vm.clearPending()
      return -1
    }
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ItertoolsModule.noKeywords(vm, cls, "islice", args)
    try ArgChecks.positional(vm, "islice", args, 2, 4)
    var start = 0, stop = -1, step = 1
    let stopArgument = args.count == 2 ? args[1] : args[2]
    if !stopArgument.isNone {
      stop = bound(vm, stopArgument)
      if stop == -1 {
        throw vm.raise(.valueError, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
      }
    }
    if args.count > 2, !args[1].isNone { start = bound(vm, args[1]) }
    if start < 0 || stop < -1 {
      throw vm.raise(.valueError, "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
    }
    if args.count == 4, !args[3].isNone {
      step = bound(vm, args[3])
      if step < 1 { throw vm.raise(.valueError, "Step for islice() must be a positive integer or None.") }
    }
    let it = try vm.iter(args[0])
    let stepValue = try vm.int(step)
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = it
    s.pointee.b = stepValue
    s.pointee.j = start
    s.pointee.k = stop
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    if s.pointee.a.isNull { return .exhausted }
    let stop = s.pointee.k
    while s.pointee.i < s.pointee.j {
      if try vm.next(s.pointee.a) == .exhausted { return finish(s) }
      s.pointee.i &+= 1
    }
    if stop != -1 && s.pointee.i >= stop { return finish(s) }
    let item = try vm.next(s.pointee.a)
    if item == .exhausted { return finish(s) }
    s.pointee.i &+= 1
    let (wanted, overflow) = s.pointee.j.addingReportingOverflow(Ints.asInt64(s.pointee.b) ?? 1)
    if overflow {
      // Beyond any index there is: the end, or without one a count that is never reached.
      s.pointee.j = stop == -1 ? Int.max : stop
    } else {
      s.pointee.j = stop != -1 && wanted > stop ? stop : wanted
    }
    return item
  }

  private static func finish(_ s: StepRef) -> Value {
    s.pointee.a = .null
    return .exhausted
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let zero = Value(smallInt: 0)
    if s.pointee.a.isNull {
      return try vm.tuple(Value(v.cellType), try vm.tuple(try vm.iter(try vm.list()), zero), zero)
    }
    let stop = s.pointee.k == -1 ? Value.none : try vm.int(s.pointee.k)
    let arguments = try vm.tuple(s.pointee.a, try vm.int(s.pointee.j), stop, s.pointee.b)
    return try vm.tuple(Value(v.cellType), arguments, try vm.int(s.pointee.i))
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    step(v).pointee.i = try vm.asInt(state)
    return .none
  }
}

// MARK: pairwise: `a` the iterator (null at the end), `b` the item before, or null

enum Pairwise {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("pairwise(iterable, /)\n--\n\nOverlapping pairs of neighbours: s -> (s0,s1), (s1,s2), (s2,s3), ...")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    try ItertoolsModule.noKeywords(vm, cls, "pairwise", args)
    try ArgChecks.positional(vm, "pairwise", args, 1, 1)
    let it = try vm.iter(args[0])
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = it
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    if s.pointee.a.isNull { return .exhausted }
    if s.pointee.b.isNull {
      let first = try vm.next(s.pointee.a)
      if first == .exhausted {
        s.pointee.a = .null
        return .exhausted
      }
      s.pointee.b = first
      if s.pointee.a.isNull {
        s.pointee.b = .null
        return .exhausted
      }
    }
    let old = s.pointee.b
    let item = try vm.next(s.pointee.a)
    if item == .exhausted {
      s.pointee.a = .null
      s.pointee.b = .null
      return .exhausted
    }
    s.pointee.b = item
    return try vm.tuple(old, item)
  }
}

// MARK: zip_longest: `a` a tuple of iterators (None for one that ended), `b` the fill value, `i` how many have not ended

enum ZipLongest {
  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    ItertoolsModule.declareCommon(&t)
    t.doc("zip_longest(*iterables, fillvalue=None)\n\nLike zip, but goes on to the end of the longest, filling up the others.")
    t.slots.new = ManyCode(new)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores the fill value.", setState)
  }

  private static let new: NativeMany = { vm, cls, args throws(Raised) in
    var fill = Value.none
    if args.keywordCount > 0 {
      guard args.keywordCount == 1, Str.equal(args.keywordName(0), "fillvalue") else {
        throw vm.raise(.typeError, "zip_longest() got an unexpected keyword argument")
      }
      fill = args.keywordValue(0)
    }
    let iterators = try vm.tuple(count: args.count)
    for i in 0..<args.count { iterators.as(TupleLayout.self).items[i] = try vm.iter(args[i]) }
    let s = try vm.instance(StepLayout.self, of: cls.asType)
    s.pointee.a = iterators
    s.pointee.b = fill
    s.pointee.i = args.count
    return Value(s)
  }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let iterators = s.pointee.a.as(TupleLayout.self)
    let n = iterators.pointee.count
    if n == 0 || s.pointee.i == 0 { return .exhausted }
    let result = try vm.tuple(count: n)
    for i in 0..<n {
      var item = s.pointee.b
      let it = iterators.items[i]
      if !it.isNone {
        do throws(Raised) { item = try vm.next(it) } catch {
          s.pointee.i = 0
          throw error
        }
        if item == .exhausted {
          s.pointee.i -= 1
          if s.pointee.i <= 0 {
            s.pointee.i = 0
            return .exhausted
          }
          iterators.items[i] = .none
          item = s.pointee.b
        }
      }
      result.as(TupleLayout.self).items[i] = item
    }
    return result
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = step(v)
    let iterators = s.pointee.a.as(TupleLayout.self)
    let arguments = try vm.tuple(count: iterators.pointee.count)
    let empty = try vm.tuple(count: 0)
    for i in 0..<iterators.pointee.count {
      arguments.as(TupleLayout.self).items[i] = iterators.items[i].isNone ? empty : iterators.items[i]
    }
    return try vm.tuple(Value(v.cellType), arguments, s.pointee.b)
  }

  private static let setState: NativeOne = { _, v, fill throws(Raised) in
    step(v).pointee.b = fill
    return .none
  }
}
