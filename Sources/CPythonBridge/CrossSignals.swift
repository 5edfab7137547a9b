import CPython
import Glibc
import PyRuntime

/// Signals in blocking C calls, and what CPython itself wants to tell the user.
///
/// Our handler stays the process's: it marks the signal in our VM and tells CPython that one has come. CPython's own table holds,
/// for every signal that our program handles, a function that runs our VM's handlers; a blocking C call that was interrupted runs it, and
/// what our handler raises ends the call.
enum CrossSignals {
  /// `_signal.signal` of CPython's, and what stands in its table
  nonisolated(unsafe) private static var set: PyRef?
  nonisolated(unsafe) private static var run: PyRef?

  static func install(_ vm: VM) throws(Raised) {
    run = try CrossImports.function(vm, "run_signal_handlers") { _, _, _ in
      TwinSlots.enter(nil) { (vm) throws(Raised) -> PyRef? in
        try vm.runSignalHandlers()
        return retain(Library.none)
      }
    }
    guard let module = py.pointee.PyImport_ImportModule("_signal") else { throw Errors.fetch(vm) }
    defer { release(module) }
    set = try ToPython.check(vm, py.pointee.PyObject_GetAttrString(module, "signal"))
    for n in BridgeAccess.handledSignals { try enter(vm, n) }
    // Of each later one, when it gets its handler: sixty entries that nobody asks for would be two hundred system calls.
    rt.pointee.bridgeHooks.signalHandled = { (vm, n) throws(Raised) in try enter(vm, n) }
    let note = py.pointee.PyErr_SetInterruptEx
    interrupt = note
    SignalState.noteSignal = { n in _ = CrossSignals.interrupt?(n) }
  }

  private static func enter(_ vm: VM, _ n: Int32) throws(Raised) {
    // CPython changes what the process does on the signal; only its table is wanted.
    var before = sigaction()
    guard let set, let run, sigaction(n, nil, &before) == 0 else { return }
    let args = try ToPython.check(vm, py.pointee.PyTuple_New(2))
    defer { release(args) }
    amphis_tuple_set(args, 0, try ToPython.check(vm, py.pointee.PyLong_FromLongLong(Int64(n))))
    amphis_tuple_set(args, 1, retain(run))
    if let old = py.pointee.PyObject_Call(set, args, nil) { release(old) } else { py.pointee.PyErr_Clear() }
    sigaction(n, &before, nil)
  }
  nonisolated(unsafe) private static var interrupt: (@convention(c) (Int32) -> Int32)?
}
