// Making and comparing tuples in native code.

import Glibc

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

  /// A tuple of `count` items that the caller fills in before it allocates again.
  @inline(__always)
  private func unfilledTuple(_ count: Int) throws(Raised) -> UnsafeMutablePointer<TupleLayout> {
    let t = try allocateUnfilled(rt.types.tuple, TupleLayout.itemsOffset &+ count &* 8).assumingMemoryBound(to: TupleLayout.self)
    t.pointee.count = count
    return t
  }

  package func tuple(_ a: Value) throws(Raised) -> Value {
    let t = try unfilledTuple(1)
    t.items[0] = a
    return Value(t)
  }
  package func tuple(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let t = try unfilledTuple(2)
    let items = t.items
    items[0] = a
    items[1] = b
    return Value(t)
  }
  package func tuple(_ a: Value, _ b: Value, _ c: Value) throws(Raised) -> Value {
    let t = try unfilledTuple(3)
    let items = t.items
    items[0] = a
    items[1] = b
    items[2] = c
    return Value(t)
  }
  package func tuple(_ a: Value, _ b: Value, _ c: Value, _ d: Value) throws(Raised) -> Value {
    let t = try unfilledTuple(4)
    let items = t.items
    items[0] = a
    items[1] = b
    items[2] = c
    items[3] = d
    return Value(t)
  }

  package func tuple(copying items: UnsafePointer<Value>, count: Int) throws(Raised) -> Value {
    guard count > 0, count < Int.max / 16 else { return try tuple(count: count) }
    let t = try unfilledTuple(count)
    let target = t.items
    if count <= 8 {
      for i in 0..<count { target[i] = items[i] }
    } else {
      target.update(from: items, count: count)
    }
    return Value(t)
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

enum Tuples {
  /// The hash of any tuple. Tuples in it whose class does not say otherwise are hashed in turn without asking their slots.
  static func hash(_ vm: VM, _ v: Value) throws(Raised) -> Int {
    if vm.nativeStackIsLow { throw vm.raiseRecursionError() }
    let t = v.as(TupleLayout.self)
    let n = t.pointee.count
    var sum = TupleType.hashStart
    for i in 0..<n {
      let item = t.items[i]
      let lane: Int
      if item.isSmallInt {
        lane = item.smallInt == -1 ? -2 : item.smallInt
      } else if item.isCell {
        let type = item.cellType
        if type == rt.types.str {
          let known = item.as(StrLayout.self).pointee.hash
          lane = known != -1 ? known : Str.hash(item)
        } else if type == rt.types.tuple || type.pointee.slots.hash == rt.types.tuple.pointee.slots.hash {
          lane = try hash(vm, item)
        } else {
          lane = try vm.hashSlowly(item)
        }
      } else if item.isBool {
        lane = item == .true ? 1 : 0
      } else {
        lane = try vm.hashSlowly(item)
      }
      sum = TupleType.mixed(sum, lane)
    }
    return TupleType.hash(sum, count: n)
  }

  /// `a == b` for tuples whose classes compare as tuples do.
  static func areEqual(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    let x = a.as(TupleLayout.self), y = b.as(TupleLayout.self)
    let n = min(x.pointee.count, y.pointee.count)
    for i in 0..<n {
      if try !ItemCompare.equal(vm, x.items[i], y.items[i]) { return false }
    }
    return x.pointee.count == y.pointee.count
  }

  /// The hash of an exact tuple whose items are inline ints, exact strs or objects that are equal to themselves alone; else -1.
  static func hashAtOnce(_ v: Value) -> Int {
    let t = v.as(TupleLayout.self)
    let n = t.pointee.count
    var sum = TupleType.hashStart
    for i in 0..<n {
      let item = t.items[i]
      let lane: Int
      if item.isSmallInt {
        lane = item.smallInt == -1 ? -2 : item.smallInt
      } else if item.isExactStr {
        let known = item.as(StrLayout.self).pointee.hash
        lane = known != -1 ? known : Str.hash(item)
      } else if item.isCell, HashTable.isIdentity(item.cellType) {
        lane = ObjectType.identityHash(item)
      } else {
        return -1
      }
      sum = TupleType.mixed(sum, lane)
    }
    return TupleType.hash(sum, count: n)
  }

  /// Whether two exact tuples are equal, 1 or 0, where inline ints, strs, bytes and the identity of items tell; -1 when it takes a call, and for
  /// other objects.
  static func equalAtOnce(_ a: Value, _ b: Value) -> Int {
    guard a.isExact(rt.types.tuple), b.isExact(rt.types.tuple) else { return -1 }
    let x = a.as(TupleLayout.self), y = b.as(TupleLayout.self)
    let count = x.pointee.count
    if count != y.pointee.count { return 0 }
    for i in 0..<count {
      let u = x.items[i], v = y.items[i]
      if u == v { continue }
      if Value.bothSmallInts(u, v) { return 0 }
      guard u.isCell, v.isCell, u.cellType == v.cellType else { return -1 }
      if u.cellType == rt.types.str {
        if !Str.equal(u, v) { return 0 }
      } else if u.cellType == rt.types.bytes {
        let p = u.as(BytesLayout.self), q = v.as(BytesLayout.self)
        if p.pointee.count != q.pointee.count || memcmp(p.bytes, q.bytes, p.pointee.count) != 0 { return 0 }
      } else {
        return -1
      }
    }
    return 1
  }
}
