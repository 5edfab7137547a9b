import CPython
import PyRuntime

/// `PyThreadState_SetAsyncExc`, which programs reach through `ctypes.pythonapi`: it notes an exception in a thread state of CPython's, whose
/// evaluator would raise it. Ours does not look there: what a call has left is handed to the thread of ours that is meant.
enum AsyncExceptions {
  /// ctypes has been loaded: nothing else calls that function.
  nonisolated(unsafe) private(set) static var isPossible = false

  static func noteImport(_ name: Value) {
    if ["ctypes", "_ctypes"].contains(name.swiftString) {
      isPossible = true
      Crossing.set(Crossing.async, true)
    }
  }

  /// After a call of CPython's code.
  @inline(__always)
  static func collect(_ vm: VM) {
    if isPossible { look(vm) }
  }

  @inline(never)
  private static func look(_ vm: VM) {
    guard var first = py.pointee.PyGILState_GetThisThreadState() else { return }
    while let previous = first.pointee.prev { first = previous }
    var next: UnsafeMutablePointer<PyThreadState>? = first
    while let state = next {
      next = state.pointee.next
      guard let exception = state.pointee.async_exc else { continue }
      state.pointee.async_exc = nil
      var thread = rt.threads
      while let t = thread, t.pointee.id != UInt(state.pointee.thread_id) { thread = t.pointee.next }
      guard let thread else {
        release(exception)
        continue
      }
      do throws(Raised) {
        thread.pointee.asyncException = try FromPython.take(vm, exception)
        rt.requestSafepoint(.asyncException)
      } catch { vm.clearPending() }
    }
  }
}
