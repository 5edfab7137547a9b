enum SliceType {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("slice(stop)\nslice(start, stop[, step])\n\nThe indexes that extended slicing a[start:stop:step] selects.")
    t.trace { cell, tracer in
      let s = cell.assumingMemoryBound(to: SliceLayout.self)
      Tracer(tracer).visit(s.pointee.start)
      Tracer(tracer).visit(s.pointee.stop)
      Tracer(tracer).visit(s.pointee.step)
    }
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.compare = CompareCode(compare)
    t.slots.hash = HashCode(unhashable)
    t.method("indices", "($self, object, /)", "(start, stop, step) for a sequence of the given length, all within bounds.", indices)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.member("start", nil, offset: MemoryLayout<SliceLayout>.offset(of: \.start))
    t.member("stop", nil, offset: MemoryLayout<SliceLayout>.offset(of: \.stop))
    t.member("step", nil, offset: MemoryLayout<SliceLayout>.offset(of: \.step))
  }

  static let unhashable: NativeHash = { vm, v throws(Raised) in
    throw vm.raise(.typeError, "unhashable type: '\(v.typeName)'")
  }

  private static let new: NativeMany = { vm, _, args throws(Raised) in
    try ArgChecks.noKeywords(vm, "slice", args)
    try ArgChecks.positional(vm, "slice", args, 1, 3)
    if args.count == 1 { return try Slices.make(vm, .none, args[0]) }
    return try Slices.make(vm, args[0], args[1], args.count == 3 ? args[2] : .none)
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    let s = v.as(SliceLayout.self)
    var text = try ReprBuilder(vm)
    try text.add("slice(")
    try text.add(repr: s.pointee.start)
    try text.add(", ")
    try text.add(repr: s.pointee.stop)
    try text.add(", ")
    try text.add(repr: s.pointee.step)
    try text.add(")")
    return try text.finish()
  }

  /// As tuples of the three fields.
  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard a.isExact(rt.types.slice), b.isExact(rt.types.slice) else { return .notImplemented }
    if a == b {
      switch op {
      case .eq, .le, .ge: return .true
      default: return .false
      }
    }
    let x = a.as(SliceLayout.self).pointee, y = b.as(SliceLayout.self).pointee
    return try vm.compare(try vm.tuple(x.start, x.stop, x.step), try vm.tuple(y.start, y.stop, y.step), op)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let s = v.as(SliceLayout.self).pointee
    return try vm.tuple(Value(rt.types.slice), try vm.tuple(s.start, s.stop, s.step))
  }

  /// Works on ints of any size.
  private static let indices: NativeOne = { vm, v, lengthArgument throws(Raised) in
    let length = try vm.index(lengthArgument)
    if Slices.isNegative(length) { throw vm.raise(.valueError, "length should not be negative") }
    return try resolve(vm, v.as(SliceLayout.self).pointee, length)
  }

  /// `slice.indices(length)` for an exact int `length`.
  static func resolve(_ vm: VM, _ s: SliceLayout, _ length: Value) throws(Raised) -> Value {
    let zero = Value(smallInt: 0)
    let step = s.step.isNone ? Value(smallInt: 1) : try field(vm, s.step)
    let backward = Slices.isNegative(step)
    if step == zero { throw vm.raise(.valueError, "slice step cannot be zero") }
    let lower = backward ? Value(smallInt: -1) : zero
    let upper = backward ? try vm.binary(.subtract, length, Value(smallInt: 1)) : length
    let start = s.start.isNone ? (backward ? upper : lower) : try clamp(vm, try field(vm, s.start), length, lower, upper)
    let stop = s.stop.isNone ? (backward ? lower : upper) : try clamp(vm, try field(vm, s.stop), length, lower, upper)
    return try vm.tuple(start, stop, step)
  }

  private static func field(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    guard v.isInt || v.type.pointee.slots.index != nil else {
      throw vm.raise(.typeError, "slice indices must be integers or None or have an __index__ method")
    }
    return try vm.index(v)
  }

  private static func clamp(_ vm: VM, _ i: Value, _ length: Value, _ lower: Value, _ upper: Value) throws(Raised) -> Value {
    if Slices.isNegative(i) {
      let j = try vm.binary(.add, i, length)
      return try vm.less(j, lower) ? lower : j
    }
    return try vm.less(upper, i) ? upper : i
  }
}
