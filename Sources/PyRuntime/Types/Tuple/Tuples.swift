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
        } else if isPlain(type) {
          let known = TupleHashes.hash(item, 0)
          lane = known != -1 ? known : try hash(vm, item)
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

  /// How deep tuples in tuples are followed where no native stack is checked
  private static let depthAtOnce = 6

  /// Whether instances are hashed and compared as tuples are.
  @inline(__always)
  static func isPlain(_ type: TypeRef) -> Bool {
    let tuple = rt.types.tuple
    return type == tuple || type.pointee.slots.hash == tuple.pointee.slots.hash && type.pointee.slots.compare == tuple.pointee.slots.compare
  }

  /// The hash of a tuple whose items are constants, numbers of a word, exact strs, objects that are equal to themselves alone, or tuples of
  /// these; else -1.
  static func hashAtOnce(_ v: Value, _ depth: Int = 0) -> Int {
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
      } else {
        lane = HashTable.plainHash(item, depth &+ 1)
        if lane == -1 { return -1 }
      }
      sum = TupleType.mixed(sum, lane)
    }
    return TupleType.hash(sum, count: n)
  }
  /// Whether `hashAtOnce` may go on to a tuple this deep.
  @inline(__always) static func isShallow(_ depth: Int) -> Bool { depth < depthAtOnce }

  /// Whether two tuples of one type are equal, 1 or 0; -1 when it takes a call, and for other objects.
  static func equalAtOnce(_ a: Value, _ b: Value, _ depth: Int = 0) -> Int {
    guard a.isCell, b.isCell, a.cellType == b.cellType, isPlain(a.cellType), isShallow(depth) else { return -1 }
    let x = a.as(TupleLayout.self), y = b.as(TupleLayout.self)
    let count = x.pointee.count
    // Comparing the first items may raise, whatever the counts are.
    for i in 0..<min(count, y.pointee.count) {
      let known = sameAtOnce(x.items[i], y.items[i], depth)
      if known <= 0 { return known }
    }
    return count == y.pointee.count ? 1 : 0
  }

  /// Whether one is the other or equal to it, 1 or 0, where their types are known to say so; -1 when it takes a call.
  @inline(__always)
  private static func sameAtOnce(_ u: Value, _ v: Value, _ depth: Int) -> Int {
    if u == v { return 1 }
    if Value.bothSmallInts(u, v) { return 0 }
    if u.isCell && v.isCell {
      let type = u.cellType, other = v.cellType
      if type == rt.types.str && other == rt.types.str { return Str.equal(u, v) ? 1 : 0 }
      if type == rt.types.bytes && other == rt.types.bytes {
        let p = u.as(BytesLayout.self), q = v.as(BytesLayout.self)
        return p.pointee.count == q.pointee.count && memcmp(p.bytes, q.bytes, p.pointee.count) == 0 ? 1 : 0
      }
      if HashTable.isIdentity(type) && HashTable.isIdentity(other) { return 0 }
      return equalAtOnce(u, v, depth &+ 1)
    }
    if u.isCell || v.isCell { return -1 }
    // A constant that is no number is equal to nothing else.
    guard let x = number(u), let y = number(v) else { return 0 }
    return x == y ? 1 : 0
  }
  @inline(__always) private static func number(_ v: Value) -> Double? {
    if v.isDouble { return v.double }
    if v.isSmallInt { return Double(v.smallInt) }
    return v.isBool ? (v == .true ? 1 : 0) : nil
  }

  /// `sameAtOnce` for keys of a table that have the same hash.
  static func sameKey(_ k: Value, _ key: Value) -> Int { sameAtOnce(k, key, 0) }
}
