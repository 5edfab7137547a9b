/// Bodies of the unpacking instructions.
enum UnpackInstructions {
  @inline(never)
  static func unpack2(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let source = operand(pc.pointee.c, fp, k)
    try pair(vm, fp, source, pc.pointee.a, pc.pointee.b)
  }

  /// Two items into the registers `first` and `second`.
  @inline(__always)
  static func pair(_ vm: VM, _ fp: Registers, _ source: Value, _ first: UInt16, _ second: UInt16) throws(Raised) {
    if source.isExact(rt.types.tuple) {
      let t = source.as(TupleLayout.self)
      if t.pointee.count == 2 {
        let x = t.items[0], y = t.items[1]
        fp[Int(first)] = x
        fp[Int(second)] = y
        return
      }
    }
    try pairSlowly(vm, fp, source, first, second)
  }

  @inline(never)
  private static func pairSlowly(_ vm: VM, _ fp: Registers, _ source: Value, _ first: UInt16, _ second: UInt16) throws(Raised) {
    var items = (Value.null, Value.null)
    try withValues(&items) { p throws(Raised) in try fill(vm, source, p, 2) }
    fp[Int(first)] = items.0
    fp[Int(second)] = items.1
  }

  /// Exactly `count` items of `source` to `target`.
  private static func fill(_ vm: VM, _ source: Value, _ target: UnsafeMutablePointer<Value>, _ count: Int) throws(Raised) {
    if source.isExact(rt.types.tuple) || source.isExact(rt.types.list) && source.as(ListLayout.self).pointee.foreign == nil {
      let isTuple = source.isExact(rt.types.tuple)
      let available = isTuple ? source.as(TupleLayout.self).pointee.count : source.as(ListLayout.self).pointee.count
      if available == count {
        guard count > 0 else { return }
        if isTuple {
          for i in 0..<count { target[i] = source.as(TupleLayout.self).items[i] }
        } else if let items = source.as(ListLayout.self).pointee.items {
          for i in 0..<count { target[i] = items[i] }
        }
        return
      }
      throw available > count ? tooMany(vm, count) : tooFew(vm, count, available)
    }
    let iterator = try iterate(vm, source)
    for i in 0..<count {
      let item = try vm.next(iterator)
      if item == .exhausted { throw tooFew(vm, count, i) }
      target[i] = item
    }
    if try vm.next(iterator) != .exhausted { throw tooMany(vm, count) }
  }

  private static func iterate(_ vm: VM, _ source: Value) throws(Raised) -> Value {
    if source.type.pointee.slots.iter == nil && source.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "cannot unpack non-iterable \(source.typeName) object")
    }
    return try vm.iter(source)
  }
  private static func tooFew(_ vm: VM, _ expected: Int, _ got: Int) -> Raised {
    vm.raise(.valueError, "not enough values to unpack (expected \(expected), got \(got))")
  }
  private static func tooMany(_ vm: VM, _ expected: Int) -> Raised {
    vm.raise(.valueError, "too many values to unpack (expected \(expected))")
  }

  /// Register number `i` of the destination list that follows an UNPACK's first cache word.
  @inline(__always) static func destination(_ pc: CodePointer, _ i: Int) -> Int {
    let word = (pc + 2 + i / 4).pointee.bits
    return Int(UInt16(truncatingIfNeeded: word >> UInt64(i % 4 * 16)))
  }

  @inline(never)
  static func unpackN(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let source = operand(pc.pointee.a, fp, k)
    let count = Int(pc.pointee.b)
    if source.isExact(rt.types.tuple), source.as(TupleLayout.self).pointee.count == count {
      // The source may lie in a register that is a destination: only its cell is read from here on.
      try vm.withKept(source) {
        let items = source.as(TupleLayout.self).items
        for i in 0..<count { fp[destination(pc, i)] = items[i] }
      }
      return
    }
    let buffer = try vm.allocateValues(max(count, 1))
    try fill(vm, source, buffer, count)
    for i in 0..<count { fp[destination(pc, i)] = buffer[i] }
  }

  @inline(never)
  static func unpackEx(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let source = operand(pc.pointee.a, fp, k)
    let before = Int(pc.pointee.b), after = Int(pc.pointee.c)
    if source.type.pointee.slots.iter == nil && source.type.pointee.slots.item == nil {
      throw vm.raise(.typeError, "cannot unpack non-iterable \(source.typeName) object")
    }
    let list = try vm.list(from: source)
    let layout = list.as(ListLayout.self)
    let count = layout.pointee.count
    if count < before &+ after {
      throw vm.raise(.valueError, "not enough values to unpack (expected at least \(before &+ after), got \(count))")
    }
    let middle = try vm.list(capacity: count &- before &- after)
    for i in before..<(count &- after) { if let items = layout.pointee.items { try vm.append(middle, items[i]) } }
    for i in 0..<before { if let items = layout.pointee.items { fp[destination(pc, i)] = items[i] } }
    fp[destination(pc, before)] = middle
    for i in 0..<after {
      if let items = layout.pointee.items { fp[destination(pc, before &+ 1 &+ i)] = items[count &- after &+ i] }
    }
  }
}
