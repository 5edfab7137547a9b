/// `_all_tasks`: the tasks that have been registered and are alive.
///
/// Nothing is stored for tasks of ours. Until it has ended each is in the collector's table of objects with finalizers, which knows of them
/// without keeping them alive; `isRegistered` says which of those there belong here. Other objects that a program registers (tasks
/// written in Python) are in a `WeakSet`.
struct TaskSetLayout {
  var header: CellHeader
  /// A WeakSet, or null
  var others: Value

  static let trace: TraceFunction = { cell, tracer in
    Tracer(tracer).visit(cell.assumingMemoryBound(to: TaskSetLayout.self).pointee.others)
  }
}

enum TaskSet {
  static func declare(_ t: inout TypeBuilder) {
    t.doc("The tasks that are registered and alive, held weakly.")
    t.trace(TaskSetLayout.trace)
    t.slots.iter = NoArgsCode { (vm, v) throws(Raised) in try vm.iter(try list(vm, v)) }
    t.slots.sequenceLength = HashCode { (vm, v) throws(Raised) in try list(vm, v).as(ListLayout.self).pointee.count }
    t.slots.contains = ContainsCode { (vm, v, task) throws(Raised) in
      if isTask(task) { return task.as(TaskLayout.self).pointee.isRegistered }
      let others = v.as(TaskSetLayout.self).pointee.others
      return others.isNull ? false : try vm.contains(others, task)
    }
    t.method("add", "($self, item, /)", "Registers a task.") { (vm, v, task: Value) throws(Raised) in
      try add(vm, v, task)
      return .none
    }
    t.method("discard", "($self, item, /)", "Removes a task, if it is there.") { (vm, v, task: Value) throws(Raised) in
      try discard(vm, v, task)
      return .none
    }
  }

  private static func isTask(_ v: Value) -> Bool { v.type.isSubtype(of: Asyncio.taskType.asType) }

  static func add(_ vm: VM, _ v: Value, _ task: Value) throws(Raised) {
    if isTask(task) {
      // One that has ended may have left the table.
      if task.as(FutureLayout.self).pointee.state == .pending { Futures.track(vm, task.as(FutureLayout.self)) }
      task.as(TaskLayout.self).pointee.isRegistered = true
      return
    }
    let set = v.as(TaskSetLayout.self)
    if set.pointee.others.isNull { set.pointee.others = try vm.call(try vm.getAttribute(try vm.importModule("weakref"), "WeakSet")) }
    _ = try vm.callMethod(set.pointee.others, "add", task)
  }

  static func discard(_ vm: VM, _ v: Value, _ task: Value) throws(Raised) {
    if isTask(task) {
      task.as(TaskLayout.self).pointee.isRegistered = false
      return
    }
    let others = v.as(TaskSetLayout.self).pointee.others
    if !others.isNull { _ = try vm.callMethod(others, "discard", task) }
  }

  private static func list(_ vm: VM, _ v: Value) throws(Raised) -> Value {
    let table = rt.heapPointer
    // With room for all nothing is allocated while the table is read, so no collection changes it.
    let all = try vm.list(capacity: table.pointee.finalizable.count)
    for i in 0..<table.pointee.finalizable.count {
      guard let cell = table.pointee.finalizable.items?[i] else { break }
      let task = Value(cell: cell)
      if isTask(task), task.as(TaskLayout.self).pointee.isRegistered { try vm.append(all, task) }
    }
    let others = v.as(TaskSetLayout.self).pointee.others
    if !others.isNull { try Lists.extend(vm, all.as(ListLayout.self), others) }
    return all
  }
}
