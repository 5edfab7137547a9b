/// `_asyncio`: the names that asyncio's Python files take from their accelerator. Here they are asyncio's own classes and functions, run by
/// the VM: the names exist for programs (and tests) that import them from here, and `--cpython=_asyncio` still asks for the C module.
enum AsyncioModule {
  private static let names: [(name: StaticString, module: StaticString, source: StaticString)] = [
    ("Future", "asyncio.futures", "_PyFuture"), ("Task", "asyncio.tasks", "_PyTask"),
    ("_get_running_loop", "asyncio.events", "_py__get_running_loop"), ("_set_running_loop", "asyncio.events", "_py__set_running_loop"),
    ("get_running_loop", "asyncio.events", "_py_get_running_loop"), ("get_event_loop", "asyncio.events", "_py_get_event_loop"),
    ("_get_event_loop", "asyncio.events", "_py__get_event_loop"), ("_register_task", "asyncio.tasks", "_py_register_task"),
    ("_unregister_task", "asyncio.tasks", "_py_unregister_task"), ("_enter_task", "asyncio.tasks", "_py_enter_task"),
    ("_leave_task", "asyncio.tasks", "_py_leave_task"), ("_all_tasks", "asyncio.tasks", "_all_tasks"),
    ("_current_tasks", "asyncio.tasks", "_current_tasks"),
  ]

  static func declare(_ m: inout ModuleBuilder) throws(Raised) {
    m.doc("Names of asyncio's classes and functions.")
    // Looked up anew each time: asyncio's files import this module while they are half made, and tests import them again.
    m.function("__getattr__", "($module, name, /)", "One of asyncio's own.") { (vm, _, name: Value) throws(Raised) in
      for row in names where name.isStr && Str.equal(name, row.name) {
        let value = try vm.getAttributeOrNull(try vm.importModule(row.module), vm.staticStr(row.source))
        if !value.isNull { return value }
      }
      throw vm.raise(.attributeError, "module '_asyncio' has no attribute '\(name.swiftString)'")
    }
    m.function("__dir__", "($module, /)", "The names.") { (vm, _) throws(Raised) in
      let all = try vm.list()
      for row in names { try vm.append(all, vm.staticStr(row.name)) }
      return all
    }
  }
}
