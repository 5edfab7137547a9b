/// `_queue`: native because `queue`, and with it whatever has a pool of threads, imports it, and because its queues wait by our locks.
enum QueueModule {
  nonisolated(unsafe) private static var emptyError = Value.null

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("What the module queue has its SimpleQueue and Empty from.")
    // One class, however often the module is made anew.
    if emptyError.isNull {
      emptyError = try m.exceptionClass("Empty", of: "_queue", base: Value(rt.types[.exception]))
      try m.vm.setAttribute(
        emptyError, try m.vm.intern("__doc__"), try m.vm.str("Exception raised by Queue.get(block=0)/get_nowait()."))
    }
    m.value("Empty", emptyError)
    try m.type(
      full: "_queue.SimpleQueue", "SimpleQueue", layoutSize: MemoryLayout<SimpleQueueLayout>.size, flags: [.baseType, .weakReferenceable],
      SimpleQueueType.declare)
  }

  static func empty(_ vm: VM) -> Raised {
    do throws(Raised) { return vm.raise(try vm.call(emptyError)) } catch { return error }
  }
}

/// A queue without bounds. `items[first...]` are in it; what lies before them in the list is None.
struct SimpleQueueLayout {
  var header: CellHeader
  /// A list that nobody else has
  var items: Value
  /// Held while the queue is empty and somebody waits; made by the first who does.
  var lock: Value
  var first: Int
  /// Somebody has taken the lock: whoever adds an item, or has got one, lets the next one try.
  var isLocked: Bool

  static let trace: TraceFunction = { cell, tracer in
    let q = cell.assumingMemoryBound(to: SimpleQueueLayout.self)
    Tracer(tracer).visit(q.pointee.items)
    Tracer(tracer).visit(q.pointee.lock)
  }
}

enum SimpleQueueType {
  private typealias Ref = UnsafeMutablePointer<SimpleQueueLayout>
  @inline(__always) private static func layout(_ v: Value) -> Ref { v.as(SimpleQueueLayout.self) }

  static func declare(_ t: inout TypeBuilder) {
    t.doc("SimpleQueue()\n--\n\nA queue without bounds: first in, first out. A finalizer or signal handler may use it at any time.")
    t.trace(SimpleQueueLayout.trace)
    t.slots.new = NewCode { (vm, cls, args) throws(Raised) in
      if cls.asType.pointee.slots.initialize == rt.types.object.pointee.slots.initialize {
        if args.count > 0 { throw vm.raise(.typeError, "SimpleQueue() takes no positional arguments") }
        if args.keywordCount > 0 { throw vm.raise(.typeError, "SimpleQueue() takes no keyword arguments") }
      }
      let items = try vm.list()
      let q = try vm.instance(SimpleQueueLayout.self, of: cls.asType)
      q.pointee.items = items
      q.pointee.lock = .null
      q.pointee.first = 0
      q.pointee.isLocked = false
      return Value(q)
    }
    t.method(
      "put", "($self, /, item, block=True, timeout=None)", "Adds an item. It never has to wait: the other arguments are those of Queue.put."
    ) {
      (vm, v, a: Args) throws(Raised) in try put(vm, v, a[0])
    }
    t.method("put_nowait", "($self, /, item)", "Adds an item.") { (vm, v, item: Value) throws(Raised) in try put(vm, v, item) }
    t.method(
      "get", "($self, /, block=True, timeout=None)",
      "Takes the oldest item. Where there is none it waits for one, timeout seconds at most if that is not None, or not at all; then Empty is raised."
    ) { (vm, v, a: Args) throws(Raised) in
      if !a[0].isNull, try !vm.isTrue(a[0]) { return try get(vm, v, 0) }
      if a[1].isNull || a[1].isNone { return try get(vm, v, -1) }
      let ns = try TimeValues.timeout(vm, a[1])
      if ns < 0 { throw vm.raise(.valueError, "'timeout' must be a non-negative number") }
      return try get(vm, v, ns)
    }
    t.method("get_nowait", "($self, /)", "Takes the oldest item; Empty is raised where there is none.") { vm, v throws(Raised) in
      try get(vm, v, 0)
    }
    t.method("empty", "($self, /)", "Whether there is no item; other threads may change that at once.") { (_, v) in
      .bool(count(layout(v)) == 0)
    }
    t.method("qsize", "($self, /)", "How many items there are; other threads may change that at once.") { (_, v) in
      Value(smallInt: count(layout(v)))
    }
    t.classMethod("__class_getitem__", "($type, item, /)", "See PEP 585", GenericAliasType.classGetItem)
  }

  @inline(__always) private static func count(_ q: Ref) -> Int {
    q.pointee.items.as(ListLayout.self).pointee.count &- q.pointee.first
  }

  private static func put(_ vm: VM, _ v: Value, _ item: Value) throws(Raised) -> Value {
    let q = layout(v)
    try vm.append(q.pointee.items, item)
    wake(q)
    return .none
  }
  @inline(__always) private static func wake(_ q: Ref) {
    guard q.pointee.isLocked else { return }
    q.pointee.isLocked = false
    ThreadModule.release(q.pointee.lock)
  }

  /// - Parameter nanoseconds: how long to wait; negative: for ever
  private static func get(_ vm: VM, _ v: Value, _ nanoseconds: Int) throws(Raised) -> Value {
    let q = layout(v)
    if count(q) == 0 { try wait(vm, q, nanoseconds) }
    let list = q.pointee.items.as(ListLayout.self)
    guard let items = list.pointee.items else { throw QueueModule.empty(vm) }
    let item = items[q.pointee.first]
    items[q.pointee.first] = .none
    q.pointee.first &+= 1
    if q.pointee.first == list.pointee.count {
      // What is often empty keeps a little memory.
      if q.pointee.first <= 64 {
        items.update(repeating: .null, count: q.pointee.first)
        list.pointee.count = 0
      } else {
        Lists.truncate(list, 0)
      }
      q.pointee.first = 0
    } else if q.pointee.first > 32, q.pointee.first > list.pointee.count / 2 {
      let left = list.pointee.count &- q.pointee.first
      for i in 0..<left { items[i] = items[q.pointee.first &+ i] }
      Lists.truncate(list, left)
      q.pointee.first = 0
    }
    wake(q)
    return item
  }

  /// Returns when there is an item.
  @inline(never)
  private static func wait(_ vm: VM, _ q: Ref, _ nanoseconds: Int) throws(Raised) {
    if nanoseconds == 0 { throw QueueModule.empty(vm) }
    if q.pointee.lock.isNull { q.pointee.lock = try ThreadModule.newLock(vm) }
    let end = nanoseconds < 0 ? Int.max : HeapStatistics.clock().addingReportingOverflow(nanoseconds).partialValue
    var left = nanoseconds
    while count(q) == 0 {
      // The first who waits takes the lock and comes here again.
      if try !ThreadModule.acquire(vm, q.pointee.lock, left) { throw QueueModule.empty(vm) }
      q.pointee.isLocked = true
      if nanoseconds > 0 { left = max(0, end &- HeapStatistics.clock()) }
    }
  }
}
