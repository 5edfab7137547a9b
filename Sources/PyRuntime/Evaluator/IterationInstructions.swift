/// Bodies of the loop instructions that step an iterator of a known type.
enum IterationInstructions {
  /// Outcome of a step that unpacks.
  enum Step {
    /// Both registers are written.
    case item
    case end
    /// The iterator is of another kind; nothing has happened.
    case other
  }

  /// Whether a list iterator runs over a list whose storage is ours (or is exhausted).
  @inline(__always)
  static func isOwnList(_ iterator: Value) -> Bool {
    let sequence = iterator.as(IndexIteratorLayout.self).pointee.sequence
    return sequence.isNull || sequence.as(ListLayout.self).pointee.foreign == nil
  }

  /// Whether the FOR_ITER at `pc` is followed by an UNPACK2 of its result, which nothing else can see: the result is in a temporary.
  static func unpacksPair(_ pc: CodePointer, _ fp: Registers) -> Bool {
    let next = (pc + 2).pointee
    return next.instruction == .unpack2 && next.c == pc.pointee.a && Int(next.c) >= Int(fp.frameCode.pointee.nlocalsplus)
  }

  @inline(__always)
  static func store(_ fp: Registers, _ pc: CodePointer, _ first: Value, _ second: Value) {
    fp[Int((pc + 2).pointee.a)] = first
    fp[Int((pc + 2).pointee.b)] = second
  }

  /// A step of a dict's iterator over keys or values or of a set's, str's or bytes'; null when it is another.
  @inline(never)
  static func nextOfDict(_ vm: VM, _ iterator: Value, _ pc: CodePointer) throws(Raised) -> Value {
    guard iterator.isCell else { return .null }
    let isKeys = iterator.cellType == rt.types.dictKeyIterator
    guard isKeys || iterator.cellType == rt.types.dictValueIterator else {
      return Quickening.isStepped(iterator.cellType) ? try vm.next(iterator) : .null
    }
    guard let entry = try DictIterators.step(vm, DictIterators.layout(iterator), backward: false) else { return .exhausted }
    return isKeys ? entry.pointee.key : entry.pointee.value
  }

  @inline(never)
  static func nextOfItems(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) -> Step {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.dictItemIterator) else { return .other }
    guard let entry = try DictIterators.step(vm, DictIterators.layout(iterator), backward: false) else { return .end }
    store(fp, pc, entry.pointee.key, entry.pointee.value)
    return .item
  }

  @inline(never)
  static func nextOfEnumerate(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) -> Step {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.enumerate) else { return .other }
    var index = Value.null
    let item = try EnumerateType.step(vm, iterator.as(EnumerateLayout.self), index: &index)
    if item == .exhausted { return .end }
    store(fp, pc, index, item)
    return .item
  }

  @inline(never)
  static func nextOfZip(_ vm: VM, _ fp: Registers, _ pc: CodePointer) throws(Raised) -> Step {
    let iterator = fp[Int(pc.pointee.b)]
    guard iterator.isExact(rt.types.zip), case let z = iterator.as(ZipLayout.self), !z.pointee.strict,
      case let iterators = z.pointee.iterators.as(TupleLayout.self), iterators.pointee.count == 2
    else { return .other }
    let first = try Iterators.next(vm, iterators.items[0])
    if first == .exhausted { return .end }
    let second = try Iterators.next(vm, iterators.items[1])
    if second == .exhausted { return .end }
    store(fp, pc, first, second)
    return .item
  }
}
