enum DequeType {
  nonisolated(unsafe) static var type = Value.null
  nonisolated(unsafe) static var iterator = Value.null
  nonisolated(unsafe) static var reverseIterator = Value.null

  static func isDeque(_ v: Value) -> Bool { v.isInstance(of: type.asType) }
  static func layout(_ v: Value) -> DequeRef { v.as(DequeLayout.self) }

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc("deque([iterable[, maxlen]])\n\nA list that is quick at both ends.")
    t.trace(DequeLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.initialize = NativeInitCode(initialize)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try DequeIterator.make(vm, iterator.asType, v) }
    t.slots.sequenceLength = HashCode { _, v throws(Raised) in layout(v).pointee.count }
    t.slots.concatenate = OneCode(concatenate)
    t.slots.repeated = IndexedCode { vm, v, n throws(Raised) in try repeatInPlace(vm, try copy(vm, v), n) }
    t.slots.inplaceRepeat = IndexedCode(repeatInPlace)
    t.slots.inplaceConcatenate = OneCode { vm, v, iterable throws(Raised) in
      try Deques.extend(vm, layout(v), iterable, left: false)
      return v
    }
    t.slots.item = IndexedCode { vm, v, i throws(Raised) in
      let d = layout(v)
      guard i >= 0 && i < d.pointee.count else { throw vm.raise(.indexError, "deque index out of range") }
      return d.item(i)
    }
    t.slots.storeItem = StoreIndexedCode { vm, v, i, value throws(Raised) in
      let d = layout(v)
      guard i >= 0 && i < d.pointee.count else { throw vm.raise(.indexError, "deque index out of range") }
      if value.isNull { Deques.remove(d, at: i) } else { d.setItem(i, value) }
    }
    t.slots.contains = ContainsCode { vm, v, x throws(Raised) in try find(vm, layout(v), x, 0, Int.max) >= 0 }
    declareMethods(&t)
  }

  private static func declareMethods(_ t: inout TypeBuilder) {
    t.method("append", "($self, object, /)", "Add an item at the right end.") { vm, v, item throws(Raised) in
      try Deques.append(vm, layout(v), item)
      return .none
    }
    t.method("appendleft", "($self, object, /)", "Add an item at the left end.") { vm, v, item throws(Raised) in
      try Deques.appendLeft(vm, layout(v), item)
      return .none
    }
    t.method("pop", "($self, /)", "Take out the rightmost item.") { vm, v throws(Raised) in
      guard layout(v).pointee.count > 0 else { throw vm.raise(.indexError, "pop from an empty deque") }
      return Deques.pop(layout(v))
    }
    t.method("popleft", "($self, /)", "Take out the leftmost item.") { vm, v throws(Raised) in
      guard layout(v).pointee.count > 0 else { throw vm.raise(.indexError, "pop from an empty deque") }
      return Deques.popLeft(layout(v))
    }
    t.method("clear", "($self, /)", "Take out all items.") { _, v throws(Raised) in
      Deques.clear(layout(v))
      return .none
    }
    t.method("extend", "($self, object, /)", "Add the items of an iterable at the right end.") { vm, v, iterable throws(Raised) in
      try Deques.extend(vm, layout(v), iterable, left: false)
      return .none
    }
    t.method("extendleft", "($self, object, /)", "Add the items of an iterable, one by one, at the left end.") {
      vm, v, iterable throws(Raised) in
      try Deques.extend(vm, layout(v), iterable, left: true)
      return .none
    }
    t.method("copy", "($self, /)", "A new deque of the same items.", copy)
    t.method("__copy__", "($self, /)", "A new deque of the same items.", copy)
    t.method("count", "($self, object, /)", "How often value occurs.", count)
    t.method("index", "($self, value, start=0, stop=sys.maxsize, /)", "First index of value. ValueError if it is not there.", index)
    t.method("insert", "($self, index, object, /)", "Put an item before the one at index.", insert)
    t.method("remove", "($self, object, /)", "Take out the first item equal to value. ValueError if there is none.", remove)
    t.method("reverse", "($self, /)", "Turn the deque around, in place.", reverse)
    t.method("rotate", "($self, n=1, /)", "Turn the ring by n steps to the right, or to the left if negative.", rotate)
    t.method("__reversed__", "($self, /)", "An iterator from right to left.") { vm, v throws(Raised) in
      try DequeIterator.make(vm, reverseIterator.asType, v)
    }
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__sizeof__", "($self, /)", "Bytes of memory the deque itself takes.") { vm, v throws(Raised) in
      try vm.int(MemoryLayout<DequeLayout>.size &+ layout(v).pointee.capacity &* 8)
    }
    t.classMethod("__class_getitem__", "($type, object, /)", "See PEP 585", Iterators.genericAlias)
    t.getset("maxlen", "maximum size of a deque or None if unbounded") { vm, v throws(Raised) in
      layout(v).pointee.maximum < 0 ? .none : try vm.int(layout(v).pointee.maximum)
    }
  }

  private static let new: NativeMany = { vm, cls, _ throws(Raised) in
    let d = try vm.instance(DequeLayout.self, of: cls.asType)
    d.pointee.maximum = -1
    return Value(d)
  }

  private static let initialize: NativeInit = { vm, v, args throws(Raised) in
    let places = try ArgChecks.bind(vm, "deque", args, names: ["iterable", "maxlen"], required: 0)
    var maximum = -1
    if !places[1].isNull && !places[1].isNone {
      guard places[1].isInt else { throw vm.raise(.typeError, "an integer is required") }
      maximum = try vm.asInt(places[1])
      if maximum < 0 { throw vm.raise(.valueError, "maxlen must be non-negative") }
    }
    let d = layout(v)
    d.pointee.maximum = maximum
    if d.pointee.count > 0 { Deques.clear(d) }
    if !places[0].isNull { try Deques.extend(vm, d, places[0], left: false) }
  }

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    try ReprGuard.guarded(vm, v, "[...]") { () throws(Raised) in
      let items = try vm.list(from: v)
      var text = try ReprBuilder(vm)
      try text.add(str: try ShortName.of(vm, v.cellType))
      try text.add("(")
      try text.add(repr: items)
      if layout(v).pointee.maximum >= 0 {
        try text.add(", maxlen=")
        try text.add(repr: try vm.int(layout(v).pointee.maximum))
      }
      try text.add(")")
      return try text.finish()
    }
  }

  private static let compare: NativeCompare = { vm, a, b, op throws(Raised) in
    guard isDeque(a), isDeque(b) else { return .notImplemented }
    if a == b {
      switch op {
      case .eq: return .true
      case .ne: return .false
      default: break
      }
    }
    let m = layout(a).pointee.count, n = layout(b).pointee.count
    if m != n && (op == .eq || op == .ne) { return .bool(op == .ne) }
    let x = try vm.iter(a), y = try vm.iter(b)
    while true {
      let p = try vm.next(x)
      let q = try vm.next(y)
      if p == .exhausted || q == .exhausted {
        return ItemCompare.order(p == .exhausted ? 0 : 1, q == .exhausted ? 0 : 1, op)
      }
      if try !ItemCompare.equal(vm, p, q) { return try ItemCompare.decide(vm, p, q, op) }
    }
  }

  private static let copy: NativeNoArgs = { vm, v throws(Raised) in
    let d = layout(v)
    if v.isExact(type.asType) {
      let twin = try vm.instance(DequeLayout.self, of: v.cellType)
      twin.pointee.maximum = d.pointee.maximum
      try Deques.reserve(vm, twin, d.pointee.count)
      Deques.fill(twin)
      for i in 0..<d.pointee.count { twin.pointee.items?[i] = d.item(i) }
      twin.pointee.count = d.pointee.count
      return Value(twin)
    }
    let result =
      d.pointee.maximum < 0
      ? try vm.call(Value(v.cellType), v) : try vm.call(Value(v.cellType), v, try vm.int(d.pointee.maximum))
    guard isDeque(result) else {
      throw vm.raise(.typeError, "\(v.typeName)() must return a deque, not \(result.typeName)")
    }
    return result
  }

  private static let concatenate: NativeOne = { vm, a, b throws(Raised) in
    guard isDeque(b) else {
      throw vm.raise(.typeError, "can only concatenate deque (not \"\(b.typeName)\") to deque")
    }
    let result = try copy(vm, a)
    try Deques.extend(vm, layout(result), b, left: false)
    return result
  }

  private static let repeatInPlace: NativeIndexed = { vm, v, times throws(Raised) in
    let d = layout(v)
    let n = d.pointee.count
    if n == 0 || times == 1 { return v }
    if times <= 0 {
      Deques.clear(d)
      return v
    }
    let (full, overflow) = n.multipliedReportingOverflow(by: times)
    let bounded = d.pointee.maximum >= 0
    if overflow && !bounded { throw vm.raiseMemoryError() }
    let total = overflow ? d.pointee.maximum : full
    if bounded && total > d.pointee.maximum {
      // Only the last `maximum` items of the long repetition remain; they begin somewhere inside one copy.
      let keep = d.pointee.maximum
      let source = try vm.list(from: v).as(ListLayout.self)
      Deques.clear(d)
      let skip = overflow ? 0 : full &- keep
      for i in 0..<keep { if let items = source.pointee.items { try Deques.append(vm, d, items[(skip &+ i) % n]) } }
      return v
    }
    try Deques.reserve(vm, d, total)
    Deques.fill(d)
    var i = n
    while i < total {
      d.pointee.count &+= 1
      d.setItem(i, d.item(i &- n))
      i &+= 1
    }
    d.pointee.state &+= 1
    return v
  }

  // MARK: methods

  /// Index of x in [start, stop), or -1.
  private static func find(_ vm: VM, _ d: DequeRef, _ x: Value, _ start: Int, _ stop: Int) throws(Raised) -> Int {
    let state = d.pointee.state
    var i = start
    while i < min(stop, d.pointee.count) {
      let same = try ItemCompare.equal(vm, d.item(i), x)
      if d.pointee.state != state { throw vm.raise(.runtimeError, "deque mutated during iteration") }
      if same { return i }
      i &+= 1
    }
    return -1
  }

  private static let count: NativeOne = { vm, v, x throws(Raised) in
    let d = layout(v)
    var found = 0
    var i = 0
    while true {
      i = try find(vm, d, x, i, Int.max)
      if i < 0 { return try vm.int(found) }
      found &+= 1
      i &+= 1
    }
  }

  private static let index: NativeMany = { vm, v, args throws(Raised) in
    let d = layout(v)
    var start = try Slices.searchBound(vm, args[1], 0)
    var stop = try Slices.searchBound(vm, args[2], Int.max)
    if start < 0 { start = max(0, start &+ d.pointee.count) }
    if stop < 0 { stop = max(0, stop &+ d.pointee.count) }
    let i = try find(vm, d, args[0], start, stop)
    if i < 0 { throw vm.raise(.valueError, "\(try vm.repr(args[0]).swiftString) is not in deque") }
    return try vm.int(i)
  }

  private static let insert: NativeTwo = { vm, v, position, item throws(Raised) in
    let d = layout(v)
    var i = try vm.asInt(position)
    let n = d.pointee.count
    if n == d.pointee.maximum { throw vm.raise(.indexError, "deque already at its maximum size") }
    if i < 0 { i = max(0, i &+ n) }
    try Deques.insert(vm, d, at: min(i, n), item)
    return .none
  }

  private static let remove: NativeOne = { vm, v, x throws(Raised) in
    let d = layout(v)
    let state = d.pointee.state
    var i = 0
    while i < d.pointee.count {
      let same = try ItemCompare.equal(vm, d.item(i), x)
      if d.pointee.state != state { throw vm.raise(.indexError, "deque mutated during remove().") }
      if same {
        Deques.remove(d, at: i)
        return .none
      }
      i &+= 1
    }
    throw vm.raise(.valueError, "\(try vm.repr(x).swiftString) is not in deque")
  }

  private static let reverse: NativeNoArgs = { _, v throws(Raised) in
    let d = layout(v)
    var i = 0, j = d.pointee.count - 1
    while i < j {
      let x = d.item(i)
      d.setItem(i, d.item(j))
      d.setItem(j, x)
      i += 1
      j -= 1
    }
    return .none
  }

  private static let rotate: NativeOne = { vm, v, n throws(Raised) in
    Deques.rotate(layout(v), n.isNull ? 1 : try vm.asInt(n))
    return .none
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let state = try vm.callMethod(v, rt.names.__getstate__)
    let it = try vm.iter(v)
    let empty = try vm.tuple(count: 0)
    let maximum = layout(v).pointee.maximum
    let arguments = maximum < 0 ? empty : try vm.tuple(empty, try vm.int(maximum))
    return try vm.tuple(Value(v.cellType), arguments, state, it)
  }
}

/// `a` is the deque, `i` the items given so far, `j` the deque's state at the start, `k` the items still to come.
enum DequeIterator {
  static func make(_ vm: VM, _ type: TypeRef, _ deque: Value) throws(Raised) -> Value {
    let d = DequeType.layout(deque)
    let s = try vm.make(StepLayout.self, type)
    s.pointee.a = deque
    s.pointee.j = d.pointee.state
    s.pointee.k = d.pointee.count
    return Value(s)
  }

  static let declareForward: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    declareCommon(&t)
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try new(vm, cls, args) }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in try step(vm, v, backward: false) }
  }
  static let declareBackward: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    declareCommon(&t)
    t.slots.new = ManyCode { vm, cls, args throws(Raised) in try new(vm, cls, args) }
    t.slots.next = NoArgsCode { vm, v throws(Raised) in try step(vm, v, backward: true) }
  }

  private static func declareCommon(_ t: inout TypeBuilder) {
    ItertoolsModule.declareCommon(&t)
    t.method("__length_hint__", "($self, /)", "How many items are still to come.") { vm, v throws(Raised) in
      try vm.int(ItertoolsModule.step(v).pointee.k)
    }
    t.method("__reduce__", "($self, /)", "State for pickling.") { vm, v throws(Raised) in
      let s = ItertoolsModule.step(v)
      let done = DequeType.layout(s.pointee.a).pointee.count &- s.pointee.k
      return try vm.tuple(Value(v.cellType), try vm.tuple(s.pointee.a, try vm.int(done)))
    }
  }

  /// `(deque, index=0)`, as `__reduce__` gives them.
  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    try ArgChecks.noKeywords(vm, "_deque_iterator", args)
    try ArgChecks.positional(vm, "_deque_iterator", args, 1, 2)
    guard DequeType.isDeque(args[0]) else {
      throw vm.raise(.typeError, "argument 1 must be collections.deque, not \(args[0].typeName)")
    }
    let index = args.count == 2 ? try vm.asInt(args[1]) : 0
    let it = try make(vm, cls.asType, args[0])
    let s = ItertoolsModule.step(it)
    let skip = min(max(0, index), s.pointee.k)
    s.pointee.i = skip
    s.pointee.k &-= skip
    return it
  }

  private static func step(_ vm: VM, _ v: Value, backward: Bool) throws(Raised) -> Value {
    let s = ItertoolsModule.step(v)
    let d = DequeType.layout(s.pointee.a)
    if d.pointee.state != s.pointee.j {
      s.pointee.k = 0
      throw vm.raise(.runtimeError, "deque mutated during iteration")
    }
    if s.pointee.k <= 0 { return .exhausted }
    let i = s.pointee.i
    s.pointee.i = i &+ 1
    s.pointee.k &-= 1
    return d.item(backward ? d.pointee.count &- 1 &- i : i)
  }
}
