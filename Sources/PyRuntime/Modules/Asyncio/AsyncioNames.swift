/// Types of `_asyncio`, interned names, and what it takes from asyncio's Python files: looked up when first needed, because those files
/// import `_asyncio` while they are half made.
enum Asyncio {
  nonisolated(unsafe) static var futureType = Value.null
  nonisolated(unsafe) static var taskType = Value.null
  nonisolated(unsafe) static var iteratorType = Value.null
  nonisolated(unsafe) static var stepType = Value.null
  nonisolated(unsafe) static var taskSetType = Value.null
  /// The `TaskSet` of the module
  nonisolated(unsafe) static var allTasks = Value.null
  /// dict: loop → the task that it is running
  nonisolated(unsafe) static var currentTasks = Value.null
  /// Number in the name of the task made last
  nonisolated(unsafe) static var lastTaskNumber = 0

  nonisolated(unsafe) static var callSoon = Value.null
  nonisolated(unsafe) static var loop = Value.null
  nonisolated(unsafe) static var name = Value.null
  nonisolated(unsafe) static var context = Value.null
  nonisolated(unsafe) static var getDebug = Value.null
  nonisolated(unsafe) static var cancel = Value.null
  nonisolated(unsafe) static var addDoneCallback = Value.null
  nonisolated(unsafe) static var blocking = Value.null
  /// The tuples ("context",) and ("msg",): names of keywords
  nonisolated(unsafe) static var contextKeyword = Value.null
  nonisolated(unsafe) static var messageKeyword = Value.null

  nonisolated(unsafe) private static var found = Value.null

  static func prepare(_ vm: VM) throws(Raised) {
    callSoon = try vm.intern("call_soon")
    loop = try vm.intern("loop")
    name = try vm.intern("name")
    context = try vm.intern("context")
    getDebug = try vm.intern("get_debug")
    cancel = try vm.intern("cancel")
    addDoneCallback = try vm.intern("add_done_callback")
    blocking = try vm.intern("_asyncio_future_blocking")
    contextKeyword = try vm.tuple(context)
    messageKeyword = try vm.tuple(try vm.intern("msg"))
    currentTasks = try vm.dict()
    found = try vm.dict()
  }

  /// `name` of the module `module`, which stays what it was at the first look.
  static func take(_ vm: VM, _ module: StaticString, _ name: StaticString) throws(Raised) -> Value {
    let key = try vm.intern(name)
    let known = Dicts.get(found, str: key)
    if !known.isNull { return known }
    let value = try vm.getAttribute(try vm.importModule(module), key)
    try Dicts.set(vm, found, key, value)
    return value
  }

  static func cancelledError(_ vm: VM) throws(Raised) -> Value { try take(vm, "asyncio.exceptions", "CancelledError") }

  static func invalidState(_ vm: VM, _ message: String) -> Raised {
    do throws(Raised) {
      let type = try take(vm, "asyncio.exceptions", "InvalidStateError")
      return vm.raise(try vm.call(type, try vm.str(message)))
    } catch { return error }
  }

  /// A future or task, and no instance of a subclass.
  @inline(__always) static func isFuture(_ v: Value) -> Bool {
    guard v.isCell, case let type = Value(v.cellType) else { return false }
    return type == futureType || type == taskType
  }
}
