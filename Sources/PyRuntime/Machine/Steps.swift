import Glibc

/// What machine code leaves to a function, an instruction or call at a time: what allocates, or looks at more than a few kinds of objects. A step is
/// done whole or not at all: it runs no Python code, and where the instruction would raise, or needs more than is here, nothing has changed, and
/// the interpreter executes it.
///
/// A step may collect. What machine code has in registers is found on the native stack, and what is out of date in the frame only keeps
/// something alive.
enum MachineSteps {
  static let binary = address(amphis_step_binary)
  static let slice = address(amphis_step_slice)
  static let setSlice = address(amphis_step_set_slice)
  static let item = address(amphis_step_item)
  static let sliceItem = address(amphis_step_slice_item)
  static let setItem = address(amphis_step_set_item)
  static let build = address(amphis_step_build)
  static let add = address(amphis_step_add)
  static let iterate = address(amphis_step_iterate)
  static let next = address(amphis_step_next)
  static let nextPair = address(amphis_step_next_pair)
  static let attribute = address(amphis_step_attribute)
  static let yield = address(amphis_step_yield)
  static let range = unsafeBitCast(amphis_step_range as Range, to: UnsafeRawPointer.self)
  static let dropIterator = address(amphis_step_drop_iterator)
  static let call = unsafeBitCast(amphis_step_call as Call, to: UnsafeRawPointer.self)
  static let method = unsafeBitCast(amphis_step_method as Call, to: UnsafeRawPointer.self)
  static let function = unsafeBitCast(amphis_step_function as Call, to: UnsafeRawPointer.self)
  static let appendItem = unsafeBitCast(amphis_step_append as Helpers.Test2, to: UnsafeRawPointer.self)

  typealias Raw = UnsafeMutableRawPointer
  /// (registers, constants, instruction, first register that nothing uses, or nil for the top of the stack): 0 where it was not done
  typealias Step = @convention(c) (Raw, Raw, Raw, Raw?) -> Int
  typealias Range = @convention(c) (UInt64, UInt64, UInt64, Raw) -> UInt64
  typealias Call = @convention(c) (UInt64, Raw, UInt64, Raw?) -> UInt64

  private static func address(_ f: @escaping Step) -> UnsafeRawPointer { unsafeBitCast(f, to: UnsafeRawPointer.self) }

  /// What `body` answers; `none` if it raises. Natives put what they need above `top`.
  @inline(__always)
  static func answer<T>(_ none: T, above top: Raw? = nil, _ body: (VM) throws(Raised) -> T) -> T {
    guard let vm = VM.running, !vm.nativeStackIsLow else { return none }
    let thread = vm.thread, above = thread.pointee.stackTop
    if let top { thread.pointee.stackTop = max(above, Threaded.registers(top)) }
    defer { thread.pointee.stackTop = above }
    do throws(Raised) { return try body(vm) } catch {
      vm.clearPending()
      return none
    }
  }
  /// Runs a step.
  @inline(__always)
  static func run(
    _ fp: Raw, _ k: Raw, _ pc: Raw, _ top: Raw?, _ body: (VM, Registers, Registers, CodePointer) throws(Raised) -> Int
  ) -> Int {
    answer(0, above: top) { vm throws(Raised) in try body(vm, Threaded.registers(fp), Threaded.registers(k), Threaded.pc(pc)) }
  }

  // MARK: what runs no Python code

  /// A constant, number, str or bytes: operators and builtin functions look at nothing but its value.
  @inline(__always)
  static func isPlain(_ v: Value) -> Bool {
    guard v.isCell else { return !v.isNull }
    let type = v.cellType
    return type == rt.types.str || type == rt.types.bytes || type == rt.types.int
  }
  @inline(__always)
  static func arePlain(_ items: UnsafePointer<Value>, _ count: Int) -> Bool {
    for i in 0..<count where !isPlain(items[i]) { return false }
    return true
  }
  /// A slice between ints
  static func isSlice(_ v: Value) -> Bool {
    guard v.isExact(rt.types.slice), case let s = v.as(SliceLayout.self) else { return false }
    return Slices.isPlain(s.pointee.start) && Slices.isPlain(s.pointee.stop) && Slices.isPlain(s.pointee.step)
  }
  /// A builtin sequence whose items and slices are had without a look at the items.
  static func isSequence(_ v: Value) -> Bool {
    guard v.isCell else { return false }
    let type = v.cellType
    if type == rt.types.list { return v.as(ListLayout.self).isOwn }
    return type == rt.types.tuple || type == rt.types.str || type == rt.types.bytes
      || type == rt.types.bytearray && v.as(ByteArrayLayout.self).pointee.foreign == nil
  }

  /// A set whose keys have no code of their own.
  private static func isPlainSet(_ v: Value) -> Bool {
    guard v.isCell, v.cellType == rt.types.set || v.cellType == rt.types.frozenset, case let set = v.as(SetLayout.self), set.isOwn else {
      return false
    }
    guard !set.pointee.stringKeysOnly, let entries = set.pointee.entries else { return true }
    for i in 0..<set.pointee.used {
      let key = entries[i].key
      if !key.isSmallInt && key != .tombstone && !isPlain(key) { return false }
    }
    return true
  }
  static func isQuiet(_ number: Int, _ x: Value, _ y: Value) -> Bool {
    guard let op = BinaryOp(number: number) else { return false }
    if isPlain(x) && isPlain(y) { return true }
    if number == op.rawValue, isPlainSet(x), isPlainSet(y) { return true }
    guard isSequence(x) else { return false }
    let type = x.cellType
    switch op {
    case .add:
      if !isSequence(y) { return false }
      return y.cellType == type || type == rt.types.bytearray && y.cellType == rt.types.bytes
        || number != op.rawValue && type == rt.types.list
    case .multiply: return y.isSmallInt
    case .remainder:
      guard type == rt.types.str, y.isExact(rt.types.tuple), case let t = y.as(TupleLayout.self) else { return false }
      return arePlain(t.items, t.pointee.count)
    default: return false
    }
  }

  /// What can be iterated over without Python code.
  @inline(__always)
  static func isContainer(_ v: Value) -> Bool {
    guard v.isCell else { return false }
    let type = v.cellType, types = rt.types
    if type == types.list { return v.as(ListLayout.self).isOwn }
    if type == types.dict { return v.as(DictLayout.self).isOwn }
    if type == types.set { return v.as(SetLayout.self).isOwn }
    return type == types.tuple || type == types.str || type == types.bytes || type == types.range || type == types.frozenset
      || type == types.dictKeys || type == types.dictValues || type == types.dictItems
  }
  /// An iterator over a dict or set that has not changed: its next step cannot raise. One that raises ends it, and the interpreter could not
  /// do that again.
  @inline(never)
  private static func isUnchanged(_ v: Value) -> Bool {
    let it = v.as(TableIteratorLayout.self)
    if it.pointee.container.isNull { return true }
    if v.cellType == rt.types.setIterator {
      let set = it.pointee.container.as(SetLayout.self)
      return set.isOwn && set.pointee.count == it.pointee.size
    }
    let dict = it.pointee.container.as(DictLayout.self)
    guard dict.isOwn, dict.pointee.count == it.pointee.size else { return false }
    if it.pointee.remaining > 0 { return true }
    guard let entries = dict.pointee.entries else { return true }
    var i = it.pointee.position
    while i < dict.pointee.used {
      if entries[i].key != .tombstone { return false }
      i &+= 1
    }
    return true
  }
  /// An iterator whose next step runs no Python code and does not raise.
  @inline(__always)
  static func isIterator(_ v: Value) -> Bool {
    guard v.isCell else { return false }
    let type = v.cellType, types = rt.types
    if type == types.listIterator { return IterationInstructions.isOwnList(v) }
    if type == types.dictKeyIterator || type == types.dictValueIterator || type == types.dictItemIterator || type == types.setIterator {
      return isUnchanged(v)
    }
    return type == types.rangeIterator || type == types.tupleIterator || type == types.strIterator || type == types.bytesIterator
  }
}

/// BINARY_OP
@c func amphis_step_binary(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  let word = Threaded.pc(pc), registers = Threaded.registers(fp), constants = Threaded.registers(k)
  let quick = OperatorInstructions.numbersAtOnce(
    word.w0 & 0xFF, operand(word.pointee.b, registers, constants), operand(word.pointee.c, registers, constants))
  if !quick.isNull {
    registers[Int(word.pointee.a)] = quick
    return 1
  }
  return MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let x = operand(pc.pointee.b, fp, k), y = operand(pc.pointee.c, fp, k), number = Int(pc.w0 & 0xFF)
    if x.isExactStr && y.isExactStr && (number == BinaryOp.add.rawValue || number == BinaryOp.firstInplace) {
      fp[Int(pc.pointee.a)] = try vm.concatenate(x, y)
      return 1
    }
    guard MachineSteps.isQuiet(number, x, y) else { return 0 }
    fp[Int(pc.pointee.a)] = try vm.operation(number, x, y)
    return 1
  }
}

/// GETSLICE
@c func amphis_step_slice(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    guard MachineSteps.isSequence(operand(pc.pointee.b, fp, k)), Slices.isPlain(operand(pc.pointee.c, fp, k)),
      Slices.isPlain(operand(UInt16(truncatingIfNeeded: pc.w0), fp, k))
    else { return 0 }
    try SubscriptInstructions.getSlice(vm, fp, k, pc, seesCallee: false)
    return 1
  }
}

/// SETSLICE
@c func amphis_step_set_slice(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let list = operand(pc.pointee.a, fp, k), start = operand(pc.pointee.b, fp, k), stop = operand(pc.pointee.c, fp, k)
    let value = operand(UInt16(truncatingIfNeeded: pc.w0), fp, k)
    guard list.isExact(rt.types.list), case let items = list.as(ListLayout.self), items.isOwn, Lists.plainItems(value) != nil,
      let range = Slices.plain(start, stop, .none, length: items.pointee.count)
    else { return 0 }
    try ListType.splice(vm, items, range.start, max(range.start, range.stop), value)
    return 1
  }
}

/// GETITEM of a sequence
@c func amphis_step_item(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let container = operand(pc.pointee.b, fp, k), key = operand(pc.pointee.c, fp, k)
    guard MachineSteps.isSequence(container), key.isSmallInt || MachineSteps.isSlice(key) else { return 0 }
    fp[Int(pc.pointee.a)] = try vm.getItem(container, key)
    return 1
  }
}

/// BUILD_SLICE and the GETITEM behind it, which nothing else takes the slice from
@c func amphis_step_slice_item(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let w = pc.pointee, get = (pc + 1).pointee, container = operand(get.b, fp, k)
    guard MachineSteps.isSequence(container) else { return 0 }
    let isShort = w.instruction == .buildSlice2
    let start = isShort ? operand(w.b, fp, k) : fp[Int(w.b)], stop = isShort ? operand(w.c, fp, k) : fp[Int(w.b) &+ 1]
    let step = isShort ? Value.none : fp[Int(w.b) &+ 2]
    guard Slices.isPlain(start), Slices.isPlain(stop), Slices.isPlain(step) else { return 0 }
    if container.cellType == rt.types.list, case let list = container.as(ListLayout.self),
      let range = Slices.plain(start, stop, step, length: list.pointee.count)
    {
      fp[Int(get.a)] = try ListType.slice(vm, list, range)
    } else {
      fp[Int(get.a)] = try vm.getItem(container, try SubscriptInstructions.slice(vm, start, stop, step))
    }
    return 1
  }
}

/// SETITEM of a list or dict; DELETE_ITEM and SET_ADD and MAP_ADD of comprehensions are `add`'s.
@c func amphis_step_set_item(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let container = operand(pc.pointee.a, fp, k), key = operand(pc.pointee.b, fp, k), value = operand(pc.pointee.c, fp, k)
    if SubscriptInstructions.setAtOnce(pc, container, key, value) { return 1 }
    if container.isExact(rt.types.list) {
      guard container.as(ListLayout.self).isOwn, key.isSmallInt || MachineSteps.isSlice(key) && Lists.plainItems(value) != nil else {
        return 0
      }
      try vm.setItem(container, key, value)
      return 1
    }
    return try MachineSteps.store(vm, container, key, value) ? 1 : 0
  }
}

/// SET_ADD, MAP_ADD, DELETE_ITEM
@c func amphis_step_add(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let container = operand(pc.pointee.a, fp, k), key = operand(pc.pointee.b, fp, k)
    switch pc.pointee.instruction {
    case .setAdd: return try MachineSteps.add(vm, container, key) ? 1 : 0
    case .mapAdd: return try MachineSteps.store(vm, container, key, operand(pc.pointee.c, fp, k)) ? 1 : 0
    default:
      if container.isExact(rt.types.list) {
        guard container.as(ListLayout.self).isOwn, key.isSmallInt || MachineSteps.isSlice(key) else { return 0 }
      } else {
        guard container.isExact(rt.types.dict), MachineSteps.isKnownKey(container, key, HashTable.dictStride) else { return 0 }
      }
      try SubscriptInstructions.delete(vm, container, key)
      return 1
    }
  }
}

extension MachineSteps {
  /// Whether a comparison of plain values holds, 1 or 0; −1 for others.
  @inline(never)
  static func compare(_ x: Value, _ y: Value, _ op: CompareOp) -> Int {
    if x.isCell, y.isCell, isSet(x.cellType), isSet(y.cellType) { return compareSets(x, y, op) }
    // Bytes may be warned about.
    guard isPlain(x), isPlain(y), x.isExact(rt.types.bytes) == y.isExact(rt.types.bytes) else { return -1 }
    return answer(-1) { vm throws(Raised) in try vm.isTrue(try vm.compare(x, y, op)) ? 1 : 0 }
  }
  private static func isSet(_ type: TypeRef) -> Bool { type == rt.types.set || type == rt.types.frozenset }
  private static func compareSets(_ x: Value, _ y: Value, _ op: CompareOp) -> Int {
    let a = x.as(SetLayout.self), b = y.as(SetLayout.self)
    guard a.isOwn, b.isOwn else { return -1 }
    let m = a.pointee.count, n = b.pointee.count
    switch op {
    case .le: return m > n ? 0 : isSubset(a, b)
    case .lt: return m >= n ? 0 : isSubset(a, b)
    case .ge: return n > m ? 0 : isSubset(b, a)
    case .gt: return n >= m ? 0 : isSubset(b, a)
    case .eq: return m != n ? 0 : isSubset(a, b)
    case .ne:
      let isEqual = m != n ? 0 : isSubset(a, b)
      return isEqual < 0 ? -1 : 1 &- isEqual
    }
  }
  private static func isSubset(_ a: SetRef, _ b: SetRef) -> Int {
    var position = 0, hash = 0
    while let e = Sets.next(a, &position) {
      guard let probe = HashTable.probeAtOnce(b.table, e.key, HashTable.setStride, &hash) else { return -1 }
      if !probe.isFound { return 0 }
    }
    return 1
  }
  static func range(_ start: Value, _ stop: Value, _ step: Value, _ place: Registers) -> Value {
    guard Value.bothSmallInts(start, stop), step.isSmallInt, step.smallInt != 0 else { return .null }
    let first = start.smallInt, by = step.smallInt, distance = by > 0 ? stop.smallInt &- first : first &- stop.smallInt
    return answer(.null) { vm throws(Raised) in
      let it = try vm.make(RangeIteratorLayout.self, rt.types.rangeIterator)
      it.pointee.next = first
      it.pointee.step = by
      it.pointee.remaining = distance > 0 ? (distance &- 1) / abs(by) &+ 1 : 0
      it.pointee.start = first
      it.pointee.owner = UInt(bitPattern: place)
      return Value(it)
    }
  }
  /// The same of a str in a str, or of bytes or an int in bytes.
  @inline(never)
  static func contains(_ container: Value, _ item: Value) -> Int {
    guard container.isCell, container.cellType == rt.types.str || container.cellType == rt.types.bytes, isPlain(item) else { return -1 }
    return answer(-1) { vm throws(Raised) in try vm.contains(container, item) ? 1 : 0 }
  }
  /// A step of the iterator of a FOR_ITER that gives pairs to the UNPACK2 behind it, whether there was one.
  static func pairAtOnce(_ fp: Registers, _ pc: CodePointer) -> Bool {
    switch pc.pointee.instruction {
    case .forIterEnumerate2: return IterationInstructions.enumerateAtOnce(fp, pc)
    case .forIterZip2: return IterationInstructions.zipAtOnce(fp, pc)
    case .forIterItems2: return IterationInstructions.itemsAtOnce(fp, pc)
    default: return false
    }
  }
  static func append(_ list: Value, _ item: Value) -> Bool {
    guard list.isExact(rt.types.list), list.as(ListLayout.self).isOwn else { return false }
    if Lists.appendAtOnce(list.as(ListLayout.self), item) { return true }
    return answer(false) { vm throws(Raised) in
      try vm.append(list, item)
      return true
    }
  }
  /// Adds to a list or set.
  static func put(_ container: Value, _ item: Value) -> Bool {
    if append(container, item) { return true }
    return answer(false) { vm throws(Raised) in try add(vm, container, item) }
  }
  static func setDictItem(_ dict: Value, _ key: Value, _ value: Value) -> Bool {
    if Dicts.setAtOnce(dict, key, value) { return true }
    return answer(false) { vm throws(Raised) in try store(vm, dict, key, value) }
  }

  /// Whether a look-up of the key in a dict or set of ours compares it with nothing that has code of its own.
  static func isKnownKey(_ container: Value, _ key: Value, _ stride: Int) -> Bool {
    var hash = 0
    let isOwn = stride == HashTable.dictStride ? container.as(DictLayout.self).isOwn : container.as(SetLayout.self).isOwn
    return isOwn && HashTable.probeAtOnce(container.asTable, key, stride, &hash) != nil
  }
  static func store(_ vm: VM, _ dict: Value, _ key: Value, _ value: Value) throws(Raised) -> Bool {
    if Dicts.setAtOnce(dict, key, value) { return true }
    guard dict.isExact(rt.types.dict), isKnownKey(dict, key, HashTable.dictStride) else { return false }
    try Dicts.set(vm, dict, key, value)
    return true
  }
  static func addToSet(_ set: Value, _ key: Value, above top: Raw?) -> Bool {
    if Sets.addAtOnce(set, key) { return true }
    return answer(false, above: top) { vm throws(Raised) in try add(vm, set, key) }
  }
  static func add(_ vm: VM, _ set: Value, _ key: Value) throws(Raised) -> Bool {
    if Sets.addAtOnce(set, key) { return true }
    guard set.isExact(rt.types.set), isKnownKey(set, key, HashTable.setStride) else { return false }
    _ = try Sets.add(vm, set, key)
    return true
  }
}

/// What makes an object of its operands, or adds a list or tuple to a list that it makes.
@c func amphis_step_build(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let w = pc.pointee
    let made: Value
    switch w.instruction {
    case .buildTuple:
      let quick = Builders.tupleAtOnce(fp + Int(w.b), Int(w.c))
      made = quick.isNull ? try vm.tuple(copying: fp + Int(w.b), count: Int(w.c)) : quick
    case .buildList:
      let quick = Builders.listAtOnce(fp + Int(w.b), Int(w.c))
      made = quick.isNull ? try vm.list(copying: fp + Int(w.b), count: Int(w.c)) : quick
    case .tuple1: made = try vm.tuple(operand(w.b, fp, k))
    case .tuple2: made = try vm.tuple(operand(w.b, fp, k), operand(w.c, fp, k))
    case .list1:
      try Builders.list1(vm, fp, k, pc)
      return 1
    case .list2:
      try Builders.list2(vm, fp, k, pc)
      return 1
    case .string2:
      guard operand(w.b, fp, k).isExactStr, operand(w.c, fp, k).isExactStr else { return 0 }
      try Builders.string2(vm, fp, k, pc)
      return 1
    case .buildString:
      for i in 0..<Int(w.c) where !fp[Int(w.b) &+ i].isExactStr { return 0 }
      try Builders.buildString(vm, fp, pc)
      return 1
    case .format:
      guard MachineSteps.isPlain(operand(w.b, fp, k)) else { return 0 }
      made = try Builders.format(vm, operand(w.b, fp, k), .null, Int(w.c))
    case .formatSpec:
      guard MachineSteps.isPlain(operand(w.b, fp, k)), operand(w.c, fp, k).isExactStr else { return 0 }
      made = try Builders.format(vm, operand(w.b, fp, k), operand(w.c, fp, k), Int(pc.w0 & 0xFF))
    case .buildSet:
      guard MachineSteps.arePlain(fp + Int(w.b), Int(w.c)) else { return 0 }
      try Builders.buildSet(vm, fp, pc)
      return 1
    case .buildMap:
      for i in 0..<Int(w.c) where !MachineSteps.isPlain(fp[Int(w.b) &+ 2 &* i]) { return 0 }
      try Builders.buildMap(vm, fp, pc)
      return 1
    case .map1:
      guard MachineSteps.isPlain(operand(w.b, fp, k)) else { return 0 }
      try Builders.map1(vm, fp, k, pc)
      return 1
    case .buildSlice2: made = try SubscriptInstructions.slice(vm, operand(w.b, fp, k), operand(w.c, fp, k), .none)
    case .buildSlice3: made = try SubscriptInstructions.slice(vm, fp[Int(w.b)], fp[Int(w.b) &+ 1], fp[Int(w.b) &+ 2])
    case .listToTuple: made = try vm.tuple(from: operand(w.b, fp, k))
    case .listExtend:
      guard MachineSteps.isContainer(operand(w.b, fp, k)) else { return 0 }
      try Builders.listExtend(vm, fp, k, pc)
      return 1
    default: return 0
    }
    fp[Int(w.a)] = made
    return 1
  }
}

// MARK: loops

/// GET_ITER
@c func amphis_step_iterate(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let source = operand(pc.pointee.b, fp, k), place = fp + Int(pc.pointee.a)
    let quick = IterationInstructions.iteratorAtOnce(source, place)
    if !quick.isNull {
      place.pointee = quick
      return 1
    }
    guard MachineSteps.isContainer(source) || MachineSteps.isIterator(source) else { return 0 }
    let iterator = try vm.iter(source)
    LoopIterators.claimIterator(iterator, of: source, place)
    place.pointee = iterator
    return 1
  }
}

/// FOR_ITER: 1 with an item, 2 at the end, which is then done with
@c func amphis_step_next(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  let registers = Threaded.registers(fp), word = Threaded.pc(pc)
  let quick = IterationInstructions.dictItemAtOnce(registers[Int(word.pointee.b)])
  if !quick.isNull {
    registers[Int(word.pointee.a)] = quick
    return 1
  }
  return MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let iterator = fp[Int(pc.pointee.b)]
    guard MachineSteps.isIterator(iterator) else { return 0 }
    let item = try vm.next(iterator)
    if item == .exhausted {
      LoopIterators.end(fp, pc)
      return 2
    }
    fp[Int(pc.pointee.a)] = item
    return 1
  }
}

/// FOR_ITER that gives pairs to the UNPACK2 behind it: the same
@c func amphis_step_next_pair(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  if MachineSteps.pairAtOnce(Threaded.registers(fp), Threaded.pc(pc)) { return 1 }
  return MachineSteps.run(fp, k, pc, top) { vm, fp, k, pc throws(Raised) in
    let iterator = fp[Int(pc.pointee.b)]
    let step: IterationInstructions.Step
    switch pc.pointee.instruction {
    case .forIterEnumerate2:
      guard iterator.isExact(rt.types.enumerate), MachineSteps.isIterator(iterator.as(EnumerateLayout.self).pointee.iterator) else {
        return 0
      }
      step = try IterationInstructions.nextOfEnumerate(vm, fp, pc)
    case .forIterZip2:
      guard iterator.isExact(rt.types.zip), case let iterators = iterator.as(ZipLayout.self).pointee.iterators.as(TupleLayout.self),
        iterators.pointee.count == 2, MachineSteps.isIterator(iterators.items[0]), MachineSteps.isIterator(iterators.items[1])
      else { return 0 }
      step = try IterationInstructions.nextOfZip(vm, fp, pc)
      if case .end = step { LoopIterators.end(fp, pc) }
    case .forIterItems2:
      guard MachineSteps.isIterator(iterator) else { return 0 }
      step = try IterationInstructions.nextOfItems(vm, fp, pc)
      if case .end = step { LoopIterators.end(fp, pc) }
    default: return 0
    }
    switch step {
    case .item: return 1
    case .end: return 2
    case .other: return 0
    }
  }
}

/// The iterator of `range(start, stop, step)`, all inline ints, for a GET_ITER whose destination is `place`; or null.
@c func amphis_step_range(_ start: UInt64, _ stop: UInt64, _ step: UInt64, _ place: UnsafeMutableRawPointer) -> UInt64 {
  MachineSteps.range(Value(bits: start), Value(bits: stop), Value(bits: step), Threaded.registers(place)).bits
}

/// YIELD of a generator for a builtin that takes all items
@c func amphis_step_yield(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  let fp = Threaded.registers(fp), pc = Threaded.pc(pc), item = operand(pc.pointee.b, fp, Threaded.registers(k))
  guard fp.frameLink & FrameLink.gathering != 0, Gathering.takeInline(fp, item) || MachineSteps.put(Gathering.container(fp), item)
  else { return 0 }
  fp[Int(pc.pointee.a)] = .none
  return 1
}

/// DROP_ITER where there is nothing to do
@c func amphis_step_drop_iterator(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  LoopIterators.isOwner(Threaded.registers(fp) + Int(Threaded.pc(pc).pointee.a)) ? 0 : 1
}

// MARK: attributes

/// LOAD_ATTR of bound methods, LOAD_ATTR and STORE_ATTR of objects that keep attributes in a dict
@c func amphis_step_attribute(
  _ fp: UnsafeMutableRawPointer, _ k: UnsafeMutableRawPointer, _ pc: UnsafeMutableRawPointer, _ top: UnsafeMutableRawPointer?
) -> Int {
  let fp = Threaded.registers(fp), k = Threaded.registers(k), pc = Threaded.pc(pc)
  let w = pc.pointee
  var value = Value.null
  switch w.instruction {
  case .storeAttrDictionary:
    return AttributeInstructions.storeInDictionary(pc, operand(w.a, fp, k), pc.name(w.c, fp), operand(w.b, fp, k)) ? 1 : 0
  case .loadAttrDictionary: value = AttributeInstructions.dictionaryValue(pc, operand(w.b, fp, k), pc.name(w.c, fp))
  case .loadAttrBound: value = AttributeInstructions.boundAtOnce(pc, operand(w.b, fp, k), fp)
  default: return 0
  }
  if value.isNull { return 0 }
  fp[Int(w.a)] = value
  return 1
}

// MARK: calls

/// Appends to a list, which may have to grow; whether it did.
@c func amphis_step_append(_ list: UInt64, _ item: UInt64) -> Int {
  let list = Value(bits: list), item = Value(bits: item)
  return MachineSteps.append(list, item) ? 1 : 0
}

/// Calls a builtin function, method or type with the values behind `slot`: what it answers, or null.
@c func amphis_step_call(_ callee: UInt64, _ slot: UnsafeMutableRawPointer, _ how: UInt64, _ top: UnsafeMutableRawPointer?) -> UInt64 {
  MachineSteps.answer(0, above: top) { vm throws(Raised) in
    try QuietCalls.perform(vm, Value(bits: callee), Threaded.registers(slot), Int(how & 0xFF), QuietCalls.Manner(code: how >> 8)).bits
  }
}

/// Calls a method of a builtin type (`QuietCalls.direct`): what it answers, or null. The receiver lies behind `slot`.
@c func amphis_step_method(_ callee: UInt64, _ slot: UnsafeMutableRawPointer, _ how: UInt64, _ top: UnsafeMutableRawPointer?) -> UInt64 {
  let f = Value(bits: callee).as(NativeFunctionLayout.self), first = Threaded.registers(slot) + 1
  let receiver = first[0]
  guard receiver.isCell && Value(receiver.cellType) == f.pointee.owner || QuietCalls.isReceiver(receiver, of: f) else { return 0 }
  return QuietCalls.direct(f, receiver, first + 1, how, top)
}

/// The same with a function, or a method that has been bound.
@c func amphis_step_function(_ callee: UInt64, _ slot: UnsafeMutableRawPointer, _ how: UInt64, _ top: UnsafeMutableRawPointer?) -> UInt64 {
  let f = Value(bits: callee).as(NativeFunctionLayout.self), receiver = f.pointee.receiver
  // It is known by its code, which another method may share.
  let count = UInt8(truncatingIfNeeded: how)
  guard count >= f.pointee.minArgs, count <= f.pointee.maxArgs else { return 0 }
  let isKnown = f.pointee.owner.isNull || receiver.isCell && Value(receiver.cellType) == f.pointee.owner
  guard isKnown || QuietCalls.isReceiver(receiver, of: f) else { return 0 }
  return QuietCalls.direct(f, receiver, Threaded.registers(slot) + 1, how, top)
}
