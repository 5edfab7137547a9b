/// `_heapq`: binary heaps in lists.
enum HeapqModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Priority queues: lists in which every item is at most as great as the two at 2k+1 and 2k+2.")
    m.function("heappush", "($module, heap, item, /)", "Add an item, keeping the heap in order.") { vm, _, heap, item throws(Raised) in
      try withList(vm, heap, "heappush") { l throws(Raised) in
        try vm.append(Value(l), item)
        try rise(vm, l, 0, l.pointee.count - 1, max: false)
        return .none
      }
    }
    m.function("heappop", "($module, heap, /)", "Take out the smallest item.") { vm, _, heap throws(Raised) in
      try withList(vm, heap, "heappop") { l throws(Raised) in try pop(vm, l, max: false) }
    }
    m.function("heapreplace", "($module, heap, item, /)", "Take out the smallest item, then add one.") { vm, _, heap, item throws(Raised) in
      try withList(vm, heap, "heapreplace") { l throws(Raised) in try replace(vm, l, item, max: false) }
    }
    m.function("heappushpop", "($module, heap, item, /)", "Add an item, then take out the smallest.") { vm, _, heap, item throws(Raised) in
      try withList(vm, heap, "heappushpop") { l throws(Raised) in
        guard l.pointee.count > 0, let top = l.pointee.items?[0] else { return item }
        if try !less(vm, top, item) { return item }
        return try replace(vm, l, item, max: false)
      }
    }
    m.function("heapify", "($module, heap, /)", "Turn a list into a heap, in place and in linear time.") { vm, _, heap throws(Raised) in
      try withList(vm, heap, "heapify") { l throws(Raised) in try heapify(vm, l, max: false) }
    }
    m.function("_heappop_max", "($module, heap, /)", "heappop for a heap with the greatest item first.") { vm, _, heap throws(Raised) in
      try withList(vm, heap, "_heappop_max") { l throws(Raised) in try pop(vm, l, max: true) }
    }
    m.function("_heapify_max", "($module, heap, /)", "heapify with the greatest item first.") { vm, _, heap throws(Raised) in
      try withList(vm, heap, "_heapify_max") { l throws(Raised) in try heapify(vm, l, max: true) }
    }
    m.function("_heapreplace_max", "($module, heap, item, /)", "heapreplace with the greatest item first.") {
      vm, _, heap, item throws(Raised) in
      try withList(vm, heap, "_heapreplace_max") { l throws(Raised) in try replace(vm, l, item, max: true) }
    }
    m.str("__about__", "Heaps are lists for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k.")
  }

  /// Runs `body` on a heap. Where CPython has the list's storage it gets a copy, whose items then become the list's.
  private static func withList(
    _ vm: VM, _ v: Value, _ function: StaticString, _ body: (ListRef) throws(Raised) -> Value
  ) throws(Raised) -> Value {
    let l = try list(vm, v, function)
    if l.isOwn { return try body(l) }
    let copy = try vm.list(from: v)
    let whole = try vm.call(Value(rt.types.slice), .none)
    let result: Value
    do throws(Raised) { result = try body(copy.as(ListLayout.self)) } catch {
      let pending = vm.takePending()
      try vm.setItem(v, whole, copy)
      vm.thread.pointee.pending = pending
      throw error
    }
    try vm.setItem(v, whole, copy)
    return result
  }

  private static func list(_ vm: VM, _ v: Value, _ function: StaticString) throws(Raised) -> ListRef {
    guard v.isList else {
      throw vm.raise(
        .typeError,
        "\(function)() argument\(function.utf8CodeUnitCount == 7 || isUnary(function) ? "" : " 1") must be list, not \(v.typeName)")
    }
    return v.as(ListLayout.self)
  }
  private static func isUnary(_ function: StaticString) -> Bool {
    let name = "\(function)"
    return name == "heapify" || name == "heappop" || name == "_heappop_max" || name == "_heapify_max"
  }

  @inline(__always)
  private static func less(_ vm: VM, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if Value.bothSmallInts(a, b) { return a.smallInt < b.smallInt }
    if a.isDouble && b.isDouble { return a.double < b.double }
    return try vm.less(a, b)
  }

  /// Whether `a` belongs above `b`.
  @inline(__always)
  private static func above(_ vm: VM, _ a: Value, _ b: Value, _ max: Bool) throws(Raised) -> Bool {
    max ? try less(vm, b, a) : try less(vm, a, b)
  }

  /// A comparison ran Python code: the list must be as long as before.
  @inline(__always)
  private static func items(_ vm: VM, _ l: ListRef, _ count: Int) throws(Raised) -> UnsafeMutablePointer<Value> {
    guard l.pointee.count == count, let items = l.pointee.items else {
      throw vm.raise(.runtimeError, "list changed size during iteration")
    }
    return items
  }

  /// Moves the item at `position` up towards `start`.
  private static func rise(_ vm: VM, _ l: ListRef, _ start: Int, _ position: Int, max: Bool) throws(Raised) {
    let count = l.pointee.count
    var i = position
    var p = try items(vm, l, count)
    guard i < count else { throw vm.raise(.indexError, "index out of range") }
    while i > start {
      let parent = (i - 1) >> 1
      let moves = try above(vm, p[i], p[parent], max)
      p = try items(vm, l, count)
      if !moves { return }
      let x = p[i]
      p[i] = p[parent]
      p[parent] = x
      i = parent
    }
  }

  /// Moves the item at `position` down to a leaf along the better children, then up again to where it belongs: fewer comparisons
  /// than stopping on the way, because items from the end of a heap mostly belong near its end.
  private static func sink(_ vm: VM, _ l: ListRef, _ position: Int, max: Bool) throws(Raised) {
    let count = l.pointee.count
    guard position < count else { throw vm.raise(.indexError, "index out of range") }
    var i = position
    var p = try items(vm, l, count)
    while i < count >> 1 {
      var child = 2 * i + 1
      if child + 1 < count {
        // A tie goes to the right child of a heap, to the right one of a max heap as well.
        if try !above(vm, p[child], p[child + 1], max) { child += 1 }
        p = try items(vm, l, count)
      }
      let x = p[child]
      p[child] = p[i]
      p[i] = x
      i = child
    }
    try rise(vm, l, position, i, max: max)
  }

  private static func pop(_ vm: VM, _ l: ListRef, max: Bool) throws(Raised) -> Value {
    let n = l.pointee.count
    guard n > 0 else { throw vm.raise(.indexError, "index out of range") }
    let last = Lists.remove(l, at: n - 1)
    guard n > 1, let items = l.pointee.items else { return last }
    let top = items[0]
    items[0] = last
    try sink(vm, l, 0, max: max)
    return top
  }

  private static func replace(_ vm: VM, _ l: ListRef, _ item: Value, max: Bool) throws(Raised) -> Value {
    guard l.pointee.count > 0, let items = l.pointee.items else { throw vm.raise(.indexError, "index out of range") }
    let top = items[0]
    items[0] = item
    try sink(vm, l, 0, max: max)
    return top
  }

  private static func heapify(_ vm: VM, _ l: ListRef, max: Bool) throws(Raised) -> Value {
    var i = l.pointee.count >> 1
    while i > 0 {
      i -= 1
      try sink(vm, l, i, max: max)
    }
    return .none
  }
}
