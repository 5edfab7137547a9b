// Making and changing lists from native code. Slots of a list's buffer beyond `count` are null, so that the collector, which
// sees the whole buffer, keeps nothing alive that was taken out.

import Glibc

extension VM {
  package func list(capacity: Int = 0) throws(Raised) -> Value {
    if capacity == 0 { return Value(try make(ListLayout.self, rt.types.list)) }
    let items = try allocateValues(capacity)
    let l = try make(ListLayout.self, rt.types.list)
    l.pointee.items = items
    l.pointee.capacity = capacity
    return Value(l)
  }

  package func list(copying items: UnsafePointer<Value>, count: Int) throws(Raised) -> Value {
    if count == 0 { return try list() }
    // Room in the buffer that its cell has anyway is the list's.
    let room = (rt.heapPointer.pointee.roundedSize(BufferCell.headerSize &+ count &* 8) &- BufferCell.headerSize) / 8
    let target = try allocateValues(room, copying: items, used: count)
    let l = try make(ListLayout.self, rt.types.list)
    l.pointee.items = target
    l.pointee.capacity = room
    l.pointee.count = count
    return Value(l)
  }

  /// `list(iterable)`
  package func list(from iterable: Value) throws(Raised) -> Value {
    if let run = Lists.plainItems(iterable) { return try list(copying: run.items, count: run.count) }
    let result = try list()
    try Lists.extend(self, result.as(ListLayout.self), iterable)
    return result
  }

  /// Appends to an exact list or a subclass instance, as `list.append` does.
  @inline(__always)
  package func append(_ list: Value, _ item: Value) throws(Raised) {
    let l = list.as(ListLayout.self)
    if !Lists.appendAtOnce(l, item) { try Lists.appendSlowly(self, l, item) }
  }
}

extension Lists {
  /// Appends to a list that has room; whether it had.
  @inline(__always)
  static func appendAtOnce(_ list: ListRef, _ item: Value) -> Bool {
    let count = list.pointee.count
    guard count < list.pointee.capacity, let items = list.pointee.items else { return false }
    items[count] = item
    list.pointee.count = count &+ 1
    return true
  }
}

package typealias ListRef = UnsafeMutablePointer<ListLayout>

extension UnsafeMutablePointer where Pointee == ListLayout {
  @inline(__always) package var isOwn: Bool { pointee.foreign == nil }
}

/// Values in consecutive memory inside some cell. Good until that cell's owner changes.
package struct ItemRun {
  package let items: UnsafeMutablePointer<Value>
  package let count: Int
}

package enum Lists {
  /// For the address of "no items", never read.
  private static let nothing = UnsafeMutablePointer<Value>(bitPattern: 16).unsafelyUnwrapped

  /// The items of an exact tuple or list, where they lie.
  @inline(__always)
  package static func plainItems(_ v: Value) -> ItemRun? {
    guard v.isCell else { return nil }
    if v.cellType == rt.types.tuple {
      let t = v.as(TupleLayout.self)
      return ItemRun(items: t.items, count: t.pointee.count)
    }
    if v.cellType == rt.types.list {
      let l = v.as(ListLayout.self)
      if l.pointee.foreign != nil { return nil }
      return ItemRun(items: l.pointee.items ?? nothing, count: l.pointee.count)
    }
    return nil
  }

  /// The items of any tuple or list, subclasses included.
  package static func items(of v: Value) -> ItemRun? {
    if v.isTuple {
      let t = v.as(TupleLayout.self)
      return ItemRun(items: t.items, count: t.pointee.count)
    }
    if v.isList, v.as(ListLayout.self).pointee.foreign == nil {
      let l = v.as(ListLayout.self)
      return ItemRun(items: l.pointee.items ?? nothing, count: l.pointee.count)
    }
    return nil
  }

  /// CPython's PySequence_Fast: a tuple or list of the items, the object itself when it is one.
  package static func sequence(_ vm: VM, _ v: Value, _ message: String) throws(Raised) -> Value {
    if items(of: v) != nil { return v }
    do throws(Raised) {
      _ = try vm.iter(v)
    } catch {
      if vm.pendingIs(.typeError) {
        vm.clearPending()
        throw vm.raise(.typeError, message)
      }
      throw error
    }
    return try vm.list(from: v)
  }

  /// Room for at least `wanted` items; existing ones stay, `count` is unchanged.
  package static func reserve(_ vm: VM, _ l: ListRef, _ wanted: Int) throws(Raised) {
    if wanted <= l.pointee.capacity { return }
    guard wanted < Int.max / 16 else { throw vm.raiseMemoryError() }
    // Short lists grow by half: what they would waste is less than what copying them again costs.
    let capacity = (wanted &+ (wanted < 2048 ? wanted >> 1 : wanted >> 3) &+ 6) & ~3
    let (items, room) = try vm.reallocateValues(l.pointee.items, used: l.pointee.count, capacity)
    l.pointee.items = items
    l.pointee.capacity = room
  }

  @inline(never)
  package static func appendSlowly(_ vm: VM, _ l: ListRef, _ item: Value) throws(Raised) {
    if l.pointee.foreign != nil {
      _ = try Foreign.call(vm, Value(l), "append", item)
      return
    }
    try reserve(vm, l, l.pointee.count &+ 1)
    guard let items = l.pointee.items else { return }
    items[l.pointee.count] = item
    l.pointee.count &+= 1
  }

  /// Shortens the list to `count` items, forgetting the others.
  package static func truncate(_ l: ListRef, _ count: Int) {
    guard let items = l.pointee.items, count < l.pointee.count else { return }
    if count == 0 {
      l.pointee.items = nil
      l.pointee.capacity = 0
    } else {
      (items + count).update(repeating: .null, count: l.pointee.count &- count)
    }
    l.pointee.count = count
  }

  /// `list.extend(iterable)` on a list of ours.
  package static func extend(_ vm: VM, _ l: ListRef, _ iterable: Value) throws(Raised) {
    if let run = plainItems(iterable) {
      let n = run.count
      if n == 0 { return }
      let (total, overflow) = l.pointee.count.addingReportingOverflow(n)
      if overflow { throw vm.raiseMemoryError() }
      try reserve(vm, l, total)
      // `run` may be this very list, whose buffer may just have moved; its first n items are the same.
      guard let target = l.pointee.items else { return }
      let source = iterable == Value(l) ? target : run.items
      (target + l.pointee.count).update(from: source, count: n)
      l.pointee.count = total
      return
    }
    let it = try vm.iter(iterable)
    let hint = try vm.lengthHint(iterable, 8)
    let (expected, overflow) = l.pointee.count.addingReportingOverflow(hint)
    if !overflow { try reserve(vm, l, expected) }
    while true {
      let item = try Iterators.next(vm, it)
      if item == .exhausted { return }
      try vm.append(Value(l), item)
    }
  }

  /// Inserts before `index`, which is 0 ... count.
  package static func insert(_ vm: VM, _ l: ListRef, at index: Int, _ item: Value) throws(Raised) {
    try reserve(vm, l, l.pointee.count &+ 1)
    guard let items = l.pointee.items else { return }
    let tail = l.pointee.count &- index
    if tail > 0 { memmove(items + index + 1, items + index, tail &* 8) }
    items[index] = item
    l.pointee.count &+= 1
  }

  /// Takes out the item at `index`, which is 0 ..< count.
  package static func remove(_ l: ListRef, at index: Int) -> Value {
    guard let items = l.pointee.items else { return .null }
    let item = items[index]
    let last = l.pointee.count &- 1
    if index < last { memmove(items + index, items + index + 1, (last &- index) &* 8) }
    items[last] = .null
    l.pointee.count = last
    return item
  }
}
