import Glibc

/// A ring: item i lies at `items[(head + i) & (capacity - 1)]`. `items` is a value buffer of its own; capacity is a power of two, or 0
/// without one. Of its words the first `filled` are items or null, and the buffer says that it has no more; those behind them have never been
/// written. `maximum` is -1 for no limit. `state` changes with every change of length or order, so that iterators notice.
struct DequeLayout {
  var header: CellHeader
  var items: UnsafeMutablePointer<Value>?
  var capacity: Int
  var filled: Int
  var head: Int
  var count: Int
  var maximum: Int
  var state: Int

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visitBuffer(cell.assumingMemoryBound(to: DequeLayout.self).pointee.items)
  }
}
typealias DequeRef = UnsafeMutablePointer<DequeLayout>

extension UnsafeMutablePointer where Pointee == DequeLayout {
  /// Item `i`, which is 0 ..< count.
  @inline(__always) func item(_ i: Int) -> Value {
    guard let items = pointee.items else { return .null }
    return items[(pointee.head &+ i) & (pointee.capacity &- 1)]
  }
  @inline(__always) func setItem(_ i: Int, _ value: Value) {
    pointee.items?[(pointee.head &+ i) & (pointee.capacity &- 1)] = value
  }
}

enum Deques {
  static func reserve(_ vm: VM, _ d: DequeRef, _ wanted: Int) throws(Raised) {
    if wanted <= d.pointee.capacity { return }
    guard wanted < Int.max / 32 else { throw vm.raiseMemoryError() }
    var capacity = max(8, d.pointee.capacity)
    while capacity < wanted { capacity &*= 2 }
    let count = d.pointee.count, head = d.pointee.head, old = d.pointee.items
    let bytes = BufferCell.headerSize &+ capacity &* 8, isSmall = bytes <= HeapGeometry.largestSmallCell
    var items: UnsafeMutablePointer<Value>?
    if let old, head == 0, !isSmall,
      rt.heapPointer.pointee.extendLarge(
        UnsafeMutableRawPointer(old) - BufferCell.headerSize, to: rt.heapPointer.pointee.roundedSize(bytes))
    {
      items = old
    } else if isSmall {
      items = try vm.allocateValues(capacity)
      d.pointee.filled = capacity
    } else {
      let cell = try vm.allocateUnfilled(rt.types.valueBuffer, bytes)
      cell.storeBytes(of: count, toByteOffset: 8, as: Int.self)
      items = (cell + BufferCell.headerSize).assumingMemoryBound(to: Value.self)
      d.pointee.filled = count
    }
    if let old, let items, items != old {
      let first = min(count, d.pointee.capacity &- head)
      items.update(from: old + head, count: first)
      if first < count { (items + first).update(from: old, count: count &- first) }
      // Nobody keeps the address of a deque's items beyond a look at one of them.
      vm.freeBuffer(old)
    }
    d.pointee.items = items
    d.pointee.capacity = capacity
    d.pointee.head = 0
  }

  /// Makes the words of the buffer before `end` null, as far as they have not been written, and some that will be next.
  @inline(never)
  private static func fill(_ d: DequeRef, _ end: Int) {
    guard let items = d.pointee.items, d.pointee.filled < d.pointee.capacity else { return }
    let filled = d.pointee.filled, next = min(d.pointee.capacity, max(end, filled &+ 128))
    (items + filled).update(repeating: .null, count: next &- filled)
    (UnsafeMutableRawPointer(items) - BufferCell.headerSize).storeBytes(of: next, toByteOffset: 8, as: Int.self)
    d.pointee.filled = next
  }
  /// Before items are put where none has been, other than by `append` and `appendLeft`.
  static func fill(_ d: DequeRef) { fill(d, d.pointee.capacity) }

  /// The items of a deque that lie one behind the other; nil for others, and for empty ones. Right until the deque changes.
  static func run(_ v: Value) -> ItemRun? {
    guard v.isCell, Value(v.cellType) == DequeType.type, case let d = v.as(DequeLayout.self), d.pointee.count > 0,
      d.pointee.head &+ d.pointee.count <= d.pointee.capacity, let items = d.pointee.items
    else { return nil }
    return ItemRun(items: items + d.pointee.head, count: d.pointee.count)
  }

  static func append(_ vm: VM, _ d: DequeRef, _ item: Value) throws(Raised) {
    if d.pointee.maximum == 0 { return }
    if d.pointee.count == d.pointee.maximum { _ = popLeft(d) }
    if d.pointee.count == d.pointee.capacity { try reserve(vm, d, d.pointee.count &+ 1) }
    let place = (d.pointee.head &+ d.pointee.count) & (d.pointee.capacity &- 1)
    if place >= d.pointee.filled { fill(d, place &+ 1) }
    d.pointee.items?[place] = item
    d.pointee.count &+= 1
    d.pointee.state &+= 1
  }

  static func appendLeft(_ vm: VM, _ d: DequeRef, _ item: Value) throws(Raised) {
    if d.pointee.maximum == 0 { return }
    if d.pointee.count == d.pointee.maximum { _ = pop(d) }
    if d.pointee.count == d.pointee.capacity { try reserve(vm, d, d.pointee.count &+ 1) }
    let place = (d.pointee.head &- 1) & (d.pointee.capacity &- 1)
    if place >= d.pointee.filled { fill(d, place &+ 1) }
    d.pointee.items?[place] = item
    d.pointee.head = place
    d.pointee.count &+= 1
    d.pointee.state &+= 1
  }

  /// The last item, taken out. The deque is not empty.
  static func pop(_ d: DequeRef) -> Value {
    let item = d.item(d.pointee.count &- 1)
    d.setItem(d.pointee.count &- 1, .null)
    d.pointee.count &-= 1
    d.pointee.state &+= 1
    return item
  }

  /// The first item, taken out. The deque is not empty.
  static func popLeft(_ d: DequeRef) -> Value {
    let item = d.item(0)
    d.setItem(0, .null)
    d.pointee.head = (d.pointee.head &+ 1) & (d.pointee.capacity &- 1)
    d.pointee.count &-= 1
    d.pointee.state &+= 1
    return item
  }

  static func clear(_ d: DequeRef) {
    d.pointee.items = nil
    d.pointee.capacity = 0
    d.pointee.filled = 0
    d.pointee.head = 0
    d.pointee.count = 0
    d.pointee.state &+= 1
  }

  static func extend(_ vm: VM, _ d: DequeRef, _ iterable: Value, left: Bool) throws(Raised) {
    let source = iterable == Value(d) ? try vm.list(from: iterable) : iterable
    let it = try vm.iter(source)
    while true {
      let item = try Iterators.next(vm, it)
      if item == .exhausted { return }
      if left { try appendLeft(vm, d, item) } else { try append(vm, d, item) }
    }
  }

  /// Turns the ring by n steps to the right.
  static func rotate(_ d: DequeRef, _ n: Int) {
    let count = d.pointee.count
    guard count > 1 else { return }
    fill(d)
    var steps = n % count
    if steps > count / 2 { steps -= count } else if steps < -(count / 2) { steps += count }
    while steps > 0 {
      let item = pop(d)
      d.pointee.head = (d.pointee.head &- 1) & (d.pointee.capacity &- 1)
      d.pointee.count &+= 1
      d.setItem(0, item)
      steps -= 1
    }
    while steps < 0 {
      let item = popLeft(d)
      d.pointee.count &+= 1
      d.setItem(d.pointee.count &- 1, item)
      steps += 1
    }
  }

  /// Takes out item `i`, closing the gap from the nearer end.
  static func remove(_ d: DequeRef, at i: Int) {
    let count = d.pointee.count
    if i < count / 2 {
      var j = i
      while j > 0 {
        d.setItem(j, d.item(j - 1))
        j -= 1
      }
      _ = popLeft(d)
    } else {
      var j = i
      while j < count - 1 {
        d.setItem(j, d.item(j + 1))
        j += 1
      }
      _ = pop(d)
    }
  }

  /// Inserts before item `i` (0 ... count), opening the gap towards the nearer end. There is room below `maximum`.
  static func insert(_ vm: VM, _ d: DequeRef, at i: Int, _ item: Value) throws(Raised) {
    let count = d.pointee.count
    if i < count / 2 {
      try appendLeft(vm, d, item)
      var j = 0
      while j < i {
        d.setItem(j, d.item(j + 1))
        j += 1
      }
    } else {
      try append(vm, d, item)
      var j = count
      while j > i {
        d.setItem(j, d.item(j - 1))
        j -= 1
      }
    }
    d.setItem(i, item)
  }
}
