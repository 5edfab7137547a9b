import CPython
import PyRuntime

/// Tracebacks go with exceptions, both ways. Of an entry that was made on the other side there is the place: file, function and line, in a frame without
/// variables. Entries are only ever put in front, so a pair of exceptions has the same entries on both sides once what is new on one has been made on
/// the other, and counting says what is new.
enum CrossTracebacks {
  nonisolated(unsafe) private static var type: PyTypeRef?
  /// `f_globals` of the frames made for CPython
  nonisolated(unsafe) private static var globals: PyRef?

  /// The entries of CPython's traceback that `e` lacks. True when one of them shows code that had variables.
  static func bring(_ vm: VM, _ traceback: PyRef, to e: Value) throws(Raised) -> Bool {
    var lacking = 0
    var next: PyRef? = traceback
    while let t = next {
      lacking &+= 1
      next = amphis_traceback_next(t)
    }
    lacking &-= Tracebacks.count(e)
    if lacking <= 0 { return false }
    var entries = Row<PyRef>()
    defer { entries.free() }
    next = traceback
    while let t = next, entries.count < lacking {
      entries.append(t)
      next = amphis_traceback_next(t)
    }
    var lost = false
    while entries.count > 0 {
      entries.count &-= 1
      let t = entries.items[entries.count]
      guard let code = py.pointee.PyFrame_GetCode(amphis_traceback_frame(t)) else { continue }
      defer { release(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self)) }
      if amphis_code_has_variables(code) != 0 { lost = true }
      let name = try vm.intern(try FromPython.str(vm, amphis_code_name(code)))
      let file = try vm.intern(try FromPython.str(vm, amphis_code_file(code)))
      try Tracebacks.add(vm, e, function: name, file: file, line: amphis_traceback_line(t))
    }
    return lost
  }

  /// Gives CPython's exception the entries of ours that it lacks. What goes wrong on the way costs entries, not the exception.
  static func send(_ vm: VM, _ e: Value, to o: PyRef) {
    let count = Tracebacks.count(e)
    var head = py.pointee.PyException_GetTraceback(o)
    defer { if let head { release(head) } }
    var known = 0
    var next = head
    while let t = next {
      known &+= 1
      next = amphis_traceback_next(t)
    }
    if count == known { return }
    if known > count {
      // Somebody has taken entries away here: `with_traceback(None)`.
      if let old = head { release(old) }
      head = nil
      known = 0
      _ = py.pointee.PyException_SetTraceback(o, Library.none)
      if count == 0 { return }
    }
    if type == nil {
      type = Library.type("PyTraceBack_Type")
      globals = py.pointee.PyDict_New()
    }
    guard let type, let globals else { return py.pointee.PyErr_Clear() }
    for entry in Tracebacks.entries(e, most: count &- known).reversed() {
      let first = Int32(truncatingIfNeeded: max(entry.line, 0))
      guard let code = py.pointee.PyCode_NewEmpty(entry.file.swiftString, entry.name.swiftString, first) else {
        return py.pointee.PyErr_Clear()
      }
      defer { release(UnsafeMutableRawPointer(code).assumingMemoryBound(to: PyObject.self)) }
      guard let frame = py.pointee.PyFrame_New(py.pointee.PyThreadState_Get(), code, globals, nil),
        let arguments = py.pointee.PyTuple_New(4), let place = py.pointee.PyLong_FromLongLong(-1),
        let line = py.pointee.PyLong_FromLongLong(Int64(entry.line))
      else { return py.pointee.PyErr_Clear() }
      amphis_tuple_set(arguments, 0, retain(head ?? Library.none))
      amphis_tuple_set(arguments, 1, UnsafeMutableRawPointer(frame).assumingMemoryBound(to: PyObject.self))
      amphis_tuple_set(arguments, 2, place)
      amphis_tuple_set(arguments, 3, line)
      defer { release(arguments) }
      guard let made = py.pointee.PyObject_Call(Twins.object(type), arguments, nil) else { return py.pointee.PyErr_Clear() }
      if let old = head { release(old) }
      head = made
    }
    if let head { _ = py.pointee.PyException_SetTraceback(o, head) }
  }
}
