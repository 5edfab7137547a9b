import Glibc

/// `array.array`: construction and slots. The methods are in ArrayMethods.
enum ArrayType {
  static func layout(_ v: Value) -> ArrayRef { v.as(ArrayLayout.self) }

  static let declare: (inout TypeBuilder) throws(Raised) -> Void = { t throws(Raised) in
    t.doc(ArrayDocs.type)
    t.trace(ArrayLayout.trace)
    t.slots.new = ManyCode(new)
    t.slots.repr = NoArgsCode(repr)
    t.slots.hash = HashCode(SliceType.unhashable)
    t.attribute("__hash__", .none)
    t.slots.compare = CompareCode(compare)
    t.slots.iter = NoArgsCode { vm, v throws(Raised) in try Iterators.indexed(vm, ArrayModule.iterator.asType, v, 0) }
    t.slots.sequenceLength = HashCode { _, v throws(Raised) in layout(v).pointee.count }
    t.slots.mappingLength = HashCode { _, v throws(Raised) in layout(v).pointee.count }
    t.slots.item = IndexedCode { vm, v, i throws(Raised) in try layout(v).item(vm, i) }
    t.slots.storeItem = StoreIndexedCode(storeItem)
    t.slots.subscripted = OneCode(subscripted)
    t.slots.storeSubscript = StoreCode(storeSubscript)
    t.slots.contains = ContainsCode { vm, v, x throws(Raised) in try find(vm, layout(v), x, 0, Int.max) >= 0 }
    t.slots.concatenate = OneCode(concatenate)
    t.slots.inplaceConcatenate = OneCode(inplaceConcatenate)
    t.slots.repeated = IndexedCode(repeated)
    t.slots.inplaceRepeat = IndexedCode(inplaceRepeat)
    t.slots.buffer = BufferCode(buffer)
    t.slots.releaseBuffer = VisitCode(releaseBuffer)
    ArrayMethods.declare(&t)
  }

  // MARK: construction

  private static func new(_ vm: VM, _ cls: Value, _ args: Args) throws(Raised) -> Value {
    // A class with an __init__ of its own may take keywords.
    if cls.asType == Arrays.type || cls.asType.pointee.slots.initialize == Arrays.type.pointee.slots.initialize {
      try ArgChecks.noKeywords(vm, "array.array", args)
    }
    try ArgChecks.positional(vm, "array", args, 1, 2)
    guard args[0].isStr, Str.length(args[0]) == 1 else {
      throw vm.raise(.typeError, "array() argument 1 must be a unicode character, not \(args[0].typeName)")
    }
    let c = StrView(args[0])[0]
    let initial = args[1]
    let kind = c < 128 ? ArrayKind(letter: UInt8(c)) : nil
    if !initial.isNull && kind != .character {
      if initial.isStr {
        throw vm.raise(.typeError, "cannot use a str to initialize an array with typecode '\(UnicodeScalar(c).map(String.init) ?? "?")'")
      }
      if Arrays.isArray(initial), layout(initial).pointee.kind == .character {
        throw vm.raise(
          .typeError, "cannot use a unicode array to initialize an array with typecode '\(UnicodeScalar(c).map(String.init) ?? "?")'")
      }
    }
    guard let kind else { throw vm.raise(.valueError, "bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)") }
    return try fill(vm, cls.asType, kind, initial)
  }

  private static func fill(_ vm: VM, _ type: TypeRef, _ kind: ArrayKind, _ initial: Value) throws(Raised) -> Value {
    if initial.isList || initial.isTuple {
      return try fromSequence(vm, type, kind, initial)
    }
    let a = try Arrays.make(vm, kind, count: 0, type: type)
    let v = Value(a)
    if initial.isNull { return v }
    if initial.isBytes || initial.isInstance(of: rt.types.bytearray) {
      try ArrayMethods.add(vm, a, buffer: initial)
    } else if kind == .character && initial.isStr {
      try ArrayText.append(vm, a, initial)
    } else if Arrays.isArray(initial), layout(initial).pointee.kind == kind {
      let from = layout(initial)
      try Arrays.replace(vm, a, 0, 0, from.pointee.storage, from.pointee.count)
    } else {
      try Arrays.extend(vm, a, Arrays.isArray(initial) ? try vm.iter(initial) : initial)
    }
    return v
  }

  private static func fromSequence(_ vm: VM, _ type: TypeRef, _ kind: ArrayKind, _ items: Value) throws(Raised) -> Value {
    let a = try Arrays.make(vm, kind, count: try vm.length(items), type: type)
    let isList = items.isExact(rt.types.list), isTuple = items.isExact(rt.types.tuple)
    for i in 0..<a.pointee.count {
      var item = Value.null
      if isTuple {
        item = items.as(TupleLayout.self).items[i]
      } else if isList, items.as(ListLayout.self).isOwn, i < items.as(ListLayout.self).pointee.count {
        item = items.as(ListLayout.self).pointee.items?[i] ?? .null
      }
      if item.isNull { item = try vm.getItem(items, try vm.int(i)) }
      let bits = try kind.bits(vm, item)
      guard let storage = a.pointee.storage, i < a.pointee.count else { break }
      kind.store(storage, i, bits)
    }
    return Value(a)
  }

  // MARK: slots

  private static let repr: NativeNoArgs = { vm, v throws(Raised) in
    var text = try ReprBuilder(vm)
    let a = layout(v)
    try text.add(str: try ShortName.of(vm, v.cellType))
    try text.add("('")
    try text.add(str: try vm.str(codePoint: UInt32(a.pointee.kind.letter)))
    try text.add("'")
    if a.pointee.count > 0 {
      try text.add(", ")
      try text.add(repr: a.pointee.kind == .character ? try ArrayText.str(vm, a) : try ArrayMethods.list(vm, a))
    }
    try text.add(")")
    return try text.finish()
  }

  /// As boxed items compare: a NaN equals nothing.
  @inline(__always)
  static func same(_ vm: VM, _ x: Value, _ y: Value) throws(Raised) -> Bool {
    if x.isDouble && y.isDouble { return x.double == y.double }
    return try vm.equal(x, y)
  }

  private static let compare: NativeCompare = { vm, v, w, op throws(Raised) in
    guard Arrays.isArray(v), Arrays.isArray(w) else { return .notImplemented }
    let a = layout(v), b = layout(w)
    if a.pointee.count != b.pointee.count && (op == .eq || op == .ne) { return .bool(op == .ne) }
    if a.pointee.kind == b.pointee.kind, a.pointee.kind.isInteger, op == .eq || op == .ne {
      let n = a.byteCount
      var differs = false
      if n > 0, let x = a.pointee.storage, let y = b.pointee.storage { differs = memcmp(x, y, n) != 0 }
      return .bool(differs == (op == .ne))
    }
    var i = 0
    while i < min(a.pointee.count, b.pointee.count) {
      let x = try a.item(vm, i), y = try b.item(vm, i)
      if try !same(vm, x, y) {
        if op == .eq { return .false }
        if op == .ne { return .true }
        return try vm.compare(x, y, op)
      }
      i &+= 1
    }
    let m = a.pointee.count, n = b.pointee.count
    switch op {
    case .lt: return .bool(m < n)
    case .le: return .bool(m <= n)
    case .eq: return .bool(m == n)
    case .ne: return .bool(m != n)
    case .gt: return .bool(m > n)
    case .ge: return .bool(m >= n)
    }
  }

  /// Index of the first item equal to `x` in [start, stop), or -1.
  static func find(_ vm: VM, _ a: ArrayRef, _ x: Value, _ start: Int, _ stop: Int) throws(Raised) -> Int {
    var i = start
    while i < min(stop, a.pointee.count) {
      if try same(vm, try a.item(vm, i), x) { return i }
      i &+= 1
    }
    return -1
  }

  private static func storeItem(_ vm: VM, _ v: Value, _ i: Int, _ value: Value) throws(Raised) {
    let a = layout(v)
    guard i >= 0, i < a.pointee.count else { throw vm.raise(.indexError, "array assignment index out of range") }
    if value.isNull { return try Arrays.replace(vm, a, i, 1, nil, 0) }
    let bits = try a.pointee.kind.bits(vm, value)
    // The conversion may have run code that made it shorter.
    guard i < a.pointee.count, let storage = a.pointee.storage else {
      throw vm.raise(.indexError, "array assignment index out of range")
    }
    a.pointee.kind.store(storage, i, bits)
  }

  private static func index(_ vm: VM, _ a: ArrayRef, _ key: Value) throws(Raised) -> Int {
    guard key.isInt || key.type.pointee.slots.index != nil else { throw vm.raise(.typeError, "array indices must be integers") }
    let i = try vm.asIndex(key, overflow: .indexError)
    return i < 0 ? i &+ a.pointee.count : i
  }

  private static func subscripted(_ vm: VM, _ v: Value, _ key: Value) throws(Raised) -> Value {
    let a = layout(v)
    guard key.isExact(rt.types.slice) else { return try a.item(vm, try index(vm, a, key)) }
    let r = try Slices.resolve(vm, key) { () throws(Raised) in a.pointee.count }
    let result = try Arrays.make(vm, a.pointee.kind, count: max(0, r.count))
    copy(from: a, r, to: result)
    return Value(result)
  }
  private static func copy(from a: ArrayRef, _ r: SliceRange, to result: ArrayRef) {
    guard r.count > 0, let from = a.pointee.storage, let to = result.pointee.storage else { return }
    let shift = a.pointee.kind.shift
    if r.step == 1 {
      memcpy(to, from + r.start << shift, r.count << shift)
      return
    }
    for k in 0..<r.count { memcpy(to + k << shift, from + (r.start &+ k &* r.step) << shift, 1 << shift) }
  }

  private static func storeSubscript(_ vm: VM, _ v: Value, _ key: Value, _ value: Value) throws(Raised) {
    let a = layout(v)
    guard key.isExact(rt.types.slice) else { return try storeItem(vm, v, try index(vm, a, key), value) }
    var r = try Slices.resolve(vm, key) { () throws(Raised) in a.pointee.count }
    let shift = a.pointee.kind.shift
    var source: ArrayRef?
    if !value.isNull {
      guard Arrays.isArray(value) else {
        throw vm.raise(.typeError, "can only assign array (not \"\(value.typeName)\") to array slice")
      }
      guard layout(value).pointee.kind == a.pointee.kind else {
        throw vm.raise(.typeError, "bad argument type for built-in operation")
      }
      source = value == v ? layout(try ArrayMethods.copy(vm, v)) : layout(value)
    }
    let needed = source?.pointee.count ?? 0
    r.count = max(0, r.count)
    if needed != r.count && a.pointee.exports > 0 { try Arrays.checkExports(vm, a) }
    if r.step == 1 { return try Arrays.replace(vm, a, r.start, r.count, source?.pointee.storage, needed) }
    if needed == 0 {
      if r.count == 0 { return }
      if r.step < 0 {
        r.start = r.start &+ (r.count &- 1) &* r.step
        r.step = 0 &- r.step
      }
      guard let storage = a.pointee.storage else { return }
      // Each stretch of items that stay closes up to those before it.
      var to = r.start
      for k in 0..<r.count {
        let from = r.start &+ k &* r.step &+ 1
        let end = k &+ 1 == r.count ? a.pointee.count : r.start &+ (k &+ 1) &* r.step
        memmove(storage + to << shift, storage + from << shift, (end &- from) << shift)
        to &+= end &- from
      }
      return try Arrays.resize(vm, a, a.pointee.count &- r.count)
    }
    guard needed == r.count else {
      throw vm.raise(.valueError, "attempt to assign array of size \(needed) to extended slice of size \(r.count)")
    }
    guard let to = a.pointee.storage, let from = source?.pointee.storage else { return }
    for k in 0..<r.count { memcpy(to + (r.start &+ k &* r.step) << shift, from + k << shift, 1 << shift) }
  }

  private static func concatenate(_ vm: VM, _ v: Value, _ w: Value) throws(Raised) -> Value {
    guard Arrays.isArray(w) else { throw vm.raise(.typeError, "can only append array (not \"\(w.typeName)\") to array") }
    let a = layout(v), b = layout(w)
    guard a.pointee.kind == b.pointee.kind else { throw vm.raise(.typeError, "bad argument type for built-in operation") }
    let (total, overflow) = a.pointee.count.addingReportingOverflow(b.pointee.count)
    if overflow { throw vm.raiseMemoryError() }
    let result = try Arrays.make(vm, a.pointee.kind, count: total)
    if let to = result.pointee.storage {
      if let from = a.pointee.storage { memcpy(to, from, a.byteCount) }
      if let from = b.pointee.storage { memcpy(to + a.byteCount, from, b.byteCount) }
    }
    return Value(result)
  }
  private static func inplaceConcatenate(_ vm: VM, _ v: Value, _ w: Value) throws(Raised) -> Value {
    guard Arrays.isArray(w) else { throw vm.raise(.typeError, "can only extend array with array (not \"\(w.typeName)\")") }
    try Arrays.extend(vm, layout(v), w)
    return v
  }

  private static func times(_ vm: VM, _ a: ArrayRef, _ n: Int) throws(Raised) -> Int {
    let (total, overflow) = a.pointee.count.multipliedReportingOverflow(by: max(0, n))
    if overflow { throw vm.raiseMemoryError() }
    return total
  }
  private static func repeated(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let a = layout(v)
    let result = try Arrays.make(vm, a.pointee.kind, count: try times(vm, a, n))
    if let to = result.pointee.storage, let from = a.pointee.storage, result.pointee.count > 0 {
      Memory.fill(to, result.byteCount, with: UnsafeRawPointer(from), a.byteCount)
    }
    return Value(result)
  }
  private static func inplaceRepeat(_ vm: VM, _ v: Value, _ n: Int) throws(Raised) -> Value {
    let a = layout(v)
    let old = a.byteCount
    try Arrays.resize(vm, a, try times(vm, a, n))
    if let base = a.pointee.storage, old > 0, a.byteCount > old {
      Memory.fill(base + old, a.byteCount &- old, with: UnsafeRawPointer(base), old)
    }
    return v
  }

  private static func buffer(_ vm: VM, _ v: Value, _ flags: BufferFlags, _ view: inout BufferView) throws(Raised) {
    let a = layout(v)
    if a.pointee.storage == nil { a.pointee.storage = try vm.allocateRawBytes(8) }
    view.memory = a.pointee.storage
    view.byteCount = a.byteCount
    view.itemSize = a.pointee.kind.size
    view.isReadOnly = false
    if flags.contains(.format) { view.format = try vm.str(codePoint: UInt32(a.pointee.kind.bufferFormat)) }
    view.exporter = v
    a.pointee.exports &+= 1
  }
  private static func releaseBuffer(_ vm: VM, _ v: Value) {
    let a = layout(v)
    if a.pointee.exports > 0 { a.pointee.exports &-= 1 }
  }
}
