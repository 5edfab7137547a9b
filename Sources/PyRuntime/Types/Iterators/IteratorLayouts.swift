// Memory of the iterators that the evaluator steps without a call, and their steps. `.exhausted` is the end; an iterator that
// has ended stays ended.

/// list_iterator, list_reverseiterator, tuple_iterator and the sequence iterator: `sequence` is null once exhausted.
/// A reverse iterator's `index` runs down; -1 is its end.
struct IndexIteratorLayout {
  var header: CellHeader
  /// As `GeneratorLayout.owner`; `TypeFlags.ownable`
  var owner: UInt = 0
  var sequence: Value
  var index: Int

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: IndexIteratorLayout.self).pointee.sequence)
  }
}

/// range_iterator: `next` is the value to come, `remaining` how many there are. `start` stays as it was, for `__reduce__`.
struct RangeIteratorLayout {
  var header: CellHeader
  /// As `GeneratorLayout.owner`; `TypeFlags.ownable`
  var owner: UInt = 0
  var next: Int
  var step: Int
  var remaining: Int
  var start: Int
}

/// The six dict iterators and set_iterator. `container` is null once exhausted; `size` is the count seen at the start, or -1
/// after a change was reported; `remaining` is how many items should still come.
struct TableIteratorLayout {
  var header: CellHeader
  /// As `GeneratorLayout.owner`; `TypeFlags.ownable`
  var owner: UInt = 0
  var container: Value
  var position: Int
  var size: Int
  var remaining: Int

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: TableIteratorLayout.self).pointee.container)
  }
}

/// enumerate: `index` is a machine integer until it overflows; then `bigIndex` counts on (otherwise null).
struct EnumerateLayout {
  var header: CellHeader
  var iterator: Value
  var bigIndex: Value
  var index: Int

  static let trace: TraceFunction = { cell, tracer in
    let e = cell.assumingMemoryBound(to: EnumerateLayout.self)
    Tracer(tracer).visit(e.pointee.iterator)
    Tracer(tracer).visit(e.pointee.bigIndex)
  }
}

/// zip and map: `iterators` is a tuple; `function` is map's, `strict` zip's.
struct ZipLayout {
  var header: CellHeader
  var iterators: Value
  var function: Value
  var strict: Bool
  /// Nothing but a loop refers to it (`LoopIterators`)
  var isTemporary: Bool

  static let trace: TraceFunction = { cell, tracer in
    let z = cell.assumingMemoryBound(to: ZipLayout.self)
    Tracer(tracer).visit(z.pointee.iterators)
    Tracer(tracer).visit(z.pointee.function)
  }
}

/// Two references: filter (function, iterator), reversed (sequence and a count), callable_iterator (callable, sentinel).
struct PairIteratorLayout {
  var header: CellHeader
  var first: Value
  var second: Value
  var count: Int

  static let trace: TraceFunction = { cell, tracer in
    let p = cell.assumingMemoryBound(to: PairIteratorLayout.self)
    Tracer(tracer).visit(p.pointee.first)
    Tracer(tracer).visit(p.pointee.second)
  }
}

typealias IndexIteratorRef = UnsafeMutablePointer<IndexIteratorLayout>

enum Iterators {
  /// Iterator over an object with `__getitem__` only.
  static func sequence(_ vm: VM, _ v: Value) throws(Raised) -> Value { try indexed(vm, rt.types.sequenceIterator, v, 0) }

  static func indexed(_ vm: VM, _ type: TypeRef, _ sequence: Value, _ index: Int) throws(Raised) -> Value {
    let it = try vm.make(IndexIteratorLayout.self, type)
    it.pointee.sequence = sequence
    it.pointee.index = index
    return Value(it)
  }

  /// `__iter__` of every iterator.
  static let itself: NativeNoArgs = { _, v throws(Raised) in v }

  /// A function of the builtins module, as `__reduce__` results name it.
  static func builtin(_ vm: VM, _ name: StaticString) throws(Raised) -> Value {
    let f = Dicts.get(vm, rt.pointee.builtins, name)
    if f.isNull { throw vm.raise(.attributeError, "\(name)") }
    return f
  }

  /// Step of list_iterator for lists of ours.
  @inline(__always)
  static func nextOfList(_ it: IndexIteratorRef) -> Value {
    guard !it.pointee.sequence.isNull else { return .exhausted }
    let l = it.pointee.sequence.as(ListLayout.self)
    let i = it.pointee.index
    if i < l.pointee.count, let items = l.pointee.items {
      it.pointee.index = i &+ 1
      return items[i]
    }
    it.pointee.sequence = .null
    return .exhausted
  }

  /// Step of tuple_iterator.
  @inline(__always)
  static func nextOfTuple(_ it: IndexIteratorRef) -> Value {
    guard !it.pointee.sequence.isNull else { return .exhausted }
    let t = it.pointee.sequence.as(TupleLayout.self)
    let i = it.pointee.index
    if i < t.pointee.count {
      it.pointee.index = i &+ 1
      return t.items[i]
    }
    it.pointee.sequence = .null
    return .exhausted
  }

  /// Step of range_iterator; null when the value is not an inline int (ask the slot then; the iterator has not moved).
  @inline(__always)
  static func nextOfRange(_ it: UnsafeMutablePointer<RangeIteratorLayout>) -> Value {
    guard it.pointee.remaining > 0 else { return .exhausted }
    let i = it.pointee.next
    guard Value.fitsSmallInt(i) else { return .null }
    it.pointee.next = i &+ it.pointee.step
    it.pointee.remaining &-= 1
    return Value(smallInt: i)
  }

  /// `vm.next` with the steps of the commonest iterators in line. `it` is an iterator, as `vm.iter` answers.
  @inline(__always)
  static func next(_ vm: VM, _ it: Value) throws(Raised) -> Value {
    let type = it.cellType
    if type == rt.types.listIterator {
      let p = it.as(IndexIteratorLayout.self)
      if !p.pointee.sequence.isNull, p.pointee.sequence.as(ListLayout.self).isOwn { return nextOfList(p) }
    } else if type == rt.types.tupleIterator {
      return nextOfTuple(it.as(IndexIteratorLayout.self))
    } else if type == rt.types.rangeIterator {
      let value = nextOfRange(it.as(RangeIteratorLayout.self))
      if !value.isNull { return value }
    }
    return try vm.next(it)
  }

  /// Step of a dict iterator as far as it needs no error: the entry, or nil at the end and when the dict changed size.
  @inline(__always)
  static func nextOfDict(_ it: UnsafeMutablePointer<TableIteratorLayout>) -> UnsafeMutablePointer<DictEntry>? {
    guard !it.pointee.container.isNull else { return nil }
    let d = it.pointee.container.as(DictLayout.self)
    guard d.pointee.count == it.pointee.size, it.pointee.remaining > 0, let entries = d.pointee.entries else { return nil }
    var i = it.pointee.position
    let used = d.pointee.used
    while i < used {
      let e = entries + i
      i &+= 1
      if e.pointee.key != .tombstone {
        it.pointee.position = i
        it.pointee.remaining &-= 1
        return e
      }
    }
    return nil
  }

  /// Step of a set's iterator as far as it needs no error: null at its end, when the set has changed size, and when its storage is CPython's.
  @inline(__always)
  static func nextOfSet(_ it: UnsafeMutablePointer<TableIteratorLayout>) -> Value {
    guard !it.pointee.container.isNull else { return .null }
    let s = it.pointee.container.as(SetLayout.self)
    guard s.pointee.count == it.pointee.size, let entries = s.pointee.entries else { return .null }
    var i = it.pointee.position
    let used = s.pointee.used
    while i >= 0 && i < used {
      let key = entries[i].key
      i &+= 1
      if key != .tombstone {
        it.pointee.position = i
        it.pointee.remaining &-= 1
        return key
      }
    }
    return .null
  }
}
