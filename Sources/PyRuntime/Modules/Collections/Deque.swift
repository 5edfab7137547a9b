import Glibc

/// A ring: item i lies at `items[(head + i) & (capacity - 1)]`; all other words are null. `items` is a value buffer of its own;
/// capacity is a power of two, or 0 without one. `maximum` is -1 for no limit. `state` changes with every change of length or
/// order, so that iterators notice.
struct DequeLayout {
  var header: CellHeader
  var items: UnsafeMutablePointer<Value>?
  var capacity: Int
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
    let items = try vm.allocateValues(capacity)
    for i in 0..<d.pointee.count { items[i] = d.item(i) }
    d.pointee.items = items
    d.pointee.capacity = capacity
    d.pointee.head = 0
  }

  static func append(_ vm: VM, _ d: DequeRef, _ item: Value) throws(Raised) {
    if d.pointee.maximum == 0 { return }
    if d.pointee.count == d.pointee.maximum { _ = popLeft(d) }
    if d.pointee.count == d.pointee.capacity { try reserve(vm, d, d.pointee.count &+ 1) }
    d.pointee.count &+= 1
    d.setItem(d.pointee.count &- 1, item)
    d.pointee.state &+= 1
  }

  static func appendLeft(_ vm: VM, _ d: DequeRef, _ item: Value) throws(Raised) {
    if d.pointee.maximum == 0 { return }
    if d.pointee.count == d.pointee.maximum { _ = pop(d) }
    if d.pointee.count == d.pointee.capacity { try reserve(vm, d, d.pointee.count &+ 1) }
    d.pointee.head = (d.pointee.head &- 1) & (d.pointee.capacity &- 1)
    d.pointee.count &+= 1
    d.setItem(0, item)
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
