/// Bodies of the subscript instructions in their general form.
enum SubscriptInstructions {
  @inline(never)
  static func get(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let container = operand(pc.pointee.b, fp, k), key = operand(pc.pointee.c, fp, k)
    Quickening.getItem(pc, container, key)
    let value = try vm.getItem(container, key)
    fp[Int(pc.pointee.a)] = value
  }

  @inline(never)
  static func set(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    let container = operand(pc.pointee.a, fp, k), key = operand(pc.pointee.b, fp, k)
    Quickening.setItem(pc, container, key)
    try vm.setItem(container, key, operand(pc.pointee.c, fp, k))
  }

  /// A quickened GETITEM that found another container or key, or an index out of range.
  @inline(never)
  static func getMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .getItem)
    try get(vm, fp, k, pc)
  }
  @inline(never)
  static func setMiss(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer) throws(Raised) {
    Quickening.revert(pc, to: .setItem)
    try set(vm, fp, k, pc)
  }

  /// The item of an exact list, or null when `list` is none or the index is not one of an item.
  @inline(__always)
  static func listItem(_ list: Value, _ index: Value) -> Value {
    guard list.isCell, list.cellType == rt.types.list, index.isSmallInt else { return .null }
    let l = list.as(ListLayout.self)
    var i = index.smallInt
    if i < 0 { i &+= l.pointee.count }
    guard UInt(bitPattern: i) < UInt(bitPattern: l.pointee.count), let items = l.pointee.items else { return .null }
    return items[i]
  }
  @inline(__always)
  static func tupleItem(_ tuple: Value, _ index: Value) -> Value {
    guard tuple.isCell, tuple.cellType == rt.types.tuple, index.isSmallInt else { return .null }
    let t = tuple.as(TupleLayout.self)
    var i = index.smallInt
    if i < 0 { i &+= t.pointee.count }
    guard UInt(bitPattern: i) < UInt(bitPattern: t.pointee.count) else { return .null }
    return t.items[i]
  }
  /// Whether it was stored.
  @inline(__always)
  static func storeListItem(_ list: Value, _ index: Value, _ value: Value) -> Bool {
    guard list.isCell, list.cellType == rt.types.list, index.isSmallInt else { return false }
    let l = list.as(ListLayout.self)
    var i = index.smallInt
    if i < 0 { i &+= l.pointee.count }
    guard UInt(bitPattern: i) < UInt(bitPattern: l.pointee.count), let items = l.pointee.items else { return false }
    items[i] = value
    return true
  }

  @inline(__always) static func arrayItem(_ array: Value, _ index: Value) -> Value { Arrays.itemAtOnce(array, index) }
  @inline(__always) static func storeArrayItem(_ array: Value, _ index: Value, _ value: Value) -> Bool {
    Arrays.storeAtOnce(array, index, value)
  }

  @inline(never)
  static func delete(_ vm: VM, _ container: Value, _ key: Value) throws(Raised) {
    try vm.setItem(container, key, .null)
  }

  /// `b[c:x]`: the usual sequences without a slice object.
  /// - Parameter seesCallee: whether the register of a callee that has been loaded holds it: machine code may know better
  @inline(never)
  static func getSlice(_ vm: VM, _ fp: Registers, _ k: Registers, _ pc: CodePointer, seesCallee: Bool = true) throws(Raised) {
    let container = operand(pc.pointee.b, fp, k), start = operand(pc.pointee.c, fp, k)
    let stop = operand(UInt16(truncatingIfNeeded: pc.w0), fp, k)
    if Slices.isPlain(start), Slices.isPlain(stop), container.isCell {
      let type = container.cellType
      let first = start.isNone ? 0 : start.smallInt, last = stop.isNone ? Int.max : stop.smallInt
      if type == rt.types.list, case let list = container.as(ListLayout.self), list.pointee.foreign == nil {
        let range = Slices.adjust(start: first, stop: last, step: 1, length: list.pointee.count)
        fp[Int(pc.pointee.a)] = try ListType.slice(vm, list, range)
        return
      }
      if type == rt.types.tuple {
        let t = container.as(TupleLayout.self)
        let range = Slices.adjust(start: first, stop: last, step: 1, length: t.pointee.count)
        let whole = range.count == t.pointee.count
        fp[Int(pc.pointee.a)] = whole ? container : try vm.tuple(copying: t.items + range.start, count: range.count)
        return
      }
      if type == rt.types.str {
        let range = Slices.adjust(start: first, stop: last, step: 1, length: Str.length(container))
        let view = StrView(container)
        fp[Int(pc.pointee.a)] =
          range.count <= 0 ? try vm.emptyStr() : try StrText.make(vm, view.slice(range.start, range.start &+ range.count), container)
        return
      }
      if type == rt.types.bytes {
        let bytes = container.as(BytesLayout.self)
        let range = Slices.adjust(start: first, stop: last, step: 1, length: bytes.pointee.count)
        if range.count == bytes.pointee.count {
          fp[Int(pc.pointee.a)] = container
        } else if range.start &+ range.count == bytes.pointee.count {
          fp[Int(pc.pointee.a)] = try vm.bytes(endOf: container, from: range.start)
        } else {
          fp[Int(pc.pointee.a)] = try vm.bytes(UnsafeRawBufferPointer(start: bytes.bytes + range.start, count: max(0, range.count)))
        }
        return
      }
      if type == rt.types.bytearray {
        let bytes = UnsafeRawBufferPointer(ByteArrays.bytes(container))
        let range = Slices.adjust(start: first, stop: last, step: 1, length: bytes.count)
        let part = UnsafeRawBufferPointer(start: bytes.baseAddress.map { $0 + range.start }, count: max(0, range.count))
        fp[Int(pc.pointee.a)] = seesCallee && isForBytes(fp, pc) ? try vm.bytes(part) : try vm.byteArray(part)
        return
      }
    }
    let value = try vm.getItem(container, try slice(vm, start, stop, .none))
    fp[Int(pc.pointee.a)] = value
  }

  /// Whether the slice that is made at `pc` is for a call `bytes(...)` alone, which answers bytes that it is given: `bytes(buffer[:n])` copies once.
  private static func isForBytes(_ fp: Registers, _ pc: CodePointer) -> Bool {
    let register = pc.pointee.a, call = pc + 2
    let base = Int(call.pointee.b)
    guard call.pointee.instruction.generalCall == .call, call.pointee.c == 1, Int(register) == base &+ FrameLayout.argumentOffset else {
      return false
    }
    return fp[base &+ FrameLayout.calleeOffset] == Value(rt.types.bytes)
  }

  @inline(never)
  static func slice(_ vm: VM, _ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
    let s = try vm.make(SliceLayout.self, rt.types.slice)
    s.pointee.start = start
    s.pointee.stop = stop
    s.pointee.step = step
    return Value(s)
  }
}
