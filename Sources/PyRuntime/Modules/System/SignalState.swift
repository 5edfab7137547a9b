import CRuntimeSupport
import Glibc

/// Signals that have come and wait for a safepoint of the main thread. What handlers write lies in C, where it is changed atomically.
package enum SignalState {
  /// Async-signal-safe: tells CPython that a signal has come, so that its blocking calls end. Nil until libpython is loaded.
  nonisolated(unsafe) package static var noteSignal: (@convention(c) (Int32) -> Void)?
  nonisolated(unsafe) static var wakeupDescriptor: Int32 = -1
  nonisolated(unsafe) static var warnsOfFullBuffer = true

  /// Async-signal-safe.
  static func trip(_ number: Int32) {
    guard number > 0, number < 65 else { return }
    amphis_signals_note(number)
    rt.requestSafepoint(.signals)
    noteSignal?(number)
    if wakeupDescriptor >= 0 {
      var byte = UInt8(number)
      let saved = errno
      if write(wakeupDescriptor, &byte, 1) < 0, warnsOfFullBuffer || errno != EAGAIN { amphis_signals_note_wakeup_error(errno) }
      errno = saved
    }
  }
}

extension VM {
  /// Runs the handlers of signals that have come, on the main thread.
  package func runSignalHandlers() throws(Raised) {
    if thread == rt.pointee.mainThread { try rt.pointee.hooks.handleSignals?(self) }
  }
}
