import CPython
import PyRuntime

/// What C code tells the user by way of CPython: warnings, exceptions that nobody can catch, and text for the standard streams all
/// come out of our own `warnings` and `sys`.
enum CrossOutput {
  static func install(_ vm: VM) throws(Raised) {
    let warn = try CrossImports.function(vm, "warn", warnHook)
    defer { release(warn) }
    let unraisable = try CrossImports.function(vm, "unraisable", unraisableHook)
    defer { release(unraisable) }
    let sys = try ToPython.convert(vm, try vm.importModule("sys"))
    defer { release(sys) }
    try Library.name(vm, "warn", warn)
    try Library.name(vm, "unraisable", unraisable)
    try Library.name(vm, "ours", sys)
    try Library.run(vm, amphis_code_output)
  }

  /// Puts the real `warnings` in the stand-in's place: Python code of libpython's imports it.
  static func wantWarnings(_ vm: VM) throws(Raised) {
    let dict = try Library.names(vm)
    guard let modules = py.pointee.PyImport_GetModuleDict(), let stand = amphis_dict_get(py, dict, "warnings"),
      amphis_dict_get(py, modules, "warnings") == stand, let real = amphis_dict_get(py, dict, "_real")
    else { return }
    release(try ToPython.check(vm, py.pointee.PyObject_CallNoArgs(real)))
  }

  /// `warnings.warn` of ours, on behalf of C code: the line is that of the Python code which called, or which imports it.
  private static let warnHook: CrossImports.Hook = { _, args, _ in
    guard let args, amphis_size(args) >= 2, let message = amphis_tuple_item(args, 0), let category = amphis_tuple_item(args, 1) else {
      return retain(Library.none)
    }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      let m = try FromPython.convert(vm, message), c = try FromPython.convert(vm, category)
      let level = try vm.int(try stackLevel(vm))
      _ = try vm.call(try vm.getAttribute(try vm.importModule("warnings"), "warn"), m, c, level)
      return retain(Library.none)
    }
  }
  /// Frames from the innermost one to the first that is none of importlib's, both counted.
  private static func stackLevel(_ vm: VM) throws(Raised) -> Int {
    do throws(Raised) {
      var frame = try vm.callMethod(try vm.importModule("sys"), "_getframe")
      var level = 1
      while !frame.isNone {
        let file = try vm.getAttribute(try vm.getAttribute(frame, "f_code"), "co_filename")
        guard file.isStr, file.swiftString.contains("importlib"), file.swiftString.contains("_bootstrap") else { return level }
        frame = try vm.getAttribute(frame, "f_back")
        level += 1
      }
      return 1
    } catch {
      // C code in a thread of its own has no frames here.
      if !vm.pendingIs(.valueError) { throw error }
      vm.clearPending()
      return 1
    }
  }

  /// `sys.unraisablehook` of ours, on behalf of C code: it gets an object of the type that it knows.
  private static let unraisableHook: CrossImports.Hook = { _, args, _ in
    guard let args, amphis_size(args) == 5, let type = amphis_tuple_item(args, 0), let value = amphis_tuple_item(args, 1),
      let traceback = amphis_tuple_item(args, 2), let text = amphis_tuple_item(args, 3), let object = amphis_tuple_item(args, 4)
    else { return retain(Library.none) }
    return TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
      let t = try FromPython.convert(vm, type), v = try FromPython.convert(vm, value)
      // An exception of ours has its traceback on our side.
      var place = try FromPython.convert(vm, traceback)
      if place.isNone, v.isExceptionInstance { place = try vm.getAttribute(v, "__traceback__") }
      let message = try FromPython.convert(vm, text), subject = try FromPython.convert(vm, object)
      try Unraisable.report(vm, type: t, v, traceback: place, message, subject)
      return retain(Library.none)
    }
  }
}
