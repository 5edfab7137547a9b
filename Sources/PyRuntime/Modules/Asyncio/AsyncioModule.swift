/// `_asyncio`: futures, tasks, and which of them is running.
enum AsyncioModule {
  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Futures and tasks of asyncio, and the event loop that runs them in each thread.")
    try Asyncio.prepare(m.vm)
    let flags: TypeFlags = [.baseType, .hasAttributes, .weakReferenceable]
    Asyncio.futureType = Value(try m.type("Future", layoutSize: MemoryLayout<FutureLayout>.size, flags: flags, FutureType.declare))
    Asyncio.taskType = Value(
      try m.type(
        "Task", base: Asyncio.futureType.asType, layoutSize: MemoryLayout<TaskLayout>.size, flags: flags, TaskType.declare))
    Asyncio.iteratorType = try hidden(m, "_asyncio.FutureIter", AsyncioPairLayout.self, FutureIterator.declare)
    Asyncio.stepType = try hidden(m, "TaskStepMethWrapper", AsyncioPairLayout.self, TaskStep.declare)
    Asyncio.taskSetType = try hidden(m, "_asyncio.TaskSet", TaskSetLayout.self, TaskSet.declare)
    Asyncio.allTasks = Value(try m.vm.make(TaskSetLayout.self, Asyncio.taskSetType.asType))
    m.value("_all_tasks", Asyncio.allTasks)
    m.value("_current_tasks", Asyncio.currentTasks)
    RunningLoop.declare(&m)
    declareTables(&m)
  }

  /// A type that is not among the module's names and cannot be called.
  private static func hidden<Layout>(
    _ m: ModuleBuilder, _ name: StaticString, _: Layout.Type, _ declare: (inout TypeBuilder) throws(Raised) -> Void
  ) throws(Raised) -> Value {
    let type = try TypeFactory.makeBuiltin(
      m.vm, name, base: nil, layoutSize: MemoryLayout<Layout>.size, flags: [.disallowInstantiation], module: .null)
    var builder = TypeBuilder(vm: m.vm, type: type)
    try declare(&builder)
    try TypeFactory.ready(m.vm, type)
    return Value(type)
  }

  private static func declareTables(_ m: inout ModuleBuilder) {
    m.function("_register_task", "($module, /, task)", "Registers a new task.") { (vm, _, task: Value) throws(Raised) in
      try TaskSet.add(vm, Asyncio.allTasks, task)
      return .none
    }
    m.function("_unregister_task", "($module, /, task)", "Unregisters a task.") { (vm, _, task: Value) throws(Raised) in
      try TaskSet.discard(vm, Asyncio.allTasks, task)
      return .none
    }
    m.function("_enter_task", "($module, /, loop, task)", "A loop begins a step of a task.") {
      (vm, _, loop: Value, task: Value) throws(Raised) in
      try Tasks.enter(vm, loop, task)
      return .none
    }
    m.function("_leave_task", "($module, /, loop, task)", "A step of a task is over.") {
      (vm, _, loop: Value, task: Value) throws(Raised) in
      try Tasks.leave(vm, loop, task)
      return .none
    }
  }
}
