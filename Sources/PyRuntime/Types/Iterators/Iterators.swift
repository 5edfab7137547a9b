// What iterator types share.

extension Iterators {
  /// `__class_getitem__` of generic builtin classes.
  static let genericAlias: NativeOne = { vm, cls, item throws(Raised) in
    try GenericAliasType.make(vm, cls, item)
  }

  /// `sequence[i]` by the sequence protocol.
  static func item(_ vm: VM, _ sequence: Value, _ i: Int) throws(Raised) -> Value {
    if let slot = sequence.type.pointee.slots.item { return try slot(vm, sequence, i) }
    return try vm.getItem(sequence, try vm.int(i))
  }

  /// The item, or `.exhausted` when the sequence raises IndexError or StopIteration.
  static func itemOrEnd(_ vm: VM, _ sequence: Value, _ i: Int) throws(Raised) -> Value {
    // A builtin's end is known before it is reached: no exception is made for it.
    let type = sequence.type
    if type.pointee.flags.isDisjoint(with: [.heapType, .foreign]), let length = type.pointee.slots.sequenceLength,
      type.pointee.slots.item != nil, i >= (try length(vm, sequence))
    {
      return .exhausted
    }
    do throws(Raised) { return try item(vm, sequence, i) } catch {
      guard vm.pendingIs(.indexError) || vm.pendingIs(.stopIteration) else { throw error }
      vm.clearPending()
      return .exhausted
    }
  }

  /// `(iter, (empty,))`: how an exhausted iterator pickles.
  static func exhaustedState(_ vm: VM, _ empty: Value) throws(Raised) -> Value {
    try vm.tuple(try builtin(vm, "iter"), try vm.tuple(empty))
  }

  /// `(constructor, (argument,), index)`
  static func state(_ vm: VM, _ constructor: StaticString, _ argument: Value, _ index: Int) throws(Raised) -> Value {
    try vm.tuple(try builtin(vm, constructor), try vm.tuple(argument), try vm.int(index))
  }

  static func hasLength(_ v: Value) -> Bool {
    v.type.pointee.slots.sequenceLength != nil || v.type.pointee.slots.mappingLength != nil
  }
}

/// Iterators over a sequence and an index into it.
enum ListIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come, if the list stays as it is.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> IndexIteratorRef { v.as(IndexIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let list = it.pointee.sequence
    if !list.isNull, list.as(ListLayout.self).pointee.foreign != nil {
      let item = try Iterators.itemOrEnd(vm, list, it.pointee.index)
      if item == .exhausted { it.pointee.sequence = .null } else { it.pointee.index &+= 1 }
      return item
    }
    return Iterators.nextOfList(it)
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return Value(smallInt: 0) }
    return try vm.int(max(0, try ListType.count(vm, it.pointee.sequence) &- it.pointee.index))
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return try Iterators.exhaustedState(vm, try vm.list()) }
    return try Iterators.state(vm, "iter", it.pointee.sequence, it.pointee.index)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    let i = try vm.asInt(state)
    if it.pointee.sequence.isNull { return .none }
    it.pointee.index = min(max(0, i), try ListType.count(vm, it.pointee.sequence))
    return .none
  }
}

enum ListReverseIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come, if the list stays as it is.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> IndexIteratorRef { v.as(IndexIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let list = it.pointee.sequence
    if list.isNull { return .exhausted }
    let i = it.pointee.index
    let count = try ListType.count(vm, list)
    if i >= 0 && i < count {
      it.pointee.index = i &- 1
      return try Iterators.item(vm, list, i)
    }
    it.pointee.index = -1
    it.pointee.sequence = .null
    return .exhausted
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    let n = it.pointee.index &+ 1
    if it.pointee.sequence.isNull { return Value(smallInt: 0) }
    if try ListType.count(vm, it.pointee.sequence) < n { return Value(smallInt: 0) }
    return try vm.int(n)
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return try Iterators.exhaustedState(vm, try vm.list()) }
    return try Iterators.state(vm, "reversed", it.pointee.sequence, it.pointee.index)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    let i = try vm.asInt(state)
    if it.pointee.sequence.isNull { return .none }
    it.pointee.index = min(max(-1, i), try ListType.count(vm, it.pointee.sequence) &- 1)
    return .none
  }
}

enum TupleIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode { _, v throws(Raised) in Iterators.nextOfTuple(v.as(IndexIteratorLayout.self)) }
    t.method("__length_hint__", "($self, /)", "How many items are still to come.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> IndexIteratorRef { v.as(IndexIteratorLayout.self) }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return Value(smallInt: 0) }
    return try vm.int(max(0, it.pointee.sequence.as(TupleLayout.self).pointee.count &- it.pointee.index))
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return try Iterators.exhaustedState(vm, try vm.tuple(count: 0)) }
    return try Iterators.state(vm, "iter", it.pointee.sequence, it.pointee.index)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    let i = try vm.asInt(state)
    if it.pointee.sequence.isNull { return .none }
    it.pointee.index = min(max(0, i), it.pointee.sequence.as(TupleLayout.self).pointee.count)
    return .none
  }
}

/// Over anything with `__getitem__`, until it raises IndexError.
enum SequenceIteratorType {
  static func declare(_ t: inout TypeBuilder) {
    t.trace(IndexIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__length_hint__", "($self, /)", "How many items are still to come, if the sequence has a length.", lengthHint)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
    t.method("__setstate__", "($self, object, /)", "Restores a pickled position.", setState)
  }
  private static func layout(_ v: Value) -> IndexIteratorRef { v.as(IndexIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return .exhausted }
    let i = it.pointee.index
    if i == Int.max { throw vm.raise(.overflowError, "iter index too large") }
    let item = try Iterators.itemOrEnd(vm, it.pointee.sequence, i)
    if item == .exhausted {
      it.pointee.sequence = .null
    } else {
      it.pointee.index = i &+ 1
    }
    return item
  }

  private static let lengthHint: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return Value(smallInt: 0) }
    if !Iterators.hasLength(it.pointee.sequence) { return .notImplemented }
    return try vm.int(max(0, try vm.length(it.pointee.sequence) &- it.pointee.index))
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.sequence.isNull { return try Iterators.exhaustedState(vm, try vm.tuple(count: 0)) }
    return try Iterators.state(vm, "iter", it.pointee.sequence, it.pointee.index)
  }

  private static let setState: NativeOne = { vm, v, state throws(Raised) in
    let it = layout(v)
    let i = try vm.asInt(state)
    if !it.pointee.sequence.isNull { it.pointee.index = max(0, i) }
    return .none
  }
}

/// `iter(callable, sentinel)`
enum CallableIteratorType {
  static func make(_ vm: VM, _ callable: Value, _ sentinel: Value) throws(Raised) -> Value {
    let it = try vm.make(PairIteratorLayout.self, rt.types.callableIterator)
    it.pointee.first = callable
    it.pointee.second = sentinel
    return Value(it)
  }

  static func declare(_ t: inout TypeBuilder) {
    t.trace(PairIteratorLayout.trace)
    t.slots.iter = NoArgsCode(Iterators.itself)
    t.slots.next = NoArgsCode(next)
    t.method("__reduce__", "($self, /)", "State for pickling.", reduce)
  }
  private static func layout(_ v: Value) -> UnsafeMutablePointer<PairIteratorLayout> { v.as(PairIteratorLayout.self) }

  private static let next: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.first.isNull { return .exhausted }
    let item: Value
    do throws(Raised) { item = try vm.call(it.pointee.first) } catch {
      guard vm.pendingIs(.stopIteration) else { throw error }
      vm.clearPending()
      it.pointee.first = .null
      it.pointee.second = .null
      return .exhausted
    }
    // The call may have exhausted this very iterator.
    if it.pointee.second.isNull { return .exhausted }
    if try ItemCompare.equal(vm, it.pointee.second, item) {
      it.pointee.first = .null
      it.pointee.second = .null
      return .exhausted
    }
    return item
  }

  private static let reduce: NativeNoArgs = { vm, v throws(Raised) in
    let it = layout(v)
    if it.pointee.first.isNull { return try Iterators.exhaustedState(vm, try vm.tuple(count: 0)) }
    return try vm.tuple(try Iterators.builtin(vm, "iter"), try vm.tuple(it.pointee.first, it.pointee.second))
  }
}
