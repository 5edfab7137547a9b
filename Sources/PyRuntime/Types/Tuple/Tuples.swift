// Making tuples from native code.

extension VM {
  /// A tuple of `count` nulls to fill at once.
  @inline(__always)
  package func tuple(count: Int) throws(Raised) -> Value {
    if count == 0 { return rt.pointee.emptyTuple.isNull ? try makeTuple(0) : rt.pointee.emptyTuple }
    return try makeTuple(count)
  }

  @inline(__always)
  private func makeTuple(_ count: Int) throws(Raised) -> Value {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: 8)
    guard !overflow, count >= 0, bytes < Int.max - 64 else { throw raiseMemoryError() }
    let t = try allocate(rt.types.tuple, TupleLayout.itemsOffset &+ bytes).assumingMemoryBound(to: TupleLayout.self)
    t.pointee.count = count
    return Value(t)
  }

  package func tuple(_ a: Value) throws(Raised) -> Value {
    let t = try makeTuple(1)
    t.as(TupleLayout.self).items[0] = a
    return t
  }
  package func tuple(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let t = try makeTuple(2)
    let items = t.as(TupleLayout.self).items
    items[0] = a
    items[1] = b
    return t
  }
  package func tuple(_ a: Value, _ b: Value, _ c: Value) throws(Raised) -> Value {
    let t = try makeTuple(3)
    let items = t.as(TupleLayout.self).items
    items[0] = a
    items[1] = b
    items[2] = c
    return t
  }
  package func tuple(_ a: Value, _ b: Value, _ c: Value, _ d: Value) throws(Raised) -> Value {
    let t = try makeTuple(4)
    let items = t.as(TupleLayout.self).items
    items[0] = a
    items[1] = b
    items[2] = c
    items[3] = d
    return t
  }

  package func tuple(copying items: UnsafePointer<Value>, count: Int) throws(Raised) -> Value {
    let t = try tuple(count: count)
    if count > 0 { t.as(TupleLayout.self).items.update(from: items, count: count) }
    return t
  }

  /// `tuple(iterable)`
  package func tuple(from iterable: Value) throws(Raised) -> Value {
    if iterable.isExact(rt.types.tuple) { return iterable }
    if iterable.isExact(rt.types.list) { return try tuple(copyingList: iterable) }
    return try tuple(copyingList: try list(from: iterable))
  }

  /// The items of a list that is not backed by CPython.
  private func tuple(copyingList list: Value) throws(Raised) -> Value {
    let l = list.as(ListLayout.self)
    if l.pointee.foreign != nil { return try tuple(copyingList: try self.list(from: list)) }
    let count = l.pointee.count
    guard count > 0, let items = l.pointee.items else { return try tuple(count: 0) }
    return try tuple(copying: items, count: count)
  }
}
