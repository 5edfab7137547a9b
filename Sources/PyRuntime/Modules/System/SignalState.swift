import Glibc

/// Signals that have come and wait for a safepoint of the main thread. Written by signal handlers: plain memory only.
package enum SignalState {
  nonisolated(unsafe) static var tripped: (UInt64, UInt64) = (0, 0)
  /// Async-signal-safe: tells CPython that a signal has come, so that its blocking calls end. Nil until libpython is loaded.
  nonisolated(unsafe) package static var noteSignal: (@convention(c) (Int32) -> Void)?
  nonisolated(unsafe) static var wakeupDescriptor: Int32 = -1
  nonisolated(unsafe) static var warnsOfFullBuffer = true
  /// errno of a write to the descriptor that failed, until it is reported at a safepoint
  nonisolated(unsafe) static var wakeupError: Int32 = 0

  /// Async-signal-safe.
  static func trip(_ number: Int32) {
    guard number > 0, number < 65 else { return }
    tripped.0 |= 1 << UInt64(number - 1)
    rt.requestSafepoint(.signals)
    noteSignal?(number)
    if wakeupDescriptor >= 0 {
      var byte = UInt8(number)
      let saved = errno
      if write(wakeupDescriptor, &byte, 1) < 0, warnsOfFullBuffer || errno != EAGAIN { wakeupError = errno }
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
