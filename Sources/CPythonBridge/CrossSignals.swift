import CPython
import Glibc
import PyRuntime

/// Signals in blocking C calls, and what CPython itself wants to tell the user.
///
/// Our handler stays the process's: it marks the signal in our VM and tells CPython that one has come. CPython's own table holds,
/// for every signal, a function that runs our VM's handlers; a blocking C call that was interrupted runs it, and what our handler
/// raises ends the call.
enum CrossSignals {
  static func install(_ vm: VM) throws(Raised) {
    let run = try CrossImports.function(vm, "run_signal_handlers") { _, _, _ in
      TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
        try vm.runSignalHandlers()
        return retain(Library.none)
      }
    }
    defer { release(run) }
    guard let module = py.pointee.PyImport_ImportModule("_signal") else { throw Errors.fetch(vm) }
    defer { release(module) }
    let set = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(module, "signal"))
    defer { release(set) }
    for n in 1..<Int32(65) where n != SIGKILL && n != SIGSTOP && n != 32 && n != 33 {
      // CPython changes what the process does on the signal; only its table is wanted.
      var before = sigaction()
      guard sigaction(n, nil, &before) == 0 else { continue }
      let args = try ToPython.check(vm, py.pointee.PyTuple_New(2))
      defer { release(args) }
      amphis_tuple_set(args, 0, try ToPython.check(vm, py.pointee.PyLong_FromLongLong(Int64(n))))
      amphis_tuple_set(args, 1, retain(run))
      if let old = py.pointee.PyObject_Call(set, args, nil) { release(old) } else { py.pointee.PyErr_Clear() }
      sigaction(n, &before, nil)
    }
    let note = py.pointee.PyErr_SetInterruptEx
    interrupt = note
    SignalState.noteSignal = { n in _ = CrossSignals.interrupt?(n) }
  }
  nonisolated(unsafe) private static var interrupt: (@convention(c) (Int32) -> Int32)?
}
